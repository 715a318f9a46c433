#include "sigma_log.h"

static const char *const column[COLUMNS] = {"f", "g", "h", "u1", "u2"};
size_t log_views(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    (void)ctx;
    if (str_eq(field, STR("u"))) {
        ret_view[0] = 3;
        ret_view[1] = 4;
        return 2;
    }
    for (uint16_t i = 0; i < COLUMNS; i++)
        if (str_eq(field, str_of(column[i]))) {
            ret_view[0] = i;
            return 1;
        }
    return 0;
}

static size_t placeholder(void *ctx, struct str name, const struct str **ret_values)
{
    static const struct str hosts[] = {STR("alpha"), STR("be.ta"), STR("g*a")};
    (void)ctx;
    *ret_values = hosts;
    return str_eq(name, STR("hosts")) ? ARRAY_LEN(hosts) : 0;
}

size_t log_min_anchor = 1;
static bool anchor(void *ctx, uint16_t view, struct str literal, struct str *ret_raw,
                   double *ret_cost)
{
    (void)ctx;
    (void)view;
    *ret_raw = literal;
    *ret_cost = 1000.0 / (double)literal.n;
    return literal.n >= log_min_anchor;
}

const struct sigma_env log_env = {NULL, log_views, placeholder, anchor};

struct str log_value(void *ctx, uint16_t view)
{
    const struct row *row = ctx;
    return view < COLUMNS ? row->value[view] : STR_NONE;
}

struct sigma_subject log_subject(struct row *row)
{
    return (struct sigma_subject){row, str_make(row->raw, row->n), row->time_us, log_value};
}

void log_make_raw(struct row *row)
{
    row->n = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        struct str v = row->value[i];
        if (v.n && row->n + v.n + 1 < sizeof row->raw) {
            memcpy(row->raw + row->n, v.p, v.n);
            row->n += v.n;
        }
        row->raw[row->n++] = ' ';
    }
}

bool log_anchored(const struct sigma_plan *plan, const struct row *row)
{
    const struct str *lit;
    size_t n = sigma_anchors(plan, &lit, NULL);
    for (size_t i = 0; i < n; i++)
        if (str_ifind(str_make(row->raw, row->n), lit[i]) >= 0)
            return true;
    return n == 0;
}
