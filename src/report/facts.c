#include "report/facts.h"

#include "base/map.h"
#include "match/sigma.h"

#include <stdlib.h>

struct maker {
    struct facts *f;
    struct arena *arena;
    struct map at;   /* host and dossier: number of the subject */
    struct map host; /* number of the host */
    struct buf key;
};

static bool list_has(const struct str_list *list, struct str s)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_ieq(list->v[i], s))
            return true;
    return false;
}

static enum err list_add(struct arena *arena, struct str_list *list, struct str s)
{
    if (list_has(list, s))
        return OK;
    if ((list->n & (list->n - 1)) == 0) { /* full at 0, 1, 2, 4, ... */
        struct str *v = arena_new_n(arena, struct str, list->n ? 2 * list->n : 1);
        if (!v)
            return ERR_NOMEM;
        if (list->n)
            memcpy(v, list->v, list->n * sizeof *v);
        list->v = v;
    }
    list->v[list->n++] = s;
    return OK;
}

/* ---- subjects ---- */

static struct str key_of(struct maker *m, struct str host, struct str dossier)
{
    buf_reset(&m->key);
    for (size_t i = 0; i < host.n; i++)
        buf_putc(&m->key, (char)ascii_lower((unsigned char)host.p[i]));
    buf_putc(&m->key, '\n');
    buf_str(&m->key, dossier);
    return buf_view(&m->key);
}

static struct subject_host *find(struct maker *m, struct str host, struct str dossier)
{
    const uint32_t *at = map_get(&m->at, key_of(m, host, dossier));
    return at ? &m->f->v[*at] : NULL;
}

/* The host of that name, in that affair; made if it is not there. */
static enum err subject(struct maker *m, struct str host, struct str dossier,
                        struct subject_host **ret)
{
    struct facts *f = m->f;
    uint32_t at;
    bool first;
    TRY(map_intern(&m->at, key_of(m, host, dossier), &at, &first));
    if (first) {
        if ((f->n & (f->n - 1)) == 0) {
            struct subject_host *v =
                arena_new_n(m->arena, struct subject_host, f->n ? 2 * f->n : 1);
            if (!v)
                return ERR_NOMEM;
            if (f->n)
                memcpy(v, f->v, f->n * sizeof *v);
            f->v = v;
        }
        f->v[f->n] = (struct subject_host){.host = host, .dossier = dossier, .grade = -1};
        TRY(map_intern(&m->host, key_of(m, host, STR_NONE), &f->v[f->n++].number, NULL));
    }
    *ret = &f->v[at];
    return OK;
}

static enum err add_judgements(struct maker *m)
{
    const struct report *r = m->f->r;
    for (size_t i = 0; i < r->n_judgements; i++) {
        const struct judgement *j = &r->judgement[i];
        struct subject_host *s;
        TRY(subject(m, j->verdict.host, j->verdict.dossier, &s));
        s->judgement = j;
        s->open = j->open;
        if (s->open == OPEN_UNKNOWN && j->verdict.fixed_since_us != TIME_NONE)
            s->open = OPEN_FIXED;
    }
    return OK;
}

static enum open_side side_of(enum exposure_state s)
{
    static const enum open_side sides[EXPOSURE_STATES] = {
        [EXPOSURE_EXPOSED] = OPEN_STILL,   [EXPOSURE_MITIGATED] = OPEN_MITIGATED,
        [EXPOSURE_FIXED] = OPEN_FIXED,     [EXPOSURE_FIXED_IF_CONFIGURED] = OPEN_UNKNOWN,
        [EXPOSURE_UNKNOWN] = OPEN_UNKNOWN,
    };
    return sides[s];
}

static void expose(struct subject_host *s, const struct exposure *e)
{
    bool open = e->state == EXPOSURE_EXPOSED || e->state == EXPOSURE_MITIGATED;
    enum open_side side = side_of(e->state);
    if (!s->judgement || s->judgement->open == OPEN_UNKNOWN)
        s->open = side > s->open ? side : s->open; /* of several holes the worst counts */
    s->kev_known = true;
    if (e->build.n)
        s->build = e->build;
    s->kev |= open && e->kev_us != TIME_NONE;
    s->ransomware |= open && e->ransomware;
    s->facing = e->facing > s->facing ? e->facing : s->facing;
}

static enum err add_exposures(struct maker *m)
{
    const struct report *r = m->f->r;
    for (size_t i = 0; i < r->n_exposures; i++) {
        const struct exposure *e = &r->exposure[i];
        struct subject_host *s;
        for (size_t k = 0; k < e->matters.n; k++) {
            TRY(subject(m, e->host, e->matters.v[k], &s));
            expose(s, e);
        }
        if (e->matters.n == 0 && (e->state == EXPOSURE_EXPOSED || e->state == EXPOSURE_MITIGATED)) {
            TRY(subject(m, e->host, STR_NONE, &s));
            expose(s, e);
        }
    }
    return OK;
}

static enum err add_named(struct maker *m)
{
    const struct report *r = m->f->r;
    for (size_t i = 0; i < r->n_named; i++) {
        struct subject_host *s;
        TRY(subject(m, r->named[i].host, STR_NONE, &s));
        s->named = true;
    }
    return OK;
}

/* ---- findings ---- */

static enum err tell_technique(struct maker *m, struct str host, struct str dossier,
                               enum grade grade, struct str technique)
{
    struct subject_host *s = find(m, host, dossier);
    if (grade < GRADE_ATTEMPT)
        return OK;
    TRY(list_add(m->arena, &m->f->technique, technique));
    return s && grade >= GRADE_PROGRESSED ? list_add(m->arena, &s->technique, technique) : OK;
}

static void tell_grade(struct maker *m, struct str host, struct str dossier, enum grade grade)
{
    struct subject_host *s = find(m, host, dossier);
    if (s && (int)grade > s->grade)
        s->grade = (int)grade;
}

static enum err add_findings(struct maker *m)
{
    const struct report *r = m->f->r;
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct finding *f = &r->finding[i];
        for (size_t k = 0; !f->note.p && k < f->technique.n; k++)
            TRY(tell_technique(m, f->host, f->dossier, f->grade, f->technique.v[k]));
    }
    return OK;
}

/* "T1505.003" of the tag "attack.t1505.003"; absent if it is no technique. */
static struct str technique_of(struct arena *arena, struct str tag)
{
    if (!str_istarts(tag, STR("attack.t")) || tag.n < 12 || !ascii_digit((unsigned char)tag.p[8]))
        return STR_NONE;
    struct str s = arena_str(arena, str_sub(tag, 7, tag.n));
    if (s.p)
        memcpy((char *)(uintptr_t)s.p, "T", 1);
    return s;
}

/* The list of findings is cut; their counts by rule are not, and a rule names its techniques. */
static enum err add_counts(struct maker *m)
{
    const struct report *r = m->f->r;
    for (size_t i = 0; i < r->n_counts; i++) {
        const struct finding_count *c = &r->count[i];
        tell_grade(m, c->host, c->dossier, c->grade);
        for (size_t d = 0; r->all_findings > r->n_findings && d < r->n_dossiers; d++)
            for (size_t k = 0; str_eq(r->dossier[d].id, c->dossier) && k < r->dossier[d].n_rules;
                 k++) {
                const struct sigma_rule *rule = &r->dossier[d].rule[k];
                for (size_t t = 0; str_eq(rule->id, c->rule) && t < rule->n_tags; t++) {
                    struct str technique = technique_of(m->arena, rule->tags[t]);
                    if (technique.p)
                        TRY(tell_technique(m, c->host, c->dossier, c->grade, technique));
                }
            }
    }
    return OK;
}

static enum err add_rotating(struct maker *m)
{
    const struct report *r = m->f->r;
    const int64_t soon_us = INT64_C(30) * 24 * 3600 * US_PER_S;
    for (size_t i = 0; i < r->n_rotating; i++) {
        const struct rotating *e = &r->rotating[i];
        if (e->gone_us == TIME_NONE || e->gone_us < r->made_us || e->gone_us > r->made_us + soon_us)
            continue;
        for (size_t d = 0; d <= r->n_dossiers; d++) {
            struct str dossier = d < r->n_dossiers ? r->dossier[d].id : STR_NONE;
            struct subject_host *s = find(m, e->host, dossier);
            if (s)
                s->rotating = true;
        }
    }
    return OK;
}

unsigned facts_badness(const struct subject_host *s)
{
    return s->judgement ? 1 + (unsigned)s->judgement->verdict.state : 0;
}

static int by_badness(const void *a, const void *b)
{
    const struct subject_host *x = a, *y = b;
    unsigned bx = facts_badness(x), by = facts_badness(y);
    if (bx != by)
        return bx > by ? -1 : 1;
    int host = str_cmp(x->host, y->host);
    return host ? host : str_cmp(x->dossier, y->dossier);
}

enum err facts_make(struct facts *f, const struct report *r, struct arena *arena,
                    struct error *error)
{
    enum err (*const steps[])(struct maker *) = {add_judgements, add_exposures, add_named,
                                                 add_findings,   add_counts,    add_rotating};
    struct maker m = {.f = f, .arena = arena};
    *f = (struct facts){.r = r};
    map_init(&m.at, arena, FACTS_SUBJECTS);
    map_init(&m.host, arena, FACTS_SUBJECTS);
    buf_init(&m.key, 1024 * 1024);
    enum err rc = OK;
    for (size_t i = 0; !rc && i < ARRAY_LEN(steps); i++)
        rc = steps[i](&m);
    if (f->n)
        qsort(f->v, f->n, sizeof *f->v, by_badness);
    f->n_hosts = m.host.n;
    map_done(&m.at);
    map_done(&m.host);
    buf_done(&m.key);
    return rc && !error->code ? fail(error, rc, "the facts of the case are too many") : rc;
}

/* ---- values ---- */

static void set_word(struct fact_value *v, const char *word)
{
    v->known = true;
    v->word = str_of(word);
}

static void set_number(struct fact_value *v, double number)
{
    v->known = true;
    v->number = number;
}

static void set_list(struct fact_value *v, const struct str_list *list)
{
    v->known = true;
    v->list = *list;
}

static void of_judgement(const struct judgement *j, enum fact fact, struct fact_value *v)
{
    const struct verdict *said = &j->verdict;
    if (fact == FACT_WINDOW_SHARE && said->dossier.p)
        set_number(v, said->window_share);
    if (fact == FACT_WINDOW_DAYS && j->window.first_us != TIME_NONE)
        set_number(v, j->window_days);
    if (fact == FACT_DWELL_DAYS && j->earliest_us != TIME_NONE)
        set_number(v, j->dwell_days);
    if (fact == FACT_ACCOUNTS)
        set_number(v, (double)j->n_accounts);
    if (fact == FACT_MAILBOXES)
        set_number(v, (double)j->n_mailboxes);
    if (fact == FACT_MISSING)
        set_list(v, &said->missing);
    if (fact == FACT_BEFORE_FIX)
        set_number(v, j->before_fix);
    if (fact == FACT_ISOLATE)
        set_number(v, j->isolate_why.n > 0 || said->isolate);
}

static void of_host(const struct subject_host *s, enum fact fact, struct fact_value *v)
{
    static const char *const facings[] = {"unknown", "inside", "internet"};
    switch (fact) {
    case FACT_VERDICT:
        set_word(v, s->judgement ? verdict_name(s->judgement->verdict.state) : "unexamined");
        break;
    case FACT_OPEN: set_word(v, open_side_name(s->open)); break;
    case FACT_GRADE: set_word(v, s->grade < 0 ? "none" : grade_name((enum grade)s->grade)); break;
    case FACT_FACING: set_word(v, facings[s->facing]); break;
    case FACT_AFFAIR:
        v->known = s->dossier.p != NULL;
        v->word = s->dossier;
        break;
    case FACT_TECHNIQUE: set_list(v, &s->technique); break;
    case FACT_ROTATING: set_number(v, s->rotating); break;
    case FACT_NAMED: set_number(v, s->named); break;
    case FACT_KEV:
    case FACT_RANSOMWARE:
        if (s->kev_known)
            set_number(v, fact == FACT_KEV ? s->kev : s->ransomware);
        break;
    default:
        if (s->judgement)
            of_judgement(s->judgement, fact, v);
    }
}

static void of_chatter(const struct report *r, enum fact fact, struct fact_value *v)
{
    bool any = false;
    for (size_t i = 0; i < r->n_alerts; i++) {
        const struct alert *a = &r->alert[i];
        bool cve = a->kind == SUBJECT_CVE;
        any |= fact == FACT_CHATTER_ALERT || (fact == FACT_CHATTER_CVE && cve) ||
               (fact == FACT_CHATTER_NO_CVE && !cve) ||
               (fact == FACT_CHATTER_ASSET && a->asset.n > 0);
    }
    set_number(v, any);
}

void facts_value(void *ctx, size_t host, enum fact fact, struct fact_value *ret_value)
{
    const struct facts *f = ctx;
    const struct profile *p = &f->r->profile;
    *ret_value = (struct fact_value){0};
    if (fact_of_host(fact)) {
        if (host < f->n)
            of_host(&f->v[host], fact, ret_value);
    } else if (fact == FACT_CASE_TECHNIQUE) {
        set_list(ret_value, &f->technique);
    } else if (fact == FACT_SECTOR) {
        *ret_value = (struct fact_value){.known = p->sectors.n > 0, .list = p->sectors};
    } else if (fact == FACT_COUNTRY) {
        *ret_value = (struct fact_value){.known = p->country.n > 0, .word = p->country};
    } else if (fact == FACT_CONTACT) {
        set_number(ret_value, p->contact.n > 0);
    } else {
        of_chatter(f->r, fact, ret_value);
    }
}
