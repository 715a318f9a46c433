/* One text judged: is there script at all, what features does it have, which rule fits. */
#include "match/shell.h"
#include "base/utf.h"
#include "match/shell_priv.h"

struct str shell_tier_name(enum shell_tier tier)
{
    static const struct str name[] = {STR("none"), STR("weak"), STR("likely"), STR("certain")};
    return name[tier <= SHELL_CERTAIN ? tier : 0];
}

void *shell_grow(struct look *k, void *p, size_t n, size_t *cap, size_t size)
{
    size_t more = *cap ? *cap * 2 : 64;
    void *to = arena_array(k->arena, more, size);
    if (!to) {
        k->rc = ERR_NOMEM;
        return p;
    }
    if (n)
        memcpy(to, p, n * size);
    *cap = more;
    return to;
}

void shell_see(struct look *k, uint16_t feature, uint32_t at, uint32_t len)
{
    if (feature == 0 || k->pass == 1)
        return;
    struct seen *s = &k->seen[feature];
    if (k->pinned) {
        at = k->pin_at;
        len = k->pin_len;
    }
    if (s->n++ == 0) {
        s->at = at;
        s->len = len;
    }
    if (k->s->feature[feature].weight >= 4 && at && !k->first_hit)
        k->first_hit = at;
}

/* A "<" that may begin script. Most texts have none, and are done with. */
static bool marked(struct str text)
{
    for (size_t at = 0; at + 1 < text.n;) {
        const char *lt = memchr(text.p + at, '<', text.n - at - 1);
        if (!lt)
            return false;
        char c = lt[1];
        at = (size_t)(lt - text.p) + 1;
        if (c == '?' || c == '%' || str_starts(str_sub(text, at, at + 6), STR("!--#ex")))
            return true;
        struct str rest = str_sub(text, at, at + 400);
        if ((c | 32) == 's' && str_istarts(rest, STR("script")) &&
            (str_ifind(rest, STR("runat")) >= 0 || str_ifind(rest, STR("php")) >= 0))
            return true;
        rest.n = rest.n < 28 ? rest.n : 28;
        if (ascii_alpha((unsigned char)c) && str_has(rest, STR(":")) &&
            (str_ifind(rest, STR(":scriptlet")) >= 0 || str_ifind(rest, STR(":declaration")) >= 0 ||
             str_ifind(rest, STR(":expression")) >= 0))
            return true;
    }
    return false;
}

enum wide { NARROW, WIDE_LITTLE, WIDE_BIG };

static enum wide wide_of(struct str text, size_t *ret_head)
{
    *ret_head = 2;
    if (str_starts(text, str_make("\xff\xfe", 2)))
        return WIDE_LITTLE;
    if (str_starts(text, str_make("\xfe\xff", 2)))
        return WIDE_BIG;
    size_t odd = 0, even = 0, n = (text.n < 256 ? text.n : 256) & ~(size_t)1;
    *ret_head = 0;
    for (size_t i = 0; i < n; i += 2) {
        even += text.p[i] == 0 && text.p[i + 1] != 0;
        odd += text.p[i] != 0 && text.p[i + 1] == 0;
    }
    if (n >= 16 && odd * 10 > n * 4)
        return WIDE_LITTLE;
    return n >= 16 && even * 10 > n * 4 ? WIDE_BIG : NARROW;
}

static enum err narrow(struct arena *arena, struct str text, enum wide wide, struct str *ret)
{
    struct buf b;
    buf_init(&b, text.n * 2 + 16);
    utf16_to_utf8(&b, text, wide == WIDE_BIG, true);
    enum err rc = b.rc;
    if (rc == OK) {
        *ret = arena_str(arena, buf_view(&b));
        rc = ret->p ? OK : ERR_NOMEM;
    }
    buf_done(&b);
    return rc;
}

static enum err words(struct look *k)
{
    struct lit_spots spots = {0};
    struct str text = str_sub(k->text, 0, 1 << 20);
    enum err rc = lit_scan(k->s->words, text, &spots);
    k->pinned = false;
    for (size_t i = 0; rc == OK && i < spots.n; i++)
        shell_see(k, k->s->word_feature[spots.v[i].literal],
                  spots.v[i].end ? spots.v[i].end - 1 : 0, 1);
    free(spots.v);
    return rc;
}

static bool all_seen(const struct look *k, const uint16_t *id, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!k->seen[id[i]].n)
            return false;
    return true;
}

static bool one_seen(const struct look *k, const uint16_t *id, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (k->seen[id[i]].n)
            return true;
    return false;
}

static const struct shell_rule *best_rule(const struct look *k, double score)
{
    const struct shell_rule *best = NULL;
    uint32_t can = (uint32_t)__builtin_popcount(k->can);
    for (size_t i = 0; i < k->s->n_rules; i++) {
        const struct shell_rule *r = &k->s->rule[i];
        if ((best && best->tier >= r->tier) || !all_seen(k, r->all, r->n_all) ||
            (r->n_any && !one_seen(k, r->any, r->n_any)) ||
            (r->n_also && !one_seen(k, r->also, r->n_also)) || one_seen(k, r->none, r->n_none) ||
            can < r->min_can || score < r->min_score)
            continue;
        best = r;
    }
    return best;
}

static bool of_rule(const struct shell_rule *r, size_t f)
{
    bool is = false;
    for (size_t i = 0; r && i < r->n_all; i++)
        is |= r->all[i] == f;
    for (size_t i = 0; r && i < r->n_any; i++)
        is |= r->any[i] == f;
    for (size_t i = 0; r && i < r->n_also; i++)
        is |= r->also[i] == f;
    return is;
}

static uint64_t place(const struct look *k, enum wide wide, size_t head, uint32_t at)
{
    if (wide == NARROW)
        return at;
    return head + 2 * utf16_units(str_sub(k->text, 0, at));
}

static void reasons(const struct look *k, const struct shell_rule *rule, enum wide wide,
                    size_t head, struct shell_report *ret)
{
    bool taken[SHELL_FEATURES] = {false};
    while (ret->n_reasons < SHELL_MAX_REASONS) {
        size_t best = 0;
        double top = 0;
        for (size_t f = 1; f < k->s->n_features; f++) {
            double w = k->s->feature[f].weight + (of_rule(rule, f) ? 1000 : 0);
            if (k->seen[f].n && !taken[f] && w > top)
                top = w, best = f;
        }
        if (best == 0)
            return;
        taken[best] = true;
        const struct seen *s = &k->seen[best];
        uint64_t from = place(k, wide, head, s->at), to = place(k, wide, head, s->at + s->len);
        ret->reason[ret->n_reasons++] = (struct shell_reason){
            k->s->feature[best].id, k->s->feature[best].says, from, to > from ? to - from : 0};
    }
}

static void verdict(const struct look *k, enum wide wide, size_t head, struct shell_report *ret)
{
    double score = 0;
    for (size_t f = 1; f < k->s->n_features; f++)
        if (k->seen[f].n)
            score += k->s->feature[f].weight;
    const struct shell_rule *rule = best_rule(k, score);
    ret->score = score;
    for (int t = SHELL_WEAK; t <= SHELL_CERTAIN; t++)
        if (score >= k->s->tier_score[t])
            ret->tier = (enum shell_tier)t;
    if (rule && rule->tier >= ret->tier) {
        ret->tier = rule->tier;
        ret->rule = rule->id;
    } else {
        rule = NULL;
    }
    if (ret->tier != SHELL_NONE)
        reasons(k, rule, wide, head, ret);
}

static struct str language_of(const struct look *k, struct str name, struct str config)
{
    bool asp = str_iends(name, STR(".asp")) || (!k->had[SL_NET] && !str_iends(name, STR("x")));
    return k->had[SL_JAVA]                   ? STR("jsp")
           : k->had[SL_NET] || k->had[SL_VB] ? (asp ? STR("asp") : STR("aspx"))
           : k->had[SL_PHP]                  ? STR("php")
           : k->other.p                      ? k->other
                                             : config;
}

static enum err look(struct look *k, struct str name, struct shell_report *ret)
{
    struct str config = STR_NONE;
    shell_shape_config(k, k->text, name, &config);
    shell_shape_dump(k, &ret->dump);
    k->by_line = shell_by_line(k, name);
    if (marked(k->text) || shell_page_by_name(name, k->text))
        shell_page(k, k->text, name, false);
    k->pass = 0;
    k->pinned = false;
    shell_lines(k, name);
    if (k->rc == ERR_NOMEM) { /* what was seen until then counts */
        k->rc = OK;
        k->cut = true;
    }
    ret->language = language_of(k, name, config);
    if (ret->language.p && !k->rc && k->s->n_words && (k->interesting || config.p))
        k->rc = words(k);
    return k->rc;
}

static void init(struct look *k, const struct shell *s, struct arena *arena, struct str text)
{
    *k = (struct look){.s = s, .arena = arena, .text = text};
}

enum err shell_judge(const struct shell *shell, struct str name, struct str text,
                     struct arena *arena, struct shell_report *ret_report)
{
    size_t head = 0;
    *ret_report =
        (struct shell_report){.dump = {.when_changed_us = TIME_NONE, .when_created_us = TIME_NONE}};
    struct look *k = arena_new(arena, struct look);
    if (!k)
        return ERR_NOMEM;
    bool cut = text.n > SHELL_MAX_TEXT_BYTES;
    text = str_sub(text, 0, SHELL_MAX_TEXT_BYTES);
    enum wide wide = wide_of(text, &head);
    struct str plain = text;
    if (wide != NARROW)
        TRY(narrow(arena, str_sub(text, head, text.n), wide, &plain));
    init(k, shell, arena, plain);
    TRY(look(k, name, ret_report));
    shell_shape_heads(k, text, name);
    shell_shape_measures(k);
    ret_report->cut = cut || k->cut;
    verdict(k, wide, head, ret_report);
    return OK;
}
