#include "store/case.h"

#include "base/time.h"
#include "base/vec.h"
#include "base/wr.h"
#include "store/case_priv.h"

#include <stdlib.h>
#include <string.h>

/* ---- opening ---- */

static enum err find_end(struct case_store *c, struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, LAST_VERSION);
    enum err rc = db_row(&c->file->db, s, error);
    if (rc)
        return rc == END ? OK : rc;
    struct str chain = db_str(s, 1);
    if (chain.n != SHA256_BYTES)
        return fail(error, ERR_FORMAT, "the chain of the case is damaged");
    c->version = (uint64_t)db_i64(s, 0);
    memcpy(c->chain, chain.p, chain.n);
    return OK;
}

enum err case_open(struct case_store *c, struct str path, bool create, struct error *error)
{
    *c = (struct case_store){0};
    if (!create)
        TRY(db_exists(path, error));
    if (!(c->file = calloc(1, sizeof *c->file)))
        return fail(error, ERR_NOMEM, "out of memory");
    enum err rc = case_file_open(c->file, path, error);
    if (!rc)
        rc = db_execute(&c->file->db, "PRAGMA cache_size=-131072", error);
    if (!rc)
        rc = find_end(c, error);
    if (rc)
        case_close(c);
    return rc;
}

void case_close(struct case_store *c)
{
    if (!c->file)
        return;
    db_rollback(&c->file->db);
    db_close(&c->file->db);
    case_groups_forget(&c->file->groups);
    free(c->file);
    c->file = NULL;
}

/* ---- the chain ---- */

enum err case_link(const unsigned char before[SHA256_BYTES], uint64_t number, uint64_t run,
                   struct str type, struct str key, struct str body,
                   unsigned char ret[SHA256_BYTES])
{
    struct sha256 h;
    struct buf b;
    buf_init(&b, CASE_LINE_BYTES);
    buf_str(&b, str_make((const char *)before, SHA256_BYTES));
    wr_u64(&b, number);
    wr_u64(&b, run);
    wr_str(&b, type);
    wr_str(&b, key);
    wr_u8(&b, body.p != NULL);
    enum err rc = b.rc ? b.rc : sha256_init(&h);
    if (!rc) {
        sha256_add(&h, buf_view(&b).p, buf_view(&b).n);
        sha256_add(&h, body.p, body.n);
        sha256_end(&h, ret);
        sha256_done(&h);
    }
    buf_done(&b);
    return rc;
}

enum err case_seal(struct str before, struct sqlite3_stmt *run, unsigned char ret[SHA256_BYTES])
{
    struct sha256 h;
    struct buf b;
    buf_init(&b, 4 * CASE_LINE_BYTES);
    wr_str(&b, before);
    for (int i = 0; i < 9; i++)
        wr_str(&b, db_str(run, i)); /* numbers as SQLite writes them */
    enum err rc = b.rc ? b.rc : sha256_init(&h);
    if (!rc) {
        sha256_add(&h, b.p, b.n);
        sha256_end(&h, ret);
        sha256_done(&h);
    }
    buf_done(&b);
    return rc;
}

/* What the run's row says is in no version: a hash over it, and that of the run before. */
enum err case_seal_run(struct db *db, uint64_t run, struct error *error)
{
    unsigned char digest[SHA256_BYTES];
    struct sqlite3_stmt *s = db_get(db, ONE_RUN);
    db_put_i64(s, 1, (int64_t)run);
    enum err rc = db_row(db, s, error);
    if (rc)
        return rc == END ? fail(error, ERR_FORMAT, "the run is not in the case") : rc;
    TRY(case_seal(db_str(s, 10), s, digest));
    s = db_get(db, SEAL_RUN);
    db_put_i64(s, 1, (int64_t)run);
    db_lend_blob(s, 2, str_make((const char *)digest, SHA256_BYTES));
    return db_run(db, s, error);
}

static enum err add_version(struct case_store *c, uint64_t item, struct str type, struct str key,
                            struct str body, struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, ADD_VERSION);
    TRY(case_link(c->chain, c->version + 1, c->run, type, key, body, c->chain));
    c->version++;
    db_put_i64(s, 1, (int64_t)c->version);
    db_put_i64(s, 2, (int64_t)item);
    db_put_i64(s, 3, (int64_t)c->run);
    db_lend_str(s, 4, body);
    db_lend_blob(s, 5, str_make((const char *)c->chain, SHA256_BYTES));
    return db_run(&c->file->db, s, error);
}

/* ---- adding ---- */

static struct str bytes(const unsigned char key[CASE_KEY_BYTES])
{
    return str_make((const char *)key, CASE_KEY_BYTES);
}

/* Parameters 3 to 9: host, dossier, time, evidence, sense, alike, and the version to come; 11 to
 * 13: last, records, bytes. */
static void put_facts(struct case_store *c, struct sqlite3_stmt *s, const struct case_object *o,
                      uint64_t alike)
{
    db_lend_str(s, 3, o->host);
    db_lend_str(s, 4, o->dossier);
    case_put_time(s, 5, o->time_us);
    if (o->has_evidence)
        db_lend_blob(s, 6, bytes(o->evidence));
    else
        db_put_str(s, 6, STR_NONE);
    db_lend_blob(s, 7, bytes(o->sense));
    if (alike)
        db_put_i64(s, 8, (int64_t)alike);
    else
        db_put_str(s, 8, STR_NONE);
    db_put_i64(s, 9, (int64_t)c->version + 1);
    case_put_sums(s, 11, o);
}

static enum err add_item(struct case_store *c, struct case_object *o, uint64_t *ret_item,
                         struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, ADD_ITEM);
    uint64_t alike;
    TRY(case_alike_of(&c->file->db, &c->file->groups, o, &alike, error));
    db_lend_str(s, 1, o->type);
    db_lend_blob(s, 2, bytes(o->key));
    put_facts(c, s, o, alike);
    db_put_i64(s, 10, (int64_t)c->run);
    TRY(db_run(&c->file->db, s, error));
    *ret_item = db_last_number(&c->file->db);
    c->count.added++;
    return add_version(c, *ret_item, o->type, bytes(o->key), o->line, error);
}

static enum err change_item(struct case_store *c, struct case_object *o, uint64_t item,
                            struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, CHANGE_ITEM);
    uint64_t alike;
    TRY(case_alike_of(&c->file->db, &c->file->groups, o, &alike, error));
    db_put_i64(s, 1, (int64_t)item);
    put_facts(c, s, o, alike);
    TRY(db_run(&c->file->db, s, error));
    c->count.changed++;
    return add_version(c, item, o->type, bytes(o->key), o->line, error);
}

static enum err see(struct case_store *c, uint64_t item, struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, SEE);
    db_put_i64(s, 1, (int64_t)c->run);
    db_put_i64(s, 2, (int64_t)item);
    return db_run(&c->file->db, s, error);
}

static enum err add_object(struct case_store *c, struct case_object *o, struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, FIND);
    db_lend_str(s, 1, o->type);
    db_lend_blob(s, 2, bytes(o->key));
    enum err rc = db_row(&c->file->db, s, error);
    if (rc && rc != END)
        return rc;
    uint64_t item = rc ? 0 : (uint64_t)db_i64(s, 0);
    bool same = !rc && str_eq(db_str(s, 1), bytes(o->sense)) && !db_i64(s, 2);
    if (same)
        c->count.same++;
    else if (item)
        TRY(change_item(c, o, item, error));
    else
        TRY(add_item(c, o, &item, error));
    return see(c, item, error);
}

enum err case_begin(struct case_store *c, const struct case_run *run, struct error *error)
{
    TRY(db_begin(&c->file->db, error));
    TRY(find_end(c, error)); /* another program may have written meanwhile */
    struct sqlite3_stmt *s = case_get(c, ADD_RUN);
    db_lend_str(s, 1, run->verb);
    db_lend_str(s, 2, run->arguments);
    db_lend_str(s, 3, run->program);
    db_put_i64(s, 4, run->started_us);
    TRY(db_run(&c->file->db, s, error));
    c->run = db_last_number(&c->file->db);
    c->count = (struct case_counts){0};
    case_groups_forget(&c->file->groups);
    return OK;
}

enum err case_add(struct case_store *c, struct str line, struct error *error)
{
    struct case_object o;
    TRY(case_object_read(line, &o, error));
    if (!str_eq(o.type, STR("summary")))
        return add_object(c, &o, error);
    struct sqlite3_stmt *s = case_get(c, SUM_UP_RUN);
    db_put_i64(s, 1, (int64_t)c->run);
    db_lend_str(s, 2, line);
    return db_run(&c->file->db, s, error);
}

/* ---- what is gone ---- */

struct gone {
    uint64_t item;
    char type[16];
    unsigned char key[CASE_KEY_BYTES];
};

enum err case_go(struct case_store *c, uint64_t item, struct str type, struct str key,
                 struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, GO);
    db_put_i64(s, 1, (int64_t)item);
    db_put_i64(s, 2, (int64_t)c->version + 1);
    TRY(db_run(&c->file->db, s, error));
    c->count.gone++;
    return add_version(c, item, type, key, STR_NONE, error);
}

static enum err all_gone(struct case_store *c, struct error *error)
{
    VEC(struct gone) gone = {0};
    struct sqlite3_stmt *s = case_get(c, GONE);
    enum err rc;
    db_put_i64(s, 1, (int64_t)c->run);
    while (!(rc = db_row(&c->file->db, s, error))) {
        struct gone g = {.item = (uint64_t)db_i64(s, 0)};
        struct str key = db_str(s, 1), type = str_sub(db_str(s, 2), 0, sizeof g.type - 1);
        memcpy(g.key, key.p, key.n < CASE_KEY_BYTES ? key.n : CASE_KEY_BYTES);
        memcpy(g.type, type.p, type.n);
        if ((rc = vec_push(&gone, g, UINT32_MAX)))
            break;
    }
    rc = rc == END ? OK : rc;
    for (size_t i = 0; !rc && i < gone.n; i++)
        rc = case_go(c, gone.v[i].item, str_of(gone.v[i].type), bytes(gone.v[i].key), error);
    vec_done(&gone);
    return rc;
}

enum err case_finish(struct case_store *c, int64_t ended_us, struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, END_RUN);
    db_put_i64(s, 1, (int64_t)c->run);
    db_put_i64(s, 2, ended_us);
    db_put_i64(s, 3, (int64_t)c->version);
    db_lend_blob(s, 4, str_make((const char *)c->chain, SHA256_BYTES));
    TRY(db_run(&c->file->db, s, error));
    TRY(case_seal_run(&c->file->db, c->run, error));
    TRY(db_commit(&c->file->db, error));
    c->run = 0;
    return OK;
}

enum err case_end(struct case_store *c, int64_t ended_us, struct error *error)
{
    TRY(all_gone(c, error));
    return case_finish(c, ended_us, error);
}

void case_give_up(struct case_store *c)
{
    db_rollback(&c->file->db);
    c->run = 0;
}
