/* lexicon.h — tables of words: which name means which subject, and what people say around it.
 *
 * What:   reads the tables of data/subjects and those of the user: cells between tabs or CSV, as
 *         the header has it; the first row names the columns. Galaxies of MISP give rows as well.
 * Input:  tables are text of the user or of this program; a galaxy may come from anywhere.
 * Limits: LEXICON_ROWS rows, LEXICON_ALIAS_BYTES a word.
 * Owner:  everything lives in the arena given.
 * Spec:   docs/reference/subjects.md
 */
#ifndef WATCH_LEXICON_H
#define WATCH_LEXICON_H

#include "base/arena.h"
#include "base/time.h"
#include "base/vec.h"
#include "model/subject.h"

enum {
    LEXICON_ROWS = 200 * 1000,
    LEXICON_ALIAS_BYTES = 100, /* folded */
    LEXICON_ALIAS_MIN = 3,     /* shorter ones stand in too many words */
    LEXICON_CLASSES = 32,      /* of context */
};

enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

enum boundary {
    BOUNDARY_WORD, /* whole words; behind one, up to three Cyrillic letters of a case ending */
    BOUNDARY_STEM, /* up to three further letters of its script may follow */
    BOUNDARY_NONE, /* anywhere: scripts that set no blanks */
};

/* What a row says of a text in which its alias stands. */
enum row_use {
    ROW_SUBJECT,
    ROW_GUARD,     /* nothing, and what stands inside of it says nothing either */
    ROW_TECHNIQUE, /* canonical is an ATT&CK id */
    ROW_INTENT,
    ROW_CONTEXT, /* canonical is the name of a class */
};

struct lexicon_row {
    enum row_use use;
    enum subject_kind kind; /* of a subject */
    enum intent intent;     /* of an intent */
    enum confidence confidence;
    struct str alias, canonical, lang, source;
    bool exact; /* letters as they are, not in any case */
    enum boundary boundary;
    struct str context;    /* "mail attack !crypto": classes, one of which must be near, none may */
    int64_t valid_from_us; /* TIME_NONE: always */
};

/* One thing that was wrong with a table; the row was left out. */
struct lexicon_problem {
    struct str name;
    uint32_t line;
    struct str text;
};

struct lexicon {
    struct arena *arena;
    VEC(struct lexicon_row) rows;
    VEC(struct lexicon_problem) problems;
};

void lexicon_init(struct lexicon *x, struct arena *arena);
void lexicon_done(struct lexicon *x);
/* A table, whose texts must outlive the lexicon. What is wrong with rows goes to problems;
 * ERR_FORMAT is for a table that has no columns we know. */
MUST_CHECK enum err lexicon_table(struct lexicon *x, struct str name, struct str text,
                                  struct error *error);
/* A galaxy cluster of MISP (JSON): values and meta.synonyms as rows, of actors or of malware by the
 * galaxy's type. Of one word without a capital letter nothing is taken: too many are words of the
 * language. */
MUST_CHECK enum err lexicon_galaxy(struct lexicon *x, struct str name, struct str json,
                                   struct error *error);
/* Either of the two, by the first byte that is no blank. */
MUST_CHECK enum err lexicon_read(struct lexicon *x, struct str name, struct str text,
                                 struct error *error);
/* The tables of this program. */
MUST_CHECK enum err lexicon_shipped(struct lexicon *x, struct error *error);
MUST_CHECK enum err lexicon_add(struct lexicon *x, const struct lexicon_row *row);

#endif
