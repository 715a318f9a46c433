#include "scan/yara_priv.h"

#include <stdlib.h>

enum { MOST_TAGS = 64, MOST_METAS = 128 };

struct yara_check {
    const struct yara_set *set;
    struct yara_lib **lib; /* of each source, loaded when it is first needed */
    struct yara_lib *probes;
    uint64_t *seen;
    uint8_t *probe;
    bool *want; /* a rule each */
};

enum err yara_check_new(const struct yara_set *set, struct yara_check **ret_check)
{
    struct yara_check *c = *ret_check = calloc(1, sizeof *c);
    if (!c)
        return ERR_NOMEM;
    c->set = set;
    c->lib = calloc(set->gate.n_sources + 1, sizeof *c->lib);
    c->seen = calloc(set->gate.n_lits / 64 + 1, sizeof *c->seen);
    c->probe = calloc(set->gate.n_probes + 1, sizeof *c->probe);
    c->want = calloc(set->gate.n_rules + 1, sizeof *c->want);
    if (!c->lib || !c->seen || !c->probe || !c->want) {
        *ret_check = yara_check_free(c);
        return ERR_NOMEM;
    }
    return OK;
}

struct yara_check *yara_check_free(struct yara_check *check)
{
    if (!check)
        return NULL;
    for (size_t i = 0; check->lib && i < check->set->gate.n_sources; i++)
        yara_lib_free(check->lib[i]);
    yara_lib_free(check->probes);
    free(check->lib);
    free(check->seen);
    free(check->probe);
    free(check->want);
    free(check);
    return NULL;
}

/* What is said of one body. */
struct one {
    struct yara_check *check;
    const struct yara_facts *facts;
    struct str body;
    const struct yara_candidates *candidates;
    const struct yara_sink *sink;
    struct str external[YARA_EXTERNALS];
    uint32_t source;
};

/* ---- probes: what modules say of the body, asked once for all rules ---- */

static enum err on_answer(void *ctx, size_t rule, const struct yara_lib_match *match)
{
    struct one *o = ctx;
    (void)match;
    if (rule < o->check->set->n_probe_rules)
        o->check->probe[o->check->set->probe_of[rule]] = YARA_CAN_HOLD;
    return OK;
}

static enum err no_matter(void *ctx, size_t rule)
{
    (void)ctx;
    (void)rule;
    return OK;
}

static enum err run_probes(struct one *o)
{
    struct yara_check *c = o->check;
    const struct yara_set *set = c->set;
    struct yara_lib_sink sink = {on_answer, no_matter, o};
    memset(c->probe, YARA_ANYTHING, set->gate.n_probes);
    if (!set->probe_blob.p)
        return OK;
    if (!c->probes)
        TRY(yara_lib_load(set->probe_blob, &c->probes));
    for (size_t i = 0; i < set->n_probe_rules; i++)
        c->probe[set->probe_of[i]] = YARA_CAN_FAIL | YARA_CAN_LACK;
    enum err rc = yara_lib_scan(c->probes, o->body, o->external, YARA_TIMEOUT_S, &sink, NULL);
    if (rc == ERR_AGAIN || rc == ERR_FORMAT) { /* then they say nothing, and the rules are asked */
        memset(c->probe, YARA_ANYTHING, set->gate.n_probes);
        rc = OK;
    }
    return rc;
}

static bool any_probes(const struct one *o)
{
    for (size_t i = 0; i < o->candidates->n_rules; i++)
        if (o->check->set->gate.rule[o->candidates->rule[i]].flags & YARA_RULE_PROBES)
            return true;
    return false;
}

static enum err choose(struct one *o)
{
    struct yara_check *c = o->check;
    const struct yara_gate *g = &c->set->gate;
    const struct yara_candidates *can = o->candidates;
    const unsigned char *head = (const unsigned char *)o->body.p;
    const struct yara_class *kind = c->set->kind[yara_kind_of(head, o->body.n)];
    struct yara_view view = {.literals = can->unread ? YARA_SEEN_ALL : YARA_SEEN_MAP,
                             .seen = c->seen,
                             .size_min = o->body.n,
                             .size_max = o->body.n,
                             .head = head,
                             .head_n = o->body.n};
    memcpy(c->seen, kind->assumed, (g->n_lits / 64 + 1) * sizeof *c->seen);
    for (size_t i = 0; i < can->n_seen; i++)
        c->seen[can->seen[i] / 64] |= (uint64_t)1 << (can->seen[i] % 64);
    for (int i = 0; i < YARA_EXTERNALS; i++) {
        view.external[i] = o->external[i];
        view.external_known[i] = true;
    }
    if (any_probes(o)) {
        TRY(run_probes(o));
        view.probe = c->probe;
    }
    for (size_t i = 0; i < can->n_rules; i++)
        c->want[can->rule[i]] = yara_gate_ask(g, can->rule[i], &view);
    return OK;
}

/* ---- telling ---- */

struct telling {
    struct str tag[MOST_TAGS];
    struct yara_meta meta[MOST_METAS];
    char number[MOST_METAS][32];
    struct yara_spot spot[YARA_SPOTS_TOLD];
    struct yara_match match;
    struct str body;
};

static bool tell_tag(void *ctx, struct str tag)
{
    struct telling *t = ctx;
    t->tag[t->match.n_tags++] = tag;
    return t->match.n_tags < MOST_TAGS;
}

static bool tell_meta(void *ctx, struct str name, struct str text)
{
    struct telling *t = ctx;
    size_t i = t->match.n_metas++;
    /* Numbers live no longer than this call. */
    if (text.n < sizeof t->number[i]) {
        memcpy(t->number[i], text.p, text.n);
        text.p = t->number[i];
    }
    t->meta[i] = (struct yara_meta){name, text};
    return t->match.n_metas < MOST_METAS;
}

static bool tell_spot(void *ctx, const struct yara_lib_spot *spot)
{
    struct telling *t = ctx;
    t->match.n_occurrences++;
    if (t->match.n_spots == YARA_SPOTS_TOLD)
        return true;
    size_t n = spot->length < YARA_SPOT_BYTES ? (size_t)spot->length : YARA_SPOT_BYTES;
    t->spot[t->match.n_spots++] =
        (struct yara_spot){spot->id, spot->offset, spot->length,
                           str_sub(t->body, (size_t)spot->offset, (size_t)spot->offset + n)};
    return true;
}

static enum err on_match(void *ctx, size_t rule, const struct yara_lib_match *match)
{
    struct one *o = ctx;
    const struct yara_set *set = o->check->set;
    uint32_t i = set->gate.source_rule[o->source] + (uint32_t)rule;
    if (i >= set->gate.source_rule[o->source + 1])
        return ERR_BUG;
    if (set->gate.rule[i].flags & YARA_RULE_PRIVATE)
        return OK;
    struct telling *t = calloc(1, sizeof *t);
    if (!t)
        return ERR_NOMEM;
    t->body = o->body;
    t->match = (struct yara_match){.rule = i,
                                   .name = set->gate.rule[i].name,
                                   .source = set->source[o->source],
                                   .tag = t->tag,
                                   .meta = t->meta,
                                   .spot = t->spot};
    yara_lib_tags(match, tell_tag, t);
    yara_lib_metas(match, tell_meta, t);
    yara_lib_spots(match, tell_spot, t);
    enum err rc = o->sink->match(o->sink->ctx, &t->match);
    free(t);
    return rc;
}

static enum err on_too_many(void *ctx, size_t rule)
{
    struct one *o = ctx;
    const struct yara_set *set = o->check->set;
    uint32_t i = set->gate.source_rule[o->source] + (uint32_t)rule;
    return o->sink->gap(o->sink->ctx, i, set->source[o->source], STR("too-many-matches"));
}

/* ---- one source ---- */

/* Rules that refer to others need them; which ones, libyara knows. Global ones decide for all. */
static void switch_rules(const struct one *o, struct yara_lib *lib)
{
    const struct yara_gate *g = &o->check->set->gate;
    uint32_t first = g->source_rule[o->source], end = g->source_rule[o->source + 1];
    bool all = false;
    for (uint32_t i = first; i < end; i++)
        all = all ||
              (o->check->want[i] && g->rule[i].flags & (YARA_RULE_REFERS | YARA_RULE_OPAQUE)) ||
              (g->rule[i].flags & YARA_RULE_GLOBAL && g->rule[i].flags & YARA_RULE_REFERS);
    for (uint32_t i = first; i < end; i++)
        yara_lib_switch(lib, i - first,
                        all || o->check->want[i] || g->rule[i].flags & YARA_RULE_GLOBAL);
}

static enum err one_source(struct one *o)
{
    struct yara_check *c = o->check;
    const struct yara_set *set = c->set;
    struct yara_lib_sink sink = {on_match, on_too_many, o};
    struct error why = {0};
    if (!c->lib[o->source]) {
        TRY(yara_lib_load(set->blob[o->source], &c->lib[o->source]));
        size_t n = set->gate.source_rule[o->source + 1] - set->gate.source_rule[o->source];
        if (yara_lib_rules(c->lib[o->source]) != n)
            return ERR_FORMAT;
    }
    switch_rules(o, c->lib[o->source]);
    enum err rc =
        yara_lib_scan(c->lib[o->source], o->body, o->external, YARA_TIMEOUT_S, &sink, &why);
    if (rc == ERR_AGAIN && why.code)
        return o->sink->gap(o->sink->ctx, UINT32_MAX, set->source[o->source], STR("timeout"));
    if (rc == ERR_FORMAT && why.code)
        return o->sink->gap(o->sink->ctx, UINT32_MAX, set->source[o->source], STR("failed"));
    return rc;
}

static bool wanted(const struct one *o)
{
    const struct yara_gate *g = &o->check->set->gate;
    for (uint32_t i = g->source_rule[o->source]; i < g->source_rule[o->source + 1]; i++)
        if (o->check->want[i])
            return true;
    return false;
}

enum err yara_check_body(struct yara_check *check, const struct yara_facts *facts, struct str body,
                         const struct yara_candidates *candidates, const struct yara_sink *sink)
{
    struct one o = {check, facts, body.p ? body : STR(""), candidates, sink, {{0}}, 0};
    if (!candidates->n_rules)
        return OK;
    yara_externals(facts, o.external);
    enum err rc = choose(&o);
    for (; o.source < check->set->gate.n_sources && !rc; o.source++)
        if (wanted(&o))
            rc = one_source(&o);
    for (size_t i = 0; i < candidates->n_rules; i++)
        check->want[candidates->rule[i]] = false;
    return rc;
}
