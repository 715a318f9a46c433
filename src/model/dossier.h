/* model/dossier.h — one affair as data, or a catalogue of products, builds and fixes.
 *
 * What:   the parsed form of a dossier folder (docs/reference/dossier.md).
 * Input:  filled by dossier/load.c from YAML, Sigma and CSV; users write dossiers too.
 * Limits: base/limits.h
 * Owner:  everything lives in the arena given to dossier_load.
 * Spec:   docs/reference/dossier.md
 */
#ifndef MODEL_DOSSIER_H
#define MODEL_DOSSIER_H

#include "base/buf.h"
#include "model/answer.h"
#include "model/play.h"

/* Four numbers; compare as numbers, never as text. A part that is not known is -1. */
struct build {
    int32_t part[4];
};
/* "15.1.2176.9", "15.01.2176.009", "Version 15.1 (Build 2176.9)"; false if there are not at least
 * two numbers. */
bool build_parse(struct str s, struct build *ret_build);
int build_cmp(const struct build *a, const struct build *b);
bool build_exact(const struct build *b);                /* all four parts known */
void build_add(struct buf *out, const struct build *b); /* "15.1.2176.9", as far as known */

/* What a rule is about: decides how time, fix and own scanners change its weight. */
enum stage {
    STAGE_PROBE,   /* looked whether */
    STAGE_EXPLOIT, /* a request that uses the hole: lowered when the fix was already in */
    STAGE_WRITE,   /* something was written or changed on the server */
    STAGE_SHELL,   /* a web shell was asked for or used */
    STAGE_POST,    /* after the break-in: cmdlets, mailbox access, staging, removal */
};

/* A rule's own keys besides Sigma's; see docs/reference/dossier.md. */
struct rule_meta {
    enum grade grade;
    bool graded; /* the rule says its grade itself */
    enum stage stage;
    struct str meaning, next;
    struct str target_field, target_regex; /* the host that the record aimed at */
    bool public_clients;                   /* "clients: public": private addresses do not count */
    bool second_sign;    /* "confirm: second-sign": decides only with another sign (rule 6) */
    bool request_behind; /* "confirm: front-end-request": a cmdlet that needs a request of its user
                          */
    bool unrequested; /* "confirm: unrequested": the same, and nothing at all unless the logs that
                       * would hold the request were read */
    bool many_mailboxes;  /* "confirm: many-mailboxes": counts only from several mailboxes on */
    bool each_row;        /* --pivot: every row is a finding of its own and decides nothing */
    bool foreign_shell;   /* looks for other people's shells: shown, never decides */
    struct str_list fold; /* fields that make two hits the same finding; none: client and stem */
};

/* One first-fixed build of one CVE for one line of a product. */
struct fix {
    struct str cve, product, update;
    struct build build;
    struct build affected_from; /* the oldest build with the hole; all parts -1: every older one */
    int64_t released_us;        /* TIME_NONE if unknown */
    bool by_month;    /* released_us is the first of a month of which the day is unknown */
    struct str rule;  /* "build", "build+config", ... */
    struct str needs; /* what must be right besides the build; p == NULL: nothing */
    struct str kb, source, note;
    uint32_t line; /* of fixes.csv */
};

struct product {
    struct str name;           /* "Exchange Server 2016" */
    struct build from, to;     /* builds from (inclusive) to (exclusive) belong to it */
    int64_t end_of_support_us; /* TIME_NONE if none is known */
    int64_t esu_until_us;      /* end of paid extended support, TIME_NONE if none is known */
    bool born_fixed;           /* first released with the fixes: every build of it has them */
    bool exact_to_cu;          /* "exact: cu": the last number in its logs is not the update's */
    int line_parts;            /* how many numbers name the servicing line: 1 to 3; 0: not said */
    struct str vendor, cpe;    /* cpe: "vendor:product" */
    struct str_list names;     /* how others spell it: inventories, scanners */
    struct str follows;        /* the product whose earlier fixes its first build holds */
    uint32_t line;             /* of dossier.yaml */
};

/* How many numbers name a servicing line. Where the dossier does not say: three, as of Exchange,
 * whose fourth number is the security update. */
enum { USUAL_LINE = 3 };
unsigned line_numbers(const struct product *product);
/* Of the lines alone: 0 if both builds are of the same one. */
int line_cmp(const struct product *product, const struct build *a, const struct build *b);

/* Of a date that is only a month its last moment: what cannot have been later. */
int64_t at_latest(int64_t us, bool by_month);

/* A named release: what to call a build. */
struct known_build {
    struct str product, update;
    struct build build;
    int64_t released_us; /* TIME_NONE if unknown */
    int64_t eol_us;      /* end of its support, TIME_NONE if unknown */
    bool by_month;       /* as in struct fix */
    struct str kb, source, note;
    uint32_t line; /* of builds.csv */
};

/* What is known of a CVE apart from its fixes. */
struct cve_fact {
    struct str cve, title;
    struct str cvss;            /* "9.1 (v3.1)" */
    int64_t kev_added_us;       /* into CISA's list of exploited ones; TIME_NONE: not in it */
    struct str kev_ransomware;  /* "Known", "Unknown"; p == NULL: not said */
    int64_t exploited_since_us; /* TIME_NONE if unknown */
    int64_t published_us;       /* TIME_NONE if unknown */
    struct str source, note;
    uint32_t line; /* of cves.csv */
};

/* What the configuration of a server must hold (exposure/settings.h): all rows of a setting and CVE
 * together turn a setting on that a fix needs, or make a mitigation. */
struct setting_row {
    struct str setting; /* as in a fix's needs, or the mitigation's name */
    struct str cve;     /* that it shields from; p == NULL: it is a setting */
    struct str what, where, value;
    struct str source, note;
    uint32_t line; /* of settings.csv */
};

/* A script that the product ships, as it stands on disk; the same path may have several hashes. */
struct shipped_file {
    struct str path;          /* with backslashes, relative to the product's folder */
    struct str sha256;        /* hexadecimal; empty: only the name is known */
    struct build first, last; /* the builds in which it was seen; parts of -1: not said */
    struct str source;
};

/* A folder of which it is known what scripts the product ships into it (folders.csv). */
struct covered_folder {
    struct str path;           /* with backslashes, relative to the product's folder */
    bool below;                /* the folders below it as well */
    struct str_list extension; /* "aspx"; what has another one is not asked about */
    struct str_list name;      /* that may be there, besides those of baseline.csv */
    struct str source, note;
};

/* Who is behind it, and whom they look for: ranks advice for the user's own profile. */
struct actor {
    struct str name, attack_id, summary, source;
    struct str_list aliases, sectors, regions;
    struct str_list techniques; /* ids of ATT&CK that the source lists; empty: not said */
};

struct public_event {
    int64_t time_us;
    struct str text, source;
};

enum indicator_type {
    INDICATOR_ADDRESS, /* IPv4, IPv6 or CIDR */
    INDICATOR_DOMAIN,
    INDICATOR_URL,   /* or a part of one: path, query */
    INDICATOR_NAME,  /* a file name */
    INDICATOR_AGENT, /* a user agent */
    INDICATOR_HASH,  /* MD5, SHA-1 or SHA-256 of a file */
    INDICATOR_TEXT,  /* any text in a log line */
};

struct indicator {
    enum indicator_type type;
    struct str value;
    bool weak; /* never decides alone */
    struct str note, source;
    int64_t from_us, until_us; /* TIME_NONE: unbounded */
    enum tlp tlp;              /* how its source marks it */
    struct str dossier;        /* p == NULL: the user's own */
};

struct placeholder {
    struct str name;
    struct str_list values;
};

/* What a window and its coverage are measured by, whoever does. */
enum {
    WINDOW_SHARE_PERCENT = 90, /* that must be read, for `no sign` and `attempted` */
    WINDOW_WAVE_DAYS = 30,     /* after the mass wave began, an unfixed host counts as open */
    WINDOW_MIN_HOURS = 24,     /* of an open window whose host has no record in it */
};

/* A file of YARA rules. */
struct yara_file {
    struct str name, text;
};

struct dossier {
    struct str id, title, summary;
    char sha256[65];  /* over all its files, sorted by name */
    bool draft;       /* made from posts, not checked by anybody: nothing of it decides */
    bool catalogue;   /* knows products, builds, fixes and CVEs, but no affair */
    int64_t as_of_us; /* the day up to which the tables of a catalogue know; TIME_NONE if unsaid */
    struct str_list cves, aliases;
    struct str_list cve_titles; /* one per entry of cves; p == NULL where none is given */
    struct str_list sources;
    int64_t window_from_us;   /* first known exploitation */
    int64_t window_until_us;  /* TIME_NONE: until the host was fixed, or for ever */
    int64_t window_narrow_us; /* the mass wave, later than the first use; TIME_NONE if none */
    struct str window_source;
    struct str_list deciding;      /* log kinds, all of which must cover the window */
    struct str_list confirming;    /* log kinds that would show the later stages */
    struct str_list seen_kinds;    /* log kinds that show the product; "httpproxy-*" patterns */
    struct str_list seen_paths;    /* URL prefixes that show it in a web log; with "*" in front any
                                    * part */
    struct str_list needed_fields; /* "iis: cs(Referer)": a test that cannot run without */
    struct str_list fix_cves;      /* the CVEs whose fix closes the window */
    struct str shared_what;        /* what hosts with the product share: keys; absent if nothing */
    enum stage shared_stage;       /* from which on a sign means that it was taken */
    struct str window_note;        /* what else must have happened, in a sentence; may be absent */
    struct str advice[5];          /* what to do now, by enum verdict_state */
    struct play_list plays;        /* the steps behind it */
    bool isolate_when_compromised;
    bool isolate[5]; /* by enum verdict_state */
    struct actor *actor;
    size_t n_actors;
    struct product *product;
    size_t n_products;
    struct fix *fix;
    size_t n_fixes;
    struct known_build *known;
    size_t n_known;
    struct cve_fact *fact;
    size_t n_facts;
    struct setting_row *setting;
    size_t n_settings;
    struct shipped_file *shipped;
    size_t n_shipped;
    struct covered_folder *covered;
    size_t n_covered;
    struct public_event *event;
    size_t n_events;
    struct indicator *indicator;
    size_t n_indicators;
    struct placeholder *placeholder;
    size_t n_placeholders;
    struct yara_file *yara; /* rules/(name).yar */
    size_t n_yara;
    const struct sigma_rule *rule;
    struct rule_meta *meta; /* one per rule */
    size_t n_rules;
};

#endif
