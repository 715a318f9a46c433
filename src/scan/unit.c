#include "scan/unit.h"

#include "base/limits.h"
#include "base/wr.h"

#define FAR_US (10000 * 366 * US_PER_DAY)

static void state_write(struct buf *b, const struct log_state *s)
{
    buf_add(b, s, sizeof *s); /* no pointers: see model/record.h */
}

/* A state from another process: the indices must stay inside the tables they index. */
static enum err state_read(struct rd *r, struct log_state *s)
{
    struct str raw = rd_slice(r, sizeof *s);
    if (raw.n != sizeof *s)
        return ERR_FORMAT;
    memcpy(s, raw.p, sizeof *s);
    if (s->columns > LIMIT_FIELDS || s->name_at[0] != 0)
        return ERR_FORMAT;
    for (uint16_t i = 0; i < s->columns; i++)
        if (s->name_at[i + 1] < s->name_at[i] || s->name_at[i + 1] > NAMES_BYTES)
            return ERR_FORMAT;
    s->kind[KIND_BYTES - 1] = 0;
    s->host[HOST_BYTES - 1] = 0;
    s->version[sizeof s->version - 1] = 0;
    return OK;
}

void unit_write(struct buf *b, const struct unit *u)
{
    wr_u32(b, u->id);
    wr_u32(b, u->file);
    wr_u64(b, u->from);
    wr_u64(b, u->to);
    wr_u32(b, u->first_member);
    wr_u32(b, u->n_members);
    wr_u8(b, u->hash);
    wr_u8(b, u->about);
    wr_u8(b, u->archive);
    wr_u8(b, u->asked);
    wr_u8(b, u->known_state);
    wr_str(b, u->path);
    wr_str(b, u->host);
    wr_str(b, u->file_host);
    wr_u64(b, (uint64_t)u->times.created_us);
    wr_u64(b, (uint64_t)u->times.modified_us);
    wr_u64(b, (uint64_t)u->times.changed_us);
    wr_u64(b, (uint64_t)u->collected_us);
    if (u->known_state)
        state_write(b, &u->state);
}

enum err unit_read(struct rd *r, struct unit *u)
{
    *u = (struct unit){0};
    u->id = rd_u32(r);
    u->file = rd_u32(r);
    u->from = rd_u64(r);
    u->to = rd_u64(r);
    u->first_member = rd_u32(r);
    u->n_members = rd_u32(r);
    u->hash = rd_u8(r);
    u->about = rd_u8(r);
    u->archive = rd_u8(r);
    u->asked = rd_u8(r);
    u->known_state = rd_u8(r);
    u->path = rd_str(r);
    u->host = rd_str(r);
    u->file_host = rd_str(r);
    u->times.created_us = (int64_t)rd_u64(r);
    u->times.modified_us = (int64_t)rd_u64(r);
    u->times.changed_us = (int64_t)rd_u64(r);
    u->collected_us = (int64_t)rd_u64(r);
    if (u->known_state)
        TRY(state_read(r, &u->state));
    return r->rc;
}

void result_write(struct buf *b, const struct unit_result *res)
{
    const struct file_fact *f = &res->fact;
    wr_u32(b, res->id);
    wr_u8(b, res->recognised);
    wr_str(b, f->kind);
    wr_str(b, res->row_host);
    wr_u64(b, res->lines);
    wr_u64(b, f->bytes);
    wr_u64(b, f->records);
    wr_u64(b, f->unparsed);
    wr_u64(b, f->about_unparsed);
    wr_u64(b, (uint64_t)f->first_us);
    wr_u64(b, (uint64_t)f->last_us);
    wr_u64(b, f->seen_dossiers);
    wr_u32(b, f->sampled_clients);
    wr_u32(b, f->private_clients);
    wr_u8(b, f->sampled);
    wr_u8(b, f->packed);
    wr_str(b, str_of(f->sha256));
    wr_u32(b, (uint32_t)f->n_hours);
    for (size_t i = 0; i < f->n_hours; i++) {
        wr_u64(b, (uint64_t)f->hour[i].hour);
        wr_u64(b, f->hour[i].records);
    }
    wr_u32(b, (uint32_t)f->n_builds);
    for (size_t i = 0; i < f->n_builds; i++) {
        for (int k = 0; k < 4; k++)
            wr_u32(b, (uint32_t)f->build[i].build.part[k]);
        wr_u64(b, (uint64_t)f->build[i].first_us);
        wr_u64(b, (uint64_t)f->build[i].last_us);
    }
    wr_u32(b, (uint32_t)f->column.n);
    for (size_t i = 0; i < f->column.n; i++)
        wr_str(b, f->column.v[i]);
    wr_u8(b, res->segment);
    if (res->segment) {
        state_write(b, &res->begin);
        state_write(b, &res->end);
    }
}

/* Within the years that a log can name. */
static bool sane_time(int64_t us)
{
    return us == TIME_NONE || (us > -FAR_US && us < FAR_US);
}

static enum err keep(struct arena *arena, struct str *s)
{
    if (s->p)
        *s = arena_str(arena, *s);
    return s->p ? OK : ERR_NOMEM;
}

static enum err hours_read(struct rd *r, struct arena *arena, struct file_fact *f)
{
    f->n_hours = rd_u32(r);
    if (f->n_hours > UNIT_MAX_HOURS || f->n_hours > rd_left(r) / 16)
        return ERR_FORMAT;
    f->hour = arena_new_n(arena, struct hour_count, f->n_hours + 1);
    for (size_t i = 0; f->hour && i < f->n_hours; i++) {
        f->hour[i].hour = (int64_t)rd_u64(r);
        f->hour[i].records = rd_u64(r);
        if (f->hour[i].hour <= -time_hour(FAR_US) || f->hour[i].hour >= time_hour(FAR_US) ||
            (i && f->hour[i].hour <= f->hour[i - 1].hour))
            return ERR_FORMAT;
    }
    return f->hour ? OK : ERR_NOMEM;
}

static enum err builds_read(struct rd *r, struct arena *arena, struct file_fact *f)
{
    f->n_builds = rd_u32(r);
    if (f->n_builds > UNIT_MAX_BUILDS)
        return ERR_FORMAT;
    f->build = arena_new_n(arena, struct build_seen, f->n_builds + 1);
    for (size_t i = 0; f->build && i < f->n_builds; i++) {
        for (int k = 0; k < 4; k++)
            f->build[i].build.part[k] = (int32_t)rd_u32(r);
        f->build[i].first_us = (int64_t)rd_u64(r);
        f->build[i].last_us = (int64_t)rd_u64(r);
        if (!sane_time(f->build[i].first_us) || !sane_time(f->build[i].last_us))
            return ERR_FORMAT;
    }
    return f->build ? OK : ERR_NOMEM;
}

static enum err columns_read(struct rd *r, struct arena *arena, struct file_fact *f)
{
    f->column.n = rd_u32(r);
    if (f->column.n > UNIT_MAX_COLUMNS)
        return ERR_FORMAT;
    f->column.v = arena_new_n(arena, struct str, f->column.n + 1);
    if (!f->column.v)
        return ERR_NOMEM;
    for (size_t i = 0; i < f->column.n; i++) {
        f->column.v[i] = rd_str(r);
        TRY(keep(arena, &f->column.v[i]));
    }
    return OK;
}

enum err result_read(struct rd *r, struct arena *arena, struct unit_result *res)
{
    struct file_fact *f = &res->fact;
    *res = (struct unit_result){0};
    res->id = rd_u32(r);
    res->recognised = rd_u8(r);
    f->kind = rd_str(r);
    res->row_host = rd_str(r);
    res->lines = rd_u64(r);
    f->bytes = rd_u64(r);
    f->records = rd_u64(r);
    f->unparsed = rd_u64(r);
    f->about_unparsed = rd_u64(r);
    f->first_us = (int64_t)rd_u64(r);
    f->last_us = (int64_t)rd_u64(r);
    f->seen_dossiers = rd_u64(r);
    f->sampled_clients = rd_u32(r);
    f->private_clients = rd_u32(r);
    f->sampled = rd_u8(r);
    f->packed = rd_u8(r);
    struct str sha = rd_str(r);
    if (sha.n > 64 || !sane_time(f->first_us) || !sane_time(f->last_us))
        return ERR_FORMAT;
    if (sha.n)
        memcpy(f->sha256, sha.p, sha.n);
    TRY(keep(arena, &f->kind));
    TRY(keep(arena, &res->row_host));
    TRY(hours_read(r, arena, f));
    TRY(builds_read(r, arena, f));
    TRY(columns_read(r, arena, f));
    res->segment = rd_u8(r);
    if (res->segment) {
        TRY(state_read(r, &res->begin));
        TRY(state_read(r, &res->end));
    }
    return r->rc;
}

void gap_write(struct buf *b, uint32_t file, uint64_t offset, struct str reason, struct str detail)
{
    wr_u32(b, file);
    wr_u64(b, offset);
    wr_str(b, reason);
    wr_str(b, detail);
}

enum err gap_read(struct rd *r, uint32_t *ret_file, struct gap *ret_gap)
{
    *ret_gap = (struct gap){0};
    *ret_file = rd_u32(r);
    ret_gap->offset = rd_u64(r);
    ret_gap->reason = str_sub(rd_str(r), 0, UNIT_DETAIL_BYTES);
    ret_gap->detail = str_sub(rd_str(r), 0, UNIT_DETAIL_BYTES);
    return r->rc || !ret_gap->reason.p ? ERR_FORMAT : OK;
}

void event_count_write(struct buf *b, const struct event_count *c)
{
    wr_u32(b, c->channel);
    wr_u32(b, c->id);
    wr_u64(b, c->n);
}

enum err event_count_read(struct rd *r, size_t n_channels, struct event_count *ret)
{
    *ret = (struct event_count){.channel = rd_u32(r)};
    ret->id = rd_u32(r);
    ret->n = rd_u64(r);
    return r->rc || ret->channel >= n_channels ? ERR_FORMAT : OK;
}
