#include "scan/fields.h"

#include "base/ip.h"
#include "base/limits.h"
#include "codec/codec.h"

void fields_init(struct fields *f, const struct kind_def *kind, struct arena *arena)
{
    *f = (struct fields){.kind = kind, .arena = arena};
}

/* Without case; rules leave out the blanks in the names of some events' fields. */
static bool same_but_blanks(struct str column, struct str name)
{
    size_t k = 0;
    for (size_t i = 0; i < column.n; i++) {
        if (column.p[i] == ' ')
            continue;
        if (k == name.n ||
            ascii_lower((unsigned char)column.p[i]) != ascii_lower((unsigned char)name.p[k]))
            return false;
        k++;
    }
    return k == name.n;
}

/* NXLog's ProcessID is the logger's, Sysmon's ProcessId the one that it is about: an exact name
 * goes before one in other letters, and of several such the first by name, in whatever order they
 * came. */
static int column_named(const struct log_state *state, struct str name)
{
    int best = -1;
    for (uint16_t i = 0; i < state->columns; i++) {
        struct str column = column_name(state, i);
        if (str_eq(column, name))
            return i;
        if (same_but_blanks(column, name) &&
            (best < 0 || str_cmp(column, column_name(state, (uint16_t)best)) < 0))
            best = i;
    }
    return best;
}

int16_t fields_column(const struct log_state *state, struct str names)
{
    struct str name;
    while (str_cut(&names, '|', &name)) {
        int c = column_named(state, name);
        if (c >= 0)
            return (int16_t)c;
    }
    return -1;
}

static bool has(const int16_t *column, uint16_t n, int16_t c)
{
    for (uint16_t i = 0; i < n; i++)
        if (column[i] == c)
            return true;
    return false;
}

/* The columns of one name that are not there yet, those in other letters behind the exact one. */
static uint16_t add_candidates(const struct log_state *state, struct str name, int16_t *column,
                               uint16_t n)
{
    int best;
    do {
        best = -1;
        for (uint16_t i = 0; i < state->columns; i++) {
            struct str c = column_name(state, i);
            if (!same_but_blanks(c, name) || has(column, n, (int16_t)i))
                continue;
            if (str_eq(c, name)) {
                best = i;
                break;
            }
            if (best < 0 || str_cmp(c, column_name(state, (uint16_t)best)) < 0)
                best = i;
        }
        if (best >= 0 && n < FIELD_CHOICES)
            column[n++] = (int16_t)best;
    } while (best >= 0 && n < FIELD_CHOICES);
    return n;
}

uint16_t fields_candidates(const struct log_state *state, struct str names,
                           int16_t ret_column[FIELD_CHOICES])
{
    uint16_t n = 0;
    for (struct str name; str_cut(&names, '|', &name);)
        n = add_candidates(state, name, ret_column, n);
    return n;
}

static void bind(struct fields *f)
{
    for (size_t v = 0; v < f->kind->n_views; v++)
        for (size_t c = 0; c < f->kind->view[v].n; c++)
            f->column[v][c] = fields_column(f->state, f->kind->view[v].column[c]);
    f->serial = f->state->schema_serial;
    f->bound = true;
}

void fields_bind(struct fields *f, const struct log_state *state)
{
    f->state = state;
    if (!f->bound || f->serial != state->schema_serial)
        bind(f);
}

static void choose(struct fields *f, struct field_choice *room, uint16_t view, size_t at,
                   struct str names)
{
    struct field_choice *c = &room[f->n_choices];
    c->view = view;
    c->at = (uint16_t)at;
    c->n = fields_candidates(f->state, names, c->of);
    f->n_choices += c->n > 1;
}

enum err fields_choose(struct fields *f, struct arena *arena, const struct str_list *fold)
{
    size_t most = LOGSOURCE_VIEWS * VIEW_COLUMNS + fold->n + 1;
    struct field_choice *room = malloc(most * sizeof *room), *keep;
    if (!room)
        return ERR_NOMEM;
    f->n_choices = 0;
    for (uint16_t v = 0; v < f->kind->n_views; v++)
        for (size_t c = 0; c < f->kind->view[v].n; c++)
            choose(f, room, v, c, f->kind->view[v].column[c]);
    for (size_t i = 0; i < fold->n; i++)
        choose(f, room, FIELD_OF_FOLD, i, fold->v[i]);
    f->choice = keep = arena_new_n(arena, struct field_choice, f->n_choices + 1);
    if (keep)
        memcpy(keep, room, f->n_choices * sizeof *room);
    free(room);
    return keep ? OK : ERR_NOMEM;
}

/* The row's own columns: of several that are the same field each row may have another. */
static void choose_columns(struct fields *f)
{
    for (size_t i = 0; i < f->n_choices; i++) {
        const struct field_choice *c = &f->choice[i];
        uint16_t k = 0;
        while (k < c->n && !f->record->value[c->of[k]].p)
            k++;
        *(c->view == FIELD_OF_FOLD ? &f->fold[c->at] : &f->column[c->view][c->at]) =
            c->of[k < c->n ? k : 0];
    }
}

void fields_columns(const struct fields *f, uint16_t view, struct columns *c)
{
    if (view >= f->kind->n_views) {
        c->any = true;
        return;
    }
    for (size_t i = 0; i < f->kind->view[view].n; i++) {
        int16_t column = f->column[view][i];
        if (column >= 0)
            c->bit[column / 64] |= UINT64_C(1) << (column % 64);
    }
}

void fields_next(struct fields *f, const struct log_state *state, const struct record *record)
{
    f->record = record;
    fields_bind(f, state);
    choose_columns(f);
    memset(f->done, 0, sizeof f->done);
}

static struct str column(const struct fields *f, uint16_t view, size_t i)
{
    int c = i < f->kind->view[view].n ? f->column[view][i] : -1;
    return c >= 0 && c < f->record->n ? f->record->value[c] : STR_NONE;
}

/* The buffer's text moved into the arena. */
static struct str keep(struct fields *f, struct buf *b)
{
    struct str s = b->rc ? STR_NONE : arena_str(f->arena, buf_view(b));
    f->short_of_memory |= !s.p;
    buf_done(b);
    return s;
}

struct str decode_twice(struct arena *arena, struct str s, bool plus_is_blank)
{
    for (int round = 0; round < 2 && s.p; round++) {
        if (str_chr(s, '%') < 0 && !(round == 0 && plus_is_blank && str_chr(s, '+') >= 0))
            break;
        struct buf b;
        buf_init(&b, LIMIT_LINE_BYTES);
        bool changed = url_decode(&b, s, plus_is_blank && round == 0);
        if (changed && !b.rc)
            s = arena_str(arena, buf_view(&b));
        buf_done(&b);
        if (!changed)
            break;
    }
    return s;
}

struct str tidy(struct arena *arena, struct str s)
{
    if (!s.p || !url_untidy(s))
        return s;
    char *out = arena_alloc(arena, s.n + 1);
    if (!out)
        return STR_NONE;
    size_t n = url_tidy(s, out);
    return n == s.n ? s : str_make(out, n);
}

static bool token_char(unsigned char c)
{
    return ascii_digit(c) || ascii_alpha(c) || c == '-' || c == '<' || c == '>';
}

/* Length of an Exchange token at the start of s, 0 if there is none. */
static size_t token_at(struct str s)
{
    static const struct str names[] = {
        {"CorrelationID=", 14}, {"cafeReqId=", 10},  {"encoding=", 9},
        {"ActID=", 6},          {"request_id=", 11}, {"RequestId=", 10},
    };
    size_t lead = s.n && s.p[0] == '&';
    struct str rest = str_sub(s, lead, s.n);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!str_istarts(rest, names[i]))
            continue;
        size_t end = names[i].n;
        while (end < rest.n && end - names[i].n <= 64 && token_char((unsigned char)rest.p[end]))
            end++;
        if (end < rest.n && rest.p[end] == ';')
            return lead + end + 1;
        return end == rest.n || rest.p[end] == '&' ? lead + end : 0;
    }
    return 0;
}

/* Where the next token starts at or behind from: at the query's start or at a "&". */
static size_t next_token(struct str query, size_t from, size_t *ret_n)
{
    while (from < query.n) {
        if (from == 0 || query.p[from] == '&') {
            *ret_n = token_at(str_sub(query, from, query.n));
            if (*ret_n)
                return from;
        }
        const char *amp = memchr(query.p + from + 1, '&', query.n - from - 1);
        from = amp ? (size_t)(amp - query.p) : query.n;
    }
    *ret_n = 0;
    return query.n;
}

struct str exchange_strip(struct arena *arena, struct str query)
{
    size_t n, at = next_token(query, 0, &n), kept = 0, from = 0;
    if (n == 0)
        return query;
    char *out = arena_alloc(arena, query.n + 1);
    if (!out)
        return query;
    for (; from < query.n; at = next_token(query, from, &n)) {
        memcpy(out + kept, query.p + from, at - from);
        kept += at - from;
        from = at + n;
        if (n == 0)
            break;
    }
    return str_make(out, kept);
}

static struct str query_of(struct fields *f, struct str q)
{
    if (!q.p)
        return q;
    if (q.n && q.p[0] == '?') /* HttpProxy's UrlQuery brings its question mark */
        q = str_sub(q, 1, q.n);
    q = exchange_strip(f->arena, q);
    return q.n ? q : STR_NONE;
}

static struct str url_of(struct fields *f, struct str stem, struct str query)
{
    query = query_of(f, query);
    if (!stem.p)
        return query;
    if (!query.p)
        return stem;
    char *p = arena_alloc(f->arena, stem.n + 1 + query.n + 1);
    if (!p) {
        f->short_of_memory = true;
        return STR_NONE;
    }
    memcpy(p, stem.p, stem.n);
    p[stem.n] = '?';
    memcpy(p + stem.n + 1, query.p, query.n);
    return str_make(p, stem.n + 1 + query.n);
}

static struct str replace(struct fields *f, struct str s, struct str what, struct str with)
{
    struct buf b;
    if (!s.p || str_find(s, what) < 0)
        return s;
    buf_init(&b, LIMIT_LINE_BYTES);
    for (ptrdiff_t at; (at = str_find(s, what)) >= 0;) {
        buf_str(&b, str_sub(s, 0, (size_t)at));
        buf_str(&b, with);
        s = str_sub(s, (size_t)at + what.n, s.n);
    }
    buf_str(&b, s);
    return keep(f, &b);
}

/* One address out of "a, b, c" or "a b": the first public one, else the first. */
static struct str client_of(struct fields *f, struct str s)
{
    struct str best = STR_NONE;
    struct ip ip, best_ip = {0, 0};
    int32_t port;
    uint32_t v4;
    if (ip4_parse(s, &v4)) /* nearly always */
        return s;
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        while (i < s.n && s.p[i] != ',' && s.p[i] != ' ' && s.p[i] != '+' && s.p[i] != ';')
            i++;
        struct str part = str_sub(s, from, i);
        if (i < s.n || part.n == 0)
            i++;
        if (!ip_parse_log(part, &ip, &port))
            continue;
        bool internal = ip_is_internal(ip);
        if (!best.p || !internal) {
            best = part;
            best_ip = ip;
        }
        if (!internal)
            break;
    }
    if (!best.p)
        return STR_NONE;
    char text[IP_TEXT_BYTES];
    struct str plain = str_of(ip_text(best_ip, text));
    return str_eq(plain, best) ? best : arena_str(f->arena, plain);
}

static struct str build_of(struct fields *f, uint16_t view)
{
    struct buf b;
    for (size_t i = 0; i < 4; i++)
        if (!column(f, view, i).n)
            return STR_NONE;
    buf_init(&b, 128);
    for (size_t i = 0; i < 4; i++) {
        if (i)
            buf_putc(&b, '.');
        buf_str(&b, column(f, view, i));
    }
    return keep(f, &b);
}

/* The last one: what the server appends stands behind what the client sent. */
static struct str cafe_of(struct str query)
{
    struct str id = STR_NONE;
    size_t n = 0;
    for (ptrdiff_t at; (at = str_ifind(query, STR("cafeReqId="))) >= 0;)
        id = query = str_sub(query, (size_t)at + 10, query.n);
    while (n < id.n && token_char((unsigned char)id.p[n]))
        n++;
    return n ? str_sub(id, 0, n) : STR_NONE;
}

/* Decoded; with slashes collapsed, or as it stands where that is another text. */
static struct str path_of(struct fields *f, struct str text, bool plus_is_blank, bool plain)
{
    struct str decoded = decode_twice(f->arena, text, plus_is_blank);
    struct str tidied = tidy(f->arena, decoded);
    f->short_of_memory |= decoded.p && !tidied.p;
    if (!plain)
        return tidied;
    return tidied.p == decoded.p ? STR_NONE : decoded;
}

/* \REGISTRY\MACHINE\SOFTWARE\x and a value's name: HKLM\SOFTWARE\x\name, as Sysmon has it. */
static struct str key_of(struct fields *f, struct str key, struct str name)
{
    static const struct {
        struct str native, usual;
    } hive[] = {{{"\\REGISTRY\\MACHINE", 17}, {"HKLM", 4}}, {{"\\REGISTRY\\USER", 14}, {"HKU", 3}}};
    struct buf b;
    if (!key.p)
        return key;
    buf_init(&b, LIMIT_LINE_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(hive); i++)
        if (str_istarts(key, hive[i].native)) {
            buf_str(&b, hive[i].usual);
            key = str_sub(key, hive[i].native.n, key.n);
        }
    buf_str(&b, key);
    if (name.n) {
        buf_putc(&b, '\\');
        buf_str(&b, name);
    }
    return keep(f, &b);
}

static struct str word_of(const struct kind_def *k, struct str code)
{
    for (size_t i = 0; code.p && i < k->n_codes; i++)
        if (str_ieq(k->code[i].code, code))
            return k->code[i].word;
    return code;
}

/* Each value of a list. */
static struct str words_of(struct fields *f, struct str codes)
{
    struct buf b;
    struct str code;
    size_t n = 0;
    buf_init(&b, LIMIT_LINE_BYTES);
    while (str_cut(&codes, '\n', &code)) {
        if (n++)
            buf_putc(&b, '\n');
        buf_str(&b, word_of(f->kind, code));
    }
    return keep(f, &b);
}

static struct str make(struct fields *f, uint16_t view)
{
    struct str a = column(f, view, 0), b = column(f, view, 1);
    switch (f->kind->view[view].how) {
    case HOW_RAW: return a;
    case HOW_TEXT: return replace(f, a, STR("+"), STR(" "));
    case HOW_PATH: return path_of(f, a, false, false);
    case HOW_PLAINPATH: return path_of(f, a, false, true);
    case HOW_URL: return path_of(f, url_of(f, a, b), true, false);
    case HOW_PLAINURL: return path_of(f, url_of(f, a, b), true, true);
    case HOW_RAWURL: return url_of(f, a, b);
    case HOW_QUERY: return decode_twice(f->arena, query_of(f, a), true);
    case HOW_RAWQUERY: return query_of(f, a);
    case HOW_CLIENT: return a.p ? client_of(f, a) : a;
    case HOW_COMMAS: return replace(f, a, STR("  "), STR(", "));
    case HOW_CAFE: return a.p ? cafe_of(a) : a;
    case HOW_BUILD: return build_of(f, view);
    case HOW_KEY: return key_of(f, a, b);
    case HOW_CODED: return fields_is_list(f, view) ? words_of(f, a) : word_of(f->kind, a);
    }
    return STR_NONE;
}

struct str fields_view(struct fields *f, uint16_t view)
{
    uint64_t bit = UINT64_C(1) << (view % 64);
    if (!(f->done[view / 64] & bit)) {
        f->value[view] = make(f, view);
        f->done[view / 64] |= bit;
    }
    return f->value[view];
}

bool fields_is_list(const struct fields *f, uint16_t view)
{
    if (!f->record->lists || view >= f->kind->n_views)
        return false;
    enum how how = f->kind->view[view].how;
    int16_t c = f->column[view][0];
    return c >= 0 && record_is_list(f->record, (uint16_t)c) &&
           (how == HOW_RAW || how == HOW_TEXT || how == HOW_COMMAS || how == HOW_CODED);
}

struct str fields_unquoted(struct fields *f)
{
    struct str raw = f->record->raw;
    return str_find(raw, STR("\"\"")) < 0 ? STR_NONE : replace(f, raw, STR("\"\""), STR("\""));
}

struct str fields_role(struct fields *f, enum role role)
{
    struct str empty = STR_NONE;
    for (size_t i = 0; i < f->kind->n_role[role]; i++) {
        struct str s = fields_view(f, f->kind->role[role][i]);
        if (s.n)
            return s;
        empty = empty.p ? empty : s;
    }
    return empty;
}
