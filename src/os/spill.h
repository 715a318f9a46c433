/* spill.h — records in the order of their bytes, more of them than memory holds.
 *
 * What:   records come in any order and are read back in the order of their bytes, as often as one
 *         likes and from several places at once. What memory does not hold lies, sorted, in a file
 *         without a name, which is gone with the descriptor.
 * Input:  records of the caller's own form.
 * Limits: SPILL_RECORD_BYTES a record; the memory and the bytes that spill_new is given.
 * Owner:  spill_new/spill_free. A record that was read lives until the next one is.
 * Spec:   docs/internals/OS.md
 */
#ifndef OS_SPILL_H
#define OS_SPILL_H

#include "base/err.h"
#include "base/str.h"

enum { SPILL_RECORD_BYTES = 64 * 1024 };

struct spill;
/* A place in the order; each reads for itself. */
struct spill_at {
    size_t next;   /* in memory: the record's number */
    uint64_t file; /* in the file: where the next bytes come from */
    char *buffer;
    size_t from, to; /* of what is in the buffer */
};

MUST_CHECK enum err spill_new(size_t memory_bytes, uint64_t most_bytes, struct spill **ret);
struct spill *spill_free(struct spill *s);
/* ERR_LIMIT: more than most_bytes; ERR_IO: there is no room on the disk. It is not in it then. */
MUST_CHECK enum err spill_add(struct spill *s, struct str record, struct error *error);
/* Nothing may be added from then on. */
MUST_CHECK enum err spill_sort(struct spill *s, struct error *error);
/* From the first record on; spill_stop gives the place's memory back. */
MUST_CHECK enum err spill_start(struct spill *s, struct spill_at *ret_at);
void spill_stop(struct spill_at *at);
/* The next record, or END. */
MUST_CHECK enum err spill_next(struct spill *s, struct spill_at *at, struct str *ret_record,
                               struct error *error);

#endif
