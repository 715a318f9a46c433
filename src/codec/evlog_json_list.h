/* codec/evlog_json_list.h — lists of events inside an object.
 *
 * What:   finds {"Records": [ or {"hits": {"hits": [ at the start of a text.
 * Input:  hostile; the text may end anywhere behind that.
 * Limits: JSON_SCAN_DEPTH
 * Owner:  none.
 * Spec:   docs/reference/events.md
 */
#ifndef CODEC_EVLOG_JSON_LIST_H
#define CODEC_EVLOG_JSON_LIST_H

#include "base/str.h"

/* How far the list's opening bracket reaches, whatever stands before it, and how many objects are
 * around it; 0: no such thing. */
size_t json_list_opens(struct str text, unsigned *ret_levels);

#endif
