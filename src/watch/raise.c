#include "watch/watch_priv.h"

#include "base/hash.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    ALERT_POSTS = 500,
    ALERT_WITH = 1000,
    SENTENCE_BYTES = 4096,
    SOURCE_BYTES = 1024 * 1024,
};

/* The same alert of the same posts has the same id in every run. */
void raise_id(const struct watch *w, const struct trend_alert *a, char ret_hex[SHA256_HEX + 1])
{
    const struct name *subject = &w->subjects.list.v[a->subject];
    unsigned char digest[SHA256_BYTES];
    struct buf b;
    buf_init(&b, NUMBERS_BYTES + CHATTER_NAMES);
    buf_printf(&b, "%s\n%s\n%d\n%d\n", subject_kind_name(subject->kind), lane_name(a->lane),
               a->first_day, a->day);
    buf_str(&b, subject->text);
    sha256_of(buf_view(&b), digest);
    hex_of(digest, sizeof digest, ret_hex);
    buf_done(&b);
}

static int64_t end_of(int32_t day)
{
    return (day + INT64_C(1)) * US_PER_DAY;
}

enum err raise_keep(struct watch *w, const struct trend_alert *a, const struct raise_with *with)
{
    char id[SHA256_HEX + 1];
    struct buf b;
    raise_id(w, a, id);
    buf_init(&b, NUMBERS_BYTES);
    numbers_put(&b, a);
    struct chatter_alert kept = {.id = str_of(id),
                                 .day = a->day,
                                 .subject = a->subject,
                                 .lane = a->lane,
                                 .episode = a->episode,
                                 .numbers = buf_view(&b)};
    if (with) {
        kept.with = with->id;
        kept.shared = with->shared;
        kept.threads = with->threads;
        kept.later = with->later;
    }
    enum err rc = b.rc ? b.rc : chatter_add_alert(&w->store, &kept, w->error);
    buf_done(&b);
    return rc;
}

/* ---- what is told ---- */

enum err raise_with(struct watch *w, const struct chatter_alert *kept, struct arena *arena,
                    struct alert_with *ret_with)
{
    struct trend_alert numbers = {0};
    *ret_with = (struct alert_with){.threads = kept->threads, .shared = kept->shared};
    if (kept->subject >= w->subjects.list.n || kept->lane >= LANES ||
        kept->id.n >= sizeof ret_with->id || kept->with.n >= sizeof ret_with->leader ||
        numbers_take(kept->numbers, &numbers) != OK)
        return fail(w->error, ERR_FORMAT, "an alert in the state is damaged");
    memcpy(ret_with->id, kept->id.p, kept->id.n);
    if (kept->with.n)
        memcpy(ret_with->leader, kept->with.p, kept->with.n);
    ret_with->time_us = end_of(kept->day);
    ret_with->subject = arena_str(arena, w->subjects.list.v[kept->subject].text);
    ret_with->kind = w->subjects.list.v[kept->subject].kind;
    ret_with->lane = (enum lane)kept->lane;
    ret_with->p = numbers.p;
    return ret_with->subject.p ? OK : ERR_NOMEM;
}

struct telling {
    struct watch *w;
    struct arena *arena;
    struct alert *alert;
    const struct trend_alert *numbers;
    VEC(struct alert_post) posts;
    VEC(struct alert_item) items;
    VEC(struct str) techniques;
    VEC(uint64_t) clusters; /* of posts, in their order */
    VEC(struct alert_with) with;
};

static struct str copied(struct telling *t, struct str s)
{
    return s.p ? arena_str(t->arena, s) : (struct str){0};
}

static enum err add_techniques(struct telling *t, struct str list)
{
    while (list.n) {
        size_t end = 0;
        while (end < list.n && list.p[end] != ' ')
            end++;
        struct str id = str_sub(list, 0, end);
        list = str_sub(list, end + (end < list.n), list.n);
        bool known = !id.n;
        for (size_t i = 0; i < t->techniques.n && !known; i++)
            known = str_eq(t->techniques.v[i], id);
        if (!known)
            TRY(vec_push(&t->techniques, copied(t, id), ALERT_POSTS));
    }
    return OK;
}

static enum err on_post(void *ctx, const struct chatter_post *p)
{
    struct telling *t = ctx;
    if (p->site >= t->w->sites.list.n)
        return fail(t->w->error, ERR_FORMAT, "the state's list of posts is damaged");
    if (t->posts.n == ALERT_POSTS)
        return OK;
    struct alert_post post = {.id = copied(t, p->id),
                              .site = t->w->sites.list.v[p->site].text,
                              .url = copied(t, p->url),
                              .time_us = p->time_us,
                              .intent = p->intent,
                              .snippet = copied(t, p->snippet)};
    TRY(add_techniques(t, p->technique));
    TRY(vec_push(&t->clusters, p->cluster, ALERT_POSTS));
    return vec_push(&t->posts, post, ALERT_POSTS);
}

/* Where to look it up: the address of the first post that names it, else its site and id. */
static enum err source_of(struct telling *t, const struct chatter_near *near, struct str *ret)
{
    struct buf b;
    if (near->site >= t->w->sites.list.n)
        return fail(t->w->error, ERR_FORMAT, "the state's list of posts is damaged");
    if (near->url.n)
        return *ret = copied(t, near->url), ret->p ? OK : ERR_NOMEM;
    buf_init(&b, SOURCE_BYTES);
    buf_str(&b, t->w->sites.list.v[near->site].text);
    if (near->id.n)
        buf_putc(&b, ' ');
    buf_str(&b, near->id);
    enum err rc = b.rc;
    *ret = copied(t, buf_view(&b));
    buf_done(&b);
    return rc ? rc : ret->p ? OK : ERR_NOMEM;
}

static enum err on_beside(void *ctx, const struct chatter_near *near)
{
    struct telling *t = ctx;
    struct alert_item item = {.kind = copied(t, near->kind),
                              .value = copied(t, near->value),
                              .posts = near->posts,
                              .first_us = near->first_us};
    TRY(source_of(t, near, &item.source));
    return vec_push(&t->items, item, 2000);
}

static bool cluster_chosen(const struct telling *t, const size_t *chosen, size_t n, size_t i)
{
    for (size_t k = 0; k < n; k++)
        if (chosen[k] == i || (t->clusters.v[i] && t->clusters.v[chosen[k]] == t->clusters.v[i]))
            return true;
    return false;
}

/* Three posts speak for all: of different texts, the strongest intent first, then the latest. The
 * others keep no snippet. */
static void choose_snippets(struct telling *t)
{
    size_t chosen[ALERT_SNIPPETS], n = 0;
    while (n < ALERT_SNIPPETS) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < t->posts.n; i++)
            if (t->posts.v[i].snippet.n && !cluster_chosen(t, chosen, n, i) &&
                (best == SIZE_MAX || t->posts.v[i].intent >= t->posts.v[best].intent))
                best = i;
        if (best == SIZE_MAX)
            break;
        chosen[n++] = best;
    }
    for (size_t i = 0; i < t->posts.n; i++) {
        bool keep = false;
        for (size_t k = 0; k < n; k++)
            keep |= chosen[k] == i;
        if (!keep)
            t->posts.v[i].snippet = (struct str){0};
    }
}

static enum err tell_sites(struct telling *t)
{
    const struct trend_alert *a = t->numbers;
    struct alert *out = t->alert;
    out->site = arena_new_n(t->arena, struct alert_site, a->n_listed + 1);
    if (!out->site)
        return ERR_NOMEM;
    for (size_t i = 0; i < a->n_listed; i++) {
        const struct trend_site *from = &a->site[i];
        if (from->site >= t->w->sites.list.n)
            return ERR_FORMAT;
        out->site[out->n_sites++] =
            (struct alert_site){t->w->sites.list.v[from->site].text, from->first_day * US_PER_DAY,
                                from->last_day * US_PER_DAY, from->threads, from->p_without};
    }
    return OK;
}

static struct str sentence(struct telling *t, struct buf *b)
{
    struct str s = b->rc ? (struct str){0} : arena_str(t->arena, buf_view(b));
    buf_reset(b);
    return s;
}

static const char *again_text(enum trend_again again)
{
    switch (again) {
    case TREND_STRONGER:
        return "the evidence is a hundred times stronger than when it was first told";
    case TREND_INTENT:
        return "somebody asks for, shares, sells or uses what was only talked about before";
    case TREND_CLASS: return "a kind of site speaks of it that did not before";
    case TREND_ASSET: return "an asset of yours is concerned";
    case TREND_KEV: return "it is now listed as exploited";
    case TREND_FIRST:
    default: return NULL;
    }
}

/* What is compared is less than the threads, where new voices or posts about much are among them.
 */
static void put_counted(struct buf *b, const struct alert *a)
{
    if (a->lane == LANE_BREADTH) {
        buf_printf(b, "named on %" PRIu64 " sites within %u days", a->observed, a->window_days);
        return;
    }
    buf_printf(b, "%" PRIu64 " thread%s in %u day%s", a->threads, a->threads == 1 ? "" : "s",
               a->window_days, a->window_days == 1 ? "" : "s");
    if (a->threads != a->observed)
        buf_printf(b, ", counted as %" PRIu64, a->observed);
}

static void put_title(struct buf *b, const struct alert *a)
{
    buf_str(b, a->subject);
    buf_puts(b, ": ");
    put_counted(b, a);
    buf_printf(b, ", where %.1f would be usual", a->expected);
}

static void put_why(struct buf *b, const struct alert *a, bool corroborated)
{
    put_title(b, a);
    buf_printf(b,
               ". The expectation is its own past, measured by what the same sites said in all "
               "(%.0f threads in these days). Chance alone would give as much with p = %.2g; the "
               "threshold of this lane's budget of false alarms was %.2g",
               a->exposure, a->p, a->threshold);
    if (a->calibration < 0.95)
        buf_printf(b, ", raised %.1f times since the lane spoke too seldom lately",
                   1 / a->calibration);
    if (a->calibration > 1.05)
        buf_printf(b, ", after dividing by %.1f since the lane spoke too often lately",
                   a->calibration);
    buf_printf(b, ". %llu voice%s in %llu thread%s, %llu different text%s.",
               (unsigned long long)a->voices, a->voices == 1 ? "" : "s",
               (unsigned long long)a->threads, a->threads == 1 ? "" : "s",
               (unsigned long long)a->clusters, a->clusters == 1 ? "" : "s");
    buf_puts(b, corroborated
                    ? " No single site carries it: without any of them p stays below ten times "
                      "the threshold."
                    : " One site carries it.");
}

/* The site without which least is left. */
static void put_silenced(struct buf *b, const struct alert *a)
{
    const struct alert_site *worst = NULL;
    for (size_t i = 0; i < a->n_sites; i++)
        if (!isnan(a->site[i].p_without) && (!worst || a->site[i].p_without > worst->p_without))
            worst = &a->site[i];
    if (!worst)
        return;
    buf_puts(b, "Without ");
    buf_str(b, worst->site);
    if (worst->p_without > 0.99) {
        buf_puts(b, " too little would be left: silent.");
        return;
    }
    buf_printf(b, " p would be %.2g: %s.", worst->p_without,
               worst->p_without > a->threshold ? "silent" : "still an alert");
}

static enum err tell_assets(struct telling *t)
{
    struct alert *a = t->alert;
    struct asset_match match = {0};
    VEC(struct str) others = {0};
    if (!t->w->options.assets)
        return OK;
    enum err rc = OK;
    for (size_t i = 0; i < t->items.n && !rc; i++)
        if (a->kind == SUBJECT_CVE && str_eq(t->items.v[i].kind, STR("product")))
            rc = vec_push(&others, t->items.v[i].value, 100);
    struct str_list list = {others.v, others.n};
    struct asset_question q = {a->kind, a->subject, {0}, &list};
    if (!rc)
        rc = assets_match(t->w->options.assets, &q, t->arena, &match);
    a->customer = match.customer;
    a->asset = match.labels;
    vec_done(&others);
    return rc;
}

static void tell_known(struct telling *t)
{
    struct alert *a = t->alert;
    a->epss = NAN;
    a->kev_us = TIME_NONE;
    if (t->w->options.known && a->kind == SUBJECT_CVE)
        known_fill(t->w->options.known, a);
}

static enum err tell_texts(struct telling *t)
{
    struct alert *a = t->alert;
    const char *again = again_text(t->numbers->again);
    struct buf b;
    buf_init(&b, SENTENCE_BYTES + CHATTER_NAMES);
    put_title(&b, a);
    a->title = sentence(t, &b);
    put_why(&b, a, t->numbers->corroborated);
    a->why = sentence(t, &b);
    put_silenced(&b, a);
    a->silenced = sentence(t, &b);
    a->again = again ? str_of(again) : (struct str){0};
    buf_done(&b);
    return a->title.p && a->why.p && a->silenced.p ? OK : ERR_NOMEM;
}

static enum err tell_posts(struct telling *t, uint32_t subject, int32_t until_day)
{
    struct watch *w = t->w;
    int32_t since = t->numbers->since_day;
    TRY(chatter_posts(&w->store, subject, since, until_day, on_post, t, w->error));
    TRY(chatter_beside_subjects(&w->store, subject, since, until_day, on_beside, t, w->error));
    TRY(chatter_beside_items(&w->store, subject, since, until_day, on_beside, t, w->error));
    choose_snippets(t);
    return OK;
}

static enum err on_with(void *ctx, const struct chatter_alert *kept)
{
    struct telling *t = ctx;
    struct alert_with with;
    TRY(raise_with(t->w, kept, t->arena, &with));
    return vec_push(&t->with, with, ALERT_WITH);
}

/* The lists move to the arena. */
static enum err give_lists(struct telling *t)
{
    struct alert *a = t->alert;
    a->post = arena_new_n(t->arena, struct alert_post, t->posts.n + 1);
    a->item = arena_new_n(t->arena, struct alert_item, t->items.n + 1);
    a->technique.v = arena_new_n(t->arena, struct str, t->techniques.n + 1);
    a->with = arena_new_n(t->arena, struct alert_with, t->with.n + 1);
    if (!a->post || !a->item || !a->technique.v || !a->with)
        return ERR_NOMEM;
    if (t->with.n)
        memcpy(a->with, t->with.v, t->with.n * sizeof *a->with);
    a->n_with = t->with.n;
    if (t->posts.n)
        memcpy(a->post, t->posts.v, t->posts.n * sizeof *a->post);
    if (t->items.n)
        memcpy(a->item, t->items.v, t->items.n * sizeof *a->item);
    if (t->techniques.n)
        memcpy(a->technique.v, t->techniques.v, t->techniques.n * sizeof *a->technique.v);
    a->n_posts = t->posts.n;
    a->n_items = t->items.n;
    a->technique.n = t->techniques.n;
    a->since_us = t->posts.n ? t->posts.v[0].time_us : t->numbers->since_day * US_PER_DAY;
    return OK;
}

static void tell_numbers(struct alert *out, const struct trend_alert *a)
{
    out->observed = (uint64_t)(a->observed + 0.5);
    out->expected = a->expected;
    out->p = a->p;
    out->threshold = a->alpha / a->g;
    out->q = a->q;
    out->window_days = a->window_days;
    out->calibration = a->g;
    out->exposure = a->exposure;
    out->voices = a->voices;
    out->threads = a->threads;
    out->clusters = a->clusters;
    for (size_t i = 0; i < INTENTS; i++)
        out->intent[i] = a->intent[i];
}

static enum err tell_all(struct telling *t, const struct chatter_alert *kept)
{
    TRY(tell_sites(t));
    TRY(tell_posts(t, kept->subject, kept->day));
    TRY(tell_assets(t));
    TRY(chatter_with(&t->w->store, kept->id, on_with, t, t->w->error));
    TRY(give_lists(t));
    tell_known(t);
    return tell_texts(t);
}

enum err raise_tell(struct watch *w, const struct chatter_alert *kept, struct arena *arena,
                    struct alert *ret_alert)
{
    struct trend_alert numbers = {0};
    struct telling t = {.w = w, .arena = arena, .alert = ret_alert, .numbers = &numbers};
    *ret_alert = (struct alert){0};
    if (kept->subject >= w->subjects.list.n || kept->lane >= LANES ||
        kept->id.n >= sizeof ret_alert->id || numbers_take(kept->numbers, &numbers) != OK)
        return fail(w->error, ERR_FORMAT, "an alert in the state is damaged");
    memcpy(ret_alert->id, kept->id.p, kept->id.n);
    ret_alert->time_us = end_of(kept->day);
    ret_alert->subject = w->subjects.list.v[kept->subject].text;
    ret_alert->kind = w->subjects.list.v[kept->subject].kind;
    ret_alert->lane = (enum lane)kept->lane;
    tell_numbers(ret_alert, &numbers);
    enum err rc = tell_all(&t, kept);
    vec_done(&t.posts);
    vec_done(&t.items);
    vec_done(&t.techniques);
    vec_done(&t.clusters);
    vec_done(&t.with);
    return rc;
}
