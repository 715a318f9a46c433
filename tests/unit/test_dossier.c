/* The shipped dossiers: they load, they lint clean, and each rule fires on what it should and on
 * nothing else. Rows are inert: shapes as logs write them. */
#include "base/buf.h"
#include "dossier/lint.h"
#include "dossier/plays.h"
#include "dossier_rows.h"
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, FIELDS_MAX = 128 };

static struct arena arena;
static struct dossier dossiers[8];
static size_t n_dossiers;

static int setup_all(void **state)
{
    (void)state;
    const char *const *ids;
    size_t n = dossier_shipped(&ids);
    arena_init(&arena, ARENA_BYTES);
    for (size_t i = 0; i < n && i < ARRAY_LEN(dossiers); i++) {
        struct error error = {0};
        struct dossier_problems problems = {0};
        if (dossier_load(&arena, str_of(ids[i]), &dossiers[i], &problems, &error)) {
            print_error("%s: %s %s:%u\n", ids[i], error.text, error.input, (unsigned)error.offset);
            return -1;
        }
        for (size_t p = 0; p < problems.n; p++)
            print_error("%s/%.*s:%u: %.*s\n", ids[i], STR_FMT(problems.v[p].file),
                        problems.v[p].line, STR_FMT(problems.v[p].text));
        n_dossiers++;
    }
    return 0;
}

static int teardown_all(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const struct dossier *dossier(const char *id)
{
    for (size_t i = 0; i < n_dossiers; i++)
        if (str_eq(dossiers[i].id, str_of(id)))
            return &dossiers[i];
    fail_msg("no dossier '%s'", id);
    return NULL;
}

/* ---- one row against all rules: field names are numbers, values come from the row ---- */

struct row_view {
    struct arena arena;
    struct str name[FIELDS_MAX], value[FIELDS_MAX];
    size_t n;
    const struct dossier *d;
    struct str web; /* stem?query */
    struct str raw;
};

static size_t env_views(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    struct row_view *r = ctx;
    size_t i = 0;
    while (i < r->n && !str_ieq(r->name[i], field))
        i++;
    if (i == r->n) {
        assert_true(r->n < FIELDS_MAX);
        r->name[r->n] = field;
        r->value[r->n++] = STR_NONE;
    }
    ret_view[0] = (uint16_t)i;
    return 1;
}

static size_t env_placeholder(void *ctx, struct str name, const struct str **ret_values)
{
    struct row_view *r = ctx;
    for (size_t i = 0; i < r->d->n_placeholders; i++)
        if (str_eq(r->d->placeholder[i].name, name)) {
            *ret_values = r->d->placeholder[i].values.v;
            return r->d->placeholder[i].values.n;
        }
    return 0;
}

static bool env_anchor(void *ctx, uint16_t view, struct str literal, struct str *ret_raw,
                       double *ret_cost)
{
    (void)ctx;
    (void)view;
    *ret_raw = literal;
    *ret_cost = 1;
    return literal.n > 0;
}

static struct str subject_value(void *ctx, uint16_t view)
{
    struct row_view *r = ctx;
    assert_true(view < r->n);
    return r->value[view];
}

static void row_parse(struct row_view *r, const struct test_row *row)
{
    struct str rest = str_of(row->fields), line, stem = STR(""), query = STR("");
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 16 * 1024 * 1024);
    while (str_cut(&rest, '\n', &line)) {
        ptrdiff_t eq = str_chr(line, '=');
        if (eq <= 0)
            continue;
        r->name[r->n] = str_sub(line, 0, (size_t)eq);
        r->value[r->n] = str_sub(line, (size_t)eq + 1, line.n);
        if (str_eq(r->name[r->n], STR("cs-uri-stem")))
            stem = r->value[r->n];
        if (str_eq(r->name[r->n], STR("cs-uri-query")))
            query = r->value[r->n];
        if (str_eq(r->name[r->n], STR("raw")))
            r->raw = r->value[r->n];
        r->n++;
    }
    struct buf b;
    buf_init(&b, 64 * 1024);
    buf_str(&b, stem);
    buf_putc(&b, '?');
    buf_str(&b, query);
    r->web = arena_str(&r->arena, buf_view(&b));
    buf_done(&b);
    r->name[r->n] = STR("c-uri");
    r->value[r->n++] = r->web;
    for (size_t i = 0; i < r->n; i++)
        if (str_eq(r->name[i], STR("cs-uri-query")))
            r->value[i] = r->web;
}

static bool source_fits(const struct sigma_rule *rule, const char *kind)
{
    bool web = strcmp(kind, "web") == 0, backend = strcmp(kind, "backend") == 0;
    if (str_eq(rule->category, STR("webserver")))
        return web || backend;
    if (str_eq(rule->service, STR("iis-frontend")))
        return web;
    if (str_eq(rule->service, STR("iis-backend")))
        return backend;
    return str_eq(rule->service, str_of(kind)) || str_eq(rule->category, str_of(kind));
}

/* Rules for event logs are tried on events, by tests/cli/scan_dossier_events.sh. */
static bool of_events(const struct sigma_rule *rule)
{
    return str_eq(rule->product, STR("windows")) && !str_starts(rule->service, STR("iis-"));
}

static bool rule_fires(struct row_view *r, const struct sigma_rule *rule)
{
    struct sigma_env env = {r, env_views, env_placeholder, env_anchor};
    struct sigma_filter_set none = {0};
    struct sigma_plan *plan;
    struct error error = {0};
    struct sigma_subject subject = {r, r->raw, TIME_NONE, subject_value};
    if (sigma_compile(&r->arena, rule, &none, &env, &plan, &error))
        fail_msg("'%.*s' does not compile: %s", STR_FMT(rule->title), error.text);
    bool limited = false, hit = sigma_eval(plan, &subject, NULL, &limited);
    assert_false(limited);
    sigma_plan_done(plan);
    return hit;
}

/* Is the title among the expected ones, which are parted by ";"? */
static bool expected(const char *list, struct str title)
{
    struct str rest = str_of(list), one;
    while (str_cut(&rest, ';', &one))
        if (str_eq(str_trim(one), title))
            return true;
    return false;
}

static bool title_exists(struct str title)
{
    for (size_t d = 0; d < n_dossiers; d++)
        for (size_t i = 0; i < dossiers[d].n_rules; i++)
            if (str_eq(dossiers[d].rule[i].title, title))
                return true;
    return false;
}

static void test_rules_fire_exactly_where_they_should(void **state)
{
    (void)state;
    static struct row_view r;
    static bool fired[8][256];
    size_t wrong = 0;
    for (size_t i = 0; i < n_test_rows; i++) {
        const struct test_row *row = &test_rows[i];
        struct str rest = str_of(row->expected), one;
        while (str_cut(&rest, ';', &one))
            if (str_trim(one).n && !title_exists(str_trim(one)))
                fail_msg("row %zu (%s): no rule '%.*s'", i, row->about, STR_FMT(one));
        for (size_t d = 0; d < n_dossiers; d++)
            for (size_t k = 0; k < dossiers[d].n_rules; k++) {
                const struct sigma_rule *rule = &dossiers[d].rule[k];
                if (rule->type != SIGMA_DETECTION || !source_fits(rule, row->kind))
                    continue;
                row_parse(&r, row);
                r.d = &dossiers[d];
                bool hit = rule_fires(&r, rule), want = expected(row->expected, rule->title);
                arena_done(&r.arena);
                fired[d][k] |= hit;
                if (hit == want)
                    continue;
                wrong++;
                print_error("row %zu (%s): '%.*s' %s\n", i, row->about, STR_FMT(rule->title),
                            hit ? "fires" : "does not fire");
            }
    }
    for (size_t d = 0; d < n_dossiers; d++)
        for (size_t k = 0; k < dossiers[d].n_rules; k++) {
            const struct sigma_rule *rule = &dossiers[d].rule[k];
            if (rule->type == SIGMA_DETECTION && !of_events(rule) && !fired[d][k]) {
                wrong++;
                print_error("no row for '%.*s'\n", STR_FMT(rule->title));
            }
        }
    assert_int_equal(wrong, 0);
}

/* A rule without a literal would need every line of its logs. */
static void test_every_rule_has_literals(void **state)
{
    (void)state;
    static struct row_view r;
    for (size_t d = 0; d < n_dossiers; d++)
        for (size_t k = 0; k < dossiers[d].n_rules; k++) {
            struct sigma_env env = {&r, env_views, env_placeholder, env_anchor};
            struct sigma_filter_set none = {0};
            struct test_row empty = {"", "", "", ""};
            struct sigma_plan *plan;
            const struct str *literal;
            double cost;
            struct error error = {0};
            if (dossiers[d].rule[k].type != SIGMA_DETECTION)
                continue;
            row_parse(&r, &empty);
            r.d = &dossiers[d];
            assert_int_equal(
                sigma_compile(&r.arena, &dossiers[d].rule[k], &none, &env, &plan, &error), OK);
            if (sigma_anchors(plan, &literal, &cost) == 0)
                fail_msg("'%.*s' has no literal", STR_FMT(dossiers[d].rule[k].title));
            sigma_plan_done(plan);
            arena_done(&r.arena);
        }
}

/* ---- loading and linting ---- */

static void test_shipped_lint_clean(void **state)
{
    (void)state;
    const char *const *ids;
    size_t n = dossier_shipped(&ids), bad = 0;
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++) {
        struct dossier_problems problems;
        struct error error = {0};
        struct dossier d;
        struct arena a;
        arena_init(&a, ARENA_BYTES);
        assert_int_equal(dossier_lint(&a, str_of(ids[i]), &d, &problems, &error), OK);
        for (size_t p = 0; p < problems.n; p++)
            print_error("%s/%.*s:%u: %.*s\n", ids[i], STR_FMT(problems.v[p].file),
                        problems.v[p].line, STR_FMT(problems.v[p].text));
        bad += problems.n;
        arena_done(&a);
    }
    assert_int_equal(bad, 0);
}

static void test_loaded_parts(void **state)
{
    (void)state;
    const struct dossier *d = dossier("hafnium-exchange-2021");
    int64_t us;
    assert_true(time_parse_date(STR("2021-01-03"), &us));
    assert_int_equal(d->window_from_us, us);
    assert_true(time_parse_date(STR("2021-02-26"), &us));
    assert_int_equal(d->window_narrow_us, us);
    assert_int_equal(d->window_until_us, TIME_NONE);
    assert_int_equal(d->cves.n, 4);
    assert_int_equal(d->n_products, 5);
    assert_true(d->n_fixes >= 90 && d->n_known > 300 && d->n_indicators > 300);
    assert_true(d->n_shipped > 60 && d->n_events >= 15 && d->n_actors == 2);
    assert_str(d->actor[0].attack_id, "G0125");
    assert_int_equal(d->actor[0].sectors.n, 6);
    assert_true(d->isolate[VERDICT_COMPROMISED] && !d->isolate[VERDICT_NO_SIGN]);
    for (size_t s = 0; s < 5; s++)
        assert_true(d->advice[s].n > 0);
    assert_non_null(play_step_find(&d->plays, STR("hafnium-exchange-2021.close.update")));
    assert_int_equal(strlen(d->sha256), 64);
    for (size_t i = 0; i < d->n_indicators; i++)
        assert_true(str_eq(d->indicator[i].dossier, d->id));
    assert_int_equal(dossier("sharepoint-toolshell-2025")->needed_fields.n, 2);
}

static void test_rule_meta(void **state)
{
    (void)state;
    const struct dossier *d = dossier("hafnium-exchange-2021");
    size_t seen = 0;
    for (size_t i = 0; i < d->n_rules; i++) {
        const struct rule_meta *m = &d->meta[i];
        if (str_eq(d->rule[i].title, STR("Search for web shells of others"))) {
            assert_true(m->graded && m->foreign_shell && m->grade == GRADE_PROBE);
            assert_int_equal(m->stage, STAGE_SHELL);
            seen++;
        } else if (str_eq(d->rule[i].title, STR("Script that never shipped answered"))) {
            assert_true(m->second_sign && m->grade == GRADE_COMPROMISE);
            seen++;
        } else if (str_eq(d->rule[i].title,
                          STR("ProxyLogon: forged request to Autodiscover refused"))) {
            assert_str(m->target_field, "AnchorMailbox");
            assert_true(m->target_regex.n > 0);
            seen++;
        } else if (str_eq(d->rule[i].title, STR("Export tool manifest fetched without a login"))) {
            assert_true(m->public_clients);
            seen++;
        }
    }
    assert_int_equal(seen, 4);
}

static void test_meta_of_a_foreign_rule(void **state)
{
    (void)state;
    struct sigma_pair extra[] = {{STR("grade"), STR("huge")},
                                 {STR("fold"), STR(" c-ip, ,cs-uri-stem ")},
                                 {STR("confirm"), STR("many-mailboxes")}};
    struct sigma_rule rule = {.level = STR("critical"), .extra = extra, .n_extra = 3};
    struct rule_meta m;
    struct dossier_problems problems = {0};
    rule_meta_read(&rule, &m, &arena, &problems);
    assert_false(m.graded);
    assert_int_equal(m.grade, GRADE_ATTEMPT);
    assert_int_equal(problems.n, 1);
    assert_int_equal(m.fold.n, 2);
    assert_str(m.fold.v[1], "cs-uri-stem");
    assert_true(m.many_mailboxes);
    rule.level = STR("low");
    rule_meta_read(&rule, &m, &arena, NULL);
    assert_int_equal(m.grade, GRADE_WEAK);
    rule.level = STR("medium");
    rule_meta_read(&rule, &m, &arena, NULL);
    assert_int_equal(m.grade, GRADE_PROBE);
}

static void test_fix_state_logged(void **state)
{
    (void)state;
    static const struct {
        const char *build, *seen;
        int want;
    } cases[] = {
        {"15.1.2176.9", "2021-03-02", 1}, /* on the day of its release */
        {"15.1.2176.9", "2021-01-01", -1},
        {"15.1.2242.4", "2021-03-20", 1},
        {"15.1.2106.2", "2021-01-01", 0},
        {"15.0.1497.12", "2021-03-20", -1}, /* 2013: the revision is not the update's */
        {"15.0.1497.2", "2021-03-20", -1},
        {"15.0.1365.1", "2021-03-20", 0}, /* this cumulative update never got a fix */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct build b;
        int64_t seen;
        assert_true(build_parse(str_of(cases[i].build), &b));
        assert_true(time_parse(str_of(cases[i].seen), &seen));
        int got =
            fix_state_logged(dossier("hafnium-exchange-2021"), STR("CVE-2021-27065"), &b, seen);
        if (got != cases[i].want)
            fail_msg("%s on %s: %d, wanted %d", cases[i].build, cases[i].seen, got, cases[i].want);
    }
}

static void test_shared(void **state)
{
    (void)state;
    const struct dossier *d = dossier("sharepoint-toolshell-2025");
    assert_true(str_eq(d->shared_what, STR("the machine keys of a farm")));
    assert_int_equal(d->shared_stage, STAGE_EXPLOIT);
    assert_false(dossier("hafnium-exchange-2021")->shared_what.n);
}

static void test_seen_paths(void **state)
{
    (void)state;
    const struct str_list *paths = &dossier("sharepoint-toolshell-2025")->seen_paths;
    assert_true(paths->n > 1);
    assert_true(seen_path_fits(paths->v[0], STR("/_layouts/15/start.aspx")));
    assert_true(seen_path_fits(paths->v[0], STR("/sites/HR/_Layouts/15/start.aspx")));
    assert_false(seen_path_fits(paths->v[0], STR("/sites/layouts/")));
    assert_true(seen_path_fits(STR("/owa/"), STR("/OWA/auth/x")));
    assert_false(seen_path_fits(STR("/owa/"), STR("/x/owa/")));
    assert_false(seen_path_fits(STR("*"), STR("/x")));
}

static void test_fix_state(void **state)
{
    (void)state;
    static const struct {
        const char *dossier, *cve, *build;
        int want;
    } cases[] = {
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.1.2176.2", 0},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.1.2176.9", 1},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.01.2176.009", 1},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.1.2176", -1},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.1.2242.4", 1},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.1.2242", 1},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.1.225.42", 0},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.1", -1},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.2.792.10", 1},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.2.792.3", 0},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.2.721.13", 1},
        {"hafnium-exchange-2021", "CVE-2021-26855", "15.2.2562.17", 1},
        {"hafnium-exchange-2021", "CVE-2021-26855", "14.3.513.0", -1},
        {"hafnium-exchange-2021", "CVE-2021-26857", "14.3.513.0", 1},
        {"hafnium-exchange-2021", "CVE-2021-26857", "14.3.496.0", 0},
        {"hafnium-exchange-2021", "CVE-2021-26855", "8.3.83.6", -1},
        {"hafnium-exchange-2021", "CVE-1999-0001", "15.1.2176.9", -1},
        {"proxyshell-2021", "CVE-2021-34473", "15.1.2176.9", 0},
        {"proxyshell-2021", "CVE-2021-34473", "15.1.2176.12", 1},
        {"proxyshell-2021", "CVE-2021-31207", "15.1.2176.12", 0},
        {"proxyshell-2021", "CVE-2021-31207", "15.1.2176.14", 1},
        {"proxynotshell-owassrf-2022", "CVE-2022-41080", "15.1.2375.31", 0},
        {"proxynotshell-owassrf-2022", "CVE-2022-41080", "15.1.2375.37", 1},
        {"sharepoint-toolshell-2025", "CVE-2025-53770", "16.0.5508.1000", 0},
        {"sharepoint-toolshell-2025", "CVE-2025-53770", "16.0.5513.1001", 1},
        {"sharepoint-toolshell-2025", "CVE-2025-53770", "16.0.10417.20027", 0},
        {"sharepoint-toolshell-2025", "CVE-2025-53770", "16.0.10417.20037", 1},
        {"sharepoint-toolshell-2025", "CVE-2025-53770", "16.0.18526.20424", 0},
        {"sharepoint-toolshell-2025", "CVE-2025-53770", "16.0.18526.20508", 1},
        {"sharepoint-toolshell-2025", "CVE-2025-49704", "16.0.18526.20508", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct build b;
        assert_true(build_parse(str_of(cases[i].build), &b));
        int got = fix_state(dossier(cases[i].dossier), str_of(cases[i].cve), &b);
        if (got != cases[i].want)
            fail_msg("%s at %s: got %d, wanted %d", cases[i].cve, cases[i].build, got,
                     cases[i].want);
    }
}

static void test_no_legitimate_name_is_an_indicator(void **state)
{
    (void)state;
    static const char *const legit[] = {"RedirSuiteServiceProxy.aspx", "TimeoutLogout.aspx",
                                        "/logon.aspx", "/errorFE.aspx", "OutlookCN.aspx"};
    for (size_t d = 0; d < 3; d++)
        for (size_t i = 0; i < dossiers[d].n_indicators; i++)
            for (size_t k = 0; k < ARRAY_LEN(legit); k++) {
                struct str v = dossiers[d].indicator[i].value;
                if (str_iends(v, str_of(legit[k])) && str_ifind(v, STR("/Current/")) < 0)
                    fail_msg("'%.*s'", STR_FMT(v));
            }
}

/* ---- a folder of the user's ---- */

static char folder[64];

static void put(const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int folder_make(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/dossier-test-XXXXXX", P_tmpdir);
    return mkdtemp(folder) ? 0 : -1;
}

static int folder_drop(void **state)
{
    static const char *const names[] = {"dossier.yaml", "indicators.csv", "fixes.csv",
                                        "rules/r.yml",  "rules",          "."};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(i + 1 < ARRAY_LEN(names) ? path : folder);
    }
    return 0;
}

static bool has_problem(const struct dossier_problems *p, const char *part)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_find(p->v[i].text, str_of(part)) >= 0)
            return true;
    return false;
}

static void test_folder_with_faults(void **state)
{
    (void)state;
    struct dossier_problems problems;
    struct error error = {0};
    struct dossier d;
    char rules[80];
    put("dossier.yaml", "id: my-affair\ntitle: t\nodd: 1\nwindow: {from: someday}\n"
                        "fix_cves: [CVE-2024-1]\ndeciding: [iiss]\n"
                        "placeholders: {unused: [a]}\n");
    put("indicators.csv", "type,value,strength,source,tlp\naddress,192.0.2.300,strong,me,puce\n"
                          "smell,x,weak,me\nhash,abc,maybe,me,tlp:green\n\"bad\"row\n");
    put("fixes.csv", "cve,product,update,build,released\nCVE-2024-1,P,u,12,2024-01-01\n"
                     "CVE-2024-2,P,u,1.2.3.4,soon\nCVE-2024-3,P,u,1.2.3.4,\n");
    (void)snprintf(rules, sizeof rules, "%s/rules", folder);
    assert_int_equal(mkdir(rules, 0700), 0);
    put("rules/r.yml", "title: a\nlogsource: {category: webserver}\ndetection:\n  s:\n"
                       "    cs-uri-stem|expand: '%nowhere%'\n  condition: s\ngrade: big\n"
                       "smell: 1\n---\ntitle: b\nlogsource: {category: webserver}\ndetection:\n"
                       "  s:\n    cs-uri-stem: /b\n  condition: s\nconfirm: many-mailboxes\n"
                       "fold: client\n---\ntitle: c\nlogsource: {category: webserver}\ndetection:\n"
                       "  s:\n    cs-uri-stem: /c\n  condition: s\nconfirm: unrequested\n"
                       "---\ntitle: [\n");
    assert_int_equal(dossier_lint(&arena, str_of(folder), &d, &problems, &error), OK);
    static const char *const wanted[] = {"unknown key \"odd\"",
                                         "\"summary\" is missing",
                                         "no date: \"someday\"",
                                         "not among the CVEs",
                                         "no log kind \"iiss\"",
                                         "used by no rule",
                                         "shape of its type",
                                         "never strong",
                                         "no mark of the Traffic Light Protocol",
                                         "no indicator type",
                                         "neither strong nor weak",
                                         "a row cannot be read",
                                         "no build of four numbers",
                                         "no date: \"soon\"",
                                         "no advice for",
                                         "rule left out",
                                         "\"grade\" cannot be",
                                         "unknown key \"smell\"",
                                         "no meaning",
                                         "\"nowhere\" is not defined",
                                         "no ATT&CK technique",
                                         "no id in the form",
                                         "the window has no start",
                                         "many-mailboxes counts nothing",
                                         "unrequested sees the first"};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (!has_problem(&problems, wanted[i]))
            fail_msg("no problem that says '%s'", wanted[i]);
}

static void test_folder_that_is_no_dossier(void **state)
{
    (void)state;
    struct dossier d;
    struct error error = {0};
    assert_int_equal(dossier_load(&arena, str_of(folder), &d, NULL, &error), ERR_NOT_FOUND);
    put("dossier.yaml", "- a\n");
    assert_int_equal(dossier_load(&arena, str_of(folder), &d, NULL, &error), ERR_FORMAT);
    put("dossier.yaml", "id: ../x\n");
    assert_int_equal(dossier_load(&arena, str_of(folder), &d, NULL, &error), ERR_FORMAT);
    put("dossier.yaml", "id: [\n");
    assert_int_equal(dossier_load(&arena, str_of(folder), &d, NULL, &error), ERR_FORMAT);
    put("dossier.yaml", "id: x\nactors: [a, {}]\nproducts: no\ncves: {}\nadvice: 1\n"
                        "timeline: [[]]\nplaceholders: []\nwindow: 1\nseen: 1\naliases: [{}]\n");
    assert_int_equal(dossier_load(&arena, str_of(folder), &d, NULL, &error), OK);
    assert_int_equal(dossier_load(&arena, STR("no-such"), &d, NULL, &error), ERR_NOT_FOUND);
}

/* The same files hash alike wherever they come from; another byte changes the hash. */
static void test_hash_of_a_folder(void **state)
{
    (void)state;
    struct dossier a, b;
    struct error error = {0};
    put("dossier.yaml", "id: x\n");
    assert_int_equal(dossier_load(&arena, str_of(folder), &a, NULL, &error), OK);
    put("dossier.yaml", "id: x\n#\n");
    assert_int_equal(dossier_load(&arena, str_of(folder), &b, NULL, &error), OK);
    assert_string_not_equal(a.sha256, b.sha256);
    assert_int_equal(dossier_load(&arena, STR("dossiers/hafnium-exchange-2021"), &a, NULL, &error),
                     OK);
    assert_string_equal(a.sha256, dossier("hafnium-exchange-2021")->sha256);
}

/* Each rule has its document and nothing of its neighbours'. */
static void test_rule_texts(void **state)
{
    (void)state;
    for (size_t d = 0; d < n_dossiers; d++)
        for (size_t i = 0; i < dossiers[d].n_rules; i++) {
            const struct sigma_rule *rule = &dossiers[d].rule[i];
            char id[80];
            (void)snprintf(id, sizeof id, "\nid: %.*s\n", STR_FMT(rule->id));
            assert_true(str_starts(rule->text, STR("title: ")));
            assert_true(str_find(rule->text, str_of(id)) > 0);
            assert_true(str_find(rule->text, rule->type == SIGMA_DETECTION
                                                 ? STR("\ndetection:\n")
                                                 : STR("\ncorrelation:\n")) > 0);
            assert_true(str_find(rule->text, STR("\n---")) < 0);
            assert_true(str_find(str_sub(rule->text, 1, rule->text.n), STR("\ntitle: ")) < 0);
        }
}

/* Too little memory is an error, never a crash. */
static void test_small_arenas(void **state)
{
    (void)state;
    for (size_t bytes = 1024; bytes < 4 * 1024 * 1024; bytes *= 3) {
        struct arena a;
        struct dossier d;
        struct error error = {0};
        arena_init(&a, bytes);
        enum err rc = dossier_load(&a, STR("proxyshell-2021"), &d, NULL, &error);
        assert_true(rc == OK || rc == ERR_NOMEM || rc == ERR_LIMIT);
        arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_lint_clean),
        cmocka_unit_test(test_loaded_parts),
        cmocka_unit_test(test_rules_fire_exactly_where_they_should),
        cmocka_unit_test(test_every_rule_has_literals),
        cmocka_unit_test(test_rule_meta),
        cmocka_unit_test(test_meta_of_a_foreign_rule),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_seen_paths),
        cmocka_unit_test(test_fix_state),
        cmocka_unit_test(test_fix_state_logged),
        cmocka_unit_test(test_no_legitimate_name_is_an_indicator),
        cmocka_unit_test_setup_teardown(test_folder_with_faults, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_folder_that_is_no_dossier, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(test_hash_of_a_folder, folder_make, folder_drop),
        cmocka_unit_test(test_rule_texts),
        cmocka_unit_test(test_small_arenas),
    };
    return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
