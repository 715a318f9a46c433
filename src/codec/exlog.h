/* exlog.h — what the Exchange CSV codec knows about single kinds of log.
 *
 * What:   the kind from #Log-type, from the columns and from the first rows; the virtual columns
 *         that EventData (ECP) and Data (audit) are taken apart into.
 * Input:  hostile.
 * Limits: as many items of one EventData as there are virtual columns are kept; all are read.
 * Owner:  see model/record.h.
 * Spec:   docs/internals/CODEC.md
 */
#ifndef CODEC_EXLOG_H
#define CODEC_EXLOG_H

#include "codec/codec.h"

/* Absent if the type is not known. */
struct str exlog_kind_of_type(struct str log_type);
/* "exchange-other" if the columns tell nothing. */
struct str exlog_kind_of_columns(const struct log_state *s);
/* Host and the finer kind (HttpProxy protocol, ECP server or activity) from rows of the head, the
 * folder as second source. Reads with a copy of the state. type_known: #Log-type has told server or
 * activity. */
/* "httpproxy-" and the protocol in lower case; false if that is not a plain word. */
bool exlog_protocol_kind(struct str protocol, char ret_kind[KIND_BYTES]);
void exlog_look_at_rows(struct log_state *s, struct str rows, struct str path, bool type_known);
/* Appends the virtual columns that the real ones call for. */
void exlog_add_virtual(struct log_state *s);
/* Values of the virtual columns, which start at index first. */
void exlog_fill_virtual(const struct log_state *s, uint16_t first, struct arena *arena,
                        struct record *r);

#endif
