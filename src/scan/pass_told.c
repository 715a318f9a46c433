#include "scan/pass.h"

#include "base/limits.h"

#include <inttypes.h>

static void add(struct cost_part *to, const struct cost_part *part)
{
    to->evaluations += part->evaluations;
    to->matches += part->matches;
    to->ns += part->ns;
    to->untried += part->untried;
}

/* *at becomes the rule's place in the list, at or behind where it was. */
static enum err note_cut(struct pass *p, struct file_cut ***at, const struct cost_part *part)
{
    while (**at && (**at)->rule < part->rule)
        *at = &(**at)->next;
    struct file_cut *cut = **at;
    if (!cut || cut->rule != part->rule) {
        if (!(cut = arena_new(p->arena, struct file_cut)))
            return ERR_NOMEM;
        *cut = (struct file_cut){**at, part->rule, 0, part->at};
        **at = cut;
    }
    cut->untried += part->untried;
    cut->at = part->at < cut->at ? part->at : cut->at;
    return OK;
}

enum err pass_take_costs(struct pass *p, uint32_t file, struct str body)
{
    struct file_cut **at = &p->file[file].cut;
    struct rd rd = rd_of(body);
    uint64_t ns;
    TRY(costs_read(&rd, &ns));
    p->cpu_ns += ns;
    if (p->set->measure && !p->cost &&
        !(p->cost = arena_new_n(p->arena, struct cost_part, p->set->n_sigma + 1)))
        return ERR_NOMEM;
    for (size_t from = 0; rd_left(&rd);) {
        struct cost_part part;
        TRY(cost_part_read(&rd, from, p->set->n_sigma, &part));
        from = part.rule + 1u;
        if (p->cost)
            add(&p->cost[part.rule], &part);
        if (part.untried)
            TRY(note_cut(p, &at, &part));
    }
    return OK;
}

enum err pass_cut_gaps(struct pass *p)
{
    for (uint32_t i = 0; i < p->n_files; i++)
        for (const struct file_cut *c = p->file[i].cut; c; c = c->next) {
            char detail[400];
            struct str title = str_sub(p->set->rule[c->rule].title, 0, 200);
            (void)snprintf(detail, sizeof detail,
                           "\"%.*s\" took more than %d seconds of processor time: not tried on "
                           "%" PRIu64 " further row%s",
                           STR_FMT(title), COST_BUDGET_NS / 1000 / 1000 / 1000, c->untried,
                           c->untried == 1 ? "" : "s");
            TRY(pass_gap(p, i, c->at, STR("rule-cost"), str_of(detail)));
        }
    return OK;
}

static enum err tell_full(struct pass *p)
{
    if (p->counted_full)
        return OK;
    p->counted_full = true;
    return pass_gap(p, UINT32_MAX, 0, STR("limit"),
                    STR("events are of more channels and numbers than are told apart: some are not "
                        "counted"));
}

enum err pass_take_census(struct pass *p, struct str body)
{
    struct rd rd = rd_of(body);
    while (rd_left(&rd)) {
        struct event_count c;
        uint32_t which;
        bool is_new;
        TRY(event_count_read(&rd, p->set->channels.n, &c));
        uint32_t key[] = {c.channel, c.id};
        enum err rc =
            map_intern(&p->counted, str_make((const char *)key, sizeof key), &which, &is_new);
        if (rc == ERR_LIMIT) {
            TRY(tell_full(p));
            continue;
        }
        TRY(rc);
        if (is_new)
            TRY(vec_push(&p->census, c, SIZE_MAX));
        else
            p->census.v[which].n += c.n;
    }
    return OK;
}

enum err pass_take_suspect(struct pass *p, uint32_t file, struct str body)
{
    struct pass_suspect suspect = {.file = file};
    struct rd r = rd_of(body);
    if (!p->set->files)
        return ERR_FORMAT;
    TRY(yara_candidates_take(&r, p->arena, p->set->files->yara, &suspect.candidates));
    return vec_push(&p->suspect, suspect, LIMIT_WALK_FILES);
}
