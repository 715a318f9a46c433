#include "exposure/decide.h"

#include "base/time.h"

/* As build_cmp, as far as both are known; *ret_known: they differ, or all is known. A number that
 * neither has is the same. */
static int known_cmp(const struct build *a, const struct build *b, bool *ret_known)
{
    *ret_known = true;
    for (int i = 0; i < 4; i++) {
        if (a->part[i] < 0 && b->part[i] < 0)
            continue;
        *ret_known = a->part[i] >= 0 && b->part[i] >= 0;
        if (!*ret_known)
            return 0;
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? -1 : 1;
    }
    return 0;
}

struct str fix_needs(const struct fix *fix)
{
    ptrdiff_t plus = str_chr(fix->rule, '+');
    return fix->needs.n ? fix->needs
           : plus < 0   ? STR_NONE
                        : str_sub(fix->rule, (size_t)plus + 1, fix->rule.n);
}

static struct decision answer(enum exposure_state state, enum why why, const struct fix *fix)
{
    if (state == EXPOSURE_FIXED && fix && fix_needs(fix).n)
        state = EXPOSURE_FIXED_IF_CONFIGURED;
    return (struct decision){state, why, fix};
}

/* Is another product of its family open to it? *ret_needs: a fix there that needs a setting as
 * well; NULL if there is none. */
static bool concerns_family(const struct tables *t, const struct table_product *p, uint32_t cve,
                            const struct fix **ret_needs)
{
    struct str family = p->facts->cpe; /* products of one CPE follow each other */
    bool concerns = false;
    *ret_needs = NULL;
    for (size_t i = 0; family.n && i < t->n_products; i++) {
        const struct fix_list *list =
            str_eq(t->product[i].facts->cpe, family) ? tables_fixes(&t->product[i], cve) : NULL;
        concerns |= list != NULL;
        for (size_t k = 0; list && k < list->n; k++)
            if (fix_needs(list->fix[k]).n)
                *ret_needs = list->fix[k];
    }
    return concerns;
}

/* The tables have no row of the CVE for this product. */
static struct decision without_rows(const struct tables *t, const struct table_product *p,
                                    uint32_t cve)
{
    int64_t published = t->cve[cve].published_us, end = p->facts->end_of_support_us;
    const struct fix *needs; /* a new product does not set it either */
    if (!concerns_family(t, p, cve, &needs))
        return answer(EXPOSURE_UNKNOWN, WHY_NOT_NAMED, NULL);
    if (p->facts->born_fixed ||
        (p->first_us != TIME_NONE && published != TIME_NONE && published < p->first_us))
        return answer(EXPOSURE_FIXED, WHY_BORN_FIXED, needs);
    if (end != TIME_NONE && published != TIME_NONE && published > end)
        return answer(EXPOSURE_UNKNOWN, WHY_UNSUPPORTED, NULL);
    return answer(EXPOSURE_UNKNOWN, WHY_NOT_NAMED, NULL);
}

/* The fix came with the line's first build, so that all of the line have it. Only where a line is
 * a cumulative update: then the tables have its first build. */
static bool whole_line_fixed(const struct table_product *p, const struct fix *same)
{
    bool by_line = line_numbers(p->facts) == USUAL_LINE;
    for (size_t i = 0; by_line && i < p->n_builds; i++)
        if (line_cmp(p->facts, &p->build[i]->build, &same->build) == 0)
            return build_cmp(&p->build[i]->build, &same->build) >= 0;
    return false;
}

/* Newer than any of this product that the tables know, of a line that they do not. */
static bool unknown_line(const struct table_product *p, const struct build *b)
{
    return p->n_builds && line_cmp(p->facts, b, &p->build[p->n_builds - 1]->build) > 0;
}

/* Has any release these first numbers? Where the tables list no releases, nobody knows better. */
static bool released(const struct table_product *p, const struct build *b)
{
    for (size_t i = 0; i < p->n_builds; i++)
        if (line_cmp(p->facts, &p->build[i]->build, b) == 0)
            return true;
    return p->n_builds == 0;
}

static struct decision in_line(const struct table_product *p, const struct build *b,
                               const struct fix *same)
{
    bool known;
    int by = known_cmp(b, &same->build, &known);
    if (!known && whole_line_fixed(p, same))
        return answer(EXPOSURE_FIXED, WHY_HAS_FIX, same);
    if (!known)
        return answer(EXPOSURE_UNKNOWN, WHY_COARSE, same);
    return by < 0 ? answer(EXPOSURE_EXPOSED, WHY_BELOW_FIX, same)
                  : answer(EXPOSURE_FIXED, WHY_HAS_FIX, same);
}

/* A line without a row of its own that began after an earlier line got the fix holds it: updates
 * are cumulative. */
static const struct fix *inherited(const struct table_product *p, const struct fix_list *list,
                                   const struct build *b)
{
    const struct fix *lower = NULL;
    for (size_t i = 0; i < list->n && line_cmp(p->facts, &list->fix[i]->build, b) < 0; i++)
        lower = list->fix[i];
    for (size_t i = 0; lower && i < p->n_builds; i++) {
        const struct known_build *first = p->build[i];
        if (line_cmp(p->facts, &first->build, b) == 0)
            return first->released_us != TIME_NONE && lower->released_us != TIME_NONE &&
                           first->released_us > at_latest(lower->released_us, lower->by_month)
                       ? lower
                       : NULL;
    }
    return NULL;
}

/* Surely older than the hole? */
static bool before(const struct build *b, const struct build *affected_from)
{
    bool known;
    return affected_from->part[0] >= 0 && known_cmp(b, affected_from, &known) < 0 && known;
}

static struct decision by_rows(const struct table_product *p, const struct fix_list *list,
                               const struct build *b)
{
    const struct fix *highest = list->fix[list->n - 1], *same = NULL, *next = NULL, *lower;
    if (before(b, &list->affected_from))
        return answer(EXPOSURE_FIXED, WHY_NOT_YET, NULL);
    for (size_t i = 0; i < list->n; i++) {
        int by = line_cmp(p->facts, b, &list->fix[i]->build);
        if (by == 0)
            same = list->fix[i]; /* where sources disagree, the higher one counts */
        if (by < 0 && !next)
            next = list->fix[i];
    }
    if (same && before(b, &same->affected_from)) /* its own line knows best */
        return answer(EXPOSURE_FIXED, WHY_NOT_YET, NULL);
    if (same)
        return in_line(p, b, same);
    if (line_cmp(p->facts, b, &highest->build) > 0)
        return answer(EXPOSURE_FIXED, WHY_LATER_LINE, highest);
    if ((lower = inherited(p, list, b)))
        return answer(EXPOSURE_FIXED, WHY_INHERITED, lower);
    return answer(EXPOSURE_EXPOSED, WHY_LINE_NO_FIX, next);
}

struct decision decide_build(const struct tables *t, const struct table_product *p,
                             const struct build *b, enum precision precision, uint32_t cve)
{
    if (!p)
        return answer(EXPOSURE_UNKNOWN, WHY_UNKNOWN_BUILD, NULL);
    const struct fix_list *list = tables_fixes(p, cve);
    unsigned line = line_numbers(p->facts);
    struct build at = *b;
    if (!list)
        return without_rows(t, p, cve);
    if (precision < PRECISION_SU)
        at.part[3] = -1;
    if (precision < PRECISION_CU || at.part[line - 1] < 0)
        return answer(EXPOSURE_UNKNOWN, WHY_NO_BUILD, list->fix[list->n - 1]);
    if (precision < PRECISION_SU && line == USUAL_LINE && !released(p, &at))
        return answer(EXPOSURE_UNKNOWN, WHY_NO_RELEASE, list->fix[list->n - 1]);
    struct decision d = by_rows(p, list, &at);
    /* Where no number names a cumulative update, a coarse source proves what is lacking, no fix. */
    if (precision < PRECISION_SU && line < USUAL_LINE && d.why == WHY_HAS_FIX)
        return answer(EXPOSURE_UNKNOWN, WHY_COARSE, d.fix);
    return d;
}

/* --- in words --- */

static void add_fix(struct buf *out, const struct fix *fix)
{
    build_add(out, &fix->build);
    buf_printf(out, " (%.*s)", STR_FMT(fix->update));
}

/* What a list says of its own row: a source that differs, or that it is to be verified. */
static void add_note(struct buf *out, const struct fix *fix)
{
    if (fix->note.n)
        buf_printf(out, " [%.*s]", STR_FMT(fix->note));
}

static void add_newer(struct buf *out, const struct tables *t, const struct table_product *p,
                      const struct build *b)
{
    if (!unknown_line(p, b) || t->as_of_us == TIME_NONE)
        return;
    char day[32];
    buf_puts(out, "; the build is newer than the tables of ");
    buf_puts(out, time_short(t->as_of_us, false, day));
}

void decide_why(struct buf *out, const struct tables *t, const struct table_product *p,
                const struct build *b, enum precision precision, const struct decision *d)
{
    static const char *const parts[PRECISIONS] = {"nothing", "the product", "the cumulative update",
                                                  "the build"};
    switch (d->why) {
    case WHY_NOT_NAMED: buf_puts(out, "the product is not named"); break;
    case WHY_UNSUPPORTED:
        buf_printf(out,
                   "%.*s was out of support when it was published: nobody said whether it is "
                   "open",
                   STR_FMT(p->name));
        break;
    case WHY_UNKNOWN_BUILD: buf_puts(out, "no product of the tables has this build"); break;
    case WHY_NO_BUILD:
        if (precision == PRECISION_NONE)
            buf_puts(out, "no source tells its build");
        else
            buf_printf(out, "the source shows %s alone", parts[precision]);
        break;
    case WHY_NO_RELEASE:
        buf_printf(out, "the source shows %s alone, and no release has that number",
                   parts[precision]);
        add_newer(out, t, p, b);
        break;
    case WHY_COARSE:
        buf_printf(out, "the source shows %s, but the update decides: fixed from ",
                   parts[precision]);
        add_fix(out, d->fix);
        buf_puts(out, " on");
        break;
    case WHY_BORN_FIXED: buf_puts(out, "the product was released with the fix"); break;
    case WHY_NOT_YET: buf_puts(out, "the hole came with a later version"); break;
    case WHY_LATER_LINE:
        buf_puts(out, "later than the newest fix, ");
        add_fix(out, d->fix);
        add_newer(out, t, p, b);
        break;
    case WHY_INHERITED:
        buf_puts(out, "released after the fix of an earlier line, ");
        add_fix(out, d->fix);
        break;
    case WHY_HAS_FIX:
        buf_puts(out, "holds the fix of ");
        add_fix(out, d->fix);
        add_note(out, d->fix);
        break;
    case WHY_BELOW_FIX:
        buf_puts(out, "below the fix, ");
        add_fix(out, d->fix);
        add_note(out, d->fix);
        break;
    case WHY_LINE_NO_FIX:
        buf_puts(out, "no update of this release has the fix");
        if (d->fix) {
            buf_puts(out, "; the next that has it is ");
            add_fix(out, d->fix);
        }
        break;
    case WHYS: break;
    }
}
