#include "model/fact.h"

static const char *const verdicts[] = {
    "unexamined",  "no-sign", "not-enough-evidence", "attempted", "exploited-unconfirmed",
    "compromised", NULL,
};
static const char *const sides[] = {"unknown", "never-open", "fixed", "mitigated", "open", NULL};
static const char *const grades[] = {"none",       "weak",       "probe", "attempt",
                                     "progressed", "compromise", NULL};
static const char *const facings[] = {"unknown", "inside", "internet", NULL};

/* How to add a fact: its name in enum fact, a line here, its value in report/facts.c, and a row in
 * docs/reference/advice.md. */
const struct fact_def fact_defs[FACTS] = {
    [FACT_VERDICT] = {"host.verdict", FACT_WORD, verdicts, .yes = "the verdict is %"},
    [FACT_OPEN] = {"host.open", FACT_WORD, sides, .yes = "the state of the hole is %"},
    [FACT_GRADE] = {"host.grade", FACT_WORD, grades, .rising = true,
                    .yes = "the gravest finding is %"},
    [FACT_FACING] = {"host.facing", FACT_WORD, facings, .yes = "it faces %"},
    [FACT_AFFAIR] = {"host.affair", FACT_WORD, .yes = "it is about %"},
    [FACT_WINDOW_SHARE] = {"host.window_share", FACT_NUMBER, .share = true,
                           .yes = "the logs cover % of the window"},
    [FACT_WINDOW_DAYS] = {"host.window_days", FACT_NUMBER, .yes = "it was open for % days"},
    [FACT_DWELL_DAYS] = {"host.dwell_days", FACT_NUMBER,
                         .yes = "% days lie between the first and the last sign"},
    [FACT_ACCOUNTS] = {"host.accounts", FACT_NUMBER, .yes = "% accounts were touched"},
    [FACT_MAILBOXES] = {"host.mailboxes", FACT_NUMBER, .yes = "% mailboxes were touched"},
    [FACT_TECHNIQUE] = {"host.technique", FACT_LIST, .yes = "% was found", .no = "% was not found"},
    [FACT_MISSING] = {"host.missing", FACT_LIST, .yes = "the log % is missing",
                      .no = "the log % is not missing"},
    [FACT_BEFORE_FIX] = {"host.before_fix", FACT_BOOL,
                         .yes = "a request succeeded before the update",
                         .no = "no request is known to have succeeded before the update"},
    [FACT_ISOLATE] = {"host.isolate", FACT_BOOL, .yes = "it should be off the network",
                      .no = "it need not be off the network"},
    [FACT_ROTATING] = {"host.rotating", FACT_BOOL, .yes = "its evidence is about to be deleted",
                       .no = "no evidence of it is about to be deleted"},
    [FACT_NAMED] = {"host.named", FACT_BOOL, .yes = "only the logs of others name it",
                    .no = "its own logs or an inventory name it"},
    [FACT_KEV] = {"host.kev", FACT_BOOL, .yes = "it is open to a hole that attackers use",
                  .no = "it is open to no hole that attackers are known to use"},
    [FACT_RANSOMWARE] = {"host.ransomware", FACT_BOOL,
                         .yes = "it is open to a hole that ransomware groups use",
                         .no = "it is open to no hole that ransomware groups are known to use"},
    [FACT_CASE_TECHNIQUE] = {"case.technique", FACT_LIST, .yes = "% was found in the case",
                             .no = "% was not found in the case"},
    [FACT_CHATTER_ALERT] = {"chatter.alert", FACT_BOOL, .yes = "watch raised an alert",
                            .no = "watch raised no alert"},
    [FACT_CHATTER_CVE] = {"chatter.cve", FACT_BOOL, .yes = "an alert names a CVE",
                          .no = "no alert names a CVE"},
    [FACT_CHATTER_NO_CVE] = {"chatter.no_cve", FACT_BOOL, .yes = "an alert names no CVE",
                             .no = "every alert names a CVE"},
    [FACT_CHATTER_ASSET] = {"chatter.asset", FACT_BOOL, .yes = "an alert concerns an own asset",
                            .no = "no alert is known to concern an own asset"},
    [FACT_SECTOR] = {"profile.sector", FACT_LIST, .yes = "the own sector is %",
                     .no = "the own sector is not %"},
    [FACT_COUNTRY] = {"profile.country", FACT_WORD, .yes = "the own country is %"},
    [FACT_CONTACT] = {"profile.contact", FACT_BOOL, .yes = "a contact for reports is set",
                      .no = "no contact for reports is set"},
};

bool fact_find(struct str name, enum fact *ret_fact)
{
    for (size_t i = 0; i < FACTS; i++)
        if (str_eq(name, str_of(fact_defs[i].name))) {
            *ret_fact = (enum fact)i;
            return true;
        }
    return false;
}

bool fact_of_host(enum fact f)
{
    return str_starts(str_of(fact_defs[f].name), STR("host."));
}
