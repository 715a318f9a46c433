#include "watch/backtest_priv.h"

#include <stdlib.h>

static enum err add_row(struct backtest *b, const struct replay *r, const bool *take,
                        struct without_row row)
{
    struct scoring scoring;
    struct thresholds s = {0};
    double *score = calloc(r->sample.n + 1, sizeof *score);
    enum err rc = score ? backtest_score(b, r, take, &scoring, score) : ERR_NOMEM;
    if (!rc)
        rc = thresholds_make(r, &b->judge, score, b->test, &s);
    if (!rc) {
        row.tally = thresholds_at(&s, b->options.alerts_per_week * b->weeks);
        row.tally_5 = thresholds_at(&s, 5 * b->weeks);
        rc = vec_push(&b->without, row, 256);
    }
    thresholds_done(&s);
    free(score);
    return rc;
}

static enum err groups(struct backtest *b)
{
    bool take[SIGNALS];
    for (int g = GROUP_NONE + 1; g < SIGNAL_GROUPS; g++) {
        struct without_row row = {.kind = STR("group"),
                                  .name = str_of(signal_group_name((enum signal_group)g))};
        signal_columns((enum signal_group)g, GROUP_NONE, take);
        TRY(add_row(b, &b->replay, take, row));
        row.kind = STR("group alone");
        signal_columns(GROUP_NONE, (enum signal_group)g, take);
        TRY(add_row(b, &b->replay, take, row));
    }
    return OK;
}

/* The replay again, as if a source had never been. */
static enum err leave(struct backtest *b, enum leave what, uint32_t which, struct without_row row)
{
    struct replay r = {.corpus = b->corpus,
                       .labels = b->labels,
                       .any_age = b->options.any_age,
                       .unlisted = b->options.unlisted,
                       .leave = what,
                       .left = which};
    enum err rc = replay_run(&r);
    if (!rc)
        rc = add_row(b, &r, NULL, row);
    replay_done(&r);
    return rc;
}

/* The site with most mentions that was not taken yet; false if none is left. */
static bool largest(const uint64_t *mentions, size_t n, uint64_t below, size_t behind,
                    size_t *ret_site)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        bool left = mentions[i] < below || (mentions[i] == below && i > behind);
        if (mentions[i] == 0 || !left || (any && mentions[i] <= mentions[*ret_site]))
            continue;
        *ret_site = i;
        any = true;
    }
    return any;
}

static enum err sites(struct backtest *b)
{
    const struct corpus *c = b->corpus;
    uint64_t *n = calloc(c->site.n + 1, sizeof *n), below = UINT64_MAX;
    enum err rc = n ? OK : ERR_NOMEM;
    for (size_t i = 0; n && i < c->mention.n; i++)
        n[c->voice.v[c->mention.v[i].voice].site]++;
    size_t site = SIZE_MAX, behind = SIZE_MAX;
    for (int k = 0; !rc && k < BACKTEST_SOURCES && largest(n, c->site.n, below, behind, &site);
         k++) {
        struct without_row row = {
            .kind = STR("site"), .name = c->site.v[site], .mentions = n[site]};
        rc = leave(b, LEAVE_SITE, (uint32_t)site, row);
        below = n[site];
        behind = site;
    }
    free(n);
    return rc;
}

static enum err files(struct backtest *b)
{
    const struct corpus *c = b->corpus;
    for (size_t f = 0; c->file.n > 1 && f < c->file.n && f < BACKTEST_SOURCES; f++) {
        struct without_row row = {.kind = STR("file"), .name = c->file.v[f]};
        for (size_t i = 0; i < c->mention.n; i++)
            row.mentions += c->mention.v[i].file == f;
        TRY(leave(b, LEAVE_FILE, (uint32_t)f, row));
    }
    return OK;
}

enum err backtest_without(struct backtest *b)
{
    struct without_row row = {.kind = STR("class"), .name = STR("regular")};
    TRY(groups(b));
    TRY(leave(b, LEAVE_CLASS, VOICE_REGULAR, row));
    row.name = STR("crowd");
    TRY(leave(b, LEAVE_CLASS, VOICE_CROWD, row));
    TRY(files(b));
    return sites(b);
}
