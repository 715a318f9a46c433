/* A case of many findings: bench_case FILE [FINDINGS], 1,000,000 if not said. Prints how many a
 * second one run adds, what the same run once more takes, how long what a report asks for takes,
 * the timeline and the verification, each by the clock and in seconds of the processor; then the
 * size of the file and the peak of memory. FILE is made anew; with FINDINGS 0 it is read only. */
#include "report/timeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HOSTS = 40, FILES = 2000, LINE_BYTES = 2048 };

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct watch {
    double wall_s, own_s;
};

static struct watch start(void)
{
    return (struct watch){seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

static void stop(struct watch w, const char *what, uint64_t n, const char *of)
{
    double wall_s = seconds(CLOCK_MONOTONIC) - w.wall_s;
    double own_s = seconds(CLOCK_PROCESS_CPUTIME_ID) - w.own_s;
    printf("%-32s %8.2f s %8.2f s %9" PRIu64 " %-9s %10.0f a second of the processor\n", what,
           wall_s, own_s, n, of, (double)n / own_s);
    (void)fflush(stdout);
}

static void must(enum err rc, const struct error *error)
{
    if (!rc)
        return;
    (void)fprintf(stderr, "%s: %s\n", err_name(rc), error->text);
    exit(1);
}

/* As long as those of the example logs: 1.4 KB. */
static struct str line_of(uint64_t i, char line[LINE_BYTES])
{
    uint64_t s = 7 * i % (90 * 86400);
    char at[32];
    (void)snprintf(at, sizeof at, "2021-%02d-%02dT%02d:%02d:%02dZ", 1 + (int)(s / 86400 / 30),
                   1 + (int)(s / 86400 % 28), (int)(s / 3600 % 24), (int)(s / 60 % 60),
                   (int)(s % 60));
    int n = snprintf(
        line, LINE_BYTES,
        "{\"type\":\"finding\",\"id\":\"%064" PRIx64
        "\",\"time\":\"%s\",\"last\":\"%s\",\"host\":\"EX%02d\",\"target_host\":null,\"kind\":"
        "\"httpproxy-ecp\","
        "\"rule\":\"1b6ad1e2-26f4-4fd7-9c0c-5f3e5a4e8d51\",\"title\":\"Forged request through the "
        "front end\",\"dossier\":\"hafnium-exchange-2021\",\"grade\":\"%s\",\"level\":\"high\","
        "\"technique\":[\"T1190\"],\"count\":%d,\"file\":\"case/EX%02d/"
        "%d.LOG\",\"sha256\":\"%064d\","
        "\"line\":%" PRIu64 ",\"offset\":%" PRIu64 ",\"evidence\":\"%0600d\",\"fields\":{"
        "\"cs-method\":\"POST\",\"UrlStem\":\"/ecp/"
        "y.js\",\"HttpStatus\":\"%d\",\"ClientIpAddress\":"
        "\"203.0.113.%d\",\"ResponseBytes\":\"%d\",\"AuthenticatedUser\":\"CONTOSO\\\\user%d\","
        "\"AnchorMailbox\":\"ServerInfo~a]@EX01:444/autodiscover?#\"},"
        "\"meaning\":\"A request was forged.\",\"next\":\"Isolate the server.\"}",
        i, at, at, (int)(i % HOSTS), i % 7 ? "attempt" : "progressed", 1 + (int)(i % 3),
        (int)(i % HOSTS), (int)(i % FILES), (int)(i % FILES), i, i * 300, 0, i % 5 ? 200 : 404,
        (int)(i % 200), (int)(i % 70000), (int)(i % 61));
    return str_make(line, (size_t)n);
}

static struct str evidence_of(int i, char line[LINE_BYTES])
{
    int n = snprintf(line, LINE_BYTES,
                     "{\"type\":\"evidence\",\"host\":\"EX%02d\",\"file\":\"case/EX%02d/%d.LOG\","
                     "\"kind\":\"httpproxy-ecp\",\"sha256\":\"%064d\",\"bytes\":12345678}",
                     i % HOSTS, i % HOSTS, i, i);
    return str_make(line, (size_t)n);
}

/* Logs with a day of silence, and a verdict that was withheld for it. */
static struct str coverage_of(int host, char line[LINE_BYTES])
{
    int n =
        snprintf(line, LINE_BYTES,
                 "{\"type\":\"coverage\",\"host\":\"EX%02d\",\"kind\":\"httpproxy-ecp\",\"first\":"
                 "\"2021-01-01T00:00:00Z\",\"last\":\"2021-03-30T00:00:00Z\",\"records\":1000000,"
                 "\"files\":50,\"gaps\":[{\"from\":\"2021-02-01T00:00:00Z\",\"to\":"
                 "\"2021-02-02T00:00:00Z\"}]}",
                 host);
    return str_make(line, (size_t)n);
}

static struct str verdict_of(int host, char line[LINE_BYTES])
{
    int n =
        snprintf(line, LINE_BYTES,
                 "{\"type\":\"verdict\",\"host\":\"EX%02d\",\"dossier\":\"hafnium-exchange-2021\","
                 "\"verdict\":\"%s\",\"first\":\"2021-01-01T00:00:00Z\",\"last\":"
                 "\"2021-03-30T00:00:00Z\",\"window_share\":0.5}",
                 host, host % 2 ? "not-enough-evidence" : "exploited-unconfirmed");
    return str_make(line, (size_t)n);
}

static void add_run(struct case_store *c, uint64_t n, const char *what)
{
    static char line[LINE_BYTES];
    struct error error = {0};
    const struct case_run run = {
        .verb = STR("scan"), .arguments = STR("case"), .program = STR(TOCSIN_VERSION)};
    struct watch w = start();
    must(case_begin(c, &run, &error), &error);
    for (int i = 0; i < FILES; i++)
        must(case_add(c, evidence_of(i, line), &error), &error);
    for (uint64_t i = 0; i < n; i++)
        must(case_add(c, line_of(i, line), &error), &error);
    for (int i = 0; i < HOSTS; i++) {
        must(case_add(c, coverage_of(i, line), &error), &error);
        must(case_add(c, verdict_of(i, line), &error), &error);
    }
    must(case_end(c, 1, &error), &error);
    stop(w, what, n, "findings");
}

static enum err count_event(void *ctx, const struct event *e)
{
    *(uint64_t *)ctx += e->message.n > 0;
    return OK;
}

static enum err on_broken(void *ctx, uint64_t version, const struct case_item *item, struct str why)
{
    (void)ctx, (void)version, (void)item, (void)why;
    return ERR_BUG;
}

static void tell(struct case_store *c, struct timeline_query q, const char *what)
{
    struct error error = {0};
    uint64_t events = 0;
    struct watch w = start();
    must(timeline_each(c, &q, count_event, &events, &error), &error);
    stop(w, what, events, "events");
}

static enum err count_item(void *ctx, const struct case_item *item)
{
    *(uint64_t *)ctx += item->body.n > 0;
    return OK;
}

static enum err count_group(void *ctx, const struct case_group *group)
{
    *(uint64_t *)ctx += group->n > 0;
    return OK;
}

static enum err count_alike(void *ctx, const struct case_alike *alike)
{
    *(uint64_t *)ctx += alike->n > 0;
    return OK;
}

/* What a report asks for. */
static void ask(struct case_store *c)
{
    struct error error = {0};
    struct case_query q = {.since_us = TIME_NONE, .until_us = TIME_NONE, .most = 500};
    uint64_t n = 0;
    struct watch w = start();
    must(case_alike(c, count_alike, &n, &error), &error);
    stop(w, "counts by rule, host, grade", n, "groups");
    w = start(), n = 0;
    must(case_groups(c, count_group, &n, &error), &error);
    stop(w, "what verdicts are made of", n, "groups");
    w = start(), n = 0;
    must(case_gravest(c, &q, count_item, &n, &error), &error);
    stop(w, "the gravest 500", n, "findings");
    q.host = STR("EX07");
    q.least = GRADE_PROGRESSED;
    w = start(), n = 0;
    must(case_gravest(c, &q, count_item, &n, &error), &error);
    stop(w, "... of a host, progressed", n, "findings");
    q = (struct case_query){.type = "finding", .since_us = INT64_MIN + 1, .until_us = TIME_NONE};
    w = start();
    must(case_count(c, &q, &n, &error), &error);
    stop(w, "how many have a time", n, "findings");
    q = (struct case_query){.but = "finding", .since_us = TIME_NONE, .until_us = TIME_NONE};
    w = start(), n = 0;
    must(case_each(c, &q, count_item, &n, &error), &error);
    stop(w, "all but findings", n, "objects");
    q = (struct case_query){
        .type = "evidence", .since_us = TIME_NONE, .until_us = TIME_NONE, .most = 100, .skip = 900};
    w = start(), n = 0;
    must(case_each(c, &q, count_item, &n, &error), &error);
    stop(w, "the tenth page of the evidence", n, "files");
    q = (struct case_query){.type = "finding", .since_us = TIME_NONE, .until_us = TIME_NONE};
    w = start(), n = 0;
    must(case_each(c, &q, count_item, &n, &error), &error);
    stop(w, "all findings in order of time", n, "findings");
}

static void measure(const char *path)
{
    struct rusage use;
    struct stat file;
    if (getrusage(RUSAGE_SELF, &use) || stat(path, &file))
        exit(1);
    printf("%-32s %8.0f MiB, peak of memory %.0f MiB\n", "the file", (double)file.st_size / 1048576,
           (double)use.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
    struct case_store c;
    struct error error = {0};
    uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000, versions;
    if (argc < 2)
        return 2;
    if (n)
        (void)unlink(argv[1]);
    must(case_open(&c, str_of(argv[1]), n > 0, &error), &error);
    if (n) {
        add_run(&c, n, "first run");
        add_run(&c, n, "the same once more");
    }
    ask(&c);
    struct timeline_query all = {.since_us = TIME_NONE, .until_us = TIME_NONE}, one = all;
    one.host = STR("EX07");
    one.since_us = 1612137600000000; /* 2021-02-01 */
    one.until_us = one.since_us + US_PER_DAY;
    tell(&c, one, "timeline: a host and day");
    tell(&c, all, "timeline: all");
    struct watch w = start();
    must(case_verify(&c, on_broken, NULL, &versions, &error), &error);
    stop(w, "verify", versions, "versions");
    case_close(&c);
    measure(argv[1]);
    return 0;
}
