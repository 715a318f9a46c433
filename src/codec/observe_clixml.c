#include "base/utf.h"
#include "codec/observe_exchange.h"
#include "codec/observe_xml.h"

/* CLIXML, PowerShell's own export of objects (Export-Clixml), in UTF-16 or UTF-8:
 *   Objs / Obj[@RefId] / TN/T      the object's types, the nearest first; TNRef[@RefId]: as before
 *                      / ToString  the object as text
 *                      / Props, MS properties: S, B, I32, DT, Version ... [@N], or an Obj[@N]
 *                      / LST, DCT  what it holds
 *        Ref[@RefId]               an object that was written before
 * What an object tells of a build is its own server's, else that of the object it is a property of.
 * Letters that XML has not stand as _xHHHH_. */

enum {
    OBJECTS = 48, /* within each other; deeper ones are passed over: exports end far before */
    REFS = 1024,  /* objects to which a later Ref may point */
    TYPES = 4096, /* numbered lists of types */
};

enum kind {
    KIND_OTHER,
    KIND_SERVER, /* Get-ExchangeServer */
    KIND_CUSTOM, /* made by a script: columns that were selected */
    KIND_FILE,   /* a file's version */
};

struct object {
    struct exchange_object facts;
    struct observe_text called; /* the property that it is; empty: none */
    struct observe_text text;   /* itself, as text */
    bool holds;                 /* other things: what follows is not its own value */
    enum kind kind;
    uint32_t id;
};

struct reference {
    uint32_t id; /* + 1; 0: none */
    struct observe_text text;
};

struct export
{
    struct observe_reader *r;
    struct observe_xml xml;
    struct object object[OBJECTS];
    unsigned depth; /* Obj elements, also those that are passed over */
    struct reference ref[REFS];
    uint8_t type[TYPES];
    uint32_t type_id;          /* of the list at hand */
    bool in_types, first_type; /* of that list */
    struct observe_text *into; /* where the words go; NULL: nowhere */
    enum exchange_fact fact;   /* that is read into value */
    struct observe_text value;
};

static struct object *innermost(struct export *e)
{
    return e->depth && e->depth <= OBJECTS ? &e->object[e->depth - 1] : NULL;
}

static bool number(const char *text, uint32_t *ret)
{
    uint64_t n;
    if (!text || !str_u64(str_of(text), &n) || n >= UINT32_MAX)
        return false;
    *ret = (uint32_t)n;
    return true;
}

/* --- texts --- */

/* "_x000D_" at the front: the letter, else -1. */
static int32_t escaped_letter(struct str s)
{
    int32_t letter = 0;
    if (s.n < 7 || s.p[0] != '_' || s.p[1] != 'x' || s.p[6] != '_')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        int digit = ascii_hex((unsigned char)s.p[i]);
        if (digit < 0)
            return -1;
        letter = letter * 16 + digit;
    }
    return letter;
}

static void unescape(struct observe_text *t)
{
    struct str rest = observe_text_view(t);
    struct buf out;
    if (str_find(rest, STR("_x")) < 0)
        return;
    buf_init(&out, 2 * OBSERVE_TEXT_BYTES);
    while (rest.n) {
        int32_t letter = escaped_letter(rest);
        if (letter < 0)
            buf_putc(&out, rest.p[0]);
        else
            utf8_add(&out, (uint32_t)letter);
        rest = str_sub(rest, letter < 0 ? 1 : 7, rest.n);
    }
    if (!out.rc)
        observe_text_set(t, buf_view(&out));
    buf_done(&out);
}

/* --- types --- */

static enum kind kind_of(struct str type)
{
    static const struct {
        const char *end;
        enum kind kind;
    } kinds[] = {{".ExchangeServer", KIND_SERVER},
                 {".PSCustomObject", KIND_CUSTOM},
                 {".FileVersionInfo", KIND_FILE}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_iends(type, str_of(kinds[i].end)))
            return kinds[i].kind;
    return KIND_OTHER;
}

static void end_type(struct export *e)
{
    struct object *o = innermost(e);
    enum kind kind = kind_of(observe_text_view(&e->value));
    e->first_type = false;
    if (e->type_id < TYPES)
        e->type[e->type_id] = (uint8_t)kind;
    if (o)
        o->kind = kind;
}

/* --- objects --- */

static void begin_object(struct export *e, const char **a)
{
    if (++e->depth > OBJECTS)
        return;
    struct object *o = innermost(e);
    exchange_begin(&o->facts, observe_xml_line(&e->xml));
    o->kind = KIND_CUSTOM;
    o->text.n = 0;
    o->holds = false;
    observe_text_set(&o->called, str_of(observe_xml_attribute(a, "N")));
    if (!number(observe_xml_attribute(a, "RefId"), &o->id))
        o->id = UINT32_MAX;
}

/* The name of what is no server is anything's. */
static void forget_names(struct object *o)
{
    struct str called = observe_text_view(&o->called);
    if (o->kind == KIND_OTHER || o->kind == KIND_FILE)
        o->facts.fact[EXCHANGE_NAME].n = 0;
    if (str_ieq(called, STR("VersionInformation")))
        exchange_note(&o->facts, EXCHANGE_SETUP,
                      observe_text_view(&o->facts.fact[EXCHANGE_BUILD_VERSION]));
    if (str_ieq(called, STR("ExchangeSetup")))
        exchange_note(&o->facts, EXCHANGE_SETUP,
                      observe_text_view(&o->facts.fact[EXCHANGE_FILE_VERSION]));
}

/* What a property that is an object tells of the object that has it. */
static void tell_parent(const struct object *o, struct object *parent)
{
    struct exchange_object *to = &parent->facts;
    struct str called = observe_text_view(&o->called);
    enum exchange_fact fact;
    if (!to->fact[EXCHANGE_SETUP].n && o->facts.fact[EXCHANGE_SETUP].n) {
        to->fact[EXCHANGE_SETUP] = o->facts.fact[EXCHANGE_SETUP];
        exchange_note(to, EXCHANGE_NO_SETUP, observe_text_view(&o->facts.fact[EXCHANGE_NO_SETUP]));
    }
    exchange_note(to, EXCHANGE_DIRECTORY, observe_text_view(&o->facts.fact[EXCHANGE_DIRECTORY]));
    if (exchange_fact(called, &fact))
        exchange_note(to, fact, observe_text_view(&o->text));
}

static void remember(struct export *e, const struct object *o)
{
    struct reference *ref = &e->ref[o->id % REFS];
    struct str setup = observe_text_view(&o->facts.fact[EXCHANGE_SETUP]);
    if (o->id == UINT32_MAX)
        return;
    ref->id = o->id + 1;
    observe_text_set(&ref->text, setup.n ? setup : observe_text_view(&o->text));
}

/* A build is told with its own server; without one it is its parent's. */
static void end_object(struct export *e)
{
    struct object *o = innermost(e);
    if (o) {
        struct object *parent = e->depth > 1 && o->called.n ? o - 1 : NULL;
        forget_names(o);
        exchange_settle(&o->facts, e->depth == 1);
        remember(e, o);
        if (!parent || (exchange_tells_build(&o->facts) && exchange_host(&o->facts).n))
            observe_xml_keep(&e->xml, exchange_give(e->r, &o->facts));
        else
            tell_parent(o, parent);
    }
    e->depth--;
}

/* --- properties --- */

static void begin_property(struct export *e, const char *name)
{
    e->value.n = 0;
    e->into = innermost(e) && exchange_fact(str_of(name), &e->fact) ? &e->value : NULL;
}

static void note(struct export *e, enum exchange_fact fact, struct str value)
{
    struct object *o = innermost(e);
    if (o)
        exchange_note(&o->facts, fact, value);
}

/* A property whose object was written before. */
static void refer(struct export *e, const char **a)
{
    const char *name = observe_xml_attribute(a, "N");
    enum exchange_fact fact;
    uint32_t id;
    if (!name || !exchange_fact(str_of(name), &fact) ||
        !number(observe_xml_attribute(a, "RefId"), &id))
        return;
    const struct reference *ref = &e->ref[id % REFS];
    if (ref->id == id + 1)
        note(e, fact, observe_text_view(&ref->text));
    else if (fact == EXCHANGE_DIRECTORY || fact == EXCHANGE_SETUP)
        observe_xml_keep(&e->xml, observe_gap(e->r, observe_xml_line(&e->xml), e->r->offset,
                                              OBSERVE_BAD_BUILD,
                                              STR("it stands in an object too far before")));
}

static void begin_types(struct export *e, const char **a)
{
    e->in_types = e->first_type = true;
    if (!number(observe_xml_attribute(a, "RefId"), &e->type_id))
        e->type_id = TYPES;
}

static void refer_types(struct export *e, const char **a)
{
    uint32_t id;
    struct object *o = innermost(e);
    bool known = number(observe_xml_attribute(a, "RefId"), &id) && id < TYPES;
    if (o)
        o->kind = known ? e->type[id] : KIND_OTHER;
}

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* An element without a name: the object as text, its value, or where it begins to hold others. */
static void begin_inside(struct export *e, struct object *o, const char *name)
{
    static const char *const values[] = {"ToString", "S", "DT", "Version"}, *const holders[] = {
                                                                                "LST", "DCT", "STK",
                                                                                "QUE", "IE"};
    if (is_one_of(name, holders, ARRAY_LEN(holders)))
        o->holds = true;
    else if (!o->holds && !o->text.n && is_one_of(name, values, ARRAY_LEN(values)))
        e->into = &o->text;
}

static void on_begin(void *ctx, const char *name, const char **a)
{
    struct export *e = ctx;
    const char *called = observe_xml_attribute(a, "N");
    e->into = NULL;
    if (strcmp(name, "Obj") == 0) {
        begin_object(e, a);
    } else if (strcmp(name, "TN") == 0) {
        begin_types(e, a);
    } else if (strcmp(name, "T") == 0 && e->in_types && e->first_type) {
        e->value.n = 0;
        e->into = &e->value;
    } else if (strcmp(name, "TNRef") == 0) {
        refer_types(e, a);
    } else if (strcmp(name, "Ref") == 0) {
        refer(e, a);
    } else if (strcmp(name, "Nil") == 0 && called && strcmp(called, "ExchangeSetup") == 0) {
        note(e, EXCHANGE_NO_SETUP, STR("true"));
    } else if (called) {
        begin_property(e, called);
    } else if (innermost(e)) {
        begin_inside(e, innermost(e), name);
    }
}

static void on_end(void *ctx, const char *name)
{
    struct export *e = ctx;
    struct observe_text *read = e->into;
    e->into = NULL;
    if (read)
        unescape(read);
    if (strcmp(name, "Obj") == 0)
        end_object(e);
    else if (strcmp(name, "TN") == 0)
        e->in_types = false;
    else if (read && strcmp(name, "T") == 0)
        end_type(e);
    else if (read == &e->value)
        note(e, e->fact, observe_text_view(&e->value));
}

static void on_words(void *ctx, struct str text)
{
    struct export *e = ctx;
    if (e->into)
        observe_text_add(e->into, text);
}

/* --- the file --- */

/* What the file's end cut is told as far as it was read; whether HealthChecker took the directory's
 * version for ExSetup's may stand behind it. */
static enum err end_open_objects(struct export *e)
{
    if (e->into)
        e->into->n = 0; /* half a version is another one */
    while (e->depth && !e->xml.rc) {
        struct object *o = innermost(e);
        if (o && !o->facts.fact[EXCHANGE_SETUP].n)
            exchange_note(&o->facts, EXCHANGE_NO_SETUP, STR("true"));
        end_object(e);
    }
    return e->xml.rc;
}

static enum err read(struct observe_reader *r)
{
    struct export *e = arena_new(&r->arena, struct export);
    if (!e)
        return fail(r->error, ERR_NOMEM, "out of memory");
    memset(e, 0, sizeof *e);
    e->r = r;
    e->xml =
        (struct observe_xml){.r = r, .begin = on_begin, .end = on_end, .words = on_words, .ctx = e};
    struct str mark = STR("#< CLIXML"); /* how PowerShell marks it between other output */
    if (str_starts(observe_view(r), mark))
        observe_take(r, mark.n);
    enum err rc = observe_xml_read(&e->xml);
    enum err cut = end_open_objects(e);
    return cut ? cut : rc;
}

static bool is(struct str head, struct str name)
{
    (void)name;
    head = str_sub(head, 0, 4096);
    return str_has(head, STR("<Objs ")) && str_has(head, STR("schemas.microsoft.com/powershell"));
}

const struct observe_format observe_clixml = {.name = "clixml",
                                              .help = "PowerShell's Export-Clixml: "
                                                      "Get-ExchangeServer, ExSetup, HealthChecker",
                                              .is = is,
                                              .read = read,
                                              .hostless = true};
