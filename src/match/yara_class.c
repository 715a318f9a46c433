#include "match/yara_class.h"

#include <stdlib.h>

enum {
    MOST_STRINGS = 2000, /* of a rule whose short literals are chosen one by one */
    MOST_COMMON = 32,
    TOO_COMMON =
        14, /* as a power of two, in the text of all rules: not taken if it can be helped */
};

enum yara_kind yara_kind_of(const unsigned char *head, size_t n)
{
    if (n >= 2 && memcmp(head, "MZ", 2) == 0)
        return YARA_KIND_MZ;
    return n >= 4 && memcmp(head,
                            "\x7f"
                            "ELF",
                            4) == 0
               ? YARA_KIND_ELF
               : YARA_KIND_OTHER;
}

static struct yara_view view_of(enum yara_kind kind, const struct yara_class *c)
{
    struct yara_view v = {.size_max = UINT64_MAX, .probe = c->probe};
    static const unsigned char mz[] = {'M', 'Z'}, elf[] = {0x7f, 'E', 'L', 'F'};
    if (kind == YARA_KIND_OTHER)
        v.not_mz = v.not_elf = true;
    else {
        v.head = kind == YARA_KIND_MZ ? mz : elf;
        v.head_n = kind == YARA_KIND_MZ ? sizeof mz : sizeof elf;
    }
    return v;
}

struct work {
    const struct yara_gate *g;
    struct yara_class *c;
    struct yara_view view;
    uint64_t *shorts; /* all literals that are dear to look for */
    bool *take;
};

static void set_string(const struct work *w, const struct yara_gate_rule *rule, uint32_t string,
                       uint64_t *bits, bool on)
{
    const struct yara_gate_string *s = &w->g->string[rule->first_string + string];
    for (uint32_t k = 0; k < s->n; k++) {
        uint32_t lit = w->g->need[s->first + k];
        uint64_t bit = (uint64_t)1 << (lit % 64);
        if (w->g->lit[lit].gram < YARA_GRAM)
            bits[lit / 64] = on ? bits[lit / 64] | bit : bits[lit / 64] & ~bit;
    }
}

static void take_literals(struct work *w, const struct yara_gate_rule *rule)
{
    for (uint32_t i = 0; i < rule->n_strings; i++) {
        const struct yara_gate_string *s = &w->g->string[rule->first_string + i];
        for (uint32_t k = 0; k < s->n; k++) {
            uint32_t lit = w->g->need[s->first + k];
            if (!(w->shorts[lit / 64] >> (lit % 64) & 1))
                w->take[lit] = true;
        }
    }
}

/* Of the short literals of a string, how common the most common one is; -1: it has none. */
static int commonness(const struct work *w, const struct yara_gate_rule *rule, uint32_t string)
{
    const struct yara_gate_string *s = &w->g->string[rule->first_string + string];
    int most = -1;
    for (uint32_t k = 0; k < s->n; k++) {
        const struct yara_lit *lit = &w->g->lit[w->g->need[s->first + k]];
        if (lit->gram < YARA_GRAM && lit->common > most)
            most = lit->common;
    }
    return most;
}

/* Short literals are dear to look for. Of a rule that is undecided without, those are taken that it
 * cannot do without: common ones are left away one string after the other, to see. */
static void choose_shorts(struct work *w, const struct yara_gate_rule *rule, size_t i)
{
    for (uint32_t s = 0; s < rule->n_strings; s++)
        set_string(w, rule, s, w->shorts, false);
    if (yara_gate_ask(w->g, i, &w->view))
        return; /* undecided with all of them */
    for (int common = MOST_COMMON; common >= TOO_COMMON; common--)
        for (uint32_t s = 0; s < rule->n_strings; s++) {
            if (commonness(w, rule, s) != common)
                continue;
            set_string(w, rule, s, w->shorts, true);
            if (yara_gate_ask(w->g, i, &w->view))
                set_string(w, rule, s, w->shorts, false);
        }
}

static void look_at_rule(struct work *w, size_t i)
{
    const struct yara_gate_rule *rule = &w->g->rule[i];
    w->view.literals = YARA_SEEN_ALL;
    w->c->in[i] = yara_gate_ask(w->g, i, &w->view);
    if (!w->c->in[i])
        return;
    w->view.literals = YARA_SEEN_MAP;
    w->view.seen = w->shorts;
    if (yara_gate_ask(w->g, i, &w->view) && rule->n_strings <= MOST_STRINGS)
        choose_shorts(w, rule, i);
    take_literals(w, rule);
    for (uint32_t s = 0; s < rule->n_strings; s++)
        set_string(w, rule, s, w->shorts, true);
}

static void find_undecided(struct work *w)
{
    struct yara_class *c = w->c;
    for (size_t i = 0; i < w->g->n_lits; i++)
        if (!w->take[i])
            c->assumed[i / 64] |= (uint64_t)1 << (i % 64);
    w->view.literals = YARA_SEEN_MAP;
    w->view.seen = c->assumed;
    for (size_t i = 0; i < w->g->n_rules; i++)
        /* What decides a rule that refers to others are their literals, not its own. */
        if (c->in[i] &&
            (w->g->rule[i].flags & YARA_RULE_REFERS || yara_gate_ask(w->g, i, &w->view)))
            c->undecided[c->n_undecided++] = (uint32_t)i;
}

static enum err make(struct work *w)
{
    const struct yara_gate *g = w->g;
    for (size_t i = 0; i < g->n_lits; i++)
        if (g->lit[i].gram < YARA_GRAM)
            w->shorts[i / 64] |= (uint64_t)1 << (i % 64);
    for (size_t i = 0; i < g->n_rules; i++)
        look_at_rule(w, i);
    find_undecided(w);
    return yara_finder_new(g->lit, g->n_lits, w->take, &w->c->finder);
}

enum err yara_class_new(const struct yara_gate *g, enum yara_kind kind,
                        struct yara_class **ret_class)
{
    size_t words = g->n_lits / 64 + 1;
    struct yara_class *c = *ret_class = calloc(1, sizeof *c);
    struct work w = {.g = g, .c = c};
    enum err rc = ERR_NOMEM;
    w.shorts = calloc(words, sizeof *w.shorts);
    w.take = calloc(g->n_lits + 1, sizeof *w.take);
    if (c) {
        c->in = calloc(g->n_rules + 1, sizeof *c->in);
        c->assumed = calloc(words, sizeof *c->assumed);
        c->undecided = calloc(g->n_rules + 1, sizeof *c->undecided);
        c->probe = calloc(g->n_probes + 1, sizeof *c->probe);
    }
    if (c && c->in && c->assumed && c->undecided && c->probe && w.shorts && w.take) {
        for (size_t i = 0; i < g->n_probes; i++)
            c->probe[i] =
                kind == YARA_KIND_MZ || g->probe[i].needs_body ? YARA_ANYTHING : g->probe[i].else_;
        w.view = view_of(kind, c);
        rc = make(&w);
    }
    free(w.shorts);
    free(w.take);
    if (rc)
        *ret_class = yara_class_free(c);
    return rc;
}

struct yara_class *yara_class_free(struct yara_class *c)
{
    if (c) {
        free(c->in);
        free(c->assumed);
        free(c->undecided);
        free(c->probe);
        yara_finder_free(c->finder);
    }
    free(c);
    return NULL;
}
