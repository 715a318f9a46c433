/* Any bytes as records of the intake's worker: refused, or what a worker in its right mind could
 * have sent. The first bit says whether the worker counts threads by itself, the second one whether
 * terms are asked for. */
#include "base/limits.h"
#include "watch/cluster.h"
#include "watch/intake_priv.h"
#include "watch/snippet.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SITES = 8 };

struct check {
    struct intake in;
    struct clusters *clusters;
    struct buf snippet;
    uint32_t sites;
};

/* The sanitizer sees whether the bytes are there. */
static void touch(struct str s, size_t max)
{
    volatile char sum = 0;
    assert((s.p || !s.n) && s.n <= max);
    for (size_t i = 0; i < s.n; i++)
        sum = (char)(sum ^ s.p[i]);
}

static void check_post(const struct intake *in, const struct post *p)
{
    const struct str all[] = {p->id,    p->source, p->site, p->thread, p->author,
                              p->title, p->text,   p->url,  p->lang};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        touch(all[i], SIGHTING_FIELD_BYTES);
    assert(p->time_us >= 0 && p->time_us <= p->ingest_us);
    assert(p->ingest_us <= in->now_us + US_PER_DAY);
}

static void check_subjects(struct check *c, const struct sighting *s)
{
    assert(s->n_subjects && s->n_subjects <= SIGHTING_SUBJECTS && s->named >= s->n_subjects);
    for (size_t i = 0; i < s->n_subjects; i++) {
        const struct sighted *one = &s->subject[i];
        struct str text = one->in_title ? s->post.title : s->post.text;
        assert(one->kind < SUBJECT_KINDS && one->name.n);
        touch(one->name, SIGHTING_FIELD_BYTES);
        buf_reset(&c->snippet);
        snippet_add(&c->snippet, text, one->at < text.n ? one->at : 0, one->name.n, 200);
        assert(!c->snippet.rc);
    }
}

static enum err on_sighting(void *ctx, struct str file, const struct sighting *s)
{
    struct check *c = ctx;
    bool is_new;
    (void)file;
    check_post(&c->in, &s->post);
    if (!s->named) {
        assert(!c->in.volume && !s->n_subjects && !s->n_items);
        return OK;
    }
    check_subjects(c, s);
    assert(s->intent < INTENTS && s->weight >= 0 && s->weight <= 1);
    touch(s->intent_phrase, SIGHTING_FIELD_BYTES);
    assert(s->technique.n <= SIGHTING_TECHNIQUES && s->n_items <= SIGHTING_ITEMS);
    for (size_t i = 0; i < s->technique.n; i++)
        touch(s->technique.v[i], SIGHTING_FIELD_BYTES);
    for (size_t i = 0; i < s->n_items; i++) {
        assert(s->item[i].kind < ITEM_KINDS && intake_keeps(s->item[i].kind));
        touch(s->item[i].value, SIGHTING_ITEM_BYTES);
    }
    (void)cluster_of(c->clusters, &s->sketch, intake_day(s->post.time_us), &is_new);
    return OK;
}

static enum err on_site(void *ctx, struct str name, struct str source, uint32_t *ret_number)
{
    struct check *c = ctx;
    touch(name, SIGHTING_FIELD_BYTES);
    touch(source, SIGHTING_FIELD_BYTES);
    *ret_number = c->sites++ % SITES;
    return OK;
}

static enum err on_volume(void *ctx, const struct volume_cell *cell)
{
    const struct check *c = ctx;
    assert(cell->site < SITES && cell->threads);
    assert(cell->event_day >= 0 && cell->event_day <= cell->ingest_day);
    assert(cell->ingest_day <= intake_day(c->in.now_us) + 1);
    return OK;
}

static enum err on_worded(void *ctx, struct str file, const struct worded *w)
{
    struct check *c = ctx;
    (void)file;
    assert(w->time_us >= 0 && w->time_us <= c->in.now_us + US_PER_DAY);
    touch(w->site, SIGHTING_FIELD_BYTES);
    touch(w->read.text, NOVEL_TEXT_BYTES);
    assert(w->read.n <= NOVEL_TERMS);
    for (size_t i = 0; i < w->read.n; i++) {
        const struct novel_span *t = &w->read.term[i];
        assert(t->n && t->n <= NOVEL_TERM_BYTES && (size_t)t->from + t->n <= w->read.text.n);
        (void)novel_key(str_make(w->read.text.p + t->from, t->n));
    }
    return OK;
}

static enum err on_gap(void *ctx, const struct errand_gap *gap)
{
    (void)ctx;
    assert(gap->reason.n);
    touch(gap->reason, SIGHTING_FIELD_BYTES);
    touch(gap->detail, SIGHTING_FIELD_BYTES);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct check c = {
        .in = {.now_us = INT64_C(1700000000) * US_PER_S, .sighting = on_sighting, .gap = on_gap}};
    struct rd r = rd_of(str_make((const char *)data, size));
    uint8_t how = rd_u8(&r);
    if (how & 2)
        c.in.worded = on_worded;
    if (how & 1) {
        c.in.site = on_site;
        c.in.volume = on_volume;
    }
    c.in.ctx = &c;
    buf_init(&c.snippet, LIMIT_IPC_MESSAGE_BYTES);
    if (cluster_new(64, &c.clusters) != OK)
        abort();
    while (rd_left(&r) && !r.rc) {
        size_t before = rd_left(&r);
        assert(intake_take(&c.in, STR("file"), &r) == OK);
        assert(r.rc || rd_left(&r) < before);
    }
    c.clusters = cluster_free(c.clusters);
    buf_done(&c.snippet);
    intake_done(&c.in);
    return 0;
}
