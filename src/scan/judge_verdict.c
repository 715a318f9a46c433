#include "scan/judge.h"

#include <stdlib.h>

/* Said where a dossier, or a rule, gives no advice of its own. */
static const char *const general_advice[] = {
    [VERDICT_NO_SIGN] = "install pending updates and keep the logs: this holds for the covered "
                        "period only",
    [VERDICT_NOT_ENOUGH_EVIDENCE] = "copy the missing logs, oldest first, before they rotate away",
    [VERDICT_ATTEMPTED] = "check that the fix was in on the day of the attempts, and keep the logs",
    [VERDICT_EXPLOITED_UNCONFIRMED] = "treat this host as compromised until the missing logs say "
                                      "otherwise",
    [VERDICT_COMPROMISED] = "isolate this host, preserve memory and logs before anything is "
                            "cleaned, and start incident response",
};

static int sign_order(const void *a, const void *b)
{
    const struct sign *x = *(const struct sign *const *)a, *y = *(const struct sign *const *)b;
    bool no_x = x->f.time_us == TIME_NONE, no_y = y->f.time_us == TIME_NONE;
    int c = no_x - no_y;
    if (!c && x->f.time_us != y->f.time_us)
        c = x->f.time_us < y->f.time_us ? -1 : 1;
    if (!c)
        c = str_cmp(x->f.file, y->f.file);
    if (!c && x->f.offset != y->f.offset)
        c = x->f.offset < y->f.offset ? -1 : 1;
    return c ? c : strcmp(x->f.id, y->f.id);
}

/* Is a dossier judged on a host? Where its product is seen, or where a sign says that it is. */
static bool charged(const struct host *h, uint32_t host, uint32_t dossier)
{
    if (h->matter[dossier].dossier->draft)
        return false;
    if (h->matter[dossier].seen)
        return true;
    for (size_t i = 0; i < h->n_signs; i++) {
        const struct sign *s = h->sign[i];
        enum grade least = !h->supplied      ? GRADE_PROBE
                           : s->host == host ? GRADE_PROGRESSED
                                             : GRADE_ATTEMPT;
        if (s->dossier == dossier && s->decides && s->f.grade >= least &&
            sign_weighs(&h->matter[dossier], s))
            return true;
    }
    return false;
}

static bool span_covered(const struct hour_set *set, int64_t from, int64_t to)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->v[i].from <= from && to < set->v[i].to)
            return true;
    return from > to;
}

/* A time of one of the sign's records in whose hour nothing was read; TIME_NONE if all are covered.
 * Its hours are known one by one up to FEW_MAX; beyond that every hour up to the last counts. */
static int64_t uncovered(const struct hour_set *set, const struct sign *s)
{
    const struct few *hours = &s->hours;
    int64_t first = time_hour(s->f.time_us), last = time_hour(s->f.last_us);
    if (s->f.time_us == TIME_NONE)
        return TIME_NONE;
    if (!hours_has(set, s->f.time_us))
        return s->f.time_us;
    for (uint32_t i = 0; i < hours->n; i++) {
        int64_t hour = few_hour(hours->v[i]);
        if (hour != first && hour != last && !hours_has(set, hour * US_PER_HOUR))
            return hour * US_PER_HOUR;
    }
    if (!hours_has(set, s->f.last_us) ||
        (hours->more && !span_covered(set, few_hour(hours->v[hours->n - 1]), last)))
        return s->f.last_us;
    return TIME_NONE;
}

static bool kind_covers(const struct host *h, struct str kind, const struct sign *s)
{
    for (size_t i = 0; i < h->n_covers; i++)
        if (kind_match(kind, h->cover[i].kind) && uncovered(&h->cover[i].covered, s) == TIME_NONE)
            return true;
    return false;
}

/* The first confirming log that does not cover a sign, on this host or on the one aimed at. */
static struct str unseen_log(const struct charge *c, const struct sign *s)
{
    const struct str_list *confirming = &c->matter->dossier->confirming;
    for (size_t i = 0; i < confirming->n; i++) {
        struct str kind = confirming->v[i];
        bool aimed = s->target != NO_HOST && kind_covers(&c->trial->host[s->target], kind, s);
        if (!kind_match(kind, s->f.kind) && !aimed && !kind_covers(c->host, kind, s))
            return kind;
    }
    return STR_NONE;
}

/* The first deciding log that does not. */
static struct str unread_log(const struct charge *c, const struct sign *s)
{
    const struct str_list *deciding = &c->matter->dossier->deciding;
    for (size_t i = 0; i < deciding->n; i++)
        if (!kind_covers(c->host, deciding->v[i], s))
            return deciding->v[i];
    return STR_NONE;
}

/* A request whose answer is not in its row may have worked, whatever its rule could see. */
static bool answer_unknown(const struct sign *s)
{
    return kind_policy(s->f.kind)->web && !s->hit->role[ROLE_STATUS].n;
}

/* Rule 4: a later stage that was not found counts as absent only where its log was read. */
static void check_later_stage(struct charge *c, const struct sign *s)
{
    if (c->unseen_stage || !s->decides || s->after_fix || !c->matter)
        return;
    if (s->f.grade == GRADE_ATTEMPT && !c->matter->window.empty) {
        c->row_missing = s->hit->proxy_row < 0; /* the proxy log lacks its row: what else? */
        int64_t unread_us = c->row_missing ? s->f.time_us : uncovered(&c->matter->covered, s);
        c->unanswered = answer_unknown(s);
        c->unseen_stage = c->unanswered || unread_us != TIME_NONE;
        c->unseen_kind = unread_us != TIME_NONE ? unread_log(c, s) : STR_NONE;
        c->unseen_us = unread_us != TIME_NONE ? unread_us : s->f.time_us;
    }
    if (s->f.grade >= GRADE_PROGRESSED) {
        c->unseen_kind = unseen_log(c, s);
        c->unseen_stage = c->unseen_kind.p != NULL;
        c->unseen_us = s->f.time_us;
    }
    if (c->unseen_stage)
        c->unseen = s;
}

static enum verdict_state decide(const struct charge *c)
{
    enum grade worst = c->worst ? c->worst->f.grade : GRADE_WEAK;
    if (!c->host->supplied)
        return VERDICT_NOT_ENOUGH_EVIDENCE;
    if (worst == GRADE_COMPROMISE)
        return VERDICT_COMPROMISED;
    if (worst == GRADE_PROGRESSED)
        return VERDICT_EXPLOITED_UNCONFIRMED;
    if (!c->enough)
        return VERDICT_NOT_ENOUGH_EVIDENCE;
    if (worst == GRADE_ATTEMPT)
        return c->unseen_stage ? VERDICT_NOT_ENOUGH_EVIDENCE : VERDICT_ATTEMPTED;
    return VERDICT_NO_SIGN;
}

/* Without an affair there is no window: something with a time has to have been understood. */
static bool anything_read(const struct host *h)
{
    for (size_t i = 0; i < h->n_covers; i++)
        if (h->cover[i].covered.n)
            return true;
    return false;
}

static bool enough_read(const struct charge *c)
{
    const struct matter *m = c->matter;
    if (!m)
        return c->host->first_us != TIME_NONE && anything_read(c->host);
    if (m->window.empty)
        return true;
    return m->share * 100 + 1e-9 >= WINDOW_SHARE_PERCENT && !m->untested;
}

static void weigh_charge(struct charge *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct sign *s = c->sign[i];
        if (!s->decides || (c->matter && !sign_weighs(c->matter, s)))
            continue;
        c->count[s->f.grade]++;
        if (s->f.grade > GRADE_WEAK && (!c->worst || s->f.grade > c->worst->f.grade))
            c->worst = s;
    }
    for (size_t i = 0; i < c->n; i++)
        if (c->worst && c->sign[i]->f.grade == c->worst->f.grade &&
            (!c->matter || sign_weighs(c->matter, c->sign[i])))
            check_later_stage(c, c->sign[i]);
    c->enough = enough_read(c);
    c->alone = c->state = decide(c);
    if (c->shared && (c->alone == VERDICT_NO_SIGN || c->alone == VERDICT_ATTEMPTED))
        c->state = VERDICT_NOT_ENOUGH_EVIDENCE;
}

/* After a request that went further than a refused one can, the advice is that of a compromise,
 * unless it went that far only for want of a second sign. */
static bool act_as_compromised(const struct charge *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct sign *s = c->sign[i];
        if (s->decides && (!c->matter || sign_weighs(c->matter, s)) &&
            (s->f.grade == GRADE_COMPROMISE || (s->f.grade == GRADE_PROGRESSED && !s->lowered)))
            return true;
    }
    return false;
}

static struct str advice(const struct charge *c, enum verdict_state as)
{
    if (c->matter && c->matter->dossier->advice[as].n)
        return c->matter->dossier->advice[as];
    if (!c->matter && c->worst && c->worst->f.grade > GRADE_ATTEMPT && c->worst->f.next.n)
        return c->worst->f.next;
    return str_of(general_advice[as]);
}

/* The covered period: of the deciding logs together, else of everything that was read. */
static void set_period(const struct charge *c, struct verdict *v)
{
    const struct hour_set *set = c->matter ? &c->matter->covered : NULL;
    v->first_us = c->host->first_us;
    v->last_us = c->host->last_us;
    if (!set || !set->n || v->first_us == TIME_NONE)
        return;
    int64_t first = set->v[0].from * US_PER_HOUR, last = set->v[set->n - 1].to * US_PER_HOUR - 1;
    if (first > v->first_us)
        v->first_us = first;
    if (last < v->last_us)
        v->last_us = last;
}

static enum err newest_build(struct arena *arena, const struct host *h, struct str *ret_text)
{
    const struct build_seen *newest = NULL;
    struct buf b;
    for (size_t i = 0; i < h->n_builds; i++) {
        const struct build_seen *s = &h->build[i];
        if (!newest || s->last_us > newest->last_us ||
            (s->last_us == newest->last_us && build_cmp(&s->build, &newest->build) > 0))
            newest = s;
    }
    *ret_text = STR_NONE;
    if (!newest)
        return OK;
    buf_init(&b, 64);
    for (int i = 0; i < 4 && newest->build.part[i] >= 0; i++) {
        if (i)
            buf_putc(&b, '.');
        buf_i64(&b, newest->build.part[i]);
    }
    *ret_text = arena_str(arena, buf_view(&b));
    buf_done(&b);
    return ret_text->p ? OK : ERR_NOMEM;
}

static int64_t earliest_sign(const struct charge *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->sign[i]->decides && c->sign[i]->f.grade >= GRADE_ATTEMPT &&
            (!c->matter || sign_weighs(c->matter, c->sign[i])))
            return c->sign[i]->f.time_us;
    return TIME_NONE;
}

static enum err pronounce(struct charge *c, struct arena *arena, struct verdict *v)
{
    weigh_charge(c);
    bool as_compromised = act_as_compromised(c);
    const struct matter *m = c->matter;
    *v = (struct verdict){.host = c->host->name,
                          .state = c->state,
                          .fixed_since_us = TIME_NONE,
                          .earliest_us = earliest_sign(c)};
    if (m) {
        v->dossier = m->dossier->id;
        v->window_share = c->host->supplied ? m->share : 0;
        v->missing = c->host->supplied ? m->missing : m->dossier->deciding;
        v->fixed_since_us = m->window.fixed_since_us;
    }
    v->ended_before = c->state == VERDICT_NOT_ENOUGH_EVIDENCE && charge_ends_before(c);
    set_period(c, v);
    enum verdict_state as = as_compromised ? VERDICT_COMPROMISED : c->state;
    v->isolate = m ? m->dossier->isolate[c->state] || m->dossier->isolate[as] ||
                         (as_compromised && m->dossier->isolate_when_compromised)
                   : as_compromised;
    v->next = advice(c, as);
    TRY(newest_build(arena, c->host, &v->build));
    TRY(charge_because(c, arena, &v->because));
    return charge_next_evidence(c, arena, &v->next_evidence);
}

/* Is the record that a sign is about also the record of one that weighs on its own dossier? */
static bool claimed(const struct host *h, const struct sign *s, const bool *judged)
{
    for (size_t i = 0; i < h->n_signs; i++) {
        const struct sign *o = h->sign[i];
        if (o != s && o->dossier != NO_DOSSIER && judged[o->dossier] && o->decides &&
            o->f.grade >= s->f.grade && o->f.offset == s->f.offset &&
            str_eq(o->f.file, s->f.file) && sign_weighs(&h->matter[o->dossier], o))
            return true;
    }
    return false;
}

/* Does a sign say that what all hosts with the product share was taken? */
static bool takes_shared(const struct trial *t, const struct sign *s)
{
    if (s->dossier == NO_DOSSIER || s->host == NO_HOST || !s->decides)
        return false;
    const struct matter *m = &t->host[s->host].matter[s->dossier];
    return m->dossier->shared_what.n && s->f.grade >= GRADE_PROGRESSED &&
           s->rule->meta.stage >= m->dossier->shared_stage && sign_weighs(m, s);
}

static void keep_first(const struct sign **first, const struct sign *s)
{
    if (!*first || sign_order(&s, first) < 0)
        *first = s;
}

static enum err find_losses(struct trial *t)
{
    t->loss = arena_new_n(t->arena, struct loss, t->facts->n_dossiers + 1);
    if (!t->loss)
        return ERR_NOMEM;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < t->n_signs; i++) {
            const struct sign *s = &t->sign[i];
            if (!takes_shared(t, s))
                continue;
            struct loss *loss = &t->loss[s->dossier];
            if (!pass)
                keep_first(&loss->first, s);
            else if (s->host != loss->first->host)
                keep_first(&loss->elsewhere, s);
        }
    return OK;
}

/* The signs of one dossier, or of none: NO_DOSSIER takes what no judged dossier takes, also what
 * weighs on none. */
static enum err gather(struct trial *t, const struct host *h, uint32_t dossier, const bool *judged,
                       struct charge *c)
{
    *c = (struct charge){
        .trial = t, .host = h, .matter = dossier == NO_DOSSIER ? NULL : &h->matter[dossier]};
    c->sign = arena_new_n(t->arena, struct sign *, h->n_signs + 1);
    if (!c->sign)
        return ERR_NOMEM;
    if (dossier != NO_DOSSIER && h->supplied) {
        const struct loss *loss = &t->loss[dossier];
        bool own = loss->first && h == &t->host[loss->first->host];
        c->shared = own ? loss->elsewhere : loss->first;
    }
    for (size_t i = 0; i < h->n_signs; i++) {
        uint32_t of = h->sign[i]->dossier;
        const struct sign *s = h->sign[i];
        if (of != NO_DOSSIER && !judged[of]) {
            if (claimed(h, s, judged))
                continue;
            of = NO_DOSSIER;
        }
        if (dossier == NO_DOSSIER && of != NO_DOSSIER && s->decides &&
            s->f.grade >= GRADE_PROGRESSED && !sign_weighs(&h->matter[of], s) &&
            !claimed(h, s, judged))
            of = NO_DOSSIER;
        if (of == dossier)
            c->sign[c->n++] = h->sign[i];
    }
    return OK;
}

static bool general_rules(const struct facts *f)
{
    for (size_t i = 0; i < f->n_rules; i++)
        if ((f->rule[i].sigma || f->rule[i].indicator) && !f->rule[i].dossier &&
            !f->rule[i].shipped && !(f->rule[i].indicator && f->rule[i].indicator->dossier.p))
            return true;
    return false;
}

static enum err judge_host(struct trial *t, uint32_t host, bool general, struct answer *a)
{
    struct host *h = &t->host[host];
    struct charge c;
    size_t before = a->n_verdicts;
    bool *judged = arena_new_n(t->arena, bool, t->facts->n_dossiers + 1);
    if (!judged)
        return ERR_NOMEM;
    if (h->n_signs)
        qsort(h->sign, h->n_signs, sizeof(struct sign *), sign_order);
    for (uint32_t i = 0; i < t->facts->n_dossiers; i++)
        judged[i] = charged(h, host, i);
    for (uint32_t i = 0; i < t->facts->n_dossiers; i++) {
        if (!judged[i])
            continue;
        TRY(gather(t, h, i, judged, &c));
        TRY(pronounce(&c, t->arena, &a->verdict[a->n_verdicts++]));
    }
    TRY(gather(t, h, NO_DOSSIER, judged, &c));
    bool found = false;
    for (size_t i = 0; i < c.n; i++)
        found |= c.sign[i]->decides && c.sign[i]->f.grade > GRADE_WEAK;
    if (found || (general && h->supplied) || a->n_verdicts == before)
        TRY(pronounce(&c, t->arena, &a->verdict[a->n_verdicts++]));
    return OK;
}

static int verdict_order(const void *a, const void *b)
{
    const struct verdict *x = a, *y = b;
    int c = str_cmp(x->host, y->host);
    if (!c && x->state != y->state)
        c = x->state > y->state ? -1 : 1;
    if (!c)
        c = !x->dossier.p - !y->dossier.p;
    return c ? c : str_cmp(x->dossier, y->dossier);
}

enum err trial_verdicts(struct trial *t, struct answer *answer)
{
    bool general = general_rules(t->facts);
    answer->verdict =
        arena_array(t->arena, t->n_hosts + 1, (t->facts->n_dossiers + 1) * sizeof(struct verdict));
    if (!answer->verdict)
        return ERR_NOMEM;
    TRY(find_losses(t));
    for (size_t i = 0; i < t->n_hosts; i++)
        TRY(judge_host(t, (uint32_t)i, general, answer));
    if (answer->n_verdicts)
        qsort(answer->verdict, answer->n_verdicts, sizeof(struct verdict), verdict_order);
    return OK;
}
