#include "watch/digest_priv.h"

#include <string.h>

enum {
    ARENA_BYTES = 512 * 1024 * 1024,
    WEEK_BYTES = 64 * 1024 * 1024,
    RECORD_BYTES = 64 * 1024,
    CLUSTER_TEXTS = 400 * 1000,
    RECENT_BITS = 22,
    SITES_MAX = 64 * 1024, /* whose first week is known; later ones stay new */
    POSTS_MAX = 1 << 30,   /* of a week */
    MONDAY = 4,            /* of January 1970 */
    WEEK_DAYS = 7,
    SITES_LEAST = 2,
    VOICES_LEAST = 3,
    WARM_UP = 4,
};

static int32_t week_of(int32_t day)
{
    int32_t since = day - MONDAY;
    return since / WEEK_DAYS - (since % WEEK_DAYS < 0);
}

/* ---- life ---- */

static void set_defaults(struct digest_options *o)
{
    o->least_sites = o->least_sites ? o->least_sites : SITES_LEAST;
    o->least_voices = o->least_voices ? o->least_voices : VOICES_LEAST;
    o->top = o->top ? o->top : DIGEST_TOP;
    o->novel.warm_up = o->novel.warm_up ? o->novel.warm_up : WARM_UP;
}

static enum err set_up(struct digest *d, struct error *error)
{
    struct gist_options options = {d->options.lexicon, d->options.lists, d->options.year_max};
    map_init(&d->sites, &d->arena, SITES_MAX);
    TRY(sorter_open(&d->sorter, error));
    TRY(gist_new(&d->arena, &options, &d->gist, error));
    TRY(novel_words_new(d->gist, d->options.lists, d->options.year_max, &d->words, error));
    TRY(novel_new(&d->options.novel, &d->novel));
    TRY(cluster_new(CLUSTER_TEXTS, &d->clusters));
    return recent_new(RECENT_BITS, &d->recent);
}

enum err digest_open(const struct digest_options *options, struct digest **ret_digest,
                     struct error *error)
{
    struct digest *d = calloc(1, sizeof *d);
    *ret_digest = d;
    if (!d)
        return ERR_NOMEM;
    d->options = *options;
    set_defaults(&d->options);
    d->last_day = INT32_MIN;
    arena_init(&d->arena, ARENA_BYTES);
    arena_init(&d->week, WEEK_BYTES);
    buf_init(&d->scratch, RECORD_BYTES);
    enum err rc = set_up(d, error);
    if (rc)
        *ret_digest = digest_close(d);
    return rc;
}

struct digest *digest_close(struct digest *d)
{
    if (!d)
        return NULL;
    sorter_close(&d->sorter);
    d->words = novel_words_free(d->words);
    d->gist = gist_free(d->gist);
    d->novel = novel_free(d->novel);
    d->clusters = cluster_free(d->clusters);
    d->recent = recent_free(d->recent);
    map_done(&d->sites);
    vec_done(&d->counts);
    buf_done(&d->scratch);
    arena_done(&d->week);
    arena_done(&d->arena);
    free(d);
    return NULL;
}

/* ---- taking in ---- */

/* Posts wait until all of their week are there: files come in any order, days must not. */
static enum err on_worded(void *ctx, struct str file, const struct worded *w)
{
    struct digest *d = ctx;
    int32_t day = intake_day(w->time_us);
    struct sorter_place place = {week_of(day), w->time_us, w->key};
    (void)file;
    buf_reset(&d->scratch);
    intake_put_worded(&d->scratch, w);
    TRY(d->scratch.rc);
    enum err rc = sorter_add(&d->sorter, &place, buf_view(&d->scratch), d->error);
    d->beyond += rc == ERR_LIMIT;
    d->last_day = !rc && day > d->last_day ? day : d->last_day;
    return rc == ERR_LIMIT ? OK : rc;
}

static enum err on_gap(void *ctx, const struct errand_gap *gap)
{
    struct digest *d = ctx;
    return d->options.gap(d->options.ctx, gap);
}

static enum err tell_beyond(struct digest *d)
{
    char text[80];
    struct errand_gap gap = {.reason = STR("too-many")};
    if (!d->beyond)
        return OK;
    (void)snprintf(text, sizeof text, "posts that there was no room for: %llu",
                   (unsigned long long)d->beyond);
    gap.detail = str_of(text);
    return on_gap(d, &gap);
}

enum err digest_read(struct digest *d, const struct io_tree *tree, struct error *error)
{
    struct intake in = {.tree = tree,
                        .gist = d->gist,
                        .options = {.map = d->options.map, .format = d->options.format},
                        .now_us = d->options.now_us,
                        .words = d->words,
                        .worded = on_worded,
                        .gap = on_gap,
                        .ctx = d,
                        .interrupted = d->options.interrupted};
    d->error = error;
    enum err rc = intake_files(&in, error);
    intake_done(&in);
    d->count.bytes += in.bytes;
    intake_count_add(&d->count.posts, &in.count);
    return rc ? rc : tell_beyond(d);
}

void digest_counts(const struct digest *d, struct digest_count *ret_count)
{
    *ret_count = d->count;
}

/* ---- the first pass over a week ---- */

/* Who brings all his words along says nothing new by it: a site must have been heard as long as
 * the warm-up lasts. */
static enum err site_counts(struct digest *d, struct str site, uint8_t *ret_counts)
{
    uint64_t hash = hash64(site, 0); /* names may be long */
    struct str key = {(const char *)&hash, sizeof hash};
    const uint32_t *first = map_get(&d->sites, key);
    enum err rc = first ? OK : map_put(&d->sites, key, d->week_number);
    *ret_counts =
        first && d->week_number - *first >= d->options.novel.warm_up ? COUNTS : COUNTS_PAST;
    return rc == ERR_LIMIT ? OK : rc;
}

/* Without an author each text is a voice of its own: the site is what cannot be forged then. */
uint64_t digest_voice(const struct worded *w)
{
    return w->voice ? w->voice : w->read.sketch.hash;
}

/* Of this week: last week's are forgotten by themselves. */
static uint64_t pair_of(const struct digest *d, uint64_t a, uint64_t b)
{
    struct str bytes = {(const char *)&b, sizeof b};
    return hash64(bytes, a + d->week_number);
}

/* A term counts where a thread names it for the first time this week, by a voice that has not. */
static enum err count_terms(struct digest *d, const struct worded *w, bool counts)
{
    int32_t day = intake_day(w->time_us);
    for (size_t i = 0; i < w->read.n; i++) {
        const struct novel_span *t = &w->read.term[i];
        uint64_t key = novel_key(str_make(w->read.text.p + t->from, t->n));
        bool thread_new = recent_add(d->recent, pair_of(d, key, w->thread));
        bool voice_new = recent_add(d->recent, pair_of(d, ~key, digest_voice(w)));
        if (thread_new && voice_new)
            TRY(novel_term(d->novel, key, day, counts));
    }
    return OK;
}

struct counting {
    struct digest *d;
    struct digest_week *week;
};

static enum err count_post(void *ctx, struct str bytes)
{
    struct counting *c = ctx;
    struct digest *d = c->d;
    struct novel_span term[NOVEL_TERMS];
    struct worded w;
    struct rd r = rd_of(bytes);
    bool is_new;
    uint8_t counts;
    intake_take_worded(&r, &w, term);
    if (r.rc)
        return fail(d->error, ERR_BUG, "a post that was kept is damaged");
    (void)cluster_of(d->clusters, &w.read.sketch, intake_day(w.time_us), &is_new);
    TRY(site_counts(d, w.site, &counts));
    counts = is_new && !w.repost ? counts : COUNTS_NOT;
    c->week->posts++;
    TRY(vec_push(&d->counts, counts, POSTS_MAX));
    if (counts == COUNTS_NOT)
        return c->week->repeated++, OK;
    c->week->threads += recent_add(d->recent, pair_of(d, 0, w.thread));
    return count_terms(d, &w, counts == COUNTS);
}

/* ---- weeks ---- */

static enum err one_week(struct digest *d, int64_t number, struct digest_week *week)
{
    struct novel_term candidate[DIGEST_CANDIDATES];
    struct counting counting = {d, week};
    size_t n;
    int32_t monday = (int32_t)number * WEEK_DAYS + MONDAY, sunday = monday + WEEK_DAYS - 1;
    d->group = number;
    *week = (struct digest_week){.first_day = monday,
                                 .last_day = sunday < d->last_day ? sunday : d->last_day,
                                 .warm = novel_is_warm(d->novel)};
    d->counts.n = 0;
    arena_reset(&d->week);
    TRY(sorter_each(&d->sorter, number, count_post, &counting, d->error));
    TRY(novel_end_week(d->novel, (int32_t)number, week->threads, candidate, DIGEST_CANDIDATES, &n));
    TRY(digest_look(d, candidate, n, week));
    d->week_number += week->threads > 0;
    return OK;
}

enum err digest_tell(struct digest *d, enum err (*week)(void *ctx, const struct digest_week *week),
                     void *ctx, struct error *error)
{
    int64_t number = INT64_MIN;
    enum err rc;
    d->error = error;
    while ((rc = sorter_group(&d->sorter, number, &number, error)) == OK) {
        struct digest_week told;
        if (d->options.interrupted && *d->options.interrupted)
            return END;
        TRY(one_week(d, number, &told));
        TRY(week(ctx, &told));
    }
    return rc == END ? OK : rc;
}
