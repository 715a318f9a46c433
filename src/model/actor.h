/* model/actor.h — what is publicly known of a group that attacks such servers.
 *
 * What:   the parsed form of data/actors.yaml.
 * Input:  filled by dossier/actors.c.
 * Limits: ACTORS_MAX.
 * Owner:  everything lives in the arena of the load.
 * Spec:   docs/reference/advice.md "Groups"
 */
#ifndef MODEL_ACTOR_H
#define MODEL_ACTOR_H

#include "model/answer.h"

enum { ACTORS_MAX = 1000 };

/* An empty list, or a year of 0, is not known; it is never "none". */
struct actor_profile {
    struct str name, attack_id, source;
    struct str_list aliases, sectors, countries, products, cves, techniques;
    bool takes_any; /* whoever answers */
    bool ransomware;
    unsigned last_seen; /* year */
};

struct actor_list {
    struct actor_profile *v;
    size_t n;
};

#endif
