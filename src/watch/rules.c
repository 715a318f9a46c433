#include "watch/rules.h"

enum { POSTS_30 = RULE_WINDOWS, PERCENT };
enum { ALL_7, ALL_14, ALL_30, REGULAR_7, REGULAR_14, REGULAR_30, CROWD_7, CROWD_14, CROWD_30 };

const struct simple_count simple_counts[SIMPLE_COUNTS] = {
    [ALL_7] = {"voices in 7 days", WHOSE_ALL, WINDOW_7},
    [ALL_14] = {"voices in 14 days", WHOSE_ALL, WINDOW_14},
    [ALL_30] = {"voices in 30 days", WHOSE_ALL, WINDOW_30},
    [REGULAR_7] = {"regular voices in 7 days", WHOSE_REGULAR, WINDOW_7},
    [REGULAR_14] = {"regular voices in 14 days", WHOSE_REGULAR, WINDOW_14},
    [REGULAR_30] = {"regular voices in 30 days", WHOSE_REGULAR, WINDOW_30},
    [CROWD_7] = {"crowd voices in 7 days", WHOSE_CROWD, WINDOW_7},
    [CROWD_14] = {"crowd voices in 14 days", WHOSE_CROWD, WINDOW_14},
    [CROWD_30] = {"crowd voices in 30 days", WHOSE_CROWD, WINDOW_30},
    [CROWD_30 + 1] = {"posts in 30 days", WHOSE_POSTS, POSTS_30},
    [CROWD_30 + 2] = {"change in percent", WHOSE_POSTS, PERCENT},
};

const struct simple_rule simple_rules[] = {
    {"any mention", ALL_30, 1},
    {"5 mentions in 30 days", CROWD_30 + 1, 5},
    {"50 percent more than the week before", CROWD_30 + 2, 50},
    {"3 voices in 14 days", ALL_14, 3},
    {"2 voices in 7 days", ALL_7, 2},
    {"3 voices in 7 days", ALL_7, 3},
    {"5 voices in 7 days", ALL_7, 5},
    {"8 voices in 7 days", ALL_7, 8},
    {"2 regular voices in 7 days", REGULAR_7, 2},
    {"3 regular voices in 7 days", REGULAR_7, 3},
    {"5 regular voices in 7 days", REGULAR_7, 5},
    {"3 crowd voices in 14 days", CROWD_14, 3},
    {"5 crowd voices in 14 days", CROWD_14, 5},
    {NULL, 0, 0},
};

/* As it is used: what there is now, less what there was, over what there is now. Nothing before
 * would be 100 % whatever there is now; such weeks are left out. */
static double percent(const struct counts *c)
{
    if (c->posts_before_7 == 0 || c->posts_7 == 0)
        return SCORE_NONE;
    return 100.0 * ((double)c->posts_7 - c->posts_before_7) / c->posts_7;
}

double simple_score(const struct simple_count *c, const struct counts *counts)
{
    uint32_t n = 0;
    if (c->whose == WHOSE_POSTS) {
        if (c->window == PERCENT)
            return percent(counts);
        n = counts->posts_30;
    } else {
        if (c->whose != WHOSE_CROWD)
            n += counts->voices[VOICE_REGULAR][c->window];
        if (c->whose != WHOSE_REGULAR)
            n += counts->voices[VOICE_CROWD][c->window];
    }
    return n ? n : SCORE_NONE;
}
