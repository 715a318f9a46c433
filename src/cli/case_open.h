/* case_open.h — the case that a command reads: --case FILE, which must be there.
 *
 * What:   opens it, or says what is wrong; the dossiers that it may speak of; the case worked out.
 * Input:  a file of the user's.
 * Limits: none.
 * Owner:  the caller closes the store.
 * Spec:   docs/reference/case.md
 */
#ifndef CLI_CASE_OPEN_H
#define CLI_CASE_OPEN_H

#include "cli/cmd.h"
#include "dossier/warning.h"
#include "model/report.h"
#include "store/case.h"

/* An absent path becomes that of the configuration, if it names one. */
MUST_CHECK enum err case_path(struct cli *cli, struct str *path, struct error *error);

/* STATUS_OK with the store open; else told. path absent: that of the configuration; without one, a
 * mistake of use. */
enum status case_open_named(struct cli *cli, struct str path, struct case_store *ret_store);

/* The dossiers inside the program, and those that the user names (ID or DIR); in the arena. */
MUST_CHECK enum err case_dossiers(struct cli *cli, const struct str_list *named,
                                  const struct dossier **ret_known, size_t *ret_n,
                                  struct error *error);
/* The case worked out, as of its last run, with the user's profile; warnings: NULL, or what
 * everybody uses; name: of the file, absent as above. It lives in the arena; the store stays open
 * as long as it is used. */
MUST_CHECK enum err case_report(struct cli *cli, struct case_store *store, struct str path,
                                const struct str_list *dossiers, struct sharing sharing,
                                const struct warnings *warnings, struct report *ret_report,
                                struct error *error);

#endif
