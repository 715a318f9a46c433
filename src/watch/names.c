#include "watch/names.h"

enum { KEY_BYTES = 64 * 1024 };

/* Names of different kinds are different names. */
static struct str key_of(struct names *n, enum subject_kind kind, struct str name)
{
    buf_reset(&n->key);
    buf_putc(&n->key, (char)('a' + kind));
    buf_str(&n->key, str_sub(name, 0, name.n < KEY_BYTES - 1 ? name.n : KEY_BYTES - 1));
    return buf_view(&n->key);
}

static enum err add(struct names *n, enum subject_kind kind, struct str name, uint32_t *ret_number,
                    bool *ret_new)
{
    struct name item = {.kind = kind};
    struct str key = key_of(n, kind, name);
    TRY(n->key.rc);
    TRY(map_intern(&n->map, key, ret_number, ret_new));
    if (!*ret_new)
        return OK;
    item.text = arena_str(n->arena, str_sub(key, 1, key.n));
    return item.text.p ? vec_push(&n->list, item, CHATTER_NAMES) : ERR_NOMEM;
}

static enum err load(void *ctx, uint32_t number, int kind, struct str name)
{
    struct names *n = ctx;
    uint32_t given;
    bool is_new;
    if (kind < 0 || kind >= SUBJECT_KINDS)
        return ERR_FORMAT;
    TRY(add(n, (enum subject_kind)kind, name, &given, &is_new));
    return given == number ? OK : ERR_FORMAT;
}

enum err names_init(struct names *n, struct chatter *store, struct arena *arena, bool subjects,
                    struct error *error)
{
    *n = (struct names){.store = store, .arena = arena, .subjects = subjects};
    map_init(&n->map, arena, CHATTER_NAMES);
    buf_init(&n->key, KEY_BYTES);
    enum err rc =
        subjects ? chatter_subjects(store, load, n, error) : chatter_sites(store, load, n, error);
    return rc == ERR_FORMAT ? fail(error, rc, "the state's list of names is damaged") : rc;
}

void names_done(struct names *n)
{
    map_done(&n->map);
    vec_done(&n->list);
    buf_done(&n->key);
}

bool names_has(struct names *n, enum subject_kind kind, struct str name)
{
    struct str key = key_of(n, n->subjects ? kind : 0, name);
    return !n->key.rc && map_get(&n->map, key);
}

enum err names_number(struct names *n, enum subject_kind kind, struct str name,
                      uint32_t *ret_number, bool *ret_new, struct error *error)
{
    if (!n->subjects)
        kind = 0;
    TRY(add(n, kind, name, ret_number, ret_new));
    if (!*ret_new)
        return OK;
    const struct name *item = &n->list.v[*ret_number];
    return n->subjects ? chatter_add_subject(n->store, *ret_number, kind, item->text, error)
                       : chatter_add_site(n->store, *ret_number, item->text, error);
}
