/* Any bytes as a post: its terms stand in its text, each once, and as a record
 * they come back as they were. Title and text are parted by a NUL byte. */
#include "watch/intake_priv.h"
#include "watch/pass.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 1 << 18 };

static struct novel_words *the_words(void)
{
    static struct arena arena;
    static struct extract_lists lists;
    static struct novel_words *words;
    struct lexicon lexicon;
    struct gist *gist;
    if (words)
        return words;
    arena_init(&arena, 64 << 20);
    lexicon_init(&lexicon, &arena);
    if (extract_lists_load(&arena, &lists, NULL) || lexicon_shipped(&lexicon, NULL))
        abort();
    struct gist_options options = {&lexicon, &lists, 2030};
    if (gist_new(&arena, &options, &gist, NULL) ||
        novel_words_new(gist, &lists, 2030, &words, NULL))
        abort();
    lexicon_done(&lexicon);
    return words;
}

static void check_terms(const struct novel_reading *r)
{
    if (r->text.n > NOVEL_TEXT_BYTES || r->n > NOVEL_TERMS)
        __builtin_trap();
    for (size_t i = 0; i < r->n; i++) {
        const struct novel_span *t = &r->term[i];
        if (!t->n || t->n > NOVEL_TERM_BYTES || (size_t)t->from + t->n > r->text.n)
            __builtin_trap();
        uint64_t key = novel_key(str_make(r->text.p + t->from, t->n));
        for (size_t k = i > 8 ? i - 8 : 0; k < i; k++)
            if (novel_key(str_make(r->text.p + r->term[k].from, r->term[k].n)) == key)
                __builtin_trap();
    }
}

static void check_record(const struct worded *w)
{
    struct buf b;
    struct worded back;
    struct novel_span term[NOVEL_TERMS];
    buf_init(&b, 1 << 20);
    intake_put_worded(&b, w);
    struct rd r = rd_of(buf_view(&b));
    intake_take_worded(&r, &back, term);
    if (b.rc || r.rc || rd_left(&r) || back.read.n != w->read.n ||
        !str_eq(back.read.text, w->read.text) || !str_eq(back.site, w->site))
        __builtin_trap();
    for (size_t i = 0; i < w->read.n; i++)
        if (term[i].from != w->read.term[i].from || term[i].n != w->read.term[i].n)
            __builtin_trap();
    buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_make((const char *)data, size), part[2] = {0};
    struct worded w = {.site = STR("site"), .time_us = INT64_C(1700000000) * US_PER_S};
    if (size > MAX_BYTES)
        return 0;
    for (size_t i = 0; i < 2; i++)
        (void)str_cut(&rest, '\0', &part[i]);
    struct post post = {.title = part[1].p ? part[0] : STR_NONE,
                        .text = part[1].p ? part[1] : part[0]};
    if (novel_words_read(the_words(), &post, &w.read))
        __builtin_trap();
    check_terms(&w.read);
    check_record(&w);
    return 0;
}
