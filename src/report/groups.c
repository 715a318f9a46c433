#include "report/groups.h"

#include "dossier/actors.h"

#include <stdlib.h>

/* How to change what counts: a line here, and its row in docs/reference/advice.md. The weights sum
 * to 1. Public lists of targets are never complete: what is not among them is below the middle, not
 * out of the question. */
enum question { PRODUCT, TECHNIQUES, SECTOR, COUNTRY, RECENT, QUESTIONS };
static const double weight[QUESTIONS] = {0.35, 0.25, 0.15, 0.15, 0.10};
#define UNKNOWN 0.5
#define NOT_AMONG 0.2
#define TAKES_ANY 0.6
#define SAME_PRODUCT 0.7

struct weighing {
    struct arena *arena;
    const struct actor_profile *a;
    const struct group_case *c;
    struct buf b; /* the reason at hand */
    struct str reason[QUESTIONS];
};

/* ---- lists ---- */

static bool has(const struct str_list *list, struct str s)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_ieq(list->v[i], s))
            return true;
    return false;
}

/* The first of one list that is in the other; absent if none is. */
static struct str common(const struct str_list *a, const struct str_list *b)
{
    for (size_t i = 0; i < a->n; i++)
        if (has(b, a->v[i]))
            return a->v[i];
    return STR_NONE;
}

static enum err add(struct arena *arena, struct str_list *list, struct str s)
{
    if (!s.n || has(list, s))
        return OK;
    if ((list->n & (list->n - 1)) == 0) {
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

/* ---- the questions ---- */

static double product(struct weighing *w)
{
    const struct actor_profile *a = w->a;
    const struct group_case *c = w->c;
    struct str cve = common(&a->cves, &c->tried);
    buf_puts(&w->b, "product: ");
    if (cve.p) {
        buf_printf(&w->b, "it has used %.*s, which was tried, stands open or is talked about here",
                   STR_FMT(cve));
        return 1;
    }
    for (size_t i = 0; i < a->products.n; i++)
        for (size_t k = 0; k < c->products.n; k++)
            if (str_istarts(c->products.v[k], a->products.v[i])) {
                buf_printf(&w->b, "it attacks %.*s, which is here", STR_FMT(a->products.v[i]));
                return SAME_PRODUCT;
            }
    cve = common(&a->cves, &c->cves);
    if (cve.p) {
        buf_printf(&w->b, "it has used %.*s, a hole of an affair of this case", STR_FMT(cve));
        return SAME_PRODUCT;
    }
    bool unknown = (!a->products.n && !a->cves.n) || (!c->products.n && !c->cves.n && !c->tried.n);
    buf_puts(&w->b, unknown ? "unknown" : "it is not known to attack what is here");
    return unknown ? UNKNOWN : NOT_AMONG;
}

/* "T1505.003" fits itself and "T1505". */
static bool technique_fits(const struct str_list *known, struct str s)
{
    for (size_t i = 0; i < known->n; i++) {
        struct str k = known->v[i];
        if (str_ieq(k, s) || (k.n == 5 && str_istarts(s, k)) || (s.n == 5 && str_istarts(k, s)))
            return true;
    }
    return false;
}

static double techniques(struct weighing *w)
{
    const struct str_list *found = &w->c->techniques, *known = &w->a->techniques;
    size_t fits = 0;
    buf_puts(&w->b, "techniques: ");
    if (!found->n || !known->n) {
        buf_puts(&w->b, "unknown");
        return UNKNOWN;
    }
    for (size_t i = 0; i < found->n; i++)
        fits += technique_fits(known, found->v[i]);
    if (!fits) {
        buf_printf(&w->b, "none of the %zu found here is known of it", found->n);
        return NOT_AMONG;
    }
    buf_printf(&w->b, "behaviour consistent with %zu of the %zu found here (", fits, found->n);
    for (size_t i = 0, said = 0; i < found->n; i++)
        if (technique_fits(known, found->v[i]))
            buf_printf(&w->b, "%s%.*s", said++ ? ", " : "", STR_FMT(found->v[i]));
    buf_putc(&w->b, ')');
    return UNKNOWN + (1 - UNKNOWN) * (double)fits / (double)found->n;
}

/* "government" fits "government-local", and the other way round. */
static bool sector_fits(struct str a, struct str b)
{
    struct str shorter = a.n < b.n ? a : b, longer = a.n < b.n ? b : a;
    return str_ieq(a, b) || (str_istarts(longer, shorter) && longer.p[shorter.n] == '-');
}

static double among(struct weighing *w, const char *what, struct str match, bool known)
{
    buf_printf(&w->b, "%s: ", what);
    if (match.p) {
        buf_printf(&w->b, "%.*s is among its known targets", STR_FMT(match));
        return 1;
    }
    if (w->a->takes_any) {
        buf_puts(&w->b, "it takes whoever answers");
        return TAKES_ANY;
    }
    buf_puts(&w->b, known ? "yours is not among its known targets" : "unknown");
    return known ? NOT_AMONG : UNKNOWN;
}

static double sector(struct weighing *w)
{
    const struct str_list *own = &w->c->sectors, *known = &w->a->sectors;
    struct str match = STR_NONE;
    for (size_t i = 0; i < own->n; i++)
        for (size_t k = 0; k < known->n && !match.p; k++)
            if (sector_fits(own->v[i], known->v[k]))
                match = own->v[i];
    return among(w, "sector", match, own->n && known->n);
}

static double country(struct weighing *w)
{
    bool known = w->c->country.n && w->a->countries.n;
    bool match = known && has(&w->a->countries, w->c->country);
    return among(w, "country", match ? w->c->country : STR_NONE, known);
}

static double recent(struct weighing *w)
{
    static const struct {
        unsigned years;
        double value;
    } ages[] = {{1, 1}, {3, 0.7}, {6, 0.4}, {UINT32_MAX, NOT_AMONG}};
    unsigned seen = w->a->last_seen, year = w->c->year, i = 0;
    buf_puts(&w->b, "last seen: ");
    if (!seen || !year) {
        buf_puts(&w->b, "unknown");
        return UNKNOWN;
    }
    buf_printf(&w->b, "%u", seen);
    while (ages[i].years < (year > seen ? year - seen : seen - year))
        i++;
    return ages[i].value;
}

enum err group_weigh(struct arena *arena, const struct actor_profile *actor,
                     const struct group_case *c, struct actor_rank *ret)
{
    double (*const ask[QUESTIONS])(struct weighing *) = {product, techniques, sector, country,
                                                         recent};
    struct weighing w = {.arena = arena, .a = actor, .c = c};
    enum err rc = OK;
    *ret = (struct actor_rank){
        .name = actor->name, .attack_id = actor->attack_id, .source = actor->source};
    ret->reason.v = arena_new_n(arena, struct str, QUESTIONS);
    if (!ret->reason.v)
        return ERR_NOMEM;
    buf_init(&w.b, 64 * 1024);
    for (size_t i = 0; i < QUESTIONS && !rc; i++) {
        buf_reset(&w.b);
        ret->score += weight[i] * ask[i](&w);
        ret->reason.v[ret->reason.n] = arena_str(arena, buf_view(&w.b));
        rc = w.b.rc ? w.b.rc : ret->reason.v[ret->reason.n++].p ? OK : ERR_NOMEM;
    }
    buf_done(&w.b);
    return rc;
}

/* ---- the case ---- */

static bool tried(const struct facts *f, struct str dossier)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->v[i].dossier, dossier) && f->v[i].judgement &&
            f->v[i].judgement->verdict.state >= VERDICT_ATTEMPTED)
            return true;
    return false;
}

static bool present(const struct facts *f, struct str dossier)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->v[i].dossier, dossier))
            return true;
    return false;
}

static enum err of_dossiers(const struct report *r, const struct facts *f, struct arena *arena,
                            struct group_case *c)
{
    for (size_t i = 0; i < r->n_dossiers; i++) {
        const struct dossier *d = &r->dossier[i];
        bool was = tried(f, d->id);
        if (!present(f, d->id))
            continue;
        for (size_t k = 0; k < d->cves.n; k++) {
            TRY(add(arena, &c->cves, d->cves.v[k]));
            if (was)
                TRY(add(arena, &c->tried, d->cves.v[k]));
        }
        for (size_t k = 0; k < d->n_products; k++)
            TRY(add(arena, &c->products, d->product[k].name));
    }
    return OK;
}

static enum err case_of(const struct report *r, const struct facts *f, struct arena *arena,
                        struct group_case *c)
{
    *c = (struct group_case){
        .techniques = f->technique, .sectors = r->profile.sectors, .country = r->profile.country};
    if (r->made_us != TIME_NONE) {
        int64_t days = r->made_us / US_PER_S / (24 * 3600);
        c->year = (unsigned)(1970 + days * 400 / 146097);
    }
    TRY(of_dossiers(r, f, arena, c));
    for (size_t i = 0; i < r->n_exposures; i++) {
        TRY(add(arena, &c->products, r->exposure[i].product));
        if (r->exposure[i].state == EXPOSURE_EXPOSED)
            TRY(add(arena, &c->tried, r->exposure[i].cve));
    }
    for (size_t i = 0; i < r->n_alerts; i++)
        if (r->alert[i].kind == SUBJECT_CVE)
            TRY(add(arena, &c->tried, r->alert[i].subject));
    for (size_t i = 0; i < r->profile.products.n; i++)
        TRY(add(arena, &c->products, r->profile.products.v[i]));
    return OK;
}

/* The affair whose dossier names the group; absent if none does. */
static struct str named_in(const struct report *r, const struct facts *f,
                           const struct actor_profile *a)
{
    for (size_t i = 0; i < r->n_dossiers; i++)
        for (size_t k = 0; k < r->dossier[i].n_actors; k++) {
            const struct actor *named = &r->dossier[i].actor[k];
            bool same = str_ieq(named->name, a->name) ||
                        (a->attack_id.n && str_eq(named->attack_id, a->attack_id));
            if (same && present(f, r->dossier[i].id))
                return r->dossier[i].id;
        }
    return STR_NONE;
}

static int by_score(const void *x, const void *y)
{
    const struct actor_rank *a = x, *b = y;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return str_cmp(a->name, b->name);
}

/* Nothing that it attacks is here, and nothing that was found is known of it. */
static bool beside_the_point(const struct actor_profile *a, const struct group_case *c)
{
    for (size_t i = 0; i < a->products.n; i++)
        for (size_t k = 0; k < c->products.n; k++)
            if (str_istarts(c->products.v[k], a->products.v[i]))
                return false;
    return !common(&a->cves, &c->cves).p && !common(&a->cves, &c->tried).p;
}

enum err groups_rank(struct report *r, const struct facts *f, struct arena *arena,
                     struct error *error)
{
    struct actor_list actors;
    struct group_case c;
    r->n_actors = 0;
    TRY(case_of(r, f, arena, &c));
    TRY(actors_load(arena, &actors, NULL, error));
    r->actor = arena_new_n(arena, struct actor_rank, actors.n);
    if (!r->actor)
        return ERR_NOMEM;
    for (size_t i = 0; i < actors.n; i++) {
        struct actor_rank *rank = &r->actor[r->n_actors];
        if (beside_the_point(&actors.v[i], &c))
            continue;
        TRY(group_weigh(arena, &actors.v[i], &c, rank));
        rank->dossier = named_in(r, f, &actors.v[i]);
        r->n_actors++;
    }
    if (r->n_actors)
        qsort(r->actor, r->n_actors, sizeof *r->actor, by_score);
    if (r->n_actors > GROUPS_SHOWN)
        r->n_actors = GROUPS_SHOWN;
    return OK;
}
