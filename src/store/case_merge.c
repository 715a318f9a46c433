#include "store/case_merge.h"

#include "base/arena.h"
#include "base/time.h"
#include "base/vec.h"
#include "store/case_priv.h"

#include <stdlib.h>

enum { RUNS_MAX = 1000 * 1000, RUN_TEXT_BYTES = 1024 * 1024 * 1024 };

/* By verb, program and beginning, to the microsecond: arguments may have been purged here. */
static const char known[] = "SELECT 1 FROM run WHERE verb = ?1 AND program = ?2 AND started = ?3";
/* What a run told, new or not, as it stood after it. */
static const char told[] =
    "SELECT (SELECT body FROM version WHERE item = s.item AND run <= ?1 ORDER BY number DESC"
    " LIMIT 1) FROM seen s WHERE s.run = ?1 ORDER BY s.item";
#define READ_ALL CASE_WHOLE("p.summary")
/* Of the items that got a version behind ?1: the last word by time, if it is not what the last
 * version says. A run says what it told; by one that read the same evidence and did not tell it, or
 * that says so, it is gone. A merge says nothing of its own. */
static const char overtaken[] =
    "WITH touched AS (SELECT DISTINCT item FROM version WHERE number > ?1),"
    " said AS (SELECT item, run FROM seen WHERE item IN (SELECT item FROM touched) UNION"
    " SELECT i.number, s.run FROM touched t JOIN item i ON i.number = t.item JOIN item e"
    " ON e.type = 'evidence' AND e.key = i.evidence JOIN seen s ON s.item = e.number"
    " JOIN run p ON p.number = s.run WHERE i.type = 'finding' AND " READ_ALL " UNION"
    " SELECT item, run FROM version WHERE body IS NULL AND item IN (SELECT item FROM touched)),"
    " word AS (SELECT said.item AS item, said.run AS run, row_number() OVER (PARTITION BY said.item"
    " ORDER BY r.started DESC, r.number DESC) AS place FROM said JOIN run r ON r.number = said.run"
    " WHERE r.verb <> 'case merge')"
    " SELECT i.number, b.number, n.item IS NULL FROM word w JOIN item i ON i.number = w.item"
    " LEFT JOIN seen n ON n.run = w.run AND n.item = w.item LEFT JOIN version b"
    " ON b.number = (SELECT max(number) FROM version WHERE item = i.number AND run <= w.run)"
    " JOIN version l ON l.number = i.latest WHERE w.place = 1 AND i.type <> 'evidence' AND"
    " iif(n.item IS NULL, l.body IS NOT NULL, b.body IS NOT NULL AND b.body IS NOT l.body)"
    " ORDER BY i.number";
static const char one_version[] = "SELECT v.body, i.type, i.key FROM item i LEFT JOIN version v"
                                  " ON v.number = ?2 WHERE i.number = ?1";

struct foreign_run {
    size_t of; /* which case */
    struct case_run run;
};

struct merging {
    struct case_store *into, *other;
    size_t n, at; /* at: the case whose runs are listed */
    struct arena texts;
    VEC(struct foreign_run) run;
    struct case_merged *ret;
    struct error *error;
};

/* ---- their chains ---- */

static enum err on_broken(void *ctx, uint64_t version, const struct case_item *item, struct str why)
{
    uint64_t *n = ctx;
    (void)version, (void)item, (void)why;
    ++*n;
    return OK;
}

static enum err check(struct case_store *c, struct error *error)
{
    uint64_t broken = 0, versions;
    TRY(case_verify(c, on_broken, &broken, &versions, error));
    return broken ? fail(error, ERR_FORMAT, "%s: not what was written; see tocsin verify",
                         c->file->db.path)
                  : OK;
}

/* ---- their runs ---- */

static enum err on_run(void *ctx, const struct case_run *run)
{
    struct merging *m = ctx;
    struct foreign_run f = {m->at, *run};
    /* What these wrote follows from the others, and is not theirs to say here. */
    if (str_starts(run->verb, STR("case ")))
        return OK;
    struct str *const texts[] = {&f.run.verb, &f.run.arguments, &f.run.program, &f.run.summary};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i]->p && !(*texts[i] = arena_str(&m->texts, *texts[i])).p)
            return ERR_NOMEM;
    return vec_push(&m->run, f, RUNS_MAX);
}

static int by_time(const void *a, const void *b)
{
    const struct foreign_run *x = a, *y = b;
    if (x->run.started_us != y->run.started_us)
        return x->run.started_us < y->run.started_us ? -1 : 1;
    if (x->of != y->of)
        return x->of < y->of ? -1 : 1;
    return x->run.number < y->run.number ? -1 : x->run.number > y->run.number;
}

static enum err is_known(struct merging *m, const struct case_run *run, bool *ret)
{
    struct db *db = &m->into->file->db;
    struct sqlite3_stmt *s;
    TRY(db_make(db, known, &s, m->error));
    db_put_str(s, 1, run->verb);
    db_put_str(s, 2, run->program);
    db_put_i64(s, 3, run->started_us);
    enum err rc = db_row(db, s, m->error);
    *ret = rc == OK;
    db_drop(s);
    return rc == END ? OK : rc;
}

static enum err replay(struct merging *m, const struct foreign_run *f)
{
    struct db *db = &m->other[f->of].file->db;
    struct sqlite3_stmt *s;
    enum err rc;
    TRY(case_begin(m->into, &f->run, m->error));
    if ((rc = db_make(db, told, &s, m->error)))
        return rc;
    db_put_i64(s, 1, (int64_t)f->run.number);
    while (!(rc = db_row(db, s, m->error))) {
        struct str body = db_str(s, 0);
        m->ret->left_out += !body.p;
        if (body.p && (rc = case_add(m->into, body, m->error)))
            break;
    }
    db_drop(s);
    rc = rc == END ? OK : rc;
    if (!rc && f->run.summary.p)
        rc = case_add(m->into, f->run.summary, m->error);
    if (rc)
        return rc;
    m->ret->runs++;
    m->ret->added += m->into->count.added;
    m->ret->changed += m->into->count.changed;
    return case_end(m->into, f->run.ended_us, m->error);
}

/* ---- what holds ---- */

struct word {
    uint64_t item, version;
    bool gone;
};

static enum err restore(struct merging *m, const struct word *w)
{
    struct db *db = &m->into->file->db;
    struct sqlite3_stmt *s;
    TRY(db_make(db, one_version, &s, m->error));
    db_put_i64(s, 1, (int64_t)w->item);
    db_put_i64(s, 2, (int64_t)w->version);
    enum err rc = db_row(db, s, m->error);
    if (!rc)
        rc = !w->gone ? case_add(m->into, db_str(s, 0), m->error)
                      : case_go(m->into, w->item, db_str(s, 1), db_str(s, 2), m->error);
    db_drop(s);
    m->ret->restored += !rc;
    return rc == END ? OK : rc;
}

/* Versions stand in the order in which they came in: where an older run came later, what the newer
 * one said is said again. */
static enum err restore_all(struct merging *m, uint64_t behind)
{
    struct db *db = &m->into->file->db;
    VEC(struct word) words = {0};
    struct sqlite3_stmt *s;
    enum err rc;
    TRY(db_make(db, overtaken, &s, m->error));
    db_put_i64(s, 1, (int64_t)behind);
    while (!(rc = db_row(db, s, m->error)))
        if ((rc = vec_push(
                 &words,
                 ((struct word){(uint64_t)db_i64(s, 0), (uint64_t)db_i64(s, 1), db_i64(s, 2) != 0}),
                 UINT32_MAX)))
            break;
    db_drop(s);
    rc = rc == END ? OK : rc;
    for (size_t i = 0; !rc && i < words.n; i++)
        rc = restore(m, &words.v[i]);
    vec_done(&words);
    return rc;
}

static enum err merge_all(struct merging *m, const struct case_run *said)
{
    uint64_t behind = m->into->version;
    TRY(check(m->into, m->error));
    for (m->at = 0; m->at < m->n; m->at++) {
        TRY(check(&m->other[m->at], m->error));
        TRY(case_runs(&m->other[m->at], on_run, m, m->error));
    }
    if (m->run.n)
        qsort(m->run.v, m->run.n, sizeof *m->run.v, by_time);
    for (size_t i = 0; i < m->run.n; i++) {
        bool there;
        TRY(is_known(m, &m->run.v[i].run, &there));
        m->ret->known += there;
        if (!there)
            TRY(replay(m, &m->run.v[i]));
    }
    if (!m->ret->runs)
        return OK;
    TRY(case_begin(m->into, said, m->error));
    TRY(restore_all(m, behind));
    return case_finish(m->into, said->ended_us, m->error);
}

enum err case_merge(struct case_store *into, struct case_store *other, size_t n,
                    const struct case_run *said, struct case_merged *ret, struct error *error)
{
    struct merging m = {.into = into, .other = other, .n = n, .ret = ret, .error = error};
    *ret = (struct case_merged){0};
    arena_init(&m.texts, RUN_TEXT_BYTES);
    enum err rc = merge_all(&m, said);
    if (rc)
        case_give_up(into);
    vec_done(&m.run);
    arena_done(&m.texts);
    return rc;
}
