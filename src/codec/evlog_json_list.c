#include "codec/evlog_json_list.h"

#include "codec/evlog_json.h"
#include "codec/json_scan.h"

enum { LIST_BYTES = 64 * 1024 }; /* of a list that are asked what it is */

static struct str blanks_off(struct str s)
{
    while (s.n && (unsigned char)s.p[0] <= ' ')
        s = str_sub(s, 1, s.n);
    return s;
}

/* Passes over a value at the front and the blanks behind it; false if it does not end. */
static bool pass(struct str *rest)
{
    struct json_skip skip = {0};
    if (rest->n == 0 || json_skip_on(&skip, *rest) != END)
        return false;
    *rest = blanks_off(str_sub(*rest, skip.at, rest->n));
    return true;
}

static bool pass_sign(struct str *rest, char sign)
{
    if (rest->n == 0 || rest->p[0] != sign)
        return false;
    *rest = blanks_off(str_sub(*rest, 1, rest->n));
    return true;
}

/* An object of a product's own may have a list of that name: then it is no list of events. */
static bool is_list(struct str text, struct str key, struct str list)
{
    struct str first = blanks_off(str_sub(list, 1, list.n));
    if (list.n == 0 || list.p[0] != '[' || first.n == 0 || first.p[0] != '{')
        return false;
    if (json_events_know(str_sub(first, 0, LIST_BYTES)))
        return true;
    struct str before = str_sub(text, 0, (size_t)(list.p - text.p));
    return !str_eq(key, STR("events")) && !json_events_know(str_sub(before, 0, LIST_BYTES));
}

/* {"Records": [ or {"hits": {"hits": [, whatever stands before it: how far it reaches, 0: no such
 * thing. The text may end anywhere behind that. */
size_t json_list_opens(struct str text, unsigned *ret_levels)
{
    struct str rest = text;
    unsigned levels = 0;
    if (!pass_sign(&rest, '{'))
        return 0;
    levels++;
    for (;;) {
        struct str key = rest;
        if (rest.n == 0 || rest.p[0] != '"' || !pass(&rest))
            return 0;
        key = str_sub(key, 1, key.n - rest.n);
        key = str_sub(key, 0, (size_t)(str_chr(key, '"') < 0 ? 0 : str_chr(key, '"')));
        if (!pass_sign(&rest, ':'))
            return 0;
        if (json_is_list(key) && is_list(text, key, rest)) {
            *ret_levels = levels;
            return (size_t)(rest.p + 1 - text.p);
        }
        if (levels == 1 && str_eq(key, STR("hits")) && pass_sign(&rest, '{')) {
            levels++;
            continue;
        }
        if (!pass(&rest) || !pass_sign(&rest, ','))
            return 0;
    }
}
