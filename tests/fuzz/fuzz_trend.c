/* Any bytes as a saved state: refused, or a state that can be saved again to the same bytes, counts
 * further and ends its day. */
#include "watch/trend.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STATE_BYTES = 8 << 20, DAY = 18000 };

static enum err on_alert(void *ctx, const struct trend_alert *alert)
{
    (void)ctx;
    assert(alert->n_listed <= TREND_SITES && alert->n_units <= TREND_UNITS);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trend_options options = {.max_subjects = 1000, .max_sites = 50, .max_voices = 1000};
    struct trend_events events = {.on_alert = on_alert};
    struct trends *t;
    struct buf b;
    if (trends_load(&options, str_make((const char *)data, size), &t))
        return 0;
    buf_init(&b, STATE_BYTES);
    assert(trends_save(t, &b) == OK);
    for (uint32_t i = 0; i < 8; i++) {
        struct unit u = {i % 2, i % 5, i, i + 1, i, DAY, DAY, 1, 1, i};
        (void)!trends_unit(t, &u);
        (void)!trends_exposure(t, i % 5, DAY, 10);
    }
    (void)!trends_end_day(t, DAY, &events);
    (void)!trends_end_day(t, DAY + 1, &events);
    t = trends_free(t);
    buf_done(&b);
    return 0;
}
