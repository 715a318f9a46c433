#include "scan/yara_priv.h"

#include "base/hash.h"
#include "base/limits.h"
#include "os/build.h"
#include "os/folder.h"
#include "os/io.h"
#include "os/proc.h"

/* An entry of the cache: the magic word, its key, the SHA-256 of the payload, the payload. */
#define MAGIC "tocsin yara 1\n\n"
#define ENTRY_PREFIX "yara-"

enum {
    MAGIC_BYTES = sizeof MAGIC - 1,
    DIGEST_AT = MAGIC_BYTES + SHA256_BYTES,
    PAYLOAD_AT = DIGEST_AT + SHA256_BYTES,
    NAME_BYTES = sizeof ENTRY_PREFIX + 32,
    ENTRIES = 4,
    SET_BYTES = 1024 * 1024 * 1024, /* ceiling of a set's arena */
    MOST_DEATHS = 16,               /* sources that may kill their worker */
};

/* ---- reading a payload ---- */

static enum err take_blobs(struct yara_set *set, struct rd *r, size_t n)
{
    set->blob = arena_new_n(&set->arena, struct str, n + 1);
    if (!set->blob)
        return ERR_NOMEM;
    if (rd_u32(r) != n || r->rc)
        return ERR_FORMAT;
    for (size_t i = 0; i < n; i++)
        set->blob[i] = rd_str(r);
    return r->rc;
}

static enum err take_problems(struct yara_set *set, struct rd *r, size_t n)
{
    set->n_problems = rd_u32(r);
    if (r->rc || set->n_problems > n)
        return ERR_FORMAT;
    set->problem = arena_new_n(&set->arena, struct yara_problem, set->n_problems + 1);
    if (!set->problem)
        return ERR_NOMEM;
    for (size_t i = 0; i < set->n_problems; i++) {
        uint32_t source = rd_u32(r), line = rd_u32(r);
        if (source >= n)
            return ERR_FORMAT;
        set->problem[i] = (struct yara_problem){set->source[source], line, rd_str(r)};
    }
    return r->rc;
}

static enum err take_probes(struct yara_set *set, struct rd *r)
{
    set->probe_blob = rd_str(r);
    set->n_probe_rules = rd_u32(r);
    if (r->rc || set->n_probe_rules > rd_left(r) / 4)
        return ERR_FORMAT;
    set->probe_of = arena_new_n(&set->arena, uint32_t, set->n_probe_rules + 1);
    for (size_t i = 0; set->probe_of && i < set->n_probe_rules; i++)
        set->probe_of[i] = rd_u32(r);
    return set->probe_of ? r->rc : ERR_NOMEM;
}

static enum err check_set(const struct yara_set *set, size_t n)
{
    const struct yara_gate *g = &set->gate;
    if (g->n_sources != n)
        return ERR_FORMAT;
    for (size_t i = 0; i < n; i++)
        if (!set->blob[i].p && g->source_rule[i] != g->source_rule[i + 1])
            return ERR_FORMAT;
    for (size_t i = 0; i < set->n_probe_rules; i++)
        if (set->probe_of[i] >= g->n_probes || !set->probe_blob.p)
            return ERR_FORMAT;
    return OK;
}

/* ---- what is worked out from it ---- */

/* Calls each literal of each rule: first to count, then to write down. */
static void walk_literals(struct yara_set *set, uint32_t *at, uint32_t *rules_of)
{
    const struct yara_gate *g = &set->gate;
    for (uint32_t i = 0; i < g->n_rules; i++)
        for (uint32_t s = 0; s < g->rule[i].n_strings; s++) {
            const struct yara_gate_string *string = &g->string[g->rule[i].first_string + s];
            for (uint32_t k = 0; k < string->n; k++) {
                uint32_t to = at[g->need[string->first + k]]++;
                if (rules_of)
                    rules_of[to] = i;
            }
        }
}

static enum err index_literals(struct yara_set *set)
{
    size_t n = set->gate.n_lits;
    uint32_t *at = arena_new_n(&set->arena, uint32_t, n + 2);
    set->rules_at = arena_new_n(&set->arena, uint32_t, n + 2);
    if (!at || !set->rules_at)
        return ERR_NOMEM;
    walk_literals(set, at, NULL);
    for (size_t i = 0; i < n; i++) {
        set->rules_at[i + 1] = set->rules_at[i] + at[i];
        at[i] = set->rules_at[i];
    }
    set->rules_of = arena_new_n(&set->arena, uint32_t, (size_t)set->rules_at[n] + 1);
    if (!set->rules_of)
        return ERR_NOMEM;
    walk_literals(set, at, set->rules_of);
    return OK;
}

enum err yara_set_take(struct yara_set *set, const struct yara_source *source, size_t n,
                       struct str payload)
{
    struct rd r = rd_of(payload);
    set->source = arena_new_n(&set->arena, struct str, n + 1);
    if (!set->source)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        set->source[i] = arena_str(&set->arena, source[i].name);
        if (!set->source[i].p)
            return ERR_NOMEM;
    }
    TRY(take_blobs(set, &r, n));
    TRY(take_problems(set, &r, n));
    TRY(take_probes(set, &r));
    TRY(yara_gate_take(&r, &set->arena, &set->gate));
    TRY(check_set(set, n));
    TRY(index_literals(set));
    for (int kind = 0; kind < YARA_KINDS; kind++)
        TRY(yara_class_new(&set->gate, (enum yara_kind)kind, &set->kind[kind]));
    return OK;
}

static struct yara_set *set_new(void)
{
    struct yara_set *set = calloc(1, sizeof *set);
    if (set)
        arena_init(&set->arena, SET_BYTES);
    return set;
}

struct yara_set *yara_set_free(struct yara_set *set)
{
    if (!set)
        return NULL;
    for (int kind = 0; kind < YARA_KINDS; kind++)
        yara_class_free(set->kind[kind]);
    arena_done(&set->arena);
    free(set);
    return NULL;
}

/* ---- the worker that compiles ---- */

enum message { MESSAGE_AT, MESSAGE_PIECE, MESSAGE_DONE };

struct job {
    const struct yara_source *source;
    size_t n;
    struct str *bad;
    int fd; /* in the worker */
};

static enum err tell_at(void *ctx, uint32_t source)
{
    const struct job *job = ctx;
    struct buf b;
    buf_init(&b, 64);
    wr_u32(&b, source);
    enum err rc = b.rc ? b.rc : proc_send(job->fd, MESSAGE_AT, buf_view(&b), -1);
    buf_done(&b);
    return rc;
}

static int worker(void *ctx, int fd)
{
    struct job *job = ctx;
    struct buf payload;
    job->fd = fd;
    buf_init(&payload, YARA_CACHE_BYTES);
    enum err rc = yara_make(job->source, job->n, job->bad, tell_at, job, &payload);
    for (size_t at = 0; at < payload.n && !rc; at += LIMIT_IPC_MESSAGE_BYTES)
        rc = proc_send(fd, MESSAGE_PIECE,
                       str_sub(buf_view(&payload), at, at + LIMIT_IPC_MESSAGE_BYTES), -1);
    if (!rc)
        rc = proc_send(fd, MESSAGE_DONE, STR(""), -1);
    buf_done(&payload);
    return rc == ERR_NOMEM ? PROC_NO_MEMORY : rc ? 70 : 0;
}

/* OK: all of it came. ERR_IO: it will not; *ret_at says which source it was at. */
static enum err listen(int fd, struct buf *payload, uint32_t *ret_at)
{
    struct buf b;
    enum err rc;
    uint8_t type = MESSAGE_AT;
    int other;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    while ((rc = proc_recv(fd, &type, &b, &other)) == OK && type != MESSAGE_DONE) {
        struct rd r = rd_of(buf_view(&b));
        io_close(other);
        if (type == MESSAGE_AT)
            *ret_at = rd_u32(&r);
        else
            buf_str(payload, buf_view(&b));
    }
    buf_done(&b);
    if (rc == ERR_NOMEM || payload->rc)
        return rc == ERR_NOMEM ? rc : payload->rc;
    return rc ? ERR_IO : OK;
}

/* A source that kills libyara is a problem of that source: the others are read without it. */
static enum err compile(struct job *job, struct arena *arena, struct buf *payload,
                        struct error *error)
{
    for (int deaths = 0; deaths <= MOST_DEATHS; deaths++) {
        struct proc p;
        char how[64] = "";
        uint32_t at = UINT32_MAX;
        buf_reset(payload);
        TRY(proc_start(&p, NULL, 0, YARA_WORKER_BYTES, worker, job, error));
        enum err rc = listen(p.fd, payload, &at);
        proc_end(&p, rc != OK, how);
        if (rc != ERR_IO)
            return rc;
        if (at >= job->n || job->bad[at].p)
            return fail(error, ERR_IO, "the worker that compiles YARA rules: %s", how);
        char text[128];
        (void)snprintf(text, sizeof text, "libyara did not survive it: %s", how);
        job->bad[at] = arena_str(arena, str_of(text));
        if (!job->bad[at].p)
            return ERR_NOMEM;
    }
    return fail(error, ERR_LIMIT, "too many YARA rule files kill libyara");
}

/* ---- the cache ---- */

static enum err key_of(const struct yara_source *source, size_t n,
                       unsigned char ret_key[SHA256_BYTES])
{
    struct sha256 h;
    struct buf b;
    TRY(sha256_init(&h));
    buf_init(&b, 1024);
    wr_str(&b, STR(TOCSIN_VERSION));
    wr_str(&b, build_id());
    wr_str(&b, str_of(yara_lib_version()));
    wr_u32(&b, (uint32_t)n);
    enum err rc = b.rc;
    sha256_add(&h, b.p, b.n);
    for (size_t i = 0; i < n && !rc; i++) {
        buf_reset(&b);
        wr_u32(&b, (uint32_t)source[i].name.n);
        wr_u32(&b, (uint32_t)source[i].text.n);
        rc = b.rc;
        sha256_add(&h, b.p, b.n);
        sha256_add(&h, source[i].name.p, source[i].name.n);
        sha256_add(&h, source[i].text.p, source[i].text.n);
    }
    sha256_end(&h, ret_key);
    sha256_done(&h);
    buf_done(&b);
    return rc;
}

static void name_of(const unsigned char key[SHA256_BYTES], char ret_name[NAME_BYTES])
{
    memcpy(ret_name, ENTRY_PREFIX, sizeof ENTRY_PREFIX);
    hex_of(key, SHA256_BYTES / 2, ret_name + sizeof ENTRY_PREFIX - 1);
}

static enum err payload_of(struct str entry, const unsigned char key[SHA256_BYTES],
                           struct str *ret_payload)
{
    unsigned char digest[SHA256_BYTES];
    if (entry.n < PAYLOAD_AT || memcmp(entry.p, MAGIC, MAGIC_BYTES) != 0 ||
        memcmp(entry.p + MAGIC_BYTES, key, SHA256_BYTES) != 0)
        return ERR_FORMAT;
    *ret_payload = str_sub(entry, PAYLOAD_AT, entry.n);
    sha256_of(*ret_payload, digest);
    return memcmp(entry.p + DIGEST_AT, digest, sizeof digest) == 0 ? OK : ERR_FORMAT;
}

/* ERR_NOT_FOUND if there is no entry that can be used, whatever is wrong with it. */
static enum err from_cache(const struct yara_source *source, size_t n, struct str folder,
                           const unsigned char key[SHA256_BYTES], struct yara_set **ret_set)
{
    char name[NAME_BYTES];
    struct str entry, payload;
    struct yara_set *set = *ret_set = set_new();
    if (!set)
        return ERR_NOMEM;
    name_of(key, name);
    enum err rc = file_read(&set->arena, folder, str_of(name), YARA_CACHE_BYTES, &entry, NULL);
    bool there = rc == OK;
    if (!rc)
        rc = payload_of(entry, key, &payload);
    if (!rc)
        rc = yara_set_take(set, source, n, payload);
    if (!rc)
        return OK;
    *ret_set = yara_set_free(set);
    if (there && rc != ERR_NOMEM && file_remove(folder, str_of(name), NULL) != OK)
        return ERR_NOT_FOUND;
    return rc == ERR_NOMEM ? rc : ERR_NOT_FOUND;
}

/* What does not succeed is silent: the next run works it out again. */
static void keep(struct str folder, const unsigned char key[SHA256_BYTES], struct str payload)
{
    char name[NAME_BYTES];
    unsigned char digest[SHA256_BYTES];
    struct buf b;
    buf_init(&b, YARA_CACHE_BYTES);
    sha256_of(payload, digest);
    buf_add(&b, MAGIC, MAGIC_BYTES);
    buf_add(&b, key, SHA256_BYTES);
    buf_add(&b, digest, sizeof digest);
    buf_str(&b, payload);
    name_of(key, name);
    if (!b.rc && file_replace(folder, str_of(name), buf_view(&b), NULL) == OK)
        folder_thin(folder, STR(ENTRY_PREFIX), ENTRIES);
    buf_done(&b);
}

/* ---- loading ---- */

static enum err make_anew(const struct yara_source *source, size_t n, struct str folder,
                          const unsigned char key[SHA256_BYTES], struct yara_set **ret_set,
                          struct error *error)
{
    struct yara_set *set = *ret_set = set_new();
    struct job job = {source, n, NULL, -1};
    struct buf payload;
    if (!set)
        return ERR_NOMEM;
    buf_init(&payload, YARA_CACHE_BYTES);
    job.bad = arena_new_n(&set->arena, struct str, n + 1);
    enum err rc = job.bad ? compile(&job, &set->arena, &payload, error) : ERR_NOMEM;
    struct str own = rc ? STR_NONE : arena_str(&set->arena, buf_view(&payload));
    buf_done(&payload);
    if (!rc)
        rc = own.p ? yara_set_take(set, source, n, own) : ERR_NOMEM;
    if (rc == ERR_FORMAT)
        rc = fail(error, ERR_BUG, "the worker that compiles YARA rules talks nonsense");
    if (!rc && folder.p)
        keep(folder, key, own);
    if (rc)
        *ret_set = yara_set_free(set);
    return rc;
}

enum err yara_set_load(const struct yara_source *source, size_t n, struct str cache,
                       struct yara_set **ret_set, struct error *error)
{
    unsigned char key[SHA256_BYTES];
    *ret_set = NULL;
    if (n > YARA_SOURCES)
        return fail(error, ERR_LIMIT, "more than %d files of YARA rules", YARA_SOURCES);
    TRY(yara_lib_start());
    TRY(key_of(source, n, key));
    if (cache.p && (!build_id().p || !folder_own(cache)))
        cache = STR_NONE;
    if (cache.p) {
        enum err rc = from_cache(source, n, cache, key, ret_set);
        if (rc != ERR_NOT_FOUND)
            return rc;
    }
    return make_anew(source, n, cache, key, ret_set, error);
}

enum err yara_sources(struct arena *arena, const struct str *path, size_t n,
                      struct yara_source **ret_source, size_t *ret_n, struct error *error)
{
    struct io_tree tree;
    *ret_source = NULL;
    *ret_n = 0;
    TRY(io_list_names(arena, path, n, &tree, error));
    struct yara_source *list = arena_new_n(arena, struct yara_source, tree.n + 1);
    enum err rc = list ? OK : ERR_NOMEM;
    for (size_t i = 0; i < tree.n && !rc; i++) {
        const struct io_entry *e = &tree.entry[i];
        if (e->skip.p || !(str_iends(e->path, STR(".yar")) || str_iends(e->path, STR(".yara"))))
            continue;
        if (*ret_n == YARA_SOURCES)
            rc = fail(error, ERR_LIMIT, "more than %d files of YARA rules", YARA_SOURCES);
        else
            rc = io_read_file(arena, e->path, YARA_SOURCE_BYTES, &list[*ret_n].text, error);
        if (!rc)
            list[(*ret_n)++].name = e->path;
    }
    io_tree_close(&tree);
    *ret_source = list;
    return rc;
}

/* ---- asking a set ---- */

size_t yara_set_rules(const struct yara_set *set)
{
    return set->gate.n_rules;
}

struct yara_rule_info yara_set_rule(const struct yara_set *set, size_t i)
{
    const struct yara_gate_rule *rule = &set->gate.rule[i];
    const struct yara_class *kind = set->kind[YARA_KIND_OTHER];
    bool undecided = false;
    for (size_t k = 0; k < kind->n_undecided; k++)
        undecided = undecided || kind->undecided[k] == i;
    return (struct yara_rule_info){rule->name, set->source[rule->source],
                                   rule->flags & YARA_RULE_PRIVATE, undecided};
}

size_t yara_set_problems(const struct yara_set *set)
{
    return set->n_problems;
}

struct yara_problem yara_set_problem(const struct yara_set *set, size_t i)
{
    return set->problem[i];
}
