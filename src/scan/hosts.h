/* scan/hosts.h — which host a file came from.
 *
 * What:   the host that a path names (the folder above the known folders of a server), and the
 *         merging of that with the names that rows give.
 * Input:  hostile paths and rows.
 * Limits: HOST_BYTES a name.
 * Owner:  names live in the arena given.
 * Spec:   docs/internals/SCAN.md, "Hosts"; exchange-evidence locations in docs/reference/inputs.md
 */
#ifndef SCAN_HOSTS_H
#define SCAN_HOSTS_H

#include "base/arena.h"

/* "case/EX01/inetpub/logs/LogFiles/W3SVC1/u_ex210301.log" -> "EX01"; "" when no part of the path is
 * more than a folder that every server has. */
struct str host_of_path(struct str path);
/* The same of a file that is no log: folders of any name may lie above it. The host is named above
 * the first folder of a server's own tree, or else by the input: the first root_bytes of the path,
 * or the folder below it. */
struct str host_of_file(struct str path, size_t root_bytes);
/* Does the file lie in a folder that only a server's own tree has, below a folder that names it? */
bool host_in_server_tree(struct str path);
/* The same of a file that is no log. */
bool file_in_server_tree(struct str path);

/* Pairs of (host by path, host by rows) of all files, and the names to use. */
struct host_names;
MUST_CHECK enum err host_names_new(struct arena *arena, struct host_names **ret);
MUST_CHECK enum err host_names_note(struct host_names *h, struct str by_path, struct str by_rows);
/* The name to show for a name that rows or paths gave. */
struct str host_names_final(const struct host_names *h, struct str name);
/* EX01 and ex01.contoso.example are one host; addresses are compared whole. */
bool host_same(struct str a, struct str b);

#endif
