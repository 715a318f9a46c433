#include "scan/examine.h"

#include "base/hash.h"
#include "base/ip.h"
#include "base/limits.h"
#include "codec/rpscat.h"
#include "match/re.h"
#include "scan/scan.h"

#include <endian.h>

static bool is_list(void *ctx, uint16_t view)
{
    return fields_is_list(ctx, view);
}

static struct str view_value(void *ctx, uint16_t view)
{
    return view == SIGMA_VIEW_UNQUOTED ? fields_unquoted(ctx) : fields_view(ctx, view);
}

/* The line as evidence: what a crash left before it would fill all the room. */
static struct str evidence_of(struct str line)
{
    while (line.n && line.p[0] == 0)
        line = str_sub(line, 1, line.n);
    return line;
}

/* Where a part of a view's value stands in the raw line, if it stands there as it is. */
static bool mark_in_line(struct str line, struct str part, uint32_t *ret_from, uint32_t *ret_to)
{
    ptrdiff_t at = -1;
    if (part.n == 0)
        return false;
    if (part.p >= line.p && part.p + part.n <= line.p + line.n)
        at = part.p - line.p;
    else
        at = str_find(line, part);
    if (at < 0)
        return false;
    *ret_from = (uint32_t)at;
    *ret_to = (uint32_t)((size_t)at + part.n);
    return true;
}

/* Keeps of the whole line its beginning, or the part around the marks where they do not all stand
 * in that, and of the marks those within it. */
static void cut_evidence(struct hit *h)
{
    const size_t most = LIMIT_EVIDENCE_LINE_BYTES;
    size_t from = SIZE_MAX, to = 0, start = 0, kept = 0;
    for (size_t i = 0; i < h->n_marks; i++) {
        from = h->mark[i].from < from ? h->mark[i].from : from;
        to = h->mark[i].to > to ? h->mark[i].to : to;
    }
    if (to > most) {
        size_t before = to - from < most ? (most - (to - from)) / 2 : most / 2;
        start = from > before ? from - before : 0;
        while (start && start < from && ((unsigned char)h->evidence.p[start] & 0xc0) == 0x80)
            start++;
    }
    h->evidence = str_sub(h->evidence, start, start + most);
    for (size_t i = 0; i < h->n_marks; i++) {
        if (h->mark[i].from < start || h->mark[i].from - start >= h->evidence.n)
            continue;
        size_t end = h->mark[i].to - start;
        h->mark[kept].from = (uint32_t)(h->mark[i].from - start);
        h->mark[kept++].to = (uint32_t)(end < h->evidence.n ? end : h->evidence.n);
    }
    h->n_marks = (uint32_t)kept;
}

static void add_field(struct hit *h, struct str name, struct str value)
{
    if (!value.p || h->n_fields == FACT_FIELDS)
        return;
    for (uint32_t i = 0; i < h->n_fields; i++)
        if (str_eq(h->field[i].name, name))
            return;
    h->field[h->n_fields++] = (struct named_value){name, str_sub(value, 0, 1024)};
}

/* The columns that made the rule match, as fields and as marks in the evidence. */
static void add_marks(struct examine *e, struct hit *h, const struct sigma_hit *sigma)
{
    for (size_t i = 0; i < sigma->n && h->n_marks < SIGMA_MAX_MARKS; i++) {
        const struct sigma_mark *m = &sigma->mark[i];
        uint32_t from, to;
        bool whole = m->view == SIGMA_VIEW_RAW || m->view == SIGMA_VIEW_UNQUOTED;
        struct str value =
            m->view == SIGMA_VIEW_RAW ? e->fields->record->raw : view_value(e->fields, m->view);
        if (!whole) {
            const struct view *v = &e->program->kind->view[m->view];
            for (size_t c = 0; c < v->n; c++) {
                int col = e->fields->column[m->view][c];
                if (col >= 0 && col < e->fields->record->n)
                    add_field(h, column_name(e->fields->state, (uint16_t)col),
                              e->fields->record->value[col]);
            }
        }
        if (mark_in_line(h->evidence, str_sub(value, m->from, m->to), &from, &to)) {
            h->mark[h->n_marks].from = from;
            h->mark[h->n_marks++].to = to;
        }
    }
}

/* The columns that readers expect beside those that matched. */
static void add_usual(struct examine *e, struct hit *h)
{
    static const enum role usual[] = {ROLE_CLIENT,  ROLE_USER,   ROLE_METHOD, ROLE_STEM,
                                      ROLE_QUERY,   ROLE_STATUS, ROLE_AGENT,  ROLE_REFERER,
                                      ROLE_MAILBOX, ROLE_CMDLET, ROLE_BYTES};
    for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
        const struct kind_def *k = e->program->kind;
        for (size_t v = 0; v < k->n_role[usual[i]]; v++) {
            uint16_t view = k->role[usual[i]][v];
            int col = e->fields->column[view][0];
            if (col < 0 || col >= e->fields->record->n || !e->fields->record->value[col].p)
                continue;
            add_field(h, column_name(e->fields->state, (uint16_t)col),
                      e->fields->record->value[col]);
            break;
        }
    }
}

/* Whom a forged PowerShell token impersonates. */
static void add_token(struct examine *e, struct hit *h)
{
    struct str user, sid;
    if (!h->role[ROLE_QUERY].p || !rpscat_read(e->fields->arena, h->role[ROLE_QUERY], &user, &sid))
        return;
    add_field(h, STR("X-Rps-CAT user"), user);
    add_field(h, STR("X-Rps-CAT SID"), sid);
}

static bool own_scanner(const struct ruleset *set, const struct hit *h)
{
    for (size_t i = 0; i < set->own_scanners.n; i++) {
        struct str own = set->own_scanners.v[i];
        struct ip_net net;
        struct ip ip;
        if (ip_net_parse(own, &net) && ip_parse_log(h->role[ROLE_CLIENT], &ip, NULL) &&
            ip_in_net(ip, net))
            return true;
        if (str_ieq(h->role[ROLE_CLIENT], own) ||
            (own.n >= SCANNER_AGENT_BYTES && h->role[ROLE_AGENT].p &&
             str_ifind(h->role[ROLE_AGENT], own) >= 0))
            return true;
    }
    return false;
}

/* What an event says of itself and nobody reads. */
static bool is_dull(struct str name)
{
    static const char *const dull[] = {"Provider_Guid",
                                       "Version",
                                       "Level",
                                       "Task",
                                       "Opcode",
                                       "Keywords",
                                       "Qualifiers",
                                       "ActivityID",
                                       "RelatedActivityID",
                                       "SystemTime",
                                       "Execution_ProcessID",
                                       "Execution_ThreadID"};
    for (size_t i = 0; i < ARRAY_LEN(dull); i++)
        if (str_ieq(name, str_of(dull[i])))
            return true;
    return false;
}

/* Of an event log all fields are of interest, as far as there is room. */
static void add_event(struct examine *e, struct hit *h)
{
    const struct fields *f = e->fields;
    for (uint16_t i = 0; e->program->kind->rows && i < f->record->n; i++) {
        uint16_t c = f->order ? f->order[i] : i;
        if (f->record->value[c].n && !is_dull(column_name(f->state, c)))
            add_field(h, column_name(f->state, c), f->record->value[c]);
    }
}

struct str examine_event_text(struct fields *f, bool *ret_whole)
{
    struct buf b;
    buf_init(&b, EVENT_TEXT_BYTES);
    *ret_whole = true;
    for (uint16_t i = 0; i < f->record->n && *ret_whole; i++) {
        uint16_t c = f->order ? f->order[i] : i;
        struct str name = column_name(f->state, c), value = f->record->value[c];
        const size_t between = 8;
        if (!value.n)
            continue;
        if (name.n + between > EVENT_TEXT_BYTES - b.n) {
            *ret_whole = false;
            break;
        }
        buf_puts(&b, b.n ? " | " : "");
        buf_str(&b, name);
        buf_puts(&b, ": ");
        *ret_whole = value.n <= EVENT_TEXT_BYTES - b.n;
        buf_str(&b, str_sub(value, 0, EVENT_TEXT_BYTES - b.n));
    }
    struct str s = b.rc ? STR_NONE : arena_str(f->arena, buf_view(&b));
    buf_done(&b);
    return s;
}

/* What the finding's id is made of. */
static void tell_apart(const struct examine *e, struct str raw, struct hit *h)
{
    if (e->identity.p || !e->place.p) {
        sha256_of(e->identity.p ? e->identity : raw, h->raw_sha256);
        return;
    }
    unsigned char both[2 * sizeof h->raw_sha256];
    sha256_of(e->place, both);
    sha256_of(raw, both + sizeof h->raw_sha256);
    sha256_of(str_make((const char *)both, sizeof both), h->raw_sha256);
}

/* Everything about the record that does not depend on the rule. */
static void describe(struct examine *e, const struct record *record, struct hit *h)
{
    *h = (struct hit){.file = e->file,
                      .count = 1,
                      .first_us = record->time_us,
                      .last_us = record->time_us,
                      .line = record->line,
                      .offset = record->offset};
    for (enum role r = 0; r < ROLE_COUNT; r++)
        h->role[r] = str_sub(fields_role(e->fields, r), 0, 1024);
    if (record->time_us != TIME_NONE)
        few_add(&h->hours, few_of_hour(time_hour(record->time_us)));
    if (h->role[ROLE_REQUEST].n)
        few_add(&h->requests, hash64(h->role[ROLE_REQUEST], 0));
    h->host = h->role[ROLE_HOST].n ? h->role[ROLE_HOST] : e->file_host;
    h->kind = e->kind;
    h->carved = e->carved;
    struct str raw = record->raw;
    if (e->program->kind->rows) {
        bool whole;
        struct str text = examine_event_text(e->fields, &whole);
        raw = text.p ? text : raw;
        h->event = true;
    }
    h->evidence = evidence_of(raw); /* cut once the marks are known */
    h->line_bytes = (uint32_t)h->evidence.n;
    tell_apart(e, raw, h);
    h->own_scanner = own_scanner(e->program->set, h);
}

static uint64_t fold_part(uint64_t key, struct str s)
{
    return hash64(s, key * 31 + (s.p != NULL));
}

/* What a fold entry stands for: a role, whatever the log calls its column, or a field. */
static struct str fold_value(struct examine *e, const struct hit *h, struct str name)
{
    uint16_t view[SIGMA_MAX_VIEWS];
    for (int r = 0; r < ROLE_COUNT; r++)
        if (str_ieq(str_of(role_name((enum role)r)), name))
            return h->role[r];
    return kind_views(e->program->kind, name, view) ? fields_view(e->fields, view[0]) : STR_NONE;
}

static struct str fold_column(const struct fields *f, size_t i)
{
    return f->fold && f->fold[i] >= 0 && f->fold[i] < f->record->n ? f->record->value[f->fold[i]]
                                                                   : STR_NONE;
}

/* Records with equal keys become one finding. */
static uint64_t fold_key(struct examine *e, const struct scan_rule *rule, const struct hit *h)
{
    static const enum role usual[] = {ROLE_CLIENT, ROLE_STEM};
    static const enum role other[] = {ROLE_USER, ROLE_CMDLET, ROLE_MAILBOX};
    uint64_t key = fold_part(fold_part(h->rule + 1, h->host), e->program->kind->pattern);
    key = h->carved ? fold_part(key, STR("carved")) : key;
    key = e->place.p ? fold_part(key, e->place) : key;
    if (rule->meta.each_row)
        return hash64(str_make((const char *)h->raw_sha256, sizeof h->raw_sha256), key + h->offset);
    if (rule->indicator && e->identity.p) /* two files with one hash are two */
        return fold_part(key, e->identity);
    if (rule->indicator) /* one client that names itself often is one finding */
        return fold_part(key, h->role[ROLE_CLIENT].n ? h->role[ROLE_CLIENT] : h->role[ROLE_STEM]);
    key = fold_part(key, e->kind);
    key = fold_part(key, h->own_scanner ? STR("own") : STR(""));
    if (rule->meta.fold.n) {
        for (size_t i = 0; i < rule->meta.fold.n; i++)
            key = fold_part(key, fold_value(e, h, rule->meta.fold.v[i]));
        return key;
    }
    const struct str_list *fields = &e->program->set->channels.fold;
    if (e->program->kind->rows) {
        for (size_t i = 0; i < fields->n; i++)
            key = fold_part(key, fold_column(e->fields, i));
        return key;
    }
    bool web = h->role[ROLE_CLIENT].p || h->role[ROLE_STEM].p;
    for (size_t i = 0; i < (web ? ARRAY_LEN(usual) : ARRAY_LEN(other)); i++)
        key = fold_part(key, h->role[web ? usual[i] : other[i]]);
    return key;
}

/* The host that the record aimed at: what target_regex takes out of target_field. */
static struct str target_of(struct examine *e, const struct bound *b, const struct scan_rule *rule)
{
    uint16_t view[SIGMA_MAX_VIEWS];
    size_t from, to;
    if (!b->target || kind_views(e->program->kind, rule->meta.target_field, view) == 0)
        return STR_NONE;
    struct str value = fields_view(e->fields, view[0]);
    if (!value.p || re_group(b->target, value, &from, &to) != RE_YES)
        return STR_NONE;
    return str_sub(value, from, to);
}

static enum err rule_hit(struct examine *e, struct bound *b, const struct record *record,
                         const struct sigma_hit *sigma)
{
    const struct scan_rule *rule = &e->program->set->rule[b->rule];
    struct hit h;
    describe(e, record, &h);
    h.rule = b->rule;
    h.target = target_of(e, b, rule);
    add_token(e, &h);
    add_marks(e, &h, sigma);
    add_usual(e, &h);
    add_event(e, &h);
    cut_evidence(&h);
    TRY(event_sink_record(e->events, e->program->set, e->fields, e->program->kind, &h));
    return hits_add(e->hits, fold_key(e, rule, &h), &h);
}

enum err examine_rule(struct examine *e, uint32_t bound, const struct record *record,
                      bool *ret_matched, bool *ret_limited)
{
    struct bound *b = &e->program->bound[bound];
    struct sigma_subject subject = {e->fields, record->raw, record->time_us, view_value, is_list};
    struct sigma_hit sigma;
    *ret_matched = costs_eval(e->costs, b->rule, b->plan, &subject, &sigma, ret_limited);
    e->costs->rule[b->rule].matches += *ret_matched;
    return *ret_matched ? rule_hit(e, b, record, &sigma) : OK;
}

static enum err indicator_hit(struct examine *e, uint32_t index, const struct record *record)
{
    struct hit h;
    uint32_t from, to;
    const struct indicator *i = &e->program->set->indicator[index];
    describe(e, record, &h);
    h.rule = (uint32_t)e->program->set->n_sigma + index;
    add_usual(e, &h);
    add_event(e, &h);
    ptrdiff_t at = str_ifind(h.evidence, i->value);
    if (at >= 0 &&
        mark_in_line(h.evidence, str_sub(h.evidence, (size_t)at, (size_t)at + i->value.n), &from,
                     &to)) {
        h.mark[h.n_marks].from = from;
        h.mark[h.n_marks++].to = to;
    }
    cut_evidence(&h);
    return hits_add(e->hits, fold_key(e, &e->program->set->rule[h.rule], &h), &h);
}

static bool parts_addresses(char c)
{
    return c == ',' || c == ' ' || c == ';' || c == '+' || c == '"';
}

/* One more address of the client's column: a forwarded chain has several. */
static bool next_address(struct str *rest, struct str *ret_part)
{
    size_t from = 0, to;
    while (from < rest->n && parts_addresses(rest->p[from]))
        from++;
    for (to = from; to < rest->n && !parts_addresses(rest->p[to]); to++)
        ;
    *ret_part = str_sub(*rest, from, to);
    *rest = str_sub(*rest, to, rest->n);
    return ret_part->n > 0;
}

/* The column that tells the client, as logged; one without any address tells nobody. */
static struct str client_column(struct fields *f)
{
    const struct kind_def *k = f->kind;
    for (size_t i = 0; i < k->n_role[ROLE_CLIENT]; i++) {
        uint16_t view = k->role[ROLE_CLIENT][i];
        if (fields_view(f, view).p)
            return f->record->value[f->column[view][0]];
    }
    return STR_NONE;
}

static bool address_in_chain(const struct ioc_set *ioc, uint32_t index, struct str chain)
{
    for (struct str part; next_address(&chain, &part);)
        if (ioc_check(ioc, index, part))
            return true;
    return false;
}

/* Agents are asked as those of requests are, all others stand somewhere in a value. */
static bool stands_in_event(struct examine *e, uint32_t index, const struct record *record)
{
    const struct ioc_set *ioc = e->program->set->ioc;
    enum indicator_type type = e->program->set->indicator[index].type;
    bool whole = type == INDICATOR_AGENT;
    for (uint16_t c = 0; c < record->n; c++) {
        struct str value = record->value[c];
        if (value.n && (whole ? ioc_check(ioc, index, value) : ioc_check_line(ioc, index, value)))
            return true;
    }
    return false;
}

/* Does the indicator stand where its type says that it must? */
static bool indicator_fits(struct examine *e, uint32_t index, const struct record *record)
{
    const struct ioc_set *ioc = e->program->set->ioc;
    struct fields *f = e->fields;
    struct str stem = fields_role(f, ROLE_STEM);
    if (e->program->kind->rows)
        return stands_in_event(e, index, record);
    if (e->program->set->rule[e->program->set->n_sigma + index].meta.each_row)
        return ioc_check_line(ioc, index, record->raw);
    bool web = e->program->kind->n_role[ROLE_STEM] && e->program->kind->n_role[ROLE_CLIENT];
    switch (e->program->set->indicator[index].type) {
    case INDICATOR_ADDRESS: return address_in_chain(ioc, index, client_column(f));
    case INDICATOR_AGENT: return ioc_check(ioc, index, fields_role(f, ROLE_AGENT));
    case INDICATOR_NAME:
        return web ? ioc_check(ioc, index, stem) : ioc_check_line(ioc, index, record->raw);
    case INDICATOR_URL: {
        struct ioc_request request = {STR_NONE, stem, fields_role(f, ROLE_QUERY)};
        return ioc_check_url(ioc, index, &request) || ioc_check_line(ioc, index, record->raw);
    }
    case INDICATOR_DOMAIN:
    case INDICATOR_HASH:
    case INDICATOR_TEXT: return ioc_check_line(ioc, index, record->raw);
    }
    return false;
}

enum err examine_indicator(struct examine *e, uint32_t index, const struct record *record)
{
    return indicator_fits(e, index, record) ? indicator_hit(e, index, record) : OK;
}

static bool listed(const struct ioc_set *ioc, struct str chain)
{
    uint32_t index;
    for (struct str part; next_address(&chain, &part);)
        if (ioc_find(ioc, INDICATOR_ADDRESS, part, &index, 1))
            return true;
    return false;
}

/* false if the text is too long to be remembered. */
static inline bool as_stranger(struct str s, struct stranger *ret)
{
    uint64_t low = 0, high = 0;
    if (s.n == 0 || s.n > 15)
        return false;
    if (s.n > 8) {
        memcpy(&low, s.p, 8);
        memcpy(&high, s.p + s.n - 8, 8);
        high = le64toh(high) >> 8 * (16 - s.n);
    } else {
        for (size_t i = 0; i < s.n; i++)
            low = low << 8 | (unsigned char)s.p[i];
    }
    *ret = (struct stranger){{low, high | (uint64_t)s.n << 56}};
    return true;
}

bool examine_stranger(struct program *p, struct str client)
{
    struct stranger new, *old = NULL;
    if (as_stranger(client, &new)) {
        uint64_t mixed = (new.text[0] ^ new.text[1] * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
        old = &p->stranger[mixed >> 32 & (STRANGERS - 1)];
        if (old->text[0] == new.text[0] && old->text[1] == new.text[1])
            return true;
    }
    if (listed(p->set->ioc, client))
        return false;
    if (old)
        *old = new;
    return true;
}

enum err examine_address(struct examine *e, const struct record *record)
{
    uint32_t index[IOC_MAX_HITS], met[IOC_MAX_HITS];
    size_t n_met = 0;
    struct str chain = client_column(e->fields);
    if (examine_stranger(e->program, chain))
        return OK;
    for (struct str part; next_address(&chain, &part);) {
        size_t n = ioc_find(e->program->set->ioc, INDICATOR_ADDRESS, part, index, IOC_MAX_HITS);
        for (size_t i = 0; i < n; i++) {
            bool known = false;
            for (size_t k = 0; k < n_met; k++)
                known |= met[k] == index[i];
            if (known || n_met == IOC_MAX_HITS)
                continue;
            met[n_met++] = index[i];
            TRY(indicator_hit(e, index[i], record));
        }
    }
    return OK;
}
