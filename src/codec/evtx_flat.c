#include "codec/evtx_flat.h"

#include "base/hash.h"

enum {
    ALL_ENTRIES = 128 * 1024,
    SLOTS = 512, /* more than twice as many as names are kept apart */
};

/* Where in an event the walk is. */
struct context {
    enum evtx_section section;
    struct str top;  /* of EVTX_OTHER: the name in front of all others */
    struct str name; /* of the element */
};

/* A value that is being put together. */
struct pieces {
    uint32_t first, last;
    bool blank; /* nothing but fixed white space so far */
};

/* str_eq where it is asked dozens of times a template. */
static inline bool same(struct str a, struct str b)
{
    return a.n == b.n && a.p[0] == b.p[0] && memcmp(a.p, b.p, a.n) == 0;
}

void evtx_flat_done(struct evtx_flat *f)
{
    vec_done(&f->entries);
    vec_done(&f->parts);
}

/* ---- names ---- */

/* Attributes of System that have a name of their own. */
static const struct {
    struct str element, attribute, name;
} system_names[] = {
    {STR("Provider"), STR("EventSourceName"), STR("EventSourceName")},
    {STR("EventID"), STR("Qualifiers"), STR("Qualifiers")},
    {STR("TimeCreated"), STR("SystemTime"), STR("SystemTime")},
    {STR("Correlation"), STR("ActivityID"), STR("ActivityID")},
    {STR("Correlation"), STR("RelatedActivityID"), STR("RelatedActivityID")},
};

/* All fields of System, and whether they are mostly the same in all events of a kind. */
static const struct {
    struct str name;
    bool keyed;
} system_fields[] = {
    {STR("Provider_Name"), true},
    {STR("Provider_Guid"), true},
    {STR("EventSourceName"), true},
    {STR("EventID"), true},
    {STR("Qualifiers"), true},
    {STR("Version"), true},
    {STR("Level"), true},
    {STR("Task"), true},
    {STR("Opcode"), true},
    {STR("Keywords"), true},
    {STR("Channel"), true},
    {STR("SystemTime"), false},
    {STR("EventRecordID"), false},
    {STR("ActivityID"), false},
    {STR("RelatedActivityID"), false},
    {STR("Execution_ProcessID"), false},
    {STR("Execution_ThreadID"), false},
    {STR("Computer"), false},
    {STR("Security_UserID"), false},
};

static int system_field(struct str name)
{
    for (size_t i = 0; name.n && i < ARRAY_LEN(system_fields); i++)
        if (same(system_fields[i].name, name))
            return (int)i;
    return -1;
}

static enum err joined(struct evtx_flat *f, struct str a, char between, struct str b,
                       struct str *ret_name)
{
    char *p = arena_alloc(f->arena, a.n + b.n + 2);
    if (!p)
        return evtx_tree_no_room(f->tree, f->arena, a.n + b.n + 2);
    memcpy(p, a.p, a.n);
    p[a.n] = between;
    memcpy(p + a.n + 1, b.p, b.n);
    *ret_name = str_make(p, a.n + 1 + b.n);
    return OK;
}

/* Each byte of it is work: a long name may be in front of thousands of short ones. */
static enum err prefixed(struct evtx_flat *f, struct str prefix, struct str name,
                         struct str *ret_name)
{
    TRY(evtx_tree_work(f->tree, prefix.n + name.n));
    return joined(f, prefix, '_', name, ret_name);
}

/* No name of another section passes for one of System. */
static enum err apart(struct evtx_flat *f, const struct context *c, struct str name,
                      struct str *ret_name)
{
    *ret_name = name;
    if (c->section == EVTX_OTHER && c->top.p != name.p)
        return prefixed(f, c->top, name, ret_name);
    if (c->section == EVTX_SYSTEM || system_field(name) < 0)
        return OK;
    return prefixed(f,
                    c->section == EVTX_EVENTDATA  ? STR("EventData")
                    : c->section == EVTX_USERDATA ? STR("UserData")
                                                  : STR("Event"),
                    name, ret_name);
}

static enum err attribute_name(struct evtx_flat *f, const struct context *c, struct str attribute,
                               struct str *ret_name)
{
    for (size_t i = 0; c->section == EVTX_SYSTEM && i < ARRAY_LEN(system_names); i++)
        if (str_eq(system_names[i].element, c->name) &&
            str_eq(system_names[i].attribute, attribute)) {
            *ret_name = system_names[i].name;
            return OK;
        }
    TRY(prefixed(f, c->name, attribute, ret_name));
    /* The name of the section itself is in front already. */
    return c->section == EVTX_OTHER && c->top.p == c->name.p ? OK
                                                             : apart(f, c, *ret_name, ret_name);
}

static struct context inside(const struct context *c, struct str name)
{
    struct context in = {c->section, c->top, name};
    if (c->section == EVTX_ROOT && str_eq(name, STR("Event"))) {
        in.section = EVTX_EVENT;
    } else if (c->section <= EVTX_EVENT) {
        in.section = str_eq(name, STR("System"))      ? EVTX_SYSTEM
                     : str_eq(name, STR("EventData")) ? EVTX_EVENTDATA
                     : str_eq(name, STR("UserData"))  ? EVTX_USERDATA
                                                      : EVTX_OTHER;
        in.top = name;
    }
    return in;
}

struct str evtx_entity(struct str name)
{
    static const struct {
        struct str name, is;
    } known[] = {{STR("lt"), STR("<")},
                 {STR("gt"), STR(">")},
                 {STR("amp"), STR("&")},
                 {STR("quot"), STR("\"")},
                 {STR("apos"), STR("'")}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq(known[i].name, name))
            return known[i].is;
    return STR_NONE;
}

/* ---- values ---- */

static bool is_blank(const struct evtx_part *part)
{
    if (part->is != EVTX_PART_FIXED || part->value.type != EVTX_STRING)
        return false;
    for (uint32_t i = 0; i + 1 < part->value.n; i += 2)
        if (!ascii_space(part->value.p[i]) || part->value.p[i + 1])
            return false;
    return true;
}

static enum err too_many(struct evtx_flat *f, enum err rc)
{
    if (rc == ERR_LIMIT)
        f->tree->why = "more values than a record may have";
    return rc;
}

static enum err part_add(struct evtx_flat *f, struct pieces *to, struct evtx_part part)
{
    uint32_t at = (uint32_t)f->parts.n;
    bool begins = to->first == EVTX_NO_PART;
    part.begins = begins;
    part.next = EVTX_NO_PART;
    to->blank = (begins || to->blank) && is_blank(&part);
    TRY(too_many(f, vec_push(&f->parts, part, ALL_ENTRIES)));
    if (begins)
        to->first = at;
    else
        f->parts.v[to->last].next = at;
    to->last = at;
    return OK;
}

static enum err entry_add(struct evtx_flat *f, struct str name, bool keyed, struct pieces *value)
{
    struct evtx_entry entry = {name, keyed, value->first, value->last};
    if (value->first == EVTX_NO_PART || value->blank)
        return OK;
    return too_many(f, vec_push(&f->entries, entry, ALL_ENTRIES));
}

static enum err part_of_node(struct evtx_flat *f, const struct evtx_node *node,
                             const struct evtx_place *place, struct pieces *to)
{
    struct evtx_part part = {.value = place->value};
    if (place->is == EVTX_IS_VALUE) {
        part.is = node->kind == EVTX_SUB ? EVTX_PART_VALUE : EVTX_PART_FIXED;
    } else if (node->kind == EVTX_ENTITY) {
        struct str is = evtx_entity(node->name);
        part.is = EVTX_PART_NAMED;
        part.text = is.p ? is : node->name;
    } else {
        return OK;
    }
    return part_add(f, to, part);
}

/* A value that a template leaves open. */
static enum err part_of_sub(struct evtx_flat *f, const struct evtx_node *node,
                            enum evtx_section where, struct pieces *to)
{
    struct evtx_part part = {.is = EVTX_PART_SUB, .optional = node->optional, .sub = node->sub};
    f->n_subs = node->sub >= f->n_subs ? node->sub + 1u : f->n_subs;
    if (node->value.type != EVTX_BINXML)
        return part_add(f, to, part);
    f->odd |= f->nests || where != EVTX_EVENT;
    f->nests = true;
    f->nest_sub = node->sub;
    f->nest_at = (uint32_t)f->entries.n;
    return OK;
}

static enum err walk(struct evtx_flat *f, const struct evtx_node *nodes, struct evtx_bind bind,
                     const struct context *c, unsigned depth, struct pieces *text);

/* ---- elements ---- */

static enum err attribute(struct evtx_flat *f, const struct evtx_node *node, struct evtx_bind bind,
                          struct pieces *ret_value)
{
    static const struct context nowhere = {.section = EVTX_OTHER};
    *ret_value = (struct pieces){EVTX_NO_PART, EVTX_NO_PART, false};
    return walk(f, node->content, bind, &nowhere, EVTX_DEPTH - 1, ret_value);
}

static bool is_namespace(struct str name)
{
    return str_eq(name, STR("xmlns")) || str_starts(name, STR("xmlns:"));
}

/* The text of an attribute that names a field; empty: it names none. */
static enum err own_name(struct evtx_flat *f, const struct pieces *value, struct str *ret_name)
{
    size_t bound = 1;
    *ret_name = STR("");
    for (uint32_t i = value->first; i != EVTX_NO_PART; i = f->parts.v[i].next) {
        f->odd |= f->parts.v[i].is == EVTX_PART_SUB;
        bound += evtx_value_bound(f->parts.v[i].value.n) + f->parts.v[i].text.n;
    }
    char *p = arena_alloc(f->arena, bound), *to = p;
    if (!p)
        return evtx_tree_no_room(f->tree, f->arena, bound);
    for (uint32_t i = value->first; i != EVTX_NO_PART; i = f->parts.v[i].next) {
        const struct evtx_part *part = &f->parts.v[i];
        to = evtx_value_put(to, part->value, f->tree->p + f->tree->n);
        memcpy(to, part->text.n ? part->text.p : "", part->text.n);
        to += part->text.n;
    }
    *ret_name = str_make(p, (size_t)(to - p));
    return OK;
}

/* <Data Name="Image">: its name is that of the field. */
static enum err data_name(struct evtx_flat *f, const struct evtx_node *node, struct evtx_bind bind,
                          struct context *c)
{
    if (c->section != EVTX_EVENTDATA || !str_eq(c->name, STR("Data")))
        return OK;
    for (const struct evtx_node *a = node->attribute; a; a = a->next) {
        struct pieces value;
        struct str name;
        if (!str_eq(a->name, STR("Name")))
            continue;
        TRY(attribute(f, a, bind, &value));
        TRY(own_name(f, &value, &name));
        if (name.n)
            c->name = name;
        return OK;
    }
    return OK;
}

static enum err element(struct evtx_flat *f, const struct evtx_node *node, struct evtx_bind bind,
                        const struct context *around, unsigned depth)
{
    struct context c = inside(around, node->name);
    struct pieces value;
    struct str name;
    bool is_data = c.section == EVTX_EVENTDATA && str_eq(c.name, STR("Data"));
    if (depth >= EVTX_DEPTH) {
        f->tree->why = "nested too deeply";
        return ERR_LIMIT;
    }
    TRY(evtx_tree_work(f->tree, node->name.n + 1));
    TRY(data_name(f, node, bind, &c));
    for (const struct evtx_node *a = node->attribute; a; a = a->next) {
        if (is_namespace(a->name) || (is_data && str_eq(a->name, STR("Name"))))
            continue;
        TRY(evtx_tree_work(f->tree, 1));
        TRY(attribute_name(f, &c, a->name, &name));
        int known = c.section == EVTX_SYSTEM ? system_field(name) : -1;
        TRY(attribute(f, a, bind, &value));
        TRY(entry_add(f, name, known >= 0 && system_fields[known].keyed, &value));
    }
    value = (struct pieces){EVTX_NO_PART, EVTX_NO_PART, false};
    TRY(walk(f, node->content, bind, &c, depth + 1, &value));
    int known = c.section == EVTX_SYSTEM ? system_field(c.name) : -1;
    TRY(apart(f, &c, c.name, &name));
    return entry_add(f, name, known >= 0 && system_fields[known].keyed, &value);
}

static enum err walk(struct evtx_flat *f, const struct evtx_node *nodes, struct evtx_bind bind,
                     const struct context *c, unsigned depth, struct pieces *text)
{
    for (const struct evtx_node *node = nodes; node; node = node->next) {
        struct evtx_place place;
        if (node->kind == EVTX_ELEMENT) {
            TRY(element(f, node, bind, c, depth));
            continue;
        }
        if (f->symbolic && node->kind == EVTX_INSTANCE)
            f->odd = true;
        if (f->symbolic && node->kind == EVTX_SUB) {
            TRY(part_of_sub(f, node, c->section, text));
            continue;
        }
        TRY(evtx_tree_place(f->tree, node, bind, &place));
        if (place.is != EVTX_IS_NODES) {
            TRY(part_of_node(f, node, &place, text));
        } else if (depth + 1 >= EVTX_DEPTH) {
            f->tree->why = "nested too deeply";
            return ERR_LIMIT;
        } else {
            TRY(walk(f, place.nodes, place.bind, c, depth + 1, text));
        }
    }
    return OK;
}

enum err evtx_flat(struct evtx_flat *f, const struct evtx_node *nodes, struct evtx_bind bind,
                   enum evtx_section where)
{
    struct context c = {.section = where};
    struct pieces text = {EVTX_NO_PART, EVTX_NO_PART, false};
    f->entries.n = f->parts.n = 0;
    f->odd = f->nests = false;
    f->nest_at = f->n_subs = f->nest_sub = 0;
    /* As deep as the nodes of a template stand in a whole record. */
    unsigned depth = !f->symbolic ? 0 : where == EVTX_ROOT ? 1 : 4;
    TRY(walk(f, nodes, bind, &c, depth, &text));
    /* Text beside the event's element belongs to none. */
    return text.first == EVTX_NO_PART || text.blank ? OK : entry_add(f, STR("Event"), false, &text);
}

/* ---- one entry a name ---- */

static void go_on(struct evtx_flat *f, struct evtx_entry *entry, const struct evtx_entry *more)
{
    f->parts.v[entry->last].next = more->first;
    entry->last = more->last;
}

/* In the last entry, behind its own name. */
static enum err to_others(struct evtx_flat *f, struct evtx_entry *others, struct evtx_entry entry)
{
    struct pieces value = {EVTX_NO_PART, EVTX_NO_PART, false};
    struct str label;
    TRY(joined(f, entry.name, ':', STR(" "), &label));
    struct evtx_part part = {.is = EVTX_PART_NAMED, .text = label};
    TRY(part_add(f, &value, part));
    f->parts.v[value.last].next = entry.first;
    for (uint32_t i = entry.first; i != EVTX_NO_PART && i != entry.last; i = f->parts.v[i].next)
        f->parts.v[i].begins = false;
    f->parts.v[entry.first].begins = f->parts.v[entry.last].begins = false;
    entry.first = value.first;
    if (others->last == EVTX_NO_PART)
        *others = (struct evtx_entry){STR("Others"), false, entry.first, entry.last};
    else
        go_on(f, others, &entry);
    return OK;
}

/* Where the number of the entry with that name, plus one, is or would be. */
static uint16_t *slot_of(const struct evtx_flat *f, uint16_t slots[SLOTS], struct str name)
{
    size_t i = hash64(name, 0) % SLOTS;
    while (slots[i] && !str_eq(f->entries.v[slots[i] - 1].name, name))
        i = (i + 1) % SLOTS;
    return &slots[i];
}

enum err evtx_flat_merge(struct evtx_flat *f, size_t max)
{
    struct evtx_entry others = {.first = EVTX_NO_PART, .last = EVTX_NO_PART};
    uint16_t slots[SLOTS] = {0};
    size_t n = 0;
    for (size_t i = 0; i < f->entries.n; i++) {
        struct evtx_entry entry = f->entries.v[i];
        uint16_t *slot = slot_of(f, slots, entry.name);
        if (*slot) {
            go_on(f, &f->entries.v[*slot - 1], &entry);
        } else if (n < max - 1) {
            f->entries.v[n++] = entry;
            *slot = (uint16_t)n;
        } else {
            TRY(to_others(f, &others, entry));
        }
    }
    if (others.first != EVTX_NO_PART)
        f->entries.v[n++] = others;
    f->entries.n = n;
    return OK;
}
