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

const struct product *product_named(const struct dossier *d, struct str name)
{
    for (size_t i = 0; i < d->n_products; i++)
        if (str_ieq(d->product[i].name, name))
            return &d->product[i];
    return NULL;
}

/* The first or last build that one with unknown numbers can be. */
static struct build filled(const struct build *b, int32_t unknown)
{
    struct build whole = *b;
    for (int i = 0; i < 4; i++)
        if (whole.part[i] < 0)
            whole.part[i] = unknown;
    return whole;
}

/* At or above a fix: yes, no, or not known where the unknown numbers decide. */
static int reaches(const struct build *b, const struct build *fixed)
{
    struct build first = filled(b, 0), last = filled(b, INT32_MAX);
    bool surely = build_cmp(&first, fixed) >= 0, perhaps = build_cmp(&last, fixed) >= 0;
    return surely == perhaps ? surely : -1;
}

bool build_before_hole(const struct dossier *d, struct str cve, const struct build *b)
{
    const struct product *product = product_of(d, b);
    struct build last = filled(b, INT32_MAX);
    size_t n = 0;
    for (size_t i = 0; product && i < d->n_fixes; i++) {
        const struct fix *f = &d->fix[i];
        if (!str_ieq(f->cve, cve) || !str_ieq(f->product, product->name))
            continue;
        bool before = f->affected_from.part[0] >= 0 && build_cmp(&last, &f->affected_from) < 0;
        if (line_cmp(product, &f->build, b) == 0)
            return before; /* its own line knows best */
        if (!before)
            return false;
        n++;
    }
    return n > 0;
}

/* A product without rows of its own that follows another, and came out after all its fixes of the
 * CVE, holds them from its first build on. */
static bool born_with(const struct dossier *d, struct str cve, const struct product *product)
{
    int64_t first = TIME_NONE;
    size_t n = 0;
    for (size_t i = 0; product->follows.p && i < d->n_known; i++)
        if (str_ieq(d->known[i].product, product->name) && d->known[i].released_us != TIME_NONE &&
            (first == TIME_NONE || d->known[i].released_us < first))
            first = d->known[i].released_us;
    for (size_t i = 0; first != TIME_NONE && i < d->n_fixes; i++) {
        const struct fix *f = &d->fix[i];
        if (!str_ieq(f->cve, cve) || !str_ieq(f->product, product->follows))
            continue;
        if (f->released_us == TIME_NONE || f->released_us >= first)
            return false;
        n++;
    }
    return n > 0;
}

/* A build that lacks its last number counts as fixed only if its whole line is. Where sources
 * disagree, and a line has two rows, the higher one counts. */
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
        if (line_cmp(product, &f->build, b) == 0 &&
            (!same || build_cmp(&same->build, &f->build) < 0))
            same = f;
    }
    if (b->part[line_numbers(product) - 1] < 0)
        return -1;
    if (!highest)
        return born_with(d, cve, product) ? 1 : -1;
    if (line_cmp(product, b, &highest->build) > 0)
        return 1;                               /* later lines hold earlier fixes */
    return same ? reaches(b, &same->build) : 0; /* without a row this line never got a fix */
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
