#include "exposure/settings.h"

enum { COPIES_MAX = 64 };

enum held { NOT_SEEN, HOLDS, LACKS };

/* One thing that stands in the configuration of a host, in its parts. */
struct stands {
    struct str what, where, rest;
    const struct seen *seen;
};

static bool stands_of(const struct fleet *f, uint32_t i, struct stands *ret)
{
    const struct seen *s = &f->seen.v[i];
    struct str text = fleet_word(f, s->what);
    *ret = (struct stands){.seen = s};
    if (s->kind != OBSERVED_CONFIG || !str_cut(&text, '|', &ret->what) ||
        !str_cut(&text, '|', &ret->where))
        return false;
    ret->rest = text;
    return true;
}

#define EACH_STANDS(f, h, i, s)                                                                    \
    for (uint32_t i = (h)->first; i != FLEET_NONE; i = (f)->seen.v[i].next)                        \
        if (stands_of(f, i, s))

static bool is(const struct stands *s, const char *what, struct str where)
{
    return str_eq(s->what, str_of(what)) && str_ieq(s->where, where);
}

/* --- one row: the checks that settings.csv may name --- */

static int strictness(struct str token_checking)
{
    return str_ieq(token_checking, STR("Require")) ? 2 : str_ieq(token_checking, STR("Allow"));
}

/* Of several copies the laxer one counts. A directory that the server has not needs nothing. */
static enum held check_token(const struct fleet *f, const struct host *h,
                             const struct setting_row *row, const struct seen **ret_by)
{
    enum held found = NOT_SEEN;
    struct stands s;
    EACH_STANDS(f, h, i, &s)
    {
        if (found == LACKS || !is(&s, "token-checking", row->where))
            continue;
        found = strictness(s.rest) < strictness(row->value) ? LACKS : HOLDS;
        *ret_by = s.seen;
    }
    return found;
}

static enum held check_pool(const struct fleet *f, const struct host *h,
                            const struct setting_row *row, const struct seen **ret_by)
{
    enum held found = NOT_SEEN;
    struct stands s;
    EACH_STANDS(f, h, i, &s)
    {
        if (!is(&s, "pool", row->where))
            continue;
        if (!str_eq(s.rest, STR("off")))
            return NOT_SEEN;
        found = HOLDS;
        *ret_by = s.seen;
    }
    return found;
}

static bool is_below(struct str path, struct str site)
{
    return path.n > site.n && path.p[site.n] == '/' && str_istarts(path, site);
}

/* Does a directory below the site not inherit the rule? */
static const struct seen *voided(const struct fleet *f, const struct host *h, struct str site,
                                 struct str name)
{
    struct stands s;
    EACH_STANDS(f, h, i, &s)
    {
        bool all = str_eq(s.what, STR("clear"));
        bool this = str_eq(s.what, STR("remove")) && str_ieq(s.rest, name);
        if ((all || this) && is_below(s.where, site))
            return s.seen;
    }
    return NULL;
}

/* The rule in one file; its name as well. */
static const struct seen *block_in(const struct fleet *f, const struct host *h,
                                   const struct setting_row *row, uint32_t file,
                                   struct str *ret_name)
{
    struct stands s;
    EACH_STANDS(f, h, i, &s)
    {
        if (s.seen->file == file && is(&s, "block", row->where) &&
            str_cut(&s.rest, '|', ret_name) && str_eq(s.rest, row->value))
            return s.seen;
    }
    return NULL;
}

/* Every file with rules of the site must have it: nobody knows which copy is in force. More copies
 * than anybody keeps are not compared. */
static enum held check_block(const struct fleet *f, const struct host *h,
                             const struct setting_row *row, const struct seen **ret_by)
{
    enum held found = NOT_SEEN;
    struct stands s;
    unsigned copies = 0;
    EACH_STANDS(f, h, i, &s)
    {
        struct str name;
        if (!is(&s, "rules", row->where))
            continue;
        if (++copies > COPIES_MAX)
            return NOT_SEEN;
        const struct seen *block = block_in(f, h, row, s.seen->file, &name);
        if (!block)
            return NOT_SEEN;
        const struct seen *without = voided(f, h, row->where, name);
        if (found != LACKS)
            *ret_by = without ? without : block;
        found = without || found == LACKS ? LACKS : HOLDS;
    }
    return found;
}

static enum held check(const struct fleet *f, const struct host *h, const struct setting_row *row,
                       const struct seen **ret_by)
{
    static const struct {
        const char *what;
        enum held (*check)(const struct fleet *f, const struct host *h,
                           const struct setting_row *row, const struct seen **ret_by);
    } checks[] = {
        {"token-checking", check_token}, {"pool-off", check_pool}, {"block", check_block}};
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        if (str_eq(row->what, str_of(checks[i].what)))
            return checks[i].check(f, h, row, ret_by);
    return NOT_SEEN;
}

/* --- all rows of a setting, or of a mitigation and CVE --- */

/* "Default Web Site/ECP": the site. */
static struct str site_of(const struct setting_row *row)
{
    ptrdiff_t slash = str_chr(row->where, '/');
    return str_sub(row->where, 0, slash < 0 ? row->where.n : (size_t)slash);
}

/* Has each site that the rows name a directory that holds? Configuration of which a part was given
 * shows nothing of the rest. Rows of a site stand together. */
struct sites {
    struct str site;
    bool here, all;
};

static void cover(struct sites *c, const struct setting_row *row, enum held found)
{
    struct str site = site_of(row);
    if (!str_ieq(site, c->site)) {
        c->all &= c->here || !c->site.p;
        c->here = false;
        c->site = site;
    }
    c->here |= found == HOLDS;
}

/* A setting is off if any row lacks, and on if all its sites were seen; a mitigation is in force if
 * all rows hold, and worth a word if only some do. */
static enum err settle(struct fleet *f, struct host *h, const struct setting_row *const *row,
                       size_t n)
{
    const struct seen *by = NULL;
    struct sites sites = {.all = true};
    size_t holds = 0, lacks = 0;
    for (size_t i = 0; i < n; i++) {
        const struct seen *seen = NULL;
        enum held found = check(f, h, row[i], &seen);
        if (found == LACKS ? lacks == 0 : found == HOLDS && !by)
            by = seen;
        holds += found == HOLDS;
        lacks += found == LACKS;
        cover(&sites, row[i], found);
    }
    bool shields = row[0]->cve.n > 0, whole = sites.all && sites.here;
    if (!by || (!shields && !lacks && !whole))
        return OK;
    struct seen from = *by; /* adding moves it */
    struct observation o = {.kind = shields ? OBSERVED_MITIGATION : OBSERVED_SETTING,
                            .what = row[0]->setting,
                            .cve = row[0]->cve,
                            .off = shields ? holds < n : lacks > 0};
    return fleet_follow(f, h, &from, &o);
}

enum err settings_settle(struct fleet *f, struct host *h)
{
    const struct tables *t = f->tables;
    bool any = false;
    for (uint32_t i = h->first; i != FLEET_NONE; i = f->seen.v[i].next)
        any |= f->seen.v[i].kind == OBSERVED_CONFIG;
    for (size_t from = 0, to; any && from < t->n_settings; from = to) {
        to = from + 1;
        while (to < t->n_settings && str_eq(t->setting[to]->setting, t->setting[from]->setting) &&
               str_eq(t->setting[to]->cve, t->setting[from]->cve))
            to++;
        TRY(settle(f, h, t->setting + from, to - from));
    }
    return OK;
}
