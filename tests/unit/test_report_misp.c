/* A case as a MISP event and as a feed: what is meant for detection, what is left out, what a
 * reader of the feed finds. Validity under hostile texts is in test_report_formats.c, against the
 * specification in tests/cli/report_share.sh. */
#include "base/hash.h"
#include "match/sigma.h"
#include "output/report.h"
#include "output_check.h"
#include "sample_report.h"

static struct str event(const struct report *r)
{
    struct sink s;
    struct error error = {0};
    buf_reset(&memory.b);
    sink_init(&s, memory_write, &memory);
    enum err rc = report_write(report_format_find(STR("misp")), &s, r, &error);
    sink_done(&s);
    if (rc)
        fail_msg("%s", error.text);
    return buf_view(&memory.b);
}

static struct str no_warning(const struct report *r, struct str kind, struct str value)
{
    (void)r, (void)kind, (void)value;
    return STR_NONE;
}

static struct str any_warning(const struct report *r, struct str kind, struct str value)
{
    (void)r, (void)kind, (void)value;
    return STR("everybody's");
}

/* Is the first attribute of this type and value meant for detection? */
static bool detects(struct str s, const char *type, const char *value)
{
    char text[256];
    (void)snprintf(text, sizeof text, "\"type\":\"%s\",\"category\":", type);
    for (struct str rest = s; rest.n;) {
        ptrdiff_t at = str_find(rest, str_of(text));
        assert_true(at >= 0);
        rest = str_sub(rest, (size_t)at + 1, rest.n);
        struct str until = str_sub(rest, 0, (size_t)str_find(rest, STR("\"event_id\"")));
        (void)snprintf(text, sizeof text, "\"value\":\"%s", value);
        if (str_find(until, str_of(text)) >= 0)
            return str_find(until, STR("\"to_ids\":true")) >= 0;
        (void)snprintf(text, sizeof text, "\"type\":\"%s\",\"category\":", type);
    }
    fail_msg("no %s %s", type, value);
    return false;
}

static void set_client(const char *address)
{
    for (size_t i = 0; i < 4; i++)
        sample_fields[i][0].value = str_of(address);
}

static void test_clients_detect(void **state)
{
    (void)state;
    struct report *r = sample_report();
    set_client("45.77.12.9");
    assert_false(detects(event(r), "ip-src", "45.77.12.9")); /* no list to ask */
    r->warning = any_warning;
    assert_false(detects(event(r), "ip-src", "45.77.12.9"));
    r->warning = no_warning;
    assert_true(detects(event(r), "ip-src", "45.77.12.9"));
    for (size_t i = 0; i < 4; i++)
        sample_finding[i].grade = GRADE_PROBE;
    assert_false(detects(event(r), "ip-src", "45.77.12.9"));
    sample_finding[0].grade = GRADE_COMPROMISE;
    set_client("203.0.113.9"); /* of the documentation */
    assert_false(detects(event(r), "ip-src", "203.0.113.9"));
    set_client("10.1.2.3");
    assert_lacks(event(r), "10.1.2.3");
    r->sharing.victim_data = true;
    assert_false(detects(event(r), "ip-src", "10.1.2.3"));
}

static void test_weak_indicators_do_not(void **state)
{
    (void)state;
    struct report *r = sample_report();
    struct indicator known[2] = {{.type = INDICATOR_NAME, .value = STR("shell.aspx"), .weak = true},
                                 {.type = INDICATOR_ADDRESS, .value = STR("45.77.12.9")}};
    sample_dossiers[0].indicator = known;
    sample_dossiers[0].n_indicators = 2;
    r->warning = no_warning;
    sample_finding[0].rule = STR("indicator:name:shell.aspx");
    assert_false(detects(event(r), "filename", "shell.aspx"));
    known[0].weak = false;
    assert_true(detects(event(r), "filename", "shell.aspx"));
    sample_finding[0].grade = GRADE_WEAK;
    assert_false(detects(event(r), "filename", "shell.aspx"));
    sample_finding[0].rule = STR("indicator:address:45.77.12.9");
    sample_finding[0].grade = GRADE_ATTEMPT;
    assert_true(detects(event(r), "ip-src", "45.77.12.9"));
    r->warning = any_warning;
    assert_false(detects(event(r), "ip-src", "45.77.12.9"));
}

static void test_rules(void **state)
{
    (void)state;
    struct report *r = sample_report();
    struct sigma_rule rule = {.id = sample_finding[0].rule, .text = STR("title: Forged")};
    sample_dossiers[0].rule = &rule;
    sample_dossiers[0].n_rules = 1;
    assert_true(detects(event(r), "sigma", "title: Forged"));
    sample_dossiers[0].draft = true;
    assert_false(detects(event(r), "sigma", "title: Forged"));
    sample_dossiers[0].draft = false;
    sample_finding[0].grade = GRADE_PROBE;
    assert_false(detects(event(r), "sigma", "title: Forged"));
    assert_has(event(r), "\"source\":\"tocsin on host-1\"");
}

static void test_head(void **state)
{
    (void)state;
    struct report *r = sample_report();
    static const char *const wanted[] = {
        "{\"Event\":{\"uuid\":\"",
        "\"distribution\":\"0\"",
        "\"published\":false,\"publish_timestamp\":\"0\"",
        "\"org_id\":\"0\",\"orgc_id\":\"0\"",
        "\"threat_level_id\":\"1\"",
        "{\"name\":\"tlp:amber\"",
        "misp-galaxy:mitre-attack-pattern=\\\"Exploit Public-Facing Application - T1190\\\"",
        "\"info\":\"tocsin: a case; compromised: 1\"",
        "\"attribute_count\":\"",
    };
    struct str s = event(r);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        assert_has(s, wanted[i]);
    r->sharing.tlp = TLP_AMBER_STRICT;
    assert_has(event(r), "{\"name\":\"tlp:amber+strict\"");
    assert_lacks(event(r), "CONTOSO");
    r->sharing.victim_data = true;
    assert_has(event(r), "\"type\":\"target-user\",\"category\":\"Targeting data\","
                         "\"value\":\"CONTOSO\\\\thief\"");
    assert_has(event(r), "\"type\":\"target-machine\"");
}

/* An attribute says what its source says of it, if that is stricter; inside such an event the
 * others say that they are not. */
static void test_marked_by_source(void **state)
{
    (void)state;
    struct report *r = sample_report();
    sample_finding[0].rule = STR("indicator:address:45.77.12.9");
    sample_finding[0].tlp = TLP_AMBER_STRICT;
    r->sharing.tlp = TLP_GREEN;
    r->strictest = TLP_AMBER_STRICT;
    struct str s = event(r);
    ptrdiff_t at = str_find(s, STR("\"Attribute\":["));
    assert_has(str_sub(s, 0, (size_t)at), "{\"name\":\"tlp:amber+strict\"");
    at = str_find(s, STR("\"value\":\"45.77.12.9\""));
    assert_true(at > 0);
    struct str rest = str_sub(s, (size_t)at, s.n);
    at = str_find(rest, STR("\"Tag\":[{\"name\":\"tlp:"));
    assert_true(str_starts(str_sub(rest, (size_t)at, rest.n),
                           STR("\"Tag\":[{\"name\":\"tlp:amber+strict\"")));
    assert_has(s, "\"comment\":\"verdict\",\"Tag\":[{\"name\":\"tlp:green\"");
    sample_finding[0].tlp = TLP_UNKNOWN;
    r->strictest = TLP_UNKNOWN;
    assert_lacks(event(r), "\"comment\":\"verdict\",\"Tag\"");
    assert_lacks(event(r), "tlp:amber");
}

/* Lines breaks and length of the title, as the format wants them. */
static void test_title(void **state)
{
    (void)state;
    char name[600];
    struct report *r = sample_report();
    r->sharing.victim_data = true;
    memset(name, 'n', sizeof name);
    name[10] = '\n';
    r->name = str_make(name, sizeof name);
    struct str s = event(r);
    ptrdiff_t at = str_find(s, STR("\"info\":\""));
    struct str info = str_sub(s, (size_t)at + 8, s.n);
    assert_true(str_chr(info, '"') <= 256);
    assert_true(str_find(str_sub(info, 0, 256), STR("\\n")) < 0);
}

/* --- the feed --- */

enum { FILES = 3 };
static struct {
    char name[80];
    struct buf b;
} file[FILES];
static size_t files, failing; /* failing: the write that fails, from 1 */
static size_t writes;
static bool is_open;

static enum err feed_open(void *ctx, struct str name)
{
    (void)ctx;
    assert_true(files < FILES && !is_open);
    (void)snprintf(file[files].name, sizeof file[files].name, "%.*s", STR_FMT(name));
    buf_init(&file[files].b, 1 << 24);
    files++;
    is_open = true;
    return OK;
}

static enum err feed_write(void *ctx, const void *p, size_t n)
{
    (void)ctx;
    assert_true(is_open);
    if (++writes == failing)
        return ERR_IO;
    buf_add(&file[files - 1].b, p, n);
    return OK;
}

static enum err feed_close(void *ctx)
{
    (void)ctx;
    assert_true(is_open);
    is_open = false;
    return OK;
}

static const struct report_folder folder = {feed_open, feed_write, feed_close, NULL};

static enum err feed(const struct report *r)
{
    struct error error = {0};
    files = writes = 0;
    return report_format_find(STR("misp-feed"))->write_folder(&folder, r, &error);
}

static void feed_done(void)
{
    for (size_t i = 0; i < files; i++)
        buf_done(&file[i].b);
}

static void test_feed(void **state)
{
    (void)state;
    char hex[SHA256_HEX + 1], uuid[40];
    unsigned char digest[SHA256_BYTES];
    failing = 0;
    assert_int_equal(feed(sample_report()), OK);
    assert_int_equal(files, 3);
    (void)snprintf(uuid, sizeof uuid, "%.36s", file[0].name);
    assert_string_equal(file[0].name + 36, ".json");
    assert_string_equal(file[1].name, "hashes.csv");
    assert_string_equal(file[2].name, "manifest.json");
    sha256_of(buf_view(&file[0].b), digest);
    hex_of(digest, sizeof digest, hex);
    struct str manifest = buf_view(&file[2].b);
    assert_has(manifest, uuid);
    assert_has(manifest, hex);
    assert_has(manifest, "\"timestamp\":\"");
    assert_true(json_check(str_trim(manifest)));
    assert_has(buf_view(&file[0].b), "\"published\":true");
    /* 203.0.113.9, an attribute */
    assert_has(buf_view(&file[1].b), "8226d05ff811db619a466d17b0b2d1bb");
    feed_done();
}

/* Nothing is named by a manifest that is not there. */
static void test_feed_fails(void **state)
{
    (void)state;
    for (failing = 1; failing <= 3; failing++) {
        assert_int_equal(feed(sample_report()), ERR_IO);
        assert_int_equal(files, failing);
        assert_false(is_open);
        feed_done();
    }
    failing = 0;
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_clients_detect),
        T(test_marked_by_source),
        T(test_weak_indicators_do_not),
        T(test_rules),
        T(test_head),
        T(test_title),
        T(test_feed),
        T(test_feed_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
