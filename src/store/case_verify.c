#include "base/buf.h"
#include "base/time.h"
#include "store/case_priv.h"

#include <string.h>

static struct str bytes(const unsigned char key[CASE_KEY_BYTES])
{
    return str_make((const char *)key, CASE_KEY_BYTES);
}

typedef enum err on_broken(void *ctx, uint64_t version, const struct case_item *item,
                           struct str why);

/* A hash alone may have been changed: what is behind it fits what is stored, or what was counted.
 */
struct walk {
    struct case_store *store;
    uint64_t number;                     /* of the version before */
    unsigned char stored[SHA256_BYTES];  /* its hash, as it stands in the file */
    unsigned char counted[SHA256_BYTES]; /* and as it should */
    uint64_t runs;
    struct case_purges *purges;
    on_broken *tell;
    void *ctx;
    struct error *error;
};

static struct str hash(const unsigned char digest[SHA256_BYTES])
{
    return str_make((const char *)digest, SHA256_BYTES);
}

static void go_on(struct walk *w, const unsigned char counted[SHA256_BYTES], struct str stored)
{
    memcpy(w->counted, counted, SHA256_BYTES);
    memset(w->stored, 0, SHA256_BYTES);
    memcpy(w->stored, stored.p, stored.n < SHA256_BYTES ? stored.n : SHA256_BYTES);
}

/* SQLite takes any value in any column: one letter a column, of db_type; capital: or none. */
static bool types_are(struct sqlite3_stmt *s, const char *types)
{
    for (int i = 0; types[i]; i++) {
        char is = db_type(s, i), want = types[i];
        bool optional = want >= 'A' && want <= 'Z';
        if (want != '-' && is != (optional ? want - 'A' + 'a' : want) && !(optional && is == '0'))
            return false;
    }
    return true;
}

/* ---- versions ---- */

/* Are findings counted as what they say? */
static bool counted(struct sqlite3_stmt *s, const struct case_object *o, bool is)
{
    if (!is)
        return db_is_null(s, 13) && db_is_null(s, 15) && db_is_null(s, 16) && db_is_null(s, 17);
    return str_eq(bytes(o->alike), db_str(s, 13)) && o->last_us == case_time_of(s, 15) &&
           (int64_t)o->records == db_i64(s, 16) && (int64_t)o->bytes == db_i64(s, 17);
}

/* Do the columns that people search by say what the object says? Of a masked one only some do: it
 * is found by what it was, so that the same again adds nothing. */
static bool says(struct sqlite3_stmt *s, const struct case_item *item, struct str body, bool masked)
{
    struct case_object o;
    struct error ignored;
    bool same = !case_object_read(body, &o, &ignored) && (!o.counted || !case_alike_read(&o)) &&
                str_eq(o.type, item->type) && str_eq(o.host, item->host) &&
                str_eq(o.dossier, item->dossier) && o.time_us == item->time_us &&
                counted(s, &o, o.counted && item->body.p);
    if (!same || masked)
        return same;
    return str_eq(bytes(o.key), db_str(s, 8)) && str_eq(bytes(o.sense), db_str(s, 10)) &&
           str_eq(o.has_evidence ? bytes(o.evidence) : STR_NONE, db_str(s, 12));
}

/* Of what is gone they say what was said last; unless that was changed: it has been told. */
static bool says_last(struct walk *w, struct sqlite3_stmt *s, const struct case_item *item)
{
    unsigned char before[SHA256_BYTES] = {0}, digest[SHA256_BYTES];
    struct sqlite3_stmt *last = case_get(w->store, LAST_BODY);
    db_put_i64(last, 1, db_i64(s, 14));
    enum err found = db_row(&w->store->file->db, last, w->error);
    if (found == END) /* all of it was purged, and with it what it was found by */
        return item->time_us == TIME_NONE && db_is_null(s, 12) && counted(s, NULL, false);
    if (found)
        return false;
    struct str stored = db_str(last, 4), body = db_str(last, 0);
    if (stored.n)
        memcpy(before, stored.p, stored.n < SHA256_BYTES ? stored.n : SHA256_BYTES);
    enum err rc = case_link(before, (uint64_t)db_i64(last, 1), (uint64_t)db_i64(last, 2),
                            item->type, db_str(s, 8), body, digest);
    return rc || !str_eq(hash(digest), db_str(last, 3)) || says(s, item, body, false);
}

static bool columns_agree(struct walk *w, struct sqlite3_stmt *s, const struct case_item *item,
                          bool purged)
{
    bool latest = db_i64(s, 11) == db_i64(s, 7);
    return !latest || (item->body.p ? says(s, item, item->body, purged) : says_last(w, s, item));
}

static bool links(const unsigned char before[SHA256_BYTES], struct sqlite3_stmt *s,
                  const struct case_item *item, unsigned char ret[SHA256_BYTES], enum err *ret_rc)
{
    enum err rc = case_link(before, (uint64_t)db_i64(s, 7), item->run, item->type, db_str(s, 8),
                            item->body, ret);
    *ret_rc = *ret_rc ? *ret_rc : rc;
    return str_eq(hash(ret), db_str(s, 9));
}

static enum err check_version(struct walk *w, struct sqlite3_stmt *s)
{
    unsigned char by_stored[SHA256_BYTES], by_counted[SHA256_BYTES];
    struct case_item item = case_item_of(s);
    uint64_t number = (uint64_t)db_i64(s, 7);
    enum case_purge_state purged;
    enum err rc = case_purges_next(w->purges, number, db_str(s, 9), item.body, &purged);
    bool a = links(w->stored, s, &item, by_stored, &rc);
    bool b = links(w->counted, s, &item, by_counted, &rc);
    if (purged != CASE_NOT_PURGED) { /* its hash stands for what it was */
        struct str stands = db_str(s, 9);
        a = b = purged == CASE_PURGED && stands.n == SHA256_BYTES;
        memcpy(by_stored, a ? stands.p : (const char *)by_counted, SHA256_BYTES);
    }
    if (!rc && number != w->number + 1)
        rc = w->tell(w->ctx, w->number + 1, NULL, STR("versions from here on are missing"));
    else if (!rc && ((!a && !b) || !types_are(s, "tTTTIiiibbbiBBiIII")))
        rc = w->tell(w->ctx, number, &item, STR("it is not what was written"));
    else if (!rc && (!item.run || item.run > w->runs))
        rc = w->tell(w->ctx, number, &item, STR("its run is missing"));
    else if (!rc && !columns_agree(w, s, &item, purged != CASE_NOT_PURGED))
        rc = w->tell(w->ctx, number, &item, STR("what it is found by was changed"));
    w->number = number;
    go_on(w, a ? by_stored : by_counted, db_str(s, 9));
    return rc;
}

/* ---- runs ---- */

static bool sealed(struct str before, struct sqlite3_stmt *s, unsigned char ret[SHA256_BYTES],
                   enum err *ret_rc)
{
    enum err rc = case_seal(before, s, ret);
    *ret_rc = *ret_rc ? *ret_rc : rc;
    return str_eq(hash(ret), db_str(s, 9));
}

static enum err check_runs(struct walk *w)
{
    struct walk runs = {.tell = w->tell};
    struct sqlite3_stmt *s = case_get(w->store, ONE_RUN);
    enum err rc;
    db_put_i64(s, 1, INT64_MIN);
    while (!(rc = db_row(&w->store->file->db, s, w->error))) {
        unsigned char by_stored[SHA256_BYTES], by_counted[SHA256_BYTES];
        struct case_item item = {.type = STR("run"), .run = (uint64_t)db_i64(s, 0)};
        bool typed = types_are(s, "itttiiTibb"), first = !w->runs;
        struct str stored = first ? STR_NONE : hash(runs.stored);
        bool a = sealed(stored, s, by_stored, &rc);
        bool b = sealed(first ? STR_NONE : hash(runs.counted), s, by_counted, &rc);
        if (!rc && item.run != w->runs + 1)
            rc = w->tell(w->ctx, 0, &item, STR("a run before it is missing"));
        else if (!rc && ((!a && !b) || !typed))
            rc = w->tell(w->ctx, 0, &item, STR("it is not what was written"));
        if (rc)
            return rc;
        go_on(&runs, a ? by_stored : by_counted, db_str(s, 9));
        w->runs = item.run;
    }
    return rc == END ? OK : rc;
}

static enum err check_ends(struct walk *w)
{
    struct sqlite3_stmt *s = case_get(w->store, CHAIN_ENDS);
    enum err rc;
    while (!(rc = db_row(&w->store->file->db, s, w->error))) {
        struct case_item item = {.type = STR("run"), .run = (uint64_t)db_i64(s, 0)};
        if ((rc = w->tell(w->ctx, 0, &item, STR("it does not end where it did"))))
            return rc;
    }
    return rc == END ? OK : rc;
}

/* ---- what belongs to no version ---- */

static enum err check_items(struct walk *w)
{
    struct sqlite3_stmt *s = case_get(w->store, STALE);
    enum err rc;
    while (!(rc = db_row(&w->store->file->db, s, w->error))) {
        struct case_item item = case_item_of(s);
        struct str why = db_i64(s, 8) ? STR("a later version is hidden")
                                      : STR("the run that told it first was changed");
        if ((rc = w->tell(w->ctx, (uint64_t)db_i64(s, 7), &item, why)))
            return rc;
    }
    return rc == END ? OK : rc;
}

static enum err check_alike(struct walk *w)
{
    struct sqlite3_stmt *s = case_get(w->store, ALIKES);
    enum err rc;
    while (!(rc = db_row(&w->store->file->db, s, w->error))) {
        unsigned char key[CASE_KEY_BYTES];
        struct case_object o;
        bool known = case_alike_columns(s, 0, &o);
        const struct case_item item = {.type = STR("counts"), .host = o.host};
        if (known)
            case_alike_key(&o, key);
        if (!known || !types_are(s, "TTTTiTTTib") || !str_eq(bytes(key), db_str(s, 9)))
            rc = w->tell(w->ctx, 0, &item, STR("what findings are counted by was changed"));
        if (rc)
            return rc;
    }
    return rc == END ? OK : rc;
}

static enum err on_problem(void *ctx, struct str problem)
{
    struct walk *w = ctx;
    const struct case_item item = {.type = STR("file")};
    return w->tell(w->ctx, 0, &item, problem);
}

static enum err verify(struct walk *w, uint64_t *ret_n)
{
    struct case_store *c = w->store;
    TRY(db_check(&c->file->db, on_problem, w, w->error));
    TRY(check_runs(w));
    TRY(case_purges_read(c, &w->purges, w->error));
    struct sqlite3_stmt *s = case_get(c, CHAIN);
    enum err rc;
    while (!(rc = db_row(&c->file->db, s, w->error))) {
        ++*ret_n;
        if ((rc = check_version(w, s)))
            return rc;
    }
    if (rc != END)
        return rc;
    TRY(check_ends(w));
    TRY(check_items(w));
    TRY(check_alike(w));
    return case_purges_check(c, w->purges, w->tell, w->ctx, w->error);
}

enum err case_verify(struct case_store *c, on_broken *tell, void *ctx, uint64_t *ret_n,
                     struct error *error)
{
    struct walk w = {.store = c, .tell = tell, .ctx = ctx, .error = error};
    *ret_n = 0;
    enum err rc = verify(&w, ret_n);
    case_purges_done(w.purges);
    return rc;
}
