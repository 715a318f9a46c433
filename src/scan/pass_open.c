#include "scan/pass.h"

#include <stdlib.h>

/* What the listing told before there was a pass to tell it to. */
struct early_gaps {
    struct arena *arena;
    VEC(struct errand_gap) gap;
};

static enum err keep_gap(void *ctx, const struct errand_gap *gap)
{
    struct early_gaps *early = ctx;
    struct errand_gap own = {arena_str(early->arena, gap->file), gap->offset,
                             arena_str(early->arena, gap->reason),
                             arena_str(early->arena, gap->detail)};
    if (!own.file.p || !own.reason.p || !own.detail.p)
        return ERR_NOMEM;
    enum err rc = vec_push(&early->gap, own, 1000 * 1000);
    return rc == ERR_LIMIT ? OK : rc;
}

static int compare_path(const void *key, const void *item)
{
    return str_cmp(*(const struct str *)key, *(const struct str *)item);
}

static enum err tell_early(struct pass *p, const struct early_gaps *early)
{
    for (size_t i = 0; i < early->gap.n; i++) {
        const struct errand_gap *g = &early->gap.v[i];
        const struct str *path =
            p->n_files ? bsearch(&g->file, p->path, p->n_files, sizeof *p->path, compare_path)
                       : NULL;
        struct pass_gap told = {
            path ? (uint32_t)(path - p->path) : UINT32_MAX,
            {.file = g->file, .offset = g->offset, .reason = g->reason, .detail = g->detail}};
        if (vec_push(&p->gap, told, 1000 * 1000) == ERR_NOMEM)
            return ERR_NOMEM;
    }
    return OK;
}

enum err pass_open(struct pass *p, struct pass_input *input, struct arena *arena,
                   const struct scan_options *options, const struct ruleset *set,
                   struct error *error)
{
    struct early_gaps early = {.arena = arena};
    const struct listing_calls calls = {keep_gap, &early, options->interrupted};
    TRY(io_list(arena, options->paths.v, options->paths.n, &input->tree, error));
    enum err rc = listing_make(arena, &input->tree, &calls, &input->listing, error);
    rc = rc == END ? OK : rc; /* interrupted: so is the pass, as soon as it begins */
    if (!rc)
        rc = pass_init(p, arena, options, set, &input->tree, &input->listing, error);
    if (!rc)
        rc = tell_early(p, &early);
    vec_done(&early.gap);
    return rc;
}
