#include "scan/tally.h"

#include "base/ip.h"

enum { TALLY_BYTES = 4 * 1024 * 1024 };

void tally_init(struct tally *t, struct str kind, struct str host)
{
    *t = (struct tally){.first_us = TIME_NONE, .last_us = TIME_NONE};
    arena_init(&t->arena, TALLY_BYTES);
    tally_name(t, kind, host);
}

bool tally_is(const struct tally *t, struct str kind, struct str host)
{
    return str_eq(t->kind, kind) && (!host.n || str_ieq(t->row_host, host));
}

void tally_name(struct tally *t, struct str kind, struct str host)
{
    if (!str_eq(t->kind, kind))
        t->kind = arena_str(&t->arena, kind);
    if (host.n && host.n < HOST_BYTES && !t->row_host.n)
        t->row_host = arena_str(&t->arena, host);
}

void tally_done(struct tally *t)
{
    arena_done(&t->arena);
    vec_done(&t->hour);
    vec_done(&t->build);
    vec_done(&t->column);
}

void tally_span(struct tally *t, int64_t time_us)
{
    if (time_us == TIME_NONE)
        return;
    if (t->first_us == TIME_NONE || time_us < t->first_us)
        t->first_us = time_us;
    if (t->last_us == TIME_NONE || time_us > t->last_us)
        t->last_us = time_us;
}

/* Index of the hour, or of the place where it belongs. */
static size_t place(const struct tally *t, int64_t hour)
{
    size_t lo = 0, hi = t->hour.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (t->hour.v[mid].hour < hour)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

enum err tally_rows(struct tally *t, int64_t time_us, uint64_t count)
{
    t->records += count;
    if (time_us == TIME_NONE || count == 0)
        return OK;
    tally_span(t, time_us);
    int64_t hour = time_hour(time_us);
    if (t->last < t->hour.n && t->hour.v[t->last].hour == hour) {
        t->hour.v[t->last].records += count;
        return OK;
    }
    size_t i = place(t, hour);
    if (i == t->hour.n || t->hour.v[i].hour != hour) {
        struct hour_count none = {hour, 0};
        if (t->hour.n == UNIT_MAX_HOURS) {
            t->hours_full = true;
            return OK;
        }
        TRY(vec_push(&t->hour, none, UNIT_MAX_HOURS));
        memmove(t->hour.v + i + 1, t->hour.v + i, (t->hour.n - 1 - i) * sizeof none);
        t->hour.v[i] = none;
    }
    t->hour.v[i].records += count;
    t->last = i;
    return OK;
}

void tally_build(struct tally *t, struct str text, int64_t time_us)
{
    struct build b;
    if (!text.p || time_us == TIME_NONE || !build_parse(text, &b))
        return;
    for (size_t i = t->build.n; i-- > 0;) {
        struct build_seen *s = &t->build.v[i];
        if (build_cmp(&s->build, &b) != 0)
            continue;
        if (time_us < s->first_us)
            s->first_us = time_us;
        if (time_us > s->last_us)
            s->last_us = time_us;
        return;
    }
    struct build_seen seen = {b, time_us, time_us};
    if (vec_push(&t->build, seen, UNIT_MAX_BUILDS) != OK)
        return; /* a log that names more builds than exist: the first ones stay */
}

void tally_client(struct tally *t, struct str address)
{
    struct ip ip;
    if (!address.p || !ip_parse(address, &ip) || ip_class(ip) == IP_LOOPBACK)
        return;
    t->sampled_clients++;
    t->private_clients += ip_is_internal(ip);
}

void tally_columns(struct tally *t, const struct log_state *state)
{
    t->columns_serial = state->schema_serial;
    for (uint16_t c = 0; c < state->columns; c++) {
        struct str name = column_name(state, c);
        size_t i = 0;
        while (i < t->column.n && !str_ieq(t->column.v[i], name))
            i++;
        if (i < t->column.n)
            continue;
        struct str copy = arena_str(&t->arena, name);
        if (!copy.p || vec_push(&t->column, copy, UNIT_MAX_COLUMNS) != OK)
            return;
    }
}

void tally_fact(const struct tally *t, struct file_fact *f)
{
    f->kind = t->kind.n ? t->kind : STR("");
    f->records = t->records;
    f->unparsed = t->unparsed;
    f->about_unparsed = t->about_unparsed < t->records ? t->about_unparsed : t->records;
    f->first_us = t->first_us;
    f->last_us = t->last_us;
    f->hour = t->hour.v;
    f->n_hours = t->hour.n;
    f->build = t->build.v;
    f->n_builds = t->build.n;
    f->sampled_clients = t->sampled_clients;
    f->private_clients = t->private_clients;
    f->seen_dossiers = t->seen_dossiers;
    f->column = (struct str_list){t->column.v, t->column.n};
}
