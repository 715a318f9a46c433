#include "codec/rpscat.h"

#include "base/rd.h"
#include "codec/codec.h"

static int sextet(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (ascii_digit(c))
        return c - '0' + 52;
    return c == '+' || c == '-' || c == ' ' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* As far as it is base64; a blank is a "+" that was decoded once too often. */
static size_t decode(struct str text, unsigned char *out, size_t max)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < max; i++) {
        int v = sextet((unsigned char)text.p[i]);
        if (v < 0)
            break;
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (unsigned char)(bits >> have);
        }
    }
    return n;
}

static bool printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
            return false;
    return s.n > 0;
}

/* Field by field; a tag that is not known ends the reading. */
static bool read_fields(struct arena *arena, struct rd *r, struct str *ret_user,
                        struct str *ret_sid)
{
    while (!r->rc && rd_left(r)) {
        uint8_t tag = rd_u8(r);
        if (tag == 'V') {
            (void)rd_u16(r);
        } else if (tag == 'C') {
            (void)rd_u8(r);
        } else if (tag == 'T' || tag == 'A' || tag == 'L' || tag == 'U') {
            struct str text = rd_slice(r, rd_u8(r));
            if (r->rc || (tag == 'L' || tag == 'U' ? !printable(text) : false))
                break;
            if (tag == 'L')
                *ret_user = arena_str(arena, text);
            if (tag == 'U')
                *ret_sid = arena_str(arena, text);
        } else {
            break;
        }
    }
    return ret_user->p || ret_sid->p;
}

bool rpscat_read(struct arena *arena, struct str query, struct str *ret_user, struct str *ret_sid)
{
    unsigned char token[RPSCAT_BYTES];
    struct buf plain;
    ptrdiff_t at = str_ifind(query, STR("X-Rps-CAT="));
    *ret_user = *ret_sid = STR_NONE;
    if (at < 0)
        return false;
    struct str text = str_sub(query, (size_t)at + 10, (size_t)at + 10 + RPSCAT_BYTES);
    buf_init(&plain, RPSCAT_BYTES);
    bool decoded = url_decode(&plain, text, false);
    size_t n = decode(decoded && !plain.rc ? buf_view(&plain) : text, token, sizeof token);
    buf_done(&plain);
    struct rd r = rd_of(str_make((const char *)token, n));
    return n > 4 && token[0] == 'V' && read_fields(arena, &r, ret_user, ret_sid);
}
