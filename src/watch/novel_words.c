#include "watch/novel_words.h"

#include "base/hash.h"
#include "base/utf.h"
#include "dossier/load.h"
#include "watch/gist_priv.h"
#include "watch/intake_priv.h"

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    WORD_CHARS_MIN = 3,
    WORD_CHARS_MAX = 40,
    LETTERS_MIN = 2,
    HEX_MIN = 8, /* a hash, or a piece of one */
    GRAM_MIN = 2,
    GRAM_MAX = 4,
    RUN_MAX = 8, /* characters of Chinese that may be one name as a whole */
    STEM_CHARS = 5,
    ENDING_CHARS = 2,
    SEEN = 4 * NOVEL_TERMS,
};

/* What a byte of the text belongs to. */
enum cover { COVER_NONE, COVER_NAME, COVER_ITEM };

struct novel_words {
    struct gist *gist;
    struct arena arena;
    struct words stop;
    struct map alias; /* of the dictionary, in small letters: known in any context */
    struct extractor *items;
    struct folded folded;
    struct str text; /* of the post that is read */
    unsigned char cover[NOVEL_TEXT_BYTES];
    struct novel_span term[NOVEL_TERMS];
    size_t n;
    uint64_t seen[SEEN]; /* keys of its terms; 0: free */
};

/* ---- life ---- */

static enum err add_aliases(struct novel_words *w, const struct matcher *m)
{
    char low[LEXICON_ALIAS_BYTES];
    for (size_t i = 0; i < m->n_rows; i++) {
        size_t n = m->row[i].n < sizeof low ? m->row[i].n : sizeof low;
        ascii_lower_all(low, m->row[i].alias, n);
        TRY(map_put(&w->alias, str_make(low, n), 0));
    }
    return OK;
}

static enum err on_item(void *ctx, const struct item *item)
{
    struct novel_words *w = ctx;
    for (size_t i = 0; i < item->text.n && item->offset + i < w->text.n; i++)
        w->cover[item->offset + i] = COVER_ITEM;
    return OK;
}

static enum err set_up(struct novel_words *w, const struct extract_lists *lists, unsigned year_max,
                       struct error *error)
{
    struct extract_options options = {lists, year_max, on_item, w, NULL};
    TRY(words_load(&w->arena, embedded_get("data/stop-words.txt"), &w->stop, error));
    if (!w->stop.n)
        return fail(error, ERR_BUG, "a list of words is missing in the program");
    map_init(&w->alias, &w->arena, 2 * LEXICON_ROWS);
    TRY(add_aliases(w, &w->gist->names));
    TRY(add_aliases(w, &w->gist->phrases));
    return extract_new(&options, NOVEL_TEXT_BYTES, &w->items);
}

enum err novel_words_new(struct gist *g, const struct extract_lists *lists, unsigned year_max,
                         struct novel_words **ret_words, struct error *error)
{
    struct novel_words *w = calloc(1, sizeof *w);
    *ret_words = w;
    if (!w)
        return ERR_NOMEM;
    w->gist = g;
    arena_init(&w->arena, ARENA_BYTES);
    enum err rc = set_up(w, lists, year_max, error);
    if (rc)
        *ret_words = novel_words_free(w);
    return rc;
}

struct novel_words *novel_words_free(struct novel_words *w)
{
    if (!w)
        return NULL;
    w->items = extract_free(w->items);
    folded_done(&w->folded);
    map_done(&w->alias);
    arena_done(&w->arena);
    free(w);
    return NULL;
}

/* ---- keys ---- */

/* "медузы", "медузой": up to two vowels or soft signs at the end of a Cyrillic word. */
static size_t without_ending(const char *p, size_t from, size_t n)
{
    static const char endings[] = "аеиоуыэюяйь";
    if (n - from < 2 * (size_t)STEM_CHARS)
        return n;
    for (int cut = 0; cut < ENDING_CHARS; cut++) {
        bool ends = false;
        for (size_t i = 0; i + 2 < sizeof endings; i += 2)
            ends |= memcmp(p + n - 2, endings + i, 2) == 0;
        n -= ends ? 2 : 0;
    }
    return n;
}

uint64_t novel_key(struct str term)
{
    char low[NOVEL_TERM_BYTES];
    size_t n = 0, word = 0;
    term = str_sub(term, 0, sizeof low);
    for (size_t i = 0; i < term.n; i++) {
        bool blank = term.p[i] == ' ' || term.p[i] == '-';
        if (blank)
            n = without_ending(low, word, n);
        low[n++] = blank ? ' ' : (char)ascii_lower((unsigned char)term.p[i]);
        word = blank ? n : word;
    }
    uint64_t key = hash64(str_make(low, without_ending(low, word, n)), 0);
    return key ? key : 1;
}

/* ---- terms ---- */

static bool is_alias(const struct novel_words *w, struct str term)
{
    char low[NOVEL_TERM_BYTES];
    for (size_t i = 0; i < term.n; i++)
        low[i] = (char)(term.p[i] == '-' ? ' ' : ascii_lower((unsigned char)term.p[i]));
    return map_get(&w->alias, str_make(low, term.n)) != NULL;
}

/* Each term of a post once; of names of the dictionary nothing. */
static void add_term(struct novel_words *w, size_t from, size_t to)
{
    struct str term = str_sub(w->text, from, to);
    if (term.n > NOVEL_TERM_BYTES || w->n == NOVEL_TERMS || is_alias(w, term))
        return;
    uint64_t key = novel_key(term);
    size_t i = key % SEEN;
    while (w->seen[i] && w->seen[i] != key)
        i = (i + 1) % SEEN;
    if (w->seen[i])
        return;
    w->seen[i] = key;
    w->term[w->n++] = (struct novel_span){(uint16_t)from, (uint8_t)term.n};
}

/* ---- Chinese: pieces between what is known ---- */

/* The end of the Han characters from `from` on that are neither stop words nor known. */
static size_t han_end(const struct novel_words *w, size_t from, uint16_t *place, size_t *ret_chars)
{
    size_t at = from, used = 0;
    *ret_chars = 0;
    while (at < w->text.n && letter_at(w->gist->letters, w->text, at) == SCRIPT_HAN) {
        (void)utf8_next(w->text, at, &used);
        if (w->cover[at] || words_find(&w->stop, str_sub(w->text, at, at + used)))
            break;
        place[(*ret_chars)++] = (uint16_t)at;
        at += used;
    }
    place[*ret_chars] = (uint16_t)at;
    return at;
}

static size_t han_terms(struct novel_words *w, size_t from)
{
    uint16_t place[NOVEL_TEXT_BYTES / 3 + 2];
    size_t chars, used, end = han_end(w, from, place, &chars);
    if (chars > GRAM_MAX && chars <= RUN_MAX)
        add_term(w, from, end);
    for (size_t i = 0; i < chars; i++)
        for (size_t n = GRAM_MIN; n <= GRAM_MAX && i + n <= chars; n++)
            add_term(w, place[i], place[i + n]);
    if (end > from)
        return end;
    (void)utf8_next(w->text, from, &used); /* the one that ends the run */
    return from + used;
}

/* ---- words between blanks ---- */

struct token {
    size_t from, to; /* to == 0: nothing that a term may be made of */
    bool known;
};

/* A letter or digit of a word, or '_'; in *ret_used its bytes. */
static bool in_token(const struct novel_words *w, size_t at, size_t *ret_used)
{
    *ret_used = 1;
    if (at >= w->text.n)
        return false;
    enum script script = letter_at(w->gist->letters, w->text, at);
    if (script != SCRIPT_NONE)
        (void)utf8_next(w->text, at, ret_used);
    return (script != SCRIPT_NONE && script != SCRIPT_HAN) || w->text.p[at] == '_';
}

/* Does it look like a word that somebody would say? */
static bool is_word(struct str s)
{
    size_t chars = 0, digits = 0, hex = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        chars += (c & 0xc0) != 0x80;
        digits += ascii_digit(c);
        hex += ascii_hex(c) >= 0;
        if (c == '_')
            return false;
    }
    return chars >= WORD_CHARS_MIN && chars <= WORD_CHARS_MAX && chars - digits >= LETTERS_MIN &&
           !(digits && hex == s.n && hex >= HEX_MIN);
}

/* "@name", "\name", "&name;": somebody's name, a path, what is left of markup. */
static bool is_marked(struct str text, size_t from)
{
    char before = from > 0 ? text.p[from - 1] : ' ';
    return before == '@' || before == '\\' || before == '&';
}

static enum cover cover_of(const struct novel_words *w, size_t from, size_t to)
{
    enum cover most = COVER_NONE;
    for (size_t i = from; i < to; i++)
        most = w->cover[i] > most ? (enum cover)w->cover[i] : most;
    return most;
}

static struct token token_at(const struct novel_words *w, size_t from, size_t *ret_end)
{
    size_t to = from, used;
    while (in_token(w, to, &used))
        to += used;
    *ret_end = to;
    struct str word = str_sub(w->text, from, to);
    enum cover cover = cover_of(w, from, to);
    if (cover == COVER_ITEM || !is_word(word) || is_marked(w->text, from) ||
        words_find(&w->stop, word))
        return (struct token){0};
    return (struct token){from, to, cover == COVER_NAME || is_alias(w, str_sub(word, 0, 64))};
}

/* Two words side by side are a term if one of them is new: "Citrix Bleed". */
static void token_terms(struct novel_words *w, const struct token *before, const struct token *t)
{
    if (!t->to)
        return;
    char between = before->to && before->to + 1 == t->from ? w->text.p[before->to] : 0;
    if (!t->known)
        add_term(w, t->from, t->to);
    if ((between == ' ' || between == '-') && !(before->known && t->known))
        add_term(w, before->from, t->to);
}

static void find_terms(struct novel_words *w)
{
    struct token before = {0};
    size_t used;
    for (size_t at = 0; at < w->text.n;) {
        if (in_token(w, at, &used)) {
            struct token t = token_at(w, at, &at);
            token_terms(w, &before, &t);
            before = t;
        } else if (letter_at(w->gist->letters, w->text, at) == SCRIPT_HAN) {
            at = han_terms(w, at);
        } else {
            at += used;
        }
    }
}

/* ---- a post ---- */

static enum err find_known(struct novel_words *w)
{
    const struct gist_name *name;
    size_t n;
    memset(w->cover, COVER_NONE, sizeof w->cover);
    TRY(gist_names(w->gist, w->text, &name, &n));
    for (size_t i = 0; i < n; i++)
        for (size_t at = name[i].from; at < name[i].to && at < w->text.n; at++)
            w->cover[at] = COVER_NAME;
    return extract_text(w->items, w->text);
}

enum err novel_words_read(struct novel_words *w, const struct post *post, struct novel_reading *ret)
{
    struct folded_post at;
    struct post front = *post;
    *ret = (struct novel_reading){0};
    front.title = str_sub(post->title, 0, NOVEL_RAW_BYTES);
    front.text = str_sub(post->text, 0, NOVEL_RAW_BYTES);
    w->folded.n = w->folded.seams.n = w->n = 0;
    memset(w->seen, 0, sizeof w->seen);
    TRY(fold_post(w->gist->letters, &front, &w->folded, &at));
    /* One sign stands before the title. */
    struct str all = str_make(w->folded.p + at.from + 1, at.text_end - at.from - 1);
    TRY(gist_sketch(w->gist, all, &ret->sketch));
    w->text = intake_cut(all, NOVEL_TEXT_BYTES);
    TRY(find_known(w));
    find_terms(w);
    ret->text = w->text;
    ret->term = w->term;
    ret->n = w->n;
    return OK;
}
