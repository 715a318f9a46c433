#include "scan/idle.h"

#include "base/hash.h"

/* What is known of a line. */
struct known {
    struct idle *idle;
    struct str line;
    const struct str *cell;
    bool parsed, record; /* the line, when a rule first had to be asked; it is one */
};

/* The columns that views are made of, of those that stand in the line. */
static struct columns columns_of(const struct fields *f, const struct sigma_views *views,
                                 uint16_t real)
{
    struct columns c = {.any = views->whole};
    for (uint16_t v = 0; v < 64 * ARRAY_LEN(views->bit); v++)
        if (views->bit[v / 64] >> (v % 64) & 1)
            fields_columns(f, v, &c);
    for (size_t i = real; i < 64 * ARRAY_LEN(c.bit); i++)
        c.any |= c.bit[i / 64] >> (i % 64) & 1;
    return c;
}

static bool literal_in(struct str cell, const struct check *c)
{
    bool escaped = str_chr(cell, '%') >= 0;
    for (size_t i = 0; i < c->n; i++)
        if (str_ifind(cell, c->literal[i]) >= 0 || (escaped && str_ifind(cell, c->run[i]) >= 0))
            return true;
    return false;
}

static bool has_column(const struct columns *c, size_t i)
{
    return c->bit[i / 64] >> (i % 64) & 1;
}

static bool all_known(const struct columns *c, const struct known *k)
{
    for (size_t i = 0; i < k->idle->columns; i++)
        if (has_column(c, i) && !k->cell[i].p)
            return false;
    return !c->any;
}

/* Are all cells known in which the check could be fulfilled, and none of them does it? */
static bool fails(const struct check *c, const struct known *k)
{
    if (!all_known(&c->columns, k))
        return false;
    for (size_t i = 0; i < k->idle->columns; i++)
        if (has_column(&c->columns, i) && literal_in(k->cell[i], c))
            return false;
    return true;
}

static bool term_closed(const struct bound *b, uint32_t term, const struct known *k)
{
    const struct program *p = k->idle->program;
    for (size_t i = 0; i < b->n_checks; i++)
        if ((b->check[i].leaf & term) && b->check[i].check != CHECK_ALWAYS &&
            fails(&p->check[b->check[i].check], k))
            return true;
    return false;
}

static bool gate_closed(const struct bound *b, uint8_t leaf, const struct known *k)
{
    for (size_t i = 0; i < b->gate->n_terms; i++)
        if ((b->gate->term[i] >> leaf & 1) && !term_closed(b, b->gate->term[i], k))
            return false;
    return true;
}

static bool parse(struct known *k)
{
    struct idle *idle = k->idle;
    if (!k->parsed) {
        arena_reset(idle->arena);
        idle->record->n = 0;
        k->record = idle->program->codec->line(idle->state, k->line, idle->arena, idle->record) ==
                    LINE_RECORD;
        k->parsed = true;
        idle->record->raw = k->line;
        fields_next(idle->fields, idle->state, idle->record);
    }
    return k->record;
}

static struct str view_value(void *ctx, uint16_t view)
{
    return fields_view(ctx, view);
}

/* A rule that looks at nothing but known cells says now what it will always say; one that is not
 * tried any more says nothing. */
static bool rule_denies(const struct bound *b, struct known *k)
{
    struct fields *f = k->idle->fields;
    struct costs *costs = k->idle->costs;
    bool limited = false;
    if (costs->rule[b->rule].cut || !all_known(&b->columns, k) || !parse(k))
        return false;
    struct sigma_subject subject = {f, k->line, k->idle->record->time_us, view_value};
    bool matches = costs_eval(costs, b->rule, b->plan, &subject, NULL, &limited);
    return !matches && !limited && !f->short_of_memory;
}

static bool target_closed(const struct target *t, struct known *k)
{
    if (t->kind != TARGET_RULE)
        return false;
    const struct bound *b = &k->idle->program->bound[t->index];
    return gate_closed(b, t->leaf, k) || rule_denies(b, k);
}

static bool is_idle(void *ctx, struct str line, const struct str *cell, const uint32_t *literal,
                    size_t n)
{
    struct known k = {.idle = ctx, .line = line, .cell = cell};
    const struct program *p = k.idle->program;
    for (size_t i = 0; i < n; i++)
        for (uint32_t t = p->target_at[literal[i]]; t < p->target_at[literal[i] + 1]; t++)
            if (!target_closed(&p->target[t], &k))
                return false;
    return true;
}

/* May the literal matter in a cell that is not known? */
static bool matters(const struct idle *idle, uint32_t literal, const bool *known)
{
    const struct program *p = idle->program;
    for (uint32_t t = p->target_at[literal]; t < p->target_at[literal + 1]; t++) {
        const struct target *target = &p->target[t];
        if (target->kind != TARGET_RULE)
            return true;
        const struct sigma_views *views = &p->bound[target->index].gate->leaf[target->leaf].views;
        struct columns c = columns_of(idle->fields, views, idle->columns);
        for (size_t i = 0; i < idle->columns; i++)
            c.any |= has_column(&c, i) && !known[i];
        if (c.any)
            return true;
    }
    return false;
}

enum { MODEL_LINES = 200, REST_AFTER = 200 };

/* The sample's lines in lower case, for the matcher to choose what is rare in such text. */
static bool model_of(struct arena *arena, struct str sample, struct lit_model *ret)
{
    struct str *line = arena_new_n(arena, struct str, MODEL_LINES);
    double *weight = arena_new_n(arena, double, MODEL_LINES);
    char *low = arena_alloc(arena, sample.n + 1);
    if (!line || !weight || !low)
        return false;
    ascii_lower_all(low, sample.p, sample.n);
    sample.p = low;
    *ret = (struct lit_model){line, weight, 0};
    while (ret->n < MODEL_LINES && str_cut(&sample, '\n', &line[ret->n]))
        weight[ret->n++] = 1;
    return true;
}

static struct lit_set *rest(void *ctx, const bool *known, struct str sample)
{
    struct idle *idle = ctx;
    const struct program *p = idle->program;
    struct lit_model model;
    struct lit_set *set;
    arena_reset(idle->arena);
    bool *take = arena_new_n(idle->arena, bool, p->n_literals + 1);
    if (!take || !model_of(idle->arena, sample, &model))
        return NULL; /* then all are searched for, as before */
    for (uint32_t i = 0; i < p->n_literals; i++)
        take[i] = matters(idle, i, known);
    return lit_subset(p->lits, take, &model, &set) == OK ? set : NULL;
}

/* Files of one kind may have the same columns, and often do. */
static uint64_t names_hash(const struct log_state *state)
{
    uint64_t hash = state->columns;
    for (uint16_t i = 0; i < state->columns; i++)
        hash = hash64(column_name(state, i), hash);
    return hash;
}

static void bind_columns(struct program *p, const struct fields *f, uint16_t real)
{
    memset(p->asks, 0, sizeof p->asks);
    for (size_t i = 0; i < p->n_checks; i++)
        p->check[i].columns = columns_of(f, p->check[i].views, real);
    for (size_t i = 0; i < p->n_bound; i++) {
        p->bound[i].columns = columns_of(f, sigma_views(p->bound[i].plan), real);
        for (size_t c = 0; c < LIMIT_FIELDS; c++)
            p->asks[c] |= has_column(&p->bound[i].columns, c);
    }
}

struct repeat_judge idle_judge(struct idle *idle)
{
    struct program *p = idle->program;
    const struct codec *codec = p->codec;
    idle->columns = codec_columns(codec, idle->state);
    uint64_t hash = hash64(str_make((const char *)&idle->columns, sizeof idle->columns),
                           names_hash(idle->state));
    fields_bind(idle->fields, idle->state);
    if (hash != p->columns_hash)
        bind_columns(p, idle->fields, idle->columns);
    p->columns_hash = hash;
    return (struct repeat_judge){
        .ctx = idle,
        .idle = is_idle,
        .rest = rest,
        .rest_after = REST_AFTER,
        .asks = p->asks,
        .marker = p->is_marker,
        .cells = codec->cells == CELLS_LOOSE ? 0 : idle->columns,
        .may_be_empty = codec->cells == CELLS_VALUES,
        .meaning = hash,
    };
}
