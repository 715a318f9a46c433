#include "codec/posts_json.h"

/* Posts of extortion groups as trackers list them: ransomwatch's posts.json, RansomLook's and
 * ransomware.live's answers. The group is the site: it speaks there, whoever copied it. */

static const struct post_flat flat = {
    .places = {.elements = {"[]", ""}},
    .source = "ransom",
    .site_around = -1,
    .paths = {{POST_TITLE, "post_title"},
              {POST_TITLE, "victim"},
              {POST_TITLE, "title"},
              {POST_HTML, "description"},
              {POST_SITE, "group_name"},
              {POST_SITE, "group"},
              {POST_TIME, "discovered"},
              {POST_TIME, "published"},
              {POST_TIME, "attackdate"},
              {POST_URL, "post_url"},
              {POST_URL, "link"},
              {POST_URL, "url"}},
};

static bool is(struct str head)
{
    static const char *const signs[] = {
        "[].group_name", "[].group", "[].post_title", "[].victim", "[].discovered",
        "group_name",    "group",    "post_title",    "victim",    "discovered"};
    uint32_t seen = json_head(head, signs, ARRAY_LEN(signs));
    seen |= seen >> 5;
    return (seen & 3) && (seen & (4 | 8)) && (seen & 16);
}

static enum err read(struct post_reader *r)
{
    return post_flat_read(r, &flat);
}

const struct post_format posts_ransom = {
    .name = "ransom", .help = "posts of extortion groups from trackers", .is = is, .read = read};
