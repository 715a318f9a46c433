#include "codec/json_tracks.h"

#include "codec/json_string.h"

enum { TRACK_BYTES = 8 * 1024 * 1024, SHORT_WORD = 64 };

void json_tracks_init(struct json_tracks *t)
{
    *t = (struct json_tracks){0};
    arena_init(&t->arena, TRACK_BYTES);
}

void json_tracks_done(struct json_tracks *t)
{
    vec_done(&t->step);
    arena_done(&t->arena);
}

void json_tracks_forget(struct json_tracks *t)
{
    arena_reset(&t->arena);
    t->step.n = 0;
}

/* ---- learning ---- */

/* ERR_LIMIT: nothing can be put there. */
static enum err step_add(struct json_tracks *t, uint32_t *at, struct str text, bool last,
                         uint32_t tag)
{
    bool string = !last && text.n && text.p[text.n - 1] == '"';
    unsigned ways = 0;
    for (uint32_t k = t->step.v[*at].first; k; k = t->step.v[k].other, ways++) {
        const struct json_step *s = &t->step.v[k];
        if (s->string == string && s->last == last && str_eq(str_make(s->text, s->n), text)) {
            *at = k;
            return OK;
        }
    }
    if (text.n > TRACK_BETWEEN || ways >= TRACK_WAYS)
        return ERR_LIMIT;
    struct str copy = arena_str(&t->arena, text);
    if (!copy.p)
        return ERR_LIMIT;
    struct json_step new = {copy.p, (uint32_t)text.n, tag, 0, t->step.v[*at].first, string, last};
    uint32_t number = (uint32_t)t->step.n;
    TRY(vec_push(&t->step, new, TRACK_STEPS));
    t->step.v[*at].first = number;
    *at = number;
    return OK;
}

static enum err learn(struct json_tracks *t, struct str object, const struct json_tracked *value,
                      size_t n)
{
    uint32_t at = 0;
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        struct str text = value[i].value.text;
        size_t begin = (size_t)(text.p - object.p);
        TRY(step_add(t, &at, str_sub(object, from, begin), false, value[i].tag));
        from = begin + text.n;
    }
    return step_add(t, &at, str_sub(object, from, object.n), true, 0);
}

enum err json_tracks_learn(struct json_tracks *t, struct str object,
                           const struct json_tracked *value, size_t n)
{
    if (n > TRACK_VALUES)
        return OK;
    if (t->step.n + n + 2 > TRACK_STEPS || t->arena.used_bytes > TRACK_BYTES / 2)
        json_tracks_forget(t);
    if (t->step.n == 0)
        TRY(vec_push(&t->step, (struct json_step){0}, TRACK_STEPS));
    enum err rc = learn(t, object, value, n);
    return rc == ERR_LIMIT ? OK : rc;
}

/* ---- reading ---- */

static inline bool stands_at(const struct json_step *s, struct str text, size_t at)
{
    return text.n - at >= s->n && memcmp(text.p + at, s->text, s->n) == 0;
}

static inline bool read_string(struct str text, size_t at, struct json_value *v)
{
    size_t end = json_string_end(text.p, at, text.n, &v->escaped);
    if (end >= text.n || text.p[end] != '"')
        return false;
    v->kind = '"';
    v->text = str_make(text.p + at, end - at);
    return true;
}

static inline bool read_word(struct str text, size_t at, struct json_value *v)
{
    size_t end = at;
    while (end < text.n && end - at < SHORT_WORD && json_is_word(text.p[end]))
        end++;
    v->text = str_make(text.p + at, end - at);
    v->kind = json_word_kind(v->text);
    v->escaped = false;
    return v->kind && end - at < SHORT_WORD;
}

/* The step that goes on from `at`, and its value; 0: none. */
static inline uint32_t go_on(struct json_tracks *t, uint32_t from, struct str text, size_t at,
                             struct json_value *ret)
{
    struct json_step *step = t->step.v;
    for (uint32_t k = step[from].first, before = 0; k; before = k, k = step[k].other) {
        const struct json_step *s = &step[k];
        if (!stands_at(s, text, at))
            continue;
        if (s->last ? at + s->n != text.n
                    : !(s->string ? read_string : read_word)(text, at + s->n, ret))
            continue;
        if (before) { /* first the next time: events of a kind come together */
            step[before].other = step[k].other;
            step[k].other = step[from].first;
            step[from].first = k;
        }
        return k;
    }
    return 0;
}

bool json_tracks_read(struct json_tracks *t, struct str object,
                      struct json_tracked ret_value[TRACK_VALUES], size_t *ret_n)
{
    size_t at = 0, n = 0;
    if (t->step.n == 0)
        return false;
    for (uint32_t k = 0; n <= TRACK_VALUES;) {
        struct json_value v;
        k = go_on(t, k, object, at, &v);
        if (!k)
            return false;
        if (t->step.v[k].last) {
            *ret_n = n;
            return true;
        }
        if (n == TRACK_VALUES)
            return false;
        ret_value[n++] = (struct json_tracked){v, t->step.v[k].tag};
        at = (size_t)(v.text.p - object.p) + v.text.n;
    }
    return false;
}
