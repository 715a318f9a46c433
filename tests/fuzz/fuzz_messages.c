/* Any bytes as a message between coordinator and worker: read within bounds or refused; what was
 * read can be written again and then means the same. */
#include "base/limits.h"
#include "dossier/rules.h"
#include "scan/correlate.h"
#include "scan/cost.h"
#include "scan/hits.h"
#include "scan/program.h"
#include "scan/unit.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_hits(struct str message, struct buf *b)
{
    struct rd r = rd_of(message);
    struct hits table;
    uint64_t key, again;
    struct hit h, copy;
    hits_init(&table);
    while (rd_left(&r) && hit_read(&r, &key, &h) == OK) {
        assert(h.count && h.n_fields <= FACT_FIELDS && h.n_marks <= SIGMA_MAX_MARKS);
        for (uint32_t i = 0; i < h.n_marks; i++)
            assert(h.mark[i].from <= h.mark[i].to && h.mark[i].to <= h.evidence.n);
        buf_reset(b);
        hit_write(b, key, &h);
        struct rd second = rd_of(buf_view(b));
        assert(hit_read(&second, &again, &copy) == OK && again == key && !rd_left(&second));
        assert(copy.count == h.count && copy.offset == h.offset && str_eq(copy.host, h.host));
        assert(hits_add(&table, key, &h) == OK);
    }
    hits_done(&table);
}

static void read_result(struct str message, struct arena *arena, struct buf *b)
{
    struct rd r = rd_of(message);
    struct unit_result res, copy;
    if (result_read(&r, arena, &res) != OK)
        return;
    const struct file_fact *f = &res.fact;
    for (size_t i = 1; i < f->n_hours; i++)
        assert(f->hour[i].hour > f->hour[i - 1].hour);
    for (uint16_t i = 0; i < res.end.columns; i++)
        (void)column_find(&res.end, column_name(&res.end, i));
    buf_reset(b);
    result_write(b, &res);
    struct rd second = rd_of(buf_view(b));
    assert(result_read(&second, arena, &copy) == OK);
    assert(copy.fact.records == f->records && copy.fact.n_hours == f->n_hours);
}

static struct str same_host(void *ctx, struct str name)
{
    (void)ctx;
    return name;
}

static void read_costs(struct str message)
{
    struct rd r = rd_of(message);
    struct cost_part part;
    size_t from = 0;
    uint64_t ns;
    if (costs_read(&r, &ns) != OK)
        return;
    while (rd_left(&r) && cost_part_read(&r, from, LIMIT_RULES, &part) == OK) {
        assert(part.rule >= from && part.rule < LIMIT_RULES && part.matches <= part.evaluations);
        from = part.rule + 1u;
    }
}

static void read_rest(struct str message)
{
    struct rd r = rd_of(message);
    struct event_count count;
    struct unit unit;
    struct gap gap;
    uint32_t file;
    (void)!unit_read(&r, &unit);
    r = rd_of(message);
    while (rd_left(&r) && event_count_read(&r, 50, &count) == OK)
        assert(count.channel < 50);
    r = rd_of(message);
    if (gap_read(&r, &file, &gap) == OK)
        assert(gap.reason.p && gap.detail.n <= UNIT_DETAIL_BYTES);
}

/* What a worker may tell of events, whatever correlations there are. */
static void read_events(struct str message, struct arena *arena)
{
    static const char text[] =
        "title: a\nname: a\nlogsource: {category: webserver}\ndetection: {s: {f: x}, condition: "
        "s}\n"
        "---\ntitle: b\nname: b\ncorrelation: {type: event_count, rules: [a], group-by: [g, h], "
        "timespan: 5m, condition: {gte: 2}}\n---\ntitle: c\ncorrelation: {type: value_count, "
        "rules: [a], timespan: 1m, condition: {gte: 2, field: f}}\n---\ntitle: d\ncorrelation: "
        "{type: temporal_ordered, rules: [b, a], group-by: [g], timespan: 5m}\n";
    struct sigma_rule *rule;
    struct sigma_problem *problem;
    struct correlations all = {0};
    struct correlation of[3] = {0};
    struct scan_rule rules[4] = {0};
    struct ruleset set = {.rule = rules, .n_sigma = 1, .n_rules = 4, .correlations = &all};
    struct file_fact file[1] = {{.path = STR("f")}};
    struct facts facts = {.file = file, .n_files = 1};
    struct event_unit unit[1] = {{0}};
    struct events *events;
    struct str gap;
    size_t n, bad;
    assert(rules_parse(arena, str_of(text), STR("f"), &rule, &n, &problem, &bad) == OK && n == 4);
    for (uint32_t i = 0; i < n; i++) {
        rules[i] = (struct scan_rule){.sigma = &rule[i], .id = rule[i].title};
        if (i)
            of[i - 1] =
                (struct correlation){.sigma = &rule[i], .def = rule[i].correlation, .rule = i};
    }
    all.v = of;
    all.n = 3;
    assert(correlations_bind(arena, &set) == OK && events_new(&set, &events) == OK);
    (void)!events_take(events, message, 0, 0, 0);
    struct correlate c = {.arena = arena,
                          .set = &set,
                          .events = events,
                          .unit = unit,
                          .n_units = 1,
                          .facts = &facts,
                          .host = same_host};
    assert(correlate(&c, &gap) == OK && !gap.p);
    (void)events_free(events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str message = str_make((const char *)data, size);
    struct arena arena;
    struct buf b;
    arena_init(&arena, 64 << 20);
    buf_init(&b, 4 * LIMIT_IPC_MESSAGE_BYTES);
    if (size && data[0] == 'h')
        read_hits(str_sub(message, 1, size), &b);
    else if (size && data[0] == 'r')
        read_result(str_sub(message, 1, size), &arena, &b);
    else if (size && data[0] == 'e')
        read_events(str_sub(message, 1, size), &arena);
    else if (size && data[0] == 'c')
        read_costs(str_sub(message, 1, size));
    else
        read_rest(message);
    buf_done(&b);
    arena_done(&arena);
    return 0;
}
