#include "scan/sweep_priv.h"

#include "base/hash.h"
#include "base/limits.h"
#include "dossier/load.h"

bool sweep_outside(const struct sweep *s, int64_t time_us)
{
    if (time_us == TIME_NONE)
        return false;
    return (s->set->since_us != TIME_NONE && time_us < s->set->since_us) ||
           (s->set->until_us != TIME_NONE && time_us >= s->set->until_us);
}

/* Does the row show the product of a dossier? A page that is not there shows nothing. */
static void note_products(struct sweep *s)
{
    struct str stem = fields_role(&s->fields, ROLE_STEM);
    struct str status = fields_role(&s->fields, ROLE_STATUS);
    if (status.n == 3 && (status.p[0] == '5' || str_eq(status, STR("404")) ||
                          str_eq(status, STR("400")) || str_eq(status, STR("403"))))
        return;
    for (size_t d = 0; stem.p && d < s->set->n_dossiers && d < 64; d++) {
        const struct str_list *paths = &s->set->dossier[d].seen_paths;
        if (s->tally->seen_dossiers >> d & 1)
            continue;
        for (size_t i = 0; i < paths->n; i++)
            if (seen_path_fits(paths->v[i], stem)) {
                s->tally->seen_dossiers |= UINT64_C(1) << d;
                break;
            }
    }
}

static void move_to(struct sweep *s, struct tally *t)
{
    s->changes++;
    s->tally = t;
    if (t->columns_serial != s->state.schema_serial)
        tally_columns(t, &s->state);
}

/* The part of the file that is counted from here on; host may be "". */
void sweep_turn_to(struct sweep *s, struct str kind, struct str host)
{
    struct tally *t = s->tally;
    size_t i = 0;
    if (tally_is(t, kind, host))
        return;
    if (!t->row_host.n && ((!t->records && !t->unparsed) || str_eq(t->kind, kind))) {
        tally_name(t, kind, host);
        return;
    }
    while (i < s->n_parts && !(i < UNIT_MAX_PARTS && tally_is(&s->part[i], kind, host)))
        i++;
    if (i == s->n_parts && i <= UNIT_MAX_PARTS) /* the last one is of no kind: it covers nothing */
        tally_init(&s->part[s->n_parts++], i < UNIT_MAX_PARTS ? kind : STR(""), host);
    move_to(s, &s->part[i < s->n_parts ? i : UNIT_MAX_PARTS]);
}

/* Whose row is it? One that names no host belongs to the row before it. */
struct str sweep_row_host(struct sweep *s)
{
    struct str host = fields_role(&s->fields, ROLE_HOST);
    return host.n && host.n < HOST_BYTES ? host : s->tally->row_host;
}

void sweep_next_row(struct sweep *s)
{
    fields_next(&s->fields, &s->state, &s->record);
    s->row_kind = s->codec->row_kind ? s->codec->row_kind(&s->state, &s->record, s->kind)
                                     : str_of(s->state.kind);
}

/* What a parsed row tells besides what rules look for. */
void sweep_sample(struct sweep *s)
{
    tally_build(s->tally, fields_role(&s->fields, ROLE_BUILD), s->record.time_us);
    tally_client(s->tally, fields_role(&s->fields, ROLE_CLIENT));
    note_products(s);
}

/* Rows of a block that was not parsed: all of one hour if both ends are, else line by line. */
enum err sweep_count_block(struct sweep *s, struct str text, uint64_t rows)
{
    int64_t first = TIME_NONE, last = TIME_NONE;
    size_t next, from = 0, timed = 0, timeless = 0;
    struct str line = line_at(text, 0, &next);
    const char *nl = memrchr(text.p, '\n', text.n - 1);
    size_t last_at = nl ? (size_t)(nl + 1 - text.p) : 0;
    bool ends = s->codec->line_time(&s->state, line, &first) &&
                s->codec->line_time(&s->state, line_at(text, last_at, &next), &last);
    if (ends && time_hour(first) == time_hour(last) && first <= last && !sweep_outside(s, first) &&
        !sweep_outside(s, last)) {
        tally_span(s->tally, last);
        return tally_rows(s->tally, first, rows);
    }
    for (; from < text.n; from = next) {
        int64_t t = TIME_NONE;
        line = line_at(text, from, &next);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (!s->codec->line_time(&s->state, line, &t))
            t = TIME_NONE;
        if (sweep_outside(s, t))
            continue;
        *(t == TIME_NONE ? &timeless : &timed) += 1;
        if (t != TIME_NONE)
            TRY(tally_rows(s->tally, t, 1));
    }
    /* Lines without a time may be rows or headers: no more of them than there are rows. */
    size_t left = rows > timed ? rows - timed : 0;
    return timeless && left ? tally_rows(s->tally, TIME_NONE, timeless < left ? timeless : left)
                            : OK;
}

/* The column that names a row's host, -1 if there is none. */
static int host_column(const struct sweep *s)
{
    const struct kind_def *k = s->now->kind;
    bool bound = s->fields.bound && s->fields.serial == s->state.schema_serial;
    return bound && k->n_role[ROLE_HOST] ? s->fields.column[k->role[ROLE_HOST][0]][0] : -1;
}

void sweep_counter_begin(struct sweep *s, struct counter *c)
{
    const struct kind_def *k = s->now->kind;
    int host = host_column(s), kind = s->state.kind_column;
    memset(c, 0, sizeof *c);
    c->host_at = host;
    c->kind_at = s->codec->row_kind && kind < LIMIT_FIELDS ? kind : -1;
    c->columns = (uint16_t)((c->kind_at > host ? c->kind_at : host) + 1);
    c->n_parts = s->n_parts;
    c->ready = true;
    c->plain = s->codec->plain && s->begun && s->clients_told && s->fields.bound &&
               s->fields.serial == s->state.schema_serial &&
               (!k->n_role[ROLE_HOST] ||
                (k->n_role[ROLE_HOST] == 1 && k->view[k->role[ROLE_HOST][0]].how == HOW_RAW));
}

static struct str cell_at(const struct record *r, int column)
{
    return column >= 0 && column < r->n ? r->value[column] : STR_NONE;
}

/* Is this the only part that rows of that host and kind can go to, whatever is yet to come? */
static bool only_part(const struct sweep *s, struct str kind, struct str host)
{
    size_t fits = 0;
    for (size_t i = 0; i < s->n_parts; i++) {
        if (!s->part[i].row_host.n)
            return false; /* it may still be given any name */
        fits += i < UNIT_MAX_PARTS && tally_is(&s->part[i], kind, host);
    }
    return fits == 1;
}

static struct known *known_place(struct counter *c, struct str kind, struct str host)
{
    size_t h = host.n + 5 * kind.n;
    if (kind.n)
        h += 3u * (unsigned char)kind.p[0] + (unsigned char)kind.p[kind.n - 1];
    return &c->known[h % ARRAY_LEN(c->known)];
}

/* sweep_turn_to for the row at hand, without asking twice what its texts mean. */
static void turn_to_row(struct sweep *s, struct counter *c)
{
    struct str kind = cell_at(&s->record, c->kind_at), host = cell_at(&s->record, c->host_at);
    struct known *k = known_place(c, kind, host);
    if (c->n_parts != s->n_parts) {
        memset(c->known, 0, sizeof c->known);
        c->n_parts = s->n_parts;
    }
    if (k->tally && str_eq(k->kind, kind) && str_eq(k->host, host)) {
        if (k->tally == s->tally)
            return;
        if (k->elsewhere) {
            move_to(s, k->tally);
            return;
        }
    }
    bool named = host.n && host.n < HOST_BYTES;
    struct str name = s->codec->row_kind ? s->codec->row_kind(&s->state, &s->record, s->kind)
                                         : str_of(s->state.kind);
    struct str whose = named ? host : s->tally->row_host;
    sweep_turn_to(s, name, whose);
    *k = (struct known){kind, host, s->tally, named && only_part(s, name, host)};
    if (!tally_is(s->tally, name, whose)) /* there are too many parts */
        k->tally = NULL;
}

static enum err count_row(struct sweep *s, struct counter *c)
{
    if (sweep_outside(s, s->record.time_us))
        return OK;
    if (c->columns || c->known[0].tally != s->tally) /* nothing tells one row from another */
        turn_to_row(s, c);
    return tally_rows(s->tally, s->record.time_us, 1);
}

enum err sweep_count_plain(struct sweep *s, struct counter *c, struct str line, bool *ret_counted)
{
    *ret_counted = c->plain && s->codec->plain(&s->state, line, c->columns, &s->record);
    if (!*ret_counted)
        return OK;
    return count_row(s, c);
}

/* The same where rows of several logs stand in one block: each counts for its own. */
enum err sweep_count_by_row(struct sweep *s, struct str text)
{
    struct counter c;
    sweep_counter_begin(s, &c);
    for (size_t from = 0, next; from < text.n; from = next) {
        struct str line = line_at(text, from, &next);
        if (s->codec->front(&s->state, line, c.columns, &s->record))
            TRY(count_row(s, &c));
    }
    return OK;
}

/* A header is read when it is its turn: it changes what the rows before it would mean. */
static bool is_header(const struct codec *codec, struct str line)
{
    for (size_t i = 0; codec->markers && codec->markers[i]; i++)
        if (str_starts(line, str_of(codec->markers[i])))
            return true;
    return false;
}

/* Parses a line that may be a row. */
static enum line_class try_row(struct sweep *s, struct str line)
{
    arena_reset(&s->line_arena);
    if (line.n == 0 || line.p[0] == '#' || is_header(s->codec, line))
        return LINE_BLANK;
    enum line_class class = s->codec->line(&s->state, line, &s->line_arena, &s->record);
    s->record.raw = line;
    return class;
}

void sweep_try_begin(struct sweep *s)
{
    s->next_try = 0;
    s->tried = s->bad = s->parsed = s->parsed_bad = 0;
    for (size_t i = 0; i < s->n_parts; i++)
        s->part[i].judged = s->part[i].records;
}

/* A few rows tell whether there are any such; of a file's first blocks more tell how many. */
void sweep_try_rows(struct sweep *s, struct str text, size_t from, size_t to)
{
    enum { PARTS = 4, WARY_PARTS = 16, WARY_BYTES = 8 * 1024 * 1024 };
    while (s->next_try < to) {
        bool wary = s->wary && s->offset - s->unit->from < WARY_BYTES;
        size_t at = s->next_try, step = text.n / (wary ? WARY_PARTS : PARTS) + 1, next;
        const char *nl = at > from ? memchr(text.p + at - 1, '\n', to - (at - 1)) : NULL;
        if (at > from && !nl)
            return;
        at = at > from ? (size_t)(nl + 1 - text.p) : from;
        if (at >= to)
            return;
        s->next_try = (at / step + 1) * step;
        enum line_class class = try_row(s, line_at(text, at, &next));
        bool bad = class == LINE_BAD || class == LINE_CUT;
        if ((!bad && class != LINE_RECORD) ||
            (class != LINE_BAD && sweep_outside(s, s->record.time_us)))
            continue;
        s->tried++;
        s->bad += bad;
        s->wary |= bad;
    }
}

void sweep_try_end(struct sweep *s)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < s->n_parts; i++)
        rows += s->part[i].records - s->part[i].judged;
    uint64_t others = rows > s->parsed ? rows - s->parsed : 0;
    uint64_t bad = s->parsed_bad + (s->tried ? others * s->bad / s->tried : 0);
    for (size_t i = 0; rows && i < s->n_parts; i++) {
        struct tally *t = &s->part[i];
        t->about_unparsed += (t->records - t->judged) * bad / rows;
    }
}

/* One row of a block: a sample of builds, hosts and products. The hash of its build, 0 if it names
 * none. */
static uint64_t sample_row(struct sweep *s, struct str line)
{
    if (try_row(s, line) != LINE_RECORD)
        return 0;
    sweep_next_row(s);
    sweep_turn_to(s, s->row_kind, sweep_row_host(s));
    sweep_sample(s);
    struct str build = fields_role(&s->fields, ROLE_BUILD);
    return build.p ? hash64(build, 1) : 0;
}

/* Does a column that can be read alone tell what a row belongs to? Then no sample has to do. */
static bool rows_tell(const struct sweep *s)
{
    return s->codec->front && (s->state.kind_column < LIMIT_FIELDS || host_column(s) >= 0);
}

/* Where rows name their host but only a parsed one tells it: a few more rows of the block. */
static bool others_between(struct sweep *s, struct str text, const struct tally *of_ends)
{
    enum { PARTS = 8 };
    size_t next;
    for (size_t i = 1; i < PARTS && !s->codec->front && host_column(s) >= 0; i++) {
        size_t at = text.n / PARTS * i;
        const char *nl = memchr(text.p + at, '\n', text.n - at);
        if (!nl || nl + 1 == text.p + text.n)
            break;
        (void)sample_row(s, line_at(text, (size_t)(nl + 1 - text.p), &next));
        if (s->tally != of_ends)
            return true;
    }
    return false;
}

/* Samples the first and the last row. True if the server was updated in between: then every row of
 * the block counts, so that the time of the update is exact. If they are of different hosts or
 * kinds no host may be given the hours of another. */
bool sweep_sample_ends(struct sweep *s, struct str text)
{
    size_t next;
    const char *nl = text.n > 1 ? memrchr(text.p, '\n', text.n - 1) : NULL;
    uint64_t first = sample_row(s, line_at(text, 0, &next)), last = first;
    struct tally *begin = s->tally;
    if (nl && (s->now->kind->n_role[ROLE_BUILD] || begin->row_host.n))
        last = sample_row(s, line_at(text, (size_t)(nl + 1 - text.p), &next));
    s->by_row = s->mixed || s->tally != begin || rows_tell(s) || others_between(s, text, begin);
    s->tally = begin;
    s->changes = 0;
    return (first && last && first != last) || (s->by_row && !s->codec->front);
}
