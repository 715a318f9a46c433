#include "watch/trend_priv.h"

#include <math.h>

static uint32_t distinct(const struct subject *s, int32_t after, int32_t until, bool voice)
{
    uint32_t n = 0;
    for (uint16_t i = 0; i < s->n_evidence; i++) {
        const struct evidence *v = &s->evidence[i];
        uint32_t x = voice ? v->voice : v->cluster;
        bool is_new = v->day > after && v->day <= until;
        for (uint16_t k = 0; k < i && is_new && x; k++)
            is_new = s->evidence[k].day <= after ||
                     (voice ? s->evidence[k].voice : s->evidence[k].cluster) != x;
        n += is_new;
    }
    return n;
}

static void add_site(struct trend_alert *a, const struct evidence *v)
{
    uint32_t i = 0;
    while (i < a->n_listed && a->site[i].site != v->site)
        i++;
    if (i == a->n_listed) {
        if (i == TREND_SITES)
            return;
        a->site[a->n_listed++] =
            (struct trend_site){.site = v->site, .first_day = v->day, .last_day = v->day};
    }
    a->site[i].threads += v->weight > 0;
    a->site[i].last_day = v->day;
}

static void add_unit(struct trend_alert *a, const struct evidence *v)
{
    uint64_t post = (uint64_t)v->post_hi << 32 | v->post_lo;
    uint32_t at = a->n_units;
    while (at > 0 && a->unit[at - 1] > post)
        at--;
    if (at > 0 && a->unit[at - 1] == post)
        return;
    if (a->n_units == TREND_UNITS) { /* the latest ones stay */
        if (!at)
            return;
        for (uint32_t i = 1; i < at; i++)
            a->unit[i - 1] = a->unit[i];
        a->unit[at - 1] = post;
        return;
    }
    for (uint32_t i = a->n_units; i > at; i--)
        a->unit[i] = a->unit[i - 1];
    a->unit[at] = post;
    a->n_units++;
}

static uint32_t count_sites(const struct subject *s, int32_t after)
{
    uint32_t n = 0;
    for (uint16_t i = 0; i < s->n_sites; i++)
        n += s->site[i].last_day > after;
    return n;
}

/* What the alert rests on: the evidence of its window, and p without each site. */
void trend_explain(struct trends *t, const struct evening *e, struct subject *s,
                   struct trend_alert *a)
{
    int32_t after = e->day - (int32_t)a->window_days;
    a->since_day = e->day;
    for (uint16_t i = 0; i < s->n_evidence; i++) {
        const struct evidence *v = &s->evidence[i];
        if (v->day <= after || v->day > e->day)
            continue;
        a->since_day = v->day < a->since_day ? v->day : a->since_day;
        a->threads += v->weight > 0;
        a->intent[v->intent < INTENTS ? v->intent : INTENT_MENTION]++;
        add_site(a, v);
        add_unit(a, v);
    }
    a->voices = distinct(s, after, e->day, true);
    a->clusters = distinct(s, after, e->day, false);
    a->n_sites = count_sites(s, after);
    a->corroborated = a->n_sites > 1;
    for (uint32_t i = 0; i < a->n_listed; i++) {
        double lp = lane_ask(e, s, a->lane, TREND_RING_DAYS, a->site[i].site).lp;
        a->site[i].p_without = exp(lp);
        a->corroborated &= lp < log(10 * a->alpha / a->g);
    }
    for (uint32_t i = 0; i < t->n_feeds; i++)
        if (t->feed[i].day)
            for (int32_t d = after + 1; d <= e->day; d++)
                if (d > e->day - TREND_RING_DAYS && d >= 0)
                    a->exposure += (double)t->feed[i].day[d % TREND_RING_DAYS];
}

size_t trends_evidence(const struct trends *t, uint32_t subject, int32_t since_day,
                       int32_t until_day, uint64_t *ret_post)
{
    size_t n = 0;
    if (subject >= t->n_subjects)
        return 0;
    const struct subject *s = &t->subject[subject];
    for (uint16_t i = 0; i < s->n_evidence && n < TREND_EVIDENCE; i++) {
        const struct evidence *v = &s->evidence[i];
        if (v->weight > 0 && v->day >= since_day && v->day <= until_day)
            ret_post[n++] = (uint64_t)v->post_hi << 32 | v->post_lo;
    }
    return n;
}
