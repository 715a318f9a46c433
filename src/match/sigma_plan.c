#include "match/sigma_plan.h"

#include "base/utf.h"
#include "match/fold.h"

#include <stdlib.h>

struct compiler {
    struct sigma_reader r;
    struct arena scratch; /* for what is kept no longer than the compilation */
    const struct sigma_env *env;
    struct sigma_plan *plan;
    const struct sigma_detection *detection; /* whose condition is being compiled */
    uint32_t first_ref;                      /* of its selections in the plan */
};

static enum err new_node(struct compiler *c, enum plan_kind kind, struct plan_node **ret)
{
    *ret = arena_new(c->r.arena, struct plan_node);
    if (!*ret)
        return sigma_nomem(&c->r);
    (*ret)->kind = kind;
    return OK;
}

static enum err new_const(struct compiler *c, bool truth, struct str cause, struct plan_node **ret)
{
    TRY(new_node(c, PLAN_CONST, ret));
    (*ret)->truth = truth;
    (*ret)->cause = cause;
    return OK;
}

static enum err new_not(struct compiler *c, struct plan_node *child, struct plan_node **ret)
{
    if (child->kind == PLAN_CONST)
        return new_const(c, !child->truth, child->cause, ret);
    TRY(new_node(c, PLAN_NOT, ret));
    (*ret)->child = arena_new_n(c->r.arena, struct plan_node *, 1);
    if (!(*ret)->child)
        return sigma_nomem(&c->r);
    (*ret)->child[0] = child;
    (*ret)->n = 1;
    return OK;
}

/* Takes constants out: what is left is what a record decides. child is the caller's array. */
static enum err new_chain(struct compiler *c, enum plan_kind kind, struct plan_node **child,
                          size_t n, struct plan_node **ret)
{
    bool decides = kind == PLAN_OR; /* the constant that settles the whole chain */
    struct str cause = STR_NONE;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (child[i]->kind != PLAN_CONST) {
            child[kept++] = child[i];
            continue;
        }
        if (child[i]->truth == decides)
            return new_const(c, decides, child[i]->cause, ret);
        if (!cause.p)
            cause = child[i]->cause;
    }
    if (kept == 0)
        return new_const(c, !decides, cause, ret);
    if (kept == 1) {
        *ret = child[0];
        return OK;
    }
    TRY(new_node(c, kind, ret));
    (*ret)->child = child;
    (*ret)->n = kept;
    return OK;
}

static enum err add_missing(struct compiler *c, struct str field)
{
    struct sigma_plan *p = c->plan;
    for (size_t i = 0; i < p->n_missing; i++)
        if (str_eq(p->missing[i], field))
            return OK;
    if (p->n_missing == p->cap_missing) {
        size_t cap = p->cap_missing ? p->cap_missing * 2 : 8;
        struct str *grown = arena_new_n(c->r.arena, struct str, cap);
        if (!grown)
            return sigma_nomem(&c->r);
        if (p->n_missing)
            memcpy(grown, p->missing, p->n_missing * sizeof *grown);
        p->missing = grown;
        p->cap_missing = cap;
    }
    p->missing[p->n_missing++] = field;
    return OK;
}

static size_t views_of(struct compiler *c, struct str field, uint16_t view[SIGMA_MAX_VIEWS])
{
    size_t n = c->env->views(c->env->ctx, field, view);
    return n > SIGMA_MAX_VIEWS ? SIGMA_MAX_VIEWS : n;
}

/* Matchers of one item while their number is not known yet. */
struct matchers {
    struct matcher *v;
    size_t n, cap;
};

static enum err add_matcher(struct compiler *c, struct matchers *l, const struct matcher *m)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 4;
        struct matcher *grown = arena_new_n(&c->scratch, struct matcher, cap);
        if (!grown)
            return sigma_nomem(&c->r);
        if (l->n)
            memcpy(grown, l->v, l->n * sizeof *grown);
        l->v = grown;
        l->cap = cap;
    }
    l->v[l->n++] = *m;
    return OK;
}

/* The pattern with stars where the position modifier wants them, its texts folded. */
static enum err place_stars(struct compiler *c, const struct item *it, const struct pattern *p,
                            struct matcher *m)
{
    bool before = !it->field.p || it->mods & (MOD_CONTAINS | MOD_ENDS);
    bool behind = !it->field.p || it->mods & (MOD_CONTAINS | MOD_STARTS);
    struct piece *piece = arena_new_n(&c->scratch, struct piece, p->n + 2);
    size_t n = 0;
    if (!piece)
        return sigma_nomem(&c->r);
    if (before && !(p->n && p->piece[0].kind == PIECE_MANY))
        piece[n++].kind = PIECE_MANY;
    for (size_t i = 0; i < p->n; i++) {
        piece[n] = p->piece[i];
        if (piece[n].kind == PIECE_TEXT) {
            struct str s = arena_str(c->r.arena, piece[n].text);
            if (!s.p)
                return sigma_nomem(&c->r);
            if (!m->cased)
                fold_text((char *)(uintptr_t)s.p, s.n); /* our own copy */
            piece[n].text = s;
        }
        m->ascii = m->ascii && str_is_ascii(piece[n].text);
        n++;
    }
    if (behind && !(n && piece[n - 1].kind == PIECE_MANY))
        piece[n++].kind = PIECE_MANY;
    m->pattern = (struct pattern){piece, n};
    return OK;
}

/* Most patterns are one text with a star on either side or none. */
static void simplify(struct matcher *m)
{
    const struct piece *p = m->pattern.piece;
    size_t n = m->pattern.n;
    bool before = n > 0 && p[0].kind == PIECE_MANY;
    bool behind = n > 1 && p[n - 1].kind == PIECE_MANY;
    size_t inner = n - before - behind;
    m->kind = MATCH_WILD;
    m->lit = STR("");
    if (n == 0)
        m->kind = MATCH_EQUAL;
    else if (inner == 0)
        m->kind = MATCH_SOME;
    else if (inner == 1 && p[before].kind == PIECE_TEXT) {
        m->lit = p[before].text;
        m->kind =
            before ? (behind ? MATCH_INSIDE : MATCH_SUFFIX) : (behind ? MATCH_PREFIX : MATCH_EQUAL);
    }
}

/* What is no more than one text needs no pattern once it is known what lines must hold. */
static enum err keep_pattern(struct compiler *c, struct matcher *m)
{
    struct pattern *p = &m->pattern;
    struct piece *piece = arena_new_n(c->r.arena, struct piece, p->n + 1);
    if (!piece)
        return sigma_nomem(&c->r);
    memcpy(piece, p->piece, p->n * sizeof *piece);
    p->piece = piece;
    return OK;
}

static void forget_patterns(struct plan_node *node)
{
    for (size_t i = 0; i < node->n; i++)
        forget_patterns(node->child[i]);
    const struct plan_item *it = node->kind == PLAN_ITEM ? node->item : NULL;
    for (size_t i = 0; it && it->n_groups && i < it->group[it->n_groups]; i++)
        if (it->matcher[i].kind != MATCH_WILD)
            it->matcher[i].pattern = (struct pattern){0};
}

static enum err add_text(struct compiler *c, const struct item *it, const struct value *v,
                         struct matchers *l)
{
    struct sigma_reader scratch = {&c->scratch, c->r.error};
    struct pattern *pattern;
    size_t n;
    TRY(sigma_value_patterns(&scratch, it, v, c->env, &pattern, &n));
    for (size_t i = 0; i < n; i++) {
        struct matcher m = {.cased = it->mods & MOD_CASED, .ascii = true};
        TRY(place_stars(c, it, &pattern[i], &m));
        simplify(&m);
        if (m.kind == MATCH_WILD)
            TRY(keep_pattern(c, &m));
        if (it->field.p && (v->integer || v->real)) {
            m.kind = v->integer ? MATCH_INTEGER : MATCH_REAL;
            m.i64 = v->i64;
            m.number = v->number;
        }
        TRY(add_matcher(c, l, &m));
    }
    return OK;
}

static enum err add_regex(struct compiler *c, const struct item *it, const struct value *v,
                          struct matchers *l)
{
    struct str *text;
    size_t n;
    unsigned flags = it->mods & MOD_I ? RE_IGNORE_CASE : 0;
    flags |= it->mods & MOD_M ? RE_MULTILINE : 0;
    flags |= it->mods & MOD_S ? RE_DOT_ALL : 0;
    flags |= it->mods & MOD_STARTS ? RE_AT_START : 0;
    flags |= it->mods & MOD_ENDS ? RE_AT_END : 0;
    TRY(sigma_value_regexes(&c->r, it, v, c->env, &text, &n));
    for (size_t i = 0; i < n; i++) {
        struct error why;
        struct plan_re *keep = arena_new(c->r.arena, struct plan_re);
        if (!keep)
            return sigma_nomem(&c->r);
        enum err rc = re_new(text[i], flags, &keep->re, &why);
        if (rc)
            return sigma_fail(&c->r, rc, v->line, "%s", why.text);
        keep->next = c->plan->re;
        c->plan->re = keep;
        struct matcher m = {
            .kind = MATCH_RE, .re = keep->re, .regex = text[i], .regex_folds = it->mods & MOD_I};
        TRY(add_matcher(c, l, &m));
    }
    return OK;
}

static enum err add_field(struct compiler *c, const struct item *it, const struct value *v,
                          struct matchers *l)
{
    struct matcher m = {
        .kind = MATCH_FIELD, .cased = it->mods & MOD_CASED, .position = it->mods & MOD_POSITION};
    m.n_views = views_of(c, v->text, m.view);
    for (size_t i = 0; i < m.n_views; i++)
        sigma_add_view(&c->plan->views, m.view[i]);
    if (m.n_views == 0)
        TRY(add_missing(c, v->text));
    return add_matcher(c, l, &m);
}

static enum err add_value(struct compiler *c, const struct item *it, const struct value *v,
                          struct matchers *l)
{
    struct matcher m = {.kind = MATCH_NULL};
    if (v->null)
        return add_matcher(c, l, &m);
    switch (it->op) {
    case OP_TEXT: return add_text(c, it, v, l);
    case OP_RE: return add_regex(c, it, v, l);
    case OP_FIELDREF: return add_field(c, it, v, l);
    case OP_CIDR:
        m = (struct matcher){.kind = MATCH_NET, .net = v->net};
        return add_matcher(c, l, &m);
    case OP_COMPARE:
        m = (struct matcher){.kind = MATCH_COMPARE, .number = v->number};
        return add_matcher(c, l, &m);
    case OP_EXISTS: m.kind = v->truth ? MATCH_PRESENT : MATCH_NULL; return add_matcher(c, l, &m);
    }
    return ERR_BUG;
}

static bool indexable(const struct matcher *m)
{
    size_t n;
    if (m->kind != MATCH_INSIDE || m->cased || m->lit.n < 2)
        return false;
    if (m->ascii)
        return true;
    /* The index looks at the first two bytes: those of one character that has no other case. */
    int32_t first = utf8_next(m->lit, 0, &n);
    return first >= 0x80 && n >= 2 && fold_caseless((uint32_t)first);
}

/* Worth it when nearly all values are plain texts to be found anywhere. */
static enum err build_index(struct compiler *c, struct plan_item *it, size_t n)
{
    size_t fit = 0;
    for (size_t i = 0; i < n; i++) {
        fit += indexable(&it->matcher[i]);
        it->foreign |= !it->matcher[i].ascii && it->matcher[i].kind >= MATCH_EQUAL &&
                       it->matcher[i].kind <= MATCH_WILD;
    }
    if (it->all || fit < INDEX_MIN || n > INDEX_MAX)
        return OK;
    it->index = arena_new(c->r.arena, struct lit_index);
    if (!it->index)
        return sigma_nomem(&c->r);
    it->index->next = arena_new_n(c->r.arena, uint16_t, n);
    if (!it->index->next)
        return sigma_nomem(&c->r);
    for (size_t i = n; i-- > 0;) {
        const struct matcher *m = &it->matcher[i];
        if (!indexable(m))
            continue;
        size_t slot = sigma_index_slot((unsigned char)m->lit.p[0], (unsigned char)m->lit.p[1]);
        it->index->next[i] = it->index->head[slot];
        it->index->head[slot] = (uint16_t)(i + 1);
        it->matcher[i].indexed = true;
    }
    return OK;
}

/* Fields that stand for the time of the record itself where a log has no such column. */
static bool names_record_time(struct str field)
{
    static const char *const names[] = {"timestamp", "@timestamp", "time",        "date",
                                        "datetime",  "date-time",  "timecreated", "_time",
                                        "eventtime", "event_time", "utctime",     "timegenerated"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_ieq(field, str_of(names[i])))
            return true;
    return false;
}

static bool stands_for_absent(const struct matcher *m)
{
    return m->kind == MATCH_EQUAL && (m->lit.n == 0 || str_eq(m->lit, STR("-")));
}

/* An item that only asks whether the field is there looks at the field alone, where the log writes
 * "-" or nothing for what is not there. */
static void ask_alone(struct compiler *c, struct plan_item *p, struct matchers *l)
{
    uint16_t view[SIGMA_MAX_VIEWS];
    for (size_t i = 0; i < l->n; i++)
        if (l->v[i].kind != MATCH_NULL && l->v[i].kind != MATCH_PRESENT &&
            !stands_for_absent(&l->v[i]))
            return;
    size_t n = p->field.p && c->env->alone ? c->env->alone(c->env->ctx, p->field, view) : 0;
    if (n == 0)
        return;
    memcpy(p->view, view, n * sizeof *view);
    p->n_views = n;
    for (size_t i = 0; i < n; i++)
        sigma_add_view(&c->plan->views, view[i]);
    for (size_t i = 0; i < l->n; i++)
        if (stands_for_absent(&l->v[i]))
            l->v[i].kind = MATCH_NULL;
}

static enum err build_item(struct compiler *c, const struct item *it, struct plan_item *p)
{
    *p = (struct plan_item){.number = (uint32_t)c->plan->n_items++,
                            .field = it->field,
                            .all = it->mods & MOD_ALL,
                            .cmp = it->cmp,
                            .part = it->part};
    if (it->field.p) {
        p->n_views = views_of(c, it->field, p->view);
    } else {
        p->view[0] = SIGMA_VIEW_RAW;
        p->view[1] = SIGMA_VIEW_UNQUOTED;
        p->n_views = c->env->quoted_rows ? 2 : 1;
    }
    for (size_t i = 0; i < p->n_views; i++)
        sigma_add_view(&c->plan->views, p->view[i]);
    p->record_time = it->part != PART_NONE && p->n_views == 0 && names_record_time(it->field);
    c->plan->views.whole |= p->record_time;
    struct matchers l = {0};
    p->group = arena_new_n(c->r.arena, uint32_t, it->n + 1);
    if (!p->group)
        return sigma_nomem(&c->r);
    for (size_t i = 0; i < it->n; i++) {
        p->group[i] = (uint32_t)l.n;
        TRY(add_value(c, it, &it->value[i], &l));
    }
    ask_alone(c, p, &l);
    p->n_groups = it->n;
    p->group[it->n] = (uint32_t)l.n;
    p->matcher = arena_new_n(c->r.arena, struct matcher, l.n + 1);
    if (!p->matcher)
        return sigma_nomem(&c->r);
    if (l.n)
        memcpy(p->matcher, l.v, l.n * sizeof *l.v);
    return build_index(c, p, l.n);
}

/* Are the values of all views known, so that no record has to be asked? */
static bool all_fixed(const struct compiler *c, const uint16_t *view, size_t n)
{
    struct str value;
    for (size_t i = 0; i < n; i++)
        if (!c->env->fixed(c->env->ctx, view[i], &value))
            return false;
    return n > 0;
}

static bool item_is_fixed(struct compiler *c, const struct item *it)
{
    uint16_t view[SIGMA_MAX_VIEWS];
    if (!c->env->fixed || !it->field.p || it->op == OP_FIELDREF || it->part != PART_NONE)
        return false;
    return all_fixed(c, view, views_of(c, it->field, view));
}

static enum err compile_item(struct compiler *c, const struct item *it, struct plan_node **ret)
{
    struct plan_node *node;
    TRY(new_node(c, PLAN_ITEM, &node));
    node->item = arena_new(c->r.arena, struct plan_item);
    if (!node->item)
        return sigma_nomem(&c->r);
    TRY(build_item(c, it, node->item));
    if (node->item->n_views == 0 && !node->item->record_time) {
        TRY(add_missing(c, it->field));
        TRY(new_const(c, sigma_item_on_absent(node->item), it->field, &node));
    } else if (it->op == OP_FIELDREF && it->n == 1 && !it->value[0].null &&
               node->item->matcher[0].n_views == 0) {
        TRY(new_const(c, false, it->value[0].text, &node));
    } else if (item_is_fixed(c, it)) {
        TRY(new_const(c, sigma_item_on_fixed(node->item, c->env), STR_NONE, &node));
    }
    if (it->mods & MOD_NEQ)
        return new_not(c, node, ret);
    *ret = node;
    return OK;
}

static enum err compile_group(struct compiler *c, const struct group *g, struct plan_node **ret)
{
    if (g->kind == GROUP_ITEM)
        return compile_item(c, g->item, ret);
    struct plan_node **child = arena_new_n(c->r.arena, struct plan_node *, g->n);
    if (!child)
        return sigma_nomem(&c->r);
    /* What is known beforehand comes first: most rules for other events end there. */
    for (size_t i = 0; c->env->fixed && g->kind == GROUP_AND && i < g->n; i++) {
        if (g->child[i].kind != GROUP_ITEM || !item_is_fixed(c, g->child[i].item))
            continue;
        TRY(compile_item(c, g->child[i].item, &child[i]));
        if (child[i]->kind == PLAN_CONST && !child[i]->truth) {
            *ret = child[i];
            return OK;
        }
    }
    for (size_t i = 0; i < g->n; i++)
        TRY(compile_group(c, &g->child[i], &child[i])); /* three levels deep: see sigma_parse.c */
    return new_chain(c, g->kind == GROUP_AND ? PLAN_AND : PLAN_OR, child, g->n, ret);
}

/* Selections are compiled on first use: those that the condition does not name cost nothing and
 * refuse nothing. */
static enum err compile_ref(struct compiler *c, size_t selection, struct plan_node **ret)
{
    uint32_t ref = c->first_ref + (uint32_t)selection;
    struct plan_node **s = &c->plan->selection[ref];
    if (!*s)
        TRY(compile_group(c, &c->detection->selection[selection].group, s));
    if ((*s)->kind == PLAN_CONST) {
        *ret = *s;
        return OK;
    }
    TRY(new_node(c, PLAN_REF, ret));
    (*ret)->ref = ref;
    return OK;
}

/* As deep as the condition, which SIGMA_MAX_DEPTH bounds. */
static enum err compile_cond(struct compiler *c, const struct cond *cond, struct plan_node **ret)
{
    struct plan_node *only;
    size_t n = 0;
    if (cond->kind == COND_REF)
        return compile_ref(c, cond->selection, ret);
    if (cond->kind == COND_NOT) {
        TRY(compile_cond(c, cond->child, &only));
        return new_not(c, only, ret);
    }
    for (const struct cond *k = cond->child; k; k = k->next)
        n++;
    struct plan_node **child = arena_new_n(c->r.arena, struct plan_node *, n);
    if (!child)
        return sigma_nomem(&c->r);
    n = 0;
    for (const struct cond *k = cond->child; k; k = k->next) {
        TRY(compile_cond(c, k, &child[n++]));
        if (c->env->fixed && cond->kind == COND_AND && child[n - 1]->kind == PLAN_CONST &&
            !child[n - 1]->truth)
            break;
    }
    return new_chain(c, cond->kind == COND_AND ? PLAN_AND : PLAN_OR, child, n, ret);
}

static bool same_if_set(struct str filter, struct str rule)
{
    return filter.n == 0 || str_eq(filter, rule);
}

static bool filter_fits(const struct sigma_rule *f, const struct sigma_rule *rule)
{
    const struct sigma_detection *d = f->detection;
    if (f->type != SIGMA_FILTER || !d || !same_if_set(f->category, rule->category) ||
        !same_if_set(f->product, rule->product) || !same_if_set(f->service, rule->service))
        return false;
    for (size_t i = 0; i < d->n_targets; i++)
        if ((rule->id.n && str_ieq(d->target[i], rule->id)) ||
            (rule->name.n && str_eq(d->target[i], rule->name)))
            return true;
    return d->n_targets == 0;
}

size_t sigma_filter_targets(const struct sigma_rule *filter, const struct str **ret_targets)
{
    *ret_targets = filter->detection ? filter->detection->target : NULL;
    return filter->detection ? filter->detection->n_targets : 0;
}

static enum err compile_one(struct compiler *c, const struct sigma_detection *d,
                            struct plan_node **ret)
{
    c->first_ref = (uint32_t)c->plan->n_selections;
    c->plan->n_selections += d->n;
    c->detection = d;
    return compile_cond(c, d->cond, ret);
}

/* The rule's condition and those of all filters that fit; each sees its own selections only. */
static enum err compile_all(struct compiler *c, const struct sigma_rule *rule,
                            const struct sigma_filter_set *filters)
{
    size_t selections = rule->detection->n, parts = 1, n_filters = filters ? filters->n : 0;
    for (size_t i = 0; i < n_filters; i++)
        if (filter_fits(filters->filter[i], rule)) {
            selections += filters->filter[i]->detection->n;
            parts++;
        }
    struct plan_node **part = arena_new_n(c->r.arena, struct plan_node *, parts);
    c->plan->selection = arena_new_n(c->r.arena, struct plan_node *, selections);
    if (!part || !c->plan->selection)
        return sigma_nomem(&c->r);
    TRY(compile_one(c, rule->detection, &part[0]));
    parts = 1;
    for (size_t i = 0; i < n_filters; i++)
        if (filter_fits(filters->filter[i], rule))
            TRY(compile_one(c, filters->filter[i]->detection, &part[parts++]));
    return new_chain(c, PLAN_AND, part, parts, &c->plan->root);
}

/* What testing a node costs, in plain column comparisons. Cheap tests come first, so that most
 * records are refused before anything is decoded. */
static double order(struct compiler *c, struct plan_node *node, double *of_selection);

static double weight_of_item(const struct compiler *c, const struct plan_item *it)
{
    double weight = 0, matchers = (double)(it->n_groups ? it->group[it->n_groups] : 1);
    for (size_t i = 0; i < it->n_views; i++)
        weight += c->env->weight ? c->env->weight(c->env->ctx, it->view[i]) : 1;
    for (size_t i = 0; i < it->n_groups && it->matcher; i++)
        if (it->matcher[it->group[i]].kind == MATCH_RE)
            return weight + matchers * 50;
    return weight + (it->index ? 4 : matchers / 2);
}

struct weighed {
    double weight;
    struct plan_node *node;
    size_t place; /* keeps equals in the rule's order */
};

static int by_weight(const void *a, const void *b)
{
    const struct weighed *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static double order_chain(struct compiler *c, struct plan_node *node, double *of_selection)
{
    struct weighed *child = arena_new_n(c->r.arena, struct weighed, node->n + 1);
    double total = 0;
    for (size_t i = 0; child && i < node->n; i++) {
        child[i] = (struct weighed){order(c, node->child[i], of_selection), node->child[i], i};
        total += child[i].weight;
    }
    if (!child)
        return 0; /* the rule's own order is as right, only slower */
    qsort(child, node->n, sizeof *child, by_weight);
    for (size_t i = 0; i < node->n; i++)
        node->child[i] = child[i].node;
    return total;
}

static double order(struct compiler *c, struct plan_node *node, double *of_selection)
{
    switch (node->kind) {
    case PLAN_CONST: return 0;
    case PLAN_ITEM: return weight_of_item(c, node->item);
    case PLAN_REF:
        if (of_selection[node->ref] < 0) {
            of_selection[node->ref] = 0; /* selections do not refer to one another */
            of_selection[node->ref] = order(c, c->plan->selection[node->ref], of_selection);
        }
        return of_selection[node->ref];
    case PLAN_AND:
    case PLAN_OR:
    case PLAN_NOT: return order_chain(c, node, of_selection);
    }
    return 0;
}

static enum err order_all(struct compiler *c)
{
    double *of_selection = arena_new_n(c->r.arena, double, c->plan->n_selections + 1);
    if (!of_selection)
        return sigma_nomem(&c->r);
    for (size_t i = 0; i < c->plan->n_selections; i++)
        of_selection[i] = -1;
    (void)order(c, c->plan->root, of_selection);
    return OK;
}

static enum err refuse_constant(struct compiler *c, const struct sigma_rule *rule)
{
    const struct plan_node *root = c->plan->root;
    if (root->kind != PLAN_CONST || (root->truth && c->env->fixed))
        return OK;
    return sigma_fail(&c->r, ERR_UNSUPPORTED, rule->line,
                      root->truth ? "always true on this kind of log: it never has field '%.*s'"
                                  : "never true on this kind of log: needs field '%.*s'",
                      STR_FMT(root->cause));
}

static void forget_all_patterns(struct sigma_plan *plan)
{
    forget_patterns(plan->root);
    for (size_t i = 0; i < plan->n_selections; i++)
        if (plan->selection[i]) /* the condition names it */
            forget_patterns(plan->selection[i]);
}

enum err sigma_compile(struct arena *arena, const struct sigma_rule *rule,
                       const struct sigma_filter_set *filters, const struct sigma_env *env,
                       struct sigma_plan **ret_plan, struct error *error)
{
    struct compiler c = {.r = {arena, error}, .env = env};
    *ret_plan = NULL;
    if (rule->type == SIGMA_CORRELATION)
        return sigma_fail(&c.r, ERR_USAGE, rule->line, "a correlation is no rule for one record");
    if (rule->type == SIGMA_FILTER)
        return sigma_fail(&c.r, ERR_USAGE, rule->line, "a filter is no rule of its own");
    c.plan = arena_new(arena, struct sigma_plan);
    if (!c.plan)
        return sigma_nomem(&c.r);
    arena_init_small(&c.scratch, arena->max_bytes - arena->used_bytes);
    enum err rc = compile_all(&c, rule, filters);
    if (!rc)
        rc = refuse_constant(&c, rule);
    if (!rc)
        rc = order_all(&c);
    if (!rc)
        rc = sigma_plan_anchors(&c.r, c.plan, env);
    if (!rc)
        forget_all_patterns(c.plan);
    arena_done(&c.scratch);
    if (rc)
        sigma_plan_done(c.plan);
    else
        *ret_plan = c.plan;
    return rc;
}

void sigma_plan_done(struct sigma_plan *plan)
{
    for (struct plan_re *k = plan ? plan->re : NULL; k; k = k->next)
        k->re = re_free(k->re);
}

size_t sigma_anchors(const struct sigma_plan *plan, const struct str **ret_literals,
                     double *ret_cost)
{
    *ret_literals = plan->anchor;
    if (ret_cost)
        *ret_cost = plan->cost;
    return plan->n_anchors;
}

const struct sigma_gate *sigma_gate(const struct sigma_plan *plan)
{
    return &plan->gate;
}

const struct sigma_views *sigma_views(const struct sigma_plan *plan)
{
    return &plan->views;
}

size_t sigma_missing_fields(const struct sigma_plan *plan, const struct str **ret_fields)
{
    *ret_fields = plan->missing;
    return plan->n_missing;
}
