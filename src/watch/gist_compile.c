#include "watch/gist_priv.h"

#include "dossier/load.h"

/* How ids begin; the readers of extract_id.c decide. */
static const char *const anchors[] = {
    "cve", "ms0",  "ms1",  "kb0", "kb1", "kb2",  "kb3", "kb4",  "kb5",   "kb6", "kb7",
    "kb8", "kb9",  "kb ",  "kb-", "kb_", "ghsa", "zdi", "cnvd", "cnnvd", "bdu", "jvndb",
    "adv", "rhsa", "icsa", "t10", "t11", "t12",  "t13", "t14",  "t15",   "t16", "t08",
};

/* Rows in the order of their literals. */
struct sorted {
    struct str literal; /* folded, small letters */
    struct gist_row row;
};

static int by_literal(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    int order = str_cmp(x->literal, y->literal);
    return order ? order : (x->row.name > y->row.name) - (x->row.name < y->row.name);
}

static bool is_phrase(const struct lexicon_row *row)
{
    return row->use == ROW_TECHNIQUE || row->use == ROW_INTENT || row->use == ROW_CONTEXT;
}

/* The number of a class of context, given on first sight; -1 if there are too many. */
static int class_of(struct gist *g, struct str name)
{
    for (size_t i = 0; i < g->n_classes; i++)
        if (str_eq(g->class_name[i], name))
            return (int)i;
    if (g->n_classes == LEXICON_CLASSES)
        return -1;
    g->class_name[g->n_classes] = name;
    return (int)g->n_classes++;
}

static enum err read_context(struct gist *g, struct str context, struct gist_row *row,
                             struct error *error)
{
    struct str word;
    while (str_cut(&context, ' ', &word)) {
        bool never = str_starts(word, STR("!"));
        int class = word.n ? class_of(g, str_sub(word, never, word.n)) : 0;
        if (class < 0)
            return fail(error, ERR_LIMIT, "more than %d classes of context", LEXICON_CLASSES);
        if (word.n)
            *(never ? &row->no_near : &row->near_any) |= UINT32_C(1) << class;
    }
    row->needs_context = row->near_any || row->no_near;
    return OK;
}

static enum err name_of(struct gist *g, struct map *names, const struct lexicon_row *from,
                        uint32_t *ret_name)
{
    char key[2 * LEXICON_ALIAS_BYTES + 2];
    bool is_new;
    struct str canonical = str_sub(from->canonical, 0, 2 * LEXICON_ALIAS_BYTES);
    key[0] = (char)('a' + (int)from->kind);
    key[1] = (char)('a' + (int)from->use);
    memcpy(key + 2, canonical.p, canonical.n);
    TRY(map_intern(names, str_make(key, canonical.n + 2), ret_name, &is_new));
    struct name name = {canonical, from->kind};
    return is_new ? vec_push(&g->name, name, LEXICON_ROWS) : OK;
}

/* Letters of a name that signs may stand for are few in short ones. */
static bool is_long(struct str alias)
{
    size_t letters = 0;
    for (size_t i = 0; i < alias.n; i++)
        letters += ascii_alpha((unsigned char)alias.p[i]);
    return letters >= 5;
}

static enum err make_row(struct gist *g, struct map *names, const struct lexicon_row *from,
                         struct sorted *to, struct error *error)
{
    g->second.n = g->second.seams.n = 0;
    TRY(fold_plain(g->letters, from->alias, &g->second));
    struct str alias = arena_str(g->arena, str_make(g->second.p, g->second.n));
    char *low = arena_alloc(g->arena, alias.n + 1);
    if (!alias.p || !low)
        return fail(error, ERR_NOMEM, "out of memory");
    ascii_lower_all(low, alias.p, alias.n);
    to->literal = str_make(low, alias.n);
    to->row = (struct gist_row){.alias = alias.p,
                                .valid_from_us = from->valid_from_us,
                                .n = (uint8_t)alias.n,
                                .use = (uint8_t)from->use,
                                .kind = (uint8_t)from->kind,
                                .intent = (uint8_t)from->intent,
                                .confidence = (uint8_t)from->confidence,
                                .boundary = (uint8_t)from->boundary,
                                .exact = from->exact,
                                .long_enough = is_long(alias)};
    TRY(read_context(g, from->context, &to->row, error));
    if (from->use == ROW_CONTEXT) {
        int class = class_of(g, from->canonical);
        to->row.name = UINT32_C(1) << (class < 0 ? 0 : class);
        return class < 0 ? fail(error, ERR_LIMIT, "too many classes of context") : OK;
    }
    return from->use == ROW_INTENT || from->use == ROW_GUARD
               ? OK
               : name_of(g, names, from, &to->row.name);
}

/* The distinct terms of sorted rows. */
static size_t list_terms(struct matcher *m, const struct sorted *sorted, size_t n,
                         struct term *ret_term)
{
    struct term *term = ret_term - 1;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !str_eq(sorted[i].literal, sorted[i - 1].literal)) {
            m->first[m->n_terms++] = (uint32_t)i;
            *++term = (struct term){.text = sorted[i].literal};
        }
        term->longer |= sorted[i].row.boundary != BOUNDARY_WORD;
        term->anywhere |= sorted[i].row.boundary == BOUNDARY_NONE;
        m->row[i] = sorted[i].row;
    }
    m->n_rows = n;
    m->first[m->n_terms] = (uint32_t)n;
    return m->n_terms;
}

/* Further terms have no rows. */
static enum err build_set(struct gist *g, struct matcher *m, const struct sorted *sorted, size_t n,
                          const char *const *further, size_t n_further, struct error *error)
{
    struct term *term = calloc(n + n_further + 1, sizeof *term);
    m->row = arena_new_n(g->arena, struct gist_row, n + 1);
    m->first = arena_new_n(g->arena, uint32_t, n + 2);
    enum err rc = OK;
    if (!term || !m->row || !m->first) {
        rc = fail(error, ERR_NOMEM, "out of memory");
    } else {
        size_t all = list_terms(m, sorted, n, term);
        for (size_t i = 0; i < n_further; i++)
            term[all++] = (struct term){.text = str_of(further[i]), .longer = true};
        rc = terms_new(term, all, embedded_get("data/common-posts.txt"), &m->set, error);
    }
    free(term);
    return rc;
}

static enum err compile_part(struct gist *g, const struct lexicon *x, bool phrases,
                             struct map *names, struct sorted *sorted, struct error *error)
{
    size_t n = 0;
    for (size_t i = 0; i < x->rows.n; i++) {
        const struct lexicon_row *row = &x->rows.v[i];
        if (is_phrase(row) != phrases)
            continue;
        TRY(make_row(g, names, row, &sorted[n], error));
        n += sorted[n].literal.n >= LEXICON_ALIAS_MIN;
    }
    qsort(sorted, n, sizeof *sorted, by_literal);
    if (phrases)
        return build_set(g, &g->phrases, sorted, n, NULL, 0, error);
    TRY(build_set(g, &g->names, sorted, n, anchors, ARRAY_LEN(anchors), error));
    g->id_first = (uint32_t)g->names.n_terms;
    return OK;
}

enum err gist_compile(struct gist *g, const struct lexicon *x, struct error *error)
{
    struct arena scratch;
    struct map names;
    arena_init(&scratch, SIZE_MAX);
    map_init(&names, &scratch, LEXICON_ROWS);
    struct sorted *sorted = arena_new_n(&scratch, struct sorted, x->rows.n + 1);
    enum err rc = sorted ? OK : fail(error, ERR_NOMEM, "out of memory");
    if (!rc)
        rc = compile_part(g, x, true, &names, sorted, error);
    if (!rc)
        rc = compile_part(g, x, false, &names, sorted, error);
    map_done(&names);
    arena_done(&scratch);
    g->seen = arena_new_n(g->arena, uint64_t, g->name.n + 1);
    return rc || g->seen ? rc : fail(error, ERR_NOMEM, "out of memory");
}

void matcher_done(struct matcher *m)
{
    m->set = terms_free(m->set);
    free(m->spots.v);
    *m = (struct matcher){0};
}
