/* store/case.h — one case: what the runs of all verbs said, kept once and in a chain.
 *
 * What:   takes the JSON objects that a run prints (docs/reference/schema), each under what it is
 *         about: a finding under its id, a verdict under host and dossier, and so on. The same
 *         again adds nothing; what says something else is a new version, and the old one stays.
 *         Each version's hash holds the one before, so that a change of any of them shows.
 * Input:  objects of this program; a damaged file, or another program's, is refused.
 * Limits: CASE_LINE_BYTES an object; as many as the disk holds. A million findings are counted, and
 *         the gravest of them found, in less than a second.
 * Owner:  case_open/case_close. Texts of an item live until the callback returns.
 * Spec:   docs/internals/STORE.md
 */
#ifndef STORE_CASE_H
#define STORE_CASE_H

#include "base/hash.h"
#include "model/answer.h"

#include <stdbool.h>

enum { CASE_LINE_BYTES = 64 * 1024 * 1024 };

struct case_file; /* how it is kept: store/case_priv.h */
struct case_store {
    struct case_file *file;
    uint64_t run; /* under way; 0: none */
    uint64_t version;
    unsigned char chain[SHA256_BYTES]; /* of the last version */
    struct case_counts {
        uint64_t added, changed, same, gone;
    } count; /* of the run */
};

struct case_run {
    uint64_t number;
    struct str verb, arguments, program; /* program: its version */
    int64_t started_us, ended_us;
    struct str summary; /* the object of type "summary"; absent: it told none */
};

/* create: a file that is not there is made. */
MUST_CHECK enum err case_open(struct case_store *c, struct str path, bool create,
                              struct error *error);
void case_close(struct case_store *c);

/* A run is one transaction: it is kept whole, or nothing of it. number and summary are not read. */
MUST_CHECK enum err case_begin(struct case_store *c, const struct case_run *run,
                               struct error *error);
/* One object. ERR_FORMAT if it is none with a `type`. */
MUST_CHECK enum err case_add(struct case_store *c, struct str line, struct error *error);
/* Findings of evidence that this run read again and that it did not tell again are gone, and
 * verdicts, episodes and coverage of hosts of which it read all evidence, unless its summary says
 * `part`; then all of it stays. */
MUST_CHECK enum err case_end(struct case_store *c, int64_t ended_us, struct error *error);
void case_give_up(struct case_store *c);

struct case_item {
    struct str type, host, dossier, body; /* body: the object; absent: it is gone */
    int64_t time_us;                      /* TIME_NONE */
    uint64_t first_run, run;              /* that told it first; that told this version */
};
struct case_query {
    const char *type;           /* NULL: all but evidence */
    struct str host, dossier;   /* absent: all */
    int64_t since_us, until_us; /* TIME_NONE; with one of them, those without a time are left out */
    uint64_t run;               /* as it was after that run; 0: now */
    bool gone;                  /* those that are gone as well */
    const char *but;            /* of all types: not this one either */
    enum grade least;           /* of findings */
    uint64_t most, skip;        /* so many at most, 0: all; after the first `skip` of them */
};
typedef enum err case_tell(void *ctx, const struct case_item *item);
/* In order of time, those without one first; of one type, those of one time as they came in. What
 * tell returns if not OK ends it. */
MUST_CHECK enum err case_each(struct case_store *c, const struct case_query *query, case_tell *tell,
                              void *ctx, struct error *error);
/* What is known by one member alone, such as a finding by its id; END: nothing, or it is gone. */
MUST_CHECK enum err case_one(struct case_store *c, const char *type, struct str id, case_tell *tell,
                             void *ctx, struct error *error);
/* Those of query->type, as they are now. */
MUST_CHECK enum err case_count(struct case_store *c, const struct case_query *query,
                               uint64_t *ret_n, struct error *error);

/* Findings of one host, affair, rule, title and grade. */
struct case_alike {
    struct str host, dossier, rule, title;
    enum grade grade;
    uint64_t n;
    int64_t first_us, last_us; /* TIME_NONE: none of them has a time */
};
/* All findings, the gravest and most frequent first. */
MUST_CHECK enum err case_alike(struct case_store *c,
                               enum err (*tell)(void *ctx, const struct case_alike *alike),
                               void *ctx, struct error *error);
/* Findings of which a verdict asks the same: they differ in time, place and size alone. */
struct case_group {
    uint64_t number;
    struct str host, dossier, rule, title, target_host;
    struct str account, mailbox; /* of those graver than an attempt; absent */
    enum grade grade;
    bool aside;               /* finding_aside */
    bool answered, succeeded; /* of attempts; of those graver than that: model/role.h */
    uint64_t n, timed;        /* how many; how many of them have a time */
    uint64_t records, bytes;  /* sums: rows folded, bytes of responses */
    int64_t first_us, last_us;
    uint64_t item; /* the number of the first of them: without a time, or the earliest */
};
/* Groups in the order of their first findings. */
MUST_CHECK enum err case_groups(struct case_store *c,
                                enum err (*tell)(void *ctx, const struct case_group *group),
                                void *ctx, struct error *error);
/* One finding each, in order of time: n is 1, and texts are absent. */
MUST_CHECK enum err case_members(struct case_store *c, uint64_t group,
                                 enum err (*tell)(void *ctx, const struct case_group *member),
                                 void *ctx, struct error *error);
/* Where the finding of that id is counted; END: there is none. */
MUST_CHECK enum err case_group_of(struct case_store *c, struct str id, uint64_t *ret_group,
                                  uint64_t *ret_item, struct error *error);
/* The gravest findings, query->most of them, the earliest first within a grade. type, run, gone,
 * but and skip are not read. */
MUST_CHECK enum err case_gravest(struct case_store *c, const struct case_query *query,
                                 case_tell *tell, void *ctx, struct error *error);

/* What the runs behind `after`, up to `until`, added, changed or took away, in the same order.
 * before->body absent: it was not there; now->body absent: it is gone. */
typedef enum err case_tell_change(void *ctx, const struct case_item *before,
                                  const struct case_item *now);
MUST_CHECK enum err case_changes(struct case_store *c, uint64_t after, uint64_t until,
                                 case_tell_change *tell, void *ctx, struct error *error);
/* All that was ever said of a type, one item after the other, each in the order in which it was
 * said, with the run that said it. */
MUST_CHECK enum err case_versions(struct case_store *c, const char *type,
                                  enum err (*tell)(void *ctx, const struct case_item *item,
                                                   const struct case_run *run),
                                  void *ctx, struct error *error);
/* The same, of what more than one thing was said of alone. */
MUST_CHECK enum err case_revised(struct case_store *c, const char *type,
                                 enum err (*tell)(void *ctx, const struct case_item *item,
                                                  const struct case_run *run),
                                 void *ctx, struct error *error);
/* Earlier words on a host and affair that are worse than the last one, which a run said that did
 * not read all they rest on: findings of them are held still, or were purged. The last one does not
 * take them back. */
MUST_CHECK enum err case_outweighed(struct case_store *c, case_tell *tell, void *ctx,
                                    struct error *error);
/* Host and affair of findings that were purged, each once. */
MUST_CHECK enum err case_purged_of(struct case_store *c, case_tell *tell, void *ctx,
                                   struct error *error);
/* In order of number. */
MUST_CHECK enum err case_runs(struct case_store *c,
                              enum err (*tell)(void *ctx, const struct case_run *run), void *ctx,
                              struct error *error);

/* Recomputes the chain. Each version that is not what it was when it was written is told, with its
 * number and what is left of it. ret_n: versions looked at. */
MUST_CHECK enum err case_verify(struct case_store *c,
                                enum err (*tell)(void *ctx, uint64_t version,
                                                 const struct case_item *item, struct str why),
                                void *ctx, uint64_t *ret_n, struct error *error);

#endif
