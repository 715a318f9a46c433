/* Catalogues: the shipped ones load, lint clean and judge builds; the checks of the tables name
 * what is wrong with its line, and nothing else. */
#include "dossier/lint.h"
#include "unit.h"

#include <unistd.h>

enum { ARENA_BYTES = 64 * 1024 * 1024 };

static struct arena arena;
static char folder[64];

static int folder_make(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    (void)snprintf(folder, sizeof folder, "%s/catalogue-test-XXXXXX", P_tmpdir);
    return mkdtemp(folder) ? 0 : -1;
}

static int folder_drop(void **state)
{
    static const char *const names[] = {"dossier.yaml", "fixes.csv", "builds.csv", "cves.csv",
                                        "settings.csv"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(path);
    }
    arena_done(&arena);
    return rmdir(folder);
}

static void put(const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void load(const char *id, struct dossier *d)
{
    struct dossier_problems problems = {0};
    struct error error = {0};
    if (dossier_load(&arena, str_of(id), d, &problems, &error))
        fail_msg("%s: %s", id, error.text);
    for (size_t i = 0; i < problems.n; i++)
        fail_msg("%s/%.*s:%u: %.*s", id, STR_FMT(problems.v[i].file), problems.v[i].line,
                 STR_FMT(problems.v[i].text));
}

/* ---- the shipped ones ---- */

static bool among(const char *id, const char *const *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    return false;
}

/* What scan loads without being asked holds no catalogue. */
static void test_kinds_are_apart(void **state)
{
    (void)state;
    const char *const *affairs, *const *catalogues;
    size_t n = dossier_shipped(&affairs), n_catalogues = catalogue_shipped(&catalogues);
    assert_true(among("exchange-server", catalogues, n_catalogues));
    assert_true(among("gitlab", catalogues, n_catalogues));
    assert_true(among("sharepoint-server", catalogues, n_catalogues));
    for (size_t i = 0; i < n; i++) {
        struct dossier d;
        load(affairs[i], &d);
        assert_false(d.catalogue);
        assert_false(among(affairs[i], catalogues, n_catalogues));
    }
    for (size_t i = 0; i < n_catalogues; i++) {
        struct dossier d;
        load(catalogues[i], &d);
        assert_true(d.catalogue);
        assert_true(d.as_of_us != TIME_NONE);
        assert_int_equal(d.n_rules + d.n_indicators + d.deciding.n, 0);
        assert_int_equal(d.cves.n, d.n_facts);
    }
}

static void test_shipped_lint_clean(void **state)
{
    (void)state;
    const char *const *ids[2];
    size_t n[2] = {dossier_shipped(&ids[0]), catalogue_shipped(&ids[1])}, n_all = 0, bad = 0;
    struct dossier all[16];
    for (size_t kind = 0; kind < 2; kind++)
        for (size_t i = 0; i < n[kind]; i++) {
            struct dossier_problems problems;
            struct error error = {0};
            struct dossier *d = &all[n_all++];
            assert_true(n_all < ARRAY_LEN(all));
            assert_int_equal(dossier_lint(&arena, str_of(ids[kind][i]), d, &problems, &error), OK);
            for (size_t k = 0; k + 1 < n_all; k++)
                assert_int_equal(dossier_compare(&arena, d, &all[k], &problems), OK);
            for (size_t p = 0; p < problems.n; p++)
                print_error("%s/%.*s:%u: %.*s\n", ids[kind][i], STR_FMT(problems.v[p].file),
                            problems.v[p].line, STR_FMT(problems.v[p].text));
            bad += problems.n;
        }
    assert_int_equal(bad, 0);
}

struct judged {
    const char *cve, *build;
    int state;
    bool before;
};

static void judge(const struct dossier *d, const struct judged *j, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct build b;
        assert_true(build_parse(str_of(j[i].build), &b));
        int state = fix_state(d, str_of(j[i].cve), &b);
        bool before = build_before_hole(d, str_of(j[i].cve), &b);
        if (state != j[i].state || before != j[i].before)
            fail_msg("%s of %s: %d, %s the hole; wanted %d, %d", j[i].build, j[i].cve, state,
                     before ? "before" : "not before", j[i].state, j[i].before);
    }
}

static void test_exchange(void **state)
{
    (void)state;
    static const struct judged cases[] = {
        {"CVE-2021-26855", "15.1.2176.2", 0, false},
        {"CVE-2021-26855", "15.1.2176.9", 1, false},
        {"CVE-2021-26855", "15.1.2242.4", 1, false},
        {"CVE-2021-26855", "15.1.2176", -1, false},
        /* Subscription Edition came out with all that was known of 2019, and has rows since. */
        {"CVE-2021-26855", "15.2.2562.17", 1, false},
        {"CVE-2025-25005", "15.2.2562.17", 0, false},
        {"CVE-2025-25005", "15.2.2562.20", 1, false},
        {"CVE-2020-17144", "15.2.2562.17", -1, false},
        /* Where sources disagree the later build counts. */
        {"CVE-2026-45500", "15.2.1748.46", 0, false},
        {"CVE-2026-45500", "15.2.1748.48", 1, false},
        {"CVE-2026-42897", "15.2.1748.46", 1, false},
        {"CVE-2021-26855", "8.3.83.6", -1, false},
    };
    struct dossier d;
    load("exchange-server", &d);
    judge(&d, cases, ARRAY_LEN(cases));
    for (size_t i = 0; i < d.n_fixes; i++) {
        const struct fix *f = &d.fix[i];
        assert_int_equal(f->needs.p == NULL, str_eq(f->rule, STR("build")));
        assert_true(f->released_us != TIME_NONE);
    }
}

static void test_dates_of_a_month(void **state)
{
    (void)state;
    struct dossier d;
    size_t n = 0;
    int64_t us;
    load("exchange-server", &d);
    assert_true(time_parse_date(STR("2011-02-01"), &us));
    for (size_t i = 0; i < d.n_known; i++) {
        assert_true(d.known[i].released_us != TIME_NONE);
        n += d.known[i].by_month && d.known[i].released_us == us;
    }
    assert_int_equal(n, 2); /* 8.3.159.0 and 14.1.289.3 */
}

/* Builds of three numbers, lines of two, and an oldest release with the hole. */
static void test_gitlab(void **state)
{
    (void)state;
    static const struct judged cases[] = {
        {"CVE-2023-7028", "16.0.8", 0, true},     {"CVE-2023-7028", "15.11.13", 0, true},
        {"CVE-2023-7028", "16.1.0", 0, false},    {"CVE-2023-7028", "16.1.5", 0, false},
        {"CVE-2023-7028", "16.1.6", 1, false},    {"CVE-2023-7028", "16.7.1", 0, false},
        {"CVE-2023-7028", "16.7.2", 1, false},    {"CVE-2023-7028", "16.7", -1, false},
        {"CVE-2023-7028", "16.8.0", 1, false},    {"CVE-2021-22205", "11.8.9", 0, true},
        {"CVE-2021-22205", "12.10.14", 0, false}, {"CVE-2021-22205", "13.8.8", 1, false},
        {"CVE-2021-22205", "13.11.0", 1, false},
    };
    struct dossier d;
    load("gitlab", &d);
    judge(&d, cases, ARRAY_LEN(cases));
}

/* One line a product: builds are compared as a whole. */
static void test_sharepoint(void **state)
{
    (void)state;
    static const struct judged cases[] = {
        {"CVE-2025-53770", "16.0.5508.1000", 0, false},
        {"CVE-2025-53770", "16.0.5513.1001", 1, false},
        {"CVE-2025-53770", "16.0.5600.1", 1, false},
        {"CVE-2025-53770", "16.0.5513", -1, false},
        {"CVE-2025-53770", "16.0.10417.20027", 0, false},
        {"CVE-2025-53770", "16.0.10418.1", 1, false},
        {"CVE-2025-53770", "16.0.18526.20508", 1, false},
        {"CVE-2025-49704", "16.0.18526.20508", -1, false},
    };
    struct dossier d;
    load("sharepoint-server", &d);
    judge(&d, cases, ARRAY_LEN(cases));
}

/* The scan side and the catalogues call a product the same. */
static void test_names_agree(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"hafnium-exchange-2021", "exchange-server"},
                                           {"proxyshell-2021", "exchange-server"},
                                           {"proxynotshell-owassrf-2022", "exchange-server"},
                                           {"sharepoint-toolshell-2025", "sharepoint-server"}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        struct dossier affair, catalogue;
        load(pairs[i][0], &affair);
        load(pairs[i][1], &catalogue);
        for (size_t p = 0; p < affair.n_products; p++)
            if (!product_named(&catalogue, affair.product[p].name))
                fail_msg("%s does not know \"%.*s\"", pairs[i][1], STR_FMT(affair.product[p].name));
    }
}

/* ---- the checks ---- */

#define HEAD                                                                                       \
    "id: c\nkind: catalogue\ntitle: t\nsummary: s\nas_of: 2026-01-01\nsources: [s]\nproducts:\n"
#define PRODUCT(name, from, to)                                                                    \
    "- {name: " name ", from: " from ", to: " to ", line: 2, vendor: V, names: [n], source: s}\n"
#define BUILDS "product,update,build,released,source,note\n"
#define FIXES "cve,product,update,build,released,rule,needs,source,note\n"
#define CVES "cve,title,kev_added,kev_ransomware,source,note\n"
#define ONE_CVE CVES "CVE-2024-0001,t,,,s,\n"

struct fault {
    const char *yaml, *builds, *fixes, *cves;
    const char *file, *says; /* NULL: nothing is wrong */
    uint32_t line;
};

static void lint(const struct fault *f, struct dossier *d, struct dossier_problems *problems)
{
    struct error error = {0};
    put("dossier.yaml", f->yaml ? f->yaml : (HEAD PRODUCT("P", "1.0.0", "9.0.0")));
    put("builds.csv", f->builds);
    put("fixes.csv", f->fixes);
    put("cves.csv", f->cves);
    assert_int_equal(dossier_lint(&arena, str_of(folder), d, problems, &error), OK);
}

/* Exactly the one problem that is wanted. */
static void check(const struct fault *f)
{
    struct dossier d;
    struct dossier_problems p;
    lint(f, &d, &p);
    bool right = f->says ? p.n == 1 && str_eq(p.v[0].file, str_of(f->file)) &&
                               p.v[0].line == f->line && str_find(p.v[0].text, str_of(f->says)) >= 0
                         : p.n == 0;
    for (size_t i = 0; i < p.n && !right; i++)
        print_error("%.*s:%u: %.*s\n", STR_FMT(p.v[i].file), p.v[i].line, STR_FMT(p.v[i].text));
    if (!right)
        fail_msg("wanted %s:%u: %s", f->file ? f->file : "-", (unsigned)f->line,
                 f->says ? f->says : "nothing");
}

static void test_faults(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {NULL, (BUILDS "P,a,1.0.1,2024-01-01,s,\nP,b,1.1.1,2024-02,s,\n"),
         (FIXES "CVE-2024-0001,P,b,1.1.1,2024-02-20,build,,s,\n"), ONE_CVE, NULL, NULL, 0},
        {NULL, (BUILDS "P,a,1.0.1,2024-01-01,s,\nP,b,1.0.1,2024-01-01,s,\n"), FIXES, ONE_CVE,
         "builds.csv", "1.0.1 of \"P\" is listed twice, as \"a\" in line 2", 3},
        {NULL, (BUILDS "P,a,1.0.1,2024-01-01,s,\nP,b,1.0.1,2024-01-01,s,known\n"), FIXES, ONE_CVE,
         NULL, NULL, 0},
        {NULL, (BUILDS "P,b,1.0.2,2024-01-01,s,\nP,a,1.0.1,2024-01-02,s,\n"), FIXES, ONE_CVE,
         "builds.csv", "1.0.2 was released before the lower 1.0.1 (line 3)", 2},
        {NULL, (BUILDS "P,b,1.1.0,2024-01-01,s,\nP,a,1.0.1,2024-01-02,s,\n"), FIXES, ONE_CVE, NULL,
         NULL, 0},
        {NULL, (BUILDS "P,b,1.0.2,2024-01,s,\nP,a,1.0.1,2024-01-20,s,\n"), FIXES, ONE_CVE, NULL,
         NULL, 0},
        {NULL, (BUILDS "Q,a,1.0.1,2024-01-01,s,\n"), FIXES, ONE_CVE, "builds.csv",
         "no build of four numbers", 2},
        {NULL, (BUILDS "Q,a,1.0.1.0,2024-01-01,s,\n"), FIXES, ONE_CVE, "builds.csv",
         "\"Q\" is not among the products", 2},
        {NULL, (BUILDS "P,a,9.0.1,2024-01-01,s,\n"), FIXES, ONE_CVE, "builds.csv",
         "9.0.1 lies outside the builds of \"P\"", 2},
        {NULL, (BUILDS "P,a,1.0.1,2024-01-01,,\n"), FIXES, ONE_CVE, "builds.csv",
         "1.0.1 has no source", 2},
        {NULL, (BUILDS "P,a,1.0.1,2024-13-01,s,\n"), FIXES, ONE_CVE, "builds.csv", "no date", 2},
        {NULL, (BUILDS "P,a,1.0.1,2024-01-01,s,\n"),
         (FIXES "CVE-2024-0001,P,b,1.0.2,2024-02-01,build,,s,\n"), ONE_CVE, "fixes.csv",
         "1.0.2 of \"P\" is not in builds.csv", 2},
        {NULL, (BUILDS "P,a,1.0.1,2024-01-01,s,\n"),
         (FIXES "CVE-2024-0001,P,a,1.0.1,2024-02-01,build,,s,\n"), ONE_CVE, "fixes.csv",
         "1.0.1 has another date in builds.csv, line 2", 2},
        {NULL, (BUILDS "P,a,1.0.1,2024-01-01,s,x\nP,b,1.0.2,2024-01-02,s,\n"),
         (FIXES "CVE-2024-0001,P,a,1.0.1,2023-02-01,build,,s,\n"), ONE_CVE, "fixes.csv",
         "the fix of \"CVE-2024-0001\" is older than \"P\" itself", 2},
        {NULL, BUILDS,
         (FIXES "CVE-2024-0001,P,a,1.0.1,2024-01-01,build,,s,\n"
                "CVE-2024-0001,P,b,1.0.2,2024-01-02,build,,s,\n"),
         ONE_CVE, "fixes.csv", "is fixed in 1.0.2, and in 1.0.1 of the same line (line 2)", 3},
        {NULL, BUILDS,
         (FIXES "CVE-2024-0001,P,a,1.0.1,2024-01-01,build,,s,differ\n"
                "CVE-2024-0001,P,b,1.0.2,2024-01-02,build,,s,differ\n"),
         ONE_CVE, NULL, NULL, 0},
        {NULL, BUILDS,
         (FIXES "CVE-2024-0001,P,a,1.0.1,2024-01-01,build,,s,\n"
                "CVE-2024-0001,P,a,1.0.1,2024-01-01,build,,s,\n"),
         ONE_CVE, "fixes.csv", "is listed twice, see line 2", 3},
        {NULL, BUILDS, (FIXES "CVE-2024-0001,P,a,1.0.1,2024-01-01,build+config,,s,\n"), ONE_CVE,
         "fixes.csv", "without a word on what it needs", 2},
        {NULL, BUILDS, (FIXES "CVE-2024-0001,P,a,1.0.1,2024-01-01,build,schema,s,\n"), ONE_CVE,
         "fixes.csv", "but the row does", 2},
        {NULL, BUILDS, (FIXES "CVE-2024-0001,P,a,1.0.1,2024-01-01,build,,,\n"), ONE_CVE,
         "fixes.csv", "has no source", 2},
        {NULL, BUILDS, (FIXES "CVE-2024-0002,P,a,1.0.1,2024-01-01,build,,s,\n"), ONE_CVE,
         "fixes.csv", "\"CVE-2024-0002\" is not in cves.csv", 2},
        {NULL, BUILDS, FIXES, (CVES "CVE-2024-0001,,,,s,\n"), "cves.csv", "has no title", 2},
        {NULL, BUILDS, FIXES, (CVES "CVE-2024-0001,t,,,,\n"), "cves.csv", "has no source", 2},
        {NULL, BUILDS, FIXES, (CVES "CVE-2024-0001,t,2024-01-01,,s,\n"), "cves.csv",
         "kev_added without kev_ransomware", 2},
        {NULL, BUILDS, FIXES, (CVES "CVE-2024-0001,t,2024-01-01,,s,not recorded\n"), NULL, NULL, 0},
        {NULL, BUILDS, FIXES, (CVES "CVE-2024-0001,t,,Known,s,\n"), "cves.csv",
         "kev_ransomware without kev_added", 2},
        {NULL, BUILDS, FIXES, (CVES "CVE-2024-0001,t,2024-01-01,Perhaps,s,\n"), "cves.csv",
         "not \"Perhaps\"", 2},
        {NULL, BUILDS, FIXES, (CVES "CVE-2024-0001,t,,,s,\nCVE-2024-0001,u,,,s,\n"), "cves.csv",
         "listed twice, see line 2", 3},
        {(HEAD PRODUCT("P", "1.0.0", "9.0.0") PRODUCT("Q", "8.9.0", "10.0.0")), BUILDS, FIXES,
         ONE_CVE, "dossier.yaml", "\"Q\" and \"P\" overlap", 9},
        {(HEAD PRODUCT("P", "1.0.0", "9.0.0") "actors: []\n"), BUILDS, FIXES, ONE_CVE,
         "dossier.yaml", "unknown key \"actors\" in a catalogue", 9},
        {(HEAD "- {name: P, from: 1.0.0, to: 9.0.0, line: 4, vendor: V, names: [n], source: s}\n"),
         BUILDS, FIXES, ONE_CVE, "dossier.yaml", "\"line\" is 1, 2 or 3", 8},
    };
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        check(&faults[i]);
}

/* settings.csv, beside tables that are good and need "tls". */
static void test_settings(void **state)
{
    (void)state;
#define SETTING(row) "setting,cve,what,where,value,source\n" row "\n"
    static const struct {
        const char *settings, *says;
    } faults[] = {
        {SETTING("tls,,token-checking,Site/x,Require,s"), NULL},
        {SETTING("rule,CVE-2024-0001,block,Site,{URL} x,s"), NULL},
        {SETTING("rule,CVE-2024-0001,blocks,Site,{URL} x,s"), "there is no check \"blocks\""},
        {SETTING("rule,CVE-2024-0002,block,Site,{URL} x,s"), "is not in cves.csv"},
        {SETTING("tsl,,token-checking,Site/x,Require,s"), "no fix needs \"tsl\""},
        {SETTING("tls,,token-checking,Site/x,Require,"), "\"tls\" has no source"},
        {SETTING("tls,,token-checking,,Require,s"), "a row needs setting, what and where"},
    };
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        const struct fault f = {NULL,
                                BUILDS,
                                (FIXES "CVE-2024-0001,P,a,1.0.1,2024-01-01,build+config,tls,s,\n"),
                                ONE_CVE,
                                "settings.csv",
                                faults[i].says,
                                2};
        put("settings.csv", faults[i].settings);
        check(&f);
    }
    put("settings.csv", "");
}

#define LINES                                                                                      \
    BUILDS "P,a,1.0.0,2024-01-01,s,\nP,b,1.1.0,2024-02-01,s,\nP,c,1.2.0,2024-03-01,s,\n"           \
           "P,a2,1.0.1,2024-04-01,s,\nP,b2,1.1.1,2024-04-01,s,\nP,c2,1.2.1,2024-04-01,s,\n"        \
           "P,d,1.3.0,2024-04-01,s,\n"
#define FIX(n) "CVE-2024-0001,P,x,1." n ".1,2024-04-01,build,,s,\n"

/* A line that was out before the fix and has no row, between or above those that have one. */
static void test_gaps(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {NULL, (LINES), (FIXES FIX("0") FIX("1") FIX("2")), ONE_CVE, NULL, NULL, 0},
        {NULL, (LINES), (FIXES FIX("1") FIX("2")), ONE_CVE, NULL, NULL, 0},
        {NULL, (LINES), (FIXES FIX("0") FIX("2")), ONE_CVE, "fixes.csv",
         "no row for 1.1.0 of \"P\" (\"b\")", 2},
        {NULL, (LINES), (FIXES FIX("0") FIX("1")), ONE_CVE, "fixes.csv",
         "no row for 1.2.0 of \"P\" (\"c\")", 2},
        /* out of support by then */
        {(HEAD "- {name: P, from: 1.0.0, to: 9.0.0, line: 2, end_of_support: 2024-03-31, vendor: V,"
               " names: [n], source: s}\n"),
         (LINES), (FIXES FIX("0") FIX("1")), ONE_CVE, NULL, NULL, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        check(&faults[i]);
}

/* Two dossiers about the same product. */
static void test_contradictions(void **state)
{
    (void)state;
    static const struct fault first = {
        NULL,
        (BUILDS "P,a,1.0.1,2024-01-01,s,\nP,b,1.1.1,2024-01-02,s,\n"),
        (FIXES "CVE-2024-0001,P,a,1.0.1,2024-01-01,build,,s,\n"
               "CVE-2024-0001,P,b,1.1.1,2024-01-02,build,,s,noted\n"),
        ONE_CVE,
        NULL,
        NULL,
        0};
    static const struct fault second = {
        (HEAD PRODUCT("P", "1.0.0", "8.0.0")),
        (BUILDS "P,a,1.0.1,2024-01-05,s,\nP,b,1.1.1,2024-01-03,s,noted\nP,c,1.0.2,2024-01-09,s,\n"),
        (FIXES "CVE-2024-0001,P,c,1.0.2,2024-01-09,build,,s,\n"
               "CVE-2024-0001,P,d,1.1.2,2024-01-09,build,,s,\n"),
        ONE_CVE,
        NULL,
        NULL,
        0};
    static const struct {
        const char *file, *says;
        uint32_t line;
    } wanted[] = {
        {"dossier.yaml", "product \"P\" has other builds than in c", 8},
        {"builds.csv", "1.0.1 has another date than in c, line 2", 2},
        {"fixes.csv", "\"CVE-2024-0001\" is fixed in 1.0.2, but in 1.0.1 in c, line 2", 2},
    };
    struct dossier a, b;
    struct dossier_problems none, found = {0}, notes = {0};
    lint(&first, &a, &none);
    lint(&second, &b, &none);
    assert_int_equal(dossier_compare(&arena, &a, &a, &found), OK);
    assert_int_equal(found.n, 0);
    assert_int_equal(dossier_compare(&arena, &b, &a, &found), OK);
    assert_int_equal(found.n, ARRAY_LEN(wanted));
    for (size_t i = 0; i < found.n; i++) {
        assert_str(found.v[i].file, wanted[i].file);
        assert_str(found.v[i].text, wanted[i].says);
        assert_int_equal(found.v[i].line, wanted[i].line);
    }
    /* The other way round as many: a note counts on either side. */
    found.n = 0;
    assert_int_equal(dossier_compare(&arena, &a, &b, &found), OK);
    assert_int_equal(found.n, ARRAY_LEN(wanted));
    dossier_notes(&arena, &b, &notes);
    assert_int_equal(notes.n, 1);
    assert_str(notes.v[0].text, "noted");
    assert_int_equal(notes.v[0].line, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kinds_are_apart, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_shipped_lint_clean, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_exchange, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_dates_of_a_month, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_gitlab, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_sharepoint, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_names_agree, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_faults, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_settings, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_gaps, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_contradictions, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
