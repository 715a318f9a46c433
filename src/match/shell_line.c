/* Script that is not cut into tokens: Perl, Python, Ruby, the shell, Node.js, ColdFusion. Statement
 * by statement it is kept which names hold what a request brings, and whether one of them is what a
 * command begins with. Which words do so stands in data/shell.yaml under scripts. */
#include "match/shell_priv.h"

enum {
    LINE_NAMES = 128,
    LINE_TEXT = 1 << 20,
    LINE_ARGS = 1024,  /* behind a word that runs things, so far is looked for what it runs */
    LINE_LOOKS = 8192, /* at such words in a text */
};

struct lines {
    struct look *k;
    const struct shell_script *l;
    struct str text;
    struct str name[LINE_NAMES]; /* hold what a request brings */
    size_t n_names, looks;
    int depth, loop; /* loop: the depth of a loop over what a request brings, or 0 */
};

static bool name_char(char c)
{
    return ascii_alpha((unsigned char)c) || ascii_digit((unsigned char)c) || c == '_';
}

static ptrdiff_t word_in(struct str s, const struct shell_words *w, size_t *ret_len)
{
    ptrdiff_t best = -1;
    for (size_t i = 0; i < w->n; i++) {
        size_t from = 0;
        ptrdiff_t at;
        while ((at = str_ifind(str_sub(s, from, s.n), w->word[i])) >= 0) {
            at += (ptrdiff_t)from;
            from = (size_t)at + 1;
            if (at > 0 && name_char(w->word[i].p[0]) && name_char(s.p[at - 1]))
                continue; /* not in the middle of a longer name */
            if (best < 0 || at < best) {
                best = at;
                *ret_len = w->word[i].n;
            }
            break;
        }
    }
    return best;
}

static bool has_word(struct str s, const struct shell_words *w)
{
    size_t n;
    return word_in(s, w, &n) >= 0;
}

static bool known(const struct lines *p, struct str name)
{
    for (size_t i = 0; i < p->n_names; i++)
        if (str_eq(p->name[i], name))
            return true;
    return false;
}

/* The next name at or behind *at; n == 0: none. */
static struct str next_name(struct str s, size_t *at)
{
    while (*at < s.n && !(name_char(s.p[*at]) && !ascii_digit((unsigned char)s.p[*at])))
        ++*at;
    size_t from = *at;
    while (*at < s.n && name_char(s.p[*at]))
        ++*at;
    return str_sub(s, from, *at);
}

/* Is it a variable? $x, @x, %x, ${x}; other languages have nothing before their names. */
static bool variable(const struct lines *p, struct str s, struct str name)
{
    size_t at = (size_t)(name.p - s.p), end = at + name.n;
    if (!p->l->sigils) { /* 'c' and '-c' are texts */
        size_t quote = at > 1 && s.p[at - 1] == '-' ? at - 2 : at - 1;
        return at == 0 || end >= s.n || str_chr(STR("\"'"), s.p[quote]) < 0 ||
               s.p[quote] != s.p[end];
    }
    if (at > 1 && s.p[at - 1] == '{')
        at--;
    return at > 0 && str_chr(STR("$@%"), s.p[at - 1]) >= 0;
}

/* $q->param( begins with its object. */
static ptrdiff_t with_object(struct str s, ptrdiff_t at)
{
    size_t i = at < 0 ? 0 : (size_t)at;
    if (i > 2 && s.p[i - 1] == '>' && s.p[i - 2] == '-')
        i -= 2;
    else if (i > 1 && s.p[i - 1] == '.')
        i--;
    else
        return at;
    while (i && name_char(s.p[i - 1]))
        i--;
    return (ptrdiff_t)i;
}

/* Where what a request brings stands first: a source's word, or a name that holds it. */
static ptrdiff_t brought(const struct lines *p, struct str s)
{
    size_t n, at = 0;
    ptrdiff_t source = word_in(s, &p->l->sources, &n);
    for (struct str name; (name = next_name(s, &at)).n;) {
        ptrdiff_t here = name.p - s.p;
        if (source >= 0 && here > source)
            break;
        if (variable(p, s, name) && known(p, name))
            return here;
    }
    return with_object(s, source);
}

static void hold(struct lines *p, struct str s, bool bare)
{
    static const struct str not [] = {STR("const"), STR("let"), STR("var"),
                                      STR("if"),    STR("set"), STR("cfset")};
    size_t at = 0;
    for (struct str name; (name = next_name(s, &at)).n;) {
        bool skip = known(p, name) || !(bare || variable(p, s, name));
        for (size_t i = 0; i < ARRAY_LEN(not ); i++)
            skip |= str_ieq(name, not [i]);
        if (!skip && p->n_names < LINE_NAMES)
            p->name[p->n_names++] = name;
    }
}

static void let_go(struct lines *p, struct str s)
{
    size_t at = 0;
    for (struct str name; (name = next_name(s, &at)).n;)
        for (size_t i = 0; i < p->n_names; i++)
            if (str_eq(p->name[i], name))
                p->name[i] = p->name[--p->n_names];
}

/* Where the "=" of an assignment stands; -1: none. */
static ptrdiff_t assigned(struct str s)
{
    for (size_t i = 1; i + 1 < s.n; i++) {
        if (s.p[i] != '=')
            continue;
        if (str_chr(STR("=~>"), s.p[i + 1]) >= 0 || str_chr(STR("=!<>"), s.p[i - 1]) >= 0)
            i++; /* a comparison or a pattern */
        else
            return (ptrdiff_t)i;
    }
    return -1;
}

/* What is assigned to: from the bracket or bar on that is still open before the "=". */
static struct str target(struct str s, size_t eq)
{
    int depth = 0;
    size_t i = eq;
    for (; i > 0; i--) {
        char c = s.p[i - 1];
        depth += c == ')' || c == '}' || c == ']';
        if ((c == '(' || c == '{' || c == '[') && depth-- == 0)
            break;
        if (c == '|' && depth == 0)
            break;
    }
    return str_sub(s, i, eq);
}

static bool has_letter(struct str s)
{
    size_t at = 0;
    return next_name(s, &at).n > 0;
}

/* Does text of the file's own come first: "ls " . $x, "ls $x"? Then it is not what is run, but an
 * argument. A change of folder is no text. */
static bool behind_text(struct str before)
{
    for (size_t i = 0; i < before.n; i++) {
        char q = before.p[i];
        if (q != '"' && q != '\'')
            continue;
        struct str rest = str_sub(before, i + 1, before.n);
        ptrdiff_t close = str_chr(rest, q);
        struct str in = str_sub(rest, 0, close < 0 ? rest.n : (size_t)close);
        struct str after = str_trim(str_sub(rest, in.n + 1, rest.n));
        bool joined = close < 0 || (after.n && str_chr(STR(".+&"), after.p[0]) >= 0);
        if (joined && has_letter(in) && !str_starts(in, STR("cd ")))
            return true;
        i += in.n + 1;
    }
    return false;
}

/* Is a value what a request brings, from its first word on? */
static bool of_request(const struct lines *p, struct str value)
{
    ptrdiff_t spot = brought(p, value);
    struct str before = str_sub(value, 0, spot < 0 ? 0 : (size_t)spot);
    if (spot < 0 || behind_text(before))
        return false;
    ptrdiff_t cd = str_find(before, STR("cd "));
    if (cd < 1 || str_chr(STR("\"'"), before.p[cd - 1]) < 0)
        return true;
    size_t next = (size_t)spot; /* "cd $folder; $command" */
    struct str name = next_name(value, &next);
    return name.n && brought(p, str_sub(value, next, value.n)) >= 0;
}

static void flow(struct lines *p, struct str s)
{
    size_t n;
    ptrdiff_t eq = assigned(s), fill = word_in(s, &p->l->fills, &n);
    if (has_word(s, &p->l->checks)) {
        let_go(p, s);
        return;
    }
    if (fill >= 0) {
        struct str to = str_sub(s, (size_t)fill + n, s.n);
        ptrdiff_t close = str_chr(to, ')');
        hold(p, str_sub(to, 0, close < 0 ? to.n : (size_t)close), true);
    }
    static const struct shell_words loops = {.n = 3,
                                             .word = {STR("foreach"), STR("for "), STR("while ")}};
    if (!p->loop && has_word(s, &loops) && brought(p, s) >= 0)
        p->loop = p->depth + 1; /* whatever is assigned in it may be of what it goes over */
    if (eq > 0 && (p->loop || of_request(p, str_sub(s, (size_t)eq, s.n))))
        hold(p, target(s, (size_t)eq), p->l->plain);
}

/* Is there nothing but quotes, brackets and sigils before it, so that it is what is run? */
static bool in_front(const struct shell_line_sink *sink, struct str before)
{
    struct str strip = sink->bare ? STR(" ($@{") : STR(" \t($@%{[\"'`#|&");
    if (sink->bare && str_find(before, STR("#")) >= 0)
        strip = STR(" (\"'#");
    for (size_t i = 0; i < before.n; i++)
        if (str_chr(strip, before.p[i]) < 0)
            return false;
    return true;
}

/* ["sh", "-c", x] and "cmd /c " + x: what follows is what is run. */
static bool by_interpreter(struct str before)
{
    static const struct shell_words words = {.n = 6,
                                             .word = {STR("\"-c\""), STR("'-c'"), STR("/c "),
                                                      STR("\"/c\""), STR("'/c'"), STR("sh -c ")}};
    return has_word(before, &words);
}

static void sink_at(struct lines *p, const struct shell_line_sink *sink, struct str s, size_t at,
                    size_t len)
{
    struct str rest = str_sub(s, at + len, at + len + LINE_ARGS);
    if (len == 1) { /* up to the closing backtick */
        ptrdiff_t close = str_chr(rest, s.p[at]);
        rest = str_sub(rest, 0, close < 0 ? rest.n : (size_t)close);
    }
    if ((sink->with.n && str_ifind(rest, sink->with) < 0) ||
        (sink->without.n && str_ifind(rest, sink->without) >= 0))
        return;
    ptrdiff_t comma = sink->second ? str_chr(rest, ',') : -1;
    rest = str_sub(rest, (size_t)(comma + 1), rest.n);
    ptrdiff_t spot = brought(p, rest);
    if (!sink->own && spot < 0)
        return;
    struct str before = str_sub(rest, 0, spot < 0 ? 0 : (size_t)spot);
    if (!sink->own && !sink->anywhere && !in_front(sink, before) && !by_interpreter(before))
        return;
    p->k->interesting = true;
    shell_see(p->k, p->k->s->to_sink[0][sink->sink], (uint32_t)(s.p - p->text.p) + (uint32_t)at,
              (uint32_t)len);
    shell_saw(p->k, K_READS_REQUEST, (uint32_t)(s.p - p->text.p), 1);
    shell_saw(p->k, K_BY_LINE, (uint32_t)(s.p - p->text.p) + (uint32_t)at, (uint32_t)len);
}

static void sinks(struct lines *p, struct str s)
{
    for (size_t i = 0; i < p->l->n_sinks; i++)
        for (size_t w = 0; w < p->l->sink[i].words.n; w++) {
            struct shell_words one = {.n = 1, .word = {p->l->sink[i].words.word[w]}};
            size_t from = 0, n = 0;
            ptrdiff_t at;
            while ((at = word_in(str_sub(s, from, s.n), &one, &n)) >= 0) {
                if (++p->looks > LINE_LOOKS) {
                    p->k->cut = true;
                    return;
                }
                sink_at(p, &p->l->sink[i], s, from + (size_t)at, n);
                from += (size_t)at + n;
            }
        }
}

static void statement(struct lines *p, struct str s)
{
    s = str_trim(s);
    if (s.n < 3 || (p->l->comment.n && str_starts(s, p->l->comment)))
        return;
    flow(p, s);
    if (p->k->pass == 2)
        sinks(p, s);
    for (size_t i = 0; i < s.n; i++) {
        p->depth += s.p[i] == '{';
        p->depth -= s.p[i] == '}' && p->depth > 0;
    }
    if (p->loop && p->depth < p->loop)
        p->loop = 0;
}

static void pass(struct lines *p)
{
    size_t from = 0;
    p->depth = p->loop = 0;
    for (size_t i = 0; i <= p->text.n; i++)
        if (i == p->text.n || p->text.p[i] == '\n' || str_chr(p->l->cut, p->text.p[i]) >= 0) {
            statement(p, str_sub(p->text, from, i));
            from = i + 1;
        }
}

static const struct shell_script *script_of(const struct shell *s, struct str name, struct str text)
{
    struct str first = str_sub(text, 0, 80);
    ptrdiff_t line = str_chr(first, '\n');
    first = str_starts(first, STR("#!")) && line > 0 ? str_sub(first, 0, (size_t)line) : STR_NONE;
    for (size_t i = 0; i < s->n_scripts && first.p; i++)
        if (has_word(first, &s->script[i].interpreters))
            return &s->script[i];
    for (size_t i = 0; i < s->n_scripts; i++)
        for (size_t j = 0; j < s->script[i].endings.n; j++)
            if (str_iends(name, s->script[i].endings.word[j]))
                return &s->script[i];
    return NULL;
}

static size_t count_words(struct str s)
{
    size_t n = 0, at = 0;
    while (next_name(s, &at).n)
        n++;
    return n;
}

bool shell_by_line(const struct look *k, struct str name)
{
    const struct shell_script *l = script_of(k->s, name, k->text);
    return l && !l->pages;
}

void shell_lines(struct look *k, struct str name)
{
    struct str text = str_sub(k->text, 0, LINE_TEXT);
    const struct shell_script *l = script_of(k->s, name, text);
    if (!l || (!has_word(text, &l->sources) && !has_word(text, &l->fills)) ||
        (l->needs.n && str_find(text, l->needs) < 0))
        return;
    struct lines *p = arena_new(k->arena, struct lines);
    if (!p) {
        k->rc = ERR_NOMEM;
        return;
    }
    *p = (struct lines){.k = k, .l = l, .text = text};
    k->other = l->language;
    k->n_total += count_words(text) * 2; /* about as many tokens */
    for (k->pass = 1; k->pass <= 2; k->pass++)
        pass(p);
    k->pass = 0;
}
