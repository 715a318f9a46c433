/* exposure_test.h — a small world for tests of exposure: products, releases and fixes by hand,
 * observations by hand, answers to look at.
 *
 * What:   "Mail 1" has the lines 1.0.10, 1.0.20, ... as Exchange has them; tests add what they
 * need. Dates are texts; NULL is none. Input:  literals; texts are kept by pointer. Limits: those
 * of the arrays below. Owner:  everything is static; world_make before a test, world_drop after it
 * (cmocka's setup and teardown). Spec:   docs/explain/how-exposure-decides.md
 */
#ifndef UNIT_EXPOSURE_TEST_H
#define UNIT_EXPOSURE_TEST_H

#include "base/time.h"
#include "exposure/exposure_priv.h"
#include "unit.h"

enum { WORLD_ROWS = 64 };

static struct {
    struct dossier dossier[2]; /* an affair, and a catalogue */
    struct product product[8];
    struct known_build known[WORLD_ROWS];
    struct fix fix[WORLD_ROWS];
    struct cve_fact fact[WORLD_ROWS];
    struct str fix_cve[8], name[8][2];
    struct exposure_options options;
    struct exposure_run *run;
    struct exposure told; /* the answer that was asked for */
    char because[4096];
    size_t rows;
} world;

static inline int64_t date_of(const char *text)
{
    int64_t time_us = TIME_NONE;
    if (text)
        assert_true(time_parse(str_of(text), &time_us));
    return time_us;
}

static inline struct build build_of(const char *text)
{
    struct build b = {{-1, -1, -1, -1}};
    if (text)
        assert_true(build_parse(str_of(text), &b));
    return b;
}

static inline struct product *add_product(const char *name, const char *from, const char *to)
{
    struct dossier *d = &world.dossier[1];
    size_t i = d->n_products++;
    assert_true(i < ARRAY_LEN(world.product));
    world.product[i] = (struct product){.name = str_of(name),
                                        .from = build_of(from),
                                        .to = build_of(to),
                                        .line_parts = 3,
                                        .end_of_support_us = TIME_NONE,
                                        .esu_until_us = TIME_NONE};
    return &world.product[i];
}

static inline struct known_build *add_release(const char *product, const char *build,
                                              const char *update, const char *date)
{
    struct dossier *d = &world.dossier[1];
    assert_true(d->n_known < WORLD_ROWS);
    world.known[d->n_known] = (struct known_build){.product = str_of(product),
                                                   .update = str_of(update),
                                                   .build = build_of(build),
                                                   .released_us = date_of(date),
                                                   .eol_us = TIME_NONE};
    return &world.known[d->n_known++];
}

static inline struct fix *add_fix(const char *cve, const char *product, const char *build,
                                  const char *date)
{
    struct dossier *d = &world.dossier[1];
    assert_true(d->n_fixes < WORLD_ROWS);
    world.fix[d->n_fixes] = (struct fix){.cve = str_of(cve),
                                         .product = str_of(product),
                                         .update = str_of(build),
                                         .build = build_of(build),
                                         .affected_from = {{-1, -1, -1, -1}},
                                         .released_us = date_of(date),
                                         .rule = STR("build")};
    return &world.fix[d->n_fixes++];
}

static inline struct cve_fact *add_fact(const char *cve, const char *published)
{
    struct dossier *d = &world.dossier[1];
    assert_true(d->n_facts < WORLD_ROWS);
    world.fact[d->n_facts] = (struct cve_fact){.cve = str_of(cve),
                                               .kev_added_us = TIME_NONE,
                                               .exploited_since_us = TIME_NONE,
                                               .published_us = date_of(published)};
    return &world.fact[d->n_facts++];
}

/* The affair "storm": it began on that day, and ends on a host with the fixes of its CVEs. */
static inline void add_affair(const char *from, const char *cve, const char *other)
{
    struct dossier *d = &world.dossier[0];
    d->window_from_us = date_of(from);
    world.fix_cve[0] = str_of(cve);
    world.fix_cve[1] = str_of(other ? other : cve);
    d->fix_cves = (struct str_list){world.fix_cve, other ? 2 : 1};
}

/* Releases and one fix of "Mail 1": its first line never got one, the third began after it. */
static inline void add_mail(void)
{
    struct product *p = add_product("Mail 1", "1.0.0.0", "1.1.0.0");
    p->cpe = STR("example:mail");
    add_release("Mail 1", "1.0.10.1", "CU1", "2020-01-10");
    add_release("Mail 1", "1.0.20.1", "CU2", "2020-06-10");
    add_release("Mail 1", "1.0.20.5", "CU2 Mar21SU", "2021-03-02");
    add_release("Mail 1", "1.0.30.1", "CU3", "2020-12-10");
    add_release("Mail 1", "1.0.30.5", "CU3 Mar21SU", "2021-03-02");
    add_fix("CVE-2021-1000", "Mail 1", "1.0.20.5", "2021-03-02");
    add_fix("CVE-2021-1000", "Mail 1", "1.0.30.5", "2021-03-02");
}

static inline int world_make(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    for (size_t i = 0; i < 2; i++)
        world.dossier[i] = (struct dossier){.id = i ? STR("catalogue") : STR("storm"),
                                            .catalogue = i == 1,
                                            .as_of_us = TIME_NONE,
                                            .window_from_us = TIME_NONE,
                                            .window_until_us = TIME_NONE};
    struct dossier *d = &world.dossier[1];
    d->product = world.product;
    d->known = world.known;
    d->fix = world.fix;
    d->fact = world.fact;
    world.options = (struct exposure_options){.dossier = world.dossier,
                                              .n_dossiers = 2,
                                              .as_of_us = TIME_NONE,
                                              .now_us = date_of("2021-06-01")};
    return 0;
}

static inline int world_drop(void **state)
{
    (void)state;
    world.run = exposure_close(world.run);
    return 0;
}

/* The tables stand and options are set: from here on things are seen. */
static inline void world_open(void)
{
    struct error error = {0};
    if (exposure_open(&world.options, &world.run, &error))
        fail_msg("%s", error.text);
}

/* A build as an inventory tells it; with three numbers it is exact to the cumulative update. */
static inline struct observation seen_build(const char *host, const char *build, const char *date)
{
    struct observation o = {.kind = OBSERVED_BUILD,
                            .host = str_of(host),
                            .build = build_of(build),
                            .time_us = date_of(date),
                            .source = STR("inventory"),
                            .file = STR("a.csv")};
    o.precision = build_exact(&o.build)  ? PRECISION_SU
                  : o.build.part[2] >= 0 ? PRECISION_CU
                                         : PRECISION_PRODUCT;
    return o;
}

static inline void observe(struct observation o)
{
    assert_int_equal(exposure_observe(world.run, &o), OK);
}

static inline void see(const char *host, const char *build, const char *date)
{
    observe(seen_build(host, build, date));
}

/* The same by another source. */
static inline void see_too(const char *host, const char *build, const char *date)
{
    struct observation o = seen_build(host, build, date);
    o.source = STR("nmap");
    o.file = STR("b.xml");
    observe(o);
}

static inline void observe_cve(enum observation_kind kind, const char *host, const char *cve,
                               const char *date)
{
    observe((struct observation){.kind = kind,
                                 .host = str_of(host),
                                 .cve = str_of(cve),
                                 .build = {{-1, -1, -1, -1}},
                                 .time_us = date_of(date),
                                 .source = STR("nmap"),
                                 .file = STR("b.xml")});
}

static inline void world_end(void)
{
    struct error error = {0};
    if (exposure_end(world.run, &error))
        fail_msg("%s", error.text);
}

struct asked {
    const char *host, *cve;
};

static inline enum err on_told(void *ctx, const struct exposure *e)
{
    const struct asked *asked = ctx;
    if (!str_eq(e->host, str_of(asked->host)) || !str_eq(e->cve, str_of(asked->cve)))
        return OK;
    world.told = *e;
    (void)snprintf(world.because, sizeof world.because, "%.*s", STR_FMT(e->because));
    world.rows++;
    return OK;
}

/* The one answer for the host and the CVE; EXPOSURE_STATES: none. */
static inline enum exposure_state ask(const char *host, const char *cve)
{
    struct asked asked = {host, cve};
    world.rows = 0;
    assert_int_equal(exposure_each(world.run, on_told, &asked), OK);
    assert_true(world.rows <= 1);
    return world.rows ? world.told.state : EXPOSURE_STATES;
}

/* "fixed", and so on; "none" where there is no answer. */
static inline const char *asked_state(const char *host, const char *cve)
{
    enum exposure_state s = ask(host, cve);
    return s == EXPOSURE_STATES ? "none" : exposure_state_name(s);
}

static inline void assert_date(int64_t time_us, const char *want)
{
    char text[32];
    if (time_us != date_of(want))
        fail_msg("%s, not %s", time_us == TIME_NONE ? "none" : time_short(time_us, true, text),
                 want ? want : "none");
}

static inline void assert_because(const char *words)
{
    if (!strstr(world.because, words))
        fail_msg("'%s' is not in '%s'", words, world.because);
}

static inline void assert_not_because(const char *words)
{
    if (strstr(world.because, words))
        fail_msg("'%s' is in '%s'", words, world.because);
}

#endif
