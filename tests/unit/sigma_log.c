#include "sigma_log.h"

#include "dossier/rules.h"
#include "unit.h"

#include <stdio.h>

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

/* u2 stands in the raw line with a tilde before every byte, so that its anchors are its own. */
enum { TILDES = 4 };
static struct str tildes(struct str s, char *room)
{
    for (size_t i = 0; i < s.n; i++) {
        room[2 * i] = '~';
        room[2 * i + 1] = s.p[i];
    }
    return str_make(room, 2 * s.n);
}

size_t log_min_anchor = 1;
static bool anchor(void *ctx, uint16_t view, struct str literal, struct str *ret_raw,
                   double *ret_cost)
{
    static char room[1024];
    (void)ctx;
    if (2 * literal.n > sizeof room)
        return false;
    *ret_raw = view == TILDES ? tildes(literal, room) : literal;
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
        if (v.n && row->n + 2 * v.n + COLUMNS < sizeof row->raw) {
            if (i == TILDES)
                (void)tildes(v, row->raw + row->n);
            else
                memcpy(row->raw + row->n, v.p, v.n);
            row->n += i == TILDES ? 2 * v.n : v.n;
        }
        row->raw[row->n++] = ' ';
    }
}

static bool holds_one(const struct row *row, const struct str *lit, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ifind(str_make(row->raw, row->n), lit[i]) >= 0)
            return true;
    return false;
}

static bool gate_opens(const struct sigma_gate *gate, const struct row *row)
{
    for (size_t i = 0; i < gate->n_terms; i++) {
        bool whole = true;
        for (size_t k = 0; k < gate->n_leaves; k++)
            if (gate->term[i] >> k & 1)
                whole &= holds_one(row, gate->leaf[k].literal, gate->leaf[k].n);
        if (whole)
            return true;
    }
    return gate->n_terms == 0;
}

bool log_anchored(const struct sigma_plan *plan, const struct row *row)
{
    const struct str *lit;
    size_t n = sigma_anchors(plan, &lit, NULL);
    return (n == 0 || holds_one(row, lit, n)) && gate_opens(sigma_gate(plan), row);
}

struct sigma_rule *log_rule(struct arena *arena, const char *detection)
{
    struct sigma_rule *rules;
    struct sigma_problem *problems;
    size_t n, bad;
    char text[8192];
    (void)snprintf(text, sizeof text,
                   "title: T\nid: r1\nname: rname\nlogsource: {category: c, product: p}\n"
                   "detection:\n%s",
                   detection);
    assert_int_equal(rules_parse(arena, str_of(text), STR("t.yml"), &rules, &n, &problems, &bad),
                     OK);
    if (bad || n != 1)
        fail_msg("line %u: %.*s in\n%s", bad ? problems[0].line : 0,
                 STR_FMT(bad ? problems[0].reason : STR("")), text);
    return rules;
}

struct sigma_plan *log_plan(struct arena *arena, const char *detection)
{
    struct sigma_plan *plan;
    struct error error;
    if (sigma_compile(arena, log_rule(arena, detection), NULL, &log_env, &plan, &error))
        fail_msg("%s in\n%s", error.text, detection);
    return plan;
}
