#include "model/subject.h"

static const char *const kinds[SUBJECT_KINDS] = {
    [SUBJECT_CVE] = "cve",       [SUBJECT_ADVISORY] = "advisory",   [SUBJECT_PRODUCT] = "product",
    [SUBJECT_VENDOR] = "vendor", [SUBJECT_ACTOR] = "actor",         [SUBJECT_MALWARE] = "malware",
    [SUBJECT_TOPIC] = "topic",   [SUBJECT_TECHNIQUE] = "technique", [SUBJECT_TERM] = "term",
};
static const char *const intents[INTENTS] = {
    [INTENT_REPORT] = "report", [INTENT_MENTION] = "mention", [INTENT_QUESTION] = "question",
    [INTENT_SHARE] = "share",   [INTENT_SEEK] = "seek",       [INTENT_SELL] = "sell",
    [INTENT_CLAIM] = "claim",
};

const char *subject_kind_name(enum subject_kind kind)
{
    return kinds[kind];
}

const char *intent_name(enum intent intent)
{
    return intents[intent];
}

bool subject_kind_parse(struct str s, enum subject_kind *ret_kind)
{
    for (enum subject_kind k = 0; k < SUBJECT_KINDS; k++) {
        if (str_eq(s, str_of(kinds[k]))) {
            *ret_kind = k;
            return true;
        }
    }
    return false;
}
