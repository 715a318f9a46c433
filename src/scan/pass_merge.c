#include "base/hash.h"
#include "base/limits.h"
#include "scan/file_event.h"
#include "scan/pass.h"

enum { MAX_FILE_PARTS = 4096 };

static enum err merge_hours(struct arena *arena, struct file_fact *to, const struct file_fact *add)
{
    struct hour_count *all = arena_new_n(arena, struct hour_count, to->n_hours + add->n_hours + 1);
    size_t a = 0, b = 0, n = 0;
    if (!all)
        return ERR_NOMEM;
    while (a < to->n_hours || b < add->n_hours) {
        bool from_a =
            b == add->n_hours || (a < to->n_hours && to->hour[a].hour <= add->hour[b].hour);
        struct hour_count h = from_a ? to->hour[a++] : add->hour[b++];
        if (n && all[n - 1].hour == h.hour)
            all[n - 1].records += h.records;
        else
            all[n++] = h;
    }
    to->hour = all;
    to->n_hours = n;
    return OK;
}

static enum err merge_builds(struct arena *arena, struct file_fact *to, const struct file_fact *add)
{
    struct build_seen *all =
        arena_new_n(arena, struct build_seen, to->n_builds + add->n_builds + 1);
    if (!all)
        return ERR_NOMEM;
    if (to->n_builds)
        memcpy(all, to->build, to->n_builds * sizeof *all);
    for (size_t i = 0; i < add->n_builds; i++) {
        size_t k = 0;
        while (k < to->n_builds && build_cmp(&all[k].build, &add->build[i].build) != 0)
            k++;
        if (k == to->n_builds)
            all[to->n_builds++] = add->build[i];
        if (add->build[i].first_us < all[k].first_us)
            all[k].first_us = add->build[i].first_us;
        if (add->build[i].last_us > all[k].last_us)
            all[k].last_us = add->build[i].last_us;
    }
    to->build = all;
    return OK;
}

enum err fact_add(struct arena *arena, struct file_fact *to, const struct file_fact *add)
{
    to->records += add->records;
    to->unparsed += add->unparsed;
    to->about_unparsed += add->about_unparsed;
    if (add->first_us != TIME_NONE && (to->first_us == TIME_NONE || add->first_us < to->first_us))
        to->first_us = add->first_us;
    if (add->last_us != TIME_NONE && (to->last_us == TIME_NONE || add->last_us > to->last_us))
        to->last_us = add->last_us;
    to->seen_dossiers |= add->seen_dossiers;
    to->sampled_clients += add->sampled_clients;
    to->private_clients += add->private_clients;
    to->sampled |= add->sampled;
    TRY(merge_builds(arena, to, add));
    return merge_hours(arena, to, add);
}

static bool same_log(const struct file_fact *f, struct str host, const struct unit_result *res)
{
    return str_eq(f->kind, res->fact.kind) &&
           (!host.n || !res->row_host.n || str_ieq(host, res->row_host));
}

/* Adds what a unit tells of one host and kind to what its file has told of them. */
enum err pass_merge_part(struct pass *p, struct pass_file *f, const struct unit_result *res)
{
    struct file_part **at = &f->part;
    if (f->touched && same_log(&f->fact, f->row_host, res)) {
        f->row_host = f->row_host.n ? f->row_host : res->row_host;
        return fact_add(p->arena, &f->fact, &res->fact);
    }
    while (*at && !same_log(&(*at)->fact, (*at)->row_host, res))
        at = &(*at)->next;
    if (*at)
        return fact_add(p->arena, &(*at)->fact, &res->fact);
    if (f->n_parts == MAX_FILE_PARTS)
        return OK; /* some thousand hosts: the segments have told that not all are told apart */
    if (!(*at = arena_new(p->arena, struct file_part)))
        return ERR_NOMEM;
    **at = (struct file_part){NULL, res->fact, res->row_host};
    (*at)->fact.path = f->fact.path;
    f->n_parts++;
    return OK;
}

/* Adds a segment's facts to its file's. */
enum err pass_merge_fact(struct pass *p, struct pass_file *f, const struct unit_result *res)
{
    struct file_fact *to = &f->fact;
    if (!f->touched) {
        struct str path = to->path;
        uint32_t file = to->file;
        *to = res->fact;
        to->path = path;
        to->file = file;
        to->lines = res->lines;
        f->row_host = res->row_host;
        f->recognised = res->recognised;
        f->touched = true;
        return OK;
    }
    to->bytes += res->fact.bytes;
    to->lines += res->lines;
    return pass_merge_part(p, f, res);
}

struct hit pass_file_hit(const struct pass *p, const struct facts *facts, uint32_t rule,
                         uint32_t file, struct str text)
{
    const struct listed *in = p->file[file].in;
    const struct file_fact *f = &facts->file[file];
    int64_t time_us = listed_time(in);
    return (struct hit){
        .rule = rule,
        .file = file,
        .count = 1,
        .first_us = time_us,
        .last_us = time_us,
        .event = true,
        .host = f->host,
        .kind = STR(KIND_FILE),
        .field = {{STR("TargetFilename"), listed_path(in)}, {STR("sha256"), str_of(f->sha256)}},
        .n_fields = 2,
        .evidence = str_sub(text, 0, LIMIT_EVIDENCE_LINE_BYTES),
        .line_bytes = (uint32_t)text.n};
}

enum err pass_add_file_hit(struct pass *p, struct hit *hit)
{
    const struct file_fact *f = &p->file[hit->file].fact;
    struct buf b;
    buf_init(&b, FILE_IDENTITY_BYTES);
    file_identity(&b, hit->field[0].value, str_of(f->sha256), f->bytes);
    enum err rc = b.rc;
    sha256_of(buf_view(&b), hit->raw_sha256);
    uint64_t key = hash64(buf_view(&b), hash64(hit->host, hit->rule + 1));
    buf_done(&b);
    if (hit->first_us != TIME_NONE)
        few_add(&hit->hours, few_of_hour(time_hour(hit->first_us)));
    return rc ? rc : hits_add(&p->hits, key, hit);
}
