#include "scan/correlate.h"
#include "scan/program.h"

/* Names by which rules ask for the host that logged a record, whether a column has them or not. */
static bool asks_host(struct str field)
{
    static const char *const names[] = {"Computer", "ComputerName", "host",
                                        "hostname", "host.name",    "Hostname"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(field, str_of(names[i])))
            return true;
    return false;
}

/* Logs of one host spell its name with the domain and without. */
static struct str short_host(struct str name)
{
    ptrdiff_t dot = str_chr(name, '.');
    struct str first = dot > 0 ? str_sub(name, 0, (size_t)dot) : name;
    return host_same(first, name) ? first : name;
}

/* The value of a field in the record at hand: its first view that is there, or the role of that
 * name. */
static struct str field_value(struct fields *f, struct kind_def *kind, const struct hit *hit,
                              struct str field)
{
    uint16_t view[SIGMA_MAX_VIEWS];
    if (!field.p)
        return STR_NONE;
    size_t n = kind_views(kind, field, view);
    for (size_t i = 0; i < n; i++) {
        struct str value = fields_view(f, view[i]);
        if (value.p)
            return asks_host(field) ? short_host(value) : value;
    }
    for (int r = 0; r < ROLE_COUNT; r++)
        if (r != ROLE_HOST && str_eq(str_of(role_name((enum role)r)), field))
            return hit->role[r];
    return asks_host(field) ? short_host(hit->host) : STR_NONE;
}

enum err event_sink_record(struct event_sink *s, const struct ruleset *set, struct fields *fields,
                           struct kind_def *kind, const struct hit *hit)
{
    const struct correlations *all = set->correlations;
    if (!all || !all->n_feeds[hit->rule])
        return OK;
    if (hit->first_us == TIME_NONE) {
        s->untimed++;
        return OK;
    }
    for (uint32_t i = 0; i < all->n_feeds[hit->rule]; i++) {
        const struct feed *feed = &all->feed[hit->rule][i];
        const struct correlation *c = &all->v[feed->correlation];
        const struct correlation_part *part = &c->part[feed->part];
        struct event e = {.correlation = feed->correlation,
                          .member = feed->part,
                          .flags = (hit->own_scanner ? EVENT_OWN : 0) |
                                   (hit->event ? EVENT_NUMBERED : 0) |
                                   (hit->carved ? EVENT_CARVED : 0),
                          .time_us = hit->first_us,
                          .offset = hit->offset,
                          .line = hit->line,
                          .host = hit->host,
                          .client = hit->role[ROLE_CLIENT]};
        buf_reset(&s->group);
        buf_reset(&s->value);
        for (size_t k = 0; k < c->def->n_group_by; k++)
            values_add(&s->group, field_value(fields, kind, hit, part->group[k]));
        for (size_t k = 0; k < c->def->n_fields; k++)
            values_add(&s->value, field_value(fields, kind, hit, part->value[k]));
        TRY(event_sink_add(s, &e));
    }
    return OK;
}

void correlations_prepare(const struct ruleset *set, uint32_t rule, struct kind_def *kind)
{
    const struct correlations *all = set->correlations;
    uint16_t view[SIGMA_MAX_VIEWS];
    for (uint32_t i = 0; all && i < all->n_feeds[rule]; i++) {
        const struct correlation *c = &all->v[all->feed[rule][i].correlation];
        const struct correlation_part *part = &c->part[all->feed[rule][i].part];
        for (size_t k = 0; k < c->def->n_group_by; k++)
            (void)(part->group[k].p && kind_views(kind, part->group[k], view));
        for (size_t k = 0; k < c->def->n_fields; k++)
            (void)(part->value[k].p && kind_views(kind, part->value[k], view));
    }
}
