#include "watch/cpe.h"

bool cpe_shaped(struct str s)
{
    return str_istarts(s, STR("cpe:/")) || str_istarts(s, STR("cpe:2.3:"));
}

/* The part up to the next colon that no backslash protects. */
static struct str next_part(struct str *rest)
{
    size_t i = 0;
    while (i < rest->n && rest->p[i] != ':')
        i += rest->p[i] == '\\' && i + 1 < rest->n ? 2 : 1;
    struct str part = str_sub(*rest, 0, i);
    *rest = str_sub(*rest, i + 1, rest->n);
    return part;
}

/* "%2f" of a URI and "\/" of a formatted string become the sign itself. */
static enum err plain(struct arena *arena, struct str s, bool uri, struct str *ret)
{
    *ret = STR_NONE;
    if (s.n == 0 || str_eq(s, STR("*")) || str_eq(s, STR("-")))
        return OK;
    char *to = arena_alloc(arena, s.n + 1);
    size_t n = 0;
    if (!to)
        return ERR_NOMEM;
    for (size_t i = 0; i < s.n; i++) {
        int high = uri && s.p[i] == '%' && i + 2 < s.n ? ascii_hex((unsigned char)s.p[i + 1]) : -1;
        int low = high >= 0 ? ascii_hex((unsigned char)s.p[i + 2]) : -1;
        if (low >= 0) {
            to[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            i += !uri && s.p[i] == '\\' && i + 1 < s.n;
            to[n++] = s.p[i];
        }
    }
    *ret = str_make(to, n);
    return OK;
}

enum err cpe_parse(struct arena *arena, struct str s, struct cpe *ret_cpe)
{
    s = str_trim(s);
    if (!cpe_shaped(s) || s.n > CPE_BYTES)
        return ERR_FORMAT;
    bool uri = str_istarts(s, STR("cpe:/"));
    struct str rest = str_sub(s, uri ? 5 : 8, s.n), part = next_part(&rest);
    *ret_cpe = (struct cpe){.part = part.n ? (char)ascii_lower((unsigned char)part.p[0]) : 'a'};
    if (part.n > 1 || !strchr("aoh*", ret_cpe->part))
        return ERR_FORMAT;
    TRY(plain(arena, next_part(&rest), uri, &ret_cpe->vendor));
    TRY(plain(arena, next_part(&rest), uri, &ret_cpe->product));
    return plain(arena, next_part(&rest), uri, &ret_cpe->version);
}
