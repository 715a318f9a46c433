/* model/exposure.h — what was observed of hosts, and which of them are open to what.
 *
 * What:   plain data: observations come from files of many formats (codec/observe.h) and from logs;
 *         answers are made of them (exposure/decide.h).
 * Input:  filled by parsers of hostile files.
 * Limits: none of its own.
 * Owner:  texts live where their maker says.
 * Spec:   docs/reference/exposure.md
 */
#ifndef MODEL_EXPOSURE_H
#define MODEL_EXPOSURE_H

#include "model/dossier.h"

/* How much of a build its source can show; a higher one says more. */
enum precision {
    PRECISION_NONE,
    PRECISION_PRODUCT, /* "Exchange Server 2016" */
    PRECISION_CU, /* the servicing line: the update's number is not shown, or not to be believed */
    PRECISION_SU, /* all of it */
    PRECISIONS,
};
const char *precision_name(enum precision p); /* "none", "product", "cu", "su" */

enum observation_kind {
    OBSERVED_BUILD,
    OBSERVED_MITIGATION, /* `what` shields from `cve` (absent: see the dossiers), or not any more */
    OBSERVED_SETTING,    /* `what` ("extended-protection") is on or off */
    OBSERVED_OPEN,       /* a scanner says: vulnerable to `cve` */
    OBSERVED_CLOSED,     /* a scanner says: not vulnerable to `cve` */
    OBSERVED_SIGN,       /* `what` was found: a sign of an attack by `cve` */
    OBSERVED_LOOKED,     /* signs of one were looked for, in `what`: proves nothing of the state */
    OBSERVED_CONFIG,     /* `what` stands in the configuration: see exposure/settings.h */
    OBSERVED_KINDS,
};

enum facing { FACING_UNKNOWN, FACING_INSIDE, FACING_INTERNET };

/* What one source says of one host at one time. */
struct observation {
    enum observation_kind kind;
    struct str host;    /* as the source names it */
    struct str product; /* as the source names it; absent: told from the build */
    struct build build; /* BUILD; parts not known are -1 */
    enum precision precision;
    bool shown; /* the server shows the build: of some products the last number of that is not to be
                   believed (product.exact_to_cu) */
    struct str cve, what;
    bool off; /* MITIGATION, SETTING: it is not in force */
    struct str site, owner;
    enum facing facing;
    int64_t time_us;   /* TIME_NONE: the source does not say */
    struct str source; /* the format: a word of the table in codec/observe.c, or a log kind */
    struct str file;
    uint64_t line; /* from 1; 0: none */
};

enum exposure_state {
    EXPOSURE_EXPOSED,
    EXPOSURE_MITIGATED,
    EXPOSURE_FIXED_IF_CONFIGURED,
    EXPOSURE_UNKNOWN,
    EXPOSURE_FIXED,
    EXPOSURE_STATES,
};
/* Of several holes that make one way in, the worst state counts: 0 is fixed, 4 exposed. */
int exposure_badness(enum exposure_state s);
const char *exposure_state_name(enum exposure_state s); /* as in JSON: "fixed-if-configured" */

/* One host and one CVE, as it is told. */
struct exposure {
    struct str host, site, owner;
    enum facing facing;
    struct str product, build; /* absent: not known */
    struct str cve, title;
    enum exposure_state state;
    struct str fixed_by;     /* the update that has, or would bring, the fix; absent: none known */
    struct str fixed_build;  /* its build */
    int64_t since_us;        /* first seen so, without a break; TIME_NONE: of no known date */
    int64_t other_until_us;  /* last seen otherwise before that; TIME_NONE: never */
    struct str source, file; /* of the build that decided */
    uint64_t line;
    int64_t seen_us; /* when; TIME_NONE */
    enum precision precision;
    struct str because;
    int64_t kev_us, due_us; /* CISA's listing and its due date; TIME_NONE */
    bool ransomware;
    double cvss;                          /* 0: not known */
    struct str cvss_version;              /* "3.1"; absent: not known */
    struct str_list matters;              /* ids of dossiers whose hole it is */
    struct str accepted_by, accepted_why; /* the risk is accepted; absent: it is not */
    int64_t accepted_until_us;
};

/* How much of a fleet, or of a part of it, is open to a CVE or to an affair. */
struct exposure_share {
    struct str of;    /* a CVE, or a dossier's id */
    bool affair;      /* it is a dossier */
    const char *part; /* "fleet", "site", "owner", "facing" */
    struct str name;  /* of the part; absent for the fleet */
    int64_t time_us;  /* as of; TIME_NONE: now */
    uint64_t n[EXPOSURE_STATES];
    uint64_t accepted; /* among the exposed */
    int64_t kev_us;
    bool ransomware;
};
/* Exposed, of those whose state is known; unknown ones stand beside it. NAN if none is known. */
double exposure_share_open(const struct exposure_share *s);

/* From the first known use of an affair's hole to the host's fix. */
struct exposure_window {
    struct str host, matter;
    enum exposure_state state;
    int64_t from_us;
    int64_t until_us;   /* first seen fixed; TIME_NONE: open still, or not known */
    int64_t open_us;    /* last seen without; TIME_NONE: never */
    struct str because; /* where from or until are not certain */
};

/* What to install on one host, and how urgent that is compared with others. */
struct exposure_update {
    struct str host, site, owner, product;
    struct build build;
    enum facing facing;
    uint32_t open, open_kev, open_ransomware; /* CVEs */
    struct str first;         /* the cumulative update, if one is needed before; absent */
    struct build first_build; /* all parts -1: absent, as well */
    int64_t first_us;
    struct str then; /* the security update; absent: `first` holds it, or see advice */
    struct build then_build;
    int64_t then_us;
    struct str advice; /* where no update helps; absent */
};

/* Of a whole run: the last line. */
struct exposure_summary {
    uint64_t hosts, observations, bytes, gaps;
    uint64_t n[EXPOSURE_STATES]; /* answers by state */
    uint64_t open_hosts, unknown_hosts, accepted;
    uint64_t sign_hosts; /* on which another tool found signs of an attack */
    int64_t as_of_us;    /* of the question; TIME_NONE: now */
    int64_t tables_us;   /* the newest row of the tables; TIME_NONE: they are empty */
    uint64_t findings;   /* exposed answers whose risk is not accepted */
    double elapsed_s;
    const char *version;
    struct dossier_hash *dossier;
    size_t n_dossiers;
};

#endif
