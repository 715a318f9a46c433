#include "watch/words.h"

#include <stdlib.h>

static int by_word(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    return str_cmp(x->word, y->word);
}

/* false at the end; lines without a word are passed over. */
static bool next_word(struct str *rest, struct word *ret_word)
{
    struct str line;
    while (str_cut(rest, '\n', &line)) {
        ptrdiff_t comment = str_chr(line, '#');
        line = str_trim(comment >= 0 ? str_sub(line, 0, (size_t)comment) : line);
        ptrdiff_t blank = str_chr(line, ' ');
        if (line.n == 0)
            continue;
        ret_word->word = blank > 0 ? str_sub(line, 0, (size_t)blank) : line;
        ret_word->more = blank > 0 ? str_trim(str_sub(line, (size_t)blank, line.n)) : STR("");
        return true;
    }
    return false;
}

enum err words_load(struct arena *arena, struct str text, struct words *ret_words,
                    struct error *error)
{
    size_t n = 0, max = str_count(text, '\n') + 1;
    struct word word, *v = arena_new_n(arena, struct word, max);
    if (!v)
        return fail(error, ERR_NOMEM, "out of memory");
    while (next_word(&text, &word)) {
        if (word.word.n > WORD_BYTES || n == WORDS_MAX)
            return fail(error, ERR_LIMIT, "a list of words is too long");
        v[n++] = word;
    }
    qsort(v, n, sizeof *v, by_word);
    *ret_words = (struct words){v, n};
    return OK;
}

const struct word *words_find(const struct words *w, struct str word)
{
    char low[WORD_BYTES];
    if (word.n == 0 || word.n > sizeof low || w->n == 0)
        return NULL;
    ascii_lower_all(low, word.p, word.n);
    struct word key = {.word = str_make(low, word.n)};
    return bsearch(&key, w->v, w->n, sizeof *w->v, by_word);
}
