/* shell_policy.h — the recogniser of web shells, with the policy that is built in.
 *
 * What:   data/shell.yaml read and compiled.
 * Input:  none; part of the program.
 * Limits: none of its own.
 * Owner:  everything lives in the caller's arena.
 * Spec:   docs/internals/SHELL.md
 */
#ifndef DOSSIER_SHELL_POLICY_H
#define DOSSIER_SHELL_POLICY_H

#include "match/shell.h"

MUST_CHECK enum err shell_policy_load(struct arena *arena, struct shell **ret_shell,
                                      struct error *error);

#endif
