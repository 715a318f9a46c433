#include "exposure/exposure_priv.h"

#include "base/hash.h"
#include "base/time.h"
#include "codec/charset.h"
#include "os/clock.h"

/* In the worker a file becomes observations, in the coordinator these join the fleet. */

enum { ADDRESS_SPACE_BYTES = 1024 * 1024 * 1024, FIELD_BYTES = 4096 };
enum record { RECORD_OBSERVATION, RECORD_GAP, RECORD_FOREIGN };

/* ---- in the worker ---- */

static void put_text(struct buf *b, struct str s)
{
    wr_str(b, str_sub(s, 0, FIELD_BYTES));
}

static enum err put_observation(void *ctx, const struct observation *o)
{
    struct errand_out *out = ctx;
    struct buf *b = &out->batch;
    wr_u8(b, RECORD_OBSERVATION);
    wr_u8(b, (uint8_t)o->kind);
    wr_u8(b, (uint8_t)o->precision);
    wr_u8(b, (uint8_t)o->facing);
    wr_u8(b, o->off);
    wr_u8(b, o->shown);
    for (int i = 0; i < 4; i++)
        wr_u32(b, (uint32_t)o->build.part[i]);
    wr_u64(b, (uint64_t)o->time_us);
    wr_u64(b, o->line);
    put_text(b, o->host);
    put_text(b, o->product);
    put_text(b, o->cve);
    put_text(b, o->what);
    put_text(b, o->site);
    put_text(b, o->owner);
    put_text(b, o->source);
    return errand_pace(out);
}

static enum err put_gap(void *ctx, uint64_t line, uint64_t offset, struct str reason,
                        struct str detail)
{
    struct errand_out *out = ctx;
    wr_u8(&out->batch, RECORD_GAP);
    wr_u64(&out->batch, line);
    wr_u64(&out->batch, offset);
    put_text(&out->batch, reason);
    put_text(&out->batch, detail);
    return errand_pace(out);
}

static enum err read_file(void *ctx, struct errand_out *out, struct str name, int file,
                          struct error *error)
{
    struct exposure_run *run = ctx;
    struct observe_sink sink = {put_observation, put_gap, out};
    bool asked = run->reply.host.p != NULL; /* then the server does not choose the format */
    struct observe_options options = {.map = run->options.map,
                                      .name = name,
                                      .format = asked ? STR("http") : run->options.format,
                                      .host = asked ? run->reply.host : run->options.host,
                                      .asked = asked,
                                      .asked_us = run->reply.time_us};
    struct stream *stream = NULL;
    TRY(stream_open_fd(file, &stream, error));
    bool foreign = false;
    enum err rc = observe_read(stream, &options, &sink, &out->bytes, &foreign, error);
    stream_close(stream);
    if (rc == ERR_FORMAT && foreign) {
        wr_u8(&out->batch, RECORD_FOREIGN);
        return OK;
    }
    return rc;
}

/* ---- in the coordinator ---- */

static enum err tell_gap(void *ctx, const struct errand_gap *gap)
{
    struct exposure_run *run = ctx;
    run->count.gaps++;
    return run->options.gap ? run->options.gap(run->options.ctx, gap) : OK;
}

/* Once a file. */
static enum err tell_nameless(struct exposure_run *run, struct str file)
{
    struct errand_gap gap = {.file = file,
                             .reason = OBSERVE_NO_HOST,
                             .detail = STR("neither it nor its folders name the host: --host")};
    uint64_t hash = hash64(file, 0);
    if (hash == run->nameless)
        return OK;
    run->nameless = hash;
    return tell_gap(run, &gap);
}

/* Whose it is: of an answer that was asked for, the host that was asked, whatever the worker says.
 */
static struct str host_of(struct exposure_run *run, struct str file, const struct observation *o)
{
    if (run->reply.host.p)
        return run->reply.host;
    return !o->host.n && run->options.place ? run->options.place(run->options.ctx, file) : o->host;
}

/* A clock that was never set (1601, 1970, 1980), or a slip of the pen; a build before its release.
 * As the newest of all it would decide for years; as one without a date it decides only where no
 * other has one. */
static enum err check_time(struct exposure_run *run, struct observation *o)
{
    const struct civil first = {.year = 1990, .month = 1, .day = 1};
    char day[32];
    struct buf text;
    int64_t latest = run->options.now_us + US_PER_DAY; /* zones differ */
    bool odd = o->time_us < time_of_civil(&first) || o->time_us > latest;
    bool early =
        !odd && o->kind == OBSERVED_BUILD && exposure_too_early(run, &o->build, o->time_us);
    if (o->time_us == TIME_NONE || (!odd && !early))
        return OK;
    buf_init(&text, FIELD_BYTES);
    buf_printf(&text, "line %llu: nobody saw it on %s%s: taken as undated",
               (unsigned long long)o->line, time_short(o->time_us, false, day),
               early ? ", before its release" : "");
    struct errand_gap gap = {.file = o->file, .reason = STR("bad-time"), .detail = buf_view(&text)};
    o->time_us = TIME_NONE;
    enum err rc = text.rc ? text.rc : tell_gap(run, &gap);
    buf_done(&text);
    return rc;
}

static enum err take_observation(struct exposure_run *run, struct str file, struct rd *r)
{
    struct observation o = {.kind = rd_u8(r), .file = file};
    o.precision = rd_u8(r);
    o.facing = rd_u8(r);
    o.off = rd_u8(r) != 0;
    o.shown = rd_u8(r) != 0;
    for (int i = 0; i < 4; i++)
        o.build.part[i] = (int32_t)rd_u32(r);
    o.time_us = (int64_t)rd_u64(r);
    o.line = rd_u64(r);
    o.host = rd_str(r);
    o.product = rd_str(r);
    o.cve = rd_str(r);
    o.what = rd_str(r);
    o.site = rd_str(r);
    o.owner = rd_str(r);
    o.source = rd_str(r);
    if (r->rc || o.kind >= OBSERVED_KINDS || o.precision >= PRECISIONS ||
        o.facing > FACING_INTERNET)
        return r->rc = ERR_FORMAT, OK;
    o.host = host_of(run, file, &o);
    run->reply.told = true;
    run->reply.exact |= build_exact(&o.build);
    if (!o.host.n)
        return tell_nameless(run, file);
    TRY(check_time(run, &o));
    return exposure_observe(run, &o);
}

static enum err take_gap(struct exposure_run *run, struct str file, struct rd *r)
{
    struct buf text;
    uint64_t line = rd_u64(r);
    struct errand_gap gap = {.file = file, .offset = rd_u64(r)};
    gap.reason = rd_str(r);
    struct str detail = rd_str(r);
    if (r->rc)
        return OK;
    buf_init(&text, 2 * FIELD_BYTES);
    if (line)
        buf_printf(&text, "line %llu: ", (unsigned long long)line);
    buf_str(&text, detail);
    gap.detail = buf_view(&text);
    enum err rc = text.rc ? text.rc : tell_gap(run, &gap);
    buf_done(&text);
    return rc;
}

static enum err tell_foreign(struct exposure_run *run, struct str file)
{
    return run->options.foreign ? run->options.foreign(run->options.ctx, file) : OK;
}

static enum err take_record(void *ctx, struct str file, struct rd *r)
{
    switch (rd_u8(r)) {
    case RECORD_OBSERVATION: return take_observation(ctx, file, r);
    case RECORD_GAP: return take_gap(ctx, file, r);
    case RECORD_FOREIGN: return tell_foreign(ctx, file);
    default: r->rc = ERR_FORMAT; return OK;
    }
}

static struct errand errand_of(struct exposure_run *run, const struct io_tree *tree)
{
    charset_prepare(); /* what the worker cannot load any more */
    return (struct errand){.tree = tree,
                           .address_space_bytes = ADDRESS_SPACE_BYTES,
                           .read = read_file,
                           .record = take_record,
                           .gap = tell_gap,
                           .ctx = run,
                           .interrupted = run->options.interrupted};
}

static enum err ended(struct exposure_run *run, const struct errand *errand, enum err rc,
                      struct error *error)
{
    run->count.bytes += errand->bytes;
    if (rc == ERR_LIMIT)
        return fail(error, ERR_LIMIT, "more hosts or observations than this program keeps");
    return rc;
}

enum err exposure_read(struct exposure_run *run, const struct io_tree *tree, struct error *error)
{
    struct errand errand = errand_of(run, tree);
    return ended(run, &errand, errand_run(&errand, error), error);
}

enum err exposure_take_answer(struct exposure_run *run, struct str host,
                              const struct ask_answer *answer, bool *ret_told, bool *ret_exact,
                              struct error *error)
{
    struct errand errand = errand_of(run, NULL);
    run->reply.host = host;
    run->reply.time_us = clock_wall_us();
    run->reply.told = run->reply.exact = false;
    enum err rc = errand_file(&errand, answer->url, answer->fd, error);
    *ret_told = run->reply.told;
    *ret_exact = run->reply.exact;
    run->reply.host = STR_NONE;
    return ended(run, &errand, rc, error);
}
