#include "watch/labels.h"

#include "base/time.h"
#include "codec/csv.h"

#include <stdlib.h>

enum { PEEK_ROWS = 50 };

void labels_init(struct labels *l)
{
    *l = (struct labels){.cves = true, .last = INT32_MIN};
    arena_init(&l->arena, 1024u * 1024 * 1024);
    map_init(&l->ids, &l->arena, LABELS_MAX);
}

void labels_done(struct labels *l)
{
    map_done(&l->ids);
    vec_done(&l->label);
    vec_done(&l->bulk);
    arena_done(&l->arena);
}

bool label_map_parse(struct str text, struct label_map *ret_map)
{
    struct str part, key;
    *ret_map = (struct label_map){0};
    while (str_cut(&text, ',', &part)) {
        if (!str_cut(&part, '=', &key) || part.n == 0)
            return false;
        if (str_eq(key, STR("date")))
            ret_map->date = part;
        else if (str_eq(key, STR("subject")))
            ret_map->subject = part;
        else
            return false;
    }
    return ret_map->date.p || ret_map->subject.p;
}

/* --- rows of either form --- */

struct table {
    struct csv csv; /* its rest is what is left, for TSV too */
    bool tabs;
};

static enum err next_row(struct table *t, struct csv_row *ret_row)
{
    struct str line;
    if (!t->tabs)
        return csv_next(&t->csv, ret_row);
    do {
        if (!t->csv.rest.p || !str_cut(&t->csv.rest, '\n', &line))
            return END;
        t->csv.line++;
    } while (str_trim(line).n == 0);
    ret_row->n = 0;
    while (ret_row->n < CSV_COLUMNS && str_cut(&line, '\t', &ret_row->cell[ret_row->n]))
        ret_row->n++;
    return OK;
}

/* "2021-11-03", also with a time behind it of which only the day matters. */
static bool cell_day(struct str cell, int32_t *ret_day)
{
    int64_t us;
    if (cell.n < 10 || !time_parse_date(str_sub(cell, 0, 10), &us))
        return false;
    if (cell.n > 10 && cell.p[10] != 'T' && cell.p[10] != ' ')
        return false;
    *ret_day = (int32_t)((us - (us % US_PER_DAY + US_PER_DAY) % US_PER_DAY) / US_PER_DAY);
    return true;
}

static bool is_cve(struct str s)
{
    uint64_t year, number;
    return s.n >= 13 && s.n <= 28 && str_istarts(s, STR("CVE-")) && s.p[8] == '-' &&
           str_u64(str_sub(s, 4, 8), &year) && str_u64(str_sub(s, 9, s.n), &number);
}

static int named_column(const struct csv_row *head, const char *const *names)
{
    for (; *names; names++) {
        int column = csv_column(head, str_of(*names));
        if (column >= 0)
            return column;
    }
    return -1;
}

static int asked_column(const struct csv_row *head, struct str asked, const char *const *names)
{
    return asked.p ? csv_column(head, asked) : named_column(head, names);
}

/* The column in most of whose cells the question is answered by yes. */
static int column_of_content(struct table t, bool (*is)(struct str))
{
    struct csv_row row;
    unsigned hits[CSV_COLUMNS] = {0}, rows = 0;
    int best = -1;
    for (enum err rc; rows < PEEK_ROWS && (rc = next_row(&t, &row)) != END; rows++)
        for (size_t i = 0; rc == OK && i < row.n; i++)
            hits[i] += is(str_trim(row.cell[i]));
    for (int i = 0; i < CSV_COLUMNS; i++)
        if (hits[i] * 2 > rows && (best < 0 || hits[i] > hits[best]))
            best = i;
    return best;
}

static bool is_date(struct str s)
{
    int32_t day;
    return cell_day(s, &day);
}

struct columns {
    int date, subject;
};

static enum err find_columns(const struct table *t, const struct csv_row *head,
                             const struct label_map *map, struct columns *ret_columns,
                             struct str name, struct error *error)
{
    static const char *const dates[] = {"date_added", "dateAdded",   "date added", "reported",
                                        "listed",     "date_listed", "added",      "date",
                                        "time",       "timestamp",   "published",  NULL};
    static const char *const subjects[] = {"cve",     "cve_id", "cveID", "cve id", "subject",
                                           "vuln_id", "id",     "name",  NULL};
    ret_columns->date = asked_column(head, map->date, dates);
    ret_columns->subject = asked_column(head, map->subject, subjects);
    if (ret_columns->date < 0 && !map->date.p)
        ret_columns->date = column_of_content(*t, is_date);
    if (ret_columns->subject < 0 && !map->subject.p)
        ret_columns->subject = column_of_content(*t, is_cve);
    if (ret_columns->date < 0 || ret_columns->subject < 0)
        return fail(error, ERR_FORMAT,
                    "%.*s: no column of %s; name it with --label-map date=COL,subject=COL",
                    STR_FMT(name), ret_columns->date < 0 ? "dates" : "subjects");
    return OK;
}

/* --- what they say --- */

static enum err add_label(struct labels *l, struct str subject, int32_t day)
{
    uint32_t id;
    bool is_new;
    char large[32];
    bool cve = is_cve(subject);
    if (cve) {
        memcpy(large, subject.p, subject.n);
        memcpy(large, "CVE", 3);
        subject = str_make(large, subject.n);
    }
    l->cves = l->cves && cve;
    l->last = day > l->last ? day : l->last;
    TRY(map_intern(&l->ids, subject, &id, &is_new));
    if (is_new) {
        struct label label = {arena_str(&l->arena, subject), day};
        return label.subject.p ? vec_push(&l->label, label, LABELS_MAX) : ERR_NOMEM;
    }
    if (day < l->label.v[id].day)
        l->label.v[id].day = day;
    return OK;
}

static enum err read_rows(struct labels *l, struct table *t, const struct columns *columns)
{
    struct csv_row row;
    enum err rc;
    while ((rc = next_row(t, &row)) != END) {
        int32_t day;
        struct str subject = rc == OK ? csv_cell(&row, columns->subject) : STR_NONE;
        if (rc == ERR_NOMEM)
            return rc;
        l->rows++;
        if (rc || subject.n == 0 || !cell_day(csv_cell(&row, columns->date), &day)) {
            l->bad++;
            continue;
        }
        TRY(add_label(l, subject, day));
    }
    return OK;
}

enum err labels_read(struct labels *l, struct str text, struct str name,
                     const struct label_map *map, struct error *error)
{
    struct table t = {0};
    struct csv_row head;
    struct columns columns;
    struct str line, rest = text;
    uint64_t good = l->rows - l->bad, bad = l->bad;
    t.tabs = str_cut(&rest, '\n', &line) && str_chr(line, '\t') >= 0;
    csv_init(&t.csv, text, &l->arena);
    if (next_row(&t, &head))
        return fail(error, ERR_FORMAT, "%.*s: no header row", STR_FMT(name));
    for (size_t i = 0; i < head.n; i++)
        head.cell[i] = str_trim(head.cell[i]);
    TRY(find_columns(&t, &head, map, &columns, name, error));
    enum err rc = read_rows(l, &t, &columns);
    if (rc)
        return fail(error, rc, "%.*s: %s", STR_FMT(name),
                    rc == ERR_LIMIT ? "too many subjects" : err_name(rc));
    if (l->rows - l->bad == good && l->bad > bad)
        return fail(error, ERR_FORMAT, "%.*s: no row has a date and a subject", STR_FMT(name));
    return OK;
}

static int by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return x < y ? -1 : x > y;
}

enum err labels_close(struct labels *l)
{
    int32_t *day = l->label.n ? calloc(l->label.n, sizeof *day) : NULL;
    enum err rc = day || l->label.n == 0 ? OK : ERR_NOMEM;
    for (size_t i = 0; day && i < l->label.n; i++)
        day[i] = l->label.v[i].day;
    if (day)
        qsort(day, l->label.n, sizeof *day, by_number);
    for (size_t i = 0, n; day && !rc && i < l->label.n; i += n) {
        for (n = 1; i + n < l->label.n && day[i + n] == day[i];)
            n++;
        if (n > LABEL_BULK)
            rc = vec_push(&l->bulk, day[i], LABELS_MAX);
    }
    free(day);
    return rc;
}

int32_t labels_day(const struct labels *l, struct str subject)
{
    const uint32_t *id = map_get(&l->ids, subject);
    return id ? l->label.v[*id].day : LABEL_NEVER;
}

bool labels_bulk(const struct labels *l, int32_t day)
{
    return l->bulk.n && bsearch(&day, l->bulk.v, l->bulk.n, sizeof day, by_number);
}
