/* labels.h — which subjects were listed, and when: what a backtest is judged by.
 *
 * What:   CSV or TSV with a column of dates and one of subjects, found by their names or by what
 *         is in them. Of several dates of a subject the earliest counts.
 * Input:  the user's files; hostile.
 * Limits: LABEL_FILE_BYTES a file, LABELS_MAX subjects.
 * Owner:  labels_init/labels_done.
 * Spec:   docs/reference/backtest.md, "Labels"
 */
#ifndef WATCH_LABELS_H
#define WATCH_LABELS_H

#include "base/map.h"
#include "base/vec.h"

#define LABEL_NEVER INT32_MAX

enum {
    LABEL_FILE_BYTES = 256 * 1024 * 1024,
    LABELS_MAX = 4 * 1024 * 1024,
    LABEL_BULK = 60 /* a day with more of them is a list that was loaded, no news */
};

struct label {
    struct str subject; /* as the extractor spells it */
    int32_t day;
};

struct labels {
    struct arena arena;
    struct map ids;
    VEC(struct label) label;
    uint64_t rows, bad; /* read; without a date or a subject */
    int32_t last;       /* the latest day of all rows */
    bool cves;          /* all subjects are CVEs */
    VEC(int32_t) bulk;  /* days with more than LABEL_BULK of them, in order */
};

struct label_map {
    struct str date, subject; /* names of columns; p == NULL: to be found */
};

void labels_init(struct labels *l);
void labels_done(struct labels *l);
/* "date=COL,subject=COL" */
bool label_map_parse(struct str text, struct label_map *ret_map);
/* text: of a whole file, as is; name: for messages. */
MUST_CHECK enum err labels_read(struct labels *l, struct str text, struct str name,
                                const struct label_map *map, struct error *error);
/* Once, behind the last file: finds the bulk days. */
MUST_CHECK enum err labels_close(struct labels *l);
/* LABEL_NEVER if it is not listed. */
int32_t labels_day(const struct labels *l, struct str subject);
bool labels_bulk(const struct labels *l, int32_t day);

#endif
