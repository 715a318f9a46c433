#include "dossier/draft_parts.h"

#include "base/utf.h"

/* What may stand in a line as it is: no control characters, none that is invisible or turns the
 * direction of reading, none that YAML forbids. */
static bool visible(int32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad)
        return false;
    if ((cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
        (cp >= 0x2060 && cp <= 0x206f))
        return false;
    return cp != 0xfeff && cp < 0xe0000 && (cp & 0xfffe) != 0xfffe;
}

void draft_plain(struct buf *b, struct str s, size_t max)
{
    size_t n, from = b->n;
    bool blank = false;
    for (size_t i = 0; i < s.n; i += n) {
        int32_t cp = utf8_next(s, i, &n);
        if (cp == ' ' || (cp >= 0 && cp < 0x20)) {
            blank = b->n > from;
            continue;
        }
        if (b->n - from + n + 1 > max) {
            buf_puts(b, "...");
            return;
        }
        if (blank)
            buf_putc(b, ' ');
        blank = false;
        if (cp == UTF_BAD || !visible(cp))
            buf_puts(b, "\xef\xbf\xbd");
        else
            buf_add(b, s.p + i, n);
    }
}

void draft_scalar(struct buf *b, struct buf *tmp, struct str s)
{
    buf_reset(tmp);
    draft_plain(tmp, s, DRAFT_TEXT_BYTES);
    buf_putc(b, '"');
    for (size_t i = 0; i < tmp->n; i++) {
        if (tmp->p[i] == '"' || tmp->p[i] == '\\')
            buf_putc(b, '\\');
        buf_putc(b, tmp->p[i]);
    }
    buf_putc(b, '"');
    if (tmp->rc && !b->rc)
        b->rc = tmp->rc;
}

/* One file on its way. */
struct page {
    struct buf *b, tmp;
    const struct alert *alert;
    size_t n;
    struct arena arena;
    struct map seen; /* what was listed already, without ASCII case */
    size_t listed;   /* in the list at hand */
    enum err rc;
};

static void key(struct page *p, const char *name, struct str value)
{
    buf_puts(p->b, name);
    buf_puts(p->b, ": ");
    draft_scalar(p->b, &p->tmp, value);
    buf_putc(p->b, '\n');
}

/* The first time that it is asked in a list, and if there is room. */
static bool wanted(struct page *p, const char *list, struct str value)
{
    bool first = false;
    uint32_t number;
    struct buf *b = &p->tmp;
    if (!value.n || p->listed >= DRAFT_LIST || p->rc)
        return false;
    buf_reset(b);
    buf_puts(b, list);
    buf_putc(b, ' ');
    draft_plain(b, value, DRAFT_TEXT_BYTES);
    if (!b->rc && b->n)
        ascii_lower_all(b->p, b->p, b->n);
    p->rc = b->rc ? b->rc : map_intern(&p->seen, buf_view(b), &number, &first);
    if (p->rc || !first)
        return false;
    if (p->listed++ == 0)
        buf_printf(p->b, "%s:\n", list);
    return true;
}

static void list_end(struct page *p, const char *list)
{
    if (!p->listed)
        buf_printf(p->b, "%s: []\n", list);
    p->listed = 0;
}

static void source(struct page *p, struct str site, struct str url)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_puts(&text, "a post");
    if (site.n) {
        buf_puts(&text, " on ");
        draft_plain(&text, site, 100);
    }
    if (url.n) {
        buf_puts(&text, ": ");
        draft_plain(&text, url, 250);
    }
    key(p, "    source", buf_view(&text));
    buf_done(&text);
}

static void alias(struct page *p, struct str name)
{
    if (!wanted(p, "aliases", name))
        return;
    buf_puts(p->b, "  - ");
    draft_scalar(p->b, &p->tmp, name);
    buf_putc(p->b, '\n');
}

static void aliases(struct page *p)
{
    static const char *const kinds[] = {"malware", "actor", "product", "advisory"};
    for (size_t i = 0; i < p->n; i++) {
        const struct alert *a = &p->alert[i];
        alias(p, a->subject);
        for (size_t k = 0; k < a->n_with; k++)
            for (size_t m = 0; m < ARRAY_LEN(kinds); m++)
                if (strcmp(subject_kind_name(a->with[k].kind), kinds[m]) == 0)
                    alias(p, a->with[k].subject);
        for (size_t k = 0; k < a->n_items; k++)
            for (size_t m = 0; m < ARRAY_LEN(kinds); m++)
                if (str_eq(a->item[k].kind, str_of(kinds[m])))
                    alias(p, a->item[k].value);
    }
    list_end(p, "aliases");
}

static struct str site_of(const struct alert *a)
{
    return a->n_sites ? a->site[0].site : STR("");
}

static void actors(struct page *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct alert *a = &p->alert[i];
        if (a->kind != SUBJECT_ACTOR || !wanted(p, "actors", a->subject))
            continue;
        key(p, "  - name", a->subject);
        buf_puts(p->b, "    summary: named in posts; nothing was checked\n"
                       "    sectors: []\n    regions: []\n");
        source(p, site_of(a), STR(""));
    }
    list_end(p, "actors");
}

static void product(struct page *p, struct str name, struct str site, struct str url,
                    struct draft_told *told)
{
    if (!wanted(p, "products", name))
        return;
    key(p, "  - name", name);
    source(p, site, url);
    told->products++;
}

static void products(struct page *p, struct draft_told *told)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct alert *a = &p->alert[i];
        if (a->kind == SUBJECT_PRODUCT)
            product(p, a->subject, site_of(a), STR(""), told);
        for (size_t k = 0; k < a->n_items; k++)
            if (str_eq(a->item[k].kind, STR("product")))
                product(p, a->item[k].value, STR(""), a->item[k].source, told);
    }
    list_end(p, "products");
}

static bool cve_shape(struct str s)
{
    if (!str_starts(s, STR("CVE-")) || s.n < 13 || s.n > 30 || s.p[8] != '-')
        return false;
    for (size_t i = 4; i < s.n; i++)
        if (i != 8 && !ascii_digit((unsigned char)s.p[i]))
            return false;
    return true;
}

static void cve(struct page *p, struct str id, struct str site, struct str url,
                struct draft_told *told)
{
    if (!cve_shape(id) || !wanted(p, "cves", id))
        return;
    key(p, "  - id", id);
    buf_puts(p->b, "    title: named in posts\n");
    source(p, site, url);
    told->cves++;
}

static void cves(struct page *p, struct draft_told *told)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct alert *a = &p->alert[i];
        if (a->kind == SUBJECT_CVE)
            cve(p, a->subject, site_of(a), STR(""), told);
        for (size_t k = 0; k < a->n_items; k++)
            if (str_eq(a->item[k].kind, STR("cve")))
                cve(p, a->item[k].value, STR(""), a->item[k].source, told);
    }
    list_end(p, "cves");
}

/* A day of the draft's timeline. */
struct day {
    int64_t time_us;
    const struct alert *alert;
    bool raised;
};

static int by_time(const void *pa, const void *pb)
{
    const struct day *a = pa, *b = pb;
    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    return a->raised - b->raised;
}

static bool has_date(int64_t time_us)
{
    struct civil c;
    if (time_us == TIME_NONE)
        return false;
    c = time_civil(time_us);
    return c.year >= 1601 && c.year <= 9999;
}

static void timeline(struct page *p)
{
    struct day *day = arena_new_n(&p->arena, struct day, 2 * DRAFT_LIST + 2);
    size_t n = 0;
    char date[32];
    for (size_t i = 0; day && i < p->n && i < DRAFT_LIST; i++) {
        const struct alert *a = &p->alert[i];
        if (has_date(a->since_us))
            day[n++] = (struct day){a->since_us, a, false};
        if (has_date(a->time_us))
            day[n++] = (struct day){a->time_us, a, true};
    }
    p->rc = p->rc ? p->rc : day ? OK : ERR_NOMEM;
    if (n)
        qsort(day, n, sizeof *day, by_time);
    buf_puts(p->b, n ? "timeline:\n" : "timeline: []\n");
    for (size_t i = 0; i < n; i++) {
        struct str title = day[i].alert->title;
        buf_printf(p->b, "  - date: %s\n", time_short(day[i].time_us, false, date));
        if (day[i].raised)
            key(p, "    event", title.n ? title : day[i].alert->subject);
        else
            buf_puts(p->b, "    event: first post of those that the alert rests on\n");
        buf_printf(p->b, "    source: tocsin alert %.12s\n", day[i].alert->id);
    }
}

static void sources(struct page *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct alert *a = &p->alert[i];
        for (size_t k = 0; k < a->n_sites; k++) {
            if (!wanted(p, "sources", a->site[k].site))
                continue;
            buf_puts(p->b, "  - ");
            draft_scalar(p->b, &p->tmp, a->site[k].site);
            buf_putc(p->b, '\n');
        }
    }
    list_end(p, "sources");
}

static const char head[] =
    "# Drafted from posts; nobody has checked it. Posts can be planted: as long as \"draft\" "
    "stands "
    "here,\n"
    "# everything in this folder is weak and decides no verdict. To make it a dossier, read\n"
    "# docs/how-to/add-a-dossier.md, check each line against another source, fill in what is\n"
    "# missing, and take the key away. \"tocsin dossier lint\" then says what is left to do.\n"
    "draft: true\n";

enum err draft_yaml(struct buf *b, const struct alert *alerts, size_t n, struct str id,
                    struct draft_told *told)
{
    struct page p = {.b = b, .alert = alerts, .n = n};
    arena_init(&p.arena, (size_t)64 << 20);
    map_init(&p.seen, &p.arena, (size_t)DRAFT_LIST * 8);
    buf_init(&p.tmp, 1 << 20);
    buf_puts(b, head);
    key(&p, "id", id);
    key(&p, "title", alerts[0].title.n ? alerts[0].title : alerts[0].subject);
    key(&p, "summary", alerts[0].why.n ? alerts[0].why : alerts[0].subject);
    aliases(&p);
    actors(&p);
    products(&p, told);
    cves(&p, told);
    timeline(&p);
    sources(&p);
    enum err rc = p.rc ? p.rc : p.tmp.rc ? p.tmp.rc : b->rc;
    buf_done(&p.tmp);
    map_done(&p.seen);
    arena_done(&p.arena);
    return rc;
}
