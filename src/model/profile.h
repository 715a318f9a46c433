/* model/profile.h — who the user is, as far as advice asks.
 *
 * What:   sector, country, products and the address for reports.
 * Input:  the user's own configuration; what is absent is not known, never "no".
 * Limits: none of its own.
 * Owner:  texts live where their maker says.
 * Spec:   docs/reference/config.md
 */
#ifndef MODEL_PROFILE_H
#define MODEL_PROFILE_H

#include "model/answer.h"

struct profile {
    struct str_list sectors;  /* STIX 2.1 industry-sector-ov: "healthcare" */
    struct str country;       /* ISO 3166-1: "NL" */
    struct str_list products; /* as inventories name them */
    struct str contact;       /* who gets the report: an address */
};

#endif
