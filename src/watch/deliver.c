#include "watch/deliver.h"

#include "base/hash.h"
#include "os/folder.h"
#include "os/io.h"
#include "watch/deliver_priv.h"

/* How to add a channel: docs/how-to/add-a-channel.md. One file, one line here. */
const struct channel_type channel_types[] = {
    {"webhook", " https http ", false, true, false, webhook_render, webhook_send},
    {"mail", " smtp smtps ", true, true, false, mail_render, mail_send},
    {"syslog", " udp tcp unix ", false, false, false, syslog_render, syslog_send},
    {"alertmanager", " https http ", false, true, true, alertmanager_render, alertmanager_send},
    {NULL, NULL, false, false, false, NULL, NULL},
};

#define LIST_BYTES ((size_t)128 << 20)

enum { NAME_BYTES = 160, SHOWN_POSTS = 50, SHOWN_ITEMS = 200, SHOWN_SITES = 100 };

/* Zeros in front, so that names of files stand in order of time. */
static void file_name(const struct parcel *p, struct str channel, char ret_name[NAME_BYTES])
{
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX + 1];
    sha256_of(str_of(p->id), digest);
    hex_of(digest, 8, hex);
    (void)snprintf(ret_name, NAME_BYTES, "%020lld-%.*s-%s", (long long)p->first_us,
                   STR_FMT(channel), hex);
}

/* Posts with a snippet, and the first of the others. */
static enum err shorten(struct arena *arena, const struct alert *a, struct alert *ret_alert)
{
    struct alert_post *post = arena_new_n(arena, struct alert_post, SHOWN_POSTS + 1);
    size_t n = 0, others = 0;
    *ret_alert = *a;
    if (!post)
        return ERR_NOMEM;
    for (size_t i = 0; i < a->n_posts && n < SHOWN_POSTS; i++) {
        if (!a->post[i].snippet.p && others++ >= SHOWN_POSTS - ALERT_SNIPPETS)
            continue;
        post[n++] = a->post[i];
    }
    ret_alert->post = post;
    ret_alert->n_posts = n;
    ret_alert->n_items = a->n_items < SHOWN_ITEMS ? a->n_items : SHOWN_ITEMS;
    ret_alert->n_sites = a->n_sites < SHOWN_SITES ? a->n_sites : SHOWN_SITES;
    return OK;
}

static enum err post_one(const struct channel *c, const struct alert *a, struct str spool,
                         struct error *error)
{
    char name[NAME_BYTES];
    struct buf body, file;
    struct parcel p = {.channel = c->name, .first_us = a->time_us, .next_us = 0};
    (void)snprintf(p.id, sizeof p.id, "%.64s-%lld", a->id, (long long)(a->time_us / US_PER_S));
    buf_init(&body, DELIVER_BODY_BYTES);
    buf_init(&file, (size_t)2 * DELIVER_BODY_BYTES);
    enum err rc = c->type->render(&body, c, a);
    rc = rc ? rc : body.rc;
    p.body = buf_view(&body);
    parcel_write(&file, &p);
    rc = rc ? rc : file.rc;
    if (rc)
        rc = fail(error, rc, "an alert cannot be written for '%.*s'", STR_FMT(c->name));
    file_name(&p, c->name, name);
    if (!rc)
        rc = file_replace(spool, str_of(name), buf_view(&file), error);
    buf_done(&file);
    buf_done(&body);
    return rc;
}

static size_t channel_of(const struct channels *channels, struct str name)
{
    size_t i = 0;
    while (i < channels->n && !str_eq(channels->v[i].name, name))
        i++;
    return i;
}

/* Of the files of a spool, what will still be sent, and what will not. */
struct held {
    size_t waiting, given_up, others;
};

static enum err hold(const struct channels *channels, struct str spool, struct str name,
                     struct arena *arena, struct held *held, struct error *error)
{
    struct str text;
    struct parcel p;
    enum err rc = file_read(arena, spool, name, (size_t)2 * DELIVER_BODY_BYTES, &text, error);
    if (rc == ERR_NOT_FOUND)
        return OK;
    if (rc && rc != ERR_LIMIT && rc != ERR_FORMAT)
        return rc;
    if (rc || !parcel_read(text, &p) || channel_of(channels, p.channel) == channels->n)
        held->others++;
    else if (p.tries >= DELIVER_TRIES)
        held->given_up++;
    else
        held->waiting++;
    return OK;
}

/* What is not sent any more takes nobody's place; it is read only where there are many files. */
static enum err room(const struct channels *channels, struct str spool, size_t more,
                     struct error *error)
{
    struct arena list, one;
    struct str *names;
    struct held held = {0};
    size_t max = channels->max_waiting ? channels->max_waiting : DELIVER_PARCELS;
    size_t n = 0;
    arena_init(&list, LIST_BYTES);
    arena_init(&one, (size_t)4 * DELIVER_BODY_BYTES);
    enum err rc = folder_list(&list, spool, DELIVER_FILES, &names, &n, error);
    bool many = !rc && n + more > max;
    for (size_t i = 0; many && i < n && !rc; i++) {
        rc = hold(channels, spool, names[i], &one, &held, error);
        arena_reset(&one);
    }
    arena_done(&one);
    arena_done(&list);
    if (!rc && many && (held.waiting + more > max || n + more > DELIVER_FILES))
        rc = fail(error, ERR_LIMIT,
                  "the spool holds %zu parcels that wait and takes no more than %zu; beside them "
                  "%zu that were given up and %zu files that are for no channel",
                  held.waiting, max, held.given_up, held.others);
    return rc;
}

enum err deliver_post(const struct channels *channels, const struct alert *alert, size_t n,
                      struct str spool, struct error *error)
{
    struct arena arena;
    if (!n || !channels->n)
        return OK;
    TRY(folder_make(spool, error));
    TRY(room(channels, spool, n * channels->n, error));
    arena_init(&arena, 1 << 20);
    enum err rc = OK;
    for (size_t i = 0; i < n && !rc; i++) {
        struct alert shown;
        rc = shorten(&arena, &alert[i], &shown);
        for (size_t k = 0; k < channels->n && !rc; k++)
            if (!channels->v[k].mine || alert[i].customer.p)
                rc = post_one(&channels->v[k], &shown, spool, error);
        arena_reset(&arena);
    }
    arena_done(&arena);
    return rc;
}

/* A run over the spool. */
struct run {
    const struct channels *channels;
    struct str spool;
    const struct deliver_options *options;
    struct deliver_count *count;
    struct arena arena;            /* of one parcel */
    bool failed[DELIVER_CHANNELS]; /* in this run */
};

static int64_t pause_us(uint64_t tries)
{
    int64_t pause = DELIVER_FIRST_US;
    for (uint64_t i = 1; i < tries && pause < DELIVER_PAUSE_US; i++)
        pause *= 2;
    return pause < DELIVER_PAUSE_US ? pause : DELIVER_PAUSE_US;
}

static enum err write_back(struct run *r, const struct parcel *p, struct str name,
                           struct error *error)
{
    struct buf file;
    buf_init(&file, (size_t)2 * DELIVER_BODY_BYTES);
    parcel_write(&file, p);
    enum err rc = file.rc ? fail(error, file.rc, "a parcel cannot be written")
                          : file_replace(r->spool, name, buf_view(&file), error);
    buf_done(&file);
    return rc;
}

static void tell_problem(struct run *r, const struct parcel *p, struct str why)
{
    if (r->options->problem)
        r->options->problem(r->options->ctx, p->channel, why);
}

static enum err put_off(struct run *r, struct parcel *p, struct str name, const struct error *why,
                        struct error *error)
{
    char text[160];
    p->tries++;
    p->next_us = r->options->now_us + pause_us(p->tries);
    r->count->waiting++;
    tell_problem(r, p, str_of(why->text));
    if (p->tries == DELIVER_TRIES) {
        (void)snprintf(text, sizeof text, "alert %.64s is given up after %d tries", p->id,
                       DELIVER_TRIES);
        tell_problem(r, p, str_of(text));
    }
    return write_back(r, p, name, error);
}

static enum deliver_episode episode_of(const struct run *r, const struct channel *c,
                                       const struct parcel *p)
{
    struct str id = str_sub(str_of(p->id), 0, SHA256_HEX);
    if (!c->type->stands || !r->options->episode)
        return EPISODE_UNKNOWN;
    return r->options->episode(r->options->ctx, id);
}

/* It has arrived. While its alert goes on it stays, and is sent again. */
static enum err arrived(struct run *r, struct parcel *p, struct str name,
                        enum deliver_episode episode, struct error *error)
{
    r->count->sent++;
    if (p->over || episode == EPISODE_UNKNOWN)
        return file_remove(r->spool, name, error);
    r->count->standing++;
    p->standing = true;
    p->tries = 0;
    p->next_us = r->options->now_us + DELIVER_STANDING_US;
    return write_back(r, p, name, error);
}

static enum err send_one(struct run *r, size_t i, struct parcel *p, struct str name,
                         struct error *error)
{
    const struct channel *c = &r->channels->v[i];
    struct error why = {0};
    enum deliver_episode episode = episode_of(r, c, p);
    if (p->standing && episode == EPISODE_UNKNOWN) /* it ends there by itself */
        return file_remove(r->spool, name, error);
    /* What is over before it was ever told is told first. */
    p->over = p->standing && episode == EPISODE_OVER;
    if (r->failed[i] || (!p->over && p->next_us > r->options->now_us) ||
        (p->tries && p->next_us > r->options->now_us)) {
        r->count->standing += p->standing;
        r->count->waiting += !p->standing;
        return OK;
    }
    enum err rc = c->type->send(c, p, r->options->now_us, &why);
    if (!rc)
        return arrived(r, p, name, episode, error);
    r->failed[i] = rc != ERR_FORMAT;
    return put_off(r, p, name, &why, error);
}

static enum err one(struct run *r, struct str name, struct error *error)
{
    struct str text;
    struct parcel p;
    enum err rc =
        file_read(&r->arena, r->spool, name, (size_t)2 * DELIVER_BODY_BYTES, &text, error);
    if (rc == ERR_NOT_FOUND)
        return OK; /* another run sent it */
    if (rc && rc != ERR_LIMIT && rc != ERR_FORMAT)
        return rc;
    if (rc || !parcel_read(text, &p)) {
        r->count->broken++;
        return OK;
    }
    size_t i = channel_of(r->channels, p.channel);
    if (i == r->channels->n) {
        r->count->orphans++;
        return OK;
    }
    if (p.tries >= DELIVER_TRIES) {
        r->count->given_up++;
        return OK;
    }
    return send_one(r, i, &p, name, error);
}

enum err deliver_run(const struct channels *channels, struct str spool,
                     const struct deliver_options *options, struct deliver_count *ret_count,
                     struct error *error)
{
    struct run r = {.channels = channels, .spool = spool, .options = options, .count = ret_count};
    struct arena list;
    struct str *name;
    size_t n = 0;
    *ret_count = (struct deliver_count){0};
    arena_init(&list, LIST_BYTES);
    arena_init(&r.arena, (size_t)4 * DELIVER_BODY_BYTES);
    int lock = -1;
    enum err rc = folder_lock(spool, &lock, error);
    if (rc == ERR_AGAIN) { /* another run is sending what is there */
        arena_done(&r.arena);
        arena_done(&list);
        return OK;
    }
    if (!rc)
        rc = folder_list(&list, spool, DELIVER_FILES, &name, &n, error);
    if (rc == ERR_NOT_FOUND)
        rc = OK; /* nothing was ever posted */
    for (size_t i = 0; i < n && !rc; i++) {
        if (options->interrupted && *options->interrupted)
            break;
        rc = one(&r, name[i], error);
        arena_reset(&r.arena);
    }
    io_close(lock);
    arena_done(&r.arena);
    arena_done(&list);
    return rc;
}
