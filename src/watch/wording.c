#include "watch/wording.h"

#include <stdlib.h>

static bool word_byte(struct str text, size_t at)
{
    return at < text.n &&
           (ascii_alpha((unsigned char)text.p[at]) || ascii_digit((unsigned char)text.p[at]));
}

static bool take_group(struct wording *w, struct str name, uint8_t *ret_group)
{
    for (size_t i = 0; i < w->n_groups; i++)
        if (str_eq(w->group[i], name)) {
            *ret_group = (uint8_t)i;
            return true;
        }
    if (w->n_groups == WORDING_GROUPS)
        return false;
    *ret_group = (uint8_t)w->n_groups;
    w->group[w->n_groups++] = name;
    return true;
}

/* false: no line of the form that is wanted. */
static bool take_line(struct wording *w, struct str line, struct str *ret_text, struct phrase *p)
{
    struct str group, rest = line;
    if (!str_cut(&rest, '\t', &group) || !rest.p || rest.n < 2 || !take_group(w, group, &p->group))
        return false;
    p->whole = rest.p[0] == '=';
    *ret_text = p->whole ? str_sub(rest, 1, rest.n) : rest;
    p->bytes = (uint8_t)ret_text->n;
    return ret_text->n <= UINT8_MAX;
}

enum err wording_load(struct arena *arena, struct str text, struct wording *ret_wording,
                      struct error *error)
{
    struct wording w = {0};
    struct str line, *literal = arena_new_n(arena, struct str, WORDING_PHRASES);
    size_t n = 0;
    w.phrase = arena_new_n(arena, struct phrase, WORDING_PHRASES);
    if (!literal || !w.phrase)
        return fail(error, ERR_NOMEM, "out of memory");
    while (str_cut(&text, '\n', &line)) {
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (n == WORDING_PHRASES || !take_line(&w, line, &literal[n], &w.phrase[n]))
            return fail(error, ERR_FORMAT, "phrase %zu of the wording cannot be read", n + 1);
        n++;
    }
    TRY(lit_new(literal, n, NULL, &w.set, error));
    *ret_wording = w;
    return OK;
}

void wording_done(struct wording *w)
{
    w->set = lit_free(w->set);
    free(w->spots.v);
    w->spots = (struct lit_spots){0};
}

enum err wording_of(struct wording *w, struct str text, uint16_t *bits)
{
    TRY(lit_scan(w->set, text, &w->spots));
    for (size_t i = 0; i < w->spots.n; i++) {
        const struct lit_spot *s = &w->spots.v[i];
        const struct phrase *p = &w->phrase[s->literal];
        size_t from = s->end - p->bytes;
        if (p->whole && ((from > 0 && word_byte(text, from - 1)) || word_byte(text, s->end)))
            continue;
        *bits = (uint16_t)(*bits | 1u << p->group);
    }
    return OK;
}
