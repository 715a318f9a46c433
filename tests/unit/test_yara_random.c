/* Small rules and small files by chance: what libyara finds, the gate must let through, and what is
 * told in the end must be the same. A lost match is the worst that can happen here. */
#include "base/hash.h"
#include "scan/yara_priv.h"
#include "unit.h"

enum { SETS = 60, RULES = 8, BODIES = 12, BODY_BYTES = 600 };

static uint64_t seed = 88172645463325252u;

static unsigned chance(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

/* ---- rules ---- */

struct made {
    struct buf text;
    char piece[64][64]; /* instances of strings, to make bodies from */
    size_t piece_n[64];
    size_t n_pieces;
};

static void keep_piece(struct made *m, const char *p, size_t n)
{
    if (m->n_pieces == 64 || n > 64)
        return;
    memcpy(m->piece[m->n_pieces], p, n);
    m->piece_n[m->n_pieces++] = n;
}

static const char letters[] = "abAB1MZ <xe";

static size_t some_text(char *to, size_t least, size_t most)
{
    size_t n = least + chance((unsigned)(most - least + 1));
    for (size_t i = 0; i < n; i++)
        to[i] = letters[chance(sizeof letters - 1)];
    return n;
}

static void keep_shapes(struct made *m, const char *p, size_t n)
{
    char other[64];
    keep_piece(m, p, n);
    for (size_t i = 0; i < n; i++)
        other[i] = (char)(ascii_alpha((unsigned char)p[i]) && chance(2) ? p[i] ^ 0x20 : p[i]);
    keep_piece(m, other, n);
    for (size_t i = 0; i < n; i++)
        other[i] = (char)(p[i] ^ 0x5a);
    keep_piece(m, other, n);
    for (size_t i = 0; 2 * i + 1 < sizeof other && i < n; i++) {
        other[2 * i] = p[i];
        other[2 * i + 1] = 0;
    }
    if (2 * n <= sizeof other)
        keep_piece(m, other, 2 * n);
}

static void add_text(struct made *m)
{
    static const char *const more[] = {"",
                                       " wide",
                                       " ascii wide",
                                       " nocase",
                                       " wide nocase ascii",
                                       " fullword",
                                       " fullword wide ascii",
                                       " xor",
                                       " xor(1-90) wide",
                                       " xor(0x5a) ascii wide",
                                       " base64",
                                       " base64 wide",
                                       " base64wide ascii",
                                       " private"};
    char text[24];
    size_t n = some_text(text, 2, chance(3) ? 14 : 5);
    buf_printf(&m->text, "\"%.*s\"%s\n", (int)n, text, more[chance(ARRAY_LEN(more))]);
    keep_shapes(m, text, n);
    if (n >= 4 && chance(2)) { /* what base64 makes of it, at some place in a group of three */
        static const char alphabet[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        char in[40] = "zzzz", out[64];
        size_t at = chance(3), k = 0;
        memcpy(in + at, text, n);
        memset(in + at + n, 'q', 4);
        for (size_t i = 0; i + 2 < at + n + 4; i += 3) {
            unsigned v = (unsigned)(unsigned char)in[i] << 16 |
                         (unsigned)(unsigned char)in[i + 1] << 8 | (unsigned char)in[i + 2];
            for (int shift = 18; shift >= 0; shift -= 6)
                out[k++] = alphabet[v >> shift & 63];
        }
        keep_piece(m, out, k);
    }
}

static void add_hex(struct made *m)
{
    char piece[64];
    size_t n = 0, parts = 2 + chance(10);
    buf_puts(&m->text, "{ ");
    for (size_t i = 0; i < parts; i++) {
        unsigned kind = i == 0 || i + 1 == parts ? 0 : chance(12);
        unsigned byte = (unsigned char)letters[chance(sizeof letters - 1)];
        byte = chance(4) ? byte : chance(2) ? 0 : 0xff;
        if (kind < 7) {
            buf_printf(&m->text, "%02X ", byte);
            piece[n++] = (char)byte;
        } else if (kind == 7) {
            buf_puts(&m->text, "?? ");
            piece[n++] = (char)chance(256);
        } else if (kind == 8) {
            buf_printf(&m->text, "%X? ", byte >> 4);
            piece[n++] = (char)((byte & 0xf0) | chance(16));
        } else if (kind == 9) {
            size_t low = chance(4), high = low + chance(3);
            if (low == high)
                buf_printf(&m->text, "[%zu] ", low ? low : (high = low = 1));
            else
                buf_printf(&m->text, "[%zu-%zu] ", low, high);
            for (size_t k = low + chance((unsigned)(high - low + 1)); k--;)
                piece[n++] = 'q';
        } else if (kind == 10) {
            buf_printf(&m->text, "( %02X | 61 %02X ) // or ( AB\n ", byte, byte);
            if (chance(2))
                piece[n++] = 'a';
            piece[n++] = (char)byte;
        } else {
            buf_printf(&m->text, "/* AB */ ?%X ", byte & 15);
            piece[n++] = (char)((byte & 15) | chance(16) << 4);
        }
    }
    buf_puts(&m->text, "}\n");
    keep_piece(m, piece, n);
}

static void add_regex(struct made *m)
{
    static const char *const shapes[] = {
        "%s+%s",       "%s(%s|%s)%s",   "[aA]%s\\x62?%s", "%s.{0,3}%s", "(%s)?%s",
        "%s\\s*%s\\b", "(%s|%s)(%s|b)", "%s{2}%s",        "^%s",        "%s(a(b|%s)|%s)x",
        "%s[^%s]%s",   "\\w%s(%s)+%s",  "%s{1,3}%s",      "%s\\.%s|%s"};
    static const char *const more[] = {
        "", "i", "s", " nocase", " wide", " ascii wide", "i wide", " fullword", " wide fullword"};
    const char *shape = shapes[chance(ARRAY_LEN(shapes))];
    char piece[64];
    size_t n = 0;
    buf_putc(&m->text, '/');
    for (const char *p = shape; *p; p++) {
        char text[8];
        if (p[0] != '%') {
            buf_putc(&m->text, *p);
            continue;
        }
        size_t k = some_text(text, 1, 4);
        buf_str(&m->text, str_make(text, k));
        if (n + k < sizeof piece && chance(6)) {
            memcpy(piece + n, text, k);
            n += k;
        }
        p++;
    }
    buf_printf(&m->text, "/%s\n", more[chance(ARRAY_LEN(more))]);
    if (n)
        keep_shapes(m, piece, n > 30 ? 30 : n);
}

static void add_condition(struct buf *b, int depth)
{
    static const char *const leaves[] = {"$a",
                                         "$b",
                                         "$c",
                                         "any of them",
                                         "all of them",
                                         "2 of them",
                                         "none of them",
                                         "any of ($a, $b)",
                                         "all of ($b*, $c)",
                                         "#a > 1",
                                         "#b == 0",
                                         "#c < 2",
                                         "@a < 20",
                                         "$a at 0",
                                         "$b at 2",
                                         "not $c at 0",
                                         "$b at 1 + 1",
                                         "$c at 100",
                                         "$b in (0..50)",
                                         "filesize < 300",
                                         "filesize > 100",
                                         "uint16(0) == 0x5a4d",
                                         "uint16be(0) == 0x4d5a",
                                         "uint8(3) == 0x61",
                                         "uint16(filesize - 2) != 0",
                                         "!a[1] > 3",
                                         "uint32(@a + 2) == 0x61626162",
                                         "for any of them : ( $ at 0 )",
                                         "for all i in (1..#a) : ( @a[i] < 100 )",
                                         "for any i in (1..#b) : ( @b[i] > 3 )",
                                         "for 2 of ($a, $b, $c) : ( # > 1 )",
                                         "pe.is_pe",
                                         "not pe.is_dll()",
                                         "pe.number_of_sections > 2",
                                         "math.entropy(0, filesize) > 4.0",
                                         "filename == \"x.txt\"",
                                         "filename contains \"tx\"",
                                         "filepath matches /\\/x/i",
                                         "extension == \".exe\"",
                                         "true",
                                         "uint16(0) ^ 0x2020 == 0x4241",
                                         "uint8(0) & 0x5f == 0x41",
                                         "50% of them",
                                         "defined uint16(1000)",
                                         "uint16(1000) == 1",
                                         "(#a + #b) > 0",
                                         "@a[2] > @b[1]",
                                         "for none of them : ( # > 1 )",
                                         "any of ($a*) in (0..99)",
                                         "int8(0) < 0"};
    unsigned kind = depth > 3 ? 9 : chance(10);
    if (kind < 4) {
        buf_puts(b, "( ");
        add_condition(b, depth + 1);
        buf_puts(b, kind < 2 ? " and " : " or ");
        add_condition(b, depth + 1);
        buf_puts(b, " )");
    } else if (kind == 4) {
        buf_puts(b, "not ( ");
        add_condition(b, depth + 1);
        buf_puts(b, " )");
    } else
        buf_puts(b, leaves[chance(ARRAY_LEN(leaves))]);
}

/* Several rules of one source, some of which refer to the one before. */
static void add_rules(struct made *m)
{
    static const char *const kinds[] = {"", "", "", "", "private ", "global "};
    size_t n = 1 + chance(2);
    buf_puts(&m->text, "import \"pe\"\nimport \"math\"\n");
    for (size_t i = 0; i < n; i++) {
        buf_printf(&m->text, "%srule r%zu : t1 t2 {\nmeta:\n x = \"{\" y = -3 z = true\nstrings:\n",
                   kinds[chance(ARRAY_LEN(kinds))], i);
        for (char c = 'a'; c <= 'c'; c++) {
            unsigned kind = chance(3);
            buf_printf(&m->text, " $%c = ", c);
            if (kind == 0)
                add_text(m);
            else if (kind == 1)
                add_hex(m);
            else
                add_regex(m);
        }
        buf_puts(&m->text, "condition:\n (any of them or true) and (");
        add_condition(&m->text, 0);
        if (i && chance(2))
            buf_puts(&m->text, chance(2) ? " or r0" : " and not r0");
        buf_puts(&m->text, ")\n}\n");
    }
}

/* ---- bodies ---- */

static size_t make_body(const struct made *m, char *body)
{
    size_t n = 0, want = chance(4) ? chance(BODY_BYTES - 80) : chance(12);
    if (chance(4) == 0) {
        memcpy(body, "MZ", 2);
        n = 2;
    }
    while (n < want) {
        if (m->n_pieces && chance(3)) {
            size_t i = chance((unsigned)m->n_pieces);
            memcpy(body + n, m->piece[i], m->piece_n[i]);
            n += m->piece_n[i];
        } else
            body[n++] = chance(3) ? letters[chance(sizeof letters - 1)] : (char)chance(256);
    }
    return n;
}

/* ---- the comparison ---- */

enum { MOST = 4 * RULES };

struct told {
    bool rule[MOST];
    uint64_t occurrences[MOST];
    const struct yara_set *set;
    size_t first; /* rule of the source */
    size_t n;
};

static bool count_spot(void *ctx, const struct yara_lib_spot *spot)
{
    (void)spot;
    ++*(uint64_t *)ctx;
    return true;
}

static enum err lib_match(void *ctx, size_t rule, const struct yara_lib_match *match)
{
    struct told *t = ctx;
    size_t i = t->first + rule;
    if (yara_set_rule(t->set, i).is_private)
        return OK;
    t->rule[i] = true;
    yara_lib_spots(match, count_spot, &t->occurrences[i]);
    return OK;
}

static enum err lib_too_many(void *ctx, size_t rule)
{
    (void)ctx;
    (void)rule;
    return OK;
}

static enum err check_match(void *ctx, const struct yara_match *match)
{
    struct told *t = ctx;
    t->rule[match->rule] = true;
    t->occurrences[match->rule] = match->n_occurrences;
    t->n++;
    return OK;
}

static enum err check_gap(void *ctx, uint32_t rule, struct str source, struct str reason)
{
    (void)ctx;
    (void)rule;
    (void)source;
    fail_msg("a gap: %.*s", STR_FMT(reason));
    return OK;
}

static void lost(const struct yara_set *set, const struct made *m, uint32_t rule, struct str body)
{
    static char hex[4 * BODY_BYTES];
    hex_of((const unsigned char *)body.p, body.n, hex);
    print_message("in %s\n", hex);
    fail_msg("lost: rule %.*s of\n%.*s", STR_FMT(set->gate.rule[rule].name),
             STR_FMT(buf_view(&m[set->gate.rule[rule].source].text)));
}

static size_t n_truths, n_candidates, n_asked, n_sources;

static void compare(const struct yara_set *set, const struct made *m, struct yara_watch *w,
                    struct yara_check *check, struct str body)
{
    struct told truth = {.set = set}, told = {.set = set};
    struct yara_facts facts = yara_facts_of_path(chance(2) ? STR("/y/x.txt") : STR("C:\\x.exe"));
    struct yara_candidates can;
    struct str external[YARA_EXTERNALS];
    facts.owner = facts.md5 = facts.filetype = STR("");
    yara_externals(&facts, external);
    for (size_t i = 0; i < set->gate.n_sources; i++) {
        struct yara_lib *lib;
        struct yara_lib_sink sink = {lib_match, lib_too_many, &truth};
        if (!set->blob[i].p)
            continue;
        truth.first = set->gate.source_rule[i];
        assert_int_equal(yara_lib_load(set->blob[i], &lib), OK);
        assert_int_equal(yara_lib_scan(lib, body, external, 60, &sink, NULL), OK);
        yara_lib_free(lib);
    }
    yara_watch_begin(w, &facts);
    for (size_t at = 0; at < body.n;) {
        size_t n = 1 + chance(chance(2) ? 10 : 400);
        yara_watch_bytes(w, str_sub(body, at, at + n));
        at += n;
    }
    assert_int_equal(yara_watch_end(w, true, &can), OK);
    n_candidates += can.n_rules;
    n_asked += set->gate.n_rules;
    for (uint32_t i = 0; i < set->gate.n_rules; i++) {
        bool is = false;
        for (size_t k = 0; k < can.n_rules; k++)
            is = is || can.rule[k] == i;
        n_truths += truth.rule[i];
        if (truth.rule[i] && !is)
            lost(set, m, i, body);
    }
    struct yara_sink sink = {check_match, check_gap, &told};
    assert_int_equal(yara_check_body(check, &facts, body, &can, &sink), OK);
    for (size_t i = 0; i < set->gate.n_rules; i++)
        if (told.rule[i] != truth.rule[i] || told.occurrences[i] != truth.occurrences[i])
            fail_msg("rule %zu is told %d times %llu instead of %d times %llu in\n%.*s", i,
                     told.rule[i], (unsigned long long)told.occurrences[i], truth.rule[i],
                     (unsigned long long)truth.occurrences[i],
                     STR_FMT(buf_view(&m[set->gate.rule[i].source].text)));
}

static enum err nowhere(void *ctx, uint32_t source)
{
    (void)ctx;
    (void)source;
    return OK;
}

static void one_set(void)
{
    struct made *m = calloc(RULES, sizeof *m);
    struct yara_source source[RULES];
    struct yara_set *set = calloc(1, sizeof *set);
    struct yara_watch *w;
    struct yara_check *check;
    struct buf payload;
    char body[BODY_BYTES + 128];
    assert_non_null(m);
    assert_non_null(set);
    arena_init(&set->arena, 256 << 20);
    buf_init(&payload, 64 << 20);
    for (size_t i = 0; i < RULES; i++) {
        buf_init(&m[i].text, 64 << 10);
        add_rules(&m[i]);
        source[i] = (struct yara_source){STR("s"), buf_view(&m[i].text)};
    }
    assert_int_equal(yara_make(source, RULES, NULL, nowhere, NULL, &payload), OK);
    assert_int_equal(yara_set_take(set, source, RULES, buf_view(&payload)), OK);
    n_sources += RULES - yara_set_problems(set);
    assert_int_equal(yara_watch_new(set, &w), OK);
    assert_int_equal(yara_check_new(set, &check), OK);
    for (size_t i = 0; i < BODIES; i++) {
        size_t of = chance(RULES), n = make_body(&m[of], body);
        compare(set, m, w, check, str_make(body, n));
    }
    yara_check_free(check);
    yara_watch_free(w);
    yara_set_free(set);
    buf_done(&payload);
    for (size_t i = 0; i < RULES; i++)
        buf_done(&m[i].text);
    free(m);
}

static void nothing_is_lost(void **state)
{
    (void)state;
    const char *more = getenv("TOCSIN_YARA_SETS");
    size_t sets = more ? (size_t)strtoul(more, NULL, 10) : SETS;
    assert_int_equal(yara_lib_start(), OK);
    if (getenv("TOCSIN_YARA_SEED"))
        seed ^= strtoull(getenv("TOCSIN_YARA_SEED"), NULL, 10) * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < sets; i++)
        one_set();
    print_message("%zu sources, %zu matches, %zu candidates of %zu\n", n_sources, n_truths,
                  n_candidates, n_asked);
    /* The test is worth something only if libyara takes most rules, and some match. */
    assert_true(n_sources > sets * RULES / 2);
    assert_true(n_truths > sets * 4);
    assert_true(n_candidates < n_asked * 3 / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
