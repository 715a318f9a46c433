/* Texts that are one: the same, changed a little, others. */
#include "unit.h"
#include "watch/cluster.h"

#include <stdio.h>

static uint64_t state64 = 88172645463325252u;
static uint32_t random_below(uint32_t n)
{
    state64 ^= state64 << 13;
    state64 ^= state64 >> 7;
    state64 ^= state64 << 17;
    return (uint32_t)(state64 >> 20) % n;
}

enum { WORDS = 40, WORD_MAX = 12, TEXT_BYTES = WORDS * WORD_MAX };

/* Text of words that are made up; `changed` of them differ from the first text of that seed. */
static struct sketch sketch_of(uint32_t seed, int changed)
{
    static char text[TEXT_BYTES];
    struct sketch s;
    size_t n = 0;
    for (int w = 0; w < WORDS; w++) {
        uint32_t own = seed * 100 + (uint32_t)w + (w < changed ? random_below(1000000) + 1000 : 0);
        n += (size_t)snprintf(text + n, sizeof text - n, "%x ", own * 2654435761u);
    }
    sketch_make(str_make(text, n), n, &s);
    return s;
}

static void alike(void **state)
{
    struct sketch a = sketch_of(1, 0), b = sketch_of(1, 0), c = sketch_of(2, 0);
    double sum = 0, most = 0;
    (void)state;
    assert_true(sketch_alike(&a, &b) == 1);
    assert_true(sketch_alike(&a, &c) < 0.25);
    /* One word of forty is some 15 of 360 pieces on both sides: J = 345/375. */
    for (int i = 0; i < 200; i++) {
        b = sketch_of(1, 1);
        double j = sketch_alike(&a, &b);
        sum += j;
        most = j > most ? j : most;
    }
    assert_true(sum / 200 > 0.87 && sum / 200 < 0.97);
}

static void short_texts(void **state)
{
    struct sketch a, b;
    (void)state;
    sketch_make(STR("hello"), 5, &a);
    sketch_make(STR("hello"), 5, &b);
    assert_true(a.hash == b.hash && a.hash != 0 && a.filled == 0);
    assert_true(sketch_alike(&a, &b) == 0);
    sketch_make(STR(""), 0, &b);
    assert_true(b.hash != 0 && b.hash != a.hash);
}

static void clusters(void **state)
{
    struct clusters *c;
    struct sketch a = sketch_of(1, 0), b = sketch_of(2, 0);
    bool is_new;
    int joined = 0;
    (void)state;
    assert_int_equal(cluster_new(1000, &c), OK);
    uint64_t id = cluster_of(c, &a, 100, &is_new);
    assert_true(is_new && id);
    assert_true(cluster_of(c, &a, 101, &is_new) == id && !is_new);
    assert_true(cluster_of(c, &b, 101, &is_new) != id && is_new);
    for (int i = 0; i < 100; i++) {
        struct sketch changed = sketch_of(1, 1);
        joined += cluster_of(c, &changed, 101, &is_new) == id;
    }
    assert_true(joined >= 90);
    for (uint32_t i = 10; i < 400; i++) {
        struct sketch other = sketch_of(i, 0);
        (void)cluster_of(c, &other, 101, &is_new);
        assert_true(is_new);
    }
    /* Long after, the same words are no news of then; they begin again under the same id. */
    assert_true(cluster_of(c, &a, 200, &is_new) == id && is_new);
    c = cluster_free(c);
}

static void a_ring(void **state)
{
    struct clusters *c, *again;
    bool is_new;
    (void)state;
    assert_int_equal(cluster_new(50, &c), OK);
    for (uint32_t i = 0; i < 500; i++) {
        struct sketch s = sketch_of(i, 0);
        (void)cluster_of(c, &s, 1, &is_new);
        assert_true(is_new);
        assert_int_equal(cluster_count(c), i < 50 ? i + 1 : 50);
    }
    for (uint32_t i = 0; i < 500; i++) {
        struct sketch s = sketch_of(i, 0);
        bool kept = i >= 450;
        if (kept) {
            (void)cluster_of(c, &s, 1, &is_new);
            assert_false(is_new);
        }
    }
    /* Put in order, another ring is the same. */
    assert_int_equal(cluster_new(50, &again), OK);
    for (size_t i = 0; i < cluster_count(c); i++) {
        struct cluster_text text = cluster_at(c, i);
        cluster_put(again, &text);
    }
    for (uint32_t i = 450; i < 500; i++) {
        struct sketch s = sketch_of(i, 0);
        uint64_t id = cluster_of(c, &s, 1, &is_new);
        assert_true(cluster_of(again, &s, 1, &is_new) == id);
        assert_false(is_new);
    }
    c = cluster_free(c);
    again = cluster_free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(alike), cmocka_unit_test(short_texts),
                                       cmocka_unit_test(clusters), cmocka_unit_test(a_ring)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
