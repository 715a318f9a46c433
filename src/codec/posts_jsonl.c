#include "codec/json_scan.h"
#include "codec/posts_priv.h"

/* tocsin's own: one object a line, flat, with the keys of struct post. Other keys are ignored. */

struct line {
    struct json_value id, source, site, thread, author, title, text, url, lang, time, ingest,
        repost;
};

/* By length, then by bytes: this is asked for every key of every line. */
static struct json_value *member(struct line *l, struct str key)
{
    const char *k = key.p;
#define IS(word) (memcmp(k, word, sizeof(word) - 1) == 0)
    switch (key.n) {
    case 2: return IS("id") ? &l->id : NULL;
    case 3: return IS("url") ? &l->url : NULL;
    case 4:
        return IS("text")   ? &l->text
               : IS("time") ? &l->time
               : IS("site") ? &l->site
               : IS("lang") ? &l->lang
                            : NULL;
    case 5: return IS("title") ? &l->title : NULL;
    case 6:
        return IS("author")   ? &l->author
               : IS("thread") ? &l->thread
               : IS("source") ? &l->source
               : IS("ingest") ? &l->ingest
               : IS("repost") ? &l->repost
                              : NULL;
    default: return NULL;
    }
#undef IS
}

static enum err scan(struct str text, struct line *l)
{
    struct json_scan s;
    struct json_value key, value;
    enum err rc;
    TRY(json_scan_open(&s, text));
    if (!s.object)
        return ERR_FORMAT;
    while ((rc = json_scan_next(&s, &key, &value)) == OK) {
        struct json_value *to = member(l, key.text);
        if (to && !to->kind)
            *to = value;
    }
    return rc == END ? OK : rc;
}

/* false: something is given that is no time. */
static bool time_of(const struct json_value *v, int64_t *ret_us, bool *ret_day)
{
    *ret_us = TIME_NONE;
    *ret_day = false;
    if (!v->kind || v->kind == 'n' || !v->text.n)
        return true;
    if (v->kind == '"' && v->text.n > 10 && time_parse(v->text, ret_us))
        return true;
    return (v->kind == '"' || v->kind == '0') && post_time(v->text, ret_us, ret_day);
}

static struct str text_of(struct post_reader *r, const struct json_value *v)
{
    if (v->kind == '"' && !v->escaped)
        return v->text;
    return json_value_text(&r->arena, v);
}

static enum err one(struct post_reader *r, struct str text, uint64_t offset)
{
    struct line l = {0};
    struct post post = post_blank(offset);
    bool ingest_day;
    if (scan(text, &l))
        return post_gap(r, offset, POST_DAMAGED, STR("a line is no JSON object"));
    if (!time_of(&l.time, &post.time_us, &post.day_only) ||
        !time_of(&l.ingest, &post.ingest_us, &ingest_day))
        return post_gap(r, offset, POST_BAD_TIME,
                        l.time.kind && post.time_us == TIME_NONE ? l.time.text : l.ingest.text);
    post.id = text_of(r, &l.id);
    post.source = text_of(r, &l.source);
    post.site = text_of(r, &l.site);
    post.thread = text_of(r, &l.thread);
    post.author = text_of(r, &l.author);
    post.title = text_of(r, &l.title);
    post.text = text_of(r, &l.text);
    post.url = text_of(r, &l.url);
    post.lang = text_of(r, &l.lang);
    post.repost = l.repost.kind == 't';
    return post_give(r, &post);
}

static enum err read(struct post_reader *r)
{
    struct str text;
    uint64_t offset;
    enum err rc;
    while ((rc = pull_line(r, &text, &offset)) == OK) {
        if (!text.n || (text.n < 64 && !str_trim(text).n))
            continue;
        rc = one(r, text, offset);
        if (rc)
            break;
        if (r->arena.used_bytes)
            arena_reset(&r->arena);
    }
    return rc;
}

/* The first line is an object with a text or a title and with a time, or is cut by the head. */
static bool is(struct str head)
{
    struct line l = {0};
    head = str_trim(head);
    ptrdiff_t end = str_chr(head, '\n');
    enum err rc = scan(end < 0 ? head : str_sub(head, 0, (size_t)end), &l);
    if (rc && end >= 0)
        return false;
    return (l.text.kind == '"' || l.title.kind == '"') && (l.time.kind || l.ingest.kind);
}

const struct post_format posts_jsonl = {
    .name = "jsonl", .help = "JSON Lines with tocsin's own keys", .is = is, .read = read};
