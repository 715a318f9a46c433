#include "base/limits.h"
#include "codec/stream.h"
#include "os/io.h"
#include "scan/sweep_priv.h"

/* Fills the buffer with the start of the file, for recognising it. */
static enum err read_head(struct sweep *s, struct stream *in, size_t *ret_n)
{
    struct error why;
    *ret_n = 0;
    for (size_t got = 1; got && *ret_n < HEAD_BYTES; *ret_n += got) {
        enum err rc = stream_read(in, s->buffer + *ret_n, HEAD_BYTES - *ret_n, &got, &why);
        if (rc == ERR_NOMEM)
            return rc;
        if (rc) /* what came out before the damage is still examined; reading meets it again */
            return *ret_n || s->set->files ? OK
                                           : sweep_gap(s, why.offset, "damaged", str_of(why.text));
    }
    return OK;
}

/* What the start of the file says it is; leaves s->now NULL for a stranger. */
static enum err recognise(struct sweep *s, struct str head, struct error *error)
{
    int codec = codec_identify(head, s->unit->path);
    s->now = NULL;
    if (codec < 0)
        return OK;
    s->codec = codecs[codec];
    s->codec->begin(&s->state, head, s->unit->path);
    s->state.codec = (uint16_t)codec;
    return sweep_program(s, error);
}

/* A segment in mid-file takes the columns of the file's head, or those it was told. */
static enum err recognise_segment(struct sweep *s, int fd, struct error *error)
{
    if (s->unit->known_state) {
        size_t n = 0;
        while (codecs[n])
            n++;
        s->state = s->unit->state;
        if (s->state.codec >= n)
            return ERR_FORMAT;
        s->codec = codecs[s->state.codec];
        return sweep_program(s, error);
    }
    ssize_t n = io_pread(fd, s->buffer, HEAD_BYTES, 0);
    struct str head = str_make(s->buffer, n > 0 ? (size_t)n : 0);
    if (str_starts(head, STR("\xef\xbb\xbf")))
        head = str_sub(head, 3, head.n);
    TRY(recognise(s, head, error));
    /* Pass over the header lines, so that the state is that of the first rows. */
    size_t next;
    for (size_t from = 0; s->now && from < head.n; from = next) {
        struct str line = line_at(head, from, &next);
        struct record ignored;
        arena_reset(&s->line_arena);
        if (s->codec->line(&s->state, line, &s->line_arena, &ignored) == LINE_RECORD)
            break;
    }
    return OK;
}

/* The first line that starts at or behind a place belongs to the segment that starts there. */
static uint64_t line_start(struct sweep *s, int fd, uint64_t at)
{
    if (at == 0 || at == UINT64_MAX)
        return at;
    for (uint64_t from = at - 1;;) {
        ssize_t n = io_pread(fd, s->buffer, HEAD_BYTES, from);
        const char *nl = n > 0 ? memchr(s->buffer, '\n', (size_t)n) : NULL;
        if (nl)
            return from + (uint64_t)(nl - s->buffer) + 1;
        if (n <= 0)
            return from;
        from += (uint64_t)n;
    }
}

/* What is no log: all of it passes by those who look on. */
static enum err pass_by(struct sweep *s, struct stream *in)
{
    struct error why;
    size_t got = 1;
    while (got && !sweep_stopped(s)) {
        enum err rc = stream_read(in, s->buffer, BUFFER_BYTES, &got, &why);
        if (rc == ERR_NOMEM)
            return rc;
        s->damaged = rc != OK;
        if (rc)
            return sweep_gap(s, why.offset, rc == ERR_LIMIT ? "limit" : "damaged",
                             str_of(why.text));
        if (s->sink.bytes)
            atomic_fetch_add_explicit(s->sink.bytes, got, memory_order_relaxed);
    }
    return sweep_stopped(s)
               ? sweep_gap(s, stream_taken(in), "interrupted", STR("stopped before its end"))
               : OK;
}

/* The log in the stream, if it is one; its first bytes are in the buffer. */
static enum err read_log(struct sweep *s, struct stream *in, size_t head, bool events, bool first)
{
    if (events)
        return sweep_events_run(s, in, head);
    if (!s->now)
        return OK;
    tally_name(s->tally, str_of(s->state.kind), STR(""));
    tally_columns(s->tally, &s->state);
    return sweep_lines(s, in, head, first);
}

/* The log was read as far as it could be: what is left of the file, and the file as a whole. */
static enum err finish(struct sweep *s, struct stream *in, bool log)
{
    bool files = sweep_file_wanted(s, log);
    TRY(sweep_limits(s));
    if (files && !log)
        TRY(pass_by(s, in));
    if ((s->look.hash || s->look.watching || files) && !sweep_stopped(s) && stream_drain(in) != OK)
        TRY(sweep_gap(s, stream_taken(in), "unreadable", STR("the rest could not be hashed")));
    look_end(&s->look, !sweep_stopped(s));
    if (files)
        TRY(sweep_file(s, log));
    TRY(sweep_suspect(s));
    TRY(sweep_found(s));
    return sweep_pivots(s);
}

static enum err run(struct sweep *s, const struct sweep_input *input, struct error *error)
{
    struct stream *in;
    struct stream_source source = {.fd = input->fd, .read = input->read, .ctx = input->ctx};
    bool segment = unit_is_segment(s->unit);
    if (segment && sweep_events_are(s, input->fd)) { /* its first segment is all of it */
        struct log_state begin = s->unit->known_state ? s->unit->state : s->state;
        s->state = begin;
        if (s->unit->from > 0)
            return sweep_result(s, &begin, true, 0);
        segment = false;
    }
    source.from = segment ? line_start(s, input->fd, s->unit->from) : 0;
    source.to = segment ? line_start(s, input->fd, s->unit->to) : UINT64_MAX;
    look_on(&s->look, &source, false);
    struct log_state begin;
    size_t head = 0;
    uint64_t from = source.from;
    TRY(stream_open(&source, &in, error));
    enum err rc = from ? recognise_segment(s, input->fd, error) : read_head(s, in, &head);
    bool events = !rc && from == 0 && sweep_events_know(s, str_make(s->buffer, head));
    if (!rc && from == 0 && !events)
        rc = recognise(s, str_make(s->buffer, head), error);
    bool log = events || s->now;
    begin = s->state;
    s->offset = from;
    s->utf16 = stream_utf16(in);
    s->packed = stream_packed(in) || s->utf16;
    s->utf16_offset = s->utf16 ? 2 : 0;
    if (!sweep_file_wanted(s, log))
        look_away(&s->look);
    rc = rc ? rc : read_log(s, in, head, events, from == 0 || s->unit->known_state);
    rc = rc ? rc : finish(s, in, log);
    if (!rc)
        rc = sweep_result(s, &begin, log || (s->set->files && !segment), stream_taken(in));
    (void)stream_close(in);
    return rc;
}

/* The text of a file, unpacked and in UTF-8, as one hash. Of a damaged one it is not the whole. */
static enum err digest(struct sweep *s, const struct sweep_input *input, struct error *error)
{
    struct stream *in;
    struct log_state none = {0};
    struct stream_source source = {
        .fd = input->fd, .to = UINT64_MAX, .read = input->read, .ctx = input->ctx};
    size_t got = 1;
    TRY(stream_open(&source, &in, error));
    enum err rc = OK;
    while (!rc && got && !sweep_stopped(s)) {
        rc = stream_read(in, s->buffer, BUFFER_BYTES, &got, error);
        look_raw(&s->look, s->buffer, rc ? 0 : got);
        if (s->sink.bytes)
            atomic_fetch_add_explicit(s->sink.bytes, got, memory_order_relaxed);
    }
    uint64_t taken = stream_taken(in);
    (void)stream_close(in);
    look_end(&s->look, !rc && !sweep_stopped(s));
    return rc ? rc : sweep_result(s, &none, true, taken);
}

/* An archive that lies among the files of a host is one of them, besides what is in it. */
static enum err archive_found(struct sweep *s, const struct sweep_input *input)
{
    if (input->part && input->size_bytes != UINT64_MAX)
        s->look.bytes = input->size_bytes;
    return sweep_file(s, false);
}

/* What is looked at elsewhere, or is no evidence of a host: as it stands in its file. */
static enum err hash_alone(struct sweep *s, const struct sweep_input *input, struct error *error)
{
    struct stream *in;
    struct log_state none = {0};
    struct stream_source source = {
        .fd = input->fd, .to = UINT64_MAX, .read = input->read, .ctx = input->ctx};
    bool file = s->set->files && s->unit->archive && !s->unit->asked;
    look_on(&s->look, &source, true);
    if (!file)
        look_away(&s->look);
    TRY(stream_open(&source, &in, error));
    enum err rc = OK;
    if ((file || s->look.hash || s->look.watching) && stream_drain(in) != OK)
        rc = sweep_gap(s, stream_taken(in), "unreadable", STR("the rest could not be hashed"));
    look_end(&s->look, !sweep_stopped(s));
    if (!rc && file)
        rc = archive_found(s, input);
    rc = rc ? rc : sweep_suspect(s);
    rc = rc ? rc : sweep_found(s);
    rc = rc ? rc : sweep_result(s, &none, file, stream_taken(in));
    (void)stream_close(in);
    return rc;
}

enum err sweep_unit(struct sweep *s, const struct unit *unit, const struct sweep_input *input)
{
    struct error why = {0};
    s->unit = unit;
    memset(&s->state, 0, sizeof s->state);
    s->state.date_us = TIME_NONE;
    s->now = NULL;
    s->lines = s->cleared = 0;
    s->sampled = s->skipping = s->packed = false;
    costs_begin(&s->costs);
    s->begun = unit->from > 0;
    s->mixed = s->turn = s->wary = s->damaged = false;
    s->turns = 0;
    s->turned_at = UINT64_MAX;
    unsigned kinds = unit->hash ? DIGEST_SHA256_ALSO : 0;
    if (s->set->files)
        kinds |= s->set->files->digests;
    s->yara_facts = yara_facts_of_path(unit->path);
    bool watch = s->set->files && !unit_is_segment(unit) && !input->part;
    if (input->part)
        kinds = 0;
    TRY(look_begin(&s->look, kinds, watch ? &s->yara_facts : NULL));
    tally_init(&s->part[0], STR(""), STR(""));
    s->n_parts = 1;
    s->tally = &s->part[0];
    enum err rc = s->set->digest ? digest(s, input, &why)
                  : unit->about  ? hash_alone(s, input, &why)
                                 : run(s, input, &why);
    if (rc == ERR_IO || rc == ERR_FORMAT || rc == ERR_LIMIT) {
        struct log_state none = {0};
        enum err flushed = sweep_found(s); /* what was found stays found */
        rc = flushed ? flushed
                     : sweep_gap(s, why.offset,
                                 rc == ERR_IO      ? "unreadable"
                                 : rc == ERR_LIMIT ? "limit"
                                                   : "damaged",
                                 str_of(why.text));
        look_end(&s->look, false);
        if (!rc)
            rc = sweep_result(s, &none, false, 0);
    }
    for (size_t i = 0; i < s->n_parts; i++)
        tally_done(&s->part[i]);
    return rc;
}
