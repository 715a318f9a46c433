/* A case as a STIX 2.1 bundle. Identifiers are made of the case and of public names, never of what
 * is the victim's: the same case gives the same bytes, and a grown one updates what was sent
 * before. Findings are folded before they are written, so that memory grows with what is told. */
#include "output/report_stix.h"

#include "output/alert_stix.h"
#include "output/exposure_stix.h"
#include "output/report.h"
#include "output/veiled.h"

void report_stix_id(struct case_bundle *b, const char *type, struct str a, struct str c,
                    struct str d, char ret_id[STIX_ID_BYTES])
{
    buf_reset(&b->tmp);
    buf_str(&b->tmp, b->share.report->key);
    buf_putc(&b->tmp, '\n');
    buf_str(&b->tmp, a);
    buf_putc(&b->tmp, '\n');
    buf_str(&b->tmp, c);
    buf_putc(&b->tmp, '\n');
    buf_str(&b->tmp, d);
    b->rc = b->rc ? b->rc : b->tmp.rc;
    stix_id(&b->x, type, buf_view(&b->tmp), ret_id);
}

/* What is no source's of an indicator has the report's mark, whatever names it. */
static enum tlp common(struct case_bundle *b)
{
    return stix_mark(&b->x, b->share.report->sharing.tlp);
}

void report_stix_host(struct case_bundle *b, struct str key, struct str name,
                      char ret_id[STIX_ID_BYTES])
{
    const enum tlp before = common(b);
    report_stix_id(b, "identity", STR("host"), key, STR_NONE, ret_id);
    if (stix_first(&b->x, ret_id))
        stix_identity(&b->x, ret_id, name, "system");
    stix_mark(&b->x, before);
}

void report_stix_technique(struct case_bundle *b, struct str technique, char ret_id[STIX_ID_BYTES])
{
    const enum tlp before = common(b);
    stix_id(&b->x, "attack-pattern", technique, ret_id);
    if (stix_first(&b->x, ret_id))
        stix_attack_pattern(&b->x, ret_id, technique);
    stix_mark(&b->x, before);
}

void report_stix_vulnerability(struct case_bundle *b, struct str cve, struct str description,
                               char ret_id[STIX_ID_BYTES])
{
    const enum tlp before = common(b);
    stix_id(&b->x, "vulnerability", cve, ret_id);
    if (stix_first(&b->x, ret_id))
        stix_vulnerability(&b->x, ret_id, cve, true, description);
    stix_mark(&b->x, before);
}

/* Definitions of those that objects of the bundle have. */
static void marks(struct case_bundle *b)
{
    bool used[TLP_MARKS] = {false};
    used[b->share.report->sharing.tlp] = used[report_mark(b->share.report)] = true;
    for (size_t i = 0; i < b->share.fold.n; i++)
        if (share_tells(&b->share, b->share.fold.v[i]))
            used[share_mark(&b->share, b->share.fold.v[i])] = true;
    for (int t = TLP_CLEAR; t < TLP_MARKS; t++)
        if (used[t])
            stix_tlp(&b->x, (enum tlp)t);
}

/* Named by the case and when it last changed. */
static void begin(struct case_bundle *b)
{
    struct stix *x = &b->x;
    char id[STIX_ID_BYTES], at[32];
    (void)snprintf(at, sizeof at, "%lld", (long long)b->share.as_of_us);
    report_stix_id(b, "bundle", str_of(at), STR_NONE, STR_NONE, id);
    json_object(&x->j, NULL);
    json_text(&x->j, "type", "bundle");
    json_text(&x->j, "id", id);
    json_array(&x->j, "objects");
    marks(b);
    (void)common(b);
    if (stix_first(x, x->identity))
        stix_identity(x, x->identity, STR("tocsin"), "system");
    stix_id(x, "extension-definition", STR("tocsin verdict"), b->extension);
    if (b->share.report->n_judgements && stix_first(x, b->extension))
        stix_extension(x, b->extension, "tocsin verdict", "what a verdict rests on",
                       "urn:tocsin:schema:verdict");
}

/* The host of exposures is infrastructure, as it has vulnerabilities; that of verdicts and
 * sightings an identity, as these want one. */
static void exposures(struct case_bundle *b)
{
    const struct report *r = b->share.report;
    struct exposure_stix rows;
    if (r->n_exposures == 0)
        return;
    exposure_stix_open(&rows, &b->x, b->share.as_of_us, true);
    for (size_t i = 0; i < r->n_exposures && !b->x.rc && !b->rc; i++) {
        struct exposure e = veiled_exposure(&b->share.veil, &r->exposure[i]);
        char key[SHA256_HEX + 1], host[STIX_ID_BYTES];
        share_host_key(&b->share, r->exposure[i].host, key);
        if (!e.host.n || !e.cve.n || e.state == EXPOSURE_FIXED)
            continue;
        exposure_stix_add(&rows, &e, str_of(key));
        report_stix_host(b, str_of(key), e.host, host);
        stix_relationship(&b->x, rows.infrastructure, "related-to", host, b->share.as_of_us);
    }
    exposure_stix_close(&rows);
}

static void alerts(struct case_bundle *b)
{
    const struct report *r = b->share.report;
    if (r->n_alerts)
        alert_stix_open(&b->x);
    for (size_t i = 0; i < r->n_alerts && !b->x.rc && !b->rc; i++) {
        struct alert a = veiled_alert(&b->share.veil, &r->alert[i]);
        if (share_alert(&b->share, &a))
            alert_stix_add(&b->x, &a);
    }
}

/* It refers to all that the bundle holds. */
static void report(struct case_bundle *b)
{
    const struct report *r = b->share.report;
    struct stix *x = &b->x;
    struct json *j = &x->j;
    char id[STIX_ID_BYTES];
    struct str name = veil_text(&b->share.veil, r->name);
    int64_t at_us = b->share.as_of_us;
    stix_mark(x, report_mark(r)); /* it is no looser than what it names */
    report_stix_id(b, "report", STR_NONE, STR_NONE, STR_NONE, id);
    stix_open_version(x, "report", id, at_us);
    buf_reset(&b->tmp);
    buf_puts(&b->tmp, "tocsin: a case");
    if (name.n) {
        buf_puts(&b->tmp, ", ");
        buf_str(&b->tmp, name);
    }
    json_str(j, "name", buf_view(&b->tmp));
    json_array(j, "report_types");
    json_text(j, NULL, "threat-report");
    json_end(j);
    stix_time(x, "published", time_printable(at_us) ? at_us : STIX_FIXED_US);
    stix_refs(x, "object_refs");
    stix_close(x);
}

/* What several folds tell, such as a client's address, stands there once: as the strictest of them
 * has it, which therefore come first. */
static void folds(struct case_bundle *b)
{
    for (int t = TLP_MARKS - 1; t >= 0; t--)
        for (size_t i = 0; i < b->share.fold.n && !b->x.rc && !b->rc; i++) {
            const struct fold *f = b->share.fold.v[i];
            if (share_mark(&b->share, f) != (enum tlp)t || !share_tells(&b->share, f))
                continue;
            stix_mark(&b->x, (enum tlp)t);
            report_stix_fold(b, f);
        }
    (void)common(b);
}

static void write_all(struct case_bundle *b)
{
    const struct report *r = b->share.report;
    begin(b);
    for (size_t i = 0; i < r->n_dossiers && !b->x.rc && !b->rc; i++)
        if (!r->dossier[i].catalogue)
            report_stix_dossier(b, &r->dossier[i]);
    folds(b);
    for (size_t i = 0; i < r->n_judgements && !b->x.rc && !b->rc; i++)
        report_stix_judgement(b, &r->judgement[i]);
    exposures(b);
    alerts(b);
    for (size_t i = 0; i < r->n_advice && !b->x.rc && !b->rc; i++)
        report_stix_advice(b, &r->advice[i]);
    report(b);
    json_end(&b->x.j);
    json_end(&b->x.j);
    json_line(&b->x.j);
}

enum err report_stix_write(struct sink *s, const struct report *report, struct error *error)
{
    struct case_bundle b = {0};
    enum err rc = share_open(&b.share, report, error);
    if (!rc) {
        buf_init(&b.tmp, SINK_MAX_BYTES);
        stix_init(&b.x, s);
        write_all(&b);
        rc = b.rc ? b.rc : b.share.veil.rc;
        if (rc && !b.x.rc)
            b.x.rc = rc;
        stix_done(&b.x);
        buf_done(&b.tmp);
        if (s->rc)
            rc = fail(error, s->rc, "the bundle was not written");
    }
    share_close(&b.share);
    return rc;
}
