#include "base/hash.h"
#include "codec/feed_priv.h"
#include "codec/html_text.h"
#include "codec/url_join.h"

/* --- values --- */

void feed_reset(struct value v[FIELDS])
{
    for (size_t i = 0; i < FIELDS; i++) {
        buf_reset(&v[i].text);
        v[i].rank = 0;
    }
}

struct value *feed_values(struct feed *f)
{
    return f->item_depth ? f->item : f->channel;
}

static struct str trimmed(const struct value *v)
{
    return str_trim(buf_view(&v->text));
}

void feed_set(struct feed *f, enum feed_field field, unsigned rank, struct str text)
{
    struct value *v = &feed_values(f)[field];
    text = str_trim(text);
    if (text.n == 0 || rank <= v->rank || text.n > SMALL_BYTES)
        return;
    buf_reset(&v->text);
    buf_str(&v->text, text);
    v->rank = rank;
    v->markup = MARKUP_NONE;
}

static bool is_time(struct feed *f, struct str text)
{
    int64_t us;
    bool day;
    bool good = post_time(text, &us, &day);
    f->bad_time |= !good && text.n && f->item_depth;
    return good;
}

/* The element ended: is what it said better than what there is? */
void feed_keep(struct feed *f)
{
    struct value *v = &feed_values(f)[f->now_field];
    struct str text = trimmed(&f->now);
    enum err rc = f->now.text.rc;
    f->now_depth = 0;
    if (f->now_field == FIELD_TEXT && rc == ERR_LIMIT)
        v->text.rc = ERR_LIMIT;
    if (rc || text.n == 0 || f->now.rank <= v->rank)
        return;
    if (f->now_field == FIELD_TIME && !is_time(f, text))
        return;
    if (f->now_field == FIELD_TEXT) {
        struct value old = *v;
        *v = f->now;
        f->now = old;
        return;
    }
    if (text.n > SMALL_BYTES)
        return;
    buf_reset(&v->text);
    buf_str(&v->text, text);
    v->rank = f->now.rank;
    v->markup = f->now.markup;
}

/* --- the post --- */

static struct str kept(struct feed *f, struct str text)
{
    struct str s = text.n ? arena_str(&f->r->arena, text) : STR_NONE;
    if (text.n && !s.p)
        f->rc = fail(f->r->error, ERR_NOMEM, "a post needs too much memory");
    return s;
}

/* A value as text, in the arena. */
static struct str text_of(struct feed *f, const struct value *v)
{
    struct str s = trimmed(v);
    buf_reset(&f->work);
    if (v->markup == MARKUP_NONE)
        html_letters(&f->work, s);
    else
        html_text(&f->work, s, 0);
    return kept(f, str_trim(buf_view(&f->work)));
}

static struct str url_of(struct feed *f, struct str reference, struct buf *base)
{
    buf_reset(&f->work);
    url_join(&f->work, buf_view(base), reference);
    return kept(f, buf_view(&f->work));
}

/* "mail@host.example (Name)" is how RSS 2.0 wants its authors. */
static struct str author_of(struct str s)
{
    ptrdiff_t open = str_rchr(s, '('), at = str_chr(s, '@');
    if (at > 0 && open > at && s.p[s.n - 1] == ')' && (size_t)open + 2 < s.n)
        return str_sub(s, (size_t)open + 1, s.n - 1);
    return s;
}

/* Who speaks: the source that an item names, the title of the feed, or its host. */
static struct str site_of(struct feed *f)
{
    struct str s = text_of(f, &f->item[FIELD_SITE]);
    if (!s.n)
        s = text_of(f, &f->channel[FIELD_TITLE]);
    if (!s.n)
        s = kept(f, url_host(trimmed(&f->channel[FIELD_URL])));
    return s;
}

static enum err seen_before(struct feed *f, struct str what, bool *ret_seen)
{
    uint64_t hash = hash64(what, 0);
    uint32_t id;
    bool new = false;
    enum err rc = map_intern(&f->ids, str_make((const char *)&hash, sizeof hash), &id, &new);
    *ret_seen = !rc && !new;
    return rc == ERR_LIMIT || rc == ERR_NOMEM ? OK : rc; /* more items than we remember */
}

/* The same item twice is one. Another item with an id that was there gets its address for one:
 * some feeds give the same id to all. */
static enum err unique(struct feed *f, struct post *p, bool *ret_again)
{
    bool id_seen = false;
    buf_reset(&f->work);
    buf_printf(&f->work, "%zu %zu %zu ", p->id.n, p->url.n, p->title.n);
    buf_str(&f->work, p->id);
    buf_str(&f->work, p->url);
    buf_str(&f->work, p->title);
    buf_str(&f->work, p->text);
    TRY(seen_before(f, buf_view(&f->work), ret_again));
    if (*ret_again || !p->id.n)
        return OK;
    TRY(seen_before(f, p->id, &id_seen));
    if (id_seen && p->url.n)
        p->id = p->url;
    return OK;
}

enum err feed_give(struct feed *f)
{
    struct post p = {
        .source = STR("rss"), .time_us = TIME_NONE, .ingest_us = TIME_NONE, .offset = f->item_at};
    struct value *v = f->item;
    bool again = false, has_time = trimmed(&v[FIELD_TIME]).n > 0;
    if (v[FIELD_TEXT].text.rc)
        return post_gap(f->r, f->item_at, POST_TOO_LONG, STR("an item"));
    if (has_time)
        (void)post_time(trimmed(&v[FIELD_TIME]), &p.time_us, &p.day_only);
    if (!has_time && f->bad_time)
        return post_gap(f->r, f->item_at, POST_BAD_TIME, STR("the date of an item"));
    arena_reset(&f->r->arena);
    p.title = text_of(f, &v[FIELD_TITLE]);
    p.text = text_of(f, &v[FIELD_TEXT]);
    p.id = text_of(f, &v[FIELD_ID]);
    p.author = author_of(text_of(f, &v[FIELD_AUTHOR]));
    p.thread = text_of(f, &v[FIELD_THREAD]);
    p.lang = text_of(f, &v[trimmed(&v[FIELD_LANG]).n ? FIELD_LANG : FIELD_NONE]);
    if (!p.lang.n)
        p.lang = text_of(f, &f->channel[FIELD_LANG]);
    struct buf *base = f->item_base.n ? &f->item_base : &f->base;
    if (!base->n)
        base = &f->channel[FIELD_URL].text;
    struct str url = text_of(f, &v[FIELD_URL]);
    if (!url.n && f->permalink && url_host(p.id).n)
        url = p.id;
    p.url = url_of(f, url, base);
    if (!p.id.n)
        p.id = p.url;
    p.site = site_of(f);
    if (!f->rc)
        f->rc = unique(f, &p, &again);
    if (f->rc || again || (!p.title.n && !p.text.n))
        return f->rc;
    return post_give(f->r, &p);
}
