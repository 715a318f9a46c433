/* model/fact.h — the facts that conditions of advice may ask for, by name.
 *
 * What:   one line a fact in fact.c: its name, its type, the words it may be, and how it is said.
 * Input:  constants; values come from a case and are hostile texts.
 * Limits: none.
 * Owner:  tables are static; a value borrows.
 * Spec:   docs/reference/advice.md "Facts"
 */
#ifndef MODEL_FACT_H
#define MODEL_FACT_H

#include "model/answer.h"

enum fact {
    FACT_VERDICT,
    FACT_OPEN,
    FACT_GRADE,
    FACT_FACING,
    FACT_AFFAIR,
    FACT_WINDOW_SHARE,
    FACT_WINDOW_DAYS,
    FACT_DWELL_DAYS,
    FACT_ACCOUNTS,
    FACT_MAILBOXES,
    FACT_TECHNIQUE,
    FACT_MISSING,
    FACT_BEFORE_FIX,
    FACT_ISOLATE,
    FACT_ROTATING,
    FACT_NAMED,
    FACT_KEV,
    FACT_RANSOMWARE,
    FACT_CASE_TECHNIQUE,
    FACT_CHATTER_ALERT,
    FACT_CHATTER_CVE,
    FACT_CHATTER_NO_CVE,
    FACT_CHATTER_ASSET,
    FACT_SECTOR,
    FACT_COUNTRY,
    FACT_CONTACT,
    FACTS
};

enum fact_type { FACT_WORD, FACT_NUMBER, FACT_BOOL, FACT_LIST };

struct fact_def {
    const char *name; /* "host.verdict" */
    enum fact_type type;
    const char *const *words; /* of a word: all that it may be, ends with NULL; NULL: any */
    bool rising;              /* the words are in rising order: they compare with < and > */
    bool share;               /* a number from 0 to 1, said in percent */
    const char *yes;          /* as a sentence; "%": the value */
    const char *no;           /* of a BOOL or LIST, where it does not hold */
};
extern const struct fact_def fact_defs[FACTS];

/* false if there is none of that name. */
bool fact_find(struct str name, enum fact *ret_fact);
bool fact_of_host(enum fact f);

/* What is not known is no value at all: no comparison with it holds, nor does its opposite. */
struct fact_value {
    bool known;
    double number; /* of a BOOL: 0 or 1 */
    struct str word;
    struct str_list list;
};

#endif
