#include "scan/ruleset.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "dossier/hash_lists.h"
#include "dossier/indicators.h"
#include "dossier/load.h"
#include "dossier/placeholders.h"
#include "os/io.h"
#include "scan/correlate.h"
#include "scan/rule_files.h"

#define SETTLE_BYTES ((size_t)1 << 30)

enum { INDICATOR_FILE_BYTES = 256 * 1024 * 1024, MAX_DOSSIERS = 64 };

struct loader {
    struct arena *arena;
    const struct scan_options *options;
    struct error *error;
    VEC(struct dossier) dossier;
    VEC(struct scan_rule) rule;
    VEC(struct list {
        struct indicator *v;
        size_t n;
    })
    list; /* of indicators */
    size_t n_indicators;
    VEC(const struct sigma_rule *) filter;
    VEC(struct scan_rule) correlation;
};

static void warn(struct loader *l, struct str file, uint32_t line, struct str text)
{
    struct buf b;
    if (!l->options->warn)
        return;
    buf_init(&b, 2048);
    buf_str(&b, str_sub(file, 0, 512));
    if (line) {
        buf_putc(&b, ':');
        buf_u64(&b, line);
    }
    buf_puts(&b, ": ");
    buf_str(&b, str_sub(text, 0, 1024));
    l->options->warn(l->options->ctx, buf_view(&b));
    buf_done(&b);
}

/* "attack.t1505.003" -> "T1505.003" */
static enum err techniques(struct arena *arena, const struct sigma_rule *rule,
                           struct str_list *ret_list)
{
    ret_list->v = arena_new_n(arena, struct str, rule->n_tags + 1);
    if (!ret_list->v)
        return ERR_NOMEM;
    for (size_t i = 0; i < rule->n_tags; i++) {
        struct str t = rule->tags[i];
        if (!str_istarts(t, STR("attack.t")) || t.n < 9 || !ascii_digit((unsigned char)t.p[8]))
            continue;
        struct str copy = arena_str(arena, str_sub(t, 7, t.n));
        if (!copy.p)
            return ERR_NOMEM;
        ((char *)(uintptr_t)copy.p)[0] = 'T';
        ret_list->v[ret_list->n++] = copy;
    }
    return OK;
}

/* A rule's dossier by its number, or: */
#define OF_NONE UINT32_MAX          /* the user's own */
#define OF_PROGRAM (UINT32_MAX - 1) /* shipped, of no affair */

static enum err add_rule(struct loader *l, const struct sigma_rule *rule,
                         const struct rule_meta *meta, uint32_t dossier)
{
    struct scan_rule r = {
        .sigma = rule, .meta = *meta, .title = rule->title, .shipped = dossier == OF_PROGRAM};
    if (rule->type == SIGMA_FILTER)
        return vec_push(&l->filter, rule, LIMIT_RULES);
    r.id = rule->id.n ? rule->id : rule->title;
    if (!level_parse(rule->level, &r.level))
        r.level = LEVEL_MEDIUM;
    TRY(techniques(l->arena, rule, &r.technique));
    /* The vector of dossiers may still move: its index now, its address at the end. */
    r.dossier = (const struct dossier *)(uintptr_t)(dossier + 1);
    if (dossier >= OF_PROGRAM)
        r.dossier = NULL;
    return rule->type == SIGMA_CORRELATION ? vec_push(&l->correlation, r, LIMIT_RULES)
                                           : vec_push(&l->rule, r, LIMIT_RULES);
}

static enum err add_list(struct loader *l, struct indicator *v, size_t n)
{
    struct list list = {v, n};
    if (n > INDICATORS_MAX - l->n_indicators)
        return ERR_LIMIT;
    l->n_indicators += n;
    return vec_push(&l->list, list, INDICATORS_MAX);
}

static enum err load_dossier(struct loader *l, struct str id)
{
    struct dossier d;
    struct dossier_problems problems = {0};
    TRY(dossier_load(l->arena, id, &d, &problems, l->error));
    if (d.catalogue)
        return fail(l->error, ERR_FORMAT,
                    "\"%.*s\" is a catalogue: it knows builds and fixes, but no affair to look for",
                    STR_FMT(d.id));
    for (size_t i = 0; i < problems.n; i++)
        warn(l, problems.v[i].file, problems.v[i].line, problems.v[i].text);
    uint32_t index = (uint32_t)l->dossier.n;
    TRY(vec_push(&l->dossier, d, MAX_DOSSIERS));
    for (size_t i = 0; i < d.n_rules; i++)
        TRY(add_rule(l, &d.rule[i], &d.meta[i], index));
    for (size_t i = 0; i < d.n_indicators; i++)
        d.indicator[i].dossier = d.id;
    return add_list(l, d.indicator, d.n_indicators);
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static enum err load_dossiers(struct loader *l)
{
    const char *const *shipped;
    const struct str_list *given = &l->options->dossiers;
    size_t n = given->n;
    if (n == 0)
        n = l->options->no_dossiers ? 0 : dossier_shipped(&shipped);
    struct str *id = arena_new_n(l->arena, struct str, n + 1);
    if (!id)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        id[i] = given->n ? given->v[i] : str_of(shipped[i]);
    qsort(id, n, sizeof *id, by_text);
    for (size_t i = 0; i < n; i++)
        TRY(load_dossier(l, id[i]));
    return OK;
}

static enum err load_rule_file(struct loader *l, struct rule_cache *cache,
                               const struct rule_file *f, uint32_t dossier)
{
    struct rule_docs docs;
    struct sigma_rule *rule;
    struct sigma_problem *problem;
    size_t n, n_problems;
    TRY(rule_cache_docs(cache, l->arena, f->text, f->path, &docs));
    TRY(rules_of_docs(l->arena, &docs, f->text, f->path, &rule, &n, &problem, &n_problems));
    for (size_t i = 0; i < n_problems; i++)
        warn(l, f->path, problem[i].line, problem[i].reason);
    for (size_t i = 0; i < n; i++) {
        struct rule_meta meta;
        rule_meta_read(&rule[i], &meta, l->arena, NULL);
        TRY(add_rule(l, &rule[i], &meta, dossier));
    }
    return OK;
}

/* They go with the dossiers: who wants none of these wants none of them. */
static enum err load_shipped(struct loader *l)
{
    struct rule_files files;
    if (l->options->no_dossiers)
        return OK;
    TRY(rule_files_shipped(l->arena, &files));
    for (size_t i = 0; i < files.n; i++)
        TRY(load_rule_file(l, NULL, &files.v[i], OF_PROGRAM));
    return OK;
}

static enum err load_rules(struct loader *l, struct ruleset *set)
{
    struct rule_files files;
    TRY(rule_files_read(l->arena, l->options, set->placeholder, set->n_placeholders, &files,
                        l->error));
    set->cache = files.cache;
    for (size_t i = 0; i < files.n; i++) {
        const struct rule_file *f = &files.v[i];
        if (f->why.p)
            warn(l, f->path, 0, f->why);
        else
            TRY(load_rule_file(l, set->cache, f, OF_NONE));
    }
    return OK;
}

static enum err wanted_begin(struct loader *l, struct ruleset *set)
{
    if (set->wanted)
        return OK;
    set->wanted = arena_new(l->arena, struct hash_lists);
    if (!set->wanted)
        return ERR_NOMEM;
    TRY(hash_lists_init(set->wanted));
    set->wanted->refuse_empty = true;
    return OK;
}

/* Millions of hashes: no indicator each, but a place in a set. */
static enum err load_hashes(struct loader *l, struct ruleset *set, struct str path)
{
    char text[160];
    TRY(wanted_begin(l, set));
    TRY(hash_lists_read(set->wanted, path, l->error));
    const struct hash_list *list = &set->wanted->list[set->wanted->n_lists - 1];
    for (size_t i = 0; i < list->n_problems; i++)
        warn(l, list->file, list->problem[i].line, list->problem[i].text);
    if (list->bad_lines > list->n_problems) {
        (void)snprintf(text, sizeof text, "and %zu more lines without a usable hash",
                       list->bad_lines - list->n_problems);
        warn(l, list->file, 0, str_of(text));
    }
    (void)snprintf(text, sizeof text,
                   "%llu hashes: a list of that length is compared with files, not with events",
                   (unsigned long long)list->digests);
    warn(l, list->file, 0, str_of(text));
    return OK;
}

/* Those of indicators join them, so that a file is asked about once. */
static enum err wanted_build(struct loader *l, struct ruleset *set)
{
    for (size_t i = 0; i < set->n_indicators; i++) {
        enum digest_kind kind;
        unsigned char bytes[DIGEST_MAX_BYTES];
        if (set->indicator[i].type != INDICATOR_HASH ||
            !digest_parse(set->indicator[i].value, &kind, bytes))
            continue;
        TRY(wanted_begin(l, set));
        TRY(hash_lists_add(set->wanted, kind, bytes, (uint32_t)i));
    }
    return set->wanted ? hash_lists_build(set->wanted) : OK;
}

static enum err load_indicators(struct loader *l, struct ruleset *set)
{
    for (size_t i = 0; i < l->options->indicators.n; i++) {
        struct indicator *list;
        struct dossier_problem *problem;
        size_t n, n_problems;
        const char *format;
        struct str text, path = l->options->indicators.v[i];
        if (hash_lists_fits(path)) {
            TRY(load_hashes(l, set, path));
            continue;
        }
        TRY(io_read_file(l->arena, path, INDICATOR_FILE_BYTES, &text, l->error));
        enum err rc =
            indicators_load(l->arena, text, path, &list, &n, &problem, &n_problems, &format);
        for (size_t k = 0; k < n_problems; k++)
            warn(l, problem[k].file, problem[k].line, problem[k].text);
        if (rc)
            return fail_at(l->error, rc, path.p, 0, "cannot use '%.*s' as an indicator list",
                           STR_FMT(path));
        TRY(add_list(l, list, n));
    }
    return OK;
}

/* --pivot: every row with the value in it. */
#define PIVOT_SOURCE "--pivot"

static enum err add_pivots(struct loader *l)
{
    for (size_t i = 0; i < l->options->pivots.n; i++) {
        struct indicator *ind = arena_new(l->arena, struct indicator);
        if (!ind)
            return ERR_NOMEM;
        *ind = (struct indicator){.type = INDICATOR_TEXT,
                                  .value = l->options->pivots.v[i],
                                  .weak = true,
                                  .note = STR("a row of the value asked for"),
                                  .source = STR(PIVOT_SOURCE),
                                  .from_us = TIME_NONE,
                                  .until_us = TIME_NONE};
        if (ind->value.n < 3)
            return fail(l->error, ERR_USAGE, "a pivot value needs at least 3 characters");
        TRY(add_list(l, ind, 1));
    }
    return OK;
}

static const char *type_name(enum indicator_type t)
{
    static const char *const names[] = {"address", "domain", "url", "name",
                                        "agent",   "hash",   "text"};
    return names[t];
}

/* b is only room to write in: lists are long. */
static void name_indicator(struct arena *arena, struct buf *b, const struct indicator *ind,
                           bool pivot, struct scan_rule *r)
{
    buf_reset(b);
    buf_puts(b, pivot ? "pivot" : "indicator:");
    buf_puts(b, pivot ? "" : type_name(ind->type));
    buf_putc(b, ':');
    buf_str(b, str_sub(ind->value, 0, 1024));
    r->id = arena_str(arena, buf_view(b));
    buf_reset(b);
    buf_puts(b, "known ");
    buf_puts(b, type_name(ind->type));
    buf_putc(b, ' ');
    buf_str(b, str_sub(ind->value, 0, 200));
    r->title = arena_str(arena, buf_view(b));
}

/* Indicators are numbered behind the rules, so that both make hits of one kind. */
static enum err number_indicators(struct loader *l, struct ruleset *set)
{
    enum err rc = OK;
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < set->n_indicators && !rc; i++) {
        const struct indicator *ind = &set->indicator[i];
        struct scan_rule *r = &set->rule[set->n_rules++];
        bool pivot = str_eq(ind->source, STR(PIVOT_SOURCE));
        r->indicator = ind;
        r->level = ind->weak ? LEVEL_LOW : LEVEL_HIGH;
        name_indicator(l->arena, &b, ind, pivot, r);
        r->meta = (struct rule_meta){.grade = ind->weak ? GRADE_WEAK : GRADE_ATTEMPT,
                                     .graded = true,
                                     .stage = STAGE_PROBE,
                                     .meaning = ind->note,
                                     .each_row = pivot};
        for (size_t d = 0; ind->dossier.p && d < set->n_dossiers; d++)
            if (str_eq(set->dossier[d].id, ind->dossier))
                r->dossier = &set->dossier[d];
        rc = !r->id.p || !r->title.p ? ERR_NOMEM : OK;
    }
    buf_done(&b);
    return rc;
}

/* Where lists differ about a value, or one of them does not say, the strictest mark counts: its
 * findings have one identifier. */
static enum err settle_marks(struct ruleset *set)
{
    struct arena scratch;
    struct map marks;
    enum err rc = OK;
    arena_init(&scratch, SETTLE_BYTES);
    map_init(&marks, &scratch, INDICATORS_MAX);
    for (size_t i = 0; i < set->n_indicators && !rc; i++) {
        const enum tlp tlp = set->indicator[i].tlp;
        const struct str id = set->rule[set->n_sigma + i].id;
        const uint32_t *had = tlp ? map_get(&marks, id) : NULL;
        if (tlp && (!had || *had < tlp))
            rc = map_put(&marks, id, tlp);
    }
    for (size_t i = 0; marks.n && i < set->n_indicators && !rc; i++) {
        const uint32_t *tlp = map_get(&marks, set->rule[set->n_sigma + i].id);
        if (tlp)
            set->indicator[i].tlp = (enum tlp) * tlp;
    }
    map_done(&marks);
    arena_done(&scratch);
    return rc;
}

/* Correlations are numbered behind the indicators: they make hits as well, but of no record. */
static enum err number_correlations(struct loader *l, struct ruleset *set)
{
    struct correlations *all = arena_new(l->arena, struct correlations);
    if (l->correlation.n == 0)
        return OK;
    if (!all || !(all->v = arena_new_n(l->arena, struct correlation, l->correlation.n)))
        return ERR_NOMEM;
    set->correlations = all;
    for (size_t i = 0; i < l->correlation.n; i++) {
        struct scan_rule *r = &set->rule[set->n_rules];
        uintptr_t number = (uintptr_t)l->correlation.v[i].dossier;
        *r = l->correlation.v[i];
        r->dossier = number ? &set->dossier[number - 1] : NULL;
        all->v[all->n++] = (struct correlation){
            .sigma = r->sigma, .def = r->sigma->correlation, .rule = (uint32_t)set->n_rules++};
    }
    return correlations_bind(l->arena, set);
}

/* What scan finds by itself, without any rule. */
static struct str own_day = STR("Day"), own_who[] = {STR("Log"), STR("User")};
static struct str own_removal = STR("T1070.001"), own_shell = STR("T1505.003");
static struct str own_file[] = {STR("TargetFilename"), STR("sha256")};
static const struct scan_rule own_rules[OWN_RULES] = {
    [OWN_CLOCK_BACK] =
        {.id = STR("tocsin:clock-back"),
         .title = STR("The clock of a log went back"),
         .level = LEVEL_INFORMATIONAL,
         .meta = {.grade = GRADE_WEAK,
                  .graded = true,
                  .stage = STAGE_POST,
                  .fold = {&own_day, 1},
                  .meaning = STR("Records are not in the order that their times tell, and "
                                 "times before the step come twice."),
                  .next = STR("Look for a change of the time (event 4616 of Security, 1 of "
                              "Kernel-General), a machine that was resumed or set back, or "
                              "records that somebody wrote.")}},
    [OWN_LOG_CLEARED] =
        {.id = STR("tocsin:log-cleared"),
         .title = STR("A log was emptied"),
         .level = LEVEL_MEDIUM,
         .technique = {&own_removal, 1},
         .meta = {.grade = GRADE_WEAK,
                  .graded = true,
                  .stage = STAGE_POST,
                  .fold = {own_who, 2},
                  .meaning = STR("What the log held before is not there. Intruders do that, "
                                 "and so do set-ups and administrators."),
                  .next = STR("Ask the account's owner. Look for the events where they were "
                              "sent to, in backups and shadow copies, and with --carve.")}},
    [OWN_HASH_LISTED] = {.id = STR("tocsin:hash-listed"),
                         .title = STR("A file of a list of hashes"),
                         .level = LEVEL_HIGH,
                         .meta = {.grade = GRADE_PROGRESSED,
                                  .graded = true,
                                  .stage = STAGE_WRITE,
                                  .fold = {own_file, 2},
                                  .meaning = STR("The file has a hash that the list names."),
                                  .next = STR(
                                      "Ask the list's source what the file is, and look for how it "
                                      "came there.")}},
    [OWN_FILE_ALTERED] =
        {.id = STR("tocsin:file-altered"),
         .title = STR("A script of the product is not as it was shipped"),
         .level = LEVEL_HIGH,
         .technique = {&own_shell, 1},
         .meta = {.grade = GRADE_ATTEMPT,
                  .graded = true,
                  .stage = STAGE_WRITE,
                  .fold = {own_file, 2},
                  .meaning = STR("The product ships a file of that path, and no build that the "
                                 "baseline knows has it with these bytes."),
                  .next = STR("Compare it with a clean installation of the same build. Intruders "
                              "append code to pages that belong there; administrators change "
                              "sign-in pages.")}},
    [OWN_FILE_ODD] = {.id = STR("tocsin:file-odd"),
                      .title = STR("A script that the other servers do not have like this"),
                      .level = LEVEL_MEDIUM,
                      .technique = {&own_shell, 1},
                      .meta = {.grade = GRADE_WEAK,
                               .graded = true,
                               .stage = STAGE_WRITE,
                               .fold = {own_file, 2},
                               .meaning = STR(
                                   "Servers that should be alike agree on this path, and this one "
                                   "differs."),
                               .next = STR("Read the file, and ask who put it there.")}},
};

static void number_own(struct ruleset *set)
{
    set->own_rule = (uint32_t)set->n_rules;
    for (size_t i = 0; i < OWN_RULES; i++)
        set->rule[set->n_rules++] = own_rules[i];
}

/* What is wrong with correlations, one by one. */
static void warn_correlations(struct loader *l, const struct ruleset *set)
{
    const struct correlations *all = set->correlations;
    for (size_t i = 0; all && i < all->n; i++)
        for (size_t k = 0; k < all->v[i].n_remarks; k++) {
            struct buf b;
            buf_init(&b, 1024);
            buf_puts(&b, all->v[i].evaluated ? "correlation: " : "correlation left out: ");
            buf_str(&b, all->v[i].remark[k]);
            warn(l, all->v[i].sigma->file, all->v[i].sigma->line, buf_view(&b));
            buf_done(&b);
        }
}

static const struct dossier *dossier_of_yara(const struct ruleset *set, struct str source)
{
    for (size_t i = 0; i < set->n_dossiers; i++)
        for (size_t k = 0; k < set->dossier[i].n_yara; k++)
            if (str_eq(set->dossier[i].yara[k].name, source))
                return &set->dossier[i];
    return NULL;
}

/* What they say of themselves is told with their first match (scan/prove.c). */
static enum err number_yara(struct loader *l, struct ruleset *set)
{
    struct buf b;
    enum err rc = OK;
    set->yara_rule = (uint32_t)set->n_rules;
    buf_init(&b, 1024);
    for (size_t i = 0; i < yara_set_rules(set->files->yara) && !rc; i++) {
        struct scan_rule *r = &set->rule[set->n_rules++];
        struct yara_rule_info info = yara_set_rule(set->files->yara, i);
        buf_reset(&b);
        buf_printf(&b, "yara:%.*s", STR_FMT(str_sub(info.name, 0, 512)));
        /* Findings outlive the set of rules. */
        *r = (struct scan_rule){.id = arena_str(l->arena, buf_view(&b)),
                                .title = arena_str(l->arena, info.name),
                                .dossier = dossier_of_yara(set, info.source),
                                .level = LEVEL_HIGH,
                                .meta = {.grade = GRADE_PROGRESSED,
                                         .stage = STAGE_SHELL,
                                         .fold = {own_file, ARRAY_LEN(own_file)}}};
        rc = r->id.p && r->title.p ? b.rc : ERR_NOMEM;
    }
    buf_done(&b);
    return rc;
}

/* Moves the lists into the arena and turns dossier numbers into addresses. */
static enum err settle(struct loader *l, struct ruleset *set)
{
    struct dossier *d = arena_new_n(l->arena, struct dossier, l->dossier.n + 1);
    struct indicator *ind = arena_new_n(l->arena, struct indicator, l->n_indicators + 1);
    struct scan_rule *rule = arena_new_n(l->arena, struct scan_rule,
                                         l->rule.n + l->n_indicators + l->correlation.n +
                                             OWN_RULES + yara_set_rules(set->files->yara));
    const struct sigma_rule **filter =
        arena_array(l->arena, l->filter.n + 1, sizeof(const struct sigma_rule *));
    if (!d || !ind || !rule || !filter)
        return ERR_NOMEM;
    if (l->dossier.n)
        memcpy(d, l->dossier.v, l->dossier.n * sizeof *d);
    if (l->rule.n)
        memcpy(rule, l->rule.v, l->rule.n * sizeof *rule);
    if (l->filter.n)
        memcpy(filter, l->filter.v, l->filter.n * sizeof *filter);
    for (size_t i = 0; i < l->rule.n; i++) {
        uintptr_t number = (uintptr_t)rule[i].dossier;
        rule[i].dossier = number ? &d[number - 1] : NULL;
    }
    set->dossier = d;
    set->n_dossiers = l->dossier.n;
    set->indicator = ind;
    for (size_t i = 0; i < l->list.n; i++)
        for (size_t k = 0; k < l->list.v[i].n; k++)
            ind[set->n_indicators++] = l->list.v[i].v[k];
    set->rule = rule;
    set->n_sigma = set->n_rules = l->rule.n;
    set->filters = (struct sigma_filter_set){filter, l->filter.n};
    TRY(number_indicators(l, set));
    TRY(settle_marks(set));
    number_own(set);
    TRY(number_correlations(l, set));
    return number_yara(l, set);
}

/* Can the rule be tried on any kind of log? One that is for some of them and compiles for none
 * would find nothing. Fails only when memory runs out. */
static enum err try_rule(const struct ruleset *set, const struct sigma_rule *rule,
                         struct arena *scratch, struct error *why, struct rule_verdict *ret)
{
    bool runs = false;
    *ret = (struct rule_verdict){0};
    for (size_t k = 0; k < program_kinds(set) && !runs; k++) {
        bool is_for;
        enum err rc = program_try_rule(set, k, rule, scratch, &is_for, why);
        arena_reset(scratch);
        if (rc == ERR_NOMEM)
            return rc;
        ret->answers |= is_for;
        runs = is_for && rc == OK;
    }
    if (ret->answers && !runs)
        ret->idle = str_of(why->text);
    return OK;
}

/* Tries the rules that were given, or asks the cache what came of that; names those that would find
 * nothing. */
static enum err try_rules(struct loader *l, const struct ruleset *set, size_t *ret_unread)
{
    struct arena scratch;
    struct error why;
    size_t number = 0;
    enum err rc = OK;
    arena_init(&scratch, LIMIT_ARENA_RULES_BYTES);
    for (size_t i = 0; i < set->n_sigma && !rc; i++) {
        const struct sigma_rule *rule = set->rule[i].sigma;
        struct rule_verdict verdict;
        if (set->rule[i].dossier || set->rule[i].shipped)
            continue;
        if (!rule_cache_verdict(set->cache, number++, &verdict)) {
            rc = try_rule(set, rule, &scratch, &why, &verdict);
            rule_cache_note(set->cache, &verdict);
        }
        if (verdict.idle.p)
            warn(l, rule->file, rule->line, verdict.idle);
        *ret_unread += !rc && !verdict.answers;
    }
    arena_done(&scratch);
    if (!rc)
        rule_cache_keep(set->cache);
    return rc;
}

/* What was given and cannot find anything is said, once. */
static enum err warn_useless(struct loader *l, const struct ruleset *set)
{
    size_t rules = 0;
    char text[160];
    TRY(try_rules(l, set, &rules));
    if (rules) {
        (void)snprintf(text, sizeof text,
                       "%zu rules are for kinds of log that are not read; see tocsin rules lint",
                       rules);
        warn(l, STR("--rules"), 0, str_of(text));
    }
    return OK;
}

static bool same_source(const struct sigma_rule *a, const struct sigma_rule *b)
{
    return str_ieq(a->category, b->category) && str_ieq(a->product, b->product) &&
           str_ieq(a->service, b->service);
}

static size_t source_of(const struct ruleset *set, const struct sigma_rule *rule)
{
    size_t i = 0;
    while (i < set->n_sources && !same_source(set->source[i].of, rule))
        i++;
    return i;
}

/* Rules by log source: events of hundreds of shapes ask for theirs. */
static enum err index_sources(struct loader *l, struct ruleset *set)
{
    set->source = arena_new_n(l->arena, struct source_rules, set->n_sigma + 1);
    if (!set->source)
        return ERR_NOMEM;
    for (size_t i = 0; i < set->n_sigma; i++) {
        if (set->rule[i].sigma->type != SIGMA_DETECTION)
            continue;
        size_t k = source_of(set, set->rule[i].sigma);
        if (k == set->n_sources)
            set->source[set->n_sources++].of = set->rule[i].sigma;
        set->source[k].n++;
    }
    for (size_t k = 0; k < set->n_sources; k++) {
        set->source[k].rule = arena_new_n(l->arena, uint32_t, set->source[k].n);
        if (!set->source[k].rule)
            return ERR_NOMEM;
        set->source[k].n = 0;
    }
    for (uint32_t i = 0; i < set->n_sigma; i++) {
        if (set->rule[i].sigma->type != SIGMA_DETECTION)
            continue;
        struct source_rules *s = &set->source[source_of(set, set->rule[i].sigma)];
        s->rule[s->n++] = i;
    }
    return OK;
}

static bool rule_named(const struct ruleset *set, struct str target)
{
    for (size_t i = 0; i < set->n_sigma; i++) {
        const struct sigma_rule *r = set->rule[i].sigma;
        if ((r->id.n && str_ieq(r->id, target)) || (r->name.n && str_eq(r->name, target)))
            return true;
    }
    return false;
}

/* A filter that names a rule which is not there filters nothing. */
static void warn_filters(struct loader *l, const struct ruleset *set)
{
    char text[256];
    for (size_t i = 0; i < set->filters.n; i++) {
        const struct sigma_rule *f = set->filters.filter[i];
        const struct str *targets;
        size_t n = sigma_filter_targets(f, &targets);
        for (size_t k = 0; k < n; k++) {
            struct str target = targets[k];
            if (rule_named(set, target))
                continue;
            (void)snprintf(text, sizeof text, "filter names the rule \"%.*s\", which is not loaded",
                           STR_FMT(str_sub(target, 0, 100)));
            warn(l, f->file, f->line, str_of(text));
        }
    }
}

static enum err load(struct loader *l, struct ruleset *set)
{
    TRY(logsources_load(l->arena, embedded_get("data/logsources.yaml"), &set->logsources,
                        l->error));
    TRY(event_channels_load(l->arena, embedded_get("data/events.yaml"), &set->channels, l->error));
    TRY(common_lines_load(l->arena, embedded_get("data/common-lines.txt"), set, l->error));
    if (l->options->placeholders.p)
        TRY(placeholders_load(l->arena, l->options->placeholders, &set->placeholder,
                              &set->n_placeholders, l->error));
    TRY(load_dossiers(l));
    TRY(load_shipped(l));
    TRY(load_rules(l, set));
    TRY(load_indicators(l, set));
    TRY(add_pivots(l));
    TRY(file_rules_new(l->arena, l->options, l->dossier.v, l->dossier.n, &set->files, l->error));
    TRY(settle(l, set));
    TRY(index_sources(l, set));
    warn_filters(l, set);
    warn_correlations(l, set);
    TRY(wanted_build(l, set));
    for (size_t i = 0; i < set->n_indicators; i++)
        set->hashes |= set->indicator[i].type == INDICATOR_HASH;
    if (set->n_indicators)
        TRY(ioc_compile(l->arena, set->indicator, set->n_indicators, &set->ioc, l->error));
    return file_rules_load(l->arena, l->options, set, l->error);
}

enum err ruleset_load(struct arena *arena, const struct scan_options *options,
                      struct ruleset *ret_set, struct error *error)
{
    struct loader l = {.arena = arena, .options = options, .error = error};
    if (error)
        error->text[0] = 0;
    *ret_set = (struct ruleset){.own_scanners = options->own_scanners,
                                .full = options->full,
                                .carve = options->carve,
                                .since_us = options->since_us,
                                .until_us = options->until_us};
    enum err rc = load(&l, ret_set);
    vec_done(&l.dossier);
    vec_done(&l.rule);
    free(l.list.v);
    vec_done(&l.filter);
    vec_done(&l.correlation);
    if (rc && error && !error->text[0])
        return fail(error, rc, rc == ERR_LIMIT ? "too many rules or indicators" : "out of memory");
    return rc;
}

enum err ruleset_check(const struct ruleset *set, const struct scan_options *options)
{
    struct loader l = {.options = options};
    return options->warn ? warn_useless(&l, set) : OK;
}

void ruleset_done(struct ruleset *set)
{
    if (set->ioc)
        ioc_done(set->ioc);
    set->ioc = NULL;
    file_rules_done(set->files);
    if (set->wanted)
        hash_lists_done(set->wanted);
    set->wanted = NULL;
    rule_cache_done(set->cache);
    set->cache = NULL;
}
