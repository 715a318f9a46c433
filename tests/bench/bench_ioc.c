/* What a lookup of an address costs with few and with many indicators, over the same stream. */
#include "base/ip.h"
#include "match/ioc.h"

#include <stdio.h>

enum { STREAM = 1 << 20, CLIENTS = 20000, ROUNDS = 15 };

static uint64_t state = 88172645463325252u;
static uint32_t random32(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

/* Clients of a web server: some ask often, every hundredth row comes from a listed address. */
static struct str *make_stream(struct arena *a, const struct indicator *in, size_t n)
{
    struct str *row = arena_new_n(a, struct str, STREAM),
               *client = arena_new_n(a, struct str, CLIENTS);
    char text[IP_TEXT_BYTES];
    for (size_t i = 0; i < CLIENTS; i++)
        client[i] = arena_str(a, str_of(ip_text(ip_of4(random32() | 1u << 24), text)));
    for (size_t i = 0; i < STREAM; i++) {
        size_t k = random32() % CLIENTS;
        row[i] = i % 100 == 0 ? in[random32() % n].value : client[k * k / CLIENTS];
        row[i] = arena_str(a, row[i]); /* as in a log: each row has its own bytes */
    }
    return row;
}

struct trial {
    size_t n;
    struct arena arena;
    struct ioc_set *set;
    struct str *row;
    double best_ns;
    size_t hits;
};

static void prepare(struct trial *t, size_t n)
{
    char text[IP_TEXT_BYTES];
    *t = (struct trial){.n = n, .best_ns = 1e9};
    arena_init(&t->arena, (size_t)1 << 30);
    struct indicator *in = arena_new_n(&t->arena, struct indicator, n);
    for (size_t i = 0; i < n; i++) {
        in[i] = (struct indicator){.from_us = TIME_NONE, .until_us = TIME_NONE};
        in[i].value = arena_str(&t->arena, str_of(ip_text(ip_of4(random32() | 1u << 24), text)));
    }
    if (ioc_compile(&t->arena, in, n, &t->set, NULL))
        exit(1);
    t->row = make_stream(&t->arena, in, n);
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void round_of(struct trial *t)
{
    double from = now_ns();
    t->hits = 0;
    for (size_t i = 0; i < STREAM; i++) {
        uint32_t index;
        t->hits += ioc_address(t->set, t->row[i], &index);
    }
    double ns = (now_ns() - from) / STREAM;
    t->best_ns = ns < t->best_ns ? ns : t->best_ns;
}

static double parse_ns(const struct trial *t)
{
    double best = 1e9;
    uint32_t sum = 0;
    for (int r = 0; r < ROUNDS; r++) {
        double from = now_ns();
        for (size_t i = 0; i < STREAM; i++) {
            uint32_t v4 = 0;
            sum += ip4_parse(t->row[i], &v4) + v4;
        }
        double ns = (now_ns() - from) / STREAM;
        best = ns < best ? ns : best;
    }
    return sum ? best : 0;
}

/* The rounds alternate, so that other work on the machine slows both alike. */
int main(void)
{
    static struct trial few, many;
    prepare(&few, 100);
    prepare(&many, 100 * 1000);
    for (int r = 0; r < ROUNDS; r++) {
        round_of(&few);
        round_of(&many);
    }
    const struct trial *both[] = {&few, &many};
    for (int k = 0; k < 2; k++)
        printf("%7zu addresses: %6.2f ns a lookup, %.2f %% hits\n", both[k]->n, both[k]->best_ns,
               100.0 * (double)both[k]->hits / STREAM);
    printf("of that the parse alone: %6.2f ns\n", parse_ns(&few));
    printf("ratio %.2f (at most 1.20 wanted)\n", many.best_ns / few.best_ns);
    ioc_done(few.set);
    ioc_done(many.set);
    arena_done(&few.arena);
    arena_done(&many.arena);
    return 0;
}
