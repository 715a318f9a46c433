/* Correlations against a plain reference: all events of a group in an array, every window looked at
 * by itself. */
#include "unit.h"

#include "dossier/rules.h"
#include "scan/correlate.h"
#include "scan/program.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { MAX_EVENTS = 64, MAX_FOUND = 512, MAX_RULES = 16, FILES = 3, SECOND = 1000000 };

/* One record that a rule met. The rule is its index among those of the text. */
struct row {
    unsigned rule, file;
    int64_t second;
    uint64_t offset;
    const char *host, *group, *value; /* NULL: absent */
};

struct found {
    unsigned rule; /* of the correlation: its index among correlations */
    char host[16], group[16];
    int64_t first, last;
    uint64_t count;
};

static struct arena arena;
static struct ruleset set;
static struct facts facts;
static struct file_fact file[FILES];
static struct hit base_hit[MAX_RULES];
static struct str gap;

static void load(const char *text)
{
    struct sigma_rule *rule;
    struct sigma_problem *problem;
    size_t n, n_problems;
    arena_done(&arena);
    arena_init(&arena, (size_t)1 << 30);
    assert_int_equal(
        rules_parse(&arena, str_of(text), STR("t.yml"), &rule, &n, &problem, &n_problems), OK);
    if (n_problems)
        print_message("%.*s\n", STR_FMT(problem->reason));
    assert_int_equal(n_problems, 0);
    set = (struct ruleset){.rule = arena_new_n(&arena, struct scan_rule, n + 1)};
    struct correlations *all = set.correlations = arena_new(&arena, struct correlations);
    all->v = arena_new_n(&arena, struct correlation, n + 1);
    for (int correlations = 0; correlations < 2; correlations++)
        for (size_t i = 0; i < n; i++) {
            if ((rule[i].type == SIGMA_CORRELATION) != correlations)
                continue;
            if (correlations)
                all->v[all->n++] = (struct correlation){
                    .sigma = &rule[i], .def = rule[i].correlation, .rule = (uint32_t)set.n_rules};
            set.n_sigma += !correlations;
            set.rule[set.n_rules++] = (struct scan_rule){.sigma = &rule[i], .id = rule[i].title};
        }
    if (all->n)
        assert_int_equal(correlations_bind(&arena, &set), OK);
}

static struct events *events;

static enum err take(void *ctx, struct str message)
{
    const unsigned *f = ctx;
    return events_take(events, message, *f, 0, *f);
}

static struct str known_host(void *ctx, struct str name)
{
    (void)ctx;
    return name;
}

static struct str text_or_none(const char *text)
{
    return text ? str_of(text) : STR_NONE;
}

/* As a worker would tell of a row: every field of group-by is its group, every other its value. */
static void tell(const struct row *row)
{
    const struct correlations *all = set.correlations;
    unsigned of_file = row->file;
    struct event_sink sink;
    event_sink_init(&sink, take, &of_file);
    for (uint32_t i = 0; i < all->n_feeds[row->rule]; i++) {
        const struct feed *feed = &all->feed[row->rule][i];
        const struct correlation *c = &all->v[feed->correlation];
        struct event e = {.correlation = feed->correlation,
                          .member = feed->part,
                          .time_us = row->second * SECOND,
                          .offset = row->offset,
                          .line = row->offset,
                          .host = str_of(row->host)};
        buf_reset(&sink.group);
        buf_reset(&sink.value);
        for (size_t k = 0; k < c->def->n_group_by; k++)
            values_add(&sink.group, text_or_none(row->group));
        for (size_t k = 0; k < c->def->n_fields; k++)
            values_add(&sink.value, text_or_none(row->value));
        assert_int_equal(event_sink_add(&sink, &e), OK);
    }
    assert_int_equal(event_sink_flush(&sink), OK);
    event_sink_done(&sink);
}

static int by_found(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    int c = strcmp(x->group, y->group);
    if (!c && x->first != y->first)
        c = x->first < y->first ? -1 : 1;
    return c ? c : strcmp(x->host, y->host);
}

/* All findings, in an order. Each unit's base_lines is 1000. */
static size_t run(const struct row *row, size_t n, struct found ret[MAX_FOUND])
{
    struct event_unit unit[FILES];
    size_t n_found = 0;
    struct correlate c = {.arena = &arena,
                          .set = &set,
                          .unit = unit,
                          .n_units = FILES,
                          .facts = &facts,
                          .host = known_host};
    for (size_t i = 0; i < FILES; i++)
        unit[i] = (struct event_unit){.base_lines = 1000};
    assert_int_equal(events_new(&set, &events), OK);
    for (size_t i = 0; i < n; i++)
        tell(&row[i]);
    c.events = events;
    facts = (struct facts){.file = file, .n_files = FILES, .hit = base_hit};
    for (uint32_t i = 0; i < set.n_sigma; i++)
        base_hit[facts.n_hits++] = (struct hit){.rule = i, .first_us = 1, .count = 1};
    base_hit[facts.n_hits++] = (struct hit){.rule = 0, .first_us = TIME_NONE, .count = 1};
    assert_int_equal(correlate(&c, &gap), OK);
    events = events_free(events);
    for (size_t i = 0; i < facts.n_hits; i++) {
        const struct hit *h = &facts.hit[i];
        if (h->rule < set.n_sigma)
            continue;
        bool grouped = set.correlations->v[h->rule - set.n_sigma].def->n_group_by > 0;
        struct str group = grouped ? h->field[0].value : STR_NONE;
        struct found *f = &ret[n_found++];
        *f = (struct found){.rule = h->rule - (unsigned)set.n_sigma,
                            .first = h->first_us / SECOND,
                            .last = h->last_us / SECOND,
                            .count = h->count};
        (void)snprintf(f->host, sizeof f->host, "%.*s", STR_FMT(h->host));
        (void)snprintf(f->group, sizeof f->group, "%.*s", STR_FMT(group));
    }
    qsort(ret, n_found, sizeof *ret, by_found);
    return n_found;
}

/* ---- the reference ---- */

struct ref_event {
    unsigned member, file;
    int64_t second;
    uint64_t offset;
    const char *host, *group, *value;
    bool opens;
};

struct ref_list {
    struct ref_event v[16 * MAX_EVENTS];
    size_t n;
};

static int by_time(const void *a, const void *b)
{
    const struct ref_event *x = a, *y = b;
    if (x->second != y->second)
        return x->second < y->second ? -1 : 1;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->member < y->member ? -1 : x->member > y->member;
}

static bool may_follow(const struct ref_event *a, const struct ref_event *b)
{
    if (a->second != b->second)
        return a->second < b->second;
    return a->file != b->file || a->offset < b->offset ||
           (a->offset == b->offset && a->member < b->member);
}

static bool chain_from(const struct ref_event *v, size_t n, const struct ref_event *last,
                       unsigned next, size_t n_rules)
{
    if (next == n_rules)
        return true;
    for (size_t i = 0; i < n; i++)
        if (v[i].member == next && (!last || may_follow(last, &v[i])) &&
            chain_from(v, n, &v[i], next + 1, n_rules))
            return true;
    return false;
}

static bool bounds(const struct sigma_correlation *d, double number)
{
    for (size_t i = 0; i < d->n_bounds; i++) {
        double b = d->bound[i].number;
        const bool holds[] = {
            [SIGMA_GT] = number > b,   [SIGMA_GTE] = number >= b, [SIGMA_LT] = number < b,
            [SIGMA_LTE] = number <= b, [SIGMA_EQ] = number == b,  [SIGMA_NEQ] = number != b};
        if (!holds[d->bound[i].op])
            return false;
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static bool holds(const struct sigma_correlation *d, const struct ref_event *v, size_t n)
{
    double number[MAX_EVENTS * 16], sum = 0;
    size_t numbers = 0, distinct = 0, kinds = 0;
    uint64_t present = 0;
    for (size_t i = 0; i < n; i++) {
        bool seen = !v[i].value, met = false;
        for (size_t k = 0; k < i; k++) {
            seen |= v[k].value && v[i].value && !strcmp(v[i].value, v[k].value);
            met |= v[k].member == v[i].member;
        }
        distinct += !seen;
        kinds += !met;
        present |= UINT64_C(1) << v[i].member;
        char *end = NULL;
        double d_value = v[i].value ? strtod(v[i].value, &end) : 0;
        if (v[i].value && *v[i].value && !*end) {
            number[numbers++] = d_value;
            sum += d_value;
        }
    }
    if (d->type == SIGMA_EVENT_COUNT)
        return bounds(d, (double)n);
    if (d->type == SIGMA_VALUE_COUNT)
        return bounds(d, (double)distinct);
    if (d->type == SIGMA_TEMPORAL_ORDERED)
        return chain_from(v, n, NULL, 0, d->n_rules);
    if (d->type == SIGMA_TEMPORAL)
        return d->text       ? sigma_correlation_text(d, present)
               : d->n_bounds ? bounds(d, (double)kinds)
                             : kinds == d->n_rules;
    if (!numbers)
        return false;
    if (d->type == SIGMA_VALUE_SUM)
        return bounds(d, round(sum * 1e6) / 1e6);
    if (d->type == SIGMA_VALUE_AVG)
        return bounds(d, sum / (double)numbers);
    qsort(number, numbers, sizeof *number, by_number);
    double rank = ceil(d->percentile * (double)numbers / 100);
    return bounds(d, number[(size_t)(rank < 1 ? 1 : rank) - 1]);
}

static struct ref_list list[MAX_RULES]; /* events of each correlation */

static void ref_moment(unsigned c, const struct ref_event *at, bool opens)
{
    for (size_t o = 0; o < set.correlations->n; o++) {
        const struct correlation *outer = &set.correlations->v[o];
        for (unsigned k = 0; k < outer->def->n_rules; k++) {
            if (outer->part[k].rule != set.correlations->v[c].rule)
                continue;
            struct ref_event e = *at;
            e.member = k;
            e.value = NULL;
            if (outer->def->type == SIGMA_TEMPORAL || outer->def->type == SIGMA_TEMPORAL_ORDERED ||
                opens)
                list[o].v[list[o].n++] = e;
        }
    }
}

static size_t ref_burst(unsigned c, const struct ref_event *v, size_t n, struct found *ret)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < found && strcmp(ret[k].host, v[i].host))
            k++;
        if (k == found) {
            ret[found] = (struct found){.rule = c, .first = v[i].second};
            (void)snprintf(ret[found].host, sizeof ret[found].host, "%s", v[i].host);
            (void)snprintf(ret[found].group, sizeof ret[found].group, "%s",
                           v[i].group ? v[i].group : "");
            found++;
        }
        ret[k].last = v[i].second;
        ret[k].count++;
    }
    return found;
}

static size_t ref_group(unsigned c, const struct ref_event *v, size_t n, struct found *ret)
{
    const struct sigma_correlation *d = set.correlations->v[c].def;
    bool grows = sigma_correlation_grows(d);
    int64_t span = d->timespan_us / SECOND;
    size_t found = 0, from = 0, to = 0, before = 0, told = 0;
    for (size_t r = 0; grows && r < n; r++) { /* moments */
        size_t i = 0;
        while (v[i].second < v[r].second - span)
            i++;
        if (!holds(d, v + i, r + 1 - i))
            continue;
        ref_moment(c, &v[r], i >= told);
        told = r + 1;
    }
    for (size_t i = 0; i < n; i++) {
        size_t end = i;
        while (end < n && v[end].second <= v[i].second + span)
            end++;
        bool whole = end > before;
        before = end;
        if (!whole || !holds(d, v + i, end - i))
            continue;
        if (!grows) {
            ref_moment(c, &v[end - 1], i >= told);
            told = end;
        }
        if (i >= to) {
            found += ref_burst(c, v + from, to - from, ret + found);
            from = i;
        }
        to = end;
    }
    return found + ref_burst(c, v + from, to - from, ret + found);
}

static size_t reference(const struct row *row, size_t n, struct found ret[MAX_FOUND])
{
    static const char *const groups[] = {NULL, "g0", "g1", "g2"};
    size_t found = 0;
    memset(list, 0, sizeof list);
    for (size_t i = 0; i < n; i++)
        for (size_t o = 0; o < set.correlations->n; o++)
            for (unsigned k = 0; k < set.correlations->v[o].def->n_rules; k++)
                if (set.correlations->v[o].part[k].rule == row[i].rule)
                    list[o].v[list[o].n++] =
                        (struct ref_event){k,           row[i].file,  row[i].second, row[i].offset,
                                           row[i].host, row[i].group, row[i].value,  false};
    for (unsigned level = 0; level < set.correlations->levels; level++)
        for (unsigned o = 0; o < set.correlations->n; o++) {
            struct ref_event group[16 * MAX_EVENTS];
            struct ref_list *l = &list[o];
            bool grouped = set.correlations->v[o].def->n_group_by > 0;
            if (set.correlations->v[o].level != level)
                continue;
            if (l->n)
                qsort(l->v, l->n, sizeof *l->v, by_time);
            for (size_t g = 0; g < (grouped ? ARRAY_LEN(groups) : 1); g++) {
                size_t in = 0;
                for (size_t i = 0; i < l->n; i++) {
                    bool same = groups[g] && l->v[i].group ? !strcmp(groups[g], l->v[i].group)
                                                           : groups[g] == l->v[i].group;
                    if (same || !grouped)
                        group[in++] = l->v[i];
                }
                size_t more = ref_group(o, group, in, ret + found);
                for (size_t i = 0; !grouped && i < more; i++)
                    ret[found + i].group[0] = 0;
                found += set.correlations->hushed[set.correlations->v[o].rule] ? 0 : more;
            }
        }
    qsort(ret, found, sizeof *ret, by_found);
    return found;
}

/* ---- tests ---- */

#define RULE(name)                                                                                 \
    "title: " name "\nname: " name "\nlogsource: {category: webserver}\n"                          \
    "detection: {s: {f: x}, condition: s}\n---\n"
#define RULES RULE("a") RULE("b") RULE("c")
#define CORRELATION(name, type, rules, rest)                                                       \
    "title: " name "\nname: " name "\ncorrelation: {type: " type ", rules: [" rules                \
    "], timespan: 10s, " rest "}\n---\n"

static const char *const texts[] = {
    CORRELATION("x", "event_count", "a", "group-by: [g], condition: {gte: 3}"),
    CORRELATION("x", "event_count", "a, b", "group-by: [g], condition: {gt: 4}"),
    CORRELATION("x", "event_count", "a", "condition: {gte: 2, lte: 4}"),
    CORRELATION("x", "event_count", "a", "group-by: [g], condition: {lt: 3}"),
    CORRELATION("x", "event_count", "a, c", "group-by: [g], condition: {eq: 3}"),
    CORRELATION("x", "event_count", "a", "group-by: [g], condition: {neq: 2}"),
    CORRELATION("x", "value_count", "a", "group-by: [g], condition: {gte: 3, field: v}"),
    CORRELATION("x", "value_count", "a, b", "condition: {gte: 4, field: v}"),
    CORRELATION("x", "value_count", "a, b", "group-by: [g], condition: {lte: 1, field: v}"),
    CORRELATION("x", "value_count", "a", "group-by: [g], condition: {eq: 2, field: [v, w]}"),
    CORRELATION("x", "temporal", "a, b, c", "group-by: [g]"),
    CORRELATION("x", "temporal", "a, b, c", "group-by: [g], condition: {gte: 2}"),
    CORRELATION("x", "temporal", "a, b, c", "group-by: [g], condition: {eq: 1}"),
    CORRELATION("x", "temporal", "a, b, c", "group-by: [g], condition: a and not b"),
    CORRELATION("x", "temporal", "a, b, c", "group-by: [g], condition: a and (b or c)"),
    CORRELATION("x", "temporal_ordered", "a, b", "group-by: [g]"),
    CORRELATION("x", "temporal_ordered", "c, a, b", "group-by: [g]"),
    CORRELATION("x", "temporal_ordered", "b, a", "condition: b and a"),
    CORRELATION("x", "value_sum", "a", "group-by: [g], condition: {gte: 9, field: v}"),
    CORRELATION("x", "value_avg", "a, b", "group-by: [g], condition: {gt: 3, field: v}"),
    CORRELATION("x", "value_median", "a, b", "group-by: [g], condition: {gte: 3, field: v}"),
    CORRELATION("x", "value_percentile", "a",
                "group-by: [g], condition: {percentile: 90, eq: 5, field: v}"),
    CORRELATION("x", "value_percentile", "a",
                "group-by: [g], condition: {percentile: 25, neq: 2, lt: 4, field: v}"),
    CORRELATION("x", "event_count", "a", "group-by: [g], condition: {gte: 3}")
        CORRELATION("y", "temporal_ordered", "x, b", "group-by: [g]"),
    CORRELATION("x", "event_count", "a", "group-by: [g], generate: true, condition: {gte: 2}")
        CORRELATION("y", "event_count", "x", "generate: true, condition: {gte: 2}")
            CORRELATION("z", "temporal", "y, x, c", ""),
    CORRELATION("x", "event_count", "a", "group-by: [g], condition: {lt: 2}")
        CORRELATION("y", "temporal", "x, b", "group-by: [g]"),
    CORRELATION("x", "temporal", "a, b", "group-by: [g], condition: b and not a")
        CORRELATION("y", "event_count", "x, c", "group-by: [g], condition: {gte: 2}"),
};

static uint64_t state = 88172645463325252u;

static unsigned upto(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 20) % n;
}

static size_t make_rows(struct row *row)
{
    static const char *const groups[] = {"g0", "g0", "g1", "g2", NULL};
    static const char *const values[] = {"1", "2", "3", "5", "8", "x", NULL, "5", "-4", "0.1"};
    static const char *const hosts[] = {"ex01", "ex02"};
    size_t n = upto(40);
    unsigned span = 1 + upto(60), files = 1 + upto(FILES);
    for (size_t i = 0; i < n; i++)
        row[i] = (struct row){.rule = upto(3),
                              .file = upto(files),
                              .second = 1600000000 + upto(span),
                              .offset = i + 1,
                              .host = hosts[upto(8) == 0],
                              .group = groups[upto(5)],
                              .value = values[upto(10)]};
    return n;
}

static void shuffle(struct row *row, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = upto((unsigned)i);
        struct row swap = row[k];
        row[k] = row[i - 1];
        row[i - 1] = swap;
    }
}

static bool same(const struct found *a, const struct found *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (by_found(&a[i], &b[i]) || a[i].last != b[i].last || a[i].count != b[i].count)
            return false;
    return true;
}

static void print_found(const char *what, const struct found *f, size_t n)
{
    for (size_t i = 0; i < n; i++)
        print_message("%s: %u %s %s %lld..%lld %llu\n", what, f[i].rule, f[i].host, f[i].group,
                      (long long)f[i].first, (long long)f[i].last, (unsigned long long)f[i].count);
}

static void random_cases(void **test)
{
    (void)test;
    static struct found want[MAX_FOUND], got[MAX_FOUND];
    size_t met = 0;
    for (size_t t = 0; t < ARRAY_LEN(texts); t++) {
        char text[4096];
        (void)snprintf(text, sizeof text, RULES "%s", texts[t]);
        for (unsigned i = 0; i < 300; i++) {
            struct row row[MAX_EVENTS];
            if (i % 100 == 0)
                load(text);
            size_t n = make_rows(row);
            memset(want, 0, sizeof want);
            memset(got, 0, sizeof got);
            size_t n_want = reference(row, n, want);
            shuffle(row, n);
            size_t n_got = run(row, n, got);
            met += n_want;
            assert_null(gap.p);
            if (n_got == n_want && same(want, got, n_want))
                continue;
            print_message("%s, case %u\n", texts[t], i);
            for (size_t k = 0; k < n; k++)
                print_message("rule %u file %u at %lld @%llu %s group %s value %s\n", row[k].rule,
                              row[k].file, (long long)row[k].second,
                              (unsigned long long)row[k].offset, row[k].host,
                              row[k].group ? row[k].group : "-", row[k].value ? row[k].value : "-");
            print_found("want", want, n_want);
            print_found("got", got, n_got);
            assert_true(false);
        }
    }
    print_message("%zu findings compared\n", met);
    assert_true(met > 5000);
}

/* ---- one by one ---- */

#define AT(rule, second)                                                                           \
    {                                                                                              \
        rule, 0, second, 1 + (second), "h", "g", NULL                                              \
    }

static size_t found_of(const char *correlations, const struct row *row, size_t n,
                       struct found ret[MAX_FOUND])
{
    char text[4096];
    (void)snprintf(text, sizeof text, RULES "%s", correlations);
    load(text);
    return run(row, n, ret);
}

/* Events that are exactly the timespan apart lie in one window; a second more, and they do not. */
static void both_ends_belong_to_a_window(void **test)
{
    (void)test;
    struct found f[MAX_FOUND];
    const char *two = CORRELATION("x", "event_count", "a", "condition: {gte: 2}");
    const struct row exactly[] = {AT(0, 100), AT(0, 110)};
    const struct row beyond[] = {AT(0, 100), AT(0, 111)};
    assert_int_equal(found_of(two, exactly, 2, f), 1);
    assert_int_equal(f[0].first, 100);
    assert_int_equal(f[0].last, 110);
    assert_int_equal(found_of(two, beyond, 2, f), 0);
}

/* Over a border of any pieces into which time might be cut, and as one burst whatever its length.
 */
static void windows_slide_and_bursts_go_on(void **test)
{
    (void)test;
    struct found f[MAX_FOUND];
    struct row row[60];
    for (int i = 0; i < 60; i++)
        row[i] = (struct row)AT(0, 1000 + i + (i >= 30 ? 100 : 0));
    const char *five = CORRELATION("x", "event_count", "a", "condition: {gte: 5}");
    assert_int_equal(found_of(five, row, 60, f), 2);
    assert_int_equal(f[0].count, 30);
    assert_int_equal(f[0].last, 1029);
    assert_int_equal(f[1].first, 1130);
    assert_int_equal(facts.hit[facts.n_hits - 1].n_made, 2 * CORRELATE_LISTED);
}

static void few_is_asked_of_whole_windows(void **test)
{
    (void)test;
    struct found f[MAX_FOUND];
    const char *few = CORRELATION("x", "event_count", "a", "condition: {lt: 3}");
    const struct row busy[] = {AT(0, 100), AT(0, 101), AT(0, 102), AT(0, 103)};
    const struct row quiet[] = {AT(0, 100), AT(0, 101), AT(0, 102), AT(0, 150)};
    assert_int_equal(found_of(few, busy, 4, f), 0);
    assert_int_equal(found_of(few, quiet, 4, f), 1);
    assert_int_equal(f[0].first, 150);
}

static void equal_values_count_once(void **test)
{
    (void)test;
    struct found f[MAX_FOUND];
    const char *three = CORRELATION("x", "value_count", "a", "condition: {gte: 3, field: v}");
    struct row row[] = {AT(0, 100), AT(0, 101), AT(0, 102), AT(0, 103)};
    const char *values[] = {"Bob", "bob", "eve", "BOB"};
    for (size_t i = 0; i < 4; i++)
        row[i].value = values[i];
    assert_int_equal(found_of(three, row, 4, f), 0);
    row[3].value = "mallory";
    assert_int_equal(found_of(three, row, 4, f), 1);
    const struct hit *h = &facts.hit[facts.n_hits - 1];
    assert_true(str_eq(h->field[0].name, STR("value_count v")));
    assert_true(str_eq(h->field[0].value, STR("3")));
}

static void long_values_stay_apart(void **test)
{
    (void)test;
    struct buf a, b;
    static char text[5000];
    struct str one, two, rest;
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    memset(text, 'A', sizeof text);
    values_add(&a, str_make(text, sizeof text));
    values_add(&a, STR_NONE);
    values_add(&a, STR(""));
    text[sizeof text - 1] = 'B';
    values_add(&b, str_make(text, sizeof text));
    rest = buf_view(&b);
    assert_true(values_next(&rest, &two));
    assert_true(values_valid(buf_view(&a), 3));
    assert_false(values_valid(buf_view(&a), 2));
    assert_false(values_valid(str_sub(buf_view(&a), 0, a.n - 3), 3));
    rest = buf_view(&a);
    assert_true(values_next(&rest, &one));
    assert_int_equal(one.n, CORRELATE_VALUE_BYTES);
    assert_false(str_eq(one, two));
    assert_true(values_next(&rest, &one));
    assert_null(one.p);
    assert_true(values_next(&rest, &one));
    assert_non_null(one.p);
    assert_int_equal(one.n, 0);
    assert_false(values_next(&rest, &one));
    buf_done(&a);
    buf_done(&b);
}

static size_t base_hits(uint32_t rule)
{
    size_t n = 0;
    for (size_t i = 0; i < facts.n_hits; i++)
        n += facts.hit[i].rule == rule;
    return n;
}

/* Rules that correlations name are silent; all others speak, and rows without a time stay. */
static void named_rules_are_silent(void **test)
{
    (void)test;
    struct found f[MAX_FOUND];
    (void)found_of(CORRELATION("x", "event_count", "a", "condition: {gte: 2}"), NULL, 0, f);
    assert_int_equal(base_hits(0), 1); /* the one without a time */
    assert_int_equal(base_hits(1), 1);
    (void)found_of(CORRELATION("x", "event_count", "a", "condition: {gte: 2}") CORRELATION(
                       "y", "event_count", "a, b", "generate: true, condition: {gte: 2}"),
                   NULL, 0, f);
    assert_int_equal(base_hits(0), 2);
    assert_int_equal(base_hits(1), 1);
}

/* Of a run that was interrupted a burst may be missing: rules report what there was. */
static void cut_short_nobody_is_silent(void **test)
{
    (void)test;
    struct row row[] = {AT(0, 100), AT(0, 101)};
    load(RULES CORRELATION("x", "event_count", "a", "condition: {gte: 2}"));
    assert_int_equal(events_new(&set, &events), OK);
    tell(&row[0]);
    tell(&row[1]);
    struct event_unit unit[1] = {{0}};
    struct correlate c = {.arena = &arena,
                          .set = &set,
                          .events = events,
                          .unit = unit,
                          .n_units = 1,
                          .facts = &facts,
                          .host = known_host,
                          .partial = true};
    facts = (struct facts){.file = file, .n_files = FILES, .hit = base_hit, .n_hits = 1};
    base_hit[0] = (struct hit){.rule = 0, .first_us = 1, .count = 2};
    assert_int_equal(correlate(&c, &gap), OK);
    events = events_free(events);
    assert_int_equal(base_hits(0), 1);
    assert_int_equal(base_hits(3), 1);
    assert_int_equal(c.silent, 0);
}

/* What is wrong is named, and nobody is silent for a correlation that is left out. */
static void broken_ones_are_told(void **test)
{
    (void)test;
    static const struct {
        const char *text, *remark;
        bool evaluated;
    } cases[] = {
        {CORRELATION("x", "temporal", "a, nobody", ""),
         "it names the rule \"nobody\", which is not loaded", false},
        {CORRELATION("x", "temporal", "x, a", ""),
         "it rests on itself, or more than 8 correlations rest on each other", false},
        {CORRELATION("x", "temporal", "y", "") CORRELATION("y", "temporal", "x", ""),
         "it rests on itself, or more than 8 correlations rest on each other", false},
        {CORRELATION("x", "event_count", "a, a", "condition: {gte: 2}"),
         "it names the rule \"a\" twice", false},
        {CORRELATION("x", "temporal", "y, a", "") CORRELATION("y", "temporal", "gone", ""),
         "it rests on \"y\", which is not evaluated", false},
        {CORRELATION("x", "temporal", "y, a", "group-by: [ip]")
             CORRELATION("y", "temporal", "a, b", "group-by: [user]"),
         "group-by \"ip\": \"y\" does not group by it", true},
        {CORRELATION("x", "temporal", "a, b", "group-by: [ip], aliases: {ip: {a: src}}"),
         "group-by \"ip\": the alias says nothing about \"b\"", true},
    };
    struct found f[MAX_FOUND];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)found_of(cases[i].text, NULL, 0, f);
        const struct correlation *c = &set.correlations->v[0];
        bool told = false;
        for (size_t k = 0; k < c->n_remarks; k++)
            told |= str_eq(c->remark[k], str_of(cases[i].remark));
        if (!told)
            print_message("missing: %s\n", cases[i].remark);
        assert_true(told);
        assert_int_equal(c->evaluated, cases[i].evaluated);
        if (!c->evaluated)
            assert_int_equal(base_hits(0), 2);
    }
}

/* Files that are copies, pieces whose worker died and earlier attempts are passed over. */
static void what_does_not_count(void **test)
{
    (void)test;
    struct event_unit unit[2] = {{.base_lines = 40, .attempt = 1}, {.lost = true}};
    const struct {
        unsigned unit, attempt, file;
    } tell_of[] = {{0, 0, 0}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {7, 0, 0}};
    load(RULES CORRELATION("x", "event_count", "a", "condition: {gte: 1}"));
    assert_int_equal(events_new(&set, &events), OK);
    for (size_t i = 0; i < ARRAY_LEN(tell_of); i++) {
        struct buf b;
        struct event_sink sink;
        struct event e = {.time_us = 5, .line = 2, .host = STR("h")};
        event_sink_init(&sink, NULL, NULL);
        assert_int_equal(event_sink_add(&sink, &e), OK);
        b = sink.b;
        assert_int_equal(events_take(events, buf_view(&b), tell_of[i].unit,
                                     (uint8_t)tell_of[i].attempt, tell_of[i].file),
                         OK);
        event_sink_done(&sink);
    }
    struct correlate c = {.arena = &arena,
                          .set = &set,
                          .events = events,
                          .unit = unit,
                          .n_units = 2,
                          .facts = &facts,
                          .host = known_host};
    file[1].copy = true;
    facts = (struct facts){.file = file, .n_files = FILES};
    assert_int_equal(correlate(&c, &gap), OK);
    events = events_free(events);
    file[1].copy = false;
    assert_int_equal(facts.n_hits, 1);
    assert_int_equal(facts.hit[0].count, 1);
    assert_int_equal(facts.hit[0].line, 42);
    assert_int_equal(facts.hit[0].made[0].line, 42);
}

/* Whatever a worker sends is taken as nonsense or as an event, never as anything else. */
static void nonsense_is_refused(void **test)
{
    (void)test;
    struct event_sink sink;
    struct event e = {.time_us = 5, .host = STR("h")};
    load(RULES CORRELATION("x", "event_count", "a", "group-by: [g], condition: {gte: 1}"));
    assert_int_equal(events_new(&set, &events), OK);
    event_sink_init(&sink, NULL, NULL);
    values_add(&sink.group, STR("v"));
    assert_int_equal(event_sink_add(&sink, &e), OK);
    struct str good = buf_view(&sink.b);
    assert_int_equal(events_take(events, good, 0, 0, 0), OK);
    for (size_t n = 1; n < good.n; n++)
        assert_int_equal(events_take(events, str_sub(good, 0, n), 0, 0, 0), ERR_FORMAT);
    for (size_t i = 0; i < 20000; i++) {
        char copy[200];
        memcpy(copy, good.p, good.n);
        copy[upto((unsigned)good.n)] = (char)upto(256);
        copy[upto((unsigned)good.n)] ^= (char)(1 << upto(8));
        (void)(events_take(events, str_make(copy, good.n), 0, 0, 0) == OK);
    }
    event_sink_done(&sink);
    struct correlate c = {
        .arena = &arena, .set = &set, .events = events, .facts = &facts, .host = known_host};
    facts = (struct facts){.file = file, .n_files = FILES};
    assert_int_equal(correlate(&c, &gap), OK);
    events = events_free(events);
}

static void tell_many(size_t n, bool groups)
{
    struct event_sink sink;
    static unsigned zero;
    event_sink_init(&sink, take, &zero);
    for (size_t i = 0; i < n; i++) {
        char text[24];
        struct event e = {
            .time_us = (int64_t)(i * 7919 % n) * SECOND, .offset = i, .host = STR("h")};
        (void)snprintf(text, sizeof text, "%zu", i);
        buf_reset(&sink.group);
        values_add(&sink.group, groups ? str_of(text) : STR("g"));
        assert_int_equal(event_sink_add(&sink, &e), OK);
    }
    assert_int_equal(event_sink_flush(&sink), OK);
    event_sink_done(&sink);
}

/* Past the ceiling findings are counted in one row, and the row says so. */
static void very_many_groups(void **test)
{
    (void)test;
    enum { MANY = 300 * 1000 };
    struct event_unit unit[1] = {{0}};
    load(RULES CORRELATION("x", "event_count", "a", "group-by: [g], condition: {gte: 1}"));
    assert_int_equal(events_new(&set, &events), OK);
    tell_many(MANY, true);
    struct correlate c = {.arena = &arena,
                          .set = &set,
                          .events = events,
                          .unit = unit,
                          .n_units = 1,
                          .facts = &facts,
                          .host = known_host};
    facts = (struct facts){.file = file, .n_files = FILES};
    assert_int_equal(correlate(&c, &gap), OK);
    events = events_free(events);
    assert_null(gap.p);
    uint64_t all = 0;
    for (size_t i = 0; i < facts.n_hits; i++)
        all += facts.hit[i].count;
    assert_int_equal(facts.n_hits, CORRELATE_KEPT + 1);
    assert_int_equal(all, MANY);
}

/* A disk without room: nothing is evaluated, that is told, and rules speak for themselves. */
static void no_room(void **test)
{
    (void)test;
    struct rlimit was, little;
    struct event_unit unit[1] = {{0}};
    load(RULES CORRELATION("x", "event_count", "a", "group-by: [g], condition: {gte: 1}"));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    little = was;
    little.rlim_cur = 1000 * 1000;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    assert_int_equal(events_new(&set, &events), OK);
    tell_many(300 * 1000, false);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    struct correlate c = {.arena = &arena,
                          .set = &set,
                          .events = events,
                          .unit = unit,
                          .n_units = 1,
                          .facts = &facts,
                          .host = known_host};
    facts = (struct facts){.file = file, .n_files = FILES, .hit = base_hit, .n_hits = 1};
    base_hit[0] = (struct hit){.rule = 0, .first_us = 1, .count = 1};
    assert_int_equal(correlate(&c, &gap), OK);
    events = events_free(events);
    assert_non_null(gap.p);
    assert_true(str_find(gap, STR("no room for a temporary file")) >= 0);
    assert_int_equal(facts.n_hits, 1);
    assert_int_equal(facts.hit[0].rule, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_belong_to_a_window),
        cmocka_unit_test(windows_slide_and_bursts_go_on),
        cmocka_unit_test(few_is_asked_of_whole_windows),
        cmocka_unit_test(equal_values_count_once),
        cmocka_unit_test(long_values_stay_apart),
        cmocka_unit_test(named_rules_are_silent),
        cmocka_unit_test(cut_short_nobody_is_silent),
        cmocka_unit_test(broken_ones_are_told),
        cmocka_unit_test(what_does_not_count),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(very_many_groups),
        cmocka_unit_test(no_room),
        cmocka_unit_test(random_cases),
    };
    for (size_t i = 0; i < FILES; i++)
        file[i].path = STR("f");
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return rc;
}
