#include "base/map.h"
#include "codec/posts_json.h"

#include <stdlib.h>

/* STIX 2.0 and 2.1: reports, notes, opinions, groupings and vulnerabilities of a bundle or a TAXII
 * answer. Who created an object is its site; the identity may stand behind what refers to it, so
 * objects wait for it, as far as HELD_BYTES go. */

enum { HELD_BYTES = 8 * 1024 * 1024, NAMES_BYTES = 4 * 1024 * 1024, IDENTITIES = 20 * 1000 };
enum { HELD = IDENTITIES };

enum {
    TYPE,
    ID,
    NAME,
    DESCRIPTION,
    CONTENT,
    ABSTRACT,
    EXPLANATION,
    PUBLISHED,
    CREATED,
    CREATED_BY,
    LANG,
    AUTHORS,
    REFERENCES,
    REVOKED,
    VALUES
};

static const struct post_path paths[VALUES] = {
    [TYPE] = {POST_OTHER, "type"},
    [ID] = {POST_ID, "id"},
    [NAME] = {POST_TITLE, "name"},
    [DESCRIPTION] = {POST_OTHER, "description"},
    [CONTENT] = {POST_OTHER, "content"},
    [ABSTRACT] = {POST_TITLE, "abstract"},
    [EXPLANATION] = {POST_OTHER, "explanation"},
    [PUBLISHED] = {POST_TIME, "published"},
    [CREATED] = {POST_TIME, "created"},
    [CREATED_BY] = {POST_OTHER, "created_by_ref"},
    [LANG] = {POST_LANG, "lang"},
    [AUTHORS] = {POST_OTHER, "authors"},
    [REFERENCES] = {POST_OTHER, "external_references"},
    [REVOKED] = {POST_OTHER, "revoked"},
};

struct held {
    struct str text; /* p == NULL: was given */
    uint64_t offset;
};

struct stix {
    struct arena names_arena, held_arena;
    struct map ids;              /* of identities, by number */
    struct str name[IDENTITIES]; /* of that number */
    struct held held[HELD];
    size_t held_n;
};

static bool is_post(const struct json_value *type)
{
    static const struct str types[] = {
        {"report", 6}, {"note", 4}, {"opinion", 7}, {"grouping", 8}, {"vulnerability", 13}};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (json_is(type, types[i]))
            return true;
    return false;
}

/* Full tables are no failure: such an identity stays a number. */
static void learn_identity(struct stix *x, struct post_reader *r, const struct json_value *v)
{
    struct str id = json_value_text(&r->arena, &v[ID]), name = json_value_text(&r->arena, &v[NAME]);
    uint32_t number = (uint32_t)x->ids.n;
    if (!id.n || !name.n || map_get(&x->ids, id) || number >= IDENTITIES)
        return;
    struct str copy = arena_str(&x->names_arena, name);
    if (copy.p && map_put(&x->ids, id, number) == OK)
        x->name[number] = copy;
}

/* The first strings of an array; of objects, their urls. */
static struct str first_of(struct post_reader *r, const struct json_value *list)
{
    static const char *const url[] = {"url"};
    struct json_scan scan;
    struct json_value key, v, got;
    if (list->kind != '[' || json_scan_open(&scan, list->text))
        return STR_NONE;
    while (json_scan_next(&scan, &key, &v) == OK) {
        if (v.kind == '"')
            return json_value_text(&r->arena, &v);
        if (v.kind == '{' && json_pick(v.text, url, 1, &got) == OK && json_given(&got))
            return json_value_text(&r->arena, &got);
    }
    return STR_NONE;
}

static enum err give(struct post_reader *r, const struct json_value *v, struct post *post,
                     struct str site, size_t room)
{
    static const unsigned texts[] = {DESCRIPTION, CONTENT, EXPLANATION};
    struct joined j = joined_open(&r->arena, room);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        joined_line(&j, json_value_text(&r->arena, &v[texts[i]]));
    post->text = joined_text(&j);
    post->author = first_of(r, &v[AUTHORS]);
    post->url = first_of(r, &v[REFERENCES]);
    post->source = STR("stix");
    post->site = site;
    return post_give_text(r, post);
}

/* *ret_wait: its creator is not known yet, and `wait` says that this is no time to give it. */
static enum err object(struct stix *x, struct post_reader *r, const struct json_element *e,
                       bool wait, bool *ret_wait)
{
    struct json_value v[VALUES];
    struct post post;
    *ret_wait = false;
    enum err rc = post_fill(r, e, paths, VALUES, v, &post);
    if (rc)
        return rc == END ? OK : rc;
    if (json_is(&v[TYPE], STR("identity")))
        learn_identity(x, r, v);
    if (!is_post(&v[TYPE]) || v[REVOKED].kind == 't')
        return OK;
    struct str creator = json_value_text(&r->arena, &v[CREATED_BY]);
    const uint32_t *number = creator.n ? map_get(&x->ids, creator) : NULL;
    *ret_wait = wait && creator.n && !number;
    if (*ret_wait)
        return OK;
    return give(r, v, &post, number ? x->name[*number] : creator, e->text.n + 4);
}

/* Gives what waits, whether its creator is known by now or not. */
static enum err flush(struct stix *x, struct post_reader *r)
{
    enum err rc = OK;
    bool waits;
    for (size_t i = 0; i < x->held_n && !rc; i++) {
        struct json_element e = {.text = x->held[i].text, .offset = x->held[i].offset};
        rc = object(x, r, &e, false, &waits);
    }
    x->held_n = 0;
    arena_reset(&x->held_arena);
    return rc;
}

static enum err element(struct json_split *s, const struct json_element *e)
{
    struct stix *x = json_split_ctx(s);
    struct post_reader *r = json_split_reader(s);
    bool waits;
    enum err rc = object(x, r, e, true, &waits);
    if (rc || !waits)
        return rc;
    struct str copy = x->held_n < HELD ? arena_str(&x->held_arena, e->text) : STR_NONE;
    if (!copy.p) {
        rc = flush(x, r);
        return rc ? rc : object(x, r, e, false, &waits);
    }
    x->held[x->held_n++] = (struct held){copy, e->offset};
    return OK;
}

static const struct json_places places = {.elements = {"objects[]", "[]"}, .element = element};
static const struct json_places line_places = {.elements = {""}, .element = element};

/* Objects stand in a bundle or an answer, in an array, or one a line. */
static bool in_lines(struct str head)
{
    static const char *const signs[] = {"objects", "id", "type", "created"};
    return json_head(head, signs, ARRAY_LEN(signs)) == (2 | 4 | 8);
}

static enum err read(struct post_reader *r)
{
    struct stix *x = calloc(1, sizeof *x);
    if (!x)
        return fail(r->error, ERR_NOMEM, "out of memory");
    arena_init(&x->names_arena, NAMES_BYTES);
    arena_init(&x->held_arena, HELD_BYTES);
    map_init(&x->ids, &x->names_arena, IDENTITIES);
    bool lines = in_lines(str_sub(pull_view(r), 0, POSTS_HEAD_BYTES));
    enum err rc = json_split(r, lines ? &line_places : &places, x);
    enum err rest = r->stopped ? r->stopped : flush(x, r);
    map_done(&x->ids);
    arena_done(&x->names_arena);
    arena_done(&x->held_arena);
    free(x);
    return rest ? rest : rc;
}

/* Ids of STIX are "type--uuid". */
static bool is(struct str head)
{
    static const char *const signs[] = {"objects[].id",
                                        "objects[].type",
                                        "[].id",
                                        "[].type",
                                        "id",
                                        "type",
                                        "objects[].spec_version",
                                        "spec_version",
                                        "[].spec_version",
                                        "objects[].created",
                                        "[].created",
                                        "created"};
    uint32_t seen = json_head(head, signs, ARRAY_LEN(signs));
    bool shape = (seen & 3) == 3 || (seen & 12) == 12 || ((seen & 48) == 48 && (seen & 2048));
    return shape && str_find(head, STR("--")) >= 0 &&
           (str_find(head, STR("\"spec_version\"")) >= 0 || str_find(head, STR("bundle--")) >= 0);
}

const struct post_format posts_stix = {
    .name = "stix", .help = "reports, notes and the like of STIX 2", .is = is, .read = read};
