/* Any bytes as a post: subjects stand where they say, a batch gives what each post gives by itself,
 * and snippets are fit to be shown. Title, text and thread are parted by NUL bytes. */
#include "base/utf.h"
#include "watch/gist.h"
#include "watch/pass.h"
#include "watch/snippet.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 1 << 18 };

static struct gist *the_gist(void)
{
    static struct arena arena;
    static struct extract_lists lists;
    static struct gist *gist;
    struct lexicon lexicon;
    if (gist)
        return gist;
    arena_init(&arena, 64 << 20);
    lexicon_init(&lexicon, &arena);
    if (extract_lists_load(&arena, &lists, NULL) || lexicon_shipped(&lexicon, NULL))
        abort();
    struct gist_options options = {&lexicon, &lists, 2030};
    if (gist_new(&arena, &options, &gist, NULL))
        abort();
    lexicon_done(&lexicon);
    return gist;
}

static void check_slice(struct str field, struct str part)
{
    if (part.p < field.p || part.n > field.n || part.p + part.n > field.p + field.n)
        __builtin_trap();
}

static void check_snippet(struct str field, size_t at, size_t n)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    snippet_add(&b, field, at, n, SNIPPET_DEFAULT_BYTES);
    struct str s = buf_view(&b);
    if (b.rc || !utf8_valid(s))
        __builtin_trap();
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ')
            __builtin_trap();
    buf_done(&b);
}

static uint64_t check(const struct post *post, const struct reading *r)
{
    uint64_t sum = (uint64_t)r->intent * 31 + r->script + r->sketch.hash;
    if (r->n_subjects > GIST_SUBJECTS || (r->n_subjects > 0) != (r->sketch.hash != 0))
        __builtin_trap();
    for (size_t i = 0; i < r->n_subjects; i++) {
        const struct reading_subject *s = &r->subject[i];
        struct str field = s->in_title ? post->title : post->text;
        check_slice(field, s->text);
        if (s->text.n == 0 || s->text.p != field.p + s->at || s->kind >= SUBJECT_KINDS)
            __builtin_trap();
        if (i < 8)
            check_snippet(field, s->at, s->text.n);
        sum = sum * 31 + s->at + s->kind;
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_make((const char *)data, size), part[3] = {0};
    struct reading alone, together[3];
    struct gist *g = the_gist();
    if (size > MAX_BYTES)
        return 0;
    for (size_t i = 0; i < 3; i++)
        (void)str_cut(&rest, '\0', &part[i]);
    struct post post = {.title = part[1].p ? part[0] : STR_NONE,
                        .text = part[1].p ? part[1] : part[0],
                        .thread = part[2],
                        .time_us = TIME_NONE,
                        .ingest_us = TIME_NONE};
    struct post other = {.text = STR("LockBit, CVE-2021-26855 and a title"), .time_us = TIME_NONE};
    if (gist_read(g, &post, &alone))
        __builtin_trap();
    uint64_t sum = check(&post, &alone);
    struct post posts[3] = {other, post, other};
    if (gist_batch(g, posts, 3, together) || check(&post, &together[1]) != sum ||
        check(&other, &together[0]) != check(&other, &together[2]))
        __builtin_trap();
    return 0;
}
