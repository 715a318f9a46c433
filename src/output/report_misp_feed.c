/* A folder that a MISP instance can read as a feed: manifest.json, the event, and hashes.csv, the
 * MD5 of each value, by which an instance looks whether it knows any of them. */
#include "output/report.h"
#include "output/report_misp.h"

enum { HASHES_BYTES = 256 * 1024 * 1024 };

struct feed {
    const struct report_folder *folder;
    struct misp_case c;
    struct buf hashes; /* hashes.csv */
    struct sha256 sha; /* of the event's file */
    bool hashing;
};

static enum err put(void *ctx, const void *p, size_t n)
{
    struct feed *f = ctx;
    if (f->hashing)
        sha256_add(&f->sha, p, n);
    return f->folder->write(f->folder->ctx, p, n);
}

static void value(void *ctx, struct str value)
{
    struct feed *f = ctx;
    unsigned char digest[MD5_BYTES];
    char hex[2 * MD5_BYTES + 1];
    if (!md5_of(value, digest))
        return;
    hex_of(digest, sizeof digest, hex);
    buf_puts(&f->hashes, hex);
    buf_putc(&f->hashes, ',');
    buf_puts(&f->hashes, f->c.event.uuid);
    buf_putc(&f->hashes, '\n');
}

/* One file: what fill writes into a sink. */
static enum err file(struct feed *f, const char *name, const char *suffix,
                     void (*fill)(struct feed *f, struct sink *s))
{
    char full[UUID_TEXT_BYTES + 16];
    struct sink s;
    (void)snprintf(full, sizeof full, "%s%s", name, suffix);
    TRY(f->folder->open(f->folder->ctx, str_of(full)));
    sink_init(&s, put, f);
    fill(f, &s);
    enum err rc = sink_flush(&s);
    sink_done(&s);
    enum err closed = f->folder->close(f->folder->ctx);
    return rc ? rc : closed;
}

static void event(struct feed *f, struct sink *s)
{
    struct arena values;
    arena_init(&values, (size_t)1 << 30);
    misp_init(&f->c.m, s, &values);
    f->c.m.value = value;
    f->c.m.ctx = f;
    misp_case_event(&f->c);
    enum err rc = f->c.share.veil.rc ? f->c.share.veil.rc : f->hashes.rc;
    f->c.m.rc = f->c.m.rc ? f->c.m.rc : rc;
    misp_done(&f->c.m);
    arena_done(&values);
}

static void hashes(struct feed *f, struct sink *s)
{
    const size_t piece = SINK_FLUSH_BYTES;
    for (size_t i = 0; i < f->hashes.n; i += piece) {
        buf_str(&s->out, str_sub(buf_view(&f->hashes), i, i + piece));
        sink_pace(s);
    }
}

static void manifest(struct feed *f, struct sink *s)
{
    struct misp *m = &f->c.m;
    const struct misp_event *e = &f->c.event;
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX + 1], day[32];
    sha256_end(&f->sha, digest);
    hex_of(digest, sizeof digest, hex);
    misp_init(m, s, NULL);
    json_object(&m->j, NULL);
    json_object(&m->j, e->uuid);
    json_str(&m->j, "info", e->info);
    misp_org(m, "Orgc");
    json_text(&m->j, "analysis", e->analysis);
    misp_case_tags(&f->c);
    misp_seconds(m, "timestamp", e->time_us);
    json_text(&m->j, "date",
              time_printable(e->day_us) ? time_short(e->day_us, false, day) : "1970-01-01");
    json_text(&m->j, "threat_level_id", e->threat_level);
    json_text(&m->j, "integrity:sha256", hex);
    json_end(&m->j);
    json_end(&m->j);
    json_line(&m->j);
    misp_done(m);
}

/* The manifest last: whoever reads it finds what it names. */
static enum err write_all(struct feed *f)
{
    TRY(sha256_init(&f->sha));
    f->hashing = true;
    enum err rc = file(f, f->c.event.uuid, ".json", event);
    f->hashing = false;
    rc = rc ? rc : file(f, "hashes", ".csv", hashes);
    rc = rc ? rc : file(f, "manifest", ".json", manifest);
    sha256_done(&f->sha);
    return rc;
}

enum err report_misp_feed_write(const struct report_folder *folder, const struct report *report,
                                struct error *error)
{
    struct feed f = {.folder = folder};
    buf_init(&f.hashes, HASHES_BYTES);
    enum err rc = misp_case_open(&f.c, report, true, error);
    if (!rc && (rc = write_all(&f)))
        rc = fail(error, rc, "the feed was not written");
    misp_case_close(&f.c);
    buf_done(&f.hashes);
    return rc;
}
