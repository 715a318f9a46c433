#include "store/case.h"

#include "base/time.h"
#include "base/vec.h"
#include "base/wr.h"
#include "codec/json.h"

#include <string.h>

enum {
    APPLICATION = 0x746f6363, /* "tocc" */
    VERSION = 1,
    KEY_BYTES = 16,
    IDENTITY = 5,
    MEMBERS = 16,
};

static const char schema[] =
    "CREATE TABLE run(number INTEGER PRIMARY KEY, verb TEXT NOT NULL, arguments TEXT NOT NULL,"
    " program TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, summary TEXT,"
    " last INTEGER, chain BLOB);"
    /* What is spoken of; its latest version. evidence: the key of the file that it comes from. */
    "CREATE TABLE item(number INTEGER PRIMARY KEY, type TEXT NOT NULL, key BLOB NOT NULL,"
    " host TEXT, dossier TEXT, time INTEGER, evidence BLOB, sense BLOB NOT NULL,"
    " first_run INTEGER NOT NULL, latest INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX item_key ON item(type, key);"
    "CREATE INDEX item_host ON item(type, host);"
    "CREATE TABLE version(number INTEGER PRIMARY KEY, item INTEGER NOT NULL, run INTEGER NOT NULL,"
    " body TEXT, chain BLOB NOT NULL);"
    "CREATE INDEX version_item ON version(item, number);"
    "CREATE TABLE seen(run INTEGER NOT NULL, item INTEGER NOT NULL, PRIMARY KEY(run, item))"
    " WITHOUT ROWID;";

enum statement {
    ADD_RUN,
    END_RUN,
    RUNS,
    LAST_RUN,
    FIND,
    ADD_ITEM,
    CHANGE_ITEM,
    ADD_VERSION,
    LAST_VERSION,
    SEE,
    GONE,
    GO,
    EACH,
    EACH_THEN,
    CHANGES,
    VERSIONS,
    CHAIN,
    CHAIN_ENDS,
    STALE,
    STATEMENTS
};

#define ITEM "i.type, i.host, i.dossier, v.body, i.time, i.first_run, v.run"
#define WANTED                                                                                     \
    " WHERE (?1 IS NULL AND i.type <> 'evidence' OR i.type = ?1)"                                  \
    " AND (?2 IS NULL OR i.host = ?2 COLLATE NOCASE) AND (?3 IS NULL OR i.dossier = ?3)"           \
    " AND (?4 IS NULL OR i.time >= ?4) AND (?5 IS NULL OR i.time <= ?5)"                           \
    " AND (?6 OR v.body IS NOT NULL) ORDER BY i.time, i.type, i.key"

static const char *const statements[STATEMENTS] = {
    [ADD_RUN] = "INSERT INTO run(verb, arguments, program, started) VALUES(?1, ?2, ?3, ?4)",
    [END_RUN] = "UPDATE run SET ended = ?2, last = ?3, chain = ?4 WHERE number = ?1",
    [RUNS] = "SELECT number, verb, arguments, program, started, ended, summary FROM run"
             " ORDER BY number",
    [LAST_RUN] = "UPDATE run SET summary = ?2 WHERE number = ?1",
    [FIND] = "SELECT i.number, i.sense, v.body IS NULL FROM item i JOIN version v"
             " ON v.number = i.latest WHERE i.type = ?1 AND i.key = ?2",
    [ADD_ITEM] = "INSERT INTO item(type, key, host, dossier, time, evidence, sense, first_run,"
                 " latest) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [CHANGE_ITEM] = "UPDATE item SET host = ?2, dossier = ?3, time = ?4, evidence = ?5, sense = ?6,"
                    " latest = ?7 WHERE number = ?1",
    [ADD_VERSION] = "INSERT INTO version VALUES(?1, ?2, ?3, ?4, ?5)",
    [LAST_VERSION] = "SELECT number, chain FROM version ORDER BY number DESC LIMIT 1",
    [SEE] = "INSERT OR IGNORE INTO seen VALUES(?1, ?2)",
    /* Told before of a file that this run read as well, and not told again; and what follows from
     * all files of a host, if this run read all of them. */
    [GONE] =
        "SELECT i.number, i.key, i.type FROM item i JOIN item e ON e.type = 'evidence'"
        " AND e.key = i.evidence JOIN seen s ON s.run = ?1 AND s.item = e.number"
        " JOIN version v ON v.number = i.latest WHERE i.type = 'finding' AND v.body IS NOT NULL"
        " AND NOT EXISTS(SELECT 1 FROM seen n WHERE n.run = ?1 AND n.item = i.number) UNION ALL"
        " SELECT i.number, i.key, i.type FROM item i JOIN version v ON v.number = i.latest"
        " WHERE i.type IN ('verdict', 'episode', 'coverage') AND v.body IS NOT NULL"
        " AND NOT EXISTS(SELECT 1 FROM seen n WHERE n.run = ?1 AND n.item = i.number)"
        " AND EXISTS(SELECT 1 FROM item e WHERE e.type = 'evidence' AND e.host = i.host)"
        " AND NOT EXISTS(SELECT 1 FROM item e WHERE e.type = 'evidence' AND e.host = i.host AND"
        " NOT EXISTS(SELECT 1 FROM seen n WHERE n.run = ?1 AND n.item = e.number))",
    [GO] = "UPDATE item SET latest = ?2 WHERE number = ?1",
    [EACH] = "SELECT " ITEM " FROM item i JOIN version v ON v.number = i.latest" WANTED,
    [EACH_THEN] = "SELECT " ITEM " FROM item i JOIN version v ON v.number = (SELECT max(number)"
                  " FROM version WHERE item = i.number AND run <= ?7)" WANTED,
    [CHANGES] = "SELECT " ITEM ", b.body, b.run FROM item i JOIN version v ON v.number ="
                " (SELECT max(number) FROM version WHERE item = i.number AND run <= ?2)"
                " LEFT JOIN version b ON b.number ="
                " (SELECT max(number) FROM version WHERE item = i.number AND run <= ?1)"
                " WHERE v.run > ?1 AND i.type <> 'evidence' AND (v.body IS NOT NULL OR b.body IS"
                " NOT NULL) ORDER BY i.time, i.type, i.key",
    [VERSIONS] =
        "SELECT " ITEM ", r.number, r.verb, r.arguments, r.program, r.started, r.ended,"
        " r.summary FROM version v JOIN item i ON i.number = v.item JOIN run r"
        " ON r.number = v.run WHERE i.type = ?1 AND v.body IS NOT NULL ORDER BY i.number, v.number",
    [CHAIN] = "SELECT i.type, i.host, i.dossier, v.body, i.time, i.first_run, v.run, v.number,"
              " i.key, v.chain, i.sense, i.latest FROM version v LEFT JOIN item i"
              " ON i.number = v.item ORDER BY v.number",
    [CHAIN_ENDS] = "SELECT r.number, r.verb FROM run r LEFT JOIN version v ON v.number = r.last"
                   " WHERE r.last > 0 AND r.chain IS NOT v.chain ORDER BY r.number",
    [STALE] = "SELECT i.type, i.host, i.dossier, NULL, i.time, i.first_run, 0, i.latest FROM item i"
              " WHERE i.latest IS NOT (SELECT max(number) FROM version WHERE item = i.number)",
};

/* How to add a type: what an object is about, and which member is its time, is one line here. Of
 * unknown types each object is about itself. */
static const struct kind {
    const char *type, *identity[IDENTITY], *time;
} kinds[] = {
    {"finding", {"id"}, "time"},
    {"episode", {"id"}, "first"},
    {"coverage", {"host", "kind"}, "first"},
    {"verdict", {"host", "dossier"}, "first"},
    {"evidence", {"sha256"}, NULL},
    {"alert", {"id"}, "time"},
    {"exposure", {"host", "product", "cve"}, "since"},
    {"window", {"host", "dossier"}, "from"},
    {"share", {"cve", "dossier", "part", "name", "time"}, "time"},
    {"update", {"host", "product"}, NULL},
};

/* Where a copy of the evidence lies does not change what it says. */
static const char *const places[] = {"file", "line", "offset", "sha256"};

/* ---- opening ---- */

static enum err find_end(struct case_store *c, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, LAST_VERSION);
    enum err rc = db_row(&c->db, s, error);
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
    TRY(db_open(&c->db, path, APPLICATION, VERSION, schema, statements, STATEMENTS, error));
    enum err rc = db_execute(&c->db, "PRAGMA cache_size=-131072", error);
    if (!rc)
        rc = find_end(c, error);
    if (rc)
        case_close(c);
    return rc;
}

void case_close(struct case_store *c)
{
    db_rollback(&c->db);
    db_close(&c->db);
}

/* ---- one object ---- */

struct object {
    struct str line, type, host, dossier;
    const struct kind *kind; /* NULL: unknown */
    struct str identity[IDENTITY];
    int64_t time_us;
    unsigned char key[KEY_BYTES], sense[KEY_BYTES], evidence[KEY_BYTES];
    bool has_evidence;
};

static void key_of(struct str text, unsigned char ret[KEY_BYTES])
{
    unsigned char digest[SHA256_BYTES];
    sha256_of(text, digest);
    memcpy(ret, digest, KEY_BYTES);
}

static const struct kind *kind_of(struct str type)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(type, str_of(kinds[i].type)))
            return &kinds[i];
    return NULL;
}

static bool is_place(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (str_eq(name, str_of(places[i])))
            return true;
    return false;
}

/* A member: its value as written. Names of this program have no escapes. */
static void take_member(struct object *o, struct str name, struct str value, bool text)
{
    struct str plain = text ? value : STR_NONE; /* escapes stay: they are the same each time */
    if (str_eq(name, STR("host")) && text)
        o->host = value;
    else if (str_eq(name, STR("dossier")) && text)
        o->dossier = value;
    else if (str_eq(name, STR("sha256")) && text && value.n) {
        key_of(value, o->evidence);
        o->has_evidence = true;
    }
    for (size_t i = 0; o->kind && i < IDENTITY && o->kind->identity[i]; i++)
        if (str_eq(name, str_of(o->kind->identity[i])))
            o->identity[i] = value;
    if (o->kind && o->kind->time && str_eq(name, str_of(o->kind->time)) && plain.p)
        (void)time_parse(plain, &o->time_us);
}

static enum err each_member(struct object *o, struct sha256 *sense)
{
    struct json_reader j;
    struct json_token t;
    bool placed =
        o->kind && (!strcmp(o->kind->type, "finding") || !strcmp(o->kind->type, "evidence"));
    json_open(&j, o->line, false);
    TRY(json_next(&j, &t));
    if (t.type != JSON_OBJECT)
        return ERR_FORMAT;
    for (;;) {
        enum err rc = json_next(&j, &t);
        struct str raw;
        if (rc)
            return rc == END ? OK : rc;
        if (t.type == JSON_OBJECT_END)
            continue;
        bool text = t.type == JSON_STRING;
        TRY(json_skip(&j, &t, &raw));
        if (!sense && str_eq(t.key, STR("type")) && text) {
            o->type = t.text; /* it comes first: the rest is read once */
            return OK;
        }
        if (!sense)
            continue;
        take_member(o, t.key, text ? t.text : raw, text);
        if (!placed || !is_place(t.key)) {
            sha256_add(sense, t.key.p, t.key.n);
            sha256_add(sense, ":", 1);
            sha256_add(sense, raw.p, raw.n);
        }
    }
}

static void identify(struct object *o)
{
    struct buf b;
    buf_init(&b, CASE_LINE_BYTES);
    for (size_t i = 0; o->kind && i < IDENTITY && o->kind->identity[i]; i++) {
        buf_str(&b, o->identity[i]);
        buf_putc(&b, '\n');
    }
    key_of(o->kind ? buf_view(&b) : o->line, o->key);
    if (o->kind && !strcmp(o->kind->type, "evidence"))
        memcpy(o->key, o->evidence, KEY_BYTES);
    buf_done(&b);
}

static enum err read_object(struct str line, struct object *ret, struct error *error)
{
    unsigned char digest[SHA256_BYTES];
    struct sha256 sense;
    *ret = (struct object){.line = line, .time_us = TIME_NONE};
    if (each_member(ret, NULL) || !ret->type.n)
        return fail(error, ERR_FORMAT, "a case takes objects with a type");
    ret->kind = kind_of(ret->type);
    TRY(sha256_init(&sense));
    enum err rc = each_member(ret, &sense);
    sha256_end(&sense, digest);
    sha256_done(&sense);
    memcpy(ret->sense, digest, KEY_BYTES);
    identify(ret);
    return rc;
}

/* ---- the chain ---- */

/* Of version n: the hash before, number, run, what it is about, and its body (absent: it is gone).
 */
static enum err link_of(const unsigned char before[SHA256_BYTES], uint64_t number, uint64_t run,
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

static enum err add_version(struct case_store *c, uint64_t item, struct str type, struct str key,
                            struct str body, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, ADD_VERSION);
    TRY(link_of(c->chain, c->version + 1, c->run, type, key, body, c->chain));
    c->version++;
    db_put_i64(s, 1, (int64_t)c->version);
    db_put_i64(s, 2, (int64_t)item);
    db_put_i64(s, 3, (int64_t)c->run);
    db_lend_str(s, 4, body);
    db_put_blob(s, 5, str_make((const char *)c->chain, SHA256_BYTES));
    return db_run(&c->db, s, error);
}

/* ---- adding ---- */

static struct str bytes(const unsigned char key[KEY_BYTES])
{
    return str_make((const char *)key, KEY_BYTES);
}

/* From parameter `at` on: host, dossier, time, evidence, sense. */
static int put_facts(struct sqlite3_stmt *s, int at, const struct object *o)
{
    db_lend_str(s, at++, o->host);
    db_lend_str(s, at++, o->dossier);
    if (o->time_us != TIME_NONE)
        db_put_i64(s, at, o->time_us);
    else
        db_put_str(s, at, STR_NONE);
    at++;
    if (o->has_evidence)
        db_put_blob(s, at, bytes(o->evidence));
    else
        db_put_str(s, at, STR_NONE);
    at++;
    db_put_blob(s, at++, bytes(o->sense));
    return at;
}

static enum err add_item(struct case_store *c, const struct object *o, uint64_t *ret_item,
                         struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, ADD_ITEM);
    db_lend_str(s, 1, o->type);
    db_put_blob(s, 2, bytes(o->key));
    int at = put_facts(s, 3, o);
    db_put_i64(s, at++, (int64_t)c->run);
    db_put_i64(s, at, (int64_t)c->version + 1);
    TRY(db_run(&c->db, s, error));
    *ret_item = db_last_number(&c->db);
    c->count.added++;
    return add_version(c, *ret_item, o->type, bytes(o->key), o->line, error);
}

static enum err change_item(struct case_store *c, const struct object *o, uint64_t item,
                            struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, CHANGE_ITEM);
    db_put_i64(s, 1, (int64_t)item);
    int at = put_facts(s, 2, o);
    db_put_i64(s, at, (int64_t)c->version + 1);
    TRY(db_run(&c->db, s, error));
    c->count.changed++;
    return add_version(c, item, o->type, bytes(o->key), o->line, error);
}

static enum err see(struct case_store *c, uint64_t item, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, SEE);
    db_put_i64(s, 1, (int64_t)c->run);
    db_put_i64(s, 2, (int64_t)item);
    return db_run(&c->db, s, error);
}

static enum err add_object(struct case_store *c, const struct object *o, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, FIND);
    db_lend_str(s, 1, o->type);
    db_put_blob(s, 2, bytes(o->key));
    enum err rc = db_row(&c->db, s, error);
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
    TRY(db_begin(&c->db, error));
    TRY(find_end(c, error)); /* another program may have written meanwhile */
    struct sqlite3_stmt *s = db_get(&c->db, ADD_RUN);
    db_lend_str(s, 1, run->verb);
    db_lend_str(s, 2, run->arguments);
    db_lend_str(s, 3, run->program);
    db_put_i64(s, 4, run->started_us);
    TRY(db_run(&c->db, s, error));
    c->run = db_last_number(&c->db);
    c->count = (struct case_counts){0};
    return OK;
}

enum err case_add(struct case_store *c, struct str line, struct error *error)
{
    struct object o;
    TRY(read_object(line, &o, error));
    if (!str_eq(o.type, STR("summary")))
        return add_object(c, &o, error);
    struct sqlite3_stmt *s = db_get(&c->db, LAST_RUN);
    db_put_i64(s, 1, (int64_t)c->run);
    db_lend_str(s, 2, line);
    return db_run(&c->db, s, error);
}

/* ---- what is gone ---- */

struct gone {
    uint64_t item;
    char type[16];
    unsigned char key[KEY_BYTES];
};

static enum err go(struct case_store *c, const struct gone *g, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, GO);
    db_put_i64(s, 1, (int64_t)g->item);
    db_put_i64(s, 2, (int64_t)c->version + 1);
    TRY(db_run(&c->db, s, error));
    c->count.gone++;
    return add_version(c, g->item, str_of(g->type), bytes(g->key), STR_NONE, error);
}

static enum err all_gone(struct case_store *c, struct error *error)
{
    VEC(struct gone) gone = {0};
    struct sqlite3_stmt *s = db_get(&c->db, GONE);
    enum err rc;
    db_put_i64(s, 1, (int64_t)c->run);
    while (!(rc = db_row(&c->db, s, error))) {
        struct gone g = {.item = (uint64_t)db_i64(s, 0)};
        struct str key = db_str(s, 1), type = str_sub(db_str(s, 2), 0, sizeof g.type - 1);
        memcpy(g.key, key.p, key.n < KEY_BYTES ? key.n : KEY_BYTES);
        memcpy(g.type, type.p, type.n);
        if ((rc = vec_push(&gone, g, UINT32_MAX)))
            break;
    }
    rc = rc == END ? OK : rc;
    for (size_t i = 0; !rc && i < gone.n; i++)
        rc = go(c, &gone.v[i], error);
    vec_done(&gone);
    return rc;
}

enum err case_end(struct case_store *c, int64_t ended_us, struct error *error)
{
    TRY(all_gone(c, error));
    struct sqlite3_stmt *s = db_get(&c->db, END_RUN);
    db_put_i64(s, 1, (int64_t)c->run);
    db_put_i64(s, 2, ended_us);
    db_put_i64(s, 3, (int64_t)c->version);
    db_put_blob(s, 4, str_make((const char *)c->chain, SHA256_BYTES));
    TRY(db_run(&c->db, s, error));
    TRY(db_commit(&c->db, error));
    c->run = 0;
    return OK;
}

void case_give_up(struct case_store *c)
{
    db_rollback(&c->db);
    c->run = 0;
}

/* ---- telling ---- */

static int64_t time_of(struct sqlite3_stmt *s, int column)
{
    return db_is_null(s, column) ? TIME_NONE : db_i64(s, column);
}

static void put_time(struct sqlite3_stmt *s, int at, int64_t time_us)
{
    if (time_us == TIME_NONE)
        db_put_str(s, at, STR_NONE);
    else
        db_put_i64(s, at, time_us);
}

static struct case_item item_of(struct sqlite3_stmt *s)
{
    return (struct case_item){.type = db_str(s, 0),
                              .host = db_str(s, 1),
                              .dossier = db_str(s, 2),
                              .body = db_str(s, 3),
                              .time_us = time_of(s, 4),
                              .first_run = (uint64_t)db_i64(s, 5),
                              .run = (uint64_t)db_i64(s, 6)};
}

enum err case_each(struct case_store *c, const struct case_query *q, case_tell *tell, void *ctx,
                   struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, q->run ? EACH_THEN : EACH);
    enum err rc;
    db_put_str(s, 1, q->type ? str_of(q->type) : STR_NONE);
    db_lend_str(s, 2, q->host);
    db_lend_str(s, 3, q->dossier);
    put_time(s, 4, q->since_us);
    put_time(s, 5, q->until_us);
    db_put_i64(s, 6, q->gone);
    if (q->run)
        db_put_i64(s, 7, (int64_t)q->run);
    while (!(rc = db_row(&c->db, s, error))) {
        struct case_item item = item_of(s);
        if ((rc = tell(ctx, &item)))
            return rc;
    }
    return rc == END ? OK : rc;
}

enum err case_changes(struct case_store *c, uint64_t after, uint64_t until, case_tell_change *tell,
                      void *ctx, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, CHANGES);
    enum err rc;
    db_put_i64(s, 1, (int64_t)after);
    db_put_i64(s, 2, (int64_t)until);
    while (!(rc = db_row(&c->db, s, error))) {
        struct case_item now = item_of(s), before = now;
        before.body = db_str(s, 7);
        before.run = (uint64_t)db_i64(s, 8);
        if ((rc = tell(ctx, &before, &now)))
            return rc;
    }
    return rc == END ? OK : rc;
}

/* From that column on. */
static struct case_run run_of(struct sqlite3_stmt *s, int at)
{
    return (struct case_run){.number = (uint64_t)db_i64(s, at),
                             .verb = db_str(s, at + 1),
                             .arguments = db_str(s, at + 2),
                             .program = db_str(s, at + 3),
                             .started_us = db_i64(s, at + 4),
                             .ended_us = time_of(s, at + 5),
                             .summary = db_str(s, at + 6)};
}

enum err case_versions(struct case_store *c, const char *type,
                       enum err (*tell)(void *ctx, const struct case_item *item,
                                        const struct case_run *run),
                       void *ctx, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, VERSIONS);
    enum err rc;
    db_put_str(s, 1, str_of(type));
    while (!(rc = db_row(&c->db, s, error))) {
        struct case_item item = item_of(s);
        struct case_run run = run_of(s, 7);
        if ((rc = tell(ctx, &item, &run)))
            return rc;
    }
    return rc == END ? OK : rc;
}

enum err case_runs(struct case_store *c, enum err (*tell)(void *ctx, const struct case_run *run),
                   void *ctx, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, RUNS);
    enum err rc;
    while (!(rc = db_row(&c->db, s, error))) {
        struct case_run run = run_of(s, 0);
        if ((rc = tell(ctx, &run)))
            return rc;
    }
    return rc == END ? OK : rc;
}

/* ---- verifying ---- */

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
    struct object o;
    struct error ignored;
    if (!item->body.p || (uint64_t)db_i64(s, 11) != (uint64_t)db_i64(s, 7))
        return true; /* not the latest */
    return !read_object(item->body, &o, &ignored) && str_eq(o.type, item->type) &&
           str_eq(o.host, item->host) && str_eq(o.dossier, item->dossier) &&
           o.time_us == item->time_us && str_eq(bytes(o.key), db_str(s, 8)) &&
           str_eq(bytes(o.sense), db_str(s, 10));
}

static bool links(const unsigned char before[SHA256_BYTES], struct sqlite3_stmt *s,
                  const struct case_item *item, unsigned char ret[SHA256_BYTES], enum err *ret_rc)
{
    enum err rc = link_of(before, (uint64_t)db_i64(s, 7), item->run, item->type, db_str(s, 8),
                          item->body, ret);
    *ret_rc = *ret_rc ? *ret_rc : rc;
    return str_eq(str_make((const char *)ret, SHA256_BYTES), db_str(s, 9));
}

/* Where a hash alone was changed, the version behind it still fits the one that was counted. */
static enum err check_version(struct walk *w, struct sqlite3_stmt *s)
{
    unsigned char by_stored[SHA256_BYTES], by_counted[SHA256_BYTES];
    struct case_item item = item_of(s);
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
    struct sqlite3_stmt *s = db_get(&c->db, CHAIN_ENDS);
    enum err rc;
    while (!(rc = db_row(&c->db, s, error))) {
        struct case_item item = {.type = STR("run"), .run = (uint64_t)db_i64(s, 0)};
        if ((rc = w->tell(w->ctx, 0, &item, STR("it does not end where it did"))))
            return rc;
    }
    if (rc != END)
        return rc;
    s = db_get(&c->db, STALE);
    while (!(rc = db_row(&c->db, s, error))) {
        struct case_item item = item_of(s);
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
    struct sqlite3_stmt *s = db_get(&c->db, CHAIN);
    enum err rc;
    *ret_n = 0;
    while (!(rc = db_row(&c->db, s, error))) {
        ++*ret_n;
        if ((rc = check_version(&w, s)))
            return rc;
    }
    return rc == END ? check_ends(c, &w, error) : rc;
}
