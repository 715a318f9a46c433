#include "cli/opt.h"

#include "cli/suggest.h"

#include <inttypes.h>

void opt_defaults(const struct option_def *defs, void *values, size_t values_size)
{
    if (values_size)
        memset(values, 0, values_size);
    for (const struct option_def *d = defs; d && d->name; d++)
        if (d->kind == OPTION_TIME)
            *(int64_t *)(void *)((char *)values + d->at) = TIME_NONE;
}

/* One command line being read. */
struct cursor {
    struct opt_parse *p;
    char *const *next; /* the argument after this one */
    struct error *error;
};

static const struct option_def *by_name(struct opt_parse *p, struct str name, void **ret_values)
{
    for (size_t i = 0; i < ARRAY_LEN(p->set); i++)
        for (const struct option_def *d = p->set[i].defs; d && d->name; d++)
            if (str_eq(name, str_of(d->name))) {
                *ret_values = p->set[i].values;
                return d;
            }
    return NULL;
}

static const struct option_def *by_letter(struct opt_parse *p, char letter, void **ret_values)
{
    for (size_t i = 0; i < ARRAY_LEN(p->set); i++)
        for (const struct option_def *d = p->set[i].defs; d && d->name; d++)
            if (d->letter && d->letter == letter) {
                *ret_values = p->set[i].values;
                return d;
            }
    return NULL;
}

static enum err unknown(struct cursor *c, struct str name)
{
    struct suggestion s = {.word = name};
    for (size_t i = 0; i < ARRAY_LEN(c->p->set); i++)
        for (const struct option_def *d = c->p->set[i].defs; d && d->name; d++)
            suggest_offer(&s, d->name);
    if (s.best)
        return fail(c->error, ERR_USAGE, "unknown option '--%.*s'; did you mean '--%s'?",
                    STR_FMT(name), s.best);
    return fail(c->error, ERR_USAGE, "unknown option '--%.*s'", STR_FMT(name));
}

static enum err list_add(struct opt_parse *p, struct str_list *list, struct str value)
{
    bool full = (list->n & (list->n - 1)) == 0; /* grows at 0, 1, 2, 4, 8, ... */
    if (full) {
        struct str *v = arena_new_n(p->arena, struct str, list->n ? 2 * list->n : 1);
        if (!v)
            return ERR_NOMEM;
        if (list->n)
            memcpy(v, list->v, list->n * sizeof *v);
        list->v = v;
    }
    list->v[list->n++] = value;
    return OK;
}

static bool parse_size(struct str s, uint64_t *ret_bytes)
{
    static const char units[] = "kmgt";
    unsigned shift = 0;
    if (s.n && (s.p[s.n - 1] | 32) == 'b')
        s.n--;
    const char *u = s.n ? strchr(units, s.p[s.n - 1] | 32) : NULL;
    if (u && *u) {
        shift = 10 * (unsigned)(u - units + 1);
        s.n--;
    }
    uint64_t v;
    if (!str_u64(s, &v) || v > UINT64_MAX >> shift)
        return false;
    *ret_bytes = v << shift;
    return true;
}

static enum err set_number(struct cursor *c, const struct option_def *d, uint64_t *at,
                           struct str value)
{
    if (!str_u64(value, at) || *at < d->min || (d->max && *at > d->max)) {
        if (d->max)
            return fail(c->error, ERR_USAGE,
                        "option '--%s': '%.*s' is no number from %" PRIu64 " to %" PRIu64, d->name,
                        STR_FMT(value), d->min, d->max);
        return fail(c->error, ERR_USAGE, "option '--%s': '%.*s' is no number", d->name,
                    STR_FMT(value));
    }
    return OK;
}

static enum err set_value(struct cursor *c, const struct option_def *d, void *values,
                          struct str value)
{
    void *at = (char *)values + d->at;
    switch (d->kind) {
    case OPTION_FLAG: *(bool *)at = true; return OK;
    case OPTION_TEXT: *(struct str *)at = value; return OK;
    case OPTION_LIST: return list_add(c->p, at, value);
    case OPTION_NUMBER: return set_number(c, d, at, value);
    case OPTION_SIZE:
        if (parse_size(value, at))
            return OK;
        return fail(c->error, ERR_USAGE, "option '--%s': '%.*s' is no size such as 512, 64K or 2G",
                    d->name, STR_FMT(value));
    case OPTION_TIME:
        if (time_parse(value, at))
            return OK;
        return fail(c->error, ERR_USAGE,
                    "option '--%s': '%.*s' is no time: write 2021-03-02 or 2021-03-02T01:02:03Z",
                    d->name, STR_FMT(value));
    }
    return ERR_BUG;
}

/* The value behind "=" or "-j", or else the next argument. */
static enum err take_value(struct cursor *c, const struct option_def *d, struct str *value)
{
    if (!value->p && *c->next)
        *value = str_of(*c->next++);
    if (!value->p)
        return fail(c->error, ERR_USAGE, "option '--%s' needs a value: --%s %s", d->name, d->name,
                    d->arg);
    if (value->n == 0)
        return fail(c->error, ERR_USAGE, "option '--%s': the value is empty", d->name);
    return OK;
}

static enum err long_option(struct cursor *c, struct str arg)
{
    struct str value = arg, name;
    void *values;
    (void)str_cut(&value, '=', &name);
    const struct option_def *d = by_name(c->p, name, &values);
    if (!d)
        return unknown(c, name);
    if (d->kind == OPTION_FLAG && value.p)
        return fail(c->error, ERR_USAGE, "option '--%s' takes no value", d->name);
    if (d->kind != OPTION_FLAG)
        TRY(take_value(c, d, &value));
    return set_value(c, d, values, value);
}

static enum err letters(struct cursor *c, struct str arg)
{
    for (size_t i = 0; i < arg.n; i++) {
        void *values;
        const struct option_def *d = by_letter(c->p, arg.p[i], &values);
        if (!d)
            return fail(c->error, ERR_USAGE, "unknown option '-%c'", arg.p[i]);
        if (d->kind == OPTION_FLAG) {
            TRY(set_value(c, d, values, STR_NONE));
            continue;
        }
        struct str value = i + 1 < arg.n ? str_sub(arg, i + 1, arg.n) : STR_NONE;
        TRY(take_value(c, d, &value));
        return set_value(c, d, values, value);
    }
    return OK;
}

enum err opt_parse(struct opt_parse *p, char *const *argv, struct error *error)
{
    struct cursor c = {.p = p, .next = argv, .error = error};
    bool literal = false; /* after "--" */
    p->operands = (struct str_list){0};
    while (*c.next) {
        struct str arg = str_of(*c.next);
        bool option = !literal && arg.n > 1 && arg.p[0] == '-';
        if (!option && p->stop_at_operand)
            break;
        c.next++;
        if (!option)
            TRY(list_add(p, &p->operands, arg));
        else if (arg.p[1] != '-')
            TRY(letters(&c, str_sub(arg, 1, arg.n)));
        else if (arg.n == 2)
            literal = true;
        else
            TRY(long_option(&c, str_sub(arg, 2, arg.n)));
    }
    p->used = (size_t)(c.next - argv);
    return OK;
}
