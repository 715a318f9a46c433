/* match/repeat_priv.h — what the parts of repeat share: cutting, learning, looking up.
 *
 * What:   the state; a chunk's cells (repeat_cut.c), which of them repeat (repeat_learn.c).
 * Input:  hostile text.
 * Limits: those of repeat.h.
 * Owner:  repeat.c.
 * Spec:   docs/internals/MATCH.md, "Cells that repeat"
 */
#ifndef MATCH_REPEAT_PRIV_H
#define MATCH_REPEAT_PRIV_H

#include "match/repeat.h"

enum {
    CHUNK_BYTES = 64 * 1024, /* offsets in it fit uint16_t */
    MAX_CELLS = 256,         /* of a line */
    MAX_RANGES = 12,
    MIN_RANGE_BYTES = 12, /* below, searching is cheaper than asking, but for the judge */
    MIN_GROUP_BYTES = 24,
    MAX_GROUP_BYTES = 2048,
    MAX_SPOTS = 32, /* of one group */
    SAMPLE_LINES = 256,
    MIN_SAMPLE = 32,
    WAYS = 2,
    SEEN_SLOTS = 16 * 1024,
    MAX_WAIT = 64, /* chunks */
};

struct seen_spot {
    uint32_t literal;
    uint16_t range, end; /* the end counts from the start of the range */
};

/* The cells of a group, and what was found in them. */
struct seen {
    uint64_t hash;
    const char *p; /* range behind range; of fresh ones the chunk's line */
    const struct seen_spot *spot;
    uint32_t n;
    uint16_t n_spots;
    uint8_t group; /* a text may be chosen so that it has the same hash in two groups */
    bool idle;
    uint32_t fresh; /* 0: searched; else its number in the chunk */
};

/* Neighbouring cells first .. behind - 1 of a line. */
struct range {
    uint16_t first, behind, group;
};

/* Ranges that are looked up together. */
struct group {
    uint32_t asked, new; /* since it was last judged */
};

/* A line begins at `from`; its cells end at cut[first ..], where the next ones begin: a cell holds
 * the cut before it. */
struct line {
    uint32_t from, first;
};

/* Where a stretch of raw text comes from. */
struct run {
    uint32_t raw, text;
};

/* What has to be searched, put together. */
struct raw {
    const struct lit_set *set; /* for what */
    char *p;
    size_t n;
    struct run *run; /* none is empty: CHUNK_BYTES are enough */
    size_t n_runs;
    struct lit_spots spots;
    size_t merged;
};

struct repeat {
    const struct lit_set *set;
    struct lit_set *rest; /* what matters beside known cells; NULL: not made */
    char cuts[2];
    uint16_t n_cells; /* of the lines that the ranges are for */
    struct range range[MAX_RANGES];
    size_t n_ranges, n_groups;
    struct group group[MAX_RANGES];
    uint32_t lines, fitting; /* since they were last judged */
    unsigned wait, patience; /* chunks until ranges are looked for again */
    unsigned chunks;         /* since the ranges were found */
    struct seen *seen;
    bool filled; /* some of them are in use */
    char *store;
    size_t stored;
    unsigned turn; /* which of two ways is given up next */
    uint64_t meaning;
    /* of the text at hand */
    const struct repeat_judge *judge;
    bool marked; /* a line of it may change what cells mean */
    /* of the chunk at hand */
    struct str text;
    uint16_t *cut; /* where cuts and line ends stand */
    uint32_t *end; /* which of them are line ends */
    size_t n_ends;
    bool empties, drops; /* some cells are empty; idle spots are left out */
    struct raw raw[2];   /* of lines with new cells; beside cells that are all known */
    VEC(struct fresh) fresh;
    struct lit_spots known, searched;
    struct str cell[MAX_CELLS]; /* for the judge */
};

struct fresh {
    struct line line;
    uint32_t group;
    struct seen *seen;
};

static inline struct str range_text(const struct repeat *r, struct line line,
                                    const struct range *range)
{
    size_t from = range->first ? r->cut[line.first + range->first - 1u] : line.from;
    return str_make(r->text.p + from, r->cut[line.first + range->behind - 1u] - from);
}

/* The line behind the one that ends at cut[end]. */
static inline struct line line_behind(const struct repeat *r, size_t end)
{
    return (struct line){r->cut[end] + 1u, (uint32_t)end + 1};
}

static inline uint64_t eight(const char *p)
{
    uint64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 m = (unsigned __int128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* 16 bytes at a time; of what is left the first and the last bytes, which may overlap. A bad hash
 * costs time only. */
static inline uint64_t hash_more(struct str s, uint64_t hash)
{
    uint64_t a = hash ^ s.n * 0x9e3779b97f4a7c15u, b = 0;
    size_t i = 0;
    for (; i + 16 < s.n; i += 16) {
        a = mix(a ^ eight(s.p + i), 0xd6e8feb86659fd93u);
        b = mix(b ^ eight(s.p + i + 8), 0xa0761d6478bd642fu);
    }
    if (s.n >= 8) {
        a ^= eight(s.p + (s.n - i > 8 ? i : s.n - 8));
        b ^= eight(s.p + s.n - 8);
    } else {
        for (; i < s.n; i++)
            b = b << 8 | (unsigned char)s.p[i];
    }
    return mix(a ^ 0xe7037ed1a0b428dbu, b ^ 0x8ebc6af09c88c6e3u);
}

/* Fills cut and end. */
void repeat_cut(struct repeat *r);
/* Finds ranges and groups in the chunk that was cut, or none. */
void repeat_learn(struct repeat *r);
/* Gives up groups that are mostly new, and all of them where lines are of another shape. */
void repeat_relearn(struct repeat *r);
/* What is remembered goes by ranges and by what cells mean. */
void repeat_forget(struct repeat *r);

#endif
