#include "watch/gist_priv.h"

enum {
    READINGS_BYTES = 512 * 1024 * 1024,
    SENTENCE_BYTES = 200, /* as far behind "cve" a bare number is one */
    THREAD_BYTES = 500,   /* of the thread's title */
    HOST_BYTES = 100,     /* how far the name of a host is looked at, to both sides */
};

static const char *const script_names[SCRIPTS] = {
    [SCRIPT_NONE] = "none",     [SCRIPT_LATIN] = "latin",   [SCRIPT_CYRILLIC] = "cyrillic",
    [SCRIPT_GREEK] = "greek",   [SCRIPT_HAN] = "han",       [SCRIPT_KANA] = "kana",
    [SCRIPT_HANGUL] = "hangul", [SCRIPT_ARABIC] = "arabic", [SCRIPT_HEBREW] = "hebrew",
    [SCRIPT_OTHER] = "other",
};

const char *script_name(enum script script)
{
    return (unsigned)script < SCRIPTS ? script_names[script] : "";
}

const char *confidence_name(enum confidence confidence)
{
    return confidence == CONFIDENCE_HIGH ? "high" : confidence == CONFIDENCE_LOW ? "low" : "medium";
}

size_t gist_rows(const struct gist *g)
{
    return g->name.n;
}

struct str gist_row_name(const struct gist *g, uint32_t row, enum subject_kind *ret_kind)
{
    *ret_kind = g->name.v[row].kind;
    return g->name.v[row].text;
}

/* ---- where a name may stand ---- */

static bool blank_script(enum script s)
{
    return s != SCRIPT_NONE && s != SCRIPT_HAN && s != SCRIPT_KANA && s != SCRIPT_HANGUL;
}

/* The letter before or behind a place, if it would make a longer word of one that ends there. */
static inline enum script joins_before(const struct gist *g, struct str text, size_t at)
{
    unsigned char c = at > 0 ? (unsigned char)text.p[at - 1] : 0;
    if (c < 0x80)
        return ascii_alpha(c) || ascii_digit(c) ? SCRIPT_LATIN : SCRIPT_NONE;
    enum script s = letter_before(g->letters, text, at);
    return blank_script(s) ? s : SCRIPT_NONE;
}

static inline enum script joins_behind(const struct gist *g, struct str text, size_t at)
{
    unsigned char c = at < text.n ? (unsigned char)text.p[at] : 0;
    if (c < 0x80)
        return ascii_alpha(c) || ascii_digit(c) ? SCRIPT_LATIN : SCRIPT_NONE;
    enum script s = letter_at(g->letters, text, at);
    return blank_script(s) ? s : SCRIPT_NONE;
}

/* May the word go on behind the alias? An ending of up to three letters: of the stem's script, or
 * Cyrillic ones behind a Latin word. */
static bool ending_fits(const struct gist *g, const struct gist_row *row, struct str text,
                        size_t at, enum script behind)
{
    enum script last = joins_before(g, text, at);
    if (last == SCRIPT_NONE)
        return true;
    bool cyrillic = last == SCRIPT_LATIN && behind == SCRIPT_CYRILLIC;
    if (!cyrillic && (row->boundary != BOUNDARY_STEM || behind != last))
        return false;
    for (int k = 0; k < 3 && joins_behind(g, text, at) == behind; k++)
        at += (unsigned char)text.p[at] < 0x80 ? 1 : 2;
    return joins_behind(g, text, at) == SCRIPT_NONE;
}

static bool in_host(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c == '-' || c == '.' || c == '_';
}

/* Is the name a part of a host's, as in exchange.example.com or someone@exchange.example? */
static bool names_host(const struct gist *g, struct str text, uint32_t from, uint32_t to)
{
    unsigned char before = from > 0 ? (unsigned char)text.p[from - 1] : 0;
    unsigned char behind = to < text.n ? (unsigned char)text.p[to] : 0;
    if (before != '.' && before != '@' && behind != '.' && behind != '@')
        return false;
    size_t end = to, start = from;
    while (end < text.n && end - to < HOST_BYTES && in_host((unsigned char)text.p[end]))
        end++;
    while (start > 0 && from - start < HOST_BYTES && in_host((unsigned char)text.p[start - 1]))
        start--;
    while (end > to && text.p[end - 1] == '.')
        end--;
    struct str host = str_sub(text, start, end);
    ptrdiff_t dot = str_rchr(host, '.');
    if (behind == '@' || dot < 0 || start + (size_t)dot < from)
        return behind == '@' && end == to;
    /* "...on Exchange.Now we": two sentences. */
    struct str label = str_sub(host, (size_t)dot + 1, host.n);
    bool small = label.n && label.p[0] >= 'a' && label.p[0] <= 'z';
    return small && words_find(&g->lists->tlds, label);
}

bool row_stands(const struct gist *g, const struct gist_row *row, struct str text, uint32_t from,
                uint32_t to)
{
    if (row->exact && memcmp(row->alias, text.p + from, row->n) != 0)
        return false;
    if (row->boundary == BOUNDARY_NONE)
        return true;
    /* What begins with a sign needs no blank before it. */
    if (joins_before(g, text, from) != SCRIPT_NONE && joins_behind(g, text, from) != SCRIPT_NONE)
        return false;
    enum script behind = joins_behind(g, text, to);
    if (behind != SCRIPT_NONE && !ending_fits(g, row, text, to, behind))
        return false;
    return row->use != ROW_SUBJECT || !names_host(g, text, from, to);
}

/* ---- places of the posts ---- */

struct folded_at raw_at(const struct gist *g, const struct folded_post *p, uint32_t at)
{
    const struct seam *seam = g->folded.seams.v + p->seam;
    size_t from = 0, to = p->n_seams;
    while (to - from > 1) {
        size_t mid = from + (to - from) / 2;
        *(seam[mid].at <= at ? &from : &to) = mid;
    }
    uint32_t behind = at > seam[from].at ? at - seam[from].at : 0;
    return (struct folded_at){seam[from].raw + (seam[from].token ? 0 : behind), seam[from].token,
                              seam[from].in_title};
}

struct str as_written(const struct gist *g, const struct folded_post *p, const struct post *post,
                      uint32_t from, uint32_t to, uint32_t *ret_at, bool *ret_title)
{
    struct folded_at start = raw_at(g, p, from), last = raw_at(g, p, to - 1);
    struct str field = start.in_title ? post->title : post->text;
    size_t end = start.token ? start.raw + start.token : last.raw + (size_t)1;
    /* The last byte may begin a character that was longer before it was folded. */
    while (!start.token && end < field.n && ((unsigned char)field.p[end] & 0xc0) == 0x80)
        end++;
    *ret_at = start.raw;
    *ret_title = start.in_title;
    return str_sub(field, start.raw, end);
}

/* ---- ids ---- */

static enum subject_kind kind_of_item(enum item_kind kind)
{
    switch (kind) {
    case ITEM_CVE: return SUBJECT_CVE;
    case ITEM_ADVISORY: return SUBJECT_ADVISORY;
    case ITEM_TECHNIQUE: return SUBJECT_TECHNIQUE;
    default: return SUBJECT_KINDS;
    }
}

static enum err on_id(void *ctx, const struct item *item)
{
    struct gist *g = ctx;
    enum subject_kind kind = kind_of_item(item->kind);
    if (kind == SUBJECT_KINDS)
        return OK;
    struct found_id id = {arena_str(&g->scratch, item->value), kind, (uint32_t)item->offset,
                          (uint32_t)(item->offset + item->text.n)};
    struct hit hit = {NULL, id.from, id.to, (uint32_t)g->id.n};
    if (!id.name.p)
        return ERR_NOMEM;
    TRY(vec_push(&g->id, id, UINT32_MAX));
    return vec_push(&g->hit, hit, UINT32_MAX);
}

/* Numbers without "CVE" in the rest of the sentence. */
static enum err bare_numbers(struct gist *g, struct str text, size_t from, size_t anchor)
{
    size_t end;
    from = from > g->bare_from ? from : g->bare_from;
    for (size_t i = from; i < text.n && i < anchor + SENTENCE_BYTES; i++) {
        g->bare_from = i + 1;
        if (text.p[i] == '\n' || (text.p[i] == '.' && i + 1 < text.n && text.p[i + 1] == ' '))
            break;
        if (!ascii_digit((unsigned char)text.p[i]) || joins_before(g, text, i) != SCRIPT_NONE)
            continue;
        TRY(extract_id(g->ids, i, &end));
        if (end) {
            g->id_from = end;
            i = end - 1;
        }
    }
    return OK;
}

static enum err try_id(struct gist *g, struct str text, uint32_t from)
{
    size_t end;
    if (from < g->id_from || joins_before(g, text, from) != SCRIPT_NONE)
        return OK;
    TRY(extract_id(g->ids, from, &end));
    g->id_from = end ? end : g->id_from;
    if (ascii_lower((unsigned char)text.p[from]) != 'c')
        return OK;
    return bare_numbers(g, text, end ? end : from + (size_t)3, from);
}

/* ---- a block of posts ---- */

static int64_t known_since(const struct post *post)
{
    return post->ingest_us != TIME_NONE ? post->ingest_us : post->time_us;
}

enum err take_names(struct gist *g, struct str text, struct term_spot spot, int64_t known_us,
                    uint32_t words_from)
{
    const struct matcher *m = &g->names;
    for (uint32_t r = m->first[spot.term]; r < m->first[spot.term + 1]; r++) {
        const struct gist_row *row = &m->row[r];
        struct hit hit = {row, spot.from, spot.from + row->n, 0};
        bool other = spot.from >= words_from;
        if ((!other || row->long_enough) && row_stands(g, row, text, hit.from, hit.to) &&
            (row->valid_from_us <= known_us || known_us == TIME_NONE))
            TRY(vec_push(&g->hit, hit, UINT32_MAX));
    }
    return OK;
}

static enum err take_spot(struct gist *g, const struct post *post, const struct folded_post *p,
                          struct str text, struct term_spot spot)
{
    if (spot.term >= g->id_first)
        return try_id(g, text, spot.from);
    return take_names(g, text, spot, known_since(post), p->text_end);
}

/* Names and ids of all posts of the block, post by post. */
static enum err find_names(struct gist *g, const struct post *post, size_t n)
{
    struct str text = str_make(g->folded.p, g->folded.n);
    size_t k = 0;
    g->hit.n = g->hit_first.n = g->id.n = g->id_from = g->bare_from = 0;
    TRY(terms_scan(g->names.set, text, &g->names.spots));
    TRY(vec_push(&g->hit_first, 0, UINT32_MAX));
    extract_folded(g->ids, text);
    for (size_t i = 0; i < g->names.spots.n; i++) {
        for (; g->names.spots.v[i].from >= g->post.v[k].to; k++)
            TRY(vec_push(&g->hit_first, (uint32_t)g->hit.n, UINT32_MAX));
        TRY(take_spot(g, &post[k], &g->post.v[k], text, g->names.spots.v[i]));
    }
    while (g->hit_first.n <= n)
        TRY(vec_push(&g->hit_first, (uint32_t)g->hit.n, UINT32_MAX));
    return OK;
}

/* The posts that name something, with the titles of their threads, one behind the other. */
static enum err second_block(struct gist *g, const struct post *post, size_t n)
{
    g->second.n = g->second.seams.n = g->part.n = 0;
    for (uint32_t k = 0; k < n; k++) {
        const struct folded_post *p = &g->post.v[k];
        if (g->hit_first.v[k] == g->hit_first.v[k + 1])
            continue;
        struct part part = {k, (uint32_t)g->second.n, 0, 0};
        TRY(fold_copy(&g->second, str_make(g->folded.p + p->from, p->text_end + 1 - p->from)));
        part.text_end = (uint32_t)g->second.n;
        /* An id of a thread is none of its titles. */
        if (str_chr(post[k].thread, ' ') > 0)
            TRY(fold_plain(g->letters, str_sub(post[k].thread, 0, THREAD_BYTES), &g->second));
        TRY(fold_copy(&g->second, STR("\n")));
        part.to = (uint32_t)g->second.n;
        TRY(vec_push(&g->part, part, UINT32_MAX));
    }
    return OK;
}

/* The phrases of one post, by use; places are those of the first block, what stands in the thread's
 * title is behind the text. Returns the spot to go on with. */
static enum err sort_phrases(struct gist *g, const struct part *part, size_t *spot)
{
    const struct matcher *m = &g->phrases;
    struct str text = str_make(g->second.p, g->second.n);
    const struct folded_post *p = &g->post.v[part->post];
    g->near.n = g->title_near.n = g->intent.n = g->technique.n = g->near_all = 0;
    for (; *spot < m->spots.n && m->spots.v[*spot].from < part->to; ++*spot) {
        struct term_spot s = m->spots.v[*spot];
        for (uint32_t r = m->first[s.term]; r < m->first[s.term + 1]; r++) {
            const struct gist_row *row = &m->row[r];
            uint32_t end = s.from + row->n;
            if (!row_stands(g, row, text, s.from, end))
                continue;
            struct hit hit = {row, p->from + s.from - part->from, p->from + end - part->from, 0};
            bool title = hit.to <= p->title_end || hit.from > p->text_end;
            if (row->use == ROW_CONTEXT) {
                g->near_all |= row->name;
                TRY(vec_push(title ? &g->title_near : &g->near, hit, UINT32_MAX));
            } else if (end <= part->text_end) {
                TRY(vec_push(row->use == ROW_INTENT ? &g->intent : &g->technique, hit, UINT32_MAX));
            }
        }
    }
    return OK;
}

static enum err read_block(struct gist *g, const struct post *post, size_t n, struct reading *ret)
{
    size_t spot = 0;
    TRY(find_names(g, post, n));
    TRY(second_block(g, post, n));
    for (size_t k = 0; k < n; k++)
        ret[k] = (struct reading){.intent = INTENT_MENTION,
                                  .intent_confidence = CONFIDENCE_LOW,
                                  .script = g->post.v[k].script,
                                  .weight = 1};
    if (g->part.n == 0)
        return OK;
    TRY(terms_scan(g->phrases.set, str_make(g->second.p, g->second.n), &g->phrases.spots));
    for (size_t i = 0; i < g->part.n; i++) {
        const struct part *part = &g->part.v[i];
        uint32_t first = g->hit_first.v[part->post];
        TRY(sort_phrases(g, part, &spot));
        TRY(read_post(g, &post[part->post], &g->post.v[part->post], g->hit.v + first,
                      g->hit_first.v[part->post + 1] - first, &ret[part->post]));
    }
    return OK;
}

enum err gist_batch(struct gist *g, const struct post *post, size_t n, struct reading *ret)
{
    size_t from = 0;
    arena_reset(&g->scratch);
    while (from < n) {
        size_t k = 0;
        g->folded.n = g->folded.seams.n = g->post.n = 0;
        while (from + k < n && (k == 0 || g->folded.n < GIST_BLOCK_BYTES)) {
            struct folded_post p;
            TRY(fold_post(g->letters, &post[from + k], &g->folded, &p));
            TRY(vec_push(&g->post, p, UINT32_MAX));
            k++;
        }
        TRY(read_block(g, post + from, k, ret + from));
        from += k;
    }
    return OK;
}

enum err gist_read(struct gist *g, const struct post *post, struct reading *ret)
{
    return gist_batch(g, post, 1, ret);
}

/* ---- life ---- */

static enum err start(struct gist *g, const struct gist_options *options, struct error *error)
{
    struct extract_options ids = {g->lists, g->year_max, on_id, g, NULL};
    g->letters = calloc(1, sizeof *g->letters);
    if (!g->letters || extract_new(&ids, 1, &g->ids) != OK)
        return fail(error, ERR_NOMEM, "out of memory");
    letters_init(g->letters);
    for (int c = 0; c < 256; c++) {
        bool word = c >= 0x80 || ascii_alpha((unsigned char)c) || ascii_digit((unsigned char)c);
        g->plain_of[c] = word ? ascii_lower((unsigned char)c) : ' ';
    }
    return gist_compile(g, options->lexicon, error);
}

enum err gist_new(struct arena *arena, const struct gist_options *options, struct gist **ret_gist,
                  struct error *error)
{
    struct gist *g = calloc(1, sizeof *g);
    *ret_gist = NULL;
    if (!g)
        return fail(error, ERR_NOMEM, "out of memory");
    arena_init(&g->scratch, READINGS_BYTES);
    g->arena = arena;
    g->lists = options->lists;
    g->year_max = options->year_max;
    enum err rc = start(g, options, error);
    if (rc)
        g = gist_free(g);
    *ret_gist = g;
    return rc;
}

struct gist *gist_free(struct gist *g)
{
    if (!g)
        return NULL;
    folded_done(&g->folded);
    folded_done(&g->second);
    matcher_done(&g->names);
    matcher_done(&g->phrases);
    vec_done(&g->name);
    vec_done(&g->post);
    vec_done(&g->part);
    vec_done(&g->hit);
    vec_done(&g->hit_first);
    vec_done(&g->near);
    vec_done(&g->title_near);
    vec_done(&g->told);
    vec_done(&g->intent);
    vec_done(&g->technique);
    vec_done(&g->kept);
    vec_done(&g->longest);
    vec_done(&g->chosen);
    vec_done(&g->id);
    g->ids = extract_free(g->ids);
    g->items = extract_free(g->items);
    free(g->letters);
    free(g->plain);
    arena_done(&g->scratch);
    free(g);
    return NULL;
}
