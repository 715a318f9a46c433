#include "base/limits.h"
#include "scan/file_event.h"
#include "scan/sweep_priv.h"

/* A file as one event: what it is called, what it is, when it came to be. Rules ask it as they ask
 * the events of a log (data/events.yaml, channel tocsin/file). */

enum { SHELL_BYTES = 96 * 1024 * 1024 }; /* what judging a large page may take */

struct sweep_file {
    struct maker maker;
    struct arena scratch;
};

struct sweep_file *sweep_file_new(void)
{
    struct sweep_file *f = calloc(1, sizeof *f);
    if (f) {
        maker_init(&f->maker);
        arena_init(&f->scratch, SHELL_BYTES);
    }
    return f;
}

struct sweep_file *sweep_file_free(struct sweep_file *f)
{
    if (f) {
        maker_done(&f->maker);
        arena_done(&f->scratch);
        free(f);
    }
    return NULL;
}

/* ---- names ---- */

/* u_ex210301.log, system.log.3, access.log-20210301, u_ex210301_x.log.gz */
static bool is_log_name(struct str name)
{
    static const char *const packed[] = {".gz", ".xz", ".zst", ".bz2"};
    static const char *const endings[] = {".log", ".evtx", ".evt", ".etl"};
    struct str ending = path_ending(name);
    for (size_t i = 0; i < ARRAY_LEN(packed); i++)
        if (str_ieq(ending, str_of(packed[i])))
            return is_log_name(str_sub(name, 0, name.n - ending.n));
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (str_ieq(ending, str_of(endings[i])))
            return true;
    return str_ifind(name, STR(".log.")) > 0 || str_ifind(name, STR(".log-")) > 0;
}

static bool in_log_folder(struct str path)
{
    static const char *const folders[] = {"logfiles", "logging", "winevt"};
    for (struct str rest = path, part; rest.n;) {
        size_t n = 0;
        while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '\\')
            n++;
        part = str_sub(rest, 0, n);
        rest = str_sub(rest, n + 1, rest.n);
        for (size_t i = 0; rest.n && i < ARRAY_LEN(folders); i++)
            if (str_ieq(part, str_of(folders[i])))
                return true;
    }
    return false;
}

/* Would people take it for a log? Whoever names a file of text or a pipe mostly does. */
static bool looks_like_log(const struct unit *u)
{
    static const char *const texts[] = {"", ".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml"};
    struct str ending = path_ending(path_name(u->path));
    bool text = false;
    for (size_t i = 0; u->asked && i < ARRAY_LEN(texts); i++)
        text |= str_ieq(ending, str_of(texts[i]));
    return text || is_log_name(path_name(u->path)) || in_log_folder(u->path);
}

/* The time that a rule's finding gets: when the file came to be, else when it was last written. */
static int64_t time_of(const struct file_times *t)
{
    return t->created_us != TIME_NONE ? t->created_us : t->modified_us;
}

/* A file whose times were set back is still changed lately: the latest counts. */
static bool outside(const struct sweep *s, const struct file_times *t)
{
    int64_t latest = t->created_us;
    if (t->modified_us != TIME_NONE && (latest == TIME_NONE || t->modified_us > latest))
        latest = t->modified_us;
    if (t->changed_us != TIME_NONE && (latest == TIME_NONE || t->changed_us > latest))
        latest = t->changed_us;
    return sweep_outside(s, latest);
}

static enum err no_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.*s", STR_FMT(str_sub(reason, 0, sizeof text - 1)));
    return sweep_gap(ctx, offset, text, detail);
}

/* Is its hash on a list that is too long for indicators? */
static enum err tell_wanted(struct sweep *s, struct str host, const struct row_place *place)
{
    const struct hash_lists *wanted = s->set->wanted;
    const struct digests *d = &s->look.digests;
    enum digest_kind kind;
    uint32_t number, line = 0;
    char hex[2 * DIGEST_MAX_BYTES + 1], at[16];
    if (!wanted || !digest_set_find_any(wanted->set, d, &kind, &number) ||
        number < HASH_LISTS_FIRST_NUMBER) /* an indicator's own: found in the event */
        return OK;
    const struct hash_list *list = hash_lists_where(wanted, number, &line);
    hex_of(d->bytes[kind], digest_bytes(kind), hex);
    (void)snprintf(at, sizeof at, "%u", line);
    struct buf b;
    buf_init(&b, LIMIT_EVIDENCE_LINE_BYTES);
    buf_printf(&b, "%s %s of %.*s", digest_name(kind), hex,
               STR_FMT(str_sub(s->unit->path, 0, 1024)));
    struct own_finding found = {
        .rule = OWN_HASH_LISTED,
        .host = host,
        .place = place,
        .field = {{STR("TargetFilename"), s->unit->path},
                  {STR("sha256"), str_of(s->look.sha256)},
                  {STR("List"), list ? list->file : STR("")},
                  {STR("Line"), str_of(at)}},
        .evidence = buf_view(&b),
    };
    enum err rc = b.rc ? b.rc : sweep_own(s, &found);
    buf_done(&b);
    return rc;
}

static enum err judge_it(struct sweep *s, struct str host)
{
    struct maker *m = &s->file->maker;
    struct rows_sink sink = {.rows = sweep_events_take, .gap = no_gap, .ctx = s};
    struct row_place place = {.time_us = time_of(&s->unit->times)};
    maker_open(m, &sink);
    maker_begin(m);
    struct file_told told;
    TRY(file_event_tell(s, m, &s->file->scratch, host, &told));
    if (told.unread)
        TRY(sweep_gap(s, 0, "limit",
                      STR("the page is too long or too involved to be judged as a "
                          "whole: perhaps it is a web shell")));
    if (told.time_us != TIME_NONE)
        place.time_us = told.time_us;
    TRY(tell_wanted(s, host, &place));
    TRY(maker_end(m, &place));
    return maker_flush(m);
}

enum err sweep_suspect(struct sweep *s)
{
    struct yara_candidates c;
    const struct file_rules *rules = s->set->files;
    if (!s->look.watching)
        return OK;
    TRY(yara_watch_end(s->look.watch, !sweep_stopped(s), &c));
    s->look.watching = false;
    if (!c.n_rules || outside(s, &s->unit->times) ||
        digest_set_find_any(rules->known.set, &s->look.digests, NULL, NULL))
        return OK;
    struct buf b;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    yara_candidates_put(&b, &c);
    enum err rc = b.rc ? b.rc : s->sink.send(s->sink.ctx, MESSAGE_SUSPECT, buf_view(&b));
    buf_done(&b);
    return rc;
}

bool sweep_file_wanted(const struct sweep *s, bool log)
{
    struct str path = s->unit->path;
    return s->set->files && !unit_is_segment(s->unit) && !(log && is_log_name(path_name(path)));
}

/* Whose file is it? What people would take for a log lies where logs lie. */
static struct str host_of(const struct sweep *s, bool log)
{
    return log || looks_like_log(s->unit) ? s->unit->host : s->unit->file_host;
}

/* Why the file is not read as a log. Archives that were given by name are opened before. */
static struct str why_no_log(const struct sweep *s)
{
    static const char *const archives[] = {"zip", "7z", "tar", "rar", "cab"};
    for (size_t i = 0; i < ARRAY_LEN(archives); i++)
        if (str_eq(s->unit->path, STR("-")) && str_eq(s->look.type, str_of(archives[i])))
            return STR("an archive cannot be opened from a pipe: give it as a file");
    return s->look.bytes ? STR("not a log that tocsin knows; looked at as a file only")
                         : STR("empty");
}

/* A log was counted by its rows. What is not looked at for its times is no file looked at. */
static enum err count(struct sweep *s, struct str host, bool wanted)
{
    tally_name(s->tally, STR(KIND_FILE), host);
    if (wanted)
        TRY(tally_rows(s->tally, TIME_NONE, 1));
    if (!looks_like_log(s->unit) || s->damaged)
        return OK;
    return sweep_gap(s, 0, "not-examined", why_no_log(s));
}

enum err sweep_file(struct sweep *s, bool log)
{
    struct str host = host_of(s, log);
    bool wanted = !outside(s, &s->unit->times);
    if (!log)
        TRY(count(s, host, wanted));
    if (!wanted)
        return OK;
    struct buf b;
    buf_init(&b, FILE_IDENTITY_BYTES);
    file_identity(&b, s->unit->path, str_of(s->look.sha256), s->look.bytes);
    s->identity = buf_view(&b);
    s->at_file = true;
    enum err rc = b.rc ? b.rc : judge_it(s, host);
    s->at_file = false;
    s->identity = STR_NONE;
    buf_done(&b);
    return rc;
}
