#include "base/utf.h"
#include "watch/pass.h"

#include <stdlib.h>

/* Where the text's bytes are in the file. UTF-16 takes another number of bytes there, which is
 * counted along, as items come in their order. */
struct place {
    uint64_t mark_bytes;
    bool utf16;
    uint64_t at, units; /* so many bytes of text are so many units */
};

struct walk {
    const struct extract_options *options;
    struct place place;
    char *p; /* a part of the text, with what lies before it for looking back */
    size_t n, max;
    size_t next;     /* in p: where to go on */
    uint64_t offset; /* of p in the text */
    struct str part;
};

static uint64_t in_file(struct walk *w, uint64_t offset)
{
    struct place *place = &w->place;
    if (!place->utf16)
        return offset + place->mark_bytes;
    if (offset > place->at && place->at >= w->offset) {
        size_t from = (size_t)(place->at - w->offset), to = (size_t)(offset - w->offset);
        place->units += utf16_units(str_sub(w->part, from, to));
        place->at = offset;
    }
    return place->mark_bytes + 2 * place->units;
}

static enum err on_item(void *ctx, const struct item *item)
{
    struct walk *w = ctx;
    struct item placed = *item;
    placed.offset = in_file(w, item->offset);
    return w->options->found(w->options->ctx, &placed);
}

/* Fills the part; *ret_end at the end of the stream. */
static enum err fill(struct walk *w, struct stream *stream, bool *ret_end, struct error *error)
{
    size_t got = 1;
    while (w->n < w->max && got) {
        TRY(stream_read(stream, w->p + w->n, w->max - w->n, &got, error));
        w->n += got;
    }
    *ret_end = got == 0;
    return OK;
}

/* Drops what is done with, but for what is looked back at, from the start of a character. */
static void drop(struct walk *w)
{
    size_t from = w->next > EXTRACT_BACK_BYTES ? w->next - EXTRACT_BACK_BYTES : 0;
    size_t least = from > 3 ? from - 3 : 0;
    while (from > least && ((unsigned char)w->p[from] & 0xc0) == 0x80)
        from--;
    (void)in_file(w, w->offset + from);
    memmove(w->p, w->p + from, w->n - from);
    w->n -= from;
    w->next -= from;
    w->offset += from;
}

static enum err walk_all(struct walk *w, struct extractor *e, struct stream *stream,
                         struct error *error)
{
    bool end = false;
    enum err rc = OK;
    while (!end && !rc) {
        rc = fill(w, stream, &end, error);
        /* Of a damaged file, what came before the damage is looked at. */
        end |= rc != OK;
        size_t to = end || w->n < EXTRACT_AHEAD_BYTES ? w->n : w->n - EXTRACT_AHEAD_BYTES;
        w->part = str_make(w->p, w->n);
        if (w->offset == 0 && w->next == 0)
            extract_learn_json(e, w->part);
        enum err found = extract_part(e, w->part, w->offset, w->next, to, &w->next);
        if (found)
            return found;
        if (!end)
            drop(w);
    }
    return rc;
}

enum err extract_stream(const struct extract_options *options, struct stream *stream,
                        size_t part_bytes, uint64_t *ret_bytes, struct error *error)
{
    struct walk w = {.options = options, .max = part_bytes, .p = malloc(part_bytes)};
    struct extract_options own = *options;
    struct extractor *e = NULL;
    own.found = on_item;
    own.ctx = &w;
    w.place.mark_bytes = stream_mark(stream);
    w.place.utf16 = stream_utf16(stream) != 0;
    enum err rc = w.p && extract_new(&own, part_bytes, &e) == OK
                      ? OK
                      : fail(error, ERR_NOMEM, "out of memory");
    if (!rc)
        rc = walk_all(&w, e, stream, error);
    *ret_bytes = w.offset + w.n;
    (void)extract_free(e);
    free(w.p);
    return rc;
}
