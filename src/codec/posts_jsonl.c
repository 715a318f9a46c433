#include "codec/json_scan.h"
#include "codec/posts_priv.h"

/* tocsin's own: one object a line, flat, with the keys of struct post. Other keys are ignored. */

enum { DAY_CHARS = 10, LEARN_EVERY = 64 };
enum field {
    ID,
    SOURCE,
    SITE,
    THREAD,
    AUTHOR,
    TITLE,
    TEXT,
    URL,
    LANG,
    TIME,
    INGEST,
    REPOST,
    FIELDS
};

struct line {
    struct json_value v[FIELDS];
};

/* As a rule all lines of a file are written by one program: their keys stand in one order, and
 * their days repeat. */
struct lines {
    struct json_shape shape;
    unsigned char field[JSON_SHAPE_VALUES]; /* of the shape's values; FIELDS: not ours */
    unsigned strange;                       /* lines that the shape did not fit */
    struct line line;                       /* at hand; what the shape lacks is blank in it */
    bool shaped;                            /* the line was read by the shape */
    struct post post;                       /* of it */
    struct json_value value[JSON_SHAPE_VALUES +
                            1]; /* of the shape; the last one is for those that are not ours */
    char day[DAY_CHARS];
    int64_t day_us;
};

/* By length, then by bytes: this is asked for every key of every line. */
static enum field field_of(struct str key)
{
    const char *k = key.p;
#define IS(word) (memcmp(k, word, sizeof(word) - 1) == 0)
    switch (key.n) {
    case 2: return IS("id") ? ID : FIELDS;
    case 3: return IS("url") ? URL : FIELDS;
    case 4:
        return IS("text")   ? TEXT
               : IS("time") ? TIME
               : IS("site") ? SITE
               : IS("lang") ? LANG
                            : FIELDS;
    case 5: return IS("title") ? TITLE : FIELDS;
    case 6:
        return IS("author")   ? AUTHOR
               : IS("thread") ? THREAD
               : IS("source") ? SOURCE
               : IS("ingest") ? INGEST
               : IS("repost") ? REPOST
                              : FIELDS;
    default: return FIELDS;
    }
#undef IS
}

/* Of equal keys the first one counts. */
static enum err scan(struct str text, struct line *l)
{
    struct json_scan s;
    struct json_value key, value;
    enum err rc;
    TRY(json_scan_open(&s, text));
    if (!s.object)
        return ERR_FORMAT;
    while ((rc = json_scan_next(&s, &key, &value)) == OK) {
        enum field f = field_of(key.text);
        if (f != FIELDS && !l->v[f].kind)
            l->v[f] = value;
    }
    return rc == END ? OK : rc;
}

/* A shape that another line might have, from one that was read. */
static void learn(struct lines *lines, struct str text)
{
    struct json_scan s;
    struct json_value key, value;
    bool given[FIELDS] = {false};
    if (!json_shape_learn(&lines->shape, text) || json_scan_open(&s, text))
        return;
    for (size_t i = 0; i < lines->shape.n && json_scan_next(&s, &key, &value) == OK; i++) {
        enum field f = field_of(key.text);
        lines->field[i] = f != FIELDS && given[f] ? FIELDS : f;
        if (f != FIELDS)
            given[f] = true;
    }
}

/* Reads into lines->line. It is made blank only if the line before had another shape: to clear it
 * for each line would take longer than to read most of them. */
static enum err scan_fast(struct lines *lines, struct str text)
{
    struct line *l = &lines->line;
    struct json_value *v = lines->value, *other = v + JSON_SHAPE_VALUES;
    if (json_shape_read(&lines->shape, text, v)) {
        if (!lines->shaped)
            *l = (struct line){0};
        for (size_t i = 0; i < lines->shape.n; i++)
            *(lines->field[i] == FIELDS ? other : &l->v[lines->field[i]]) = v[i];
        lines->shaped = true;
        return OK;
    }
    *l = (struct line){0};
    lines->shaped = false;
    enum err rc = scan(text, l);
    if (!rc && lines->strange++ % LEARN_EVERY == 0)
        learn(lines, text);
    return rc;
}

/* "2021-03-02T01:02:03Z" on the day of the line before. */
static bool time_again(const struct lines *lines, struct str s, int64_t *ret_us)
{
    int64_t clock_us;
    if (s.n != DAY_CHARS + 10 || memcmp(s.p, lines->day, DAY_CHARS) != 0 || s.p[s.n - 1] != 'Z' ||
        s.p[DAY_CHARS] != 'T' || !time_parse_clock(str_sub(s, DAY_CHARS + 1, s.n - 1), &clock_us) ||
        clock_us >= US_PER_DAY)
        return false;
    *ret_us = lines->day_us + clock_us;
    return true;
}

static bool time_learnt(struct lines *lines, struct str s, int64_t *ret_us)
{
    int64_t day_us;
    if (s.n <= DAY_CHARS || !time_parse(s, ret_us))
        return false;
    if (time_parse_date(str_sub(s, 0, DAY_CHARS), &day_us)) {
        memcpy(lines->day, s.p, DAY_CHARS);
        lines->day_us = day_us;
    }
    return true;
}

/* false: something is given that is no time. */
static bool time_of(struct lines *lines, const struct json_value *v, int64_t *ret_us, bool *ret_day)
{
    *ret_us = TIME_NONE;
    *ret_day = false;
    if (!v->kind || v->kind == 'n' || !v->text.n)
        return true;
    if (v->kind == '"' &&
        (time_again(lines, v->text, ret_us) || time_learnt(lines, v->text, ret_us)))
        return true;
    return (v->kind == '"' || v->kind == '0') && post_time(v->text, ret_us, ret_day);
}

static inline struct str text_of(struct post_reader *r, const struct json_value *v)
{
    if (!v->kind || (v->kind == '"' && !v->escaped))
        return v->text;
    return json_value_text(&r->arena, v);
}

/* All but the times. */
static void fill(struct post_reader *r, const struct json_value *v, struct post *post)
{
    post->id = text_of(r, &v[ID]);
    post->source = text_of(r, &v[SOURCE]);
    post->site = text_of(r, &v[SITE]);
    post->thread = text_of(r, &v[THREAD]);
    post->author = text_of(r, &v[AUTHOR]);
    post->title = text_of(r, &v[TITLE]);
    post->text = text_of(r, &v[TEXT]);
    post->url = text_of(r, &v[URL]);
    post->lang = text_of(r, &v[LANG]);
    post->repost = v[REPOST].kind == 't';
    post->lasting = !r->arena.used_bytes; /* all of it stands in the window */
}

static enum err one(struct post_reader *r, struct lines *lines, struct str text, uint64_t offset)
{
    const struct json_value *v = lines->line.v;
    struct post *post = &lines->post;
    bool ingest_day;
    if (scan_fast(lines, text))
        return post_gap(r, offset, POST_DAMAGED, STR("a line is no JSON object"));
    if (!time_of(lines, &v[TIME], &post->time_us, &post->day_only))
        return post_gap(r, offset, POST_BAD_TIME, v[TIME].text);
    if (!time_of(lines, &v[INGEST], &post->ingest_us, &ingest_day))
        return post_gap(r, offset, POST_BAD_TIME, v[INGEST].text);
    fill(r, v, post);
    post->offset = offset;
    return post_give(r, post);
}

static enum err read(struct post_reader *r)
{
    struct lines lines = {0};
    struct str text;
    uint64_t offset;
    enum err rc;
    while ((rc = pull_line(r, &text, &offset)) == OK) {
        if (!text.n || (text.n < 64 && !str_trim(text).n))
            continue;
        rc = one(r, &lines, text, offset);
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
    return (l.v[TEXT].kind == '"' || l.v[TITLE].kind == '"') &&
           (l.v[TIME].kind || l.v[INGEST].kind);
}

const struct post_format posts_jsonl = {
    .name = "jsonl", .help = "JSON Lines with tocsin's own keys", .is = is, .read = read};
