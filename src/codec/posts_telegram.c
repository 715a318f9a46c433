#include "codec/posts_json.h"

/* Telegram Desktop's result.json: one chat, or all of an account. `date` has no zone, it is the
 * local time of whoever exported; date_unixtime, where there is one, is right. */

enum { ID, TYPE, FROM_ID, FROM, UNIXTIME, DATE, TEXT, FORWARDED, REPLY, POLL, TITLE, VALUES };

static const struct post_path paths[VALUES] = {
    [ID] = {POST_ID, "id"},
    [TYPE] = {POST_OTHER, "type"},
    [FROM_ID] = {POST_AUTHOR, "from_id"},
    [FROM] = {POST_AUTHOR, "from"},
    [UNIXTIME] = {POST_TIME, "date_unixtime"},
    [DATE] = {POST_TIME, "date"},
    [TEXT] = {POST_TEXT, "text"},
    [FORWARDED] = {POST_OTHER, "forwarded_from"},
    [REPLY] = {POST_THREAD, "reply_to_message_id"},
    [POLL] = {POST_OTHER, "poll.question"},
    [TITLE] = {POST_OTHER, "media_title"},
};

enum { CHAT, LEFT, ONE }; /* the places of messages; the name of a chat, then its id, of each */

/* Text is a string, or an array of strings and of objects whose text is theirs; a link shows its
 * text and goes to its href. */
static void add_parts(struct post_reader *r, struct joined *j, struct str array)
{
    static const char *const part[] = {"text", "href"};
    struct json_scan scan;
    struct json_value key, v, got[ARRAY_LEN(part)];
    if (json_scan_open(&scan, array))
        return;
    while (json_scan_next(&scan, &key, &v) == OK) {
        if (v.kind != '{') {
            joined_add(j, json_value_text(&r->arena, &v));
            continue;
        }
        if (json_pick(v.text, part, ARRAY_LEN(part), got))
            continue;
        joined_add(j, json_value_text(&r->arena, &got[0]));
        if (json_given(&got[1])) {
            joined_add(j, STR(" ("));
            joined_add(j, json_value_text(&r->arena, &got[1]));
            joined_add(j, STR(")"));
        }
    }
}

static enum err message(struct json_split *s, const struct json_element *e)
{
    struct post_reader *r = json_split_reader(s);
    struct json_value v[VALUES];
    struct post post;
    enum err rc = post_fill(r, e, paths, VALUES, v, &post);
    if (rc)
        return rc == END ? OK : rc;
    if (v[TYPE].kind && !json_is(&v[TYPE], STR("message")))
        return OK;
    struct joined j = joined_open(&r->arena, e->text.n);
    if (v[TEXT].kind == '[')
        add_parts(r, &j, v[TEXT].text);
    else
        joined_add(&j, post.text);
    joined_line(&j, json_value_text(&r->arena, &v[POLL]));
    post.text = joined_text(&j);
    post.source = STR("telegram");
    post.site = json_split_around(s, e->path * 2);
    if (!post.site.n)
        post.site = json_split_around(s, e->path * 2 + 1);
    post.repost = json_given(&v[FORWARDED]);
    return post_give_text(r, &post);
}

static const struct json_places places = {
    .elements = {[CHAT] = "chats.list[].messages[]",
                 [LEFT] = "left_chats.list[].messages[]",
                 [ONE] = "messages[]"},
    .around = {"chats.list[].name", "chats.list[].id", "left_chats.list[].name",
               "left_chats.list[].id", "name", "id"},
    .element = message,
};

static bool is(struct str head)
{
    static const char *const signs[] = {"messages[].date",
                                        "messages[].from_id",
                                        "messages[].actor_id",
                                        "chats.list[].messages[]",
                                        "left_chats.list[].messages[]",
                                        "messages[].text_entities",
                                        "type",
                                        "chats.list[].type",
                                        "chats.about"};
    uint32_t seen = json_head(head, signs, ARRAY_LEN(signs));
    bool one = (seen & 1) && (seen & (2 | 4 | 32)) && (seen & 64);
    return one || (seen & (8 | 16 | 128 | 256));
}

static enum err read(struct post_reader *r)
{
    return json_split(r, &places, NULL);
}

const struct post_format posts_telegram = {
    .name = "telegram", .help = "Telegram Desktop's result.json", .is = is, .read = read};
