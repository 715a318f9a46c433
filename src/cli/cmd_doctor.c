#include "cli/cmd.h"
#include "dossier/load.h"
#include "match/lit.h"
#include "os/sandbox.h"
#include "output/json_writer.h"
#include "output/table.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <isa-l.h>
#include <lzma.h>
#include <openssl/crypto.h>
#include <pcre2.h>
#include <seccomp.h>
#include <yaml.h>
#include <zstd.h>

struct doctor_values {
    bool json;
};
const size_t doctor_values_size = sizeof(struct doctor_values);

const struct option_def doctor_option_defs[] = {
    {.name = "json", FLAG(struct doctor_values, json), .help = "print one JSON object a check"},
    {0},
};

enum { OUT_BYTES = 1024 * 1024, TEXT_BYTES = 160 };

/* Kinds of line: a protection, a library, a dossier, a catalogue. */
struct report {
    struct cli *cli;
    struct buf out;
    bool json, missing;
};

static void line(struct report *r, const char *check, const char *name, bool good, struct str text)
{
    if (!r->json) {
        char label[TEXT_BYTES];
        (void)snprintf(label, sizeof label, "%-7s %-10s %-26s ", good ? "ok" : "MISSING", check,
                       name);
        cli_wrap(&r->out, PAGE_DEFAULT, label, text);
        return;
    }
    struct json j;
    json_init(&j, &r->out);
    json_object(&j, NULL);
    json_text(&j, "type", "check");
    json_text(&j, "check", check);
    json_text(&j, "name", name);
    json_bool(&j, "ok", good);
    json_str(&j, "text", text);
    json_end(&j);
    json_line(&j);
}

static void protection(struct report *r, const char *name, bool active, const char *text)
{
    r->missing |= !active;
    line(r, "protection", name, active, str_of(text));
}

static void protections(struct report *r)
{
    struct sandbox_state s = {0};
    struct error error;
    char text[TEXT_BYTES];
    if (sandbox_probe(&s, &error)) {
        protection(r, "worker", false, error.text);
        return;
    }
    if (s.landlock_abi)
        (void)snprintf(text, sizeof text, "interface version %d", s.landlock_abi);
    else
        (void)snprintf(text, sizeof text, "the kernel does not have it, or it is switched off");
    protection(r, "landlock", s.landlock_abi > 0, text);
    protection(r, "seccomp", s.seccomp,
               s.seccomp           ? "a forbidden call was refused"
               : sandbox_relaxed() ? "left out in this build, for its sanitizers"
                                   : "a forbidden call went through");
    protection(r, "rlimits", s.rlimits,
               s.rlimits ? "memory, files, processes bounded" : "not in force");
}

static void libraries(struct report *r)
{
    char pcre2[TEXT_BYTES] = "", isal[TEXT_BYTES], seccomp[TEXT_BYTES];
    const struct scmp_version *v = seccomp_version();
    (void)pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    (void)snprintf(isal, sizeof isal, "%d.%d.%d (built with)", ISAL_MAJOR_VERSION,
                   ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
    (void)snprintf(seccomp, sizeof seccomp, "%u.%u.%u", v ? v->major : 0, v ? v->minor : 0,
                   v ? v->micro : 0);
    const struct {
        const char *name, *version;
    } list[] = {
        {"pcre2", pcre2},
        {"libyaml", yaml_get_version_string()},
        {"isa-l", isal},
        {"zstd", ZSTD_versionString()},
        {"liblzma", lzma_version_string()},
        {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
        {"libseccomp", seccomp},
    };
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        line(r, "library", list[i].name, true, str_trim(str_of(list[i].version)));
    bool wide = strcmp(lit_instructions(), "plain") != 0;
    line(r, "processor", lit_instructions(), wide,
         wide ? STR("used by the sweep") : STR("no AVX2: the sweep is several times slower"));
}

static void dossiers(struct report *r, const char *const *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct dossier d = {0};
        struct dossier_problems problems = {0};
        struct error error;
        char text[TEXT_BYTES];
        bool good = dossier_load(r->cli->arena, str_of(ids[i]), &d, &problems, &error) == OK;
        if (good && d.catalogue)
            (void)snprintf(text, sizeof text, "%zu CVEs, %zu builds, %.8s", d.n_facts, d.n_known,
                           d.sha256);
        else if (good)
            (void)snprintf(text, sizeof text, "%zu rules, %zu indicators, %.8s", d.n_rules,
                           d.n_indicators, d.sha256);
        line(r, d.catalogue ? "catalogue" : "dossier", ids[i], good,
             str_of(good ? text : error.text));
        r->missing |= !good;
    }
}

enum status cmd_doctor(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct doctor_values *v = values;
    struct report r = {.cli = cli, .json = v->json};
    const char *const *ids;
    (void)operands;
    buf_init(&r.out, OUT_BYTES);
    protections(&r);
    libraries(&r);
    size_t n = dossier_shipped(&ids);
    dossiers(&r, ids, n);
    n = catalogue_shipped(&ids);
    dossiers(&r, ids, n);
    enum status status = cli_print(cli, &r.out);
    buf_done(&r.out);
    return status ? status : r.missing ? STATUS_INCOMPLETE : STATUS_OK;
}
