/* From names to rules: what a correlation refers to, in which order correlations are judged, and
 * what about them cannot work. */
#include "base/vec.h"
#include "scan/correlate.h"
#include "scan/program.h"

enum { MAX_REMARKS = 64 };

struct binder {
    struct arena *arena;
    struct ruleset *set;
    struct correlations *all;
};

/* One thing that is wrong; the first MAX_REMARKS of a correlation are told. */
static enum err remark(struct binder *b, struct correlation *c, bool fatal, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
static enum err remark(struct binder *b, struct correlation *c, bool fatal, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    c->evaluated &= !fatal;
    if (c->n_remarks == MAX_REMARKS)
        return OK;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (!c->remark && !(c->remark = arena_new_n(b->arena, struct str, MAX_REMARKS)))
        return ERR_NOMEM;
    struct str copy = arena_str(b->arena, str_of(text));
    c->remark[c->n_remarks++] = copy;
    return copy.p ? OK : ERR_NOMEM;
}

static bool called(const struct sigma_rule *r, struct str name)
{
    return (r->id.n && str_ieq(r->id, name)) || (r->name.n && str_eq(r->name, name));
}

/* How near a rule stands to the correlation that names it: its own file, its own dossier (or the
 * user's rules), any other. */
static int nearness(const struct scan_rule *of, const struct scan_rule *r)
{
    return str_eq(of->sigma->file, r->sigma->file) ? 2 : of->dossier == r->dossier;
}

/* The nearest rule or correlation of that id or name; UINT32_MAX: there is none. others: a second
 * one that is as near and has another id. */
static uint32_t find(const struct binder *b, const struct scan_rule *of, struct str name,
                     bool *ret_others)
{
    const struct ruleset *set = b->set;
    uint32_t best = UINT32_MAX;
    int nearest = -1;
    *ret_others = false;
    for (uint32_t i = 0; i < set->n_rules; i++) {
        if (i == set->n_sigma)
            i = (uint32_t)(set->n_rules - set->correlations->n); /* the last ones */
        const struct scan_rule *r = &set->rule[i];
        if (!called(r->sigma, name))
            continue;
        int near = nearness(of, r);
        if (near > nearest) {
            best = i;
            *ret_others = false;
        } else if (near == nearest) {
            *ret_others |= !str_ieq(r->sigma->id, set->rule[best].sigma->id);
        }
        nearest = near > nearest ? near : nearest;
    }
    return best;
}

/* Correlations have the last numbers, in their order. */
static struct correlation *correlation_of(const struct binder *b, uint32_t rule)
{
    uint32_t first = b->all->v[0].rule;
    return rule >= first && rule - first < b->all->n ? &b->all->v[rule - first] : NULL;
}

static enum err find_parts(struct binder *b, struct correlation *c)
{
    const struct scan_rule *own = &b->set->rule[c->rule];
    c->part = arena_new_n(b->arena, struct correlation_part, c->def->n_rules + 1);
    if (!c->part)
        return ERR_NOMEM;
    for (size_t i = 0; i < c->def->n_rules; i++) {
        struct str name = c->def->rules[i];
        bool others;
        uint32_t rule = c->part[i].rule = find(b, own, name, &others);
        if (rule == UINT32_MAX) {
            TRY(remark(b, c, true, "it names the rule \"%.*s\", which is not loaded",
                       STR_FMT(str_sub(name, 0, 200))));
            continue;
        }
        if (others)
            TRY(remark(b, c, false,
                       "several rules are called \"%.*s\": the one of %.*s:%u is taken",
                       STR_FMT(str_sub(name, 0, 100)),
                       STR_FMT(str_sub(b->set->rule[rule].sigma->file, 0, 200)),
                       (unsigned)b->set->rule[rule].sigma->line));
        for (size_t k = 0; k < i; k++)
            if (c->part[k].rule == rule)
                TRY(remark(b, c, true, "it names the rule \"%.*s\" twice",
                           STR_FMT(str_sub(name, 0, 200))));
    }
    return OK;
}

/* Levels rise until nothing changes: rules only, correlations over these, and so on. What has none
 * by then rests on itself. */
static enum err find_levels(struct binder *b)
{
    bool changed = true;
    for (unsigned round = 0; changed && round <= CORRELATE_LEVELS; round++) {
        changed = false;
        for (size_t i = 0; i < b->all->n; i++) {
            struct correlation *c = &b->all->v[i];
            unsigned level = 0;
            for (size_t k = 0; k < c->def->n_rules; k++) {
                const struct correlation *inner = correlation_of(b, c->part[k].rule);
                if (inner && inner->level + 1 > level)
                    level = inner->level + 1;
            }
            changed |= level != c->level;
            c->level = level;
        }
    }
    for (size_t i = 0; i < b->all->n; i++)
        if (b->all->v[i].level >= CORRELATE_LEVELS)
            TRY(remark(b, &b->all->v[i], true,
                       "it rests on itself, or more than %d correlations rest on each other",
                       CORRELATE_LEVELS));
    return OK;
}

/* A correlation over one that is not evaluated is not, either. */
static enum err find_broken(struct binder *b)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < b->all->n; i++) {
            struct correlation *c = &b->all->v[i];
            for (size_t k = 0; k < c->def->n_rules && c->evaluated; k++) {
                const struct correlation *inner = correlation_of(b, c->part[k].rule);
                if (!inner || inner->evaluated)
                    continue;
                changed = true;
                TRY(remark(b, c, true, "it rests on \"%.*s\", which is not evaluated",
                           STR_FMT(str_sub(c->def->rules[k], 0, 200))));
            }
        }
    }
    return OK;
}

static bool kind_knows(const struct kind_def *k, struct str field)
{
    for (size_t f = 0; f < k->n_fields; f++)
        if (str_ieq(k->field[f].name, field))
            return true;
    for (size_t v = 0; v < k->n_views; v++)
        for (size_t c = 0; c < k->view[v].n; c++)
            if (str_ieq(k->view[v].column[c], field))
                return true;
    for (int r = 0; r < ROLE_COUNT; r++)
        if (k->n_role[r] && str_eq(str_of(role_name((enum role)r)), field))
            return true;
    return false;
}

/* Does the rule run on event logs? What fields events have only they know. */
static enum err runs_on_events(struct binder *b, const struct sigma_rule *rule, bool *ret_runs)
{
    const struct event_channels *all = &b->set->channels;
    struct arena scratch;
    enum err rc = OK;
    *ret_runs = false;
    arena_init(&scratch, LIMIT_ARENA_RULES_BYTES);
    for (size_t i = 0; i < all->n && !rc && !*ret_runs; i++) {
        const struct channel_def *c = &all->channel[i];
        struct kind_def *kind;
        rc = channel_kind(c, channel_id_for(c, rule), &scratch, &kind);
        *ret_runs = !rc && kind_answers(&b->set->logsources, kind, rule);
        arena_reset(&scratch);
    }
    arena_done(&scratch);
    return rc;
}

/* Does some kind of log that the rule runs on map the field, or have a column of that name that is
 * known? */
static enum err field_known(struct binder *b, const struct sigma_rule *rule, struct str field,
                            bool *ret_known, bool *ret_runs)
{
    const struct logsources *all = &b->set->logsources;
    TRY(runs_on_events(b, rule, ret_runs));
    *ret_known = *ret_runs;
    for (size_t i = 0; i < all->n && !*ret_known; i++)
        if (kind_answers(all, &all->kind[i], rule)) {
            *ret_runs = true;
            *ret_known = kind_knows(&all->kind[i], field);
        }
    return OK;
}

static uint8_t index_of(const struct sigma_correlation *inner, struct str field)
{
    for (size_t i = 0; field.p && i < inner->n_group_by; i++)
        if (str_ieq(inner->group_by[i], field))
            return (uint8_t)i;
    return NOT_THERE;
}

/* What one field is called in the events of one of the rules. */
static enum err bind_field(struct binder *b, struct correlation *c, size_t at, struct str field,
                           const char *what, struct str *ret_name, uint8_t *ret_from)
{
    const struct sigma_rule *r = b->set->rule[c->part[at].rule].sigma;
    const struct correlation *inner = correlation_of(b, c->part[at].rule);
    struct str name = sigma_correlation_field(c->def, at, r->name, field);
    bool runs = true, known = true;
    *ret_name = name;
    *ret_from = inner ? index_of(inner->def, name) : NOT_THERE;
    field = str_sub(field, 0, 100);
    struct str rule = str_sub(c->def->rules[at], 0, 100);
    if (!name.p)
        return remark(b, c, false, "%s \"%.*s\": the alias says nothing about \"%.*s\"", what,
                      STR_FMT(field), STR_FMT(rule));
    if (inner && *ret_from == NOT_THERE)
        return remark(b, c, false, "%s \"%.*s\": \"%.*s\" does not group by it", what,
                      STR_FMT(field), STR_FMT(rule));
    bool host = str_istarts(name, STR("Computer")) || str_istarts(name, STR("host"));
    if (!inner && !host)
        TRY(field_known(b, r, name, &known, &runs));
    if (known || !runs)
        return OK;
    return remark(
        b, c, false,
        "%s \"%.*s\": no log of \"%.*s\" is known to have the field \"%.*s\"; rows without "
        "a column of that name are one group",
        what, STR_FMT(field), STR_FMT(rule), STR_FMT(str_sub(name, 0, 100)));
}

static enum err bind_fields(struct binder *b, struct correlation *c)
{
    const struct sigma_correlation *d = c->def;
    for (size_t i = 0; i < d->n_rules; i++) {
        struct correlation_part *p = &c->part[i];
        p->group = arena_new_n(b->arena, struct str, d->n_group_by + 1);
        p->value = arena_new_n(b->arena, struct str, d->n_fields + 1);
        p->group_from = arena_new_n(b->arena, uint8_t, d->n_group_by + 1);
        p->value_from = arena_new_n(b->arena, uint8_t, d->n_fields + 1);
        if (!p->group || !p->value || !p->group_from || !p->value_from)
            return ERR_NOMEM;
        if (p->rule == UINT32_MAX)
            continue;
        for (size_t k = 0; k < d->n_group_by; k++)
            TRY(bind_field(b, c, i, d->group_by[k], "group-by", &p->group[k], &p->group_from[k]));
        for (size_t k = 0; k < d->n_fields; k++)
            TRY(bind_field(b, c, i, d->fields[k], "field", &p->value[k], &p->value_from[k]));
    }
    return OK;
}

/* A rule that runs on no log never gives an event: whoever waits for it waits in vain. */
static enum err check_parts(struct binder *b, struct correlation *c)
{
    for (size_t i = 0; i < c->def->n_rules; i++) {
        bool known, runs = true;
        uint32_t rule = c->part[i].rule;
        if (rule == UINT32_MAX || correlation_of(b, rule))
            continue;
        TRY(field_known(b, b->set->rule[rule].sigma, STR(""), &known, &runs));
        if (!runs)
            TRY(remark(b, c, false, "\"%.*s\" is for kinds of log that are not read",
                       STR_FMT(str_sub(c->def->rules[i], 0, 200))));
    }
    return OK;
}

static enum err add_feeds(struct binder *b)
{
    struct correlations *all = b->all;
    size_t n = b->set->n_rules;
    all->feed = arena_array(b->arena, n + 1, sizeof *all->feed);
    all->n_feeds = arena_new_n(b->arena, uint32_t, n + 1);
    if (!all->feed || !all->n_feeds)
        return ERR_NOMEM;
    for (int fill = 0; fill < 2; fill++) {
        for (size_t r = 0; fill && r < n; r++) {
            if (!all->n_feeds[r])
                continue;
            all->feed[r] = arena_new_n(b->arena, struct feed, all->n_feeds[r] + 1);
            if (!all->feed[r])
                return ERR_NOMEM;
            all->n_feeds[r] = 0;
        }
        for (uint32_t i = 0; i < all->n; i++)
            for (size_t k = 0; all->v[i].evaluated && k < all->v[i].def->n_rules; k++) {
                uint32_t rule = all->v[i].part[k].rule;
                if (fill)
                    all->feed[rule][all->n_feeds[rule]] = (struct feed){i, (uint8_t)k};
                all->n_feeds[rule]++;
            }
    }
    return OK;
}

/* A rule is silent if a correlation of its own dossier, or of the user's for the user's rules, asks
 * for that and none asks for the contrary. */
static enum err hush(struct binder *b)
{
    struct correlations *all = b->all;
    bool *speaks = arena_new_n(b->arena, bool, b->set->n_rules + 1);
    all->hushed = arena_new_n(b->arena, bool, b->set->n_rules + 1);
    if (!speaks || !all->hushed)
        return ERR_NOMEM;
    for (size_t i = 0; i < all->n; i++)
        for (size_t k = 0; all->v[i].evaluated && k < all->v[i].def->n_rules; k++) {
            uint32_t rule = all->v[i].part[k].rule;
            if (b->set->rule[rule].dossier != b->set->rule[all->v[i].rule].dossier)
                continue;
            all->hushed[rule] = true;
            speaks[rule] |= all->v[i].def->generate;
        }
    for (size_t r = 0; r < b->set->n_rules; r++)
        all->hushed[r] &= !speaks[r];
    return OK;
}

static enum err bind_all(struct binder *b)
{
    struct correlations *all = b->all;
    for (size_t i = 0; i < all->n; i++) {
        all->v[i].evaluated = true;
        all->v[i].grows = sigma_correlation_grows(all->v[i].def);
        TRY(find_parts(b, &all->v[i]));
    }
    TRY(find_levels(b));
    for (size_t i = 0; i < all->n; i++) {
        TRY(bind_fields(b, &all->v[i]));
        TRY(check_parts(b, &all->v[i]));
    }
    TRY(find_broken(b));
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].evaluated && all->v[i].level >= all->levels)
            all->levels = all->v[i].level + 1;
    TRY(add_feeds(b));
    return hush(b);
}

enum err correlations_bind(struct arena *arena, struct ruleset *set)
{
    struct binder b = {.arena = arena, .set = set, .all = set->correlations};
    return bind_all(&b);
}
