/* Channels against small servers of our own: tests/unit/servers.py. */
#include "base/hash.h"
#include "os/folder.h"
#include "sample_alert.h"
#include "unit.h"
#include "watch/deliver_priv.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;
static struct error error;
static struct channels channels;
static char root[64], spool[96], last_problem[600];
static struct deliver_count count;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)256 << 20);
    (void)snprintf(root, sizeof root, "/tmp/test_deliver.XXXXXX");
    assert_non_null(mkdtemp(root));
    (void)snprintf(spool, sizeof spool, "%s/spool", root);
    channels = (struct channels){0};
    last_problem[0] = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    const char *const dirs[] = {spool, root};
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
        struct str *name;
        size_t n = 0;
        if (!folder_list(&arena, str_of(dirs[i]), 1000, &name, &n, NULL))
            for (size_t k = 0; k < n; k++)
                (void)!file_remove(str_of(dirs[i]), name[k], NULL);
        (void)rmdir(dirs[i]);
    }
    channels_done(&channels);
    arena_done(&arena);
    return 0;
}

static void problem(void *ctx, struct str channel, struct str why)
{
    (void)ctx;
    (void)snprintf(last_problem, sizeof last_problem, "%.*s: %.*s", STR_FMT(channel), STR_FMT(why));
}

static void run_at(int64_t now_us)
{
    struct deliver_options o = {.now_us = now_us, .problem = problem};
    assert_int_equal(deliver_run(&channels, str_of(spool), &o, &count, &error), OK);
}

static size_t spooled(void)
{
    struct str *name;
    size_t n = 0;
    assert_int_equal(folder_list(&arena, str_of(spool), 1000, &name, &n, &error), OK);
    return n;
}

static struct str in_root(const char *name)
{
    struct str text = STR_NONE;
    (void)!file_read(&arena, str_of(root), str_of(name), 1 << 22, &text, NULL);
    return text;
}

/* A server of servers.py on a free port: "KIND ANSWERS..."; what it took in stands in the file
 * "got" of the root. */
struct server {
    pid_t pid;
    char port[16];
};

static struct server start(const char *kind, const char *answers)
{
    struct server s = {.port = ""};
    char script[1024], line[64] = "";
    int ends[2];
    const char *source = getenv("TOCSIN_SOURCE");
    (void)snprintf(script, sizeof script, "%s/tests/unit/servers.py", source ? source : ".");
    assert_int_equal(pipe(ends), 0);
    s.pid = fork();
    assert_true(s.pid >= 0);
    if (s.pid == 0) {
        (void)dup2(ends[1], 1);
        (void)execlp("python3", "python3", script, kind, root, answers, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    size_t n = 0;
    while (n < sizeof line - 1 && read(ends[0], line + n, 1) == 1 && line[n] != '\n')
        n++;
    (void)close(ends[0]);
    (void)snprintf(s.port, sizeof s.port, "%.*s", (int)(n < 15 ? n : 15), line);
    assert_true(n > 0);
    return s;
}

static void stop(const struct server *s)
{
    int status;
    (void)kill(s->pid, SIGTERM);
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
}

static void read_channels(const char *format, const char *port)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    for (const char *c = format; *c; c++) {
        if (*c == '$')
            buf_puts(&b, port);
        else if (*c == '%')
            buf_puts(&b, root);
        else
            buf_putc(&b, *c);
    }
    if (channels_read(&arena, arena_str(&arena, buf_view(&b)), STR("channels"), &channels, &error))
        fail_msg("%s", error.text);
    buf_done(&b);
}

static void assert_in(struct str s, const char *text)
{
    if (str_find(s, str_of(text)) < 0)
        fail_msg("missing '%s' in:\n%.*s", text, STR_FMT(s));
}

static void test_webhook(void **state)
{
    (void)state;
    unsigned char digest[SHA256_BYTES];
    char want[200], hex[SHA256_HEX + 1];
    struct server s = start("http", "200");
    assert_int_equal(file_replace(str_of(root), STR("key"), STR("s3cret\r\n"), &error), OK);
    read_channels("channels:\n- type: webhook\n  url: http://127.0.0.1:$/hook?a=b\n"
                  "  secret_file: %/key\n",
                  s.port);
    assert_int_equal(deliver_post(&channels, sample_alerts(), 2, str_of(spool), &error), OK);
    assert_int_equal(deliver_post(&channels, sample_alerts(), 2, str_of(spool), &error), OK);
    assert_int_equal(spooled(), 2); /* twice is once */
    run_at(US_PER_DAY);
    assert_int_equal(count.sent, 2);
    assert_int_equal(spooled(), 0);
    run_at(US_PER_DAY);
    assert_int_equal(count.sent, 0);
    stop(&s);
    struct str got = in_root("got"), body;
    assert_in(got, "POST /hook?a=b HTTP/1.1\n");
    assert_in(got, "Content-Type: application/json\n");
    assert_in(got, "X-Tocsin-Id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-"
                   "1614643200\n");
    ptrdiff_t from = str_find(got, STR("{\"type\":\"alert\"")),
              to = str_find(got, STR("\n=====\n"));
    assert_true(from > 0 && to > from);
    body = str_sub(got, (size_t)from, (size_t)to);
    assert_int_equal(hmac_sha256(STR("s3cret"), body, digest), OK);
    hex_of(digest, sizeof digest, hex);
    (void)snprintf(want, sizeof want, "X-Tocsin-Signature: sha256=%s\n", hex);
    assert_in(got, want);
}

/* A server that fails, refuses, hangs up or redirects; nothing is lost, nothing comes twice. */
static void test_retry(void **state)
{
    (void)state;
    struct server s = start("http", "500,302,hang,endless,400,204");
    int64_t now = US_PER_DAY;
    read_channels("channels:\n- type: webhook\n  url: http://127.0.0.1:$/\n", s.port);
    assert_int_equal(deliver_post(&channels, sample_alerts(), 2, str_of(spool), &error), OK);
    run_at(now); /* 500: the second is not even tried */
    assert_int_equal(count.sent, 0);
    assert_int_equal(count.waiting, 2);
    assert_string_equal(last_problem, "webhook: answered with status 500");
    run_at(now + 1); /* the second one: 302, which is no success and is not followed */
    assert_int_equal(count.waiting, 2);
    assert_string_equal(last_problem, "webhook: answered with status 302");
    run_at(now + 2);
    assert_int_equal(count.waiting, 2);
    now += 61 * US_PER_S;
    run_at(now); /* hangs up */
    assert_int_equal(count.sent, 0);
    run_at(now + 1); /* 200, and goes on for ever */
    assert_int_equal(count.sent, 1);
    now += 121 * US_PER_S;
    run_at(now); /* refused: this one only */
    assert_string_equal(last_problem, "webhook: answered with status 400");
    assert_int_equal(spooled(), 1);
    run_at(now + 239 * US_PER_S); /* doubled each time */
    assert_int_equal(count.sent, 0);
    run_at(now + 241 * US_PER_S);
    assert_int_equal(count.sent, 1);
    assert_int_equal(spooled(), 0);
    stop(&s);
    run_at(now + US_PER_DAY);
    assert_int_equal(count.sent + count.waiting, 0);
}

static void test_nobody_there(void **state)
{
    (void)state;
    struct server s = start("http", "200");
    stop(&s); /* a port where nobody listens */
    read_channels(
        "channels:\n- {type: webhook, url: 'http://127.0.0.1:$/'}\n"
        "- {type: alertmanager, url: 'http://127.0.0.1:$'}\n"
        "- {type: mail, url: 'smtp://127.0.0.1:$', tls: none, from: a@x.org, to: b@x.org}\n"
        "- {type: syslog, url: 'tcp://127.0.0.1:$'}\n"
        "- {type: syslog, name: local, url: 'unix://%/none'}\n",
        s.port);
    assert_int_equal(deliver_post(&channels, sample_alerts(), 1, str_of(spool), &error), OK);
    int64_t now = US_PER_DAY;
    for (int i = 0; i < DELIVER_TRIES; i++, now += US_PER_DAY) {
        run_at(now);
        assert_int_equal(count.waiting, 5);
    }
    assert_string_equal(last_problem,
                        "webhook: alert aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "aaaaaaaaaaaaaaaa is given up after 40 tries");
    run_at(now);
    assert_int_equal(count.given_up, 5);
    assert_int_equal(spooled(), 5);
    /* A file that is no parcel, and one of a channel that is gone. */
    assert_int_equal(file_replace(str_of(spool), STR("x"), STR("tocsin parcel 1\nid"), &error), OK);
    channels.n = 4;
    run_at(now);
    assert_int_equal(count.broken, 1);
    assert_int_equal(count.orphans, 1);
    assert_int_equal(count.given_up, 4);
}

static void test_alertmanager(void **state)
{
    (void)state;
    struct server s = start("http", "200");
    assert_int_equal(setenv("TEST_DELIVER_TOKEN", "tok\"en", 1), 0);
    read_channels("channels:\n- type: alertmanager\n  url: http://127.0.0.1:$/\n  only: assets\n"
                  "  secret_env: TEST_DELIVER_TOKEN\n",
                  s.port);
    struct alert *a = sample_alerts();
    a[0].title = STR("</script>\"\\\n\x1b");
    assert_int_equal(deliver_post(&channels, a, 2, str_of(spool), &error), OK);
    assert_int_equal(spooled(), 1); /* the other one concerns nobody */
    run_at(alert_day("2021-03-05"));
    assert_int_equal(count.sent, 1);
    stop(&s);
    struct str got = in_root("got");
    assert_in(got, "POST /api/v2/alerts HTTP/1.1\n");
    assert_in(got, "Authorization: Bearer tok\"en\n");
    assert_in(got, "[{\"labels\":{\"alertname\":\"TocsinAlert\",\"subject\":\"Microsoft Exchange\","
                   "\"kind\":\"product\",\"lane\":\"breadth\",\"severity\":\"critical\","
                   "\"customer\":\"Example Ltd\"},\"annotations\":{\"summary\":\"\\u003c/script>"
                   "\\\"\\\\\\n\\u001b\",");
    assert_in(got, "\"startsAt\":\"2021-03-02T00:00:00Z\",\"endsAt\":\"2021-03-07T00:00:00Z\"}]");
}

static enum deliver_episode episode;
static enum deliver_episode on_episode(void *ctx, struct str id)
{
    (void)ctx;
    assert_int_equal(id.n, SHA256_HEX);
    return episode;
}

static void run_with_episodes(int64_t now_us)
{
    struct deliver_options o = {.now_us = now_us, .problem = problem, .episode = on_episode};
    assert_int_equal(deliver_run(&channels, str_of(spool), &o, &count, &error), OK);
}

/* Sent again while it goes on, and closed when it does not. */
static void test_alertmanager_stands(void **state)
{
    (void)state;
    struct server s = start("http", "200,500,200");
    int64_t now = alert_day("2021-03-05");
    read_channels("channels:\n- type: alertmanager\n  url: http://127.0.0.1:$/\n"
                  "- {type: webhook, url: 'http://127.0.0.1:$/hook'}\n",
                  s.port);
    channels.n = 1;
    assert_int_equal(deliver_post(&channels, sample_alerts(), 1, str_of(spool), &error), OK);
    episode = EPISODE_OVER; /* before it was ever told: it is told, then closed */
    run_with_episodes(now);
    assert_int_equal(count.sent, 1);
    assert_int_equal(count.standing, 1);
    episode = EPISODE_OPEN;
    run_with_episodes(now + US_PER_HOUR / 2);
    assert_int_equal(count.sent, 0);
    assert_int_equal(count.standing, 1);
    now += US_PER_HOUR;
    run_with_episodes(now); /* 500 */
    assert_int_equal(count.waiting, 1);
    episode = EPISODE_OVER;
    run_with_episodes(now + 1); /* puts off what is over as well */
    assert_int_equal(count.sent, 0);
    episode = EPISODE_OPEN;
    now += 120 * US_PER_S;
    run_with_episodes(now);
    assert_int_equal(count.sent, 1);
    episode = EPISODE_OVER;
    run_with_episodes(now + US_PER_S);
    assert_int_equal(count.sent, 1);
    assert_int_equal(count.standing, 0);
    assert_int_equal(spooled(), 0);
    struct str got = in_root("got");
    assert_in(got, "\"endsAt\":\"2021-03-07T00:00:00Z\"}]");
    assert_in(got, "\"endsAt\":\"2021-03-07T01:02:00Z\"}]");
    assert_in(got, "\"endsAt\":\"2021-03-05T01:02:01Z\"}]");
    /* Of another state: it ends by itself. A webhook hears of an alert once. */
    episode = EPISODE_OPEN;
    assert_int_equal(deliver_post(&channels, sample_alerts(), 1, str_of(spool), &error), OK);
    run_with_episodes(now);
    assert_int_equal(count.standing, 1);
    episode = EPISODE_UNKNOWN;
    run_with_episodes(now + 1);
    assert_int_equal(count.sent + count.standing + spooled(), 0);
    channels.v++;
    episode = EPISODE_OPEN;
    assert_int_equal(deliver_post(&channels, sample_alerts(), 1, str_of(spool), &error), OK);
    run_with_episodes(now);
    assert_int_equal(count.sent, 1);
    assert_int_equal(count.standing + spooled(), 0);
    channels.v--;
    channels.n = 2;
    stop(&s);
}

enum { FULL = 50 };

static void fill_spool(unsigned tries)
{
    char path[200];
    for (int i = 0; i < FULL; i++) {
        (void)snprintf(path, sizeof path, "%s/%020d", spool, i);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        (void)fprintf(
            f, "tocsin parcel 1\nid a-1\nchannel webhook\ntries %u\nfirst 1\nnext 1\n\n{}", tries);
        assert_int_equal(fclose(f), 0);
    }
}

/* What was given up takes no place in the spool, what waits does. */
static void test_full_spool(void **state)
{
    (void)state;
    struct server s = start("http", "200");
    read_channels("channels:\n- {type: webhook, url: 'http://127.0.0.1:$/'}\n", s.port);
    stop(&s);
    channels.max_waiting = FULL;
    assert_int_equal(folder_make(str_of(spool), &error), OK);
    fill_spool(DELIVER_TRIES);
    assert_int_equal(deliver_post(&channels, sample_alerts(), 1, str_of(spool), &error), OK);
    run_at(1);
    assert_int_equal(count.given_up, FULL);
    assert_int_equal(count.waiting, 1); /* was reached behind all of them */
    fill_spool(0);
    assert_int_equal(file_replace(str_of(spool), STR("x"), STR("no parcel"), &error), OK);
    assert_int_equal(file_replace(str_of(spool), STR("y"),
                                  STR("tocsin parcel 1\nid a-1\nchannel webhook\ntries 40\n"
                                      "first 1\nnext 1\n\n{}"),
                                  &error),
                     OK);
    assert_int_equal(deliver_post(&channels, sample_alerts(), 1, str_of(spool), &error), ERR_LIMIT);
    assert_in(str_of(error.text), "holds 51 parcels that wait and takes no more than 50; beside "
                                  "them 1 that were given up and 1 files");
}

static void test_mail(void **state)
{
    (void)state;
    struct server s = start("smtp", "clear");
    read_channels("channels:\n- {type: mail, url: 'smtp://127.0.0.1:$', tls: none,\n"
                  "   from: tocsin@x.org, to: [one@x.org, two@x.org]}\n",
                  s.port);
    struct alert *a = sample_alerts();
    a[1].title =
        STR("line\r\nBcc: victim@x.org\r\n.\r\n\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1"
            "\x82 and so on, longer than one word of a header may be");
    a[1].why = STR(".\r\nQUIT\r\n");
    assert_int_equal(deliver_post(&channels, a, 2, str_of(spool), &error), OK);
    run_at(alert_day("2021-03-05"));
    if (count.sent != 2)
        fail_msg("%s", last_problem);
    stop(&s);
    struct str got = in_root("got");
    assert_in(got, "MAIL FROM:<tocsin@x.org>");
    assert_in(got, "RCPT TO:<one@x.org>\n");
    assert_in(got, "RCPT TO:<two@x.org>\n");
    assert_in(got, "Date: Fri, 05 Mar 2021 00:00:00 +0000\n");
    assert_in(got, "From: <tocsin@x.org>\nTo: <one@x.org>,\n <two@x.org>\n");
    assert_in(got, "Subject: =?UTF-8?B?TWljcm9zb2Z0IEV4Y2hhbmdlIGlzIG5hbWVk");
    /* What servers.py decoded of subject and body. */
    assert_in(got,
              "SUBJECT line\\r\\nBcc: victim@x.org\\r\\n.\\r\\n\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2"
              "\xd0\xb5\xd1\x82 and so on, longer than");
    assert_in(got, "BODY \nALERT  Microsoft Exchange is named on more sites than expected\n");
    assert_true(str_find(got, STR("\nBcc:")) < 0);
}

/* STARTTLS is asked for, certificates are checked, passwords go through it only. */
static void test_mail_tls(void **state)
{
    (void)state;
    struct server s = start("smtp", "clear");
    const char *const mail = "channels:\n- {type: mail, url: 'smtp://localhost:$', user: me,\n"
                             "   secret_file: %/key, from: tocsin@x.org, to: one@x.org}\n";
    const char *const trusting =
        "channels:\n- {type: mail, url: 'smtp://localhost:$', user: me,\n"
        "   secret_file: %/key, ca_file: %/cert.pem, from: tocsin@x.org, to: one@x.org}\n";
    assert_int_equal(file_replace(str_of(root), STR("key"), STR("pass\n"), &error), OK);
    read_channels(mail, s.port);
    assert_int_equal(deliver_post(&channels, sample_alerts(), 1, str_of(spool), &error), OK);
    run_at(US_PER_DAY);
    assert_int_equal(count.sent, 0); /* the server has no STARTTLS */
    assert_true(str_find(in_root("got"), STR("AUTH")) < 0);
    stop(&s);
    s = start("smtp", "tls");
    read_channels(mail, s.port);
    run_at(2 * US_PER_DAY);
    assert_int_equal(count.sent, 0); /* nobody vouches for its certificate */
    assert_true(str_find(in_root("got"), STR("AUTH")) < 0);
    read_channels(trusting, s.port);
    run_at(3 * US_PER_DAY);
    if (count.sent != 1)
        fail_msg("%s", last_problem);
    stop(&s);
    assert_in(in_root("got"), "AUTH PLAIN AG1lAHBhc3M=\n"); /* me, pass */
}

static void test_syslog(void **state)
{
    (void)state;
    static const char *const kinds[] = {"udp", "tcp", "unix"};
    static const char *const urls[] = {"udp://127.0.0.1:$", "tcp://127.0.0.1:$", "unix://%/log"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct server s = start(kinds[i], "");
        char text[200];
        (void)snprintf(text, sizeof text, "channels:\n- {type: syslog, url: '%s'}\n", urls[i]);
        read_channels(text, s.port);
        struct alert *a = sample_alerts();
        a[0].title = STR("two\nlines \x1b[31m \"q\"");
        a[0].subject = STR("a]b\"c\\d\n<34>1 forged");
        assert_int_equal(deliver_post(&channels, a, 2, str_of(spool), &error), OK);
        run_at(US_PER_DAY);
        if (count.sent != 2)
            fail_msg("%s", last_problem);
        struct str got = STR("");
        for (int wait = 0; wait < 100 && str_find(got, STR("CVE-2021-26855: 7")) < 0; wait++) {
            (void)usleep(20000);
            got = in_root("got");
        }
        stop(&s);
        assert_in(got, "<106>1 2021-03-02T00:00:00Z ");
        assert_in(got, " tocsin - alert [tocsin@32473 id=\"aaaa");
        assert_in(got, " subject=\"a\\]b\\\"c\\\\d\\\\n<34>1 forged\" kind=\"product\"");
        assert_in(got,
                  "p=\"3.14e-06\" customer=\"Example Ltd\"] \xef\xbb\xbf"
                  "two\\nlines \\x1b[31m \"q\"; breadth over 180 days: 9 sites, 1.34 expected");
        assert_in(got, "<108>1 2021-03-03T00:00:00Z "); /* concerns nobody: a warning */
        if (i == 1)
            assert_true(ascii_digit((unsigned char)got.p[0])); /* counted */
        assert_int_equal(file_remove(str_of(root), STR("got"), &error), OK);
    }
}

/* Far more than a receiver wants is cut to what it ought to take. */
static void test_large(void **state)
{
    (void)state;
    enum { MANY = 20000, LONG = 3 << 20 };
    char *text = malloc(LONG);
    struct alert_post *post = calloc(MANY, sizeof *post);
    struct alert *a = sample_alerts();
    assert_true(text && post);
    memset(text, 'x', LONG);
    for (size_t i = 0; i < MANY; i++)
        post[i] = (struct alert_post){.site = STR("s"), .time_us = 0, .snippet = STR_NONE};
    post[MANY - 1].snippet = STR("the last");
    a[0].post = post;
    a[0].n_posts = MANY;
    struct server s = start("udp", "");
    read_channels("channels:\n- {type: syslog, url: 'udp://127.0.0.1:$'}\n"
                  "- {type: webhook, url: 'http://127.0.0.1:1/'}\n",
                  s.port);
    assert_int_equal(deliver_post(&channels, a, 1, str_of(spool), &error), OK);
    struct str *name, file;
    size_t n;
    assert_int_equal(folder_list(&arena, str_of(spool), 10, &name, &n, &error), OK);
    assert_int_equal(file_read(&arena, str_of(spool), name[1], 1 << 20, &file, &error), OK);
    assert_in(file, "the last"); /* posts with a snippet are kept */
    assert_true(file.n < 20000);
    a[0].title = str_make(text, LONG);
    channels.n = 1;
    assert_int_equal(deliver_post(&channels, a, 1, str_of(spool), &error), OK);
    run_at(US_PER_DAY);
    assert_int_equal(count.sent, 1);
    stop(&s);
    free(post);
    free(text);
}

static void test_config(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "other: []",
        "channels: [x]",
        "channels:\n- {type: pigeon, url: 'http://x/'}",
        "channels:\n- {type: webhook}",
        "channels:\n- {type: webhook, url: 'x'}",
        "channels:\n- {type: webhook, url: 'file:///etc/passwd'}",
        "channels:\n- {type: webhook, url: 'http://'}",
        "channels:\n- {type: webhook, url: 'http://user:pw@x/'}",
        "channels:\n- {type: webhook, url: \"http://x/\\r\\nA: b\"}",
        "channels:\n- {type: webhook, url: 'http://x/', secret: abc}",
        "channels:\n- {type: webhook, url: 'http://x/', secret_env: NOT_THERE_AT_ALL}",
        "channels:\n- {type: webhook, url: 'http://x/', secret_file: /dev/null}",
        "channels:\n- {type: webhook, url: 'http://x/', name: 'a/b'}",
        "channels:\n- {type: webhook, url: 'http://x/', from: a@b}",
        "channels:\n- {type: webhook, url: 'http://x/', tls: none}",
        "channels:\n- {type: webhook, url: 'http://x/', only: everything}",
        "channels:\n- {type: webhook, url: 'http://x/'}\n- {type: webhook, url: 'http://y/'}",
        "channels:\n- {type: mail, url: 'smtp://x'}",
        "channels:\n- {type: mail, url: 'smtp://x', from: a@b, to: []}",
        "channels:\n- {type: mail, url: 'smtp://x', from: a@b, to: [\"a@b\\r\\nRCPT TO:<x>\"]}",
        "channels:\n- {type: mail, url: 'smtp://x', from: a@b, to: ['a@b>,<c@d']}",
        "channels:\n- {type: syslog, url: 'udp://x', secret_env: HOME}",
        "channels:\n- {type: mail, url: smtp://x, from: a@b, to: c@d, tls: none, secret_env: H}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        enum err rc = channels_read(&arena, str_of(bad[i]), STR("channels"), &channels, &error);
        if (rc == OK || !error.text[0])
            fail_msg("accepted: %s", bad[i]);
    }
    read_channels("channels: []", "");
    assert_int_equal(channels.n, 0);
    assert_int_equal(deliver_post(&channels, sample_alerts(), 2, str_of(spool), &error), OK);
    run_at(0); /* no spool, nothing to do */
}

static void test_parcels(void **state)
{
    (void)state;
    static const struct str bad[] = {
        STR(""),
        STR("tocsin parcel 1\n"),
        STR("tocsin parcel 2\nid a\nchannel c\ntries 0\nfirst 0\nnext 0\n\nx"),
        STR("tocsin parcel 1\nid a b\nchannel c\ntries 0\nfirst 0\nnext 0\n\nx"),
        STR("tocsin parcel 1\nid a\nchannel c\ntries -1\nfirst 0\nnext 0\n\nx"),
        STR("tocsin parcel 1\nid a\nchannel c\ntries 0\nfirst 0\nnext 0\nx"),
        STR("tocsin parcel 1\nid a\nchannel c\ntries 0\nfirst 0\nnext 0"),
        STR("tocsin parcel 1\nid a\r\nchannel c\ntries 0\nfirst 0\nnext 0\n\n"),
    };
    struct parcel p = {.id = "a-1",
                       .channel = STR("c"),
                       .body = STR("\n\nid x\0y"),
                       .tries = 7,
                       .first_us = -5,
                       .next_us = INT64_MAX},
                  back;
    struct buf b;
    buf_init(&b, 4096);
    parcel_write(&b, &p);
    assert_true(parcel_read(buf_view(&b), &back));
    assert_string_equal(back.id, "a-1");
    assert_str(back.channel, "c");
    assert_true(str_eq(back.body, p.body));
    assert_int_equal(back.tries, 7);
    assert_true(back.first_us == -5 && back.next_us == INT64_MAX);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(parcel_read(bad[i], &back));
    buf_done(&b);
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_config, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parcels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_webhook, setup, teardown),
        cmocka_unit_test_setup_teardown(test_retry, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nobody_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_alertmanager, setup, teardown),
        cmocka_unit_test_setup_teardown(test_alertmanager_stands, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full_spool, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mail, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mail_tls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_syslog, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
