#include "scan/survey.h"

#include "scan/pass.h"
#include "scan/ruleset.h"

#include <inttypes.h>

/* One pass over all inputs. */
struct survey {
    struct arena *arena;
    struct pass_input input;
    struct pass pass;
};

static enum err look(struct survey *s, const struct scan_options *options,
                     const struct ruleset *set, struct error *error)
{
    TRY(pass_open(&s->pass, &s->input, s->arena, options, set, error));
    return pass_run(&s->pass, NULL, NULL, error);
}

static void survey_done(struct survey *s)
{
    pass_done(&s->pass);
    io_tree_close(&s->input.tree);
}

static enum err gaps_of(const struct pass *p, struct gap **ret_gap, size_t *ret_n)
{
    *ret_n = p->gap.n;
    *ret_gap = arena_new_n(p->arena, struct gap, p->gap.n + 1);
    for (size_t i = 0; *ret_gap && i < p->gap.n; i++)
        (*ret_gap)[i] = p->gap.v[i].gap;
    return *ret_gap ? OK : ERR_NOMEM;
}

/* ---- what rules cost ---- */

static int dearest_first(const void *a, const void *b)
{
    const struct rule_use *x = a, *y = b;
    if (x->seconds < y->seconds || x->seconds > y->seconds)
        return x->seconds > y->seconds ? -1 : 1;
    if (x->evaluations != y->evaluations)
        return x->evaluations > y->evaluations ? -1 : 1;
    int c = str_cmp(x->file, y->file);
    return c ? c : str_cmp(x->id, y->id);
}

static struct rule_use use_of(const struct scan_rule *r, const struct cost_part *c)
{
    return (struct rule_use){.id = r->id,
                             .title = r->title,
                             .file = r->sigma->file,
                             .dossier = r->dossier ? r->dossier->id : STR_NONE,
                             .evaluations = c->evaluations,
                             .matches = c->matches,
                             .untried = c->untried,
                             .seconds = (double)c->ns / 1e9};
}

static size_t detections(const struct ruleset *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n_sources; i++)
        n += set->source[i].n;
    return n;
}

static enum err list_uses(const struct pass *p, struct rule_profile *ret)
{
    *ret = (struct rule_profile){.n_rules = detections(p->set),
                                 .all_seconds = (double)p->cpu_ns / 1e9,
                                 .interrupted = p->interrupted};
    ret->use = arena_new_n(p->arena, struct rule_use, p->set->n_sigma + 1);
    if (!ret->use)
        return ERR_NOMEM;
    for (size_t i = 0; p->cost && i < p->set->n_sigma; i++) {
        if (p->cost[i].evaluations)
            ret->use[ret->n++] = use_of(&p->set->rule[i], &p->cost[i]);
        ret->seconds += (double)p->cost[i].ns / 1e9;
        ret->evaluations += p->cost[i].evaluations;
    }
    for (size_t i = 0; i < ret->n; i++)
        ret->use[i].share = ret->seconds > 0 ? ret->use[i].seconds / ret->seconds : 0;
    qsort(ret->use, ret->n, sizeof *ret->use, dearest_first);
    return gaps_of(p, &ret->gap, &ret->n_gaps);
}

enum err profile_run(const struct scan_options *options, struct arena *arena,
                     struct rule_profile *ret, struct error *error)
{
    struct ruleset set;
    struct survey s = {.arena = arena};
    enum err rc = ruleset_load(arena, options, &set, error);
    set.measure = true;
    if (!rc)
        rc = look(&s, options, &set, error);
    if (!rc && list_uses(&s.pass, ret))
        rc = fail(error, ERR_NOMEM, "out of memory");
    survey_done(&s);
    ruleset_done(&set);
    return rc;
}

/* ---- which rules can run ---- */

enum { MAX_CATEGORIES = 64, PATH_BYTES = 256, TRY_BYTES = 64 * 1024 * 1024 };

struct cover {
    struct arena *arena, scratch;
    const struct ruleset *set;
    const struct pass *pass;
    bool *seen;            /* by kind: at hand */
    struct supply *supply; /* by kind */
    bool *runs;            /* by kind, of the rule at hand: it would run there */
    struct rule_cover *ret;
};

static const struct channel_def *channel_of(const struct ruleset *set, size_t kind)
{
    return kind < set->logsources.n ? NULL : &set->channels.channel[kind - set->logsources.n];
}

static void see_file(struct cover *c, const struct file_fact *f)
{
    const struct kind_def *k = f->kind.n ? logsources_kind(&c->set->logsources, f->kind) : NULL;
    if (k && f->records)
        c->seen[k - c->set->logsources.kind] = true;
}

static void see(struct cover *c)
{
    const struct pass *p = c->pass;
    for (size_t i = 0; i < p->n_files; i++) {
        see_file(c, &p->file[i].fact);
        for (const struct file_part *part = p->file[i].part; part; part = part->next)
            see_file(c, &part->fact);
    }
    for (size_t i = 0; i < p->census.n; i++)
        c->seen[c->set->logsources.n + p->census.v[i].channel] = true;
}

/* Are events at hand that the rule is about? Of a text log all rows are. */
static bool at_hand(const struct cover *c, size_t kind, const struct sigma_rule *rule)
{
    const struct channel_def *channel = channel_of(c->set, kind);
    const struct pass *p = c->pass;
    if (!channel || !rule->category.n || !c->seen[kind])
        return c->seen[kind];
    const struct event_ids *ids = channel_ids(channel, rule->category);
    for (size_t i = 0; ids && i < p->census.n; i++)
        if (c->set->logsources.n + p->census.v[i].channel == kind &&
            event_ids_have(ids, p->census.v[i].id))
            return true;
    return false;
}

static bool add_text(struct str_list *list, struct str text)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->v[i], text))
            return false;
    list->v[list->n++] = text;
    return true;
}

static enum err add_category(struct cover *c, struct supply *s, size_t kind, struct str category)
{
    const struct event_ids *ids = channel_ids(channel_of(c->set, kind), category);
    struct buf b;
    if (s->category.n == MAX_CATEGORIES)
        return OK;
    buf_init(&b, 1024);
    buf_str(&b, category);
    for (size_t i = 0; ids && i < ids->n; i++)
        buf_printf(&b, "%s%" PRIu32, i ? ", " : " (", ids->id[i]);
    buf_puts(&b, ids && ids->n ? ")" : "");
    struct str text = b.rc ? STR_NONE : arena_str(c->arena, buf_view(&b));
    buf_done(&b);
    if (!text.p)
        return ERR_NOMEM;
    (void)add_text(&s->category, text);
    return OK;
}

/* The kinds that would make the rule run; several channels may be one kind. */
static enum err note_lack(struct cover *c, const struct sigma_rule *rule)
{
    for (size_t k = 0; k < program_kinds(c->set); k++) {
        size_t first = 0;
        if (!c->runs[k])
            continue;
        while (!str_eq(program_kind_name(c->set, first), program_kind_name(c->set, k)))
            first++;
        struct supply *s = &c->supply[first];
        bool counted = false;
        for (size_t i = first; i < k; i++)
            counted |= c->runs[i] && str_eq(c->supply[i].kind, s->kind);
        s->rules += !counted;
        s->present |= c->seen[k];
        if (c->seen[k] && rule->category.n)
            TRY(add_category(c, s, k, rule->category));
    }
    return OK;
}

static enum err take_rule(struct cover *c, const struct scan_rule *rule, struct source_cover *s)
{
    struct error why;
    bool here = false, anywhere = false;
    for (size_t k = 0; k < program_kinds(c->set); k++) {
        enum err rc = program_try_rule(c->set, k, rule->sigma, &c->scratch, &c->runs[k], &why);
        arena_reset(&c->scratch);
        if (rc == ERR_NOMEM)
            return rc;
        c->runs[k] &= rc == OK;
        anywhere |= c->runs[k];
        if (!c->runs[k] || !at_hand(c, k, rule->sigma))
            continue;
        here = true;
        (void)add_text(&s->kinds, program_kind_name(c->set, k));
    }
    s->rules++;
    s->run += here;
    s->lack += anywhere && !here;
    s->never += !anywhere;
    return anywhere && !here ? note_lack(c, rule->sigma) : OK;
}

static enum err take_source(struct cover *c, const struct source_rules *rules,
                            struct source_cover *s)
{
    *s = (struct source_cover){.category = rules->of->category,
                               .product = rules->of->product,
                               .service = rules->of->service};
    s->kinds.v = arena_new_n(c->arena, struct str, program_kinds(c->set) + 1);
    if (!s->kinds.v)
        return ERR_NOMEM;
    for (size_t i = 0; i < rules->n; i++)
        TRY(take_rule(c, &c->set->rule[rules->rule[i]], s));
    c->ret->rules += s->rules;
    c->ret->run += s->run;
    c->ret->lack += s->lack;
    c->ret->never += s->never;
    return OK;
}

/* Windows keeps a channel in a file of its name. */
static struct str path_of(struct arena *arena, const struct channel_def *c)
{
    struct buf b;
    if (!str_eq(c->product, STR("windows")))
        return STR_NONE;
    buf_init(&b, PATH_BYTES);
    buf_puts(&b, "Windows\\System32\\winevt\\Logs\\");
    for (size_t i = 0; i < c->name[0].n; i++)
        if (c->name[0].p[i] == '/')
            buf_puts(&b, "%4");
        else
            buf_putc(&b, c->name[0].p[i]);
    buf_puts(&b, ".evtx");
    struct str path = b.rc ? STR_NONE : arena_str(arena, buf_view(&b));
    buf_done(&b);
    return path;
}

static enum err prepare(struct cover *c)
{
    size_t n = program_kinds(c->set);
    c->seen = arena_new_n(c->arena, bool, n + 1);
    c->runs = arena_new_n(c->arena, bool, n + 1);
    c->supply = arena_new_n(c->arena, struct supply, n + 1);
    c->ret->source = arena_new_n(c->arena, struct source_cover, c->set->n_sources + 1);
    if (!c->seen || !c->runs || !c->supply || !c->ret->source)
        return ERR_NOMEM;
    for (size_t k = 0; k < n; k++) {
        const struct channel_def *channel = channel_of(c->set, k);
        const struct kind_def *kind = channel ? &channel->kind : &c->set->logsources.kind[k];
        c->supply[k] = (struct supply){.kind = kind->pattern, .title = kind->title};
        c->supply[k].path = channel ? path_of(c->arena, channel) : kind->path;
        c->supply[k].category.v = arena_new_n(c->arena, struct str, MAX_CATEGORIES);
        if (!c->supply[k].category.v)
            return ERR_NOMEM;
    }
    return OK;
}

static int most_rules_first(const void *a, const void *b)
{
    const struct source_cover *x = a, *y = b;
    if (x->rules != y->rules)
        return x->rules > y->rules ? -1 : 1;
    int c = str_cmp(x->product, y->product);
    c = c ? c : str_cmp(x->category, y->category);
    return c ? c : str_cmp(x->service, y->service);
}

static int worthiest_first(const void *a, const void *b)
{
    const struct supply *x = a, *y = b;
    if (x->rules != y->rules)
        return x->rules > y->rules ? -1 : 1;
    return str_cmp(x->kind, y->kind);
}

static enum err compare(struct cover *c)
{
    struct rule_cover *ret = c->ret;
    ret->interrupted = c->pass->interrupted;
    TRY(prepare(c));
    see(c);
    for (size_t i = 0; i < c->set->n_sources; i++)
        TRY(take_source(c, &c->set->source[i], &ret->source[ret->n_sources++]));
    ret->supply = c->supply;
    for (size_t k = 0; k < program_kinds(c->set); k++)
        if (c->supply[k].rules)
            ret->supply[ret->n_supplies++] = c->supply[k];
    qsort(ret->source, ret->n_sources, sizeof *ret->source, most_rules_first);
    qsort(ret->supply, ret->n_supplies, sizeof *ret->supply, worthiest_first);
    return gaps_of(c->pass, &ret->gap, &ret->n_gaps);
}

enum err cover_run(const struct scan_options *options, struct arena *arena, struct rule_cover *ret,
                   struct error *error)
{
    struct ruleset set;
    struct survey s = {.arena = arena};
    struct cover c = {.arena = arena, .set = &set, .pass = &s.pass, .ret = ret};
    *ret = (struct rule_cover){0};
    enum err rc = ruleset_load(arena, options, &set, error);
    struct ruleset none = {.logsources = set.logsources,
                           .channels = set.channels,
                           .since_us = TIME_NONE,
                           .until_us = TIME_NONE,
                           .census = true};
    if (!rc)
        rc = look(&s, options, &none, error);
    arena_init(&c.scratch, TRY_BYTES);
    if (!rc && compare(&c))
        rc = fail(error, ERR_NOMEM, "out of memory");
    arena_done(&c.scratch);
    survey_done(&s);
    ruleset_done(&set);
    return rc;
}
