/* ledger.h — who showed interest in what, where and when first (lane D). It never alerts.
 *
 * What:   the first time of each intent for a subject on a site, and a score that halves every
 *         180 days.
 * Input:  numbers that follow hostile posts.
 * Limits: max_entries; beyond it the oldest interest is forgotten.
 * Owner:  ledger_free frees all; what a query returns is copied to the caller.
 * Spec:   docs/explain/how-watch-decides.md, "Lane D"
 */
#ifndef WATCH_LEDGER_H
#define WATCH_LEDGER_H

#include "base/buf.h"
#include "model/subject.h"

enum { LEDGER_HALF_LIFE = 180 };

struct ledger_entry {
    uint32_t subject, site;
    enum intent intent;
    int32_t first_day, last_day;
    uint32_t times; /* days with it */
    uint64_t post;  /* of the first time */
};

struct ledger_score {
    double score; /* of first times: weight of the intent, times that of the site, decayed */
    uint32_t sites, entries;
    int32_t first_day;
    enum intent strongest;
};

struct ledger;
MUST_CHECK enum err ledger_new(size_t max_entries, struct ledger **ret_ledger);
struct ledger *ledger_free(struct ledger *l); /* NULL */
MUST_CHECK enum err ledger_note(struct ledger *l, uint32_t subject, uint32_t site,
                                enum intent intent, int32_t day, uint64_t post);
/* How much a site's interest is worth; 1 if never told. */
MUST_CHECK enum err ledger_site(struct ledger *l, uint32_t site, double weight);
/* Entries of a subject since a day, by first_day; returns how many there are, fills up to max. */
size_t ledger_of(const struct ledger *l, uint32_t subject, int32_t since_day,
                 struct ledger_entry *ret_entry, size_t max);
/* As of a day: later entries do not count. */
struct ledger_score ledger_score(const struct ledger *l, uint32_t subject, int32_t day);
size_t ledger_bytes(const struct ledger *l); /* that ledger_save writes */
MUST_CHECK enum err ledger_save(const struct ledger *l, struct buf *b);
MUST_CHECK enum err ledger_load(struct str bytes, size_t max_entries, struct ledger **ret_ledger);

#endif
