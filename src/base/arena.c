#include "base/arena.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { SMALL_BYTES = 2 * 1024, BLOCK_BYTES = 64 * 1024, LARGE_BYTES = 1024 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    _Alignas(16) unsigned char data[];
};

void arena_init(struct arena *a, size_t max_bytes)
{
    *a = (struct arena){.max_bytes = max_bytes};
}

void arena_init_small(struct arena *a, size_t max_bytes)
{
    *a = (struct arena){.max_bytes = max_bytes, .small = true};
}

static size_t usual_block(const struct arena *a)
{
    if (a->used_bytes > LARGE_BYTES)
        return LARGE_BYTES;
    if (!a->small || a->used_bytes > BLOCK_BYTES)
        return BLOCK_BYTES;
    return a->used_bytes > SMALL_BYTES ? a->used_bytes : SMALL_BYTES;
}

/* Its pages at once: one by one, when each is first touched, they cost several times as much. */
static void populate(void *p, size_t n)
{
    uintptr_t from = ((uintptr_t)p + 4095) & ~(uintptr_t)4095,
              to = ((uintptr_t)p + n) & ~(uintptr_t)4095;
    (void)madvise((void *)from, to - from, MADV_POPULATE_WRITE);
}

static struct arena_block *grow(struct arena *a, size_t size)
{
    size_t usual = usual_block(a);
    size_t want = size > usual ? size : usual;
    if (size > a->max_bytes - a->used_bytes)
        return NULL;
    struct arena_block *b = malloc(sizeof *b + want);
    if (!b)
        return NULL;
    if (want >= LARGE_BYTES)
        populate(b, sizeof *b + want);
    b->next = a->head;
    b->size = want;
    b->used = 0;
    a->head = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > SIZE_MAX - 15)
        return NULL;
    size = (size + 15) & ~(size_t)15;
    struct arena_block *b = a->head;
    if (size > a->max_bytes - a->used_bytes)
        return NULL;
    if (!b || size > b->size - b->used)
        b = grow(a, size);
    if (!b)
        return NULL;
    void *p = b->data + b->used;
    b->used += size;
    a->used_bytes += size;
    return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t total;
    return __builtin_mul_overflow(count, size, &total) ? NULL : arena_alloc(a, total);
}

struct str arena_str(struct arena *a, struct str s)
{
    char *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;
    if (!p)
        return STR_NONE;
    if (s.n)
        memcpy(p, s.p, s.n);
    return str_make(p, s.n);
}

void arena_reset(struct arena *a)
{
    while (a->head && a->head->next) {
        struct arena_block *next = a->head->next;
        free(a->head);
        a->head = next;
    }
    if (a->head)
        a->head->used = 0;
    a->used_bytes = 0;
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){a->head, a->head ? a->head->used : 0, a->used_bytes};
}

void arena_back(struct arena *a, struct arena_mark mark)
{
    while (a->head != mark.head) {
        struct arena_block *next = a->head->next;
        free(a->head);
        a->head = next;
    }
    if (a->head)
        a->head->used = mark.used;
    a->used_bytes = mark.used_bytes;
}

void arena_done(struct arena *a)
{
    arena_reset(a);
    free(a->head);
    a->head = NULL;
}

void arena_adopt(struct arena *to, struct arena *from)
{
    struct arena_block **tail = &to->head;
    while (*tail)
        tail = &(*tail)->next;
    *tail = from->head;
    to->used_bytes += from->used_bytes;
    to->max_bytes += from->used_bytes;
    from->head = NULL;
    from->used_bytes = 0;
}
