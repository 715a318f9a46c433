#include "watch/watch_priv.h"

#include "watch/snippet.h"

#include <string.h>
#include <sys/random.h>

enum {
    WATCH_ARENA_BYTES = 512 * 1024 * 1024,
    STATE_BYTES = 512 * 1024 * 1024,
    CLUSTER_TEXTS = 400 * 1000,
    MAX_ALERTS = 100 * 1000,
    TODAY_ALERTS = 500, /* of a day, the strongest: those beyond are for the digest */
    URL_BYTES = 2048,
    LISTED_LATELY = 30, /* days: an older listing is no news */
    KEPT_DAYS = 400,    /* posts older than every window are dropped */
    MAX_SITES = 4096,   /* the last one is all those that came later */
    MAX_SUBJECTS = 1000 * 1000,
    DAY_LAST = 65534, /* in 2149 */
};

/* What sites of one kind have in common is who speaks there: one class may confirm another. */
static const struct {
    const char *source;
    unsigned site_class;
} classes[] = {
    {"rss", 1},    {"atom", 1},     {"jsonfeed", 1}, {"telegram", 2},   {"discord", 2},
    {"matrix", 2}, {"mail", 3},     {"forum", 4},    {"ransomware", 5}, {"stix", 6},
    {"misp", 6},   {"mastodon", 7}, {"bluesky", 7},  {"reddit", 7},     {"code", 8},
};

int32_t watch_day(int64_t time_us)
{
    return intake_day(time_us);
}

static unsigned class_of(struct str source)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (str_eq(source, str_of(classes[i].source)))
            return classes[i].site_class;
    return 0;
}

/* ---- the transaction ---- */

static enum err load_runs(struct watch *w, uint64_t *ret_runs)
{
    struct str bytes;
    TRY(chatter_get(&w->store, "runs", &bytes, w->error));
    struct rd r = rd_of(bytes);
    *ret_runs = bytes.p ? rd_u64(&r) : 0;
    return r.rc ? fail(w->error, ERR_FORMAT, "the state is damaged") : OK;
}

/* While nothing is written, others may say something of alerts; but they may not go on with the
 * state, as what is known of it here would be wrong. */
static enum err begin(struct watch *w)
{
    uint64_t runs;
    if (w->writing)
        return OK;
    TRY(chatter_begin(&w->store, w->error));
    w->writing = true;
    TRY(load_runs(w, &runs));
    return runs == w->runs ? OK : fail(w->error, ERR_AGAIN, "another run went on with this state");
}

static enum err commit(struct watch *w)
{
    struct buf b;
    buf_init(&b, 64);
    wr_u64(&b, ++w->runs);
    enum err rc = b.rc ? b.rc : chatter_set(&w->store, "runs", buf_view(&b), w->error);
    buf_done(&b);
    TRY(rc);
    w->writing = false;
    return chatter_commit(&w->store, w->error);
}

/* ---- taking in ---- */

/* Whoever makes up a site for each post shall not end the run: sites beyond the limit are one. */
static enum err on_site(void *ctx, struct str name, struct str source, uint32_t *ret_site)
{
    struct watch *w = ctx;
    bool is_new;
    if (!name.n)
        name = STR("(unnamed)");
    if (w->sites.list.n >= MAX_SITES - 1 && !names_has(&w->sites, 0, name))
        name = STR("(other sites)");
    TRY(names_number(&w->sites, 0, name, ret_site, &is_new, w->error));
    return is_new ? trends_site(w->trends, *ret_site, class_of(source)) : OK;
}

/* END: it is one more than are counted. */
static enum err subject_number(struct watch *w, const struct sighted *subject, uint32_t *ret_number)
{
    bool is_new;
    if (w->subjects.list.n >= MAX_SUBJECTS &&
        !names_has(&w->subjects, subject->kind, subject->name))
        return END;
    return names_number(&w->subjects, subject->kind, subject->name, ret_number, &is_new, w->error);
}

static struct str techniques(struct watch *w, const struct sighting *s)
{
    size_t from = w->scratch.n;
    for (size_t i = 0; i < s->technique.n; i++) {
        if (i)
            buf_putc(&w->scratch, ' ');
        buf_str(&w->scratch, s->technique.v[i]);
    }
    return str_sub(buf_view(&w->scratch), from, w->scratch.n);
}

/* The text around the first subject, with secrets masked. */
static void add_snippet(struct watch *w, const struct sighting *s)
{
    const struct sighted *first = &s->subject[0];
    bool in_title = first->in_title || !s->post.text.n;
    struct str text = in_title ? s->post.title : s->post.text;
    snippet_add(&w->scratch, text, first->at < text.n ? first->at : 0, first->name.n,
                SNIPPET_DEFAULT_BYTES);
}

/* "https://user:secret@host/" without what is between: in `plain`, of URL_BYTES. One that is too
 * long for that is left out. */
static struct str without_login(struct str url, char *plain)
{
    ptrdiff_t scheme = str_find(url, STR("://"));
    size_t from = scheme < 0 ? 0 : (size_t)scheme + 3, at = 0;
    for (size_t i = from; scheme >= 0 && i < url.n && !memchr("/?#", url.p[i], 3); i++)
        at = url.p[i] == '@' ? i : at;
    if (!at)
        return url;
    size_t rest = url.n - at - 1;
    if (from + rest > URL_BYTES)
        return (struct str){0};
    memcpy(plain, url.p, from);
    memcpy(plain + from, url.p + at + 1, rest);
    return str_make(plain, from + rest);
}

static enum err keep_post(struct watch *w, const struct sighting *s, uint32_t site,
                          struct chatter_post *ret_post)
{
    UNCLEARED char plain[URL_BYTES];
    UNCLEARED struct cluster_heads heads;
    bool is_new;
    int32_t day = watch_day(s->post.time_us);
    cluster_soon(w->clusters, &s->sketch, &heads);
    buf_reset(&w->scratch);
    add_snippet(w, s);
    size_t snippet = w->scratch.n;
    struct str technique = techniques(w, s);
    TRY(w->scratch.rc);
    *ret_post = (struct chatter_post){
        .number = ++w->last_post,
        .site = site,
        .id = s->post.id,
        .url = without_login(s->post.url, plain),
        .snippet = str_sub(buf_view(&w->scratch), 0, snippet),
        .technique = technique,
        .time_us = s->post.time_us,
        .ingest_us = s->post.ingest_us,
        .thread = s->thread,
        /* Without an author, posts of one text are one voice. */
        .voice = s->voiced ? s->voice : 0,
        .cluster = cluster_of_at(w->clusters, &s->sketch, &heads, day, &is_new),
        .intent = s->intent,
    };
    return chatter_add_post(&w->store, ret_post, w->error);
}

static enum err keep_units(struct watch *w, const struct sighting *s,
                           const struct chatter_post *post, int32_t ingest_day)
{
    for (size_t i = 0; i < s->n_subjects; i++) {
        struct chatter_unit unit = {.post = post->number,
                                    .event_day = watch_day(s->post.time_us),
                                    .ingest_day = ingest_day,
                                    .weight = s->post.repost ? 0 : (double)s->weight};
        enum err rc = subject_number(w, &s->subject[i], &unit.subject);
        w->count.beyond += rc == END;
        if (rc == END)
            continue;
        TRY(rc);
        TRY(chatter_add_unit(&w->store, &unit, w->error));
    }
    for (size_t i = 0; i < s->n_items; i++)
        TRY(chatter_add_item(&w->store, post->number, str_of(item_kind_name(s->item[i].kind)),
                             s->item[i].value, w->error));
    return OK;
}

/* No post came in since the detectors ran. */
static void no_days(struct watch *w)
{
    w->new_first = INT32_MAX;
    w->new_last = INT32_MIN;
}

static void count_day(struct watch *w, int32_t day)
{
    w->new_first = day < w->new_first ? day : w->new_first;
    w->new_last = day > w->new_last ? day : w->new_last;
    w->count.first_day = day < w->count.first_day ? day : w->count.first_day;
    w->count.last_day = day > w->count.last_day ? day : w->count.last_day;
}

static enum err on_volume(void *ctx, const struct volume_cell *cell)
{
    struct watch *w = ctx;
    count_day(w, cell->ingest_day);
    return volume_put(&w->volume, cell);
}

static enum err on_sighting(void *ctx, struct str file, const struct sighting *s)
{
    struct watch *w = ctx;
    struct chatter_post post;
    uint32_t site;
    bool seen = false;
    int32_t event_day = watch_day(s->post.time_us), ingest_day = watch_day(s->post.ingest_us);
    int32_t today = watch_day(w->options.now_us); /* an export is read again as a whole */
    (void)file;
    /* What is behind the clock could not be known then: it is known since that day. */
    if (ingest_day < w->clock_day)
        ingest_day = w->clock_day;
    if (w->options.state.p)
        TRY(chatter_seen(&w->store, s->key, today > ingest_day ? today : ingest_day, &seen,
                         w->error));
    if (seen)
        return w->count.again++, OK;
    count_day(w, ingest_day);
    TRY(on_site(w, s->post.site, s->post.source, &site));
    if (!w->tallied)
        TRY(volume_add(&w->volume, site, event_day, ingest_day, s->thread));
    if (!s->n_subjects)
        return OK;
    TRY(keep_post(w, s, site, &post));
    return keep_units(w, s, &post, ingest_day);
}

static enum err on_gap(void *ctx, const struct errand_gap *gap)
{
    struct watch *w = ctx;
    return w->options.gap(w->options.ctx, gap);
}

static struct intake intake_of(struct watch *w)
{
    struct intake in = {.gist = w->gist,
                        .options = {.map = w->options.map, .format = w->options.format},
                        .now_us = w->options.now_us,
                        .sighting = on_sighting,
                        .gap = on_gap,
                        .ctx = w,
                        .interrupted = w->options.interrupted};
    memcpy(in.key, w->key, sizeof in.key);
    return in;
}

static void count_intake(struct watch *w, struct intake *in)
{
    intake_done(in);
    w->count.bytes += in->bytes;
    intake_count_add(&w->count.posts, &in->count);
}

enum err watch_read(struct watch *w, const struct io_tree *tree, struct error *error)
{
    struct intake in = intake_of(w);
    in.tree = tree;
    w->error = error;
    TRY(begin(w));
    /* Nothing was read before, so that no post needs to be known again, and nothing is behind the
     * clock: the worker can count. */
    w->tallied = !w->options.state.p && w->clock_day == INT32_MIN;
    if (w->tallied) {
        in.site = on_site;
        in.volume = on_volume;
    }
    enum err rc = intake_files(&in, error);
    w->tallied = false;
    count_intake(w, &in);
    return rc;
}

enum err watch_answer(struct watch *w, struct str name, int file, int64_t now_us,
                      struct error *error)
{
    struct intake in = intake_of(w);
    in.now_us = now_us;
    in.ingest_now = true;
    w->error = error;
    TRY(begin(w));
    enum err rc = intake_file(&in, name, file, error);
    count_intake(w, &in);
    return rc;
}

static struct str feed_key(struct buf *b, struct str url)
{
    buf_reset(b);
    buf_puts(b, "feed ");
    buf_str(b, url);
    buf_putc(b, 0);
    return buf_view(b);
}

enum err watch_feed_get(struct watch *w, struct str url, struct follow_state *ret_state,
                        struct error *error)
{
    struct str bytes;
    *ret_state = (struct follow_state){0};
    TRY(chatter_get(&w->store, feed_key(&w->scratch, url).p, &bytes, error));
    struct rd r = rd_of(bytes);
    if (!bytes.p)
        return OK;
    struct follow_state s = {.next_us = (int64_t)rd_u64(&r)};
    s.last_us = (int64_t)rd_u64(&r);
    s.failures = rd_u32(&r);
    struct str etag = rd_str(&r), modified = rd_str(&r);
    if (r.rc || etag.n >= sizeof s.etag || modified.n >= sizeof s.modified)
        return OK; /* it is asked as if for the first time */
    memcpy(s.etag, etag.p, etag.n);
    memcpy(s.modified, modified.p, modified.n);
    *ret_state = s;
    return OK;
}

enum err watch_feed_set(struct watch *w, struct str url, const struct follow_state *state,
                        struct error *error)
{
    struct buf b;
    w->error = error;
    TRY(begin(w));
    buf_init(&b, 4096);
    wr_u64(&b, (uint64_t)state->next_us);
    wr_u64(&b, (uint64_t)state->last_us);
    wr_u32(&b, state->failures);
    wr_str(&b, str_of(state->etag));
    wr_str(&b, str_of(state->modified));
    enum err rc =
        b.rc ? b.rc : chatter_set(&w->store, feed_key(&w->scratch, url).p, buf_view(&b), error);
    buf_done(&b);
    return rc;
}

/* ---- the detectors ---- */

static enum err on_alert(void *ctx, const struct trend_alert *alert)
{
    struct watch *w = ctx;
    if (alert->subject >= w->subjects.list.n)
        return fail(w->error, ERR_FORMAT, "the state of the detectors is damaged");
    if (w->today.n == TODAY_ALERTS)
        return w->count.digest++, OK;
    return vec_push(&w->today, *alert, TODAY_ALERTS);
}

/* The subjects that were listed as exploited when a run looked, in the state. */
static enum err listed_load(struct watch *w, bool *known)
{
    struct str bytes;
    TRY(chatter_get(&w->store, "listed", &bytes, w->error));
    struct rd r = rd_of(bytes);
    while (rd_left(&r) >= 4) {
        uint32_t n = rd_u32(&r);
        if (n < w->subjects.list.n)
            known[n] = true;
    }
    return OK;
}

static enum err listed_save(struct watch *w, const bool *known)
{
    struct buf b;
    buf_init(&b, STATE_BYTES);
    for (uint32_t i = 0; i < w->subjects.list.n; i++)
        if (known[i])
            wr_u32(&b, i);
    enum err rc = b.rc ? b.rc : chatter_set(&w->store, "listed", buf_view(&b), w->error);
    buf_done(&b);
    return rc;
}

/* What is listed as exploited now, and was not when a run looked before, lets an open episode speak
 * again. The list may be older than the posts: its dates are not held against the clock. */
static enum err mark_new(struct watch *w, bool *known, int32_t until_day)
{
    for (uint32_t i = 0; i < w->subjects.list.n; i++) {
        const struct name *subject = &w->subjects.list.v[i];
        const struct known_cve *k =
            subject->kind == SUBJECT_CVE ? known_find(w->options.known, subject->text) : NULL;
        if (!k || known[i] || k->kev_us == TIME_NONE || watch_day(k->kev_us) > until_day)
            continue;
        known[i] = true;
        if (watch_day(k->kev_us) > until_day - LISTED_LATELY)
            TRY(trends_mark(w->trends, i, TREND_MARK_KEV));
    }
    return OK;
}

static enum err mark_listed(struct watch *w, int32_t until_day)
{
    bool *known = w->options.known ? calloc(w->subjects.list.n + 1, sizeof *known) : NULL;
    if (!known)
        return w->options.known ? ERR_NOMEM : OK;
    enum err rc = listed_load(w, known);
    if (!rc)
        rc = mark_new(w, known, until_day);
    if (!rc)
        rc = listed_save(w, known);
    free(known);
    return rc;
}

static enum err on_silence(void *ctx, const struct trend_silence *silence)
{
    struct watch *w = ctx;
    while (w->silence.n <= silence->site)
        TRY(vec_push(&w->silence, (struct trend_silence){0}, MAX_SITES));
    w->silence.v[silence->site] = *silence;
    return OK;
}

static enum err expose(struct watch *w, const struct volume_cell *c)
{
    struct trend_silence *s = c->site < w->silence.n ? &w->silence.v[c->site] : NULL;
    if (s && c->event_day > s->since_day)
        s->days = 0;
    return trends_exposure(w->trends, c->site, c->event_day, c->threads);
}

/* Closes the days before `day`, with the volume that came in on each. */
static enum err go_to(struct watch *w, int32_t day)
{
    const struct trend_events events = {.on_alert = on_alert, .on_silence = on_silence, .ctx = w};
    for (; w->day < day; w->day++) {
        const struct volume_cell *c;
        while ((c = volume_next(&w->volume, w->day)))
            TRY(expose(w, c));
        enum err rc = trends_end_day(w->trends, w->day, &events);
        if (rc == ERR_USAGE) /* it has seen later days than the clock says */
            return fail(w->error, ERR_FORMAT, "the state's clock is damaged");
        TRY(rc);
        TRY(together_day(w));
        w->today.n = 0;
    }
    return OK;
}

/* A subject is introduced to the detectors on the day when it is first named, not when its posts
 * are read: what they make of it must not depend on how the posts were cut into runs. One that an
 * asset of the user's is concerned by needs less evidence. */
static enum err introduce(struct watch *w, uint32_t subject)
{
    struct name *name = &w->subjects.list.v[subject];
    struct asset_question q = {.kind = name->kind, .name = name->text};
    if (name->introduced)
        return OK;
    name->introduced = true;
    bool mine = w->options.assets && assets_concerned(w->options.assets, &q);
    return trends_subject(w->trends, subject, name->kind, mine ? 5 : 1);
}

struct unit watch_unit(const struct chatter_unit *u)
{
    return (struct unit){.subject = u->subject,
                         .site = u->site,
                         .thread = u->thread,
                         .voice = u->voice,
                         .cluster = u->cluster,
                         .event_day = u->event_day,
                         .ingest_day = u->ingest_day,
                         .intent = (uint8_t)u->intent,
                         .weight = (float)u->weight,
                         .post = u->post};
}

static enum err on_unit(void *ctx, const struct chatter_unit *u)
{
    struct watch *w = ctx;
    if (u->subject >= w->subjects.list.n || u->site >= w->sites.list.n)
        return fail(w->error, ERR_FORMAT, "the state's list of posts is damaged");
    struct unit unit = watch_unit(u);
    TRY(go_to(w, u->ingest_day));
    TRY(introduce(w, u->subject));
    if (u->post > w->done_post)
        w->done_post = u->post;
    return trends_unit(w->trends, &unit);
}

/* ---- the state ---- */

static enum err save_trends(struct watch *w)
{
    struct buf b;
    buf_init(&b, STATE_BYTES);
    enum err rc = trends_save(w->trends, &b);
    if (!rc)
        rc = chatter_set(&w->store, "trends", buf_view(&b), w->error);
    buf_done(&b);
    return rc;
}

static enum err save_clusters(struct watch *w)
{
    struct buf b;
    buf_init(&b, STATE_BYTES);
    for (size_t i = 0; i < cluster_count(w->clusters); i++) {
        struct cluster_text text = cluster_at(w->clusters, i);
        wr_u64(&b, text.id);
        wr_u32(&b, (uint32_t)text.day);
        wr_u64(&b, text.sketch.hash);
        wr_u64(&b, text.sketch.filled);
        buf_add(&b, text.sketch.bin, sizeof text.sketch.bin);
    }
    enum err rc = b.rc ? b.rc : chatter_set(&w->store, "clusters", buf_view(&b), w->error);
    buf_done(&b);
    return rc;
}

static enum err save_clock(struct watch *w)
{
    struct buf b;
    buf_init(&b, 64);
    wr_u32(&b, (uint32_t)w->clock_day);
    wr_u64(&b, w->done_post);
    enum err rc = b.rc ? b.rc : chatter_set(&w->store, "clock", buf_view(&b), w->error);
    buf_done(&b);
    return rc;
}

static enum err load_clusters(struct watch *w, struct error *error)
{
    struct str bytes;
    TRY(chatter_get(&w->store, "clusters", &bytes, error));
    struct rd r = rd_of(bytes);
    while (rd_left(&r) > 0) {
        struct cluster_text text = {.id = rd_u64(&r)};
        text.day = (int32_t)rd_u32(&r);
        text.sketch.hash = rd_u64(&r);
        text.sketch.filled = rd_u64(&r);
        struct str bins = rd_slice(&r, sizeof text.sketch.bin);
        if (r.rc)
            return fail(error, r.rc, "the state's list of texts is damaged");
        memcpy(text.sketch.bin, bins.p, bins.n);
        cluster_put(w->clusters, &text);
    }
    return OK;
}

static enum err load_trends(struct watch *w, struct error *error)
{
    struct str bytes;
    TRY(chatter_get(&w->store, "trends", &bytes, error));
    if (!bytes.p)
        return trends_new(&w->options.trend, &w->trends);
    enum err rc = trends_load(&w->options.trend, bytes, &w->trends);
    return rc == ERR_FORMAT ? fail(error, rc, "the state of the detectors is damaged") : rc;
}

static enum err load_clock(struct watch *w, struct error *error)
{
    struct str bytes;
    w->clock_day = w->pruned_day = INT32_MIN;
    TRY(chatter_get(&w->store, "clock", &bytes, error));
    if (!bytes.p)
        return OK;
    struct rd r = rd_of(bytes);
    w->clock_day = (int32_t)rd_u32(&r);
    w->last_post = w->done_post = rd_u64(&r);
    bool possible = w->clock_day == INT32_MIN || (w->clock_day >= 0 && w->clock_day <= DAY_LAST);
    return r.rc || !possible ? fail(error, ERR_FORMAT, "the state's clock is damaged") : OK;
}

/* Made once for a state; without one it matters to nobody. */
static enum err load_key(struct watch *w, struct error *error)
{
    struct str bytes;
    TRY(chatter_get(&w->store, "key", &bytes, error));
    if (bytes.n == sizeof w->key) {
        memcpy(w->key, bytes.p, sizeof w->key);
        return OK;
    }
    if (!w->options.state.p)
        return OK;
    if (getrandom(w->key, sizeof w->key, 0) != sizeof w->key)
        return fail(error, ERR_IO, "no random numbers");
    return chatter_set(&w->store, "key", str_make((const char *)w->key, sizeof w->key), error);
}

static enum err make_gist(struct watch *w, struct error *error)
{
    struct gist_options options = {w->options.lexicon, w->options.lists, w->options.year_max};
    return gist_new(&w->arena, &options, &w->gist, error);
}

static enum err set_up(struct watch *w, struct error *error)
{
    TRY(chatter_open(&w->store, w->options.state, error));
    TRY(chatter_begin(&w->store, error));
    w->writing = true;
    TRY(load_runs(w, &w->runs));
    TRY(load_key(w, error));
    TRY(load_clock(w, error));
    TRY(names_init(&w->sites, &w->store, &w->arena, false, error));
    TRY(names_init(&w->subjects, &w->store, &w->arena, true, error));
    TRY(volume_init(&w->volume));
    TRY(cluster_new(CLUSTER_TEXTS, &w->clusters));
    TRY(load_clusters(w, error));
    TRY(load_trends(w, error));
    return make_gist(w, error);
}

enum err watch_open(const struct watch_options *options, struct watch **ret_watch,
                    struct error *error)
{
    struct watch *w = calloc(1, sizeof *w);
    *ret_watch = w;
    if (!w)
        return ERR_NOMEM;
    w->options = *options;
    w->error = error;
    w->count.first_day = INT32_MAX;
    w->count.last_day = INT32_MIN;
    no_days(w);
    arena_init(&w->arena, WATCH_ARENA_BYTES);
    buf_init(&w->scratch, 64 * 1024);
    enum err rc = set_up(w, error);
    if (rc)
        *ret_watch = watch_close(w);
    return rc;
}

struct watch *watch_close(struct watch *w)
{
    if (!w)
        return NULL;
    chatter_close(&w->store);
    names_done(&w->sites);
    names_done(&w->subjects);
    volume_done(&w->volume);
    vec_done(&w->silence);
    vec_done(&w->today);
    w->clusters = cluster_free(w->clusters);
    w->trends = trends_free(w->trends);
    w->gist = gist_free(w->gist);
    buf_done(&w->scratch);
    arena_done(&w->arena);
    free(w);
    return NULL;
}

static enum err keep(struct watch *w)
{
    if (w->options.state.p) {
        TRY(save_clock(w));
        TRY(save_clusters(w));
        TRY(save_trends(w));
    }
    return commit(w);
}

enum err watch_end(struct watch *w, struct error *error)
{
    w->error = error;
    TRY(begin(w));
    if (w->new_last >= w->new_first) {
        w->day = w->clock_day > w->new_first ? w->clock_day : w->new_first;
        volume_sort(&w->volume);
        TRY(mark_listed(w, w->count.last_day));
        TRY(chatter_units(&w->store, w->done_post, on_unit, w, error));
        TRY(go_to(w, w->new_last + 1));
        w->clock_day = w->new_last;
        volume_clear(&w->volume);
        no_days(w);
    }
    return keep(w);
}

/* ---- telling ---- */

struct telling {
    struct watch *w;
    struct arena *arena;
    VEC(struct alert) alerts;
    VEC(struct alert_with) joined;
};

static enum err on_untold(void *ctx, const struct chatter_alert *kept)
{
    struct telling *t = ctx;
    struct alert alert;
    TRY(raise_tell(t->w, kept, t->arena, &alert));
    return vec_push(&t->alerts, alert, MAX_ALERTS);
}

enum err watch_alerts(struct watch *w, struct arena *arena, struct alert **ret_alert, size_t *ret_n,
                      struct error *error)
{
    struct telling t = {.w = w, .arena = arena};
    w->error = error;
    enum err rc = chatter_untold(&w->store, on_untold, &t, error);
    *ret_n = t.alerts.n;
    *ret_alert = rc ? NULL : arena_new_n(arena, struct alert, t.alerts.n + 1);
    if (!rc && !*ret_alert)
        rc = ERR_NOMEM;
    if (!rc && t.alerts.n)
        memcpy(*ret_alert, t.alerts.v, t.alerts.n * sizeof **ret_alert);
    vec_done(&t.alerts);
    return rc;
}

static enum err on_joined(void *ctx, const struct chatter_alert *kept)
{
    struct telling *t = ctx;
    struct alert_with joined;
    TRY(raise_with(t->w, kept, t->arena, &joined));
    return vec_push(&t->joined, joined, MAX_ALERTS);
}

enum err watch_joined(struct watch *w, struct arena *arena, struct alert_with **ret_joined,
                      size_t *ret_n, struct error *error)
{
    struct telling t = {.w = w, .arena = arena};
    w->error = error;
    enum err rc = chatter_joined(&w->store, on_joined, &t, error);
    *ret_n = t.joined.n;
    *ret_joined = rc ? NULL : arena_new_n(arena, struct alert_with, t.joined.n + 1);
    if (!rc && !*ret_joined)
        rc = ERR_NOMEM;
    if (!rc && t.joined.n)
        memcpy(*ret_joined, t.joined.v, t.joined.n * sizeof **ret_joined);
    vec_done(&t.joined);
    return rc;
}

/* What is out of every window goes once its alerts are told; once for each day of the clock. */
static enum err prune(struct watch *w)
{
    if (!w->options.state.p || w->clock_day <= w->pruned_day)
        return OK;
    w->pruned_day = w->clock_day;
    return chatter_prune(&w->store, w->clock_day - KEPT_DAYS, w->error);
}

enum err watch_told(struct watch *w, const struct alert *alert, size_t n,
                    const struct alert_with *joined, size_t n_joined, struct error *error)
{
    w->error = error;
    TRY(begin(w));
    for (size_t i = 0; i < n; i++)
        TRY(chatter_told(&w->store, str_of(alert[i].id), error));
    for (size_t i = 0; i < n_joined; i++)
        TRY(chatter_told(&w->store, str_of(joined[i].id), error));
    TRY(prune(w));
    return commit(w);
}

enum err watch_goes_on(struct watch *w, struct str id, bool *ret_on, struct error *error)
{
    struct chatter_alert a;
    bool quiet;
    *ret_on = false;
    TRY(chatter_alert_get(&w->store, id, &a, error));
    if (a.subject >= w->subjects.list.n || a.lane >= LANES)
        return fail(error, ERR_FORMAT, "an alert in the state is damaged");
    TRY(chatter_quiet(&w->store, a.subject, a.lane, a.episode, w->subjects.list.v[a.subject].text,
                      (w->clock_day + INT64_C(1)) * US_PER_DAY, &quiet, error));
    *ret_on = !quiet && trends_open(w->trends, a.subject, (enum lane)a.lane, a.episode);
    return OK;
}

void watch_counts(const struct watch *w, struct watch_count *ret_count)
{
    *ret_count = w->count;
}

bool watch_silence(const struct watch *w, uint32_t site, struct trend_silence *ret_silence,
                   struct str *ret_name)
{
    if (site >= w->silence.n || site >= w->sites.list.n)
        return false;
    *ret_silence = w->silence.v[site];
    *ret_name = w->sites.list.v[site].text;
    return true;
}

void watch_trends(const struct watch *w, struct trend_stats *ret_stats)
{
    trends_stats(w->trends, ret_stats);
}
