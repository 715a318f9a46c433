#include "dossier/indicators.h"
#include "dossier/stix_pattern.h"

#include "unit.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;
static struct indicator *in;
static size_t n_in, n_problems;
static struct dossier_problem *problem;
static const char *format;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 256 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void load(struct str text)
{
    assert_int_equal(
        indicators_load(&arena, text, STR("list"), &in, &n_in, &problem, &n_problems, &format), OK);
}

static void want(size_t i, enum indicator_type type, const char *value)
{
    assert_true(i < n_in);
    assert_str(in[i].value, value);
    assert_int_equal(in[i].type, type);
}

static void want_problem(size_t i, uint32_t line, const char *part)
{
    assert_true(i < n_problems);
    assert_int_equal(problem[i].line, line);
    assert_str(problem[i].file, "list");
    if (str_find(problem[i].text, str_of(part)) < 0)
        fail_msg("'%.*s' does not say '%s'", STR_FMT(problem[i].text), part);
}

static void plain_lists_show_their_types(void **state)
{
    (void)state;
    load(STR("# a list\n198.51.100[.]7\n\n2001:db8::/32 # a net\n[2001:db8::5]:443\r\n"
             "hxxps://evil[.]example/a.aspx\n/owa/auth/x.js\nevil(dot)example\nshell.aspx\n"
             "C:\\inetpub\\wwwroot\\x.aspx\n0123456789abcdef0123456789abcdef\n"
             "some words here\nevil.example/path\nMozilla/5.0 (x)\n127.0.0.1\nab\n"
             "d41d8cd98f00b204e9800998ecf8427e\n10.0.0.0/4\n198.51.100.9:8080"));
    assert_string_equal(format, "plain");
    want(0, INDICATOR_ADDRESS, "198.51.100.7");
    want(1, INDICATOR_ADDRESS, "2001:db8::/32");
    assert_str(in[1].note, "a net");
    want(2, INDICATOR_ADDRESS, "2001:db8::5");
    want(3, INDICATOR_URL, "https://evil.example/a.aspx");
    want(4, INDICATOR_URL, "/owa/auth/x.js");
    want(5, INDICATOR_DOMAIN, "evil.example");
    want(6, INDICATOR_NAME, "shell.aspx");
    want(7, INDICATOR_NAME, "C:\\inetpub\\wwwroot\\x.aspx");
    want(8, INDICATOR_HASH, "0123456789abcdef0123456789abcdef");
    want(9, INDICATOR_TEXT, "some words here");
    want(10, INDICATOR_URL, "evil.example/path");
    want(11, INDICATOR_AGENT, "Mozilla/5.0 (x)");
    want(12, INDICATOR_ADDRESS, "198.51.100.9");
    assert_int_equal(n_in, 13);
    assert_int_equal(n_problems, 4);
    want_problem(0, 15, "loopback");
    want_problem(1, 16, "too short");
    want_problem(2, 17, "empty file");
    want_problem(3, 18, "too much");
    assert_str(in[0].source, "list");
    assert_true(in[0].from_us == TIME_NONE && in[0].until_us == TIME_NONE);
}

static void csv_headers_are_guessed(void **state)
{
    (void)state;
    load(STR("\xef\xbb\xbfIndicator_Type,Value,Confidence,Comment,Source,valid_from,valid_until\r\n"
             "ip-dst,198.51.100.7,weak,\"a, b\",feed,2021-03-01,2021-04-01T00:00:00Z\r\n"
             "FileHash-MD5,0123456789ABCDEF0123456789ABCDEF,90,,,,\r\n"
             "user_agent,Mozilla/5.0+(x),20,,,soon,\r\n"
             "path_regex,^a$,,,,,\r\ncolour,blue,,,,,\r\ndomain,com,,,,,\r\nurl,x y\r\n"));
    assert_string_equal(format, "csv");
    want(0, INDICATOR_ADDRESS, "198.51.100.7");
    assert_true(in[0].weak);
    assert_str(in[0].note, "a, b");
    assert_str(in[0].source, "feed");
    assert_true(in[0].from_us == INT64_C(1614556800) * US_PER_S);
    assert_true(in[0].until_us == INT64_C(1617235200) * US_PER_S);
    want(1, INDICATOR_HASH, "0123456789ABCDEF0123456789ABCDEF");
    assert_false(in[1].weak);
    want(2, INDICATOR_AGENT, "Mozilla/5.0+(x)");
    assert_true(in[2].weak);
    want(3, INDICATOR_URL, "x y");
    want_problem(0, 4, "no date");
    want_problem(1, 5, "is a pattern");
    want_problem(2, 6, "not known");
    want_problem(3, 7, "single label");
    assert_int_equal(n_problems, 4);
}

static void csv_without_header_and_other_separators(void **state)
{
    (void)state;
    load(STR("md5,0123456789abcdef0123456789abcdef\nip,198.51.100.7\n"));
    assert_string_equal(format, "csv");
    assert_int_equal(n_in, 2);
    load(STR("198.51.100.7,ip\nevil.example,domain,seen\n"));
    want(0, INDICATOR_ADDRESS, "198.51.100.7");
    want(1, INDICATOR_DOMAIN, "evil.example");
    assert_str(in[1].note, "seen");
    load(STR("value;note\n198.51.100.7;first\n\"evil[.]example\";second\n"));
    assert_string_equal(format, "csv");
    want(0, INDICATOR_ADDRESS, "198.51.100.7");
    want(1, INDICATOR_DOMAIN, "evil.example");
    assert_str(in[1].note, "second");
    load(STR("sha256\tcomment\n0123\tshort\n"));
    assert_int_equal(n_in, 0);
    want_problem(0, 2, "length");
    load(STR("type,value,to_ids\nip,198.51.100.7,0\nip,198.51.100.8,1\n"));
    assert_int_equal(n_in, 1);
    want_problem(0, 2, "to_ids");
    load(STR("type,value\nip,\"198.51.100.7\nip,198.51.100.8\n"));
    assert_true(n_problems > 0);
}

#define BUNDLE(pattern, more)                                                                      \
    STR("{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[{\"type\":\"identity\"},\n"        \
        "{\"type\":\"indicator\",\"id\":\"indicator--1\",\"name\":\"n\",\"pattern\":\"" pattern    \
        "\",\"pattern_type\":\"stix\"" more "}]}")

static void stix_bundles_are_read(void **state)
{
    (void)state;
    load(BUNDLE("[domain-name:value = 'evil.example' OR ipv4-addr:value = '198.51.100.7']",
                ",\"valid_from\":\"2021-03-01T00:00:00.000Z\",\"valid_until\":\"2021-04-01\","
                "\"confidence\":15"));
    assert_string_equal(format, "stix");
    want(0, INDICATOR_DOMAIN, "evil.example");
    want(1, INDICATOR_ADDRESS, "198.51.100.7");
    assert_int_equal(n_in, 2);
    assert_int_equal(n_problems, 0);
    assert_true(in[1].weak);
    assert_true(in[1].from_us == INT64_C(1614556800) * US_PER_S);
    assert_true(in[1].until_us == INT64_C(1617235200) * US_PER_S);
    assert_str(in[1].note, "n");
    assert_str(in[1].source, "indicator--1");
    load(BUNDLE("[url:value = 'http://evil.example/']", ",\"revoked\":true"));
    assert_int_equal(n_in, 0);
    want_problem(0, 2, "revoked");
    load(BUNDLE("[url:value = 'http://evil.example/']", ",\"indicator_types\":[\"benign\"]"));
    want_problem(0, 2, "benign");
    load(STR("{\"type\":\"indicator\",\"id\":\"indicator--2\",\"pattern\":\"rule x\","
             "\"pattern_type\":\"yara\"}"));
    want_problem(0, 1, "yara");
}

/* One pattern: its terms as "type:value" joined by blanks, then "!" for each refusal. */
static void pattern(const char *text, const char *expected)
{
    struct stix_pattern p;
    struct error error = {0};
    char got[512] = "";
    size_t at = 0;
    enum err rc = stix_pattern_parse(&arena, str_of(text), &p, &error);
    if (rc) {
        if (strcmp(expected, "error") != 0)
            fail_msg("%s: %s", text, error.text);
        return;
    }
    for (const struct stix_term *t = p.terms.first; t; t = t->next)
        at += (size_t)snprintf(got + at, sizeof got - at, "%s%c:%.*s", at ? " " : "",
                               "aduighx"[t->type], STR_FMT(t->value));
    for (size_t i = 0; i < p.n_refused; i++)
        at += (size_t)snprintf(got + at, sizeof got - at, "!");
    if (strcmp(got, expected) != 0)
        fail_msg("%s: got '%s', wanted '%s'", text, got, expected);
}

static void patterns_say_what_decides(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"[ipv4-addr:value = '198.51.100.0/24']", "a:198.51.100.0/24"},
        {"[ipv4-addr:value IN ('1.2.3.4','5.6.7.8')]", "a:1.2.3.4 a:5.6.7.8"},
        {"[ipv4-addr:value ISSUBSET '198.51.100.0/24']", "a:198.51.100.0/24"},
        {"[ipv4-addr:value ISSUPERSET '1.2.3.4/32']", "a:1.2.3.4/32"},
        {"[ipv4-addr:value ISSUPERSET '1.2.3.0/24']", "!"},
        {"[network-traffic:dst_ref.value = 'evil.example']", "d:evil.example"},
        {"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = "
         "'198.51.100.7']",
         "a:198.51.100.7"},
        {"[network-traffic:dst_ref.value = 'evil.example' AND (network-traffic:dst_ref.type = "
         "'domain-name' OR network-traffic:dst_ref.type IN ('x'))]",
         "d:evil.example"},
        {"[network-traffic:dst_ref.type = 'ipv4-addr']", "!"},
        {"[network-traffic:dst_ref.type != 'ipv4-addr' AND network-traffic:dst_ref.value = 'a']",
         "!!"},
        {"[network-traffic:src_ref.type = 'ipv4-addr' OR url:value = 'b']", "u:b!"},
        {"[file:hashes.'SHA-256' = 'ab' AND file:name = 'x.aspx']", "h:ab"},
        {"[file:name = 'x.aspx' AND file:size = 5]", "!!"},
        {"[file:hashes.MD5 = 'ab' AND file:hashes.'SHA-1' = 'cd']", "h:ab h:cd"},
        {"[file:hashes['MD5'] = 'ab']", "h:ab"},
        {"[file:name = 'x' AND (file:hashes.MD5 = 'a' OR file:hashes.MD5 = 'b')]", "h:a h:b"},
        {"[url:value = 'http://a/' AND domain-name:value = 'a']", "!"},
        {"[url:value = 'http://a/'] OR [domain-name:value = 'a']", "u:http://a/ d:a"},
        {"[url:value = 'http://a/'] AND [domain-name:value = 'a']", "!"},
        {"[url:value = 'http://a/'] FOLLOWEDBY [domain-name:value = 'a']", "!"},
        {"([url:value = 'http://a/'] OR [url:value='b']) WITHIN 5 SECONDS", "u:http://a/ u:b"},
        {"[url:value = 'a'] REPEATS 3 TIMES", "!"},
        {"[url:value = 'a'] START t'2021-01-01T00:00:00Z' STOP t'2021-01-02T00:00:00Z'", "!"},
        {"[url:value LIKE 'http://evil.example/%']", "u:http://evil.example/"},
        {"[url:value LIKE 'http://evil.example/a%']", "!"},
        {"[url:value LIKE '%/x.aspx%']", "x:/x.aspx"},
        {"[domain-name:value LIKE '%.evil.example']", "d:evil.example"},
        {"[domain-name:value LIKE '%evil.example']", "!"},
        {"[file:name LIKE '%\\\\x.aspx']", "i:x.aspx"},
        {"[file:name LIKE '%.aspx']", "!"},
        {"[file:name LIKE 'a_b']", "!"},
        {"[domain-name:value MATCHES '^evil\\\\.example$']", "d:evil.example"},
        {"[domain-name:value MATCHES 'evil.*']", "!"},
        {"[url:value NOT = 'a']", "!"},
        {"[url:value != 'a']", "!"},
        {"[email-message:subject = 'a' OR url:value = 'b']", "u:b!"},
        {"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'a\\'b']",
         "g:a'b"},
        {"[file:name = 'a\\\\b']", "i:a\\b"},
        {"[ file:name='a' ]", "i:a"},
        {"", "error"},
        {"[", "error"},
        {"[]", "error"},
        {"[url:value = 'a'", "error"},
        {"[url:value = 'a]", "error"},
        {"[url:value = ]", "error"},
        {"[url:value 'a']", "error"},
        {"[url = 'a']", "error"},
        {"[url:value IN ('a' 'b')]", "error"},
        {"[url:value = 'a'] x", "error"},
        {"[url:value = 'a'] WITHIN", "error"},
        {"[(url:value = 'a']", "error"},
        {"url:value = 'a'", "error"},
        {"[url:value = 'a' \\ ]", "error"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        pattern(rows[i][0], rows[i][1]);
}

static void deep_patterns_stop(void **state)
{
    (void)state;
    char deep[1000];
    memset(deep, '(', sizeof deep);
    deep[sizeof deep - 1] = 0;
    pattern(deep, "error");
    deep[0] = '[';
    pattern(deep, "error");
}

static void misp_events_are_read(void **state)
{
    (void)state;
    load(STR("{\"response\":[{\"Event\":{\"info\":\"affair\",\"Attribute\":[\n"
             "{\"type\":\"ip-dst|port\",\"to_ids\":true,\"value\":\"198.51.100.7|443\"},\n"
             "{\"type\":\"ip-dst\",\"to_ids\":false,\"value\":\"198.51.100.8\"},\n"
             "{\"type\":\"md5\",\"to_ids\":true,\"deleted\":true,"
             "\"value\":\"0123456789abcdef0123456789abcdef\"},\n"
             "{\"type\":\"domain|ip\",\"to_ids\":\"1\",\"value\":\"evil.example|198.51.100.9\","
             "\"comment\":\"c\"},\n"
             "{\"type\":\"email-src\",\"to_ids\":true,\"value\":\"a@evil.example\"}],\n"
             "\"Object\":[{\"Attribute\":[{\"type\":\"filename|sha1\",\"to_ids\":true,\"value\":"
             "\"x.aspx|0123456789abcdef0123456789abcdef01234567\"}]},"
             "{\"deleted\":true,\"Attribute\":[{\"type\":\"url\",\"to_ids\":true,"
             "\"value\":\"http://a.example/\"}]}]}}]}"));
    assert_string_equal(format, "misp");
    want(0, INDICATOR_ADDRESS, "198.51.100.7");
    assert_str(in[0].note, "affair");
    want(1, INDICATOR_ADDRESS, "198.51.100.9");
    want(2, INDICATOR_DOMAIN, "evil.example");
    assert_str(in[2].note, "c");
    want(3, INDICATOR_HASH, "0123456789abcdef0123456789abcdef01234567");
    assert_false(in[3].weak);
    want(4, INDICATOR_NAME, "x.aspx");
    assert_true(in[4].weak);
    assert_int_equal(n_in, 5);
    assert_int_equal(n_problems, 3);
    want_problem(0, 6, "email-src");
    want_problem(1, 1, "1 attributes without to_ids");
    want_problem(2, 1, "2 deleted");
}

static void odd_texts_become_problems(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "\n\n",
                                        "{",
                                        "[{\"a\":1}]",
                                        "{\"a\":",
                                        "[]",
                                        "{}",
                                        "[{\"Event\":",
                                        "{\"type\":\"bundle\"}",
                                        "# only\n",
                                        "{\"type\":\"bundle\",\"objects\":[1,\"x\",null]}",
                                        "type,value\n",
                                        "{\"Event\":5}"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        load(str_of(texts[i]));
        if (n_in || !n_problems)
            fail_msg("'%s': %zu indicators, %zu problems", texts[i], n_in, n_problems);
    }
    load(STR("\xff\xfe"
             "1\0.\0"
             "2\0.\0"
             "3\0.\0"
             "4\0\n\0"));
    want(0, INDICATOR_ADDRESS, "1.2.3.4");
    load(STR("[2001:db8::1]\n"));
    want(0, INDICATOR_ADDRESS, "2001:db8::1");
    load(STR("http://\nhttp://:80/\nhttp://u@/x\nhttp://h/x\n"));
    want(0, INDICATOR_URL, "http://h/x");
    assert_int_equal(n_problems, 3);
}

static void problems_are_counted_beyond_the_limit(void **state)
{
    (void)state;
    enum { LINES = 5000 };
    char *text = arena_alloc(&arena, 3 * LINES);
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + 3 * i, "ab\n", 3);
    load(str_make(text, 3 * LINES));
    assert_int_equal(n_problems, INDICATORS_MAX_PROBLEMS + 1);
    assert_str(problem[INDICATORS_MAX_PROBLEMS].text, "and 4000 more problems");
}

static void cut_texts_are_safe(void **state)
{
    (void)state;
    struct str whole[] = {
        BUNDLE("[file:hashes.'SHA-256' = 'ab' AND file:name LIKE '%\\\\\\\\x' OR url:value IN "
               "('a','b')] WITHIN 3 SECONDS",
               ",\"labels\":[\"x\"]"),
        STR("{\"Event\":{\"Attribute\":[{\"type\":\"ip-dst|port\",\"to_ids\":true,\"value\":\"1.2."
            "3.4|5\"}]}}"),
        STR("type,value,note\nip,\"198.51.100.7\",\"a\"\"b\"\n"),
        STR("hxxp[:]//evil[.]example/x # note\n[2001:db8::1]:443\n"),
    };
    for (size_t k = 0; k < ARRAY_LEN(whole); k++)
        for (size_t n = 0; n <= whole[k].n; n++) {
            char *exact = malloc(n + 1); /* so that a read behind the end is seen */
            memcpy(exact, whole[k].p, n);
            load(str_make(exact, n));
            assert_true(n_in + n_problems > 0);
            free(exact);
        }
}

static void memory_limits_are_told(void **state)
{
    (void)state;
    struct str text = BUNDLE("[url:value = 'a' OR url:value = 'b']", "");
    size_t failed = 0;
    for (size_t max = 0; max < 20000; max += 64) {
        struct arena small;
        arena_init(&small, max);
        enum err rc =
            indicators_load(&small, text, STR("list"), &in, &n_in, &problem, &n_problems, NULL);
        if (rc) {
            assert_int_equal(n_in, 0);
            failed++;
        }
        arena_done(&small);
    }
    assert_true(failed > 0);
}

/* ---- public data beside the tree, where there is any */

static const char *shared(const char *path, char out[1024])
{
    const char *root = getenv("TOCSIN_SHARED"), *source = getenv("TOCSIN_SOURCE");
    if (root)
        snprintf(out, 1024, "%s/%s", root, path);
    else
        snprintf(out, 1024, "%s/../shared/%s", source ? source : ".", path);
    return access(out, R_OK) == 0 ? out : NULL;
}

/* All members of the archive that fit the pattern, one behind the other. */
static struct str untar(const char *archive, const char *members)
{
    enum { MAX = 16 << 20 };
    int fd[2];
    char *text = arena_alloc(&arena, MAX);
    size_t n = 0;
    assert_int_equal(pipe(fd), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fd[1], 1);
        close(fd[0]);
        execlp("tar", "tar", "-xOzf", archive, "--wildcards", members, (char *)NULL);
        _exit(127);
    }
    close(fd[1]);
    for (ssize_t got; n < MAX && (got = read(fd[0], text + n, MAX - n)) > 0;)
        n += (size_t)got;
    close(fd[0]);
    assert_true(pid > 0 && waitpid(pid, NULL, 0) == pid);
    return str_make(text, n);
}

static void stix_examples_parse(void **state)
{
    (void)state;
    char path[1024];
    if (!shared("data/stix/oasis_stix2_examples.tar.gz", path)) {
        print_message("# no STIX examples beside the tree\n");
        skip();
    }
    load(untar(path, "*/poisonivy.json"));
    assert_string_equal(format, "stix");
    assert_int_equal(n_in, 66);
    assert_int_equal(n_problems, 1);
    load(untar(path, "*/apt1.json"));
    assert_int_equal(n_in, 10);
    assert_int_equal(n_problems, 4);
}

static void misp_examples_parse(void **state)
{
    (void)state;
    char path[1024];
    if (!shared("data/cti/eset_malware_ioc_dev.tar.gz", path)) {
        print_message("# no MISP events beside the tree\n");
        skip();
    }
    load(untar(path, "*/misp-telebots.json"));
    assert_string_equal(format, "misp");
    assert_int_equal(n_in, 69);
    load(untar(path, "*/misp-ramsay.json"));
    assert_int_equal(n_in, 51);
    load(untar(path, "*okrum_ke3chang/samples.sha256"));
    assert_string_equal(format, "plain");
    assert_true(n_in > 10 && n_problems == 0 && in[0].type == INDICATOR_HASH);
}

static void want_marks(const enum tlp *tlp, size_t n)
{
    assert_int_equal(n_in, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(in[i].tlp, tlp[i]);
}

static void rows_carry_their_marks(void **state)
{
    (void)state;
    load(STR("type,value,tlp\nip,198.51.100.1,TLP:RED\nip,198.51.100.2,white\n"
             "ip,198.51.100.3,\nip,198.51.100.4,mauve\nip,198.51.100.5,green; red\n"));
    want_marks((const enum tlp[]){TLP_RED, TLP_CLEAR, TLP_UNKNOWN, TLP_UNKNOWN, TLP_RED}, 5);
    assert_int_equal(n_problems, 1);
    want_problem(0, 5, "\"mauve\" is no mark");
    load(STR("# TLP:AMBER\ntype,value,tlp\nip,198.51.100.1,red\nip,198.51.100.2,green\n"));
    want_marks((const enum tlp[]){TLP_RED, TLP_AMBER}, 2);
    load(STR("type,value,attribute_tag\nip-dst,198.51.100.1,\"osint,tlp:amber+strict\"\n"
             "ip-dst,198.51.100.2,osint\nip-dst,198.51.100.3,tlp:unclear\n"));
    want_marks((const enum tlp[]){TLP_AMBER_STRICT, TLP_UNKNOWN, TLP_UNKNOWN}, 3);
    want_problem(0, 4, "no mark");
    load(STR("; a list\n# tlp:green\n198.51.100.1\n198.51.100.2 # TLP:AMBER\n"
             "# TLP:RED\n198.51.100.3 # tlp:odd\n"));
    want_marks((const enum tlp[]){TLP_GREEN, TLP_AMBER, TLP_GREEN}, 3);
    want_problem(0, 6, "no mark");
    load(STR("# what was TLP:RED is shared since May\n198.51.100.1\n"));
    want_marks((const enum tlp[]){TLP_UNKNOWN}, 1);
}

static void events_carry_their_marks(void **state)
{
    (void)state;
    load(STR("{\"Event\":{\"info\":\"e\",\"Tag\":[{\"name\":\"osint\"},{\"name\":\"TLP:Green\"}],"
             "\"Attribute\":["
             "{\"type\":\"domain|ip\",\"value\":\"evil.example|198.51.100.1\",\"to_ids\":true,"
             "\"Tag\":[{\"name\":\"tlp:red\"},{\"name\":\"tlp:white\"}]},"
             "{\"type\":\"ip-dst\",\"value\":\"198.51.100.2\",\"to_ids\":true},"
             "{\"type\":\"ip-dst\",\"value\":\"198.51.100.3\",\"to_ids\":true,"
             "\"Tag\":[{\"name\":\"tlp:unclear\"},{\"name\":5},7]}],"
             "\"Object\":[{\"Attribute\":[{\"type\":\"ip-dst\",\"value\":\"198.51.100.4\","
             "\"to_ids\":true,\"Tag\":[{\"name\":\"tlp:amber+strict\"}]}]}]}}"));
    want_marks((const enum tlp[]){TLP_RED, TLP_RED, TLP_GREEN, TLP_GREEN, TLP_AMBER_STRICT}, 5);
    assert_int_equal(n_problems, 1);
    want_problem(0, 1, "\"tlp:unclear\" is no mark");
}

static char bundle[4096];

static void object(const char *text)
{
    size_t n = strlen(bundle);
    (void)snprintf(bundle + n, sizeof bundle - n, "%s%s\n", n ? "," : "[", text);
}

static void marked(unsigned number, const char *more)
{
    char text[600];
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"indicator\",\"id\":\"indicator--%u\",\"pattern\":"
                   "\"[ipv4-addr:value = '198.51.100.%u']\"%s}",
                   number, number, more);
    object(text);
}

static void refers(unsigned number, const char *marking)
{
    char text[200];
    (void)snprintf(text, sizeof text, ",\"object_marking_refs\":[\"marking-definition--%s\"]",
                   marking);
    marked(number, text);
}

static void defines(const char *id, const char *more)
{
    char text[400];
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"marking-definition\",\"id\":\"marking-definition--%s\",%s}", id,
                   more);
    object(text);
}

static void load_bundle(void)
{
    size_t n = strlen(bundle);
    (void)snprintf(bundle + n, sizeof bundle - n, "]");
    load(str_of(bundle));
    assert_string_equal(format, "stix");
    bundle[0] = 0;
}

static const char red_1[] = "5e57c739-391a-4eb3-b6be-7d15ca92d5ed";
static const char white_1[] = "613f2e26-407d-48c7-9eca-b8e91df99dc9";
static const char strict_2[] = "939a9414-2ddd-4d32-a0cd-375ea402b003";

static void bundles_carry_their_marks(void **state)
{
    (void)state;
    refers(1, red_1);
    refers(2, white_1);
    refers(3, strict_2);
    marked(4, "");
    refers(5, "own");
    defines("own", "\"definition_type\":\"tlp\",\"definition\":{\"tlp\":\"amber\"}");
    defines("said", "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"ours\"}");
    refers(6, "said");
    refers(7, "nowhere");
    marked(8, ",\"object_marking_refs\":[\"marking-definition--613f2e26-407d-48c7-9eca-"
              "b8e91df99dc9\"],\"granular_markings\":[{\"marking_ref\":\"marking-definition--own\","
              "\"selectors\":[\"pattern\"]}]");
    marked(9, ",\"labels\":[\"tlp:green\",\"x\"]");
    load_bundle();
    want_marks((const enum tlp[]){TLP_RED, TLP_CLEAR, TLP_AMBER_STRICT, TLP_UNKNOWN, TLP_AMBER,
                                  TLP_UNKNOWN, TLP_UNKNOWN, TLP_AMBER, TLP_GREEN},
               9);
    assert_int_equal(n_problems, 1);
    want_problem(0, 9, "neither published nor in the list");
}

/* A list that calls red white is not believed; one that calls white red is. */
static void published_marks_stay(void **state)
{
    (void)state;
    defines(red_1, "\"definition_type\":\"tlp\",\"definition\":{\"tlp\":\"white\"}");
    defines(white_1, "\"name\":\"TLP:RED\"");
    object("{\"type\":\"marking-definition\"}");
    defines("odd", "\"extensions\":{\"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d\":"
                   "{\"tlp_2_0\":\"plaid\"}}");
    refers(1, red_1);
    refers(2, white_1);
    marked(3, ",\"object_marking_refs\":[7,{},null]");
    load_bundle();
    want_marks((const enum tlp[]){TLP_RED, TLP_RED, TLP_UNKNOWN}, 3);
    want_problem(0, 4, "\"plaid\" is no mark");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_lists_show_their_types),
        TEST(csv_headers_are_guessed),
        TEST(csv_without_header_and_other_separators),
        TEST(stix_bundles_are_read),
        TEST(patterns_say_what_decides),
        TEST(deep_patterns_stop),
        TEST(misp_events_are_read),
        TEST(rows_carry_their_marks),
        TEST(events_carry_their_marks),
        TEST(bundles_carry_their_marks),
        TEST(published_marks_stay),
        TEST(odd_texts_become_problems),
        TEST(problems_are_counted_beyond_the_limit),
        TEST(cut_texts_are_safe),
        TEST(memory_limits_are_told),
        TEST(stix_examples_parse),
        TEST(misp_examples_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
