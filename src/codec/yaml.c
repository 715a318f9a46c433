#include "codec/yaml.h"

#include "base/limits.h"
#include "base/vec.h"

#include <yaml.h>

/* A key waiting for its value, or a finished item of an open list or map. */
struct entry {
    struct str key;
    uint32_t key_line;
    struct node node;
};

/* An open list or map: its items are those on the stack from `first` on. */
struct level {
    struct node node;
    struct str own_key; /* its key in the map around it */
    uint32_t own_key_line;
    size_t first;
    bool has_key; /* map: the next node is the value of `key` */
    struct str key;
    uint32_t key_line;
};

struct reader {
    struct arena *arena;
    yaml_parser_t parser;
    char name[256];
    size_t events;
    struct level level[LIMIT_YAML_DEPTH];
    size_t depth;
    bool has_root;
    struct node root;
    VEC(struct entry) stack;
    VEC(struct node) docs;
    struct error *error;
};

static uint32_t line_of(const yaml_event_t *ev)
{
    return (uint32_t)ev->start_mark.line + 1;
}

static enum err out_of_memory(struct reader *r)
{
    return fail_at(r->error, ERR_NOMEM, r->name, 0, "out of memory while reading YAML");
}

static enum err syntax_error(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return out_of_memory(r);
    uint64_t line = p->error == YAML_READER_ERROR ? p->mark.line : p->problem_mark.line;
    return fail_at(r->error, ERR_FORMAT, r->name, line + 1, "not valid YAML: %s",
                   p->problem ? p->problem : "syntax error");
}

static int compare_keys(const void *a, const void *b)
{
    const struct entry *const *x = a, *const *y = b;
    int c = str_cmp((*x)->key, (*y)->key);
    return c ? c : (*x)->key_line < (*y)->key_line ? -1 : (*x)->key_line > (*y)->key_line;
}

static enum err refuse_twin(struct reader *r, const struct entry *second)
{
    return fail_at(r->error, ERR_FORMAT, r->name, second->key_line, "key '%.*s' stands twice",
                   STR_FMT(second->key));
}

/* Small maps are compared pair by pair, large ones sorted: a map of 50,000 keys stays cheap. */
static enum err refuse_duplicates(struct reader *r, const struct entry *e, size_t n)
{
    enum { SMALL = 16 };
    if (n <= SMALL) {
        for (size_t i = 1; i < n; i++)
            for (size_t k = 0; k < i; k++)
                if (str_eq(e[i].key, e[k].key))
                    return refuse_twin(r, &e[i]);
        return OK;
    }
    const struct entry **sorted = malloc(n * sizeof *sorted);
    if (!sorted)
        return out_of_memory(r);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &e[i];
    qsort(sorted, n, sizeof *sorted, compare_keys);
    enum err rc = OK;
    for (size_t i = 1; i < n && !rc; i++)
        if (str_eq(sorted[i]->key, sorted[i - 1]->key))
            rc = refuse_twin(r, sorted[i]);
    free(sorted);
    return rc;
}

static enum err add_node(struct reader *r, const struct node *node, struct str key,
                         uint32_t key_line)
{
    if (r->depth == 0) {
        r->root = *node;
        r->has_root = true;
        return OK;
    }
    struct entry e = {key, key_line, *node};
    enum err rc = vec_push(&r->stack, e, LIMIT_YAML_EVENTS);
    return rc == ERR_NOMEM ? out_of_memory(r) : rc;
}

/* The key under which a node that begins now belongs, if the level around it is a map. */
static enum err take_key(struct reader *r, uint32_t line, struct str *ret_key, uint32_t *ret_line)
{
    struct level *top = r->depth ? &r->level[r->depth - 1] : NULL;
    *ret_key = STR_NONE;
    *ret_line = line;
    if (!top || top->node.type != NODE_MAP)
        return OK;
    if (!top->has_key)
        return fail_at(r->error, ERR_FORMAT, r->name, line, "a list or map cannot be a key");
    *ret_key = top->key;
    *ret_line = top->key_line;
    top->has_key = false;
    return OK;
}

static enum err refuse_anchor(struct reader *r, const yaml_event_t *ev, const yaml_char_t *anchor)
{
    if (!anchor)
        return OK;
    return fail_at(r->error, ERR_FORMAT, r->name, line_of(ev), "anchor '&%.100s' is refused",
                   (const char *)anchor);
}

static enum err refuse_tag(struct reader *r, const yaml_event_t *ev, const yaml_char_t *tag,
                           const char *allowed)
{
    if (!tag || strcmp((const char *)tag, allowed) == 0 || strcmp((const char *)tag, "!") == 0)
        return OK;
    return fail_at(r->error, ERR_FORMAT, r->name, line_of(ev), "tag '%.100s' is refused",
                   (const char *)tag);
}

static enum err on_scalar(struct reader *r, const yaml_event_t *ev)
{
    TRY(refuse_anchor(r, ev, ev->data.scalar.anchor));
    TRY(refuse_tag(r, ev, ev->data.scalar.tag, YAML_STR_TAG));
    struct str text =
        arena_str(r->arena, str_make((const char *)ev->data.scalar.value, ev->data.scalar.length));
    if (!text.p)
        return out_of_memory(r);
    struct level *top = r->depth ? &r->level[r->depth - 1] : NULL;
    if (top && top->node.type == NODE_MAP && !top->has_key) {
        top->has_key = true;
        top->key = text;
        top->key_line = line_of(ev);
        return OK;
    }
    struct node node = {.type = NODE_SCALAR,
                        .plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                                 !ev->data.scalar.tag,
                        .line = line_of(ev),
                        .text = text};
    struct str key;
    uint32_t key_line;
    TRY(take_key(r, node.line, &key, &key_line));
    return add_node(r, &node, key, key_line);
}

static enum err on_open(struct reader *r, const yaml_event_t *ev, enum node_type type)
{
    bool map = type == NODE_MAP;
    TRY(refuse_anchor(r, ev, map ? ev->data.mapping_start.anchor : ev->data.sequence_start.anchor));
    TRY(refuse_tag(r, ev, map ? ev->data.mapping_start.tag : ev->data.sequence_start.tag,
                   map ? YAML_MAP_TAG : YAML_SEQ_TAG));
    if (r->depth == LIMIT_YAML_DEPTH)
        return fail_at(r->error, ERR_LIMIT, r->name, line_of(ev), "nested deeper than %d levels",
                       LIMIT_YAML_DEPTH);
    struct level *l = &r->level[r->depth];
    *l = (struct level){.node = {.type = type, .line = line_of(ev)}, .first = r->stack.n};
    TRY(take_key(r, l->node.line, &l->own_key, &l->own_key_line));
    r->depth++;
    return OK;
}

static enum err on_close(struct reader *r)
{
    struct level *l = &r->level[r->depth - 1];
    const struct entry *e = r->stack.v ? r->stack.v + l->first : NULL;
    size_t n = r->stack.n - l->first;
    struct node *node = &l->node;
    bool map = node->type == NODE_MAP;
    if (map)
        TRY(refuse_duplicates(r, e, n));
    node->n = n;
    node->item = arena_new_n(r->arena, struct node, n ? n : 1);
    node->key = map ? arena_new_n(r->arena, struct str, n ? n : 1) : NULL;
    if (!node->item || (map && !node->key))
        return out_of_memory(r);
    for (size_t i = 0; i < n; i++) {
        node->item[i] = e[i].node;
        if (map)
            node->key[i] = e[i].key;
    }
    r->stack.n = l->first;
    r->depth--;
    return add_node(r, node, l->own_key, l->own_key_line);
}

static enum err on_document_end(struct reader *r, size_t max_docs)
{
    if (!r->has_root)
        return OK;
    if (r->docs.n >= max_docs)
        return fail_at(r->error, ERR_LIMIT, r->name, r->root.line, "more than %zu documents",
                       max_docs);
    r->has_root = false;
    return vec_push(&r->docs, r->root, max_docs) ? out_of_memory(r) : OK;
}

static enum err on_event(struct reader *r, const yaml_event_t *ev, size_t max_docs)
{
    switch (ev->type) {
    case YAML_SCALAR_EVENT: return on_scalar(r, ev);
    case YAML_SEQUENCE_START_EVENT: return on_open(r, ev, NODE_LIST);
    case YAML_MAPPING_START_EVENT: return on_open(r, ev, NODE_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return on_close(r);
    case YAML_DOCUMENT_END_EVENT: return on_document_end(r, max_docs);
    case YAML_STREAM_END_EVENT: return END;
    case YAML_ALIAS_EVENT:
        return fail_at(r->error, ERR_FORMAT, r->name, line_of(ev), "alias '*%.100s' is refused",
                       (const char *)ev->data.alias.anchor);
    default: return OK;
    }
}

static enum err read_all(struct reader *r, size_t max_docs)
{
    for (;;) {
        yaml_event_t ev;
        if (!yaml_parser_parse(&r->parser, &ev))
            return syntax_error(r);
        enum err rc = on_event(r, &ev, max_docs);
        uint32_t line = line_of(&ev);
        yaml_event_delete(&ev);
        if (rc == END)
            return OK;
        TRY(rc);
        if (++r->events > LIMIT_YAML_EVENTS)
            return fail_at(r->error, ERR_LIMIT, r->name, line, "more than %d YAML events",
                           LIMIT_YAML_EVENTS);
    }
}

static enum err hand_over(struct reader *r, struct node **ret_docs, size_t *ret_n)
{
    if (r->docs.n == 0)
        return OK;
    struct node *docs = arena_new_n(r->arena, struct node, r->docs.n);
    if (!docs)
        return out_of_memory(r);
    memcpy(docs, r->docs.v, r->docs.n * sizeof *docs);
    *ret_docs = docs;
    *ret_n = r->docs.n;
    return OK;
}

enum err yaml_parse(struct arena *arena, struct str text, struct str name, size_t max_docs,
                    struct node **ret_docs, size_t *ret_n, struct error *error)
{
    struct reader r = {.arena = arena, .error = error};
    *ret_docs = NULL;
    *ret_n = 0;
    (void)snprintf(r.name, sizeof r.name, "%.*s", STR_FMT(name));
    if (text.n > LIMIT_RULE_FILE_BYTES)
        return fail_at(error, ERR_LIMIT, r.name, 1, "larger than %d bytes", LIMIT_RULE_FILE_BYTES);
    if (!yaml_parser_initialize(&r.parser))
        return out_of_memory(&r);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.p ? text.p : ""), text.n);
    enum err rc = read_all(&r, max_docs);
    enum err handed = hand_over(&r, ret_docs, ret_n);
    yaml_parser_delete(&r.parser);
    vec_done(&r.stack);
    vec_done(&r.docs);
    return rc ? rc : handed;
}

const char *yaml_library(void)
{
    return yaml_get_version_string();
}
