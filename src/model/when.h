/* model/when.h — the condition under which a step of advice holds.
 *
 * What:   a small total language over the facts of model/fact.h:
 *             host.verdict == compromised and not host.technique has T1003
 *             case.any(host.open in (open, mitigated)) or chatter.alert
 *         It has no loops, no calls but case.any, and no effects: every condition has an answer.
 * Input:  hostile: dossiers are written by others.
 * Limits: WHEN_BYTES of text, WHEN_NODES parts, WHEN_DEPTH brackets and "not"s within each other.
 * Owner:  everything lives in the arena given; the text must outlive it.
 * Spec:   docs/reference/advice.md "Conditions"
 */
#ifndef MODEL_WHEN_H
#define MODEL_WHEN_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/fact.h"

enum { WHEN_BYTES = 4096, WHEN_NODES = 256, WHEN_DEPTH = 32 };

struct when;

/* ERR_FORMAT with the reason; error->offset is the byte at which it went wrong. */
MUST_CHECK enum err when_parse(struct arena *arena, struct str text, struct when **ret_when,
                               struct error *error);
/* Both of them; either may be NULL, which always holds. ret NULL only if both are. */
MUST_CHECK enum err when_both(struct arena *arena, const struct when *a, const struct when *b,
                              const struct when **ret_when);
/* Does it ask for a fact of one host? Else it is about the organisation, and holds once. */
bool when_per_host(const struct when *w);

/* What case.any answered before: it is the same for all hosts. Born zeroed. */
struct when_memo {
    struct {
        const struct when *asked;
        int truth;
        size_t host; /* the first for which it holds */
    } v[64];
    size_t n;
};

/* What it is asked of. */
struct when_world {
    size_t n_hosts;
    void (*value)(void *ctx, size_t host, enum fact f, struct fact_value *ret_value);
    void *ctx;
    struct when_memo *memo; /* NULL: case.any is asked anew for each host */
};
/* Kleene's three values: what rests on something unknown is unknown. */
enum truth { TRUTH_NO, TRUTH_UNKNOWN, TRUTH_YES };
/* host: which one "host." means; of no matter where when_per_host is false. w NULL holds. */
enum truth when_true(const struct when *w, const struct when_world *world, size_t host);
/* In words, why it holds: "the verdict is compromised, T1505.003 was found". Appends. */
void when_say(const struct when *w, const struct when_world *world, size_t host, struct buf *b);

#endif
