/* backtest_answer.h — a backtest's answer, in its three forms.
 *
 * What:   JSON Lines, one Markdown document, a page for a terminal; the same figures in each.
 * Input:  names of sites and files may be hostile: escaped here.
 * Limits: the sink's.
 * Owner:  the caller.
 * Spec:   docs/reference/backtest.md
 */
#ifndef CLI_BACKTEST_ANSWER_H
#define CLI_BACKTEST_ANSWER_H

#include "base/hash.h"
#include "output/sink.h"
#include "watch/backtest.h"

/* A file that was read; a pipe has no hash. */
struct backtest_input {
    struct str file;
    bool labels, hashed;
    uint64_t bytes;
    char sha256[SHA256_HEX + 1];
};

struct backtest_answer {
    const struct backtest *backtest;
    struct arena *arena;
    const struct backtest_input *input;
    size_t n_inputs;
    const char *version;
    char config[SHA256_HEX + 1];
    uint64_t bytes, gaps, undated, future, ancient;
    bool ascii;
};

void backtest_json(const struct backtest_answer *a, struct sink *sink);
void backtest_page(const struct backtest_answer *a, struct sink *sink, bool markdown);
/* "2022-12-31" */
struct str backtest_day(const struct backtest_answer *a, int32_t day);

#endif
