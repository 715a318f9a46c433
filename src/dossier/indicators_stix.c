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

static struct indicator proto_of(struct indicator_sink *sink, const struct node *object)
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
    if (has_type(object, "anomalous-activity") || has_type(object, "anonymization"))
        proto.weak = true;
    return proto;
}

static void pattern_load(struct indicator_sink *sink, const struct node *object)
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
    struct indicator proto = proto_of(sink, object);
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

static void indicator_load(struct indicator_sink *sink, const struct node *object)
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
        pattern_load(sink, object);
}

static void load(struct indicator_sink *sink, struct str text, const struct node *root)
{
    const struct node *item;
    size_t n = node_items(objects(root), &item);
    (void)text;
    for (size_t i = 0; i < n && !sink->rc; i++) {
        if (item[i].type != NODE_MAP)
            sink_problem(sink, item[i].line, "an object of the bundle is none");
        else if (str_eq(node_text(&item[i], "type"), STR("indicator")))
            indicator_load(sink, &item[i]);
    }
}

const struct indicator_source source_stix = {"stix", sniff, load};
