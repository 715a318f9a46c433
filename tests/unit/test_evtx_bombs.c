/* Event logs that were made to take long, much memory, or a lot of room where they are written:
 * what ends them is told, and the chunk behind them comes out whole. */
#include "gen/evtx_make.h"
#include "output/evtx_text.h"
#include "unit.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

enum {
    BEHIND = 5,
    /* A record may ask for 4096 + 64 * its size units of work, a unit is at most 12 bytes of text;
     * the smallest record is 28 bytes. */
    CHUNK_OUTPUT = 4096 / 28 * 12 * 2 * MAKE_CHUNK,
    CHUNK_MS = 1500, /* a chunk of ordinary events takes less than one */
    MEMORY = 512 * 1024 * 1024,
};
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

struct count {
    uint64_t rows, gaps, bytes, behind;
    char why[120]; /* of the last gap */
    struct evtx_text text;
    struct buf line;
};

static bool is_behind(uint64_t offset)
{
    return offset >= EVTX_HEADER_BYTES + MAKE_CHUNK;
}

static enum err on_rows(void *ctx, const struct rows *rows)
{
    struct count *c = ctx;
    c->bytes += rows->text.n;
    for (size_t i = 0; i < rows_n(rows); i++) {
        c->rows += !is_behind(rows->place.v[i].offset);
        c->behind += is_behind(rows->place.v[i].offset);
    }
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    struct count *c = ctx;
    if (is_behind(offset))
        fail_msg("behind it: %.*s: %.*s", STR_FMT(reason), STR_FMT(detail));
    (void)snprintf(c->why, sizeof c->why, "%.*s", STR_FMT(detail));
    c->gaps++;
    return OK;
}

static enum err written(struct count *c, struct evtx_tree *tree, const struct evtx_node *nodes,
                        const struct evtx_record *record, bool xml)
{
    buf_reset(&c->line);
    enum err rc = (xml ? evtx_xml : evtx_json)(&c->text, tree, nodes, record);
    c->bytes += c->line.n;
    c->rows += !rc && !is_behind(record->place.offset);
    c->behind += !rc && is_behind(record->place.offset);
    return rc;
}

static enum err on_json(void *ctx, struct evtx_tree *tree, const struct evtx_node *nodes,
                        const struct evtx_record *record)
{
    return written(ctx, tree, nodes, record, false);
}

static enum err on_xml(void *ctx, struct evtx_tree *tree, const struct evtx_node *nodes,
                       const struct evtx_record *record)
{
    return written(ctx, tree, nodes, record, true);
}

static const struct way {
    const char *name;
    bool one_path;
    enum err (*record)(void *ctx, struct evtx_tree *tree, const struct evtx_node *nodes,
                       const struct evtx_record *record);
} ways[] = {
    {"short", false, NULL}, {"long", true, NULL}, {"JSON", false, on_json}, {"XML", false, on_xml}};

#define TEXT(ascii_utf16) ((struct make_value){1, "" ascii_utf16, sizeof(ascii_utf16) - 1})

static void one_way(const struct way *way, const struct make *bomb, struct count *c)
{
    static struct make behind;
    struct evtx_options o = {
        .sink = {on_rows, on_gap, c}, .record = way->record, .one_path = way->one_path};
    struct make_value v[] = {TEXT("a\0b\0")};
    struct evtx *e;
    struct buf header;
    make_chunk(&behind, bomb->last_id + 1);
    for (unsigned i = 0; i < BEHIND; i++)
        make_event(&behind, 1, v, 1);
    make_chunk_end(&behind);
    *c = (struct count){0};
    buf_init(&c->line, SIZE_MAX / 2);
    evtx_text_init(&c->text, &c->line);
    buf_init(&header, EVTX_HEADER_BYTES);
    make_file_header(&header, 2, 0);
    assert_int_equal(evtx_new(&o, &e), OK);
    assert_int_equal(evtx_header(e, buf_view(&header)), OK);
    assert_int_equal(evtx_chunk(e, str_make((const char *)bomb->p, MAKE_CHUNK), 4096), OK);
    assert_int_equal(evtx_chunk(e, str_make((const char *)behind.p, MAKE_CHUNK), 4096 + MAKE_CHUNK),
                     OK);
    assert_int_equal(evtx_end(e), OK);
    e = evtx_free(e);
    evtx_text_done(&c->text);
    buf_done(&c->line);
    buf_done(&header);
}

/* All ways, of which each tells of every record, or that it could not be read. */
static void bomb(const char *name, struct make *m, struct count *ret_short)
{
    make_chunk_end(m);
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct count c;
        clock_t begin = clock();
        one_way(&ways[i], m, &c);
        long ms = (long)((clock() - begin) * 1000 / CLOCKS_PER_SEC);
        assert_int_equal(c.behind, BEHIND);
        assert_int_equal(c.rows + c.gaps, m->last_id);
        if (c.bytes > CHUNK_OUTPUT || ms > CHUNK_MS * (SANITIZED ? 20 : 1))
            fail_msg("%s, %s: %ld ms, %llu bytes", name, ways[i].name, ms,
                     (unsigned long long)c.bytes);
        if (i == 0)
            *ret_short = c;
    }
}

/* ---- parts of records ---- */

static uint32_t definition_begin(struct make *m)
{
    make_record(m);
    make_fragment(m);
    return make_instance(m, 0);
}

static void definition_end(struct make *m)
{
    make_eof(m);
    make_definition_end(m);
    make_values(m, NULL, 0);
    make_eof(m);
    make_record_end(m);
}

/* Small records, each an instance of the template, up to so many or the end of the chunk. */
static void instances(struct make *m, uint32_t definition, unsigned n)
{
    for (; n && MAKE_CHUNK - m->at > 64; n--) {
        make_record(m);
        make_fragment(m);
        (void)make_instance(m, definition);
        make_values(m, NULL, 0);
        make_eof(m);
        make_record_end(m);
    }
}

/* A name that is not written as text of make_name; returns where it stands. */
static uint32_t long_name(struct make *m, unsigned n_units)
{
    uint32_t at = m->at + 4;
    make_u32(m, at);
    make_u32(m, 0);
    make_u16(m, 0);
    make_u16(m, n_units);
    for (unsigned i = 0; i < n_units; i++)
        make_u16(m, 0x4e00 + i % 256);
    make_u16(m, 0);
    return at;
}

/* ---- the bombs ---- */

/* Five bytes that stand for a name of 30 KB. */
static void test_entities(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct count c;
    make_chunk(m, 1);
    uint32_t definition = definition_begin(m);
    make_open(m, "Event", false, true);
    make_start_end(m);
    make_u8(m, 0x09);
    uint32_t name = long_name(m, 10000);
    for (int i = 0; i < 1200; i++) {
        make_u8(m, 0x09);
        make_u32(m, name);
    }
    make_end(m);
    definition_end(m);
    instances(m, definition, 300);
    bomb("entities", m, &c);
    free(m);
}

/* Templates that overlap, each of which is as long as a record may read: together they are more
 * than a chunk may keep. A text in each hides the head of the next. */
static void test_many_templates(void **state)
{
    (void)state;
    static const char head[] = "\0\0\0\0\x44\x33\x22\x11\0\0\0\0\0\0\0\0\0\0\0\0\0\x60\0\0\x07\x0c";
    struct make *m = malloc(sizeof *m);
    struct count c;
    make_chunk(m, 1);
    (void)definition_begin(m);
    uint32_t heads = m->at;
    for (int i = 0; i < 300; i++)
        make_bytes(m, head, sizeof head);
    make_bytes(m, head, 24);
    for (int i = 0; i < 7000; i++)
        make_bytes(m, "\x08\x41", 3);
    definition_end(m);
    for (uint32_t i = 0; i < 300; i++)
        instances(m, heads + 27 * i, 1);
    bomb("many templates", m, &c);
    free(m);
}

/* The name of a section in front of all names in it. */
static void test_sections(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct count c;
    make_chunk(m, 1);
    (void)definition_begin(m);
    make_open(m, "Event", false, true);
    make_start_end(m);
    make_u8(m, 0x01);
    make_u16(m, 0xffff);
    make_u32(m, 0);
    (void)long_name(m, 8000);
    make_start_end(m);
    make_open(m, "E", true, true);
    for (int i = 0; i < 5500; i++) {
        make_attribute(m, "a");
        make_bytes(m, "\x08\x41", 3);
    }
    make_empty_end(m);
    make_end(m);
    make_end(m);
    definition_end(m);
    bomb("sections", m, &c);
    free(m);
}

/* A template of 60 KiB, and one of 20 KiB that hundreds of records want. */
static void test_big_template(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned elements;
    } cases[] = {{"template of 60 KiB", 3700}, {"template of 20 KiB", 1200}};
    struct make *m = malloc(sizeof *m);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct count c;
        make_chunk(m, 1);
        uint32_t definition = definition_begin(m);
        make_open(m, "Event", false, true);
        make_start_end(m);
        for (unsigned k = 0; k < cases[i].elements; k++) {
            char name[8];
            (void)snprintf(name, sizeof name, "%u", k % 250);
            make_open(m, name, false, true);
            make_start_end(m);
            make_bytes(m, "\x08\x41\0", 3);
            make_end(m);
        }
        make_end(m);
        definition_end(m);
        instances(m, definition, UINT32_MAX);
        bomb(cases[i].name, m, &c);
    }
    free(m);
}

/* Records that want the big template, each of another kind. */
static void test_kinds(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct count c;
    make_chunk(m, 1);
    uint32_t definition = definition_begin(m);
    make_open(m, "Event", false, true);
    make_start_end(m);
    make_open(m, "System", false, true);
    make_start_end(m);
    make_open(m, "EventID", false, true);
    make_start_end(m);
    make_sub(m, 0, 6, true);
    make_end(m);
    make_end(m);
    for (unsigned k = 0; k < 1000; k++) {
        char name[8];
        (void)snprintf(name, sizeof name, "%u", k % 250);
        make_open(m, name, false, true);
        make_start_end(m);
        make_bytes(m, "\x08\x41\0", 3);
        make_end(m);
    }
    make_end(m);
    make_eof(m);
    make_definition_end(m);
    unsigned char id[2] = {0};
    struct make_value v = {6, id, 2};
    make_values(m, &v, 1);
    make_eof(m);
    make_record_end(m);
    while (MAKE_CHUNK - m->at > 64) {
        make_record(m);
        make_fragment(m);
        (void)make_instance(m, definition);
        id[0]++;
        id[1] += !id[0];
        make_values(m, &v, 1);
        make_eof(m);
        make_record_end(m);
    }
    bomb("kinds", m, &c);
    free(m);
}

/* A list of attributes, and instances of it within one record. */
static void test_attributes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool empty; /* values that are not there: nothing is written of them */
    } cases[] = {{"attributes", false}, {"attributes that are not there", true}};
    struct make *m = malloc(sizeof *m);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct count c;
        make_chunk(m, 1);
        uint32_t definition = definition_begin(m);
        make_open(m, "Event", true, true);
        for (unsigned k = 0; k < 3000; k++) {
            char name[8];
            (void)snprintf(name, sizeof name, "%u", k % 250);
            make_attribute(m, name);
            if (cases[i].empty)
                make_sub(m, 0, 0, true);
            else
                make_bytes(m, "\x08\x41\0", 3);
        }
        make_empty_end(m);
        make_eof(m);
        make_definition_end(m);
        struct make_value v = {0};
        make_values(m, &v, 1);
        make_eof(m);
        make_record_end(m);
        make_record(m);
        make_fragment(m);
        while (MAKE_CHUNK - m->at > 64) {
            (void)make_instance(m, definition);
            make_values(m, &v, 1);
        }
        make_eof(m);
        make_record_end(m);
        bomb(cases[i].name, m, &c);
    }
    free(m);
}

/* An array stands for as many elements as it has members, each with all that its element has. */
static void test_arrays(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned attributes; /* that are not there */
        uint8_t type;
    } cases[] = {{"array of texts", 0, 0x81},
                 {"array of bytes", 0, 0x84},
                 {"array behind attributes", 6000, 0x81},
                 {"array of reals", 0, 0x8b}};
    static const unsigned char none[30000];
    struct make *m = malloc(sizeof *m);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct count c;
        struct make_value v[] = {{cases[i].type, none, sizeof none}, {0, "", 0}};
        make_chunk(m, 1);
        (void)definition_begin(m);
        make_open(m, "Event", false, true);
        make_start_end(m);
        make_open(m, "AnElementWithALongNameThatIsWrittenForEachMember", true, true);
        make_attribute(m, "a");
        for (unsigned k = 0; k < cases[i].attributes; k++)
            make_sub(m, 1, 0, true);
        make_start_end(m);
        make_sub(m, 0, cases[i].type, false);
        make_end(m);
        make_end(m);
        make_eof(m);
        make_definition_end(m);
        make_values(m, v, 2);
        make_eof(m);
        make_record_end(m);
        bomb(cases[i].name, m, &c);
    }
    free(m);
}

/* As many values as a number can say, and as many as fit. */
static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t n, told;
    } cases[] = {{"values", 16000, 16000},
                 {"64K values", 100, 65535},
                 {"2^30 values", 100, UINT32_C(1) << 30},
                 {"all values", 100, UINT32_MAX}};
    struct make *m = malloc(sizeof *m);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct count c;
        make_chunk(m, 1);
        (void)definition_begin(m);
        make_open(m, "Event", false, true);
        make_start_end(m);
        make_sub(m, 0, 1, false);
        make_end(m);
        make_eof(m);
        make_definition_end(m);
        make_u32(m, cases[i].told);
        for (uint32_t k = 0; k < cases[i].n; k++)
            make_u32(m, 0);
        make_eof(m);
        make_record_end(m);
        bomb(cases[i].name, m, &c);
        assert_int_equal(c.gaps, cases[i].n != cases[i].told);
        if (c.gaps)
            assert_string_equal(c.why, "more values than the record holds");
    }
    free(m);
}

/* Binary XML as a value that a template wants many times, each time read anew. */
static void test_embedded(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct count c;
    make_chunk(m, 1);
    uint32_t definition = definition_begin(m);
    make_open(m, "Event", false, true);
    make_start_end(m);
    for (int i = 0; i < 6000; i++)
        make_sub(m, 0, 0x21, false);
    make_end(m);
    make_eof(m);
    make_definition_end(m);
    struct make_value none = {0};
    make_values(m, &none, 1);
    make_eof(m);
    make_record_end(m);
    make_record(m);
    make_fragment(m);
    (void)make_instance(m, definition);
    static unsigned char nodes[30000];
    for (size_t i = 0; i + 3 <= sizeof nodes; i += 3)
        memcpy(nodes + i, "\x08\x41\0", 3);
    struct make_value v = {0x21, nodes, sizeof nodes};
    make_values(m, &v, 1);
    make_eof(m);
    make_record_end(m);
    bomb("embedded", m, &c);
    assert_int_equal(c.gaps, 1);
    free(m);
}

/* A template with two instances of itself: 2^24 of them, if it were not for the budget. */
static void test_itself(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct count c;
    make_chunk(m, 1);
    uint32_t definition = definition_begin(m);
    for (int i = 0; i < 2; i++) {
        (void)make_instance(m, definition);
        make_u32(m, 0);
    }
    definition_end(m);
    instances(m, definition, UINT32_MAX);
    bomb("itself", m, &c);
    assert_int_equal(c.rows, 0);
    free(m);
}

/* Chains of names and templates that lead to themselves or outside: nobody follows them. */
static void test_chains(void **state)
{
    (void)state;
    static const uint32_t ends[] = {0, 128, 512, 536, 65535, UINT32_MAX};
    struct make *m = malloc(sizeof *m);
    struct make_value v[] = {TEXT("a\0")};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct count c;
        make_chunk(m, 1);
        for (int k = 0; k < 10; k++)
            make_event(m, 1, v, 1);
        for (uint32_t at = 128; at < 512; at += 4)
            memcpy(m->p + at, &ends[i], 4);
        for (uint32_t k = 0; k < m->n_names; k++)
            memcpy(m->p + m->name[k].at, ends[i] ? &ends[i] : &m->name[k].at, 4);
        memcpy(m->p + m->event_at, ends[i] ? &ends[i] : &m->event_at, 4);
        bomb("chains", m, &c);
        assert_int_equal(c.rows, 10);
    }
    free(m);
}

/* As many chunks as the header can count, of which each says that it is empty. */
static void test_empty_chunks(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct count c = {0};
    struct evtx_options o = {.sink = {on_rows, on_gap, &c}};
    struct evtx *e;
    struct buf header;
    make_chunk(m, 1);
    make_chunk_end(m);
    buf_init(&header, EVTX_HEADER_BYTES);
    make_file_header(&header, 65535, 0);
    assert_int_equal(evtx_new(&o, &e), OK);
    assert_int_equal(evtx_header(e, buf_view(&header)), OK);
    clock_t begin = clock();
    for (uint64_t i = 0; i < 65535; i++)
        assert_int_equal(evtx_chunk(e, str_make((char *)m->p, MAKE_CHUNK), 4096 + (i << 16)), OK);
    assert_int_equal(evtx_end(e), OK);
    assert_true(clock() - begin < 10 * CLOCKS_PER_SEC);
    assert_int_equal(evtx_facts(e)->chunks, 65535);
    assert_int_equal(evtx_facts(e)->records + c.gaps, 0);
    e = evtx_free(e);
    buf_done(&header);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entities), cmocka_unit_test(test_many_templates),
        cmocka_unit_test(test_sections), cmocka_unit_test(test_big_template),
        cmocka_unit_test(test_kinds),    cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_arrays),   cmocka_unit_test(test_values),
        cmocka_unit_test(test_embedded), cmocka_unit_test(test_itself),
        cmocka_unit_test(test_chains),   cmocka_unit_test(test_empty_chunks),
    };
    struct rlimit limit = {MEMORY, MEMORY};
    if (!SANITIZED && setrlimit(RLIMIT_DATA, &limit))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
