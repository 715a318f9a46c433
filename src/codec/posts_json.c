#include "codec/posts_json.h"

struct joined joined_open(struct arena *arena, size_t max)
{
    char *p = arena_alloc(arena, max + 1);
    return (struct joined){p, 0, p ? max : 0};
}

void joined_add(struct joined *j, struct str text)
{
    size_t n = text.n < j->max - j->n ? text.n : j->max - j->n;
    if (n)
        memcpy(j->p + j->n, text.p, n);
    j->n += n;
}

void joined_line(struct joined *j, struct str text)
{
    if (!text.n)
        return;
    if (j->n)
        joined_add(j, STR("\n"));
    joined_add(j, text);
}

struct str joined_text(const struct joined *j)
{
    return j->n ? str_make(j->p, j->n) : STR_NONE;
}

struct str post_host(struct str url)
{
    ptrdiff_t at = str_find(str_sub(url, 0, 16), STR("://"));
    if (at < 0)
        return STR_NONE;
    struct str host = str_sub(url, (size_t)at + 3, url.n);
    size_t end = 0;
    while (end < host.n && !strchr("/?#", host.p[end]))
        end++;
    host = str_sub(host, 0, end);
    at = str_rchr(host, '@');
    host = str_sub(host, (size_t)(at + 1), host.n);
    at = str_chr(host, ':');
    host = at < 0 ? host : str_sub(host, 0, (size_t)at);
    return host.n ? host : STR_NONE;
}

bool post_json_time(const struct json_value *v, int64_t *ret_us, bool *ret_day)
{
    *ret_us = TIME_NONE;
    *ret_day = false;
    if (!json_given(v))
        return true;
    return (v->kind == '"' || v->kind == '0') && post_time(v->text, ret_us, ret_day);
}

/* Where the text of a field goes; NULL for those that are no text. */
static struct str *text_field(struct post *post, enum post_field f)
{
    switch (f) {
    case POST_ID: return &post->id;
    case POST_SITE: return &post->site;
    case POST_THREAD: return &post->thread;
    case POST_AUTHOR: return &post->author;
    case POST_TITLE: return &post->title;
    case POST_TEXT:
    case POST_HTML: return &post->text;
    case POST_URL: return &post->url;
    case POST_LANG: return &post->lang;
    default: return NULL;
    }
}

/* false: it is a time field and no time. */
static bool fill_field(struct post_reader *r, enum post_field f, const struct json_value *v,
                       struct post *post)
{
    bool day;
    if (f == POST_TIME && post->time_us == TIME_NONE)
        return post_json_time(v, &post->time_us, &post->day_only);
    if (f == POST_INGEST && post->ingest_us == TIME_NONE)
        return post_json_time(v, &post->ingest_us, &day);
    struct str *to = text_field(post, f);
    if (!to || to->n || !json_given(v))
        return true;
    *to = json_value_text(&r->arena, v);
    if (f == POST_HTML)
        *to = post_html(&r->arena, *to);
    return true;
}

enum err post_fill(struct post_reader *r, const struct json_element *e,
                   const struct post_path *paths, size_t n, struct json_value *ret_values,
                   struct post *ret_post)
{
    const char *names[JSON_PICK_PATHS];
    enum err rc;
    *ret_post = post_blank(e->offset);
    for (size_t i = 0; i < n && i < JSON_PICK_PATHS; i++)
        names[i] = paths[i].path;
    arena_reset(&r->arena);
    if (json_pick(e->text, names, n, ret_values)) {
        rc = post_gap(r, e->offset, POST_DAMAGED, STR("an element is not understood"));
        return rc ? rc : END;
    }
    r->bad_time = STR_NONE;
    for (size_t i = 0; i < n; i++)
        if (!fill_field(r, paths[i].field, &ret_values[i], ret_post))
            r->bad_time = ret_values[i].text;
    return OK;
}

enum err post_give_text(struct post_reader *r, struct post *post)
{
    if (!post->text.n && !post->title.n)
        return OK;
    if (r->bad_time.p)
        return post_gap(r, post->offset, POST_BAD_TIME, r->bad_time);
    return post_give(r, post);
}

static enum err flat_element(struct json_split *s, const struct json_element *e)
{
    const struct post_flat *flat = json_split_ctx(s);
    struct post_reader *r = json_split_reader(s);
    struct json_value values[JSON_PICK_PATHS];
    struct post post;
    size_t n = 0;
    while (n < JSON_PICK_PATHS && flat->paths[n].path)
        n++;
    enum err rc = post_fill(r, e, flat->paths, n, values, &post);
    if (rc)
        return rc == END ? OK : rc;
    post.source = str_of(flat->source);
    if (!post.site.n && flat->site_around >= 0)
        post.site = json_split_around(s, (unsigned)flat->site_around);
    if (!post.site.n && flat->site)
        post.site = str_of(flat->site);
    if (flat->finish && !flat->finish(s, values, &post))
        return OK;
    return post_give_text(r, &post);
}

enum err post_flat_read(struct post_reader *r, const struct post_flat *flat)
{
    struct json_places places = flat->places;
    struct post_flat copy = *flat;
    places.element = flat_element;
    return json_split(r, &places, &copy);
}
