#include "codec/posts_json.h"

/* Matrix: a room's export (Element), answers of /messages and /sync, arrays and lines of events. */

enum {
    EVENT_ID,
    TYPE,
    SENDER,
    TIMESTAMP,
    MSGTYPE,
    BODY,
    ROOM_ID,
    REL_TYPE,
    REL_EVENT,
    REPLY,
    NEW_BODY,
    VALUES
};

static const struct post_path paths[VALUES] = {
    [EVENT_ID] = {POST_ID, "event_id"},
    [TYPE] = {POST_OTHER, "type"},
    [SENDER] = {POST_AUTHOR, "sender"},
    [TIMESTAMP] = {POST_TIME, "origin_server_ts"},
    [MSGTYPE] = {POST_OTHER, "content.msgtype"},
    [BODY] = {POST_TEXT, "content.body"},
    [ROOM_ID] = {POST_OTHER, "room_id"},
    [REL_TYPE] = {POST_OTHER, "content.m.relates_to.rel_type"},
    [REL_EVENT] = {POST_OTHER, "content.m.relates_to.event_id"},
    [REPLY] = {POST_OTHER, "content.m.relates_to.m.in_reply_to.event_id"},
    [NEW_BODY] = {POST_OTHER, "content.m.new_content.body"},
};

/* A reply begins with what it answers, "> <@a:b> ...", and an empty line. */
static struct str without_fallback(struct str body)
{
    struct str rest = body, line;
    bool quoted = false;
    while (str_starts(rest, STR(">")) && str_cut(&rest, '\n', &line))
        quoted = true;
    if (!quoted)
        return body;
    if (!rest.p)
        return STR_NONE;
    return str_starts(rest, STR("\n")) ? str_sub(rest, 1, rest.n) : rest;
}

/* Of pictures and files the body is but a name. */
static bool is_text(const struct json_value *msgtype)
{
    return !msgtype->kind || json_is(msgtype, STR("m.text")) || json_is(msgtype, STR("m.notice")) ||
           json_is(msgtype, STR("m.emote"));
}

static enum err event(struct json_split *s, const struct json_element *e)
{
    struct post_reader *r = json_split_reader(s);
    struct json_value v[VALUES];
    struct post post;
    enum err rc = post_fill(r, e, paths, VALUES, v, &post);
    if (rc)
        return rc == END ? OK : rc;
    if (!json_is(&v[TYPE], STR("m.room.message")) || !is_text(&v[MSGTYPE]))
        return OK;
    if (json_is(&v[REL_TYPE], STR("m.replace"))) { /* the same message, said better */
        post.id = json_value_text(&r->arena, &v[REL_EVENT]);
        if (json_given(&v[NEW_BODY]))
            post.text = json_value_text(&r->arena, &v[NEW_BODY]);
    } else if (json_is(&v[REL_TYPE], STR("m.thread"))) {
        post.thread = json_value_text(&r->arena, &v[REL_EVENT]);
    } else if (json_given(&v[REPLY])) {
        post.thread = json_value_text(&r->arena, &v[REPLY]);
    }
    if (json_given(&v[REPLY]))
        post.text = without_fallback(post.text);
    post.source = STR("matrix");
    post.site = json_split_around(s, 0);
    if (!post.site.n)
        post.site = json_value_text(&r->arena, &v[ROOM_ID]);
    return post_give_text(r, &post);
}

static const struct json_places places = {
    .elements = {"messages[]", "chunk[]", "rooms.join.*.timeline.events[]", "events[]", "[]"},
    .around = {"room_name"},
    .element = event,
};
static const struct json_places line_places = {.elements = {""}, .element = event};

static bool is(struct str head)
{
    static const char *const signs[] = {"messages[].origin_server_ts",
                                        "chunk[].origin_server_ts",
                                        "rooms.join.*.timeline.events[].origin_server_ts",
                                        "events[].origin_server_ts",
                                        "[].origin_server_ts",
                                        "exported_by",
                                        "room_creator",
                                        "origin_server_ts"};
    uint32_t seen = json_head(head, signs, ARRAY_LEN(signs));
    return (seen & 0x9f) || (seen & 0x60) == 0x60;
}

static enum err read(struct post_reader *r)
{
    static const char *const line[] = {"origin_server_ts"};
    bool lines = json_head(str_sub(pull_view(r), 0, POSTS_HEAD_BYTES), line, 1);
    return json_split(r, lines ? &line_places : &places, NULL);
}

const struct post_format posts_matrix = {.name = "matrix",
                                         .help = "events of Matrix: room export, /messages, lines",
                                         .is = is,
                                         .read = read};
