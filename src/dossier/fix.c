#include "dossier/load.h"

const struct product *product_of(const struct dossier *d, const struct build *build)
{
    struct build at = *build, *b = &at;
    for (int i = 0; i < 4; i++)
        if (at.part[i] < 0)
            at.part[i] = 0;
    for (size_t i = 0; i < d->n_products; i++)
        if (build_cmp(&d->product[i].from, b) <= 0 && build_cmp(b, &d->product[i].to) < 0)
            return &d->product[i];
    return NULL;
}

/* The three numbers that name the cumulative update; the fourth names the security update. */
static int line_cmp(const struct build *a, const struct build *b)
{
    struct build x = *a, y = *b;
    x.part[3] = y.part[3] = 0;
    return build_cmp(&x, &y);
}

/* A build that lacks its last number counts as fixed only if its whole line is. */
int fix_state(const struct dossier *d, struct str cve, const struct build *b)
{
    const struct product *product = product_of(d, b);
    const struct fix *highest = NULL, *same = NULL;

    if (!product)
        return -1;
    if (product->born_fixed)
        return b->part[2] < 0 ? -1 : 1; /* two products may share the first two numbers */
    for (size_t i = 0; i < d->n_fixes; i++) {
        const struct fix *f = &d->fix[i];
        if (!str_ieq(f->cve, cve) || !str_ieq(f->product, product->name))
            continue;
        if (!highest || build_cmp(&highest->build, &f->build) < 0)
            highest = f;
        if (line_cmp(&f->build, b) == 0)
            same = f;
    }
    if (!highest || b->part[2] < 0)
        return -1;
    if (line_cmp(b, &highest->build) > 0)
        return 1; /* later cumulative updates hold earlier fixes */
    if (!same)
        return 0; /* this cumulative update never got one */
    if (b->part[3] < 0)
        return -1;
    return build_cmp(b, &same->build) >= 0;
}

/* Of exactly that build, a day early: clocks and zones differ. */
static int64_t earliest_release(const struct dossier *d, const struct build *b)
{
    int64_t released = TIME_NONE;
    for (size_t i = 0; i < d->n_known; i++)
        if (build_cmp(&d->known[i].build, b) == 0)
            released = d->known[i].released_us;
    for (size_t i = 0; i < d->n_fixes && released == TIME_NONE; i++)
        if (build_cmp(&d->fix[i].build, b) == 0)
            released = d->fix[i].released_us;
    return released == TIME_NONE ? TIME_NONE : released - US_PER_DAY;
}

int fix_state_logged(const struct dossier *d, struct str cve, const struct build *b,
                     int64_t first_us)
{
    struct build at = *b;
    const struct product *product = product_of(d, b);
    if (product && product->exact_to_cu)
        at.part[3] = -1;
    int state = fix_state(d, cve, &at);
    int64_t released = earliest_release(d, b);
    bool too_early = released != TIME_NONE && first_us != TIME_NONE && first_us < released;
    return state == 1 && too_early ? -1 : state;
}

bool seen_path_fits(struct str entry, struct str path)
{
    if (entry.n > 1 && entry.p[0] == '*')
        return str_ifind(path, str_sub(entry, 1, entry.n)) >= 0;
    return str_istarts(path, entry);
}
