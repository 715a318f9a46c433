#include "model/dossier.h"

#include "base/time.h"

bool build_parse(struct str s, struct build *ret_build)
{
    int n = 0;
    *ret_build = (struct build){{-1, -1, -1, -1}};
    for (size_t i = 0; i < s.n && n < 4;) {
        uint64_t v;
        size_t from = i;
        while (i < s.n && ascii_digit((unsigned char)s.p[i]))
            i++;
        if (i > from) {
            if (!str_u64(str_sub(s, from, i), &v) || v > INT32_MAX)
                return false;
            ret_build->part[n++] = (int32_t)v;
        }
        while (i < s.n && !ascii_digit((unsigned char)s.p[i]))
            i++;
    }
    return n >= 2;
}

static int cmp_first(const struct build *a, const struct build *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? -1 : 1;
    return 0;
}

int build_cmp(const struct build *a, const struct build *b)
{
    return cmp_first(a, b, ARRAY_LEN(a->part));
}

unsigned line_numbers(const struct product *product)
{
    return product->line_parts > 0 ? (unsigned)product->line_parts : USUAL_LINE;
}

int line_cmp(const struct product *product, const struct build *a, const struct build *b)
{
    return cmp_first(a, b, line_numbers(product));
}

bool build_exact(const struct build *b)
{
    return b->part[0] >= 0 && b->part[1] >= 0 && b->part[2] >= 0 && b->part[3] >= 0;
}

void build_add(struct buf *out, const struct build *b)
{
    for (int i = 0; i < 4 && b->part[i] >= 0; i++) {
        if (i)
            buf_putc(out, '.');
        buf_i64(out, b->part[i]);
    }
}

int64_t at_latest(int64_t us, bool by_month)
{
    return by_month && us != TIME_NONE ? us + 31 * US_PER_DAY : us;
}
