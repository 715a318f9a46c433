/* dossier/warning.h — names that say nothing: what everybody uses, what is the user's own.
 *
 * What:   sets of domains, addresses, nets, file names and other texts; which set a value is in.
 * Input:  data/public-services.txt; lists in MISP's warning-list format and the user's own values,
 *         both hostile.
 * Limits: WARNING_ENTRIES, WARNING_LIST_BYTES a list.
 * Owner:  the arena given to warnings_init.
 * Spec:   docs/reference/draft.md "What is left out"; misp-warninglists schema.json
 */
#ifndef DOSSIER_WARNING_H
#define DOSSIER_WARNING_H

#include "base/ip.h"
#include "base/map.h"
#include "model/answer.h"

enum {
    WARNING_ENTRIES = 5 * 1000 * 1000,
    WARNING_LISTS = 1000,
    WARNING_LIST_BYTES = 256 * 1024 * 1024,
    WARNING_PREFIXES = 129,
};

struct warnings {
    struct arena *arena;
    struct map entry; /* -> number of its list */
    struct str name[WARNING_LISTS];
    uint32_t n_lists;
    struct ip_net *own; /* of the user's: a net that holds one of them is left out as well */
    size_t n_own;
    bool prefix[WARNING_PREFIXES]; /* lengths of nets that there are */
    size_t left_out;               /* entries in forms that are not used: substrings, patterns */
};

/* With the list of this program. */
MUST_CHECK enum err warnings_init(struct arena *arena, struct warnings *ret_warnings,
                                  struct error *error);
void warnings_done(struct warnings *w);
/* One list as MISP has it: types cidr, hostname and string; others are counted and left out. */
MUST_CHECK enum err warnings_add_misp(struct warnings *w, struct str text, struct str name,
                                      struct error *error);
/* The user's own addresses, nets, domains, hosts, or any other text, told by their form. */
MUST_CHECK enum err warnings_add_own(struct warnings *w, const struct str_list *values);

/* Why an item of that kind (docs/reference/extract.md) is left out, or absent if it is not. Of URLs
 * and mail addresses the host counts, of a domain those above it as well; addresses that are not
 * public belong to everybody. */
struct str warning_of(const struct warnings *w, struct str kind, struct str value);

#endif
