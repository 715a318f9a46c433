#include "base/buf.h"
#include "base/time.h"
#include "base/wr.h"
#include "codec/json.h"
#include "model/answer.h"
#include "store/case_priv.h"

#include <string.h>

/* How to add a type: what an object is about, and which member is its time, is one line here. Of
 * unknown types each object is about itself. */
static const struct case_kind {
    const char *type, *identity[CASE_IDENTITY], *time;
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
    /* What is said of a thing last is what holds; a remark, which has no state, is of its own. */
    {"note", {"about", "remark"}, "time"},
    {"asset", {"customer", "label", "product"}, NULL},
    {"chatter", {"subject", "kind"}, NULL},
};

/* Where a copy of the evidence lies does not change what it says. */
static const char *const places[] = {"file", "line", "offset", "sha256"};

static void key_of(struct str text, unsigned char ret[CASE_KEY_BYTES])
{
    unsigned char digest[SHA256_BYTES];
    sha256_of(text, digest);
    memcpy(ret, digest, CASE_KEY_BYTES);
}

static const struct case_kind *kind_of(struct str type)
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

/* What findings are counted by; `text` absent: it is none. */
static void take_counted(struct case_object *o, struct str name, struct str value, struct str text)
{
    enum grade grade;
    uint64_t count;
    if (str_eq(name, STR("rule")))
        o->rule = text;
    else if (str_eq(name, STR("title")))
        o->title = text;
    else if (str_eq(name, STR("target_host")))
        o->target = text;
    else if (str_eq(name, STR("note")))
        o->note = text;
    else if (str_eq(name, STR("fields")) && !text.p)
        o->fields = value;
    else if (str_eq(name, STR("grade")) && grade_parse(value, &grade))
        o->grade = (int)grade;
    else if (str_eq(name, STR("last")) && text.p)
        (void)time_parse(text, &o->last_us);
    else if (str_eq(name, STR("count")) && str_u64(value, &count))
        o->records = count < CASE_SUM_MOST ? count : CASE_SUM_MOST;
}

/* A member: its value as written. Names of this program have no escapes. */
static void take_member(struct case_object *o, struct str name, struct str value, bool text)
{
    struct str plain = text ? value : STR_NONE; /* escapes stay: they are the same each time */
    if (str_eq(name, STR("host")) && text)
        o->host = value;
    else if (str_eq(name, STR("dossier")) && text)
        o->dossier = value;
    else if (str_eq(name, STR("sha256")) && text && value.n) {
        key_of(value, o->evidence);
        o->has_evidence = true;
    } else if (o->counted) {
        take_counted(o, name, value, plain);
    }
    for (size_t i = 0; o->kind && i < CASE_IDENTITY && o->kind->identity[i]; i++)
        if (str_eq(name, str_of(o->kind->identity[i])))
            o->identity[i] = value;
    if (o->kind && o->kind->time && str_eq(name, str_of(o->kind->time)) && plain.p)
        (void)time_parse(plain, &o->time_us);
}

/* sense: what it says, without its place; NULL: the type alone is looked for. */
static enum err each_member(struct case_object *o, struct buf *sense)
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
            buf_str(sense, t.key);
            buf_putc(sense, ':');
            buf_str(sense, raw);
        }
    }
}

static void identify(struct case_object *o)
{
    struct buf b;
    buf_init(&b, CASE_LINE_BYTES);
    for (size_t i = 0; o->kind && i < CASE_IDENTITY && o->kind->identity[i]; i++) {
        buf_str(&b, o->identity[i]);
        buf_putc(&b, '\n');
    }
    key_of(o->kind ? buf_view(&b) : o->line, o->key);
    if (o->kind && !strcmp(o->kind->type, "evidence"))
        memcpy(o->key, o->evidence, CASE_KEY_BYTES);
    buf_done(&b);
}

void case_key_of(struct str id, unsigned char ret[CASE_KEY_BYTES])
{
    struct case_object o = {.kind = kinds, .identity = {id}};
    identify(&o);
    memcpy(ret, o.key, CASE_KEY_BYTES);
}

enum err case_object_read(struct str line, struct case_object *ret, struct error *error)
{
    struct buf sense;
    *ret = (struct case_object){.line = line, .time_us = TIME_NONE, .last_us = TIME_NONE};
    if (each_member(ret, NULL) || !ret->type.n)
        return fail(error, ERR_FORMAT, "a case takes objects with a type");
    ret->kind = kind_of(ret->type);
    ret->counted = str_eq(ret->type, STR("finding"));
    buf_init(&sense, line.n);
    (void)buf_reserve(&sense, line.n);
    enum err rc = each_member(ret, &sense);
    rc = rc ? rc : sense.rc;
    key_of(buf_view(&sense), ret->sense);
    identify(ret);
    buf_done(&sense);
    return rc;
}
