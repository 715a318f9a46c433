/* Polls the URLs given and prints one line a result; tests/follow/follow.py reads them.
 *
 *     driver [--public] [--polls N] [--max BYTES] [--total MS] [--slow SECONDS] [--proxy URL]
 * URL...
 *
 * Every poll is ten days behind the one before, so that all feeds are due again. */
#include "watch/follow.h"

#include "base/time.h"
#include "os/io.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { FEEDS = 64 };

struct run {
    struct follow_feed feed[FEEDS];
    size_t n;
    int64_t now_us;
};

static enum err on_result(void *ctx, const struct follow_result *r)
{
    struct run *run = ctx;
    char head[33] = "";
    ssize_t n = r->fd >= 0 ? io_read(r->fd, head, sizeof head - 1) : 0;
    head[n > 0 ? n : 0] = 0;
    bool fixed = r->fd < 0 || io_write(r->fd, "x", 1) != OK;
    printf("%zu\t%s\t%ld\t%" PRIu64 "\t%.*s\t%.*s\t%s\t%" PRId64 "\t%u\t%s\t%s\n", r->feed,
           follow_outcome_name(r->outcome), r->status, r->bytes, STR_FMT(r->url),
           STR_FMT(r->reason), r->state.etag, (r->state.next_us - run->now_us) / US_PER_S,
           r->state.failures, head, fixed ? "sealed" : "open");
    fflush(stdout);
    run->feed[r->feed].state = r->state;
    return OK;
}

static uint64_t number(const char *text)
{
    return strtoull(text, NULL, 10);
}

int main(int argc, char **argv)
{
    static struct run run;
    struct follow_options o = {.allow_private = true};
    struct follow_sink sink = {on_result, &run};
    struct follow *f;
    struct error error = {0};
    uint64_t polls = 1;
    for (int i = 1; i < argc; i++) {
        struct str arg = str_of(argv[i]);
        bool more = i + 1 < argc;
        if (str_eq(arg, STR("--public")))
            o.allow_private = false;
        else if (str_eq(arg, STR("--polls")) && more)
            polls = number(argv[++i]);
        else if (str_eq(arg, STR("--max")) && more)
            o.max_bytes = number(argv[++i]);
        else if (str_eq(arg, STR("--total")) && more)
            o.total_ms = (uint32_t)number(argv[++i]);
        else if (str_eq(arg, STR("--slow")) && more)
            o.slow_s = (uint32_t)number(argv[++i]);
        else if (str_eq(arg, STR("--proxy")) && more)
            o.proxy = str_of(argv[++i]);
        else if (str_eq(arg, STR("--ca")) && more)
            o.ca_file = str_of(argv[++i]);
        else if (run.n < FEEDS)
            run.feed[run.n++].url = arg;
    }
    enum err rc = follow_open(&o, &f, &error);
    for (uint64_t i = 1; i <= polls && !rc; i++) {
        run.now_us = (int64_t)i * 10 * US_PER_DAY;
        rc = follow_poll(f, run.feed, run.n, run.now_us, &sink, &error);
    }
    f = follow_close(f);
    if (rc)
        fprintf(stderr, "%s: %s\n", err_name(rc), error.text);
    return rc ? 1 : 0;
}
