#include "scan/survey.h"

#include "scan/pass.h"
#include "scan/ruleset.h"

/* One pass over all inputs. */
struct survey {
    struct arena *arena;
    struct io_tree tree;
    struct pass pass;
};

static enum err look(struct survey *s, const struct scan_options *options,
                     const struct ruleset *set, struct error *error)
{
    TRY(io_list(s->arena, options->paths.v, options->paths.n, &s->tree, error));
    TRY(pass_init(&s->pass, s->arena, options, set, &s->tree, error));
    return pass_run(&s->pass, NULL, NULL, error);
}

static void survey_done(struct survey *s)
{
    pass_done(&s->pass);
    io_tree_close(&s->tree);
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
