#include "base/map.h"
#include "dossier/indicator_sink.h"
#include "dossier/stix_pattern.h"

/* A bundle, a list of objects, or one object. */
static const struct node *objects(const struct node *root)
{
    const struct node *list = node_get(root, "objects");
    return list ? list : root;
}

static int sniff(struct str text, const struct node *root)
{
    const struct node *item;
    (void)text;
    if (!root)
        return 0;
    if (str_eq(node_text(root, "type"), STR("bundle")))
        return 100;
    size_t n = node_items(objects(root), &item);
    return n && str_find(node_text(&item[0], "id"), STR("--")) > 0 && node_text(&item[0], "type").n
               ? 70
               : 0;
}

static bool has_type(const struct node *object, const char *name)
{
    const struct node *item, *list = node_get(object, "indicator_types");
    size_t n = node_items(list ? list : node_get(object, "labels"), &item);
    for (size_t i = 0; i < n; i++)
        if (item[i].type == NODE_SCALAR && str_eq(item[i].text, str_of(name)))
            return true;
    return false;
}

/* ---- marks ---- */

/* As published, of TLP 2.0 and TLP 1.0. */
static const struct {
    const char *id;
    enum tlp tlp;
} published[] = {
    {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", TLP_CLEAR},
    {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", TLP_GREEN},
    {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", TLP_AMBER},
    {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", TLP_AMBER_STRICT},
    {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", TLP_RED},
    {"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", TLP_CLEAR},
    {"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", TLP_GREEN},
    {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", TLP_AMBER},
    {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", TLP_RED},
};

static struct str text_of(const struct node *item)
{
    return item->type == NODE_SCALAR ? item->text : STR_NONE;
}

static void put_mark(struct indicator_sink *sink, struct map *marks, struct str id, enum tlp tlp)
{
    const uint32_t *had = id.n ? map_get(marks, id) : NULL;
    enum err rc = !id.n ? OK : map_put(marks, id, had && *had > tlp ? *had : tlp);
    sink->rc = sink->rc ? sink->rc : rc;
}

/* Statements and other markings are none of this protocol. */
static enum tlp mark_defined(struct indicator_sink *sink, const struct node *object)
{
    struct str name = node_text(object, "name");
    enum tlp mark = TLP_UNKNOWN;
    const struct node *extension = node_get(object, "extensions");
    if (str_eq(node_text(object, "definition_type"), STR("tlp")))
        mark = sink_mark(sink, object->line, node_text(node_get(object, "definition"), "tlp"));
    for (size_t i = 0; extension && extension->type == NODE_MAP && i < extension->n; i++) {
        struct str level = node_text(&extension->item[i], "tlp_2_0");
        if (level.n)
            mark = tlp_stricter(mark, sink_mark(sink, object->line, level));
    }
    if (str_istarts(name, STR("tlp:")))
        mark = tlp_stricter(mark, sink_mark(sink, object->line, name));
    return mark;
}

/* What a list says of a published identifier can only make it stricter. */
static void read_marks(struct indicator_sink *sink, const struct node *item, size_t n,
                       struct map *marks)
{
    for (size_t i = 0; i < ARRAY_LEN(published); i++)
        put_mark(sink, marks, str_of(published[i].id), published[i].tlp);
    for (size_t i = 0; i < n && !sink->rc; i++)
        if (item[i].type == NODE_MAP &&
            str_eq(node_text(&item[i], "type"), STR("marking-definition")))
            put_mark(sink, marks, node_text(&item[i], "id"), mark_defined(sink, &item[i]));
}

static enum tlp mark_of(struct indicator_sink *sink, const struct map *marks, uint32_t line,
                        struct str id)
{
    const uint32_t *tlp = id.n ? map_get(marks, id) : NULL;
    if (!tlp)
        sink_problem(sink, line, "marking %s is neither published nor in the list",
                     sink_quote(sink, id));
    return tlp ? (enum tlp) * tlp : TLP_UNKNOWN;
}

/* One that is for some properties alone counts for the whole indicator. */
static enum tlp marks_of(struct indicator_sink *sink, const struct map *marks,
                         const struct node *object)
{
    const struct node *item;
    enum tlp mark = TLP_UNKNOWN;
    size_t n = node_items(node_get(object, "object_marking_refs"), &item);
    for (size_t i = 0; i < n; i++)
        mark = tlp_stricter(mark, mark_of(sink, marks, object->line, text_of(&item[i])));
    n = node_items(node_get(object, "granular_markings"), &item);
    for (size_t i = 0; i < n; i++)
        mark = tlp_stricter(mark,
                            mark_of(sink, marks, object->line, node_text(&item[i], "marking_ref")));
    n = node_items(node_get(object, "labels"), &item);
    for (size_t i = 0; i < n; i++)
        mark = tlp_stricter(mark, sink_tags(sink, object->line, text_of(&item[i])));
    return mark;
}

/* ---- indicators ---- */

static int64_t read_time(struct indicator_sink *sink, const struct node *object, const char *key)
{
    int64_t us = TIME_NONE;
    struct str text = node_text(object, key);
    if (text.n && !time_parse(text, &us)) {
        sink_problem(sink, object->line, "%s %s is no date: taken as unbounded", key,
                     sink_quote(sink, text));
        us = TIME_NONE;
    }
    return us;
}

static struct indicator proto_of(struct indicator_sink *sink, const struct map *marks,
                                 const struct node *object)
{
    struct indicator proto = indicator_of(INDICATOR_TEXT);
    struct str name = node_text(object, "name"), id = node_text(object, "id");
    struct str confidence = node_text(object, "confidence");
    proto.note = name.n ? name : node_text(object, "description");
    proto.source = id.n ? id : STR_NONE;
    proto.from_us = read_time(sink, object, "valid_from");
    proto.until_us = read_time(sink, object, "valid_until");
    if (confidence.n && !value_weak(confidence, &proto.weak))
        sink_problem(sink, object->line, "confidence %s is not known: taken as strong",
                     sink_quote(sink, confidence));
    proto.tlp = marks_of(sink, marks, object);
    if (has_type(object, "anomalous-activity") || has_type(object, "anonymization"))
        proto.weak = true;
    return proto;
}

static void pattern_load(struct indicator_sink *sink, const struct map *marks,
                         const struct node *object)
{
    struct stix_pattern pattern;
    struct error error = {0};
    struct str id = node_text(object, "id"), text = node_text(object, "pattern");
    enum err rc = stix_pattern_parse(sink->arena, text, &pattern, &error);
    if (rc == ERR_NOMEM) {
        sink->rc = rc;
    } else if (rc) {
        sink_problem(sink, object->line, "%s: %s", sink_quote(sink, id), error.text);
        return;
    }
    struct indicator proto = proto_of(sink, marks, object);
    for (size_t i = 0; i < pattern.n_refused; i++)
        sink_problem(sink, object->line, "%s: not supported: %s", sink_quote(sink, id),
                     pattern.refused[i]);
    if (pattern.more_refused)
        sink_problem(sink, object->line, "%s: %llu more parts not supported", sink_quote(sink, id),
                     (unsigned long long)pattern.more_refused);
    for (const struct stix_term *t = pattern.terms.first; t && !sink->rc; t = t->next) {
        proto.type = t->type;
        sink_add(sink, object->line, &proto, t->value);
    }
}

static void indicator_load(struct indicator_sink *sink, const struct map *marks,
                           const struct node *object)
{
    struct str id = node_text(object, "id"), type = node_text(object, "pattern_type");
    if (str_eq(node_text(object, "revoked"), STR("true")))
        sink_problem(sink, object->line, "%s is revoked", sink_quote(sink, id));
    else if (has_type(object, "benign"))
        sink_problem(sink, object->line, "%s marks what is benign", sink_quote(sink, id));
    else if (type.n && !str_eq(type, STR("stix")))
        sink_problem(sink, object->line, "%s has a pattern of type %s", sink_quote(sink, id),
                     sink_quote(sink, type));
    else if (!node_text(object, "pattern").n)
        sink_problem(sink, object->line, "%s has no pattern", sink_quote(sink, id));
    else
        pattern_load(sink, marks, object);
}

static void load(struct indicator_sink *sink, struct str text, const struct node *root)
{
    const struct node *item;
    struct map marks;
    size_t n = node_items(objects(root), &item);
    (void)text;
    map_init(&marks, sink->arena, UINT32_MAX);
    read_marks(sink, item, n, &marks);
    for (size_t i = 0; i < n && !sink->rc; i++) {
        if (item[i].type != NODE_MAP)
            sink_problem(sink, item[i].line, "an object of the bundle is none");
        else if (str_eq(node_text(&item[i], "type"), STR("indicator")))
            indicator_load(sink, &marks, &item[i]);
    }
    map_done(&marks);
}

const struct indicator_source source_stix = {"stix", sniff, load};
