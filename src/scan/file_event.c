#include "scan/file_event.h"
#include "codec/pe.h"
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
    tell(t, "EvaluatesScript", is_program && pe.evaluates ? STR("yes") : STR("no"));
    if (is_program)
        note_build(t->s, &pe);
}

/* How to add something that rules can ask about a file: a function that tells it under its name,
 * and a line here; docs/reference/events.md names it. A field is told of every file, empty if there
 * is nothing to say: all files are events of one shape. */
static void (*const tellers[])(struct teller *t) = {tell_names, tell_content, tell_known,
                                                    tell_program, tell_times};

enum err file_event_tell(struct sweep *s, struct maker *m, struct str host)
{
    struct teller t = {.s = s, .m = m};
    tell(&t, "Channel", STR("tocsin/file"));
    tell(&t, "Computer", host);
    for (size_t i = 0; i < ARRAY_LEN(tellers); i++)
        tellers[i](&t);
    return t.rc;
}
