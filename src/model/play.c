#include "model/play.h"

static const char *const phases[PHASES] = {"isolate", "preserve", "look",    "respond", "patch",
                                           "inform",  "watch",    "prepare", "clear"};

const char *phase_name(enum phase p)
{
    return phases[p];
}

bool phase_parse(struct str s, enum phase *ret_phase)
{
    for (size_t i = 0; i < PHASES; i++)
        if (str_eq(s, str_of(phases[i]))) {
            *ret_phase = (enum phase)i;
            return true;
        }
    return false;
}

bool due_parse(struct str s, uint32_t *ret_hours)
{
    uint64_t n;
    bool days = str_ends(s, STR("d"));
    *ret_hours = 0;
    if (str_eq(s, STR("now")))
        return true;
    if ((!days && !str_ends(s, STR("h"))) || !str_u64(str_sub(s, 0, s.n - 1), &n) || n > 1000)
        return false;
    *ret_hours = (uint32_t)(days ? 24 * n : n);
    return true;
}
