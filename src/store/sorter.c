#include "store/sorter.h"

enum { APPLICATION = 0x746f6373, /* "tocs" */ VERSION = 1 };

#define TABLE                                                                                      \
    "CREATE TABLE record(group_ INTEGER NOT NULL, at INTEGER NOT NULL, mark INTEGER NOT NULL,"     \
    " bytes BLOB NOT NULL);"

enum statement { ADD, NEXT_GROUP, EACH, STATEMENTS };

static const char *const statements[STATEMENTS] = {
    [ADD] = "INSERT INTO record VALUES(?1, ?2, ?3, ?4)",
    [NEXT_GROUP] = "SELECT min(group_) FROM record WHERE group_ > ?1",
    [EACH] = "SELECT bytes FROM record WHERE group_ = ?1 ORDER BY at, mark, bytes",
};

static const struct db_kind kind = {.application = APPLICATION,
                                    .version = VERSION,
                                    .schema = TABLE,
                                    .sql = statements,
                                    .n_sql = STATEMENTS};

enum err sorter_open(struct sorter *s, struct error *error)
{
    *s = (struct sorter){0};
    TRY(db_open(&s->db, STR_NONE, &kind, error));
    return db_begin(&s->db, error);
}

void sorter_close(struct sorter *s)
{
    db_close(&s->db);
}

enum err sorter_add(struct sorter *s, const struct sorter_place *place, struct str record,
                    struct error *error)
{
    if ((int64_t)record.n > SORTER_BYTES - s->bytes)
        return ERR_LIMIT;
    s->bytes += (int64_t)record.n;
    struct sqlite3_stmt *add = db_get(&s->db, ADD);
    db_put_i64(add, 1, place->group);
    db_put_i64(add, 2, place->at);
    db_put_i64(add, 3, (int64_t)place->mark);
    db_put_blob(add, 4, record);
    return db_run(&s->db, add, error);
}

/* The index is made once all is there: one by one each record would go to another page of it. */
static enum err sort(struct sorter *s, struct error *error)
{
    if (s->sorted)
        return OK;
    s->sorted = true;
    TRY(db_commit(&s->db, error));
    return db_execute(&s->db, "CREATE INDEX place ON record(group_, at, mark)", error);
}

enum err sorter_group(struct sorter *s, int64_t after, int64_t *ret_group, struct error *error)
{
    TRY(sort(s, error));
    struct sqlite3_stmt *next = db_get(&s->db, NEXT_GROUP);
    db_put_i64(next, 1, after);
    TRY(db_row(&s->db, next, error));
    bool none = db_is_null(next, 0);
    *ret_group = db_i64(next, 0);
    return none ? END : OK;
}

enum err sorter_each(struct sorter *s, int64_t group, enum err (*record)(void *, struct str),
                     void *ctx, struct error *error)
{
    TRY(sort(s, error));
    struct sqlite3_stmt *each = db_get(&s->db, EACH);
    enum err rc;
    db_put_i64(each, 1, group);
    while ((rc = db_row(&s->db, each, error)) == OK) {
        rc = record(ctx, db_str(each, 0));
        if (rc)
            return rc;
    }
    return rc == END ? OK : rc;
}
