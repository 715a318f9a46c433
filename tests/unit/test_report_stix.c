/* A case as a STIX bundle: what is folded, what is left out, what stays the same when a case grows.
 * Validity under hostile texts is in test_report_formats.c, against the specification in
 * tests/cli/report_share.sh. */
#include "match/sigma.h"
#include "output/report.h"
#include "output/report_share.h"
#include "output_check.h"
#include "sample_report.h"

static struct str bundle(const struct report *r)
{
    struct sink s;
    struct error error = {0};
    buf_reset(&memory.b);
    sink_init(&s, memory_write, &memory);
    enum err rc = report_write(report_format_find(STR("stix")), &s, r, &error);
    sink_done(&s);
    if (rc)
        fail_msg("%s", error.text);
    return buf_view(&memory.b);
}

/* The nth object, a line each, that holds both texts; absent if there are fewer. */
static struct str object(struct str s, const char *a, const char *b, size_t nth)
{
    struct str rest = s, line;
    while (str_cut(&rest, '\n', &line))
        if (str_find(line, str_of(a)) >= 0 && str_find(line, str_of(b)) >= 0 && nth-- == 0)
            return line;
    return STR_NONE;
}

static size_t objects(struct str s, const char *a, const char *b)
{
    size_t n = 0;
    struct str rest = s, line;
    while (str_cut(&rest, '\n', &line))
        n += str_find(line, str_of(a)) >= 0 && str_find(line, str_of(b)) >= 0;
    return n;
}

/* The text behind "KEY":" in an object. */
static struct str member(struct str line, const char *key)
{
    char quoted[64];
    (void)snprintf(quoted, sizeof quoted, "\"%s\":\"", key);
    ptrdiff_t at = str_find(line, str_of(quoted));
    assert_true(at >= 0);
    struct str rest = str_sub(line, (size_t)at + strlen(quoted), line.n);
    return str_sub(rest, 0, (size_t)str_chr(rest, '"'));
}

static void same_rule(size_t to, size_t from)
{
    sample_finding[to].rule = sample_finding[from].rule;
    sample_finding[to].host = sample_finding[from].host;
}

static void test_rule_is_indicator(void **state)
{
    (void)state;
    struct report *r = sample_report();
    static struct str tags[] = {STR("attack.t1190"), STR("cve.2021-26855"), STR("cve.none")};
    struct sigma_rule rule = {.id = sample_finding[0].rule,
                              .title = STR("Shell"),
                              .text = STR("title: Shell\nid: x\n"),
                              .date = STR("2026-11-23"),
                              .tags = tags,
                              .n_tags = 3};
    sample_dossiers[0].rule = &rule;
    sample_dossiers[0].n_rules = 1;
    struct str s = bundle(r), i = object(s, "\"type\":\"indicator\"", "\"sigma\"", 0);
    assert_has(i, "\"pattern\":\"title: Shell\\nid: x\\n\",\"pattern_type\":\"sigma\"");
    assert_has(i, "\"valid_from\":\"2026-11-23T00:00:00.000Z\"");
    assert_has(s, "\"name\":\"CVE-2021-26855\"");
    char of[120];
    (void)snprintf(of, sizeof of, "\"sighting_of_ref\":\"%.*s\"", STR_FMT(member(i, "id")));
    assert_int_equal(objects(s, "\"type\":\"sighting\"", of), 1);
    assert_true(objects(s, "\"relationship_type\":\"related-to\"", "vulnerability--") > 0);
}

/* Without a rule's text what it tells is seen, not an indicator made up. */
static void test_rule_without_text(void **state)
{
    (void)state;
    struct str s = bundle(sample_report());
    assert_int_equal(objects(s, "\"type\":\"indicator\"", ""), 0);
    assert_true(objects(s, "\"sighting_of_ref\":\"attack-pattern--", "") > 0);
}

static void indicator_hit(const char *rule, bool of_dossier)
{
    sample_finding[0].rule = str_of(rule);
    sample_finding[0].dossier = of_dossier ? STR("hafnium-exchange-2021") : STR_NONE;
}

static void test_indicators(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"indicator:address:192.0.2.7", "[ipv4-addr:value = '192.0.2.7']"},
        {"indicator:address:2001:db8::7", "[ipv6-addr:value = '2001:db8::7']"},
        {"indicator:hash:0123456789abcdef0123456789abcdef",
         "[file:hashes.MD5 = '0123456789abcdef0123456789abcdef']"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct report *r = sample_report();
        indicator_hit(rows[i][0], false);
        assert_has(bundle(r), rows[i][1]);
    }
    struct report *r = sample_report();
    indicator_hit("indicator:name:it's \\ here.aspx", false);
    r->sharing.victim_data = true;
    assert_has(bundle(r), "[file:name = 'it\\\\'s \\\\\\\\ here.aspx']");
}

/* One's own list may hold one's own names. */
static void test_own_indicators_stay(void **state)
{
    (void)state;
    static const char *const own[] = {"indicator:domain:mail.contoso.example",
                                      "indicator:text:contoso", "indicator:address:10.1.2.3",
                                      "pivot:contoso"};
    struct indicator known = {.type = INDICATOR_DOMAIN, .value = STR("mail.contoso.example")};
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        struct report *r = sample_report();
        indicator_hit(own[i], false);
        struct str s = bundle(r);
        assert_lacks(s, "contoso");
        assert_lacks(s, "10.1.2.3");
    }
    struct report *r = sample_report();
    indicator_hit(own[0], true);
    known.from_us = known.until_us = TIME_NONE;
    sample_dossiers[0].indicator = &known;
    sample_dossiers[0].n_indicators = 1;
    assert_has(bundle(r), "[domain-name:value = 'mail.contoso.example']");
}

static void test_folded(void **state)
{
    (void)state;
    struct report *r = sample_report();
    same_rule(1, 0);
    sample_finding[0].count = 5;
    sample_finding[1].count = 7;
    struct str s = bundle(r), o = object(s, "\"type\":\"sighting\"", "\"count\":12,", 0);
    assert_true(o.p != NULL);
    assert_true(str_cmp(member(o, "first_seen"), member(o, "last_seen")) < 0);
    sample_fields[1][0].value = STR("198.51.100.77"); /* another client */
    s = bundle(r);
    assert_int_equal(objects(s, "\"type\":\"sighting\"", "\"count\":5,"), 1);
    assert_int_equal(objects(s, "\"type\":\"sighting\"", "\"count\":7,"), 1);
}

static struct note said(const struct finding *f, const char *word, int64_t time_us)
{
    return (struct note){.about = str_of(f->id), .state = str_of(word), .time_us = time_us};
}

static void test_set_aside(void **state)
{
    (void)state;
    struct report *r = sample_report();
    struct note note[2];
    sample_id(sample_finding[0].id, '9'); /* no alert's */
    size_t all = objects(bundle(r), "\"type\":\"sighting\"", "where_sighted_refs");
    r->note = note;
    r->n_notes = 1;
    note[0] = said(&sample_finding[0], "false-positive", r->made_us);
    assert_int_equal(objects(bundle(r), "\"type\":\"sighting\"", "where_sighted_refs"), all - 1);
    note[1] = said(&sample_finding[0], "clear", r->made_us); /* the last word counts */
    r->n_notes = 2;
    assert_int_equal(objects(bundle(r), "\"type\":\"sighting\"", "where_sighted_refs"), all);
    r->n_notes = 1;
    note[0].state = STR("own-scanner"); /* of tries alone */
    sample_finding[0].grade = GRADE_PROGRESSED;
    assert_int_equal(objects(bundle(r), "\"type\":\"sighting\"", "where_sighted_refs"), all);
    sample_finding[0].grade = GRADE_ATTEMPT;
    assert_int_equal(objects(bundle(r), "\"type\":\"sighting\"", "where_sighted_refs"), all - 1);
    sample_finding[0].grade = GRADE_COMPROMISE;
    note[0] = (struct note){.about = str_of(sample_alert[0].id), .state = STR("false-positive")};
    assert_lacks(bundle(r), "Microsoft Exchange is named on more sites");
}

static void test_private_clients(void **state)
{
    (void)state;
    static const char *const inside[] = {"10.20.30.40", "fd00::17", "192.168.7.7", "169.254.7.7"};
    for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
        struct report *r = sample_report();
        for (size_t k = 0; k < 4; k++)
            sample_fields[k][0].value = str_of(inside[i]);
        assert_lacks(bundle(r), inside[i]);
        r->sharing.victim_data = true;
        assert_has(bundle(r), inside[i]);
    }
}

/* What names a person, a mailbox or a machine in a request. */
static void test_paths(void **state)
{
    (void)state;
    static const char *const paths[] = {"/owa/board@contoso.example/", "/x/board%40contoso.example",
                                        "https://mail.contoso.example/owa/", "//contoso/share"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct report *r = sample_report();
        sample_fields[0][2].value = str_of(paths[i]);
        assert_lacks(bundle(r), "contoso");
    }
}

static uint64_t sum_of_counts(struct str s)
{
    uint64_t sum = 0;
    struct str rest = s, line;
    while (str_cut(&rest, '\n', &line)) {
        ptrdiff_t at = str_find(line, STR("\"type\":\"sighting\"")) < 0
                           ? -1
                           : str_find(line, STR("\"count\":"));
        for (size_t i = (size_t)at + 8; at >= 0 && ascii_digit((unsigned char)line.p[i]); i++)
            if (i == (size_t)at + 8)
                sum += strtoull(line.p + i, NULL, 10);
    }
    return sum;
}

enum { MANY = SHARE_CLIENTS + 500 };
static enum err many_clients(const struct report *r,
                             enum err (*tell)(void *ctx, const struct finding *f), void *ctx,
                             struct error *error)
{
    (void)error;
    char client[32];
    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(client, sizeof client, "203.%u.%u.%u", 1 + i / 65536, i / 256 % 256,
                       i % 256);
        sample_fields[0][0].value = str_of(client);
        (void)snprintf(sample_finding[0].id, sizeof sample_finding[0].id, "%064u", i);
        enum err rc = tell(ctx, &r->finding[0]);
        if (rc)
            return rc;
    }
    return OK;
}

static void test_many_clients(void **state)
{
    (void)state;
    struct report *r = sample_report();
    r->n_alerts = r->n_findings = 0;
    sample_finding[0].count = 1;
    r->each_finding = many_clients;
    struct str s = bundle(r);
    assert_int_equal(objects(s, "\"type\":\"ipv4-addr\"", ""), SHARE_CLIENTS);
    assert_int_equal(sum_of_counts(s), MANY);
}

/* Another host and other findings: what was told before keeps its identifiers. */
static void test_grown(void **state)
{
    (void)state;
    struct buf before;
    struct report *r = sample_report();
    buf_init(&before, 1 << 24);
    r->key = STR("of the case");
    r->n_findings = 2;
    r->judgement = sample_judgement + 1;
    r->n_judgements = 2;
    buf_str(&before, bundle(r));
    r->n_findings = 4;
    r->judgement = sample_judgement; /* host-1 is another one now */
    r->n_judgements = 3;
    struct str s = bundle(r), rest = buf_view(&before), line;
    while (str_cut(&rest, '\n', &line)) {
        if (str_find(line, STR("\"id\":\"")) < 0 || str_find(line, STR("\"type\":\"bundle\"")) >= 0)
            continue;
        struct str id = member(line, "id");
        if (str_find(s, id) < 0)
            fail_msg("gone: %.*s", STR_FMT(line));
    }
    buf_done(&before);
}

/* Who knows the recipe cannot try names: the same host in another case is another object. */
static void test_keyed(void **state)
{
    (void)state;
    char id[200];
    struct report *r = sample_report();
    r->key = STR("a");
    (void)snprintf(id, sizeof id, "%.*s",
                   STR_FMT(member(object(bundle(r), "\"type\":\"identity\"", "host-1", 0), "id")));
    r->key = STR("b");
    assert_lacks(bundle(r), id);
}

static void test_marked(void **state)
{
    (void)state;
    static const struct {
        enum tlp tlp;
        const char *id;
    } marks[] = {
        {TLP_CLEAR, "94868c89-83c2-464b-929b-a1a8aa3c8487"},
        {TLP_GREEN, "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"},
        {TLP_AMBER, "55d920b0-5e8b-4f79-9ee9-91f868d9b421"},
        {TLP_AMBER_STRICT, "939a9414-2ddd-4d32-a0cd-375ea402b003"},
        {TLP_RED, "e828b379-4e03-4974-9ac4-e53a884c97c1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        char ref[120];
        struct report *r = sample_report();
        r->sharing.tlp = marks[i].tlp;
        (void)snprintf(ref, sizeof ref, "\"object_marking_refs\":[\"marking-definition--%s\"]",
                       marks[i].id);
        struct str s = bundle(r);
        assert_int_equal(objects(s, "\"spec_version\"", ""), objects(s, ref, "") + 1);
    }
}

#define MARK(id) "\"object_marking_refs\":[\"marking-definition--" id "\"]"
#define GREEN MARK("bab4a63c-aed9-4cf5-a766-dfca5abac2bb")
#define STRICT MARK("939a9414-2ddd-4d32-a0cd-375ea402b003")

/* What the source of an indicator marks more strictly keeps that mark; what is no source's has the
 * report's, the whole no looser one than what it holds. */
static void test_marked_by_source(void **state)
{
    (void)state;
    struct report *r = sample_report();
    r->sharing.tlp = TLP_GREEN;
    r->strictest = TLP_AMBER_STRICT;
    indicator_hit("indicator:address:192.0.2.7", false);
    sample_finding[0].tlp = TLP_AMBER_STRICT;
    struct str s = bundle(r);
    assert_int_equal(objects(s, "\"type\":\"indicator\"", STRICT), 1);
    assert_true(objects(s, "\"type\":\"sighting\"", STRICT) == 1);
    assert_true(objects(s, "\"type\":\"sighting\"", GREEN) > 0);
    assert_int_equal(objects(s, "\"type\":\"observed-data\"", STRICT), 1);
    assert_int_equal(objects(s, "\"type\":\"report\"", STRICT), 1);
    assert_int_equal(objects(s, "\"type\":\"identity\"", STRICT), 0);
    assert_int_equal(objects(s, "\"type\":\"vulnerability\"", STRICT), 0);
    assert_int_equal(objects(s, "\"type\":\"attack-pattern\"", STRICT), 0);
    assert_int_equal(objects(s, "\"type\":\"marking-definition\"", ""), 2);
    assert_int_equal(objects(s, "\"spec_version\"", ""),
                     objects(s, GREEN, "") + objects(s, STRICT, "") + 2);
    /* A client of two findings is marked as the stricter, whichever comes first. */
    for (size_t i = 0; i < 2; i++) {
        sample_finding[i].tlp = TLP_AMBER_STRICT;
        sample_finding[!i].tlp = TLP_UNKNOWN;
        s = bundle(r);
        assert_int_equal(objects(s, "\"type\":\"ipv4-addr\"", "203.0.113.9"), 1);
        assert_int_equal(objects(s, "203.0.113.9\"", STRICT), 1);
    }
    sample_finding[1].tlp = TLP_UNKNOWN;
    sample_finding[0].tlp = r->strictest = TLP_CLEAR;
    assert_int_equal(objects(bundle(r), GREEN, ""), objects(s, GREEN, "") + objects(s, STRICT, ""));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_rule_is_indicator),
        T(test_rule_without_text),
        T(test_indicators),
        T(test_marked_by_source),
        T(test_own_indicators_stay),
        T(test_folded),
        T(test_set_aside),
        T(test_private_clients),
        T(test_paths),
        T(test_many_clients),
        T(test_grown),
        T(test_keyed),
        T(test_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
