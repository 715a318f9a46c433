#include "base/time.h"
#include "store/case_mask.h"
#include "store/case_purge.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What is purged is gone from the file, the chain still holds, and nobody can pass a change off as
 * a purge. */

static char path[] = "/tmp/tocsin-purge-XXXXXX";
static struct case_store store;

static int set_up(void **state)
{
    struct error error = {0};
    (void)state;
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(case_open(&store, str_of(path), true, &error), OK);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    case_close(&store);
    for (size_t k = 0; k < 3; k++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s%s", path, (const char *[]){"", "-wal", "-shm"}[k]);
        (void)unlink(name);
    }
    return 0;
}

#define FINDING(id, sha, day, user)                                                                \
    "{\"type\":\"finding\",\"id\":\"" id "\",\"time\":\"2021-03-" day "T00:00:00Z\",\"last\":"     \
    "\"2021-03-" day "T01:00:00Z\",\"host\":\"EX01\",\"dossier\":null,\"grade\":\"progressed\","   \
    "\"sha256\":\"" sha "\",\"evidence\":\"GET /x?u=" user " 200\",\"fields\":{\"User\":\"" user   \
    "\"}}"
#define EPISODE(id, of)                                                                            \
    "{\"type\":\"episode\",\"id\":\"" id "\",\"host\":\"EX01\",\"first\":\"2021-03-05T00:00:00Z\"" \
    ",\"last\":\"2021-03-05T00:00:00Z\",\"findings\":[\"" of "\"],\"accounts\":[\"secretuser\"]}"
#define EVIDENCE(sha, day)                                                                         \
    "{\"type\":\"evidence\",\"host\":\"EX01\",\"file\":\"/home/secretuser/x\",\"sha256\":\"" sha   \
    "\",\"last\":\"2021-03-" day "T01:00:00Z\"}"

static void run(const char *const *lines)
{
    static int64_t at;
    struct case_run r = {.verb = STR("scan"),
                         .arguments = STR("/home/secretuser/x"),
                         .program = STR("0"),
                         .started_us = ++at};
    struct error error = {0};
    assert_int_equal(case_begin(&store, &r, &error), OK);
    for (; *lines; lines++)
        assert_int_equal(case_add(&store, str_of(*lines), &error), OK);
    assert_int_equal(case_end(&store, at, &error), OK);
}
#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static void say(void *ctx, const struct case_purged *p, struct buf *line)
{
    (void)ctx;
    buf_printf(line, "{\"type\":\"purge\",\"versions\":%d,\"digest\":\"%s\"}", (int)p->versions,
               p->digest);
}

static struct case_purged purge(struct case_purge what, bool really)
{
    struct case_purged done;
    struct error error = {0};
    what.run =
        (struct case_run){.verb = STR("case purge"), .arguments = STR(""), .program = STR("0")};
    what.say = really ? say : NULL;
    if (case_purge(&store, &what, &done, &error))
        fail_msg("%s", error.text);
    return done;
}

static enum err on_problem(void *ctx, uint64_t version, const struct case_item *item,
                           struct str why)
{
    (void)item, (void)version, (void)why;
    ++*(uint64_t *)ctx;
    return OK;
}

static uint64_t problems(void)
{
    struct error error = {0};
    uint64_t n, wrong = 0;
    assert_int_equal(case_verify(&store, on_problem, &wrong, &n, &error), OK);
    return wrong;
}

/* In the file and in the log beside it, whatever the case. */
static bool on_disk(const char *word)
{
    bool found = false;
    for (size_t k = 0; k < 2; k++) {
        char name[64];
        static char text[4 << 20];
        (void)snprintf(name, sizeof name, "%s%s", path, k ? "-wal" : "");
        FILE *f = fopen(name, "rb");
        size_t n = f ? fread(text, 1, sizeof text, f) : 0;
        assert_true(n < sizeof text);
        found |= str_ifind(str_make(text, n), str_of(word)) >= 0;
        if (f)
            assert_int_equal(fclose(f), 0);
    }
    return found;
}

static enum err on_item(void *ctx, const struct case_item *item)
{
    (void)item;
    ++*(uint64_t *)ctx;
    return OK;
}

static uint64_t count(const char *type)
{
    struct case_query q = {.type = type, .since_us = TIME_NONE, .until_us = TIME_NONE};
    struct error error = {0};
    uint64_t n = 0;
    assert_int_equal(case_each(&store, &q, on_item, &n, &error), OK);
    return n;
}

static void sql(const char *text)
{
    struct sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void fill(void)
{
    RUN(EVIDENCE("aa", "02"), EVIDENCE("bb", "09"), FINDING("1", "aa", "01", "old"),
        FINDING("2", "aa", "02", "oldtoo"), FINDING("3", "bb", "08", "young"), EPISODE("e", "1"));
    RUN(EVIDENCE("aa", "02"), EVIDENCE("bb", "09"), FINDING("1", "aa", "01", "older"),
        FINDING("2", "aa", "02", "oldtoo"), FINDING("3", "bb", "08", "young"), EPISODE("e", "1"));
}

static const struct case_purge nothing = {.before_us = TIME_NONE};

static void what_is_older(void **state)
{
    struct case_purge what = nothing;
    (void)state;
    fill();
    assert_true(time_parse(STR("2021-03-04"), &what.before_us));
    struct case_purged p = purge(what, false);
    assert_int_equal(p.items, 3); /* two findings, the evidence */
    assert_int_equal(p.versions, 4);
    assert_int_equal(count("finding"), 3);
    p = purge(what, true);
    assert_int_equal(p.versions, 4);
    assert_int_equal(count("finding"), 1);
    assert_int_equal(count("evidence"), 1);
    assert_int_equal(count("purge"), 1);
    assert_int_equal(problems(), 0);
    assert_false(on_disk("oldtoo"));
    assert_false(on_disk("u=old"));
    assert_true(on_disk("young"));
    assert_int_equal(purge(what, true).versions, 0);
    assert_int_equal(count("purge"), 1);
    /* what is scanned again is there again */
    RUN(EVIDENCE("aa", "02"), FINDING("1", "aa", "01", "older"));
    assert_int_equal(count("finding"), 2);
    assert_int_equal(problems(), 0);
}

static void what_was_found_in_a_file(void **state)
{
    struct case_purge what = nothing;
    (void)state;
    fill();
    what.source = STR("aa");
    (void)purge(what, true);
    assert_int_equal(count("finding"), 1);
    assert_int_equal(count("episode"), 0);
    assert_int_equal(problems(), 0);
    assert_false(on_disk("oldtoo"));
}

static void a_person(void **state)
{
    struct case_purge what = nothing;
    struct str names[] = {STR("SecretUser"), STR("CORP\\young")};
    (void)state;
    fill();
    RUN(EVIDENCE("bb", "09"), FINDING("3", "bb", "08", "corp\\\\young"),
        FINDING("4", "bb", "08", "corp%5cyoung"), FINDING("5", "bb", "08", "youngster"));
    what.person = (struct str_list){names, 2};
    struct case_purged p = purge(what, true);
    assert_int_equal(p.runs, 3);
    assert_int_equal(problems(), 0);
    assert_false(on_disk("secretuser"));
    assert_false(on_disk("corp\\\\young"));
    assert_false(on_disk("corp%5cyoung"));
    assert_true(on_disk("youngster"));
    assert_int_equal(count("finding"), 5);
    /* the same again adds nothing: it stays masked */
    RUN(EVIDENCE("bb", "09"), FINDING("3", "bb", "08", "corp\\\\young"),
        FINDING("4", "bb", "08", "corp%5cyoung"), FINDING("5", "bb", "08", "youngster"));
    assert_int_equal(store.count.same, 4);
    assert_false(on_disk("corp%5cyoung"));
    /* a second person, and then all of it */
    names[0] = STR("youngster");
    what.person.n = 1;
    (void)purge(what, true);
    assert_int_equal(problems(), 0);
    what = nothing;
    assert_true(time_parse(STR("2022-03-04"), &what.before_us));
    (void)purge(what, true);
    assert_int_equal(count("finding"), 0);
    assert_int_equal(problems(), 0);
}

static void a_change_is_no_purge(void **state)
{
    struct case_purge what = nothing;
    (void)state;
    fill();
    assert_true(time_parse(STR("2021-03-02"), &what.before_us));
    (void)purge(what, true);
    case_close(&store);
    struct error error = {0};
    static const char *const changes[] = {
        "UPDATE version SET body = NULL WHERE number = 5",
        "UPDATE version SET body = NULL WHERE number = 5;"
        " INSERT INTO purged VALUES(5, 3, NULL)",
        "UPDATE version SET body = NULL WHERE number = 5;"
        " INSERT INTO purged VALUES(5, 99, NULL)",
        "DELETE FROM purged",
        "UPDATE version SET body = '{}' WHERE number IN (SELECT version FROM purged)",
        "INSERT INTO purged VALUES(5000, 3, NULL)",
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        char text[256], copy[64];
        (void)snprintf(copy, sizeof copy, "%s-copy", path);
        (void)unlink(copy);
        (void)snprintf(text, sizeof text, "VACUUM INTO '%s'", copy);
        sql(text);
        struct sqlite3 *db;
        assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, changes[i], NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_int_equal(case_open(&store, str_of(copy), false, &error), OK);
        if (!problems())
            fail_msg("%s", changes[i]);
        case_close(&store);
        assert_int_equal(unlink(copy), 0);
    }
    assert_int_equal(case_open(&store, str_of(path), false, &error), OK);
}

static void masks(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{\"type\":\"x\",\"user\":\"Ann\"}", "{\"type\":\"x\",\"user\":\"(purged)\"}"},
        {"{\"type\":\"ann\",\"grade\":\"ann\"}", NULL},
        {"{\"ann\":\"hanna annabel\"}", NULL},
        {"{\"a\":[\"x/ann/y\",{\"b\":\"D\\\\ann\"}]}",
         "{\"a\":[\"x/(purged)/y\",{\"b\":\"D\\\\(purged)\"}]}"},
        {"{\"a\":\"?u=D%5Cann&x\"}", "{\"a\":\"?u=D%5C(purged)&x\"}"},
        {"{\"a\":\"line\\nann\"}", "{\"a\":\"line\\n(purged)\"}"},
        {"{\"a\":\"mail o'neil%40x.y\"}", "{\"a\":\"mail (purged)\"}"},
        {"{\"X-Rps-CAT user\":\"ann\",\"evidence\":\"GET /?X-Rps-CAT=QU5O\"}",
         "{\"X-Rps-CAT user\":\"(purged)\",\"evidence\":\"(purged)\"}"},
    };
    struct arena arena;
    struct mask m = {0};
    struct error error = {0};
    struct buf b;
    (void)state;
    arena_init(&arena, 1 << 20);
    buf_init(&b, 1 << 20);
    assert_int_equal(mask_add(&m, &arena, STR("ann"), &error), OK);
    assert_int_equal(mask_add(&m, &arena, STR("o'neil@x.y"), &error), OK);
    assert_int_equal(mask_add(&m, &arena, STR("o'neil%40x.y"), &error), OK);
    assert_int_equal(mask_add(&m, &arena, STR("al"), &error), ERR_USAGE);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        buf_reset(&b);
        bool found = mask_object(&m, str_of(cases[i].in), &b);
        assert_str(buf_view(&b), cases[i].out ? cases[i].out : cases[i].in);
        assert_int_equal(found, cases[i].out != NULL);
    }
    buf_done(&b);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_older, set_up, clean_up),
        cmocka_unit_test_setup_teardown(what_was_found_in_a_file, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_person, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_change_is_no_purge, set_up, clean_up),
        cmocka_unit_test(masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
