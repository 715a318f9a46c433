#include "codec/posts_json.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

/* AIL's feeder JSON: an object a line, or an array of them. `data` is the text, most often gzip in
 * Base64. Feeders of chats tell chat, sender and date in `meta`. */

enum {
    FEEDER,
    DATA,
    ENCODED_UUID,
    CHAT,
    CHAT_USER,
    CHAT_ID,
    SUBCHANNEL,
    THREAD,
    REPLY,
    REPLY_ID,
    SENDER,
    SENDER_NAME,
    DATE,
    DATE_TEXT,
    MESSAGE,
    FORWARD,
    URL,
    VALUES
};

static const struct post_path paths[VALUES] = {
    [FEEDER] = {POST_OTHER, "source"},
    [DATA] = {POST_OTHER, "data"},
    [ENCODED_UUID] = {POST_OTHER, "source-uuid"},
    [CHAT] = {POST_SITE, "meta.chat.name"},
    [CHAT_USER] = {POST_SITE, "meta.chat.username"},
    [CHAT_ID] = {POST_SITE, "meta.chat.id"},
    [SUBCHANNEL] = {POST_OTHER, "meta.chat.subchannel.name"},
    [THREAD] = {POST_THREAD, "meta.thread.id"},
    [REPLY] = {POST_THREAD, "meta.reply_to.message_id"},
    [REPLY_ID] = {POST_THREAD, "meta.reply_to.id"},
    [SENDER] = {POST_AUTHOR, "meta.sender.id"},
    [SENDER_NAME] = {POST_AUTHOR, "meta.sender.username"},
    [DATE] = {POST_TIME, "meta.date.timestamp"},
    [DATE_TEXT] = {POST_TIME, "meta.date.datestamp"},
    [MESSAGE] = {POST_ID, "meta.id"},
    [FORWARD] = {POST_OTHER, "meta.forward.date"},
    [URL] = {POST_URL, "meta.url"},
};

/* Values of one run of Base64 with its padding at the end; false if it is none. */
static bool base64(struct arena *arena, struct str s, struct str *ret)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    signed char value[256];
    uint32_t bits = 0, have = 0;
    memset(value, -1, sizeof value);
    for (size_t i = 0; i < 64; i++)
        value[(unsigned char)letters[i]] = (signed char)i;
    s = str_trim(s);
    while (s.n && s.p[s.n - 1] == '=')
        s.n--;
    char *out = s.n ? arena_alloc(arena, s.n) : NULL;
    size_t n = 0;
    if (!out)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        int v = value[(unsigned char)s.p[i]];
        if (v < 0)
            return false;
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8)
            out[n++] = (char)(bits >> (have -= 8));
    }
    *ret = str_make(out, n);
    return true;
}

/* Doubles the place for what is unpacked; false at POSTS_RECORD_BYTES or without memory. */
static bool widen(struct arena *arena, struct inflate_state *z, char **out, size_t *size)
{
    size_t n = *size - z->avail_out, more = *size * 2;
    if (more > POSTS_RECORD_BYTES)
        more = POSTS_RECORD_BYTES;
    char *wider = more > *size ? arena_alloc(arena, more) : NULL;
    if (!wider)
        return false;
    memcpy(wider, *out, n);
    z->next_out = (uint8_t *)wider + n;
    z->avail_out = (uint32_t)(more - n);
    *out = wider;
    *size = more;
    return true;
}

/* As far as it can be unpacked; *ret_cut: there was more than a record may have. */
static struct str gunzip(struct arena *arena, struct inflate_state *z, struct str packed,
                         bool *ret_cut)
{
    size_t size = packed.n * 4 < POSTS_RECORD_BYTES ? packed.n * 4 : POSTS_RECORD_BYTES;
    char *out = arena_alloc(arena, size);
    *ret_cut = false;
    if (!out)
        return STR_NONE;
    isal_inflate_init(z);
    z->crc_flag = ISAL_GZIP;
    z->next_in = (uint8_t *)(uintptr_t)packed.p;
    z->avail_in = (uint32_t)packed.n;
    z->next_out = (uint8_t *)out;
    z->avail_out = (uint32_t)size;
    while (isal_inflate(z) == ISAL_DECOMP_OK && z->block_state != ISAL_BLOCK_FINISH) {
        if (z->avail_out)
            break; /* the packed text is cut */
        *ret_cut = !widen(arena, z, &out, &size);
        if (*ret_cut)
            break;
    }
    return str_make(out, size - z->avail_out);
}

static struct str text_of(struct post_reader *r, struct inflate_state *z, struct str data,
                          bool *ret_cut)
{
    struct str packed;
    *ret_cut = false;
    if (str_starts(data, STR("H4sI")) && base64(&r->arena, data, &packed)) /* gzip's first bytes */
        return gunzip(&r->arena, z, packed, ret_cut);
    return data;
}

static enum err item(struct json_split *s, const struct json_element *e)
{
    struct post_reader *r = json_split_reader(s);
    struct json_value v[VALUES];
    struct post post;
    bool cut;
    enum err rc = post_fill(r, e, paths, VALUES, v, &post);
    if (rc)
        return rc == END ? OK : rc;
    post.text = text_of(r, json_split_ctx(s), json_value_text(&r->arena, &v[DATA]), &cut);
    if (cut)
        rc = post_gap(r, e->offset, POST_TOO_LONG, STR("a packed text, read in part"));
    if (rc)
        return rc;
    if (!post.site.n)
        post.site = json_value_text(&r->arena, &v[FEEDER]);
    if (json_given(&v[SUBCHANNEL])) {
        struct str sub = json_value_text(&r->arena, &v[SUBCHANNEL]);
        struct joined j = joined_open(&r->arena, post.site.n + sub.n + 2);
        joined_add(&j, post.site);
        joined_add(&j, STR(" #"));
        joined_add(&j, sub);
        post.site = joined_text(&j);
    }
    post.source = STR("ail");
    post.repost = json_given(&v[FORWARD]);
    return post_give_text(r, &post);
}

static const struct json_places places = {.elements = {"", "[]"}, .element = item};

static bool is(struct str head)
{
    static const char *const signs[] = {"source",    "source-uuid",    "meta",    "data-sha256",
                                        "[].source", "[].source-uuid", "[].meta", "[].data-sha256"};
    uint32_t seen = json_head(head, signs, ARRAY_LEN(signs));
    seen |= seen >> 4;
    return (seen & 1) && (seen & 4) && (seen & (2 | 8));
}

static enum err read(struct post_reader *r)
{
    struct inflate_state *z = malloc(sizeof *z);
    if (!z)
        return fail(r->error, ERR_NOMEM, "out of memory");
    enum err rc = json_split(r, &places, z);
    free(z);
    return rc;
}

const struct post_format posts_ail = {
    .name = "ail", .help = "AIL's feeder JSON, as lines or an array", .is = is, .read = read};
