#include "base/arena.h"
#include "base/time.h"
#include "codec/json.h"
#include "store/case_priv.h"

#include <string.h>

int64_t case_time_of(struct sqlite3_stmt *s, int column)
{
    return db_is_null(s, column) ? TIME_NONE : db_i64(s, column);
}

void case_put_time(struct sqlite3_stmt *s, int at, int64_t time_us)
{
    if (time_us == TIME_NONE)
        db_put_str(s, at, STR_NONE);
    else
        db_put_i64(s, at, time_us);
}

struct case_item case_item_of(struct sqlite3_stmt *s)
{
    return (struct case_item){.type = db_str(s, 0),
                              .host = db_str(s, 1),
                              .dossier = db_str(s, 2),
                              .body = db_str(s, 3),
                              .time_us = case_time_of(s, 4),
                              .first_run = (uint64_t)db_i64(s, 5),
                              .run = (uint64_t)db_i64(s, 6)};
}

/* ---- items ---- */

/* Host, dossier, times, grade, how many. */
static void put_query(struct sqlite3_stmt *s, const struct case_query *q)
{
    db_lend_str(s, 2, q->host);
    db_lend_str(s, 3, q->dossier);
    case_put_time(s, 4, q->since_us);
    case_put_time(s, 5, q->until_us);
    db_put_i64(s, 8, (int64_t)q->least);
    db_put_i64(s, 9, q->most ? (int64_t)q->most : -1);
}

static enum err tell_all(struct case_store *c, struct sqlite3_stmt *s, case_tell *tell, void *ctx,
                         struct error *error)
{
    enum err rc;
    while (!(rc = db_row(&c->file->db, s, error))) {
        struct case_item item = case_item_of(s);
        if ((rc = tell(ctx, &item)))
            return rc;
    }
    return rc == END ? OK : rc;
}

enum err case_each(struct case_store *c, const struct case_query *q, case_tell *tell, void *ctx,
                   struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, q->type  ? q->run ? EACH_TYPE_THEN : EACH_TYPE
                                         : q->run ? EACH_THEN
                                                  : EACH);
    put_query(s, q);
    db_put_i64(s, 6, q->gone);
    db_put_i64(s, 10, (int64_t)q->skip);
    if (q->run)
        db_put_i64(s, 7, (int64_t)q->run);
    if (q->type)
        db_put_str(s, 1, str_of(q->type));
    else
        db_put_str(s, 11, q->but ? str_of(q->but) : STR_NONE);
    return tell_all(c, s, tell, ctx, error);
}

enum err case_one(struct case_store *c, const char *type, struct str id, case_tell *tell, void *ctx,
                  struct error *error)
{
    unsigned char key[CASE_KEY_BYTES];
    struct sqlite3_stmt *s = case_get(c, ONE);
    case_key_of(id, key);
    db_put_str(s, 1, str_of(type));
    db_put_blob(s, 2, str_make((const char *)key, sizeof key));
    enum err rc = db_row(&c->file->db, s, error);
    if (rc)
        return rc;
    struct case_item item = case_item_of(s);
    return item.body.p ? tell(ctx, &item) : END;
}

/* ---- findings, without reading them ---- */

enum err case_count(struct case_store *c, const struct case_query *q, uint64_t *ret_n,
                    struct error *error)
{
    bool findings = q->type && !strcmp(q->type, "finding");
    struct sqlite3_stmt *s = case_get(c, findings ? COUNT_FINDINGS : COUNT);
    put_query(s, q);
    if (!findings) {
        db_put_str(s, 1, q->type ? str_of(q->type) : STR_NONE);
        db_put_i64(s, 6, q->gone);
    }
    enum err rc = db_row(&c->file->db, s, error);
    *ret_n = rc ? 0 : (uint64_t)db_i64(s, 0);
    return rc;
}

enum err case_gravest(struct case_store *c, const struct case_query *q, case_tell *tell, void *ctx,
                      struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, GRAVEST);
    put_query(s, q);
    return tell_all(c, s, tell, ctx, error);
}

/* ---- history ---- */

enum err case_changes(struct case_store *c, uint64_t after, uint64_t until, case_tell_change *tell,
                      void *ctx, struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, CHANGES);
    enum err rc;
    db_put_i64(s, 1, (int64_t)after);
    db_put_i64(s, 2, (int64_t)until);
    while (!(rc = db_row(&c->file->db, s, error))) {
        struct case_item now = case_item_of(s), before = now;
        before.body = db_str(s, 7);
        before.run = (uint64_t)db_i64(s, 8);
        if ((rc = tell(ctx, &before, &now)))
            return rc;
    }
    return rc == END ? OK : rc;
}

enum err case_purged_of(struct case_store *c, case_tell *tell, void *ctx, struct error *error)
{
    return tell_all(c, case_get(c, PURGED_OF), tell, ctx, error);
}

/* From that column on. */
struct case_run case_run_of(struct sqlite3_stmt *s, int at)
{
    return (struct case_run){.number = (uint64_t)db_i64(s, at),
                             .verb = db_str(s, at + 1),
                             .arguments = db_str(s, at + 2),
                             .program = db_str(s, at + 3),
                             .started_us = db_i64(s, at + 4),
                             .ended_us = case_time_of(s, at + 5),
                             .summary = db_str(s, at + 6)};
}

typedef enum err tell_version(void *ctx, const struct case_item *item, const struct case_run *run);

static enum err versions(struct case_store *c, const char *type, bool revised, tell_version *tell,
                         void *ctx, struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, VERSIONS);
    enum err rc;
    db_put_str(s, 1, str_of(type));
    db_put_i64(s, 2, revised);
    while (!(rc = db_row(&c->file->db, s, error))) {
        struct case_item item = case_item_of(s);
        struct case_run run = case_run_of(s, 7);
        if ((rc = tell(ctx, &item, &run)))
            return rc;
    }
    return rc == END ? OK : rc;
}

enum err case_versions(struct case_store *c, const char *type, tell_version *tell, void *ctx,
                       struct error *error)
{
    return versions(c, type, false, tell, ctx, error);
}

enum err case_revised(struct case_store *c, const char *type, tell_version *tell, void *ctx,
                      struct error *error)
{
    return versions(c, type, true, tell, ctx, error);
}

enum err case_outweighed(struct case_store *c, case_tell *tell, void *ctx, struct error *error)
{
    return tell_all(c, case_get(c, OUTWEIGHED), tell, ctx, error);
}

enum err case_runs(struct case_store *c, enum err (*tell)(void *ctx, const struct case_run *run),
                   void *ctx, struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, RUNS);
    enum err rc;
    while (!(rc = db_row(&c->file->db, s, error))) {
        struct case_run run = case_run_of(s, 0);
        if ((rc = tell(ctx, &run)))
            return rc;
    }
    return rc == END ? OK : rc;
}
