#include "gen/evtx_make.h"
#include "gen/evtx_told.h"
#include "unit.h"

#include <stdio.h>

/* A file of one chunk. */
static struct str file_of(struct buf *b, const struct make *m, uint32_t flags)
{
    buf_init(b, 1 << 24);
    make_file_header(b, 1, flags);
    buf_add(b, m->p, sizeof m->p);
    assert_int_equal(b->rc, OK);
    return buf_view(b);
}

/* Both ways, which must agree. */
static void told(struct evtx_told *t, struct str file, bool carve)
{
    struct evtx_told other;
    evtx_told_read(t, file, carve, false);
    evtx_told_read(&other, file, carve, true);
    assert_true(evtx_told_differ(t, &other) == UINT64_MAX);
    assert_int_equal(t->gaps.n, other.gaps.n);
    evtx_told_done(&other);
}

static void told_chunk(struct evtx_told *t, struct make *m)
{
    struct buf b;
    make_chunk_end(m);
    told(t, file_of(&b, m, 0), false);
    buf_done(&b);
}

static void assert_value(const struct evtx_told *t, size_t record, const char *name,
                         const char *value)
{
    assert_true(record < t->records.n);
    struct str v = evtx_told_value(&t->records.v[record], name);
    if (!value) {
        assert_null(v.p);
        return;
    }
    assert_non_null(v.p);
    assert_int_equal(v.n, strlen(value));
    assert_memory_equal(v.p, value, v.n);
}

#define TEXT(ascii_utf16) ((struct make_value){1, "" ascii_utf16, sizeof(ascii_utf16) - 1})

static void test_ordinary(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    struct make_value data[] = {TEXT("a\0b\0"), TEXT(""), TEXT("x\0\0\0")};
    make_chunk(m, 1);
    make_event(m, 4624, data, 3);
    make_event(m, 4624, data, 2);
    make_event(m, 4625, data, 3);
    told_chunk(&t, m);
    assert_int_equal(t.records.n, 3);
    assert_int_equal(t.gaps.n, 0);
    assert_value(&t, 0, "EventID", "4624");
    assert_value(&t, 0, "Provider_Name", "Made-By-Hand");
    assert_value(&t, 0, "Keywords", "0x8020000000000000");
    assert_value(&t, 0, "SystemTime", "2021-01-01T00:00:01.0000000Z");
    assert_value(&t, 0, "-time", "1609459201000000");
    assert_value(&t, 0, "EventRecordID", "1");
    assert_value(&t, 0, "Channel", "Sec");
    assert_value(&t, 0, "Computer", "PC");
    assert_value(&t, 0, "Security_UserID", NULL);
    assert_value(&t, 0, "d0", "ab");
    assert_value(&t, 0, "d1", "");
    assert_value(&t, 0, "d2", "x");
    assert_value(&t, 1, "d2", NULL);
    assert_value(&t, 2, "EventID", "4625");
    assert_int_equal(t.facts.first_id, 1);
    assert_int_equal(t.facts.last_id, 3);
    assert_int_equal(t.facts.missing_ids, 0);
    evtx_told_done(&t);
    free(m);
}

/* ---- values ---- */

static void test_types(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        const char *bytes;
        uint16_t n;
        const char *text;
    } cases[] = {
        {0x00, "", 0, ""},
        {0x01, "h\0i\0\0\0", 6, "hi"},
        {0x01, "\xe4\0\xac\x20\x3d\xd8\x00\xde", 8, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        {0x01,
         "\x00\xde"
         "x\0\x3d\xd8",
         6, "\xef\xbf\xbdx\xef\xbf\xbd"},
        {0x01, "odd", 3, "\xe6\x91\xaf"},
        {0x02, "a\xe4\0", 3, "a\xc3\xa4"},
        {0x03, "\x80", 1, "-128"},
        {0x04, "\xff", 1, "255"},
        {0x05, "\xff\xff", 2, "-1"},
        {0x06, "\xff\xff", 2, "65535"},
        {0x07, "\0\0\0\x80", 4, "-2147483648"},
        {0x08, "\xff\xff\xff\xff", 4, "4294967295"},
        {0x09, "\0\0\0\0\0\0\0\x80", 8, "-9223372036854775808"},
        {0x0a, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "18446744073709551615"},
        {0x0a, "\0\0\0\0\0\0\0\0", 8, "0"},
        {0x0b, "\0\0\xc0\x3f", 4, "1.5"},
        {0x0b, "\0\0\x80\x7f", 4, "inf"},
        {0x0c, "\x9a\x99\x99\x99\x99\x99\xb9\x3f", 8, "0.1"},
        {0x0c, "\xff\xff\xff\xff\xff\xff\xef\x7f", 8, "1.7976931348623157e+308"},
        {0x0d, "\1\0\0\0", 4, "true"},
        {0x0d, "\0\0\0\0", 4, "false"},
        {0x0e, "\x00\xab", 2, "00AB"},
        {0x0f, "\x25\x96\x84\x54\x78\x54\x94\x49\xa5\xba\x3e\x3b\x03\x28\xc3\x0d", 16,
         "{54849625-5478-4994-a5ba-3e3b0328c30d}"},
        {0x10, "\x58\0\0\0\0\0\0\0", 8, "0x58"},
        {0x11, "\x15\xcd\x5b\x07\0\0\0\0", 8, "1601-01-01T00:00:12.3456789Z"},
        {0x11, "\0\0\0\0\0\0\0\0", 8, "1601-01-01T00:00:00.0000000Z"},
        {0x11, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "18446744073709551615"},
        {0x11, "\x7f\xa9\x27\xd1\x5e\x5a\xc8\x24", 8, "9999-12-31T23:59:58.9999999Z"},
        {0x12, "\xe8\x07\x02\0\4\0\x1d\0\x17\0\x3b\0\x3c\0\xe7\3", 16, "2024-02-29T23:59:60.999Z"},
        {0x12, "\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0", 16, "FFFFFFFF000000000000000000000000"},
        {0x13, "\1\1\0\0\0\0\0\5\x12\0\0\0", 12, "S-1-5-18"},
        {0x13, "\1\0\1\0\0\0\0\0", 8, "S-1-0x10000000000"},
        {0x13, "\1\2\0\0\0\0\0\5\x12\0\0\0", 12, "010200000000000512000000"},
        {0x14, "\0\0\0\x80", 4, "0x80000000"},
        {0x15, "\0\0\0\0\0\0\0\0", 8, "0x0"},
        {0x23, "ab", 2, "6162"},
        {0x0f, "short", 5, "73686F7274"},
        {0x81, "a\0\0\0\0\0b\0\0\0", 10, "a||b"},
        {0x81, "a\0\0\0b\0", 6, "a|b"},
        {0x81, "a\0\n\0b\0\0\0c\0", 10, "a\rb|c"},
        {0x81, "a\0\n\0b\0", 6, "a\nb"},
        {0x81, "\0\0", 2, ""},
        {0x82, "a\0\0b", 4, "a||b"},
        {0x84, "\1\2\xff", 3, "1|2|255"},
        {0x88, "\1\0\0\0\2\0\0\0\3", 9, "1|2|3"},
        {0x93, "\1\1\0\0\0\0\0\5\x12\0\0\0\1\1\0\0\0\0\0\5\x13\0\0\0", 24, "S-1-5-18|S-1-5-19"},
        {0xff, "\1\2", 2, "0102"},
    };
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    make_chunk(m, 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct make_value v = {cases[i].type, cases[i].bytes, cases[i].n};
        make_event(m, 1, &v, 1);
    }
    told_chunk(&t, m);
    assert_int_equal(t.records.n, ARRAY_LEN(cases));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str got = evtx_told_value(&t.records.v[i], "d0");
        if (!str_eq(got, str_of(cases[i].text)))
            fail_msg("case %zu: got '%.*s', wanted '%s'", i, STR_FMT(got), cases[i].text);
    }
    evtx_told_done(&t);
    free(m);
}

static void test_numbers(void **state)
{
    (void)state;
    uint64_t v = 1;
    for (int digits = 1; digits <= 20; digits++, v *= 10)
        for (int less = 0; less < 2; less++) {
            unsigned char p[8];
            char got[128], want[32];
            for (size_t i = 0; i < 8; i++)
                p[i] = (unsigned char)((v - (uint64_t)less) >> (8 * i));
            char *end = evtx_value_put(got, (struct evtx_value){p, 8, EVTX_UINT64}, p + 8);
            (void)snprintf(want, sizeof want, "%llu", (unsigned long long)(v - (uint64_t)less));
            assert_int_equal(end - got, strlen(want));
            assert_memory_equal(got, want, strlen(want));
        }
}

/* Every day of FILETIME against the clock of the rest of the program. */
static void test_days(void **state)
{
    (void)state;
    for (uint64_t day = 0; day < 3067671; day += day < 200000 ? 1 : 97) {
        unsigned char p[8];
        char got[128], want[32];
        for (size_t i = 0; i < 8; i++)
            p[i] = (unsigned char)(day * 864000000000u >> (8 * i));
        (void)evtx_value_put(got, (struct evtx_value){p, 8, EVTX_FILETIME}, p + 8);
        (void)time_short(((int64_t)day - 134774) * US_PER_DAY, false, want);
        assert_memory_equal(got, want, 10);
    }
}

/* ---- forms of events ---- */

/* <Event><System><EventID>7</EventID></System>BODY</Event> without a template. */
static void direct_begin(struct make *m)
{
    make_record(m);
    make_fragment(m);
    make_open(m, "Event", true, false);
    make_attribute(m, "xmlns");
    make_text(m, "x");
    make_start_end(m);
    make_open(m, "System", false, false);
    make_start_end(m);
    make_open(m, "EventID", false, false);
    make_start_end(m);
    make_text(m, "7");
    make_end(m);
    make_open(m, "TimeCreated", true, false);
    make_attribute(m, "SystemTime");
    make_text(m, "2021-03-02T01:02:03.123456700Z");
    make_empty_end(m);
    make_end(m);
}

static void direct_end(struct make *m)
{
    make_end(m);
    make_eof(m);
    make_record_end(m);
}

static void data(struct make *m, const char *name, const char *text)
{
    make_open(m, "Data", name != NULL, false);
    if (name) {
        make_attribute(m, "Name");
        make_text(m, name);
    }
    make_start_end(m);
    make_text(m, text);
    make_end(m);
}

static void test_direct(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    make_chunk(m, 1);
    direct_begin(m);
    make_open(m, "EventData", false, false);
    make_start_end(m);
    data(m, NULL, "one");
    data(m, NULL, "two");
    data(m, "EventID", "forged");
    data(m, "a", "x");
    data(m, "a", "y");
    make_end(m);
    direct_end(m);
    direct_begin(m);
    make_open(m, "UserData", false, false);
    make_start_end(m);
    make_open(m, "Leaf", true, false);
    make_attribute(m, "kind");
    make_text(m, "k");
    make_u8(m, 0x49); /* an entity, and more to come */
    make_name(m, "lt");
    make_u8(m, 0x08); /* a character */
    make_u16(m, 0x41);
    make_start_end(m);
    make_text(m, "t");
    make_u8(m, 0x07); /* CDATA */
    make_u16(m, 1);
    make_utf16(m, "z");
    make_u8(m, 0x0a); /* an instruction, which is no value */
    make_name(m, "pi");
    make_u8(m, 0x0b);
    make_u16(m, 1);
    make_utf16(m, "q");
    make_end(m);
    make_end(m);
    make_open(m, "RenderingInfo", true, false);
    make_attribute(m, "Culture");
    make_text(m, "en-US");
    make_start_end(m);
    make_open(m, "Message", false, false);
    make_start_end(m);
    make_text(m, "hello");
    make_end(m);
    make_end(m);
    direct_end(m);
    told_chunk(&t, m);
    assert_int_equal(t.gaps.n, 0);
    assert_int_equal(t.records.n, 2);
    assert_value(&t, 0, "EventID", "7");
    assert_value(&t, 0, "-time", "1614646923123456");
    assert_value(&t, 0, "EventData_EventID", "forged");
    assert_value(&t, 0, "Data", "one|two");
    assert_value(&t, 0, "a", "x|y");
    assert_value(&t, 1, "Leaf", "tz");
    assert_value(&t, 1, "Leaf_kind", "k<A");
    assert_value(&t, 1, "RenderingInfo_Message", "hello");
    assert_value(&t, 1, "RenderingInfo_Culture", "en-US");
    evtx_told_done(&t);
    free(m);
}

/* A template with all that the short way takes, and a value in two places. */
static void test_template_forms(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    uint32_t at = 0;
    make_chunk(m, 1);
    for (int i = 0; i < 2; i++) {
        make_record(m);
        make_fragment(m);
        bool here = at == 0;
        at = make_instance(m, at);
        if (here) {
            make_fragment(m);
            make_open(m, "Event", false, true);
            make_start_end(m);
            make_open(m, "EventData", false, true);
            make_start_end(m);
            make_open(m, "Fixed", false, true);
            make_start_end(m);
            make_text(m, "always");
            make_end(m);
            make_open(m, "Mixed", true, true);
            make_attribute(m, "at");
            make_sub(m, 0, 1, true);
            make_start_end(m);
            make_text(m, "[");
            make_sub(m, 0, 1, true);
            make_text(m, "]");
            make_end(m);
            make_open(m, "Maybe", false, true);
            make_start_end(m);
            make_sub(m, 1, 1, true);
            make_end(m);
            make_open(m, "Must", false, true);
            make_start_end(m);
            make_sub(m, 1, 1, false);
            make_end(m);
            make_open(m, "Blank", false, true);
            make_start_end(m);
            make_text(m, " \n ");
            make_end(m);
            make_open(m, "Twice", false, true);
            make_start_end(m);
            make_sub(m, 0, 1, false);
            make_end(m);
            make_open(m, "Twice", false, true);
            make_start_end(m);
            make_sub(m, 1, 1, true);
            make_end(m);
            make_end(m);
            make_end(m);
            make_eof(m);
            make_definition_end(m);
        }
        struct make_value v[] = {TEXT("v\0"), {i ? 1 : 0, "", 0}};
        make_values(m, v, 2);
        make_eof(m);
        make_record_end(m);
    }
    told_chunk(&t, m);
    assert_int_equal(t.gaps.n, 0);
    assert_value(&t, 0, "Fixed", "always");
    assert_value(&t, 0, "Mixed", "[v]");
    assert_value(&t, 0, "Mixed_at", "v");
    assert_value(&t, 0, "Maybe", NULL);
    assert_value(&t, 0, "Must", "");
    assert_value(&t, 0, "Blank", NULL);
    assert_value(&t, 0, "Twice", "v");
    assert_value(&t, 1, "Maybe", "");
    assert_value(&t, 1, "Twice", "v|");
    evtx_told_done(&t);
    free(m);
}

static void test_many_names(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    make_chunk(m, 1);
    direct_begin(m);
    make_open(m, "EventData", false, false);
    make_start_end(m);
    for (int i = 0; i < 200; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%d", i);
        data(m, name, "v");
    }
    make_end(m);
    direct_end(m);
    told_chunk(&t, m);
    assert_int_equal(t.gaps.n, 0);
    assert_value(&t, 0, "n155", "v");
    assert_value(&t, 0, "n156", NULL);
    struct str others = evtx_told_value(&t.records.v[0], "Others");
    assert_int_equal(str_count(others, '|'), 43);
    assert_true(str_starts(others, STR("n156: v|n157: v|")));
    evtx_told_done(&t);
    free(m);
}

/* ---- damage ---- */

/* Five events of which the first holds the templates; the third is damaged by the test. */
static void five(struct make *m, uint32_t begins[6])
{
    struct make_value v[] = {TEXT("a\0b\0"), TEXT("c\0")};
    make_chunk(m, 1);
    for (int i = 0; i < 5; i++) {
        begins[i] = m->at;
        make_event(m, 4624, v, 2);
    }
    begins[5] = m->at;
    make_chunk_end(m);
}

static void put32(struct make *m, uint32_t at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        m->p[at + (uint32_t)i] = (unsigned char)(v >> (8 * i));
}

static void test_wraps(void **state)
{
    (void)state;
    /* What is written over in the third record, whose instance begins at 28. */
    static const struct {
        uint32_t at, v;
        bool readable;
    } cases[] = {
        {4, 0, true},
        {4, 0xffffffff, true},
        {4, 0xfffffff8, true},
        {4, 27, true},
        {4, 0x7fffffff, true},
        {0, 0, false},
        {34, 0xffffffff, false},
        {34, 0xfffffffc, false},
        {34, 65530, false},
        {38, 0xffffffff, false},
        {38, 0x40000001, false},
        {38, 0x3fffffff, false},
        {30, 1, false},
        {42, 0xffffffff, false},
    };
    struct make *m = malloc(sizeof *m);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct evtx_told before, after;
        struct buf b;
        uint32_t begins[6];
        five(m, begins);
        evtx_told_read(&before, file_of(&b, m, 0), false, false);
        assert_int_equal(before.records.n, 5);
        buf_done(&b);
        put32(m, begins[2] + cases[i].at, cases[i].v);
        told(&after, file_of(&b, m, 0), false);
        if (evtx_told_hurt(&before, &after, 4096 + begins[2], 4096 + begins[3]) != UINT64_MAX)
            fail_msg("case %zu hurts another record", i);
        if (after.records.n != (cases[i].readable ? 5 : 4) || after.gaps.n != 2)
            fail_msg("case %zu: %zu records, %zu gaps", i, after.records.n, after.gaps.n);
        buf_done(&b);
        evtx_told_done(&before);
        evtx_told_done(&after);
    }
    free(m);
}

/* Names and templates that point outside, or to themselves. */
static void test_offsets(void **state)
{
    (void)state;
    static const uint32_t offsets[] = {0xffffffff, 0xfffffff0, 65536, 65535, 65530};
    struct make *m = malloc(sizeof *m);
    for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
        struct evtx_told t;
        struct make_value v[] = {TEXT("a\0")};
        make_chunk(m, 1);
        make_event(m, 1, v, 1);
        make_record(m);
        make_fragment(m);
        make_u8(m, 0x01);
        make_u32(m, 0);
        make_u32(m, offsets[i]);
        make_empty_end(m);
        make_eof(m);
        make_record_end(m);
        make_event(m, 2, v, 1);
        told_chunk(&t, m);
        assert_int_equal(t.records.n, 2);
        assert_int_equal(t.gaps.n, 1);
        evtx_told_done(&t);
    }
    free(m);
}

static void test_headers(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    struct buf b;
    uint32_t begins[6];
    five(m, begins);
    put32(m, 48, begins[3]); /* an old end; the numbers go on */
    told(&t, file_of(&b, m, 1), false);
    assert_int_equal(t.records.n, 5);
    assert_true(t.facts.dirty);
    assert_int_equal(t.gaps.n, 2); /* both sums */
    buf_done(&b);
    evtx_told_done(&t);

    five(m, begins);
    put32(m, 48, 0xffffffff);
    told(&t, file_of(&b, m, 0), false);
    assert_int_equal(t.records.n, 5);
    assert_int_equal(t.gaps.n, 1);
    b.p[0] = 'X'; /* the file's signature, too */
    evtx_told_done(&t);
    told(&t, buf_view(&b), false);
    assert_int_equal(t.records.n, 5);
    assert_int_equal(t.gaps.n, 2);
    evtx_told_done(&t);
    buf_done(&b);

    five(m, begins);
    put32(m, 32, 9); /* the last record's number: four that are not there */
    told(&t, file_of(&b, m, 0), false);
    assert_int_equal(t.records.n, 5);
    assert_int_equal(t.gaps.n, 2);
    evtx_told_done(&t);
    buf_done(&b);
    free(m);
}

/* The end that a chunk tells, wrong or with nothing before it. */
static void test_told_end(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    struct buf b;
    uint32_t begins[6];
    five(m, begins);
    put32(m, 48, begins[2] + 40); /* in the middle of a record */
    told(&t, file_of(&b, m, 0), false);
    assert_int_equal(t.records.n, 5);
    assert_int_equal(t.gaps.n, 2); /* both sums */
    buf_done(&b);
    evtx_told_done(&t);

    five(m, begins);
    put32(m, 48, begins[3]);
    m->p[begins[3] + 8] -= 3; /* smaller numbers: these may be old ones */
    m->p[begins[4] + 8] -= 3;
    told(&t, file_of(&b, m, 0), false);
    assert_int_equal(t.records.n, 3);
    assert_int_equal(t.gaps.n, 4);
    assert_int_equal(t.gaps.v[2].offset, 4096 + begins[3]);
    assert_non_null(strstr(t.gaps.v[2].text.p, "records behind the end"));
    buf_done(&b);
    evtx_told_done(&t);

    five(m, begins);
    put32(m, 48, 512); /* nothing, whose sum is 0 */
    put32(m, 52, 0);
    told(&t, file_of(&b, m, 0), false);
    assert_int_equal(t.records.n, 5);
    assert_int_equal(t.gaps.n, 1);
    buf_done(&b);
    evtx_told_done(&t);
    put32(m, 24, 0); /* and no number that the first one has */
    told(&t, file_of(&b, m, 0), false);
    assert_int_equal(t.records.n, 0);
    assert_non_null(evtx_told_gap(&t, 4096 + 512, 4096 + 513, false));
    buf_done(&b);
    evtx_told_done(&t);

    five(m, begins);
    memset(m->p + begins[4], 0, begins[5] - begins[4]); /* the last one was wiped */
    make_chunk_end(m);
    put32(m, 32, 4); /* and not counted */
    told(&t, file_of(&b, m, 0), false);
    assert_int_equal(t.records.n, 4);
    assert_true(t.gaps.n >= 1);
    assert_int_equal(t.gaps.v[t.gaps.n - 1].offset, 4096 + begins[4]);
    buf_done(&b);
    evtx_told_done(&t);
    free(m);
}

/* Records behind an end that is old, of which some are damaged. */
static void test_went_on(void **state)
{
    (void)state;
    static const struct {
        uint32_t record, at, v;
        size_t records, gaps; /* beside those of both sums */
    } cases[] = {
        {3, 8, 99, 5, 0},   /* its number */
        {3, 0, 0, 4, 1},    /* its signature, behind it the next one */
        {3, 4, 1000, 5, 1}, /* one of its sizes */
        {4, 0, 0, 4, 1},    /* the same of the last one, which has its number */
        {4, 4, 1000, 4, 1},
    };
    struct make *m = malloc(sizeof *m);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct evtx_told t;
        struct buf b;
        uint32_t begins[6];
        five(m, begins);
        uint64_t offset = 4096 + begins[cases[i].record];
        put32(m, 48, begins[3]);
        put32(m, begins[cases[i].record] + cases[i].at, cases[i].v);
        told(&t, file_of(&b, m, 1), false);
        if (t.records.n != cases[i].records || t.gaps.n != 2 + cases[i].gaps ||
            (cases[i].gaps && !evtx_told_gap(&t, offset, offset + 1, false)))
            fail_msg("case %zu: %zu records, %zu gaps", i, t.records.n, t.gaps.n);
        buf_done(&b);
        evtx_told_done(&t);
    }
    free(m);
}

/* Unused chunks, one without a signature, one that the header does not count. */
static void test_chunks(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    struct buf b;
    uint32_t begins[6];
    five(m, begins);
    (void)file_of(&b, m, 0);
    memset(m->p, 0, sizeof m->p);
    buf_add(&b, m->p, sizeof m->p);
    five(m, begins);
    m->p[0] = 'X';
    buf_add(&b, m->p, sizeof m->p);
    told(&t, buf_view(&b), false);
    assert_int_equal(t.records.n, 5);
    assert_int_equal(t.gaps.n, 1);
    assert_int_equal(t.facts.unused, 1);
    assert_int_equal(t.facts.unsigned_chunks, 1);
    evtx_told_done(&t);
    told(&t, buf_view(&b), true);
    assert_int_equal(t.records.n, 10);
    assert_value(&t, 4, "Carved", NULL);
    assert_value(&t, 9, "Carved", "yes");
    assert_int_equal(t.facts.carved, 5);
    evtx_told_done(&t);
    b.p[4096 + 2 * 65536] = 'E';
    told(&t, buf_view(&b), false);
    assert_int_equal(t.records.n, 5);
    assert_int_equal(t.facts.uncounted, 1);
    assert_int_equal(t.gaps.n, 1);
    evtx_told_done(&t);
    b.p[120] = 1; /* dirty, by a header whose sum is wrong: counts are not believed */
    told(&t, buf_view(&b), false);
    assert_int_equal(t.records.n, 10);
    evtx_told_done(&t);
    buf_done(&b);
    free(m);
}

/* What a judge of tampering asks for. */
static void test_facts(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    struct make_value v[] = {TEXT("a\0")};
    make_chunk(m, 10);
    make_event(m, 1, v, 1);
    m->last_id = 19;
    make_event(m, 1, v, 1); /* 20 */
    make_event(m, 1, v, 1);
    m->p[m->record + 20] -= 1; /* 21, seven minutes before 20 */
    told_chunk(&t, m);
    assert_int_equal(t.facts.records, 3);
    assert_int_equal(t.facts.first_id, 10);
    assert_int_equal(t.facts.last_id, 21);
    assert_int_equal(t.facts.missing_ids, 9);
    assert_int_equal(t.facts.clock.n_steps, 1);
    assert_string_equal(t.facts.clock.step[0].source.host, "PC");
    assert_int_equal(t.facts.clock.step[0].after.record_id, 21);
    assert_int_equal(t.facts.last_us - t.facts.first_us, 428496730);
    evtx_told_done(&t);
    free(m);
}

/* ---- bombs ---- */

/* A template that names its value ten times, filled with an instance of itself, `depth` deep. */
static void nest(struct make *m, uint32_t at, int depth)
{
    make_fragment(m);
    (void)make_instance(m, at);
    make_u32(m, 1);
    uint32_t size_at = m->at;
    make_u16(m, 0);
    make_u8(m, depth ? 0x21 : 1);
    make_u8(m, 0);
    uint32_t from = m->at;
    if (depth)
        nest(m, at, depth - 1);
    else
        make_utf16(m, "boom");
    m->p[size_at] = (unsigned char)(m->at - from);
    m->p[size_at + 1] = (unsigned char)((m->at - from) >> 8);
    make_eof(m);
}

static void test_bombs(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    struct make_value v[] = {TEXT("a\0")};
    for (int depth = 5; depth <= 20; depth += 5) {
        make_chunk(m, 1);
        make_event(m, 1, v, 1);
        make_record(m);
        make_fragment(m);
        uint32_t at = make_instance(m, 0);
        make_open(m, "X", false, true);
        make_start_end(m);
        for (int i = 0; i < 10; i++)
            make_sub(m, 0, 0x21, false);
        make_end(m);
        make_eof(m);
        make_definition_end(m);
        struct make_value none = {0, "", 0};
        make_values(m, &none, 1);
        make_eof(m);
        make_record_end(m);
        make_record(m);
        nest(m, at, depth);
        make_record_end(m);
        make_event(m, 2, v, 1);
        told_chunk(&t, m);
        assert_int_equal(t.records.n, 3);
        assert_int_equal(t.gaps.n, 1);
        assert_non_null(
            strstr(t.gaps.v[0].text.p, depth < 8 ? "more work than" : "nested too deeply"));
        evtx_told_done(&t);
    }
    free(m);
}

/* A template with an instance of itself inside; elements without end; one template for each byte.
 */
static void test_endless(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    struct make_value v[] = {TEXT("a\0")};
    make_chunk(m, 1);
    make_event(m, 1, v, 1);
    make_record(m);
    make_fragment(m);
    uint32_t at = make_instance(m, 0);
    for (int i = 0; i < 2; i++) {
        (void)make_instance(m, at);
        make_u32(m, 0);
    }
    make_definition_end(m);
    make_u32(m, 0);
    make_record_end(m);
    make_record(m);
    make_fragment(m);
    for (int i = 0; i < 100; i++) {
        make_open(m, "E", false, false);
        make_start_end(m);
    }
    make_record_end(m);
    make_event(m, 2, v, 1);
    told_chunk(&t, m);
    assert_int_equal(t.records.n, 2);
    assert_int_equal(t.gaps.n, 2);
    evtx_told_done(&t);
    free(m);
}

/* ---- shapes ---- */

struct seen {
    uint32_t serial[16];
    size_t n, rows;
};

static enum err see(void *ctx, const struct rows *rows)
{
    struct seen *s = ctx;
    assert_true(s->n < ARRAY_LEN(s->serial));
    s->serial[s->n++] = rows->shape->serial;
    s->rows += rows_n(rows);
    assert_string_equal(rows->shape->channel.p, "Sec");
    assert_string_equal(rows->shape->provider.p, "Made-By-Hand");
    return OK;
}

static enum err no_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    (void)ctx;
    fail_msg("gap at %llu: %.*s: %.*s", (unsigned long long)offset, STR_FMT(reason),
             STR_FMT(detail));
    return OK;
}

static void test_shapes(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct seen s = {0};
    struct evtx_options o = {.sink = {see, no_gap, &s}};
    struct evtx *e;
    struct make_value v[] = {TEXT("a\0"), TEXT("b\0")};
    assert_int_equal(evtx_new(&o, &e), OK);
    for (unsigned file = 0; file < 3; file++) {
        make_chunk(m, 1);
        make_event(m, 4624, v, file < 2 ? 1 : 2); /* templates of other chunks, the same fields */
        make_event(m, 4625, v, 2);
        make_event(m, 4624, v, file < 2 ? 1 : 2);
        make_chunk_end(m);
        struct buf b;
        (void)file_of(&b, m, 0);
        assert_int_equal(evtx_header(e, str_make(b.p, 4096)), OK);
        assert_int_equal(evtx_chunk(e, str_make(b.p + 4096, 65536), 4096), OK);
        buf_done(&b);
    }
    assert_int_equal(evtx_end(e), OK);
    assert_int_equal(s.n, 3);
    assert_int_equal(s.rows, 9);
    assert_true(s.serial[0] == 0 && s.serial[1] == 1 && s.serial[2] == 2);
    e = evtx_free(e);
    free(m);
}

/* Batches are handed out when they are full, and a sink may end the reading. */
static enum err enough(void *ctx, const struct rows *rows)
{
    size_t *n = ctx;
    *n += rows_n(rows);
    assert_true(rows->text.n >= ROWS_BYTES && rows->text.n < ROWS_BYTES + 64 * 1024);
    return END;
}

static void test_end(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    size_t n = 0;
    struct evtx_options o = {.sink = {enough, no_gap, &n}};
    struct evtx *e;
    struct buf b;
    static char text[8000];
    struct make_value v[] = {{0x0e, text, sizeof text}};
    make_chunk(m, 1);
    for (int i = 0; i < 7; i++)
        make_event(m, 1, v, 1);
    make_chunk_end(m);
    (void)file_of(&b, m, 0);
    assert_int_equal(evtx_new(&o, &e), OK);
    assert_int_equal(evtx_header(e, str_make(b.p, 4096)), OK);
    assert_int_equal(evtx_chunk(e, str_make(b.p + 4096, 65536), 4096), END);
    assert_int_equal(n, 5);
    e = evtx_free(e);
    buf_done(&b);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ordinary),   cmocka_unit_test(test_types),
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_days),
        cmocka_unit_test(test_direct),     cmocka_unit_test(test_template_forms),
        cmocka_unit_test(test_many_names), cmocka_unit_test(test_wraps),
        cmocka_unit_test(test_offsets),    cmocka_unit_test(test_headers),
        cmocka_unit_test(test_told_end),   cmocka_unit_test(test_went_on),
        cmocka_unit_test(test_chunks),     cmocka_unit_test(test_facts),
        cmocka_unit_test(test_bombs),      cmocka_unit_test(test_endless),
        cmocka_unit_test(test_shapes),     cmocka_unit_test(test_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
