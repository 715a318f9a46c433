#include "codec/evlog_json_paths.h"

enum { TREE_BYTES = 64 * 1024 * 1024 };

static enum err path_new(struct json_paths *p, uint32_t parent, struct str key, uint32_t *ret)
{
    char room[PATH_BYTES];
    struct json_path new = {.parent = parent, .asked = PATH_NOT_ASKED};
    struct str above = p->path.n ? p->path.v[parent].path : STR("");
    size_t n = above.n;
    memcpy(room, above.p, n);
    if (n + 1 + key.n > PATH_BYTES) {
        new.too_long = true;
    } else if (!json_wraps(key) && p->path.n) {
        if (n)
            room[n++] = '.';
        memcpy(room + n, key.p, key.n);
        n += key.n;
    }
    new.key = arena_str(&p->arena, key);
    new.path = arena_str(&p->arena, str_make(room, n));
    if (!new.key.p || !new.path.p)
        return ERR_LIMIT;
    struct str field = json_field_of(new.path);
    for (uint8_t i = 0; json_times[i] && new.asked == PATH_NOT_ASKED; i++)
        if (str_ieq(i < JSON_TIMES_ANYWHERE ? field : new.path, str_of(json_times[i])))
            new.asked = i;
    if (str_ieq(field, STR("EventRecordID")))
        new.asked = PATH_RECORD_ID;
    new.message = str_eq(new.path, STR("Message"));

    new.nameless = str_eq(new.path, STR("Properties.Value"));
    new.named = json_is_named_data(new.path);
    new.number = str_eq(field, STR("EventID"));
    new.single = json_single(new.path, field);
    new.whole = json_is_whole(new.path);
    new.around = parent == 0 && json_is_list(key);
    *ret = (uint32_t)p->path.n;
    return vec_push(&p->path, new, PATHS_MAX);
}

void json_paths_forget(struct json_paths *p)
{
    map_done(&p->children);
    arena_reset(&p->arena);
    map_init(&p->children, &p->arena, PATHS_MAX);
    p->path.n = 0;
}

enum err json_paths_child(struct json_paths *p, uint32_t parent, struct str key, uint32_t *ret)
{
    char room[PATH_BYTES + sizeof parent];
    uint32_t guess = p->path.v[p->last].next;
    if (p->path.v[guess].parent == parent && guess && str_eq(p->path.v[guess].key, key)) {
        *ret = p->last = guess;
        return OK;
    }
    struct str cut = str_sub(key, 0, PATH_BYTES); /* longer ones are told as too long alike */
    memcpy(room, &parent, sizeof parent);
    memcpy(room + sizeof parent, cut.p, cut.n);
    struct str full = str_make(room, sizeof parent + cut.n);
    const uint32_t *known = map_get(&p->children, full);
    if (known) {
        *ret = *known;
    } else {
        TRY(path_new(p, parent, cut, ret));
        TRY(map_put(&p->children, full, *ret));
    }
    p->path.v[p->last].next = *ret;
    p->last = *ret;
    return OK;
}

void json_paths_init(struct json_paths *p)
{
    *p = (struct json_paths){0};
    arena_init(&p->arena, TREE_BYTES);
    map_init(&p->children, &p->arena, PATHS_MAX);
}

void json_paths_done(struct json_paths *p)
{
    map_done(&p->children);
    vec_done(&p->path);
    arena_done(&p->arena);
}

bool json_paths_full(const struct json_paths *p)
{
    return p->path.n > PATHS_MAX / 2;
}

enum err json_paths_begin(struct json_paths *p)
{
    uint32_t root;
    p->last = 0;
    return p->path.n ? OK : path_new(p, 0, STR(""), &root);
}
