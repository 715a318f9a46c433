#include "scan/compare.h"

#include "base/hash.h"
#include "base/limits.h"
#include "scan/odd_one.h"

#include <stdlib.h>

enum { TOLD_HOSTS = 5 };

struct comparison {
    struct pass *p;
    const struct facts *facts;
    const struct baseline *baseline;
    struct odd_host *host; /* sorted by name */
    size_t n_hosts;
    struct odd_file *odd;
    uint32_t *of_odd; /* the file of each */
    size_t n_odd;
};

static struct str path_of(const struct pass *p, size_t file)
{
    return listed_path(p->file[file].in);
}

/* ---- hosts and their builds ---- */

static int by_name(const void *a, const void *b)
{
    const struct odd_host *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

static const struct odd_host *host_of(const struct comparison *c, struct str name)
{
    struct odd_host key = {.name = name};
    return c->n_hosts ? bsearch(&key, c->host, c->n_hosts, sizeof key, by_name) : NULL;
}

/* The newest that any file of the host shows. */
static void note_builds(struct comparison *c)
{
    for (size_t i = 0; i < c->facts->n_files; i++) {
        const struct file_fact *f = &c->facts->file[i];
        const struct odd_host *found = f->n_builds ? host_of(c, f->host) : NULL;
        for (size_t k = 0; found && k < f->n_builds; k++) {
            struct odd_host *host = &c->host[found - c->host];
            if (host->build.part[0] < 0 || build_cmp(&f->build[k].build, &host->build) > 0)
                host->build = f->build[k].build;
        }
    }
}

static enum err list_hosts(struct comparison *c)
{
    const struct facts *f = c->facts;
    c->host = arena_new_n(c->p->arena, struct odd_host, f->n_files + 1);
    if (!c->host)
        return ERR_NOMEM;
    for (size_t i = 0; i < f->n_files; i++)
        if (f->file[i].host.n &&
            (!c->n_hosts || !str_eq(c->host[c->n_hosts - 1].name, f->file[i].host)))
            c->host[c->n_hosts++] = (struct odd_host){f->file[i].host, {.part = {-1, -1, -1, -1}}};
    if (c->n_hosts)
        qsort(c->host, c->n_hosts, sizeof *c->host, by_name);
    size_t n = 0;
    for (size_t i = 0; i < c->n_hosts; i++)
        if (!n || !str_eq(c->host[n - 1].name, c->host[i].name))
            c->host[n++] = c->host[i];
    c->n_hosts = n;
    note_builds(c);
    return OK;
}

/* ---- hits ---- */

static enum err add_hit(struct comparison *c, enum own_rule rule, uint32_t file,
                        struct named_value more, struct str text)
{
    struct hit h = pass_file_hit(c->p, c->facts, c->p->set->own_rule + rule, file, text);
    h.field[h.n_fields++] = more;
    return pass_add_file_hit(c->p, &h);
}

/* ---- baselines ---- */

static enum err tell_altered(struct comparison *c, uint32_t file, const struct build *build,
                             const struct baseline_answer *a)
{
    struct buf b, is;
    buf_init(&b, LIMIT_EVIDENCE_LINE_BYTES);
    buf_init(&is, 64);
    build_add(&is, build);
    struct str path = path_of(c->p, file);
    buf_printf(&b, "%.*s | SHA-256 %s | not among the %zu that the product ships as %.*s | build ",
               STR_FMT(str_sub(path, 0, 1024)), c->facts->file[file].sha256, a->n_hashes,
               STR_FMT(a->path));
    buf_str(&b, buf_view(&is));
    if (a->elsewhere.n)
        buf_printf(&b, " | the same bytes are shipped as %.*s", STR_FMT(a->elsewhere));
    struct named_value value = {STR("Build"), buf_view(&is)};
    enum err rc = b.rc ? b.rc : add_hit(c, OWN_FILE_ALTERED, file, value, buf_view(&b));
    buf_done(&b);
    buf_done(&is);
    return rc;
}

static bool digest_of(const struct file_fact *f, unsigned char ret[DIGEST_MAX_BYTES])
{
    enum digest_kind kind;
    return digest_parse(str_of(f->sha256), &kind, ret) && kind == DIGEST_SHA256;
}

static enum err ask_baseline(struct comparison *c, uint32_t file, const unsigned char *sha256,
                             const struct odd_host *host)
{
    struct baseline_answer a;
    baseline_ask(c->baseline, path_of(c->p, file), sha256, &host->build, &a);
    if (a.state != BASELINE_ALTERED || a.no_build)
        return OK; /* of a build that nobody knows there is only the comparison of servers */
    return tell_altered(c, file, &host->build, &a);
}

/* ---- servers among each other ---- */

static void note_odd(struct comparison *c, uint32_t file, const unsigned char *sha256,
                     const struct odd_host *host)
{
    struct str tail = baseline_tail(c->baseline, path_of(c->p, file));
    enum web_kind kind = web_kind_of(&c->p->set->files->web, tail.p ? tail : STR(""));
    if (kind != WEB_SCRIPT && kind != WEB_PROGRAM) /* configurations differ by nature */
        return;
    struct odd_file *o = &c->odd[c->n_odd];
    *o = (struct odd_file){.tail = tail, .host = (uint32_t)(host - c->host)};
    memcpy(o->sha256, sha256, sizeof o->sha256);
    c->of_odd[c->n_odd++] = file;
}

static enum err tell_odd(struct comparison *c, const struct odd_one *odd)
{
    uint32_t file = c->of_odd[odd->file];
    struct buf b;
    buf_init(&b, LIMIT_EVIDENCE_LINE_BYTES);
    buf_printf(&b, "%.*s | SHA-256 %s | ", STR_FMT(str_sub(path_of(c->p, file), 0, 1024)),
               c->facts->file[file].sha256);
    buf_puts(&b, odd->kind == ODD_ALONE ? "not on" : "otherwise on");
    for (size_t i = 0; i < odd->n_agree && i < TOLD_HOSTS; i++)
        buf_printf(&b, "%s %.*s", i ? "," : "", STR_FMT(c->host[odd->agree[i]].name));
    if (odd->n_agree > TOLD_HOSTS)
        buf_printf(&b, " and %zu more", (size_t)odd->n_agree - TOLD_HOSTS);
    if (odd->weak)
        buf_puts(&b, " | few servers to compare with");
    struct named_value value = {STR("Odd"), odd->kind == ODD_ALONE ? STR("alone") : STR("differs")};
    enum err rc = b.rc ? b.rc : add_hit(c, OWN_FILE_ODD, file, value, buf_view(&b));
    buf_done(&b);
    return rc;
}

static enum err compare_servers(struct comparison *c)
{
    struct odd_one *odd;
    size_t n;
    TRY(odd_one_find(c->p->arena, c->host, c->n_hosts, c->odd, c->n_odd, &odd, &n));
    for (size_t i = 0; i < n; i++)
        TRY(tell_odd(c, &odd[i]));
    return OK;
}

enum err compare_files(struct pass *p, const struct facts *facts)
{
    struct comparison c = {.p = p, .facts = facts};
    if (!p->set->files)
        return OK;
    c.baseline = p->set->files->baseline;
    c.odd = arena_new_n(p->arena, struct odd_file, p->n_files + 1);
    c.of_odd = arena_new_n(p->arena, uint32_t, p->n_files + 1);
    if (!c.odd || !c.of_odd)
        return ERR_NOMEM;
    TRY(list_hosts(&c));
    for (uint32_t i = 0; i < p->n_files; i++) {
        unsigned char sha256[DIGEST_MAX_BYTES];
        const struct odd_host *host = host_of(&c, facts->file[i].host);
        if (!host || file_is_log(&facts->file[i]) || !digest_of(&facts->file[i], sha256))
            continue;
        TRY(ask_baseline(&c, i, sha256, host));
        note_odd(&c, i, sha256, host);
    }
    return c.n_hosts > 1 ? compare_servers(&c) : OK;
}
