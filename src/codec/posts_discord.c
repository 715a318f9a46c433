#include "codec/posts_json.h"

/* Discord: what DiscordChatExporter writes, and the messages of Discord's own data package. */

/* --- DiscordChatExporter: one channel a file --- */

enum { ID, TYPE, TIMESTAMP, CONTENT, AUTHOR_ID, AUTHOR, REPLY, FORWARDED, EMBEDS, VALUES };

static const struct post_path paths[VALUES] = {
    [ID] = {POST_ID, "id"},
    [TYPE] = {POST_OTHER, "type"},
    [TIMESTAMP] = {POST_TIME, "timestamp"},
    [CONTENT] = {POST_TEXT, "content"},
    [AUTHOR_ID] = {POST_AUTHOR, "author.id"},
    [AUTHOR] = {POST_AUTHOR, "author.name"},
    [REPLY] = {POST_THREAD, "reference.messageId"},
    [FORWARDED] = {POST_OTHER, "forwardedMessage.content"},
    [EMBEDS] = {POST_OTHER, "embeds"},
};

enum { GUILD, CHANNEL };

/* What people wrote; all others are notes of the service: somebody joined, a message was pinned.
 * Kinds that the exporter does not know have numbers. */
static bool is_message(const struct json_value *type)
{
    return !type->kind || json_is(type, STR("Default")) || json_is(type, STR("Reply")) ||
           (type->text.n && ascii_digit((unsigned char)type->text.p[0]));
}

/* Previews of pages, and what bots post. */
static void add_embeds(struct post_reader *r, struct joined *j, const struct json_value *embeds)
{
    static const char *const parts[] = {"title", "description", "url"};
    struct json_scan scan;
    struct json_value key, v, got[ARRAY_LEN(parts)];
    if (embeds->kind != '[' || json_scan_open(&scan, embeds->text))
        return;
    while (json_scan_next(&scan, &key, &v) == OK) {
        if (v.kind != '{' || json_pick(v.text, parts, ARRAY_LEN(parts), got))
            continue;
        for (size_t i = 0; i < ARRAY_LEN(parts); i++)
            joined_line(j, json_value_text(&r->arena, &got[i]));
    }
}

/* "Guild #channel": each channel is a site of its own. */
static struct str site_of(struct json_split *s)
{
    struct str guild = json_split_around(s, GUILD), channel = json_split_around(s, CHANNEL);
    struct joined j = joined_open(&json_split_reader(s)->arena, guild.n + channel.n + 2);
    joined_add(&j, guild);
    if (channel.n) {
        joined_add(&j, j.n ? STR(" #") : STR("#"));
        joined_add(&j, channel);
    }
    return joined_text(&j);
}

static enum err message(struct json_split *s, const struct json_element *e)
{
    struct post_reader *r = json_split_reader(s);
    struct json_value v[VALUES];
    struct post post;
    enum err rc = post_fill(r, e, paths, VALUES, v, &post);
    if (rc)
        return rc == END ? OK : rc;
    if (!is_message(&v[TYPE]))
        return OK;
    struct joined j = joined_open(&r->arena, e->text.n);
    joined_add(&j, post.text);
    joined_line(&j, json_value_text(&r->arena, &v[FORWARDED]));
    post.repost = !post.text.n && json_given(&v[FORWARDED]);
    add_embeds(r, &j, &v[EMBEDS]);
    post.text = joined_text(&j);
    post.source = STR("discord");
    post.site = site_of(s);
    return post_give_text(r, &post);
}

static const struct json_places places = {
    .elements = {"messages[]"},
    .around = {[GUILD] = "guild.name", [CHANNEL] = "channel.name"},
    .element = message,
};

static bool is(struct str head)
{
    static const char *const signs[] = {"guild", "channel", "messages"};
    return json_head(head, signs, ARRAY_LEN(signs)) == 7;
}

static enum err read(struct post_reader *r)
{
    return json_split(r, &places, NULL);
}

const struct post_format posts_discord = {
    .name = "discord", .help = "DiscordChatExporter's JSON", .is = is, .read = read};

/* --- the data package: messages/c<channel>/messages.json, all by whom it belongs to --- */

static const struct post_flat package = {
    .places = {.elements = {"[]"}},
    .source = "discord",
    .site_around = -1,
    .paths = {{POST_ID, "ID"}, {POST_TIME, "Timestamp"}, {POST_TEXT, "Contents"}},
};

static bool is_package(struct str head)
{
    static const char *const signs[] = {"[].ID", "[].Timestamp", "[].Contents"};
    return json_head(head, signs, ARRAY_LEN(signs)) == 7;
}

static enum err read_package(struct post_reader *r)
{
    return post_flat_read(r, &package);
}

const struct post_format posts_discord_package = {.name = "discord-package",
                                                  .help = "messages.json of Discord's data package",
                                                  .is = is_package,
                                                  .read = read_package};
