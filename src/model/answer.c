#include "model/answer.h"

static const char *const grades[] = {"weak", "probe", "attempt", "progressed", "compromise"};
static const char *const levels[] = {"informational", "low", "medium", "high", "critical"};
static const char *const verdicts[] = {"no-sign", "not-enough-evidence", "attempted",
                                       "exploited-unconfirmed", "compromised"};

const char *grade_name(enum grade g)
{
    return grades[g];
}
const char *level_name(enum level l)
{
    return levels[l];
}
const char *verdict_name(enum verdict_state v)
{
    return verdicts[v];
}

static bool parse(struct str s, const char *const *names, size_t n, int *ret_index)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(s, str_of(names[i]))) {
            *ret_index = (int)i;
            return true;
        }
    return false;
}

bool grade_parse(struct str s, enum grade *ret_grade)
{
    int i;
    if (!parse(s, grades, ARRAY_LEN(grades), &i))
        return false;
    *ret_grade = (enum grade)i;
    return true;
}

bool level_parse(struct str s, enum level *ret_level)
{
    int i;
    if (!parse(s, levels, ARRAY_LEN(levels), &i))
        return false;
    *ret_level = (enum level)i;
    return true;
}

bool gap_of_reading(const struct gap *gap)
{
    static const char *const others[] = {"not-examined", "silent", "missing-file", "not-understood",
                                         "removed-row"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (str_eq(gap->reason, str_of(others[i])))
            return false;
    return true;
}
