/* digest_set.h — millions of digests at once: is this one among them, and which entry is it?
 *
 * What:   MD5, SHA-1 and SHA-256 mixed, each with a number that says where it came from. A filter
 *         answers most questions with one look at one cache line; what passes it is compared byte
 *         by byte, so that there are no false positives.
 * Input:  hostile lists and hostile files: a list that fills one corner of the filter costs time,
 *         never a wrong answer, and a question never more than a binary search.
 * Limits: the number of entries given to digest_set_new. About 38 bytes an entry for SHA-256, 26
 *         for SHA-1, 22 for MD5, all told.
 * Owner:  digest_set_done frees it. Built once, before workers are forked; after digest_set_build
 *         it is only read.
 * Spec:   docs/internals/MATCH.md
 */
#ifndef MATCH_DIGEST_SET_H
#define MATCH_DIGEST_SET_H

#include "base/digest.h"

struct digest_set;

MUST_CHECK enum err digest_set_new(size_t max_entries, struct digest_set **ret_set);
/* ERR_LIMIT beyond max_entries. bytes: digest_bytes(kind) of them. Not after digest_set_build. */
MUST_CHECK enum err digest_set_add(struct digest_set *set, enum digest_kind kind,
                                   const unsigned char *bytes, uint32_t number);
/* Sorts and drops what is there twice; of entries with the same digest the lowest number stays. */
MUST_CHECK enum err digest_set_build(struct digest_set *set);
void digest_set_done(struct digest_set *set);

/* *ret_number (may be NULL) is set only on true. */
bool digest_set_find(const struct digest_set *set, enum digest_kind kind,
                     const unsigned char *bytes, uint32_t *ret_number);
/* The same for all the kinds that were computed of a file, the longest first. */
bool digest_set_find_any(const struct digest_set *set, const struct digests *of,
                         enum digest_kind *ret_kind, uint32_t *ret_number);
/* A sum of 1 << kind: which digests of a file are worth computing. 0 if it is empty or NULL. */
unsigned digest_set_kinds(const struct digest_set *set);
size_t digest_set_count(const struct digest_set *set, enum digest_kind kind);
/* Bytes that it takes, tables and filters together. */
size_t digest_set_memory(const struct digest_set *set);

#endif
