#include "store/case_priv.h"

#include <stdlib.h>

enum {
    APPLICATION = 0x746f6363, /* "tocc" */
    VERSION = 2,
    /* Of 4 KiB, two findings of 1.5 KB fill a page and leave a quarter of it empty. */
    PAGE_BYTES = 16384,
};

#define ALIKE_TABLE                                                                                \
    "CREATE TABLE alike(number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, host TEXT,"          \
    " dossier TEXT, rule TEXT, title TEXT, grade INTEGER NOT NULL, target TEXT, account TEXT,"     \
    " mailbox TEXT, flags INTEGER NOT NULL);"
#define INDICES                                                                                    \
    "CREATE INDEX item_time ON item(type, time);"                                                  \
    "CREATE INDEX item_alike ON item(alike, time, number, last, records, bytes)"                   \
    " WHERE alike IS NOT NULL;"                                                                    \
    "CREATE INDEX item_evidence ON item(host) WHERE type = 'evidence';"

static const char schema[] =
    /* last, chain: the last version that it wrote. seal: over the row, and the seal before. */
    "CREATE TABLE run(number INTEGER PRIMARY KEY, verb TEXT NOT NULL, arguments TEXT NOT NULL,"
    " program TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, summary TEXT,"
    " last INTEGER, chain BLOB, seal BLOB);"
    /* What is spoken of; its latest version. evidence: the key of the file that it comes from.
     * alike, last, records, bytes: of findings that are not gone. */
    "CREATE TABLE item(number INTEGER PRIMARY KEY, type TEXT NOT NULL, key BLOB NOT NULL,"
    " host TEXT, dossier TEXT, time INTEGER, evidence BLOB, sense BLOB NOT NULL,"
    " first_run INTEGER NOT NULL, latest INTEGER NOT NULL, alike INTEGER, last INTEGER,"
    " records INTEGER, bytes INTEGER);"
    "CREATE UNIQUE INDEX item_key ON item(type, key);"
    "CREATE TABLE version(number INTEGER PRIMARY KEY, item INTEGER NOT NULL, run INTEGER NOT NULL,"
    " body TEXT, chain BLOB NOT NULL);"
    "CREATE INDEX version_item ON version(item, number);"
    "CREATE TABLE seen(run INTEGER NOT NULL, item INTEGER NOT NULL, PRIMARY KEY(run, item))"
    " WITHOUT ROWID;"
    /* Findings that differ in time and place alone: they are counted, and the gravest found,
     * without reading them. */
    ALIKE_TABLE INDICES;

#define ALIKE_COLUMNS(of)                                                                          \
    of "host, " of "dossier, " of "rule, " of "title, " of "grade, " of "target, " of              \
       "account, " of "mailbox, " of "flags"
#define ITEM "i.type, i.host, i.dossier, v.body, i.time, i.first_run, v.run"
#define RUN "r.number, r.verb, r.arguments, r.program, r.started, r.ended, r.summary"

/* A query: ?1 type, ?2 host, ?3 dossier, ?4 and ?5 time, ?6 gone as well, ?7 run, ?8 grade, ?9 how
 * many, ?10 how many are passed by, ?11 none of these. Where a number of rows is to be told in an
 * order, the order is that of an index, or item numbers alone are sorted: bodies are long. LIMIT
 * keeps SQLite from dropping the order of an inner SELECT. */
#define WANTED                                                                                     \
    " AND (?4 IS NULL OR i.time >= ?4) AND (?5 IS NULL OR i.time <= ?5)"                           \
    " AND (?2 IS NULL OR i.host = ?2 COLLATE NOCASE) AND (?3 IS NULL OR i.dossier = ?3)"           \
    " AND (?8 = 0 OR i.alike IS NULL OR i.alike IN (SELECT number FROM alike WHERE grade >= ?8))"  \
    " AND (?6 OR v.body IS NOT NULL)"
#define NOW "v.number = i.latest"
#define THEN "v.number = (SELECT max(number) FROM version WHERE item = i.number AND run <= ?7)"
#define OF_ANY_TYPE(when)                                                                          \
    "SELECT " ITEM " FROM (SELECT i.number AS number, v.number AS version FROM item i"             \
    " CROSS JOIN version v ON " when                                                               \
    " WHERE i.type NOT IN ('evidence', ifnull(?11, 'evidence'))" WANTED                            \
    " ORDER BY i.time, i.type, i.number LIMIT ?9 OFFSET ?10) o"                                    \
    " CROSS JOIN item i ON i.number = o.number CROSS JOIN version v ON v.number = o.version"
#define OF_TYPE(when)                                                                              \
    "SELECT " ITEM " FROM item i INDEXED BY item_time CROSS JOIN version v ON " when               \
    " WHERE i.type = ?1" WANTED " ORDER BY i.time, i.number LIMIT ?9 OFFSET ?10"
/* Of findings: as above, over their counts. */
#define ALIKE_WANTED                                                                               \
    " (?2 IS NULL OR k.host = ?2 COLLATE NOCASE) AND (?3 IS NULL OR k.dossier = ?3)"               \
    " AND k.grade >= ?8"
#define ITEM_TIME " (?4 IS NULL OR i.time >= ?4) AND (?5 IS NULL OR i.time <= ?5)"

/* Of a verdict, as enum verdict_state, which rises as enum grade does; -1: of no known word. */
#define GRAVITY(body)                                                                              \
    "CASE iif(json_valid(" body "), json_extract(" body ", '$.verdict'), '')"                      \
    " WHEN 'no-sign' THEN 0 WHEN 'not-enough-evidence' THEN 1 WHEN 'attempted' THEN 2"             \
    " WHEN 'exploited-unconfirmed' THEN 3 WHEN 'compromised' THEN 4 ELSE -1 END"
#define THAT_GRAVE GRAVITY("u.body")
/* A finding that was told when that was said, and by the run that had the last word was not. */
#define UNREAD                                                                                     \
    " AND NOT EXISTS(SELECT 1 FROM seen WHERE run = said.word AND item = f.number)"                \
    " AND EXISTS(SELECT 1 FROM run r CROSS JOIN seen s ON s.run = r.number AND"                    \
    " s.item = f.number WHERE r.number >= said.run AND r.number < said.until)"
#define GRAVER THAT_GRAVE " > " GRAVITY("l.body")

static const char *const statements[CASE_STATEMENTS] = {
    [ADD_RUN] = "INSERT INTO run(verb, arguments, program, started) VALUES(?1, ?2, ?3, ?4)",
    [END_RUN] = "UPDATE run SET ended = ?2, last = ?3, chain = ?4 WHERE number = ?1",
    [SEAL_RUN] = "UPDATE run SET seal = ?2 WHERE number = ?1",
    [ONE_RUN] = "SELECT " RUN ", r.last, r.chain, r.seal, (SELECT seal FROM run WHERE number <"
                " r.number ORDER BY number DESC LIMIT 1) FROM run r WHERE number >= ?1"
                " ORDER BY number",
    [RUNS] = "SELECT " RUN " FROM run r ORDER BY number",
    [LAST_RUN] = "SELECT ifnull(max(number), 0) FROM run",
    [SUM_UP_RUN] = "UPDATE run SET summary = ?2 WHERE number = ?1",
    /* The index is named where a type is asked for: one that holds some types alone would have
     * SQLite plan anew for each value. */
    /* What is counted is not gone: only of what is not its version has to be looked at. */
    [FIND] = "SELECT i.number, i.sense, i.alike IS NULL AND NOT EXISTS(SELECT 1 FROM version WHERE"
             " number = i.latest AND body IS NOT NULL) FROM item i INDEXED BY item_key"
             " WHERE i.type = ?1 AND i.key = ?2",
    [ADD_ITEM] =
        "INSERT INTO item(type, key, host, dossier, time, evidence, sense, alike, latest,"
        " first_run, last, records, bytes) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
        " ?12, ?13)",
    [CHANGE_ITEM] = "UPDATE item SET host = ?3, dossier = ?4, time = ?5, evidence = ?6, sense = ?7,"
                    " alike = ?8, latest = ?9, last = ?11, records = ?12, bytes = ?13"
                    " WHERE number = ?1",
    [NEXT_FINDING] =
        "SELECT i.number, v.body FROM item i NOT INDEXED JOIN version v"
        " ON v.number = i.latest WHERE i.number > ?1 AND i.type = 'finding' AND v.body IS NOT NULL"
        " ORDER BY i.number LIMIT 1",
    [SET_ALIKE] = "UPDATE item SET alike = ?2, last = ?3, records = ?4, bytes = ?5"
                  " WHERE number = ?1",
    [FIND_ALIKE] = "SELECT number FROM alike WHERE key = ?1",
    [ADD_ALIKE] = "INSERT INTO alike(key, " ALIKE_COLUMNS(
        "") ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [ADD_VERSION] = "INSERT INTO version VALUES(?1, ?2, ?3, ?4, ?5)",
    [LAST_VERSION] = "SELECT number, chain FROM version ORDER BY number DESC LIMIT 1",
    [SEE] = "INSERT OR IGNORE INTO seen VALUES(?1, ?2)",
    /* Told before of a file that this run read as well, and not told again; and what follows from
     * all files of a host, if this run read all of them. */
    [GONE] =
        "SELECT * FROM ("
        "SELECT i.number, i.key, i.type FROM item i JOIN item e ON e.type = 'evidence'"
        " AND e.key = i.evidence JOIN seen s ON s.run = ?1 AND s.item = e.number"
        " JOIN version v ON v.number = i.latest WHERE i.type = 'finding' AND v.body IS NOT NULL"
        " AND NOT EXISTS(SELECT 1 FROM seen n WHERE n.run = ?1 AND n.item = i.number) UNION ALL"
        " SELECT i.number, i.key, i.type FROM item i JOIN version v ON v.number = i.latest"
        " WHERE i.type IN ('verdict', 'episode', 'coverage') AND v.body IS NOT NULL"
        " AND NOT EXISTS(SELECT 1 FROM seen n WHERE n.run = ?1 AND n.item = i.number)"
        " AND EXISTS(SELECT 1 FROM item e WHERE e.type = 'evidence' AND e.host = i.host)"
        " AND NOT EXISTS(SELECT 1 FROM item e WHERE e.type = 'evidence' AND e.host = i.host AND"
        " NOT EXISTS(SELECT 1 FROM seen n WHERE n.run = ?1 AND n.item = e.number)))"
        " WHERE EXISTS(SELECT 1 FROM run WHERE number = ?1 AND " CASE_WHOLE("summary") ")",
    [GO] = "UPDATE item SET latest = ?2, alike = NULL, last = NULL, records = NULL, bytes = NULL"
           " WHERE number = ?1",
    [EACH] = OF_ANY_TYPE(NOW),
    [EACH_THEN] = OF_ANY_TYPE(THEN),
    [EACH_TYPE] = OF_TYPE(NOW),
    [EACH_TYPE_THEN] = OF_TYPE(THEN),
    [ONE] = "SELECT " ITEM " FROM item i INDEXED BY item_key JOIN version v ON v.number = i.latest"
            " WHERE i.type = ?1 AND i.key = ?2",
    [COUNT] = "SELECT count(*) FROM item i INDEXED BY item_time CROSS JOIN version v ON v.number = "
              "i.latest"
              " WHERE i.type = ?1" WANTED,
    [COUNT_FINDINGS] = "SELECT count(*) FROM alike k CROSS JOIN item i ON i.alike = k.number"
                       " WHERE" ALIKE_WANTED " AND" ITEM_TIME,
    [ALIKE] =
        "SELECT k.host, k.dossier, k.rule, k.title, k.grade, sum(n.n) AS n, min(n.first),"
        " max(n.last) FROM (SELECT alike, count(*) AS n, min(time) AS first, max(time) AS last"
        " FROM item WHERE alike IS NOT NULL GROUP BY alike) n JOIN alike k"
        " ON k.number = n.alike GROUP BY k.host, k.dossier, k.rule, k.title, k.grade"
        " ORDER BY k.grade DESC, n DESC, min(k.number)",
    /* In the order of their first ones. */
    [GROUPS] = "SELECT " ALIKE_COLUMNS(
        "k.") ", n.alike, n.n, n.timed, n.records, n.bytes, n.first, n.last,"
              " iif(n.timed < n.n, NULL, n.first) AS time, (SELECT number FROM item WHERE"
              " alike = n.alike ORDER BY time, number LIMIT 1) AS item"
              " FROM (SELECT alike, count(*) AS n, count(time) AS timed, sum(records) AS"
              " records, sum(bytes) AS bytes, min(time) AS first, max(iif(time IS NULL, NULL,"
              " last)) AS last FROM item WHERE alike IS NOT NULL GROUP BY alike) n"
              " CROSS JOIN alike k ON k.number = n.alike ORDER BY time, item",
    [MEMBERS] = "SELECT number, time, last, records, bytes FROM item WHERE alike = ?1"
                " ORDER BY time, number",
    [GROUP_OF] = "SELECT i.alike, i.number FROM item i INDEXED BY item_key"
                 " WHERE i.type = 'finding' AND i.key = ?1 AND i.alike IS NOT NULL",
    /* As many of each group as are wanted at most; the first of all these. */
    [GRAVEST] =
        "SELECT " ITEM " FROM (SELECT i.number AS number FROM alike k CROSS JOIN item i"
        " ON i.number IN (SELECT i.number FROM item i WHERE i.alike = k.number AND" ITEM_TIME
        " ORDER BY i.time LIMIT ?9) WHERE" ALIKE_WANTED
        " ORDER BY k.grade DESC, i.time, i.number LIMIT ?9) o CROSS JOIN item i"
        " ON i.number = o.number CROSS JOIN version v ON v.number = i.latest",
    [CHANGES] = "SELECT " ITEM ", b.body, b.run FROM (SELECT i.number AS number FROM item i"
                " WHERE i.number IN (SELECT item FROM version WHERE run > ?1 AND run <= ?2 AND"
                " number > ifnull((SELECT max(last) FROM run WHERE number <= ?1), 0))"
                " AND i.type <> 'evidence' ORDER BY i.time, i.type, i.number LIMIT -1) o"
                " CROSS JOIN item i ON i.number = o.number CROSS JOIN version v ON v.number ="
                " (SELECT max(number) FROM version WHERE item = i.number AND run <= ?2)"
                " LEFT JOIN version b ON b.number ="
                " (SELECT max(number) FROM version WHERE item = i.number AND run <= ?1)"
                " WHERE v.body IS NOT NULL OR b.body IS NOT NULL",
    [VERSIONS] =
        "SELECT " ITEM ", " RUN
        " FROM (SELECT number FROM item i INDEXED BY item_time WHERE type = ?1"
        " AND (?2 = 0 OR EXISTS(SELECT 1 FROM version WHERE item = i.number AND"
        " number <> i.latest)) ORDER BY number LIMIT -1) o CROSS JOIN item i ON i.number = o.number"
        " CROSS JOIN version v INDEXED BY version_item ON v.item = i.number"
        " CROSS JOIN run r ON r.number = v.run WHERE v.body IS NOT NULL",
    /* Earlier versions of verdicts that say worse than those of today, while findings grave enough
     * for it are held that the run which had the last word did not read; or some that were purged
     * (without a body, and yet told by the run of that version), of which the grade is gone. */
    [OUTWEIGHED] =
        "WITH said AS (SELECT i.number AS item, u.number AS version, u.run AS run, " THAT_GRAVE
        " AS gravity, (SELECT n.run FROM version n WHERE n.item = i.number AND n.number > u.number"
        " ORDER BY n.number LIMIT 1) AS until, (SELECT r.number FROM run r WHERE"
        " r.verb <> 'case merge' AND EXISTS(SELECT 1 FROM seen WHERE run = r.number AND"
        " item = i.number) ORDER BY r.started DESC, r.number DESC LIMIT 1) AS word"
        " FROM item i INDEXED BY item_time CROSS JOIN version l ON l.number = i.latest"
        " CROSS JOIN version u ON u.item = i.number AND u.number < i.latest"
        " WHERE i.type = 'verdict' AND l.body IS NOT NULL AND u.body IS NOT NULL AND " GRAVER ")"
        " SELECT " ITEM " FROM said CROSS JOIN item i ON i.number = said.item"
        " CROSS JOIN version v ON v.number = said.version"
        " WHERE EXISTS(SELECT 1 FROM alike k CROSS JOIN item f ON f.alike = k.number"
        " WHERE k.dossier IS i.dossier AND k.grade >= max(said.gravity, 2) AND (k.flags & 1) = 0"
        " AND (k.host = i.host COLLATE NOCASE OR k.target = i.host COLLATE NOCASE)" UNREAD ")"
        " OR said.gravity > 1 AND EXISTS(SELECT 1 FROM item f INDEXED BY item_time"
        " CROSS JOIN version x ON x.number = f.latest CROSS JOIN seen t ON t.run = x.run AND"
        " t.item = f.number WHERE f.type = 'finding' AND f.time IS NULL AND x.body IS NULL"
        " AND f.dossier IS i.dossier AND f.host = i.host COLLATE NOCASE" UNREAD ")"
        " ORDER BY said.item, said.version",
    /* As above: without a body, and yet told by the run of that version. */
    [PURGED_OF] = "SELECT DISTINCT i.type, i.host, i.dossier, NULL, NULL, 0, 0 FROM item i"
                  " INDEXED BY item_time CROSS JOIN version x ON x.number = i.latest CROSS JOIN"
                  " seen t ON t.run = x.run AND t.item = i.number WHERE i.type = 'finding'"
                  " AND i.time IS NULL AND x.body IS NULL",
    [CHAIN] = "SELECT " ITEM ", v.number, i.key, v.chain, i.sense, i.latest, i.evidence, a.key,"
              " v.item, i.last, i.records, i.bytes FROM version v LEFT JOIN item i ON i.number = "
              "v.item LEFT JOIN alike a"
              " ON a.number = i.alike ORDER BY v.number",
    [LAST_BODY] = "SELECT body, number, run, chain, (SELECT chain FROM version WHERE number ="
                  " v.number - 1) FROM version v WHERE item = ?1 AND body IS NOT NULL"
                  " ORDER BY number DESC LIMIT 1",
    [CHAIN_ENDS] = "SELECT r.number, r.verb FROM run r LEFT JOIN version v ON v.number = r.last"
                   " WHERE r.last > 0 AND r.chain IS NOT v.chain ORDER BY r.number",
    [STALE] = "SELECT i.type, i.host, i.dossier, NULL, i.time, i.first_run, 0, i.latest,"
              " i.latest IS NOT (SELECT max(number) FROM version WHERE item = i.number) AS hidden"
              " FROM item i WHERE hidden OR i.first_run IS NOT (SELECT run FROM version"
              " WHERE item = i.number ORDER BY number LIMIT 1)",
    [ALIKES] = "SELECT " ALIKE_COLUMNS("") ", key FROM alike ORDER BY number",
};

/* ---- layouts of before ---- */

static enum err count_findings(struct db *db, struct error *error)
{
    for (int64_t number = 0;;) {
        struct case_object o;
        struct error ignored;
        struct sqlite3_stmt *s = db_get(db, NEXT_FINDING);
        db_put_i64(s, 1, number);
        enum err rc = db_row(db, s, error);
        if (rc)
            return rc == END ? OK : rc;
        number = db_i64(s, 0);
        /* one that is damaged stays as it is: it is for verify to tell */
        if (case_object_read(db_str(s, 1), &o, &ignored) || !o.counted)
            continue;
        TRY(case_count_it(db, (uint64_t)number, &o, error));
    }
}

static enum err seal_runs(struct db *db, struct error *error)
{
    uint64_t n;
    struct sqlite3_stmt *s = db_get(db, LAST_RUN);
    enum err rc = db_row(db, s, error);
    n = rc ? 0 : (uint64_t)db_i64(s, 0);
    for (uint64_t run = 1; !rc && run <= n; run++)
        rc = case_seal_run(db, run, error);
    return rc;
}

/* Counts of findings, seals of runs. */
static enum err from_1(struct db *db, struct error *error)
{
    TRY(db_execute(db,
                   "ALTER TABLE run ADD COLUMN seal BLOB;"
                   "ALTER TABLE item ADD COLUMN alike INTEGER;"
                   "ALTER TABLE item ADD COLUMN last INTEGER;"
                   "ALTER TABLE item ADD COLUMN records INTEGER;"
                   "ALTER TABLE item ADD COLUMN bytes INTEGER;"
                   "DROP INDEX item_host;" ALIKE_TABLE,
                   error));
    TRY(count_findings(db, error));
    TRY(seal_runs(db, error));
    return db_execute(db, INDICES, error);
}

/* How to change the layout: change `schema`, add one to VERSION, and a function here that makes a
 * file of the layout before into one of it. tests/cli/case_layouts.sh has a file of each. */
static enum err (*const migrations[VERSION])(struct db *db, struct error *error) = {NULL, from_1};

static enum err migrate(struct db *db, uint32_t from, struct error *error)
{
    return migrations[from](db, error);
}

/* ---- */

enum err case_file_open(struct case_file *f, struct str path, struct error *error)
{
    const struct db_kind kind = {.application = APPLICATION,
                                 .version = VERSION,
                                 .schema = schema,
                                 .page_bytes = PAGE_BYTES,
                                 .migrate = migrate,
                                 .sql = statements,
                                 .n_sql = CASE_STATEMENTS};
    return db_open(&f->db, path, &kind, error);
}

struct sqlite3_stmt *case_get(struct case_store *c, enum case_statement number)
{
    return db_get(&c->file->db, number);
}
