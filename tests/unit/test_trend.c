#include "gen/chatter.h"
#include "unit.h"

#include <math.h>

enum { SUBJECTS = 3000, SITES = 8, DAYS = 300, FIRST = CHATTER_FIRST_DAY };

struct heard {
    unsigned alerts, pages, silences, of_day;
    uint64_t sum; /* over all alerts, in order */
    struct trend_alert last;
};

static enum err on_alert(void *ctx, const struct trend_alert *a)
{
    struct heard *h = ctx;
    assert_true(a->p <= a->alpha / a->g * 1.0001 || a->again > TREND_STRONGER);
    assert_true(a->n_listed && a->n_units && a->voices >= 2 && a->p > 0 && a->q >= a->p * 0.99);
    h->alerts++;
    h->pages += a->page;
    h->of_day++;
    h->sum = h->sum * 1000003 + a->subject * 64 + a->lane * 8 + (uint64_t)a->day;
    h->last = *a;
    return OK;
}

static enum err on_silence(void *ctx, const struct trend_silence *s)
{
    struct heard *h = ctx;
    assert_true(s->p < 0.001 && s->days > 0);
    h->silences++;
    return OK;
}

static struct trends *fresh(void)
{
    struct trend_options options = {.max_subjects = SUBJECTS + 100, .max_sites = 64};
    struct trends *t;
    assert_int_equal(trends_new(&options, &t), OK);
    for (uint32_t i = 0; i < SUBJECTS + 100; i++)
        assert_int_equal(trends_subject(t, i, SUBJECT_CVE, 1), OK);
    return t;
}

static void end_day(struct trends *t, struct heard *h, int32_t day)
{
    struct trend_events events = {on_alert, on_silence, h};
    h->of_day = 0;
    assert_int_equal(trends_end_day(t, day, &events), OK);
}

static void put(struct trends *t, const struct unit *u)
{
    assert_int_equal(trends_unit(t, u), OK);
}

static void expose(struct trends *t, uint32_t site, int32_t day, uint32_t threads)
{
    assert_int_equal(trends_exposure(t, site, day, threads), OK);
}

static struct chatter *world(void)
{
    struct chatter_options o = {
        .seed = 7, .subjects = SUBJECTS, .sites = SITES, .days = DAYS, .copies = true};
    return chatter_new(&o);
}

/* The same days in order, or each one backwards; the state goes through bytes every `reload`th. */
static struct heard play(uint32_t days, bool backwards, uint32_t reload, struct trends **ret_trends)
{
    struct trends *t = fresh();
    struct heard h = {0};
    struct chatter *c = world();
    struct trend_options options = {.max_subjects = SUBJECTS + 100, .max_sites = 64};
    for (uint32_t day = 0; day < days; day++) {
        const struct chatter_day *d = chatter_next(c);
        for (uint32_t s = 0; s < SITES; s++)
            expose(t, s, FIRST + (int32_t)day, d->threads[s]);
        for (size_t i = 0; i < d->n; i++)
            put(t, &d->unit[backwards ? d->n - 1 - i : i]);
        if (reload && day % reload == reload - 1) {
            struct buf b;
            buf_init(&b, 64 << 20);
            assert_int_equal(trends_save(t, &b), OK);
            t = trends_free(t);
            assert_int_equal(trends_load(&options, buf_view(&b), &t), OK);
            buf_done(&b);
        }
        end_day(t, &h, FIRST + (int32_t)day);
    }
    chatter_free(c);
    if (ret_trends)
        *ret_trends = t;
    else
        t = trends_free(t);
    return h;
}

static struct buf saved(struct trends *t)
{
    struct buf b;
    buf_init(&b, 64 << 20);
    assert_int_equal(trends_save(t, &b), OK);
    return b;
}

/* ---- what counts ---- */

static struct unit named(uint32_t subject, uint32_t site, uint64_t thread, uint64_t voice,
                         int32_t day)
{
    static uint64_t post;
    return (struct unit){subject, site, thread, voice, 0, day, day, INTENT_MENTION, 1, ++post};
}

static struct trend_stats stats_of(const struct trends *t)
{
    struct trend_stats s;
    trends_stats(t, &s);
    return s;
}

static void test_threads_count_not_posts(void **state)
{
    (void)state;
    struct trends *t = fresh();
    struct heard h = {0};
    for (uint64_t voice = 1; voice < 20; voice++) {
        struct unit u = named(1, 2, 99, voice, FIRST);
        put(t, &u);
    }
    struct unit copy = named(1, 3, 100, 50, FIRST), again = named(1, 4, 101, 51, FIRST);
    copy.cluster = again.cluster = 7777;
    put(t, &copy);
    put(t, &again);
    end_day(t, &h, FIRST);
    assert_int_equal(stats_of(t).counted, 2);
    assert_int_equal(stats_of(t).copied, 1);
    t = trends_free(t);
}

static void test_one_voice_is_capped(void **state)
{
    (void)state;
    struct trends *t = fresh();
    struct heard h = {0};
    for (uint64_t thread = 0; thread < 20; thread++) {
        struct unit u = named(1, 2, thread, 5, FIRST);
        put(t, &u);
    }
    end_day(t, &h, FIRST);
    assert_int_equal(stats_of(t).counted, 3);
    assert_int_equal(stats_of(t).capped, 17);
    t = trends_free(t);
}

static void test_aggregator_counts_nowhere(void **state)
{
    (void)state;
    struct trends *t = fresh();
    struct heard h = {0};
    for (uint32_t i = 0; i < 10; i++) {
        struct unit u = named(i, 2, i, 5, FIRST);
        put(t, &u);
    }
    end_day(t, &h, FIRST);
    assert_int_equal(stats_of(t).counted, 10);
    for (uint32_t i = 10; i < 40; i++) { /* whichever comes first: none of that day */
        struct unit u = named(i, 2, i, 5, FIRST + 1);
        put(t, &u);
    }
    end_day(t, &h, FIRST + 1);
    assert_int_equal(stats_of(t).counted, 10);
    assert_int_equal(stats_of(t).aggregated, 30);
    struct unit u = named(50, 2, 1000, 5, FIRST + 70);
    put(t, &u);
    end_day(t, &h, FIRST + 70);
    assert_int_equal(stats_of(t).counted, 11);
    t = trends_free(t);
}

static void test_future_and_bounds(void **state)
{
    (void)state;
    struct trends *t = fresh();
    struct unit u = named(1, 2, 3, 4, FIRST);
    u.event_day += 2;
    put(t, &u);
    assert_int_equal(stats_of(t).future, 1);
    u.subject = SUBJECTS + 100;
    assert_int_equal(trends_unit(t, &u), ERR_LIMIT);
    u.subject = 1;
    u.site = 64;
    assert_int_equal(trends_unit(t, &u), ERR_LIMIT);
    assert_int_equal(trends_exposure(t, 64, FIRST, 1), ERR_LIMIT);
    t = trends_free(t);
}

/* ---- what must hold ---- */

static void test_order_within_a_day(void **state)
{
    (void)state;
    struct trends *a, *b;
    struct heard x = play(150, false, 0, &a), y = play(150, true, 0, &b);
    assert_int_equal(x.alerts, y.alerts);
    assert_true(x.sum == y.sum);
    struct buf p = saved(a), q = saved(b);
    assert_int_equal(p.n, q.n);
    assert_memory_equal(p.p, q.p, p.n);
    buf_done(&p);
    buf_done(&q);
    a = trends_free(a);
    b = trends_free(b);
}

static void test_state_through_bytes(void **state)
{
    (void)state;
    struct trends *a, *b;
    struct heard x = play(150, false, 0, &a), y = play(150, false, 11, &b);
    assert_true(x.alerts == y.alerts && x.sum == y.sum);
    struct buf p = saved(a), q = saved(b);
    assert_int_equal(p.n, q.n);
    assert_memory_equal(p.p, q.p, p.n);
    struct trend_options options = {.max_subjects = SUBJECTS + 100, .max_sites = 64};
    struct trends *t = NULL;
    for (size_t cut = 0; cut < p.n; cut += p.n / 97 + 1)
        assert_true(trends_load(&options, str_make(p.p, cut), &t) < 0 && !t);
    p.p[0] ^= 1;
    assert_int_equal(trends_load(&options, buf_view(&p), &t), ERR_FORMAT);
    buf_done(&p);
    buf_done(&q);
    a = trends_free(a);
    b = trends_free(b);
}

/* A year that comes in on one day, after some ordinary weeks. */
static void test_backfill(void **state)
{
    (void)state;
    struct trends *t = fresh();
    struct heard h = {0};
    struct chatter *c = world();
    const int32_t today = FIRST + DAYS;
    for (uint32_t day = 0; day < DAYS; day++) {
        const struct chatter_day *d = chatter_next(c);
        for (uint32_t s = 0; s < SITES; s++)
            expose(t, s, FIRST + (int32_t)day, d->threads[s]);
        for (size_t i = 0; i < d->n; i++) {
            d->unit[i].ingest_day = today;
            put(t, &d->unit[i]);
        }
        /* and a real burst of half a year ago */
        for (uint64_t k = 0; day > 150 && day < 160 && k < 12; k++) {
            struct unit u = named(SUBJECTS + 1, (uint32_t)k % SITES, day * 100 + k, 900 + k,
                                  FIRST + (int32_t)day);
            u.ingest_day = today;
            put(t, &u);
        }
    }
    end_day(t, &h, today);
    assert_int_equal(h.alerts, 0);
    assert_true(stats_of(t).history > 10000);
    /* The burst is history: one more word of it today does not make it news. */
    for (uint32_t s = 0; s < SITES; s++)
        expose(t, s, today + 1, 100);
    struct unit u = named(SUBJECTS + 1, 1, 77, 78, today + 1);
    put(t, &u);
    end_day(t, &h, today + 1);
    assert_int_equal(h.alerts, 0);
    chatter_free(c);
    t = trends_free(t);
}

/* Subjects that are named as regularly as clockwork, most of them at one site, which then has twice
 * as much of everything. */
static void test_doubled_feed(void **state)
{
    (void)state;
    enum { STEADY = 300, TOLD = 150 };
    struct trends *t = fresh();
    struct heard h = {0};
    uint64_t thread = 0;
    for (int32_t day = 0; day < 250; day++) {
        for (uint32_t site = 0; site < 4; site++)
            expose(t, site, FIRST + day, site == 0 && day >= TOLD ? 600 : 300);
        for (uint32_t s = 0; s < STEADY; s++) {
            uint32_t pace = 2 + s % 29, site = s % 3 == 0 ? 1 + s % 3 : 0;
            for (int32_t k = 0; k < (site == 0 && day >= TOLD ? 2 : 1); k++)
                if (((uint32_t)day + s) % pace == 0 || (pace == 2 && k)) {
                    thread++;
                    struct unit u = named(s, site, thread, 1000 + thread % 4001, FIRST + day);
                    put(t, &u);
                }
        }
        end_day(t, &h, FIRST + day);
    }
    assert_int_equal(h.alerts, 0);
    t = trends_free(t);
}

/* Chance alone, but a site has twice as much of everything from a day on: alerts since then. */
static unsigned alerts_after(uint64_t seed, bool doubled)
{
    enum { FEW = 500, FEEDS = 4, SETTLED = 240, COUNTED = 30 };
    struct chatter_options o = {.seed = seed, .subjects = FEW, .sites = FEEDS, .steady = true};
    struct trends *t = fresh();
    struct heard h = {0};
    unsigned before = 0;
    o.days = SETTLED + COUNTED;
    o.double_day = doubled ? SETTLED : 0;
    struct chatter *c = chatter_new(&o);
    for (uint32_t day = 0; day < o.days; day++) {
        const struct chatter_day *d = chatter_next(c);
        for (uint32_t s = 0; s < FEEDS; s++)
            expose(t, s, FIRST + (int32_t)day, d->threads[s]);
        for (size_t i = 0; i < d->n; i++)
            put(t, &d->unit[i]);
        end_day(t, &h, FIRST + (int32_t)day);
        before = day < SETTLED ? h.alerts : before;
    }
    chatter_free(c);
    t = trends_free(t);
    return h.alerts - before;
}

/* A doubled feed gives chance more to do, by the part that it is of all; nothing beyond that. */
static void test_doubled_feed_by_chance(void **state)
{
    (void)state;
    unsigned once = 0, twice = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        once += alerts_after(seed, false);
        twice += alerts_after(seed, true);
    }
    assert_true(once > 0);
    assert_true(twice <= once + 3 * sqrt(once + twice));
}

/* One feed shows its whole archive under today's date. */
static void test_archive_dumped(void **state)
{
    (void)state;
    struct trends *t;
    struct heard h = play(200, false, 0, &t);
    struct chatter *c = world();
    uint32_t threads = 0;
    const int32_t today = FIRST + 200;
    for (uint32_t day = 0; day < 200; day++) {
        const struct chatter_day *d = chatter_next(c);
        threads += d->threads[2];
        for (size_t i = 0; i < d->n; i++) {
            struct unit u = d->unit[i];
            u.event_day = u.ingest_day = today;
            u.thread ^= 0x5555; /* its threads and texts look new */
            u.cluster ^= 0x5555;
            if (u.site == 2)
                put(t, &u);
        }
    }
    for (uint32_t s = 0; s < SITES; s++)
        expose(t, s, today, s == 2 ? threads : 200);
    end_day(t, &h, today);
    assert_int_equal(h.of_day, 0);
    assert_int_equal(stats_of(t).dump_days, 1);
    chatter_free(c);
    t = trends_free(t);
}

static void test_silent_feed(void **state)
{
    (void)state;
    struct trends *t = fresh();
    struct heard h = {0};
    for (int32_t day = 0; day < 60; day++) {
        expose(t, 0, FIRST + day, 30);
        if (day < 50)
            expose(t, 1, FIRST + day, 20);
        end_day(t, &h, FIRST + day);
        assert_int_equal(h.silences, day >= 50); /* once, at once */
    }
    t = trends_free(t);
}

/* A real burst is told once, with what it rests on; then only when it grows. */
static void test_burst_is_told(void **state)
{
    (void)state;
    struct trends *t;
    struct heard h = play(200, false, 0, &t);
    unsigned before = h.alerts;
    for (int32_t day = 200; day < 204; day++) {
        for (uint32_t s = 0; s < SITES; s++)
            expose(t, s, FIRST + day, 150);
        for (uint64_t k = 0; k < 6 && day == 200; k++) {
            struct unit u = named(SUBJECTS + 3, (uint32_t)k, 5000 + k, 600 + k, FIRST + day);
            u.post = 900000 + k;
            put(t, &u);
        }
        end_day(t, &h, FIRST + day);
    }
    assert_true(h.alerts > before);
    assert_int_equal(h.last.subject, SUBJECTS + 3);
    assert_int_equal(h.last.day, FIRST + 200);
    assert_int_equal(h.last.threads, 6);
    assert_int_equal(h.last.voices, 6);
    assert_int_equal(h.last.n_sites, 6);
    assert_int_equal(h.last.unit[0], 900000);
    assert_true(h.last.site[0].p_without >= h.last.p);
    /* marked by its caller, it speaks again */
    before = h.alerts;
    assert_int_equal(trends_mark(t, SUBJECTS + 3, TREND_MARK_KEV), OK);
    end_day(t, &h, FIRST + 204);
    assert_true(h.alerts > before && h.last.again == TREND_KEV);
    t = trends_free(t);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct trend_options options = {.max_bytes = 200 * 1000};
    struct trends *t;
    struct heard h = {0};
    assert_int_equal(trends_new(&options, &t), OK);
    for (int32_t day = 0; day < 60; day++) {
        expose(t, 0, FIRST + day, 1000);
        for (uint32_t k = 0; k < 500; k++) {
            struct unit u = named((uint32_t)day * 500 + k, 0, k, k + 1, FIRST + day);
            put(t, &u);
        }
        end_day(t, &h, FIRST + day);
    }
    assert_true(stats_of(t).evicted > 10000);
    t = trends_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_count_not_posts),
        cmocka_unit_test(test_one_voice_is_capped),
        cmocka_unit_test(test_aggregator_counts_nowhere),
        cmocka_unit_test(test_future_and_bounds),
        cmocka_unit_test(test_order_within_a_day),
        cmocka_unit_test(test_state_through_bytes),
        cmocka_unit_test(test_backfill),
        cmocka_unit_test(test_doubled_feed),
        cmocka_unit_test(test_doubled_feed_by_chance),
        cmocka_unit_test(test_archive_dumped),
        cmocka_unit_test(test_silent_feed),
        cmocka_unit_test(test_burst_is_told),
        cmocka_unit_test(test_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
