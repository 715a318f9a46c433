#include "match/yara_needs.h"

#include "base/buf.h"

enum {
    MAX_NEEDS = 1024, /* literals of one string */
    MAX_DEPTH = 64,   /* of groups */
    BRANCHES = 64,    /* of one alternation that are gone into */
    RUN_BYTES = 256,
    SEGMENTS = 24,     /* of a hexadecimal string */
    SHAPES = 16,       /* ways in which one run may go on */
    ENOUGH_BYTES = 24, /* a longer run is no better */
    REPEATS = 16,      /* of x{n} that are written out */
};

/* Bytes one behind the other, each as far as it is known: 0xff all of it, 0xdf a letter without its
 * case, 0 nothing. */
struct run {
    uint8_t byte[RUN_BYTES], mask[RUN_BYTES];
    size_t n;
};

/* The part of a run that is looked for. */
struct piece {
    uint8_t byte[YARA_GATE_LITERAL_MAX], mask[YARA_GATE_LITERAL_MAX];
    size_t n, at;   /* at: where it stands in its run */
    unsigned score; /* 0: it says nothing */
};

static bool is_fixed(uint8_t mask)
{
    return yara_mask_known(mask);
}

/* How much is learnt from a byte that occurs. */
static unsigned weight(uint8_t c)
{
    if (c == 0)
        return 3;
    if (c == 0xff || c == 0xcc || c == 0x90 || c == ' ')
        return 6;
    if (strchr("etainosr", c | 0x20))
        return 9;
    return ascii_alpha(c) ? 11 : 16;
}

static unsigned score_of(const struct run *run, size_t from, size_t to)
{
    unsigned sum = 0;
    bool differs = false;
    for (size_t i = from; i < to && i < from + ENOUGH_BYTES; i++) {
        sum += weight(run->byte[i]);
        differs = differs || run->byte[i] != run->byte[from];
    }
    if (to - from < YARA_GATE_LITERAL_MIN)
        return 0;
    /* One byte over and over: files are full of some of these. */
    return differs ? sum : to - from > 3 && weight(run->byte[from]) > 6 ? 1 : 0;
}

/* The window of the longest literal that is worth most, of a part that is known throughout. */
static size_t best_part(const struct run *run, size_t from, size_t to, unsigned *ret_score)
{
    size_t best = from;
    *ret_score = 0;
    for (size_t at = from; at == from || at + YARA_GATE_LITERAL_MAX <= to; at++) {
        size_t end = at + YARA_GATE_LITERAL_MAX < to ? at + YARA_GATE_LITERAL_MAX : to;
        unsigned score = score_of(run, at, end);
        if (score > *ret_score) {
            *ret_score = score;
            best = at;
        }
    }
    return best;
}

/* What is known around the part that is known best, as long as a literal may be. */
static void take_window(const struct run *run, size_t from, size_t to, unsigned score,
                        struct piece *ret)
{
    size_t room = YARA_GATE_LITERAL_MAX - (to - from);
    size_t before = from < room / 2 ? from : room / 2;
    size_t after = run->n - to < room - before ? run->n - to : room - before;
    from -= before;
    to += after;
    while (!run->mask[from])
        from++;
    while (!run->mask[to - 1])
        to--;
    ret->n = to - from;
    ret->at = from;
    ret->score = score;
    for (size_t i = 0; i < ret->n; i++) {
        ret->mask[i] = run->mask[from + i];
        ret->byte[i] = run->byte[from + i] & ret->mask[i];
    }
}

static void keep_better(struct piece *best, struct run *run)
{
    for (size_t from = 0; from < run->n;) {
        size_t to = from;
        unsigned score;
        while (to < run->n && is_fixed(run->mask[to]))
            to++;
        size_t at = best_part(run, from, to, &score);
        if (score > best->score) {
            size_t end = at + YARA_GATE_LITERAL_MAX < to ? at + YARA_GATE_LITERAL_MAX : to;
            take_window(run, at, end, score, best);
        }
        from = to + 1;
    }
    run->n = 0;
}

static void run_add(struct piece *best, struct run *run, uint8_t byte, uint8_t mask)
{
    if (run->n == RUN_BYTES)
        keep_better(best, run);
    run->byte[run->n] = byte & mask;
    run->mask[run->n++] = mask;
}

static uint8_t case_mask(uint8_t c, bool nocase)
{
    return nocase && ascii_alpha(c) ? 0xdf : 0xff;
}

static enum err add_need(struct arena *arena, struct yara_needs *needs, const struct piece *piece,
                         uint8_t flags)
{
    if (!piece->score || needs->n == MAX_NEEDS)
        return ERR_LIMIT;
    if (!needs->lit)
        needs->lit = arena_new_n(arena, struct yara_lit, MAX_NEEDS);
    struct str bytes = arena_str(arena, str_make((const char *)piece->byte, piece->n));
    struct str mask = arena_str(arena, str_make((const char *)piece->mask, piece->n));
    if (!needs->lit || !bytes.p || !mask.p)
        return ERR_NOMEM;
    needs->lit[needs->n++] = (struct yara_lit){.bytes = bytes, .mask = mask, .flags = flags};
    return OK;
}

/* ---- hexadecimal strings ---- */

/* A hexadecimal string between jumps. Of those with one region it is known how far they stand from
 * each other. */
struct segment {
    struct run run;
    uint64_t low, high; /* where it begins, from the beginning of the region */
    unsigned region;
};

struct hex {
    struct segment segment[SEGMENTS];
    size_t n; /* the last one is being written */
};

/* What follows stands `low` to `high` bytes behind; far: nobody knows. */
static void hex_part(struct hex *hex, uint64_t low, uint64_t high, bool far)
{
    struct segment *last = &hex->segment[hex->n - 1], next = {.region = last->region + far};
    if (!far) {
        next.low = last->low + last->run.n + low;
        next.high = last->high + last->run.n + high;
    }
    if (hex->n == SEGMENTS || !last->run.n) { /* too many: the last is given up */
        *last = next;
        last->region += hex->n == SEGMENTS;
    } else
        hex->segment[hex->n++] = next;
}

static void hex_add(struct hex *hex, uint8_t byte, uint8_t mask)
{
    if (hex->segment[hex->n - 1].run.n == RUN_BYTES)
        hex_part(hex, 0, 0, false);
    struct run *run = &hex->segment[hex->n - 1].run;
    run->byte[run->n] = byte & mask;
    run->mask[run->n++] = mask;
}

/* [4] is four bytes that may be anything; any other jump parts two segments. */
static void hex_jump(struct hex *hex, struct str jump)
{
    uint64_t low, high;
    struct str first, rest = str_trim(jump);
    if (str_u64(rest, &low)) {
        high = low;
        if (low <= YARA_GATE_LITERAL_MAX) {
            while (low--)
                hex_add(hex, 0, 0);
            return;
        }
    } else if (!str_cut(&rest, '-', &first) || !rest.p || !str_u64(str_trim(first), &low) ||
               !str_u64(str_trim(rest), &high)) {
        hex_part(hex, 0, 0, true);
        return;
    }
    hex_part(hex, low, high, low > YARA_GATE_NEAR_FAR || high > YARA_GATE_NEAR_FAR);
}

static size_t hex_comment(struct str s, size_t i)
{
    bool line = s.p[i + 1] == '/';
    struct str rest = str_sub(s, i + 2, s.n);
    ptrdiff_t at = line ? str_chr(rest, '\n') : str_find(rest, STR("*/"));
    return at < 0 ? s.n : i + 2 + (size_t)at + (line ? 1 : 2);
}

static void hex_byte(struct hex *hex, unsigned char high, unsigned char low)
{
    int h = ascii_hex(high), l = ascii_hex(low);
    hex_add(hex, (uint8_t)((h < 0 ? 0 : h) << 4 | (l < 0 ? 0 : l)),
            (uint8_t)((h < 0 ? 0 : 0xf0) | (l < 0 ? 0 : 0x0f)));
}

/* What stands outside of alternatives, whose lengths are not gone into. */
static void hex_read(struct str s, struct hex *hex)
{
    int depth = 0;
    hex->n = 1;
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        unsigned char next = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
        if (c == '/' && (next == '/' || next == '*'))
            i = hex_comment(s, i);
        else if (c == '[') {
            ptrdiff_t at = str_chr(str_sub(s, i, s.n), ']');
            size_t end = at < 0 ? s.n : i + (size_t)at;
            if (!depth)
                hex_jump(hex, str_sub(s, i + 1, end));
            i = end + 1;
        } else if (c == '(' || c == ')') {
            depth += c == '(' ? 1 : -1;
            hex_part(hex, 0, 0, true);
            i++;
        } else if (c == '~') { /* anything but a byte */
            hex_add(hex, 0, 0);
            i += 3;
        } else if (c == '?' || ascii_hex(c) >= 0) {
            if (!depth)
                hex_byte(hex, c, next);
            i += 2;
        } else
            i++;
    }
}

static unsigned known_bits(const struct run *run, size_t from, size_t to)
{
    unsigned bits = 0;
    for (size_t i = from; i < to; i++)
        bits += (unsigned)__builtin_popcount(run->mask[i]);
    return bits;
}

/* Another segment that must stand near the chosen piece: the one of which most is known. */
static enum err add_near(struct arena *arena, const struct hex *hex, size_t chosen,
                         const struct piece *piece, struct yara_lit *lit)
{
    const struct segment *own = &hex->segment[chosen];
    unsigned best = 8; /* less says nothing */
    for (size_t i = 0; i < hex->n; i++) {
        const struct segment *s = &hex->segment[i];
        size_t from = 0;
        while (from < s->run.n && !s->run.mask[from])
            from++;
        size_t to = from + YARA_GATE_NEAR_MAX < s->run.n ? from + YARA_GATE_NEAR_MAX : s->run.n;
        int64_t shift = (int64_t)from - (int64_t)piece->at;
        int64_t a = (int64_t)s->low - (int64_t)own->low, b = (int64_t)s->high - (int64_t)own->high;
        int64_t near_from = (a < b ? a : b) + shift, near_to = (a < b ? b : a) + shift;
        unsigned bits = known_bits(&s->run, from, to);
        if (i == chosen || s->region != own->region || bits <= best ||
            near_from < -YARA_GATE_NEAR_FAR || near_to > YARA_GATE_NEAR_FAR)
            continue;
        best = bits;
        lit->near_from = (int32_t)near_from;
        lit->near_to = (int32_t)near_to;
        lit->near = arena_str(arena, str_make((const char *)s->run.byte + from, to - from));
        lit->near_mask = arena_str(arena, str_make((const char *)s->run.mask + from, to - from));
        if (!lit->near.p || !lit->near_mask.p)
            return ERR_NOMEM;
    }
    return OK;
}

static enum err hex_needs(struct arena *arena, struct str value, struct yara_needs *needs)
{
    struct hex *hex = arena_new(arena, struct hex);
    struct piece best = {.n = 0};
    size_t chosen = 0;
    if (!hex)
        return ERR_NOMEM;
    hex_read(value, hex);
    for (size_t i = 0; i < hex->n; i++) {
        struct run copy = hex->segment[i].run;
        unsigned before = best.score;
        keep_better(&best, &copy);
        chosen = best.score > before ? i : chosen;
    }
    TRY(add_need(arena, needs, &best, 0));
    return add_near(arena, hex, chosen, &best, &needs->lit[0]);
}

/* ---- regular expressions ---- */

/* Runs of which one stands there: what (a|b) makes of one. */
struct runs {
    struct run run[SHAPES];
    size_t n;
};

/* One of them occurs in whatever matches. score 0: nothing is known. */
struct branch {
    struct piece piece[BRANCHES];
    size_t n;
    unsigned score;
    bool is_runs; /* all of it is one of these */
    struct runs runs;
};

struct regex {
    struct arena *arena;
    const char *p, *end;
    int depth;
    bool nocase, broken, no_memory;
};

static void regex_branches(struct regex *x, struct branch *ret);

static void runs_start(struct runs *runs)
{
    runs->n = 1;
    runs->run[0].n = 0;
}

/* The runs end here: are their best parts better than what is known already? */
static void offer_runs(struct branch *best, struct runs *runs)
{
    struct piece piece[SHAPES];
    unsigned score = UINT32_MAX;
    for (size_t i = 0; i < runs->n; i++) {
        piece[i] = (struct piece){.n = 0};
        keep_better(&piece[i], &runs->run[i]);
        score = piece[i].score < score ? piece[i].score : score;
    }
    if (score > best->score) {
        for (size_t i = 0; i < runs->n; i++)
            best->piece[i] = piece[i];
        best->n = runs->n;
        best->score = score;
    }
    runs_start(runs);
}

static bool runs_have_room(const struct runs *runs, size_t n)
{
    for (size_t i = 0; i < runs->n; i++)
        if (runs->run[i].n + n > RUN_BYTES)
            return false;
    return true;
}

static void runs_add(struct runs *runs, uint8_t byte, uint8_t mask)
{
    for (size_t i = 0; i < runs->n; i++) {
        struct run *run = &runs->run[i];
        run->byte[run->n] = byte & mask;
        run->mask[run->n++] = mask;
    }
}

/* Each of them followed by each of the others. false: they would be too many. */
static bool runs_times(struct runs *runs, const struct runs *others)
{
    size_t n = runs->n;
    for (size_t k = 0; k < others->n; k++)
        if (n * others->n > SHAPES || !runs_have_room(runs, others->run[k].n))
            return false;
    for (size_t k = others->n; k-- > 0;)
        for (size_t i = 0; i < n; i++) {
            struct run *to = &runs->run[k * n + i];
            const struct run *tail = &others->run[k];
            if (k)
                *to = runs->run[i];
            memcpy(to->byte + to->n, tail->byte, tail->n);
            memcpy(to->mask + to->n, tail->mask, tail->n);
            to->n += tail->n;
        }
    runs->n = n * others->n;
    return true;
}

enum atom { ATOM_BYTE, ATOM_NOTHING, ATOM_GROUP };

struct one_byte {
    uint8_t byte, mask;
};

/* One byte of unknown value. */
static enum atom any_byte(struct one_byte *ret)
{
    *ret = (struct one_byte){0, 0};
    return ATOM_BYTE;
}

static enum atom take_escape(struct regex *x, struct one_byte *ret)
{
    static const char names[] = "nrtfa", means[] = "\n\r\t\f\a";
    if (x->p == x->end) {
        x->broken = true;
        return ATOM_NOTHING;
    }
    char c = *x->p++;
    const char *at = memchr(names, c, sizeof names - 1);
    ret->mask = 0xff;
    if (at)
        ret->byte = (uint8_t)means[at - names];
    else if (c == 'x') {
        int high = x->end - x->p >= 2 ? ascii_hex((unsigned char)x->p[0]) : -1;
        int low = x->end - x->p >= 2 ? ascii_hex((unsigned char)x->p[1]) : -1;
        x->broken = x->broken || high < 0 || low < 0;
        if (x->broken)
            return ATOM_NOTHING;
        ret->byte = (uint8_t)(high << 4 | low);
        x->p += 2;
    } else if (c == 'b' || c == 'B')
        return ATOM_NOTHING;
    else if (ascii_alpha((unsigned char)c) || ascii_digit((unsigned char)c))
        return any_byte(ret); /* \w, \d, and whatever else it may be */
    else
        ret->byte = (uint8_t)c;
    return ATOM_BYTE;
}

/* [a] and [Aa] are bytes; other classes may be anything. */
static enum atom take_class(struct regex *x, struct one_byte *ret)
{
    const char *from = x->p;
    if (x->p < x->end && *x->p == '^')
        x->p++;
    if (x->p < x->end && *x->p == ']')
        x->p++;
    while (x->p < x->end && *x->p != ']')
        x->p += *x->p == '\\' && x->end - x->p > 1 ? 2 : 1;
    if (x->p == x->end) {
        x->broken = true;
        return ATOM_NOTHING;
    }
    struct str inner = str_make(from, (size_t)(x->p++ - from));
    (void)any_byte(ret);
    if (inner.n == 1 && inner.p[0] != '^' && inner.p[0] != '\\')
        *ret = (struct one_byte){(uint8_t)inner.p[0], 0xff};
    else if (inner.n == 2 && inner.p[0] == '\\' && !ascii_alpha((unsigned char)inner.p[1]) &&
             !ascii_digit((unsigned char)inner.p[1]))
        *ret = (struct one_byte){(uint8_t)inner.p[1], 0xff};
    else if (inner.n == 2 && ascii_alpha((unsigned char)inner.p[0]) &&
             (inner.p[0] ^ inner.p[1]) == 0x20)
        *ret = (struct one_byte){(uint8_t)inner.p[0], 0xdf};
    return ATOM_BYTE;
}

static void take_group(struct regex *x, struct branch *group)
{
    if (x->p < x->end && *x->p == '?') { /* (?:...) or something else */
        if (x->end - x->p > 1 && x->p[1] == ':')
            x->p += 2;
        else
            x->broken = true;
    }
    if (!x->broken)
        regex_branches(x, group);
    if (x->broken || x->p == x->end || *x->p != ')')
        x->broken = true;
    else
        x->p++;
}

static enum atom take_atom(struct regex *x, struct one_byte *ret, struct branch *group)
{
    char c = *x->p++;
    switch (c) {
    case '\\': return take_escape(x, ret);
    case '.': return any_byte(ret);
    case '[': return take_class(x, ret);
    case '^':
    case '$': return ATOM_NOTHING;
    case '(': take_group(x, group); return ATOM_GROUP;
    default: *ret = (struct one_byte){(uint8_t)c, 0xff}; return ATOM_BYTE;
    }
}

/* How often the atom stands there at least, and whether no more often. */
struct repeat {
    uint64_t min;
    bool fixed;
    bool optional; /* once or not at all */
};

static struct repeat take_braces(struct regex *x)
{
    struct repeat r = {0, false, false};
    const char *from = x->p + 1;
    while (x->p < x->end && *x->p != '}')
        x->p++;
    if (x->p == x->end) {
        x->broken = true;
        return r;
    }
    struct str inner = str_make(from, (size_t)(x->p++ - from)), low;
    if (str_u64(inner, &r.min))
        r.fixed = true;
    else if (!str_cut(&inner, ',', &low) || !str_u64(low, &r.min))
        r.min = 0;
    return r;
}

static struct repeat take_repeat(struct regex *x)
{
    struct repeat r = {1, true, false};
    while (x->p < x->end) {
        char next = x->end - x->p > 1 ? x->p[1] : 0;
        if (*x->p == '{' && (ascii_digit((unsigned char)next) || next == ',')) {
            struct repeat own = take_braces(x);
            r.min = r.min ? own.min : 0;
            r.fixed = r.fixed && own.fixed;
            r.optional = false;
        } else if (*x->p == '*' || *x->p == '?') {
            /* "+?" and "{2}?" are only lazy; what is lost by not asking is a literal. */
            bool first = r.min == 1 && r.fixed;
            r = (struct repeat){0, false, *x->p == '?' && (first || r.optional)};
            x->p++;
        } else if (*x->p == '+') {
            r.fixed = r.optional = false;
            x->p++;
        } else
            return r;
    }
    return r;
}

static void add_byte(struct regex *x, struct branch *best, struct runs *runs, struct one_byte one,
                     struct repeat repeat)
{
    bool fixed = repeat.fixed && repeat.min <= REPEATS;
    if (x->nocase && one.mask == 0xff)
        one.mask = case_mask(one.byte, true);
    if (repeat.optional) { /* with it, or without */
        struct runs *both = arena_new(x->arena, struct runs);
        if (!both) {
            x->no_memory = x->broken = true;
            return;
        }
        both->n = 2;
        both->run[0].n = 1;
        both->run[0].byte[0] = one.byte & one.mask;
        both->run[0].mask[0] = one.mask;
        if (runs_times(runs, both))
            return;
    }
    if (!runs_have_room(runs, REPEATS)) {
        offer_runs(best, runs);
        best->is_runs = false;
    }
    for (uint64_t i = 0; i < repeat.min && i < REPEATS; i++)
        runs_add(runs, one.byte, one.mask);
    if (fixed)
        return;
    best->is_runs = false;
    offer_runs(best, runs);
    if (repeat.min) /* the last of them stands before what follows */
        runs_add(runs, one.byte, one.mask);
}

static void add_group(struct branch *best, struct runs *runs, const struct branch *group,
                      struct repeat repeat)
{
    if (group->is_runs && repeat.fixed && repeat.min == 1 && runs_times(runs, &group->runs))
        return;
    best->is_runs = false;
    offer_runs(best, runs);
    if (repeat.min && group->score > best->score) {
        memcpy(best->piece, group->piece, group->n * sizeof *group->piece);
        best->n = group->n;
        best->score = group->score;
    }
}

/* A sequence, up to a bar, a closing parenthesis or the end. */
static void regex_sequence(struct regex *x, struct branch *best)
{
    struct arena_mark mark = arena_mark(x->arena);
    struct branch *group = arena_new(x->arena, struct branch);
    best->n = best->score = 0;
    best->is_runs = true;
    struct runs *runs = arena_new(x->arena, struct runs);
    if (!group || !runs) {
        x->no_memory = x->broken = true;
        return;
    }
    runs_start(runs);
    while (!x->broken && x->p < x->end && *x->p != '|' && *x->p != ')') {
        struct one_byte one = {0, 0};
        enum atom atom = take_atom(x, &one, group);
        struct repeat repeat = take_repeat(x);
        if (atom == ATOM_BYTE)
            add_byte(x, best, runs, one, repeat);
        else if (atom == ATOM_GROUP && !x->broken)
            add_group(best, runs, group, repeat);
    }
    if (best->is_runs)
        best->runs = *runs;
    if (!x->broken)
        offer_runs(best, runs);
    arena_back(x->arena, mark);
}

static void add_branch(struct branch *ret, const struct branch *one)
{
    /* Nothing known of one branch: nothing of all. */
    if (!one->score || ret->n + one->n > BRANCHES)
        ret->score = 0;
    for (size_t i = 0; i < one->n && ret->score; i++)
        ret->piece[ret->n++] = one->piece[i];
    ret->score = one->score < ret->score ? one->score : ret->score;
    ret->is_runs = ret->is_runs && one->is_runs && ret->runs.n + one->runs.n <= SHAPES;
    for (size_t i = 0; ret->is_runs && i < one->runs.n; i++)
        ret->runs.run[ret->runs.n++] = one->runs.run[i];
}

static void regex_branches(struct regex *x, struct branch *ret)
{
    struct arena_mark mark = arena_mark(x->arena);
    struct branch *one = arena_new(x->arena, struct branch);
    if (!one || ++x->depth > MAX_DEPTH) {
        x->no_memory = x->no_memory || !one;
        x->broken = true;
        return;
    }
    ret->n = ret->runs.n = 0;
    ret->score = UINT32_MAX;
    ret->is_runs = true;
    for (bool more = true; more && !x->broken;) {
        regex_sequence(x, one);
        if (!x->broken)
            add_branch(ret, one);
        more = x->p < x->end && *x->p == '|';
        if (more)
            x->p++;
    }
    x->depth--;
    if (!ret->score)
        ret->n = 0;
    arena_back(x->arena, mark);
}

static enum err regex_best(struct arena *arena, struct str s, bool nocase, struct branch *ret)
{
    struct regex x = {.arena = arena, .p = s.p, .end = s.p + s.n, .nocase = nocase};
    regex_branches(&x, ret);
    if (x.no_memory)
        return ERR_NOMEM;
    if (x.broken || x.p != x.end)
        ret->n = ret->score = 0;
    return OK;
}

/* The longest part of a piece that is known throughout, in lower case. */
static struct str known_part(struct arena *arena, const struct piece *piece)
{
    size_t best = 0, best_n = 0, n = 0;
    for (size_t i = 0; i < piece->n; i++) {
        n = is_fixed(piece->mask[i]) ? n + 1 : 0;
        if (n > best_n) {
            best_n = n;
            best = i + 1 - n;
        }
    }
    char *p = arena_alloc(arena, best_n + 1);
    if (!p)
        return STR_NONE;
    ascii_lower_all(p, (const char *)piece->byte + best, best_n);
    return str_make(p, best_n);
}

enum err yara_regex_needs(struct arena *arena, struct str regex, struct str **ret_text,
                          size_t *ret_n)
{
    struct branch *best = arena_new(arena, struct branch);
    *ret_text = arena_new_n(arena, struct str, BRANCHES);
    *ret_n = 0;
    if (!best || !*ret_text)
        return ERR_NOMEM;
    TRY(regex_best(arena, regex, true, best));
    for (size_t i = 0; i < best->n; i++) {
        (*ret_text)[i] = known_part(arena, &best->piece[i]);
        if (!(*ret_text)[i].p)
            return ERR_NOMEM;
    }
    *ret_n = best->n;
    return OK;
}

/* ---- variants of a text ---- */

/* A text of single bytes or, wide, of 16-bit characters. */
static enum err add_text(struct arena *arena, struct yara_needs *needs, struct str s, bool wide,
                         const struct yara_string *of, bool word)
{
    struct run run = {.n = 0};
    struct piece best = {.n = 0};
    size_t step = wide ? 2 : 1, whole = s.n * step;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        run_add(&best, &run, c, case_mask(c, of->nocase));
        if (wide)
            run_add(&best, &run, 0, 0xff);
    }
    keep_better(&best, &run);
    uint8_t flags = 0;
    if (word && of->fullword && best.n == whole)
        flags = wide ? YARA_LIT_WIDE_WORD : YARA_LIT_WORD;
    return add_need(arena, needs, &best, flags);
}

static enum err add_widths(struct arena *arena, struct yara_needs *needs, struct str s, bool ascii,
                           bool wide, const struct yara_string *of, bool word)
{
    if (ascii)
        TRY(add_text(arena, needs, s, false, of, word));
    return wide ? add_text(arena, needs, s, true, of, word) : OK;
}

static enum err add_xor(struct arena *arena, struct yara_needs *needs, struct str s,
                        const struct yara_string *of)
{
    for (unsigned key = of->xor_from; key <= of->xor_to; key++)
        for (int wide = 0; wide < 2; wide++) {
            struct run run = {.n = 0};
            struct piece best = {.n = 0};
            if (wide ? !of->wide : of->wide && !of->ascii)
                continue;
            /* Wide ones are widened first: the zeros become the key. */
            for (size_t i = 0; i < s.n && i < YARA_GATE_LITERAL_MAX; i++) {
                run_add(&best, &run, (uint8_t)((uint8_t)s.p[i] ^ key), 0xff);
                if (wide)
                    run_add(&best, &run, (uint8_t)key, 0xff);
            }
            keep_better(&best, &run);
            TRY(add_need(arena, needs, &best, 0));
        }
    return OK;
}

/* The characters that stand for s wherever it begins in a group of three; those that depend on what
 * stands beside it are left away. */
static size_t base64_part(struct str s, unsigned shift, char *to)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0, bits = 8 * s.n, first = (6 - (8 * shift) % 6) % 6;
    for (size_t at = first; at + 6 <= bits; at += 6) {
        unsigned a = (unsigned char)s.p[at / 8];
        unsigned b = at / 8 + 1 < s.n ? (unsigned char)s.p[at / 8 + 1] : 0;
        to[n++] = letters[((a << 8 | b) >> (10 - at % 8)) & 63];
    }
    return n;
}

static enum err add_base64(struct arena *arena, struct yara_needs *needs, struct str s,
                           const struct yara_string *of)
{
    char *to = arena_alloc(arena, 2 * s.n + 4);
    if (!to)
        return ERR_NOMEM;
    for (unsigned shift = 0; shift < 3; shift++) {
        size_t n = base64_part(s, shift, to);
        TRY(add_widths(arena, needs, str_make(to, n), of->base64, of->base64wide, of, false));
    }
    return OK;
}

static enum err text_needs(struct arena *arena, const struct yara_string *s,
                           struct yara_needs *needs)
{
    bool ascii = s->ascii || !s->wide;
    if (s->xor)
        return add_xor(arena, needs, s->value, s);
    if (!s->base64 && !s->base64wide)
        return add_widths(arena, needs, s->value, ascii, s->wide, s, true);
    if (s->alphabet)
        return ERR_LIMIT;
    if (ascii)
        TRY(add_base64(arena, needs, s->value, s));
    if (!s->wide)
        return OK;
    char *w = arena_alloc(arena, 2 * s->value.n + 1);
    if (!w)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->value.n; i++)
        w[2 * i] = s->value.p[i];
    return add_base64(arena, needs, str_make(w, 2 * s->value.n), s);
}

/* As it stands, or with a zero behind each byte. */
static enum err add_piece(struct arena *arena, struct yara_needs *needs, const struct piece *piece,
                          bool wide)
{
    struct run run = {.n = 0};
    struct piece best = {.n = 0};
    for (size_t i = 0; i < piece->n; i++) {
        run_add(&best, &run, piece->byte[i], piece->mask[i]);
        if (wide)
            run_add(&best, &run, 0, 0xff);
    }
    keep_better(&best, &run);
    return add_need(arena, needs, &best, 0);
}

static enum err regex_string_needs(struct arena *arena, const struct yara_string *s,
                                   struct yara_needs *needs)
{
    struct branch *best = arena_new(arena, struct branch);
    if (!best)
        return ERR_NOMEM;
    TRY(regex_best(arena, s->value, s->nocase, best));
    for (size_t i = 0; i < best->n; i++) {
        if (s->ascii || !s->wide)
            TRY(add_piece(arena, needs, &best->piece[i], false));
        if (s->wide)
            TRY(add_piece(arena, needs, &best->piece[i], true));
    }
    return OK;
}

enum err yara_string_needs(struct arena *arena, const struct yara_string *s,
                           struct yara_needs *ret_needs)
{
    enum err rc = OK;
    *ret_needs = (struct yara_needs){0};
    if (s->kind == YARA_STRING_HEX)
        rc = hex_needs(arena, s->value, ret_needs);
    else
        rc = s->kind == YARA_STRING_REGEX ? regex_string_needs(arena, s, ret_needs)
                                          : text_needs(arena, s, ret_needs);
    if (rc == ERR_LIMIT) { /* one of its shapes is too short or too plain to look for */
        *ret_needs = (struct yara_needs){0};
        rc = OK;
    }
    return rc;
}

/* ---- how a string begins ---- */

static struct yara_beginning text_begins(const struct yara_string *s, bool wide)
{
    struct yara_beginning b = {.n = 0};
    for (size_t i = 0; i < s->value.n && b.n + 1 + wide <= YARA_BEGIN_BYTES; i++) {
        uint8_t c = (uint8_t)s->value.p[i], mask = case_mask(c, s->nocase);
        b.byte[b.n] = c & mask;
        b.mask[b.n++] = mask;
        if (wide)
            b.mask[b.n++] = 0xff;
    }
    return b;
}

static size_t hex_begins(struct arena *arena, struct str value, struct yara_beginning *ret)
{
    struct hex *hex = arena_new(arena, struct hex);
    if (!hex)
        return 0;
    hex_read(value, hex);
    const struct segment *first = &hex->segment[0];
    if (first->region || first->low || first->high)
        return 0;
    ret->n = first->run.n < YARA_BEGIN_BYTES ? first->run.n : YARA_BEGIN_BYTES;
    memcpy(ret->byte, first->run.byte, ret->n);
    memcpy(ret->mask, first->run.mask, ret->n);
    return ret->n > 0;
}

size_t yara_string_begins(struct arena *arena, const struct yara_string *s,
                          struct yara_beginning ret[YARA_BEGINNINGS])
{
    size_t n = 0;
    if (s->kind == YARA_STRING_HEX)
        return hex_begins(arena, s->value, ret);
    if (s->kind != YARA_STRING_TEXT || s->xor || s->base64 || s->base64wide)
        return 0;
    if (s->ascii || !s->wide)
        ret[n++] = text_begins(s, false);
    if (s->wide)
        ret[n++] = text_begins(s, true);
    return n;
}
