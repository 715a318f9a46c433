/* scan/rule_cache.h — what was worked out about a set of rule files, kept for the next run.
 *
 * What:   the YAML trees of all files, and what the check of their rules said, as one file of a
 *         folder of the user's own. Whoever asks gets what reading and checking would give.
 * Input:  hostile: key, digest, lengths and counts are checked. What is damaged is passed over and
 *         made anew.
 * Limits: CACHE_BYTES an entry, CACHE_ENTRIES of them; LIMIT_RULES verdicts.
 * Owner:  texts are borrowed from the entry, which lives in the arena given; rule_cache_done frees
 *         what is outside it.
 * Spec:   docs/adr/0013-rules-are-kept-as-trees.md
 */
#ifndef SCAN_RULE_CACHE_H
#define SCAN_RULE_CACHE_H

#include "base/hash.h"
#include "dossier/rules.h"

enum { CACHE_BYTES = 64 * 1024 * 1024, CACHE_ENTRIES = 8 };

/* What the check of a rule says. */
struct rule_verdict {
    bool answers;    /* it is for some kind of log that is read */
    struct str idle; /* why it can find nothing on any of these; absent if it can */
};

struct rule_cache; /* either an entry is read, or one is made */

/* Whether the folder holds an entry of that key for so many files or not, the result is used alike.
 * Fails only when memory runs out. */
MUST_CHECK enum err rule_cache_open(struct arena *arena, struct str folder,
                                    const unsigned char key[SHA256_BYTES], size_t n_files,
                                    struct rule_cache **ret_cache);
/* The same for the bytes of an entry. ERR_FORMAT: it is none of that key. For tests. */
MUST_CHECK enum err rule_cache_read(struct arena *arena, struct str entry,
                                    const unsigned char key[SHA256_BYTES], size_t n_files,
                                    struct rule_cache **ret_cache);
/* The documents of the next file; file by file in their order. They live until the next call, or,
 * where the entry does not have them and they are read out of the text, as long as the arena. */
MUST_CHECK enum err rule_cache_docs(struct rule_cache *c, struct arena *arena, struct str text,
                                    struct str file, struct rule_docs *ret_docs);
/* false: the entry does not say. */
bool rule_cache_verdict(const struct rule_cache *c, size_t rule, struct rule_verdict *ret_verdict);
/* Of the next rule, in their order. */
void rule_cache_note(struct rule_cache *c, const struct rule_verdict *verdict);
/* All rules have their verdicts: writes the entry if one was made. What does not succeed is
 * silent: the next run works it out again. */
void rule_cache_keep(struct rule_cache *c);
void rule_cache_done(struct rule_cache *c);

#endif
