/* yaml.h — YAML documents as a small tree, under our own caps.
 *
 * What:   libyaml's event API builds model/node.h nodes; scalars stay text, with their quoting.
 * Input:  hostile: anchors, aliases and duplicate keys are refused; depth, size and number of
 *         events are capped.
 * Limits: LIMIT_YAML_DEPTH, LIMIT_YAML_EVENTS, LIMIT_RULE_FILE_BYTES.
 * Owner:  nodes live in the caller's arena.
 * Spec:   YAML 1.2.2.
 */
#ifndef CODEC_YAML_H
#define CODEC_YAML_H

#include "base/arena.h"
#include "model/node.h"

/* All documents of a text (at most max_docs). On error the documents before the broken one are
 * returned too, *ret_n tells how many. error->offset holds the line, error->input the name. */
MUST_CHECK enum err yaml_parse(struct arena *arena, struct str text, struct str name,
                               size_t max_docs, struct node **ret_docs, size_t *ret_n,
                               struct error *error);
/* Which version of the library reads them. */
const char *yaml_library(void);

#endif
