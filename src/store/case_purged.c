#include "base/buf.h"
#include "base/vec.h"
#include "base/wr.h"
#include "store/case_priv.h"

#include <stdlib.h>
#include <string.h>

/* The list of what was purged, as verify looks at it (docs/internals/STORE.md, "Purging"). */

enum { PURGES_MAX = 100 * 1000 };

/* A version that was purged: of a masked one the hash of what is left. */
struct purged {
    uint64_t version, run;
    bool masked;
    unsigned char left[SHA256_BYTES];
};

/* The digest over what one run purged. */
struct purge {
    uint64_t run;
    struct sha256 digest;
};

struct case_purges {
    VEC(struct purged) purged;
    VEC(struct purge) purge;
    size_t at; /* in purged */
};

void case_purges_add(struct sha256 *digest, uint64_t version, struct str chain, struct str left)
{
    struct buf b;
    buf_init(&b, 4 * SHA256_BYTES);
    wr_u64(&b, version);
    wr_str(&b, chain);
    wr_str(&b, left);
    sha256_add(digest, buf_view(&b).p, buf_view(&b).n);
    buf_done(&b);
}

/* ---- reading ---- */

static enum err is_there(struct case_store *c, bool *ret, struct error *error)
{
    static const char sql[] = "SELECT 1 FROM sqlite_master WHERE name = 'purged'";
    struct sqlite3_stmt *s;
    TRY(db_make(&c->file->db, sql, &s, error));
    enum err rc = db_row(&c->file->db, s, error);
    *ret = rc == OK;
    db_drop(s);
    return rc == END ? OK : rc;
}

static enum err read_rows(struct case_store *c, struct case_purges *p, struct error *error)
{
    static const char sql[] = "SELECT version, run, hash FROM purged ORDER BY version, run";
    struct sqlite3_stmt *s;
    enum err rc;
    TRY(db_make(&c->file->db, sql, &s, error));
    while (!(rc = db_row(&c->file->db, s, error))) {
        struct purged one = {.version = (uint64_t)db_i64(s, 0), .run = (uint64_t)db_i64(s, 1)};
        struct str left = db_str(s, 2);
        one.masked = left.n == SHA256_BYTES;
        if (one.masked)
            memcpy(one.left, left.p, left.n);
        if ((rc = vec_push(&p->purged, one, INT32_MAX)))
            break;
    }
    db_drop(s);
    return rc == END ? OK : rc;
}

enum err case_purges_read(struct case_store *c, struct case_purges **ret, struct error *error)
{
    bool there;
    *ret = NULL;
    TRY(is_there(c, &there, error));
    if (!(*ret = calloc(1, sizeof **ret)))
        return fail(error, ERR_NOMEM, "out of memory");
    return there ? read_rows(c, *ret, error) : OK;
}

void case_purges_done(struct case_purges *p)
{
    for (size_t i = 0; p && i < p->purge.n; i++)
        sha256_done(&p->purge.v[i].digest);
    if (!p)
        return;
    vec_done(&p->purge);
    vec_done(&p->purged);
    free(p);
}

/* ---- versions ---- */

static enum err purge_of(struct case_purges *p, uint64_t run, struct purge **ret)
{
    struct purge one = {.run = run};
    for (size_t i = 0; i < p->purge.n; i++)
        if (p->purge.v[i].run == run) {
            *ret = &p->purge.v[i];
            return OK;
        }
    TRY(sha256_init(&one.digest));
    enum err rc = vec_push(&p->purge, one, PURGES_MAX);
    if (rc)
        sha256_done(&one.digest);
    else
        *ret = &p->purge.v[p->purge.n - 1];
    return rc;
}

/* Nothing of the body, or what the mask left. */
static bool is_left(const struct purged *p, struct str body)
{
    unsigned char digest[SHA256_BYTES];
    if (!p->masked || !body.p)
        return !p->masked && !body.p;
    sha256_of(body, digest);
    return memcmp(digest, p->left, sizeof digest) == 0;
}

/* A version may have been purged more than once: each is counted for the run that did it, and the
 * last one says what is left. */
enum err case_purges_next(struct case_purges *p, uint64_t version, struct str chain,
                          struct str body, enum case_purge_state *ret)
{
    const struct purged *last = NULL;
    *ret = CASE_NOT_PURGED;
    for (; p->at < p->purged.n && p->purged.v[p->at].version == version; p->at++) {
        struct purge *purge;
        last = &p->purged.v[p->at];
        TRY(purge_of(p, last->run, &purge));
        case_purges_add(&purge->digest, version, chain,
                        last->masked ? str_make((const char *)last->left, SHA256_BYTES) : STR_NONE);
    }
    if (last)
        *ret = is_left(last, body) ? CASE_PURGED : CASE_PURGED_OTHERWISE;
    return OK;
}

/* ---- runs ---- */

static enum err is_said(struct case_store *c, struct purge *p, bool *ret, struct error *error)
{
    static const char sql[] = "SELECT 1 FROM item i JOIN version v ON v.number = i.latest"
                              " WHERE i.type = 'purge' AND v.run = ?1 AND instr(v.body, ?2)";
    unsigned char digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    struct sqlite3_stmt *s;
    sha256_end(&p->digest, digest);
    hex_of(digest, sizeof digest, hex);
    TRY(db_make(&c->file->db, sql, &s, error));
    db_put_i64(s, 1, (int64_t)p->run);
    db_put_str(s, 2, str_of(hex));
    enum err rc = db_row(&c->file->db, s, error);
    db_drop(s);
    *ret = !rc;
    return rc == END ? OK : rc;
}

enum err case_purges_check(struct case_store *c, struct case_purges *p,
                           enum err (*tell)(void *ctx, uint64_t version,
                                            const struct case_item *item, struct str why),
                           void *ctx, struct error *error)
{
    enum err rc = OK;
    for (size_t i = 0; !rc && i < p->purge.n; i++) {
        struct case_item item = {.type = STR("run"), .run = p->purge.v[i].run};
        bool said;
        TRY(is_said(c, &p->purge.v[i], &said, error));
        if (!said)
            rc = tell(ctx, 0, &item, STR("what is listed as purged is not what was purged"));
    }
    if (!rc && p->at < p->purged.n)
        rc = tell(ctx, p->purged.v[p->at].version, NULL, STR("purged, and not there"));
    return rc;
}
