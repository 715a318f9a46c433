#include "base/buf.h"
#include "base/time.h"
#include "store/case.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/tocsin-case-XXXXXX";
static struct case_store store;

static int folder_make(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    return 0;
}

static int folder_drop(void **state)
{
    char name[64];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, (const char *[]){"", "-wal", "-shm"}[i]);
        (void)unlink(name);
    }
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    return 0;
}

static void open_case(void)
{
    struct error error = {0};
    assert_int_equal(case_open(&store, str_of(path), true, &error), OK);
}

#define FINDING(id, sha, file, note)                                                               \
    "{\"type\":\"finding\",\"id\":\"" id "\",\"time\":\"2021-03-0" id                              \
    "T00:00:00Z\",\"host\":\"EX0" id "\",\"dossier\":\"d\",\"file\":\"" file                       \
    "\",\"sha256\":\"" sha "\",\"line\":7,\"meaning\":\"" note "\"}"
#define EVIDENCE(sha) OF_HOST(sha, "EX01")
#define OF_HOST(sha, host)                                                                         \
    "{\"type\":\"evidence\",\"host\":\"" host "\",\"file\":\"x\",\"sha256\":\"" sha "\"}"
#define VERDICT(v) "{\"type\":\"verdict\",\"host\":\"EX01\",\"dossier\":null,\"verdict\":\"" v "\"}"

/* One run with these objects, ended by NULL. */
static void run(const char *const *lines)
{
    struct case_run r = {
        .verb = STR("scan"), .arguments = STR("scan x"), .program = STR("0"), .started_us = 5};
    struct error error = {0};
    open_case();
    assert_int_equal(case_begin(&store, &r, &error), OK);
    for (; *lines; lines++)
        assert_int_equal(case_add(&store, str_of(*lines), &error), OK);
    assert_int_equal(case_end(&store, 6, &error), OK);
}
#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static void check_counts(uint64_t added, uint64_t changed, uint64_t same, uint64_t gone)
{
    assert_int_equal(store.count.added, added);
    assert_int_equal(store.count.changed, changed);
    assert_int_equal(store.count.same, same);
    assert_int_equal(store.count.gone, gone);
    case_close(&store);
}

static enum err list(void *ctx, const struct case_item *item)
{
    struct buf *b = ctx;
    buf_printf(b, "%.*s@%.*s %d-%d%s\n", STR_FMT(item->type), STR_FMT(item->host),
               (int)item->first_run, (int)item->run, item->body.p ? "" : " gone");
    return OK;
}

static void check_items(const struct case_query *q, const char *want)
{
    struct buf b;
    struct error error = {0};
    buf_init(&b, 1 << 20);
    open_case();
    assert_int_equal(case_each(&store, q, list, &b, &error), OK);
    case_close(&store);
    buf_putc(&b, 0);
    assert_string_equal(b.p, want);
    buf_done(&b);
}

static const struct case_query all = {.since_us = TIME_NONE, .until_us = TIME_NONE};

static void the_same_again_adds_nothing(void **state)
{
    (void)state;
    RUN(EVIDENCE("aa"), FINDING("1", "aa", "a.log", "m"), VERDICT("no-sign"));
    check_counts(3, 0, 0, 0);
    RUN(EVIDENCE("aa"), FINDING("1", "aa", "a.log", "m"), VERDICT("no-sign"));
    check_counts(0, 0, 3, 0);
    /* from an archive */
    RUN(EVIDENCE("bb"), FINDING("1", "bb", "a.zip/a.log", "m"));
    check_counts(1, 0, 1, 0);
    check_items(&all, "verdict@EX01 1-1\nfinding@EX01 1-1\n");
}

static void what_says_something_else_is_a_new_version(void **state)
{
    (void)state;
    RUN(EVIDENCE("aa"), FINDING("1", "aa", "a.log", "m"), FINDING("2", "aa", "a.log", "m"));
    check_counts(3, 0, 0, 0);
    RUN(EVIDENCE("aa"), FINDING("1", "aa", "a.log", "newer rules"),
        FINDING("3", "aa", "a.log", "m"));
    check_counts(1, 1, 1, 1);
    check_items(&all, "finding@EX01 1-2\nfinding@EX03 2-2\n");
    struct case_query q = all;
    q.gone = true;
    check_items(&q, "finding@EX01 1-2\nfinding@EX02 1-2 gone\nfinding@EX03 2-2\n");
    q = all;
    q.run = 1;
    check_items(&q, "finding@EX01 1-1\nfinding@EX02 1-1\n");
    q = all;
    q.host = STR("ex03");
    check_items(&q, "finding@EX03 2-2\n");
    q = all;
    q.since_us = 1614729600000000; /* 2021-03-03 */
    check_items(&q, "finding@EX03 2-2\n");
    /* other evidence says nothing of it, and what comes back is there again */
    RUN(EVIDENCE("cc"), VERDICT("no-sign"));
    check_counts(2, 0, 0, 0);
    RUN(EVIDENCE("aa"), FINDING("1", "aa", "a.log", "newer rules"),
        FINDING("2", "aa", "a.log", "m"), FINDING("3", "aa", "a.log", "m"));
    check_counts(0, 1, 3, 0);
}

static void a_verdict_is_gone_if_all_of_its_host_was_read(void **state)
{
    (void)state;
    RUN(EVIDENCE("aa"), EVIDENCE("bb"), OF_HOST("cc", "EX02"), VERDICT("no-sign"));
    check_counts(4, 0, 0, 0);
    RUN(EVIDENCE("aa"), OF_HOST("cc", "EX02"));
    check_counts(0, 0, 2, 0);
    RUN(EVIDENCE("aa"), EVIDENCE("bb"));
    check_counts(0, 0, 2, 1);
}

static void a_run_is_kept_whole_or_not(void **state)
{
    (void)state;
    struct case_run r = {.verb = STR("scan"), .arguments = STR(""), .program = STR("0")};
    struct error error = {0};
    open_case();
    assert_int_equal(case_begin(&store, &r, &error), OK);
    assert_int_equal(case_add(&store, STR(VERDICT("no-sign")), &error), OK);
    assert_int_equal(case_add(&store, STR("[1]"), &error), ERR_FORMAT);
    assert_int_equal(case_add(&store, STR("{\"type\":1}"), &error), ERR_FORMAT);
    case_give_up(&store);
    case_close(&store);
    check_items(&all, "");
}

/* ---- the chain ---- */

static enum err say(void *ctx, uint64_t version, const struct case_item *item, struct str why)
{
    struct buf *b = ctx;
    buf_printf(b, "%d %.*s: %.*s\n", (int)version, STR_FMT(item ? item->type : STR("-")),
               STR_FMT(why));
    return OK;
}

static void check_after(const char *sql, const char *want)
{
    struct buf b;
    struct error error = {0};
    sqlite3 *db;
    uint64_t n;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "SAVEPOINT x", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "RELEASE x", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    buf_init(&b, 1 << 20);
    open_case();
    assert_int_equal(case_verify(&store, say, &b, &n, &error), OK);
    case_close(&store);
    buf_putc(&b, 0);
    assert_string_equal(b.p, want);
    buf_done(&b);
}

static void make(void)
{
    RUN(EVIDENCE("aa"), FINDING("1", "aa", "a.log", "m"), FINDING("2", "aa", "a.log", "m"));
    case_close(&store);
    RUN(EVIDENCE("aa"), FINDING("1", "aa", "a.log", "n"));
    case_close(&store); /* versions 1 to 3, then 4: changed, 5: gone */
}

static void whatever_was_changed_is_named(void **state)
{
    static const struct {
        const char *sql, *want;
    } cases[] = {
        {"SELECT 1", ""},
        {"UPDATE version SET body = replace(body, '\"m\"', '\"M\"') WHERE number = 3",
         "3 finding: it is not what was written\n"},
        {"UPDATE version SET body = NULL WHERE number = 1",
         "1 evidence: it is not what was written\n"},
        {"UPDATE version SET run = 1 WHERE number = 4", "4 finding: it is not what was written\n"},
        {"UPDATE version SET chain = zeroblob(32) WHERE number = 2",
         "2 finding: it is not what was written\n"},
        {"UPDATE item SET type = 'gap' WHERE number = 3",
         "3 gap: it is not what was written\n5 gap: it is not what was written\n"},
        {"DELETE FROM version WHERE number = 3",
         "3 -: versions from here on are missing\n5 finding: what it is found by was changed\n"
         "0 run: it does not end where it did\n"
         "5 finding: the run that told it first was changed\n"},
        {"DELETE FROM version WHERE number > 3",
         "0 run: it does not end where it did\n4 finding: a later version is hidden\n"
         "5 finding: a later version is hidden\n"},
        {"UPDATE item SET latest = 2 WHERE number = 2",
         "2 finding: what it is found by was changed\n2 finding: a later version is hidden\n"},
        {"UPDATE item SET host = 'EX09' WHERE number = 2",
         "4 finding: what it is found by was changed\n"},
        {"UPDATE item SET time = NULL WHERE number = 2",
         "4 finding: what it is found by was changed\n"},
        {"UPDATE item SET sense = zeroblob(16) WHERE number = 2",
         "4 finding: what it is found by was changed\n"},
        {"UPDATE item SET evidence = NULL WHERE number = 2",
         "4 finding: what it is found by was changed\n"},
        {"UPDATE item SET alike = NULL WHERE number = 2",
         "4 finding: what it is found by was changed\n"},
        {"UPDATE item SET alike = 1 WHERE number = 3", /* it is gone */
         "5 finding: what it is found by was changed\n"},
        {"UPDATE item SET host = 'EX09' WHERE number = 3",
         "5 finding: what it is found by was changed\n"},
        {"UPDATE item SET first_run = 2 WHERE number = 2",
         "4 finding: the run that told it first was changed\n"},
        {"UPDATE item SET host = CAST(host AS BLOB) WHERE number = 1",
         "1 evidence: it is not what was written\n"},
        {"UPDATE alike SET title = 'x' WHERE number = 1",
         "0 counts: what findings are counted by was changed\n"},
        {"UPDATE alike SET account = 'x' WHERE number = 1",
         "0 counts: what findings are counted by was changed\n"},
        {"UPDATE alike SET flags = 7 WHERE number = 1",
         "0 counts: what findings are counted by was changed\n"},
        {"UPDATE item SET records = 9 WHERE number = 2",
         "4 finding: what it is found by was changed\n"},
        {"UPDATE item SET bytes = 9 WHERE number = 2",
         "4 finding: what it is found by was changed\n"},
        {"UPDATE item SET last = 9 WHERE number = 2",
         "4 finding: what it is found by was changed\n"},
        {"UPDATE alike SET grade = 9 WHERE number = 1",
         "0 counts: what findings are counted by was changed\n"},
        {"UPDATE run SET verb = 'watch' WHERE number = 1", "0 run: it is not what was written\n"},
        {"UPDATE run SET summary = '{}' WHERE number = 2", "0 run: it is not what was written\n"},
        {"UPDATE run SET ended = ended + 1 WHERE number = 1",
         "0 run: it is not what was written\n"},
        {"UPDATE run SET seal = zeroblob(32) WHERE number = 1",
         "0 run: it is not what was written\n"},
        {"DELETE FROM run WHERE number = 1", "0 run: a run before it is missing\n"},
        {"DELETE FROM run WHERE number = 2",
         "4 finding: its run is missing\n5 finding: its run is missing\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)folder_drop(state);
        (void)folder_make(state);
        make();
        check_after(cases[i].sql, cases[i].want);
    }
}

static void others_are_refused(void **state)
{
    (void)state;
    struct error error = {0};
    assert_int_equal(case_open(&store, STR("/tmp/tocsin-no-such-case"), false, &error), ERR_IO);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE x(y)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(case_open(&store, str_of(path), true, &error), ERR_FORMAT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_drop)
    const struct CMUnitTest tests[] = {
        TEST(the_same_again_adds_nothing),
        TEST(what_says_something_else_is_a_new_version),
        TEST(a_verdict_is_gone_if_all_of_its_host_was_read),
        TEST(a_run_is_kept_whole_or_not),
        TEST(whatever_was_changed_is_named),
        TEST(others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
