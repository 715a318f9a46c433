/* gist.h — what a post is about, and what its author wants.
 *
 * What:   names of subjects in all spellings, in one pass over a block of many posts; then, for
 *         those that name one, the phrases of intents and techniques, and a sketch of the text.
 *         Posts that name nothing cost little more than the pass.
 * Input:  hostile; malformed UTF-8 stays as it is and is no letter.
 * Limits: GIST_SUBJECTS a post, GIST_POST_BYTES of a post are read; time grows with the text.
 * Owner:  gist_new/gist_free; readings and all they point to live until the next call, texts as
 *         written are slices of the posts.
 * Spec:   docs/reference/subjects.md, docs/internals/WATCH.md
 */
#ifndef WATCH_GIST_H
#define WATCH_GIST_H

#include "model/post.h"
#include "watch/extract.h"
#include "watch/lexicon.h"
#include "watch/sketch.h"

enum {
    GIST_SUBJECTS = 256,               /* distinct ones; further ones are not told */
    GIST_POST_BYTES = 4 * 1024 * 1024, /* of title and text each; the rest is not read */
    GIST_BLOCK_BYTES = 96 * 1024,      /* of posts that are scanned together */
    GIST_LIST_CVES = 10,               /* a post with more is a list, and about none of them */
};
#define GIST_NO_ROW UINT32_MAX

enum script {
    SCRIPT_NONE, /* no letters */
    SCRIPT_LATIN,
    SCRIPT_CYRILLIC,
    SCRIPT_GREEK,
    SCRIPT_HAN,
    SCRIPT_KANA,
    SCRIPT_HANGUL,
    SCRIPT_ARABIC,
    SCRIPT_HEBREW,
    SCRIPT_OTHER,
    SCRIPTS
};

struct reading_subject {
    enum subject_kind kind;
    bool in_title;   /* at is a place in the title, not in the text */
    bool lookalike;  /* letters of another script, or signs, were read as letters */
    uint32_t row;    /* number of the name in the dictionary; GIST_NO_ROW: ids that need none */
    uint32_t at;     /* of its first mention */
    struct str name; /* canonical */
    struct str text; /* as written */
};

struct reading_technique {
    struct str id; /* "T1505.003" */
    enum confidence confidence;
    struct str text; /* as written */
};

struct reading {
    struct reading_subject *subject; /* distinct, in order of their first mention */
    size_t n_subjects;
    bool more; /* there were more than GIST_SUBJECTS */
    enum intent intent;
    enum confidence intent_confidence;
    struct str intent_phrase; /* as written; p == NULL: nothing said more than a mention */
    struct reading_technique *technique; /* distinct */
    size_t n_techniques;
    enum script script;
    bool list_dump;       /* more than GIST_LIST_CVES CVEs */
    float weight;         /* 1/sqrt(subjects); 0 for a list */
    struct sketch sketch; /* only of a post that names a subject */
};

struct gist_options {
    const struct lexicon *lexicon;     /* may be given up after gist_new */
    const struct extract_lists *lists; /* must outlive the gist */
    unsigned year_max;                 /* no CVE is of a later year */
};

struct gist;
/* The arena keeps the dictionary; its texts must outlive the gist. */
MUST_CHECK enum err gist_new(struct arena *arena, const struct gist_options *options,
                             struct gist **ret_gist, struct error *error);
struct gist *gist_free(struct gist *g);
/* Reads n posts; ret has room for n readings. */
MUST_CHECK enum err gist_batch(struct gist *g, const struct post *post, size_t n,
                               struct reading *ret);
/* A batch of one. */
MUST_CHECK enum err gist_read(struct gist *g, const struct post *post, struct reading *ret);
/* Indicators in title and text, each in order; offsets are those of the title or of the text. Stops
 * with what the callback returned if that is not OK. */
MUST_CHECK enum err gist_items(struct gist *g, const struct post *post,
                               enum err (*found)(void *ctx, const struct item *item, bool in_title),
                               void *ctx);
/* A name in a text that is no post. */
struct gist_name {
    enum subject_kind kind; /* SUBJECT_TECHNIQUE: by a phrase; name is its id */
    struct str name;
    uint32_t from, to;
};
/* Every name, and every phrase of a technique that is more than a guess, in order of their places;
 * ids are left to the extractor. Valid until the next call. */
MUST_CHECK enum err gist_names(struct gist *g, struct str text, const struct gist_name **ret_names,
                               size_t *ret_n);
/* Names of the dictionary: rows are 0 to gist_rows - 1. */
size_t gist_rows(const struct gist *g);
struct str gist_row_name(const struct gist *g, uint32_t row, enum subject_kind *ret_kind);
const char *script_name(enum script script); /* "latin", "cyrillic", ... */
const char *confidence_name(enum confidence confidence);

#endif
