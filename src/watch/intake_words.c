#include "watch/intake_priv.h"

#include <string.h>

enum { FLAG_REPOST = 1 };

void intake_put_worded(struct buf *b, const struct worded *w)
{
    wr_str(b, w->site);
    wr_u64(b, (uint64_t)w->time_us);
    wr_u64(b, w->key);
    wr_u64(b, w->thread);
    wr_u64(b, w->voice);
    wr_u8(b, w->repost ? FLAG_REPOST : 0);
    wr_u64(b, w->read.sketch.hash);
    wr_u64(b, w->read.sketch.filled);
    buf_add(b, w->read.sketch.bin, sizeof w->read.sketch.bin);
    wr_str(b, w->read.text);
    wr_u32(b, (uint32_t)w->read.n);
    for (size_t i = 0; i < w->read.n; i++) {
        wr_u8(b, (uint8_t)w->read.term[i].from);
        wr_u8(b, (uint8_t)(w->read.term[i].from >> 8));
        wr_u8(b, w->read.term[i].n);
    }
}

/* Each lies within the text. */
static void take_terms(struct rd *r, struct worded *w, struct novel_span *term)
{
    w->read.term = term;
    w->read.n = rd_u32(r);
    if (w->read.n > NOVEL_TERMS)
        r->rc = ERR_FORMAT;
    for (size_t i = 0; i < w->read.n && !r->rc; i++) {
        term[i].from = rd_u16(r);
        term[i].n = rd_u8(r);
        if (!term[i].n || term[i].n > NOVEL_TERM_BYTES ||
            (size_t)term[i].from + term[i].n > w->read.text.n)
            r->rc = ERR_FORMAT;
    }
}

void intake_take_worded(struct rd *r, struct worded *w, struct novel_span term[NOVEL_TERMS])
{
    *w = (struct worded){.site = rd_str(r), .time_us = (int64_t)rd_u64(r)};
    w->key = rd_u64(r);
    w->thread = rd_u64(r);
    w->voice = rd_u64(r);
    w->repost = rd_u8(r) & FLAG_REPOST;
    w->read.sketch.hash = rd_u64(r);
    w->read.sketch.filled = rd_u64(r);
    struct str bins = rd_slice(r, sizeof w->read.sketch.bin);
    if (bins.n == sizeof w->read.sketch.bin)
        memcpy(w->read.sketch.bin, bins.p, bins.n);
    w->read.text = rd_str(r);
    if (w->site.n > SIGHTING_FIELD_BYTES || w->read.text.n > NOVEL_TEXT_BYTES ||
        w->time_us < intake_earliest_us())
        r->rc = ERR_FORMAT;
    take_terms(r, w, term);
}
