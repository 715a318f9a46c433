#include "watch/snippet.h"

#include "base/utf.h"

enum {
    TOKEN_BYTES = 24,  /* letters and digits without a blank: a key */
    MARKED_BYTES = 16, /* of one that says by its first letters that it is a key */
    CARD_MIN = 13,
    CARD_MAX = 19,
    IBAN_MIN = 15,
    IBAN_MAX = 34,
};

static unsigned char at(struct str s, size_t i)
{
    return i < s.n ? (unsigned char)s.p[i] : 0;
}
static bool alnum(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c);
}
static bool is_blank(unsigned char c)
{
    return c <= ' ' || c == 0x7f;
}
static size_t alnum_end(struct str s, size_t i)
{
    while (alnum(at(s, i)))
        i++;
    return i;
}

/* ---- what a secret looks like: each returns the end of it, or 0 ---- */

/* 13 to 19 digits, perhaps in groups, with the check digit of cards. */
static size_t card_end(struct str s, size_t i)
{
    unsigned digit[CARD_MAX], n = 0, sum = 0;
    size_t end = i;
    for (size_t k = i; n < CARD_MAX; k++) {
        if (ascii_digit(at(s, k))) {
            digit[n++] = (unsigned)(s.p[k] - '0');
            end = k + 1;
        } else if (n == 0 || !(at(s, k) == ' ' || at(s, k) == '-') || !ascii_digit(at(s, k + 1))) {
            break;
        }
    }
    for (unsigned k = 0; k < n; k++) {
        unsigned d = digit[n - 1 - k] << (k & 1);
        sum += d > 9 ? d - 9 : d;
    }
    return n >= CARD_MIN && sum % 10 == 0 && !ascii_digit(at(s, end)) ? end : 0;
}

/* "DE89 3704 0044 0532 0130 00": the number of an account whose checksum is right. */
static size_t iban_end(struct str s, size_t i)
{
    char sign[IBAN_MAX];
    size_t n = 0, end = i;
    unsigned rest = 0;
    for (size_t k = i; n < IBAN_MAX; k++) {
        unsigned char c = at(s, k);
        if ((c >= 'A' && c <= 'Z') || ascii_digit(c)) {
            sign[n++] = (char)c;
            end = k + 1;
        } else if (n == 0 || c != ' ' || !alnum(at(s, k + 1)) || at(s, k + 1) >= 'a') {
            break;
        }
    }
    if (n < IBAN_MIN || ascii_digit((unsigned char)sign[0]) ||
        ascii_digit((unsigned char)sign[1]) || !ascii_digit((unsigned char)sign[2]) ||
        !ascii_digit((unsigned char)sign[3]) || alnum(at(s, end)))
        return 0;
    for (size_t k = 0; k < n; k++) {
        unsigned char c = (unsigned char)sign[(k + 4) % n];
        unsigned v = (unsigned)(ascii_digit(c) ? c - '0' : c - 'A' + 10);
        rest = (rest * (v > 9 ? 100 : 10) + v) % 97;
    }
    return rest == 1 ? end : 0;
}

static bool in_key(unsigned char c)
{
    return alnum(c) || c == '_' || c == '-' || c == '+' || c == '=' || c == '/';
}

/* A long run of letters and digits that is no path and no word. */
static size_t token_end(struct str s, size_t i)
{
    size_t end = i, letters = 0, digits = 0, slashes = 0, large = 0, small = 0;
    for (; in_key(at(s, end)); end++) {
        unsigned char c = at(s, end);
        letters += ascii_alpha(c);
        digits += ascii_digit(c);
        slashes += c == '/';
        large += c >= 'A' && c <= 'Z';
        small += c >= 'a' && c <= 'z';
    }
    size_t n = end - i;
    bool aws = n >= MARKED_BYTES && (str_istarts(str_sub(s, i, end), STR("AKIA")) ||
                                     str_istarts(str_sub(s, i, end), STR("ghp_")) ||
                                     str_istarts(str_sub(s, i, end), STR("xoxb")));
    bool mixed = (letters >= 6 && digits >= 3) || (large >= 4 && small >= 4 && digits >= 1);
    return aws || (n >= TOKEN_BYTES && mixed && slashes * 16 <= n) ? end : 0;
}

static size_t word_end(struct str s, size_t i)
{
    while (i < s.n && !is_blank(at(s, i)))
        i++;
    return i;
}

/* ---- what stands before one ---- */

static const struct str labels[] = {
    {"password", 8}, {"passwd", 6},       {"passphrase", 10}, {"pass", 4},    {"pwd", 3},
    {"secret", 6},   {"token", 5},        {"api key", 7},     {"apikey", 6},  {"api_key", 7},
    {"api-key", 7},  {"private key", 11}, {"access key", 10}, {"cookie", 6},  {"authorization", 13},
    {"bearer", 6},   {"pin", 3},          {"cvv", 3},         {"пароль", 12}, {"пароли", 12},
    {"пасс", 8},     {"密码", 6},         {"口令", 6},
};

/* Nearly every byte of every snippet begins no label: one look says so. */
static bool begins_label(unsigned char c)
{
    switch (ascii_lower(c)) {
    case 'a':
    case 'b':
    case 'c':
    case 'p':
    case 's':
    case 't':
    case 0xd0: /* "п" */
    case 0xe5: /* "密", "口" */ return true;
    default: return false;
    }
}

/* The start of what a label like "password: " says, or 0. */
static size_t labelled(struct str s, size_t i)
{
    for (size_t k = 0; begins_label(at(s, i)) && k < ARRAY_LEN(labels); k++) {
        size_t end = i + labels[k].n;
        if (ascii_lower(at(s, i)) != (unsigned char)labels[k].p[0] ||
            !str_istarts(str_sub(s, i, end), labels[k]))
            continue;
        bool bearer = labels[k].n == 6 && ascii_lower(at(s, i)) == 'b';
        size_t from = end;
        while (at(s, from) == ' ' || at(s, from) == '"' || at(s, from) == '\'')
            from++;
        bool sign = at(s, from) == ':' || at(s, from) == '=' ||
                    (at(s, from) == 0xef && at(s, from + 1) == 0xbc && at(s, from + 2) == 0x9a);
        if (!sign && !(bearer && from > end))
            continue;
        from += !sign ? 0 : at(s, from) == 0xef ? 3 : 1;
        while (at(s, from) == ' ' || at(s, from) == '"' || at(s, from) == '\'' ||
               at(s, from) == '=' || at(s, from) == ':')
            from++;
        return from < s.n && !is_blank(at(s, from)) ? from : 0;
    }
    return 0;
}

static bool in_local(unsigned char c)
{
    return alnum(c) || (c && strchr(".!#$%&*+-_~", c));
}

/* "name@host": the end of the name. */
static size_t local_end(struct str s, size_t i)
{
    size_t end = i;
    while (end - i < 64 && in_local(at(s, end)))
        end++;
    return end > i && at(s, end) == '@' && alnum(at(s, end + 1)) ? end : 0;
}

/* Behind an address a colon and a password, as lists of accounts have it. */
static size_t host_end(struct str s, size_t i)
{
    while (alnum(at(s, i)) || at(s, i) == '.' || at(s, i) == '-')
        i++;
    return i;
}

/* ---- one line of it ---- */

struct writing {
    struct buf *out;
    size_t from, to; /* what lies outside is looked at, not written */
    bool blank;      /* the last one written was */
};

static void put(struct writing *w, struct str s, size_t i, size_t *ret_used)
{
    int32_t cp = utf8_next(s, i, ret_used);
    bool hidden = (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e) ||
                  (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || cp == 0xad;
    bool blank = (cp >= 0 && cp <= ' ') || cp == 0x7f || (cp >= 0x80 && cp < 0xa0) ||
                 cp == 0x2028 || cp == 0x2029;
    if (hidden || (blank && w->blank) || i < w->from || i >= w->to)
        return;
    if (blank)
        buf_putc(w->out, ' ');
    else if (cp < 0)
        utf8_add(w->out, 0xfffd);
    else
        buf_str(w->out, str_sub(s, i, i + *ret_used));
    w->blank = blank;
}

static void put_all(struct writing *w, struct str s, size_t from, size_t to)
{
    for (size_t used; from < to; from += used)
        put(w, s, from, &used);
}

/* Letters and digits are what most of a text is, and what needs no second look. */
static void put_word(struct writing *w, struct str s, size_t from, size_t to)
{
    from = from > w->from ? from : w->from;
    to = to < w->to ? to : w->to;
    if (from < to) {
        buf_str(w->out, str_sub(s, from, to));
        w->blank = false;
    }
}

/* Stands for the secret from `from` to `to`. */
static void mask(struct writing *w, size_t from, size_t to)
{
    if (from >= w->to || to <= w->from)
        return;
    buf_puts(w->out, "***");
    w->blank = false;
}

static size_t number_end(struct str s, size_t i)
{
    unsigned char c = at(s, i);
    return ascii_digit(c) ? card_end(s, i) : c >= 'A' && c <= 'Z' ? iban_end(s, i) : 0;
}

/* A secret that begins at i: masks it and returns its end, or 0. Only at the start of a word, whose
 * letters and digits end at `word`. */
static size_t secret(struct writing *w, struct str s, size_t i, size_t word)
{
    size_t end = number_end(s, i);
    /* A short word with a blank behind it, as most are, is no key and no name before a host. */
    if (!end && word - i < MARKED_BYTES && is_blank(at(s, word)))
        return 0;
    end = end ? end : token_end(s, i);
    size_t local = end ? 0 : local_end(s, i);
    if (!local) {
        if (end)
            mask(w, i, end);
        return end;
    }
    size_t host = host_end(s, local + 1);
    mask(w, i, local);
    put_all(w, s, local, host);
    unsigned char sign = at(s, host);
    if ((sign != ':' && sign != ';' && sign != '|') || is_blank(at(s, host + 1)))
        return host;
    put_all(w, s, host, host + 1);
    end = word_end(s, host + 1);
    mask(w, host + 1, end);
    return end;
}

static void write_part(struct writing *w, struct str s)
{
    bool start = true;
    for (size_t i = 0, used; i < s.n; i += used) {
        size_t word = alnum_end(s, i), end = start ? secret(w, s, i, word) : 0;
        size_t value = start && !end ? labelled(s, i) : 0;
        if (value) {
            put_all(w, s, i, value);
            end = word_end(s, value);
            mask(w, value, end);
        }
        if (end) {
            used = end - i;
            start = true;
            continue;
        }
        start = word == i && at(s, i) < 0x80;
        used = word - i;
        if (used)
            put_word(w, s, i, word);
        else
            put(w, s, i, &used);
    }
}

void snippet_mask(struct buf *out, struct str text)
{
    struct writing w = {out, 0, text.n, true};
    write_part(&w, text);
}

/* From `from` on, the next place behind a blank, if there is one before `to`. */
static size_t next_word(struct str s, size_t from, size_t to)
{
    for (size_t i = from; i <= to; i++)
        if (is_blank(at(s, i - 1)))
            return i;
    while (from < to && (at(s, from) & 0xc0) == 0x80)
        from++;
    return from;
}

static size_t last_word(struct str s, size_t to, size_t from)
{
    for (size_t i = to; i > from; i--)
        if (is_blank(at(s, i)))
            return i;
    while (to > from && (at(s, to) & 0xc0) == 0x80)
        to--;
    return to;
}

void snippet_add(struct buf *out, struct str text, size_t place, size_t n, size_t max_bytes)
{
    if (place > text.n)
        place = text.n;
    n = n < text.n - place ? n : text.n - place;
    n = n < max_bytes ? n : max_bytes;
    size_t around = (max_bytes - n) / 2;
    size_t from = place > around ? place - around : 0;
    size_t to = text.n - place - n > around ? place + n + around : text.n;
    from = from ? next_word(text, from, place) : 0;
    to = to < text.n ? last_word(text, to, place + n) : to;
    if (from)
        buf_puts(out, "…");
    size_t start = out->n, before = from > SNIPPET_SLACK ? from - SNIPPET_SLACK : 0;
    before = before ? next_word(text, before, from) : 0;
    struct writing w = {out, from - before, to - before, true};
    write_part(&w, str_sub(text, before, to + SNIPPET_SLACK));
    while (out->n > start && out->p[out->n - 1] == ' ')
        out->n--;
    if (to < text.n)
        buf_puts(out, "…");
}
