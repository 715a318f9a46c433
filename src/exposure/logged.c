#include "exposure/exposure_priv.h"

#include "base/time.h"

/* Builds in logs make the patch timeline of a server, to the day, from copies alone. */

/* Of exactly that build, a day early: clocks and zones differ. TIME_NONE: no table has it. */
static int64_t earliest_release(const struct table_product *p, const struct build *b)
{
    for (size_t i = 0; i < p->n_builds; i++)
        if (!build_cmp(&p->build[i]->build, b) && p->build[i]->released_us != TIME_NONE)
            return p->build[i]->released_us - US_PER_DAY;
    return TIME_NONE;
}

bool exposure_too_early(const struct exposure_run *run, const struct build *b, int64_t time_us)
{
    const struct table_product *p = tables_by_build(&run->tables, b);
    int64_t released = p ? earliest_release(p, b) : TIME_NONE;
    return released != TIME_NONE && time_us != TIME_NONE && time_us < released;
}

static enum precision precision_of(const struct exposure_run *run, const struct build_span *span,
                                   const struct build *b)
{
    const struct table_product *p = tables_by_build(&run->tables, b);
    if (!build_exact(b))
        return b->part[2] >= 0 ? PRECISION_CU : PRECISION_PRODUCT;
    if (!p)
        return PRECISION_SU;
    return p->facts->exact_to_cu || exposure_too_early(run, b, span->first_us) ? PRECISION_CU
                                                                               : PRECISION_SU;
}

enum err exposure_logged(struct exposure_run *run, const struct build_span *span)
{
    struct observation o = {.kind = OBSERVED_BUILD,
                            .host = span->host,
                            .source = span->kind,
                            .file = span->file,
                            .time_us = span->first_us};
    if (!span->host.n || span->first_us == TIME_NONE || !build_parse(span->build, &o.build))
        return OK;
    o.precision = precision_of(run, span, &o.build);
    TRY(exposure_observe(run, &o));
    o.time_us = span->last_us;
    return span->last_us == span->first_us ? OK : exposure_observe(run, &o);
}
