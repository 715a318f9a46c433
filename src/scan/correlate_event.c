/* Events as bytes: from a worker to the coordinator, and in the order in which they are judged. */
#include "base/hash.h"
#include "base/limits.h"
#include "base/rd.h"
#include "base/wr.h"
#include "match/fold.h"
#include "scan/correlate.h"

enum {
    HASH_HEX = 16,
    SEED = 11,
    VALUES_BYTES = LIMIT_LINE_BYTES + 64 * 1024 /* one of them before it is cut */
};

static void put(struct buf *b, uint64_t v, unsigned bytes)
{
    char p[8];
    for (unsigned i = 0; i < bytes; i++)
        p[i] = (char)(v >> 8 * (bytes - 1 - i));
    buf_add(b, p, bytes);
}

static uint64_t get(struct rd *r, unsigned bytes)
{
    struct str s = rd_slice(r, bytes);
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++)
        v = v << 8 | (unsigned char)s.p[i];
    return v;
}

/* Signed numbers in an order of unsigned ones. */
static uint64_t raised(int64_t v)
{
    return (uint64_t)v ^ (UINT64_C(1) << 63);
}

static int64_t lowered(uint64_t v)
{
    return (int64_t)(v ^ (UINT64_C(1) << 63));
}

static void put_text(struct buf *b, struct str s)
{
    s = str_sub(s, 0, UINT16_MAX);
    put(b, s.n, 2);
    buf_str(b, s);
}

static struct str get_text(struct rd *r)
{
    return rd_slice(r, (size_t)get(r, 2));
}

/* Two long values that begin alike stay two. Case is no difference, as nowhere in Sigma. */
void values_add(struct buf *b, struct str value)
{
    enum { KEPT = CORRELATE_VALUE_BYTES - HASH_HEX - 1 };
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX + 1];
    bool cut = value.n > CORRELATE_VALUE_BYTES;
    if (!value.p) {
        put(b, 0, 2);
        return;
    }
    put(b, (cut ? (uint64_t)CORRELATE_VALUE_BYTES : value.n) + 1, 2);
    char *to = buf_reserve(b, value.n);
    if (!to || !value.n)
        return;
    memcpy(to, value.p, value.n);
    fold_text(to, value.n);
    b->n += cut ? KEPT : value.n;
    if (!cut)
        return;
    sha256_of(str_make(to, value.n), digest);
    hex_of(digest, sizeof digest, hex);
    buf_putc(b, '#');
    buf_add(b, hex, HASH_HEX);
}

bool values_next(struct str *list, struct str *ret_value)
{
    struct rd r = rd_of(*list);
    size_t n = (size_t)get(&r, 2);
    *ret_value = n ? rd_slice(&r, n - 1) : STR_NONE;
    if (!list->n || r.rc)
        return false;
    *list = str_sub(*list, 2 + (n ? n - 1 : 0), list->n);
    return true;
}

bool values_valid(struct str list, size_t n)
{
    struct str value;
    size_t have = 0;
    while (values_next(&list, &value) && value.n <= CORRELATE_VALUE_BYTES)
        have++;
    return have == n && list.n == 0;
}

void event_write(struct buf *b, const struct event *e, bool by_value)
{
    buf_reset(b);
    put(b, e->correlation, 4);
    put(b, hash64(e->group, SEED), 4); /* groups in no order that somebody chose */
    put_text(b, e->group);
    if (by_value)
        put_text(b, e->value);
    put(b, raised(e->time_us), 8);
    put(b, e->file, 4);
    put(b, e->offset, 8);
    put(b, e->member, 1);
    put(b, e->flags, 1);
    put(b, e->attempt, 1);
    put(b, e->unit, 4);
    put(b, e->line, 8);
    put_text(b, e->host);
    put_text(b, e->client);
    if (!by_value)
        put_text(b, e->value);
    if (e->flags & EVENT_LINKED) {
        put(b, raised(e->prev_us), 8);
        put(b, raised(e->next_us), 8);
    }
}

enum err event_read(struct str record, bool by_value, struct event *e)
{
    struct rd r = rd_of(record);
    *e = (struct event){.correlation = (uint32_t)get(&r, 4)};
    (void)get(&r, 4);
    e->group = get_text(&r);
    if (by_value)
        e->value = get_text(&r);
    e->time_us = lowered(get(&r, 8));
    e->file = (uint32_t)get(&r, 4);
    e->offset = get(&r, 8);
    e->member = (uint8_t)get(&r, 1);
    e->flags = (uint8_t)get(&r, 1);
    e->attempt = (uint8_t)get(&r, 1);
    e->unit = (uint32_t)get(&r, 4);
    e->line = get(&r, 8);
    e->host = get_text(&r);
    e->client = get_text(&r);
    if (!by_value)
        e->value = get_text(&r);
    e->prev_us = e->next_us = TIME_NONE;
    if (e->flags & EVENT_LINKED) {
        e->prev_us = lowered(get(&r, 8));
        e->next_us = lowered(get(&r, 8));
    }
    return r.rc || rd_left(&r) ? ERR_BUG : OK;
}

void event_sink_init(struct event_sink *s, enum err (*send)(void *, struct str), void *ctx)
{
    *s = (struct event_sink){.send = send, .ctx = ctx};
    buf_init(&s->b, LIMIT_IPC_MESSAGE_BYTES);
    buf_init(&s->group, VALUES_BYTES);
    buf_init(&s->value, VALUES_BYTES);
}

void event_sink_done(struct event_sink *s)
{
    buf_done(&s->b);
    buf_done(&s->group);
    buf_done(&s->value);
}

enum err event_sink_flush(struct event_sink *s)
{
    enum err rc = s->b.n ? s->send(s->ctx, buf_view(&s->b)) : OK;
    buf_reset(&s->b);
    return rc;
}

enum err event_sink_add(struct event_sink *s, const struct event *e)
{
    if (s->group.rc || s->value.rc)
        return ERR_NOMEM;
    if (s->b.n > CORRELATE_MESSAGE)
        TRY(event_sink_flush(s));
    wr_u32(&s->b, e->correlation);
    wr_u8(&s->b, e->member);
    wr_u8(&s->b, e->flags);
    wr_u64(&s->b, (uint64_t)e->time_us);
    wr_u64(&s->b, e->offset);
    wr_u64(&s->b, e->line);
    wr_str(&s->b, buf_view(&s->group));
    wr_str(&s->b, buf_view(&s->value));
    wr_str(&s->b, str_sub(e->host, 0, CORRELATE_HOST_BYTES));
    wr_str(&s->b, str_sub(e->client, 0, CORRELATE_HOST_BYTES));
    return s->b.rc;
}
