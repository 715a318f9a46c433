/* What posts are about: names in all spellings, what must not be one, intents, places. */
#include "unit.h"
#include "watch/gist_priv.h"
#include "watch/pass.h"

#include <time.h>

enum { HOSTILE_SECONDS = 10 }; /* a tenth at most is needed, but for sanitizers */

static struct arena arena;
static struct extract_lists lists;
static struct gist *gist;
static struct buf line;

static int setup(void **state)
{
    struct lexicon lexicon;
    struct error error = {0};
    (void)state;
    arena_init(&arena, 64 << 20);
    buf_init(&line, 1 << 20);
    lexicon_init(&lexicon, &arena);
    assert_int_equal(extract_lists_load(&arena, &lists, &error), OK);
    assert_int_equal(lexicon_shipped(&lexicon, &error), OK);
    struct gist_options options = {&lexicon, &lists, 2027};
    assert_int_equal(gist_new(&arena, &options, &gist, &error), OK);
    lexicon_done(&lexicon);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gist = gist_free(gist);
    buf_done(&line);
    arena_done(&arena);
    return 0;
}

static struct post post_of(const char *title, const char *text)
{
    return (struct post){
        .title = str_of(title), .text = str_of(text), .time_us = TIME_NONE, .ingest_us = TIME_NONE};
}

/* "kind name; kind name", in order; each must stand where it says. */
static void check(const struct post *post, const char *want)
{
    struct reading r;
    assert_int_equal(gist_read(gist, post, &r), OK);
    buf_reset(&line);
    for (size_t i = 0; i < r.n_subjects; i++) {
        const struct reading_subject *s = &r.subject[i];
        struct str field = s->in_title ? post->title : post->text;
        buf_printf(&line, "%s%s ", i ? "; " : "", subject_kind_name(s->kind));
        buf_str(&line, s->name);
        assert_true(s->text.n > 0);
        assert_true(str_eq(s->text, str_sub(field, s->at, s->at + s->text.n)));
    }
    if (!str_eq(buf_view(&line), str_of(want)))
        fail_msg("'%.*s' gave\n%.*s, wanted\n%s", STR_FMT(post->text), STR_FMT(buf_view(&line)),
                 want);
}

static void subjects(const char *text, const char *want)
{
    struct post post = post_of("", text);
    check(&post, want);
}

#define EXCHANGE "product Microsoft Exchange"

static void names(void **state)
{
    (void)state;
    subjects("Exchange Server is slow", EXCHANGE);
    subjects("EXCHANGE SERVER: slow", EXCHANGE);
    subjects("patched our exchange mailboxes", EXCHANGE);
    subjects("Microsoft Exchange", EXCHANGE); /* not the vendor */
    subjects("MicrosoftExchange", "");
    subjects("Microsoft", "vendor Microsoft");
    subjects("ESXi;Citrix ADC", "product VMware ESXi; product Citrix NetScaler ADC and Gateway");
    subjects("ESXis", "");
    subjects("nothing at all", "");
    subjects("", "");
}

static void ids(void **state)
{
    (void)state;
    subjects("cve 2021 26855 and CVE_2021_27065", "cve CVE-2021-26855; cve CVE-2021-27065");
    subjects("the cves 2021-26855, 2021-27065", "cve CVE-2021-26855; cve CVE-2021-27065");
    subjects("in 2021-26855", "");
    subjects("a cve. Then 2021-26855", "");
    subjects("CVE-2021-26855/26857", "cve CVE-2021-26855; cve CVE-2021-26857");
    subjects("xCVE-2021-26855", "");
    subjects("CVE-2021-26855 CVE-2021-26855", "cve CVE-2021-26855");
    subjects("KB5000871 MS17-010 T1505.003",
             "advisory KB5000871; advisory MS17-010; technique T1505.003");
    subjects("CVE\xe2\x80\x91"
             "2021\xe2\x80\x91"
             "26855",
             "cve CVE-2021-26855");
    subjects("\xd0\xa1VE-2021-26855", "cve CVE-2021-26855"); /* Cyrillic S */
}

static void ambiguous(void **state)
{
    (void)state;
    subjects("the band Exchange played", "");
    subjects("the crypto exchange was hacked, mail us", "");
    subjects("exchange of bitcoin wallets for mail", "");
    subjects("stock exchange, mail", "");
    subjects("windows are open", "");
    subjects("mail to someone@citrix.com, see owa.example.com", "");
    subjects("https://exchange.example.com/owa/ is my mail", "");
}

static void context_in_titles(void **state)
{
    struct post post = post_of("Mail server trouble", "the exchange does not start");
    (void)state;
    check(&post, EXCHANGE);
    post = post_of("", "the exchange does not start");
    check(&post, "");
    post.thread = STR("mail server trouble");
    check(&post, EXCHANGE);
    post.thread = STR("t-4711");
    check(&post, "");
    /* Further away than it can be meant. */
    char far[400];
    memset(far, ' ', sizeof far);
    memcpy(far, "exchange", 8);
    memcpy(far + 300, "mailbox", 8);
    post = post_of("", far);
    check(&post, "");
    memcpy(far + 100, "mailbox", 7);
    check(&post, EXCHANGE);
}

static void other_scripts(void **state)
{
    (void)state;
    subjects("нужен ЭКСЧЕНДЖЕ", EXCHANGE);
    subjects("эксчендж", EXCHANGE);
    subjects("эксчендж"
             "ировали",
             "");
    subjects("VPNом доступ к ESXi'ю", "product VPN; product VMware ESXi");
    subjects("\xe6\x94\xbb\xe5\x87\xbb"
             "Exchange\xe6\xbc\x8f\xe6\xb4\x9e",
             EXCHANGE);
    subjects("зелёный брут", "topic brute force");
    subjects("брутальный", "");
}

static void disguises(void **state)
{
    (void)state;
    subjects("l0ckbit", "malware LockBit");
    subjects("M1m1katz", "malware Mimikatz");
    subjects("L\xd0\xbe"
             "ckbit",
             "malware LockBit");
    subjects("\xef\xbc\xac\xef\xbd\x8f\xef\xbd\x83\xef\xbd\x8b\xef\xbd\x82\xef\xbd\x89\xef\xbd\x94",
             "malware LockBit"); /* full width */
    subjects("Lock\xc2\xad"
             "bit",
             "malware LockBit");
    subjects("v3sx1", "");
}

static void not_his_words(void **state)
{
    (void)state;
    subjects("> is LockBit back?\nno idea", "");
    subjects("no idea\n> is LockBit back?\nI saw Emotet", "malware Emotet");
    subjects("From: LockBit <a@b.example>\nSubject: Emotet\nX-Y: Ryuk\n\nhello", "malware Emotet");
    subjects("hello\n-- \nLockBit fan", "");
    subjects("LockBit\n\n\nand\r\nEmotet", "malware LockBit; malware Emotet");
}

static void dates_of_names(void **state)
{
    struct post post = post_of("", "ProxyLogon");
    (void)state;
    assert_true(time_parse_date(STR("2021-03-08"), &post.time_us));
    check(&post, "");
    assert_true(time_parse_date(STR("2021-03-09"), &post.ingest_us));
    check(&post, EXCHANGE);
}

static void intents(void **state)
{
    static const struct {
        const char *text;
        enum intent intent;
    } samples[] = {
        {"LockBit", INTENT_MENTION},
        {"LockBit?", INTENT_QUESTION},
        {"LockBit http://x.example/?a=b", INTENT_MENTION},
        {"how to remove LockBit", INTENT_QUESTION},
        {"selling LockBit builder", INTENT_SELL},
        {"not selling LockBit builder", INTENT_MENTION},
        {"WTB LockBit builder, escrow", INTENT_SEEK},
        {"куплю LockBit", INTENT_SEEK},
        {"не куплю LockBit", INTENT_MENTION},
        {"出售 LockBit", INTENT_SELL},
        {"we encrypted them with LockBit", INTENT_CLAIM},
        {"researchers say that hackers are selling LockBit", INTENT_REPORT},
    };
    struct reading r;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        struct post post = post_of("", samples[i].text);
        assert_int_equal(gist_read(gist, &post, &r), OK);
        if (r.intent != samples[i].intent)
            fail_msg("'%s' is %s", samples[i].text, intent_name(r.intent));
        assert_true((r.intent == INTENT_MENTION) == (r.intent_phrase.p == NULL));
    }
}

static void techniques(void **state)
{
    struct reading r;
    struct post post = post_of("", "Exchange Server");
    (void)state;
    assert_int_equal(gist_read(gist, &post, &r), OK);
    assert_int_equal(r.n_techniques, 0); /* a product is no technique */
    post = post_of("", "LockBit: pass the hash, then pass-the-hash");
    assert_int_equal(gist_read(gist, &post, &r), OK);
    assert_int_equal(r.n_techniques, 1);
    assert_true(str_eq(r.technique[0].id, STR("T1550.002")));
    assert_true(str_eq(r.technique[0].text, STR("pass the hash")));
}

static void lists_of_cves(void **state)
{
    struct buf b;
    struct reading r;
    (void)state;
    buf_init(&b, 4096);
    for (int i = 0; i < 10; i++)
        buf_printf(&b, "CVE-2021-%d ", 20000 + i);
    struct post post = {.text = buf_view(&b), .time_us = TIME_NONE, .ingest_us = TIME_NONE};
    assert_int_equal(gist_read(gist, &post, &r), OK);
    assert_false(r.list_dump);
    assert_true(r.weight > 0.31 && r.weight < 0.32);
    buf_puts(&b, "CVE-2021-30000");
    post.text = buf_view(&b);
    assert_int_equal(gist_read(gist, &post, &r), OK);
    assert_true(r.list_dump && r.weight == 0);
    buf_done(&b);
}

/* Many posts in one call give what each gives by itself, also across blocks. */
static void batches(void **state)
{
    enum { POSTS = 5000 };
    static struct post post[POSTS];
    static struct reading r[POSTS];
    static const char *const texts[] = {"",
                                        "LockBit",
                                        "hello",
                                        "Exchange Server and CVE-2021-26855",
                                        "нужен доступ, куплю",
                                        "l0ckbit",
                                        "> Emotet\n"};
    static const size_t want[] = {0, 1, 0, 2, 1, 1, 0};
    (void)state;
    for (size_t i = 0; i < POSTS; i++)
        post[i] = post_of("title of the post, which is of some length", texts[i % 7]);
    assert_int_equal(gist_batch(gist, post, POSTS, r), OK);
    for (size_t i = 0; i < POSTS; i++) {
        assert_int_equal(r[i].n_subjects, want[i % 7]);
        assert_int_equal(r[i].sketch.hash, want[i % 7] ? r[i % 7].sketch.hash : 0);
    }
}

static enum err count_item(void *ctx, const struct item *item, bool in_title)
{
    size_t *counts = ctx;
    (void)item;
    counts[in_title]++;
    return OK;
}

static void items(void **state)
{
    struct post post = post_of("see 192.0.2.1", "hxxp://a.example/x and b[.]example");
    size_t counts[2] = {0};
    (void)state;
    assert_int_equal(gist_items(gist, &post, count_item, counts), OK);
    assert_int_equal(counts[0], 2);
    assert_int_equal(counts[1], 1);
}

/* Whatever is repeated for a MiB, the work grows with the text. */
static void hostile(void **state)
{
    static const char *const units[] = {"A",          ".",
                                        "@",          "3",
                                        "cve",        "cve 2021 ",
                                        "2021-",      "CVE-2021-26855 ",
                                        "exchange ",  "exchange mail ",
                                        "l0ckb1t ",   "\xd0\xb0",
                                        "a\xd0\xb0",  "\xe6\xb1\x82",
                                        "\n",         ">\n",
                                        "password: ", "WTS ",
                                        "not ",       "? ",
                                        "web shell ", "the matrix ",
                                        "T1505.003/", "lockbit emotet ryuk ",
                                        "\xff",       "\xe2\x80\xae"};
    enum { BYTES = 1 << 20 };
    char *text = malloc(BYTES);
    struct reading r;
    (void)state;
    assert_non_null(text);
    for (size_t u = 0; u < ARRAY_LEN(units); u++) {
        size_t n = strlen(units[u]), at = 0;
        for (; at + n <= BYTES; at += n)
            memcpy(text + at, units[u], n);
        struct post post = {
            .text = str_make(text, at), .time_us = TIME_NONE, .ingest_us = TIME_NONE};
        clock_t start = clock();
        assert_int_equal(gist_read(gist, &post, &r), OK);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (seconds > HOSTILE_SECONDS)
            fail_msg("'%s' took %.2f s", units[u], seconds);
        assert_true(r.n_subjects <= GIST_SUBJECTS);
    }
    free(text);
}

static enum err count_indicator(void *ctx, const struct item *item)
{
    *(size_t *)ctx += !item_is_subject(item->kind);
    return OK;
}

/* What is not looked at has no indicators: random texts of pieces of them. */
static void no_items(void **state)
{
    static const char *const pieces[] = {"a",
                                         "example",
                                         "com",
                                         ".",
                                         "[.]",
                                         "(dot)",
                                         " dot ",
                                         "[d0t]",
                                         "{ . }",
                                         "@",
                                         "[at]",
                                         ":",
                                         "//",
                                         "http",
                                         "hxxp",
                                         "10",
                                         "192",
                                         "255",
                                         "AS",
                                         "AS15169",
                                         "d2",
                                         "fb",
                                         "-",
                                         "\\",
                                         "C",
                                         "HKLM",
                                         "%TEMP%",
                                         " ",
                                         " ",
                                         "d41d8cd98f00b204e9800998ecf8427e",
                                         "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
                                         "exe",
                                         "/",
                                         "[",
                                         "]",
                                         "~",
                                         "\n",
                                         "2001",
                                         "::1",
                                         "[.",
                                         ".]",
                                         "meow",
                                         "\xef\xbc\x8e",
                                         "\xe3\x80\x82",
                                         "\xc2\xa0",
                                         "x"};
    uint32_t seed = 1;
    size_t found, skipped = 0;
    struct extractor *e;
    struct extract_options options = {&lists, 2027, count_indicator, &found, NULL};
    (void)state;
    assert_int_equal(extract_new(&options, 4096, &e), OK);
    for (int round = 0; round < 60000; round++) {
        buf_reset(&line);
        for (int k = 0; k < 2 + round % 7; k++) {
            seed = seed * 1664525 + 1013904223;
            buf_puts(&line, pieces[(seed >> 12) % ARRAY_LEN(pieces)]);
        }
        found = 0;
        assert_int_equal(extract_text(e, buf_view(&line)), OK);
        skipped += !may_hold_items(buf_view(&line));
        if (found && !may_hold_items(buf_view(&line)))
            fail_msg("'%.*s' holds an indicator", STR_FMT(buf_view(&line)));
    }
    assert_true(skipped > 3000);
    e = extract_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),         cmocka_unit_test(ids),
        cmocka_unit_test(ambiguous),     cmocka_unit_test(context_in_titles),
        cmocka_unit_test(other_scripts), cmocka_unit_test(disguises),
        cmocka_unit_test(not_his_words), cmocka_unit_test(dates_of_names),
        cmocka_unit_test(intents),       cmocka_unit_test(techniques),
        cmocka_unit_test(lists_of_cves), cmocka_unit_test(batches),
        cmocka_unit_test(items),         cmocka_unit_test(no_items),
        cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
