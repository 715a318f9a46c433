/* exposure/fleet.h — the hosts, and all that was observed of them, small enough for a million.
 *
 * What:   keeps observations by host. A short name and the one full name that begins with it are
 *         one host.
 * Input:  observations from hostile files.
 * Limits: FLEET_HOSTS_MAX hosts, FLEET_SEEN_MAX observations; beyond them fleet_add is ERR_LIMIT.
 * Owner:  fleet_init/fleet_done; texts are copied.
 * Spec:   docs/internals/EXPOSURE.md
 */
#ifndef EXPOSURE_FLEET_H
#define EXPOSURE_FLEET_H

#include "base/map.h"
#include "base/vec.h"
#include "exposure/tables.h"

enum { FLEET_HOSTS_MAX = 4000000, FLEET_SEEN_MAX = 16000000 };
#define FLEET_NONE UINT32_MAX

/* An observation, packed. Texts are numbers of the fleet's words. */
struct seen {
    int64_t time_us;
    struct build build;
    uint32_t next; /* of the same host, in order of arrival; FLEET_NONE */
    uint32_t file, line;
    uint32_t what; /* setting, mitigation, sign; product as written, if no table knows it */
    uint32_t source;
    uint32_t cve;     /* of the tables; FLEET_NONE: none, or not in them */
    uint16_t product; /* of the tables + 1; 0: unknown */
    uint8_t kind, precision;
    bool off;
};

struct host {
    struct str name; /* as first spelled; of two spellings the longer one */
    uint32_t first, last;
    uint32_t site, owner; /* words; FLEET_NONE */
    uint8_t facing;
    bool merged; /* into another one */
};

struct fleet {
    const struct tables *tables;
    struct arena arena; /* of hosts */
    struct arena words; /* of words: they outlive fleet_clear */
    VEC(struct host) host;
    VEC(struct seen) seen;
    VEC(struct str) word;
    struct map by_name, by_word;
};

void fleet_init(struct fleet *f, const struct tables *tables, size_t max_bytes);
void fleet_done(struct fleet *f);
/* Forgets hosts and observations, not words. */
void fleet_clear(struct fleet *f);
MUST_CHECK enum err fleet_add(struct fleet *f, const struct observation *o);
/* What follows from an observation of a host: another one, of the same time and place. */
MUST_CHECK enum err fleet_follow(struct fleet *f, struct host *h, const struct seen *from,
                                 const struct observation *what);
/* Behind the last one: joins short and full names, and lets what a scanner says stand for a build
 * where none is told (PRECISION_NONE). */
MUST_CHECK enum err fleet_join(struct fleet *f);
bool fleet_knows(const struct fleet *f, struct str host);
/* Is that a name of the host: its own in any spelling, or a short one that was joined to it? */
bool fleet_is_called(const struct fleet *f, const struct host *h, struct str name);
/* A host was asked for its build, and nothing was learnt: it stands for a build only as long as
 * nothing else does. */
static inline bool seen_nothing(const struct seen *s)
{
    return s->kind == OBSERVED_BUILD && s->precision == PRECISION_NONE && !s->product &&
           s->what == FLEET_NONE;
}
/* STR_NONE for FLEET_NONE. */
struct str fleet_word(const struct fleet *f, uint32_t word);

#endif
