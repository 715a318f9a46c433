#include "watch/signals.h"

const struct signal_row signal_table[SIGNALS] = {
    [SIGNAL_ONE] = {"one", GROUP_NONE, "the constant"},
    [SIGNAL_REGULAR_7] = {"regular_7d", GROUP_COUNTS, "regular voices that named it in 7 days"},
    [SIGNAL_REGULAR_90] = {"regular_90d", GROUP_COUNTS, "regular voices that named it in 90 days"},
    [SIGNAL_CROWD_7] = {"crowd_7d", GROUP_COUNTS, "voices of the crowd that named it in 7 days"},
    [SIGNAL_CROWD_90] = {"crowd_90d", GROUP_COUNTS, "voices of the crowd that named it in 90 days"},
    [SIGNAL_BOTH] = {"both_30d", GROUP_COUNTS, "regular voices and the crowd, together in 30 days"},
    [SIGNAL_RECORD_BEST] = {"record_best", GROUP_RECORD, "the best track record among its voices"},
    [SIGNAL_RECORD_MEAN] = {"record_mean", GROUP_RECORD, "the mean track record of its voices"},
    [SIGNAL_WILD] = {"wild", GROUP_WORDING, "it is said to be exploited"},
    [SIGNAL_ZERO_DAY] = {"zero-day", GROUP_WORDING, "it is called a zero-day"},
    [SIGNAL_EXPLOIT] = {"exploit", GROUP_WORDING, "an exploit is spoken of"},
    [SIGNAL_TAKEOVER] = {"takeover", GROUP_WORDING, "it runs code, or needs no password"},
    [SIGNAL_FIX] = {"fix", GROUP_WORDING, "a fix is spoken of"},
    [SIGNAL_ANALYSIS] = {"analysis", GROUP_WORDING, "it was analysed"},
    [SIGNAL_CRIME] = {"crime", GROUP_WORDING, "ransomware, botnets or actors are spoken of"},
    [SIGNAL_NEAR_LISTED] = {"near_listed", GROUP_NEIGHBOURS,
                            "CVEs of the next 300 numbers that were listed"},
    [SIGNAL_NEAR_SHARE] = {"near_share", GROUP_NEIGHBOURS,
                           "their share among those that were named"},
    [SIGNAL_WORDS_SUM] = {"words_sum", GROUP_WORDS, "the track records of the words beside it"},
    [SIGNAL_WORDS_BEST] = {"words_best", GROUP_WORDS, "the best track record among these words"},
};

const char *signal_group_name(enum signal_group group)
{
    static const char *const names[SIGNAL_GROUPS] = {
        [GROUP_NONE] = "none",       [GROUP_COUNTS] = "counts",         [GROUP_RECORD] = "record",
        [GROUP_WORDING] = "wording", [GROUP_NEIGHBOURS] = "neighbours", [GROUP_WORDS] = "words",
    };
    return group < SIGNAL_GROUPS ? names[group] : "none";
}

void signal_columns(enum signal_group without, enum signal_group alone, bool take[SIGNALS])
{
    for (size_t i = 0; i < SIGNALS; i++) {
        enum signal_group g = signal_table[i].group;
        take[i] = g == GROUP_NONE || (alone ? g == alone : !without || g != without);
    }
}
