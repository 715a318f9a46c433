#include "match/digest_set.h"
#include "unit.h"

static uint64_t seed = 88172645463325252u;
static uint32_t random32(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 16);
}

/* The plain reference: all that was added, asked one after the other. */
struct entry {
    enum digest_kind kind;
    unsigned char bytes[DIGEST_MAX_BYTES];
    uint32_t number;
};

static bool plain_find(const struct entry *e, size_t n, enum digest_kind kind,
                       const unsigned char *bytes, uint32_t *ret_number)
{
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        if (e[i].kind != kind || memcmp(e[i].bytes, bytes, digest_bytes(kind)) != 0)
            continue;
        if (!found || e[i].number < *ret_number)
            *ret_number = e[i].number;
        found = true;
    }
    return found;
}

/* mask: how many different values a byte has; few make twins and digests alike in their front. */
static void fill(struct entry *e, size_t n, unsigned char mask)
{
    for (size_t i = 0; i < n; i++) {
        e[i] = (struct entry){.kind = (enum digest_kind)(random32() % DIGEST_KINDS),
                              .number = random32()};
        for (size_t k = 0; k < digest_bytes(e[i].kind); k++)
            e[i].bytes[k] = (unsigned char)random32() & (k < 12 ? mask : k == 12 ? 0xff : 0);
    }
}

static struct digest_set *set_of(const struct entry *e, size_t n)
{
    struct digest_set *set;
    assert_int_equal(digest_set_new(n, &set), OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(digest_set_add(set, e[i].kind, e[i].bytes, e[i].number), OK);
    assert_int_equal(digest_set_build(set), OK);
    return set;
}

static void same_answers(const struct digest_set *set, const struct entry *e, size_t n,
                         const struct entry *asked)
{
    for (enum digest_kind k = 0; k < DIGEST_KINDS; k++) {
        uint32_t want = 0, got = 0;
        bool there = plain_find(e, n, k, asked->bytes, &want);
        assert_int_equal(digest_set_find(set, k, asked->bytes, &got), there);
        assert_int_equal(got, want);
    }
}

static void answers_as_a_plain_list_does(void **state)
{
    (void)state;
    enum { MOST = 700, ASKED = 300 };
    struct entry *e = calloc(MOST, sizeof *e), asked;
    const unsigned char masks[] = {0xff, 0x03, 0x01, 0x00};
    assert_non_null(e);
    for (size_t m = 0; m < sizeof masks; m++)
        for (size_t n = 0; n <= MOST; n = 3 * n + 1) {
            fill(e, n, masks[m]);
            struct digest_set *set = set_of(e, n);
            for (size_t i = 0; i < ASKED; i++) {
                fill(&asked, 1, masks[m]);
                same_answers(set, e, n, &asked);
            }
            for (size_t i = 0; i < n; i++)
                same_answers(set, e, n, &e[i]);
            digest_set_done(set);
        }
    free(e);
}

/* One bit of any byte is another file: what the filter lets through is compared as a whole. */
static void near_misses_are_misses(void **state)
{
    (void)state;
    enum { N = 2000 };
    struct entry *e = calloc(N, sizeof *e);
    assert_non_null(e);
    fill(e, N, 0xff);
    struct digest_set *set = set_of(e, N);
    for (size_t i = 0; i < N; i++)
        for (size_t bit = 0; bit < 8 * digest_bytes(e[i].kind); bit += 7) {
            e[i].bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            assert_false(digest_set_find(set, e[i].kind, e[i].bytes, NULL));
            e[i].bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
    digest_set_done(set);
    free(e);
}

/* Beyond the size from which records are put into buckets, and all of them in one bucket. */
static void many(unsigned char mask)
{
    enum { N = 200 * 1000 };
    struct digest_set *set;
    unsigned char bytes[DIGEST_MAX_BYTES] = {0};
    assert_int_equal(digest_set_new(2 * N, &set), OK);
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < N; i++) {
            uint32_t spread = i * 2654435761u;
            memcpy(bytes + 4, &spread, 4);
            bytes[0] = (unsigned char)(spread >> 24) & mask;
            bytes[1] = (unsigned char)(spread >> 16) & mask;
            assert_int_equal(digest_set_add(set, DIGEST_SHA1, bytes, (1 - round) * N + i), OK);
        }
    assert_int_equal(digest_set_build(set), OK);
    assert_int_equal(digest_set_count(set, DIGEST_SHA1), N);
    for (uint32_t i = 0; i < 2 * N; i++) {
        uint32_t spread = i * 2654435761u, number = 0;
        memcpy(bytes + 4, &spread, 4);
        bytes[0] = (unsigned char)(spread >> 24) & mask;
        bytes[1] = (unsigned char)(spread >> 16) & mask;
        assert_int_equal(digest_set_find(set, DIGEST_SHA1, bytes, &number), i < N);
        assert_int_equal(number, i < N ? i : 0);
    }
    assert_true(digest_set_memory(set) < (size_t)28 * N);
    digest_set_done(set);
}

static void many_digests(void **state)
{
    (void)state;
    many(0xff);
    many(0x00);
}

static void keeps_its_ceiling_and_its_order(void **state)
{
    (void)state;
    struct digest_set *set;
    unsigned char bytes[DIGEST_MAX_BYTES] = {1};
    assert_int_equal(digest_set_new(1, &set), OK);
    assert_int_equal(digest_set_kinds(set), 0);
    assert_false(digest_set_find(set, DIGEST_MD5, bytes, NULL));
    assert_int_equal(digest_set_add(set, DIGEST_MD5, bytes, 5), OK);
    assert_int_equal(digest_set_add(set, DIGEST_MD5, bytes, 5), ERR_LIMIT);
    assert_int_equal(digest_set_build(set), OK);
    assert_int_equal(digest_set_add(set, DIGEST_MD5, bytes, 5), ERR_BUG);
    assert_int_equal(digest_set_kinds(set), DIGEST_MD5_ALSO);
    digest_set_done(set);
    assert_int_equal(digest_set_new(SIZE_MAX, &set), ERR_LIMIT);
    assert_int_equal(digest_set_kinds(NULL), 0);
}

static void asks_for_all_kinds_of_a_file(void **state)
{
    (void)state;
    struct entry e[2] = {{DIGEST_SHA256, {3}, 8}, {DIGEST_MD5, {4}, 7}};
    struct digest_set *set = set_of(e, 2);
    struct digests of = {.kinds = DIGEST_ALL};
    enum digest_kind kind;
    uint32_t number;
    assert_false(digest_set_find_any(set, &of, &kind, &number));
    of.bytes[DIGEST_MD5][0] = 4;
    assert_true(digest_set_find_any(set, &of, &kind, &number));
    assert_int_equal(kind, DIGEST_MD5);
    assert_int_equal(number, 7);
    of.bytes[DIGEST_SHA256][0] = 3;
    assert_true(digest_set_find_any(set, &of, &kind, &number));
    assert_int_equal(kind, DIGEST_SHA256);
    of.kinds = DIGEST_SHA1_ALSO;
    assert_false(digest_set_find_any(set, &of, &kind, &number));
    assert_false(digest_set_find_any(NULL, &of, &kind, &number));
    digest_set_done(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_as_a_plain_list_does),
        cmocka_unit_test(near_misses_are_misses),
        cmocka_unit_test(many_digests),
        cmocka_unit_test(keeps_its_ceiling_and_its_order),
        cmocka_unit_test(asks_for_all_kinds_of_a_file),
    };
    return cmocka_run_group_tests_name("digest_set", tests, NULL, NULL);
}
