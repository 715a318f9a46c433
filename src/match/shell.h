/* match/shell.h — is this text a web shell? Judged by its shape, not by its name or hash.
 *
 * What:   script in any text (PHP, ASP, ASP.NET, JSP) is cut into tokens, constants are put
 *         together, and what a request brings is followed to what runs, writes or connects. What
 *         was seen are features; rules over features make the tier. Both stand in data/shell.yaml.
 * Input:  hostile: any bytes. UTF-16 is understood; NULs and broken UTF-8 do no harm.
 * Limits: SHELL_MAX_TEXT_BYTES looked at; SHELL_MAX_TOKENS at a time, SHELL_MAX_STEPS in all, both
 *         proportional to the text; decoded literals below SHELL_MAX_DECODED_BYTES in all, nested
 *         SHELL_MAX_LAYERS deep. What was not looked at is told by `cut`.
 * Owner:  struct shell lives in the arena given to shell_new, but for what shell_free frees; it is
 *         read only afterwards, and may be used by several processes or threads. A report's texts
 *         live in the policy and in the arena given to shell_judge, which needs some 64 MiB of room
 *         for a large script.
 * Spec:   docs/internals/SHELL.md, docs/explain/how-web-shells-are-recognised.md
 */
#ifndef MATCH_SHELL_H
#define MATCH_SHELL_H

#include "base/arena.h"
#include "base/time.h"
#include "model/node.h"

struct shell;

enum {
    SHELL_MAX_REASONS = 16,
    SHELL_MAX_TEXT_BYTES = 32 << 20,
    SHELL_MAX_TOKENS = 256 << 10,
    SHELL_MAX_STEPS = 8 << 20,
    SHELL_MAX_DECODED_BYTES = 8 << 20,
    SHELL_MAX_LAYERS = 6,
};

enum shell_tier {
    SHELL_NONE,    /* nothing that would be said */
    SHELL_WEAK,    /* worth a look beside other facts; no ground for an alarm of its own */
    SHELL_LIKELY,  /* ordinary applications do not hold this */
    SHELL_CERTAIN, /* nothing but a web shell looks like this */
};

/* One feature that was seen, and where. Reasons come strongest first; those of the rule that made
 * the tier are among them. */
struct shell_reason {
    struct str id;           /* fixed: "request-to-eval" */
    struct str says;         /* a sentence for people, lower case, no full stop */
    uint64_t offset, length; /* bytes of the text as given, UTF-16 too; of a decoded literal the
                              * literal's; length 0: the whole text */
};

/* The properties of a virtual directory as Exchange exports them (the OAB-shaped shell). Absent
 * values: p == NULL, TIME_NONE. */
struct shell_dump {
    bool there;
    bool
        script; /* in ExternalUrl or InternalUrl: a shell; else residue of an export to that path */
    struct str admin_display_version, server, guid, identity, external_url, internal_url;
    int64_t when_changed_us, when_created_us; /* the UTC ones: the first dates the drop */
};

struct shell_report {
    enum shell_tier tier;
    double score; /* of all features together; for ordering only */
    struct shell_reason reason[SHELL_MAX_REASONS];
    size_t n_reasons;
    struct str rule; /* id of the rule that made the tier; absent: the score did, or none */
    struct shell_dump dump;
    struct str language; /* "php", "asp", "aspx", "jsp", "config"; absent: no script was found */
    bool cut;            /* a limit was reached: there was more to look at */
};

/* doc is data/shell.yaml as a tree (codec/yaml.h); texts of the tree are kept, not copied. Who has
 * dossier/ at hand calls shell_policy_load there. ERR_FORMAT with the line for a policy that names
 * what is not known, ERR_NOMEM. */
MUST_CHECK enum err shell_new(struct arena *arena, const struct node *doc, struct shell **ret_shell,
                              struct error *error);
/* Frees what is not in the arena; NULL is fine. */
void shell_free(struct shell *shell);
/* name is the file's path or name as far as known, "" if not: its ending alone is looked at. Never
 * fails for what stands in the text: where the arena is used up, what was seen until then counts
 * and `cut` is set. ERR_NOMEM if the arena has no room to begin with. The report is whole with OK
 * only. */
MUST_CHECK enum err shell_judge(const struct shell *shell, struct str name, struct str text,
                                struct arena *arena, struct shell_report *ret_report);
/* "none", "weak", "likely", "certain". */
struct str shell_tier_name(enum shell_tier tier);

#endif
