#include "model/report.h"

const char *open_side_name(enum open_side s)
{
    static const char *const names[OPEN_SIDES] = {"unknown", "never-open", "fixed", "mitigated",
                                                  "open"};
    return names[s];
}
