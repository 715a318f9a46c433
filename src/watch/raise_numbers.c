/* The numbers of a trend as bytes of the state, and back. */
#include "watch/watch_priv.h"

#include "base/rd.h"
#include "base/wr.h"

#include <string.h>

static void put_real(struct buf *b, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    wr_u64(b, bits);
}

static double take_real(struct rd *r)
{
    uint64_t bits = rd_u64(r);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

void numbers_put(struct buf *b, const struct trend_alert *a)
{
    const double reals[] = {a->observed, a->expected, a->p, a->alpha, a->g, a->q, a->exposure};
    wr_u32(b, a->again);
    wr_u8(b, (uint8_t)(a->page | a->corroborated << 1));
    wr_u32(b, (uint32_t)a->first_day);
    wr_u32(b, (uint32_t)a->since_day);
    wr_u32(b, a->window_days);
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        put_real(b, reals[i]);
    wr_u32(b, a->voices);
    wr_u32(b, a->threads);
    wr_u32(b, a->clusters);
    for (size_t i = 0; i < INTENTS; i++)
        wr_u32(b, a->intent[i]);
    wr_u32(b, a->n_sites);
    wr_u32(b, a->n_listed);
    for (size_t i = 0; i < a->n_listed; i++) {
        wr_u32(b, a->site[i].site);
        wr_u32(b, a->site[i].threads);
        wr_u32(b, (uint32_t)a->site[i].first_day);
        wr_u32(b, (uint32_t)a->site[i].last_day);
        put_real(b, a->site[i].p_without);
    }
}

enum err numbers_take(struct str bytes, struct trend_alert *a)
{
    struct rd r = rd_of(bytes);
    double *reals[] = {&a->observed, &a->expected, &a->p, &a->alpha, &a->g, &a->q, &a->exposure};
    a->again = (enum trend_again)rd_u32(&r);
    uint8_t flags = rd_u8(&r);
    a->page = flags & 1;
    a->corroborated = flags & 2;
    a->first_day = (int32_t)rd_u32(&r);
    a->since_day = (int32_t)rd_u32(&r);
    a->window_days = rd_u32(&r);
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        *reals[i] = take_real(&r);
    a->voices = rd_u32(&r);
    a->threads = rd_u32(&r);
    a->clusters = rd_u32(&r);
    for (size_t i = 0; i < INTENTS; i++)
        a->intent[i] = rd_u32(&r);
    a->n_sites = rd_u32(&r);
    a->n_listed = rd_u32(&r);
    if (a->n_listed > TREND_SITES)
        return ERR_FORMAT;
    for (size_t i = 0; i < a->n_listed; i++) {
        a->site[i].site = rd_u32(&r);
        a->site[i].threads = rd_u32(&r);
        a->site[i].first_day = (int32_t)rd_u32(&r);
        a->site[i].last_day = (int32_t)rd_u32(&r);
        a->site[i].p_without = take_real(&r);
    }
    return r.rc;
}
