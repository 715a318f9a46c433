/* Hosts and what was observed of them: names, products, words. */
#include "exposure_test.h"

#define CVE "CVE-2021-1000"

static int make(void **state)
{
    (void)world_make(state);
    add_mail();
    struct product *p = add_product("Mail 2", "2.0.0.0", "3.0.0.0");
    p->cpe = STR("example:mail");
    add_release("Mail 2", "2.0.10.1", "CU1", "2019-01-01");
    add_fix(CVE, "Mail 2", "2.0.10.5", "2021-03-02");
    p = add_product("Forge", "1.0.0", "100.0.0");
    p->line_parts = 2;
    add_release("Forge", "13.8.8", "13.8.8", "2021-04-14");
    add_fix("CVE-2021-5000", "Forge", "13.8.8", "2021-04-14");
    return 0;
}

static uint64_t hosts(void)
{
    struct exposure_count c;
    exposure_counts(world.run, &c);
    return c.hosts;
}

/* A short name and the only full name that begins with it are one host. */
static void test_short_and_full(void **state)
{
    (void)state;
    world_open();
    see("EX01", "1.0.30.1", "2021-03-01");
    see("ex01.Corp.example.", "1.0.30.5", "2021-03-05");
    world_end();
    assert_int_equal(hosts(), 1);
    assert_string_equal(asked_state("ex01.Corp.example", CVE), "fixed");
    assert_date(world.told.since_us, "2021-03-05");
}

/* With two full names it may be either, and stays apart. */
static void test_two_full(void **state)
{
    (void)state;
    world_open();
    see("ex01.a.example", "1.0.30.5", "2021-03-05");
    see("EX01", "1.0.30.1", "2021-03-01");
    see("ex01.b.example", "1.0.30.5", "2021-03-05");
    world_end();
    assert_int_equal(hosts(), 3);
    assert_string_equal(asked_state("EX01", CVE), "exposed");
}

/* A third full name does not make it one again. */
static void test_three_full(void **state)
{
    (void)state;
    world_open();
    see("ex01.a.example", "1.0.30.5", "2021-03-05");
    see("ex01.b.example", "1.0.30.5", "2021-03-05");
    see("ex01.c.example", "1.0.30.5", "2021-03-05");
    see("EX01", "1.0.30.1", "2021-03-01");
    world_end();
    assert_int_equal(hosts(), 4);
}

/* Beginning with it means up to the dot; addresses have no short names. */
static void test_not_the_same(void **state)
{
    (void)state;
    world_open();
    see("EX01", "1.0.30.1", "2021-03-01");
    see("EX012.corp.example", "1.0.30.5", "2021-03-05");
    see("192", "1.0.30.1", "2021-03-01");
    see("192.0.2.7", "1.0.30.5", "2021-03-05");
    world_end();
    assert_int_equal(hosts(), 4);
}

static void test_case_and_dot(void **state)
{
    (void)state;
    world_open();
    see("Ex01.Example", "1.0.30.1", "2021-03-01");
    see("EX01.EXAMPLE.", "1.0.30.5", "2021-03-05");
    world_end();
    assert_int_equal(hosts(), 1);
}

/* What is known of the short one is of the full one as well; one source that sees it from outside
 * is enough. */
static void test_joined_facts(void **state)
{
    (void)state;
    world_open();
    struct observation o = seen_build("EX01", "1.0.30.1", "2021-03-01");
    o.site = STR("Bern");
    o.facing = FACING_INTERNET;
    observe(o);
    o.facing = FACING_INSIDE;
    observe(o);
    o = seen_build("ex01.example", "1.0.30.5", "2021-03-05");
    o.owner = STR("mail");
    o.facing = FACING_INSIDE;
    observe(o);
    world_end();
    assert_string_equal(asked_state("ex01.example", CVE), "fixed");
    assert_str(world.told.site, "Bern");
    assert_str(world.told.owner, "mail");
    assert_int_equal(world.told.facing, FACING_INTERNET);
}

static void see_named(const char *host, const char *product, const char *build)
{
    struct observation o = seen_build(host, build, "2021-03-05");
    o.product = str_of(product);
    observe(o);
}

/* Where name and build belong to different products, the name alone is believed; where they are
 * siblings, the build. */
static void test_name_and_build(void **state)
{
    (void)state;
    world_open();
    see_named("SAME", "Mail 1", "1.0.30.1");
    see_named("SIBLING", "Mail 2", "1.0.30.1");
    see_named("OTHER", "Forge", "1.0.30.5");
    see_named("THREE", "Forge", "13.8.7");
    see_named("NEW", "Brand New", "1.0.30.5");
    see("BARE", "13.8.7", "2021-03-05");
    world_end();
    assert_string_equal(asked_state("SAME", CVE), "exposed");
    assert_string_equal(asked_state("SIBLING", CVE), "exposed");
    assert_str(world.told.product, "Mail 1");
    assert_string_equal(asked_state("OTHER", CVE), "none");
    assert_string_equal(asked_state("OTHER", "CVE-2021-5000"), "unknown");
    assert_int_equal(world.told.precision, PRECISION_PRODUCT);
    assert_string_equal(asked_state("THREE", "CVE-2021-5000"), "exposed");
    assert_int_equal(world.told.precision, PRECISION_SU);
    assert_string_equal(asked_state("NEW", CVE), "none"); /* the name is no product's */
    assert_string_equal(asked_state("BARE", "CVE-2021-5000"), "none"); /* three numbers tell none */
    struct exposure_count c;
    exposure_counts(world.run, &c);
    assert_int_equal(c.unknown_hosts, 2);
}

/* The move to a sibling is one history: the newer product decides. */
static void test_migration(void **state)
{
    (void)state;
    world_open();
    see("H", "1.0.30.1", "2021-03-01");
    see("H", "2.0.10.5", "2021-03-10");
    world_end();
    assert_string_equal(asked_state("H", CVE), "fixed");
    assert_str(world.told.product, "Mail 2");
    assert_date(world.told.since_us, "2021-03-10");
    assert_date(world.told.other_until_us, "2021-03-01");
}

/* Two products that have nothing to do with each other are two histories of one host. */
static void test_two_products(void **state)
{
    (void)state;
    struct exposure_count c;
    world_open();
    see("H", "1.0.30.1", "2021-03-01");
    see_named("H", "Forge", "13.8.7");
    see("I", "1.0.30.5", "2021-03-01");
    see("I", "7.7.7.7", "2021-03-01"); /* and one that nobody knows */
    see("J", "7.7.7.7", "2021-03-01");
    world_end();
    assert_string_equal(asked_state("H", CVE), "exposed");
    assert_string_equal(asked_state("H", "CVE-2021-5000"), "exposed");
    exposure_counts(world.run, &c);
    assert_int_equal(c.hosts, 3);
    assert_int_equal(c.open_hosts, 1);    /* once, though it is open twice */
    assert_int_equal(c.unknown_hosts, 2); /* one unknown line is enough */
}

/* More different words than 16 bits number: the source told is the one that said it. */
static void test_many_words(void **state)
{
    enum { MANY = 70000 };
    (void)state;
    char name[32];
    world_open();
    for (unsigned i = 0; i < MANY; i++) {
        struct observation o = seen_build("H", "1.0.30.1", "2021-03-01");
        (void)snprintf(name, sizeof name, "owner %u", i);
        o.owner = str_of(name);
        observe(o);
    }
    see_too("LAST", "1.0.30.1", "2021-03-02");
    world_end();
    assert_string_equal(asked_state("LAST", CVE), "exposed");
    assert_str(world.told.source, "nmap");
    assert_str(world.told.file, "b.xml");
}

static void test_nothing(void **state)
{
    (void)state;
    struct exposure_count c;
    world_open();
    world_end();
    assert_string_equal(asked_state("H", CVE), "none");
    exposure_counts(world.run, &c);
    assert_int_equal(c.hosts + c.observations + c.open_hosts + c.unknown_hosts, 0);
}

/* --- a stream of hosts --- */

static size_t batches, told;

static enum err count_told(void *ctx, const struct exposure *e)
{
    (void)ctx;
    (void)e;
    told++;
    return OK;
}

static enum err on_batch(void *ctx)
{
    (void)ctx;
    batches++;
    return exposure_each(world.run, count_told, NULL);
}

/* Every host is told once, whatever a batch holds, and counted as without batches. */
static void test_stream(void **state)
{
    enum { HOSTS = 25 };
    for (size_t size = 1; size <= HOSTS + 1; size++) {
        (void)make(state);
        batches = told = 0;
        world.options.batch = on_batch;
        world.options.batch_hosts = size;
        world_open();
        for (int i = 0; i < HOSTS; i++) {
            char host[16];
            (void)snprintf(host, sizeof host, "h%d", i);
            see(host, "1.0.30.1", "2021-03-01");
            see(host, i % 2 ? "1.0.30.5" : "1.0.30.2", "2021-03-02");
        }
        world_end();
        struct exposure_count c;
        exposure_counts(world.run, &c);
        assert_int_equal(c.hosts, HOSTS);
        assert_int_equal(told, HOSTS);
        assert_int_equal(c.open_hosts, HOSTS / 2 + 1);
        assert_int_equal(batches, (HOSTS + size - 1) / size);
        (void)world_drop(state);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, world_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_short_and_full), TEST(test_two_full),     TEST(test_three_full),
        TEST(test_not_the_same),   TEST(test_case_and_dot), TEST(test_joined_facts),
        TEST(test_name_and_build), TEST(test_migration),    TEST(test_two_products),
        TEST(test_many_words),     TEST(test_nothing),      cmocka_unit_test(test_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
