/* exposure/tables.h — what is known of products: builds, fixes and CVEs of all dossiers, as one
 * index.
 *
 * What:   merges the tables of several dossiers by product and CVE, and finds a product by its
 *         build or by the names that inventories call it.
 * Input:  dossiers, which users write too: rows that contradict each other are kept and told
 *         (dossier/lint.h finds them).
 * Limits: those of the dossiers.
 * Owner:  everything lives in the arena given; texts are those of the dossiers.
 * Spec:   docs/explain/how-exposure-decides.md
 */
#ifndef EXPOSURE_TABLES_H
#define EXPOSURE_TABLES_H

#include "base/arena.h"
#include "model/exposure.h"

/* A CVE, as all dossiers together know it. */
struct table_cve {
    struct str id, title;
    int64_t published_us; /* or, where no dossier says, of its first fix; TIME_NONE */
    int64_t kev_us;       /* when CISA listed it; TIME_NONE: not listed */
    int64_t due_us;       /* CISA's due date; TIME_NONE */
    bool ransomware;      /* known to be used for it */
    int64_t exploited_us; /* first known use: a dossier's window; TIME_NONE */
    double cvss;          /* 0: not known */
    struct str cvss_version;
    uint32_t matters; /* bit i: the fix of this one closes the window of tables.matter[i] */
};

/* Fixes of one CVE for one product, lowest build first. */
struct fix_list {
    uint32_t cve; /* of tables.cve */
    const struct fix **fix;
    size_t n;
    struct build affected_from; /* part[0] < 0: all earlier ones */
};

struct table_product {
    struct str name;
    const struct product *facts;
    bool catalogued; /* a catalogue knows it, and so should know what is exploited in it */
    const struct known_build **build; /* lowest first */
    size_t n_builds;
    struct fix_list *list; /* by number of the CVE */
    size_t n_lists;
    int64_t first_us; /* its first release; TIME_NONE if not known */
};

/* An affair with a window: its dossier. */
struct matter {
    const struct dossier *dossier;
    int64_t from_us;
};

enum { MATTERS_MAX = 32 };

struct tables {
    struct table_product *product;
    size_t n_products;
    struct table_cve *cve; /* sorted by id */
    size_t n_cves;
    struct matter matter[MATTERS_MAX];
    size_t n_matters;
    const struct setting_row **setting; /* those of a setting and CVE side by side */
    size_t n_settings;
    int64_t as_of_us; /* of the newest row or catalogue */
};

MUST_CHECK enum err tables_make(const struct dossier *dossier, size_t n, struct arena *arena,
                                struct tables *ret_tables);
/* Does the build lie in the product's range, with no more numbers than its builds have? */
bool tables_has(const struct table_product *p, const struct build *build);
/* By its build; NULL if it belongs to none, or to products whose builds do not tell them. */
const struct table_product *tables_by_build(const struct tables *t, const struct build *build);
/* By what an inventory calls it, in any spelling that a dossier lists; NULL if unknown or more than
 * one fits. */
const struct table_product *tables_by_name(const struct tables *t, struct str name);
/* May the name mean it or a sibling, once a build has told the product? "Exchange", "Microsoft
 * Exchange Server 2016 Cumulative Update 19". */
bool tables_may_mean(const struct tables *t, const struct table_product *p, struct str name);
/* Index into tables.cve, in capitals or not; -1 if absent. */
int tables_cve(const struct tables *t, struct str id);
/* NULL if the product has no row of it. */
const struct fix_list *tables_fixes(const struct table_product *p, uint32_t cve);

#endif
