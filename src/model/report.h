/* model/report.h — what a report says: a case, worked out for people and for other programs.
 *
 * What:   plain data. report/report.c fills it from the store; output/report.h turns it into a
 *         page or a file of each format.
 * Input:  texts come from hostile logs and posts: output escapes, nobody else prints them.
 * Limits: REPORT_FINDINGS findings and REPORT_EVENTS events are here; all findings stream.
 * Owner:  all slices belong to the arena of the report.
 * Spec:   docs/reference/report.md
 */
#ifndef MODEL_REPORT_H
#define MODEL_REPORT_H

#include "base/err.h"
#include "model/alert.h"
#include "model/answer.h"
#include "model/dossier.h"
#include "model/event.h"
#include "model/exposure.h"
#include "model/profile.h"

enum { REPORT_FINDINGS = 500, REPORT_EVENTS = 1000, GRADES = GRADE_COMPROMISE + 1 };

/* ---- how it was made ---- */

struct report_run {
    uint64_t number;
    struct str verb, arguments, program; /* program: its version */
    int64_t started_us, ended_us;
};

/* What may leave the house, and how it is marked. */
struct sharing {
    bool victim_data; /* users, mailboxes, internal names and addresses are left in */
    bool red;         /* and what is TLP:RED in its source */
    enum tlp tlp;     /* of all that its source does not mark more strictly */
};

/* ---- verdict, window, first hour ---- */

enum open_side { OPEN_UNKNOWN, OPEN_NEVER, OPEN_FIXED, OPEN_MITIGATED, OPEN_STILL, OPEN_SIDES };
const char *open_side_name(enum open_side s); /* "unknown", "never-open", "fixed", ... */

/* One host and one affair: verdict, window and coverage side by side. */
struct judgement {
    struct verdict verdict;  /* as it stands, with what the analyst set aside */
    bool lowered;            /* the analyst's states changed it */
    enum verdict_state said; /* what the evidence alone says */
    bool purged;             /* some of its findings: who sets aside the rest clears nothing */
    struct str title;        /* of the dossier */
    enum open_side open;
    struct span_us window; /* TIME_NONE: not known; last_us TIME_NONE: open still */
    unsigned window_days, covered_days;
    /* Parts of the window, in order, last_us exclusive; blind: not all that decides was read. */
    struct span_us *covered, *blind;
    size_t n_covered, n_blind;
    struct str sentence; /* why it is this verdict: window, coverage and findings in words */
    bool before_fix;     /* a request succeeded before the update: outranks everything */
    uint64_t findings[GRADES], aside; /* that count; set aside, by the scan or by the analyst */
    uint64_t unread;                  /* gaps of reading that may have held records of the host */
    uint64_t elsewhere; /* graver than the evidence let count here: another affair explains them */
    int64_t earliest_us, latest_us; /* signs; TIME_NONE */
    unsigned dwell_days;            /* from the earliest sign to the last one or the fix */
    struct str isolate_why;         /* absent: no need */
    struct touched {
        struct str name;
        uint64_t bytes, records; /* bytes: at least; 0: the logs do not say */
        int64_t first_us, last_us;
    } * account, *mailbox;
    size_t n_accounts, n_mailboxes;
};

/* A name in the logs of others, whose own logs were not supplied. */
struct named_host {
    struct str host;
    struct str_list by; /* hosts whose logs name it */
    uint64_t findings;
    enum grade worst;
};

/* Evidence that its server deletes by itself. */
struct rotating {
    struct str host, kind, path; /* path: what to copy, as on the server */
    int64_t oldest_us, gone_us;  /* oldest row held; when the first of the window goes */
};

/* ---- what the analyst says ---- */

struct note {
    struct str about; /* id of a finding, alert or advice step; or a host */
    struct str
        state; /* "own-scanner", "false-positive", "confirmed", "done"; absent: a note only */
    struct str who, why;
    int64_t time_us;
};
/* Why a finding counts for nothing: scan says so itself (own scanner, a draft, ...), or the last
 * note about it that has a state. A scanner of one's own explains probes and tries alone. */
bool finding_aside(const struct finding *f);
bool note_sets_aside(const struct note *n, const struct finding *f);

/* ---- advice ---- */

struct advice_item {
    struct str id; /* stable: "P-02.isolate", "DOSSIER.PLAY.STEP" */
    struct str play, step, why, source;
    struct str how;                    /* lines, with "\n" in between */
    const char *phase;                 /* "isolate", "preserve", ... */
    struct str_list technique, d3fend; /* "T1505.003", "D3-FR" */
    struct str_list host;              /* that it concerns; empty: the organisation */
    struct str dossier, audience, due; /* absent: not said */
    struct str because;                /* the condition that chose it, in words */
    struct note done;                  /* time_us TIME_NONE: not done */
};

/* How far an actor's known targets match the user's own profile. */
struct actor_rank {
    struct str name, attack_id, dossier, source;
    double score;           /* 0..1 */
    struct str_list reason; /* "sector: unknown", "product: Exchange Server 2016 seen on EX01" */
};

/* ---- chatter ---- */

struct chatter_week {
    int64_t from_us;
    uint64_t threads, posts;
};
struct chatter_course {
    struct str subject;
    struct chatter_week *week;
    size_t n_weeks;
};

/* ---- all of it ---- */

struct finding_count {
    struct str host, dossier, rule, title;
    enum grade grade;
    uint64_t n;
};

struct report {
    struct str name; /* of the case */
    struct str key;  /* the same all its life, and nobody outside can guess it; absent: none */
    int64_t made_us;
    const char *version;
    struct sharing sharing;
    enum tlp strictest;     /* of the findings that are told, by their sources */
    uint64_t left_out;      /* findings that may not leave: TLP:RED in their source */
    struct profile profile; /* of the user */
    struct report_run *run;
    size_t n_runs;
    struct evidence_file *evidence;
    size_t n_evidence;
    struct dossier_hash *dossier_hash; /* of the newest run that names it */
    size_t n_dossier_hashes;
    const struct dossier *dossier; /* those that the case speaks of */
    size_t n_dossiers;

    struct judgement *judgement; /* the worst first */
    size_t n_judgements;
    struct named_host *named;
    size_t n_named;
    struct rotating *rotating;
    size_t n_rotating;

    struct finding *finding; /* the gravest first, at most REPORT_FINDINGS */
    size_t n_findings;
    uint64_t all_findings;
    struct finding_count *count;
    size_t n_counts;
    struct episode *episode; /* finding: those that are in the list above */
    size_t n_episodes;
    struct coverage *coverage;
    size_t n_coverage;
    struct gap *gap;
    size_t n_gaps;

    struct exposure *exposure;
    size_t n_exposures;
    struct exposure_share *share, *course; /* as it is; how it went, in order of time */
    size_t n_shares, n_course;
    struct exposure_window *window;
    size_t n_windows;
    struct exposure_update *update;
    size_t n_updates;

    struct alert *alert; /* in order of time */
    size_t n_alerts;
    struct chatter_course *chatter;
    size_t n_chatter;

    struct event *event; /* in order of time, at most REPORT_EVENTS: the gravest findings */
    size_t n_events;
    uint64_t all_events;

    struct note *note;
    size_t n_notes;
    struct advice_item *advice; /* in order of what to do first */
    size_t n_advice;
    struct actor_rank *actor;
    size_t n_actors;

    /* Every finding of the case, in order of time; for formats that hold all of them: each is read.
     * The finding lives until tell returns. */
    enum err (*each_finding)(const struct report *r,
                             enum err (*tell)(void *ctx, const struct finding *f), void *ctx,
                             struct error *error);
    /* The same for the whole timeline. */
    enum err (*each_event)(const struct report *r,
                           enum err (*tell)(void *ctx, const struct event *e), void *ctx,
                           struct error *error);
    /* Why a value of a kind (docs/reference/extract.md) says nothing, as everybody uses it; absent:
     * nothing of that is known. NULL: cannot be asked. */
    struct str (*warning)(const struct report *r, struct str kind, struct str value);
    void *ctx;
};

/* Of the whole: the stricter of what was asked for and what it holds. */
enum tlp report_mark(const struct report *r);

#endif
