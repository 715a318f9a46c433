#include "codec/collection.h"

#include "base/map.h"
#include "base/time.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "codec/json_scan.h"

/* The lists that collectors leave beside what they copied. */

enum { MAX_COMPONENTS = 128, MAX_JSON_LINE_BYTES = 1024 * 1024 };

struct reading {
    struct arena *arena;
    collection_tell *tell;
    void *ctx;
    uint64_t rows;
    bool damaged; /* and told in: */
    struct error *error;
};

static void note_damage(struct reading *r, uint64_t line, const char *what)
{
    if (!r->damaged)
        (void)fail_at(r->error, ERR_FORMAT, "", line, "line %lu: %s", (unsigned long)line, what);
    r->damaged = true;
}

static struct collection_fact fact_of(enum collection_tells tells)
{
    return (struct collection_fact){.tells = tells,
                                    .host = STR_NONE,
                                    .original = STR_NONE,
                                    .why = STR_NONE,
                                    .created_us = TIME_NONE,
                                    .modified_us = TIME_NONE,
                                    .accessed_us = TIME_NONE};
}

/* ---- Velociraptor ---- */

/* The collector writes what its host tells; a server's export has the same below os_info. */
static enum err read_client_info(struct reading *r, struct str text)
{
    static const char *const keys[] = {"Hostname",         "hostname",     "Fqdn", "fqdn",
                                       "os_info.hostname", "os_info.fqdn", NULL};
    struct json_value value[6];
    struct collection_fact fact = fact_of(COLLECTION_HOST);
    ptrdiff_t at = str_chr(text, '{');
    if (at < 0 || json_pick(str_sub(text, (size_t)at, text.n), keys, 6, value) != OK) {
        note_damage(r, 1, "no JSON object");
        return OK;
    }
    for (size_t i = 0; i < 6 && !fact.host.n; i++)
        fact.host = str_trim(json_value_text(r->arena, &value[i]));
    return fact.host.n ? r->tell(r->ctx, &fact) : OK;
}

struct upload {
    struct str path; /* uploads/auto/C:/... with its parts as they are */
    struct str type;
    uint64_t size, copied;
    bool sized;
};

/* The parts joined by slashes that cannot be in them. */
static enum err join(struct arena *arena, struct str list, struct str *ret)
{
    struct json_scan scan;
    struct json_value key, value;
    struct buf b;
    enum err rc = json_scan_open(&scan, list);
    buf_init(&b, MAX_JSON_LINE_BYTES);
    for (size_t i = 0; !rc && i < MAX_COMPONENTS; i++) {
        rc = json_scan_next(&scan, &key, &value);
        if (rc)
            break;
        struct str part = json_value_text(arena, &value);
        bool device = str_starts(part, STR("\\\\.\\"));
        if (i)
            buf_putc(&b, '/');
        buf_str(&b, device ? str_sub(part, 4, part.n) : part);
    }
    *ret = b.n && !b.rc ? arena_str(arena, buf_view(&b)) : STR("");
    buf_done(&b);
    return ret->p ? OK : ERR_NOMEM;
}

static enum err read_upload(struct arena *arena, struct str line, struct upload *ret)
{
    static const char *const keys[] = {"_Components", "file_size", "uploaded_size", "Type", NULL};
    struct json_value value[4];
    *ret = (struct upload){.path = STR("")};
    if (json_pick(line, keys, 4, value) != OK || value[0].kind != '[')
        return ERR_FORMAT;
    ret->type = json_value_text(arena, &value[3]);
    ret->sized = str_u64(json_value_text(arena, &value[1]), &ret->size) &&
                 str_u64(json_value_text(arena, &value[2]), &ret->copied);
    return join(arena, value[0].text, &ret->path);
}

/* Escapes are undone in JSON already: "Application%4Admin" keeps its percent sign. */
static enum err original_of(struct arena *arena, struct str path, struct str *ret)
{
    struct buf b;
    size_t anchor;
    buf_init(&b, 2 * MAX_JSON_LINE_BYTES);
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '%')
            buf_puts(&b, "%25");
        else
            buf_putc(&b, path.p[i]);
    enum err rc = b.rc ? b.rc : collection_original(arena, buf_view(&b), 0, ret, &anchor);
    buf_done(&b);
    return rc;
}

/* A sparse file is stored without its holes, and a list of them is stored beside it. */
static enum err note_sparse(struct reading *r, struct str text, struct map *sparse)
{
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        struct upload u;
        if (!str_has(line, STR("\"idx\"")) || read_upload(r->arena, line, &u) != OK ||
            !str_eq(u.type, STR("idx")))
            continue;
        enum err rc = map_put(sparse, u.path, 1);
        if (rc)
            return rc == ERR_LIMIT ? OK : rc;
    }
    return OK;
}

static enum err tell_upload(struct reading *r, const struct upload *u, const struct map *sparse)
{
    struct collection_fact fact = fact_of(COLLECTION_COPIED);
    struct buf why;
    TRY(original_of(r->arena, u->path, &fact.original));
    if (!fact.original.p)
        return OK;
    enum err rc = r->tell(r->ctx, &fact);
    if (rc || !u->sized || u->copied >= u->size || map_get(sparse, u->path))
        return rc;
    buf_init(&why, 128);
    buf_printf(&why, "only %lu of %lu bytes were copied", (unsigned long)u->copied,
               (unsigned long)u->size);
    fact.tells = COLLECTION_SKIPPED;
    fact.why = buf_view(&why);
    rc = why.rc ? why.rc : r->tell(r->ctx, &fact);
    buf_done(&why);
    return rc;
}

static enum err read_row(struct reading *r, struct str line, uint64_t number,
                         const struct map *sparse)
{
    struct upload u;
    enum err rc = line.n > MAX_JSON_LINE_BYTES ? ERR_FORMAT : read_upload(r->arena, line, &u);
    if (rc == ERR_FORMAT || (!rc && !u.path.n)) {
        note_damage(r, number, "no upload");
        return OK;
    }
    if (rc || str_eq(u.type, STR("idx")))
        return rc;
    return tell_upload(r, &u, sparse);
}

static enum err read_uploads(struct reading *r, struct str text)
{
    struct map sparse;
    struct str line;
    map_init(&sparse, r->arena, COLLECTION_ROWS);
    enum err rc = note_sparse(r, text, &sparse);
    for (uint64_t n = 1; !rc && r->rows < COLLECTION_ROWS && str_cut(&text, '\n', &line); n++) {
        struct arena_mark before = arena_mark(r->arena);
        line = str_trim(line);
        if (!line.n)
            continue;
        r->rows++;
        rc = read_row(r, line, n, &sparse);
        arena_back(r->arena, before);
    }
    map_done(&sparse);
    return rc;
}

/* ---- KAPE ---- */

static int64_t time_cell(const struct csv_row *row, int column)
{
    int64_t t;
    return time_parse(csv_cell(row, column), &t) ? t : TIME_NONE;
}

struct kape_columns {
    int source, created, modified, accessed, reason;
};

static enum err tell_row(struct reading *r, enum collection_file what, const struct csv_row *row,
                         const struct kape_columns *c)
{
    bool copied = what == COLLECTION_COPY_LOG;
    struct collection_fact fact = fact_of(copied ? COLLECTION_COPIED : COLLECTION_SKIPPED);
    fact.original = csv_cell(row, c->source);
    if (!fact.original.n)
        return OK;
    if (copied) {
        fact.created_us = time_cell(row, c->created);
        fact.modified_us = time_cell(row, c->modified);
        fact.accessed_us = time_cell(row, c->accessed);
    } else {
        fact.why = csv_cell(row, c->reason);
        fact.twin = str_ieq(fact.why, STR("Deduped"));
    }
    return r->tell(r->ctx, &fact);
}

static enum err read_kape(struct reading *r, enum collection_file what, struct str text)
{
    struct csv csv;
    struct csv_row row;
    struct kape_columns c = {.source = -1};
    enum err rc = OK;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_sub(text, 3, text.n);
    csv_init(&csv, text, r->arena);
    while (rc != END && r->rows < COLLECTION_ROWS) {
        struct arena_mark before = arena_mark(r->arena);
        rc = csv_next(&csv, &row);
        if (rc == ERR_FORMAT || rc == ERR_LIMIT) {
            note_damage(r, csv.line, "bad quoting");
            continue;
        }
        if (rc == OK && c.source < 0) {
            c = (struct kape_columns){
                csv_column(&row, STR("SourceFile")), csv_column(&row, STR("CreatedOnUtc")),
                csv_column(&row, STR("ModifiedOnUtc")), csv_column(&row, STR("LastAccessedOnUtc")),
                csv_column(&row, STR("Reason"))};
            if (c.source < 0) {
                note_damage(r, csv.line, "no column SourceFile");
                return OK;
            }
        } else if (rc == OK) {
            r->rows++;
            rc = tell_row(r, what, &row, &c);
        }
        arena_back(r->arena, before);
        TRY(rc);
    }
    return OK;
}

enum err collection_read(enum collection_file what, struct str text, struct arena *arena,
                         collection_tell *tell, void *ctx, struct error *error)
{
    struct reading r = {.arena = arena, .tell = tell, .ctx = ctx, .error = error};
    enum err rc = OK;
    if (what == COLLECTION_CLIENT_INFO)
        rc = read_client_info(&r, text);
    else if (what == COLLECTION_UPLOADS)
        rc = read_uploads(&r, text);
    else if (what == COLLECTION_COPY_LOG || what == COLLECTION_SKIP_LOG)
        rc = read_kape(&r, what, text);
    if (!rc && r.rows == COLLECTION_ROWS)
        return fail(error, ERR_LIMIT, "more than %d rows", COLLECTION_ROWS);
    return rc ? rc : r.damaged ? ERR_FORMAT : OK;
}
