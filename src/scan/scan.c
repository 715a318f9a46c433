#include "scan/scan.h"

#include "base/hash.h"
#include "base/limits.h"
#include "os/clock.h"
#include "os/sandbox.h"
#include "scan/compare.h"
#include "scan/copies.h"
#include "scan/lookup.h"
#include "scan/pass.h"
#include "scan/prove.h"
#include "scan/ruleset.h"

#include <inttypes.h>

/* Final names: what rows say goes over what paths say, --host over both. */
static enum err name_hosts(struct pass *p, struct host_names **ret, struct error *error)
{
    TRY(host_names_new(p->arena, ret));
    for (size_t i = 0; i < p->n_files; i++) {
        struct pass_file *f = &p->file[i];
        if (!f->recognised || str_eq(f->fact.kind, STR(KIND_FILE)))
            continue;
        enum err rc = host_names_note(*ret, f->by_path, f->row_host);
        for (const struct file_part *part = f->part; part && !rc; part = part->next)
            rc = host_names_note(*ret, f->by_path, part->row_host);
        if (rc)
            return fail(error, ERR_NOMEM, "out of memory");
    }
    return OK;
}

/* The server that a file is of, by its rows or by the server's own tree that it lies in. */
static struct str named_by(const struct pass *p, size_t file, bool rows)
{
    const struct pass_file *f = &p->file[file];
    if (!f->recognised)
        return STR_NONE;
    if (rows)
        return f->row_host.n ? f->row_host : STR_NONE;
    return f->by_path.n && host_in_server_tree(p->path[file]) ? f->by_path : STR_NONE;
}

static bool warn_of(const struct pass *p, bool rows)
{
    struct str first = STR_NONE;
    for (size_t i = 0; i < p->n_files; i++) {
        struct str name = named_by(p, i, rows);
        if (!first.p)
            first = name;
        if (!name.p || host_same(first, name))
            continue;
        struct buf b;
        buf_init(&b, 1024);
        buf_printf(&b, "--host: the %s name several servers (%.*s, %.*s): all become one host",
                   rows ? "rows" : "folders", STR_FMT(str_sub(first, 0, 200)),
                   STR_FMT(str_sub(name, 0, 200)));
        p->options->warn(p->options->ctx, buf_view(&b));
        buf_done(&b);
        return true;
    }
    return false;
}

/* --host makes one host of them, and one's logs would stand in for another's. */
static void warn_hosts(const struct pass *p)
{
    if (p->options->host.p && p->options->warn && !warn_of(p, true))
        (void)warn_of(p, false);
}

static struct str final_name(const struct scan_options *o, const struct host_names *names,
                             struct str name)
{
    return o->host.p ? o->host : host_names_final(names, name);
}

/* Where the facts hold that host and kind of a file whose further parts stand from there on. */
static struct file_fact *find_part(struct facts *facts, uint32_t file, size_t from, struct str host,
                                   struct str kind)
{
    struct file_fact *f = &facts->file[file];
    for (size_t i = from; i <= facts->n_files; f = &facts->file[i++])
        if (str_eq(f->host, host) && str_eq(f->kind, kind))
            return f;
    return NULL;
}

/* Further hosts and kinds of a file, behind all files. Two spellings of one host are one. */
static enum err part_facts(struct pass *p, const struct host_names *names, uint32_t file,
                           struct facts *facts)
{
    const struct pass_file *f = &p->file[file];
    size_t from = facts->n_files;
    for (const struct file_part *part = f->part; part; part = part->next) {
        struct str host =
            final_name(p->options, names, part->row_host.n ? part->row_host : f->by_path);
        struct file_fact *same = find_part(facts, file, from, host, part->fact.kind);
        if (same) {
            TRY(fact_add(p->arena, same, &part->fact));
            continue;
        }
        same = &facts->file[facts->n_files++];
        *same = part->fact;
        same->host = host;
        same->file = file;
    }
    return OK;
}

static enum err file_facts(struct pass *p, const struct host_names *names, struct facts *facts)
{
    size_t parts = 0;
    for (size_t i = 0; i < p->n_files; i++)
        parts += p->file[i].n_parts;
    facts->file = arena_new_n(p->arena, struct file_fact, p->n_files + parts + 1);
    if (!facts->file)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < p->n_files; i++) {
        struct pass_file *f = &p->file[i];
        f->fact.host = final_name(p->options, names, f->row_host.n ? f->row_host : f->by_path);
        f->fact.file = i;
        if (!f->recognised)
            f->fact.kind = STR("");
        facts->file[facts->n_files++] = f->fact;
    }
    for (uint32_t i = 0; i < p->n_files; i++)
        if (p->file[i].recognised)
            TRY(part_facts(p, names, i, facts));
    return OK;
}

/* Files that are empty or no log are told apart from logs that could not be read. */
static enum err strangers(struct pass *p)
{
    for (uint32_t i = 0; i < p->n_files; i++) {
        const struct pass_file *f = &p->file[i];
        bool empty = f->fact.bytes == 0; /* or it could not be read, and is named already */
        if (!f->touched || f->recognised || f->in->container || f->in->about ||
            (empty && f->in->size_bytes))
            continue;
        struct pass_gap g = {i,
                             {.file = p->path[i],
                              .reason = STR("not-examined"),
                              .detail = empty ? STR("empty") : STR("not a log that tocsin knows")}};
        if (vec_push(&p->gap, g, 1000 * 1000) == ERR_NOMEM)
            return ERR_NOMEM;
    }
    return OK;
}

/* Files without a log among them can show that something happened, and never that nothing did. */
static enum err no_logs(struct pass *p, const struct facts *facts)
{
    size_t files = 0;
    for (size_t i = 0; i < facts->n_files; i++) {
        if (file_is_log(&facts->file[i]))
            return OK;
        files += facts->file[i].kind.n > 0;
    }
    return files
               ? pass_gap(p, UINT32_MAX, 0, STR("not-examined"),
                          STR("there is no log in what was given: it was looked at as files only"))
               : OK;
}

static int by_place(const void *a, const void *b)
{
    const struct pass_gap *x = a, *y = b;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->gap.offset != y->gap.offset)
        return x->gap.offset < y->gap.offset ? -1 : 1;
    int c = str_cmp(x->gap.reason, y->gap.reason);
    return c ? c : str_cmp(x->gap.detail, y->gap.detail);
}

static enum err gap_facts(struct pass *p, struct facts *facts)
{
    TRY(strangers(p));
    TRY(no_logs(p, facts));
    facts->gap = arena_new_n(p->arena, struct gap, p->gap.n + 1);
    if (!facts->gap)
        return ERR_NOMEM;
    if (p->gap.n)
        qsort(p->gap.v, p->gap.n, sizeof *p->gap.v, by_place);
    for (size_t i = 0; i < p->gap.n; i++) {
        facts->gap[i] = p->gap.v[i].gap;
        if (p->gap.v[i].file < p->n_files)
            facts->gap[i].host = facts->file[p->gap.v[i].file].host;
    }
    facts->n_gaps = p->gap.n;
    return OK;
}

struct namer {
    const struct scan_options *options;
    const struct host_names *names;
};

static struct str name_host(void *ctx, struct str name)
{
    const struct namer *n = ctx;
    return final_name(n->options, n->names, name);
}

/* Whoever sees no finding of a rule shall know that it did meet something. */
static void warn_silent(const struct scan_options *o, uint64_t records)
{
    char text[160];
    if (!records || !o->warn)
        return;
    (void)snprintf(text, sizeof text,
                   "%" PRIu64 " records met rules that report through correlations only", records);
    o->warn(o->ctx, str_of(text));
}

/* What several events make together. */
static enum err correlate_facts(struct pass *p, const struct host_names *names, struct facts *facts)
{
    struct namer namer = {p->options, names};
    struct correlate c = {.arena = p->arena,
                          .set = p->set,
                          .events = p->events,
                          .unit = p->unit,
                          .n_units = p->n_units,
                          .facts = facts,
                          .host = name_host,
                          .ctx = &namer,
                          .partial = p->interrupted};
    struct pass_gap g = {UINT32_MAX, {.reason = STR("limit")}};
    TRY(correlate(&c, &g.gap.detail));
    warn_silent(p->options, c.silent);
    if (!g.gap.detail.p)
        return OK;
    enum err rc = vec_push(&p->gap, g, 1000 * 1000 + 1);
    return rc == ERR_LIMIT ? OK : rc;
}

static enum err collect(struct pass *p, struct facts *facts, struct error *error)
{
    struct host_names *names;
    TRY(name_hosts(p, &names, error));
    *facts = (struct facts){.rule = p->set->rule,
                            .n_rules = p->set->n_rules,
                            .dossier = p->set->dossier,
                            .n_dossiers = p->set->n_dossiers,
                            .natural = p->set->channels.natural,
                            .since_us = p->options->since_us,
                            .until_us = p->options->until_us};
    enum err rc = file_facts(p, names, facts);
    if (!rc)
        rc = copies_find(p, facts, error);
    if (!rc)
        rc = compare_files(p, facts);
    if (!rc)
        rc = prove_suspects(p, facts, error);
    if (!rc)
        rc = hits_list(&p->hits, p->arena, &facts->hit, &facts->n_hits);
    for (size_t i = 0; !rc && i < facts->n_hits; i++) {
        facts->hit[i].host = final_name(p->options, names, facts->hit[i].host);
        facts->hit[i].front_request = -1;
    }
    if (!rc)
        rc = correlate_facts(p, names, facts);
    if (!rc)
        rc = gap_facts(p, facts);
    return !rc || (error && error->text[0]) ? rc : fail(error, rc, "out of memory");
}

/* The values of --pivot that no row holds: each that one does has made a hit. */
static enum err absent_pivots(const struct pass *p, const struct facts *facts, struct answer *a)
{
    const struct ruleset *set = p->set;
    bool *met = arena_new_n(p->arena, bool, set->n_rules + 1);
    struct str *v = arena_new_n(p->arena, struct str, set->n_rules + 1);
    if (!met || !v)
        return ERR_NOMEM;
    for (size_t i = 0; i < facts->n_hits; i++)
        met[facts->hit[i].rule] = true;
    a->pivots_absent.v = v;
    for (size_t i = set->n_sigma; i < set->n_rules; i++)
        if (set->rule[i].meta.each_row && !met[i])
            v[a->pivots_absent.n++] = set->rule[i].indicator->value;
    return OK;
}

/* Of all files that count, in their order. */
static enum err list_builds(const struct pass *p, const struct facts *facts, struct answer *a)
{
    size_t n = 0;
    for (size_t i = 0; i < facts->n_files; i++)
        n += facts->file[i].copy ? 0 : facts->file[i].n_builds;
    a->build = arena_new_n(p->arena, struct build_span, n + 1);
    if (!a->build)
        return ERR_NOMEM;
    for (size_t i = 0; i < facts->n_files; i++) {
        const struct file_fact *f = &facts->file[i];
        for (size_t k = 0; !f->copy && k < f->n_builds; k++) {
            struct buf text;
            buf_init(&text, 64);
            build_add(&text, &f->build[k].build);
            a->build[a->n_builds++] =
                (struct build_span){.host = f->host,
                                    .kind = f->kind,
                                    .file = f->path,
                                    .build = arena_str(p->arena, buf_view(&text)),
                                    .first_us = f->build[k].first_us,
                                    .last_us = f->build[k].last_us};
            buf_done(&text);
        }
    }
    return OK;
}

/* First parts of files come first, then the further ones of those. */
static enum err list_evidence(const struct pass *p, const struct facts *facts, struct answer *a)
{
    a->evidence = arena_new_n(p->arena, struct evidence_file, facts->n_files + 1);
    if (!a->evidence)
        return ERR_NOMEM;
    for (size_t i = 0; i < facts->n_files; i++) {
        const struct file_fact *f = &facts->file[i];
        if (f->file != i)
            continue;
        struct evidence_file *e = &a->evidence[a->n_evidence++];
        *e = (struct evidence_file){.file = f->path,
                                    .host = f->host,
                                    .kind = f->kind,
                                    .bytes = f->bytes,
                                    .records = f->records,
                                    .unparsed = f->unparsed,
                                    .first_us = f->first_us,
                                    .last_us = f->last_us,
                                    .copy = f->copy};
        memcpy(e->sha256, f->sha256, sizeof e->sha256);
    }
    return OK;
}

static enum err summarise(struct pass *p, const struct facts *facts, struct answer *a)
{
    struct summary *s = &a->summary;
    const struct scan_options *o = p->options;
    *s = (struct summary){.verb = "scan",
                          .version = TOCSIN_VERSION,
                          .findings = a->n_findings,
                          .gaps = a->n_gaps,
                          .interrupted = p->interrupted,
                          .part = o->since_us != TIME_NONE || o->until_us != TIME_NONE ||
                                  o->no_dossiers || o->dossiers.n,
                          .elapsed_s = clock_seconds() - p->started_s,
                          .sandbox = sandbox_text(p->arena)};
    for (size_t i = 0; i < facts->n_files; i++) {
        if (!str_eq(facts->file[i].kind, STR(KIND_FILE)))
            s->records += facts->file[i].records;
        s->bytes += facts->file[i].bytes;
    }
    s->dossier = arena_new_n(p->arena, struct dossier_hash, facts->n_dossiers + 1);
    if (!s->dossier)
        return ERR_NOMEM;
    for (size_t i = 0; i < facts->n_dossiers; i++)
        s->dossier[s->n_dossiers++] =
            (struct dossier_hash){facts->dossier[i].id, str_of(facts->dossier[i].sha256)};
    return OK;
}

static enum err scan(struct pass *p, struct answer *ret_answer, struct error *error)
{
    struct facts facts;
    TRY(pass_run(p, NULL, NULL, error));
    TRY(collect(p, &facts, error));
    warn_hosts(p);
    if (!p->interrupted)
        TRY(lookup_run(p, &facts, error));
    TRY(judge(p->arena, &facts, ret_answer, error));
    if (absent_pivots(p, &facts, ret_answer) || list_builds(p, &facts, ret_answer) ||
        list_evidence(p, &facts, ret_answer))
        return fail(error, ERR_NOMEM, "out of memory");
    return summarise(p, &facts, ret_answer);
}

enum err scan_run(const struct scan_options *options, struct arena *arena,
                  struct answer *ret_answer, bool *ret_interrupted, struct error *error)
{
    struct ruleset set;
    struct pass_input input = {0};
    struct pass pass = {0};
    if (error)
        error->text[0] = 0;
    *ret_answer = (struct answer){0};
    *ret_interrupted = false;
    enum err rc = ruleset_load(arena, options, &set, error);
    if (!rc)
        rc = pass_open(&pass, &input, arena, options, &set, error);
    if (!rc)
        rc = scan(&pass, ret_answer, error);
    *ret_interrupted = pass.interrupted;
    pass_done(&pass);
    io_tree_close(&input.tree);
    ruleset_done(&set);
    return rc;
}
