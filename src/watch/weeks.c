#include "watch/watch_priv.h"

enum { WEEK_DAYS = 7, MONDAY = 3 /* behind day 0 */ };

static enum err on_week(void *ctx, int32_t day, uint64_t threads, uint64_t posts)
{
    struct watch_week *week = ctx;
    int32_t at = (day - week->day) / WEEK_DAYS;
    if (at >= 0 && at < WATCH_WEEKS) {
        week[at].threads = threads;
        week[at].posts = posts;
    }
    return OK;
}

enum err watch_weeks(struct watch *w, enum subject_kind kind, struct str subject,
                     struct watch_week *ret_week, bool *ret_known, struct error *error)
{
    uint32_t number;
    bool is_new;
    *ret_known = w->clock_day >= 0 && names_has(&w->subjects, kind, subject);
    if (!*ret_known)
        return OK;
    TRY(names_number(&w->subjects, kind, subject, &number, &is_new, error));
    int32_t last = w->clock_day - (w->clock_day + MONDAY) % WEEK_DAYS;
    for (int32_t i = 0; i < WATCH_WEEKS; i++)
        ret_week[i] = (struct watch_week){.day = last - (WATCH_WEEKS - 1 - i) * WEEK_DAYS};
    return chatter_weeks(&w->store, number, ret_week->day, w->clock_day, on_week, ret_week, error);
}
