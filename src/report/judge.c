#include "report/judge_priv.h"

#include <stdlib.h>

/* The verdict of scan, set beside what else the case knows: exposure's dates, what the analyst set
 * aside. Never lower than the findings that are left; never a negative without its coverage. */

bool judge_read_host(const struct judging *g, struct str host)
{
    size_t n;
    const struct host_row *row = judge_rows(&g->coverage, host, &n);
    for (size_t i = 0; i < n; i++)
        if (judge_same_host(g, g->r->coverage[row[i].at].host, host))
            return true;
    return false;
}

/* ---- before the findings ---- */

static const struct dossier *dossier_of(const struct report *r, struct str id)
{
    for (size_t i = 0; id.p && i < r->n_dossiers; i++)
        if (str_eq(r->dossier[i].id, id))
            return &r->dossier[i];
    return NULL;
}

static void set_logs(const struct judging *g, struct opinion *o)
{
    size_t n;
    const struct host_row *row = judge_rows(&g->coverage, o->j->verdict.host, &n);
    o->logs_first_us = o->logs_last_us = TIME_NONE;
    for (size_t i = 0; i < n; i++) {
        const struct coverage *c = &g->r->coverage[row[i].at];
        if (!judge_same_host(g, c->host, o->j->verdict.host))
            continue;
        o->supplied = true;
        if (c->first_us == TIME_NONE)
            continue;
        if (o->logs_first_us == TIME_NONE || c->first_us < o->logs_first_us)
            o->logs_first_us = c->first_us;
        if (c->last_us > o->logs_last_us)
            o->logs_last_us = c->last_us;
    }
}

static enum err open_opinion(struct judging *g, struct opinion *o, struct judgement *j)
{
    struct verdict said = j->verdict;
    *j = (struct judgement){.verdict = said,
                            .said = said.state,
                            .purged = j->purged,
                            .window = {TIME_NONE, TIME_NONE},
                            .earliest_us = TIME_NONE,
                            .latest_us = TIME_NONE};
    *o = (struct opinion){.j = j,
                          .dossier = dossier_of(g->r, said.dossier),
                          .first_us = TIME_NONE,
                          .last_us = TIME_NONE,
                          .until_us = TIME_NONE};
    j->title = o->dossier ? o->dossier->title : said.dossier;
    map_init(&o->account, g->arena, JUDGE_TOUCHED + 1);
    map_init(&o->mailbox, g->arena, JUDGE_TOUCHED + 1);
    set_logs(g, o);
    j->unread = judge_unread(g, said.host);
    return said.dossier.p ? judge_window(g, o) : OK;
}

/* ---- after them ---- */

/* What hosts of an affair share was lost on another one of them. */
static bool lost_elsewhere(const struct judging *g, const struct opinion *o)
{
    for (size_t i = 0; o->dossier && o->dossier->shared_what.n && i < g->r->n_judgements; i++) {
        const struct judgement *j = &g->r->judgement[i];
        if (j != o->j && str_eq(j->verdict.dossier, o->j->verdict.dossier) &&
            j->said >= VERDICT_EXPLOITED_UNCONFIRMED)
            return true;
    }
    return false;
}

/* May a negative be said? What made scan withhold it is not all in the case: only where the share
 * alone did, and the share is another one now, is it given after all. */
static bool enough(const struct judging *g, const struct opinion *o)
{
    const struct judgement *j = o->j;
    bool scan_had = j->verdict.window_share * 100 + 1e-9 >= WINDOW_SHARE_PERCENT;
    if (!j->verdict.dossier.p)
        return !(j->purged && o->by_analyst) && j->said != VERDICT_NOT_ENOUGH_EVIDENCE;
    if (!o->supplied || o->ended_before || (j->purged && o->by_analyst))
        return false;
    if (!o->dossier || o->untested || lost_elsewhere(g, o))
        return !o->moved && (j->said == VERDICT_NO_SIGN || j->said == VERDICT_ATTEMPTED);
    if (j->said == VERDICT_NOT_ENOUGH_EVIDENCE && scan_had && !o->by_analyst)
        return false;
    return j->open == OPEN_NEVER || o->share * 100 + 1e-9 >= WINDOW_SHARE_PERCENT;
}

static enum verdict_state state_of(const struct judging *g, const struct opinion *o)
{
    enum grade worst = o->gravest.any ? o->gravest.grade : GRADE_WEAK;
    enum verdict_state said = o->j->said;
    bool withheld = said == VERDICT_NOT_ENOUGH_EVIDENCE;
    if (said >= VERDICT_EXPLOITED_UNCONFIRMED && !o->by_analyst)
        return said;
    if (o->supplied && worst == GRADE_COMPROMISE)
        return said; /* never graver than scan */
    if (o->supplied && worst == GRADE_PROGRESSED)
        return said > VERDICT_EXPLOITED_UNCONFIRMED ? VERDICT_EXPLOITED_UNCONFIRMED : said;
    if (!enough(g, o))
        return VERDICT_NOT_ENOUGH_EVIDENCE;
    if (worst == GRADE_ATTEMPT)
        return withheld && o->unsure ? VERDICT_NOT_ENOUGH_EVIDENCE : VERDICT_ATTEMPTED;
    return said == VERDICT_ATTEMPTED && !o->by_analyst ? said : VERDICT_NO_SIGN;
}

static void advise_again(struct opinion *o)
{
    struct verdict *v = &o->j->verdict;
    if (v->state == o->j->said)
        return;
    const struct dossier *d = o->dossier;
    v->next = d ? d->advice[v->state] : STR_NONE;
    v->isolate = d && d->isolate[v->state];
}

/* An intruder stays when the hole is closed: to the last sign, or to the fix where that is later.
 */
static void set_dwell(struct opinion *o)
{
    struct judgement *j = o->j;
    int64_t end = o->last_us;
    if (o->first_us == TIME_NONE || j->verdict.state < VERDICT_EXPLOITED_UNCONFIRMED)
        return;
    if (j->open == OPEN_FIXED && j->window.last_us > end)
        end = j->window.last_us;
    j->dwell_days = (unsigned)((end - o->first_us) / US_PER_DAY + 1);
}

static enum err conclude(struct judging *g, struct opinion *o)
{
    struct judgement *j = o->j;
    enum verdict_state state = state_of(g, o);
    j->verdict.state = state;
    j->lowered = o->by_analyst && state != j->said;
    advise_again(o);
    set_dwell(o);
    return judge_sentence(g, o);
}

static int judgement_order(const void *a, const void *b)
{
    const struct judgement *x = a, *y = b;
    if (x->verdict.state != y->verdict.state)
        return x->verdict.state > y->verdict.state ? -1 : 1;
    if (x->before_fix != y->before_fix)
        return x->before_fix ? -1 : 1;
    for (int k = GRADE_COMPROMISE; k > GRADE_WEAK; k--)
        if (x->findings[k] != y->findings[k])
            return x->findings[k] > y->findings[k] ? -1 : 1;
    int c = str_cmp(x->verdict.host, y->verdict.host);
    return c ? c : str_cmp(x->verdict.dossier, y->verdict.dossier);
}

static enum err index_notes(struct judging *g)
{
    struct report *r = g->r;
    for (size_t i = 0; i < r->n_notes; i++)
        if (r->note[i].state.n)
            TRY(map_put(&g->note, r->note[i].about, (uint32_t)i));
    return OK;
}

static enum err all(struct judging *g, const struct parts *parts)
{
    struct report *r = g->r;
    TRY(judge_hosts(g));
    g->opinion = arena_new_n(g->arena, struct opinion, r->n_judgements + 1);
    if (!g->opinion)
        return ERR_NOMEM;
    TRY(index_notes(g));
    for (size_t i = 0; i < r->n_judgements; i++)
        TRY(open_opinion(g, &g->opinion[i], &r->judgement[i]));
    TRY(judge_findings(g, parts));
    for (size_t i = 0; i < r->n_judgements; i++)
        TRY(conclude(g, &g->opinion[i]));
    TRY(judge_rotating(g));
    if (r->n_judgements)
        qsort(r->judgement, r->n_judgements, sizeof *r->judgement, judgement_order);
    return OK;
}

enum err report_judge(struct report *r, const struct parts *parts, struct arena *arena,
                      struct error *error)
{
    struct judging g = {.r = r, .arena = arena, .error = error};
    map_init(&g.note, arena, r->n_notes + 1);
    map_init(&g.named, arena, JUDGE_NAMED + 1);
    enum err rc = all(&g, parts);
    for (size_t i = 0; g.opinion && i < r->n_judgements; i++) {
        map_done(&g.opinion[i].account);
        map_done(&g.opinion[i].mailbox);
    }
    map_done(&g.full);
    map_done(&g.named);
    map_done(&g.note);
    if (rc < 0 && error && !error->code)
        (void)fail(error, rc, "judging the case failed: %s", err_name(rc));
    return rc;
}
