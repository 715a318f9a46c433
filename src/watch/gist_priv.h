/* gist_priv.h — what the parts of gist share: the block of folded posts, the dictionary, the hits.
 *
 * What:   a block holds many posts one behind the other, folded; the dictionary is two sets of
 *         terms with their rows: names are searched in every post, phrases only in those that
 *         name something.
 * Input:  none; private to watch.
 * Limits: those of gist.h.
 * Owner:  struct gist owns all of it.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_GIST_PRIV_H
#define WATCH_GIST_PRIV_H

#include "base/map.h"
#include "base/vec.h"
#include "watch/gist.h"
#include "watch/terms.h"

/* From here on folded bytes lie as far from raw ones as the seam says; or one word that stands for
 * the raw word (tokens > 0). */
struct seam {
    uint32_t at, raw;
    uint32_t token; /* length of the raw word; 0: no such word */
    bool in_title;
};

struct folded {
    char *p;
    size_t n, cap;
    VEC(struct seam) seams;
    /* Other readings of words of the post: letters for look-alikes and signs. Put behind it. */
    char *word;
    size_t n_word, cap_word;
    VEC(struct seam) words;
    uint32_t letters[SCRIPTS];
};

/* A post in the block: title from `from` to `title_end`, then the text to `text_end`, then other
 * readings of words. */
struct folded_post {
    uint32_t from, title_end, text_end, to;
    uint32_t seam, n_seams;
    enum script script;
};

/* What characters beyond ASCII become. */
struct letters {
    uint16_t to[0x10000]; /* LETTER_KEPT, LETTER_GONE, or the character */
    uint8_t script[0x10000 >> 4];
};
enum { LETTER_KEPT = 0, LETTER_GONE = 0xffff };

void letters_init(struct letters *t);
/* Appends title and text of a post. ERR_NOMEM. */
MUST_CHECK enum err fold_post(const struct letters *t, const struct post *post, struct folded *f,
                              struct folded_post *ret_post);
/* Appends a text with its seams, without looking for quotes. */
MUST_CHECK enum err fold_text_of(const struct letters *t, struct str text, struct folded *f);
/* Appends a text by itself, without looking for quotes and other readings. */
MUST_CHECK enum err fold_plain(const struct letters *t, struct str text, struct folded *f);
MUST_CHECK enum err fold_copy(struct folded *f, struct str folded);
void folded_done(struct folded *f);
/* Is it a letter or digit of a word that is set off by blanks? `at` is the first byte of it, or
 * (before) the byte behind its last one. */
enum script letter_at(const struct letters *t, struct str s, size_t at);
enum script letter_before(const struct letters *t, struct str s, size_t at);
/* The parts of a text that are its author's own words: no quotes, headers, signature. */
struct own_words {
    struct str text;
    size_t at;
    bool head;
};
bool own_words_next(struct own_words *o, size_t *ret_from, size_t *ret_to);

/* A row as the matcher needs it. */
struct gist_row {
    const char *alias; /* folded, ASCII letters as they were */
    int64_t valid_from_us;
    uint32_t name;              /* of subjects and techniques; class of a context */
    uint32_t near_any, no_near; /* classes of context */
    uint8_t n, use, kind, intent, confidence, boundary;
    bool exact, needs_context, long_enough; /* for other readings of words */
};

struct matcher {
    struct terms *set;
    uint32_t *first; /* rows of term i: first[i] up to first[i + 1] */
    struct gist_row *row;
    size_t n_rows, n_terms;
    struct term_spots spots;
};

struct hit {
    const struct gist_row *row; /* NULL: an id */
    uint32_t from, to;
    uint32_t id; /* number of the found id */
};

struct found_id {
    struct str name; /* p in ids, by offset until the batch is read */
    enum subject_kind kind;
    uint32_t from, to;
};

typedef VEC(struct hit) hits;

/* A post that names something, in the second block: its text, then the title of its thread. */
struct part {
    uint32_t post, from, text_end, to;
};

struct name {
    struct str text;
    enum subject_kind kind;
};

struct gist {
    struct arena *arena;
    struct arena scratch; /* of readings */
    struct letters *letters;
    struct folded folded, second;
    struct matcher names, phrases;
    VEC(struct name) name;
    struct str class_name[LEXICON_CLASSES];
    size_t n_classes;
    uint32_t id_first; /* terms of the names' set from here on are anchors of ids */
    struct extractor *ids, *items;
    size_t items_max;
    const struct extract_lists *lists;
    unsigned year_max;
    uint64_t *seen; /* of each name: the number of the last post that had it */
    uint64_t posts;
    VEC(struct folded_post) post;
    hits hit; /* of all posts of a block */
    VEC(uint32_t) hit_first;
    hits near, title_near, intent, technique; /* of one post */
    uint32_t near_all;                        /* classes that stand anywhere in it */
    hits kept, longest, chosen;
    VEC(struct found_id) id;
    VEC(struct gist_name) told; /* by gist_names */
    size_t id_from;             /* ids that stand before it were told */
    size_t bare_from;           /* numbers that stand before it were looked at */
    VEC(struct part) part;
    unsigned char plain_of[256]; /* letters and digits in one case; a blank for all else */
    char *plain;                 /* a post's text for the sketch */
    size_t plain_cap;
};

MUST_CHECK enum err gist_compile(struct gist *g, const struct lexicon *x, struct error *error);
void matcher_done(struct matcher *m);
/* May the row be at this place of the text? */
bool row_stands(const struct gist *g, const struct gist_row *row, struct str text, uint32_t from,
                uint32_t to);
/* Of all hits, which are put in the order of their ends, those that no longer one overlaps. */
MUST_CHECK enum err longest_win(hits *all, hits *ret_chosen);
struct folded_at {
    uint32_t raw, token;
    bool in_title;
};
struct folded_at raw_at(const struct gist *g, const struct folded_post *p, uint32_t at);
struct str as_written(const struct gist *g, const struct folded_post *p, const struct post *post,
                      uint32_t from, uint32_t to, uint32_t *ret_at, bool *ret_title);
/* Do words near the name, of classes that are not in `any` already, say that it is meant? */
bool in_context(const struct gist *g, const struct hit *h, uint32_t any);
/* Of hits of the names' set, what stands in the text. */
MUST_CHECK enum err take_names(struct gist *g, struct str text, struct term_spot spot,
                               int64_t known_us, uint32_t words_from);
/* May the text hold an indicator? No only if there is none: most short posts end here. An AS number
 * with a Cyrillic A is given up. */
bool may_hold_items(struct str text);
/* One post whose hits are known: text is its place in the second block. */
MUST_CHECK enum err read_post(struct gist *g, const struct post *post, const struct folded_post *p,
                              const struct hit *hit, size_t n_hits, struct reading *ret);
/* The sketch of a folded text: its letters and digits in one case, single blanks between words. */
MUST_CHECK enum err gist_sketch(struct gist *g, struct str folded, struct sketch *ret_sketch);
/* The phrase that says most of those in g->intent, row == NULL if there is none. */
MUST_CHECK enum err decide_intent(struct gist *g, const struct folded_post *p, uint32_t subject_at,
                                  struct hit *ret_phrase, enum intent *ret_intent,
                                  enum confidence *ret_confidence);

#endif
