/* Whatever a track tells of an object, its structure tells as well; strings of all kinds end where
 * a plain loop says. */
#include "codec/json_tracks.h"

#include "codec/json_string.h"
#include "unit.h"

static const char *const objects[] = {
    "{}",
    "{\"a\":1}",
    "{\"a\":\"1\",\"b\":[true,false,null,-2.5e3],\"c\":{\"d\":{\"e\":\"x\"}}}",
    "{ \"a\" : \"\" , \"b\" : [ ] , \"c\":[{\"d\":\"\"},{\"d\":\"\\\"\"}] }",
    "{\"a\":\"0123456789abcdef0123456789abcdef\\\\\",\"b\":\"\\r\\n\\t\\u0416\"}",
    "{\"a\":\"1\",\"b\":[true,false,null],\"c\":{}}",
    "{\"a\":12,\"b\":\",\\\"c\\\":\",\"cc\":{\"d\":1}}",
};

struct values {
    struct json_tracked v[TRACK_VALUES];
    size_t n;
};

/* Values by the structure, tagged by their number. */
static enum err walk(struct str text, struct values *ret)
{
    struct json_value key, value;
    struct json_scan scan;
    enum err rc;
    TRY(json_scan_open(&scan, text));
    while ((rc = json_scan_next(&scan, &key, &value)) == OK) {
        if (value.kind == '{' || value.kind == '[') {
            TRY(walk(value.text, ret));
            continue;
        }
        ret->v[ret->n] = (struct json_tracked){value, (uint32_t)ret->n};
        ret->n++;
    }
    return rc == END ? OK : rc;
}

static void learn(struct json_tracks *t, struct str text)
{
    static struct values v;
    v.n = 0;
    assert_int_equal(walk(text, &v), OK);
    assert_int_equal(json_tracks_learn(t, text, v.v, v.n), OK);
}

/* true: it was read, and rightly so. */
static bool reads(struct json_tracks *t, struct str text)
{
    static struct json_tracked v[TRACK_VALUES];
    static struct values want;
    size_t n;
    if (!json_tracks_read(t, text, v, &n))
        return false;
    want.n = 0;
    assert_int_equal(walk(text, &want), OK);
    assert_int_equal(n, want.n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(v[i].tag, i);
        assert_int_equal(v[i].value.kind, want.v[i].value.kind);
        assert_int_equal(v[i].value.escaped, want.v[i].value.escaped);
        assert_ptr_equal(v[i].value.text.p, want.v[i].value.text.p);
        assert_int_equal(v[i].value.text.n, want.v[i].value.text.n);
    }
    return true;
}

static void as_learnt(void **state)
{
    struct json_tracks t;
    (void)state;
    json_tracks_init(&t);
    assert_false(reads(&t, str_of(objects[0])));
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        assert_false(reads(&t, str_of(objects[i])));
        learn(&t, str_of(objects[i]));
        for (size_t k = 0; k <= i; k++)
            assert_true(reads(&t, str_of(objects[k])));
    }
    assert_true(reads(&t, STR("{\"a\":false}")));
    assert_true(reads(&t, STR("{\"a\":\"\\\\\\\"\",\"b\":[1,2,3,4],\"c\":{\"d\":{\"e\":\"\"}}}")));
    assert_false(reads(&t, STR("{\"a\":falsy}")));
    assert_false(reads(&t, STR("{\"a\":}")));
    assert_false(reads(&t, STR("{\"a\":1")));
    assert_false(reads(&t, STR("{\"a\":1} ")));
    assert_false(reads(&t, STR("{\"a\":\"1\"}")));
    json_tracks_forget(&t);
    assert_false(reads(&t, str_of(objects[1])));
    learn(&t, str_of(objects[1]));
    assert_true(reads(&t, str_of(objects[1])));
    json_tracks_done(&t);
}

static uint32_t dice(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* A byte changed, taken out or put in. */
static void mutants(void **state)
{
    static const char signs[] = "\"\\{}[],:01-tx \n";
    struct json_tracks t;
    uint32_t seed = 7;
    size_t n_read = 0;
    (void)state;
    json_tracks_init(&t);
    for (size_t i = 0; i < ARRAY_LEN(objects); i++)
        learn(&t, str_of(objects[i]));
    for (int round = 0; round < 200 * 1000; round++) {
        char text[128];
        struct str from = str_of(objects[dice(&seed) % ARRAY_LEN(objects)]);
        size_t at = dice(&seed) % from.n, cut = dice(&seed) % 2, n = at;
        memcpy(text, from.p, at);
        if (!cut || dice(&seed) % 2)
            text[n++] = signs[dice(&seed) % (sizeof signs - 1)];
        memcpy(text + n, from.p + at + cut, from.n - at - cut);
        n_read += reads(&t, str_make(text, n + from.n - at - cut));
    }
    assert_true(n_read > 1000);
    json_tracks_done(&t);
}

/* Objects that are never alike: what was learnt is forgotten, and none is read wrong. */
static void flood(void **state)
{
    struct json_tracks t;
    size_t most = 0;
    (void)state;
    json_tracks_init(&t);
    for (int i = 0; i < 2 * TRACK_STEPS; i++) {
        char text[64];
        int n = snprintf(text, sizeof text, "{\"k%d\":{\"a\":1,\"m%d\":\"x\"}}", i % 20, i);
        learn(&t, str_make(text, (size_t)n));
        most = t.step.n > most ? t.step.n : most;
        (void)reads(&t, str_make(text, (size_t)n));
    }
    assert_true(most <= TRACK_STEPS);
    json_tracks_done(&t);
}

static size_t plain_end(const char *p, size_t at, size_t n, bool *ret_escaped)
{
    *ret_escaped = false;
    for (;;) {
        while (at < n && p[at] != '"' && p[at] != '\\' && p[at] != '\n')
            at++;
        if (at + 1 >= n || p[at] != '\\')
            return at;
        *ret_escaped = true;
        at += 2;
    }
}

static void ends_of_strings(void **state)
{
    uint32_t seed = 1;
    (void)state;
    for (int round = 0; round < 300 * 1000; round++) {
        char text[160];
        bool escaped, want;
        size_t n = dice(&seed) % sizeof text, from = n ? dice(&seed) % n : 0;
        uint32_t rare = 2 + dice(&seed) % 40;
        for (size_t i = 0; i < n; i++)
            text[i] = dice(&seed) % 3 ? '\\' : 'x';
        for (size_t i = 0; i < n; i++)
            if (dice(&seed) % rare == 0)
                text[i] = "\"\nx"[dice(&seed) % 3];
        size_t end = plain_end(text, from, n, &want);
        assert_int_equal(json_string_end(text, from, n, &escaped), end);
        assert_int_equal(escaped, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_learnt),
        cmocka_unit_test(mutants),
        cmocka_unit_test(flood),
        cmocka_unit_test(ends_of_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
