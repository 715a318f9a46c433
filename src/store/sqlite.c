#include "store/sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 5000 };

static enum err problem(struct db *db, struct error *error)
{
    int code = sqlite3_extended_errcode(db->handle);
    enum err rc = (code & 0xFF) == SQLITE_NOMEM                                       ? ERR_NOMEM
                  : (code & 0xFF) == SQLITE_NOTADB || (code & 0xFF) == SQLITE_CORRUPT ? ERR_FORMAT
                                                                                      : ERR_IO;
    return fail(error, rc, "%s: %s", db->path ? db->path : "temporary database",
                sqlite3_errmsg(db->handle));
}

enum err db_execute(struct db *db, const char *sql, struct error *error)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : problem(db, error);
}

static enum err pragma(struct db *db, const char *name, uint32_t *ret, struct error *error)
{
    struct sqlite3_stmt *s = NULL;
    char sql[64];
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA %s", name);
    if (sqlite3_prepare_v2(db->handle, sql, -1, &s, NULL) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_ROW) {
        enum err rc = problem(db, error);
        sqlite3_finalize(s);
        return rc;
    }
    *ret = (uint32_t)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return OK;
}

/* As it stands now: another program may have made or moved the file since it was looked at. */
static enum err make_or_migrate(struct db *db, const struct db_kind *kind, struct error *error)
{
    uint32_t mark = 0, has = 0;
    char sql[80];
    enum err rc = pragma(db, "application_id", &mark, error);
    if (!rc)
        rc = pragma(db, "user_version", &has, error);
    if (!rc && mark != kind->application)
        rc = db_execute(db, kind->schema, error);
    else
        for (; !rc && has < kind->version; has++)
            rc = kind->migrate(db, has, error);
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA application_id=%u; PRAGMA user_version=%u",
                     kind->application, kind->version);
    return rc ? rc : db_execute(db, sql, error);
}

/* A file that holds tables and not our mark is somebody else's. */
static enum err check_owner(struct db *db, const struct db_kind *kind, struct error *error)
{
    uint32_t mark = 0, has = 0, pages = 0;
    TRY(pragma(db, "application_id", &mark, error));
    TRY(pragma(db, "user_version", &has, error));
    TRY(pragma(db, "page_count", &pages, error));
    bool ours = mark == kind->application;
    if (ours && has == kind->version)
        return OK;
    if (ours && (has > kind->version || !has || !kind->migrate))
        return fail(error, ERR_FORMAT,
                    "%s: written by %s version of this program (layout %u, this one knows %u)",
                    db->path, has > kind->version ? "a newer" : "another", has, kind->version);
    if (!ours && (mark || pages))
        return fail(error, ERR_FORMAT, "%s: a database of another program", db->path);
    TRY(db_execute(db, "BEGIN IMMEDIATE", error));
    enum err rc = make_or_migrate(db, kind, error);
    if (!rc)
        rc = db_commit(db, error);
    if (rc)
        db_rollback(db);
    return rc;
}

static enum err set_up(struct db *db, const struct db_kind *kind, struct error *error)
{
    char sql[80];
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA page_size=%u; PRAGMA cache_size=-%d",
                     kind->page_bytes, DB_CACHE_KIB);
    TRY(db_execute(db, sql, error));
    TRY(check_owner(db, kind, error));
    /* A log beside the file: readers and a writer at once, and what was committed stays through a
     * crash of the program or of the machine. */
    return db->path ? db_execute(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", error)
                    : db_execute(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", error);
}

enum err db_open(struct db *db, struct str path, const struct db_kind *kind, struct error *error)
{
    *db = (struct db){.sql = kind->sql, .n_sql = kind->n_sql};
    if (kind->n_sql > DB_STATEMENTS)
        return fail(error, ERR_BUG, "more statements than there is room for");
    if (path.p && !(db->path = strndup(path.p, path.n)))
        return ERR_NOMEM;
    /* No locks between threads, as there is one: they are taken for each piece of memory. Refused
     * where the library is in use already. */
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(db->path ? db->path : "", &db->handle, flags, NULL) != SQLITE_OK) {
        enum err rc = db->handle ? problem(db, error) : ERR_NOMEM;
        db_close(db);
        return rc;
    }
    enum err rc = set_up(db, kind, error);
    if (rc)
        db_close(db);
    return rc;
}

enum err db_exists(struct str path, struct error *error)
{
    char *name = strndup(path.p, path.n);
    if (!name)
        return ERR_NOMEM;
    int rc = access(name, F_OK), why = errno;
    free(name);
    return rc ? fail(error, ERR_IO, "%.*s: %s", STR_FMT(path), strerror(why)) : OK;
}

void db_close(struct db *db)
{
    for (size_t i = 0; i < db->n_sql; i++)
        sqlite3_finalize(db->statement[i]);
    (void)sqlite3_close(db->handle);
    free(db->path);
    *db = (struct db){0};
}

/* A statement that stands at a row holds on to what it saw: what others wrote since then would be
 * hidden from it, and with it from the transaction. */
static void leave_rows(struct db *db)
{
    for (size_t i = 0; i < db->n_sql; i++)
        sqlite3_reset(db->statement[i]);
}

enum err db_begin(struct db *db, struct error *error)
{
    leave_rows(db);
    return db_execute(db, "BEGIN IMMEDIATE", error);
}

enum err db_commit(struct db *db, struct error *error)
{
    leave_rows(db);
    return db_execute(db, "COMMIT", error);
}

void db_rollback(struct db *db)
{
    leave_rows(db);
    if (db->path && !sqlite3_get_autocommit(db->handle))
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

enum err db_check(struct db *db, enum err (*tell)(void *ctx, struct str problem), void *ctx,
                  struct error *error)
{
    struct sqlite3_stmt *s = NULL;
    enum err rc = OK;
    TRY(db_make(db, "PRAGMA integrity_check", &s, error));
    while (!rc && !(rc = db_row(db, s, error)))
        if (!str_eq(db_str(s, 0), STR("ok")))
            rc = tell(ctx, db_str(s, 0));
    db_drop(s);
    return rc == END ? OK : rc;
}

struct sqlite3_stmt *db_get(struct db *db, size_t number)
{
    struct sqlite3_stmt **s = &db->statement[number];
    if (!*s && sqlite3_prepare_v3(db->handle, db->sql[number], -1, SQLITE_PREPARE_PERSISTENT, s,
                                  NULL) != SQLITE_OK)
        return NULL;
    sqlite3_reset(*s);
    return *s;
}

enum err db_make(struct db *db, const char *sql, struct sqlite3_stmt **ret, struct error *error)
{
    return sqlite3_prepare_v2(db->handle, sql, -1, ret, NULL) == SQLITE_OK ? OK
                                                                           : problem(db, error);
}

void db_again(struct sqlite3_stmt *s)
{
    sqlite3_reset(s);
}

void db_drop(struct sqlite3_stmt *s)
{
    sqlite3_finalize(s);
}

/* A bind fails only where a parameter does not exist or memory is out; the step then fails, too. */
void db_put_i64(struct sqlite3_stmt *s, int at, int64_t v)
{
    (void)sqlite3_bind_int64(s, at, v);
}

void db_put_real(struct sqlite3_stmt *s, int at, double v)
{
    (void)sqlite3_bind_double(s, at, v);
}

void db_put_str(struct sqlite3_stmt *s, int at, struct str v)
{
    (void)(v.p ? sqlite3_bind_text64(s, at, v.p, v.n, SQLITE_TRANSIENT, SQLITE_UTF8)
               : sqlite3_bind_null(s, at));
}

void db_lend_str(struct sqlite3_stmt *s, int at, struct str v)
{
    (void)(v.p ? sqlite3_bind_text64(s, at, v.p, v.n, SQLITE_STATIC, SQLITE_UTF8)
               : sqlite3_bind_null(s, at));
}

void db_put_blob(struct sqlite3_stmt *s, int at, struct str v)
{
    (void)sqlite3_bind_blob64(s, at, v.n ? v.p : "", v.n, SQLITE_TRANSIENT);
}

void db_lend_blob(struct sqlite3_stmt *s, int at, struct str v)
{
    (void)sqlite3_bind_blob64(s, at, v.n ? v.p : "", v.n, SQLITE_STATIC);
}

enum err db_run(struct db *db, struct sqlite3_stmt *s, struct error *error)
{
    enum err rc = db_row(db, s, error);
    if (s)
        sqlite3_reset(s);
    return rc == END ? OK : rc;
}

enum err db_row(struct db *db, struct sqlite3_stmt *s, struct error *error)
{
    int rc = s ? sqlite3_step(s) : SQLITE_ERROR;
    if (rc == SQLITE_ROW)
        return OK;
    if (rc == SQLITE_DONE)
        return sqlite3_reset(s), END;
    return problem(db, error);
}

int64_t db_i64(struct sqlite3_stmt *s, int column)
{
    return sqlite3_column_int64(s, column);
}

double db_real(struct sqlite3_stmt *s, int column)
{
    return sqlite3_column_double(s, column);
}

struct str db_str(struct sqlite3_stmt *s, int column)
{
    const void *p = sqlite3_column_blob(s, column);
    size_t n = (size_t)sqlite3_column_bytes(s, column);
    if (!p && sqlite3_column_type(s, column) == SQLITE_NULL)
        return (struct str){0};
    return str_make(p ? p : "", n);
}

bool db_is_null(struct sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL;
}

char db_type(struct sqlite3_stmt *s, int column)
{
    int type = sqlite3_column_type(s, column);
    return type == SQLITE_INTEGER ? 'i'
           : type == SQLITE_FLOAT ? 'r'
           : type == SQLITE_TEXT  ? 't'
           : type == SQLITE_BLOB  ? 'b'
                                  : '0';
}

uint64_t db_last_number(const struct db *db)
{
    return (uint64_t)sqlite3_last_insert_rowid(db->handle);
}
