/* w3c.h — the W3C extended log format: the reader behind the IIS and the HTTP.sys codec.
 *
 * What:   columns by name from #Fields, rows split on runs of blanks, rows with too many or too
 *         few parts put right from both ends.
 * Input:  hostile.
 * Limits: LIMIT_FIELDS columns; further ones are dropped.
 * Owner:  values are slices of the line; nothing is allocated.
 * Spec:   W3C Working Draft WD-logfile-960323; docs/internals/CODEC.md for the deviations.
 */
#ifndef CODEC_W3C_H
#define CODEC_W3C_H

#include "codec/codec.h"

/* What differs between the two. */
struct w3c_profile {
    const char *kind;
    const char *software;        /* what #Software says */
    const char *const *own;      /* columns that only this one has; ends with NULL */
    const char *const *defaults; /* field sets of rows without a header; ends with NULL */
    const char *free_column;     /* takes the surplus of a row whose values hold blanks */
};

int w3c_sniff(const struct w3c_profile *profile, struct str head);
void w3c_begin(const struct w3c_profile *profile, struct log_state *state, struct str head,
               struct str path);
enum line_class w3c_line(const struct w3c_profile *profile, struct log_state *state,
                         struct str line, struct record *ret_record);
bool w3c_line_time(const struct w3c_profile *profile, const struct log_state *state,
                   struct str line, int64_t *ret_us);
bool w3c_plain(const struct log_state *state, struct str line, uint16_t columns,
               struct record *ret_record);
extern const char *const w3c_markers[];

#endif
