/* scan/few.h — the smallest few of a set of numbers, and whether there were more.
 *
 * What:   a bounded set that can be merged in any order with the same result: the hours of folded
 *         records, and hashes of their request ids.
 * Input:  any numbers; a set read from a message is checked with few_valid.
 * Limits: FEW_MAX.
 * Owner:  plain data.
 * Spec:   docs/internals/SCAN.md, "Folding"
 */
#ifndef SCAN_FEW_H
#define SCAN_FEW_H

#include <stdbool.h>
#include <stdint.h>

enum { FEW_MAX = 16 };

struct few {
    uint64_t v[FEW_MAX]; /* ascending, each once: the smallest ones */
    uint32_t n;
    bool more; /* larger ones were left out */
};

void few_add(struct few *few, uint64_t value);
void few_merge(struct few *into, const struct few *from);
bool few_valid(const struct few *few);

/* Hours since 1970 in an order that suits: those before it come first. */
static inline uint64_t few_of_hour(int64_t hour)
{
    return (uint64_t)hour ^ (UINT64_C(1) << 63);
}
static inline int64_t few_hour(uint64_t value)
{
    return (int64_t)(value ^ (UINT64_C(1) << 63));
}

#endif
