/* Which literals must stand in the raw line of every record that matches. The answer may be too
 * large or "none", but never too small: a line without an anchor is never looked at. */
#include "base/limits.h"
#include "base/utf.h"
#include "match/fold.h"
#include "match/sigma_plan.h"

#include <stdlib.h>

/* What a rule may spend on this: hostile rules get no anchors and see every record instead. */
enum { MAX_LITERALS = 20 * 1000, BUDGET = 200 * 1000 };

struct lit {
    struct str text;
    double cost;
};
struct set {
    struct lit *v;
    size_t n;
    double cost;
    struct sigma_views views; /* whose values hold the literals */
};

struct search {
    struct sigma_reader *r;
    struct arena scratch; /* for what is kept no longer than the search */
    const struct sigma_plan *plan;
    const struct sigma_env *env;
    const struct set **of_selection; /* NULL: not known yet */
    const struct set **of_item;      /* by number, the same */
    size_t budget;
    bool no_memory;
};

/* Stands for "nothing can be required". */
static const struct set none;

static int compare_lits(const void *a, const void *b)
{
    const struct lit *x = a, *y = b;
    return str_cmp(x->text, y->text);
}

static void dedupe(struct set *s)
{
    size_t n = 0;
    qsort(s->v, s->n, sizeof *s->v, compare_lits);
    s->cost = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (n && str_eq(s->v[n - 1].text, s->v[i].text))
            continue;
        s->cost += s->v[i].cost;
        s->v[n++] = s->v[i];
    }
    s->n = n;
}

/* Room for n literals, paid from the budget; NULL when that is used up. */
static struct set *new_set(struct search *f, size_t n)
{
    if (n > MAX_LITERALS || n > f->budget)
        return NULL;
    f->budget -= n;
    struct set *s = arena_new(&f->scratch, struct set);
    struct lit *v = arena_new_n(&f->scratch, struct lit, n);
    if (!s || !v) {
        f->no_memory = true;
        return NULL;
    }
    s->v = v;
    return s;
}

static const struct set *cheaper(const struct set *a, const struct set *b)
{
    if (a == &none || b == &none)
        return a == &none ? b : a;
    return b->cost < a->cost || (b->cost == a->cost && b->n < a->n) ? b : a;
}

static void add_views(struct sigma_views *to, const struct sigma_views *from)
{
    for (size_t i = 0; i < ARRAY_LEN(to->bit); i++)
        to->bit[i] |= from->bit[i];
    to->whole |= from->whole;
}

/* The union of all: nothing if one of them requires nothing. */
static const struct set *unite(struct search *f, const struct set *const *part, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (part[i] == &none)
            return &none;
        total += part[i]->n;
    }
    if (n == 1)
        return part[0];
    struct set *s = new_set(f, total);
    if (!s)
        return &none;
    for (size_t i = 0; i < n; i++) {
        memcpy(s->v + s->n, part[i]->v, part[i]->n * sizeof *s->v);
        s->n += part[i]->n;
        add_views(&s->views, &part[i]->views);
    }
    dedupe(s);
    return s;
}

/* Asks the caller for the raw form of a run; keeps the cheapest, of equal ones the longest. */
static void offer(struct search *f, uint16_t view, struct str run, struct lit *best)
{
    struct str raw = STR_NONE;
    double cost = 0;
    struct str low = run.n ? arena_str(&f->scratch, run) : STR_NONE;
    if (!low.p) {
        f->no_memory |= run.n > 0;
        return;
    }
    char *p = (char *)(uintptr_t)low.p; /* our own copy */
    for (size_t i = 0; i < low.n; i++)
        p[i] = (char)ascii_lower((unsigned char)p[i]);
    if (!f->env->anchor || !f->env->anchor(f->env->ctx, view, low, &raw, &cost) || !raw.n)
        return;
    if (best->text.p && (cost > best->cost || (cost == best->cost && raw.n <= best->text.n)))
        return;
    struct str copy = arena_str(&f->scratch, raw);
    f->no_memory |= !copy.p;
    if (!copy.p)
        return;
    p = (char *)(uintptr_t)copy.p;
    for (size_t i = 0; i < copy.n; i++)
        p[i] = (char)ascii_lower((unsigned char)p[i]);
    *best = (struct lit){copy, cost};
}

/* The parts of a text that look the same in every case, ASCII case aside. */
static void offer_text(struct search *f, uint16_t view, struct str s, bool cased, struct lit *best)
{
    size_t from = 0, n;
    for (size_t i = 0; i < s.n; i += n) {
        int32_t cp = utf8_next(s, i, &n);
        bool fixed = cased || (cp >= 0 && (cp < 0x80 || fold_caseless((uint32_t)cp)));
        if (fixed)
            continue;
        offer(f, view, str_sub(s, from, i), best);
        from = i + n;
    }
    offer(f, view, str_sub(s, from, s.n), best);
}

/* Leading zeros and a sign may differ, the digits not. */
static void offer_integer(struct search *f, uint16_t view, int64_t v, struct lit *best)
{
    char digits[24];
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)u);
    offer(f, view, str_make(digits, (size_t)n), best);
}

struct regex_walk {
    struct str s;
    size_t at;
    bool folds; /* "k" and "s" have other forms beyond ASCII */
    char run[LIMIT_REGEX_BYTES];
    size_t n;
};

static void end_run(struct search *f, uint16_t view, struct regex_walk *w, struct lit *best)
{
    if (w->n)
        offer(f, view, str_make(w->run, w->n), best);
    w->n = 0;
}

static void add_char(struct search *f, uint16_t view, struct regex_walk *w, char c,
                     struct lit *best)
{
    bool split = (unsigned char)c >= 0x80 || (w->folds && ((c | 32) == 'k' || (c | 32) == 's'));
    if (split)
        end_run(f, view, w, best);
    else
        w->run[w->n++] = c;
}

/* Behind the "[": to just behind the closing bracket; false where that is hard to tell. */
static bool skip_class(struct regex_walk *w)
{
    struct str s = w->s;
    size_t i = w->at;
    if (i < s.n && s.p[i] == '^')
        i++;
    if (i < s.n && s.p[i] == ']')
        i++;
    for (; i < s.n && s.p[i] != ']'; i++) {
        if (s.p[i] == '[')
            return false; /* perhaps a POSIX class */
        if (s.p[i] == '\\' && (++i >= s.n || s.p[i] == 'Q' || s.p[i] == 'E'))
            return false;
    }
    w->at = i + 1;
    return i < s.n;
}

/* Behind the "(": to just behind its end. Only plain, non-capturing and look-around groups. */
static bool skip_group(struct regex_walk *w)
{
    struct str s = w->s;
    size_t depth = 1;
    while (w->at < s.n && depth) {
        char c = s.p[w->at++];
        if (c == '\\') {
            if (w->at >= s.n || s.p[w->at] == 'Q' || s.p[w->at] == 'E')
                return false;
            w->at++;
        } else if (c == '[') {
            if (!skip_class(w))
                return false;
        } else if (c == '(') {
            depth++;
        } else if (c == ')') {
            depth--;
        }
    }
    return depth == 0;
}

static bool plain_groups(struct str s)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] != '(')
            continue;
        if (s.p[i + 1] == '*')
            return false;
        if (s.p[i + 1] == '?' && (i + 2 >= s.n || !memchr(":=!<", s.p[i + 2], 4)))
            return false;
    }
    return true;
}

/* Behind the "{": to just behind a repeat count. Any other brace stands for itself. */
static void skip_count(struct regex_walk *w)
{
    size_t i = w->at;
    while (i < w->s.n && (ascii_digit((unsigned char)w->s.p[i]) || w->s.p[i] == ',' ||
                          ascii_space((unsigned char)w->s.p[i])))
        i++;
    if (i < w->s.n && w->s.p[i] == '}')
        w->at = i + 1;
}

/* One element of the regex at top level; false ends the search for good. */
static bool walk_one(struct search *f, uint16_t view, struct regex_walk *w, struct lit *best)
{
    char c = w->s.p[w->at++];
    switch (c) {
    case '|': return false;
    case '(': end_run(f, view, w, best); return skip_group(w);
    case '[': end_run(f, view, w, best); return skip_class(w);
    case ')': return false;
    case '*':
    case '?':
    case '{': /* the character before may be missing */
        w->n -= w->n > 0;
        end_run(f, view, w, best);
        if (c == '{')
            skip_count(w);
        return true;
    case '+':
    case '.':
    case '^':
    case '$': end_run(f, view, w, best); return true;
    case '\\': break;
    default: add_char(f, view, w, c, best); return true;
    }
    if (w->at >= w->s.n)
        return false;
    c = w->s.p[w->at++];
    if (memchr("dDwWsSbB", c, 8))
        end_run(f, view, w, best);
    else if (ascii_alpha((unsigned char)c) || ascii_digit((unsigned char)c))
        return false;
    else
        add_char(f, view, w, c, best);
    return true;
}

/* Literal runs at the top level of a regex without alternation there. The walk must end well: a
 * "|" at its end would take back everything before. */
static void offer_regex(struct search *f, uint16_t view, const struct matcher *m, struct lit *best)
{
    struct lit found = {0};
    struct regex_walk w;
    w.s = m->regex;
    w.at = w.n = 0;
    w.folds = m->regex_folds;
    if (w.s.n > sizeof w.run || !plain_groups(w.s))
        return;
    while (w.at < w.s.n)
        if (!walk_one(f, view, &w, &found))
            return;
    end_run(f, view, &w, &found);
    if (found.text.p)
        *best = found;
}

/* The best literal that one matcher requires of the value of one view. */
static void offer_matcher(struct search *f, uint16_t view, const struct matcher *m,
                          struct lit *best)
{
    switch (m->kind) {
    case MATCH_EQUAL:
    case MATCH_PREFIX:
    case MATCH_SUFFIX:
    case MATCH_INSIDE:
    case MATCH_WILD:
        for (size_t i = 0; i < m->pattern.n; i++)
            if (m->pattern.piece[i].kind == PIECE_TEXT)
                offer_text(f, view, m->pattern.piece[i].text, m->cased, best);
        break;
    case MATCH_INTEGER: offer_integer(f, view, m->i64, best); break;
    case MATCH_RE: offer_regex(f, view, m, best); break;
    default: break;
    }
}

/* One literal of every matcher of a group: what one value became. */
static const struct set *of_group(struct search *f, const struct plan_item *it, size_t group,
                                  uint16_t view)
{
    size_t from = it->group[group], to = it->group[group + 1];
    struct set *s = new_set(f, to - from);
    if (!s)
        return &none;
    for (size_t k = from; k < to; k++) {
        struct lit best = {0};
        offer_matcher(f, view, &it->matcher[k], &best);
        if (!best.text.p)
            return &none;
        s->v[s->n++] = best;
    }
    sigma_add_view(&s->views, view);
    dedupe(s);
    return s;
}

/* Every view needs its own: which one will match is not known. */
static const struct set *of_item(struct search *f, const struct plan_item *it)
{
    const struct set *of_view[SIGMA_MAX_VIEWS];
    const struct set **part = arena_new_n(&f->scratch, const struct set *, it->n_groups);
    if (!part || it->record_time || it->n_views == 0) {
        f->no_memory |= !part;
        return &none;
    }
    for (size_t v = 0; v < it->n_views; v++) {
        const struct set *best = &none;
        for (size_t i = 0; i < it->n_groups; i++) {
            part[i] = of_group(f, it, i, it->view[v]);
            best = cheaper(best, part[i]);
            if (!it->all && part[i] == &none)
                return &none;
        }
        of_view[v] = it->all ? best : unite(f, part, it->n_groups);
        if (of_view[v] == &none)
            return &none;
    }
    return unite(f, of_view, it->n_views);
}

static const struct set *of_node(struct search *f, const struct plan_node *node);

static const struct set *of_ref(struct search *f, uint32_t ref)
{
    if (!f->of_selection[ref])
        f->of_selection[ref] = of_node(f, f->plan->selection[ref]);
    return f->of_selection[ref];
}

static const struct set *of_chain(struct search *f, const struct plan_node *node)
{
    const struct set **part = arena_new_n(&f->scratch, const struct set *, node->n);
    const struct set *best = &none;
    if (!part) {
        f->no_memory = true;
        return &none;
    }
    for (size_t i = 0; i < node->n; i++) {
        part[i] = of_node(f, node->child[i]);
        best = cheaper(best, part[i]);
        if (node->kind == PLAN_OR && part[i] == &none)
            return &none;
    }
    return node->kind == PLAN_AND ? best : unite(f, part, node->n);
}

/* As deep as the condition. A "not" and a constant require nothing. */
static const struct set *of_node(struct search *f, const struct plan_node *node)
{
    switch (node->kind) {
    case PLAN_ITEM:
        if (!f->of_item[node->item->number])
            f->of_item[node->item->number] = of_item(f, node->item);
        return f->of_item[node->item->number];
    case PLAN_REF: return of_ref(f, node->ref);
    case PLAN_AND:
    case PLAN_OR: return of_chain(f, node);
    default: return &none;
    }
}

/* The gate: which combinations of literals a matching line must hold. Leaves are sets of which one
 * literal is enough; a term is a set of leaves, all needed; one fulfilled term opens the gate. */
struct gate {
    uint32_t term[SIGMA_GATE_TERMS];
    size_t n;    /* a term 0 means "always" */
    double cost; /* of the cheapest set that stands for it all */
};

struct gates {
    struct search *f;
    const struct set *leaf[SIGMA_GATE_LEAVES];
    size_t n;
};

static const struct gate open_gate = {.term = {0}, .n = 1, .cost = 1e300};

static bool is_open(const struct gate *g)
{
    return g->n == 1 && g->term[0] == 0;
}

static struct gate gate_of_set(struct gates *g, const struct set *s)
{
    size_t i = 0;
    if (s == &none)
        return open_gate;
    while (i < g->n && g->leaf[i] != s)
        i++;
    if (i == SIGMA_GATE_LEAVES)
        return open_gate;
    if (i == g->n)
        g->leaf[g->n++] = s;
    return (struct gate){.term = {UINT32_C(1) << i}, .n = 1, .cost = s->cost};
}

/* Adds a term unless one that asks for less is there; drops those that ask for more. */
static bool add_term(struct gate *g, uint32_t term)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++)
        if ((term & g->term[i]) == g->term[i])
            return true;
    for (size_t i = 0; i < g->n; i++)
        if ((g->term[i] & term) != term)
            g->term[n++] = g->term[i];
    g->n = n;
    if (g->n == SIGMA_GATE_TERMS)
        return false;
    g->term[g->n++] = term;
    return true;
}

static bool gate_and(struct gate *g, const struct gate *other)
{
    struct gate both = {.cost = g->cost < other->cost ? g->cost : other->cost};
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < other->n; k++)
            if (!add_term(&both, g->term[i] | other->term[k]))
                return false;
    *g = both;
    return true;
}

static bool gate_or(struct gate *g, const struct gate *other)
{
    for (size_t i = 0; i < other->n; i++)
        if (!add_term(g, other->term[i]))
            return false;
    g->cost += other->cost;
    return true;
}

static int by_cost(const void *a, const void *b)
{
    double x = ((const struct gate *)a)->cost, y = ((const struct gate *)b)->cost;
    return (x > y) - (x < y);
}

static struct gate gate_of_node(struct gates *g, const struct plan_node *node);

/* The cheapest part first: it counts in any case, others while there is room for their terms. */
static struct gate conjoin(struct gate *part, size_t n)
{
    struct gate all = open_gate;
    qsort(part, n, sizeof *part, by_cost);
    for (size_t i = 0; i < n; i++)
        if (!is_open(&part[i]))
            (void)gate_and(&all, &part[i]); /* too many ways: the part is not asked for */
    return all;
}

static struct gate gate_of_and(struct gates *g, const struct plan_node *node)
{
    struct gate *part = arena_new_n(&g->f->scratch, struct gate, node->n + 1);
    struct gate all = open_gate;
    if (!part) {
        g->f->no_memory = true;
        return all;
    }
    for (size_t i = 0; i < node->n; i++)
        part[i] = gate_of_node(g, node->child[i]);
    return conjoin(part, node->n);
}

static struct gate gate_of_or(struct gates *g, const struct plan_node *node)
{
    struct gate any = {.n = 0};
    for (size_t i = 0; i < node->n; i++) {
        struct gate part = gate_of_node(g, node->child[i]);
        if (is_open(&part))
            return open_gate;
        if (!gate_or(&any, &part)) /* too many ways: one set for all of them */
            return gate_of_set(g, of_node(g->f, node));
    }
    return any.n ? any : open_gate;
}

/* "contains|all": every value is a part of its own. */
static struct gate gate_of_all(struct gates *g, const struct plan_item *it)
{
    struct gate *part = arena_new_n(&g->f->scratch, struct gate, it->n_groups + 1);
    const struct set *of_view[SIGMA_MAX_VIEWS];
    struct gate all = open_gate;
    if (!part) {
        g->f->no_memory = true;
        return all;
    }
    for (size_t i = 0; i < it->n_groups; i++) {
        bool whole = it->n_views > 0;
        for (size_t v = 0; v < it->n_views; v++) {
            of_view[v] = of_group(g->f, it, i, it->view[v]);
            whole &= of_view[v] != &none;
        }
        part[i] = whole ? gate_of_set(g, unite(g->f, of_view, it->n_views)) : open_gate;
    }
    return conjoin(part, it->n_groups);
}

/* A selection may be asked for several times; what it costs is paid from the budget each time. */
static struct gate gate_of_node(struct gates *g, const struct plan_node *node)
{
    if (g->f->budget == 0)
        return open_gate;
    g->f->budget--;
    switch (node->kind) {
    case PLAN_ITEM: {
        if (node->item->all && node->item->n_groups > 1 && !node->item->record_time)
            return gate_of_all(g, node->item);
        const struct set **known = &g->f->of_item[node->item->number];
        if (!*known)
            *known = of_item(g->f, node->item);
        return gate_of_set(g, *known);
    }
    case PLAN_REF: return gate_of_node(g, g->f->plan->selection[node->ref]);
    case PLAN_AND: return gate_of_and(g, node);
    case PLAN_OR: return gate_of_or(g, node);
    default: return open_gate;
    }
}

static enum err keep_set(struct search *f, const struct set *s, struct sigma_leaf *ret)
{
    struct str *literal = arena_new_n(f->r->arena, struct str, s->n + 1);
    if (!literal)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->n; i++) {
        literal[i] = arena_str(f->r->arena, s->v[i].text);
        if (!literal[i].p)
            return ERR_NOMEM;
    }
    *ret = (struct sigma_leaf){literal, s->n, s->views, s->cost};
    return OK;
}

static enum err keep_gate(struct search *f, const struct gates *leaves, const struct gate *gate,
                          struct sigma_gate *ret)
{
    uint32_t named = 0;
    ret->n_terms = is_open(gate) ? 0 : gate->n;
    memcpy(ret->term, gate->term, sizeof ret->term);
    for (size_t i = 0; i < ret->n_terms; i++)
        named |= ret->term[i];
    for (size_t i = 0; i < leaves->n; i++)
        if (named >> i & 1)
            TRY(keep_set(f, leaves->leaf[i], &ret->leaf[i]));
    ret->n_leaves = leaves->n;
    return OK;
}

static enum err look_for(struct search *f, struct sigma_plan *plan)
{
    f->of_selection = arena_new_n(&f->scratch, const struct set *, plan->n_selections);
    f->of_item = arena_new_n(&f->scratch, const struct set *, plan->n_items + 1);
    if (!f->of_selection || !f->of_item)
        return ERR_NOMEM;
    struct sigma_leaf best;
    struct gates leaves = {.f = f};
    const struct set *s = of_node(f, plan->root);
    struct gate gate = gate_of_node(&leaves, plan->root);
    if (is_open(&gate)) /* the budget may have run out on the way */
        gate = gate_of_set(&leaves, s);
    TRY(keep_set(f, s, &best));
    TRY(keep_gate(f, &leaves, &gate, &plan->gate));
    plan->anchor = best.literal;
    plan->n_anchors = best.n;
    plan->cost = s->cost;
    return f->no_memory ? ERR_NOMEM : OK;
}

enum err sigma_plan_anchors(struct sigma_reader *r, struct sigma_plan *plan,
                            const struct sigma_env *env)
{
    struct search f = {.r = r, .plan = plan, .env = env, .budget = BUDGET};
    arena_init_small(&f.scratch, r->arena->max_bytes - r->arena->used_bytes);
    enum err rc = look_for(&f, plan);
    arena_done(&f.scratch);
    return rc ? sigma_nomem(r) : OK;
}
