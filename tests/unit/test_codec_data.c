/* Real logs beside the tree ($TOCSIN_SHARED, else ../shared). Skips where there are none. */
#include "base/hash.h"
#include "codec/json.h"
#include "codec/stream.h"
#include "codec_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

static struct arena files;

static const char *shared(const char *name, char *out, size_t size)
{
    const char *root = getenv("TOCSIN_SHARED");
    (void)snprintf(out, size, "%s/data/%s", root ? root : "../shared", name);
    return out;
}

/* Packed or not; skips the test if the file is not there. */
static struct str load(const char *name)
{
    char path[1024];
    struct buf b;
    struct stream *stream;
    buf_init(&b, 16 << 20);
    int fd = open(shared(name, path, sizeof path), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    assert_int_equal(stream_open_fd(fd, &stream, NULL), OK);
    for (size_t n = 1; n > 0;) {
        char *p = buf_reserve(&b, 65536);
        assert_non_null(p);
        assert_int_equal(stream_read(stream, p, 65536, &n, NULL), OK);
        b.n += n;
    }
    (void)stream_close(stream);
    (void)close(fd);
    struct str s = arena_str(&files, buf_view(&b));
    buf_done(&b);
    return s;
}

static const struct node *load_json(const char *name)
{
    struct node *n;
    assert_int_equal(json_parse(&files, load(name), str_of(name), &n, NULL), OK);
    return n;
}

static int setup(void **state)
{
    (void)state;
    arena_init(&files, 64 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&files);
    return 0;
}

static void exchange_samples(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *kind;
    } kinds[] = {
        {"AgentLog", "agent"},
        {"Autodiscover__", "httpproxy-autodiscover"},
        {"audit", "audit"},
        {"Eas__", "httpproxy-eas"},
        {"ECPActivity", "ecp-activity"},
        {"ECPServer", "ecp-server"},
        {"Ecp__", "httpproxy-ecp"},
        {"Ews__", "httpproxy-ews"},
        {"Ews_", "ews"},
        {"Mapi__", "httpproxy-mapi"},
        {"MSGTRK", "msgtrk"},
        {"Owa__", "httpproxy-owa"},
        {"Rps_Cmdlet", "rps-cmdlet"},
        {"PowerShell__", "httpproxy-powershell"},
        {"RpcHttp__", "httpproxy-rpchttp"},
        {"RECV", "smtp-receive"},
    };
    struct str index = load("exchange/artefacts_help/INDEX.tsv"), line, name, type, rows;
    uint64_t want;
    size_t done = 0;
    (void)line_next(&index, &line, NULL);
    while (line_next(&index, &line, NULL) && line.n) {
        assert_true(str_cut(&line, '\t', &name) && str_cut(&line, '\t', &type) &&
                    str_cut(&line, '\t', &rows) && str_u64(rows, &want));
        char path[256];
        (void)snprintf(path, sizeof path, "exchange/artefacts_help/%.*s", STR_FMT(name));
        struct reader t;
        enum line_class class;
        uint64_t got = 0;
        reader_open(&t, "exlog", load(path), "some/other.name");
        size_t k = 0;
        while (k < ARRAY_LEN(kinds) && !str_starts(name, str_of(kinds[k].prefix)))
            k++;
        assert_true(k < ARRAY_LEN(kinds));
        assert_string_equal(t.state.kind, kinds[k].kind);
        assert_string_not_equal(t.state.version, "");
        /* The agent and the SMTP logs have no column for the server. */
        if (!str_eq(str_of(kinds[k].kind), STR("agent")) &&
            !str_eq(str_of(kinds[k].kind), STR("smtp-receive")))
            assert_string_not_equal(t.state.host, "");
        while (reader_next(&t, &class)) {
            assert_true(class == LINE_RECORD || class == LINE_DIRECTIVE);
            got += class == LINE_RECORD;
            if (class == LINE_RECORD)
                assert_true(t.r.time_us > 0);
            assert_string_equal(t.state.kind, kinds[k].kind);
        }
        if (got != want)
            fail_msg("%s has %d rows", path, (int)got);
        done++;
    }
    assert_int_equal(done, 16);
}

static void exchange_values(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "exlog", load("exchange/artefacts_help/ECPServer20230111-1.LOG"), "x");
    (void)reader_row(&t);
    expect(&t, "S:CMD", "Get-InboxRule");
    expect(&t, "S:BLD", "15.1.2375.7");
    expect(&t, "S:TIME", "13");
    reader_open(&t, "exlog", load("exchange/artefacts_help/audit20230111-1.LOG"), "x");
    (void)reader_row(&t);
    expect(&t, "D:Operation", "Set-Mailbox");
    expect(&t, "Operation", "Set-Mailbox");
    reader_open(&t, "exlog", load("exchange/artefacts_help/Rps_Cmdlet_2023011116-1.LOG"), "x");
    (void)reader_row(&t);
    expect(&t, "Parameters", "-ResultSize \"1\"");
    reader_open(&t, "exlog", load("exchange/artefacts_help/Ecp__HttpProxy_2023010611-1.LOG"), "x");
    (void)reader_row(&t);
    expect(&t, "AnchorMailbox", "ServerVersion~Version 15.0 (Build 0.0)");
    expect(&t, "RoutingStatus", "CafeV1");
    assert_string_equal(t.state.host, "SERVER-HOSTNAME");
}

/* What another program's test expects of a row; a value without a column of ours is passed over. */
struct expected {
    const char *key, *column;
};

static struct str uri(struct reader *t, char *out, size_t size)
{
    struct str stem = record_get(&t->state, &t->r, STR("cs-uri-stem"));
    struct str query = record_get(&t->state, &t->r, STR("cs-uri-query"));
    int n = snprintf(out, size, query.p ? "%.*s?%.*s" : "%.*s", STR_FMT(stem), STR_FMT(query));
    return str_make(stem.p ? out : NULL, (size_t)n);
}

static void expect_field(struct reader *t, const struct expected *e, struct str want)
{
    char tmp[512];
    struct str got = str_eq(str_of(e->column), STR("uri"))
                         ? uri(t, tmp, sizeof tmp)
                         : record_get(&t->state, &t->r, str_of(e->column));
    if (str_starts(got, STR("HTTP/")) && str_iends(str_of(e->key), STR("http_version")))
        got = str_sub(got, 5, got.n);
    if (str_eq(want, STR("-"))) {
        if (got.p)
            fail_msg("%s is there", e->key);
    } else if (!str_eq(got, want)) {
        fail_msg("%s is '%.*s', wanted '%.*s'", e->key, STR_FMT(got), STR_FMT(want));
    }
}

static void plaso_files(void **state)
{
    (void)state;
    static const struct expected map[] = {
        {"dest_ip", "s-ip"},
        {"dest_port", "s-port"},
        {"http_method", "cs-method"},
        {"http_status", "sc-status"},
        {"source_ip", "c-ip"},
        {"requested_uri_stem", "cs-uri-stem"},
        {"user_agent", "cs(User-Agent)"},
        {"protocol_version", "cs-version"},
    };
    const struct node *all = load_json("exchange/plaso_iis/expected.json"), *list;
    for (size_t i = 0; i < all->n; i++) {
        char path[256];
        struct str file = node_text(&all->item[i], "file");
        (void)snprintf(path, sizeof path, "exchange/plaso_iis/%.*s",
                       STR_FMT(str_sub(file, 4, file.n)));
        struct reader t;
        enum line_class class;
        uint64_t row = 0, want, index, checked = 0;
        reader_open(&t, "w3c", load(path), "x.log");
        bool back = str_find(file, STR("edge_cases")) >= 0; /* most ports are 444 and 81 */
        assert_string_equal(t.state.kind, back ? "iis-backend" : "iis");
        size_t events = node_items(node_get(&all->item[i], "expected_events"), &list);
        while (reader_next(&t, &class)) {
            assert_true(class == LINE_RECORD || class == LINE_DIRECTIVE);
            for (size_t k = 0; k < events && class == LINE_RECORD; k++) {
                const struct node *values = node_get(&list[k], "values");
                int64_t time_us;
                assert_true(str_u64(node_text(&list[k], "index"), &index));
                /* The edge cases' expectation is of another file, iis10.log: see below. */
                if (index != row || back)
                    continue;
                assert_true(time_parse(node_text(values, "last_written_time"), &time_us));
                assert_true(time_us == t.r.time_us);
                for (size_t m = 0; m < ARRAY_LEN(map); m++)
                    if (node_get(values, map[m].key))
                        expect_field(&t, &map[m], node_text(values, map[m].key));
                checked++;
            }
            row += class == LINE_RECORD;
        }
        assert_true(str_u64(node_text(&all->item[i], "events"), &want));
        assert_int_equal(row, want);
        assert_int_equal(checked, back ? 0 : events);
    }
}

static void plaso_edge_cases(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "w3c", load("exchange/plaso_iis/iis10_edge_cases.log"), "x.log");
    for (int i = 0; i < 15; i++) {
        assert_int_equal(reader_row(&t), LINE_RECORD);
        assert_int_equal(t.r.n, t.state.columns);
        struct str status = record_get(&t.state, &t.r, STR("sc-status"));
        assert_true(status.n == 3 && line_digits(status));
        if (i == 5)
            expect(&t, "sc-win32-status", "214784354254");
        if (i == 6)
            expect(&t, "cs-method", "RPC_IN_DATA");
    }
    expect(&t, "cs-username", "random\\ranuser1");
    reader_open(&t, "w3c", load("exchange/plaso_iis/iis10.log"), "x.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2021-04-01T00:00:21Z");
    expect(&t, "cs-uri-stem", "/foo/bar/baz.asp");
    expect(&t, "c-ip", "222.222.222.222");
    expect(&t, "s-ip", "111.111.111.111");
    expect(&t, "time-taken", "65");
}

/* --- the filebeat modules --- */

static const struct expected access_map[] = {
    {"body_sent.bytes", "sc-bytes"},
    {"http_version", "cs-version"},
    {"method", "cs-method"},
    {"referrer", "cs(Referer)"},
    {"response_code", "sc-status"},
    {"url", "uri"},
    {"user_agent.original", "cs(User-Agent)"},
    {"user_name", "cs-username"},
    {"remote_ip", "c-ip"},
};
static const struct expected iis_map[] = {
    {"body_received.bytes", "cs-bytes"},
    {"body_sent.bytes", "sc-bytes"},
    {"cookie", "cs(Cookie)"},
    {"hostname", "cs-host"},
    {"http_version", "cs-version"},
    {"method", "cs-method"},
    {"port", "s-port"},
    {"query_string", "cs-uri-query"},
    {"referrer", "cs(Referer)"},
    {"remote_ip", "c-ip"},
    {"request_time_ms", "time-taken"},
    {"response_code", "sc-status"},
    {"server_ip", "s-ip"},
    {"server_name", "s-computername"},
    {"site_name", "s-sitename"},
    {"sub_status", "sc-substatus"},
    {"url", "cs-uri-stem"},
    {"user_agent.original", "cs(User-Agent)"},
    {"user_name", "cs-username"},
    {"win32_status", "sc-win32-status"},
};
static const struct expected httperr_map[] = {
    {"http_version", "cs-version"}, {"method", "cs-method"},
    {"queue_name", "s-queuename"},  {"reason_phrase", "s-reason"},
    {"remote_ip", "c-ip"},          {"remote_port", "c-port"},
    {"response_code", "sc-status"}, {"server_ip", "s-ip"},
    {"server_port", "s-port"},      {"url", "cs-uri"},
};
static const struct expected error_map[] = {
    {"client", "client"}, {"level", "level"}, {"message", "message"},          {"module", "module"},
    {"pid", "pid"},       {"tid", "tid"},     {"connection_id", "connection"},
};

/* Every key of the module must be known here: by the map, or as none of ours. */
static void check_keys(struct reader *t, const struct node *want, struct str prefix,
                       const struct expected *map, size_t n)
{
    for (size_t k = 0; k < want->n; k++) {
        struct str key = want->key[k];
        /* Where an address lies and what an agent string means is not looked up here. */
        if (!str_starts(key, prefix) || str_find(key, STR(".geoip.")) >= 0 ||
            (str_find(key, STR(".user_agent.")) >= 0 && !str_ends(key, STR(".original"))) ||
            str_ends(key, STR("remote_ip_list")))
            continue;
        struct str name = str_sub(key, prefix.n, key.n);
        /* nginx: filebeat takes the first public address of the chain, which the client can
         * write; c-ip here is the peer, and the chain is in X-Forwarded-For. */
        if (str_eq(name, STR("remote_ip")) && node_get(want, "nginx.access.remote_ip_list"))
            continue;
        size_t m = 0;
        while (m < n && !str_eq(name, str_of(map[m].key)))
            m++;
        if (m == n)
            fail_msg("no column for '%.*s'", STR_FMT(key));
        else
            expect_field(t, &map[m], want->item[k].text);
    }
}

/* The chain and the peer together are filebeat's list. */
static void check_chain(struct reader *t, const struct node *want)
{
    const struct node *item;
    size_t n = node_items(node_get(want, "nginx.access.remote_ip_list"), &item), i = 0;
    struct str chain = record_get(&t->state, &t->r, STR("X-Forwarded-For")), part;
    while (n > 1 && str_cut(&chain, ',', &part))
        assert_true(i < n && str_eq(str_trim(part), item[i++].text));
    if (n)
        assert_true(i == n - 1 && str_eq(record_get(&t->state, &t->r, STR("c-ip")), item[i].text));
}

static void filebeat(const char *file, const char *codec, const char *kind, const char *prefix,
                     const struct expected *map, size_t n)
{
    char path[256];
    struct reader t;
    (void)snprintf(path, sizeof path, "weblogs/filebeat/%s-expected.json", file);
    const struct node *all = load_json(path);
    (void)snprintf(path, sizeof path, "weblogs/filebeat/%s", file);
    struct str text = load(path);
    reader_open(&t, codec, text, "x.log");
    assert_string_equal(t.state.kind, kind);
    for (size_t i = 0; i < all->n; i++) {
        int64_t want_us;
        uint64_t offset;
        assert_int_equal(reader_row(&t), LINE_RECORD);
        assert_true(time_parse(node_text(&all->item[i], "@timestamp"), &want_us));
        /* filebeat keeps milliseconds */
        assert_true(t.r.time_us / 1000 == want_us / 1000);
        assert_true(str_u64(node_text(&all->item[i], "log.offset"), &offset));
        assert_int_equal(t.r.raw.p - text.p, offset);
        check_keys(&t, &all->item[i], str_of(prefix), map, n);
        check_chain(&t, &all->item[i]);
    }
    enum line_class class;
    while (reader_next(&t, &class))
        assert_int_equal(class, LINE_BLANK);
}

static void filebeat_files(void **state)
{
    (void)state;
    filebeat("apache2_access_test.log", "access", "access", "apache2.access.", access_map,
             ARRAY_LEN(access_map));
    filebeat("nginx_access_test.log", "access", "access", "nginx.access.", access_map,
             ARRAY_LEN(access_map));
    filebeat("iis_access_test.log", "w3c", "iis", "iis.access.", iis_map, ARRAY_LEN(iis_map));
    filebeat("iis_error_test.log", "httperr", "httperr", "iis.error.", httperr_map,
             ARRAY_LEN(httperr_map));
    filebeat("apache2_error_test.log", "errlog", "apache-error", "apache2.error.", error_map,
             ARRAY_LEN(error_map));
    filebeat("nginx_error_error.log", "errlog", "nginx-error", "nginx.error.", error_map,
             ARRAY_LEN(error_map));
}

static void apache_thousands(void **state)
{
    (void)state;
    struct reader t;
    enum line_class class;
    int n = 0;
    reader_open(&t, "access", load("weblogs/elastic_apache_logs_first_half.log.gz"), "x.log");
    while (reader_next(&t, &class)) {
        struct str status = record_get(&t.state, &t.r, STR("sc-status"));
        assert_int_equal(class, LINE_RECORD);
        assert_true(t.r.time_us > 0 && status.n == 3 && line_digits(status));
        assert_true(record_get(&t.state, &t.r, STR("cs-uri-stem")).n);
        n++;
    }
    assert_int_equal(n, 5000);
}

/* --- damage --- */

static const char *const folders[] = {"exchange/artefacts_help", "exchange/plaso_iis",
                                      "weblogs/filebeat"};

static void each_sample(void (*visit)(struct str text))
{
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        char path[1024], name[512];
        DIR *dir = opendir(shared(folders[i], path, sizeof path));
        if (!dir) {
            print_message("skipped: no %s\n", path);
            skip();
        }
        for (struct dirent *e; (e = readdir(dir));) {
            if (!str_iends(str_of(e->d_name), STR(".log")))
                continue;
            (void)snprintf(name, sizeof name, "%s/%s", folders[i], e->d_name);
            visit(load(name));
            n++;
        }
        (void)closedir(dir);
    }
    assert_int_equal(n, 16 + 7 + 6);
}

struct seen {
    enum line_class class;
    uint64_t digest;
    size_t end; /* of the line in the text, its line end included */
};

static uint64_t digest_of(const struct reader *t)
{
    uint64_t h = (uint64_t)t->r.time_us;
    for (uint16_t i = 0; i < t->r.n; i++)
        h = hash64(column_name(&t->state, i), hash64(t->r.value[i], h) + !t->r.value[i].p);
    return h;
}

/* Lines that end before the cut; a reader that knows no codec has seen none. */
static size_t read_all(struct str text, struct seen *seen, size_t max)
{
    struct reader t;
    size_t n = 0;
    reader_init(&t, text, "x.log");
    while (t.codec && n < max && reader_next(&t, &seen[n].class)) {
        bool row = seen[n].class == LINE_RECORD || seen[n].class == LINE_CUT;
        seen[n].digest = row ? digest_of(&t) : 0;
        seen[n++].end = text.n - t.rest.n;
    }
    return n;
}

static void cut_everywhere(struct str text)
{
    struct seen whole[64], part[64];
    size_t n = read_all(text, whole, ARRAY_LEN(whole));
    for (size_t cut = 0; cut < text.n; cut++) {
        size_t got = read_all(str_sub(text, 0, cut), part, ARRAY_LEN(part));
        for (size_t i = 0; i < n && whole[i].end <= cut; i++) {
            if (whole[i].class != LINE_RECORD)
                continue;
            if (i >= got || part[i].class != LINE_RECORD || part[i].digest != whole[i].digest)
                fail_msg("line %d changes when the text is cut at %d of %d", (int)i + 1, (int)cut,
                         (int)text.n);
        }
    }
}

static void truncated_samples(void **state)
{
    (void)state;
    each_sample(cut_everywhere);
}

static uint64_t random_state = 20210302;

static uint32_t random32(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(random_state >> 33);
}

/* reader_next checks what must hold of every line. */
static void mutate(struct str text)
{
    static const char special[] = "\",'; \t\n\r#[]{}:-%\\\0=?";
    static char copy[16384];
    struct seen seen[64];
    assert_true(text.n <= sizeof copy);
    for (int round = 0; round < 700; round++) {
        memcpy(copy, text.p, text.n);
        for (uint32_t flips = 1 + random32() % 8; flips; flips--) {
            size_t at = random32() % text.n;
            if (random32() % 2)
                copy[at] = (char)(copy[at] ^ (1 << random32() % 8));
            else
                copy[at] = special[random32() % (sizeof special - 1)];
        }
        (void)read_all(str_make(copy, text.n), seen, ARRAY_LEN(seen));
    }
}

static void mutated_samples(void **state)
{
    (void)state;
    each_sample(mutate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange_samples),  cmocka_unit_test(exchange_values),
        cmocka_unit_test(plaso_files),       cmocka_unit_test(plaso_edge_cases),
        cmocka_unit_test(filebeat_files),    cmocka_unit_test(apache_thousands),
        cmocka_unit_test(truncated_samples), cmocka_unit_test(mutated_samples),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
