/* baseline_file.h — baselines: those of the shipped dossiers, and users' own.
 *
 * What:   collects the rows of baseline.csv and folders.csv of all shipped dossiers and catalogues,
 *         reads baselines that `tocsin baseline make` or people wrote, and builds model/baseline.h.
 * Input:  hostile files. A row that cannot be used becomes a problem with its line.
 * Limits: BASELINE_FILE_BYTES a file, BASELINE_ROWS_MAX rows of each.
 * Owner:  everything lives in the arena given.
 * Spec:   docs/reference/baseline.md
 */
#ifndef DOSSIER_BASELINE_FILE_H
#define DOSSIER_BASELINE_FILE_H

#include "dossier/load.h"
#include "model/baseline.h"
#include "model/web_file.h"

enum { BASELINE_FILE_BYTES = 256 * 1024 * 1024 };

/* Shipped rows, then those of the dossiers given, then the user's files, in that order. */
MUST_CHECK enum err baseline_load(struct arena *arena, const struct dossier *dossier,
                                  size_t n_dossiers, const struct str_list *files,
                                  struct baseline **ret_baseline, struct dossier_problems *problems,
                                  struct error *error);
/* The same from a text. */
MUST_CHECK enum err baseline_read(struct arena *arena, struct str text, struct str name,
                                  struct baseline_rows *ret_rows,
                                  struct dossier_problems *problems);

/* data/web-files.csv. */
MUST_CHECK enum err web_files_load(struct arena *arena, struct web_files *ret_files,
                                   struct error *error);

#endif
