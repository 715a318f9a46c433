#include "dossier/hash_lists.h"

#include "codec/stream.h"
#include "dossier/indicator_sink.h"
#include "os/io.h"

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    PIECE_BYTES = 256 * 1024,
    /* About 125,000 SHA-256: below, a list is as quickly read into indicators. */
    LONG_BYTES = 8 * 1024 * 1024,
    SAMPLE_BYTES = 256 * 1024,
    SAMPLE_SHARE = 10, /* of this many lines one may hold no hash */
    CELLS = 64,
};

/* What a line is made of. */
enum layout {
    LAYOUT_OPEN,  /* no line with content yet */
    LAYOUT_PLAIN, /* a hash at the front, or "SHA256 (file) = hash" */
    LAYOUT_CELLS, /* a header named columns of hashes */
};

/* What a column may be named, in small letters without anything but letters and digits. */
enum column { COLUMN_NONE, COLUMN_MD5, COLUMN_SHA1, COLUMN_SHA256, COLUMN_ANY };
static const struct {
    const char *word;
    enum column column;
} words[] = {
    {"md5", COLUMN_MD5},           {"md5hash", COLUMN_MD5},       {"md5sum", COLUMN_MD5},
    {"filehashmd5", COLUMN_MD5},   {"sha1", COLUMN_SHA1},         {"sha1hash", COLUMN_SHA1},
    {"sha1sum", COLUMN_SHA1},      {"filehashsha1", COLUMN_SHA1}, {"sha256", COLUMN_SHA256},
    {"sha256hash", COLUMN_SHA256}, {"sha256sum", COLUMN_SHA256},  {"filehashsha256", COLUMN_SHA256},
    {"hash", COLUMN_ANY},          {"filehash", COLUMN_ANY},      {"digest", COLUMN_ANY},
    {"checksum", COLUMN_ANY},      {"value", COLUMN_ANY},         {"indicator", COLUMN_ANY},
    {"ioc", COLUMN_ANY},
};

struct hash_list_reader {
    struct hash_lists *k;
    struct hash_list *list;
    struct buf partial; /* of the line that the last piece cut */
    bool too_long;      /* the rest of that line is passed over */
    bool sampling;      /* nothing is kept but counts */
    enum layout layout;
    char sign; /* between cells */
    unsigned char column[CELLS];
    size_t n_cells;   /* up to the last column of hashes */
    size_t all_cells; /* of the header */
    bool in_comment;  /* the header stood in a comment: the first row must look like it */
};

/* ---- lists ---- */

enum err hash_lists_init(struct hash_lists *k)
{
    *k = (struct hash_lists){.next_number = HASH_LISTS_FIRST_NUMBER};
    arena_init(&k->arena, ARENA_BYTES);
    k->list = arena_new_n(&k->arena, struct hash_list, HASH_LISTS_MAX);
    return k->list ? digest_set_new(HASH_LISTS_MAX_DIGESTS, &k->set) : ERR_NOMEM;
}

void hash_lists_done(struct hash_lists *k)
{
    digest_set_done(k->set);
    arena_done(&k->arena);
    *k = (struct hash_lists){0};
}

enum err hash_lists_add(struct hash_lists *k, enum digest_kind kind, const unsigned char *bytes,
                        uint32_t number)
{
    return number < HASH_LISTS_FIRST_NUMBER ? digest_set_add(k->set, kind, bytes, number) : ERR_BUG;
}

enum err hash_lists_build(struct hash_lists *k)
{
    k->built = true;
    return digest_set_build(k->set);
}

const struct hash_list *hash_lists_where(const struct hash_lists *k, uint32_t number,
                                         uint32_t *ret_line)
{
    for (size_t i = 0; i < k->n_lists; i++) {
        const struct hash_list *list = &k->list[i];
        if (number <= list->first_number || number - list->first_number > list->lines)
            continue;
        if (ret_line)
            *ret_line = number - list->first_number;
        return list;
    }
    return NULL;
}

/* ---- lines ---- */

static void bad_line(struct hash_list_reader *r, const char *why)
{
    struct hash_list *list = r->list;
    list->bad_lines++;
    if (!r->sampling && list->n_problems < HASH_LIST_MAX_PROBLEMS)
        list->problem[list->n_problems++] =
            (struct dossier_problem){list->file, list->lines, false, str_of(why)};
}

/* Of no bytes: MD5, SHA-1, SHA-256. */
static bool is_of_nothing(enum digest_kind kind, const unsigned char *bytes)
{
    static const unsigned char front[DIGEST_KINDS][8] = {
        {0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00, 0xb2, 0x04},
        {0xda, 0x39, 0xa3, 0xee, 0x5e, 0x6b, 0x4b, 0x0d},
        {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14},
    };
    struct digests of;
    struct digest *d;
    if (memcmp(bytes, front[kind], sizeof front[kind]) != 0 || digest_new(1u << kind, &d))
        return false;
    digest_end(d, &of);
    digest_done(d);
    return memcmp(bytes, of.bytes[kind], digest_bytes(kind)) == 0;
}

static enum err take(struct hash_list_reader *r, enum digest_kind kind, const unsigned char *bytes)
{
    if (r->k && r->k->refuse_empty && is_of_nothing(kind, bytes)) {
        bad_line(r, "every empty file has that hash");
        return OK;
    }
    r->list->digests++;
    return r->sampling
               ? OK
               : digest_set_add(r->k->set, kind, bytes, r->list->first_number + r->list->lines);
}

/* The next cell, without its quotes and blanks; a doubled quote stays doubled, as no hash has any.
 */
static struct str cell_cut(struct str *rest, char sign)
{
    struct str cell;
    while (rest->n && (*rest->p == ' ' || (*rest->p == '\t' && sign != '\t')))
        *rest = str_sub(*rest, 1, rest->n);
    if (!rest->n || *rest->p != '"') {
        (void)str_cut(rest, sign, &cell);
        return str_trim(cell);
    }
    size_t i = 1;
    while (i < rest->n && (rest->p[i] != '"' || (i + 1 < rest->n && rest->p[i + 1] == '"')))
        i += rest->p[i] == '"' ? 2 : 1;
    cell = str_sub(*rest, 1, i);
    struct str behind;
    *rest = str_sub(*rest, i + 1, rest->n);
    if (rest->n)
        (void)str_cut(rest, sign, &behind);
    else
        *rest = STR_NONE;
    return str_trim(cell);
}

static enum column column_of(struct str cell)
{
    char word[24];
    size_t n = 0;
    for (size_t i = 0; i < cell.n && n < sizeof word; i++) {
        unsigned char c = ascii_lower((unsigned char)cell.p[i]);
        if (ascii_alpha(c) || ascii_digit(c))
            word[n++] = (char)c;
    }
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(str_make(word, n), str_of(words[i].word)))
            return words[i].column;
    return COLUMN_NONE;
}

/* Names the line columns of hashes? A line that begins with one hash is none. */
static bool header_read(struct hash_list_reader *r, struct str line)
{
    static const char signs[] = {',', '\t', ';', '|'};
    r->sign = ',';
    for (size_t i = ARRAY_LEN(signs); i-- > 0;)
        if (str_chr(line, signs[i]) >= 0)
            r->sign = signs[i];
    r->n_cells = r->all_cells = 0;
    while (r->all_cells < CELLS && line.p) {
        enum column column = column_of(cell_cut(&line, r->sign));
        r->column[r->all_cells++] = (unsigned char)column;
        if (column != COLUMN_NONE)
            r->n_cells = r->all_cells;
    }
    return r->n_cells > 0;
}

static size_t cells_of(struct str line, char sign)
{
    size_t n = 0;
    for (; line.p && n <= CELLS; n++)
        (void)cell_cut(&line, sign);
    return n;
}

static bool fits_column(enum column column, enum digest_kind kind)
{
    return column == COLUMN_ANY || (int)column - COLUMN_MD5 == (int)kind;
}

static enum err cells_line(struct hash_list_reader *r, struct str line)
{
    enum digest_kind kind;
    unsigned char bytes[DIGEST_MAX_BYTES];
    const uint64_t before = r->list->digests;
    const uint32_t bad = r->list->bad_lines;
    bool wrong = false;
    for (size_t i = 0; i < r->n_cells && line.p; i++) {
        struct str cell = cell_cut(&line, r->sign);
        if (r->column[i] == COLUMN_NONE || !cell.n)
            continue;
        if (digest_parse(cell, &kind, bytes) && fits_column((enum column)r->column[i], kind))
            TRY(take(r, kind, bytes));
        else
            wrong = true;
    }
    if (wrong)
        bad_line(r, "what stands in a column of hashes is no hash of its kind");
    else if (before == r->list->digests && bad == r->list->bad_lines)
        bad_line(r, "no hash in any column of hashes");
    return OK;
}

/* sha256sum and md5sum put a backslash in front where they had to change the file's name, and a
 * blank or an asterisk behind the hash. Others write "SHA256 (file) = hash". */
static struct str plain_hash(struct str line)
{
    const ptrdiff_t behind = str_rchr(line, '=');
    if (behind > 0 && line.p[behind - 1] == ' ' && str_chr(line, '(') > 0)
        return str_trim(str_sub(line, (size_t)behind + 1, line.n));
    line = str_sub(line, line.p[0] == '\\' || line.p[0] == '"', line.n);
    for (enum digest_kind kind = 0; kind < DIGEST_KINDS; kind++) {
        const size_t n = 2 * digest_bytes(kind);
        if (line.n == n || (line.n > n && line.p[n] && strchr(" \t,;|\":", line.p[n])))
            return str_sub(line, 0, n);
    }
    return STR_NONE;
}

static enum err plain_line(struct hash_list_reader *r, struct str line)
{
    enum digest_kind kind;
    unsigned char bytes[DIGEST_MAX_BYTES];
    if (digest_parse(plain_hash(line), &kind, bytes))
        return take(r, kind, bytes);
    bad_line(r, "no MD5, SHA-1 or SHA-256 at its front");
    return OK;
}

/* hashdeep's header begins with percent signs; abuse.ch writes it as the last comment. */
static bool is_comment(struct str line)
{
    return line.p[0] == '#' || line.p[0] == ';' || line.p[0] == '%' || str_starts(line, STR("//"));
}

static void comment_line(struct hash_list_reader *r, struct str line)
{
    if (r->layout == LAYOUT_PLAIN || (r->layout == LAYOUT_CELLS && !r->in_comment))
        return;
    r->list->tlp = tlp_stricter(r->list->tlp, head_mark(line));
    while (line.n && strchr("#;%/ \t", *line.p))
        line = str_sub(line, 1, line.n);
    const struct hash_list_reader before = *r;
    if (str_chr(line, ',') >= 0 && header_read(r, line)) {
        r->layout = LAYOUT_CELLS;
        r->in_comment = true;
    } else {
        *r = before;
    }
}

static enum err one_line(struct hash_list_reader *r, struct str line)
{
    if (r->list->lines == UINT32_MAX - r->list->first_number)
        return ERR_LIMIT;
    r->list->lines++;
    line = str_trim(line);
    if (!line.n)
        return OK;
    if (is_comment(line)) {
        comment_line(r, line);
        return OK;
    }
    if (r->in_comment && cells_of(line, r->sign) != r->all_cells)
        r->layout = LAYOUT_OPEN; /* it was prose */
    r->in_comment = false;
    if (r->layout == LAYOUT_OPEN) {
        r->layout = header_read(r, line) ? LAYOUT_CELLS : LAYOUT_PLAIN;
        if (r->layout == LAYOUT_CELLS)
            return OK;
    }
    return r->layout == LAYOUT_CELLS ? cells_line(r, line) : plain_line(r, line);
}

/* ---- pieces ---- */

static enum err begin(struct hash_lists *k, struct str name, bool sampling,
                      struct hash_list *sample, struct hash_list_reader **ret_reader)
{
    struct hash_list_reader *r;
    *ret_reader = NULL;
    if (!sampling && (k->built || k->n_lists == HASH_LISTS_MAX))
        return k->built ? ERR_BUG : ERR_LIMIT;
    struct hash_list *list = sampling ? sample : &k->list[k->n_lists];
    *list = (struct hash_list){.file = name};
    if (!sampling) {
        list->first_number = k->next_number;
        list->file = arena_str(&k->arena, name);
        if (!list->file.p)
            return ERR_NOMEM;
    }
    *ret_reader = r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    r->k = k;
    r->list = list;
    r->sampling = sampling;
    buf_init(&r->partial, HASH_LIST_LINE_BYTES);
    return OK;
}

enum err hash_list_begin(struct hash_lists *k, struct str name,
                         struct hash_list_reader **ret_reader)
{
    return begin(k, name, false, NULL, ret_reader);
}

static enum err too_long(struct hash_list_reader *r)
{
    r->list->lines++;
    bad_line(r, "the line is too long");
    buf_reset(&r->partial);
    r->too_long = true;
    return r->list->lines == UINT32_MAX - r->list->first_number ? ERR_LIMIT : OK;
}

/* The end of a piece, without a line break: the next piece goes on with it. */
static enum err keep_partial(struct hash_list_reader *r, struct str rest)
{
    if (r->too_long)
        return OK;
    if (r->partial.n + rest.n >= HASH_LIST_LINE_BYTES)
        return too_long(r);
    buf_str(&r->partial, rest);
    return r->partial.rc;
}

enum err hash_list_feed(struct hash_list_reader *r, struct str piece)
{
    while (piece.n) {
        ptrdiff_t end = str_chr(piece, '\n');
        if (end < 0)
            return keep_partial(r, piece);
        struct str line = str_sub(piece, 0, (size_t)end);
        piece = str_sub(piece, (size_t)end + 1, piece.n);
        if (r->partial.n) {
            TRY(keep_partial(r, line));
            line = buf_view(&r->partial);
        }
        if (!r->too_long)
            TRY(line.n < HASH_LIST_LINE_BYTES ? one_line(r, line) : too_long(r));
        r->too_long = false;
        buf_reset(&r->partial);
    }
    return OK;
}

enum err hash_list_end(struct hash_list_reader *r)
{
    struct hash_lists *k = r->k;
    enum err rc = OK;
    if (r->partial.n && !r->too_long)
        rc = one_line(r, buf_view(&r->partial));
    /* Also of a list that failed: digests of it are in the set. */
    if (!r->sampling) {
        k->n_lists++;
        k->next_number += r->list->lines + 1;
        if (!rc && k->next_number < HASH_LISTS_FIRST_NUMBER)
            rc = ERR_LIMIT;
    }
    buf_done(&r->partial);
    free(r);
    return rc;
}

/* ---- files ---- */

static enum err feed_stream(struct hash_list_reader *r, struct stream *s, size_t max,
                            struct error *error)
{
    char *piece = malloc(PIECE_BYTES);
    enum err rc = piece ? OK : ERR_NOMEM;
    size_t n = 1;
    for (size_t all = 0; !rc && n && all < max; all += n) {
        rc = stream_read(s, piece, PIECE_BYTES, &n, error);
        if (!rc)
            rc = hash_list_feed(r, str_make(piece, n));
    }
    free(piece);
    return rc;
}

static enum err feed_file(struct hash_list_reader *r, int fd, size_t max, bool *ret_packed,
                          struct error *error)
{
    struct stream *s;
    TRY(stream_open_fd(fd, &s, error));
    enum err rc = feed_stream(r, s, max, error);
    *ret_packed = stream_packed(s);
    stream_close(s);
    return rc;
}

static enum err read_open(struct hash_lists *k, struct str path, int fd, struct error *error)
{
    struct hash_list_reader *r;
    bool packed;
    struct error why = {0};
    TRY(hash_list_begin(k, path, &r));
    const struct hash_list *list = r->list;
    enum err rc = feed_file(r, fd, SIZE_MAX, &packed, &why);
    enum err last = hash_list_end(r);
    rc = rc ? rc : last;
    if (rc == ERR_NOMEM)
        return rc;
    if (rc)
        return fail_at(error, rc, list->file.p, list->lines, "cannot read '%s' to its end: %s",
                       list->file.p, rc == ERR_LIMIT ? "too many hashes or lines" : why.text);
    if (!list->digests)
        return fail_at(error, ERR_FORMAT, list->file.p, 0,
                       "'%s' holds no MD5, SHA-1 or SHA-256 that could be read", list->file.p);
    return OK;
}

enum err hash_lists_read(struct hash_lists *k, struct str path, struct error *error)
{
    int fd;
    TRY(io_open_file(path, &fd, error));
    enum err rc = read_open(k, path, fd, error);
    io_close(fd);
    return rc == ERR_NOMEM ? fail(error, rc, "out of memory for '%.*s'", STR_FMT(path)) : rc;
}

/* Reads the beginning as a list, and counts. */
static bool sample(int fd, bool *ret_packed)
{
    struct hash_list list;
    struct hash_list_reader *r;
    if (begin(NULL, STR("sample"), true, &list, &r))
        return false;
    enum err rc = feed_file(r, fd, SAMPLE_BYTES, ret_packed, NULL);
    buf_done(&r->partial);
    free(r);
    return !rc && list.digests > 0 && (uint64_t)list.bad_lines * SAMPLE_SHARE <= list.digests;
}

bool hash_lists_fits(struct str path)
{
    int fd;
    bool packed = false;
    struct io_stamp stamp;
    if (!io_is_file(path) || io_open_file(path, &fd, NULL))
        return false;
    bool fits = io_stamp(fd, &stamp) == OK && stamp.regular && sample(fd, &packed) &&
                (packed || stamp.size_bytes >= LONG_BYTES);
    io_close(fd);
    return fits;
}
