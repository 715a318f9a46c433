#include "scan/few.h"

#include <string.h>

void few_add(struct few *few, uint64_t value)
{
    uint32_t at = few->n;
    while (at > 0 && few->v[at - 1] >= value)
        at--;
    if (at < few->n && few->v[at] == value)
        return;
    if (at == FEW_MAX) {
        few->more = true;
        return;
    }
    if (few->n == FEW_MAX) {
        few->more = true;
        few->n--;
    }
    memmove(few->v + at + 1, few->v + at, (few->n - at) * sizeof few->v[0]);
    few->v[at] = value;
    few->n++;
}

void few_merge(struct few *into, const struct few *from)
{
    for (uint32_t i = 0; i < from->n; i++)
        few_add(into, from->v[i]);
    into->more |= from->more;
}

bool few_valid(const struct few *few)
{
    if (few->n > FEW_MAX || (few->more && few->n < FEW_MAX))
        return false;
    for (uint32_t i = 1; i < few->n; i++)
        if (few->v[i - 1] >= few->v[i])
            return false;
    return true;
}
