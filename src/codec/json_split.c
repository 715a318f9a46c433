#include "codec/json_split.h"

#include "codec/json.h"

enum { SIGN_BYTES = 160, KEY_BYTES = 256 };

/* One step of a path: a key, any key, or an item of an array. */
struct step {
    struct str key;
    bool any, item;
};

struct path {
    struct step step[SPLIT_STEPS];
    unsigned n;
};

struct kept {
    char text[SPLIT_AROUND_BYTES];
    size_t n;
    unsigned depth;
    bool set;
};

/* How elements begin, to find the next one behind damage: what stands before the bracket of an
 * item (a line end and blanks, or a comma), the bracket, the first key; and the second key. */
struct sign {
    char text[SIGN_BYTES];
    size_t n, before; /* of text, and of what stands before the bracket */
    char second[KEY_BYTES];
    size_t second_n;
};

struct json_split {
    struct post_reader *r;
    const struct json_places *places;
    void *ctx;
    struct path element[SPLIT_PATHS], around[SPLIT_PATHS];
    unsigned elements, arounds;
    struct kept kept[SPLIT_PATHS];
    struct json_skip skip;
    struct sign sign;
    size_t indent;    /* blanks behind the last line end before the next byte */
    bool line_end;    /* there was one */
    bool lost;        /* reading went on at a sign: look twice */
    bool told;        /* how the text ends is told */
    uint64_t again;   /* bytes that were looked at twice */
    uint64_t told_to; /* damage was told up to there */
};

/* Which paths may go on with the value at hand, and how many steps were gone. */
struct place {
    uint32_t elements, around;
    unsigned depth;
    bool item; /* the value is an item of an array */
};

struct post_reader *json_split_reader(const struct json_split *s)
{
    return s->r;
}

void *json_split_ctx(const struct json_split *s)
{
    return s->ctx;
}

struct str json_split_around(const struct json_split *s, unsigned i)
{
    return s->kept[i].set ? str_make(s->kept[i].text, s->kept[i].n) : STR_NONE;
}

/* --- paths --- */

static bool add_step(struct path *p, struct step step)
{
    if (p->n == SPLIT_STEPS)
        return false;
    p->step[p->n++] = step;
    return true;
}

static bool parse_path(const char *text, struct path *p)
{
    struct str rest = str_of(text), part;
    while (rest.p && str_cut(&rest, '.', &part)) {
        size_t items = 0;
        while (str_ends(part, STR("[]"))) {
            part.n -= 2;
            items++;
        }
        if (part.n && !add_step(p, (struct step){.key = part, .any = str_eq(part, STR("*"))}))
            return false;
        for (; items; items--)
            if (!add_step(p, (struct step){.item = true}))
                return false;
    }
    return true;
}

static bool parse_paths(const char *const *texts, struct path *paths, unsigned *ret_n)
{
    for (*ret_n = 0; texts[*ret_n]; ++*ret_n)
        if (*ret_n == SPLIT_PATHS || !parse_path(texts[*ret_n], &paths[*ret_n]))
            return false;
    return true;
}

/* Those of mask whose step at depth is this key, or an item if key is NULL. */
static uint32_t narrow(const struct path *paths, uint32_t mask, unsigned depth,
                       const struct str *key)
{
    uint32_t out = 0;
    for (; mask; mask &= mask - 1) {
        unsigned i = (unsigned)__builtin_ctz(mask);
        if (depth >= paths[i].n)
            continue;
        const struct step *step = &paths[i].step[depth];
        if (key ? !step->item && (step->any || str_eq(step->key, *key)) : step->item)
            out |= 1u << i;
    }
    return out;
}

/* The first of mask that ends at depth, or -1. */
static int complete(const struct path *paths, uint32_t mask, unsigned depth)
{
    for (; mask; mask &= mask - 1)
        if (paths[__builtin_ctz(mask)].n == depth)
            return __builtin_ctz(mask);
    return -1;
}

static struct place below(const struct json_split *s, const struct place *p, const struct str *key)
{
    return (struct place){
        .elements = narrow(s->element, p->elements, p->depth, key),
        .around = narrow(s->around, p->around, p->depth, key),
        .depth = p->depth + 1,
        .item = !key,
    };
}

/* --- the text --- */

/* The next byte that is no white space, not taken. */
static enum err peek(struct json_split *s, char *ret_c)
{
    struct post_reader *r = s->r;
    s->indent = 0;
    s->line_end = false;
    s->skip.why = NULL;
    for (;;) {
        struct str view = pull_view(r);
        size_t i = 0;
        for (; i < view.n && strchr(" \t\r\n", view.p[i]) && view.p[i]; i++) {
            bool lf = view.p[i] == '\n';
            s->line_end |= lf;
            s->indent = lf ? 0 : s->indent + 1;
        }
        pull_take(r, i);
        if (i < view.n) {
            *ret_c = view.p[i];
            return OK;
        }
        enum err rc = pull_fill(r);
        if (rc)
            return rc;
    }
}

/* The whole value at hand, not taken; s->skip tells how far it was looked at. END: the text ends
 * within it; ERR_LIMIT with skip.why == NULL: it does not fit into the window. */
static enum err whole(struct json_split *s, struct str *ret_text)
{
    s->skip = (struct json_skip){0};
    for (;;) {
        struct str view = pull_view(s->r);
        enum err rc = json_skip_on(&s->skip, view);
        *ret_text = str_sub(view, 0, s->skip.at);
        if (rc == END)
            return OK;
        if (!rc)
            rc = pull_fill(s->r);
        if (rc)
            return rc;
    }
}

/* Takes what is left of the value that s->skip is in. */
static enum err skip_rest(struct json_split *s)
{
    for (;;) {
        enum err rc = json_skip_on(&s->skip, pull_view(s->r));
        pull_take(s->r, json_skip_forget(&s->skip));
        if (rc == END)
            return OK;
        if (!rc)
            rc = pull_fill(s->r);
        if (rc)
            return rc;
    }
}

static enum err skip_value(struct json_split *s)
{
    s->skip = (struct json_skip){0};
    return skip_rest(s);
}

/* --- signs --- */

static struct str key_of(struct json_scan *scan)
{
    struct json_value key, value;
    if (json_scan_next(scan, &key, &value) != OK)
        return STR_NONE;
    return key.text;
}

/* From an element that begins at element.p; false if its first key cannot be read. */
static bool learn_sign(struct json_split *s, struct str element, size_t indent, bool line_end)
{
    struct sign sign = {.before = line_end ? indent + 1 : 1};
    struct json_skip skip = {0};
    size_t at = 1;
    while (at < element.n && ascii_space((unsigned char)element.p[at]))
        at++;
    if (at >= element.n || element.p[at] != '"' ||
        json_skip_on(&skip, str_sub(element, at, element.n)) != END)
        return false;
    sign.n = sign.before + at + skip.at;
    if (sign.n > sizeof sign.text)
        return false;
    memset(sign.text, ' ', sign.before);
    sign.text[0] = line_end ? '\n' : ',';
    memcpy(sign.text + sign.before, element.p, at + skip.at);
    struct json_scan scan;
    if (json_scan_open(&scan, element) == OK && key_of(&scan).p) {
        struct str second = key_of(&scan);
        if (second.n && second.n <= sizeof sign.second) {
            memcpy(sign.second, second.p, second.n);
            sign.second_n = second.n;
        }
    }
    s->sign = sign;
    return true;
}

/* Something in an element may begin like one: its second key tells. */
static bool looks_right(const struct json_split *s, struct str element)
{
    struct json_scan scan;
    return !s->sign.second_n || json_scan_open(&scan, element) || !key_of(&scan).p ||
           str_eq(key_of(&scan), str_make(s->sign.second, s->sign.second_n));
}

/* Goes to where the next element seems to begin, at least one byte on. END if there is none. */
static enum err find_sign(struct json_split *s, size_t from)
{
    struct post_reader *r = s->r;
    struct str sign = str_make(s->sign.text, s->sign.n);
    pull_take(r, from);
    for (;;) {
        struct str view = pull_view(r);
        ptrdiff_t at = str_find(view, sign);
        if (at >= 0) {
            pull_take(r, (size_t)at + s->sign.before);
            s->indent = s->sign.before - 1;
            s->line_end = s->sign.text[0] == '\n';
            return OK;
        }
        pull_take(r, view.n < sign.n ? 0 : view.n - sign.n + 1);
        enum err rc = pull_fill(r);
        if (rc) {
            pull_take(r, pull_view(r).n);
            return rc;
        }
    }
}

/* To the next line that begins as a document does. */
static enum err next_line(struct json_split *s)
{
    struct post_reader *r = s->r;
    for (;;) {
        struct str view = pull_view(r);
        ptrdiff_t at = str_chr(view, '\n');
        bool known = at >= 0 && (size_t)at + 1 < view.n;
        if (known || at < 0)
            pull_take(r, at < 0 ? view.n : (size_t)at + 1);
        if (known && (view.p[at + 1] == '{' || view.p[at + 1] == '['))
            return OK;
        enum err rc = known ? OK : pull_fill(r);
        if (rc) {
            pull_take(r, pull_view(r).n);
            return rc;
        }
    }
}

/* --- elements --- */

/* Goes on behind the front of the view, where an element was looked at as far as s->skip.at: one
 * byte on, if that was not done too often. */
static enum err search_on(struct json_split *s)
{
    size_t n = pull_view(s->r).n, looked_at = s->skip.at < n ? s->skip.at : n;
    s->again += looked_at;
    bool afford = s->again <= 2 * (s->r->offset + POSTS_RECORD_BYTES);
    return find_sign(s, afford || !looked_at ? n > 0 : looked_at);
}

/* Damage in the element at the front of the view. OK: reading goes on at what is now the front.
 * END: nowhere. */
static enum err recover(struct json_split *s, const struct place *p, size_t indent, bool line_end)
{
    struct post_reader *r = s->r;
    if (p->depth == 0)
        return next_line(s);
    s->lost = true;
    if (p->item && (s->sign.n || learn_sign(s, pull_view(r), indent, line_end)))
        return search_on(s);
    pull_take(r, pull_view(r).n);
    return END;
}

/* What only seemed to be an element within one that was told is not told again. */
static enum err tell_damage(struct json_split *s, enum err rc, uint64_t offset)
{
    bool told = offset < s->told_to;
    uint64_t to = s->r->offset + (rc == END ? pull_view(s->r).n : s->skip.at);
    s->told_to = to > s->told_to ? to : s->told_to;
    if (told)
        return OK;
    if (rc == END)
        return post_gap(s->r, offset, POST_CUT, STR("the text ends within it"));
    return post_gap(s->r, offset, POST_DAMAGED, str_of(s->skip.why));
}

/* OK; AGAIN: the next element is at the front of the view, after damage; END: there is none. */
static enum err element(struct json_split *s, const struct place *p, unsigned path)
{
    struct post_reader *r = s->r;
    struct json_element e = {.offset = r->offset, .path = path};
    size_t indent = s->indent;
    bool line_end = s->line_end;
    enum err rc = whole(s, &e.text);
    if (rc == ERR_LIMIT && !s->skip.why) {
        if (post_gap(r, e.offset, POST_TOO_LONG, STR("an element")))
            return r->stopped;
        rc = skip_rest(s);
        if (!rc)
            return OK;
    }
    if (!rc && s->lost && !looks_right(s, e.text)) {
        rc = search_on(s);
        s->told = rc != OK;
        return rc ? rc : ERR_AGAIN;
    }
    if (rc && (r->ended >= 0 || s->skip.why)) {
        enum err told = tell_damage(s, rc, e.offset);
        if (told)
            return told;
        rc = recover(s, p, indent, line_end);
        s->told = rc != OK;
        return rc ? rc : ERR_AGAIN;
    }
    if (rc)
        return rc;
    s->lost = false;
    if (!s->sign.n && p->item)
        (void)learn_sign(s, e.text, indent, line_end);
    rc = s->places->element(s, &e);
    pull_take(r, e.text.n);
    return rc;
}

static enum err keep_around(struct json_split *s, const struct place *p, unsigned i)
{
    struct kept *kept = &s->kept[i];
    struct str raw;
    struct json_value value = {.kind = '"', .escaped = true};
    enum err rc = whole(s, &raw);
    if (rc)
        return rc;
    value.text = raw;
    if (raw.n && raw.p[0] == '"')
        value.text = str_sub(raw, 1, raw.n - 1);
    arena_reset(&s->r->arena);
    struct str text = json_value_text(&s->r->arena, &value);
    kept->n = text.n < sizeof kept->text ? text.n : sizeof kept->text;
    if (kept->n)
        memcpy(kept->text, text.p, kept->n);
    kept->set = !str_eq(raw, STR("null"));
    kept->depth = p->depth;
    pull_take(s->r, raw.n);
    return OK;
}

static void forget_around(struct json_split *s, unsigned depth)
{
    for (unsigned i = 0; i < s->arounds; i++)
        if (s->kept[i].depth > depth)
            s->kept[i].set = false;
}

/* --- the walk --- */

static enum err value(struct json_split *s, const struct place *p, char c);

static enum err misplaced(struct json_split *s)
{
    s->skip.why = "not the structure of JSON";
    return ERR_FORMAT;
}

static enum err array(struct json_split *s, const struct place *p)
{
    struct place item = below(s, p, NULL);
    char c;
    pull_take(s->r, 1);
    enum err rc = peek(s, &c);
    if (!rc && c == ']') {
        pull_take(s->r, 1);
        return OK;
    }
    while (!rc) {
        while ((rc = value(s, &item, c)) == ERR_AGAIN && !s->r->stopped)
            c = '{';
        forget_around(s, item.depth);
        rc = rc ? rc : peek(s, &c);
        if (rc)
            return rc;
        if (c != ',' && c != ']')
            return misplaced(s);
        pull_take(s->r, 1);
        if (c == ']')
            return OK;
        rc = peek(s, &c);
    }
    return rc;
}

static enum err member(struct json_split *s, const struct place *p, char c)
{
    char key_bytes[KEY_BYTES];
    struct str raw;
    if (c != '"')
        return misplaced(s);
    enum err rc = whole(s, &raw);
    if (rc)
        return rc;
    struct str key = str_make(key_bytes, raw.n - 2 < KEY_BYTES ? raw.n - 2 : KEY_BYTES);
    memcpy(key_bytes, raw.p + 1, key.n);
    pull_take(s->r, raw.n);
    rc = peek(s, &c);
    if (rc)
        return rc;
    if (c != ':')
        return misplaced(s);
    pull_take(s->r, 1);
    rc = peek(s, &c);
    struct place inner = below(s, p, &key);
    return rc ? rc : value(s, &inner, c);
}

static enum err object(struct json_split *s, const struct place *p)
{
    char c;
    pull_take(s->r, 1);
    enum err rc = peek(s, &c);
    if (!rc && c == '}') {
        pull_take(s->r, 1);
        return OK;
    }
    while (!rc) {
        rc = member(s, p, c);
        rc = rc ? rc : peek(s, &c);
        if (rc)
            return rc;
        if (c != ',' && c != '}')
            return misplaced(s);
        pull_take(s->r, 1);
        if (c == '}')
            return OK;
        rc = peek(s, &c);
    }
    return rc;
}

/* The value at the front of the view, which begins with c. */
static enum err value(struct json_split *s, const struct place *p, char c)
{
    int path = c == '{' ? complete(s->element, p->elements, p->depth) : -1;
    if (path >= 0)
        return element(s, p, (unsigned)path);
    if (!p->elements && !p->around)
        return skip_value(s);
    if (c == '{')
        return object(s, p);
    if (c == '[')
        return array(s, p);
    path = complete(s->around, p->around, p->depth);
    return path >= 0 ? keep_around(s, p, (unsigned)path) : skip_value(s);
}

/* Damage around the elements, or a text that ends there. */
static enum err tell_rest(struct json_split *s, enum err rc, uint64_t offset)
{
    if (rc == END)
        return post_gap(s->r, offset, POST_CUT, STR("the text ends within it"));
    return post_gap(s->r, s->r->offset, POST_DAMAGED, STR("the rest of the document is not read"));
}

/* One document after the other. */
static enum err documents(struct json_split *s)
{
    struct post_reader *r = s->r;
    struct place top = {.elements = (1u << s->elements) - 1, .around = (1u << s->arounds) - 1};
    unsigned whole_ones = 0;
    char c;
    enum err rc;
    while ((rc = peek(s, &c)) == OK) {
        uint64_t offset = r->offset;
        rc = value(s, &top, c);
        forget_around(s, 0);
        if (r->stopped)
            return r->stopped;
        if (rc == ERR_AGAIN || rc == OK) {
            whole_ones += rc == OK;
            continue;
        }
        bool stream_failed = rc < 0 && !s->skip.why && r->ended < 0;
        if (s->told || stream_failed)
            return rc;
        rc = tell_rest(s, rc, offset);
        if (!rc)
            rc = whole_ones ? next_line(s) : END;
        if (rc)
            return rc;
    }
    return rc;
}

enum err json_split(struct post_reader *r, const struct json_places *places, void *ctx)
{
    struct json_split *s = calloc(1, sizeof *s);
    if (!s)
        return fail(r->error, ERR_NOMEM, "out of memory");
    s->r = r;
    s->places = places;
    s->ctx = ctx;
    enum err rc = ERR_BUG;
    if (parse_paths(places->elements, s->element, &s->elements) &&
        parse_paths(places->around, s->around, &s->arounds))
        rc = documents(s);
    free(s);
    return rc;
}

/* --- the head --- */

/* One token of the head that stands at this depth, within what `mask` may go on with. */
struct head {
    struct path path[32];
    uint32_t mask[LIMIT_JSON_DEPTH + 1]; /* of the open brackets; [0] is for documents */
    uint32_t found;
};

static bool head_token(struct head *h, struct json_reader *j)
{
    struct json_token t;
    unsigned depth = j->depth;
    if (json_next(j, &t) != OK)
        return false;
    if (t.type == JSON_OBJECT_END || t.type == JSON_ARRAY_END)
        return true;
    uint32_t mask = h->mask[0];
    if (depth)
        mask = narrow(h->path, h->mask[depth], depth - 1, t.key.p ? &t.key : NULL);
    for (uint32_t left = mask; left; left &= left - 1)
        if (h->path[__builtin_ctz(left)].n == depth)
            h->found |= left & -left;
    if (j->depth > depth)
        h->mask[j->depth] = mask;
    return true;
}

uint32_t json_head(struct str head, const char *const *places, size_t n)
{
    enum { DOCUMENTS = 32 };
    struct head h = {.mask = {n < 32 ? (1u << n) - 1 : UINT32_MAX}};
    struct json_reader j;
    for (size_t i = 0; i < n; i++)
        if (i == ARRAY_LEN(h.path) || !parse_path(places[i], &h.path[i]))
            return 0;
    for (int i = 0; i < DOCUMENTS && head.n; i++) {
        json_open(&j, head, false);
        while (head_token(&h, &j) && (j.depth || j.at == 0)) {
        }
        if (j.rc || !j.at)
            break;
        head = str_sub(head, j.at, head.n);
    }
    return h.found;
}
