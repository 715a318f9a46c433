/* What the codec tests share: one file as a string, read line by line. */
#ifndef CODEC_TEST_H
#define CODEC_TEST_H

#include "codec/codec.h"
#include "codec/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena reader_arena; /* of one line; kept for the whole program */

struct reader {
    const struct codec *codec;
    struct log_state state;
    struct record r;
    struct str rest;
    bool plain; /* the codec called the row so */
};

static inline void reader_init(struct reader *t, struct str text, const char *path)
{
    memset(t, 0, sizeof *t);
    if (!reader_arena.max_bytes)
        arena_init(&reader_arena, LIMIT_ARENA_RECORD_BYTES);
    struct str head = str_sub(text, 0, 65536);
    int i = codec_identify(head, str_of(path));
    if (i >= 0) {
        t->codec = codecs[i];
        t->state.codec = (uint16_t)i;
        t->codec->begin(&t->state, head, str_of(path));
    }
    t->rest = text;
}

static inline void reader_open(struct reader *t, const char *codec, struct str text,
                               const char *path)
{
    reader_init(t, text, path);
    if (!t->codec)
        fail_msg("no codec, wanted %s", codec);
    assert_string_equal(t->codec->name, codec);
}

/* A row that is called plain is a record with all columns; what is told of it beforehand is true.
 */
static inline void reader_agrees(const struct reader *t, enum line_class class,
                                 const struct record *easy)
{
    assert_int_equal(class, LINE_RECORD);
    assert_true(t->r.n == t->state.columns && easy->n <= t->r.n);
    assert_true(easy->time_us == t->r.time_us && easy->time_us != TIME_NONE);
    for (uint16_t c = 0; c < easy->n; c++)
        assert_true(str_eq(easy->value[c], t->r.value[c]) && !easy->value[c].p == !t->r.value[c].p);
}

/* Classes that carry a record must agree with line_time; directives without a marker in front
 * must not touch the state. */
static inline bool reader_next(struct reader *t, enum line_class *ret_class)
{
    struct str line;
    int64_t fast_us = TIME_NONE;
    bool marked = false;
    arena_reset(&reader_arena);
    if (!line_next(&t->rest, &line, NULL))
        return false;
    bool fast = t->codec->line_time(&t->state, line, &fast_us);
    struct log_state before = t->state;
    struct record easy;
    t->plain = t->codec->plain && t->codec->plain(&t->state, line, t->state.columns, &easy);
    *ret_class = t->codec->line(&t->state, line, &reader_arena, &t->r);
    if (t->plain)
        reader_agrees(t, *ret_class, &easy);
    for (const char *const *m = t->codec->markers; *m; m++)
        marked |= str_starts(line, str_of(*m));
    if (!marked)
        assert_memory_equal(&before, &t->state, sizeof before);
    if (*ret_class == LINE_RECORD || *ret_class == LINE_CUT) {
        assert_int_equal(fast, t->r.time_us != TIME_NONE);
        if (fast)
            assert_true(fast_us == t->r.time_us);
        assert_true(t->r.n <= t->state.columns);
        assert_true(t->r.raw.p == line.p && t->r.raw.n == line.n);
    }
    return true;
}

/* The next line that is neither directive nor blank. */
static inline enum line_class reader_row(struct reader *t)
{
    enum line_class class = LINE_BLANK;
    while (class == LINE_BLANK || class == LINE_DIRECTIVE)
        if (!reader_next(t, &class))
            fail_msg("no further row");
    return class;
}

static inline void expect(struct reader *t, const char *name, const char *want)
{
    struct str got = record_get(&t->state, &t->r, str_of(name));
    if (!str_eq(got, str_of(want)) || !got.p != !want)
        fail_msg("%s is '%.*s'%s, wanted '%s'", name, STR_FMT(got), got.p ? "" : " (absent)",
                 want ? want : "(absent)");
}

static inline void expect_time(struct reader *t, const char *want)
{
    char tmp[32];
    assert_string_equal(t->r.time_us == TIME_NONE ? "none" : time_text(t->r.time_us, tmp), want);
}

/* Rows with bytes changed, dropped or put in: whatever comes of them, what is told of a row before
 * line() reads it must be true (reader_next). Returns how many were called plain. */
static inline size_t reader_mutations(const char *codec, struct str head, struct str row,
                                      size_t rounds)
{
    static const char odd[] = " \t,\"#-0:9\r/.";
    uint64_t random = 1;
    size_t plain = 0;
    char text[4096];
    for (size_t round = 0; round < rounds; round++) {
        struct reader t;
        enum line_class class;
        size_t n = row.n;
        memcpy(text, head.p, head.n);
        memcpy(text + head.n, row.p, n);
        for (size_t k = round % 4; k > 0; k--) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            size_t at = head.n + (random >> 33) % (round % 3 ? n : 24);
            char c = odd[(random >> 20) % sizeof odd]; /* NUL as well */
            if (random >> 63)
                text[at] = c;
            else
                memmove(text + at, text + at + 1, head.n + --n - at);
        }
        reader_open(&t, codec, str_make(text, head.n + n), "a.log");
        while (reader_next(&t, &class))
            plain += t.plain;
    }
    return plain;
}

#endif
