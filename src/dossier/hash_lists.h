/* hash_lists.h — lists of file hashes, of any length: what is known to be harmless, or wanted.
 *
 * What:   reads hashes one a line, "hash  file name" as sha256sum and md5sum write it, CSV with a
 *         header that names columns of hashes (NSRL RDS among them), into a digest set. The list
 *         is read block by block, packed or not, and never held in memory as a whole.
 * Input:  hostile. A line without a usable hash is counted, and the first ones are named.
 * Limits: HASH_LIST_LINE_BYTES a line, HASH_LISTS_MAX_DIGESTS digests, HASH_LISTS_MAX lists, 2^31
 *         lines in all.
 * Owner:  struct hash_lists is freed by hash_lists_done; names and problems live in its arena.
 * Spec:   docs/reference/known-files.md
 */
#ifndef DOSSIER_HASH_LISTS_H
#define DOSSIER_HASH_LISTS_H

#include "dossier/load.h"
#include "match/digest_set.h"

enum {
    HASH_LIST_LINE_BYTES = 64 * 1024,
    HASH_LISTS_MAX_DIGESTS = 200 * 1000 * 1000,
    HASH_LISTS_MAX = 200,
    HASH_LIST_MAX_PROBLEMS = 20, /* named of a list; the rest is counted */
};
/* Numbers below are free for the caller's own entries (indexes of indicators): the first line of
 * the first list has this number. */
#define HASH_LISTS_FIRST_NUMBER 0x80000000u

struct hash_list {
    struct str file;
    enum tlp tlp;          /* as a comment above its first hash marks all of it */
    uint32_t first_number; /* of its line 0: an entry's number is that + its line */
    uint32_t lines, bad_lines;
    uint64_t digests; /* as listed: what is there twice counts twice */
    struct dossier_problem problem[HASH_LIST_MAX_PROBLEMS];
    size_t n_problems;
};

/* Lists in the order in which they were read, and what they hold. */
struct hash_lists {
    struct arena arena;
    struct digest_set *set;
    struct hash_list *list;
    size_t n_lists;
    uint32_t next_number;
    bool refuse_empty; /* lists of what is wanted: the hash that every empty file has is no use */
    bool built;
};

MUST_CHECK enum err hash_lists_init(struct hash_lists *k);
void hash_lists_done(struct hash_lists *k);
/* Adds a list; fails if it cannot be opened or read, or holds no hash at all. "-" is no list. */
MUST_CHECK enum err hash_lists_read(struct hash_lists *k, struct str path, struct error *error);
/* A digest of the caller's own, with a number below HASH_LISTS_FIRST_NUMBER. */
MUST_CHECK enum err hash_lists_add(struct hash_lists *k, enum digest_kind kind,
                                   const unsigned char *bytes, uint32_t number);
/* After the last list: from now on k->set answers questions (match/digest_set.h). */
MUST_CHECK enum err hash_lists_build(struct hash_lists *k);
/* The list and line of a number that the set told; NULL if it is of no list. */
const struct hash_list *hash_lists_where(const struct hash_lists *k, uint32_t number,
                                         uint32_t *ret_line);

/* Is a file of that path a list of hashes above all, and too long for each line to become an
 * indicator (or packed)? Looks at its size and its beginning only; false for what cannot be opened.
 */
bool hash_lists_fits(struct str path);

/* ---- a list as it comes, for those who have it in pieces ---- */

struct hash_list_reader;
MUST_CHECK enum err hash_list_begin(struct hash_lists *k, struct str name,
                                    struct hash_list_reader **ret_reader);
MUST_CHECK enum err hash_list_feed(struct hash_list_reader *r, struct str piece);
/* Frees the reader, whatever it returns. */
MUST_CHECK enum err hash_list_end(struct hash_list_reader *r);

#endif
