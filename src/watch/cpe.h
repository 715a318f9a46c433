/* cpe.h — the name of a product in the form that vulnerability lists use.
 *
 * What:   vendor, product and version of a CPE name, 2.3 formatted string or 2.2 URI.
 * Input:  hostile.
 * Limits: CPE_BYTES a name.
 * Owner:  texts live in the arena given.
 * Spec:   NIST IR 7695 6.1.2 (URI) and 6.2 (formatted string)
 */
#ifndef WATCH_CPE_H
#define WATCH_CPE_H

#include "base/arena.h"

enum { CPE_BYTES = 2048 };

struct cpe {
    char part;                           /* 'a', 'o' or 'h' */
    struct str vendor, product, version; /* plain; absent: any, or none */
};

bool cpe_shaped(struct str s);
/* ERR_FORMAT if it is none, ERR_NOMEM. A name without a product is one nevertheless. */
MUST_CHECK enum err cpe_parse(struct arena *arena, struct str s, struct cpe *ret_cpe);

#endif
