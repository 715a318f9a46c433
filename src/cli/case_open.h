/* case_open.h — the case that a command reads: --case FILE, which must be there.
 *
 * What:   opens it, or says what is wrong; and the dossiers that it may speak of.
 * Input:  a file of the user's.
 * Limits: none.
 * Owner:  the caller closes the store.
 * Spec:   docs/reference/case.md
 */
#ifndef CLI_CASE_OPEN_H
#define CLI_CASE_OPEN_H

#include "cli/cmd.h"
#include "model/dossier.h"
#include "store/case.h"

/* STATUS_OK with the store open; else told. path absent: a mistake of use. */
enum status case_open_named(struct cli *cli, struct str path, struct case_store *ret_store);

/* The dossiers inside the program, and those that the user names (ID or DIR); in the arena. */
MUST_CHECK enum err case_dossiers(struct cli *cli, const struct str_list *named,
                                  const struct dossier **ret_known, size_t *ret_n,
                                  struct error *error);

#endif
