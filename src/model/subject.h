/* subject.h — what posts are about, and what their authors want.
 *
 * What:   kinds of subjects and intents, with their names.
 * Input:  constants.
 * Limits: none.
 * Owner:  static.
 * Spec:   docs/reference/watch.md
 */
#ifndef MODEL_SUBJECT_H
#define MODEL_SUBJECT_H

#include "base/str.h"

enum subject_kind {
    SUBJECT_CVE,
    SUBJECT_ADVISORY, /* MS17-010, KB5000871, GHSA-...: an id of a vendor or registry */
    SUBJECT_PRODUCT,
    SUBJECT_VENDOR,
    SUBJECT_ACTOR,
    SUBJECT_MALWARE,
    SUBJECT_TECHNIQUE, /* an ATT&CK id */
    SUBJECT_TOPIC,     /* brute force, web shell, access sale, ...: data/subjects/topics.tsv */
    SUBJECT_TERM,      /* a word that nobody listed (lane E) */
    SUBJECT_KINDS
};

/* Rising by what they say of an attack to come; chatter.md's ledger weights them. */
enum intent {
    INTENT_REPORT, /* quotes an advisory or the news: nothing of an attacker's own */
    INTENT_MENTION,
    INTENT_QUESTION,
    INTENT_SHARE,
    INTENT_SEEK,
    INTENT_SELL,
    INTENT_CLAIM,
    INTENTS
};

const char *subject_kind_name(enum subject_kind kind); /* "cve", "product", ... */
const char *intent_name(enum intent intent);           /* "report", "mention", ... */
bool subject_kind_parse(struct str s, enum subject_kind *ret_kind);

#endif
