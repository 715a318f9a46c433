#include "scan/rule_cache.h"

#include "base/limits.h"
#include "base/wr.h"
#include "model/node_flat.h"
#include "os/folder.h"

/* An entry: the magic word, its key, the SHA-256 of all that follows, the number of files, where
 * the verdicts begin; then for each file its documents and what was wrong with it; then the
 * verdicts that are not "runs". */
#define MAGIC "tocsin rules 1\n"
#define ENTRY_PREFIX "rules-"

enum {
    MAGIC_BYTES = sizeof MAGIC - 1,
    DIGEST_AT = MAGIC_BYTES + SHA256_BYTES,
    FILES_AT = DIGEST_AT + SHA256_BYTES,
    VERDICTS_AT = FILES_AT + 4,
    HEAD_BYTES = VERDICTS_AT + 4,
    NAME_BYTES = sizeof ENTRY_PREFIX + 32, /* half of the key names the entry */
    TREES_BYTES = 64 * 1024 * 1024,        /* of one file */
};

struct odd_verdict {
    uint32_t rule;
    struct rule_verdict verdict;
};

struct rule_cache {
    struct str folder;
    char name[NAME_BYTES];
    bool reads;         /* there is an entry */
    bool broken;        /* which is not what it says */
    struct rd files;    /* what is left of it */
    struct arena trees; /* the documents of one file */
    struct odd_verdict *odd;
    size_t n_odd;
    uint32_t n_rules; /* with a verdict */
    struct buf made, verdicts;
    uint32_t n_made_odd;
};

/* ---- reading ---- */

static enum err take_verdicts(struct rule_cache *c, struct arena *arena, struct rd r)
{
    c->n_rules = rd_u32(&r);
    uint32_t n = rd_u32(&r), next = 0;
    if (r.rc || c->n_rules > LIMIT_RULES || n > c->n_rules || n > rd_left(&r))
        return ERR_FORMAT;
    c->odd = arena_new_n(arena, struct odd_verdict, (size_t)n + 1);
    if (!c->odd)
        return ERR_NOMEM;
    for (; c->n_odd < n; c->n_odd++) {
        struct odd_verdict *odd = &c->odd[c->n_odd];
        odd->rule = rd_u32(&r);
        odd->verdict.answers = rd_u8(&r) != 0;
        odd->verdict.idle = rd_str(&r);
        if (r.rc || odd->rule < next || odd->rule >= c->n_rules)
            return ERR_FORMAT;
        next = odd->rule + 1;
    }
    return rd_left(&r) ? ERR_FORMAT : OK;
}

static enum err take_entry(struct rule_cache *c, struct arena *arena, struct str entry,
                           const unsigned char key[SHA256_BYTES], size_t n_files)
{
    unsigned char digest[SHA256_BYTES];
    if (entry.n < HEAD_BYTES || memcmp(entry.p, MAGIC, MAGIC_BYTES) != 0 ||
        memcmp(entry.p + MAGIC_BYTES, key, SHA256_BYTES) != 0)
        return ERR_FORMAT;
    sha256_of(str_sub(entry, FILES_AT, entry.n), digest);
    if (memcmp(entry.p + DIGEST_AT, digest, sizeof digest) != 0)
        return ERR_FORMAT;
    struct rd r = rd_of(str_sub(entry, FILES_AT, entry.n));
    uint32_t files = rd_u32(&r), at = rd_u32(&r);
    if (files != n_files || at < HEAD_BYTES || at > entry.n)
        return ERR_FORMAT;
    c->files = rd_of(str_sub(entry, HEAD_BYTES, at));
    return take_verdicts(c, arena, rd_of(str_sub(entry, at, entry.n)));
}

static struct rule_cache *cache_new(struct arena *arena)
{
    struct rule_cache *c = arena_new(arena, struct rule_cache);
    if (!c)
        return NULL;
    arena_init(&c->trees, TREES_BYTES);
    buf_init(&c->made, CACHE_BYTES);
    buf_init(&c->verdicts, CACHE_BYTES / 4);
    return c;
}

enum err rule_cache_read(struct arena *arena, struct str entry,
                         const unsigned char key[SHA256_BYTES], size_t n_files,
                         struct rule_cache **ret_cache)
{
    struct rule_cache *c = *ret_cache = cache_new(arena);
    if (!c)
        return ERR_NOMEM;
    c->reads = true;
    return take_entry(c, arena, entry, key, n_files);
}

static enum err take_docs(struct rule_cache *c, struct rule_docs *ret)
{
    struct rd *r = &c->files;
    ret->n = rd_u32(r);
    if (r->rc || ret->n > LIMIT_RULES || ret->n > rd_left(r))
        return ERR_FORMAT;
    ret->doc = arena_new_n(&c->trees, struct node, ret->n + 1);
    if (!ret->doc)
        return ERR_NOMEM;
    for (size_t i = 0; i < ret->n; i++)
        TRY(node_take(r, &c->trees, &ret->doc[i]));
    ret->why = rd_u8(r) ? (enum err) - (int)rd_u8(r) : OK;
    ret->line = ret->why ? rd_u32(r) : 0;
    ret->reason = ret->why ? rd_str(r) : STR_NONE;
    bool known = ret->why == OK || ret->why == ERR_FORMAT || ret->why == ERR_LIMIT;
    return r->rc || !known || (ret->why && !ret->reason.p) ? ERR_FORMAT : OK;
}

bool rule_cache_verdict(const struct rule_cache *c, size_t rule, struct rule_verdict *ret_verdict)
{
    size_t from = 0, to = c ? c->n_odd : 0;
    *ret_verdict = (struct rule_verdict){.answers = true};
    if (!c || !c->reads || c->broken || rule >= c->n_rules)
        return false;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (c->odd[mid].rule < rule)
            from = mid + 1;
        else
            to = mid;
    }
    if (from < c->n_odd && c->odd[from].rule == rule)
        *ret_verdict = c->odd[from].verdict;
    return true;
}

/* ---- making ---- */

static void put_docs(struct rule_cache *c, const struct rule_docs *docs)
{
    struct buf *b = &c->made;
    wr_u32(b, (uint32_t)docs->n);
    for (size_t i = 0; i < docs->n; i++)
        node_put(b, &docs->doc[i]);
    wr_u8(b, docs->why != OK);
    if (docs->why) {
        wr_u8(b, (uint8_t)-docs->why);
        wr_u32(b, docs->line);
        wr_str(b, docs->reason);
    }
}

enum err rule_cache_docs(struct rule_cache *c, struct arena *arena, struct str text,
                         struct str file, struct rule_docs *ret_docs)
{
    if (c && c->reads && !c->broken) {
        arena_reset(&c->trees);
        enum err rc = take_docs(c, ret_docs);
        if (rc != ERR_FORMAT)
            return rc;
        c->broken = true;
    }
    TRY(rules_docs(arena, text, file, ret_docs));
    if (c && !c->reads)
        put_docs(c, ret_docs);
    return OK;
}

void rule_cache_note(struct rule_cache *c, const struct rule_verdict *verdict)
{
    if (!c || c->reads)
        return;
    if (!verdict->answers || verdict->idle.p) {
        wr_u32(&c->verdicts, c->n_rules);
        wr_u8(&c->verdicts, verdict->answers);
        wr_str(&c->verdicts, verdict->idle);
        c->n_made_odd++;
    }
    c->n_rules++;
}

static void begin_entry(struct rule_cache *c, const unsigned char key[SHA256_BYTES], size_t n_files)
{
    static const unsigned char later[SHA256_BYTES];
    buf_add(&c->made, MAGIC, MAGIC_BYTES);
    buf_add(&c->made, key, SHA256_BYTES);
    buf_add(&c->made, later, sizeof later);
    wr_u32(&c->made, (uint32_t)n_files);
    wr_u32(&c->made, 0);
}

/* What was left open at its begin. */
static void end_entry(struct buf *made, uint32_t verdicts_at)
{
    struct buf where;
    buf_init(&where, 16);
    wr_u32(&where, verdicts_at);
    if (where.n == 4)
        memcpy(made->p + VERDICTS_AT, where.p, 4);
    buf_done(&where);
    sha256_of(str_sub(buf_view(made), FILES_AT, made->n), (unsigned char *)(made->p + DIGEST_AT));
}

void rule_cache_keep(struct rule_cache *c)
{
    if (!c || !c->folder.p)
        return;
    struct str name = str_of(c->name);
    if (c->broken) { /* its digest was right: the next run makes it anew */
        (void)!file_remove(c->folder, name, NULL);
        return;
    }
    uint32_t at = (uint32_t)c->made.n;
    wr_u32(&c->made, c->n_rules);
    wr_u32(&c->made, c->n_made_odd);
    buf_str(&c->made, buf_view(&c->verdicts));
    if (c->reads || c->made.rc || c->verdicts.rc)
        return;
    end_entry(&c->made, at);
    if (!file_replace(c->folder, name, buf_view(&c->made), NULL))
        folder_thin(c->folder, STR(ENTRY_PREFIX), CACHE_ENTRIES);
}

enum err rule_cache_open(struct arena *arena, struct str folder,
                         const unsigned char key[SHA256_BYTES], size_t n_files,
                         struct rule_cache **ret_cache)
{
    char name[NAME_BYTES] = ENTRY_PREFIX;
    struct str entry;
    hex_of(key, SHA256_BYTES / 2, name + strlen(name));
    enum err rc = file_read(arena, folder, str_of(name), CACHE_BYTES, &entry, NULL);
    if (!rc)
        rc = rule_cache_read(arena, entry, key, n_files, ret_cache);
    if (rc && rc != ERR_NOMEM) {
        *ret_cache = cache_new(arena);
        rc = *ret_cache ? OK : ERR_NOMEM;
        if (!rc)
            begin_entry(*ret_cache, key, n_files);
    }
    TRY(rc);
    (*ret_cache)->folder = folder;
    memcpy((*ret_cache)->name, name, sizeof name);
    return OK;
}

void rule_cache_done(struct rule_cache *c)
{
    if (!c)
        return;
    arena_done(&c->trees);
    buf_done(&c->made);
    buf_done(&c->verdicts);
}
