/* os/folder.h — folders of the program's own: drafts, the spool, the cache.
 *
 * What:   makes a folder, replaces a file as a whole, removes one or the oldest, lists names.
 * Input:  paths given by the user; names in a folder may be anybody's: only plain files count, and
 *         links are not followed.
 * Limits: LIMIT_PATH_BYTES; the number of names given to folder_list.
 * Owner:  names live in the arena given.
 * Spec:   rename(2): a reader sees the old file or the new one, never a part.
 */
#ifndef OS_FOLDER_H
#define OS_FOLDER_H

#include "base/arena.h"

/* For the owner only (0700). A folder that is there already is as good. */
MUST_CHECK enum err folder_make(struct str path, struct error *error);
/* Is it a folder of whoever runs the program, which nobody else can write to? */
bool folder_own(struct str folder);
/* Writes beside it, then renames (0600). After a crash either text is there, whole. */
MUST_CHECK enum err file_replace(struct str folder, struct str name, struct str text,
                                 struct error *error);
/* A file of that folder, at most max_bytes. ERR_NOT_FOUND; ERR_LIMIT if it is longer; ERR_FORMAT
 * if it is no plain file. */
MUST_CHECK enum err file_read(struct arena *arena, struct str folder, struct str name,
                              size_t max_bytes, struct str *ret_text, struct error *error);
/* One that is not there is as good. */
MUST_CHECK enum err file_remove(struct str folder, struct str name, struct error *error);
/* Names of plain files that do not start with a dot, in the order of their bytes; at most max,
 * and of more the first ones. */
MUST_CHECK enum err folder_list(struct arena *arena, struct str folder, size_t max,
                                struct str **ret_names, size_t *ret_n, struct error *error);
/* Removes the oldest of the plain files whose names begin so, down to `keep` of them, and what
 * writers that were cut short left beside. What cannot be removed stays. */
void folder_thin(struct str folder, struct str prefix, size_t keep);
/* For one program at a time: ERR_AGAIN if another has it. Held until *ret_fd is closed. */
MUST_CHECK enum err folder_lock(struct str folder, int *ret_fd, struct error *error);

#endif
