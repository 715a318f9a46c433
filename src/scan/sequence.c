#include "scan/sequence.h"

#include <stdlib.h>

/* Where the date stands in a name, and what it tells. */
struct date_at {
    size_t from, to;
    int64_t day;
    int hour;
};

static struct str base_of(struct str path, struct str *ret_folder)
{
    size_t at = path.n;
    while (at && path.p[at - 1] != '/' && path.p[at - 1] != '\\' && path.p[at - 1] != '!')
        at--;
    *ret_folder = str_sub(path, 0, at);
    return str_sub(path, at, path.n);
}

/* digits: YYMMDD, YYMMDDHH (iis) or YYYYMMDD, YYYYMMDDHH. */
static bool read_date(struct str digits, bool short_year, struct date_at *ret_date)
{
    uint64_t v[4];
    size_t year_n = short_year ? 2 : 4, at = year_n;
    if (digits.n != year_n + 4 && digits.n != year_n + 6)
        return false;
    if (!str_u64(str_sub(digits, 0, year_n), &v[0]))
        return false;
    v[3] = 0;
    for (int i = 1; at < digits.n; at += 2, i++)
        if (!str_u64(str_sub(digits, at, at + 2), &v[i]))
            return false;
    struct civil c = {.year = (int)v[0] + (short_year ? 2000 : 0),
                      .month = (int)v[1],
                      .day = (int)v[2],
                      .hour = (int)v[3]};
    int64_t t = time_of_civil(&c);
    if (t == TIME_NONE || c.year < 1990 || c.year > 2100)
        return false;
    ret_date->day = t / US_PER_DAY;
    ret_date->hour = digits.n == year_n + 6 ? c.hour : -1;
    return true;
}

/* The last run of digits that is a date. */
static bool find_date(struct str name, struct date_at *ret_date)
{
    bool iis =
        str_istarts(name, STR("u_ex")) || str_istarts(name, STR("u_in")) ||
        str_istarts(name, STR("u_nc")) ||
        (name.n > 2 && str_istarts(name, STR("ex")) && ascii_digit((unsigned char)name.p[2]));
    bool found = false;
    for (size_t i = 0; i < name.n;) {
        size_t from = i;
        while (i < name.n && ascii_digit((unsigned char)name.p[i]))
            i++;
        struct date_at d = {.from = from, .to = i};
        if (i > from && read_date(str_sub(name, from, i), iis, &d)) {
            *ret_date = d;
            found = true;
        }
        if (i == from)
            i++;
    }
    return found;
}

/* "-2" or "_x2" behind the date. */
static int64_t read_number(struct str rest)
{
    size_t at = str_istarts(rest, STR("_x")) ? 2 : str_istarts(rest, STR("-")) ? 1 : 0, to = at;
    int64_t v = 0;
    while (at && to < rest.n && to < at + 9 && ascii_digit((unsigned char)rest.p[to]))
        v = v * 10 + (rest.p[to++] - '0');
    return v;
}

bool sequence_parse(struct arena *arena, const struct file_fact *file,
                    struct sequence_name *ret_name)
{
    struct date_at d;
    struct str name = base_of(file->path, &ret_name->folder);
    if (!find_date(name, &d))
        return false;
    char *p = arena_alloc(arena, d.to + d.from + 1);
    if (!p)
        return false;
    for (size_t i = 0; i < d.to; i++)
        p[i] = (char)ascii_lower((unsigned char)name.p[i]);
    for (size_t i = 0; i < d.from; i++)
        p[d.to + i] = ascii_digit((unsigned char)p[i]) ? '#' : p[i];
    ret_name->literal = str_make(p, d.to);
    ret_name->prefix = str_make(p + d.to, d.from);
    ret_name->day = d.day;
    ret_name->hour = d.hour;
    ret_name->number = read_number(str_sub(name, d.to, name.n));
    ret_name->file = file;
    return true;
}

static int name_order(const void *a, const void *b)
{
    const struct sequence_name *x = a, *y = b;
    int c = str_cmp(x->folder, y->folder);
    if (!c)
        c = str_cmp(x->prefix, y->prefix);
    if (!c && x->day != y->day)
        c = x->day < y->day ? -1 : 1;
    if (!c && x->hour != y->hour)
        c = x->hour < y->hour ? -1 : 1;
    if (!c)
        c = str_cmp(x->literal, y->literal);
    if (!c && x->number != y->number)
        c = x->number < y->number ? -1 : 1;
    return c ? c : str_cmp(x->file->path, y->file->path);
}

static enum err add_gap(struct arena *arena, struct cover *c, int64_t from_us, int64_t to_us,
                        struct buf *text)
{
    struct str detail = arena_str(arena, buf_view(text));
    buf_done(text);
    if (!detail.p)
        return ERR_NOMEM;
    c->gap[c->n_gaps++] = (struct cover_gap){
        .from_us = from_us, .to_us = to_us, .missing_file = true, .detail = detail};
    return OK;
}

static struct str base_clipped(const struct sequence_name *s)
{
    struct str folder;
    return str_sub(base_of(s->file->path, &folder), 0, COVER_TEXT_BYTES);
}

static enum err missing_days(struct arena *arena, struct cover *c, const struct sequence_name *a,
                             const struct sequence_name *b, int64_t from, int64_t to)
{
    struct buf text;
    char first[32], last[32];
    buf_init(&text, 512);
    buf_printf(&text, "no file for %s", time_short(from * US_PER_DAY, false, first));
    if (to > from + 1)
        buf_printf(&text, " to %s", time_short((to - 1) * US_PER_DAY, false, last));
    buf_printf(&text, " between '%.*s' and '%.*s'", STR_FMT(base_clipped(a)),
               STR_FMT(base_clipped(b)));
    return add_gap(arena, c, from * US_PER_DAY, to * US_PER_DAY, &text);
}

/* A day whose rows are there under another name is not missing. */
static bool day_absent(const struct cover *c, int64_t day)
{
    return cover_hours_between(c, day * 24, day * 24 + 24) < COVER_DAY_PRESENT_HOURS;
}

static enum err check_days(struct arena *arena, struct cover *c, const struct sequence_name *a,
                           const struct sequence_name *b, size_t room, int64_t *days_left)
{
    int64_t run = -1;
    for (int64_t day = a->day + 1; day <= b->day; day++) {
        bool absent = day < b->day && day_absent(c, day);
        if (--*days_left < 0)
            return OK;
        if (absent && run < 0)
            run = day;
        if (!absent && run >= 0) {
            if (c->n_gaps < room)
                TRY(missing_days(arena, c, a, b, run, day));
            run = -1;
        }
    }
    return OK;
}

/* Numbers left out between two files of the same day or hour. */
static enum err check_numbers(struct arena *arena, struct cover *c, const struct sequence_name *a,
                              const struct sequence_name *b, size_t room)
{
    struct buf text;
    if (a->number < 1 || b->number <= a->number + 1 || c->n_gaps >= room)
        return OK;
    int64_t from = a->day * US_PER_DAY + (a->hour > 0 ? a->hour : 0) * US_PER_HOUR;
    int64_t to = from + (a->hour >= 0 ? US_PER_HOUR : US_PER_DAY);
    if (a->file->last_us != TIME_NONE && b->file->first_us != TIME_NONE &&
        a->file->last_us < b->file->first_us) {
        from = a->file->last_us;
        to = b->file->first_us;
    }
    buf_init(&text, 512);
    buf_printf(&text, "number %lld", (long long)a->number + 1);
    if (b->number > a->number + 2)
        buf_printf(&text, " to %lld", (long long)b->number - 1);
    buf_printf(&text, " missing between '%.*s' and '%.*s'", STR_FMT(base_clipped(a)),
               STR_FMT(base_clipped(b)));
    return add_gap(arena, c, from, to, &text);
}

static enum err check_pair(struct arena *arena, struct cover *c, const struct sequence_name *a,
                           const struct sequence_name *b, size_t room, int64_t *days_left)
{
    if (!str_eq(a->folder, b->folder) || !str_eq(a->prefix, b->prefix))
        return OK;
    if (str_eq(a->literal, b->literal))
        return check_numbers(arena, c, a, b, room);
    if (b->day > a->day + 1)
        return check_days(arena, c, a, b, room, days_left);
    return OK;
}

enum err sequence_gaps(struct arena *arena, struct cover *c)
{
    struct sequence_name *name = arena_new_n(arena, struct sequence_name, c->files + 1);
    int64_t days_left = COVER_DAY_BUDGET;
    size_t n = 0, room = c->n_gaps + COVER_MISSING_MAX - 1;
    struct buf text;
    if (!name)
        return ERR_NOMEM;
    for (size_t i = 0; i < c->files; i++)
        n += sequence_parse(arena, c->file[i], &name[n]);
    if (n)
        qsort(name, n, sizeof *name, name_order);
    for (size_t i = 1; i < n; i++)
        TRY(check_pair(arena, c, &name[i - 1], &name[i], room, &days_left));
    if (days_left >= 0 && c->n_gaps < room)
        return OK;
    buf_init(&text, 512);
    buf_puts(&text, "too many missing files: no more of them are listed");
    return add_gap(arena, c, name[0].day * US_PER_DAY, name[0].day * US_PER_DAY, &text);
}
