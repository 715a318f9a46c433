/* Known groups: what is not known is neither for nor against, and each fact moves the score the way
 * it should. */
#include "dossier/actors.h"
#include "report/groups.h"
#include "unit.h"

static struct arena arena;
static struct actor_list actors;

static int setup(void **state)
{
    struct dossier_problems problems = {0};
    struct error error;
    (void)state;
    arena_init(&arena, 64 * 1024 * 1024);
    if (actors_load(&arena, &actors, &problems, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < problems.n; i++)
        print_error("%u: %.*s\n", problems.v[i].line, STR_FMT(problems.v[i].text));
    assert_int_equal(problems.n, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

#define LIST(...)                                                                                  \
    ((struct str_list){(struct str[]){__VA_ARGS__}, ARRAY_LEN(((struct str[]){__VA_ARGS__}))})

static struct actor_rank weigh(const struct actor_profile *a, const struct group_case *c)
{
    struct actor_rank rank;
    assert_int_equal(group_weigh(&arena, a, c, &rank), OK);
    assert_true(rank.score >= 0 && rank.score <= 1);
    assert_int_equal(rank.reason.n, 5);
    return rank;
}

static double score(const struct actor_profile *a, const struct group_case *c)
{
    return weigh(a, c).score;
}

static const struct actor_profile *named(const char *name)
{
    for (size_t i = 0; i < actors.n; i++)
        if (str_eq(actors.v[i].name, str_of(name)))
            return &actors.v[i];
    fail_msg("no %s", name);
    return NULL;
}

static struct str full_cves[] = {STR("CVE-2021-26855")},
                  full_products[] = {STR("Exchange Server 2016")},
                  full_techniques[] = {STR("T1190"), STR("T1505.003"), STR("T1486")},
                  full_sectors[] = {STR("education")};
static const struct group_case full = {
    .tried = {full_cves, 1},
    .cves = {full_cves, 1},
    .products = {full_products, 1},
    .techniques = {full_techniques, 3},
    .sectors = {full_sectors, 1},
    .country = {"NL", 2},
    .year = 2021,
};

static void test_data(void **state)
{
    (void)state;
    assert_true(actors.n >= 20 && actors.n <= 25);
    for (size_t i = 0; i < actors.n; i++)
        for (size_t k = 0; k < i; k++)
            assert_false(str_eq(actors.v[i].name, actors.v[k].name));
    for (size_t i = 0; i < actors.n; i++)
        assert_true(!actors.v[i].attack_id.p || actors.v[i].attack_id.p[0] == 'G');
}

static void test_words(void **state)
{
    (void)state;
    assert_str(sector_of(STR("healthcare")), "healthcare");
    assert_str(sector_of(STR(" Hospital ")), "healthcare");
    assert_str(sector_of(STR("higher education")), "education");
    assert_null(sector_of(STR("wizardry")).p);
    assert_null(sector_of(STR("")).p);
    assert_str(country_of(STR("nl")), "NL");
    assert_str(country_of(STR("netherlands")), "NL");
    assert_null(country_of(STR("Atlantis")).p);
    assert_str(country_name(STR("CZ")), "Czech Republic");
    assert_str(sector_at(0), "agriculture");
    assert_null(sector_at(1000).p);
}

/* Nothing is known on either side: the middle. */
static void test_neutral(void **state)
{
    const struct actor_profile nobody = {.name = STR("nobody")};
    const struct group_case nothing = {0};
    (void)state;
    assert_near(score(&nobody, &nothing), 0.5, 1e-12);
    assert_near(score(&nobody, &full), 0.5, 1e-12);
    for (size_t i = 0; i < actors.n; i++)
        assert_near(score(&actors.v[i], &nothing), 0.5, 0.1 + 1e-12); /* takes_any */
    struct actor_rank r = weigh(&nobody, &full);
    assert_str(r.reason.v[0], "product: unknown");
    assert_str(r.reason.v[2], "sector: unknown");
}

/* Of the group that the affair is named after, sources may say no sectors: that must not push it
 * behind groups whose lists happen to be longer. */
static void test_unknown_is_not_no(void **state)
{
    struct actor_profile without = *named("HAFNIUM"), other = without;
    (void)state;
    without.sectors = without.countries = (struct str_list){0};
    other.sectors = LIST(STR("mining"));
    other.countries = LIST(STR("AQ"));
    assert_true(score(&without, &full) > score(&other, &full));
    assert_true(score(&without, &full) < score(named("HAFNIUM"), &full) + 0.15);
    struct actor_profile stranger = {.name = STR("stranger"),
                                     .products = LIST(STR("Exchange Server")),
                                     .sectors = LIST(STR("education")),
                                     .countries = LIST(STR("NL"))};
    without.last_seen = 2021;
    assert_true(score(&without, &full) > score(&stranger, &full) - 0.2);
}

static void test_reasons(void **state)
{
    (void)state;
    struct actor_rank r = weigh(named("HAFNIUM"), &full);
    assert_str(r.reason.v[0],
               "product: it has used CVE-2021-26855, which was tried, stands open or is talked "
               "about here");
    assert_str(r.reason.v[1],
               "techniques: behaviour consistent with 2 of the 3 found here (T1190, T1505.003)");
    assert_str(r.reason.v[2], "sector: education is among its known targets");
    assert_str(r.reason.v[3], "country: yours is not among its known targets");
    assert_str(r.reason.v[4], "last seen: 2025");
    r = weigh(named("Play"), &full);
    assert_str(r.reason.v[3], "country: it takes whoever answers");
}

/* ---- properties, over all groups and random facts ---- */

static unsigned seed = 11;
static unsigned roll(unsigned n)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % n;
}

static const struct str words[5][4] = {
    {STR("CVE-2021-26855"), STR("CVE-2021-34473"), STR("CVE-2022-41082"), STR("CVE-2020-0001")},
    {STR("T1190"), STR("T1505.003"), STR("T1003.001"), STR("T9999")},
    {STR("education"), STR("government"), STR("government-local"), STR("mining")},
    {STR("NL"), STR("US"), STR("TW"), STR("AQ")},
    {STR("Exchange Server 2016"), STR("SharePoint Server 2019"), STR("GitLab"), STR("Other")},
};

static struct str_list some(size_t kind)
{
    struct str_list list = {arena_new_n(&arena, struct str, 4), 0};
    for (size_t i = 0; i < 4; i++)
        if (roll(3) == 0)
            list.v[list.n++] = words[kind][i];
    return list;
}

static void random_pair(struct actor_profile *a, struct group_case *c)
{
    *a = (struct actor_profile){.name = STR("a"),
                                .cves = some(0),
                                .techniques = some(1),
                                .sectors = some(2),
                                .countries = some(3),
                                .products = some(4),
                                .takes_any = roll(5) == 0,
                                .last_seen = roll(3) ? 2015 + roll(12) : 0};
    *c = (struct group_case){.tried = some(0),
                             .techniques = some(1),
                             .sectors = some(2),
                             .products = some(4),
                             .country = roll(3) ? words[3][roll(4)] : STR_NONE,
                             .year = roll(4) ? 2021 + roll(5) : 0};
}

static struct str_list with(struct str_list list, struct str s)
{
    struct str_list more = {arena_new_n(&arena, struct str, list.n + 1), list.n + 1};
    if (list.n)
        memcpy(more.v, list.v, list.n * sizeof *list.v);
    more.v[list.n] = s;
    return more;
}

/* A fact about the group that fits the case never lowers its score. */
static void test_a_match_never_lowers(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct actor_profile a, more;
        struct group_case c;
        random_pair(&a, &c);
        double before = score(&a, &c);
        more = a;
        if (c.tried.n)
            more.cves = with(a.cves, c.tried.v[roll((unsigned)c.tried.n)]);
        assert_true(score(&more, &c) >= before - 1e-12);
        more = a;
        if (c.techniques.n)
            more.techniques = with(a.techniques, c.techniques.v[roll((unsigned)c.techniques.n)]);
        assert_true(score(&more, &c) >= before - 1e-12);
        more = a;
        if (c.sectors.n)
            more.sectors = with(a.sectors, c.sectors.v[roll((unsigned)c.sectors.n)]);
        assert_true(score(&more, &c) >= before - 1e-12);
        more = a;
        if (c.country.n)
            more.countries = with(a.countries, c.country);
        assert_true(score(&more, &c) >= before - 1e-12);
        more = a;
        if (c.products.n)
            more.products = with(a.products, c.products.v[roll((unsigned)c.products.n)]);
        assert_true(score(&more, &c) >= before - 1e-12);
        arena_reset(&arena);
    }
}

/* How far the value of one question is from the middle, as a score. */
static double off(double s)
{
    return s < 0.5 ? 0.5 - s : s - 0.5;
}

/* With one thing known alone, forgetting it leads to the middle; it never leads beyond. */
static void test_forgetting_leads_to_the_middle(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct actor_profile a, one = {.name = STR("a")};
        struct group_case c;
        random_pair(&a, &c);
        switch (roll(5)) {
        case 0: one.cves = a.cves; break;
        case 1: one.techniques = a.techniques; break;
        case 2: one.sectors = a.sectors; break;
        case 3: one.countries = a.countries; break;
        default: one.last_seen = a.last_seen;
        }
        const struct actor_profile none = {.name = STR("a")};
        assert_near(score(&none, &c), 0.5, 1e-12);
        assert_true(off(score(&one, &c)) >= off(score(&none, &c)));
        arena_reset(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_data, setup, teardown),
        cmocka_unit_test_setup_teardown(test_words, setup, teardown),
        cmocka_unit_test_setup_teardown(test_neutral, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_is_not_no, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reasons, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_match_never_lowers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forgetting_leads_to_the_middle, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
