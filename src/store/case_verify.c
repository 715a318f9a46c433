#include "base/buf.h"
#include "base/time.h"
#include "store/case_priv.h"

#include <string.h>

static struct str bytes(const unsigned char key[CASE_KEY_BYTES])
{
    return str_make((const char *)key, CASE_KEY_BYTES);
}

struct walk {
    uint64_t number;                     /* of the version before */
    unsigned char stored[SHA256_BYTES];  /* its hash, as it stands in the file */
    unsigned char counted[SHA256_BYTES]; /* and as it should */
    enum err (*tell)(void *ctx, uint64_t version, const struct case_item *item, struct str why);
    void *ctx;
};

/* Do the columns that people search by say what the object says? */
static bool columns_agree(struct sqlite3_stmt *s, const struct case_item *item)
{
    struct case_object o;
    struct error ignored;
    if (!item->body.p || (uint64_t)db_i64(s, 11) != (uint64_t)db_i64(s, 7))
        return true; /* not the latest */
    return !case_object_read(item->body, &o, &ignored) && str_eq(o.type, item->type) &&
           str_eq(o.host, item->host) && str_eq(o.dossier, item->dossier) &&
           o.time_us == item->time_us && str_eq(bytes(o.key), db_str(s, 8)) &&
           str_eq(bytes(o.sense), db_str(s, 10));
}

static bool links(const unsigned char before[SHA256_BYTES], struct sqlite3_stmt *s,
                  const struct case_item *item, unsigned char ret[SHA256_BYTES], enum err *ret_rc)
{
    enum err rc = case_link(before, (uint64_t)db_i64(s, 7), item->run, item->type, db_str(s, 8),
                            item->body, ret);
    *ret_rc = *ret_rc ? *ret_rc : rc;
    return str_eq(str_make((const char *)ret, SHA256_BYTES), db_str(s, 9));
}

/* Where a hash alone was changed, the version behind it still fits the one that was counted. */
static enum err check_version(struct walk *w, struct sqlite3_stmt *s)
{
    unsigned char by_stored[SHA256_BYTES], by_counted[SHA256_BYTES];
    struct case_item item = case_item_of(s);
    struct str chain = db_str(s, 9);
    uint64_t number = (uint64_t)db_i64(s, 7);
    enum err rc = OK;
    bool a = links(w->stored, s, &item, by_stored, &rc);
    bool b = links(w->counted, s, &item, by_counted, &rc);
    if (!rc && number != w->number + 1)
        rc = w->tell(w->ctx, w->number + 1, NULL, STR("versions from here on are missing"));
    else if (!rc && !a && !b)
        rc = w->tell(w->ctx, number, &item, STR("it is not what was written"));
    else if (!rc && !columns_agree(s, &item))
        rc = w->tell(w->ctx, number, &item, STR("what it is found by was changed"));
    w->number = number;
    memcpy(w->counted, a ? by_stored : by_counted, SHA256_BYTES);
    memset(w->stored, 0, SHA256_BYTES);
    memcpy(w->stored, chain.p, chain.n < SHA256_BYTES ? chain.n : SHA256_BYTES);
    return rc;
}

static enum err check_ends(struct case_store *c, struct walk *w, struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, CHAIN_ENDS);
    enum err rc;
    while (!(rc = db_row(&c->file->db, s, error))) {
        struct case_item item = {.type = STR("run"), .run = (uint64_t)db_i64(s, 0)};
        if ((rc = w->tell(w->ctx, 0, &item, STR("it does not end where it did"))))
            return rc;
    }
    if (rc != END)
        return rc;
    s = case_get(c, STALE);
    while (!(rc = db_row(&c->file->db, s, error))) {
        struct case_item item = case_item_of(s);
        if ((rc = w->tell(w->ctx, (uint64_t)db_i64(s, 7), &item, STR("a later version is hidden"))))
            return rc;
    }
    return rc == END ? OK : rc;
}

enum err case_verify(struct case_store *c,
                     enum err (*tell)(void *ctx, uint64_t version, const struct case_item *item,
                                      struct str why),
                     void *ctx, uint64_t *ret_n, struct error *error)
{
    struct walk w = {.tell = tell, .ctx = ctx};
    struct sqlite3_stmt *s = case_get(c, CHAIN);
    enum err rc;
    *ret_n = 0;
    while (!(rc = db_row(&c->file->db, s, error))) {
        ++*ret_n;
        if ((rc = check_version(&w, s)))
            return rc;
    }
    return rc == END ? check_ends(c, &w, error) : rc;
}
