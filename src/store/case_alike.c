#include "base/arena.h"
#include "base/buf.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/wr.h"
#include "codec/json.h"
#include "model/report.h"
#include "model/role.h"
#include "store/case_priv.h"

/* Which findings count as the same: what a verdict asks of one it may ask of all of them. */

enum { FIELDS_MAX = 1 << 20, ASIDE = 1, ANSWERED = 2, SUCCEEDED = 4, FLAGS = 8, SUMS = 9 };
enum { GROUPS_MAX = 1 << 16, GROUPS_BYTES = 8 << 20 };

/* ---- one object ---- */

struct fields {
    VEC(struct named_value) plain; /* without escapes: what roles are looked up in */
    VEC(struct str) raw;           /* values as written */
};

static enum err read_fields(struct arena *a, struct str object, struct fields *f)
{
    struct json_reader j;
    struct json_token t;
    json_open(&j, object, false);
    TRY(json_next(&j, &t));
    for (;;) {
        enum err rc = json_next(&j, &t);
        struct str raw;
        if (rc)
            return rc == END ? OK : rc;
        if (t.type == JSON_OBJECT_END)
            continue;
        bool scalar = t.type != JSON_OBJECT && t.type != JSON_ARRAY;
        struct named_value v = {json_unescape(a, t.key, t.key_escaped), STR_NONE};
        if (t.type != JSON_NULL && scalar)
            v.value = json_unescape(a, t.text, t.escaped);
        raw = t.text;
        TRY(vec_push(&f->plain, v, FIELDS_MAX));
        TRY(vec_push(&f->raw, raw, FIELDS_MAX));
        TRY(json_skip(&j, &t, &raw));
    }
}

static struct str as_written(const struct fields *f, struct str value)
{
    for (size_t i = 0; value.n && i < f->plain.n; i++)
        if (f->plain.v[i].value.p == value.p)
            return f->raw.v[i];
    return STR_NONE;
}

/* role_mailbox without what stands before the name; escapes stay. */
static struct str mailbox(const struct fields *f, const struct finding *finding)
{
    struct str raw = as_written(f, role_of(finding, ROLE_MAILBOX));
    ptrdiff_t tilde = str_chr(raw, '~');
    return !role_mailbox(finding).n ? STR_NONE
           : tilde >= 0             ? str_sub(raw, (size_t)tilde + 1, raw.n)
                                    : raw;
}

/* No more than what a verdict asks: the fewer groups there are. */
static void take_roles(struct case_object *o, const struct fields *f)
{
    const struct finding finding = {.field = f->plain.v, .n_fields = f->plain.n};
    if (o->grade == GRADE_ATTEMPT) {
        o->answered = role_answered(&finding);
        return;
    }
    o->succeeded = role_succeeded(&finding);
    o->account = as_written(f, role_of(&finding, ROLE_ACCOUNT));
    o->mailbox = mailbox(f, &finding);
    o->bytes = role_bytes(&finding);
    o->bytes = o->bytes < CASE_SUM_MOST ? o->bytes : CASE_SUM_MOST;
}

enum err case_alike_read(struct case_object *o)
{
    struct arena a;
    struct fields f = {0};
    enum err rc = OK;
    arena_init(&a, CASE_LINE_BYTES);
    if (o->note.p) {
        const struct finding said = {.note = json_unescape(&a, o->note, true)};
        o->aside = finding_aside(&said);
    }
    if (o->grade >= GRADE_ATTEMPT && !o->aside) {
        rc = o->fields.n ? read_fields(&a, o->fields, &f) : OK;
        take_roles(o, &f);
    }
    if (o->last_us < o->time_us || o->time_us == TIME_NONE)
        o->last_us = o->time_us;
    if (!o->records)
        o->records = 1;
    case_alike_key(o, o->alike);
    vec_done(&f.plain);
    vec_done(&f.raw);
    arena_done(&a);
    return rc;
}

/* ---- its row ---- */

static int flags_of(const struct case_object *o)
{
    return (o->aside ? ASIDE : 0) | (o->answered ? ANSWERED : 0) | (o->succeeded ? SUCCEEDED : 0);
}

void case_alike_key(const struct case_object *o, unsigned char ret[CASE_KEY_BYTES])
{
    const struct str parts[] = {o->host,   o->dossier, o->rule,   o->title,
                                o->target, o->account, o->mailbox};
    unsigned char digest[SHA256_BYTES];
    struct buf b;
    buf_init(&b, CASE_LINE_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        wr_u8(&b, parts[i].p != NULL);
        wr_str(&b, parts[i]);
    }
    wr_u8(&b, (uint8_t)o->grade);
    wr_u8(&b, (uint8_t)flags_of(o));
    sha256_of(buf_view(&b), digest);
    memcpy(ret, digest, CASE_KEY_BYTES);
    buf_done(&b);
}

bool case_alike_columns(struct sqlite3_stmt *s, int at, struct case_object *ret)
{
    int64_t grade = db_i64(s, at + 4), flags = db_i64(s, at + 8);
    bool known = grade >= GRADE_WEAK && grade <= GRADE_COMPROMISE && flags >= 0 && flags < FLAGS;
    *ret = (struct case_object){.host = db_str(s, at),
                                .dossier = db_str(s, at + 1),
                                .rule = db_str(s, at + 2),
                                .title = db_str(s, at + 3),
                                .grade = known ? (int)grade : GRADE_WEAK,
                                .target = db_str(s, at + 5),
                                .account = db_str(s, at + 6),
                                .mailbox = db_str(s, at + 7),
                                .aside = flags & ASIDE,
                                .answered = flags & ANSWERED,
                                .succeeded = flags & SUCCEEDED};
    return known;
}

void case_groups_forget(struct case_groups *groups)
{
    map_done(&groups->number);
    arena_done(&groups->arena);
    arena_init(&groups->arena, GROUPS_BYTES);
    map_init(&groups->number, &groups->arena, GROUPS_MAX);
}

static enum err add_alike(struct db *db, const struct case_object *o, struct error *error)
{
    const struct str texts[] = {o->host, o->dossier, o->rule, o->title};
    struct sqlite3_stmt *s = db_get(db, ADD_ALIKE);
    db_lend_blob(s, 1, str_make((const char *)o->alike, CASE_KEY_BYTES));
    for (int i = 0; i < (int)ARRAY_LEN(texts); i++)
        db_lend_str(s, 2 + i, texts[i]);
    db_put_i64(s, 6, o->grade);
    db_lend_str(s, 7, o->target);
    db_lend_str(s, 8, o->account);
    db_lend_str(s, 9, o->mailbox);
    db_put_i64(s, 10, flags_of(o));
    return db_run(db, s, error);
}

enum err case_alike_of(struct db *db, struct case_groups *groups, struct case_object *o,
                       uint64_t *ret, struct error *error)
{
    const struct str key = str_make((const char *)o->alike, CASE_KEY_BYTES);
    *ret = 0;
    if (!o->counted)
        return OK;
    TRY(case_alike_read(o));
    const uint32_t *known = groups ? map_get(&groups->number, key) : NULL;
    if (known) {
        *ret = *known;
        return OK;
    }
    struct sqlite3_stmt *s = db_get(db, FIND_ALIKE);
    db_lend_blob(s, 1, key);
    enum err rc = db_row(db, s, error);
    if (rc == END) {
        TRY(add_alike(db, o, error));
        *ret = db_last_number(db);
    } else {
        TRY(rc);
        *ret = (uint64_t)db_i64(s, 0);
    }
    if (groups && groups->number.n < GROUPS_MAX && *ret <= UINT32_MAX)
        TRY(map_put(&groups->number, key, (uint32_t)*ret));
    return OK;
}

void case_put_sums(struct sqlite3_stmt *s, int at, const struct case_object *o)
{
    case_put_time(s, at, o->counted ? o->last_us : TIME_NONE);
    if (o->counted) {
        db_put_i64(s, at + 1, (int64_t)o->records);
        db_put_i64(s, at + 2, (int64_t)o->bytes);
    } else {
        db_put_str(s, at + 1, STR_NONE);
        db_put_str(s, at + 2, STR_NONE);
    }
}

enum err case_count_it(struct db *db, uint64_t item, struct case_object *o, struct error *error)
{
    uint64_t alike;
    TRY(case_alike_of(db, NULL, o, &alike, error));
    struct sqlite3_stmt *s = db_get(db, SET_ALIKE);
    db_put_i64(s, 1, (int64_t)item);
    db_put_i64(s, 2, (int64_t)alike);
    case_put_sums(s, 3, o);
    return db_run(db, s, error);
}

/* ---- what is told ---- */

/* Columns hold texts as the object has them, with its escapes. */
static struct str plain(struct arena *a, struct str s)
{
    return s.p && str_chr(s, '\\') >= 0 ? json_unescape(a, s, true) : s;
}

enum err case_alike(struct case_store *c,
                    enum err (*tell)(void *ctx, const struct case_alike *alike), void *ctx,
                    struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, ALIKE);
    struct arena row;
    enum err rc;
    arena_init(&row, CASE_LINE_BYTES);
    while (!(rc = db_row(&c->file->db, s, error))) {
        int64_t grade = db_i64(s, 4);
        struct case_alike a = {.host = plain(&row, db_str(s, 0)),
                               .dossier = plain(&row, db_str(s, 1)),
                               .rule = plain(&row, db_str(s, 2)),
                               .title = plain(&row, db_str(s, 3)),
                               .grade = grade > 0 && grade <= GRADE_COMPROMISE ? (enum grade)grade
                                                                               : GRADE_WEAK,
                               .n = (uint64_t)db_i64(s, 5),
                               .first_us = case_time_of(s, 6),
                               .last_us = case_time_of(s, 7)};
        if ((rc = tell(ctx, &a)))
            break;
        arena_reset(&row);
    }
    arena_done(&row);
    return rc == END ? OK : rc;
}

static struct case_group group_of(struct arena *a, struct sqlite3_stmt *s)
{
    struct case_object o;
    (void)case_alike_columns(s, 0, &o);
    return (struct case_group){.host = plain(a, o.host),
                               .dossier = plain(a, o.dossier),
                               .rule = plain(a, o.rule),
                               .title = plain(a, o.title),
                               .target_host = plain(a, o.target),
                               .account = plain(a, o.account),
                               .mailbox = plain(a, o.mailbox),
                               .grade = (enum grade)o.grade,
                               .aside = o.aside,
                               .answered = o.answered,
                               .succeeded = o.succeeded,
                               .number = (uint64_t)db_i64(s, SUMS),
                               .n = (uint64_t)db_i64(s, SUMS + 1),
                               .timed = (uint64_t)db_i64(s, SUMS + 2),
                               .records = (uint64_t)db_i64(s, SUMS + 3),
                               .bytes = (uint64_t)db_i64(s, SUMS + 4),
                               .first_us = case_time_of(s, SUMS + 5),
                               .last_us = case_time_of(s, SUMS + 6),
                               .item = (uint64_t)db_i64(s, SUMS + 8)};
}

enum err case_groups(struct case_store *c,
                     enum err (*tell)(void *ctx, const struct case_group *group), void *ctx,
                     struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, GROUPS);
    struct arena row;
    enum err rc;
    arena_init(&row, CASE_LINE_BYTES);
    while (!(rc = db_row(&c->file->db, s, error))) {
        struct case_group g = group_of(&row, s);
        if ((rc = tell(ctx, &g)))
            break;
        arena_reset(&row);
    }
    arena_done(&row);
    return rc == END ? OK : rc;
}

enum err case_members(struct case_store *c, uint64_t group,
                      enum err (*tell)(void *ctx, const struct case_group *member), void *ctx,
                      struct error *error)
{
    struct sqlite3_stmt *s = case_get(c, MEMBERS);
    enum err rc;
    db_put_i64(s, 1, (int64_t)group);
    while (!(rc = db_row(&c->file->db, s, error))) {
        struct case_group one = {.number = group,
                                 .n = 1,
                                 .timed = !db_is_null(s, 1),
                                 .item = (uint64_t)db_i64(s, 0),
                                 .first_us = case_time_of(s, 1),
                                 .last_us = case_time_of(s, 2),
                                 .records = (uint64_t)db_i64(s, 3),
                                 .bytes = (uint64_t)db_i64(s, 4)};
        if ((rc = tell(ctx, &one)))
            break;
    }
    return rc == END ? OK : rc;
}

enum err case_group_of(struct case_store *c, struct str id, uint64_t *ret_group, uint64_t *ret_item,
                       struct error *error)
{
    unsigned char key[CASE_KEY_BYTES];
    struct sqlite3_stmt *s = case_get(c, GROUP_OF);
    case_key_of(id, key);
    db_lend_blob(s, 1, str_make((const char *)key, sizeof key));
    enum err rc = db_row(&c->file->db, s, error);
    if (rc)
        return rc;
    *ret_group = (uint64_t)db_i64(s, 0);
    *ret_item = (uint64_t)db_i64(s, 1);
    return OK;
}
