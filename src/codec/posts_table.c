#include "codec/posts_priv.h"

/* CSV and TSV with a header row. A column is found by the name that the user gave, else by the
 * names that such columns usually have. */

enum field { TIME, INGEST, SITE, SOURCE, TEXT, TITLE, AUTHOR, THREAD, URL, ID, LANG, FIELDS };
enum { COLUMNS = 1024, NAMES_BYTES = 400 };

/* The first name that is there wins. */
static const char *const usual[FIELDS] = {
    [TIME] = ("time date published published_at pubdate created_at created datetime timestamp ts "
              "first_seen discovered reported date_added posted_at posted sent_at created_utc"),
    [INGEST] = "ingest ingested ingest_time ingested_at first_seen_in_feed collected_at fetched_at",
    [SITE] = "site feed channel forum source group group_name chat subreddit board room domain",
    [SOURCE] = "kind source_kind platform",
    [TEXT] = "text message body content contents description summary post",
    [TITLE] = "title subject headline post_title name",
    [AUTHOR] = "author user owner username sender from author_id user_id nick handle screen_name",
    [THREAD] = "thread thread_id topic topic_id conversation_id",
    [URL] = "url link permalink href",
    [ID] = "id guid post_id message_id uid uuid",
    [LANG] = "lang language",
};

struct row {
    struct str cell[FIELDS]; /* absent: the row has no such column */
    size_t n;
};

struct table {
    struct post_reader *r;
    char sign;    /* between cells */
    bool quotes;  /* cells may stand in them */
    size_t again; /* bytes that were looked at twice, see damaged */
    uint8_t field_of[COLUMNS];
    bool header;               /* the row that is being read: its cells become names */
    struct str names[COLUMNS]; /* while the header is in the window */
};

static struct str map_of(const struct post_map *m, enum field f)
{
    const struct str given[FIELDS] = {
        [TIME] = m->time, [INGEST] = m->ingest, [SITE] = m->site,     [SOURCE] = m->source,
        [TEXT] = m->text, [TITLE] = m->title,   [AUTHOR] = m->author, [THREAD] = m->thread,
        [URL] = m->url,   [ID] = m->id,         [LANG] = m->lang,
    };
    return given[f];
}

/* --- the cells of a row --- */

enum cell_end { CELL_MORE, CELL_LAST, CELL_BAD, CELL_OPEN };

static struct str undouble(struct arena *arena, struct str s)
{
    char *to = arena_alloc(arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; to && i < s.n; i++) {
        to[n++] = s.p[i];
        i += s.p[i] == '"'; /* the second of a pair */
    }
    return str_make(to, n);
}

/* The opening quote is at *at. CELL_OPEN: the text ends before the closing one. */
static enum cell_end quoted(struct table *t, struct str text, size_t *at, struct str *ret_cell)
{
    bool doubled = false;
    size_t from = *at + 1, i = from;
    for (;; i += 2, doubled = true) {
        const char *end = i < text.n ? memchr(text.p + i, '"', text.n - i) : NULL;
        *at = end ? (size_t)(end - text.p) : text.n;
        if (!end)
            return CELL_OPEN;
        i = *at;
        if (i + 1 >= text.n || text.p[i + 1] != '"')
            break;
    }
    *ret_cell = str_sub(text, from, i);
    if (doubled)
        *ret_cell = undouble(&t->r->arena, *ret_cell);
    *at = ++i;
    if (i < text.n && text.p[i] == '\r')
        i++;
    if (i >= text.n)
        return CELL_OPEN; /* what follows is not known: the end, if there is no more */
    if (text.p[i] == '\n') {
        *at = i;
        return CELL_LAST;
    }
    return text.p[*at] == t->sign ? CELL_MORE : CELL_BAD;
}

static void keep(struct table *t, struct row *row, struct str cell)
{
    if (row->n < COLUMNS) {
        if (t->header)
            t->names[row->n] = str_trim(cell);
        else if (t->field_of[row->n] < FIELDS)
            row->cell[t->field_of[row->n]] = cell;
    }
    row->n++;
}

/* A line without quotes. */
static void split(struct table *t, struct str line, struct row *row)
{
    const char *p = line.p, *end = line.p + line.n, *to;
    *row = (struct row){0};
    if (line.n && end[-1] == '\r')
        end--;
    for (; (to = memchr(p, t->sign, (size_t)(end - p))); p = to + 1)
        keep(t, row, str_make(p, (size_t)(to - p)));
    keep(t, row, str_make(p, (size_t)(end - p)));
}

/* The row at the front of text, of which some cells have quotes. *ret_n is how far it was looked
 * at: with CELL_LAST, to its line end. whole: there is no more text. */
static enum cell_end cells(struct table *t, struct str text, bool whole, struct row *row,
                           size_t *ret_n)
{
    enum cell_end end = CELL_MORE;
    size_t at = 0;
    *row = (struct row){0};
    for (; end == CELL_MORE; at++) { /* behind the sign */
        struct str cell = STR_NONE;
        size_t from = at;
        if (at < text.n && text.p[at] == '"') {
            end = quoted(t, text, &at, &cell);
            if (end == CELL_OPEN && whole && cell.p)
                end = CELL_LAST;
        } else {
            while (at < text.n && text.p[at] != t->sign && text.p[at] != '\n')
                at++;
            end = at < text.n ? (text.p[at] == '\n' ? CELL_LAST : CELL_MORE)
                  : whole     ? CELL_LAST
                              : CELL_OPEN;
            cell = str_sub(text, from, at);
            if (end == CELL_LAST && cell.n && cell.p[cell.n - 1] == '\r')
                cell.n--;
        }
        *ret_n = at < text.n ? at : text.n;
        if (end == CELL_BAD || end == CELL_OPEN)
            return end;
        keep(t, row, cell);
    }
    return end;
}

/* --- rows of the window --- */

/* Twice what is there, so that looking at a long row again costs no more than reading it. */
static enum err fill_more(struct post_reader *r)
{
    size_t want = pull_view(r).n * 2;
    enum err rc = pull_fill(r);
    while (!rc && pull_view(r).n < want)
        rc = pull_fill(r);
    return rc == ERR_LIMIT && pull_view(r).n < POSTS_WINDOW_BYTES ? OK : rc;
}

/* A quote that is not closed as it should be spoils its own line only; but if that was tried too
 * often, all that was looked at goes, so that the work stays in proportion to the text. */
static enum err damaged(struct table *t, size_t looked_at, struct str reason, struct str detail)
{
    struct post_reader *r = t->r;
    struct str view = pull_view(r);
    ptrdiff_t lf = str_chr(view, '\n');
    size_t line = lf < 0 ? view.n : (size_t)lf + 1;
    enum err rc = post_gap(r, r->offset, reason, detail);
    t->again += looked_at > line ? looked_at - line : 0;
    bool afford = t->again <= 2 * (r->offset + POSTS_RECORD_BYTES);
    pull_take(r, afford || looked_at < line ? line : looked_at);
    return rc;
}

/* Of the view: OK, AGAIN if a row was left out, or what ended. */
static enum err quoted_row(struct table *t, struct row *row)
{
    struct post_reader *r = t->r;
    enum err filled = OK, rc;
    size_t n;
    arena_reset(&r->arena);
    for (;;) {
        struct str view = pull_view(r);
        const char *lf = memchr(view.p, '\n', view.n);
        size_t line = lf ? (size_t)(lf - view.p) : view.n;
        if ((lf || filled) && !memchr(view.p, '"', line)) {
            split(t, str_sub(view, 0, line), row);
            pull_take(r, line);
            return OK;
        }
        enum cell_end end = cells(t, view, filled && filled != ERR_LIMIT, row, &n);
        if (end == CELL_LAST) {
            pull_take(r, n);
            return OK;
        }
        if (end == CELL_OPEN && !filled) {
            filled = fill_more(r);
            continue;
        }
        if (end == CELL_OPEN && filled == ERR_LIMIT)
            rc = damaged(t, view.n, POST_TOO_LONG, STR("a row"));
        else
            rc = damaged(t, n, POST_DAMAGED, STR("a quote is not closed"));
        return rc ? rc : ERR_AGAIN;
    }
}

static enum err next_quoted(struct table *t, struct row *row, uint64_t *ret_offset)
{
    struct post_reader *r = t->r;
    enum err rc = ERR_AGAIN;
    while (rc == ERR_AGAIN && !r->stopped) {
        struct str view = pull_view(r);
        size_t blank = 0;
        while (blank < view.n && (view.p[blank] == '\n' || view.p[blank] == '\r'))
            blank++;
        pull_take(r, blank);
        *ret_offset = r->offset;
        if (blank < view.n)
            rc = quoted_row(t, row);
        else if ((rc = pull_fill(r)) == OK)
            rc = ERR_AGAIN;
    }
    return r->stopped ? r->stopped : rc;
}

static enum err next_row(struct table *t, struct row *row, uint64_t *ret_offset)
{
    struct str line = STR_NONE;
    if (t->quotes)
        return next_quoted(t, row, ret_offset);
    while (!line.n) {
        enum err rc = pull_line(t->r, &line, ret_offset);
        if (rc)
            return rc;
    }
    split(t, line, row);
    return OK;
}

/* --- the header --- */

static enum err wrong_header(struct table *t, size_t n, const char *what, struct str name)
{
    struct buf list;
    buf_init(&list, NAMES_BYTES);
    for (size_t i = 0; i < n && i < COLUMNS; i++) {
        if (i)
            buf_puts(&list, ", ");
        buf_str(&list, t->names[i]);
    }
    enum err rc =
        fail(t->r->error, ERR_USAGE, "%s%.*s%s; the columns are: %.*s%s", what, STR_FMT(name),
             name.p ? "'" : "", STR_FMT(buf_view(&list)), list.rc ? ", ..." : "");
    buf_done(&list);
    return rc;
}

/* Blanks and signs between words do not count: "Published At", "published-at". */
static bool same_name(struct str column, struct str name)
{
    if (column.n != name.n)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = column.p[i] == ' ' || column.p[i] == '-' ? '_' : column.p[i];
        if (ascii_lower((unsigned char)c) != ascii_lower((unsigned char)name.p[i]))
            return false;
    }
    return true;
}

static int find_column(const struct table *t, size_t n, struct str name)
{
    for (size_t i = 0; i < n && i < COLUMNS; i++)
        if (same_name(t->names[i], name))
            return (int)i;
    return -1;
}

/* A column serves once: "source" is the site, or what the user says. */
static bool use_column(struct table *t, int column, enum field f)
{
    if (column < 0 || t->field_of[column] != FIELDS)
        return false;
    t->field_of[column] = (uint8_t)f;
    return true;
}

static bool use_usual(struct table *t, size_t n, enum field f)
{
    struct str names = str_of(usual[f]), name;
    while (names.p && str_cut(&names, ' ', &name))
        if (use_column(t, find_column(t, n, name), f))
            return true;
    return false;
}

static enum err read_header(struct table *t)
{
    struct row row;
    uint64_t offset;
    bool has[FIELDS] = {false};
    t->header = true;
    enum err rc = next_row(t, &row, &offset);
    if (rc)
        return rc;
    t->header = false;
    memset(t->field_of, FIELDS, sizeof t->field_of);
    for (unsigned f = 0; f < FIELDS; f++) {
        struct str name = map_of(&t->r->options->map, f);
        if (!name.p)
            continue;
        int column = find_column(t, row.n, name);
        if (column < 0)
            return wrong_header(t, row.n, "there is no column '", name);
        has[f] = use_column(t, column, f);
        if (!has[f])
            return wrong_header(t, row.n, "two things are wanted of column '", name);
    }
    for (unsigned f = 0; f < FIELDS; f++)
        has[f] = has[f] || use_usual(t, row.n, f);
    if (!has[TEXT] && !has[TITLE])
        return wrong_header(t, row.n, "no column of texts is known: name one, text=COLUMN",
                            STR_NONE);
    return OK;
}

/* --- posts --- */

static bool cell_time(struct str cell, int64_t *ret_us, bool *ret_day)
{
    *ret_us = TIME_NONE;
    *ret_day = false;
    cell = str_trim(cell);
    return !cell.n || post_time(cell, ret_us, ret_day);
}

static struct str some(struct str cell)
{
    cell = str_trim(cell);
    return cell.n ? cell : STR_NONE;
}

static enum err one(struct table *t, const struct row *row, uint64_t offset)
{
    struct post_reader *r = t->r;
    const struct str *cell = row->cell;
    struct post post = post_blank(offset);
    bool ingest_day;
    if (!cell[TEXT].p && !cell[TITLE].p)
        return post_gap(r, offset, POST_DAMAGED, STR("a row has too few cells"));
    if (!cell_time(cell[TIME], &post.time_us, &post.day_only))
        return post_gap(r, offset, POST_BAD_TIME, cell[TIME]);
    if (!cell_time(cell[INGEST], &post.ingest_us, &ingest_day))
        return post_gap(r, offset, POST_BAD_TIME, cell[INGEST]);
    post.site = some(cell[SITE]);
    post.source = some(cell[SOURCE]);
    post.text = some(cell[TEXT]);
    post.title = some(cell[TITLE]);
    post.author = some(cell[AUTHOR]);
    post.thread = some(cell[THREAD]);
    post.url = some(cell[URL]);
    post.id = some(cell[ID]);
    post.lang = some(cell[LANG]);
    return post_give(r, &post);
}

static enum err read_table(struct post_reader *r, char sign)
{
    struct table t = {.r = r, .sign = sign, .quotes = sign != '\t'};
    struct row row;
    uint64_t offset;
    enum err rc = read_header(&t);
    while (!rc && (rc = next_row(&t, &row, &offset)) == OK)
        rc = one(&t, &row, offset);
    return rc;
}

/* --- what it is told by --- */

static struct str first_line(struct str head)
{
    ptrdiff_t at;
    while (head.n && (head.p[0] == '\n' || head.p[0] == '\r'))
        head = str_sub(head, 1, head.n);
    at = str_chr(head, '\n');
    return at < 0 ? head : str_sub(head, 0, (size_t)at);
}

static char sign_of(struct str line)
{
    static const char signs[] = ",;|";
    char best = ',';
    size_t most = 0;
    if (str_chr(line, '\t') >= 0)
        return '\t';
    for (size_t i = 0; i < sizeof signs - 1; i++) {
        size_t n = str_count(line, signs[i]);
        if (n > most) {
            most = n;
            best = signs[i];
        }
    }
    return best;
}

/* At least two short names, with nothing in them that a name of a column has not. */
static bool is_header(struct str line, char sign)
{
    enum { NAME_BYTES = 64 };
    struct str name;
    size_t n = 0;
    while (line.p && str_cut(&line, sign, &name)) {
        name = str_trim(name);
        if (!name.n || name.n > NAME_BYTES)
            return false;
        for (size_t i = 0; i < name.n; i++)
            if ((unsigned char)name.p[i] < ' ' || strchr("{}<>[]=", name.p[i]))
                return false;
        n++;
    }
    return n > 1;
}

static bool is_csv(struct str head)
{
    struct str line = first_line(head);
    char sign = sign_of(line);
    return sign != '\t' && is_header(line, sign);
}

static bool is_tsv(struct str head)
{
    struct str line = first_line(head);
    return sign_of(line) == '\t' && is_header(line, '\t');
}

static enum err read_csv(struct post_reader *r)
{
    return read_table(r, sign_of(first_line(pull_view(r))));
}

static enum err read_tsv(struct post_reader *r)
{
    return read_table(r, '\t');
}

const struct post_format posts_csv = {.name = "csv",
                                      .help = "table with a header row, cells in quotes",
                                      .is = is_csv,
                                      .read = read_csv};
const struct post_format posts_tsv = {.name = "tsv",
                                      .help = "table with a header row, tabs, no quotes",
                                      .is = is_tsv,
                                      .read = read_tsv};
