/* make_evtx KIND > file: a small event log for tests/cli/dump.sh. */
#include "gen/evtx_make.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT(ascii_utf16) ((struct make_value){1, "" ascii_utf16, sizeof(ascii_utf16) - 1})

/* Old records that the chunk's header no longer counts, each behind the one before: their numbers,
 * 0 at the end. */
static void with_slack(struct make *m, const struct make_value *data, const uint64_t *id)
{
    uint32_t end = m->at;
    uint64_t last = m->last_id;
    uint32_t last_record = m->last_record;
    for (; *id; id++) {
        m->last_id = *id - 1;
        make_event(m, 1102, data, 2);
    }
    m->at = end;
    m->last_id = last;
    m->last_record = last_record;
}

static void earlier(unsigned char *filetime, uint64_t seconds)
{
    uint64_t time;
    memcpy(&time, filetime, sizeof time);
    time -= seconds * 10000000;
    memcpy(filetime, &time, sizeof time);
}

/* What the clock of the three records shows less than it should, in seconds. */
static const struct {
    const char *kind;
    uint64_t less[3];
} clocks[] = {
    {"clock", {0, 430, 0}},           {"clock_little", {0, 200, 0}},
    {"clock_less", {3600, 4000, 0}},  {"clock_days", {0, 430, UINT64_C(2) * 86400}},
    {"clock_renamed", {0, 430, 900}}, /* the second and third are of another computer */
};

static void set_clock(struct make *m, const char *kind, unsigned record)
{
    unsigned char *p = m->p + m->record;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
        if (strcmp(kind, clocks[i].kind) == 0)
            earlier(p + 16, clocks[i].less[record]);
    p = memmem(p, m->at - m->record, "P\0C", 4);
    if (p && record && strcmp(kind, "clock_renamed") == 0)
        *p = 'Q';
}

/* Two chunks of three records each: both, the first alone, the first and a copy of it; without the
 * header, with bytes between them, two logs, or the header alone; with slack that holds number 5,
 * which is alive in the second one, and in both of them the same old record. */
static void two(struct buf *b, const char *kind, struct make *m, const struct make_value *data)
{
    make_file_header(b, strcmp(kind, "two_uncounted") == 0 ? 1 : 2, strcmp(kind, "two_none") == 0);
    make_next_id(b, 7);
    if (strcmp(kind, "two_none") == 0)
        return;
    if (strcmp(kind, "two_bare") == 0)
        buf_reset(b);
    for (unsigned i = 0; i < 2; i++) {
        make_chunk(m, i && strcmp(kind, "two_copy") != 0 ? 4 : 1);
        for (unsigned k = 0; k < 3; k++)
            make_event(m, 4624, data, 2);
        if (strcmp(kind, "two_slack") == 0)
            with_slack(m, data, (const uint64_t[]){i ? 901 : 5, i ? 0 : 901, 0});
        make_chunk_end(m);
        if (i && strcmp(kind, "two_shift") == 0)
            buf_add(b, "between", 7);
        if (i && strcmp(kind, "two_logs") == 0)
            make_file_header(b, 1, 1);
        if (i == 0 || strcmp(kind, "two_less") != 0)
            buf_add(b, m->p, sizeof m->p);
    }
}

/* A log of 34,000 numbers of events. */
static void many(struct buf *b, struct make *m)
{
    enum { CHUNKS = 340, EACH = 100 };
    make_file_header(b, CHUNKS, 0);
    for (unsigned i = 0; i < CHUNKS; i++) {
        make_chunk(m, 1 + (uint64_t)i * EACH);
        for (unsigned k = 0; k < EACH; k++)
            make_event(m, 1 + i * EACH + k, NULL, 0);
        make_chunk_end(m);
        buf_add(b, m->p, sizeof m->p);
    }
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "";
    struct make *m = malloc(sizeof *m);
    struct buf b;
    struct make_value data[] = {TEXT("\x1b\0<\0&\0\"\0\n\0\x2e\x20"), TEXT("")};
    make_chunk(m, 1);
    make_event(m, 4624, data, 2);
    set_clock(m, kind, 0);
    make_event(m, 4625, data, 2);
    set_clock(m, kind, 1);
    uint32_t second = m->record;
    if (strcmp(kind, "undated") == 0)
        memset(m->p + second + 16, 0, 8);
    if (strcmp(kind, "holes") == 0)
        m->last_id = 8;
    make_event(m, 4634, data, 2);
    set_clock(m, kind, 2);
    if (strcmp(kind, "slack") == 0)
        with_slack(m, data, (const uint64_t[]){901, 0});
    make_chunk_end(m);
    if (strcmp(kind, "damaged") == 0)
        m->p[second + 40] ^= 0x55; /* the number of values */
    buf_init(&b, 32 << 20);
    if (strcmp(kind, "many") == 0) {
        many(&b, m);
    } else if (strncmp(kind, "two", 3) == 0) {
        two(&b, kind, m, data);
    } else {
        make_file_header(&b, 1, 0);
        buf_add(&b, m->p, strcmp(kind, "cut") == 0 ? m->at - 8 : sizeof m->p);
    }
    bool good = !b.rc && fwrite(b.p, 1, b.n, stdout) == b.n && fflush(stdout) == 0;
    buf_done(&b);
    free(m);
    return good ? 0 : 74;
}
