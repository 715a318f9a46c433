#include "watch/intake.h"
#include "codec/charset.h"

#include "watch/intake_priv.h"

#include <string.h>

enum {
    ADDRESS_SPACE_BYTES = 1024 * 1024 * 1024,
    GAP_BYTES = 256, /* of a detail: it may quote the file */
};

/* ---- in the worker ---- */

/* Sets both clocks of the post; false, counted, if it cannot be placed in time. */
static bool set_clocks(struct intake_reader *r, struct post *post)
{
    const struct intake *in = r->intake;
    if (post->ingest_us == TIME_NONE && in->ingest_now)
        post->ingest_us = in->now_us;
    if (post->time_us == TIME_NONE)
        post->time_us = post->ingest_us;
    if (post->time_us == TIME_NONE)
        return r->count.undated++, false;
    if (post->time_us > in->now_us + US_PER_DAY || post->ingest_us > in->now_us + US_PER_DAY)
        return r->count.future++, false;
    if (post->time_us < r->earliest_us)
        return r->count.ancient++, false;
    if (post->ingest_us == TIME_NONE || post->ingest_us < post->time_us)
        post->ingest_us = post->time_us;
    return true;
}

static void put_post(struct buf *b, const struct post *p)
{
    const struct str texts[] = {p->id,    p->source, p->site, p->thread, p->author,
                                p->title, p->text,   p->url,  p->lang};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        wr_str(b, texts[i]);
    wr_u64(b, (uint64_t)p->time_us);
    wr_u64(b, (uint64_t)p->ingest_us);
    wr_u8(b, (uint8_t)(p->day_only | p->repost << 1));
    wr_u64(b, p->offset);
}

/* A weight is between 0 and 1. */
static uint32_t weight_bits(float weight)
{
    return (uint32_t)(weight * 1e6f + 0.5f);
}

static void put_sighting(struct buf *b, const struct sighting *s)
{
    wr_u8(b, RECORD_SIGHTING);
    put_post(b, &s->post);
    wr_u64(b, s->key);
    wr_u64(b, s->thread);
    wr_u64(b, s->voice);
    wr_u8(b, (uint8_t)(s->voiced | s->list << 1));
    wr_u32(b, (uint32_t)s->named);
    wr_u32(b, (uint32_t)s->n_subjects);
    for (size_t i = 0; i < s->n_subjects; i++) {
        wr_u8(b, (uint8_t)s->subject[i].kind);
        wr_str(b, s->subject[i].name);
        wr_u32(b, s->subject[i].at);
        wr_u8(b, s->subject[i].in_title);
    }
    wr_u8(b, (uint8_t)s->intent);
    wr_str(b, s->intent_phrase);
    wr_u32(b, (uint32_t)s->technique.n);
    for (size_t i = 0; i < s->technique.n; i++)
        wr_str(b, s->technique.v[i]);
    wr_u32(b, (uint32_t)s->n_items);
    for (size_t i = 0; i < s->n_items; i++) {
        wr_u8(b, (uint8_t)s->item[i].kind);
        wr_str(b, s->item[i].value);
    }
    wr_u32(b, weight_bits(s->weight));
    wr_u64(b, s->sketch.hash);
    wr_u64(b, s->sketch.filled);
    buf_add(b, s->sketch.bin, sizeof s->sketch.bin);
}

/* A post without a subject is only a part of its site's volume. */
static void put_volume(struct buf *b, const struct sighting *s)
{
    wr_u8(b, RECORD_VOLUME);
    wr_str(b, s->post.site);
    wr_str(b, s->post.source);
    wr_u64(b, s->key);
    wr_u64(b, s->thread);
    wr_u64(b, (uint64_t)s->post.time_us);
    wr_u64(b, (uint64_t)s->post.ingest_us);
}

void intake_put_site(struct errand_out *out, uint32_t number, struct str name, struct str source)
{
    wr_u8(&out->batch, RECORD_SITE);
    wr_u32(&out->batch, number);
    wr_str(&out->batch, name);
    wr_str(&out->batch, source);
}

void intake_put_cell(struct errand_out *out, const struct volume_cell *cell)
{
    wr_u8(&out->batch, RECORD_CELL);
    wr_u32(&out->batch, cell->site);
    wr_u32(&out->batch, (uint32_t)cell->event_day);
    wr_u32(&out->batch, (uint32_t)cell->ingest_day);
    wr_u32(&out->batch, cell->threads);
}

static enum err on_read(void *ctx, const struct sighting *s)
{
    struct intake_reader *r = ctx;
    r->count.named += s->named > 0;
    if (s->named)
        put_sighting(&r->out->batch, s);
    else
        put_volume(&r->out->batch, s);
    return errand_pace(r->out);
}

static enum err on_post(void *ctx, const struct post *given)
{
    struct intake_reader *r = ctx;
    struct post post = *given;
    r->count.posts++;
    return set_clocks(r, &post) ? intake_ask(r, &post) : OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    struct intake_reader *r = ctx;
    wr_u8(&r->out->batch, RECORD_GAP);
    wr_u64(&r->out->batch, offset);
    wr_str(&r->out->batch, reason);
    wr_str(&r->out->batch, intake_cut(detail, GAP_BYTES));
    return errand_pace(r->out);
}

/* One gap a file: who writes such posts writes many of them. */
static enum err tell_cut(struct intake_reader *r)
{
    char text[80];
    if (!r->cut)
        return OK;
    (void)snprintf(text, sizeof text, "fields of more than %d bytes were cut, posts: %llu",
                   (int)SIGHTING_FIELD_BYTES, (unsigned long long)r->cut);
    return on_gap(r, r->first_cut, STR("too-long"), str_of(text));
}

static enum err on_settle(void *ctx)
{
    return intake_settle(ctx);
}

static void put_count(struct buf *b, const struct intake_count *c)
{
    wr_u8(b, RECORD_COUNT);
    wr_u64(b, c->posts);
    wr_u64(b, c->named);
    wr_u64(b, c->undated);
    wr_u64(b, c->future);
    wr_u64(b, c->ancient);
}

/* Posts that name no site are of the file's: its name, without the folders before it. */
static enum err read_posts(struct intake_reader *r, struct str name, int file, struct error *error)
{
    struct stream *stream;
    struct post_sink sink = {on_post, on_gap, r, on_settle};
    struct post_options options = r->intake->options;
    options.name = name;
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '/')
            options.name = str_sub(name, i + 1, name.n);
    TRY(stream_open_fd(file, &stream, error));
    enum err rc = posts_read(stream, &options, &sink, &r->out->bytes, error);
    stream_close(stream);
    return rc;
}

static enum err read_file(void *ctx, struct errand_out *out, struct str name, int file,
                          struct error *error)
{
    struct intake_reader r = {.intake = ctx, .out = out, .told = on_read};
    enum err rc = intake_begin(&r, error);
    if (!rc)
        rc = read_posts(&r, name, file, error);
    enum err last = intake_end(&r); /* what came before the damage is told of as well */
    if (!last)
        last = tell_cut(&r);
    put_count(&out->batch, &r.count);
    return rc ? rc : last;
}

/* ---- in the coordinator ---- */

void intake_count_add(struct intake_count *to, const struct intake_count *from)
{
    to->posts += from->posts;
    to->named += from->named;
    to->undated += from->undated;
    to->future += from->future;
    to->ancient += from->ancient;
}

static enum err take_record(void *ctx, struct str file, struct rd *r)
{
    return intake_take(ctx, file, r);
}

static enum err tell_gap(void *ctx, const struct errand_gap *gap)
{
    struct intake *in = ctx;
    return in->gap(in->ctx, gap);
}

static struct errand errand_of(struct intake *intake)
{
    charset_prepare(); /* what the worker cannot load any more */
    return (struct errand){.tree = intake->tree,
                           .address_space_bytes = ADDRESS_SPACE_BYTES,
                           .read = read_file,
                           .record = take_record,
                           .gap = tell_gap,
                           .ctx = intake,
                           .interrupted = intake->interrupted};
}

void intake_done(struct intake *intake)
{
    vec_done(&intake->sites);
}

enum err intake_files(struct intake *intake, struct error *error)
{
    struct errand errand = errand_of(intake);
    enum err rc = errand_run(&errand, error);
    intake->bytes += errand.bytes;
    return rc;
}

enum err intake_file(struct intake *intake, struct str name, int file, struct error *error)
{
    struct errand errand = errand_of(intake);
    enum err rc = errand_file(&errand, name, file, error);
    intake->bytes += errand.bytes;
    return rc;
}
