#include "exposure/exposure_priv.h"

#include "base/time.h"

#include <stdlib.h>

/* An affair on a host: the worst of its holes, in all lines of products that the host has. */

/* The worse state; of two risks the one that nobody accepts, then the older; of two fixes the
 * later. */
static bool is_graver(const struct exposure_run *run, const struct answer_of *a,
                      const struct answer_of *b)
{
    if (a->state != b->state)
        return exposure_badness(a->state) > exposure_badness(b->state);
    if (a->state == EXPOSURE_EXPOSED && run->options.n_accepted) {
        bool accepted = exposure_accepted(run, a->host, a->cve) != NULL;
        if (accepted != (exposure_accepted(run, b->host, b->cve) != NULL))
            return !accepted;
    }
    return a->state == EXPOSURE_EXPOSED ? a->since_us < b->since_us : a->since_us > b->since_us;
}

/* Of one line of products. False: no hole of the affair concerns it. */
static bool of_line(const struct exposure_run *run, const struct asked_host *h, size_t matter,
                    struct answer_of *ret_worst)
{
    const uint32_t *place = asker_matter(&run->asker, h, matter);
    struct answer_of one;
    bool any = false;
    for (; place && *place != FLEET_NONE; place++) {
        if (!asker_ask(&run->asker, h, *place, &one) || (any && !is_graver(run, &one, ret_worst)))
            continue;
        *ret_worst = one;
        any = true;
    }
    return any;
}

/* --- over time --- */

/* What the line's state was after each step, by builds; then what it is with all that is known. */
static enum err add_turns(struct exposure_run *run, const struct asked_host *h, struct turn at,
                          const struct answer_of *now)
{
    enum exposure_state before = EXPOSURE_STATES;
    at.time_us = TIME_NONE;
    for (size_t i = 0; i < h->history.n; i++) {
        at.state = asked_matter_then(&run->asker, h, i, at.matter);
        at.time_us = h->history.step[i].time_us;
        if (at.state == before || at.state == EXPOSURE_STATES)
            continue;
        at.order = (uint32_t)run->turn.n;
        TRY(vec_push(&run->turn, at, FLEET_SEEN_MAX));
        before = at.state;
    }
    if (now->state == before)
        return OK;
    at.state = now->state;
    at.order = (uint32_t)run->turn.n;
    if (now->since_us > at.time_us)
        at.time_us = now->since_us;
    return vec_push(&run->turn, at, FLEET_SEEN_MAX);
}

static int by_matter_and_day(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    int64_t day = x->time_us == TIME_NONE ? TIME_NONE : time_day(x->time_us);
    int64_t other = y->time_us == TIME_NONE ? TIME_NONE : time_day(y->time_us);
    if (x->matter != y->matter)
        return x->matter < y->matter ? -1 : 1;
    if (day != other)
        return day < other ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static enum exposure_state worst_of(const enum exposure_state line[HISTORY_PRODUCTS])
{
    enum exposure_state worst = EXPOSURE_STATES;
    for (size_t i = 0; i < HISTORY_PRODUCTS; i++)
        if (line[i] != EXPOSURE_STATES &&
            (worst == EXPOSURE_STATES || exposure_badness(line[i]) > exposure_badness(worst)))
            worst = line[i];
    return worst;
}

/* The turns of one affair on one host: told where the worst of its lines changes. */
static enum err count_course(struct exposure_run *run, const struct turn *from, size_t n)
{
    enum exposure_state line[HISTORY_PRODUCTS], before = EXPOSURE_STATES;
    for (size_t i = 0; i < HISTORY_PRODUCTS; i++)
        line[i] = EXPOSURE_STATES;
    for (size_t i = 0; i < n; i++) {
        line[from[i].line] = from[i].state;
        enum exposure_state s = worst_of(line);
        if (s == before)
            continue;
        TRY(shares_change(&run->shares, from[i].matter, from[i].time_us, before, s));
        before = s;
    }
    return OK;
}

/* --- a host --- */

enum err affairs_add(struct exposure_run *run, const struct asked_host *h, struct affairs *a)
{
    if (a->lines == 0)
        run->turn.n = 0;
    for (uint32_t m = 0; m < run->tables.n_matters; m++) {
        struct answer_of one;
        if (!of_line(run, h, m, &one))
            continue;
        TRY(add_turns(run, h, (struct turn){.matter = m, .line = a->lines}, &one));
        if (!(a->any >> m & 1) || is_graver(run, &one, &a->worst[m]))
            a->worst[m] = one;
        a->any |= 1u << m;
    }
    a->lines++;
    return OK;
}

enum err affairs_count(struct exposure_run *run, const struct host *host, const struct affairs *a)
{
    const struct turn *turn = run->turn.v;
    for (size_t m = 0; m < run->tables.n_matters; m++)
        if (a->any >> m & 1)
            TRY(shares_add_matter(&run->shares, &run->fleet, host, m, a->worst[m].state,
                                  exposure_accepted(run, host, a->worst[m].cve) != NULL));
    if (!a->any)
        return OK;
    qsort(run->turn.v, run->turn.n, sizeof *run->turn.v, by_matter_and_day);
    for (size_t from = 0, to; from < run->turn.n; from = to) {
        to = from + 1;
        while (to < run->turn.n && turn[to].matter == turn[from].matter)
            to++;
        TRY(count_course(run, turn + from, to - from));
    }
    return OK;
}
