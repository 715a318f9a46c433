/* novel_words.h — the terms of a post that nobody listed.
 *
 * What:   words of any script that sets blanks, two of them side by side, and pieces of Chinese
 *         between known words; without stop words, numbers, indicators, and what the dictionary
 *         knows. They stand in the post's own words, folded.
 * Input:  hostile; malformed UTF-8 is no letter.
 * Limits: the first NOVEL_TEXT_BYTES of a post's own words, NOVEL_TERMS distinct terms,
 *         NOVEL_TERM_BYTES a term.
 * Owner:  novel_words_new/novel_words_free; what is read lives until the next call.
 * Spec:   docs/internals/WATCH.md, data/stop-words.txt
 */
#ifndef WATCH_NOVEL_WORDS_H
#define WATCH_NOVEL_WORDS_H

#include "model/post.h"
#include "watch/gist.h"
#include "watch/sketch.h"

enum {
    NOVEL_RAW_BYTES = 64 * 1024, /* of title and text each: behind quotes there are own words */
    NOVEL_TEXT_BYTES = 4096,
    NOVEL_TERMS = 1024,
    NOVEL_TERM_BYTES = 64,
};

struct novel_span {
    uint16_t from;
    uint8_t n;
};

struct novel_reading {
    struct str text;               /* title and own words, folded */
    const struct novel_span *term; /* places in text, in order of where they end */
    size_t n;
    struct sketch sketch; /* of all that was folded */
};

struct novel_words;
/* The gist must outlive it; it is asked for names in between. */
MUST_CHECK enum err novel_words_new(struct gist *g, const struct extract_lists *lists,
                                    unsigned year_max, struct novel_words **ret_words,
                                    struct error *error);
struct novel_words *novel_words_free(struct novel_words *w); /* NULL */
MUST_CHECK enum err novel_words_read(struct novel_words *w, const struct post *post,
                                     struct novel_reading *ret);
/* The same for all spellings of a term: case, hyphen or blank, the case endings of Russian. */
uint64_t novel_key(struct str term);

#endif
