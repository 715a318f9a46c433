#include "model/report.h"

const char *open_side_name(enum open_side s)
{
    static const char *const names[OPEN_SIDES] = {"unknown", "never-open", "fixed", "mitigated",
                                                  "open"};
    return names[s];
}

/* As src/scan/judge_sign.c puts them. */
bool finding_aside(const struct finding *f)
{
    static const char *const notes[] = {
        "own scanner",
        "looks for other people's shells",
        "asked for with --pivot",
        "from a draft made of posts, which nobody has checked",
    };
    for (size_t i = 0; f->note.p && i < ARRAY_LEN(notes); i++)
        if (str_eq(f->note, str_of(notes[i])))
            return true;
    return false;
}

bool note_sets_aside(const struct note *n, const struct finding *f)
{
    return str_eq(n->state, STR("false-positive")) ||
           (str_eq(n->state, STR("own-scanner")) && f->grade <= GRADE_ATTEMPT);
}

enum tlp report_mark(const struct report *r)
{
    return tlp_stricter(r->sharing.tlp, r->strictest);
}
