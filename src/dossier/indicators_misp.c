#include "dossier/indicator_sink.h"

/* What an attribute's type means, part by part: "domain|ip" holds two values. Types that are not
 * here are reported by name. */
enum part {
    PART_NONE,
    PART_ADDRESS,
    PART_DOMAIN,
    PART_URL,
    PART_NAME,
    PART_AGENT,
    PART_HASH,
    PART_PORT,
    PART_TEXT
};

static const struct {
    const char *type;
    enum part first, second;
} types[] = {
    {"ip-src", PART_ADDRESS, PART_NONE},
    {"ip-dst", PART_ADDRESS, PART_NONE},
    {"ip-src|port", PART_ADDRESS, PART_PORT},
    {"ip-dst|port", PART_ADDRESS, PART_PORT},
    {"domain", PART_DOMAIN, PART_NONE},
    {"hostname", PART_DOMAIN, PART_NONE},
    {"hostname|port", PART_DOMAIN, PART_PORT},
    {"domain|ip", PART_DOMAIN, PART_ADDRESS},
    {"url", PART_URL, PART_NONE},
    {"uri", PART_URL, PART_NONE},
    {"user-agent", PART_AGENT, PART_NONE},
    {"http-user-agent", PART_AGENT, PART_NONE},
    {"filename", PART_NAME, PART_NONE},
    {"md5", PART_HASH, PART_NONE},
    {"sha1", PART_HASH, PART_NONE},
    {"sha256", PART_HASH, PART_NONE},
    {"malware-sample", PART_NAME, PART_HASH}, /* name|md5 */
    {"filename|md5", PART_NAME, PART_HASH},
    {"filename|sha1", PART_NAME, PART_HASH},
    {"filename|sha256", PART_NAME, PART_HASH},
    {"pattern-in-traffic", PART_TEXT, PART_NONE},
};

/* The events of an export: {"Event"}, {"response": [{"Event"}]}, [{"Event"}], or the answer of an
 * attribute search, {"response": {"Attribute": []}}. */
static const struct node *top(const struct node *root)
{
    const struct node *response = node_get(root, "response");
    return response ? response : root;
}

static int sniff(struct str text, const struct node *root)
{
    const struct node *item;
    (void)text;
    if (!root)
        return 0;
    size_t n = node_items(top(root), &item);
    return n && (node_get(&item[0], "Event") || node_get(&item[0], "Attribute")) ? 90 : 0;
}

static bool is_true(const struct node *map, const char *key)
{
    struct str text = node_text(map, key);
    return str_ieq(text, STR("true")) || str_eq(text, STR("1"));
}

struct event {
    struct str note, source;
    enum tlp tlp;
    uint64_t without_ids, deleted;
};

static void add_part(struct indicator_sink *sink, uint32_t line, enum part part,
                     struct indicator proto, struct str value)
{
    static const enum indicator_type type_of[] = {
        [PART_ADDRESS] = INDICATOR_ADDRESS, [PART_DOMAIN] = INDICATOR_DOMAIN,
        [PART_URL] = INDICATOR_URL,         [PART_NAME] = INDICATOR_NAME,
        [PART_AGENT] = INDICATOR_AGENT,     [PART_HASH] = INDICATOR_HASH,
        [PART_TEXT] = INDICATOR_TEXT,
    };
    if (part == PART_NONE || part == PART_PORT)
        return;
    proto.type = type_of[part];
    sink_add(sink, line, &proto, value);
}

static enum tlp tags(struct indicator_sink *sink, const struct node *holder)
{
    enum tlp mark = TLP_UNKNOWN;
    const struct node *tag;
    size_t n = node_items(node_get(holder, "Tag"), &tag);
    for (size_t i = 0; i < n; i++)
        mark = tlp_stricter(mark, sink_tags(sink, tag[i].line, node_text(&tag[i], "name")));
    return mark;
}

static void attribute(struct indicator_sink *sink, const struct node *a, struct event *event)
{
    struct str type = node_text(a, "type"), value = node_text(a, "value");
    struct str comment = node_text(a, "comment");
    if (is_true(a, "deleted")) {
        event->deleted++;
        return;
    }
    if (!is_true(a, "to_ids")) {
        event->without_ids++;
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct str first = value, second = STR_NONE;
        struct indicator proto = indicator_of(INDICATOR_TEXT);
        if (!str_eq(type, str_of(types[i].type)))
            continue;
        ptrdiff_t bar = types[i].second != PART_NONE ? str_rchr(value, '|') : -1;
        if (types[i].second != PART_NONE && bar < 0) {
            sink_problem(sink, a->line, "%s is no %s: it has one part", sink_quote(sink, value),
                         types[i].type);
            return;
        }
        if (bar >= 0) {
            first = str_sub(value, 0, (size_t)bar);
            second = str_sub(value, (size_t)bar + 1, value.n);
        }
        proto.note = comment.n ? comment : event->note;
        proto.source = event->source;
        proto.tlp = tlp_stricter(event->tlp, tags(sink, a));
        add_part(sink, a->line, types[i].second, proto, second);
        proto.weak = types[i].second == PART_HASH; /* the hash decides, not the name beside it */
        add_part(sink, a->line, types[i].first, proto, first);
        return;
    }
    sink_problem(sink, a->line, "attribute type %s is not supported: %s", sink_quote(sink, type),
                 sink_quote(sink, value));
}

static void attributes(struct indicator_sink *sink, const struct node *holder, struct event *event)
{
    const struct node *item;
    size_t n = node_items(node_get(holder, "Attribute"), &item);
    for (size_t i = 0; i < n && !sink->rc; i++)
        attribute(sink, &item[i], event);
}

static void event_load(struct indicator_sink *sink, const struct node *node)
{
    const struct node *object;
    struct event event = {.note = node_text(node, "info"),
                          .source = node_text(node, "info"),
                          .tlp = tags(sink, node)};
    attributes(sink, node, &event);
    size_t n = node_items(node_get(node, "Object"), &object);
    for (size_t i = 0; i < n; i++) {
        if (is_true(&object[i], "deleted"))
            event.deleted++;
        else
            attributes(sink, &object[i], &event);
    }
    if (event.without_ids)
        sink_problem(sink, node->line, "%llu attributes without to_ids were left out",
                     (unsigned long long)event.without_ids);
    if (event.deleted)
        sink_problem(sink, node->line, "%llu deleted attributes or objects were left out",
                     (unsigned long long)event.deleted);
}

static void load(struct indicator_sink *sink, struct str text, const struct node *root)
{
    const struct node *item;
    size_t n = node_items(top(root), &item);
    (void)text;
    for (size_t i = 0; i < n && !sink->rc; i++) {
        const struct node *event = node_get(&item[i], "Event");
        if (event || node_get(&item[i], "Attribute"))
            event_load(sink, event ? event : &item[i]);
        else
            sink_problem(sink, item[i].line, "neither an event nor attributes");
    }
}

const struct indicator_source source_misp = {"misp", sniff, load};
