#include "watch/known.h"

#include "codec/csv.h"
#include "codec/json.h"
#include "codec/stream.h"
#include "os/io.h"

#include <math.h>

/* "CVE-2021-26855" in any case: the year above 44 bits of number. */
static bool cve_key(struct str s, uint64_t *ret_key)
{
    uint64_t year, number;
    s = str_trim(s);
    if (!str_istarts(s, STR("CVE-")) || s.n < 13 || s.p[8] != '-')
        return false;
    struct str digits = str_sub(s, 9, s.n);
    if (!ascii_digit((unsigned char)digits.p[0]) || digits.n > 12 ||
        !str_u64(str_sub(s, 4, 8), &year) || !str_u64(digits, &number))
        return false;
    *ret_key = year << 44 | number;
    return true;
}

static enum err add(struct known *k, struct str cve, struct str epss, struct str date)
{
    struct known_cve x = {.epss = NAN, .kev_us = TIME_NONE};
    double score;
    if (!cve_key(cve, &x.cve)) {
        k->left_out++;
        return OK;
    }
    if (str_double(str_trim(epss), &score) && score >= 0 && score <= 1)
        x.epss = score;
    if (!time_parse(str_trim(date), &x.kev_us))
        x.kev_us = TIME_NONE;
    if (isnan(x.epss) && x.kev_us == TIME_NONE) {
        k->left_out++;
        return OK;
    }
    return vec_push(&k->list, x, KNOWN_MAX * 2);
}

/* The columns that count; -1: there is none. */
struct columns {
    int cve, epss, date;
};

static bool columns_of(const struct csv_row *header, struct columns *ret)
{
    static const char *const cves[] = {"cve", "cveID", "cve_id"};
    static const char *const dates[] = {"dateAdded", "date_added", "date", "added"};
    *ret = (struct columns){-1, csv_column(header, STR("epss")), -1};
    for (size_t i = 0; i < ARRAY_LEN(cves) && ret->cve < 0; i++)
        ret->cve = csv_column(header, str_of(cves[i]));
    for (size_t i = 0; i < ARRAY_LEN(dates) && ret->date < 0; i++)
        ret->date = csv_column(header, str_of(dates[i]));
    if (ret->epss >= 0)
        ret->date = -1; /* of a score, not of a listing */
    return ret->cve >= 0 && (ret->epss >= 0 || ret->date >= 0);
}

static enum err row_of_tabs(struct str *rest, struct csv_row *ret_row)
{
    struct str line;
    do {
        if (!rest->p || !str_cut(rest, '\n', &line))
            return END;
    } while (!str_trim(line).n || line.p[0] == '#');
    ret_row->n = 0;
    while (ret_row->n < CSV_COLUMNS && str_cut(&line, '\t', &ret_row->cell[ret_row->n]))
        ret_row->n++;
    return OK;
}

/* A table, by commas or by tabs. */
struct table {
    struct csv csv;
    struct str rest;
    bool tabs;
    struct arena arena; /* of one row */
};

static enum err table_next(struct table *t, struct csv_row *ret_row)
{
    arena_reset(&t->arena);
    return t->tabs ? row_of_tabs(&t->rest, ret_row) : csv_next(&t->csv, ret_row);
}

static enum err table_rows(struct known *k, struct table *t, const struct columns *c)
{
    struct csv_row row;
    for (;;) {
        enum err rc = table_next(t, &row);
        if (rc == END)
            return OK;
        if (rc == ERR_NOMEM)
            return rc;
        if (rc) {
            k->left_out++;
            continue;
        }
        TRY(add(k, csv_cell(&row, c->cve), csv_cell(&row, c->epss), csv_cell(&row, c->date)));
    }
}

static enum err table_add(struct known *k, struct str text)
{
    struct csv_row header;
    struct columns c;
    struct str first = str_sub(text, 0, 64 * 1024);
    ptrdiff_t end = str_find(first, STR("\n"));
    first = str_sub(first, 0, end >= 0 ? (size_t)end : first.n);
    struct table t = {.rest = text, .tabs = str_chr(first, '\t') >= 0 && str_chr(first, ',') < 0};
    arena_init(&t.arena, (size_t)2 * KNOWN_FILE_BYTES);
    csv_init(&t.csv, text, &t.arena);
    enum err rc = table_next(&t, &header);
    if (!rc)
        rc = columns_of(&header, &c) ? table_rows(k, &t, &c) : ERR_FORMAT;
    arena_done(&t.arena);
    return rc == END ? ERR_FORMAT : rc;
}

/* An entry of a list in JSON: as soon as both are there, it counts. */
struct entry {
    struct str cve, epss, date;
};

static enum err entry_token(struct known *k, const struct json_token *t, struct entry *e,
                            bool *ret_any)
{
    if (t->type == JSON_OBJECT)
        *e = (struct entry){STR_NONE, STR_NONE, STR_NONE};
    if ((t->type != JSON_STRING && t->type != JSON_NUMBER) || !t->key.p)
        return OK;
    if (str_ieq(t->key, STR("cveID")) || str_ieq(t->key, STR("cve")))
        e->cve = t->text;
    else if (str_ieq(t->key, STR("dateAdded")))
        e->date = t->text;
    else if (str_ieq(t->key, STR("epss")))
        e->epss = t->text;
    else
        return OK;
    if (!e->cve.p || (!e->date.p && !e->epss.p))
        return OK;
    *ret_any = true;
    return add(k, e->cve, e->epss, e->date);
}

static enum err json_add(struct known *k, struct str text)
{
    struct json_reader j;
    struct json_token t;
    struct entry e = {STR_NONE, STR_NONE, STR_NONE};
    bool any = false;
    enum err rc;
    json_open(&j, text, false);
    while ((rc = json_next(&j, &t)) == OK)
        TRY(entry_token(k, &t, &e, &any));
    return rc == END && any ? OK : ERR_FORMAT;
}

static int by_cve(const void *a, const void *b)
{
    const struct known_cve *x = a, *y = b;
    return (x->cve > y->cve) - (x->cve < y->cve);
}

/* Sorts what came in behind the rest, and makes one row of those of a CVE. */
static void settle(struct known *k)
{
    size_t n = 0;
    if (k->list.n)
        qsort(k->list.v, k->list.n, sizeof *k->list.v, by_cve);
    for (size_t i = 0; i < k->list.n; i++) {
        struct known_cve *last = n ? &k->list.v[n - 1] : NULL;
        const struct known_cve *x = &k->list.v[i];
        if (!last || last->cve != x->cve) {
            k->list.v[n++] = *x;
            continue;
        }
        if (!isnan(x->epss))
            last->epss = x->epss;
        if (x->kev_us != TIME_NONE && (last->kev_us == TIME_NONE || x->kev_us < last->kev_us))
            last->kev_us = x->kev_us;
    }
    k->list.n = n;
}

enum err known_add(struct known *k, struct str text, struct str name, struct error *error)
{
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_sub(text, 3, text.n);
    bool json = str_starts(str_trim(str_sub(text, 0, 256)), STR("{"));
    enum err rc = json ? json_add(k, text) : table_add(k, text);
    settle(k);
    if (rc == ERR_FORMAT)
        return fail_at(
            error, rc, name.p, 0,
            "is neither a table with a CVE and a score or date, nor such a list in JSON");
    return rc ? fail_at(error, rc, name.p, 0, "holds too much") : OK;
}

static enum err read_all(int fd, struct buf *b, struct error *error)
{
    struct stream *s = NULL;
    size_t n = 1;
    TRY(stream_open_fd(fd, &s, error));
    enum err rc = OK;
    while (!rc && n) {
        char *to = buf_reserve(b, 64 * 1024);
        rc = to ? stream_read(s, to, 64 * 1024, &n, error)
                : fail(error, b->rc, "longer than %d bytes", KNOWN_FILE_BYTES);
        b->n += rc ? 0 : n;
    }
    s = stream_close(s);
    return rc;
}

enum err known_load(struct known *k, struct str path, struct error *error)
{
    struct arena arena;
    struct io_tree tree = {0};
    struct buf b;
    int fd = -1;
    arena_init(&arena, (size_t)16 << 20);
    buf_init(&b, KNOWN_FILE_BYTES);
    enum err rc = io_list(&arena, &path, 1, &tree, error);
    if (!rc && (tree.n != 1 || tree.entry[0].skip.p || tree.entry[0].below.n))
        rc = fail(error, ERR_IO, "'%.*s' is no file that can be read", STR_FMT(path));
    if (!rc)
        rc = io_open_entry(&tree, &tree.entry[0], &fd, error);
    if (!rc)
        rc = read_all(fd, &b, error);
    if (!rc)
        rc = known_add(k, buf_view(&b), path, error);
    if (fd >= 0)
        io_close(fd);
    io_tree_close(&tree);
    buf_done(&b);
    arena_done(&arena);
    return rc;
}

void known_done(struct known *k)
{
    vec_done(&k->list);
}

const struct known_cve *known_find(const struct known *k, struct str cve)
{
    struct known_cve key;
    if (!cve_key(cve, &key.cve) || !k->list.n)
        return NULL;
    return bsearch(&key, k->list.v, k->list.n, sizeof *k->list.v, by_cve);
}

void known_fill(const struct known *k, struct alert *a)
{
    const struct known_cve *x = a->kind == SUBJECT_CVE ? known_find(k, a->subject) : NULL;
    if (!x)
        return;
    a->epss = x->epss;
    a->kev_us = x->kev_us;
}
