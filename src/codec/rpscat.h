/* rpscat.h — whom an X-Rps-CAT token names.
 *
 * What:   the access token that Exchange's remote PowerShell takes in a query: base64 of tagged
 *         fields; L is the login name, U its SID. An attacker who forges one writes down whom he
 *         impersonated.
 * Input:  hostile: a query of a log, raw or percent-decoded.
 * Limits: RPSCAT_BYTES of token.
 * Owner:  names are copied into the arena.
 * Spec:   tags in order V (version, two bytes), T, C (one byte), A, L, U, G ...; T, A, L and U hold
 * a length byte and text.
 */
#ifndef CODEC_RPSCAT_H
#define CODEC_RPSCAT_H

#include "base/arena.h"

enum { RPSCAT_BYTES = 4096 };

/* false if there is no such token, or not one that can be read; names that are missing are absent.
 */
bool rpscat_read(struct arena *arena, struct str query, struct str *ret_user, struct str *ret_sid);

#endif
