#include "match/repeat_priv.h"

struct sample {
    struct line line[SAMPLE_LINES];
    size_t n;
};

/* The lines of the most frequent number of cells. */
static void take_sample(struct repeat *r, struct sample *ret)
{
    uint16_t of[MAX_CELLS + 1] = {0};
    struct line line = {0, 0};
    size_t n = r->n_ends < SAMPLE_LINES ? r->n_ends : SAMPLE_LINES;
    ret->n = 0;
    r->n_cells = 0;
    for (size_t i = 0; i < n; line = line_behind(r, r->end[i++])) {
        size_t cells = r->end[i] - line.first + 1;
        if (cells <= MAX_CELLS && ++of[cells] > of[r->n_cells])
            r->n_cells = (uint16_t)cells;
    }
    line = (struct line){0, 0};
    for (size_t i = 0; i < n; line = line_behind(r, r->end[i++]))
        if (r->end[i] - line.first + 1 == r->n_cells)
            ret->line[ret->n++] = line;
}

/* Do these ranges together come again? Of the later half of the sample two thirds were seen in the
 * earlier one: not so the time, however many rows share a second. */
static bool come_again(const struct repeat *r, const struct sample *s, const struct range *range,
                       size_t n)
{
    uint64_t table[2 * SAMPLE_LINES] = {0};
    size_t earlier = s->n / 2, new = 0;
    for (size_t i = 0; i < s->n; i++) {
        uint64_t hash = 0;
        for (size_t k = 0; k < n; k++)
            hash = hash_more(range_text(r, s->line[i], &range[k]), hash);
        hash |= 1;
        size_t at = hash >> 32 & (ARRAY_LEN(table) - 1);
        while (table[at] && table[at] != hash)
            at = (at + 1) & (ARRAY_LEN(table) - 1);
        if (i < earlier)
            table[at] = hash;
        else
            new += !table[at];
        if (new > (s->n - earlier) / 3)
            return false;
    }
    return true;
}

static bool is_worth_it(const struct repeat *r, const struct sample *s, const struct range *range)
{
    size_t bytes = 0;
    for (size_t k = 0; k < s->n; k++)
        bytes += range_text(r, s->line[k], range).n;
    for (size_t c = range->first; r->judge && c < range->behind; c++)
        if (r->judge->cells == r->n_cells && r->judge->asks[c])
            return true;
    return bytes >= s->n * MIN_RANGE_BYTES;
}

/* From the left, as many neighbours together as still repeat. */
static void find_ranges(struct repeat *r, const struct sample *s)
{
    r->n_ranges = 0;
    for (size_t first = 0, behind; r->n_ranges < MAX_RANGES && first < r->n_cells; first = behind) {
        struct range range = {(uint16_t)first, (uint16_t)(first + 1), (uint16_t)r->n_ranges};
        behind = first + 1;
        if (!come_again(r, s, &range, 1))
            continue;
        while (behind < r->n_cells &&
               (range.behind = (uint16_t)(behind + 1), come_again(r, s, &range, 1)))
            behind++;
        range.behind = (uint16_t)behind;
        if (is_worth_it(r, s, &range))
            r->range[r->n_ranges++] = range;
    }
    r->n_groups = r->n_ranges;
}

/* Two groups are one if they come again together: one question instead of two, and the
 * judge sees more of the line. */
static bool join(struct repeat *r, const struct sample *s, uint16_t a, uint16_t b)
{
    struct range both[MAX_RANGES];
    size_t n = 0;
    for (size_t i = 0; i < r->n_ranges; i++)
        if (r->range[i].group == a || r->range[i].group == b)
            both[n++] = r->range[i];
    if (!come_again(r, s, both, n))
        return false;
    for (size_t i = 0; i < r->n_ranges; i++) {
        if (r->range[i].group == b)
            r->range[i].group = a;
        r->range[i].group -= r->range[i].group > b;
    }
    r->n_groups--;
    return true;
}

static void drop_group(struct repeat *r, uint16_t group)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->n_ranges; i++) {
        struct range range = r->range[i];
        if (range.group == group)
            continue;
        range.group -= range.group > group;
        r->range[kept++] = range;
    }
    r->n_ranges = kept;
    r->n_groups--;
    for (size_t i = group; i < r->n_groups; i++)
        r->group[i] = r->group[i + 1];
    repeat_forget(r);
}

static size_t group_bytes(const struct repeat *r, const struct sample *s, uint16_t group)
{
    size_t bytes = 0;
    for (size_t i = 0; i < r->n_ranges; i++)
        for (size_t k = 0; r->range[i].group == group && k < s->n; k++)
            bytes += range_text(r, s->line[k], &r->range[i]).n;
    return bytes;
}

static void find_groups(struct repeat *r)
{
    UNCLEARED struct sample s;
    take_sample(r, &s);
    r->n_ranges = r->n_groups = 0;
    r->lines = r->fitting = 0;
    repeat_forget(r);
    if (s.n < MIN_SAMPLE)
        return;
    find_ranges(r, &s);
    for (uint16_t a = 0; a < r->n_groups; a++)
        for (uint16_t b = a + 1; b < r->n_groups;)
            b += !join(r, &s, a, b);
    memset(r->group, 0, sizeof r->group);
    for (uint16_t g = 0; g < r->n_groups;)
        if (group_bytes(r, &s, g) < s.n * MIN_GROUP_BYTES)
            drop_group(r, g); /* a method and a port alone spare nothing */
        else
            g++;
}

/* Without groups the next chunks are searched plainly, the more of them the longer it lasts. */
static void rest_if_none(struct repeat *r)
{
    r->wait = r->n_groups ? 0 : r->patience;
    if (!r->n_groups && r->patience < MAX_WAIT)
        r->patience *= 2;
}

/* Groups of which half is new cost more than they spare; lines of another shape have none. */
void repeat_relearn(struct repeat *r)
{
    for (uint16_t i = 0; i < r->n_groups;) {
        struct group *g = &r->group[i];
        bool judge = g->asked >= 4 * SAMPLE_LINES;
        if (judge && g->new > g->asked / 2) {
            drop_group(r, i);
            continue;
        }
        if (judge)
            g->asked = g->new = 0;
        i++;
    }
    if (r->lines >= SAMPLE_LINES) {
        if (r->lines > 2 * r->fitting)
            r->n_groups = r->n_ranges = 0;
        else
            r->patience = 1;
        r->lines = r->fitting = 0;
    }
    rest_if_none(r);
}

void repeat_learn(struct repeat *r)
{
    find_groups(r);
    rest_if_none(r);
}
