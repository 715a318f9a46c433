#include "output/escape.h"
#include "output/roles.h"
#include "output/table.h"
#include "output/writer.h"
#include "output_check.h"
#include "sample_answer.h"

static enum err write_to_memory(const char *format, const struct answer *a,
                                const struct print_options *options)
{
    struct sink s;
    buf_reset(&memory.b);
    memory.failed = false;
    sink_init(&s, memory_write, &memory);
    enum err rc = writer_write(writer_find(str_of(format)), &s, a, options);
    sink_done(&s);
    return rc;
}

static struct str written(const char *format, const struct answer *a,
                          const struct print_options *options)
{
    assert_int_equal(write_to_memory(format, a, options), OK);
    return buf_view(&memory.b);
}

static void test_hostile_text(void **state)
{
    (void)state;
    static const unsigned widths[] = {72, 80, 100, 120};
    struct buf plain;
    buf_init(&plain, 1 << 24);
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++)
        for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
            struct answer a = sample_answer();
            sample_hostile(&a, hostile[i]);
            sample_verdict[0].state = VERDICT_EXPLOITED_UNCONFIRMED;
            sample_coverage[0].records = sample_coverage[0].unparsed = UINT64_MAX;
            struct print_options o = {.width = widths[w]};
            assert_page(written("text", &a, &o), widths[w]);
            o.ascii = true;
            struct str s = written("text", &a, &o);
            assert_page(s, widths[w]);
            for (size_t k = 0; k < s.n; k++)
                assert_true((unsigned char)s.p[k] < 0x7f);
            o.ascii = false;
            struct str without = written("text", &a, &o);
            struct buf copy;
            buf_init(&copy, 1 << 24);
            buf_str(&copy, without);
            o.colour = true;
            without = without_colours(&plain, written("text", &a, &o));
            assert_true(str_eq(without, buf_view(&copy)));
            buf_done(&copy);
        }
    buf_done(&plain);
}

static void test_hostile_json(void **state)
{
    (void)state;
    static const char *const keys[] = {"host", "target_host", "kind",     "rule",    "title",
                                       "file", "dossier",     "evidence", "meaning", "next"};
    static const char *const formats[] = {"json", "timesketch", "ecs"};
    for (size_t k = 0; k < ARRAY_LEN(formats); k++) {
        struct answer a = sample_answer();
        size_t want = lines_of(written(formats[k], &a, NULL));
        assert_true(want >= 4);
        for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
            a = sample_answer();
            sample_hostile(&a, hostile[i]);
            struct str s = written(formats[k], &a, NULL), line;
            assert_json_lines(s, want);
            (void)str_cut(&s, '\n', &line);
            for (size_t m = 0; k == 0 && m < ARRAY_LEN(keys); m++)
                assert_member(line, keys[m], hostile[i]);
        }
    }
}

/* One cell of RFC 4180 off the front of s, unquoted into b; returns what stood behind it. */
static int csv_cell(struct str *s, struct buf *b)
{
    size_t i = 0;
    buf_reset(b);
    if (s->n && s->p[0] == '"') {
        for (i = 1; i < s->n && !(s->p[i] == '"' && (i + 1 == s->n || s->p[i + 1] != '"')); i++) {
            buf_putc(b, s->p[i]);
            i += s->p[i] == '"';
        }
        i++;
    } else {
        for (; i < s->n && s->p[i] != ',' && s->p[i] != '\r' && s->p[i] != '"'; i++)
            buf_putc(b, s->p[i]);
    }
    assert_true(i < s->n);
    int end = s->p[i] == '\r' ? '\n' : s->p[i];
    *s = str_sub(*s, i + (s->p[i] == '\r' ? 2 : 1), s->n);
    return end;
}

static void assert_csv(struct str s, size_t want_rows)
{
    struct buf cell;
    size_t cells = 0, rows = 0;
    buf_init(&cell, 1 << 20);
    while (s.n) {
        int end = csv_cell(&s, &cell);
        assert_true(end == ',' || end == '\n');
        assert_false(cell.n && strchr("=+-@\t\r|%", cell.p[0]));
        for (size_t i = 0; i < cell.n; i++)
            assert_true((unsigned char)cell.p[i] >= 0x20 && cell.p[i] != 0x7f);
        assert_true(utf8_valid(buf_view(&cell)));
        cells++;
        if (end == '\n') {
            assert_int_equal(cells, 28);
            cells = 0;
            rows++;
        }
    }
    assert_int_equal(cells, 0);
    assert_int_equal(rows, want_rows);
    buf_done(&cell);
}

static void test_hostile_csv(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        struct answer a = sample_answer();
        sample_hostile(&a, hostile[i]);
        assert_csv(written("csv", &a, NULL), 5);
    }
}

static void test_failing_sink(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    for (const struct writer_format *f = writer_formats; f->name; f++) {
        memory.room = SIZE_MAX;
        size_t all = written(f->name, &a, NULL).n;
        for (size_t room = 0; room < all; room += 97) {
            memory.room = room;
            assert_int_equal(write_to_memory(f->name, &a, NULL), ERR_IO);
        }
        memory.room = all;
        assert_int_equal(write_to_memory(f->name, &a, NULL), OK);
    }
    assert_int_equal(memory.calls_after_failure, 0);
}

/* More than the sink buffers: the failure comes in the middle of the run. */
static void test_failing_sink_large(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    struct answer a = sample_answer();
    struct finding *many = calloc(MANY, sizeof *many);
    assert_non_null(many);
    for (size_t i = 0; i < MANY; i++) {
        many[i] = sample_finding[1];
        many[i].line = i + 1;
    }
    a.finding = many;
    a.n_findings = MANY;
    struct print_options o = {.findings_per_host = MANY};
    for (const struct writer_format *f = writer_formats; f->name; f++) {
        memory.room = 200000;
        assert_int_equal(write_to_memory(f->name, &a, &o), ERR_IO);
        assert_true(memory.b.n > 0);
        memory.room = SIZE_MAX;
        assert_true(written(f->name, &a, &o).n > 200000);
    }
    assert_int_equal(memory.calls_after_failure, 0);
    free(many);
}

static void test_text_layout(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    struct str s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_has(s,
               "VERDICTS\n"
               "HOST              VERDICT              COVERED                 OF WINDOW\n"
               "EX01              COMPROMISED          2021-02-20..2021-03-10     96.2 %\n"
               "    hafnium-exchange-2021, build 15.1.2176.9, fixed since 2021-03-08, earliest\n"
               "    sign 2021-03-03 04:11:09\n"
               "    because  A script that never shipped answered a POST with 200 after a forged\n"
               "             request of the same client 81 seconds before.\n"
               "    next     Isolate this host. Image memory and disk before anything is cleaned\n"
               "             up.\n");
    assert_has(s, "EX02              not enough evidence  nothing                       0 %\n");
    assert_has(s, "EX03.example.org  no sign              2021-02-20..2021-03-10     96.2 %\n"
                  "    hafnium-exchange-2021; not supplied: httpproxy-ecp\n");
    assert_has(s, "    outside the known affairs\n    because  One probe was refused.\n");
    assert_true(str_find(s, STR("COMPROMISED")) < str_find(s, STR("ATTEMPTED")));
    assert_true(str_find(s, STR("ATTEMPTED")) < str_find(s, STR("not enough evidence")));
    assert_true(str_find(s, STR("not enough evidence")) < str_find(s, STR("no sign")));
    assert_has(s,
               "\nEX01\n"
               "  2021-03-03 04:11:09  PROGRESSED  Forged back-end request through the ECP\n"
               "                                   [T1190 T1505.003]\n"
               "    POST /ecp/y.js -> 241, 12 times until 2021-03-03 05:00:00, from 203.0.113.9,\n"
               "    aimed at EX02, 40 rows in all\n"
               "    means  A file that never shipped answered a POST with 200.\n"
               "    file   logs/W3SVC1/u_ex210303.log:1893 @402118 id:aaaaaaaaaaaa\n"
               "  2021-03-03 04:12:30  COMPROMISE  Web shell answered a POST [T1190 T1505.003]\n"
               "    POST /owa/auth/Xq8.aspx -> 200, from 203.0.113.9\n"
               "    | 2021-03-03 04:12:30 192.0.2.10 POST /owa/auth/Xq8.aspx &CorrelationID=<...\n"
               "    next   Copy the file and look who else asked for it.\n"
               "    file   logs/W3SVC1/u_ex210303.log:1894 @402118 id:bbbbbbbbbbbb\n");
    assert_has(s, "EVIDENCE FILES (SHA-256 of those named in full above)\n"
                  "  - logs/W3SVC1/u_ex210303.log\n"
                  "    77777777777777777777777777777777777777777777777777777777777777");
    assert_has(s, "  - EX01, own scanner, Asked for a page that the exploit uses: 1\n");
    assert_has(s, "  - EX01, 2021-02-20..2021-03-10, hafnium-exchange-2021 96.2 %:\n"
                  "    httpproxy-powershell 87,654,321\n");
    assert_has(s, "    0 %: iis 1,234,567* (3 not understood)\n");
    assert_has(s, "  * rows without a word of any rule were counted, not parsed; see --full\n");
    assert_has(s, "  - EX01: iis: 2021-03-04 02:00:00 to 2021-03-04 05:00:00, 3 hours\n");
    assert_has(s, "  - not tested on EX01 iis: Forged session: cs(Referer) was not logged\n");
    assert_true(str_ends(s, STR("\nread 88,888,900 rows, 22,345.7 MB in 11.3 s (1,986.3 MB/s): 4 "
                                "findings, 2 gaps;\n  sandbox: landlock 4, seccomp, rlimits\n")));
}

/* Affairs that began after the logs end have no block, and no share of their window. */
static void test_text_ended(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    for (size_t i = 0; i < 4; i += 2) {
        sample_verdict[i].host = i ? STR("EX02") : STR("EX01");
        sample_verdict[i].dossier = STR("proxyshell-2021");
        sample_verdict[i].state = VERDICT_NOT_ENOUGH_EVIDENCE;
        sample_verdict[i].because =
            STR("nothing found, but the logs end on 2021-03-10, before this "
                "affair began on 2021-08-05: they say nothing about it");
        sample_verdict[i].ended_before = true;
    }
    struct str s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_lacks(s, "because  nothing found");
    assert_has(s, "\nThe logs end before these affairs began and say nothing about them:\n"
                  "  proxyshell-2021 (EX01, EX02)\n");
    assert_has(s, "hafnium-exchange-2021 96.2 %: iis 1,234,567*");
    sample_coverage[0].sampled = false;
    assert_lacks(written("text", &a, NULL), "counted, not parsed");
    assert_lacks(s, "proxyshell-2021 0 %");
}

/* What is said of a host is said once: "Isolate", and the sentence that another host has. */
static void test_text_next(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    for (size_t i = 0; i < 3; i++) {
        sample_verdict[i].state = VERDICT_COMPROMISED;
        sample_verdict[i].isolate = true;
        sample_verdict[i].next = STR("Isolate this server now.");
    }
    sample_verdict[3].isolate = true;
    sample_verdict[3].next = STR("check that the fix was in");
    struct str s = written("text", &a, NULL);
    assert_lacks(s, "Isolate this host.");
    assert_has(s, "    next     Isolate this server now.\n");
    assert_has(s, "    next     isolate, as for EX03.example.org\n");
    assert_has(s, "    next     check that the fix was in\n");
}

/* One request in two logs is one finding; another rule on its record stands beside it; weak ones
 * are counted by rule; what was set aside on a record that counts is not listed. */
static void test_text_joined(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    struct finding more[7];
    more[0] = more[1] = more[2] = sample_finding[1];
    more[1].kind = STR("httpproxy-owa");
    more[1].file = STR("logs/HttpProxy/Owa/HttpProxy_2021030300-1.LOG");
    more[1].time_us += 2 * US_PER_S;
    more[1].several_clients = true;
    more[2].rule = STR("other");
    more[2].title = STR("Other rule on the row");
    more[2].grade = GRADE_ATTEMPT;
    more[3] = more[4] = more[5] = sample_finding[2];
    for (size_t i = 3; i < 6; i++) {
        more[i].host = STR("EX01");
        more[i].grade = GRADE_WEAK;
        more[i].count = 20 + i;
    }
    more[5].several_clients = true;
    more[5].rule = more[5].title = STR("Third rule");
    more[6] = more[0];
    more[6].note = STR("own scanner");
    a.finding = more;
    a.n_findings = ARRAY_LEN(more);
    a.n_episodes = 0;
    struct str s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_has(s, "FINDINGS ([ATT&CK technique], file:line @byte offset, id as in --json)\nEX01\n"
                  "  2021-03-03 04:12:30  COMPROMISE  Web shell answered a POST [T1190 T1505.003]\n"
                  "    POST /owa/auth/Xq8.aspx -> 200, from several addresses\n"
                  "    | 2021-03-03 04:12:30 192.0.2.10 POST /owa/auth/Xq8.aspx &CorrelationID=<"
                  "...\n"
                  "    means  A file that never shipped answered a POST with 200.\n"
                  "    next   Copy the file and look who else asked for it.\n"
                  "    file   logs/W3SVC1/u_ex210303.log:1894 @402118 id:bbbbbbbbbbbb\n"
                  "    logs/HttpProxy/Owa/HttpProxy_2021030300-1.LOG:1894 @402118 "
                  "id:bbbbbbbbbbbb\n"
                  "    also   Other rule on the row\n"
                  "  also: Asked for a page that the exploit uses, 47 rows\n"
                  "  also: Third rule, 25 rows, several clients\n"
                  "\n"
                  "SET ASIDE (rows that were seen, but do not decide)\n"
                  "  and 1 set aside on records that count above; --json shows all\n");
    more[1].time_us += 1; /* too late for the same request */
    s = written("text", &a, NULL);
    assert_has(s, "  also: COMPROMISE Web shell answered a POST, 1 row, several clients:\n"
                  "        /owa/auth/Xq8.aspx\n");
    assert_lacks(s, "    logs/HttpProxy");
}

/* An episode of three and more steps is told in order of time, each step once with what it means,
 * and who was touched stands below; the gravest finding alone is shown in full. */
static void test_text_story(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    static struct named_value user[] = {{STR("c-ip"), STR("10.0.0.9")},
                                        {STR("cs-username"), STR("CONTOSO\\thief")},
                                        {STR("AnchorMailbox"), STR("Smtp~b@contoso.example")}};
    struct finding more[6];
    const struct finding *in_order[6];
    static const char *const title[] = {"Reached",   "Minted",     "Minted",
                                        "Web shell", "Covered up", "Probe"};
    static const enum grade grade[] = {GRADE_ATTEMPT,    GRADE_PROGRESSED, GRADE_PROGRESSED,
                                       GRADE_COMPROMISE, GRADE_PROGRESSED, GRADE_PROBE};
    struct episode e = {.n = 6, .finding = in_order};
    for (size_t i = 0; i < 6; i++) {
        more[i] = sample_finding[1];
        in_order[i] = &more[i];
        more[i].rule = more[i].title = str_of(title[i]);
        more[i].grade = grade[i];
        more[i].meaning = i == 4 ? STR("Tracks were covered.") : STR("It went on.");
        more[i].time_us += (int64_t)i * 60 * US_PER_S;
        more[i].last_us = more[i].time_us;
        more[i].line = i + 1;
        more[i].technique.n = i == 1;
    }
    more[1].file = STR("a-collection-of-logs/a-long-name-of-a-folder/W3SVC1/u_ex210303.log");
    more[4].field = user;
    more[4].n_fields = 3;
    e.host = more[0].host;
    e.dossier = more[0].dossier;
    e.first_us = more[0].time_us;
    e.last_us = more[5].time_us;
    a.finding = more;
    a.n_findings = 6;
    a.episode = &e;
    a.n_episodes = 1;
    struct str s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_has(s,
               "    file   logs/W3SVC1/u_ex210303.log:4 @402118 id:bbbbbbbbbbbb\n"
               " episode 2021-03-03 04:12:30 to 2021-03-03 04:17:30, 6 findings, step by step:\n"
               "  2021-03-03 04:12:30  ATTEMPT     Reached\n"
               "    logs/W3SVC1/u_ex210303.log:1 @402118 id:bbbbbbbbbbbb\n"
               "  2021-03-03 04:13:30  PROGRESSED  Minted [T1190], 2 rows until 04:14:30\n"
               "    ...s/a-long-name-of-a-folder/W3SVC1/u_ex210303.log:2 @402118 "
               "id:bbbbbbbbbbbb\n"
               "  2021-03-03 04:15:30  COMPROMISE  Web shell: /owa/auth/Xq8.aspx\n"
               "    logs/W3SVC1/u_ex210303.log:4 @402118 id:bbbbbbbbbbbb\n"
               "  2021-03-03 04:16:30  PROGRESSED  Covered up\n"
               "    Tracks were covered.\n"
               "    logs/W3SVC1/u_ex210303.log:5 @402118 id:bbbbbbbbbbbb\n"
               "  in all: from 203.0.113.9; accounts CONTOSO\\thief; mailboxes b@contoso.example\n"
               "  also: probe Probe, 1 row\n");
    a.n_episodes = 0;
    assert_lacks(written("text", &a, NULL), "step by step");
}

/* Rows of --pivot are a list in order of time, also where a finding stands on them. */
static void test_text_pivot(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    sample_finding[2] = sample_finding[0];
    sample_finding[2].rule = STR("pivot:203.0.113.9");
    sample_finding[2].note = STR("asked for with --pivot");
    sample_finding[2].grade = GRADE_WEAK;
    struct str s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_has(s, "PIVOT (rows that hold a value asked for, ordinary ones too)\n"
                  "  2021-03-03 04:11:09  EX01 iis from 203.0.113.9: POST /ecp/y.js -> 241\n");
    assert_lacks(s, "EX01, asked for with --pivot");
    assert_lacks(s, "in no row");
    struct str absent[] = {STR("198.51.100.99")};
    a.pivots_absent = (struct str_list){absent, 1};
    assert_has(written("text", &a, NULL), "-> 241\n  - 198.51.100.99: in no row that was read\n");
}

/* Equal stretches of several kinds are one line, and the same fact is not listed again. */
static void test_text_gaps(void **state)
{
    (void)state;
    static struct span_us spans[2];
    struct answer a = sample_answer();
    spans[0] =
        (struct span_us){sample_time("2021-02-22T00:00:00Z"), sample_time("2021-02-24T00:00:00Z")};
    spans[1] =
        (struct span_us){sample_time("2021-02-20T00:00:00Z"), sample_time("2021-03-02T00:00:00Z")};
    for (size_t i = 0; i < 3; i++) {
        sample_coverage[i].host = STR("EX01");
        sample_coverage[i].gap = i ? spans : spans + 1;
        sample_coverage[i].n_gaps = i ? 2 : 1;
    }
    sample_coverage[2].kind = STR("httpproxy-owa");
    sample_gap[1].host = STR("EX01");
    sample_gap[1].reason = STR("silent");
    struct str s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_has(s, "GAPS (nothing logged, not supplied, or not understood)\n"
                  "  - EX01: iis, httpproxy-{powershell,owa}: 2021-02-20 to 2021-03-01, 10 days\n"
                  "\nNOT EXAMINED\n  - worker-died: EX01 logs/W3SVC1/u_ex210306.log from byte "
                  "1,048,576, signal 11\n");
    assert_lacks(s, "silent:");
}

static void test_text_empty(void **state)
{
    (void)state;
    struct answer a = {.summary = {.verb = "scan", .version = "0.1.0", .interrupted = true}};
    struct str s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_has(s, "interrupted: what follows rests on what had been read until then\n");
    assert_has(s, "FINDINGS\n  none\n");
    assert_has(s, "interrupted after 0 rows, 0.0 MB in 0.0 s (0.0 MB/s): 0 findings, 0 gaps;\n"
                  "  sandbox: none\n");
    assert_true(json_check(str_trim(written("json", &a, NULL))));
    assert_int_equal(written("ecs", &a, NULL).n, 0);
    assert_csv(written("csv", &a, NULL), 1);
}

/* The matched part of a long line is shown, and marked when colours are on. */
static void test_text_evidence(void **state)
{
    (void)state;
    static char line[4000];
    memset(line, 'a', sizeof line);
    memcpy(line + 3000, "NEEDLE", 6);
    struct answer a = sample_answer();
    sample_finding[1].evidence = str_make(line, sizeof line);
    sample_finding[1].mark[0].from = 3000;
    sample_finding[1].mark[0].to = 3006;
    struct str s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_has(s, "    POST /owa/auth/Xq8.aspx -> 200, from 203.0.113.9\n    | ...aaaaaa");
    assert_has(s, "aaaaaaaaaaaaaaaaaaNEEDLEaaaaaa");
    struct print_options o = {.colour = true};
    assert_has(written("text", &a, &o), "\033[1;4;31mNEEDLE\033[0m");
    memcpy(line + sizeof line - 6, "NEEDLE", 6);
    sample_finding[1].mark[0].from = sizeof line - 6;
    sample_finding[1].mark[0].to = sizeof line + 100; /* past the end: cut where the line was */
    s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_has(s, "aaaNEEDLE\n");
    memset(line, 'a', sizeof line); /* a proof longer than a line is shown in three */
    memcpy(line + 1000, "NEEDLE-", 7);
    memcpy(line + 1150, "-ELDEEN", 7);
    sample_finding[1].mark[0].from = 1000;
    sample_finding[1].mark[0].to = 1157;
    s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_has(s, "aaaNEEDLE-aaa");
    assert_has(s, "aaa-ELDEENaaa");
    sample_finding[1].sha256[0] = 0; /* not hashed */
    assert_lacks(written("text", &a, NULL), "EVIDENCE FILES");
}

/* The gravest are shown whatever their time, the others are counted. */
static void test_text_limit(void **state)
{
    (void)state;
    enum { MANY = 1300 };
    struct answer a = sample_answer();
    struct finding *many = calloc(MANY, sizeof *many);
    assert_non_null(many);
    for (size_t i = 0; i < MANY; i++) {
        many[i] = sample_finding[2];
        many[i].time_us += (int64_t)i * US_PER_S;
        many[i].host = STR("EX09");
    }
    many[MANY - 1] = sample_finding[1];
    many[MANY - 1].host = STR("EX09");
    many[MANY - 1].time_us = TIME_NONE;
    a.finding = many;
    a.n_findings = MANY;
    a.n_episodes = 0;
    struct str s = written("text", &a, NULL);
    assert_page(s, 80);
    assert_has(s,
               "  no time              COMPROMISE  Web shell answered a POST [T1190 T1505.003]\n");
    assert_has(s, "  also: probe Asked for a page that the exploit uses, 1,299 rows\n");
    assert_lacks(s, "outside any episode");
    assert_lacks(s, "GET /ecp/x.js");
    struct print_options o = {.findings_per_host = 5};
    many[MANY - 1] = many[0];
    for (size_t i = 0; i < MANY; i++)
        many[i].line = i + 1;
    s = written("text", &a, &o);
    assert_has(s, "  also: probe Asked for a page that the exploit uses, 1,295 rows\n");
    char rule[MANY][16];
    for (size_t i = 0; i < MANY; i++) {
        (void)snprintf(rule[i], sizeof rule[i], "r%zu", i);
        many[i].rule = str_of(rule[i]);
    }
    assert_has(written("text", &a, NULL),
               "  and 1,296 more findings on this host; --json shows all\n");
    free(many);
}

static void test_json_values(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    sample_finding[1].evidence = STR("\xff\xffn\xc3\xa9"
                                     "edle");
    sample_finding[1].mark[0].from = 2;
    sample_finding[1].mark[0].to = 5;
    sample_finding[2].time_us = sample_finding[2].last_us = TIME_NONE;
    sample_finding[2].line = 0;
    sample_fields[2][1].name = STR("c-ip"); /* a header may name a column twice */
    struct str s = written("json", &a, NULL);
    assert_has(s, "\"evidence\":\"\\\\xff\\\\xffn\xc3\xa9"
                  "edle\",\"marks\":[[8,11]]");
    assert_has(s, "\"time\":null,\"last\":null,");
    assert_has(s, "\"sha256\":null,\"line\":null,");
    assert_has(s, "\"c-ip\":\"198.51.100.7\",\"c-ip#2\":\"GET\",");
    assert_has(s, "\"gaps\":[{\"from\":\"2021-03-04T02:00:00Z\",\"to\":\"2021-03-04T05:00:00Z\"}],"
                  "\"window_share\":{\"hafnium-exchange-2021\":0.9625,\"proxyshell-2021\":0}");
    assert_has(s, "\"dossiers\":{\"hafnium-exchange-2021\":\"0123abcd\"}");
    struct str last = s;
    last.n--;
    last = str_sub(last, (size_t)str_rchr(last, '\n') + 1, last.n);
    assert_true(str_starts(last, STR("{\"type\":\"summary\",")));
    static const char *const order[] = {"finding", "episode", "coverage", "gap", "verdict"};
    ptrdiff_t before = -1;
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "{\"type\":\"%s\"", order[i]);
        ptrdiff_t at = str_find(s, str_of(text));
        assert_true(at > before);
        before = at;
    }
}

static void test_timesketch(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    sample_finding[2].time_us = TIME_NONE;
    struct str s = written("timesketch", &a, NULL);
    assert_int_equal(lines_of(s), 5); /* one of the four lasted */
    assert_has(s, "\"datetime\":\"2021-03-03T04:11:09.000000+00:00\",\"timestamp\":"
                  "1614744669000000,\"timestamp_desc\":\"First Seen\"");
    assert_has(s, "\"datetime\":\"2021-03-03T05:00:00.000000+00:00\",\"timestamp\":"
                  "1614747600000000,\"timestamp_desc\":\"Last Seen\"");
    assert_has(s, "\"datetime\":\"1970-01-01T00:00:00.000000+00:00\",\"timestamp\":0,"
                  "\"timestamp_desc\":\"Not a time\"");
}

static void test_ecs(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    sample_fields[0][0].value = STR("not an address");
    sample_fields[0][4].value = STR("2x0");
    struct str s = written("ecs", &a, NULL), line;
    (void)str_cut(&s, '\n', &line);
    assert_has(line, "\"source\":{\"address\":\"not an address\"}");
    assert_lacks(line, "status_code");
    (void)str_cut(&s, '\n', &line);
    assert_has(line, "\"source\":{\"address\":\"203.0.113.9\",\"ip\":\"203.0.113.9\"}");
    assert_has(line, "\"technique\":{\"id\":[\"T1190\",\"T1505\"],\"subtechnique\":{\"id\":"
                     "[\"T1505.003\"]}}");
    assert_has(line, "\"response\":{\"status_code\":200}");
}

/* A balancer in front: its word for the client first, the address of the connection beside it. */
static void test_roles(void **state)
{
    (void)state;
    struct answer a = sample_answer();
    const struct finding *f = &sample_finding[0];
    sample_finding[0].n_fields = 7;
    static const struct {
        struct str chain;
        const char *client;
    } cases[] = {
        {STR("198.51.100.9"), "198.51.100.9"},
        {STR(" 198.51.100.9:4711,10.0.0.1"), "198.51.100.9"},
        {STR("[2001:db8::1]:443"), "2001:db8::1"},
        {STR("2001:db8::1, 10.0.0.1"), "2001:db8::1"},
        {STR("unknown"), "203.0.113.9"},
        {STR(""), "203.0.113.9"},
        {STR("]"), "203.0.113.9"},
        {STR("[\0"), "203.0.113.9"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        sample_fields[0][6] = (struct named_value){STR("X-Forwarded-For"), cases[i].chain};
        assert_str(role_of(f, ROLE_CLIENT), cases[i].client);
        assert_str(role_of(f, ROLE_PEER), "203.0.113.9");
    }
    sample_fields[0][6].value = STR("198.51.100.9");
    assert_has(written("text", &a, NULL), "from\n    198.51.100.9, through 203.0.113.9,");
    assert_false(role_of(f, ROLE_REFERRER).p);
    assert_false(role_is_address(STR("1.2.3")));
    assert_false(role_is_address(STR("")));
    assert_str(text_head(STR("ab\xe6\xbc\xa2"), 4), "ab");
    assert_str(text_head(STR("ab\xe6\xbc\xa2"), 5), "ab\xe6\xbc\xa2");
    assert_str(text_head(STR("\x80\x80\x80\x80\x80"), 4), "\x80");
}

static void test_formats(void **state)
{
    (void)state;
    assert_ptr_equal(writer_find(STR("text")), &writer_formats[0]);
    assert_null(writer_find(STR("TEXT")));
    assert_null(writer_find(STR("")));
}

static void test_numbers(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 256);
    text_grouped(&b, 0);
    buf_putc(&b, ' ');
    text_grouped(&b, 999);
    buf_putc(&b, ' ');
    text_grouped(&b, 1000);
    buf_putc(&b, ' ');
    text_grouped(&b, UINT64_MAX);
    buf_putc(&b, ' ');
    text_share(&b, 0.89999);
    text_share(&b, 1);
    text_share(&b, 0.3);
    text_share(&b, -1);
    text_share(&b, __builtin_nan(""));
    assert_true(str_eq(buf_view(&b), STR("0 999 1,000 18,446,744,073,709,551,615 "
                                         "89.9 %100 %30 %0 %0 %")));
    buf_done(&b);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_hostile_text),
        T(test_hostile_json),
        T(test_hostile_csv),
        T(test_failing_sink),
        T(test_failing_sink_large),
        T(test_text_layout),
        T(test_text_ended),
        T(test_text_next),
        T(test_text_joined),
        T(test_text_story),
        T(test_text_pivot),
        T(test_text_gaps),
        T(test_text_empty),
        T(test_text_evidence),
        T(test_text_limit),
        T(test_json_values),
        T(test_timesketch),
        T(test_ecs),
        T(test_roles),
        T(test_formats),
        T(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
