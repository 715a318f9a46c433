#include "codec/posts_json.h"

/* JSON Feed 1.0 and 1.1 (jsonfeed.org). */

enum { TITLE, HOME, FEED };

static bool finish(struct json_split *s, const struct json_value *values, struct post *post)
{
    (void)values;
    if (!post->site.n)
        post->site = json_split_around(s, HOME);
    if (!post->site.n)
        post->site = json_split_around(s, FEED);
    return true;
}

static const struct post_flat flat = {
    .places = {.elements = {"items[]"},
               .around = {[TITLE] = "title", [HOME] = "home_page_url", [FEED] = "feed_url"}},
    .source = "jsonfeed",
    .site_around = TITLE,
    .paths = {{POST_ID, "id"},
              {POST_TITLE, "title"},
              {POST_TEXT, "content_text"},
              {POST_HTML, "content_html"},
              {POST_TEXT, "summary"},
              {POST_URL, "url"},
              {POST_URL, "external_url"},
              {POST_TIME, "date_published"},
              {POST_TIME, "date_modified"},
              {POST_AUTHOR, "author.name"},
              {POST_LANG, "language"}},
    .finish = finish,
};

static bool is(struct str head)
{
    static const char *const signs[] = {"items",
                                        "version",
                                        "feed_url",
                                        "home_page_url",
                                        "items[].date_published",
                                        "items[].content_html",
                                        "items[].content_text"};
    uint32_t seen = json_head(head, signs, ARRAY_LEN(signs));
    return (seen & 3) && (seen & ~3u) && str_ifind(head, STR("jsonfeed")) >= 0;
}

static enum err read(struct post_reader *r)
{
    return post_flat_read(r, &flat);
}

const struct post_format posts_jsonfeed = {
    .name = "jsonfeed", .help = "JSON Feed 1.1", .is = is, .read = read};
