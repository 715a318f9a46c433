/* watch_run.h — what the files of `tocsin watch` share.
 *
 * What:   a run: its options, its output, and how a round of it is told.
 * Input:  none of its own.
 * Limits: none.
 * Owner:  cmd_watch.c owns the run.
 * Spec:   docs/reference/watch.md
 */
#ifndef CLI_WATCH_RUN_H
#define CLI_WATCH_RUN_H

#include "cli/case_take.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "watch/deliver.h"
#include "watch/watch.h"

struct watch_values {
    bool json, rss, stix, misp, once, allow_private, new_terms;
    struct str map, format, state, ack, mute, reason, draft, about, follow, proxy, channels, spool,
        interest, case_file;
    struct str_list assets, lexicon, own, warning_list, epss, kev;
    int64_t until_us;
    uint64_t per_week, pages, every, top, warm_up, least_threads, least_sites, least_voices;
};

struct run {
    struct cli *cli;
    const struct watch_values *values;
    const struct assets *assets; /* NULL: none were given */
    struct channels channels;    /* n == 0: nothing is sent */
    struct arena lexicons;       /* their texts */
    struct out out;
    struct case_take take;
    const struct str_list *inputs;
    uint64_t gaps;   /* inputs, or parts of them, that were not read */
    uint64_t alerts; /* told so far */
    double started_s;
    const volatile sig_atomic_t *interrupted;
};

/* Tells the alerts that came up since the last round. */
MUST_CHECK enum err run_tell(struct run *r, struct watch *w, struct error *error);
/* watch_tell.c as well: sites that fell silent, and the summary; what was written goes out. */
MUST_CHECK enum err run_summarise(struct run *r, const struct watch *w, struct error *error);
/* watch_course.c: how the subjects of these alerts went, into the case. */
MUST_CHECK enum err run_courses(struct run *r, struct watch *w, const struct alert *alert, size_t n,
                                struct error *error);
/* watch_assets.c: the assets, into the case; a failure stays in its sink. */
void run_assets(struct run *r);
/* watch_send.c: the draft of --draft; alerts into the spool; what is due is sent. */
MUST_CHECK enum err run_draft(struct run *r, const struct alert *alert, size_t n,
                              struct error *error);
MUST_CHECK enum err run_post(struct run *r, struct watch *w, const struct alert *alert, size_t n,
                             struct error *error);
MUST_CHECK enum err run_send(struct run *r, struct watch *w, struct error *error);
/* Polls the feeds of --follow until it is interrupted, or once. END when interrupted. */
MUST_CHECK enum err run_follow(struct run *r, struct watch *w, struct error *error);
/* --ack and --mute. */
enum status run_say(struct run *r);
/* cmd_watch.c: what a run starts from, and what it could not read. */
MUST_CHECK enum err run_load_lexicon(struct run *r, struct lexicon *lexicon, struct error *error);
MUST_CHECK enum err run_parse_map(struct run *r, struct post_map *ret_map, struct error *error);
unsigned run_year_max(int64_t now_us);
MUST_CHECK enum err run_gap(void *ctx, const struct errand_gap *gap);
/* Terms of each week that nobody listed. END when interrupted. */
MUST_CHECK enum err run_terms(struct run *r, const struct io_tree *tree, struct error *error);
/* Who showed interest in the subject of --interest within a year, where, and in what way. */
MUST_CHECK enum err run_ledger(struct run *r, struct error *error);

#endif
