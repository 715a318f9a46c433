/* store/sqlite.h — one SQLite file: opened safely, statements prepared once, errors with a reason.
 *
 * What:   a thin layer: SQL stands in the files that own the tables.
 * Input:  the file may be damaged or another program's: what SQLite says of it is told.
 * Limits: DB_STATEMENTS prepared statements, DB_CACHE_KIB of pages in memory.
 * Owner:  db_open/db_close. Texts of a row live until the statement is stepped or reset.
 * Spec:   https://www.sqlite.org/c3ref/intro.html; docs/internals/STORE.md
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include "base/err.h"
#include "base/str.h"

enum { DB_STATEMENTS = 48, DB_CACHE_KIB = 16 * 1024 };

struct sqlite3;
struct sqlite3_stmt;
struct db {
    struct sqlite3 *handle;
    const char *const *sql; /* of the statements, by number */
    size_t n_sql;
    struct sqlite3_stmt *statement[DB_STATEMENTS];
    char *path;
};

/* What is in a file. */
struct db_kind {
    uint32_t application; /* its mark: another program's file is refused */
    uint32_t version;     /* of the layout; a file with a later one is refused */
    const char *schema;   /* run on an empty file */
    uint32_t page_bytes;  /* of a file that is made; 0: as SQLite has it */
    /* From a layout of before to the one behind it; all of them are one transaction. NULL: a file
     * of another layout is refused. */
    enum err (*migrate)(struct db *db, uint32_t from, struct error *error);
    const char *const *sql;
    size_t n_sql;
};

/* path.p == NULL: a private one, in memory and on disk as it grows, gone when it is closed. */
MUST_CHECK enum err db_open(struct db *db, struct str path, const struct db_kind *kind,
                            struct error *error);
void db_close(struct db *db);
/* ERR_IO with the reason if there is no such file: opening would make one. */
MUST_CHECK enum err db_exists(struct str path, struct error *error);

/* One transaction at a time; what was not committed is gone when the program is. */
/* Statements that tell no rows. */
MUST_CHECK enum err db_execute(struct db *db, const char *sql, struct error *error);
MUST_CHECK enum err db_begin(struct db *db, struct error *error);
MUST_CHECK enum err db_commit(struct db *db, struct error *error);
void db_rollback(struct db *db);
/* Reads the whole file: what SQLite finds wrong with it, one line each. */
MUST_CHECK enum err db_check(struct db *db, enum err (*tell)(void *ctx, struct str problem),
                             void *ctx, struct error *error);

/* The statement of that number, reset; NULL when it cannot be prepared. */
struct sqlite3_stmt *db_get(struct db *db, size_t number);
/* A statement that is needed once: given back with db_drop. */
MUST_CHECK enum err db_make(struct db *db, const char *sql, struct sqlite3_stmt **ret,
                            struct error *error);
void db_drop(struct sqlite3_stmt *s);
void db_again(struct sqlite3_stmt *s); /* from the start, with what was put */
void db_put_i64(struct sqlite3_stmt *s, int at, int64_t v);
void db_put_real(struct sqlite3_stmt *s, int at, double v);
void db_put_str(struct sqlite3_stmt *s, int at, struct str v); /* NULL if v.p is */
void db_put_blob(struct sqlite3_stmt *s, int at, struct str v);
/* The same of bytes that stay until the statement was run. */
void db_lend_str(struct sqlite3_stmt *s, int at, struct str v);
void db_lend_blob(struct sqlite3_stmt *s, int at, struct str v);
/* Runs a statement to its end. */
MUST_CHECK enum err db_run(struct db *db, struct sqlite3_stmt *s, struct error *error);
/* The next row: OK, or END. */
MUST_CHECK enum err db_row(struct db *db, struct sqlite3_stmt *s, struct error *error);
int64_t db_i64(struct sqlite3_stmt *s, int column);
double db_real(struct sqlite3_stmt *s, int column);
struct str db_str(struct sqlite3_stmt *s, int column); /* p == NULL for NULL */
bool db_is_null(struct sqlite3_stmt *s, int column);
/* What is stored, as damage may have made it: 'i' integer, 'r' real, 't' text, 'b' blob, '0' NULL.
 */
char db_type(struct sqlite3_stmt *s, int column);
/* The number that the last INSERT gave. */
uint64_t db_last_number(const struct db *db);

#endif
