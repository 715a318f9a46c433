#include "base/utf.h"
#include "codec/observe_exchange.h"

/* What PowerShell prints of Exchange servers, redirected to a file or copied from its window:
 *   Format-List        `AdminDisplayVersion : Version 15.1 (Build 2176.2)`, one property a line, a
 *                      blank line between objects; a long value goes on below, indented
 *   Format-Table       a row of names, a row of dashes that shows where each column begins, rows;
 *                      a blank line ends it. What is too wide ends with dots
 * of Get-ExchangeServer, of virtual directories (also as an attacker's export of one), and of
 * ExSetup's version: `Get-Command ExSetup.exe | % FileVersionInfo`. Other output between is passed
 * over. */

enum { COLUMNS = 64, HEADER_BYTES = 16 * 1024 };

struct column {
    size_t from; /* letters from the left */
    bool known;
    enum exchange_fact fact;
};

struct listing {
    struct observe_reader *r;
    uint64_t line; /* at hand, from 1 */
    bool unended;  /* it is the last one and has no line end: perhaps it was cut */
    struct exchange_object object;
    bool open, cut; /* an object is being read; something of it was cut */
    /* a list */
    struct observe_text first_key; /* of the object: when it comes again, so does an object */
    size_t indent;                 /* of keys */
    struct observe_text *last;     /* the value that an indented line goes on with; NULL: none */
    /* a table */
    bool in_table, of_builds;
    struct column column[COLUMNS];
    size_t n_columns;
    /* the line before: perhaps the names of a table */
    char header[HEADER_BYTES];
    size_t header_n;
};

static bool tells_build(enum exchange_fact fact)
{
    return fact == EXCHANGE_DIRECTORY || fact == EXCHANGE_SETUP || fact == EXCHANGE_FILE_VERSION ||
           fact == EXCHANGE_PRODUCT_VERSION;
}

/* --- objects --- */

static void open_object(struct listing *t)
{
    exchange_begin(&t->object, t->line);
    t->first_key.n = 0;
    t->open = true;
    t->cut = false;
}

static bool has_build(const struct exchange_object *o)
{
    for (unsigned f = 0; f < EXCHANGE_FACTS; f++)
        if (o->fact[f].n && tells_build(f))
            return true;
    return false;
}

static enum err close_object(struct listing *t)
{
    struct exchange_object *o = &t->object;
    bool open = t->open;
    t->open = false;
    t->last = NULL;
    if (!open)
        return OK;
    if (t->cut)
        return observe_gap(t->r, o->line, t->r->offset, OBSERVE_CUT,
                           STR("the end of a value is missing"));
    if (t->in_table && t->of_builds && !has_build(o))
        return observe_gap(t->r, o->line, t->r->offset, OBSERVE_BAD_BUILD, STR("no build"));
    exchange_settle(o, true);
    return exchange_give(t->r, o);
}

/* "Excha...", as tables cut what is too wide. */
static bool is_cut(struct str value)
{
    return str_ends(value, STR("...")) || str_ends(value, STR("\xe2\x80\xa6"));
}

/* On a last line that has no end: a build that lacks nothing, "... (Build 2176.2)" or
 * "15.01.2176.009". */
static bool is_whole(struct str value)
{
    return str_ends(value, STR(")")) || (value.n > 4 && value.p[value.n - 4] == '.');
}

/* A file's path may be cut: its version tells enough. */
static void note(struct listing *t, enum exchange_fact fact, struct str value)
{
    struct observe_text *to = &t->object.fact[fact];
    bool cut = is_cut(value) || (t->unended && !(tells_build(fact) && is_whole(value)));
    t->last = to->n || cut ? NULL : to;
    if (!cut)
        exchange_note(&t->object, fact, value);
    else if (fact != EXCHANGE_FILE && fact != EXCHANGE_SITE && fact != EXCHANGE_MAILBOX)
        t->cut = true;
}

/* --- lists --- */

/* "  Key   : value" */
static bool list_line(struct str line, size_t *ret_indent, struct str *ret_key,
                      struct str *ret_value)
{
    size_t from = 0, to, at;
    while (from < line.n && line.p[from] == ' ')
        from++;
    for (to = from; to < line.n; to++) {
        unsigned char c = (unsigned char)line.p[to];
        if (!ascii_alpha(c) && !ascii_digit(c) && c != '_')
            break;
    }
    for (at = to; at < line.n && line.p[at] == ' ';)
        at++;
    if (to == from || at == line.n || line.p[at] != ':')
        return false;
    *ret_indent = from;
    *ret_key = str_sub(line, from, to);
    *ret_value = str_trim(str_sub(line, at + 1, line.n));
    return true;
}

static size_t indent_of(struct str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

static enum err take_list_line(struct listing *t, struct str line)
{
    struct str key, value;
    enum exchange_fact fact;
    size_t indent;
    if (t->open && indent_of(line) > t->indent) {
        if (t->last && t->last->n)
            observe_text_add(t->last, STR(" "));
        if (t->last)
            observe_text_add(t->last, str_trim(line));
        return OK;
    }
    t->last = NULL;
    if (!list_line(line, &indent, &key, &value))
        return OK;
    if (t->open && str_ieq(observe_text_view(&t->first_key), key))
        TRY(close_object(t));
    if (!t->open) {
        open_object(t);
        observe_text_set(&t->first_key, key);
        t->indent = indent;
    }
    if (exchange_fact(key, &fact))
        note(t, fact, value);
    return OK;
}

/* --- tables --- */

static bool is_rule(struct str line)
{
    size_t dashes = 0;
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] != '-' && line.p[i] != ' ')
            return false;
        dashes += line.p[i] == '-';
    }
    return dashes > 1;
}

/* The letters from one place to another; to may lie beyond the line. */
static struct str letters(struct str line, size_t from, size_t to)
{
    size_t at = 0, place = 0, n, begin = line.n;
    for (; at < line.n && place < to; at += n, place++) {
        if (place == from)
            begin = at;
        (void)utf8_next(line, at, &n);
    }
    return str_trim(str_sub(line, begin, at));
}

static struct str cell(const struct listing *t, struct str line, size_t i)
{
    size_t to = i + 1 < t->n_columns ? t->column[i + 1].from : SIZE_MAX;
    return letters(line, t->column[i].from, to);
}

static void begin_table(struct listing *t, struct str rule)
{
    struct str names = str_make(t->header, t->header_n);
    t->in_table = true;
    t->of_builds = false;
    t->n_columns = 0;
    for (size_t i = 0; i < rule.n && t->n_columns < COLUMNS; i++)
        if (rule.p[i] == '-' && (i == 0 || rule.p[i - 1] == ' '))
            t->column[t->n_columns++].from = i;
    for (size_t i = 0; i < t->n_columns; i++) {
        struct column *c = &t->column[i];
        c->known = exchange_fact(cell(t, names, i), &c->fact);
        t->of_builds |= c->known && tells_build(c->fact);
    }
}

/* A row whose first cell is empty goes on with the one before. */
static void take_more_cells(struct listing *t, struct str line)
{
    for (size_t i = 1; i < t->n_columns; i++) {
        struct str more = cell(t, line, i);
        if (!t->column[i].known || !more.n)
            continue;
        if (t->column[i].fact == EXCHANGE_DIRECTORY) /* "Version 15.1 (Build" "2176.2)" */
            observe_text_add(&t->object.fact[EXCHANGE_DIRECTORY], STR(" "));
        observe_text_add(&t->object.fact[t->column[i].fact], more);
    }
}

/* No word stands across the beginning of a column, as where a copy lost its blanks. */
static bool is_aligned(const struct listing *t, struct str line)
{
    for (size_t i = 1; i < t->n_columns; i++) {
        size_t from = t->column[i].from;
        if (letters(line, from - 1, from).n && letters(line, from, from + 1).n)
            return false;
    }
    return true;
}

static enum err take_row(struct listing *t, struct str line)
{
    if (!t->of_builds)
        return OK;
    if (!is_aligned(t, line)) {
        TRY(close_object(t));
        return observe_gap(t->r, t->line, t->r->offset, OBSERVE_DAMAGED,
                           STR("the columns do not stand below their names"));
    }
    if (t->open && !cell(t, line, 0).n) {
        take_more_cells(t, line);
        return OK;
    }
    TRY(close_object(t));
    open_object(t);
    for (size_t i = 0; i < t->n_columns; i++)
        if (t->column[i].known)
            note(t, t->column[i].fact, cell(t, line, i));
    return OK;
}

/* --- lines --- */

static enum err take_line(struct listing *t, struct str line)
{
    while (line.n && ascii_space((unsigned char)line.p[line.n - 1]))
        line.n--;
    bool rule = is_rule(line) && t->header_n && !t->in_table;
    if (!line.n || rule)
        TRY(close_object(t));
    if (!line.n)
        t->in_table = false;
    else if (rule)
        begin_table(t, line);
    else if (t->in_table)
        TRY(take_row(t, line));
    else
        TRY(take_list_line(t, line));
    t->header_n = line.n < HEADER_BYTES && !rule ? line.n : 0;
    memcpy(t->header, line.p, t->header_n);
    return OK;
}

/* Passes over a line that is too long, up to its end. */
static enum err leave_line(struct listing *t, enum err *ret_ended)
{
    TRY(observe_gap(t->r, t->line, t->r->offset, OBSERVE_TOO_LONG, STR("a line")));
    while (!*ret_ended) {
        struct str view = observe_view(t->r);
        ptrdiff_t lf = str_chr(view, '\n');
        observe_take(t->r, lf < 0 ? view.n : (size_t)lf);
        if (lf >= 0)
            return OK;
        *ret_ended = observe_fill(t->r);
    }
    return OK;
}

/* *ret_ended: END, or an error of the stream behind the lines. */
static enum err read_lines(struct listing *t, enum err *ret_ended)
{
    for (*ret_ended = OK, t->line = 1;;) {
        struct str view = observe_view(t->r);
        ptrdiff_t lf = str_chr(view, '\n');
        if (lf < 0 && !*ret_ended && view.n < OBSERVE_RECORD_BYTES) {
            *ret_ended = observe_fill(t->r);
            continue;
        }
        if (lf < 0 && !*ret_ended) {
            TRY(leave_line(t, ret_ended));
            continue;
        }
        if (!view.n)
            return close_object(t);
        t->unended = lf < 0;
        TRY(take_line(t, str_sub(view, 0, lf < 0 ? view.n : (size_t)lf)));
        observe_take(t->r, lf < 0 ? view.n : (size_t)lf + 1);
        t->line++;
    }
}

static enum err read(struct observe_reader *r)
{
    struct listing *t = arena_new(&r->arena, struct listing);
    enum err ended;
    if (!t)
        return fail(r->error, ERR_NOMEM, "out of memory");
    memset(t, 0, sizeof *t);
    t->r = r;
    TRY(read_lines(t, &ended));
    return ended;
}

/* --- what it is told by --- */

static bool names_build(struct str names)
{
    return str_ifind(names, STR("AdminDisplayVersion")) >= 0 ||
           (str_ifind(names, STR("ProductVersion")) >= 0 &&
            str_ifind(names, STR("FileVersion")) >= 0);
}

static bool is(struct str head, struct str name)
{
    struct str rest = head, line, before = STR(""), key, value;
    enum exchange_fact fact;
    size_t indent;
    bool setup = str_ifind(head, STR("exsetup")) >= 0;
    (void)name;
    while (str_cut(&rest, '\n', &line)) {
        if (str_ends(line, STR("\r")))
            line.n--;
        if (is_rule(line) && names_build(before) && str_chr(before, ',') < 0)
            return true;
        if (list_line(line, &indent, &key, &value) && exchange_fact(key, &fact) &&
            (fact == EXCHANGE_DIRECTORY || (setup && tells_build(fact))))
            return true;
        before = line;
    }
    return false;
}

const struct observe_format observe_powershell = {
    .name = "powershell",
    .help = "PowerShell's lists and tables as text: Get-ExchangeServer, ExSetup",
    .is = is,
    .read = read,
    .hostless = true};
