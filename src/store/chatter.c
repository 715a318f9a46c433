#include "store/chatter.h"

#include "base/time.h"

enum {
    APPLICATION = 0x746f6377, /* "tocw" */
    VERSION = 1,
    ALERT_DAYS = 400, /* what an alert rests on is not older than that */
};

#define TABLES                                                                                     \
    "CREATE TABLE value(name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;"                         \
    "CREATE TABLE site(number INTEGER PRIMARY KEY, name TEXT NOT NULL);"                           \
    "CREATE TABLE subject(number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL);" \
    "CREATE TABLE seen(key INTEGER PRIMARY KEY, day INTEGER NOT NULL);"                            \
    "CREATE TABLE post(number INTEGER PRIMARY KEY, site INTEGER NOT NULL, id TEXT, url TEXT,"      \
    " snippet TEXT, technique TEXT, time INTEGER NOT NULL, ingest INTEGER NOT NULL,"               \
    " thread INTEGER NOT NULL, voice INTEGER NOT NULL, cluster INTEGER NOT NULL,"                  \
    " intent INTEGER NOT NULL);"                                                                   \
    "CREATE TABLE unit(post INTEGER NOT NULL, subject INTEGER NOT NULL, event_day INTEGER NOT "    \
    "NULL,"                                                                                        \
    " ingest_day INTEGER NOT NULL, weight REAL NOT NULL);"                                         \
    "CREATE TABLE item(post INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL);"           \
    "CREATE TABLE alert(id TEXT PRIMARY KEY, day INTEGER NOT NULL, subject INTEGER NOT NULL,"      \
    " lane INTEGER NOT NULL, episode INTEGER NOT NULL, numbers BLOB NOT NULL,"                     \
    " told INTEGER NOT NULL DEFAULT 0, acked INTEGER, reason TEXT) WITHOUT ROWID;"                 \
    "CREATE TABLE mute(subject TEXT PRIMARY KEY COLLATE NOCASE, until INTEGER, reason TEXT)"       \
    " WITHOUT ROWID;"

/* Made in states from before it as well. */
#define TOGETHER                                                                                   \
    "CREATE TABLE IF NOT EXISTS together(id TEXT PRIMARY KEY, leader TEXT NOT NULL,"               \
    " shared INTEGER NOT NULL, threads INTEGER NOT NULL, rank INTEGER NOT NULL,"                   \
    " later INTEGER NOT NULL) WITHOUT ROWID;"

#define INDICES                                                                                    \
    "CREATE INDEX IF NOT EXISTS unit_subject ON unit(subject, event_day);"                         \
    "CREATE INDEX IF NOT EXISTS unit_post ON unit(post);"                                          \
    "CREATE INDEX IF NOT EXISTS item_post ON item(post);"

enum statement {
    GET,
    SET,
    SITES,
    SUBJECTS,
    ADD_SITE,
    ADD_SUBJECT,
    SEEN,
    ADD_SEEN,
    ANY_SEEN,
    ADD_POST,
    ADD_UNIT,
    ADD_ITEM,
    UNITS,
    POSTS,
    WEEKS,
    BESIDE_SUBJECTS,
    BESIDE_ITEMS,
    ADD_TOGETHER,
    ADD_ALERT,
    UNTOLD,
    WITH,
    JOINED,
    EARLIER,
    ONE_ALERT,
    THREAD,
    TOLD,
    COUNT_ALERTS,
    ACK,
    MUTE,
    QUIET_EPISODE,
    QUIET_SUBJECT,
    OLDEST_UNTOLD,
    PRUNE_SEEN,
    PRUNE_ITEMS,
    PRUNE_UNITS,
    PRUNE_POSTS,
    STATEMENTS
};

#define ALERT "a.id, a.day, a.subject, a.lane, a.episode, a.numbers"
#define FIRST "p.site, p.id, p.url"
#define POSTS_OF "unit u WHERE u.subject = ?1 AND u.event_day BETWEEN ?2 AND ?3"

static const char *const statements[STATEMENTS] = {
    [GET] = "SELECT value FROM value WHERE name = ?1",
    [SET] = "INSERT OR REPLACE INTO value VALUES(?1, ?2)",
    [SITES] = "SELECT number, 0, name FROM site ORDER BY number",
    [SUBJECTS] = "SELECT number, kind, name FROM subject ORDER BY number",
    [ADD_SITE] = "INSERT INTO site VALUES(?1, ?2)",
    [ADD_SUBJECT] = "INSERT INTO subject VALUES(?1, ?2, ?3)",
    [SEEN] = "SELECT 1 FROM seen WHERE key = ?1",
    [ADD_SEEN] = "INSERT OR IGNORE INTO seen VALUES(?1, ?2)",
    [ANY_SEEN] = "SELECT 1 FROM seen LIMIT 1",
    [ADD_POST] = "INSERT INTO post VALUES(?12, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    [ADD_UNIT] = "INSERT INTO unit VALUES(?1, ?2, ?3, ?4, ?5)",
    [ADD_ITEM] = "INSERT INTO item VALUES(?1, ?2, ?3)",
    [UNITS] = "SELECT u.subject, p.site, u.post, p.thread, p.voice, p.cluster, u.event_day,"
              " u.ingest_day, p.intent, u.weight FROM unit u CROSS JOIN post p ON p.number = u.post"
              " WHERE u.post > ?1 ORDER BY u.ingest_day, u.post, u.subject",
    /* day 0 was a Thursday */
    [WEEKS] = "SELECT (u.event_day + 3) / 7 * 7 - 3, count(DISTINCT p.thread), count(*) FROM unit u"
              " CROSS JOIN post p ON p.number = u.post WHERE u.subject = ?1 AND u.event_day"
              " BETWEEN ?2 AND ?3 GROUP BY 1 ORDER BY 1",
    [POSTS] = "SELECT number, site, id, url, snippet, technique, time, ingest, thread, voice,"
              " cluster, intent FROM post WHERE number IN (SELECT u.post FROM " POSTS_OF ")"
              " ORDER BY time, number",
    /* What stands beside min() without being grouped is of the row that has it. */
    [BESIDE_SUBJECTS] = "SELECT s.kind, s.name, count(*), min(p.time), " FIRST " FROM unit o"
                        " JOIN subject s ON s.number = o.subject JOIN post p ON p.number = o.post"
                        " WHERE o.subject <> ?1 AND o.post IN (SELECT u.post FROM " POSTS_OF ")"
                        " GROUP BY o.subject ORDER BY 3 DESC, 2 LIMIT 200",
    [BESIDE_ITEMS] =
        "SELECT i.kind, i.value, count(DISTINCT i.post), min(p.time), " FIRST " FROM item i"
        " JOIN post p ON p.number = i.post"
        " WHERE i.post IN (SELECT u.post FROM " POSTS_OF ")"
        " GROUP BY i.kind, i.value ORDER BY 3 DESC, 1, 2 LIMIT 1000",
    [ADD_TOGETHER] = "INSERT OR IGNORE INTO together SELECT ?1, ?2, ?3, ?4,"
                     " (SELECT count(*) FROM together WHERE leader = ?2), ?5"
                     " WHERE NOT EXISTS (SELECT 1 FROM alert WHERE id = ?1)",
    [ADD_ALERT] = "INSERT OR IGNORE INTO alert(id, day, subject, lane, episode, numbers, told)"
                  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [UNTOLD] = "SELECT " ALERT ", NULL, 0, 0, 0 FROM alert a WHERE a.told = 0"
               " AND a.id NOT IN (SELECT id FROM together) ORDER BY a.day, a.id",
    [WITH] = "SELECT " ALERT ", t.leader, t.shared, t.threads, t.later FROM together t"
             " JOIN alert a ON a.id = t.id WHERE t.leader = ?1 AND NOT t.later ORDER BY t.rank",
    [JOINED] = "SELECT " ALERT ", t.leader, t.shared, t.threads, t.later FROM together t"
               " JOIN alert a ON a.id = t.id WHERE t.later AND a.told = 0 ORDER BY a.day, a.id",
    [EARLIER] = "SELECT " ALERT ", NULL, 0, 0, 0 FROM alert a WHERE a.day BETWEEN ?1 AND ?2"
                " AND a.id NOT IN (SELECT id FROM together) ORDER BY a.day DESC, a.id",
    [ONE_ALERT] = "SELECT day, subject, lane, episode FROM alert WHERE id = ?1",
    [THREAD] = "SELECT thread FROM post WHERE number = ?1",
    [TOLD] = "UPDATE alert SET told = 1 WHERE id = ?1",
    [COUNT_ALERTS] = "SELECT count(*) FROM alert WHERE substr(id, 1, length(?1)) = ?1",
    [ACK] = "UPDATE alert SET acked = ?2, reason = ?3 WHERE substr(id, 1, length(?1)) = ?1",
    [MUTE] = "INSERT OR REPLACE INTO mute VALUES(?1, ?2, ?3)",
    [QUIET_EPISODE] = "SELECT 1 FROM alert WHERE subject = ?1 AND lane = ?2 AND episode = ?3"
                      " AND acked IS NOT NULL LIMIT 1",
    [QUIET_SUBJECT] = "SELECT 1 FROM mute WHERE subject = ?1 AND (until IS NULL OR until > ?2)",
    [OLDEST_UNTOLD] = "SELECT min(day) FROM alert WHERE told = 0",
    [PRUNE_SEEN] = "DELETE FROM seen WHERE day < ?1",
    [PRUNE_ITEMS] = "DELETE FROM item WHERE post IN (SELECT post FROM unit WHERE event_day < ?1)",
    [PRUNE_UNITS] = "DELETE FROM unit WHERE event_day < ?1",
    [PRUNE_POSTS] = "DELETE FROM post WHERE NOT EXISTS (SELECT 1 FROM unit WHERE post = number)",
};

enum err chatter_open(struct chatter *c, struct str path, struct error *error)
{
    const struct db_kind kind = {.application = APPLICATION,
                                 .version = VERSION,
                                 .schema = path.p ? TABLES INDICES : TABLES,
                                 .sql = statements,
                                 .n_sql = STATEMENTS};
    c->indexed = path.p != NULL;
    c->seen = (struct keyset){0};
    TRY(db_open(&c->db, path, &kind, error));
    enum err rc = db_execute(&c->db, TOGETHER, error);
    if (rc)
        db_close(&c->db);
    return rc;
}

void chatter_close(struct chatter *c)
{
    keyset_done(&c->seen);
    db_close(&c->db);
}

/* Nothing is looked for in a list of keys that is empty. */
enum err chatter_begin(struct chatter *c, struct error *error)
{
    TRY(db_begin(&c->db, error));
    struct sqlite3_stmt *s = db_get(&c->db, ANY_SEEN);
    enum err rc = db_row(&c->db, s, error);
    c->ask_seen = rc == OK;
    if (rc == OK)
        (void)db_get(&c->db, ANY_SEEN); /* lets go of the row */
    return rc == END ? OK : rc;
}

/* The keys that wait, in their order. */
static enum err write_seen(struct chatter *c, struct error *error)
{
    const struct keyset_item *k = keyset_sorted(&c->seen);
    for (size_t i = 0; i < c->seen.n; i++) {
        struct sqlite3_stmt *s = db_get(&c->db, ADD_SEEN);
        db_put_i64(s, 1, (int64_t)k[i].key);
        db_put_i64(s, 2, k[i].day);
        TRY(db_run(&c->db, s, error));
    }
    if (c->seen.n)
        c->ask_seen = true;
    keyset_clear(&c->seen);
    return OK;
}

enum err chatter_commit(struct chatter *c, struct error *error)
{
    TRY(write_seen(c, error));
    return db_commit(&c->db, error);
}

void chatter_rollback(struct chatter *c)
{
    keyset_clear(&c->seen);
    db_rollback(&c->db);
}

enum err chatter_get(struct chatter *c, const char *name, struct str *ret_value,
                     struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, GET);
    *ret_value = (struct str){0};
    db_put_str(s, 1, str_of(name));
    enum err rc = db_row(&c->db, s, error);
    if (rc == OK)
        *ret_value = db_str(s, 0);
    return rc == END ? OK : rc;
}

enum err chatter_set(struct chatter *c, const char *name, struct str value, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, SET);
    db_put_str(s, 1, str_of(name));
    db_put_blob(s, 2, value);
    return db_run(&c->db, s, error);
}

static enum err names(struct chatter *c, enum statement which, chatter_name *tell, void *ctx,
                      struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, which);
    enum err rc;
    while ((rc = db_row(&c->db, s, error)) == OK)
        TRY(tell(ctx, (uint32_t)db_i64(s, 0), (int)db_i64(s, 1), db_str(s, 2)));
    return rc == END ? OK : rc;
}

enum err chatter_sites(struct chatter *c, chatter_name *tell, void *ctx, struct error *error)
{
    return names(c, SITES, tell, ctx, error);
}

enum err chatter_subjects(struct chatter *c, chatter_name *tell, void *ctx, struct error *error)
{
    return names(c, SUBJECTS, tell, ctx, error);
}

enum err chatter_add_site(struct chatter *c, uint32_t number, struct str name, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, ADD_SITE);
    db_put_i64(s, 1, number);
    db_put_str(s, 2, name);
    return db_run(&c->db, s, error);
}

enum err chatter_add_subject(struct chatter *c, uint32_t number, enum subject_kind kind,
                             struct str name, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, ADD_SUBJECT);
    db_put_i64(s, 1, number);
    db_put_i64(s, 2, kind);
    db_put_str(s, 3, name);
    return db_run(&c->db, s, error);
}

static enum err is_kept(struct chatter *c, uint64_t key, bool *ret_kept, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, SEEN);
    db_put_i64(s, 1, (int64_t)key);
    enum err rc = db_row(&c->db, s, error);
    *ret_kept = rc == OK;
    if (rc == OK)
        (void)db_get(&c->db, SEEN); /* lets go of the row */
    return rc == END ? OK : rc;
}

enum err chatter_seen(struct chatter *c, uint64_t key, int32_t day, bool *ret_seen,
                      struct error *error)
{
    *ret_seen = keyset_has(&c->seen, key);
    if (!*ret_seen && c->ask_seen)
        TRY(is_kept(c, key, ret_seen, error));
    if (*ret_seen)
        return OK;
    if (c->seen.n == KEYSET_MAX)
        TRY(write_seen(c, error));
    return keyset_add(&c->seen, key, day);
}

enum err chatter_add_post(struct chatter *c, struct chatter_post *post, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, ADD_POST);
    db_put_i64(s, 1, post->site);
    db_lend_str(s, 2, post->id);
    db_lend_str(s, 3, post->url);
    db_lend_str(s, 4, post->snippet);
    db_lend_str(s, 5, post->technique);
    db_put_i64(s, 6, post->time_us);
    db_put_i64(s, 7, post->ingest_us);
    db_put_i64(s, 8, (int64_t)post->thread);
    db_put_i64(s, 9, (int64_t)post->voice);
    db_put_i64(s, 10, (int64_t)post->cluster);
    db_put_i64(s, 11, post->intent);
    if (post->number)
        db_put_i64(s, 12, (int64_t)post->number);
    else
        db_put_str(s, 12, (struct str){0});
    TRY(db_run(&c->db, s, error));
    post->number = db_last_number(&c->db);
    return OK;
}

enum err chatter_add_unit(struct chatter *c, const struct chatter_unit *unit, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, ADD_UNIT);
    db_put_i64(s, 1, (int64_t)unit->post);
    db_put_i64(s, 2, unit->subject);
    db_put_i64(s, 3, unit->event_day);
    db_put_i64(s, 4, unit->ingest_day);
    db_put_real(s, 5, unit->weight);
    return db_run(&c->db, s, error);
}

enum err chatter_add_item(struct chatter *c, uint64_t post, struct str kind, struct str value,
                          struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, ADD_ITEM);
    db_put_i64(s, 1, (int64_t)post);
    db_lend_str(s, 2, kind);
    db_lend_str(s, 3, value);
    return db_run(&c->db, s, error);
}

static enum intent intent_of(int64_t v)
{
    return v >= 0 && v < INTENTS ? (enum intent)v : INTENT_MENTION;
}

enum err chatter_units(struct chatter *c, uint64_t after,
                       enum err (*tell)(void *ctx, const struct chatter_unit *unit), void *ctx,
                       struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, UNITS);
    enum err rc;
    db_put_i64(s, 1, (int64_t)after);
    while ((rc = db_row(&c->db, s, error)) == OK) {
        struct chatter_unit u = {.subject = (uint32_t)db_i64(s, 0),
                                 .site = (uint32_t)db_i64(s, 1),
                                 .post = (uint64_t)db_i64(s, 2),
                                 .thread = (uint64_t)db_i64(s, 3),
                                 .voice = (uint64_t)db_i64(s, 4),
                                 .cluster = (uint64_t)db_i64(s, 5),
                                 .event_day = (int32_t)db_i64(s, 6),
                                 .ingest_day = (int32_t)db_i64(s, 7),
                                 .intent = intent_of(db_i64(s, 8)),
                                 .weight = db_real(s, 9)};
        TRY(tell(ctx, &u));
    }
    return rc == END ? OK : rc;
}

/* Of posts that all come in and are asked for then: indices made in between cost a third of those
 * that are kept up from the start. */
static enum err make_indices(struct chatter *c, struct error *error)
{
    if (!c->indexed)
        TRY(db_execute(&c->db, INDICES, error));
    c->indexed = true;
    return OK;
}

static struct sqlite3_stmt *of_subject(struct chatter *c, enum statement which, uint32_t subject,
                                       int32_t since_day, int32_t until_day)
{
    struct sqlite3_stmt *s = db_get(&c->db, which);
    db_put_i64(s, 1, subject);
    db_put_i64(s, 2, since_day);
    db_put_i64(s, 3, until_day);
    return s;
}

enum err chatter_posts(struct chatter *c, uint32_t subject, int32_t since_day, int32_t until_day,
                       enum err (*tell)(void *ctx, const struct chatter_post *post), void *ctx,
                       struct error *error)
{
    TRY(make_indices(c, error));
    struct sqlite3_stmt *s = of_subject(c, POSTS, subject, since_day, until_day);
    enum err rc;
    while ((rc = db_row(&c->db, s, error)) == OK) {
        struct chatter_post p = {.number = (uint64_t)db_i64(s, 0),
                                 .site = (uint32_t)db_i64(s, 1),
                                 .id = db_str(s, 2),
                                 .url = db_str(s, 3),
                                 .snippet = db_str(s, 4),
                                 .technique = db_str(s, 5),
                                 .time_us = db_i64(s, 6),
                                 .ingest_us = db_i64(s, 7),
                                 .thread = (uint64_t)db_i64(s, 8),
                                 .voice = (uint64_t)db_i64(s, 9),
                                 .cluster = (uint64_t)db_i64(s, 10),
                                 .intent = intent_of(db_i64(s, 11))};
        TRY(tell(ctx, &p));
    }
    return rc == END ? OK : rc;
}

enum err chatter_weeks(struct chatter *c, uint32_t subject, int32_t since_day, int32_t until_day,
                       enum err (*tell)(void *ctx, int32_t week, uint64_t threads, uint64_t posts),
                       void *ctx, struct error *error)
{
    TRY(make_indices(c, error));
    struct sqlite3_stmt *s = of_subject(c, WEEKS, subject, since_day, until_day);
    enum err rc;
    while ((rc = db_row(&c->db, s, error)) == OK)
        TRY(tell(ctx, (int32_t)db_i64(s, 0), (uint64_t)db_i64(s, 1), (uint64_t)db_i64(s, 2)));
    return rc == END ? OK : rc;
}

static enum err tell_near(struct sqlite3_stmt *s, struct str kind, chatter_beside *tell, void *ctx)
{
    struct chatter_near near = {.kind = kind,
                                .value = db_str(s, 1),
                                .posts = (uint64_t)db_i64(s, 2),
                                .first_us = db_i64(s, 3),
                                .site = (uint32_t)db_i64(s, 4),
                                .id = db_str(s, 5),
                                .url = db_str(s, 6)};
    return tell(ctx, &near);
}

enum err chatter_beside_subjects(struct chatter *c, uint32_t subject, int32_t since_day,
                                 int32_t until_day, chatter_beside *tell, void *ctx,
                                 struct error *error)
{
    TRY(make_indices(c, error));
    struct sqlite3_stmt *s = of_subject(c, BESIDE_SUBJECTS, subject, since_day, until_day);
    enum err rc;
    while ((rc = db_row(&c->db, s, error)) == OK) {
        int64_t kind = db_i64(s, 0);
        if (kind >= 0 && kind < SUBJECT_KINDS)
            TRY(tell_near(s, str_of(subject_kind_name((enum subject_kind)kind)), tell, ctx));
    }
    return rc == END ? OK : rc;
}

enum err chatter_beside_items(struct chatter *c, uint32_t subject, int32_t since_day,
                              int32_t until_day, chatter_beside *tell, void *ctx,
                              struct error *error)
{
    TRY(make_indices(c, error));
    struct sqlite3_stmt *s = of_subject(c, BESIDE_ITEMS, subject, since_day, until_day);
    enum err rc;
    while ((rc = db_row(&c->db, s, error)) == OK)
        TRY(tell_near(s, db_str(s, 0), tell, ctx));
    return rc == END ? OK : rc;
}

static enum err add_together(struct chatter *c, const struct chatter_alert *alert,
                             struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, ADD_TOGETHER);
    db_put_str(s, 1, alert->id);
    db_put_str(s, 2, alert->with);
    db_put_i64(s, 3, alert->shared);
    db_put_i64(s, 4, alert->threads);
    db_put_i64(s, 5, alert->later);
    return db_run(&c->db, s, error);
}

/* One that is told with an alert of its day needs no mark of its own: it is told when that one is.
 */
enum err chatter_add_alert(struct chatter *c, const struct chatter_alert *alert,
                           struct error *error)
{
    if (alert->with.p)
        TRY(add_together(c, alert, error));
    struct sqlite3_stmt *s = db_get(&c->db, ADD_ALERT);
    db_put_str(s, 1, alert->id);
    db_put_i64(s, 2, alert->day);
    db_put_i64(s, 3, alert->subject);
    db_put_i64(s, 4, alert->lane);
    db_put_i64(s, 5, alert->episode);
    db_put_blob(s, 6, alert->numbers);
    db_put_i64(s, 7, alert->with.p && !alert->later);
    return db_run(&c->db, s, error);
}

typedef enum err alert_teller(void *ctx, const struct chatter_alert *alert);

static enum err tell_alerts(struct chatter *c, struct sqlite3_stmt *s, alert_teller *tell,
                            void *ctx, struct error *error)
{
    enum err rc;
    while ((rc = db_row(&c->db, s, error)) == OK) {
        struct chatter_alert a = {.id = db_str(s, 0),
                                  .day = (int32_t)db_i64(s, 1),
                                  .subject = (uint32_t)db_i64(s, 2),
                                  .lane = (uint32_t)db_i64(s, 3),
                                  .episode = (uint32_t)db_i64(s, 4),
                                  .numbers = db_str(s, 5),
                                  .with = db_str(s, 6),
                                  .shared = (uint32_t)db_i64(s, 7),
                                  .threads = (uint32_t)db_i64(s, 8),
                                  .later = db_i64(s, 9) != 0};
        TRY(tell(ctx, &a));
    }
    return rc == END ? OK : rc;
}

enum err chatter_untold(struct chatter *c, alert_teller *tell, void *ctx, struct error *error)
{
    return tell_alerts(c, db_get(&c->db, UNTOLD), tell, ctx, error);
}

enum err chatter_with(struct chatter *c, struct str id, alert_teller *tell, void *ctx,
                      struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, WITH);
    db_put_str(s, 1, id);
    return tell_alerts(c, s, tell, ctx, error);
}

enum err chatter_joined(struct chatter *c, alert_teller *tell, void *ctx, struct error *error)
{
    return tell_alerts(c, db_get(&c->db, JOINED), tell, ctx, error);
}

enum err chatter_earlier(struct chatter *c, int32_t since_day, int32_t until_day,
                         alert_teller *tell, void *ctx, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, EARLIER);
    db_put_i64(s, 1, since_day);
    db_put_i64(s, 2, until_day);
    return tell_alerts(c, s, tell, ctx, error);
}

enum err chatter_alert_get(struct chatter *c, struct str id, struct chatter_alert *ret_alert,
                           struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, ONE_ALERT);
    db_put_str(s, 1, id);
    *ret_alert = (struct chatter_alert){.id = id};
    enum err rc = db_row(&c->db, s, error);
    if (rc)
        return rc == END ? ERR_NOT_FOUND : rc;
    ret_alert->day = (int32_t)db_i64(s, 0);
    ret_alert->subject = (uint32_t)db_i64(s, 1);
    ret_alert->lane = (uint32_t)db_i64(s, 2);
    ret_alert->episode = (uint32_t)db_i64(s, 3);
    (void)db_get(&c->db, ONE_ALERT); /* lets go of the row */
    return OK;
}

enum err chatter_thread(struct chatter *c, uint64_t post, uint64_t *ret_thread, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, THREAD);
    db_put_i64(s, 1, (int64_t)post);
    enum err rc = db_row(&c->db, s, error);
    *ret_thread = rc == OK ? (uint64_t)db_i64(s, 0) : 0;
    return rc == END ? OK : rc;
}

enum err chatter_told(struct chatter *c, struct str id, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, TOLD);
    db_put_str(s, 1, id);
    return db_run(&c->db, s, error);
}

enum err chatter_ack(struct chatter *c, struct str id, struct str reason, int64_t now_us,
                     struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, COUNT_ALERTS);
    db_put_str(s, 1, id);
    enum err rc = db_row(&c->db, s, error);
    if (rc)
        return rc == END ? ERR_BUG : rc;
    int64_t n = db_i64(s, 0);
    if (n == 0)
        return fail(error, ERR_NOT_FOUND, "no alert has the id %.*s", STR_FMT(id));
    if (n > 1)
        return fail(error, ERR_USAGE, "%lld alerts have an id that begins with %.*s", (long long)n,
                    STR_FMT(id));
    s = db_get(&c->db, ACK);
    db_put_str(s, 1, id);
    db_put_i64(s, 2, now_us);
    db_put_str(s, 3, reason);
    return db_run(&c->db, s, error);
}

enum err chatter_mute(struct chatter *c, struct str subject, struct str reason, int64_t until_us,
                      struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, MUTE);
    db_put_str(s, 1, subject);
    if (until_us == TIME_NONE)
        db_put_str(s, 2, (struct str){0});
    else
        db_put_i64(s, 2, until_us);
    db_put_str(s, 3, reason);
    return db_run(&c->db, s, error);
}

/* Is there a row? */
static enum err any(struct chatter *c, struct sqlite3_stmt *s, bool *ret_any, struct error *error)
{
    enum err rc = db_row(&c->db, s, error);
    *ret_any |= rc == OK;
    return rc == END ? OK : rc;
}

enum err chatter_quiet(struct chatter *c, uint32_t subject, uint32_t lane, uint32_t episode,
                       struct str name, int64_t at_us, bool *ret_quiet, struct error *error)
{
    struct sqlite3_stmt *s = db_get(&c->db, QUIET_EPISODE);
    *ret_quiet = false;
    db_put_i64(s, 1, subject);
    db_put_i64(s, 2, lane);
    db_put_i64(s, 3, episode);
    TRY(any(c, s, ret_quiet, error));
    s = db_get(&c->db, QUIET_SUBJECT);
    db_put_str(s, 1, name);
    db_put_i64(s, 2, at_us);
    return any(c, s, ret_quiet, error);
}

enum err chatter_prune(struct chatter *c, int32_t before_day, struct error *error)
{
    static const enum statement steps[] = {PRUNE_SEEN, PRUNE_ITEMS, PRUNE_UNITS};
    struct sqlite3_stmt *oldest = db_get(&c->db, OLDEST_UNTOLD);
    TRY(db_row(&c->db, oldest, error));
    if (!db_is_null(oldest, 0) && db_i64(oldest, 0) - ALERT_DAYS < before_day)
        before_day = (int32_t)(db_i64(oldest, 0) - ALERT_DAYS);
    TRY(write_seen(c, error));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct sqlite3_stmt *s = db_get(&c->db, steps[i]);
        db_put_i64(s, 1, before_day);
        TRY(db_run(&c->db, s, error));
    }
    return db_run(&c->db, db_get(&c->db, PRUNE_POSTS), error);
}
