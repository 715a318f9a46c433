#include "watch/intake_priv.h"

#include <string.h>

enum { SITES_MAX = 1000 * 1000, REASON_BYTES = 64 };

/* The worker reads hostile files and may have been taken over: what it sends is taken only if it
 * is what a worker in its right mind could have sent. Anything else ends the worker, not the run.
 */

static float weight_of(uint32_t bits)
{
    return bits > 1000000 ? 1 : (float)bits / 1e6f;
}

/* A text of at most that many bytes. */
static struct str take_text(struct rd *r, size_t max)
{
    struct str s = rd_str(r);
    if (s.n > max)
        r->rc = ERR_FORMAT;
    return s;
}

/* The same, of at least one byte. */
static struct str take_name(struct rd *r, size_t max)
{
    struct str s = take_text(r, max);
    if (!s.n)
        r->rc = ERR_FORMAT;
    return s;
}

/* As set_clocks leaves them. */
static void take_clocks(const struct intake *in, struct rd *r, struct post *p)
{
    p->time_us = (int64_t)rd_u64(r);
    p->ingest_us = (int64_t)rd_u64(r);
    if (p->time_us < intake_earliest_us() || p->time_us > p->ingest_us ||
        p->ingest_us > in->now_us + US_PER_DAY)
        r->rc = ERR_FORMAT;
}

static void take_post(const struct intake *in, struct rd *r, struct post *p)
{
    struct str *texts[] = {&p->id,    &p->source, &p->site, &p->thread, &p->author,
                           &p->title, &p->text,   &p->url,  &p->lang};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = take_text(r, SIGHTING_FIELD_BYTES);
    take_clocks(in, r, p);
    uint8_t flags = rd_u8(r);
    p->day_only = flags & 1;
    p->repost = flags & 2;
    p->offset = rd_u64(r);
}

static void take_subjects(struct rd *r, struct sighting *s, struct sighted *subject)
{
    s->subject = subject;
    s->named = rd_u32(r);
    s->n_subjects = rd_u32(r);
    if (!s->n_subjects || s->n_subjects > SIGHTING_SUBJECTS || s->n_subjects > s->named)
        r->rc = ERR_FORMAT;
    for (size_t i = 0; i < s->n_subjects && !r->rc; i++) {
        subject[i].kind = (enum subject_kind)rd_u8(r);
        subject[i].name = take_name(r, SIGHTING_FIELD_BYTES);
        subject[i].at = rd_u32(r);
        subject[i].in_title = rd_u8(r) != 0;
        if ((unsigned)subject[i].kind >= SUBJECT_KINDS)
            r->rc = ERR_FORMAT;
    }
}

static void take_techniques(struct rd *r, struct sighting *s, struct str *technique)
{
    s->technique = (struct str_list){technique, rd_u32(r)};
    if (s->technique.n > SIGHTING_TECHNIQUES)
        r->rc = ERR_FORMAT;
    for (size_t i = 0; i < s->technique.n && !r->rc; i++)
        technique[i] = take_name(r, SIGHTING_FIELD_BYTES);
}

static void take_items(struct rd *r, struct sighting *s, struct sighted_item *item)
{
    s->item = item;
    s->n_items = rd_u32(r);
    if (s->n_items > SIGHTING_ITEMS)
        r->rc = ERR_FORMAT;
    for (size_t i = 0; i < s->n_items && !r->rc; i++) {
        item[i].kind = (enum item_kind)rd_u8(r);
        item[i].value = take_name(r, SIGHTING_ITEM_BYTES);
        if ((unsigned)item[i].kind >= ITEM_KINDS || !intake_keeps(item[i].kind))
            r->rc = ERR_FORMAT;
    }
}

static enum err take_sighting(struct intake *in, struct str file, struct rd *r)
{
    struct sighting s = {0};
    UNCLEARED struct sighted subject[SIGHTING_SUBJECTS];
    UNCLEARED struct str technique[SIGHTING_TECHNIQUES];
    UNCLEARED struct sighted_item item[SIGHTING_ITEMS];
    take_post(in, r, &s.post);
    s.key = rd_u64(r);
    s.thread = rd_u64(r);
    s.voice = rd_u64(r);
    uint8_t flags = rd_u8(r);
    s.voiced = flags & 1;
    s.list = flags & 2;
    take_subjects(r, &s, subject);
    s.intent = (enum intent)rd_u8(r);
    s.intent_phrase = take_text(r, SIGHTING_FIELD_BYTES);
    if (r->rc || (unsigned)s.intent >= INTENTS)
        return r->rc = ERR_FORMAT, OK;
    take_techniques(r, &s, technique);
    take_items(r, &s, item);
    s.weight = weight_of(rd_u32(r));
    s.sketch.hash = rd_u64(r);
    s.sketch.filled = rd_u64(r);
    struct str bins = rd_slice(r, sizeof s.sketch.bin);
    if (bins.n == sizeof s.sketch.bin)
        memcpy(s.sketch.bin, bins.p, bins.n);
    return r->rc ? OK : in->sighting(in->ctx, file, &s);
}

static enum err take_volume(struct intake *in, struct str file, struct rd *r)
{
    struct sighting s = {.post = {.site = take_text(r, SIGHTING_FIELD_BYTES)}};
    s.post.source = take_text(r, SIGHTING_FIELD_BYTES);
    s.key = rd_u64(r);
    s.thread = rd_u64(r);
    take_clocks(in, r, &s.post);
    if (in->volume) /* it counts by itself */
        r->rc = ERR_FORMAT;
    return r->rc ? OK : in->sighting(in->ctx, file, &s);
}

/* Another worker gives its numbers anew. */
static enum err take_site(struct intake *in, struct rd *r)
{
    uint32_t number = rd_u32(r), given;
    struct str name = take_text(r, SIGHTING_FIELD_BYTES),
               source = take_text(r, SIGHTING_FIELD_BYTES);
    if (r->rc || !in->site || number > in->sites.n)
        return r->rc = ERR_FORMAT, OK;
    TRY(in->site(in->ctx, name, source, &given));
    if (number == in->sites.n)
        return vec_push(&in->sites, given, SITES_MAX);
    in->sites.v[number] = given;
    return OK;
}

static bool cell_may_be(const struct intake *in, const struct volume_cell *cell)
{
    return cell->threads && cell->event_day >= intake_day(intake_earliest_us()) &&
           cell->event_day <= cell->ingest_day &&
           cell->ingest_day <= intake_day(in->now_us + US_PER_DAY);
}

static enum err take_cell(struct intake *in, struct rd *r)
{
    uint32_t number = rd_u32(r);
    struct volume_cell cell = {.event_day = (int32_t)rd_u32(r)};
    cell.ingest_day = (int32_t)rd_u32(r);
    cell.threads = rd_u32(r);
    if (r->rc || !in->volume || number >= in->sites.n || !cell_may_be(in, &cell))
        return r->rc = ERR_FORMAT, OK;
    cell.site = in->sites.v[number];
    return in->volume(in->ctx, &cell);
}

static enum err take_gap(struct intake *in, struct str file, struct rd *r)
{
    struct errand_gap gap = {.file = file, .offset = rd_u64(r)};
    gap.reason = take_name(r, REASON_BYTES);
    gap.detail = take_text(r, SIGHTING_FIELD_BYTES);
    return r->rc ? OK : in->gap(in->ctx, &gap);
}

static enum err take_count(struct intake *in, struct rd *r)
{
    struct intake_count c = {.posts = rd_u64(r)};
    c.named = rd_u64(r);
    c.undated = rd_u64(r);
    c.future = rd_u64(r);
    c.ancient = rd_u64(r);
    if (!r->rc)
        intake_count_add(&in->count, &c);
    return OK;
}

static enum err take_worded(struct intake *in, struct str file, struct rd *r)
{
    struct worded w;
    struct novel_span term[NOVEL_TERMS];
    intake_take_worded(r, &w, term);
    if (!in->worded || w.time_us > in->now_us + US_PER_DAY)
        r->rc = ERR_FORMAT;
    return r->rc ? OK : in->worded(in->ctx, file, &w);
}

enum err intake_take(struct intake *in, struct str file, struct rd *r)
{
    switch (rd_u8(r)) {
    case RECORD_SIGHTING: return take_sighting(in, file, r);
    case RECORD_VOLUME: return take_volume(in, file, r);
    case RECORD_SITE: return take_site(in, r);
    case RECORD_CELL: return take_cell(in, r);
    case RECORD_GAP: return take_gap(in, file, r);
    case RECORD_COUNT: return take_count(in, r);
    case RECORD_WORDED: return take_worded(in, file, r);
    default: r->rc = ERR_FORMAT; return OK;
    }
}
