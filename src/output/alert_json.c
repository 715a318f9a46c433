/* JSON Lines: one alert a line, all that is known (docs/reference/schema/alert.json). */
#include "output/alert.h"

static void pace(struct sink *s)
{
    if (s)
        sink_pace(s);
}

static void strings(struct sink *s, struct json *j, const char *key, const struct str_list *list)
{
    json_array(j, key);
    for (size_t i = 0; i < list->n; i++) {
        json_str(j, NULL, list->v[i].p ? list->v[i] : STR(""));
        pace(s);
    }
    json_end(j);
}

static void sites(struct sink *s, struct json *j, const struct alert *a)
{
    json_array(j, "sites");
    for (size_t i = 0; i < a->n_sites; i++) {
        const struct alert_site *x = &a->site[i];
        json_object(j, NULL);
        json_str(j, "site", x->site);
        json_time(j, "first", x->first_us);
        json_time(j, "last", x->last_us);
        json_u64(j, "threads", x->threads);
        json_real(j, "p_without", x->p_without, 4);
        json_end(j);
        pace(s);
    }
    json_end(j);
}

static void posts(struct sink *s, struct json *j, const struct alert *a)
{
    json_array(j, "posts");
    for (size_t i = 0; i < a->n_posts; i++) {
        const struct alert_post *x = &a->post[i];
        json_object(j, NULL);
        json_str(j, "id", x->id);
        json_str(j, "site", x->site);
        json_str(j, "url", x->url);
        json_time(j, "time", x->time_us);
        json_text(j, "intent", intent_name(x->intent));
        json_str(j, "snippet", x->snippet);
        json_end(j);
        pace(s);
    }
    json_end(j);
}

static void items(struct sink *s, struct json *j, const struct alert *a)
{
    json_array(j, "items");
    for (size_t i = 0; i < a->n_items; i++) {
        const struct alert_item *x = &a->item[i];
        json_object(j, NULL);
        json_str(j, "kind", x->kind);
        json_str(j, "value", x->value);
        json_u64(j, "posts", x->posts);
        json_time(j, "first", x->first_us);
        json_str(j, "source", x->source);
        json_end(j);
        pace(s);
    }
    json_end(j);
}

void alert_json_with(struct json *j, const struct alert_with *x)
{
    json_str(j, "subject", x->subject);
    json_text(j, "kind", subject_kind_name(x->kind));
    json_text(j, "lane", lane_name(x->lane));
    json_real(j, "p", x->p, 4);
    json_u64(j, "threads", x->threads);
    json_u64(j, "shared", x->shared);
    json_text(j, "id", x->id);
}

static void together(struct sink *s, struct json *j, const struct alert *a)
{
    json_array(j, "together");
    for (size_t i = 0; i < a->n_with; i++) {
        json_object(j, NULL);
        alert_json_with(j, &a->with[i]);
        json_end(j);
        pace(s);
    }
    json_end(j);
}

static void numbers(struct json *j, const struct alert *a)
{
    json_u64(j, "observed", a->observed);
    json_real(j, "expected", a->expected, 4);
    json_real(j, "p", a->p, 4);
    json_real(j, "threshold", a->threshold, 4);
    json_real(j, "q", a->q, 4);
    json_u64(j, "window_days", a->window_days);
    json_real(j, "calibration", a->calibration, 4);
    json_real(j, "exposure", a->exposure, 6);
    json_u64(j, "voices", a->voices);
    json_u64(j, "threads", a->threads);
    json_u64(j, "texts", a->clusters);
}

void alert_json_object(struct sink *s, struct json *j, const char *key, const struct alert *a)
{
    json_object(j, key);
    json_text(j, "type", "alert");
    json_text(j, "id", a->id);
    json_time(j, "time", a->time_us);
    json_str(j, "subject", a->subject);
    json_text(j, "kind", subject_kind_name(a->kind));
    json_text(j, "lane", lane_name(a->lane));
    json_str(j, "title", a->title);
    numbers(j, a);
    sites(s, j, a);
    json_time(j, "since", a->since_us);
    json_object(j, "intent");
    for (size_t i = 0; i < INTENTS; i++)
        json_u64(j, intent_name((enum intent)i), a->intent[i]);
    json_end(j);
    strings(s, j, "technique", &a->technique);
    json_str(j, "customer", a->customer);
    strings(s, j, "assets", &a->asset);
    posts(s, j, a);
    items(s, j, a);
    json_real(j, "epss", a->epss, 5);
    json_time(j, "kev", a->kev_us);
    json_str(j, "why", a->why);
    json_str(j, "silenced", a->silenced);
    json_str(j, "again", a->again);
    together(s, j, a);
    json_end(j);
}

enum err alert_json_write(struct sink *s, const struct alert *a, size_t n,
                          const struct print_options *options)
{
    struct json j;
    (void)options;
    json_init(&j, &s->out);
    for (size_t i = 0; i < n && !s->rc; i++) {
        alert_json_object(s, &j, NULL, &a[i]);
        json_line(&j);
        if (j.rc && !s->rc)
            s->rc = j.rc;
        sink_pace(s);
    }
    return s->rc;
}
