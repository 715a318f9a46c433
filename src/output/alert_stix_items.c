/* The observables of a STIX bundle: what stood in the posts beside the subject. */
#include "output/alert_stix.h"

void alert_stix_software(struct stix *x, struct str name)
{
    char id[STIX_ID_BYTES];
    if (stix_software_id(x, name, STR_NONE, id) && alert_stix_needed(x, id))
        stix_software(x, id, name, STR_NONE);
}

/* Said once in a post is seen once; the numbers of the object are those of the whole. */
static void observed_data(struct stix *x, size_t from, int64_t first_us, uint64_t posts)
{
    struct json *j = &x->j;
    char id[STIX_ID_BYTES], name[120];
    int64_t last_us = x->a->time_us;
    if (from == x->refs.n || !time_printable(last_us))
        return;
    if (!time_printable(first_us) || first_us > last_us)
        first_us = last_us;
    size_t to = x->refs.n;
    (void)snprintf(name, sizeof name, "%s %lld", x->a->id, (long long)last_us);
    stix_id(x, "observed-data", str_of(name), id);
    if (!alert_stix_needed(x, id))
        return;
    stix_open_at(x, "observed-data", id, last_us);
    stix_time(x, "first_observed", first_us);
    stix_time(x, "last_observed", last_us);
    json_u64(j, "number_observed", posts < 1 ? 1 : posts > 999999999 ? 999999999 : posts);
    json_array(j, "object_refs");
    for (size_t i = from; i < to; i++) {
        json_str(j, NULL, x->refs.v[i]);
        sink_pace(x->s);
    }
    json_end(j);
    stix_close(x);
}

void alert_stix_items(struct stix *x)
{
    char id[STIX_ID_BYTES];
    const struct alert *a = x->a;
    for (size_t i = 0; i < a->n_items; i++)
        if (str_eq(a->item[i].kind, STR("cve")))
            alert_stix_vulnerability(x, a->item[i].value, true, id);
    size_t from = x->refs.n;
    int64_t first_us = INT64_MAX;
    uint64_t posts = 0;
    for (size_t i = 0; i < a->n_items && !x->rc; i++) {
        struct stix_observable o;
        if (!stix_observable(x, a->item[i].kind, a->item[i].value, &o))
            continue;
        if (alert_stix_needed(x, o.id))
            stix_observable_write(x, &o);
        if (a->item[i].first_us != TIME_NONE && a->item[i].first_us < first_us)
            first_us = a->item[i].first_us;
        posts = a->item[i].posts > posts ? a->item[i].posts : posts;
    }
    observed_data(x, from, first_us, posts);
}
