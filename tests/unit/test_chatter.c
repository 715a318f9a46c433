#include "base/time.h"
#include "store/chatter.h"
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

static char path[64];

static void make_path(void)
{
    (void)snprintf(path, sizeof path, "/tmp/tocsin-chatter-%d.db", (int)getpid());
}

static void remove_files(void)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[80];
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
}

static void open_store(struct chatter *c, struct str at)
{
    struct error error;
    assert_int_equal(chatter_open(c, at, &error), OK);
    assert_int_equal(chatter_begin(c, &error), OK);
}

static uint64_t add(struct chatter *c, uint32_t subject, int32_t event_day, int32_t ingest_day)
{
    struct error error;
    struct chatter_post post = {.site = 3,
                                .id = STR("p"),
                                .snippet = STR("text"),
                                .technique = STR("T1190"),
                                .time_us = event_day * US_PER_DAY,
                                .ingest_us = ingest_day * US_PER_DAY,
                                .thread = UINT64_MAX - 5,
                                .voice = 9,
                                .intent = INTENT_SEEK};
    assert_int_equal(chatter_add_post(c, &post, &error), OK);
    struct chatter_unit unit = {.subject = subject,
                                .post = post.number,
                                .event_day = event_day,
                                .ingest_day = ingest_day,
                                .weight = 0.5};
    assert_int_equal(chatter_add_unit(c, &unit, &error), OK);
    return post.number;
}

struct seen {
    uint64_t post[16];
    size_t n;
};

static enum err on_unit(void *ctx, const struct chatter_unit *u)
{
    struct seen *s = ctx;
    assert_int_equal(u->site, 3);
    assert_true(u->thread == UINT64_MAX - 5);
    assert_int_equal(u->intent, INTENT_SEEK);
    assert_true(u->weight == 0.5);
    s->post[s->n++] = u->post;
    return OK;
}

static enum err on_post(void *ctx, const struct chatter_post *p)
{
    struct seen *s = ctx;
    assert_true(str_eq(p->snippet, STR("text")));
    assert_null(p->url.p);
    s->post[s->n++] = p->number;
    return OK;
}

static void units_come_in_order_of_ingest(void **state)
{
    (void)state;
    struct chatter c;
    struct error error;
    struct seen seen = {0};
    open_store(&c, (struct str){0});
    uint64_t late = add(&c, 1, 10, 30), first = add(&c, 1, 20, 20), other = add(&c, 2, 20, 25);
    assert_int_equal(chatter_units(&c, 0, on_unit, &seen, &error), OK);
    assert_int_equal(seen.n, 3);
    assert_int_equal(seen.post[0], first);
    assert_int_equal(seen.post[1], other);
    assert_int_equal(seen.post[2], late);
    seen.n = 0;
    assert_int_equal(chatter_units(&c, late, on_unit, &seen, &error), OK);
    assert_int_equal(seen.n, 2); /* those that were read later */
    seen.n = 0;
    assert_int_equal(chatter_posts(&c, 1, 0, 15, on_post, &seen, &error), OK);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.post[0], late);
    chatter_close(&c);
}

static void what_is_not_committed_has_not_been(void **state)
{
    (void)state;
    struct chatter c;
    struct error error;
    struct seen seen = {0};
    struct str value;
    bool was_seen;
    make_path();
    remove_files();
    open_store(&c, str_of(path));
    add(&c, 1, 10, 10);
    assert_int_equal(chatter_set(&c, "clock", STR("a\0b"), &error), OK);
    assert_int_equal(chatter_seen(&c, UINT64_MAX, 10, &was_seen, &error), OK);
    assert_false(was_seen);
    assert_int_equal(chatter_commit(&c, &error), OK);
    assert_int_equal(chatter_begin(&c, &error), OK);
    add(&c, 1, 11, 11);
    assert_int_equal(chatter_set(&c, "clock", STR("later"), &error), OK);
    chatter_close(&c); /* as if killed */
    open_store(&c, str_of(path));
    assert_int_equal(chatter_units(&c, 0, on_unit, &seen, &error), OK);
    assert_int_equal(seen.n, 1);
    assert_int_equal(chatter_get(&c, "clock", &value, &error), OK);
    assert_true(str_eq(value, STR("a\0b")));
    assert_int_equal(chatter_get(&c, "none", &value, &error), OK);
    assert_null(value.p);
    assert_int_equal(chatter_seen(&c, UINT64_MAX, 11, &was_seen, &error), OK);
    assert_true(was_seen);
    chatter_close(&c);
    remove_files();
}

static enum err on_alert(void *ctx, const struct chatter_alert *a)
{
    struct seen *s = ctx;
    assert_true(str_eq(a->numbers, STR("\0x")));
    s->post[s->n++] = a->subject;
    return OK;
}

static void alerts_are_told_until_marked(void **state)
{
    (void)state;
    struct chatter c;
    struct error error;
    struct seen seen = {0};
    bool quiet;
    struct chatter_alert a = {
        .id = STR("abc1"), .day = 5, .subject = 7, .lane = 1, .episode = 2, .numbers = STR("\0x")};
    open_store(&c, (struct str){0});
    assert_int_equal(chatter_add_alert(&c, &a, &error), OK);
    assert_int_equal(chatter_add_alert(&c, &a, &error), OK); /* the same one */
    a.id = STR("abd2");
    a.day = 4;
    a.subject = 8;
    assert_int_equal(chatter_add_alert(&c, &a, &error), OK);
    assert_int_equal(chatter_untold(&c, on_alert, &seen, &error), OK);
    assert_int_equal(seen.n, 2);
    assert_int_equal(seen.post[0], 8);
    assert_int_equal(chatter_told(&c, STR("abd2"), &error), OK);
    seen.n = 0;
    assert_int_equal(chatter_untold(&c, on_alert, &seen, &error), OK);
    assert_int_equal(seen.n, 1);
    assert_int_equal(chatter_ack(&c, STR("ab"), STR("why"), 1, &error), ERR_USAGE);
    assert_int_equal(chatter_ack(&c, STR("x"), STR("why"), 1, &error), ERR_NOT_FOUND);
    assert_int_equal(chatter_quiet(&c, 7, 1, 2, STR("Seven"), 0, &quiet, &error), OK);
    assert_false(quiet);
    assert_int_equal(chatter_ack(&c, STR("abc"), STR("why"), 1, &error), OK);
    assert_int_equal(chatter_quiet(&c, 7, 1, 2, STR("Seven"), 0, &quiet, &error), OK);
    assert_true(quiet);
    assert_int_equal(chatter_quiet(&c, 7, 1, 3, STR("Seven"), 0, &quiet, &error), OK);
    assert_false(quiet); /* a later episode */
    assert_int_equal(chatter_mute(&c, STR("seven"), STR("noise"), 100, &error), OK);
    assert_int_equal(chatter_quiet(&c, 7, 1, 3, STR("Seven"), 99, &quiet, &error), OK);
    assert_true(quiet);
    assert_int_equal(chatter_quiet(&c, 7, 1, 3, STR("Seven"), 100, &quiet, &error), OK);
    assert_false(quiet);
    chatter_close(&c);
}

static void pruning_keeps_what_windows_reach(void **state)
{
    (void)state;
    struct chatter c;
    struct error error;
    struct seen seen = {0};
    bool was_seen;
    open_store(&c, (struct str){0});
    uint64_t old = add(&c, 1, 10, 10), young = add(&c, 1, 20, 20);
    assert_int_equal(chatter_add_item(&c, old, STR("ipv4"), STR("192.0.2.1"), &error), OK);
    assert_int_equal(chatter_seen(&c, 1, 10, &was_seen, &error), OK);
    assert_int_equal(chatter_prune(&c, 15, &error), OK);
    assert_int_equal(chatter_posts(&c, 1, 0, 99, on_post, &seen, &error), OK);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.post[0], young);
    assert_int_equal(chatter_seen(&c, 1, 10, &was_seen, &error), OK);
    assert_false(was_seen);
    chatter_close(&c);
}

static void told_with_another(void **state)
{
    (void)state;
    struct chatter c;
    struct error error;
    struct seen seen = {0};
    uint64_t thread = 1;
    struct chatter_alert a = {.id = STR("lead"), .day = 5, .subject = 1, .numbers = STR("\0x")};
    open_store(&c, (struct str){0});
    assert_int_equal(chatter_add_alert(&c, &a, &error), OK);
    a = (struct chatter_alert){.id = STR("same"),
                               .day = 5,
                               .subject = 2,
                               .numbers = STR("\0x"),
                               .with = STR("lead"),
                               .shared = 3,
                               .threads = 4};
    assert_int_equal(chatter_add_alert(&c, &a, &error), OK);
    a.id = STR("late");
    a.day = 6;
    a.subject = 3;
    a.later = true;
    assert_int_equal(chatter_add_alert(&c, &a, &error), OK);
    a.id = STR("lead"); /* is there, and stays as it is */
    assert_int_equal(chatter_add_alert(&c, &a, &error), OK);
    assert_int_equal(chatter_untold(&c, on_alert, &seen, &error), OK);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.post[0], 1);
    assert_int_equal(chatter_with(&c, STR("lead"), on_alert, &seen, &error), OK);
    assert_int_equal(seen.n, 2);
    assert_int_equal(seen.post[1], 2);
    assert_int_equal(chatter_joined(&c, on_alert, &seen, &error), OK);
    assert_int_equal(seen.n, 3);
    assert_int_equal(seen.post[2], 3);
    assert_int_equal(chatter_told(&c, STR("late"), &error), OK);
    assert_int_equal(chatter_joined(&c, on_alert, &seen, &error), OK);
    assert_int_equal(seen.n, 3);
    seen.n = 0;
    assert_int_equal(chatter_earlier(&c, 0, 9, on_alert, &seen, &error), OK);
    assert_int_equal(seen.n, 1);
    assert_int_equal(chatter_thread(&c, 12345, &thread, &error), OK);
    assert_int_equal(thread, 0);
    chatter_close(&c);
}

static void what_an_alert_rests_on_waits_until_it_is_told(void **state)
{
    (void)state;
    struct chatter c;
    struct error error;
    struct seen seen = {0};
    open_store(&c, (struct str){0});
    add(&c, 1, 1000, 1000);
    struct chatter_alert alert = {.id = STR("aa"), .day = 1005, .subject = 1, .numbers = STR("n")};
    assert_int_equal(chatter_add_alert(&c, &alert, &error), OK);
    assert_int_equal(chatter_prune(&c, 2000, &error), OK);
    assert_int_equal(chatter_posts(&c, 1, 0, 9999, on_post, &seen, &error), OK);
    assert_int_equal(seen.n, 1);
    assert_int_equal(chatter_told(&c, STR("aa"), &error), OK);
    assert_int_equal(chatter_prune(&c, 2000, &error), OK);
    assert_int_equal(chatter_posts(&c, 1, 0, 9999, on_post, &seen, &error), OK);
    assert_int_equal(seen.n, 1); /* no further one */
    chatter_close(&c);
}

static void numbers_of_dropped_posts_are_not_given_again(void **state)
{
    (void)state;
    struct chatter c;
    struct error error;
    open_store(&c, (struct str){0});
    uint64_t last = add(&c, 1, 10, 10);
    assert_int_equal(chatter_prune(&c, 15, &error), OK);
    struct chatter_post post = {.number = last + 1, .site = 3};
    assert_int_equal(chatter_add_post(&c, &post, &error), OK);
    assert_int_equal(post.number, last + 1);
    chatter_close(&c);
}

static void another_connection_may_write_between_transactions(void **state)
{
    (void)state;
    struct chatter a, b;
    struct error error;
    struct str value;
    make_path();
    remove_files();
    open_store(&a, str_of(path));
    assert_int_equal(chatter_set(&a, "x", STR("1"), &error), OK);
    assert_int_equal(chatter_commit(&a, &error), OK);
    assert_int_equal(chatter_get(&a, "x", &value, &error), OK); /* it stands at that row */
    open_store(&b, str_of(path));
    assert_int_equal(chatter_set(&b, "x", STR("2"), &error), OK);
    assert_int_equal(chatter_commit(&b, &error), OK);
    assert_int_equal(chatter_begin(&a, &error), OK);
    assert_int_equal(chatter_get(&a, "x", &value, &error), OK);
    assert_true(str_eq(value, STR("2")));
    chatter_close(&a);
    chatter_close(&b);
    remove_files();
}

static void write_file(const char *text, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    struct chatter c;
    struct db db;
    const struct db_kind other = {.application = 77, .version = 1, .schema = "CREATE TABLE t(x)"};
    struct error error;
    make_path();
    remove_files();
    write_file(
        "a text that is no database, but longer than a hundred bytes, so that it has a header "
        "which can be read",
        103);
    assert_int_equal(chatter_open(&c, str_of(path), &error), ERR_FORMAT);
    remove_files();
    assert_int_equal(db_open(&db, str_of(path), &other, &error), OK);
    db_close(&db);
    assert_int_equal(chatter_open(&c, str_of(path), &error), ERR_FORMAT);
    remove_files();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_come_in_order_of_ingest),
        cmocka_unit_test(what_is_not_committed_has_not_been),
        cmocka_unit_test(alerts_are_told_until_marked),
        cmocka_unit_test(pruning_keeps_what_windows_reach),
        cmocka_unit_test(told_with_another),
        cmocka_unit_test(what_an_alert_rests_on_waits_until_it_is_told),
        cmocka_unit_test(numbers_of_dropped_posts_are_not_given_again),
        cmocka_unit_test(another_connection_may_write_between_transactions),
        cmocka_unit_test(other_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
