/* One page for the incident manager, the board and the analyst: the answer first, then what it
 * rests on. Without a network and without a script it says everything; the script sorts, filters
 * and zooms. Nothing but the two embedded texts may run or style, by the page's own policy. */
#include "output/report_html.h"

#include "output/escape.h"
#include "output/report.h"
#include "output/web_chart.h"

static const char *const verdicts[] = {
    [VERDICT_NO_SIGN] = "no sign",
    [VERDICT_NOT_ENOUGH_EVIDENCE] = "not enough evidence",
    [VERDICT_ATTEMPTED] = "attempted",
    [VERDICT_EXPLOITED_UNCONFIRMED] = "exploited, unconfirmed",
    [VERDICT_COMPROMISED] = "compromised",
};

const char *verdict_words(enum verdict_state v)
{
    return verdicts[v];
}

const char *open_words(enum open_side s)
{
    static const char *const words[OPEN_SIDES] = {"not known", "never open", "fixed", "mitigated",
                                                  "still open"};
    return words[s];
}

const char *exposure_words(enum exposure_state s)
{
    static const char *const words[EXPOSURE_STATES] = {"exposed", "mitigated",
                                                       "fixed if configured", "not known", "fixed"};
    return words[s];
}

void html_badge(struct html_page *p, enum verdict_state v)
{
    buf_printf(p->h.b, "<span class=\"badge s%d\">", (int)v);
    web_symbol(&p->h, (const char *[]){"v0", "v1", "v2", "v3", "v4"}[v]);
    web_put(&p->h, verdict_words(v));
    web_put(&p->h, "</span>");
}

void html_grade(struct html_page *p, enum grade g)
{
    buf_printf(p->h.b, "<span class=\"grade g%d\">", (int)g);
    web_symbol(&p->h, (const char *[]){"g0", "g1", "g2", "g3", "g4"}[g]);
    web_put(&p->h, grade_name(g));
    web_put(&p->h, "</span>");
}

void html_hosts_of(struct html_page *p, enum verdict_state v)
{
    size_t all = p->hosts_of[v], n = 0;
    for (size_t i = 0; i < p->n_hosts && n < HTML_NAMES; i++) {
        if (p->host[i].worst->verdict.state != v)
            continue;
        web_put(&p->h, n == 0 ? "" : n + 1 == all ? " and " : ", ");
        web_name(&p->h, p->host[i].name);
        n++;
    }
    if (all > n)
        buf_printf(p->h.b, " and %zu more", all - n);
}

struct str html_title(const struct html_page *p, struct str dossier)
{
    for (size_t i = 0; i < p->r->n_dossiers; i++)
        if (str_eq(p->r->dossier[i].id, dossier) && p->r->dossier[i].title.n)
            return p->r->dossier[i].title;
    return dossier;
}

/* ---- the frame ---- */

static const struct section {
    const char *id, *title, *nav;
    void (*write)(struct html_page *p);
} sections[] = {
    {"verdict", "Verdict", "Verdict", html_verdict},
    {"chatter", "What attackers talk about", "Chatter", html_chatter},
    {"exposure", "What is open", "Exposure", html_exposure},
    {"findings", "Findings", "Findings", html_findings},
    {"timeline", "Timeline", "Timeline", html_timeline},
    {"steps", "Next steps", "Next steps", html_steps},
    {"unseen", "What was not examined", "Not examined", html_unseen},
    {"making", "How this report was made", "How made", html_making},
};

void html_details(struct html_page *p, const char *summary)
{
    buf_printf(p->h.b, "<details><summary>%s</summary>\n", summary);
}

void html_twin(struct html_page *p)
{
    web_put(&p->h, "<details class=\"twin\"><summary>The picture as a table</summary>\n");
}

static void put_section(struct html_page *p, size_t i)
{
    const struct section *s = &sections[i];
    buf_printf(p->h.b,
               "<section id=\"%s\" aria-labelledby=\"h-%s\"><h2 id=\"h-%s\"><span class=\"no\">%zu"
               "</span> %s</h2>\n",
               s->id, s->id, s->id, i + 1, s->title);
    s->write(p);
    web_put(&p->h, "</section>\n");
    web_pace(&p->h);
}

/* Shapes say what colours say; the pictures refer to them. */
static const char symbols[] =
    "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>"
    "<symbol id=\"v0\" viewBox=\"0 0 16 16\"><circle class=\"line\" cx=\"8\" cy=\"8\" r=\"6.2\"/>"
    "<path class=\"line\" d=\"M5 8.2l2.2 2.3L11.2 6\"/></symbol>"
    "<symbol id=\"v1\" viewBox=\"0 0 16 16\"><circle class=\"line dash\" cx=\"8\" cy=\"8\" "
    "r=\"6.2\"/><path class=\"line\" d=\"M6 6.4a2 2 0 1 1 2.9 1.8c-.7.4-.9.7-.9 1.3M8 "
    "11.4v.2\"/></symbol>"
    "<symbol id=\"v2\" viewBox=\"0 0 16 16\"><path class=\"line\" d=\"M8 2l6.2 11.4H1.8zM8 "
    "6.4v3.4M8 11.5v.2\"/></symbol>"
    "<symbol id=\"v3\" viewBox=\"0 0 16 16\"><path class=\"line\" d=\"M8 1.4L14.6 8 8 14.6 1.4 "
    "8z\"/><path class=\"solid\" d=\"M8 4.6v6.8L4.6 8z\"/></symbol>"
    "<symbol id=\"v4\" viewBox=\"0 0 16 16\"><path class=\"solid\" d=\"M5.2 1.5h5.6l3.7 "
    "3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z\"/><path class=\"hole\" d=\"M5.5 5.5l5 5m0-5l-5 "
    "5\"/></symbol>"
    "<symbol id=\"g0\" viewBox=\"0 0 14 14\"><circle class=\"m0\" cx=\"7\" cy=\"7\" "
    "r=\"2\"/></symbol>"
    "<symbol id=\"g1\" viewBox=\"0 0 14 14\"><circle class=\"m1\" cx=\"7\" cy=\"7\" "
    "r=\"4\"/></symbol>"
    "<symbol id=\"g2\" viewBox=\"0 0 14 14\"><path class=\"m2\" d=\"M7 2l5.4 9.6H1.6z\"/></symbol>"
    "<symbol id=\"g3\" viewBox=\"0 0 14 14\"><path class=\"m3\" d=\"M7 1l6 6-6 6-6-6z\"/></symbol>"
    "<symbol id=\"g4\" viewBox=\"0 0 14 14\"><path class=\"m4\" d=\"M1.5 1.5h11v11h-11z\"/><path "
    "class=\"m4x\" d=\"M4.4 4.4l5.2 5.2m0-5.2L4.4 9.6\"/></symbol>"
    "<symbol id=\"alert\" viewBox=\"0 0 14 14\"><path class=\"ma\" d=\"M3 1v12\"/><path "
    "class=\"maf\" d=\"M3 1.5h9L9.4 4.4 12 7.3H3z\"/></symbol>"
    "<symbol id=\"fix\" viewBox=\"0 0 14 14\"><circle class=\"mf\" cx=\"7\" cy=\"7\" "
    "r=\"6\"/><path class=\"mfx\" d=\"M4 7.2l2.1 2.2L10 5\"/></symbol>"
    "<symbol id=\"public\" viewBox=\"0 0 14 14\"><circle class=\"mp\" cx=\"7\" cy=\"7\" "
    "r=\"3.4\"/></symbol>"
    "<pattern id=\"blind\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
    "patternTransform=\"rotate(45)\"><rect class=\"pb\" width=\"6\" height=\"6\"/><rect "
    "class=\"ps\" width=\"1.6\" height=\"6\"/></pattern>"
    "<pattern id=\"mitigated\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
    "patternTransform=\"rotate(-45)\"><rect class=\"em\" width=\"6\" height=\"6\"/><rect "
    "class=\"es\" width=\"2\" height=\"6\"/></pattern>"
    "<pattern id=\"ifset\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\"><rect "
    "class=\"em\" width=\"5\" height=\"5\"/><circle class=\"es\" cx=\"2.5\" cy=\"2.5\" "
    "r=\"1\"/></pattern></defs></svg>\n";

/* Class of the page and of the mark: its colours, and what stands on each printed page. */
static const char *tlp_class(enum tlp tlp)
{
    static const char *const names[TLP_MARKS] = {[TLP_RED] = "red",
                                                 [TLP_AMBER_STRICT] = "strict",
                                                 [TLP_AMBER] = "amber",
                                                 [TLP_GREEN] = "green"};
    return names[tlp] ? names[tlp] : "clear";
}

static void put_head(struct html_page *p)
{
    struct web *h = &p->h;
    web_put(h, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    buf_printf(h->b,
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
               "data:; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'\">\n",
               web_report_css_hash, web_report_js_hash);
    web_put(h, "<meta name=\"referrer\" content=\"no-referrer\">"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
               "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    web_text(h, str_of(tlp_name(report_mark(p->r))), WEB_NAME);
    web_put(h, " \xc2\xb7 ");
    web_text(h, p->r->name, WEB_NAME);
    web_put(h, " \xc2\xb7 tocsin report</title>\n<style>");
    web_put(h, web_report_css);
    web_put(h, "</style></head>\n");
}

static void put_mark(struct html_page *p)
{
    struct web *h = &p->h;
    buf_printf(h->b, "<span class=\"tlp %s\">", tlp_class(report_mark(p->r)));
    web_text(h, str_of(tlp_name(report_mark(p->r))), WEB_NAME);
    web_put(h, "</span>");
}

static void put_top(struct html_page *p)
{
    struct web *h = &p->h;
    buf_printf(h->b, "<body class=\"%s\">\n", tlp_class(report_mark(p->r)));
    web_put(h, "<a class=\"skip\" href=\"#main\">Skip to the report</a>\n");
    web_put(h, symbols);
    web_put(h, "<div class=\"each-page\" aria-hidden=\"true\">");
    put_mark(p);
    web_put(h, "</div>\n<header>\n<p class=\"over\">");
    put_mark(p);
    web_put(h, "<span class=\"case\">Case ");
    web_name(h, p->r->name);
    web_put(h, "</span><span>as of ");
    web_time(h, p->r->made_us);
    web_put(h, " UTC</span></p>\n");
    html_headline(p);
    web_put(h, "</header>\n<nav aria-label=\"Sections\"><ol>");
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        buf_printf(h->b, "<li><a href=\"#%s\">%s</a></li>", sections[i].id, sections[i].nav);
    web_put(h, "</ol></nav>\n<main id=\"main\" tabindex=\"-1\">\n");
}

static void put_bottom(struct html_page *p)
{
    struct web *h = &p->h;
    web_put(h, "</main>\n<footer><p>");
    put_mark(p);
    web_put(h, " All times are UTC. Addresses and links of attackers are written so that nobody "
               "follows them by mistake (<code>hxxp</code>, <code>[.]</code>). Characters that "
               "cannot be seen are shown by number (<code>&lt;U+202E&gt;</code>, "
               "<code>\\x1b</code>).</p><p>Made by tocsin ");
    web_text(h, str_of(p->r->version), WEB_NAME);
    web_put(h, " from a case on disk. This page sends and loads nothing.</p></footer>\n<script>");
    web_put(h, web_report_js);
    web_put(h, "</script>\n</body></html>\n");
}

/* ---- hosts ---- */

/* Of two verdicts of a host the worse; of equals the one whose logs reach into the affair. */
static bool is_worse(const struct verdict *a, const struct verdict *b)
{
    return a->ended_before != b->ended_before ? b->ended_before : a->state > b->state;
}

static enum err gather_hosts(struct html_page *p)
{
    const struct report *r = p->r;
    p->host = arena_new_n(&p->arena, struct html_host, r->n_judgements + 1);
    if (!p->host)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->n_judgements; i++) {
        const struct judgement *j = &r->judgement[i];
        uint32_t at;
        bool first;
        TRY(map_intern(&p->by_name, j->verdict.host, &at, &first));
        if (first)
            p->host[p->n_hosts++] = (struct html_host){j->verdict.host, j};
        else if (is_worse(&j->verdict, &p->host[at].worst->verdict))
            p->host[at].worst = j;
    }
    for (size_t i = 0; i < p->n_hosts; i++)
        p->hosts_of[p->host[i].worst->verdict.state]++;
    return OK;
}

/* What the analyst decided about each finding of the list. */
static enum err gather_notes(struct html_page *p)
{
    const struct report *r = p->r;
    p->note = arena_new_n(&p->arena, const struct note *, r->n_findings + 1);
    p->aside = arena_new_n(&p->arena, bool, r->n_findings + 1);
    if (!p->note || !p->aside)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct finding *f = &r->finding[i];
        for (size_t k = 0; k < r->n_notes; k++)
            if (r->note[k].state.n && str_eq(r->note[k].about, str_of(f->id)))
                p->note[i] = &r->note[k];
        p->aside[i] = finding_aside(f) || (p->note[i] && note_sets_aside(p->note[i], f));
    }
    return OK;
}

enum err report_html_write(struct sink *s, const struct report *r, struct error *error)
{
    struct html_page p = {.r = r};
    web_init(&p.h, s);
    arena_init(&p.arena, HTML_ARENA_BYTES);
    map_init(&p.by_name, &p.arena, SIZE_MAX >> 1);
    enum err rc = gather_hosts(&p);
    rc = rc ? rc : gather_notes(&p);
    if (!rc) {
        put_head(&p);
        put_top(&p);
        for (size_t i = 0; i < ARRAY_LEN(sections); i++)
            put_section(&p, i);
        put_bottom(&p);
    }
    web_pace(&p.h);
    map_done(&p.by_name);
    arena_done(&p.arena);
    web_done(&p.h);
    if (rc)
        return fail(error, rc, "cannot write the page: %s", err_name(rc));
    return s->rc;
}
