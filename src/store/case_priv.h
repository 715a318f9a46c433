/* store/case_priv.h — what the files that make up the case share.
 *
 * What:   case_sql.c has the tables and all statements, case_object.c reads one object,
 *         case_alike.c says which findings count as the same, case.c takes them in, case_query.c
 *         tells them, case_verify.c looks whether they are what was written; case_merge.c,
 *         case_purge.c, case_purged.c and case_find.c are about whole cases.
 * Input:  as store/case.h.
 * Limits: as store/case.h.
 * Owner:  a struct case_object points into its line.
 * Spec:   docs/internals/STORE.md
 */
#ifndef STORE_CASE_PRIV_H
#define STORE_CASE_PRIV_H

#include "base/map.h"
#include "store/case.h"
#include "store/sqlite.h"

enum { CASE_KEY_BYTES = 16, CASE_IDENTITY = 5 };
/* Counts above are cut: sums of all rows of a file stay below what SQLite can add. */
#define CASE_SUM_MOST ((uint64_t)1 << 38)

struct case_file {
    struct db db;
    /* Of the run under way: numbers of groups by their keys, those that came first. What is not
     * here is asked of the table. */
    struct case_groups {
        struct arena arena;
        struct map number;
    } groups;
};

/* ---- tables and statements ---- */

/* Of a run that read and asked all: what it did not tell is gone. Those of before do not say. */
#define CASE_WHOLE(summary)                                                                        \
    "ifnull(iif(json_valid(" summary "), json_extract(" summary ", '$.part'), 0), 0) = 0"

enum case_statement {
    ADD_RUN,
    END_RUN,
    SEAL_RUN,
    ONE_RUN,
    RUNS,
    LAST_RUN,
    SUM_UP_RUN,
    FIND,
    ADD_ITEM,
    CHANGE_ITEM,
    NEXT_FINDING,
    SET_ALIKE,
    FIND_ALIKE,
    ADD_ALIKE,
    ADD_VERSION,
    LAST_VERSION,
    SEE,
    GONE,
    GO,
    EACH,
    EACH_THEN,
    EACH_TYPE,
    EACH_TYPE_THEN,
    ONE,
    COUNT,
    COUNT_FINDINGS,
    ALIKE,
    GROUPS,
    MEMBERS,
    GROUP_OF,
    GRAVEST,
    CHANGES,
    VERSIONS,
    OUTWEIGHED,
    PURGED_OF,
    CHAIN,
    LAST_BODY,
    CHAIN_ENDS,
    STALE,
    ALIKES,
    CASE_STATEMENTS
};

/* The file at `path`: its tables are made if it is empty. */
MUST_CHECK enum err case_file_open(struct case_file *f, struct str path, struct error *error);
struct sqlite3_stmt *case_get(struct case_store *c, enum case_statement number);

/* Columns 0 to 6 of every statement that tells items. */
struct case_item case_item_of(struct sqlite3_stmt *s);
/* From that column on: number, verb, arguments, program, started, ended, summary. */
struct case_run case_run_of(struct sqlite3_stmt *s, int at);
int64_t case_time_of(struct sqlite3_stmt *s, int column);
void case_put_time(struct sqlite3_stmt *s, int at, int64_t time_us);

/* ---- one object ---- */

struct case_object {
    struct str line, type, host, dossier;
    const struct case_kind *kind; /* NULL: unknown */
    struct str identity[CASE_IDENTITY];
    int64_t time_us;
    /* Of what is counted. Texts as written, with their escapes. */
    struct str rule, title, target, note, fields, account, mailbox;
    int grade;
    bool aside, answered, succeeded;
    int64_t last_us; /* not before time_us */
    uint64_t records, bytes;
    unsigned char key[CASE_KEY_BYTES], sense[CASE_KEY_BYTES], evidence[CASE_KEY_BYTES];
    unsigned char alike[CASE_KEY_BYTES]; /* key of those that count as the same */
    bool has_evidence, counted;
};

MUST_CHECK enum err case_object_read(struct str line, struct case_object *ret, struct error *error);
/* The key of what is known by one member alone, such as an id. */
void case_key_of(struct str id, unsigned char ret[CASE_KEY_BYTES]);

/* ---- what is counted ---- */

/* What follows from the members of a finding: whether it is aside, what its fields say, its key. It
 * is not asked of what is known already. */
MUST_CHECK enum err case_alike_read(struct case_object *o);
/* The key of those that count as the same. */
void case_alike_key(const struct case_object *o, unsigned char ret[CASE_KEY_BYTES]);
/* The same, as they stand in columns `at` and behind; false: columns that no finding has. */
bool case_alike_columns(struct sqlite3_stmt *s, int at, struct case_object *ret);
/* The number of those that count as the same, which is made if there are none yet; 0: it is not
 * counted. groups: NULL, or those of the run. */
MUST_CHECK enum err case_alike_of(struct db *db, struct case_groups *groups, struct case_object *o,
                                  uint64_t *ret, struct error *error);
/* At the begin of a run, and when the file is closed: another program may make and drop groups
 * between runs, and what is not committed is not there. */
void case_groups_forget(struct case_groups *groups);

/* Columns `at` and behind: last, records, bytes; of what is not counted NULL. */
void case_put_sums(struct sqlite3_stmt *s, int at, const struct case_object *o);
/* The item is counted as what that object says. */
MUST_CHECK enum err case_count_it(struct db *db, uint64_t item, struct case_object *o,
                                  struct error *error);

/* ---- a run ---- */

/* Of the run under way: the item is gone. */
MUST_CHECK enum err case_go(struct case_store *c, uint64_t item, struct str type, struct str key,
                            struct error *error);
/* case_end without asking what is gone: of a run that read no evidence. */
MUST_CHECK enum err case_finish(struct case_store *c, int64_t ended_us, struct error *error);

/* ---- the chain ---- */

/* Of version `number`: the hash before, number, run, what it is about, and its body (absent: it is
 * gone). */
MUST_CHECK enum err case_link(const unsigned char before[SHA256_BYTES], uint64_t number,
                              uint64_t run, struct str type, struct str key, struct str body,
                              unsigned char ret[SHA256_BYTES]);
/* The seal of a run: of the seal before and all its columns, from column 0 of ONE_RUN on. */
MUST_CHECK enum err case_seal(struct str before, struct sqlite3_stmt *run,
                              unsigned char ret[SHA256_BYTES]);
MUST_CHECK enum err case_seal_run(struct db *db, uint64_t run, struct error *error);

/* ---- what was purged ---- */

/* The list of versions whose hash stands for what they were. */
struct case_purges;
/* Adds one to the digest over them: number, hash, and the hash of what is left of the body (absent:
 * nothing). */
void case_purges_add(struct sha256 *digest, uint64_t version, struct str chain, struct str left);
MUST_CHECK enum err case_purges_read(struct case_store *c, struct case_purges **ret,
                                     struct error *error);
void case_purges_done(struct case_purges *p);
/* The next version, in order of number. */
enum case_purge_state { CASE_NOT_PURGED, CASE_PURGED, CASE_PURGED_OTHERWISE };
MUST_CHECK enum err case_purges_next(struct case_purges *p, uint64_t version, struct str chain,
                                     struct str body, enum case_purge_state *ret);
/* After all of them: was each purged by a run that says so? */
MUST_CHECK enum err case_purges_check(struct case_store *c, struct case_purges *p,
                                      enum err (*tell)(void *ctx, uint64_t version,
                                                       const struct case_item *item,
                                                       struct str why),
                                      void *ctx, struct error *error);

#endif
