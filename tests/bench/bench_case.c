/* A case of many findings: bench_case FILE [FINDINGS], 1,000,000 if not said. Prints how many a
 * second one run adds, what the same run once more takes, and how long the timeline and the
 * verification of it take. FILE is made anew. */
#include "report/timeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { HOSTS = 40, FILES = 2000, LINE_BYTES = 2048 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
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
    uint64_t s = i % (90 * 86400);
    int n = snprintf(
        line, LINE_BYTES,
        "{\"type\":\"finding\",\"id\":\"%064" PRIx64
        "\",\"time\":\"2021-%02d-%02dT%02d:%02d:%02dZ\","
        "\"last\":null,\"host\":\"EX%02d\",\"target_host\":null,\"kind\":\"httpproxy-ecp\","
        "\"rule\":\"1b6ad1e2-26f4-4fd7-9c0c-5f3e5a4e8d51\",\"title\":\"Forged request through the "
        "front end\",\"dossier\":\"hafnium-exchange-2021\",\"grade\":\"%s\",\"level\":\"high\","
        "\"technique\":[\"T1190\"],\"count\":%d,\"file\":\"case/EX%02d/"
        "%d.LOG\",\"sha256\":\"%064d\","
        "\"line\":%" PRIu64 ",\"offset\":%" PRIu64 ",\"evidence\":\"%0800d\",\"fields\":{},"
        "\"meaning\":\"A request was forged.\",\"next\":\"Isolate the server.\"}",
        i, 1 + (int)(s / 86400 / 30), 1 + (int)(s / 86400 % 28), (int)(s / 3600 % 24),
        (int)(s / 60 % 60), (int)(s % 60), (int)(i % HOSTS), i % 7 ? "attempt" : "progressed",
        1 + (int)(i % 3), (int)(i % HOSTS), (int)(i % FILES), (int)(i % FILES), i, i * 300, 0);
    return str_make(line, (size_t)n);
}

static void add_run(struct case_store *c, uint64_t n, const char *what)
{
    static char line[LINE_BYTES];
    struct error error = {0};
    const struct case_run run = {
        .verb = STR("scan"), .arguments = STR("case"), .program = STR(TOCSIN_VERSION)};
    double start = now();
    must(case_begin(c, &run, &error), &error);
    for (uint64_t i = 0; i < n; i++)
        must(case_add(c, line_of(i, line), &error), &error);
    must(case_end(c, 1, &error), &error);
    double s = now() - start;
    printf("%-28s %8.2f s  %10.0f findings a second\n", what, s, (double)n / s);
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
    double start = now();
    must(timeline_each(c, &q, count_event, &events, &error), &error);
    printf("%-28s %8.2f s  %10" PRIu64 " events\n", what, now() - start, events);
}

int main(int argc, char **argv)
{
    struct case_store c;
    struct error error = {0};
    uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000, versions;
    if (argc < 2)
        return 2;
    (void)unlink(argv[1]);
    must(case_open(&c, str_of(argv[1]), true, &error), &error);
    add_run(&c, n, "first run");
    add_run(&c, n, "the same once more");
    struct timeline_query all = {.since_us = TIME_NONE, .until_us = TIME_NONE}, one = all;
    one.host = STR("EX07");
    one.since_us = 1614556800000000; /* 2021-03-01 */
    one.until_us = one.since_us + US_PER_DAY;
    tell(&c, one, "timeline: a host and day");
    tell(&c, all, "timeline: all");
    double start = now();
    must(case_verify(&c, on_broken, NULL, &versions, &error), &error);
    printf("%-28s %8.2f s  %10" PRIu64 " versions\n", "verify", now() - start, versions);
    case_close(&c);
    return 0;
}
