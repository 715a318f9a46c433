/* alert.h — a trend that is worth a person's time, explained.
 *
 * What:   plain data: filled by watch, printed, sent and drafted from by output and dossier.
 * Input:  texts come from hostile posts: output escapes, nobody else prints them.
 * Limits: ALERT_SNIPPETS of them; lists are as long as the evidence.
 * Owner:  all slices belong to the arena of the run.
 * Spec:   docs/reference/schema/alert.json, docs/explain/how-watch-decides.md
 */
#ifndef MODEL_ALERT_H
#define MODEL_ALERT_H

#include "model/answer.h"
#include "model/subject.h"

enum lane {
    LANE_BURST,   /* A: more threads in 1 to 28 days than its own past lets expect */
    LANE_RISE,    /* B: the same over 30 to 365 days, for subjects seldom named */
    LANE_BREADTH, /* C: more independent sites within 180 or 365 days than expected */
    LANE_RECORD,  /* R: voices whose mentions came before exploitation more often than others' */
    LANES
};

enum { ALERT_SNIPPETS = 3 };

/* One site's part in an alert, and what would have been without it. */
struct alert_site {
    struct str site;
    int64_t first_us, last_us;
    uint64_t threads;
    double p_without; /* of the lane that alerted; NAN: not asked */
};

/* One post that the alert rests on. */
struct alert_post {
    struct str id, site, url;
    int64_t time_us;
    enum intent intent;
    struct str snippet; /* secrets masked; absent: not among the snippets */
};

/* What stood in the posts beside the subject: what a draft dossier is made of. */
struct alert_item {
    struct str kind, value; /* kinds of docs/reference/extract.md and of subjects */
    uint64_t posts;
    int64_t first_us;
    struct str source; /* of the first post that names it: URL, or site and id; absent: not known */
};

/* A subject that rose in the same threads: one event, told once. */
struct alert_with {
    char id[65];     /* its own, for those who acknowledge it */
    char leader[65]; /* of the alert that it is told with */
    int64_t time_us;
    struct str subject;
    enum subject_kind kind;
    enum lane lane;
    double p;
    uint64_t threads, shared; /* of its threads, those that are the alert's, too */
};

struct alert {
    char id[65];     /* SHA-256 of subject, lane and first day of the episode, hexadecimal */
    int64_t time_us; /* the end of the day that raised it, by ingest time */
    struct str subject;
    enum subject_kind kind;
    enum lane lane;
    struct str title; /* a sentence without markup */
    uint64_t observed;
    double expected;
    double p, threshold; /* raised since p <= threshold */
    double q;            /* Benjamini-Hochberg among the subjects of that day; NAN: not known */
    unsigned window_days;
    double calibration;       /* g: how often the lane exceeds its nominal share; 1: as it should */
    double exposure;          /* threads that the sites had in the window */
    uint64_t voices, threads; /* distinct, in the window */
    uint64_t clusters;        /* distinct texts */
    struct alert_site *site;  /* in order of first_us */
    size_t n_sites;
    int64_t since_us; /* the first mention in the window */
    uint64_t intent[INTENTS];
    struct str_list technique; /* "T1190" */
    struct str customer;       /* p == NULL: no asset is concerned */
    struct str_list asset;
    struct alert_post *post; /* in order of time, snippets among them */
    size_t n_posts;
    struct alert_item *item;
    size_t n_items;
    double epss;             /* NAN: not known */
    int64_t kev_us;          /* date listed as exploited; TIME_NONE: is not, or not known */
    struct str why;          /* the explanation, some sentences */
    struct str silenced;     /* what would have made it silent */
    struct str again;        /* why an episode speaks again; p == NULL: it is the first alert */
    struct alert_with *with; /* what is told with it, the strongest first */
    size_t n_with;
};

const char *lane_name(enum lane lane); /* "burst", "rise", "breadth", "record" */
char lane_letter(enum lane lane);      /* 'A', 'B', 'C', 'R' */

#endif
