#include "base/time.h"
#include "codec/json.h"
#include "finding_parts.h"
#include "report/judge.h"
#include "report/read.h"
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Cases made at random, with logs that have holes, windows, and what an analyst said: what is said
 * from groups of findings is what is said when each of them is read. */

enum { CASES = 60, FINDINGS = 300, HOSTS = 4, NOTES = 12 };

static uint64_t random_state = 20210302;
static struct case_store store;

static unsigned below(unsigned n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % n;
}

#define ONE_OF(...)                                                                                \
    ((const char *const[]){                                                                        \
        __VA_ARGS__}[below(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))])

/* ---- findings ---- */

/* What a case is like. */
static struct {
    unsigned accounts, hours; /* how many; in how many hours it happened */
    bool answered, folded;    /* all of them were answered; some are more than one row */
} like;

static const char *time_member(char text[48], unsigned hour)
{
    (void)snprintf(text, 48, "\"2021-01-%02uT%02u:%02u:00Z\"", 1 + hour / 24 % 28, hour % 24,
                   below(2));
    return text;
}

static void add_finding(unsigned number)
{
    char line[2048], time[48], last[48];
    unsigned hour = below(like.hours);
    struct error error = {0};
    bool timed = below(30) > 0, folded = like.folded && below(3) == 0;
    (void)snprintf(
        line, sizeof line,
        "{\"type\":\"finding\",\"id\":\"%064x\",\"time\":%s,\"last\":%s,\"host\":\"EX%u\","
        "\"target_host\":%s,\"kind\":\"iis\",\"rule\":\"r%u\",\"title\":\"Title %u\","
        "\"dossier\":%s,\"grade\":\"%s\",\"count\":%u,\"fields\":{\"%s\":\"%s\","
        "\"cs-uri-stem\":%s,\"sc-bytes\":\"%u\",\"cs-username\":\"CONTOSO\\\\u%u\","
        "\"AnchorMailbox\":\"%s%u@example.net\"},\"note\":%s}",
        number, timed ? time_member(time, hour) : "null",
        timed ? time_member(last, folded ? hour + below(90) : hour) : "null", below(HOSTS),
        ONE_OF("null", "null", "\"EX1\"", "\"ex2.example.net\"", "\"EX77\"", "\"EX78\""), below(2),
        below(3), ONE_OF("null", "\"affair\"", "\"affair\"", "\"affair\"", "\"other\""),
        ONE_OF("weak", "probe", "attempt", "attempt", "progressed", "compromise"),
        folded ? 1 + below(9) : 1, like.answered || below(3) ? "sc-status" : "x-none",
        like.answered || below(4) ? ONE_OF("200", "404", "241") : "",
        ONE_OF("\"/ecp/y.js\"", "null"), below(5000), below(like.accounts),
        ONE_OF("", "Smtp~", "sid~", "ServerInfo~", "a/b"), below(like.accounts),
        ONE_OF("null", "null", "null", "null", "\"own scanner\"", "\"half of a pair\""));
    assert_int_equal(case_add(&store, str_of(line), &error), OK);
}

struct reading {
    struct arena body;
    const struct parts_ask *ask;
    uint64_t item;
};

static enum err on_item(void *ctx, const struct case_item *item)
{
    struct reading *r = ctx;
    struct error error = {0};
    struct node *body;
    struct finding f;
    arena_reset(&r->body);
    TRY(json_parse(&r->body, item->body, STR("case"), &body, &error));
    TRY(read_finding(&r->body, body, &f));
    return tell_finding_part(r->ask, &f, r->item++);
}

/* Each of them, read. */
static enum err each_read(void *ctx, const struct parts_ask *ask, struct error *error)
{
    struct case_query all = {.type = "finding", .since_us = TIME_NONE, .until_us = TIME_NONE};
    struct reading r = {.ask = ask};
    arena_init(&r.body, 1 << 20);
    enum err rc = case_each(ctx, &all, on_item, &r, error);
    arena_done(&r.body);
    return rc;
}

/* ---- the rest of the case ---- */

struct world {
    struct arena arena;
    struct report r;
    struct judgement j[2 * HOSTS];
    struct dossier dossier;
    struct coverage coverage[2 * HOSTS];
    struct span_us gap[2 * HOSTS];
    struct exposure_window window[HOSTS];
    struct note note[NOTES];
    char id[NOTES][65], host[HOSTS][8];
};

static struct str deciding[] = {{"iis", 3}};

static int64_t hour_us(unsigned hour)
{
    int64_t us;
    assert_true(time_parse(STR("2021-01-01"), &us));
    return us + (int64_t)hour * US_PER_HOUR;
}

static void add_host(struct world *w, unsigned i)
{
    struct str host = str_of(w->host[i]);
    (void)snprintf(w->host[i], sizeof w->host[i], "EX%u", i);
    host.n = strlen(w->host[i]);
    for (unsigned k = 0; k < 2; k++)
        w->j[w->r.n_judgements++].verdict =
            (struct verdict){.host = host,
                             .dossier = k ? STR_NONE : STR("affair"),
                             .state = (enum verdict_state)below(VERDICT_COMPROMISED + 1),
                             .first_us = TIME_NONE,
                             .last_us = TIME_NONE,
                             .fixed_since_us = TIME_NONE,
                             .earliest_us = TIME_NONE,
                             .window_share = below(2) ? 1 : 0.5};
    if (below(4)) {
        unsigned from = below(2) * below(6 * 24), hole = from + below(200);
        w->gap[i] = (struct span_us){hour_us(hole), hour_us(hole + 1 + below(3) * below(50))};
        w->coverage[w->r.n_coverage++] =
            (struct coverage){.host = host,
                              .kind = deciding[0],
                              .first_us = hour_us(from),
                              .last_us = hour_us(from + 400 + below(2) * 600),
                              .gap = &w->gap[i],
                              .n_gaps = 1};
    }
    if (below(2))
        w->window[w->r.n_windows++] =
            (struct exposure_window){.host = host,
                                     .matter = STR("affair"),
                                     .state = below(2) ? EXPOSURE_FIXED : EXPOSURE_EXPOSED,
                                     .from_us = hour_us(0),
                                     .until_us = hour_us(below(20 * 24)),
                                     .open_us = hour_us(1)};
}

static void make_world(struct world *w, uint64_t seed, unsigned notes)
{
    uint64_t before = random_state;
    *w = (struct world){0};
    random_state = seed;
    arena_init(&w->arena, 64 * 1024 * 1024);
    w->dossier = (struct dossier){.id = STR("affair"),
                                  .title = STR("An affair"),
                                  .window_from_us = hour_us(24 * below(6)),
                                  .window_until_us = TIME_NONE,
                                  .window_narrow_us = hour_us(24 * 7),
                                  .deciding = {deciding, 1}};
    w->r = (struct report){.made_us = hour_us(24 * 40),
                           .dossier = &w->dossier,
                           .n_dossiers = 1,
                           .judgement = w->j,
                           .coverage = w->coverage,
                           .window = w->window,
                           .note = w->note};
    for (unsigned i = 0; i < HOSTS; i++)
        add_host(w, i);
    for (unsigned i = 0; i < notes; i++) {
        (void)snprintf(w->id[i], sizeof w->id[i], "%064x", below(FINDINGS + 5));
        w->note[w->r.n_notes++] =
            (struct note){.about = str_make(w->id[i], 64),
                          .state = str_of(ONE_OF("false-positive", "own-scanner", "confirmed", "")),
                          .who = STR("jd"),
                          .why = STR("a test."),
                          .time_us = hour_us(24 * 30 + below(9))};
    }
    random_state = before;
}

/* ---- the same ---- */

static void same_touched(const struct touched *a, const struct touched *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(str_cmp(a[i].name, b[i].name), 0);
        assert_int_equal(a[i].bytes, b[i].bytes);
        assert_int_equal(a[i].records, b[i].records);
        assert_int_equal(a[i].first_us, b[i].first_us);
        assert_int_equal(a[i].last_us, b[i].last_us);
    }
}

static void same_judgement(const struct judgement *a, const struct judgement *b)
{
    assert_int_equal(str_cmp(a->verdict.host, b->verdict.host), 0);
    assert_int_equal(str_cmp(a->verdict.dossier, b->verdict.dossier), 0);
    assert_int_equal(str_cmp(a->sentence, b->sentence), 0);
    assert_int_equal(a->verdict.state, b->verdict.state);
    assert_int_equal(a->lowered, b->lowered);
    assert_int_equal(a->before_fix, b->before_fix);
    assert_memory_equal(a->findings, b->findings, sizeof a->findings);
    assert_int_equal(a->aside, b->aside);
    assert_int_equal(a->elsewhere, b->elsewhere);
    assert_int_equal(a->earliest_us, b->earliest_us);
    assert_int_equal(a->latest_us, b->latest_us);
    assert_int_equal(a->dwell_days, b->dwell_days);
    assert_int_equal(a->n_accounts, b->n_accounts);
    assert_int_equal(a->n_mailboxes, b->n_mailboxes);
    same_touched(a->account, b->account, a->n_accounts);
    same_touched(a->mailbox, b->mailbox, a->n_mailboxes);
}

static void same(const struct report *a, const struct report *b)
{
    assert_int_equal(a->n_judgements, b->n_judgements);
    for (size_t i = 0; i < a->n_judgements; i++)
        same_judgement(&a->judgement[i], &b->judgement[i]);
    assert_int_equal(a->n_named, b->n_named);
    for (size_t i = 0; i < a->n_named; i++) {
        const struct named_host *x = &a->named[i], *y = &b->named[i];
        assert_int_equal(str_cmp(x->host, y->host), 0);
        assert_int_equal(x->findings, y->findings);
        assert_int_equal(x->worst, y->worst);
        assert_int_equal(x->by.n, y->by.n);
        for (size_t k = 0; k < x->by.n; k++)
            assert_int_equal(str_cmp(x->by.v[k], y->by.v[k]), 0);
    }
}

static void check(unsigned notes)
{
    static struct world a, b;
    const struct parts read = {each_read, &store}, grouped = parts_of_case(&store);
    struct error error = {0};
    uint64_t seed = random_state;
    make_world(&a, seed, notes);
    make_world(&b, seed, notes);
    assert_int_equal(report_judge(&a.r, &read, &a.arena, &error), OK);
    assert_int_equal(report_judge(&b.r, &grouped, &b.arena, &error), OK);
    same(&a.r, &b.r);
    arena_done(&a.arena);
    arena_done(&b.arena);
    (void)below(2);
}

static void one_case(unsigned findings)
{
    char path[64];
    struct error error = {0};
    const struct case_run run = {.verb = STR("scan"), .arguments = STR("x"), .program = STR("0")};
    (void)snprintf(path, sizeof path, "/tmp/tocsin-parts-%d", (int)getpid());
    assert_int_equal(case_open(&store, str_of(path), true, &error), OK);
    assert_int_equal(case_begin(&store, &run, &error), OK);
    for (unsigned i = 0; i < findings; i++)
        add_finding(i);
    assert_int_equal(case_end(&store, 1, &error), OK);
    for (unsigned i = 0; i < 8; i++)
        check(i % 2 ? NOTES : 0);
    case_close(&store);
    assert_int_equal(unlink(path), 0);
}

static void groups_say_what_findings_say(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CASES; i++) {
        like.accounts = 1 + below(6);
        like.hours = below(2) ? 20 * 24 : 12;
        like.answered = below(2);
        like.folded = below(2);
        one_case(1 + below(FINDINGS));
    }
}

/* More accounts than are told. */
static void the_rest_goes_together(void **state)
{
    (void)state;
    like.accounts = 5000;
    like.hours = 20 * 24;
    one_case(20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_say_what_findings_say),
        cmocka_unit_test(the_rest_goes_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
