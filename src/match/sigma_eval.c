#include "base/time.h"
#include "match/sigma_plan.h"

/* One evaluation. Selections are remembered: a condition may name them many times. */
enum { MEMO = 256 };
enum memo { MEMO_NONE, MEMO_FALSE, MEMO_TRUE_UNMARKED, MEMO_TRUE };
struct run {
    const struct sigma_plan *plan;
    const struct sigma_subject *subject;
    struct sigma_hit *hit; /* NULL inside a "not" and where the caller wants none */
    bool limited;
    unsigned char memo[MEMO];
};

static void mark(struct run *r, uint16_t view, size_t from, size_t to)
{
    if (!r->hit || r->hit->n == SIGMA_MAX_MARKS || to > UINT32_MAX)
        return;
    struct sigma_mark m = {view, (uint32_t)from, (uint32_t)to};
    for (size_t i = 0; i < r->hit->n; i++)
        if (r->hit->mark[i].view == m.view && r->hit->mark[i].from == m.from &&
            r->hit->mark[i].to == m.to)
            return;
    r->hit->mark[r->hit->n++] = m;
}

static struct str value_of(const struct run *r, uint16_t view)
{
    return view == SIGMA_VIEW_RAW ? r->subject->raw : r->subject->value(r->subject->ctx, view);
}

static bool compare(enum compare cmp, double a, double b)
{
    switch (cmp) {
    case CMP_EQ: return a == b;
    case CMP_LT: return a < b;
    case CMP_LTE: return a <= b;
    case CMP_GT: return a > b;
    case CMP_GTE: return a >= b;
    }
    return false;
}

/* ISO 8601: the week that holds the year's first Thursday is week 1. */
static int iso_week(int64_t time_us)
{
    int64_t day = time_us / US_PER_DAY - (time_us % US_PER_DAY < 0);
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* Monday is 0; 1970-01-01 was a Thursday */
    int64_t thursday = day - weekday + 3;
    struct civil c = time_civil(thursday * US_PER_DAY);
    c.month = c.day = 1;
    c.hour = c.minute = c.second = c.us = 0;
    return (int)((thursday - time_of_civil(&c) / US_PER_DAY) / 7) + 1;
}

static int part_of(enum time_part part, int64_t time_us)
{
    struct civil c = time_civil(time_us);
    switch (part) {
    case PART_MINUTE: return c.minute;
    case PART_HOUR: return c.hour;
    case PART_DAY: return c.day;
    case PART_WEEK: return iso_week(time_us);
    case PART_MONTH: return c.month;
    case PART_YEAR: return c.year;
    case PART_NONE: break;
    }
    return -1;
}

/* A value that is no full instant (a date or a clock alone) means the record's own time. */
static bool part_matches(const struct run *r, const struct plan_item *it, const struct matcher *m,
                         struct str s)
{
    int64_t t;
    bool date_only = s.n == 10 && it->part <= PART_HOUR;
    if (date_only || !time_parse(s, &t))
        t = r->subject->time_us;
    return t != TIME_NONE && compare(it->cmp, part_of(it->part, t), m->number);
}

static bool number_matches(const struct run *r, const struct plan_item *it, const struct matcher *m,
                           struct str s)
{
    double v;
    if (it->part != PART_NONE)
        return part_matches(r, it, m, s);
    return sigma_number(str_trim(s), &v) && compare(it->cmp, v, m->number);
}

static bool is_list(const struct run *r, uint16_t view)
{
    const struct sigma_subject *subject = r->subject;
    return view != SIGMA_VIEW_RAW && subject->is_list && subject->is_list(subject->ctx, view);
}

/* The values of a list one after the other, or the one that it is. */
static bool next_value(struct str *rest, bool list, struct str *ret_value)
{
    if (list)
        return str_cut(rest, '\n', ret_value);
    *ret_value = *rest;
    *rest = STR_NONE;
    return ret_value->p != NULL;
}

/* Any value of the other field will do, if it has several. */
static bool field_matches(const struct run *r, const struct matcher *m, struct str s,
                          size_t *ret_from, size_t *ret_to)
{
    static const enum match_kind kind[] = {MATCH_EQUAL, MATCH_PREFIX, MATCH_SUFFIX, MATCH_INSIDE};
    size_t k = m->position & MOD_CONTAINS ? 3 : m->position & MOD_ENDS ? 2 : m->position ? 1 : 0;
    for (size_t i = 0; i < m->n_views; i++) {
        struct str rest = value_of(r, m->view[i]), other;
        bool list = is_list(r, m->view[i]);
        while (next_value(&rest, list, &other))
            if ((!k || other.n) &&
                sigma_fields_match(kind[k], m->cased, s, other, ret_from, ret_to))
                return true;
    }
    return false;
}

static bool integer_matches(const struct matcher *m, struct str s)
{
    int64_t v;
    return str_i64(s, &v) && v == m->i64;
}

static bool real_matches(const struct matcher *m, struct str s)
{
    double v;
    return sigma_number(s, &v) && v == m->number;
}

static bool regex_matches(struct run *r, const struct matcher *m, struct str s, size_t *ret_from,
                          size_t *ret_to)
{
    enum re_answer a = re_match(m->re, s, ret_from, ret_to);
    r->limited |= a == RE_LIMITED;
    return a == RE_YES;
}

static bool address_matches(const struct matcher *m, struct str s)
{
    struct ip ip;
    int32_t port;
    return ip_parse_log(str_trim(s), &ip, &port) && ip_in_net(ip, m->net);
}

/* s is present. */
static bool matches(struct run *r, const struct plan_item *it, const struct matcher *m,
                    struct str s, size_t *ret_from, size_t *ret_to)
{
    *ret_from = 0;
    *ret_to = s.n;
    switch (m->kind) {
    case MATCH_NULL: return false;
    case MATCH_PRESENT: return true;
    case MATCH_SOME: return s.n > 0;
    case MATCH_INTEGER: return integer_matches(m, s) || str_eq(m->lit, s);
    case MATCH_REAL: return real_matches(m, s) || str_eq(m->lit, s);
    case MATCH_RE: return regex_matches(r, m, s, ret_from, ret_to);
    case MATCH_NET: return address_matches(m, s);
    case MATCH_COMPARE: return number_matches(r, it, m, s);
    case MATCH_FIELD: return field_matches(r, m, s, ret_from, ret_to);
    default: return sigma_text_matches(m, s, ret_from, ret_to);
    }
}

bool sigma_item_on_absent(const struct plan_item *it)
{
    for (size_t i = 0; i < it->n_groups; i++) {
        bool null = false;
        for (size_t k = it->group[i]; k < it->group[i + 1]; k++)
            null |= it->matcher[k].kind == MATCH_NULL;
        if (null != it->all)
            return null;
    }
    return it->all;
}

/* A list matches if one of its values does. */
static bool matches_marked(struct run *r, const struct plan_item *it, const struct matcher *m,
                           uint16_t view, struct str s, bool list)
{
    struct str rest = s, one;
    size_t from, to;
    while (next_value(&rest, list, &one)) {
        if (!matches(r, it, m, one, &from, &to))
            continue;
        size_t at = (size_t)(one.p - s.p);
        mark(r, view, at + from, at + to);
        return true;
    }
    return false;
}

/* One pass over the value for all literals of the index. */
static bool index_matches(struct run *r, const struct plan_item *it, uint16_t view, struct str s)
{
    for (size_t at = 0; at + 1 < s.n; at++) {
        size_t slot = sigma_index_slot(ascii_lower((unsigned char)s.p[at]),
                                       ascii_lower((unsigned char)s.p[at + 1]));
        for (uint16_t k = it->index->head[slot]; k; k = it->index->next[k - 1]) {
            const struct matcher *m = &it->matcher[k - 1];
            if (!sigma_lit_at(m, m->lit, s, at))
                continue;
            mark(r, view, at, at + m->lit.n);
            return true;
        }
    }
    return false;
}

/* Folding makes no ASCII of anything else: what holds other characters is in no ASCII text. */
static bool ruled_out(const struct matcher *m, bool ascii)
{
    return ascii && !m->ascii && m->kind >= MATCH_EQUAL && m->kind <= MATCH_WILD;
}

static bool item_matches(struct run *r, const struct plan_item *it, uint16_t view, struct str s)
{
    bool ascii = it->foreign && str_is_ascii(s), list = is_list(r, view);
    if (it->index && index_matches(r, it, view, s))
        return true;
    for (size_t i = 0; i < it->n_groups; i++) {
        bool any = false;
        for (size_t k = it->group[i]; k < it->group[i + 1] && !any; k++) {
            const struct matcher *m = &it->matcher[k];
            any = !m->indexed && !ruled_out(m, ascii) && matches_marked(r, it, m, view, s, list);
        }
        if (any != it->all)
            return any;
    }
    return it->all;
}

/* Any view will do; a field is absent only if no view has a value. */
static bool eval_item(struct run *r, const struct plan_item *it)
{
    bool present = false;
    if (it->record_time)
        return item_matches(r, it, SIGMA_VIEW_RAW, STR(""));
    for (size_t i = 0; i < it->n_views; i++) {
        struct str s = value_of(r, it->view[i]);
        size_t marks = r->hit ? r->hit->n : 0;
        if (!s.p)
            continue;
        present = true;
        if (item_matches(r, it, it->view[i], s))
            return true;
        if (r->hit)
            r->hit->n = marks;
    }
    return !present && sigma_item_on_absent(it);
}

static struct str fixed_value(void *ctx, uint16_t view)
{
    const struct sigma_env *env = ctx;
    struct str value = STR_NONE;
    return env->fixed(env->ctx, view, &value) ? value : STR_NONE;
}

bool sigma_item_on_fixed(const struct plan_item *it, const struct sigma_env *env)
{
    struct sigma_subject subject = {(void *)(uintptr_t)env, STR(""), TIME_NONE, fixed_value};
    struct run r = {.subject = &subject};
    return eval_item(&r, it);
}

static bool eval(struct run *r, const struct plan_node *node);

static bool eval_ref(struct run *r, uint32_t ref)
{
    unsigned char *memo = ref < MEMO ? &r->memo[ref] : NULL;
    if (memo && (*memo == MEMO_FALSE || *memo == MEMO_TRUE || (*memo && !r->hit)))
        return *memo != MEMO_FALSE;
    bool yes = eval(r, r->plan->selection[ref]);
    if (memo)
        *memo = !yes ? MEMO_FALSE : r->hit ? MEMO_TRUE : MEMO_TRUE_UNMARKED;
    return yes;
}

/* Forgets the marks of a branch that failed in the end; what was remembered as marked may have to
 * be marked again. */
static void unmark(struct run *r, size_t marks)
{
    if (!r->hit || r->hit->n <= marks)
        return;
    r->hit->n = marks;
    for (size_t i = 0; i < MEMO; i++)
        if (r->memo[i] == MEMO_TRUE)
            r->memo[i] = MEMO_TRUE_UNMARKED;
}

static bool eval_chain(struct run *r, const struct plan_node *node)
{
    bool decides = node->kind == PLAN_OR;
    size_t marks = r->hit ? r->hit->n : 0;
    for (size_t i = 0; i < node->n; i++) {
        if (eval(r, node->child[i]) != decides)
            continue;
        if (!decides)
            unmark(r, marks);
        return decides;
    }
    return !decides;
}

/* What stands under a "not" is no reason for a match: it leaves no marks. */
static bool eval_not(struct run *r, const struct plan_node *node)
{
    struct sigma_hit *hit = r->hit;
    r->hit = NULL;
    bool yes = !eval(r, node->child[0]);
    r->hit = hit;
    return yes;
}

/* Recursion as deep as the condition: bounded by SIGMA_MAX_DEPTH when the rule was read. */
static bool eval(struct run *r, const struct plan_node *node)
{
    switch (node->kind) {
    case PLAN_CONST: return node->truth;
    case PLAN_ITEM: return eval_item(r, node->item);
    case PLAN_REF: return eval_ref(r, node->ref);
    case PLAN_AND:
    case PLAN_OR: return eval_chain(r, node);
    case PLAN_NOT: return eval_not(r, node);
    }
    return false;
}

bool sigma_eval(const struct sigma_plan *plan, const struct sigma_subject *subject,
                struct sigma_hit *ret_hit, bool *ret_limited)
{
    struct run r = {.plan = plan, .subject = subject, .hit = ret_hit};
    if (ret_hit)
        ret_hit->n = 0;
    bool yes = eval(&r, plan->root);
    if (!yes && ret_hit)
        ret_hit->n = 0;
    if (ret_limited)
        *ret_limited = r.limited;
    return yes;
}
