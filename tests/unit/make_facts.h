/* make_facts.h — facts built by hand, for the tests of the second phase.
 *
 * What:   one dossier of an affair like Exchange's, hosts with logs that run hour by hour, hits.
 * Input:  none from outside.
 * Limits: MAKE_*.
 * Owner:  struct make holds everything; make_done frees the arena.
 * Spec:   docs/internals/VERDICT.md
 */
#ifndef TESTS_MAKE_FACTS_H
#define TESTS_MAKE_FACTS_H

#include "scan/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { MAKE_FILES = 64, MAKE_HITS = 64, MAKE_RULES = 24, MAKE_GAPS = 4 };

struct make {
    struct arena arena;
    struct facts facts;
    struct scan_rule rule[MAKE_RULES];
    struct file_fact file[MAKE_FILES];
    struct hit hit[MAKE_HITS];
    struct gap gap[MAKE_GAPS];
    struct dossier dossier[2];
    struct answer answer;
};

static inline int64_t at(const char *text)
{
    int64_t t;
    return time_parse(str_of(text), &t) ? t : TIME_NONE;
}

static struct str make_deciding[] = {{"iis", 3}, {"httpproxy-ecp", 13}};
static struct str make_confirming[] = {{"ecp-server", 10}};
static struct str make_seen[] = {{"httpproxy-*", 11}, {"ecp-server", 10}};
static struct str make_paths[] = {{"/owa/", 5}};
static struct str make_cves[] = {{"CVE-2021-26855", 14}};
static struct product make_product[] = {
    {.name = {"Exchange Server 2016", 20}, .from = {{15, 1, 0, 0}}, .to = {{15, 2, 0, 0}}}};
static struct fix make_fix[] = {{.cve = {"CVE-2021-26855", 14},
                                 .product = {"Exchange Server 2016", 20},
                                 .build = {{15, 1, 2176, 9}},
                                 .released_us = TIME_NONE}};

/* Window 2021-01-03 until fixed; deciding iis and httpproxy-ecp; fixed by 15.1.2176.9. */
static inline void make_init(struct make *m)
{
    memset(m, 0, sizeof *m);
    arena_init(&m->arena, 64 * 1024 * 1024);
    m->facts = (struct facts){.rule = m->rule,
                              .file = m->file,
                              .hit = m->hit,
                              .gap = m->gap,
                              .dossier = m->dossier,
                              .n_dossiers = 1,
                              .since_us = TIME_NONE,
                              .until_us = TIME_NONE};
    m->dossier[0] = (struct dossier){.id = STR("affair-2021"),
                                     .title = STR("Affair of 2021"),
                                     .window_from_us = at("2021-01-03"),
                                     .window_until_us = TIME_NONE,
                                     .deciding = {make_deciding, 2},
                                     .confirming = {make_confirming, 1},
                                     .seen_kinds = {make_seen, 2},
                                     .seen_paths = {make_paths, 1},
                                     .fix_cves = {make_cves, 1},
                                     .product = make_product,
                                     .n_products = 1,
                                     .fix = make_fix,
                                     .n_fixes = 1,
                                     .isolate_when_compromised = true,
                                     .advice = {STR("advice: no sign"), STR("advice: not enough"),
                                                STR("advice: attempted"), STR("advice: exploited"),
                                                STR("advice: compromised")}};
}

static inline void make_done(struct make *m)
{
    arena_done(&m->arena);
}

static inline struct scan_rule *make_rule(struct make *m, const char *id, enum grade grade,
                                          enum stage stage)
{
    static const struct sigma_rule sigma = {.type = SIGMA_DETECTION};
    struct scan_rule *r = &m->rule[m->facts.n_rules++];
    *r = (struct scan_rule){.sigma = &sigma,
                            .dossier = &m->dossier[0],
                            .id = str_of(id),
                            .title = str_of(id),
                            .level = LEVEL_HIGH,
                            .meta = {.grade = grade,
                                     .graded = true,
                                     .stage = stage,
                                     .meaning = STR("It means something."),
                                     .next = STR("Do something.")}};
    return r;
}

/* A file with a record in every hour from first to last. */
static inline struct file_fact *make_file(struct make *m, const char *host, const char *kind,
                                          const char *path, const char *first, const char *last)
{
    struct file_fact *f = &m->file[m->facts.n_files++];
    int64_t from = time_hour(at(first)), to = time_hour(at(last));
    *f = (struct file_fact){.path = str_of(path),
                            .host = str_of(host),
                            .kind = str_of(kind),
                            .first_us = at(first),
                            .last_us = at(last)};
    f->n_hours = (size_t)(to - from + 1);
    f->hour = arena_new_n(&m->arena, struct hour_count, f->n_hours);
    for (size_t i = 0; i < f->n_hours; i++)
        f->hour[i] = (struct hour_count){from + (int64_t)i, 10};
    f->records = f->n_hours * 10;
    return f;
}

/* Takes the hours from first to last (exclusive) out of a file. */
static inline void make_hole(struct file_fact *f, const char *first, const char *last)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_hours; i++)
        if (f->hour[i].hour < time_hour(at(first)) || f->hour[i].hour >= time_hour(at(last)))
            f->hour[n++] = f->hour[i];
    f->n_hours = n;
}

static inline void make_build(struct make *m, struct file_fact *f, const char *build,
                              const char *first, const char *last)
{
    struct build_seen *v = arena_new_n(&m->arena, struct build_seen, f->n_builds + 1);
    if (f->n_builds)
        memcpy(v, f->build, f->n_builds * sizeof *v);
    if (!build_parse(str_of(build), &v[f->n_builds].build))
        v[f->n_builds].build = (struct build){{-1, -1, -1, -1}};
    v[f->n_builds].first_us = at(first);
    v[f->n_builds].last_us = at(last);
    f->build = v;
    f->n_builds++;
}

/* A hit of a rule in a file, by a client from outside. */
static inline struct hit *make_hit(struct make *m, const struct scan_rule *r,
                                   const struct file_fact *f, const char *time)
{
    struct hit *h = &m->hit[m->facts.n_hits];
    *h = (struct hit){.rule = (uint32_t)(r - m->rule),
                      .file = (uint32_t)(f - m->file),
                      .count = 1,
                      .first_us = at(time),
                      .last_us = at(time),
                      .line = m->facts.n_hits + 1,
                      .offset = m->facts.n_hits * 100,
                      .host = f->host,
                      .evidence = STR("a line of a log")};
    h->role[ROLE_CLIENT] = STR("203.0.113.7");
    h->role[ROLE_STEM] = r->id;
    h->role[ROLE_STATUS] = STR("200");
    h->raw_sha256[0] = (unsigned char)m->facts.n_hits;
    m->facts.n_hits++;
    return h;
}

static inline const struct verdict *make_verdict(const struct make *m, const char *host,
                                                 const char *dossier)
{
    for (size_t i = 0; i < m->answer.n_verdicts; i++) {
        const struct verdict *v = &m->answer.verdict[i];
        if (str_eq(v->host, str_of(host)) &&
            (dossier ? str_eq(v->dossier, str_of(dossier)) : !v->dossier.p))
            return v;
    }
    return NULL;
}

#define OPEN "15.1.2106.2"
#define FIXED "15.1.2176.9"

static inline void run(struct make *m)
{
    struct error error;
    assert_int_equal(judge(&m->arena, &m->facts, &m->answer, &error), OK);
}

static inline bool says(struct str text, const char *part)
{
    bool found = str_find(text, str_of(part)) >= 0;
    if (!found)
        print_message("'%.*s' lacks '%s'\n", STR_FMT(text), part);
    return found;
}

/* EX01 with both deciding logs from first to last; the front end's log is returned. */
static inline struct file_fact *logs(struct make *m, const char *first, const char *last)
{
    make_file(m, "EX01", "iis", "iis/a.log", first, last);
    return make_file(m, "EX01", "httpproxy-ecp", "proxy/a.log", first, last);
}

/* Open from before the window until the fix of 2 March. */
static inline struct file_fact *patched_server(struct make *m)
{
    struct file_fact *f = logs(m, "2021-01-01", "2021-03-20");
    make_build(m, f, OPEN, "2021-01-01", "2021-03-01T23:00:00");
    make_build(m, f, FIXED, "2021-03-02", "2021-03-20");
    return f;
}

static inline const struct verdict *ex01(struct make *m)
{
    run(m);
    const struct verdict *v = make_verdict(m, "EX01", "affair-2021");
    assert_non_null(v);
    return v;
}

#endif
