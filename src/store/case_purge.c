#include "store/case_purge.h"

#include "base/arena.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/wr.h"
#include "store/case_mask.h"
#include "store/case_priv.h"

enum { NAMES_BYTES = 1024 * 1024, VERSIONS_MAX = INT32_MAX };

/* The list of what was purged: of a masked version the hash of what is left of its body. It is made
 * when it is first needed. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS purged(version INTEGER NOT NULL, run INTEGER NOT NULL, hash BLOB,"
    " PRIMARY KEY(version, run)) WITHOUT ROWID;"
    "CREATE TEMP TABLE IF NOT EXISTS doomed(version INTEGER PRIMARY KEY, item INTEGER NOT NULL);"
    "DELETE FROM temp.doomed;"
    "PRAGMA secure_delete=ON";

#define MEMBER(name) "iif(json_valid(v.body), json_extract(v.body, '$." name "'), NULL)"
/* All versions of a thing or none: its last word may not be the one that goes. */
static const char choose_before[] =
    "INSERT OR IGNORE INTO temp.doomed SELECT v.number, v.item FROM item i JOIN version v"
    " ON v.item = i.number WHERE v.body IS NOT NULL AND (i.type IN ('finding', 'episode', 'alert')"
    " AND i.time < ?1 OR i.type = 'evidence') AND NOT EXISTS(SELECT 1 FROM version v WHERE"
    " v.item = i.number AND v.body IS NOT NULL AND ifnull(" MEMBER(
        "last") ", iif(i.type ="
                " 'evidence', ?2, '')) >= ?2)";
static const char choose_source[] =
    "INSERT OR IGNORE INTO temp.doomed SELECT v.number, v.item FROM item i JOIN version v"
    " ON v.item = i.number WHERE v.body IS NOT NULL AND i.type IN ('finding', 'evidence')"
    " AND i.number IN (SELECT item FROM version WHERE instr(body, '\"sha256\":\"' || ?1 || '\"'))";
/* An episode names clients and accounts of its findings. */
static const char choose_episodes[] =
    "INSERT OR IGNORE INTO temp.doomed SELECT v.number, v.item FROM item i JOIN version v"
    " ON v.item = i.number WHERE i.type = 'episode' AND v.body IS NOT NULL AND EXISTS(SELECT 1 FROM"
    " json_each(v.body, '$.findings') f WHERE f.value IN (SELECT json_extract(b.body, '$.id')"
    " FROM temp.doomed d JOIN version b ON b.number = d.version JOIN item x ON x.number = d.item"
    " AND x.type = 'finding'))";
static const char choose_one[] =
    "INSERT OR IGNORE INTO temp.doomed SELECT number, item FROM version WHERE number = ?1";
static const char bodies[] = "SELECT number, body FROM version WHERE body IS NOT NULL";
static const char doomed[] = "SELECT v.number, v.chain, v.body FROM temp.doomed d JOIN version v"
                             " ON v.number = d.version ORDER BY v.number";
static const char count_items[] = "SELECT count(DISTINCT item) FROM temp.doomed";
static const char write_body[] = "UPDATE version SET body = ?2 WHERE number = ?1";
static const char list_it[] = "INSERT INTO purged VALUES(?1, ?2, ?3)";
/* Of what nothing is left there is nothing to be found by, but its host. */
static const char forget[] =
    "UPDATE item SET time = NULL, evidence = NULL, alike = NULL, last = NULL, records = NULL,"
    " bytes = NULL, sense = zeroblob(16) WHERE number IN (SELECT item FROM temp.doomed) AND NOT "
    "EXISTS(SELECT 1 FROM version v WHERE v.item ="
    " item.number AND v.body IS NOT NULL)";
static const char move_host[] = "UPDATE item SET host = ?2 WHERE latest = ?1 AND host IS NOT ?2";
static const char latest_of[] = "SELECT number FROM item WHERE latest = ?1 AND alike IS NOT NULL";
/* Accounts and hosts that no finding names any more. */
static const char forget_alike[] = "DELETE FROM alike WHERE number NOT IN (SELECT alike FROM item"
                                   " WHERE alike IS NOT NULL)";
static const char mask_run[] = "UPDATE run SET arguments = ?2, summary = ?3 WHERE number = ?1";

struct purging {
    struct case_store *c;
    struct db *db;
    const struct case_purge *what;
    struct arena names;
    struct mask mask;
    VEC(uint64_t) version;
    struct buf text; /* of the object at hand */
    struct sha256 digest;
    struct case_purged *ret;
    struct error *error;
};

/* ---- one statement ---- */

static enum err run_once(struct purging *p, const char *sql, const int64_t *number, struct str text)
{
    struct sqlite3_stmt *s;
    int at = 1;
    TRY(db_make(p->db, sql, &s, p->error));
    if (number)
        db_put_i64(s, at++, *number);
    if (text.p)
        db_put_str(s, at, text);
    enum err rc = db_run(p->db, s, p->error);
    db_drop(s);
    return rc;
}

/* ---- which ---- */

static enum err choose_person(struct purging *p)
{
    struct sqlite3_stmt *s;
    enum err rc;
    TRY(db_make(p->db, bodies, &s, p->error));
    while (!(rc = db_row(p->db, s, p->error))) {
        buf_reset(&p->text);
        if (mask_object(&p->mask, db_str(s, 1), &p->text) &&
            (rc = vec_push(&p->version, (uint64_t)db_i64(s, 0), VERSIONS_MAX)))
            break;
        if ((rc = p->text.rc))
            break;
    }
    db_drop(s);
    rc = rc == END ? OK : rc;
    for (size_t i = 0; !rc && i < p->version.n; i++)
        rc = run_once(p, choose_one, &(int64_t){(int64_t)p->version.v[i]}, STR_NONE);
    p->version.n = 0;
    return rc;
}

static enum err choose(struct purging *p)
{
    const struct case_purge *w = p->what;
    if (w->before_us != TIME_NONE) {
        char day[32];
        TRY(run_once(p, choose_before, &w->before_us, str_of(time_text(w->before_us, day))));
    }
    if (w->source.p) {
        TRY(run_once(p, choose_source, NULL, w->source));
        TRY(run_once(p, choose_episodes, NULL, STR_NONE));
    }
    return p->mask.n ? choose_person(p) : OK;
}

static enum err count(struct purging *p)
{
    struct sqlite3_stmt *s;
    enum err rc;
    TRY(db_make(p->db, count_items, &s, p->error));
    if (!(rc = db_row(p->db, s, p->error)))
        p->ret->items = (uint64_t)db_i64(s, 0);
    db_drop(s);
    if (rc < 0)
        return rc;
    TRY(db_make(p->db, doomed, &s, p->error));
    while (!(rc = db_row(p->db, s, p->error)))
        if ((rc = vec_push(&p->version, (uint64_t)db_i64(s, 0), VERSIONS_MAX)))
            break;
    db_drop(s);
    p->ret->versions = p->version.n;
    return rc == END ? OK : rc;
}

/* ---- one version ---- */

static enum err write_list(struct purging *p, uint64_t version, struct str hash)
{
    struct sqlite3_stmt *s;
    TRY(db_make(p->db, list_it, &s, p->error));
    db_put_i64(s, 1, (int64_t)version);
    db_put_i64(s, 2, (int64_t)p->c->run);
    if (hash.p)
        db_put_blob(s, 3, hash);
    enum err rc = db_run(p->db, s, p->error);
    db_drop(s);
    return rc;
}

/* A finding counts as what is left of it. */
static enum err count_again(struct purging *p, uint64_t version, struct case_object *o)
{
    struct sqlite3_stmt *s;
    TRY(db_make(p->db, latest_of, &s, p->error));
    db_put_i64(s, 1, (int64_t)version);
    enum err rc = db_row(p->db, s, p->error);
    uint64_t item = rc ? 0 : (uint64_t)db_i64(s, 0);
    db_drop(s);
    return rc == END ? OK : rc ? rc : case_count_it(p->db, item, o, p->error);
}

static enum err write_version(struct purging *p, uint64_t version, struct str body)
{
    struct case_object o;
    struct sqlite3_stmt *s;
    TRY(db_make(p->db, write_body, &s, p->error));
    db_put_i64(s, 1, (int64_t)version);
    db_put_str(s, 2, body);
    enum err rc = db_run(p->db, s, p->error);
    db_drop(s);
    if (rc || !body.p)
        return rc;
    TRY(case_object_read(body, &o, p->error));
    TRY(count_again(p, version, &o));
    return o.host.p ? run_once(p, move_host, &(int64_t){(int64_t)version}, o.host) : OK;
}

/* The list's digest is kept in the chain: nobody adds to the list without notice. */
static enum err purge_version(struct purging *p, uint64_t version, struct str chain,
                              struct str body)
{
    unsigned char hash[SHA256_BYTES];
    struct str left = STR_NONE, left_hash = STR_NONE;
    buf_reset(&p->text);
    if (p->mask.n) {
        (void)mask_object(&p->mask, body, &p->text);
        if (p->text.rc)
            return p->text.rc;
        left = buf_view(&p->text);
        sha256_of(left, hash);
        left_hash = str_make((const char *)hash, sizeof hash);
    }
    case_purges_add(&p->digest, version, chain, left_hash);
    TRY(write_list(p, version, left_hash));
    return write_version(p, version, left);
}

static enum err purge_versions(struct purging *p)
{
    struct sqlite3_stmt *s;
    static const char one[] = "SELECT chain, body FROM version WHERE number = ?1";
    TRY(db_make(p->db, one, &s, p->error));
    enum err rc = OK;
    for (size_t i = 0; !rc && i < p->version.n; i++) {
        db_again(s);
        db_put_i64(s, 1, (int64_t)p->version.v[i]);
        rc = db_row(p->db, s, p->error);
        if (!rc)
            rc = purge_version(p, p->version.v[i], db_str(s, 0), db_str(s, 1));
    }
    db_drop(s);
    rc = rc ? rc : run_once(p, forget, NULL, STR_NONE);
    return rc ? rc : run_once(p, forget_alike, NULL, STR_NONE);
}

/* ---- runs ---- */

/* Paths hold names, too. Seals stand over the rows of runs: those from here on are made anew. */
static enum err seal_from(struct purging *p, uint64_t number)
{
    for (; number < p->c->run; number++)
        TRY(case_seal_run(p->db, number, p->error));
    return OK;
}

static enum err write_run(struct purging *p, const struct case_run *run, bool *ret_held)
{
    struct sqlite3_stmt *s;
    buf_reset(&p->text);
    *ret_held = mask_text(&p->mask, run->arguments, &p->text);
    size_t cut = p->text.n;
    if (run->summary.p)
        *ret_held |= mask_object(&p->mask, run->summary, &p->text);
    if (!*ret_held)
        return OK;
    struct str all = buf_view(&p->text);
    TRY(p->text.rc);
    TRY(db_make(p->db, mask_run, &s, p->error));
    db_put_i64(s, 1, (int64_t)run->number);
    db_put_str(s, 2, str_sub(all, 0, cut));
    db_put_str(s, 3, run->summary.p ? str_sub(all, cut, all.n) : STR_NONE);
    enum err rc = db_run(p->db, s, p->error);
    db_drop(s);
    return rc;
}

static enum err purge_runs(struct purging *p)
{
    uint64_t first = 0;
    for (uint64_t number = 1; number < p->c->run; number++) {
        struct sqlite3_stmt *s = case_get(p->c, ONE_RUN);
        bool held;
        db_put_i64(s, 1, (int64_t)number);
        enum err rc = db_row(p->db, s, p->error);
        struct case_run run = rc ? (struct case_run){0} : case_run_of(s, 0);
        TRY(rc);
        if (run.number != number)
            continue;
        TRY(write_run(p, &run, &held));
        p->ret->runs += held;
        first = held && !first ? number : first;
    }
    return first ? seal_from(p, first) : OK;
}

/* ---- the whole ---- */

static enum err purge(struct purging *p)
{
    unsigned char digest[SHA256_BYTES];
    TRY(sha256_init(&p->digest));
    enum err rc = purge_versions(p);
    sha256_end(&p->digest, digest);
    sha256_done(&p->digest);
    if (!rc && p->mask.n)
        rc = purge_runs(p);
    if (rc || (!p->ret->versions && !p->ret->runs))
        return rc; /* there is nothing to say */
    hex_of(digest, sizeof digest, p->ret->digest);
    buf_reset(&p->text);
    p->what->say(p->what->ctx, p->ret, &p->text);
    TRY(p->text.rc);
    TRY(case_add(p->c, buf_view(&p->text), p->error));
    return case_finish(p->c, p->what->run.ended_us, p->error);
}

/* Out of the file and of the log beside it. */
static enum err compact(struct purging *p)
{
    static const char empty_log[] = "PRAGMA wal_checkpoint(TRUNCATE)";
    struct sqlite3_stmt *s;
    bool busy = false;
    TRY(db_execute(p->db, "VACUUM", p->error));
    TRY(db_make(p->db, empty_log, &s, p->error));
    enum err rc = db_row(p->db, s, p->error);
    if (!rc)
        busy = db_i64(s, 0) != 0;
    db_drop(s);
    TRY(rc);
    return busy ? fail(p->error, ERR_AGAIN,
                       "it is purged, but others have the case open: close them and say it again, "
                       "so that the bytes go, too")
                : OK;
}

static enum err work(struct purging *p)
{
    for (size_t i = 0; i < p->what->person.n; i++)
        TRY(mask_add(&p->mask, &p->names, p->what->person.v[i], p->error));
    TRY(case_begin(p->c, &p->what->run, p->error));
    TRY(db_execute(p->db, tables, p->error));
    TRY(choose(p));
    TRY(count(p));
    if (!p->what->say)
        return OK;
    TRY(purge(p));
    case_give_up(p->c);
    return compact(p);
}

enum err case_purge(struct case_store *c, const struct case_purge *what, struct case_purged *ret,
                    struct error *error)
{
    struct purging p = {.c = c, .db = &c->file->db, .what = what, .ret = ret, .error = error};
    *ret = (struct case_purged){0};
    arena_init(&p.names, NAMES_BYTES);
    buf_init(&p.text, 2 * CASE_LINE_BYTES);
    enum err rc = work(&p);
    case_give_up(c);
    vec_done(&p.version);
    buf_done(&p.text);
    arena_done(&p.names);
    return rc;
}
