#include "base/vec.h"
#include "cli/watch_run.h"
#include "os/clock.h"

#include <time.h>

enum {
    LIST_BYTES = 16 * 1024 * 1024,
    FEEDS_MAX = 100 * 1000,
    STEP_MS = 200, /* how soon an interruption is seen */
};

struct following {
    struct run *run;
    struct watch *watch;
    struct error *error;
    VEC(struct follow_feed) feeds;
    int64_t now_us;
};

/* One URL a line; '#' begins a comment. */
static enum err read_list(struct following *f, const struct follow_options *options)
{
    struct str text, line;
    struct run *r = f->run;
    TRY(io_read_file(r->cli->arena, r->values->follow, LIST_BYTES, &text, f->error));
    while (str_cut(&text, '\n', &line)) {
        const char *why;
        struct follow_feed feed = {.url = str_trim(line)};
        if (!feed.url.n || feed.url.p[0] == '#')
            continue;
        if (!follow_check(options, feed.url, &why)) {
            cli_say(r->cli, "%.*s: not followed: %s", STR_FMT(feed.url), why);
            r->gaps++;
            continue;
        }
        TRY(watch_feed_get(f->watch, feed.url, &feed.state, f->error));
        TRY(vec_push(&f->feeds, feed, FEEDS_MAX));
    }
    return f->feeds.n ? OK
                      : fail(f->error, ERR_USAGE, "%.*s: no address of a feed",
                             STR_FMT(r->values->follow));
}

/* What a feed says and what is to be kept of it go into the state together. */
static enum err on_result(void *ctx, const struct follow_result *result)
{
    struct following *f = ctx;
    struct follow_feed *feed = &f->feeds.v[result->feed];
    if (result->outcome == FOLLOW_BODY) {
        enum err rc = watch_answer(f->watch, feed->url, result->fd, f->now_us, f->error);
        if (rc)
            return rc;
    } else if (result->outcome == FOLLOW_FAILED || result->outcome == FOLLOW_REFUSED) {
        f->run->gaps++;
        cli_say(f->run->cli, "%.*s: %s: %.*s", STR_FMT(feed->url),
                follow_outcome_name(result->outcome), STR_FMT(result->reason));
    }
    feed->state = result->state;
    return watch_feed_set(f->watch, feed->url, &feed->state, f->error);
}

static enum err round_of(struct following *f, struct follow *follow)
{
    struct follow_sink sink = {on_result, f};
    f->now_us = clock_wall_us();
    enum err rc = follow_poll(follow, f->feeds.v, f->feeds.n, f->now_us, &sink, f->error);
    if (rc < 0)
        return rc;
    TRY(watch_end(f->watch, f->error));
    TRY(run_tell(f->run, f->watch, f->error));
    return rc;
}

/* END when interrupted. */
static enum err wait_until(const struct run *r, int64_t at_us)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000L * 1000};
    while (clock_wall_us() < at_us) {
        if (*r->interrupted)
            return END;
        (void)nanosleep(&step, NULL);
    }
    return *r->interrupted ? END : OK;
}

static enum err rounds(struct following *f, struct follow *follow)
{
    enum err rc = round_of(f, follow);
    while (!rc && !f->run->values->once) {
        rc = wait_until(f->run, follow_next(f->feeds.v, f->feeds.n));
        if (!rc)
            rc = round_of(f, follow);
    }
    return rc;
}

enum err run_follow(struct run *r, struct watch *w, struct error *error)
{
    struct following f = {.run = r, .watch = w, .error = error};
    struct follow *follow = NULL;
    struct follow_options options = {.allow_private = r->values->allow_private,
                                     .proxy = r->values->proxy,
                                     .interval_s = (uint32_t)r->values->every,
                                     .interrupted = r->interrupted};
    enum err rc = read_list(&f, &options);
    if (!rc)
        rc = follow_open(&options, &follow, error);
    if (!rc)
        rc = rounds(&f, follow);
    follow = follow_close(follow);
    vec_done(&f.feeds);
    return rc;
}
