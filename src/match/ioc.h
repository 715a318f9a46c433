/* ioc.h — many indicators at once: typed sets, compiled once, asked without allocation.
 *
 * What:   addresses and nets, hashes, domains, file names, agents, URLs and free text, each with
 *         the comparison that its type calls for; and the literals with which a sweep over raw
 *         bytes finds lines worth asking about.
 * Input:  indicators and subjects are hostile. Subjects are field values, raw or URL-decoded: who
 *         has both asks with both.
 * Limits: UINT32_MAX - 1 indicators, and the arena. A lookup costs time by the subject's length,
 *         not by the number of indicators.
 * Owner:  the set lives in the caller's arena, besides three tables that ioc_done frees. It keeps
 *         pointers into the indicators' texts.
 * Spec:   docs/internals/MATCH.md
 *
 * Every question is answered with an index into the array given to ioc_compile: weak, from_us and
 * until_us are there. All comparisons are without ASCII case.
 *
 *   address  equal, or inside the net. "198.51.100.7:443", "[2001:db8::1]:443", zones and mapped
 *            addresses are understood, also a list with commas (X-Forwarded-For)
 *   hash     the same bytes, by length MD5, SHA-1 or SHA-256
 *   domain   equal, or below: evil.example is in www.evil.example, not in notevil.example
 *   name     the last part of a path is equal; where both name the folder above it, that too
 *   agent    the value occurs in the agent; "+" is a blank in both
 *   url      "scheme://host/path": the host is equal and the path begins so, "/path": the path
 *            begins so; both end at a border (end / ? & ; #). Anything else: occurs in host + path
 *            + "?" + query
 *   text     occurs
 */
#ifndef MATCH_IOC_H
#define MATCH_IOC_H

#include "base/arena.h"
#include "model/dossier.h"

struct ioc_set;

enum { IOC_MAX_HITS = 16 };

MUST_CHECK enum err ioc_compile(struct arena *arena, const struct indicator *indicator, size_t n,
                                struct ioc_set **ret_set, struct error *error);
void ioc_done(struct ioc_set *set);
/* Indicators whose value is none of its type (an address that cannot be read, ...): no question
 * will ever find them. */
size_t ioc_rejected(const struct ioc_set *set, const uint32_t **ret_index);
/* How many indicators of the type can be found: to leave out questions that cannot succeed. */
size_t ioc_count(const struct ioc_set *set, enum indicator_type type);

/* Parts of a request; p == NULL where the log has none. stem may hold a whole URL (proxy logs). */
struct ioc_request {
    struct str host, stem, query;
};

/* One hit, the most telling one; *ret_index is set only on true. */
bool ioc_address(const struct ioc_set *set, struct str text, uint32_t *ret_index);
bool ioc_hash(const struct ioc_set *set, struct str hex, uint32_t *ret_index);
bool ioc_domain(const struct ioc_set *set, struct str host, uint32_t *ret_index);
bool ioc_name(const struct ioc_set *set, struct str path, uint32_t *ret_index);
bool ioc_agent(const struct ioc_set *set, struct str agent, uint32_t *ret_index);
bool ioc_url(const struct ioc_set *set, const struct ioc_request *request, uint32_t *ret_index);
bool ioc_text(const struct ioc_set *set, struct str text, uint32_t *ret_index);

/* All hits up to max, most telling first: for indicators with the same value from several sources,
 * nets inside nets, periods of validity. Returns how many were written. INDICATOR_URL takes the
 * subject as a stem or a whole URL. */
size_t ioc_find(const struct ioc_set *set, enum indicator_type type, struct str subject,
                uint32_t *ret_index, size_t max);
size_t ioc_find_url(const struct ioc_set *set, const struct ioc_request *request,
                    uint32_t *ret_index, size_t max);
/* Does this one indicator match? For candidates that a sweep has found. */
bool ioc_check(const struct ioc_set *set, uint32_t index, struct str subject);
bool ioc_check_url(const struct ioc_set *set, uint32_t index, const struct ioc_request *request);
/* The same for a line whose fields are not known: the value stands in it, with borders. */
bool ioc_check_line(const struct ioc_set *set, uint32_t index, struct str line);

/* All addresses of a text of any length, wherever they stand in it: alone, in lists, with ports, in
 * brackets, in URLs, zero-padded. The next one that is listed, at or behind *at, with its hits up
 * to max; *at is then the byte behind it. 0: no further one is. */
size_t ioc_next_address(const struct ioc_set *set, struct str text, size_t *at, uint32_t *ret_index,
                        size_t max);

/* What the raw line of every match must contain, without ASCII case: of a name, URL, agent, text
 * or domain the longest run of characters that logs never encode. text.n == 0: there is none, and
 * only ioc_find can find this indicator. */
struct ioc_literal {
    struct str text;
    uint32_t index;
};
size_t ioc_literals(const struct ioc_set *set, const struct ioc_literal **ret_literals);

static inline bool indicator_valid_at(const struct indicator *i, int64_t time_us)
{
    return time_us == TIME_NONE || ((i->from_us == TIME_NONE || time_us >= i->from_us) &&
                                    (i->until_us == TIME_NONE || time_us < i->until_us));
}

#endif
