#include "model/exposure.h"

#include <math.h>

const char *precision_name(enum precision p)
{
    static const char *const names[PRECISIONS] = {"none", "product", "cu", "su"};
    return p < PRECISIONS ? names[p] : "none";
}

const char *exposure_state_name(enum exposure_state s)
{
    static const char *const names[EXPOSURE_STATES] = {
        [EXPOSURE_EXPOSED] = "exposed",
        [EXPOSURE_MITIGATED] = "mitigated",
        [EXPOSURE_FIXED_IF_CONFIGURED] = "fixed-if-configured",
        [EXPOSURE_UNKNOWN] = "unknown",
        [EXPOSURE_FIXED] = "fixed",
    };
    return s < EXPOSURE_STATES ? names[s] : "unknown";
}

double exposure_share_open(const struct exposure_share *s)
{
    uint64_t known = 0;
    for (int i = 0; i < EXPOSURE_STATES; i++)
        known += i == EXPOSURE_UNKNOWN ? 0 : s->n[i];
    return known ? (double)s->n[EXPOSURE_EXPOSED] / (double)known : (double)NAN;
}

int exposure_badness(enum exposure_state s)
{
    static const int rank[EXPOSURE_STATES] = {
        [EXPOSURE_FIXED] = 0,     [EXPOSURE_FIXED_IF_CONFIGURED] = 1,
        [EXPOSURE_MITIGATED] = 2, [EXPOSURE_UNKNOWN] = 3,
        [EXPOSURE_EXPOSED] = 4,
    };
    return rank[s];
}
