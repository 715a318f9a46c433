#include "scan/program.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"

enum { PROGRAM_BYTES = 64 * 1024 * 1024, MAX_LITERALS = 200 * 1000, ADDRESSES_IN_SWEEP = 3000 };

/* A second set is worth its hits only while these are rare: expected ones per million lines. */
#define SECOND_SET_COST 65e3

/* Percent escapes of characters that nobody needs to escape, and of the percent sign itself: a line
 * with one of them is decoded and swept once more. */
static const char *const escape_forms[] = {
    "%25", "%2d", "%2e", "%5f", "%7e", "%u00",
};

struct builder {
    struct program *p;
    struct map ids;
    VEC(struct str) literal;
    VEC(struct pair { uint32_t literal; struct target target; }) pair;
};

static enum err add_literal(struct builder *b, struct str text, struct target target)
{
    uint32_t id;
    bool is_new;
    char low[256];
    if (text.n == 0 || text.n > sizeof low)
        return ERR_LIMIT;
    for (size_t i = 0; i < text.n; i++)
        low[i] = (char)ascii_lower((unsigned char)text.p[i]);
    struct str key = str_make(low, text.n);
    TRY(map_intern(&b->ids, key, &id, &is_new));
    if (is_new) {
        struct str copy = arena_str(&b->p->arena, key);
        if (!copy.p)
            return ERR_NOMEM;
        TRY(vec_push(&b->literal, copy, MAX_LITERALS));
    }
    struct pair pair = {id, target};
    return vec_push(&b->pair, pair, (size_t)MAX_LITERALS * 4);
}

static bool reserved(unsigned char c)
{
    return !ascii_digit(c) && !ascii_alpha(c) && !strchr("-._~", c);
}

/* The literal plain, and with each of at most two reserved signs percent-encoded. */
static enum err add_spellings(struct builder *b, struct str text, struct target target)
{
    size_t at[2], n = 0, total = 0;
    for (size_t i = 0; i < text.n; i++)
        if (reserved((unsigned char)text.p[i])) {
            if (total < 2)
                at[n++] = i;
            total++;
        }
    if (!b->p->decodes || total > 2)
        return add_literal(b, text, target);
    for (unsigned mask = 0; mask < 1u << n; mask++) {
        struct buf out;
        enum err rc;
        buf_init(&out, 512);
        for (size_t i = 0; i < text.n; i++) {
            bool encode = (n > 0 && i == at[0] && (mask & 1)) || (n > 1 && i == at[1] && (mask & 2));
            if (encode)
                buf_printf(&out, "%%%02x", (unsigned char)text.p[i]);
            else
                buf_putc(&out, text.p[i]);
        }
        rc = out.rc ? out.rc : add_literal(b, buf_view(&out), target);
        buf_done(&out);
        TRY(rc);
    }
    return OK;
}

/* What the Sigma compiler asks. */
struct env {
    struct program *p;
    const struct dossier *dossier;
};

static size_t env_views(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    struct env *e = ctx;
    return kind_views(e->p->kind, field, ret_view);
}

static size_t env_placeholder(void *ctx, struct str name, const struct str **ret_values)
{
    const struct env *e = ctx;
    for (size_t i = 0; e->dossier && i < e->dossier->n_placeholders; i++)
        if (str_eq(e->dossier->placeholder[i].name, name)) {
            *ret_values = e->dossier->placeholder[i].values.v;
            return e->dossier->placeholder[i].values.n;
        }
    return 0;
}

static bool env_anchor(void *ctx, uint16_t view, struct str literal, struct str *ret_raw,
                       double *ret_cost)
{
    const struct env *e = ctx;
    return anchor_of(e->p->set, e->p->kind, view, literal, ret_raw, ret_cost);
}

static enum err add_part(struct builder *b, uint32_t bound, uint8_t part, const struct str *literal,
                         size_t n)
{
    if (n)
        b->p->bound[bound].parts |= part;
    for (size_t i = 0; i < n; i++)
        TRY(add_spellings(b, literal[i], (struct target){TARGET_RULE, bound, part}));
    return OK;
}

static enum err bind_rule(struct builder *b, uint32_t rule, struct error *error)
{
    struct program *p = b->p;
    const struct scan_rule *r = &p->set->rule[rule];
    struct env e = {p, r->dossier};
    struct sigma_env env = {&e, env_views, env_placeholder, env_anchor};
    struct sigma_plan *plan;
    enum err rc = sigma_compile(&p->arena, r->sigma, &p->set->filters, &env, &plan, error);
    if (rc == ERR_UNSUPPORTED)
        return OK; /* `tocsin rules lint` names it */
    TRY(rc);
    uint32_t index = (uint32_t)p->n_bound;
    p->bound[p->n_bound++] = (struct bound){.rule = rule, .plan = plan};
    if (r->meta.target_regex.n)
        TRY(re_new(r->meta.target_regex, RE_IGNORE_CASE, &p->bound[index].target, error));
    const struct str *literal;
    double cost;
    size_t n = sigma_anchors(plan, &literal, &cost);
    if (n == 0)
        p->always[p->n_always++] = index;
    TRY(add_part(b, index, 1, literal, n));
    n = sigma_second_anchors(plan, &literal, &cost);
    return n && cost < SECOND_SET_COST ? add_part(b, index, 2, literal, n) : OK;
}

static enum err bind_rules(struct builder *b, struct error *error)
{
    struct program *p = b->p;
    p->bound = arena_new_n(&p->arena, struct bound, p->set->n_sigma + 1);
    p->always = arena_new_n(&p->arena, uint32_t, p->set->n_sigma + 1);
    if (!p->bound || !p->always)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < p->set->n_sigma; i++)
        if (p->set->rule[i].sigma->type == SIGMA_DETECTION &&
            kind_answers(&p->set->logsources, p->kind, p->set->rule[i].sigma))
            TRY(bind_rule(b, i, error));
    return OK;
}

/* Few addresses ride in the sweep; many are looked up, typed, on every row. */
static enum err bind_indicators(struct builder *b)
{
    struct program *p = b->p;
    const struct ruleset *set = p->set;
    const struct ioc_literal *lit;
    if (!set->ioc)
        return OK;
    size_t n = ioc_literals(set->ioc, &lit), addresses = 0;
    for (size_t i = 0; i < n; i++)
        if (lit[i].text.n)
            TRY(add_spellings(b, lit[i].text, (struct target){TARGET_INDICATOR, lit[i].index, 0}));
    bool nets = false;
    for (size_t i = 0; i < set->n_indicators; i++)
        if (set->indicator[i].type == INDICATOR_ADDRESS) {
            addresses++;
            struct str v = set->indicator[i].value;
            nets |= str_chr(v, '/') >= 0 || str_chr(v, ':') >= 0;
        }
    p->addresses = p->kind->n_role[ROLE_CLIENT] && (nets || addresses > ADDRESSES_IN_SWEEP);
    p->every_row |= p->addresses;
    for (size_t i = 0; !p->addresses && i < set->n_indicators; i++)
        if (set->indicator[i].type == INDICATOR_ADDRESS)
            TRY(add_literal(b, set->indicator[i].value,
                            (struct target){TARGET_INDICATOR, (uint32_t)i, 0}));
    return OK;
}

static enum err bind_events(struct builder *b, const struct codec *codec)
{
    struct program *p = b->p;
    for (size_t i = 0; codec->markers && codec->markers[i]; i++)
        TRY(add_literal(b, str_of(codec->markers[i]), (struct target){TARGET_MARKER, 0, 0}));
    for (size_t i = 0; i < p->set->n_pivots; i++)
        TRY(add_literal(b, p->set->pivot[i].value, (struct target){TARGET_PIVOT, (uint32_t)i, 0}));
    if (!p->decodes)
        return OK;
    for (size_t i = 0; i < ARRAY_LEN(escape_forms); i++)
        TRY(add_literal(b, str_of(escape_forms[i]), (struct target){TARGET_ESCAPES, 0, 0}));
    for (unsigned c = '0'; c <= 'z'; c++)
        if (ascii_digit((unsigned char)c) || ascii_alpha((unsigned char)c)) {
            char hex[3] = {'%', "0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15]};
            TRY(add_literal(b, str_make(hex, 3), (struct target){TARGET_ESCAPES, 0, 0}));
        }
    return OK;
}

static int by_literal(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->literal != y->literal)
        return x->literal < y->literal ? -1 : 1;
    if (x->target.kind != y->target.kind)
        return x->target.kind < y->target.kind ? -1 : 1;
    if (x->target.index != y->target.index)
        return x->target.index < y->target.index ? -1 : 1;
    return (x->target.part > y->target.part) - (x->target.part < y->target.part);
}

static enum err finish(struct builder *b, struct error *error)
{
    struct program *p = b->p;
    p->n_literals = b->literal.n;
    p->literal = arena_new_n(&p->arena, struct str, p->n_literals + 1);
    p->target_at = arena_new_n(&p->arena, uint32_t, p->n_literals + 2);
    p->target = arena_new_n(&p->arena, struct target, b->pair.n + 1);
    if (!p->literal || !p->target_at || !p->target)
        return ERR_NOMEM;
    if (b->pair.n)
        qsort(b->pair.v, b->pair.n, sizeof *b->pair.v, by_literal);
    for (size_t i = 0; i < b->pair.n; i++) {
        if (i && by_literal(&b->pair.v[i - 1], &b->pair.v[i]) == 0)
            continue;
        p->target[p->n_targets++] = b->pair.v[i].target;
        p->target_at[b->pair.v[i].literal + 1] = (uint32_t)p->n_targets;
    }
    if (p->n_literals)
        memcpy(p->literal, b->literal.v, p->n_literals * sizeof *p->literal);
    return lit_new(p->literal, p->n_literals, &p->lits, error);
}

static bool has_url_views(const struct kind_def *k)
{
    for (size_t i = 0; i < k->n_views; i++)
        if (k->view[i].how == HOW_PATH || k->view[i].how == HOW_URL || k->view[i].how == HOW_QUERY)
            return true;
    return false;
}

enum err program_new(const struct ruleset *set, struct kind_def *kind, const struct codec *codec,
                     struct program **ret_program, struct error *error)
{
    struct program *p = calloc(1, sizeof *p);
    *ret_program = NULL;
    if (!p)
        return fail(error, ERR_NOMEM, "out of memory");
    arena_init(&p->arena, PROGRAM_BYTES);
    p->set = set;
    p->kind = kind;
    p->decodes = has_url_views(kind);
    p->every_row = set->full;
    struct builder b = {.p = p};
    map_init(&b.ids, &p->arena, MAX_LITERALS);
    enum err rc = bind_rules(&b, error);
    if (!rc)
        rc = bind_indicators(&b);
    if (!rc)
        rc = bind_events(&b, codec);
    if (!rc)
        rc = finish(&b, error);
    map_done(&b.ids);
    vec_done(&b.literal);
    vec_done(&b.pair);
    p->every_row |= p->n_always > 0;
    if (rc) {
        (void)program_free(p);
        return rc;
    }
    *ret_program = p;
    return OK;
}

struct program *program_free(struct program *p)
{
    if (p) {
        for (size_t i = 0; i < p->n_bound; i++)
            (sigma_plan_done(p->bound[i].plan), (void)re_free(p->bound[i].target));
        (void)lit_free(p->lits);
        arena_done(&p->arena);
        free(p);
    }
    return NULL;
}
