#include "model/tlp.h"

static const char *const names[TLP_MARKS] = {
    [TLP_CLEAR] = "TLP:CLEAR", [TLP_GREEN] = "TLP:GREEN",
    [TLP_AMBER] = "TLP:AMBER", [TLP_AMBER_STRICT] = "TLP:AMBER+STRICT",
    [TLP_RED] = "TLP:RED",
};

static const char *const tags[TLP_MARKS] = {
    [TLP_CLEAR] = "tlp:clear", [TLP_GREEN] = "tlp:green",
    [TLP_AMBER] = "tlp:amber", [TLP_AMBER_STRICT] = "tlp:amber+strict",
    [TLP_RED] = "tlp:red",
};

const char *tlp_name(enum tlp t)
{
    return names[t];
}

const char *tlp_tag(enum tlp t)
{
    return tags[t];
}

bool tlp_parse(struct str s, enum tlp *ret)
{
    struct str word = str_trim(s);
    if (str_istarts(word, STR("tlp:")))
        word = str_trim(str_sub(word, 4, word.n));
    *ret = str_ieq(word, STR("white")) ? TLP_CLEAR : TLP_UNKNOWN;
    for (int t = TLP_CLEAR; t < TLP_MARKS; t++)
        if (str_ieq(word, str_of(names[t] + 4)))
            *ret = (enum tlp)t;
    return *ret != TLP_UNKNOWN;
}
