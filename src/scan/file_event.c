#include "scan/file_event.h"
#include "codec/pe.h"
#include "match/shell.h"
#include "scan/sweep_priv.h"

enum { FILE_TEXT_BYTES = 4096 };

/* Behind the last slash of either kind. */
struct str path_name(struct str path)
{
    ptrdiff_t a = str_rchr(path, '/'), b = str_rchr(path, '\\');
    return str_sub(path, (size_t)((a > b ? a : b) + 1), path.n);
}

/* ".aspx"; "" without one, and for names that are nothing else. */
struct str path_ending(struct str name)
{
    ptrdiff_t dot = str_rchr(name, '.');
    return dot > 0 ? str_sub(name, (size_t)dot, name.n) : STR("");
}

/* The parts of the event at hand. The first failure stays. */
struct teller {
    struct sweep *s;
    struct maker *m;
    struct arena *scratch;
    struct file_told *told;
    enum err rc;
};

static void tell(struct teller *t, const char *name, struct str value)
{
    if (!t->rc)
        t->rc = maker_put_named(t->m, name, value.p ? value : STR(""));
}

/* What will not be there any more when the event is whole. */
static void tell_text(struct teller *t, const char *name, const char *text)
{
    struct str copy = arena_str(&t->m->scratch, str_of(text));
    t->rc = t->rc ? t->rc : copy.p ? OK : ERR_NOMEM;
    tell(t, name, copy);
}

static void tell_number(struct teller *t, const char *name, uint64_t n)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    tell_text(t, name, text);
}

/* As Sysmon writes times. */
static void tell_time(struct teller *t, const char *name, int64_t time_us)
{
    char text[32];
    tell_text(t, name, time_us == TIME_NONE ? "" : time_short(time_us, true, text));
}

/* Names and endings are compared in small letters elsewhere; here they stay as they are. */
static void tell_names(struct teller *t)
{
    struct str path = t->s->unit->path;
    struct str name = path_name(path);
    char ending[32];
    struct str end = str_sub(path_ending(name), 0, sizeof ending);
    ascii_lower_all(ending, end.p, end.n);
    struct str copy = arena_str(&t->m->scratch, str_make(ending, end.n));
    t->rc = t->rc ? t->rc : copy.p ? OK : ERR_NOMEM;
    tell(t, "TargetFilename", str_sub(path, 0, FILE_TEXT_BYTES));
    tell(t, "Folder", str_sub(path, 0, path.n - name.n));
    tell(t, "Name", name);
    tell(t, "Extension", copy);
}

static void tell_content(struct teller *t)
{
    const struct look *l = &t->s->look;
    tell_number(t, "Size", l->bytes);
    tell(t, "Type", l->type);
    static const char *const names[] = {"md5", "sha1", "sha256"};
    for (unsigned k = 0; k < DIGEST_KINDS; k++) {
        char hex[2 * DIGEST_MAX_BYTES + 1] = "";
        if (l->digests.kinds >> k & 1)
            hex_of(l->digests.bytes[k], digest_bytes(k), hex);
        tell_text(t, names[k], hex);
    }
}

/* What lists and baselines know of it. The build of its host is not known yet: scan.c asks again,
 * about the rest, once it is. */
static void tell_known(struct teller *t)
{
    const struct file_rules *rules = t->s->set->files;
    const struct digests *d = &t->s->look.digests;
    const unsigned char *sha256 = d->kinds & DIGEST_SHA256_ALSO ? d->bytes[DIGEST_SHA256] : NULL;
    struct baseline_answer answer;
    baseline_ask(rules->baseline, t->s->unit->path, sha256, NULL, &answer);
    tell(t, "Baseline", str_of(baseline_state_name(answer.state)));
    tell(t, "ShippedAs", answer.elsewhere);
    tell(t, "Known", digest_set_find_any(rules->known.set, d, NULL, NULL) ? STR("yes") : STR("no"));
}

static void tell_times(struct teller *t)
{
    tell_time(t, "CreationUtcTime", t->s->unit->times.created_us);
    tell_time(t, "LastWriteUtcTime", t->s->unit->times.modified_us);
}

/* Programs whose version is the build of a product. */
static const char *const build_files[] = {"ExSetup.exe"}; /* Exchange Server */

/* The build that the host had when the file was collected. */
static void note_build(struct sweep *s, const struct pe_facts *pe)
{
    char text[24];
    struct str name = path_name(s->unit->path);
    for (size_t i = 0; pe->file.known && i < ARRAY_LEN(build_files); i++)
        if (str_ieq(name, str_of(build_files[i])))
            tally_build(s->tally, str_of(pe_version_text(&pe->file, text)), s->unit->collected_us);
}

/* What a program says of itself. */
static void tell_program(struct teller *t)
{
    struct pe_facts pe;
    bool whole, is_program = str_eq(t->s->look.type, STR("mz"));
    char text[24] = "";
    if (is_program && pe_read(look_body(&t->s->look, &whole), &pe) != OK)
        is_program = false;
    tell_text(t, "FileVersion", is_program ? pe_version_text(&pe.file, text) : "");
    tell_text(t, "ProductVersion", is_program ? pe_version_text(&pe.product, text) : "");
    tell_text(t, "OriginalFileName", is_program ? pe.original_name : "");
    tell_text(t, "Company", is_program ? pe.company : "");
    tell_text(t, "Description", is_program ? pe.description : "");
    tell(t, "JScript", is_program && pe.jscript ? STR("yes") : STR("no"));
    tell(t, "EvaluatesScript", is_program && pe.evaluates ? STR("yes") : STR("no"));
    if (is_program)
        note_build(t->s, &pe);
}

/* What holds other files or is a program is no page, whatever stands in it. */
static bool may_be_page(struct str type)
{
    static const char *const others[] = {"empty", "mz",   "elf",  "zip",    "7z",    "rar",  "cab",
                                         "gzip",  "xz",   "zstd", "bzip2",  "tar",   "evtx", "regf",
                                         "mdmp",  "dump", "vhdx", "sqlite", "class", "lnk",  "ole"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (str_eq(type, str_of(others[i])))
            return false;
    return true;
}

/* "it does so (at byte 12)", the strongest first. */
static void tell_reasons(struct teller *t, const struct shell_report *r)
{
    if (!r->n_reasons) {
        tell(t, "ShellReason", STR(""));
        tell(t, "ShellWhy", STR(""));
    }
    for (size_t i = 0; i < r->n_reasons; i++)
        tell(t, "ShellReason", r->reason[i].id);
    for (size_t i = 0; i < r->n_reasons; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, r->reason[i].length ? "%.*s (at byte %llu)" : "%.*s",
                       STR_FMT(str_sub(r->reason[i].says, 0, 200)),
                       (unsigned long long)r->reason[i].offset);
        tell_text(t, "ShellWhy", text);
    }
}

/* The properties of a virtual directory that a page was made of say when and on which server. */
static void tell_dump(struct teller *t, const struct shell_dump *d)
{
    tell(t, "DumpServer", d->server);
    tell(t, "DumpVersion", d->admin_display_version);
    tell(t, "DumpGuid", d->guid);
    tell(t, "DumpExternalUrl", str_sub(d->external_url, 0, FILE_TEXT_BYTES));
    tell(t, "DumpInternalUrl", str_sub(d->internal_url, 0, FILE_TEXT_BYTES));
    tell_time(t, "DumpChanged", d->there ? d->when_changed_us : TIME_NONE);
    tell_time(t, "DumpCreated", d->there ? d->when_created_us : TIME_NONE);
    if (d->there && d->when_changed_us != TIME_NONE)
        t->told->time_us = d->when_changed_us;
}

static bool is_page(const struct sweep *s)
{
    return web_kind_of(&s->set->files->web, s->unit->path) == WEB_SCRIPT;
}

static void tell_shell(struct teller *t)
{
    struct sweep *s = t->s;
    struct shell_report r = {0};
    bool whole;
    struct str body = look_body(&s->look, &whole);
    arena_reset(t->scratch);
    if (!t->told->known && may_be_page(s->look.type) && !t->rc)
        t->rc = shell_judge(s->set->files->shell, s->unit->path, body, t->scratch, &r);
    tell(t, "Shell", shell_tier_name(r.tier));
    tell(t, "ShellLanguage", r.language);
    tell_reasons(t, &r);
    tell_dump(t, &r.dump);
    /* A page may have code behind anything that it is filled up with. */
    t->told->unread = r.cut || (!whole && !t->told->known && is_page(s));
}

/* How to add something that rules can ask about a file: a function that tells it under its name,
 * and a line here; docs/reference/events.md names it. A field is told of every file, empty if there
 * is nothing to say: all files are events of one shape. */
static void (*const tellers[])(struct teller *t) = {tell_names,   tell_content, tell_known,
                                                    tell_program, tell_shell,   tell_times};

void file_identity(struct buf *b, struct str path, struct str sha256, uint64_t bytes)
{
    buf_str(b, str_sub(path, 0, 16 * 1024));
    buf_putc(b, '\n');
    buf_str(b, sha256);
    if (!sha256.n)
        buf_u64(b, bytes);
}

enum err file_event_tell(struct sweep *s, struct maker *m, struct arena *scratch, struct str host,
                         struct file_told *ret_told)
{
    struct teller t = {.s = s, .m = m, .scratch = scratch, .told = ret_told};
    *ret_told = (struct file_told){.time_us = TIME_NONE};
    tell(&t, "Channel", STR("tocsin/file"));
    tell(&t, "Computer", host);
    for (size_t i = 0; i < ARRAY_LEN(tellers); i++)
        tellers[i](&t);
    return t.rc;
}
