#include "scan/sweep_priv.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/utf.h"
#include "codec/stream.h"
#include "os/io.h"
#include "scan/examine.h"
#include "scan/idle.h"
#include "scan/removed.h"
#include "scan/tally.h"

enum err sweep_new(const struct ruleset *set, const struct sweep_sink *sink,
                   struct sweep **ret_sweep)
{
    struct sweep *s = calloc(1, sizeof *s);
    *ret_sweep = NULL;
    if (!s)
        return ERR_NOMEM;
    s->set = set;
    s->sink = *sink;
    arena_init(&s->line_arena, LIMIT_ARENA_RECORD_BYTES);
    hits_init(&s->hits);
    event_sink_init(&s->correlated, sweep_flush_events, s);
    s->buffer = malloc(BUFFER_BYTES);
    s->marks = calloc(set->n_sigma + 1, sizeof *s->marks);
    s->pivot_rows = calloc(set->n_pivots + 1, sizeof *s->pivot_rows);
    s->pivot_line = calloc(set->n_pivots + 1, sizeof *s->pivot_line);
    s->events = sweep_events_new();
    s->file = sweep_file_new();
    if (costs_init(&s->costs, set->n_sigma, set->measure) != OK || !s->events || !s->file ||
        !s->buffer || !s->marks || !s->pivot_rows || !s->pivot_line ||
        look_init(&s->look, set->files ? set->files->yara : NULL) != OK) {
        (void)sweep_free(s);
        return ERR_NOMEM;
    }
    *ret_sweep = s;
    return OK;
}

struct sweep *sweep_free(struct sweep *s)
{
    if (!s)
        return NULL;
    for (size_t i = 0; i < MAX_KINDS; i++)
        s->program[i] = program_free(s->program[i]);
    s->events = sweep_events_free(s->events);
    s->file = sweep_file_free(s->file);
    arena_done(&s->line_arena);
    hits_done(&s->hits);
    event_sink_done(&s->correlated);
    costs_done(&s->costs);
    look_done(&s->look);
    free(s->buffer);
    free(s->pivot_rows);
    free(s->pivot_line);
    vec_done(&s->spots);
    vec_done(&s->second);
    vec_done(&s->clients);
    vec_done(&s->shared);
    vec_done(&s->wanted);
    vec_done(&s->indicators);
    vec_done(&s->found);
    vec_done(&s->pivots);
    free(s->marks);
    free(s);
    return NULL;
}

enum err sweep_program(struct sweep *s, struct error *error)
{
    struct kind_def *k = logsources_kind(&s->set->logsources, str_of(s->state.kind));
    size_t i = 0;
    s->now = NULL;
    if (!k)
        return OK;
    while (i < MAX_KINDS && s->program[i] &&
           !(s->program[i]->kind == k && s->program_codec[i] == s->codec))
        i++;
    if (i == MAX_KINDS)
        return ERR_LIMIT;
    if (!s->program[i]) {
        TRY(program_new(s->set, k, s->codec, &s->program[i], error));
        s->program_codec[i] = s->codec;
    }
    s->now = s->program[i];
    fields_init(&s->fields, k, &s->line_arena);
    return OK;
}

/* The line in lower case, made when a check first asks. */
static struct str low_line(struct sweep *s)
{
    if (s->low_stamp != s->stamp) {
        size_t n = s->line.n < sizeof s->low ? s->line.n : sizeof s->low;
        s->low_stamp = s->stamp;
        s->low_n = n;
        ascii_lower_all(s->low, s->line.p, n);
    }
    return str_make(s->low, s->low_n);
}

/* A common leaf. Percent escapes may hide reserved signs, then its longest part without them is
 * looked for; escapes of ordinary letters may hide anything: the rule itself decides. */
static bool check(struct sweep *s, uint16_t number)
{
    if (number == CHECK_ALWAYS)
        return true;
    struct check *c = &s->now->check[number];
    if (c->stamp == s->stamp)
        return c->present;
    struct str line = low_line(s);
    c->stamp = s->stamp;
    bool escaped = s->now->decodes && str_chr(line, '%') >= 0;
    c->present = s->escapes || s->line.n > sizeof s->low;
    for (size_t i = 0; i < c->n && !c->present; i++)
        c->present = str_has(line, c->literal[i]) || (escaped && str_has(line, c->run[i]));
    return c->present;
}

static bool term_open(struct sweep *s, const struct bound *b, uint32_t term, uint32_t leaves)
{
    if ((leaves & b->swept & term) != (b->swept & term))
        return false;
    for (size_t i = 0; i < b->n_checks; i++)
        if ((b->check[i].leaf & term) && !check(s, b->check[i].check))
            return false;
    return true;
}

/* A leaf of a rule's gate is in the line. Stamps make clearing unnecessary. */
static enum err want(struct sweep *s, uint32_t bound, uint8_t leaf)
{
    const struct bound *b = &s->now->bound[bound];
    struct marks *m = &s->marks[bound];
    if (m->stamp != s->stamp)
        *m = (struct marks){.stamp = s->stamp};
    if (m->wanted || (m->leaves >> leaf & 1))
        return OK;
    m->leaves |= UINT32_C(1) << leaf;
    for (size_t i = 0; i < b->gate->n_terms; i++)
        if ((b->gate->term[i] >> leaf & 1) && term_open(s, b, b->gate->term[i], m->leaves)) {
            m->wanted = true;
            return vec_push(&s->wanted, bound, LIMIT_RULES);
        }
    return OK;
}

/* Does the value stand in the line by itself: 10.0.0.1 is not in 10.0.0.12 or 110.0.0.1. */
static bool bordered(struct str line, struct str value)
{
    for (ptrdiff_t at; (at = str_ifind(line, value)) >= 0;
         line = str_sub(line, (size_t)at + 1, line.n)) {
        size_t end = (size_t)at + value.n;
        unsigned char before = at ? (unsigned char)line.p[at - 1] : ' ';
        unsigned char after = end < line.n ? (unsigned char)line.p[end] : ' ';
        if (!ascii_digit(before) && !ascii_alpha(before) && !ascii_digit(after) &&
            !ascii_alpha(after) &&
            !(after == '.' && end + 1 < line.n && ascii_digit((unsigned char)line.p[end + 1])))
            return true;
    }
    return false;
}

/* Counts a row once for each pivot value in it. */
static void note_pivot(struct sweep *s, uint32_t index)
{
    const struct pivot *p = &s->set->pivot[index];
    int64_t t = s->record.time_us;
    if (s->pivot_line[index] == s->stamp)
        return;
    s->pivot_line[index] = s->stamp;
    if (p->in && !p->in(str_of(s->state.kind))) /* a file may hold several logs */
        return;
    if ((p->from_us == TIME_NONE || (t != TIME_NONE && t >= p->from_us)) &&
        (p->to_us == TIME_NONE || (t != TIME_NONE && t < p->to_us)) &&
        bordered(s->record.raw, p->value))
        s->pivot_rows[index]++;
}

static enum err announce(struct sweep *s, uint32_t literal)
{
    const struct program *p = s->now;
    for (uint32_t t = p->target_at[literal]; t < p->target_at[literal + 1]; t++) {
        const struct target *target = &p->target[t];
        switch (target->kind) {
        case TARGET_RULE:
            if (check(s, target->guard))
                TRY(want(s, target->index, target->leaf));
            break;
        case TARGET_INDICATOR: {
            bool known = false;
            for (size_t i = 0; i < s->indicators.n; i++)
                known |= s->indicators.v[i] == target->index;
            if (!known)
                TRY(vec_push(&s->indicators, target->index, 1u << 20));
            break;
        }
        case TARGET_ESCAPES: break; /* known before */
        case TARGET_PIVOT: TRY(vec_push(&s->pivots, target->index, 1u << 20)); break;
        case TARGET_MARKER: s->marker = true; break;
        }
    }
    return OK;
}

static enum err announce_in(struct sweep *s, struct str text)
{
    TRY(lit_scan(s->now->lits, text, &s->second));
    for (size_t i = 0; i < s->second.n; i++)
        TRY(announce(s, s->second.v[i].literal));
    return OK;
}

/* The line as the views of its values show it: decoded, and with slashes collapsed as well. */
static enum err announce_decoded(struct sweep *s, struct str line)
{
    arena_reset(&s->line_arena);
    struct str decoded = decode_twice(&s->line_arena, line, false);
    struct str tidied = tidy(&s->line_arena, decoded);
    if (!decoded.p || !tidied.p)
        return ERR_NOMEM;
    TRY(announce_in(s, decoded));
    return tidied.p == decoded.p ? OK : announce_in(s, tidied);
}

/* Are there two encoded slashes that do not stand behind the colon of an address? */
static bool slashes_apart(struct str line)
{
    for (ptrdiff_t at; (at = str_ifind(line, STR("%2f%2f"))) >= 0;
         line = str_sub(line, (size_t)at + 3, line.n)) {
        struct str before = str_sub(line, 0, (size_t)at);
        bool colon =
            (at >= 1 && before.p[at - 1] == ':') ||
            (at >= 3 && str_istarts(str_sub(before, (size_t)at - 3, before.n), STR("%3a")));
        if (!colon)
            return true;
    }
    return false;
}

/* Does the line have to be decoded and swept once more? */
static bool is_odd(const struct sweep *s, struct str line, const struct lit_spot *spot, size_t n)
{
    bool twice = false;
    for (size_t i = 0; i < n; i++) {
        if (!s->now->is_escape[spot[i].literal])
            continue;
        if (spot[i].literal != s->now->slashes_twice)
            return true;
        twice = true;
    }
    return twice && slashes_apart(line); /* once a line, however many there are */
}

/* Reads the spots of one line; true if the line must be parsed at all. */
enum err sweep_announce(struct sweep *s, struct str line, const struct lit_spot *spot, size_t n,
                        bool *ret_parse)
{
    s->stamp++;
    s->line = line;
    s->wanted.n = s->indicators.n = s->pivots.n = 0;
    s->marker = s->client = false;
    s->escapes = is_odd(s, line, spot, n);
    for (size_t i = 0; i < n; i++) {
        s->client |= spot[i].literal == s->now->client_literal;
        TRY(announce(s, spot[i].literal));
    }
    if (s->escapes)
        TRY(announce_decoded(s, line));
    *ret_parse =
        s->wanted.n || s->indicators.n || s->pivots.n || s->marker || s->client || s->now->n_always;
    return OK;
}

static struct examine examine_of(struct sweep *s)
{
    struct str place = kind_is_state(s->row_kind) ? s->unit->path : STR_NONE;
    return (struct examine){s->now,    &s->fields,    &s->hits,    &s->correlated,
                            &s->costs, s->unit->file, s->row_kind, s->unit->host,
                            s->carved, s->identity,   place};
}

static enum err judge_rules(struct sweep *s)
{
    struct examine e = examine_of(s);
    for (size_t i = 0; i < s->wanted.n; i++) {
        bool matched = false, limited = false;
        struct bound *b = &s->now->bound[s->wanted.v[i]], *twin = &s->now->bound[b->twin];
        struct rule_cost *cost = &s->costs.rule[b->rule];
        if (twin->no_stamp == s->stamp)
            continue;
        if (cost->cut) {
            cost->at = cost->untried ? cost->at : s->record.offset;
            cost->untried++;
            continue;
        }
        TRY(examine_rule(&e, s->wanted.v[i], &s->record, &matched, &limited));
        if (!matched && !limited)
            twin->no_stamp = s->stamp;
        if (limited && !cost->limited) {
            cost->limited = true;
            TRY(sweep_gap(s, s->record.offset, "regex-limit", s->set->rule[b->rule].title));
        }
    }
    return OK;
}

/* A row with something in it: do the announced rules and indicators really match? */
enum err sweep_judge_row(struct sweep *s)
{
    struct examine e = examine_of(s);
    for (size_t i = 0; i < s->now->n_always; i++)
        TRY(vec_push(&s->wanted, s->now->always[i], LIMIT_RULES));
    TRY(judge_rules(s));
    for (size_t i = 0; i < s->indicators.n; i++)
        TRY(examine_indicator(&e, s->indicators.v[i], &s->record));
    for (size_t i = 0; i < s->pivots.n; i++)
        note_pivot(s, s->pivots.v[i]);
    return s->now->addresses ? examine_address(&e, &s->record) : OK;
}

/* Does another log begin here, in mid-file? A header of another format, or the first line of any:
 * what it is about is then found out as at the start of a file. */
static bool header_in_midfile(struct sweep *s, struct str line, uint64_t at)
{
    if (!line.n || line.p[0] != '#' || !s->begun || at == s->turned_at || s->turns == MAX_TURNS)
        return false;
    if (!str_starts(line, STR("#Software:"))) {
        int codec = str_starts(line, STR("#Fields:")) ? codec_identify(line, STR("")) : -1;
        if (codec < 0 || codecs[codec] == s->codec)
            return false;
    }
    s->turn = true;
    s->turned_at = at;
    s->turns++;
    return true;
}

/* A row of which it is known now whether it is understood: counted by itself, or with its block. */
static void note_parsed(struct sweep *s, bool bad, bool count)
{
    s->tally->unparsed += bad;
    s->wary |= bad;
    if (count) {
        s->tally->about_unparsed += bad;
    } else {
        s->parsed++;
        s->parsed_bad += bad;
    }
}

/* Parses one line; counts it unless its block is counted as a whole. What rows tell besides hits is
 * taken from all rows of the first and last block and from one row of each other. */
static enum err take_line(struct sweep *s, struct str line, uint64_t at, uint64_t number,
                          bool count, bool *ret_row)
{
    arena_reset(&s->line_arena);
    s->record.n = 0;
    *ret_row = false;
    if (header_in_midfile(s, line, at))
        return OK;
    enum line_class class = s->codec->line(&s->state, line, &s->line_arena, &s->record);
    s->record.raw = line;
    s->record.offset = at;
    s->record.line = number;
    if (class == LINE_DIRECTIVE)
        tally_columns(s->tally, &s->state);
    *ret_row = class != LINE_DIRECTIVE && class != LINE_BLANK;
    /* A row whose time cannot be read still shows what was asked for. */
    bool whole = s->state.columns && s->record.n >= s->state.columns;
    bool bad = class == LINE_BAD || class == LINE_CUT;
    if (class == LINE_BAD && whole)
        s->record.time_us = TIME_NONE;
    else if (class == LINE_BAD) {
        note_parsed(s, true, count);
        return count ? tally_rows(s->tally, TIME_NONE, 1) : OK;
    } else if (class != LINE_RECORD && class != LINE_CUT)
        return OK;
    if (sweep_outside(s, s->record.time_us)) {
        *ret_row = false;
        return OK;
    }
    s->begun = true;
    sweep_next_row(s);
    TRY(sweep_judge_row(s));
    if (!count) {
        note_parsed(s, bad, false);
        s->mixed = s->mixed || !tally_is(s->tally, s->row_kind, sweep_row_host(s));
        return OK;
    }
    sweep_turn_to(s, s->row_kind, sweep_row_host(s));
    note_parsed(s, bad, true); /* where the row itself is counted */
    if (s->sampling)
        sweep_sample(s);
    return tally_rows(s->tally, s->record.time_us, 1);
}

/* Where a byte of the block stands in the file. */
static uint64_t place(struct sweep *s, struct str text, size_t at)
{
    if (!s->utf16)
        return s->offset + at;
    if (at < s->placed)
        s->placed = s->placed_units = 0;
    s->placed_units += utf16_units(str_sub(text, s->placed, at));
    s->placed = at;
    return s->utf16_offset + 2 * s->placed_units;
}

/* Every line of the block. */
static enum err full_block(struct sweep *s, struct str text)
{
    UNCLEARED struct counter c;
    size_t h = 0, next;
    c.ready = false;
    for (size_t from = 0; from < text.n; from = next) {
        struct str line = line_at(text, from, &next);
        size_t first = h;
        bool row, counted = false;
        while (h < s->spots.n && s->spots.v[h].end <= next)
            h++;
        TRY(sweep_announce(s, line, s->spots.v + first, h - first, &row));
        if (!row && !s->sampling && s->codec->plain) {
            if (!c.ready)
                sweep_counter_begin(s, &c);
            TRY(sweep_count_plain(s, &c, line, &counted));
        }
        if (!counted) {
            TRY(take_line(s, line, place(s, text, from), s->lines + 1, true, &row));
            c.ready = c.ready && c.plain && row; /* no row: perhaps a header */
        }
        if (s->turn) {
            s->turn_from = from;
            return OK;
        }
        s->lines += text.p[next - 1] == '\n';
    }
    return OK;
}

/* The lines with a literal in them; the others are counted. */
static enum err sparse_block(struct sweep *s, struct str text)
{
    size_t passed = 0, from = 0, next = 0, parsed = 0;
    uint64_t line_no = s->lines, not_rows = 0;
    sweep_try_begin(s);
    for (size_t h = 0; h < s->spots.n;) {
        size_t at = s->spots.v[h].end - 1u, first = h;
        const char *nl = memrchr(text.p + next, '\n', at - next);
        bool row;
        from = nl ? (size_t)(nl + 1 - text.p) : next;
        struct str line = line_at(text, from, &next);
        while (h < s->spots.n && s->spots.v[h].end <= next)
            h++;
        TRY(sweep_announce(s, line, s->spots.v + first, h - first, &row));
        if (!row)
            continue;
        sweep_try_rows(s, text, parsed, from);
        parsed = next;
        line_no += str_count(str_sub(text, passed, from), '\n');
        passed = from;
        TRY(take_line(s, line, place(s, text, from), line_no + 1, false, &row));
        if (s->turn) {
            s->turn_from = from;
            text = str_sub(text, 0, from);
            break;
        }
        not_rows += !row;
    }
    uint64_t all = line_no - s->lines + str_count(str_sub(text, passed, text.n), '\n');
    uint64_t rows = all > not_rows ? all - not_rows : 0;
    s->lines += all;
    s->sampled = true;
    sweep_try_rows(s, text, parsed, text.n);
    if (s->codec->front && (s->by_row || s->mixed) &&
        s->set->n_rules) /* nobody asks the second look */
        TRY(sweep_count_by_row(s, text));
    else if (text.n)
        TRY(sweep_count_block(s, text, rows));
    sweep_try_end(s);
    return OK;
}

static enum err block(struct sweep *s, struct str text, bool whole)
{
    if (!s->now || text.n == 0)
        return OK;
    bool look_up = s->now->addresses && s->now->repeat && s->codec->cells != CELLS_LOOSE;
    if (s->now->repeat) {
        struct idle idle = {s->now,     &s->fields, &s->state, &s->line_arena,
                            &s->record, &s->costs,  0};
        struct repeat_judge judge = idle_judge(&idle);
        judge.header = !s->begun;
        if (look_up) {
            judge.line = sweep_client_line;
            judge.line_ctx = s;
            sweep_clients_begin(s);
        }
        TRY(repeat_scan(s->now->repeat, &judge, text, &s->spots));
    } else {
        TRY(lit_scan(s->now->lits, text, &s->spots));
    }
    whole = whole || sweep_sample_ends(s, text);
    s->sampling = whole;
    s->clients_told = !s->now->addresses;
    if (look_up)
        TRY(sweep_clients_end(s));
    bool every = whole || s->now->every_row || !s->clients_told;
    return every ? full_block(s, text) : sparse_block(s, text);
}

static void advance(struct sweep *s, struct str text)
{
    s->utf16_offset += s->utf16 ? 2 * utf16_units(text) : 0;
    s->offset += text.n;
    if (s->sink.hits)
        atomic_store_explicit(s->sink.hits, s->hits.n, memory_order_relaxed);
}

/* A line longer than any log writes: told once, passed over to its end. */
static enum err skip_long_line(struct sweep *s, struct str text, size_t *ret_used)
{
    const char *nl = memchr(text.p, '\n', text.n);
    if (!s->skipping) {
        s->tally->unparsed++;
        s->tally->about_unparsed++;
        TRY(tally_rows(s->tally, TIME_NONE, 1));
        TRY(sweep_gap(s, place(s, text, 0), "line-too-long",
                      STR("longer than 1 MiB, not examined")));
    }
    s->skipping = nl == NULL;
    *ret_used = nl ? (size_t)(nl + 1 - text.p) : text.n;
    s->lines += nl != NULL;
    return OK;
}

/* Takes the whole lines off the front of the buffer. */
static enum err take(struct sweep *s, size_t have, bool last, bool first, size_t *ret_used)
{
    struct str all = str_make(s->buffer, have);
    const char *nl = have ? memrchr(s->buffer, '\n', have) : NULL;
    size_t used = last ? have : nl ? (size_t)(nl + 1 - s->buffer) : 0;
    *ret_used = 0;
    if (s->skipping || (used == 0 && have > LIMIT_LINE_BYTES)) {
        TRY(skip_long_line(s, all, ret_used));
        advance(s, str_sub(all, 0, *ret_used));
        return OK;
    }
    struct str text = str_sub(all, 0, used);
    s->changes = 0;
    s->placed = s->placed_units = 0;
    s->by_row = false;
    removed_begin(s);
    TRY(block(s, text, first || last));
    s->mixed = s->mixed || s->changes >= MIXED_AT;
    if (s->turn) {
        used = s->turn_from;
        text = str_sub(text, 0, used);
    }
    TRY(removed_rows(s, text));
    advance(s, text);
    *ret_used = used;
    if (hits_bytes(&s->hits) > FLUSH_AT_BYTES)
        TRY(hits_flush(&s->hits, sweep_flush, s));
    return OK;
}

/* A header in mid-file: the text from there is looked at as the start of a file is, by as much of
 * it, and read as what it shows itself to be. A server writes its header again when it starts. */
static enum err turn(struct sweep *s, struct stream *in, size_t *have, bool *ret_new)
{
    struct log_state state = {.date_us = TIME_NONE};
    struct error why;
    s->turn = *ret_new = false;
    for (size_t got = 1; got && *have < HEAD_BYTES; *have += got)
        if (stream_read(in, s->buffer + *have, HEAD_BYTES - *have, &got, &why) != OK)
            break; /* pump meets the damage again */
    struct str head = str_make(s->buffer, *have < HEAD_BYTES ? *have : HEAD_BYTES);
    int codec = codec_identify(head, s->unit->path);
    if (codec < 0)
        return OK;
    state.schema_serial = s->state.schema_serial;
    codecs[codec]->begin(&state, head, s->unit->path);
    state.codec = (uint16_t)codec;
    /* Of kinds that share rules, as those of HttpProxy's protocols, each row tells its own. */
    if (codecs[codec] == s->codec &&
        (!state.columns ||
         logsources_kind(&s->set->logsources, str_of(state.kind)) == s->now->kind))
        return OK;
    s->codec = codecs[codec];
    s->state = state;
    TRY(sweep_program(s, &why));
    sweep_turn_to(s, str_of(s->state.kind), STR(""));
    *ret_new = true;
    return OK;
}

enum err sweep_lines(struct sweep *s, struct stream *in, size_t have, bool first)
{
    bool last = false;
    struct error why;
    while (!last && !sweep_stopped(s)) {
        size_t got = 0, used, want_bytes = LIMIT_BLOCK_BYTES;
        if (want_bytes > BUFFER_BYTES - have)
            want_bytes = BUFFER_BYTES - have;
        enum err rc = stream_read(in, s->buffer + have, want_bytes, &got, &why);
        if (rc == ERR_NOMEM)
            return rc;
        if (rc)
            TRY(sweep_gap(s, why.offset, rc == ERR_LIMIT ? "limit" : "damaged", str_of(why.text)));
        have += got;
        last = got == 0;
        if (s->sink.bytes)
            atomic_fetch_add_explicit(s->sink.bytes, got, memory_order_relaxed);
        while (have) {
            TRY(take(s, have, last, first, &used));
            first = false;
            memmove(s->buffer, s->buffer + used, have - used);
            have -= used;
            if (s->turn) {
                TRY(turn(s, in, &have, &first));
                continue;
            }
            if (used == 0 || !s->skipping)
                break;
        }
    }
    return sweep_stopped(s) ? sweep_gap(s, s->offset, "interrupted", STR("stopped before its end"))
                            : OK;
}
