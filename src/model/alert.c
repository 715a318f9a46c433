#include "model/alert.h"

static const struct {
    const char *name;
    char letter;
} lanes[LANES] = {
    [LANE_BURST] = {"burst", 'A'},
    [LANE_RISE] = {"rise", 'B'},
    [LANE_BREADTH] = {"breadth", 'C'},
    [LANE_RECORD] = {"record", 'R'},
};

const char *lane_name(enum lane lane)
{
    return lanes[lane].name;
}

char lane_letter(enum lane lane)
{
    return lanes[lane].letter;
}
