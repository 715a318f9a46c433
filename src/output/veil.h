/* output/veil.h — what of a case may leave the house.
 *
 * What:   without --with-victim-data, hosts become "host-1", "host-2", users and mailboxes and
 *         internal names and addresses are left out, and so is every text that may hold them: log
 *         lines, file names, sentences. Public addresses of clients, paths and agents that name
 *         nobody, hashes, rules and times stay. With it everything passes as it is.
 * Input:  a report whose texts come from hostile logs.
 * Limits: as many hosts as the report names.
 * Owner:  veil_init/veil_done; texts live as long as the veil and the report.
 * Spec:   docs/reference/report.md "What may leave the house"
 */
#ifndef OUTPUT_VEIL_H
#define OUTPUT_VEIL_H

#include "base/map.h"
#include "base/vec.h"
#include "model/report.h"

struct veil {
    const struct report *report;
    bool lifted; /* victim data are let through */
    struct arena arena, body;
    struct map hosts;       /* their names in lower case -> which */
    struct map domains;     /* of these names */
    VEC(struct str) called; /* what each is called */
    struct buf key;
    enum err rc; /* sticky: memory */
};

MUST_CHECK enum err veil_init(struct veil *v, const struct report *report);
void veil_done(struct veil *v);
/* The same name for the same host in every file that is made of this case; absent stays so. */
struct str veil_host(struct veil *v, struct str host);
/* The text where the veil is lifted; else absent. */
struct str veil_text(const struct veil *v, struct str text);
/* A public address stays, any other text passes only where the veil is lifted. */
struct str veil_address(const struct veil *v, struct str address);
/* Id and title of a rule, or a sentence that begins with its title. Of the user's own (no dossier)
 * a value that was looked for is told if it is public. */
struct str veil_rule(struct veil *v, struct str dossier, struct str rule);
struct str veil_title(struct veil *v, struct str dossier, struct str title);
/* A copy that may leave; it lives until the next call. Evidence, file, note and every field whose
 * role is not harmless are absent from it. */
const struct finding *veil_finding(struct veil *v, const struct finding *f);

#endif
