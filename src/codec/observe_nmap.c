#include "codec/observe_xml.h"

/* nmap's XML: what version scripts tell of builds, and what scripts of its vulnerability library
 * say of CVEs. Layout as nmap 7.93 writes it: host/address@addr, hostnames/hostname@name,
 * ports/port/script, and in a script table[@key]/elem[@key]. */

enum { TABLES = 8, KEY_BYTES = 128, CVES = 16 };

struct scan {
    struct observe_reader *r;
    struct observe_xml xml;
    int64_t run_us, host_us;
    struct observe_text address, name;
    unsigned in_script; /* depth of tables + 1; 0: not in a script */
    struct observe_text key[TABLES + 1], elem;
    bool in_elem;
    struct observe_text words; /* of the element */
    /* of the vulnerability at hand */
    unsigned vuln_depth; /* of its table; 0: none */
    int state;           /* 1 open, -1 closed, 0 not said */
    struct observe_text cve[CVES];
    size_t n_cves;
};

static void set(struct observe_text *t, const char *p)
{
    observe_text_set(t, str_of(p));
}

static int64_t seconds(const char *text)
{
    int64_t s;
    return text && str_i64(str_of(text), &s) && s > 0 && s < INT64_MAX / 1000000 ? s * 1000000
                                                                                 : TIME_NONE;
}

static struct observation of_host(const struct scan *s, enum observation_kind kind)
{
    struct observation o = observation_blank(kind);
    o.host = s->name.n ? observe_text_view(&s->name) : observe_text_view(&s->address);
    o.time_us = s->host_us != TIME_NONE ? s->host_us : s->run_us;
    o.line = observe_xml_line(&s->xml);
    return o;
}

static void give_build(struct scan *s, struct str text)
{
    struct observation o = of_host(s, OBSERVED_BUILD);
    if (text.n && ascii_digit((unsigned char)text.p[0]) && observe_build(text, &o) &&
        o.precision >= PRECISION_CU)
        observe_xml_keep(&s->xml, observe_give(s->r, &o));
}

static void give_vulnerability(struct scan *s)
{
    for (size_t i = 0; s->state && i < s->n_cves && !s->xml.rc; i++) {
        struct observation o = of_host(s, s->state > 0 ? OBSERVED_OPEN : OBSERVED_CLOSED);
        o.cve = observe_text_view(&s->cve[i]);
        observe_xml_keep(&s->xml, observe_give(s->r, &o));
    }
    s->vuln_depth = 0;
    s->n_cves = 0;
    s->state = 0;
}

static void note_cve(struct scan *s, struct str id)
{
    if (str_istarts(id, STR("CVE:")))
        id = str_sub(id, 4, id.n);
    for (size_t i = 0; i < s->n_cves; i++)
        if (str_ieq(observe_text_view(&s->cve[i]), id))
            return;
    if (!str_istarts(id, STR("CVE-")) || s->n_cves == CVES || id.n > KEY_BYTES)
        return;
    memcpy(s->cve[s->n_cves].p, id.p, id.n);
    s->cve[s->n_cves++].n = id.n;
}

/* ---- elements ---- */

static void begin_table(struct scan *s, const char *key)
{
    if (s->in_script > TABLES) {
        s->in_script++; /* deeper than any script goes: counted, not kept */
        return;
    }
    set(&s->key[s->in_script], key);
    if (!s->vuln_depth)
        note_cve(s, observe_text_view(&s->key[s->in_script]));
    s->in_script++;
}

static void begin_in_script(struct scan *s, const char *name, const char **a)
{
    if (strcmp(name, "table") == 0) {
        begin_table(s, observe_xml_attribute(a, "key"));
    } else if (strcmp(name, "elem") == 0) {
        set(&s->elem, observe_xml_attribute(a, "key"));
        s->in_elem = true;
        s->words.n = 0;
    }
}

static void on_begin(void *ctx, const char *name, const char **a)
{
    struct scan *s = ctx;
    const char *type = observe_xml_attribute(a, "addrtype");
    if (s->in_script) {
        begin_in_script(s, name, a);
    } else if (strcmp(name, "nmaprun") == 0) {
        s->run_us = seconds(observe_xml_attribute(a, "start"));
    } else if (strcmp(name, "host") == 0) {
        s->address.n = s->name.n = 0;
        s->host_us = seconds(observe_xml_attribute(a, "starttime"));
    } else if (strcmp(name, "address") == 0 && (!type || strcmp(type, "mac") != 0)) {
        set(&s->address, observe_xml_attribute(a, "addr"));
    } else if (strcmp(name, "hostname") == 0 && !s->name.n) {
        set(&s->name, observe_xml_attribute(a, "name"));
    } else if (strcmp(name, "script") == 0) {
        s->in_script = 1;
        s->vuln_depth = 0;
        s->n_cves = 0;
        s->state = 0;
    }
}

static void end_elem(struct scan *s)
{
    struct str key = observe_text_view(&s->elem), words = str_trim(observe_text_view(&s->words));
    struct str table = s->in_script > 1 && s->in_script <= TABLES + 1
                           ? observe_text_view(&s->key[s->in_script - 1])
                           : STR("");
    s->in_elem = false;
    if (str_ieq(key, STR("build"))) {
        give_build(s, words);
    } else if (str_ieq(key, STR("state"))) {
        s->vuln_depth = s->in_script;
        s->state = str_istarts(words, STR("VULNERABLE")) || str_istarts(words, STR("LIKELY")) ? 1
                   : str_istarts(words, STR("NOT VULNERABLE"))                                ? -1
                                                                                              : 0;
    } else if (str_ieq(table, STR("ids"))) {
        note_cve(s, words);
    }
}

static void on_end(void *ctx, const char *name)
{
    struct scan *s = ctx;
    if (!s->in_script)
        return;
    if (s->in_elem && strcmp(name, "elem") == 0)
        end_elem(s);
    else if (strcmp(name, "table") == 0 && s->in_script > 1) {
        if (s->vuln_depth == s->in_script || s->in_script == 2)
            give_vulnerability(s);
        s->in_script--;
    } else if (strcmp(name, "script") == 0)
        s->in_script = 0;
}

static void on_words(void *ctx, struct str text)
{
    struct scan *s = ctx;
    if (s->in_elem)
        observe_text_add(&s->words, text);
}

static enum err read(struct observe_reader *r)
{
    struct scan *s = arena_new(&r->arena, struct scan);
    if (!s)
        return fail(r->error, ERR_NOMEM, "out of memory");
    s->r = r;
    s->run_us = s->host_us = TIME_NONE;
    s->xml =
        (struct observe_xml){.r = r, .begin = on_begin, .end = on_end, .words = on_words, .ctx = s};
    return observe_xml_read(&s->xml);
}

static bool is(struct str head, struct str name)
{
    (void)name;
    return str_has(str_sub(head, 0, 4096), STR("<nmaprun"));
}

const struct observe_format observe_nmap = {
    .name = "nmap", .help = "nmap's XML", .is = is, .read = read};
