#include "watch/gist_priv.h"

enum {
    ITEM_ROOM_BYTES = 4096, /* texts shorter than that share one extractor */
    RUN_BYTES = 26,         /* letters and digits: the shortest wallet */
};

static bool alnum(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c);
}

static unsigned char at(struct str s, size_t i)
{
    return i < s.n ? (unsigned char)s.p[i] : 0;
}

static bool opens(unsigned char c)
{
    return c == '[' || c == '(' || c == '{' || c == '<';
}

/* A sign in brackets, or its name: "[.]", "(dot)", "{at}". */
static bool is_defanged(struct str s, size_t i)
{
    while (at(s, i) == ' ' || opens(at(s, i)))
        i++;
    struct str rest = str_sub(s, i, i + 3);
    return (at(s, i) && strchr(".,:@/\\", at(s, i))) || str_istarts(rest, STR("dot")) ||
           str_istarts(rest, STR("d0t")) || str_istarts(rest, STR("at")) ||
           str_istarts(rest, STR("pun"));
}

/* "d2-fb-49": the beginning of a MAC address. */
static bool is_pair(struct str s, size_t i)
{
    return i >= 2 && ascii_hex(at(s, i - 1)) >= 0 && ascii_hex(at(s, i - 2)) >= 0 &&
           ascii_hex(at(s, i + 1)) >= 0 && ascii_hex(at(s, i + 2)) >= 0 && at(s, i + 3) == '-';
}

/* What signs of an item could stand at i, behind `run` letters and digits? */
static bool is_sign(struct str s, size_t i, size_t run)
{
    unsigned char c = at(s, i), next = at(s, i + 1);
    switch (c) {
    case '.':
    case ':':
        return alnum(next) || next == '/' || next == '\\' || next == ':' || next == ']' ||
               next == ')' || next == '[' || next == '.' || next >= 0x80;
    case '@':
    case '/':
    case '\\':
    case '%':
    case '~': return true;
    case '[':
    case '(':
    case '{':
    case '<': return is_defanged(s, i + 1);
    case '-': return is_pair(s, i);
    case ']': return at(s, i + 1) == '.' || at(s, i + 1) == ':';
    case ' ': return ascii_lower(next) == 'd' && str_istarts(str_sub(s, i, i + 5), STR(" dot "));
    case 'A': return run == 0 && next == 'S';
    /* Full-width signs, and the full stop of Chinese. */
    case 0xef: return true;
    case 0xe3: return next == 0x80 && at(s, i + 2) == 0x82;
    /* Signs, dashes, letters in other styles. */
    case 0xc2:
    case 0xe2:
    case 0xf0: return true;
    default: return false;
    }
}

bool may_hold_items(struct str text)
{
    size_t run = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c == 'A' || !alnum(c)) && is_sign(text, i, run))
            return true;
        /* Letters beyond ASCII may be read as others: they do not end a run. */
        run = alnum(c) || c >= 0x80 ? run + 1 : 0;
        if (run >= RUN_BYTES && c < 0x80)
            return true;
    }
    return false;
}

struct item_sink {
    enum err (*found)(void *ctx, const struct item *item, bool in_title);
    void *ctx;
    bool in_title;
};

static enum err on_item(void *ctx, const struct item *item)
{
    struct item_sink *sink = ctx;
    return item_is_subject(item->kind) ? OK : sink->found(sink->ctx, item, sink->in_title);
}

/* An extractor with room for the text: it grows with the longest post. */
static enum err items_room(struct gist *g, size_t n)
{
    struct extract_options options = {g->lists, g->year_max, on_item, NULL, NULL};
    if (g->items && n <= g->items_max)
        return OK;
    g->items = extract_free(g->items);
    g->items_max = n + n / 2 + ITEM_ROOM_BYTES;
    return extract_new(&options, g->items_max, &g->items);
}

static enum err items_of(struct gist *g, struct str text, struct item_sink *sink)
{
    text = str_sub(text, 0, GIST_POST_BYTES);
    if (!may_hold_items(text))
        return OK;
    TRY(items_room(g, text.n));
    extract_tell(g->items, sink);
    return extract_text(g->items, text);
}

enum err gist_items(struct gist *g, const struct post *post,
                    enum err (*found)(void *ctx, const struct item *item, bool in_title), void *ctx)
{
    struct item_sink sink = {found, ctx, true};
    enum err rc = items_of(g, post->title, &sink);
    sink.in_title = false;
    return rc ? rc : items_of(g, post->text, &sink);
}
