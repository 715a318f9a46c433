#include "scan/program.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "dossier/placeholders.h"
#include "scan/correlate.h"

/* Few literals are searched for sooner than cells are told apart, as in the second look. */
enum { FEW_LITERALS = 200, MAX_INDICATOR_BYTES = 64 };

enum { PROGRAM_BYTES = 64 * 1024 * 1024, MAX_LITERALS = 200 * 1000, ADDRESSES_IN_SWEEP = 3000 };

/* Percent escapes of characters that nobody needs to escape, and of the percent sign itself: a line
 * with one of them is decoded and swept once more. */
static const char *const escape_forms[] = {
    "%25", "%2d", "%2e", "%5f", "%7e", "%u00",
};

/* The ways in which a path is spelled that servers understand all the same (url_tidy); what stands
 * before doubled slashes is added to the first. A line with one of them is treated likewise. */
static const char *const slash_forms[] = {
    "/%2f",   "%2f/",     "/./",   "/.%2f",   "%2f./",   "%2f.%2f", "/../",  "/..%2f",
    "%2f../", "%2f..%2f", "(a(",   "(f(",     "(s(",     "(a%28",   "(f%28", "(s%28",
    "%28a(",  "%28f(",    "%28s(", "%28a%28", "%28f%28", "%28s%28",
};
/* ":%2f%2f" is in every address that a query names: whether there is another one is looked at. */
static const char slashes_twice[] = "%2f%2f";

struct builder {
    struct program *p;
    struct map ids;
    struct map detections; /* fingerprints: which rules ask the same */
    VEC(uint32_t) first;   /* by detection: the bound rule that had it first */
    VEC(struct str) literal;
    VEC(struct pair {
        uint32_t literal;
        struct target target;
    })
    pair;
};

static enum err add_literal(struct builder *b, struct str text, struct target target)
{
    uint32_t id;
    bool is_new;
    char low[256];
    if (b->p->codec->cuts)
        text = anchor_in_cell(b->p->set, b->p->kind, b->p->codec->cuts, text);
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
            bool encode =
                (n > 0 && i == at[0] && (mask & 1)) || (n > 1 && i == at[1] && (mask & 2));
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

static bool is_mapped(const struct kind_def *k, struct str field)
{
    for (size_t i = 0; i < k->n_fields; i++)
        if (str_ieq(k->field[i].name, field))
            return true;
    return false;
}

/* Of a shape all fields are known: views of others are no views. */
static size_t shape_views(struct program *p, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    size_t kept = 0;
    if (!is_mapped(p->kind, field) && fields_column(p->state, field) < 0)
        return 0;
    size_t n = kind_views(p->kind, field, ret_view);
    for (size_t i = 0; i < n; i++)
        if (fields_column(p->state, p->kind->view[ret_view[i]].column[0]) >= 0)
            ret_view[kept++] = ret_view[i];
    return kept;
}

static size_t env_views(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    struct env *e = ctx;
    return e->p->shape ? shape_views(e->p, field, ret_view)
                       : kind_views(e->p->kind, field, ret_view);
}

/* The column whose value all events of the shape share; NULL if they do not. */
static const struct shape_field *fixed_column(const struct program *p, struct str names)
{
    int16_t c = p->shape ? fields_column(p->state, names) : -1;
    return c >= 0 && p->shape->field[c].fixed.p ? &p->shape->field[c] : NULL;
}

static bool env_fixed(void *ctx, uint16_t view, struct str *ret_value)
{
    const struct env *e = ctx;
    const struct view *v = view < e->p->kind->n_views ? &e->p->kind->view[view] : NULL;
    if (!v || v->how != HOW_RAW)
        return false;
    const struct shape_field *field = fixed_column(e->p, v->column[0]);
    if (!field || field->list || str_ieq(v->column[0], STR("Computer")))
        return false;
    *ret_value = field->fixed;
    return true;
}

static bool any_fixed(const struct program *p, struct str names)
{
    int16_t c[FIELD_CHOICES];
    uint16_t n = p->shape ? fields_candidates(p->state, names, c) : 0;
    while (n && !p->shape->field[c[n - 1]].fixed.p)
        n--;
    return n > 0;
}

/* Does a view show anything that stands in no row because all rows share it? */
static bool shows_fixed(const struct program *p, uint16_t view, struct str literal)
{
    if (view < p->kind->n_views) {
        for (size_t i = 0; i < p->kind->view[view].n; i++)
            if (any_fixed(p, p->kind->view[view].column[i]))
                return true;
        return false;
    }
    for (uint16_t i = 0; i < p->shape->n; i++)
        if (str_ifind(p->shape->field[i].fixed, literal) >= 0 ||
            str_ifind(p->shape->field[i].name, literal) >= 0)
            return true;
    return false;
}

static size_t env_alone(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    struct env *e = ctx;
    return kind_views_alone(e->p->kind, field, ret_view);
}

static size_t env_placeholder(void *ctx, struct str name, const struct str **ret_values)
{
    const struct env *e = ctx;
    const struct dossier *d = e->dossier;
    const struct placeholder *p =
        d ? placeholders_find(d->placeholder, d->n_placeholders, name) : NULL;
    if (!p)
        p = placeholders_find(e->p->set->placeholder, e->p->set->n_placeholders, name);
    *ret_values = p ? p->values.v : NULL;
    return p ? p->values.n : 0;
}

static bool env_anchor(void *ctx, uint16_t view, struct str literal, struct str *ret_raw,
                       double *ret_cost)
{
    const struct env *e = ctx;
    if (e->p->shape && shows_fixed(e->p, view, literal))
        return false;
    return anchor_of(e->p->set, e->p->kind, view, literal, ret_raw, ret_cost);
}

static unsigned env_weight(void *ctx, uint16_t view)
{
    const struct env *e = ctx;
    if (view == SIGMA_VIEW_RAW || view >= e->p->kind->n_views)
        return 20;
    switch (e->p->kind->view[view].how) {
    case HOW_RAW: return 1;
    case HOW_TEXT:
    case HOW_PATH:
    case HOW_PLAINPATH:
    case HOW_CLIENT:
    case HOW_COMMAS: return 5;
    default: return 15;
    }
}

enum { MAX_CHECKS = 4096, MAX_CHECK_LITERALS = 16 };

/* What sweeping for a leaf costs: its hits, and its short literals, which make the matcher look in
 * vain in many places. In hits in a million lines. */
static double sweep_cost(const struct sigma_leaf *leaf)
{
    double cost = leaf->cost;
    for (size_t i = 0; i < leaf->n; i++)
        cost += leaf->literal[i].n < 5 ? 8e3 : leaf->literal[i].n < 7 ? 1e3 : 0;
    return cost;
}

/* Of each term the cheapest leaf is swept for; the others are looked for in the lines that have it.
 */
static uint32_t leaves_to_sweep(const struct sigma_gate *gate)
{
    uint32_t swept = 0;
    for (size_t t = 0; t < gate->n_terms; t++) {
        size_t best = SIGMA_GATE_LEAVES;
        for (size_t i = 0; i < gate->n_leaves; i++)
            if ((gate->term[t] >> i & 1) &&
                (best == SIGMA_GATE_LEAVES ||
                 sweep_cost(&gate->leaf[i]) < sweep_cost(&gate->leaf[best])))
                best = i;
        swept |= UINT32_C(1) << best;
    }
    return swept;
}

static bool same_literals(const struct check *c, const struct sigma_leaf *leaf)
{
    if (c->n != leaf->n || c->views->whole != leaf->views.whole ||
        memcmp(c->views->bit, leaf->views.bit, sizeof leaf->views.bit) != 0)
        return false;
    for (size_t i = 0; i < c->n; i++)
        if (!str_eq(c->literal[i], leaf->literal[i]))
            return false;
    return true;
}

static struct str longest_run(struct str literal)
{
    struct str best = STR("");
    for (size_t from = 0, to; from <= literal.n; from = to + 1) {
        for (to = from; to < literal.n && !reserved((unsigned char)literal.p[to]); to++)
            ;
        if (to - from > best.n)
            best = str_sub(literal, from, to);
    }
    return best;
}

/* Rules often ask for the same ("post", ".aspx" and the like): one check serves all. */
static enum err add_check(struct program *p, const struct sigma_leaf *leaf, uint16_t *ret_check)
{
    size_t i = 0;
    *ret_check = CHECK_ALWAYS;
    if (leaf->n > MAX_CHECK_LITERALS)
        return OK;
    while (i < p->n_checks && !same_literals(&p->check[i], leaf))
        i++;
    if (i == MAX_CHECKS)
        return OK;
    if (i == p->n_checks) {
        if (i == p->cap_checks)
            TRY(vec_grow((void **)&p->check, i, &p->cap_checks, sizeof *p->check, MAX_CHECKS));
        struct str *run = arena_new_n(&p->arena, struct str, leaf->n + 1);
        if (!run)
            return ERR_NOMEM;
        for (size_t k = 0; k < leaf->n; k++)
            run[k] = longest_run(leaf->literal[k]);
        p->check[p->n_checks++] = (struct check){
            .literal = leaf->literal, .run = run, .n = leaf->n, .views = &leaf->views};
    }
    *ret_check = (uint16_t)i;
    return OK;
}

/* How soon a check ends the question: the chance that a line lacks all of its literals, for each of
 * them that has to be looked for. */
static double check_worth(const struct sigma_leaf *leaf)
{
    double present = leaf->cost / 1e6;
    return (1 - (present < 0.99 ? present : 0.99)) / (double)leaf->n;
}

/* The worthiest first. */
static enum err add_checks(struct program *p, struct bound *r)
{
    uint32_t left = 0;
    for (size_t i = 0; i < r->gate->n_terms; i++)
        left |= r->gate->term[i] & ~r->swept;
    while (left) {
        size_t best = SIGMA_GATE_LEAVES;
        for (size_t i = 0; i < r->gate->n_leaves; i++)
            if ((left >> i & 1) &&
                (best == SIGMA_GATE_LEAVES ||
                 check_worth(&r->gate->leaf[i]) > check_worth(&r->gate->leaf[best])))
                best = i;
        left &= ~(UINT32_C(1) << best);
        r->check[r->n_checks].leaf = UINT32_C(1) << best;
        TRY(add_check(p, &r->gate->leaf[best], &r->check[r->n_checks].check));
        r->n_checks++;
    }
    return OK;
}

/* Of the checks that every term with this leaf asks for the rarest: where it fails the leaf says
 * nothing, and most lines end there. */
static uint16_t guard_of(const struct bound *r, size_t leaf)
{
    uint32_t common = UINT32_MAX;
    for (size_t t = 0; t < r->gate->n_terms; t++)
        if (r->gate->term[t] >> leaf & 1)
            common &= r->gate->term[t];
    for (size_t i = 0; i < r->n_checks; i++)
        if (r->check[i].leaf & common)
            return r->check[i].check;
    return CHECK_ALWAYS;
}

static enum err add_gate(struct builder *b, uint32_t bound)
{
    struct bound *r = &b->p->bound[bound];
    const struct sigma_gate *gate = r->gate;
    r->swept = leaves_to_sweep(gate);
    TRY(add_checks(b->p, r));
    for (size_t leaf = 0; leaf < gate->n_leaves; leaf++) {
        struct target target = {TARGET_RULE, bound, (uint8_t)leaf, guard_of(r, leaf)};
        for (size_t i = 0; (r->swept >> leaf & 1) && i < gate->leaf[leaf].n; i++)
            TRY(add_spellings(b, gate->leaf[leaf].literal[i], target));
    }
    return OK;
}

/* Dossiers share rules: what one of them says about a record, its twins say too. Placeholders and
 * filters are the dossier's or the user's own: such rules have no twins. */
static enum err find_twin(struct builder *b, uint32_t bound)
{
    struct bound *r = &b->p->bound[bound];
    const struct scan_rule *rule = &b->p->set->rule[r->rule];
    uint32_t id;
    bool is_new;
    r->twin = bound;
    if (b->p->set->filters.n || b->p->set->n_placeholders ||
        (rule->dossier && rule->dossier->n_placeholders))
        return OK;
    struct str key = str_make((const char *)rule->sigma->fingerprint, SHA256_BYTES);
    TRY(map_intern(&b->detections, key, &id, &is_new));
    if (is_new)
        return vec_push(&b->first, bound, LIMIT_RULES);
    r->twin = b->first.v[id];
    return OK;
}

static struct sigma_env sigma_env_of(struct env *e)
{
    return (struct sigma_env){.ctx = e,
                              .views = env_views,
                              .placeholder = env_placeholder,
                              .anchor = env_anchor,
                              .weight = env_weight,
                              .alone = env_alone,
                              .fixed = e->p->shape ? env_fixed : NULL,
                              .quoted_rows = e->p->quoted};
}

static enum err bind_rule(struct builder *b, uint32_t rule, struct error *error)
{
    struct program *p = b->p;
    const struct scan_rule *r = &p->set->rule[rule];
    struct env e = {p, r->dossier};
    struct sigma_env env = sigma_env_of(&e);
    struct sigma_plan *plan;
    struct arena_mark before = arena_mark(&p->arena);
    enum err rc = sigma_compile(&p->arena, r->sigma, &p->set->filters, &env, &plan, error);
    if (rc == ERR_UNSUPPORTED) {
        arena_back(&p->arena, before);
        return OK; /* `tocsin rules lint` names it */
    }
    TRY(rc);
    correlations_prepare(p->set, rule, p->kind);
    uint32_t index = (uint32_t)p->n_bound;
    if (p->n_bound == p->cap_bound)
        rc = vec_grow((void **)&p->bound, p->n_bound, &p->cap_bound, sizeof *p->bound, LIMIT_RULES);
    if (rc) {
        sigma_plan_done(plan);
        return rc;
    }
    p->bound[p->n_bound++] = (struct bound){.rule = rule, .plan = plan};
    if (r->meta.target_regex.n)
        TRY(re_new(r->meta.target_regex, RE_IGNORE_CASE, &p->bound[index].target, error));
    p->bound[index].gate = sigma_gate(plan);
    p->whole_rows |= sigma_views(plan)->whole;
    if (p->bound[index].gate->n_terms == 0)
        p->always[p->n_always++] = index;
    TRY(find_twin(b, index));
    return add_gate(b, index);
}

size_t program_kinds(const struct ruleset *set)
{
    return set->logsources.n + set->channels.n;
}

struct str program_kind_name(const struct ruleset *set, size_t kind)
{
    return kind < set->logsources.n ? set->logsources.kind[kind].pattern
                                    : set->channels.channel[kind - set->logsources.n].kind.pattern;
}

static enum err kind_for(const struct ruleset *set, size_t kind, const struct sigma_rule *rule,
                         struct arena *arena, struct kind_def **ret_kind)
{
    if (kind >= set->logsources.n) {
        const struct channel_def *c = &set->channels.channel[kind - set->logsources.n];
        return channel_kind(c, channel_id_for(c, rule), arena, ret_kind);
    }
    if (!(*ret_kind = arena_new(arena, struct kind_def)))
        return ERR_NOMEM;
    **ret_kind = kind_copy(&set->logsources.kind[kind], arena); /* columns are numbered in it */
    return OK;
}

bool program_kind_for(const struct ruleset *set, size_t kind, const struct sigma_rule *rule)
{
    return kind < set->logsources.n
               ? kind_answers(&set->logsources, &set->logsources.kind[kind], rule)
               : channel_answers(&set->channels.channel[kind - set->logsources.n], rule);
}

enum err program_try_rule(const struct ruleset *set, size_t kind, const struct sigma_rule *rule,
                          struct arena *arena, bool *ret_for, struct error *error)
{
    struct sigma_plan *plan;
    *ret_for = program_kind_for(set, kind, rule);
    if (!*ret_for)
        return OK;
    struct program *p = arena_new(arena, struct program);
    if (!p || kind_for(set, kind, rule, arena, &p->kind))
        return fail(error, ERR_NOMEM, "out of memory");
    p->set = set;
    struct env e = {p, NULL};
    struct sigma_env env = sigma_env_of(&e);
    TRY(sigma_compile(arena, rule, NULL, &env, &plan, error));
    sigma_plan_done(plan);
    return OK;
}

static enum err bind_rules(struct builder *b, struct error *error)
{
    struct program *p = b->p;
    p->always = arena_new_n(&p->arena, uint32_t, p->set->n_sigma + 1);
    if (!p->always)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < p->set->n_sigma; i++)
        if (p->set->rule[i].sigma->type == SIGMA_DETECTION &&
            kind_answers(&p->set->logsources, p->kind, p->set->rule[i].sigma))
            TRY(bind_rule(b, i, error));
    return OK;
}

/* "198.51.100." of "198.51.100.7": as rare, and neighbours share it. */
static struct str first_octets(struct str address)
{
    ptrdiff_t dot = str_rchr(address, '.');
    return dot > 0 ? str_sub(address, 0, (size_t)dot + 1) : address;
}

/* Values of events stand in their rows as they are, so that the text is looked for as a whole:
 * "<script" of "http://f/<script" would stop at every script that an event tells of. */
static enum err add_indicator(struct builder *b, struct str text, uint32_t index)
{
    struct target target = {TARGET_INDICATOR, index, 0, CHECK_ALWAYS};
    if (b->p->kind->rows)
        return add_literal(b, str_sub(text, 0, MAX_INDICATOR_BYTES), target);
    return add_spellings(b, anchor_of_indicator(b->p->set, b->p->kind, text), target);
}

/* Few addresses ride in the sweep; many are looked up, typed, on every row. Those of events are
 * looked up in all their values (sweep_events.c), and swept for nowhere. */
static enum err bind_indicators(struct builder *b)
{
    struct program *p = b->p;
    const struct ruleset *set = p->set;
    const struct ioc_literal *lit;
    if (!set->ioc)
        return OK;
    size_t n = ioc_literals(set->ioc, &lit), addresses = 0;
    for (size_t i = 0; i < n; i++) {
        const struct indicator *ind = &set->indicator[lit[i].index];
        /* Free text stands in a line as it is; of other types only what no log encodes. */
        struct str text = ind->type == INDICATOR_TEXT && lit[i].text.n ? ind->value : lit[i].text;
        if (text.n)
            TRY(add_indicator(b, text, lit[i].index));
    }
    bool nets = false;
    for (size_t i = 0; i < set->n_indicators; i++)
        if (set->indicator[i].type == INDICATOR_ADDRESS) {
            addresses++;
            struct str v = set->indicator[i].value;
            nets |= str_chr(v, '/') >= 0 || str_chr(v, ':') >= 0;
        }
    bool by_client = !p->kind->rows && p->kind->n_role[ROLE_CLIENT] > 0;
    p->addresses = by_client && (nets || addresses > ADDRESSES_IN_SWEEP);
    p->every_row |= p->addresses && p->codec->cells == CELLS_LOOSE;
    if (p->addresses && !(p->stranger = arena_new_n(&p->arena, struct stranger, STRANGERS)))
        return ERR_NOMEM;
    for (size_t i = 0; by_client && !p->addresses && i < set->n_indicators; i++)
        if (set->indicator[i].type == INDICATOR_ADDRESS)
            TRY(add_literal(b, first_octets(set->indicator[i].value),
                            (struct target){TARGET_INDICATOR, (uint32_t)i, 0, CHECK_ALWAYS}));
    return OK;
}

static enum err add_odd(struct builder *b, const char *text)
{
    return add_literal(b, str_of(text), (struct target){TARGET_ESCAPES, 0, 0, CHECK_ALWAYS});
}

/* What makes a line odd enough to be decoded, collapsed and swept once more. */
static enum err bind_odd_spellings(struct builder *b)
{
    for (size_t i = 0; i < ARRAY_LEN(escape_forms); i++)
        TRY(add_odd(b, escape_forms[i]));
    for (unsigned c = '0'; c <= 'z'; c++)
        if (ascii_digit((unsigned char)c) || ascii_alpha((unsigned char)c)) {
            char hex[] = {'%', "0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15], 0};
            TRY(add_odd(b, hex));
        }
    for (const char *p = url_before_slashes; *p; p++) {
        char slashes[] = {*p, '/', '/', 0};
        TRY(add_odd(b, slashes));
    }
    for (size_t i = 0; i < ARRAY_LEN(slash_forms); i++)
        TRY(add_odd(b, slash_forms[i]));
    return add_odd(b, slashes_twice);
}

static enum err bind_events(struct builder *b, const struct codec *codec)
{
    struct program *p = b->p;
    for (size_t i = 0; codec->markers && codec->markers[i]; i++)
        TRY(add_literal(b, str_of(codec->markers[i]),
                        (struct target){TARGET_MARKER, 0, 0, CHECK_ALWAYS}));
    for (size_t i = 0; i < p->set->n_pivots; i++)
        TRY(add_literal(b, p->set->pivot[i].value,
                        (struct target){TARGET_PIVOT, (uint32_t)i, 0, CHECK_ALWAYS}));
    return p->decodes ? bind_odd_spellings(b) : OK;
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
    return (x->target.leaf > y->target.leaf) - (x->target.leaf < y->target.leaf);
}

/* ".aspx" says hardly more than ".asp": of two common literals, one inside the other and nearly as
 * common, only the inner one is swept for. */
#define COMMON_COST 1e3

static bool stands_for(const struct builder *b, const double *cost, size_t inner, size_t outer)
{
    return inner != outer && cost[inner] > COMMON_COST && cost[outer] * 2 >= cost[inner] &&
           b->literal.v[inner].n < b->literal.v[outer].n &&
           str_has(b->literal.v[outer], b->literal.v[inner]);
}

static enum err merge_common(struct builder *b)
{
    struct program *p = b->p;
    size_t n = b->literal.n, kept = 0;
    double *cost = arena_new_n(&p->arena, double, n + 1);
    uint32_t *becomes = arena_new_n(&p->arena, uint32_t, n + 1);
    uint32_t *number = arena_new_n(&p->arena, uint32_t, n + 1);
    if (!cost || !becomes || !number)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        cost[i] = anchor_cost(p->set, p->kind, b->literal.v[i]);
    for (uint32_t i = 0; i < n; i++) {
        becomes[i] = i;
        for (uint32_t k = 0; cost[i] > COMMON_COST && k < n; k++)
            if (stands_for(b, cost, k, becomes[i]))
                becomes[i] = k;
    }
    for (uint32_t i = 0; i < n; i++)
        if (becomes[i] == i) {
            number[i] = (uint32_t)kept;
            b->literal.v[kept++] = b->literal.v[i];
        }
    for (size_t i = 0; i < b->pair.n; i++) {
        uint32_t to = b->pair.v[i].literal;
        while (becomes[to] != to)
            to = becomes[to];
        b->pair.v[i].literal = number[to];
    }
    b->literal.n = kept;
    return OK;
}

/* The targets of each literal, side by side. */
static enum err list_targets(struct builder *b)
{
    struct program *p = b->p;
    p->target_at = arena_new_n(&p->arena, uint32_t, b->literal.n + 2);
    p->target = arena_new_n(&p->arena, struct target, b->pair.n + 1);
    p->is_escape = arena_new_n(&p->arena, bool, b->literal.n + 1);
    p->is_marker = arena_new_n(&p->arena, bool, b->literal.n + 1);
    if (!p->target_at || !p->target || !p->is_escape || !p->is_marker)
        return ERR_NOMEM;
    if (b->pair.n)
        qsort(b->pair.v, b->pair.n, sizeof *b->pair.v, by_literal);
    for (size_t i = 0; i < b->pair.n; i++) {
        if (i && by_literal(&b->pair.v[i - 1], &b->pair.v[i]) == 0)
            continue;
        p->target[p->n_targets++] = b->pair.v[i].target;
        p->is_escape[b->pair.v[i].literal] |= b->pair.v[i].target.kind == TARGET_ESCAPES;
        p->is_marker[b->pair.v[i].literal] |= b->pair.v[i].target.kind == TARGET_MARKER;
        p->target_at[b->pair.v[i].literal + 1] = (uint32_t)p->n_targets;
    }
    p->target_at[b->literal.n + 1] = p->target_at[b->literal.n]; /* of the client: none */
    return OK;
}

/* What lines of this kind look like, for the matcher to choose rare parts of the literals. */
static enum err make_lits(struct builder *b, struct error *error)
{
    const struct ruleset *set = b->p->set;
    struct str *line = arena_new_n(&b->p->arena, struct str, set->n_common + 1);
    double *weight = arena_new_n(&b->p->arena, double, set->n_common + 1);
    struct lit_model model = {line, weight, 0};
    b->p->n_literals = b->literal.n;
    b->p->client_literal = (uint32_t)b->literal.n;
    if (!line || !weight)
        return ERR_NOMEM;
    for (size_t i = 0; i < set->n_common; i++)
        if (common_of_kind(&set->common[i], b->p->kind)) {
            line[model.n] = set->common[i].line;
            weight[model.n++] = set->common[i].weight;
        }
    return lit_new(b->literal.v, b->literal.n, &model, &b->p->lits, error);
}

static enum err finish(struct builder *b, struct error *error)
{
    TRY(merge_common(b));
    b->p->slashes_twice = UINT32_MAX;
    for (uint32_t i = 0; i < b->literal.n; i++)
        if (str_eq(b->literal.v[i], str_of(slashes_twice)))
            b->p->slashes_twice = i;
    TRY(list_targets(b));
    TRY(make_lits(b, error));
    const char *cuts = b->p->codec->cuts;
    bool worth_it =
        b->literal.n > FEW_LITERALS || (b->p->addresses && b->p->codec->cells != CELLS_LOOSE);
    return cuts && worth_it ? repeat_new(b->p->lits, cuts, &b->p->repeat) : OK;
}

static bool has_url_views(const struct kind_def *k)
{
    for (size_t i = 0; i < k->n_views; i++)
        if (how_decodes(k->view[i].how))
            return true;
    return false;
}

static enum err build(struct program *p, enum err (*rules)(struct builder *, struct error *),
                      bool others, struct error *error)
{
    struct builder b = {.p = p};
    map_init(&b.ids, &p->arena, MAX_LITERALS);
    map_init(&b.detections, &p->arena, LIMIT_RULES);
    enum err rc = rules ? rules(&b, error) : OK;
    if (!rc && others)
        rc = bind_indicators(&b);
    if (!rc && others)
        rc = bind_events(&b, p->codec);
    if (!rc && (p->n_bound || others))
        rc = finish(&b, error);
    map_done(&b.ids);
    map_done(&b.detections);
    vec_done(&b.first);
    vec_done(&b.literal);
    vec_done(&b.pair);
    p->every_row |= p->n_always > 0;
    return rc;
}

static struct program *new_program(const struct ruleset *set, struct kind_def *kind,
                                   const struct codec *codec)
{
    struct program *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    arena_init_small(&p->arena, PROGRAM_BYTES);
    p->set = set;
    p->kind = kind;
    p->decodes = has_url_views(kind);
    p->quoted = codec->quoted_newlines;
    p->codec = codec;
    p->every_row = set->full;
    return p;
}

enum err program_new(const struct ruleset *set, struct kind_def *kind, const struct codec *codec,
                     struct program **ret_program, struct error *error)
{
    struct program *p = new_program(set, kind, codec);
    *ret_program = NULL;
    if (!p)
        return fail(error, ERR_NOMEM, "out of memory");
    enum err rc = build(p, bind_rules, true, error);
    if (rc) {
        (void)program_free(p);
        return rc;
    }
    *ret_program = p;
    return OK;
}

/* The rules of the log sources that the events answer to. */
static enum err bind_rules_of_rows(struct builder *b, struct error *error)
{
    struct program *p = b->p;
    const struct ruleset *set = p->set;
    size_t n = 0;
    for (size_t i = 0; i < set->n_sources; i++)
        n += kind_answers(&set->logsources, p->kind, set->source[i].of) ? set->source[i].n : 0;
    p->always = arena_new_n(&p->arena, uint32_t, n + 1);
    if (!p->always)
        return ERR_NOMEM;
    for (size_t i = 0; i < set->n_sources; i++) {
        if (!kind_answers(&set->logsources, p->kind, set->source[i].of))
            continue;
        for (size_t k = 0; k < set->source[i].n; k++)
            TRY(bind_rule(b, set->source[i].rule[k], error));
    }
    return OK;
}

enum err program_new_rows(const struct ruleset *set, struct kind_def *kind,
                          const struct shape *shape, const struct log_state *state,
                          struct program **ret_program, struct error *error)
{
    static const struct codec none = {.name = "rows", .cells = CELLS_LOOSE};
    struct program *p = new_program(set, kind, &none);
    bool others = !shape && (set->ioc || set->n_pivots);
    *ret_program = NULL;
    if (!p)
        return fail(error, ERR_NOMEM, "out of memory");
    p->shape = shape;
    p->state = state;
    enum err rc = build(p, shape ? bind_rules_of_rows : NULL, others, error);
    p->shape = NULL; /* only while rules are compiled */
    p->state = NULL;
    if (rc || !(p->n_bound || others))
        p = program_free(p);
    *ret_program = p;
    return rc;
}

struct program *program_free(struct program *p)
{
    if (p) {
        for (size_t i = 0; i < p->n_bound; i++)
            (sigma_plan_done(p->bound[i].plan), (void)re_free(p->bound[i].target));
        free(p->bound);
        free(p->check);
        (void)repeat_free(p->repeat);
        (void)lit_free(p->lits);
        arena_done(&p->arena);
        free(p);
    }
    return NULL;
}
