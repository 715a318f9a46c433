#include "watch/product_name.h"

/* The words of a name, as places in it. */
struct cut {
    struct str word[PRODUCT_WORDS];
    size_t n;
};

static bool letter(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c >= 0x80;
}

/* What stands in parentheses behind the name is a remark. */
static void cut_words(struct str s, struct cut *ret_cut)
{
    ret_cut->n = 0;
    s = str_sub(s, 0, PRODUCT_NAME_BYTES);
    for (size_t i = 0; i < s.n && ret_cut->n < PRODUCT_WORDS;) {
        size_t from = i;
        if (s.p[i] == '(' && ret_cut->n)
            return;
        while (i < s.n && letter((unsigned char)s.p[i]))
            i++;
        if (i > from)
            ret_cut->word[ret_cut->n++] = str_sub(s, from, i);
        else
            i++;
    }
}

/* The words [from, to) as one in small letters. */
static void join(const struct cut *c, size_t from, size_t to, struct product_key *ret_key)
{
    ret_key->n = 0;
    for (; from < to; from++) {
        ascii_lower_all(ret_key->text + ret_key->n, c->word[from].p, c->word[from].n);
        ret_key->n += c->word[from].n;
    }
}

static bool is(const struct words *words, struct str word, const char *what)
{
    const struct word *w = words_find(words, word);
    return w && str_eq(w->more, str_of(what));
}

void product_vendor_key(const struct words *words, struct str vendor, struct product_key *ret_key)
{
    struct cut c;
    cut_words(vendor, &c);
    while (c.n > 1 && (is(words, c.word[c.n - 1], "legal") || is(words, c.word[c.n - 1], "vague")))
        c.n--;
    join(&c, 0, c.n, ret_key);
}

/* How many words at the start are the vendor, never the whole name: as given, or one of the list,
 * which then knows it better. */
static size_t vendor_words(const struct words *words, const struct cut *c, struct product_key *v)
{
    struct product_key key;
    for (size_t n = c->n > 4 ? 4 : c->n; n-- > 1;) {
        join(c, 0, n, &key);
        bool given = v->n && str_eq(product_key_str(&key), product_key_str(v));
        if (given || is(words, product_key_str(&key), "vendor")) {
            *v = key;
            return n;
        }
    }
    return 0;
}

static size_t digits_at(struct str w, size_t at)
{
    size_t n = 0;
    while (at + n < w.n && ascii_digit((unsigned char)w.p[at + n]))
        n++;
    return n;
}

/* "2016", "9u2", "v7", "R2", "SP1", "CU23" */
static bool is_version(struct str w)
{
    static const char *const prefixes[] = {"v", "r", "sp", "cu", "ver", "version", "release"};
    if (digits_at(w, 0))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        size_t n = strlen(prefixes[i]);
        if (str_istarts(w, str_of(prefixes[i])) && n + digits_at(w, n) == w.n)
            return w.n > n || n > 2;
    }
    return false;
}

/* Numbers are told apart by their digits only: "v7" is 7. */
static void version_key(const struct cut *c, size_t from, struct product_key *ret_key)
{
    ret_key->n = 0;
    for (; from < c->n && !ret_key->n; from++) {
        struct str w = c->word[from];
        size_t i = 0;
        while (i < w.n && !ascii_digit((unsigned char)w.p[i]))
            i++;
        while (i < w.n && ascii_digit((unsigned char)w.p[i]))
            ret_key->text[ret_key->n++] = w.p[i++];
    }
}

void product_name_read(const struct words *words, struct str name, struct str vendor,
                       struct product_name *ret_name)
{
    struct cut c;
    cut_words(name, &c);
    product_vendor_key(words, vendor, &ret_name->vendor);
    size_t from = vendor_words(words, &c, &ret_name->vendor);
    /* "GitLab Community Edition", "WordPress 6": the product is called as its vendor is. */
    if (from && (is(words, c.word[from], "vague") || is_version(c.word[from])))
        from = 0;
    size_t to = from + (c.n > from);
    while (to < c.n && !is_version(c.word[to]))
        to++;
    version_key(&c, to, &ret_name->version);
    while (to > from + 1 && is(words, c.word[to - 1], "vague"))
        to--;
    join(&c, from, to, &ret_name->core);
}

static bool agree(const struct product_key *a, const struct product_key *b)
{
    return !a->n || !b->n || str_eq(product_key_str(a), product_key_str(b));
}

bool product_names_agree(const struct product_name *a, const struct product_name *b)
{
    return agree(&a->vendor, &b->vendor) && agree(&a->version, &b->version);
}
