#include "codec/posts_json.h"

/* MISP: an event as a post (what it is about, the texts and comments of its attributes, names from
 * galaxies), each of its reports as another. The organisation that created it is the site. */

enum { UUID, INFO, DATE, TIMESTAMP, ORG, ORG_UUID, ATTRIBUTES, OBJECTS, TAGS, REPORTS, VALUES };

static const struct post_path paths[VALUES] = {
    [UUID] = {POST_ID, "uuid"},
    [INFO] = {POST_TITLE, "info"},
    [DATE] = {POST_TIME, "date"},
    [TIMESTAMP] = {POST_TIME, "timestamp"},
    [ORG] = {POST_SITE, "Orgc.name"},
    [ORG_UUID] = {POST_SITE, "Orgc.uuid"},
    [ATTRIBUTES] = {POST_OTHER, "Attribute"},
    [OBJECTS] = {POST_OTHER, "Object"},
    [TAGS] = {POST_OTHER, "Tag"},
    [REPORTS] = {POST_OTHER, "EventReport"},
};

/* Attributes whose value is something said, or names a subject. */
static bool is_text(const struct json_value *type)
{
    static const struct str types[] = {
        {"text", 4}, {"comment", 7},       {"other", 5},          {"vulnerability", 13},
        {"link", 4}, {"threat-actor", 12}, {"campaign-name", 13}, {"weakness", 8},
    };
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (json_is(type, types[i]))
            return true;
    return false;
}

/* Hundreds of attributes may have the same comment: each is said once in a row. */
static void add_attributes(struct arena *arena, struct joined *j, const struct json_value *list)
{
    static const char *const names[] = {"type", "value", "comment"};
    struct json_scan scan;
    struct json_value key, v, got[ARRAY_LEN(names)];
    struct str last = STR_NONE;
    if (list->kind != '[' || json_scan_open(&scan, list->text))
        return;
    while (json_scan_next(&scan, &key, &v) == OK) {
        if (v.kind != '{' || json_pick(v.text, names, ARRAY_LEN(names), got))
            continue;
        if (is_text(&got[0]))
            joined_line(j, json_value_text(arena, &got[1]));
        if (json_given(&got[2]) && !str_eq(got[2].text, last))
            joined_line(j, json_value_text(arena, &got[2]));
        last = got[2].text;
    }
}

static void add_objects(struct arena *arena, struct joined *j, const struct json_value *list)
{
    static const char *const names[] = {"comment", "Attribute"};
    struct json_scan scan;
    struct json_value key, v, got[ARRAY_LEN(names)];
    if (list->kind != '[' || json_scan_open(&scan, list->text))
        return;
    while (json_scan_next(&scan, &key, &v) == OK) {
        if (v.kind != '{' || json_pick(v.text, names, ARRAY_LEN(names), got))
            continue;
        joined_line(j, json_value_text(arena, &got[0]));
        add_attributes(arena, j, &got[1]);
    }
}

/* misp-galaxy:threat-actor="HAFNIUM": the name between the quotes. */
static void add_tags(struct arena *arena, struct joined *j, const struct json_value *list)
{
    static const char *const names[] = {"name"};
    struct json_scan scan;
    struct json_value key, v, got;
    if (list->kind != '[' || json_scan_open(&scan, list->text))
        return;
    while (json_scan_next(&scan, &key, &v) == OK) {
        if (v.kind != '{' || json_pick(v.text, names, 1, &got))
            continue;
        struct str tag = json_value_text(arena, &got);
        ptrdiff_t at = str_find(tag, STR("=\""));
        if (at > 0 && str_starts(tag, STR("misp-galaxy:")))
            joined_line(j, str_sub(tag, (size_t)at + 2, tag.n - 1));
    }
}

static enum err give_reports(struct post_reader *r, const struct post *event,
                             const struct json_value *list)
{
    static const char *const names[] = {"uuid", "name", "content", "timestamp"};
    struct json_scan scan;
    struct json_value key, v, got[ARRAY_LEN(names)];
    if (list->kind != '[' || json_scan_open(&scan, list->text))
        return OK;
    while (json_scan_next(&scan, &key, &v) == OK) {
        struct post post = *event;
        int64_t us;
        bool day;
        if (v.kind != '{' || json_pick(v.text, names, ARRAY_LEN(names), got))
            continue;
        post.id = json_value_text(&r->arena, &got[0]);
        post.thread = event->id;
        post.title = json_value_text(&r->arena, &got[1]);
        post.text = json_value_text(&r->arena, &got[2]);
        if (json_given(&got[3]) && post_json_time(&got[3], &us, &day)) {
            post.time_us = us;
            post.day_only = day;
        }
        enum err rc = post_give_text(r, &post);
        if (rc)
            return rc;
    }
    return OK;
}

static enum err event(struct json_split *s, const struct json_element *e)
{
    static const char *const wrapped[] = {"Event"};
    struct post_reader *r = json_split_reader(s);
    struct json_element inner = *e;
    struct json_value v[VALUES], in;
    struct post post;
    if (json_pick(e->text, wrapped, 1, &in) == OK && in.kind == '{')
        inner.text = in.text;
    enum err rc = post_fill(r, &inner, paths, VALUES, v, &post);
    if (rc)
        return rc == END ? OK : rc;
    struct joined j = joined_open(&r->arena, inner.text.n);
    add_tags(&r->arena, &j, &v[TAGS]);
    add_attributes(&r->arena, &j, &v[ATTRIBUTES]);
    add_objects(&r->arena, &j, &v[OBJECTS]);
    post.source = STR("misp");
    post.text = joined_text(&j);
    rc = post_give_text(r, &post);
    return rc ? rc : give_reports(r, &post, &v[REPORTS]);
}

static const struct json_places places = {
    .elements = {"Event", "response[]", "response.Event", "[]"}, .element = event};

static bool is(struct str head)
{
    static const char *const signs[] = {"Event", "response[].Event", "response.Event", "[].Event"};
    return json_head(head, signs, ARRAY_LEN(signs)) != 0;
}

static enum err read(struct post_reader *r)
{
    return json_split(r, &places, NULL);
}

const struct post_format posts_misp = {
    .name = "misp", .help = "events of MISP, or of a MISP feed", .is = is, .read = read};

/* --- manifest.json of a feed: all of its events, without their attributes --- */

static const struct post_flat manifest = {
    .places = {.elements = {"*"}},
    .source = "misp",
    .site_around = -1,
    .paths = {{POST_TITLE, "info"},
              {POST_TIME, "date"},
              {POST_TIME, "timestamp"},
              {POST_SITE, "Orgc.name"}},
};

static bool is_manifest(struct str head)
{
    static const char *const signs[] = {"*.info", "*.Orgc", "*.date", "*.timestamp"};
    return json_head(head, signs, ARRAY_LEN(signs)) == 15;
}

static enum err read_manifest(struct post_reader *r)
{
    return post_flat_read(r, &manifest);
}

const struct post_format posts_misp_manifest = {.name = "misp-manifest",
                                                .help = "manifest.json of a MISP feed",
                                                .is = is_manifest,
                                                .read = read_manifest};
