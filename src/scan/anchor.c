#include "scan/program.h"

#include "base/limits.h"
#include "base/utf.h"
#include "match/fold.h"

/* From a literal in a view's text to one in the raw line. A view may have been URL-decoded,
 * unquoted or had blanks put in, so only characters that survive all that may stay together:
 * letters, digits, "-._~" always; the other signs of a URL at most MAX_RESERVED times, because
 * each of them is looked for plain and percent-encoded. */
enum { MAX_RESERVED = 2, MIN_LITERAL = 3, MAX_LITERAL = 40, RARE_ENOUGH = 50 };

static bool unreserved(unsigned char c)
{
    return ascii_digit(c) || ascii_alpha(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* Never part of an anchor: quotes and backslashes (escaped in many ways), controls and all that is
 * not ASCII; in a view that is not the text as logged also blanks, commas and "+" (each may stand
 * for another) and "%". */
static bool breaks(unsigned char c, bool as_logged)
{
    if (c < ' ' || c >= 0x7f || c == '"' || c == '\'' || c == '\\')
        return true;
    return !as_logged && (c == ' ' || c == '+' || c == ',' || c == '%');
}

/* How many bytes at s[at] stand in the line as they are, 0: none. Rows of events hold values as
 * they are, though in another case; a key there is put together from parts. */
static size_t stays(const struct kind_def *kind, struct str s, size_t at, bool as_logged)
{
    unsigned char c = (unsigned char)s.p[at];
    size_t n;
    if (!kind->rows)
        return !breaks(c, as_logged);
    if (c < 0x80)
        return c >= ' ' && (as_logged || c != '\\');
    int32_t foreign = utf8_next(s, at, &n);
    return foreign >= 0x80 && fold_caseless((uint32_t)foreign) ? n : 0;
}

/* A number says little: it stands in sizes, times and ids everywhere. */
static bool all_digits(struct str run)
{
    for (size_t i = 0; i < run.n; i++)
        if (!ascii_digit((unsigned char)run.p[i]))
            return false;
    return true;
}

bool common_of_kind(const struct common_line *c, const struct kind_def *kind)
{
    return str_eq(c->family, STR("*")) || str_eq(c->family, kind->family);
}

static uint32_t three_at(const char *p)
{
    uint32_t bytes = (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
                     (uint32_t)(unsigned char)p[2] << 16;
    return bytes * UINT32_C(0x9e3779b1) >> 16;
}

/* false: no example holds the run, which is so for nearly all of them. */
static bool may_be_common(const struct ruleset *set, struct str run)
{
    for (size_t i = 0; i + 3 <= run.n; i++) {
        uint32_t three = three_at(run.p + i);
        if (!(set->common_threes[three / 64] >> (three % 64) & 1))
            return false;
    }
    return true;
}

double anchor_cost(const struct ruleset *set, const struct kind_def *kind, struct str run)
{
    char low[MAX_LITERAL];
    run = str_sub(run, 0, sizeof low);
    double cost = 3e6;
    ascii_lower_all(low, run.p, run.n);
    run.p = low;
    for (size_t i = 0; i < run.n && i < 10; i++)
        cost /= 8;
    if (all_digits(run))
        cost += run.n <= 3 ? 20e3 : 5e3;
    size_t n = may_be_common(set, run) ? set->n_common : 0;
    for (size_t i = 0; i < n; i++) {
        const struct common_line *c = &set->common[i];
        if (common_of_kind(c, kind) && str_has(c->line, run))
            cost += c->weight;
    }
    return cost;
}

static void consider(const struct ruleset *set, const struct kind_def *kind, struct str run,
                     struct str *best, double *best_cost)
{
    if (run.n < MIN_LITERAL)
        return;
    if (run.n > MAX_LITERAL)
        run = str_sub(run, 0, MAX_LITERAL);
    double cost = anchor_cost(set, kind, run);
    if (!best->p || cost < *best_cost) {
        *best = run;
        *best_cost = cost;
    }
}

/* All stretches of a run without breaks that hold at most max_reserved reserved signs. */
static void consider_run(const struct ruleset *set, const struct kind_def *kind, struct str run,
                         size_t max_reserved, struct str *best, double *best_cost)
{
    for (size_t from = 0; from < run.n;) {
        size_t reserved = 0, to = from, next = run.n;
        for (; to < run.n; to++) {
            if (unreserved((unsigned char)run.p[to]))
                continue;
            if (next == run.n)
                next = to + 1;
            if (reserved++ == max_reserved)
                break;
        }
        consider(set, kind, str_sub(run, from, to), best, best_cost);
        from = next;
    }
}

/* Fewer reserved signs mean fewer spellings to look for: more of them only while what there is
 * without them is common. */
static void consider_few(const struct ruleset *set, const struct kind_def *kind, struct str run,
                         size_t max_reserved, struct str *best, double *best_cost)
{
    size_t first = max_reserved <= MAX_RESERVED ? 0 : max_reserved;
    for (size_t allowed = first; allowed <= max_reserved; allowed++) {
        consider_run(set, kind, run, allowed, best, best_cost);
        if (best->p && *best_cost < RARE_ENOUGH)
            return;
    }
}

bool anchor_of(const struct ruleset *set, const struct kind_def *kind, uint16_t view,
               struct str literal, struct str *ret_raw, double *ret_cost)
{
    size_t max_reserved = MAX_LITERAL;
    bool as_logged = true;
    if (view < kind->n_views) {
        enum how how = kind->view[view].how;
        if (how == HOW_CAFE || how == HOW_BUILD || how == HOW_CLIENT || how == HOW_CODED)
            return false;
        if (how_decodes(how))
            max_reserved = MAX_RESERVED;
        as_logged = how == HOW_RAW || how == HOW_RAWURL || how == HOW_RAWQUERY;
        if (how == HOW_URL || how == HOW_PLAINURL || how == HOW_RAWURL) {
            /* The "?" between stem and query is a blank, a comma or a quote in the line. */
            ptrdiff_t mark = str_chr(literal, '?');
            if (mark >= 0) {
                struct str a = STR_NONE, b = STR_NONE;
                double ca = 0, cb = 0;
                bool has_a = anchor_of(set, kind, view, str_sub(literal, 0, (size_t)mark), &a, &ca);
                bool has_b = anchor_of(set, kind, view,
                                       str_sub(literal, (size_t)mark + 1, literal.n), &b, &cb);
                *ret_raw = has_a && (!has_b || ca <= cb) ? a : b;
                *ret_cost = has_a && (!has_b || ca <= cb) ? ca : cb;
                return has_a || has_b;
            }
        }
    }
    *ret_raw = STR_NONE;
    for (size_t from = 0; from < literal.n;) {
        size_t to = from;
        for (size_t n; to < literal.n && (n = stays(kind, literal, to, as_logged)) > 0;)
            to += n;
        bool hive = kind->rows && !as_logged && str_istarts(str_sub(literal, from, to), STR("hk"));
        if (!hive) /* written otherwise in the row */
            consider_few(set, kind, str_sub(literal, from, to), max_reserved, ret_raw, ret_cost);
        from = to + 1;
    }
    return ret_raw->p != NULL;
}

struct str anchor_of_indicator(const struct ruleset *set, const struct kind_def *kind,
                               struct str literal)
{
    struct str best = STR_NONE;
    double cost = 0;
    consider_few(set, kind, literal, MAX_RESERVED, &best, &cost);
    return best.p ? best : literal;
}

static bool cuts_here(const char *cuts, char c)
{
    return c == '\n' || (c && strchr(cuts, c));
}

/* The end of the part that begins at `from`, perhaps with a cut. */
static size_t part_end(struct str literal, size_t from, const char *cuts)
{
    size_t to = from + (literal.p[from] != '\n');
    while (to < literal.n && !cuts_here(cuts, literal.p[to]))
        to++;
    return to;
}

struct str anchor_in_cell(const struct ruleset *set, const struct kind_def *kind, const char *cuts,
                          struct str literal)
{
    struct str best = STR_NONE;
    double best_cost = 0;
    if (literal.n && part_end(literal, 0, cuts) == literal.n)
        return literal; /* nearly all of them */
    for (size_t from = 0, to; from<literal.n; from = to> from ? to : to + 1) {
        to = part_end(literal, from, cuts);
        struct str part = str_sub(literal, from, to);
        double cost = anchor_cost(set, kind, part);
        if (part.n && (!best.p || cost < best_cost)) {
            best = part;
            best_cost = cost;
        }
    }
    return best;
}

enum err common_lines_load(struct arena *arena, struct str text, struct ruleset *set,
                           struct error *error)
{
    struct str line;
    size_t max = 1;
    for (size_t i = 0; i < text.n; i++)
        max += text.p[i] == '\n';
    set->common = arena_new_n(arena, struct common_line, max);
    if (!set->common)
        return fail(error, ERR_NOMEM, "out of memory");
    while (str_cut(&text, '\n', &line)) {
        struct str weight, family;
        if (line.n == 0 || line.p[0] == '#')
            continue;
        struct common_line *c = &set->common[set->n_common];
        if (!str_cut(&line, ' ', &weight) || !str_cut(&line, ' ', &family) ||
            !str_double(weight, &c->weight) || !line.p)
            return fail(error, ERR_FORMAT, "common-lines.txt: not a weight, a family and a line");
        c->family = family;
        c->line = arena_str(arena, line);
        if (!c->line.p)
            return fail(error, ERR_NOMEM, "out of memory");
        ascii_lower_all((char *)(uintptr_t)c->line.p, line.p, line.n); /* our own copy */
        for (size_t i = 0; i + 3 <= c->line.n; i++) {
            uint32_t three = three_at(c->line.p + i);
            set->common_threes[three / 64] |= UINT64_C(1) << (three % 64);
        }
        set->n_common++;
    }
    return OK;
}
