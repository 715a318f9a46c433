#include "codec/observe_reply.h"

#include "base/time.h"

/* What a server without a login tells of its build:
 * - Exchange, header X-OWA-Version: all four numbers. Whether the last one is to be believed
 *   depends on the product, see `exact` in its catalogue.
 * - Exchange, paths /owa/auth/BUILD/ and /owa/BUILD/ in a page: the cumulative update, however many
 *   numbers they show.
 * - Exchange, the manifest of the export tool, assemblyIdentity@version: all four numbers.
 * - SharePoint, header MicrosoftSharePointTeamServices: "16.0.0.10417" is 16.0.10417, of the farm
 *   and not of each of its servers. It proves what is lacking, never a fix. */

/* "15.1.2176.9" and nothing else: how many numbers; 0 if it is none. */
static unsigned plain_build(struct str text, struct build *ret_build)
{
    unsigned dots = 0;
    for (size_t i = 0; i < text.n; i++) {
        bool digit = ascii_digit((unsigned char)text.p[i]);
        bool between = i > 0 && i + 1 < text.n && text.p[i - 1] != '.';
        if (!digit && (text.p[i] != '.' || !between))
            return 0;
        dots += !digit;
    }
    return dots >= 2 && dots <= 3 && build_parse(text, ret_build) ? dots + 1 : 0;
}

/* Where it was put; NULL if it is there already, or one too many. */
static struct reply_build *add_build(struct reply *p, const struct reply_build *b)
{
    for (size_t i = 0; i < p->n; i++)
        if (!build_cmp(&p->found[i].build, &b->build) && p->found[i].precision == b->precision)
            return NULL;
    if (p->n == REPLY_BUILDS)
        return NULL;
    p->found[p->n] = *b;
    return &p->found[p->n++];
}

void reply_start(struct reply *p)
{
    *p = (struct reply){.time_us = TIME_NONE};
}

/* --- headers --- */

static int number(struct str text, size_t from, size_t to)
{
    uint64_t value;
    return str_u64(str_sub(text, from, to), &value) && value < 10000 ? (int)value : -1;
}

/* "Mon, 08 Mar 2021 11:00:00 GMT"; the two older forms are written by nobody any more. */
static int64_t date_of(struct str text)
{
    struct civil c;
    int64_t clock;
    if (text.n != 29 || !str_ends(text, STR(" GMT")) ||
        !time_parse_clock(str_sub(text, 17, 25), &clock))
        return TIME_NONE;
    c = (struct civil){.year = number(text, 12, 16),
                       .month = time_month(str_sub(text, 8, 11)),
                       .day = number(text, 5, 7)};
    int64_t day = time_of_civil(&c);
    return day == TIME_NONE ? TIME_NONE : day + clock;
}

static void owa_version(struct reply *p, struct str value, uint64_t line)
{
    struct reply_build b = {.precision = PRECISION_SU, .shown = true, .line = line};
    unsigned n = plain_build(value, &b.build);
    if (n == 3)
        b.precision = PRECISION_CU;
    if (n)
        (void)add_build(p, &b);
}

/* Its first number is that of the product; only 16 says nothing, there the third one does. */
static void sharepoint(struct reply *p, struct str value, uint64_t line)
{
    static const char *const products[] = {[12] = "SharePoint Server 2007",
                                           [14] = "SharePoint Server 2010",
                                           [15] = "SharePoint Server 2013"};
    struct reply_build b = {.precision = PRECISION_CU, .line = line};
    if (plain_build(value, &b.build) != 4 || b.build.part[2] != 0)
        return;
    b.build.part[2] = b.build.part[3];
    b.build.part[3] = -1;
    if ((size_t)b.build.part[0] < ARRAY_LEN(products))
        b.product = products[b.build.part[0]];
    if (b.product || b.build.part[0] >= 16)
        (void)add_build(p, &b);
}

static void keep_front(struct reply *p, struct str value)
{
    if (!value.n || value.n > sizeof p->front)
        return;
    memcpy(p->front, value.p, value.n);
    p->front_n = value.n;
}

void reply_header(struct reply *p, struct str name, struct str value, uint64_t line)
{
    value = str_trim(value);
    if (str_ieq(name, STR("X-OWA-Version")))
        owa_version(p, value, line);
    else if (str_ieq(name, STR("MicrosoftSharePointTeamServices")))
        sharepoint(p, value, line);
    else if (str_ieq(name, STR("X-FEServer")))
        keep_front(p, value);
    else if (str_ieq(name, STR("Date")))
        p->time_us = date_of(value);
    else if (str_ieq(name, STR("Content-Encoding")))
        p->packed = value.n && !str_ieq(value, STR("identity"));
}

/* --- the body --- */

/* Lines are counted for what is new only: a page may name the same build a thousand times. */
static void add_at(struct reply *p, const struct reply_build *b, struct str text, size_t at,
                   uint64_t line)
{
    struct reply_build *added = add_build(p, b);
    if (added && line)
        added->line = line + str_count(str_sub(text, 0, at), '\n');
}

/* Digits and dots up to a slash. */
static struct str path_part(struct str text, size_t from)
{
    size_t to = from;
    while (to < text.n && (ascii_digit((unsigned char)text.p[to]) || text.p[to] == '.'))
        to++;
    return to < text.n && text.p[to] == '/' ? str_sub(text, from, to) : STR("");
}

static void find_paths(struct reply *p, struct str text, uint64_t line)
{
    const struct str owa = STR("/owa/"), auth = STR("auth/");
    for (size_t from = 0;;) {
        ptrdiff_t at = str_find(str_sub(text, from, text.n), owa);
        if (at < 0)
            return;
        from += (size_t)at + owa.n;
        struct reply_build b = {.precision = PRECISION_CU};
        size_t number_at = from;
        if (str_starts(str_sub(text, from, text.n), auth))
            number_at += auth.n;
        if (plain_build(path_part(text, number_at), &b.build))
            add_at(p, &b, text, from, line);
    }
}

/* The value of an attribute; absent if the element has none of that name. */
static struct str attribute(struct str element, struct str name)
{
    for (size_t from = 0;;) {
        ptrdiff_t at = str_find(str_sub(element, from, element.n), name);
        if (at < 0)
            return STR_NONE;
        size_t begins = from + (size_t)at;
        from = begins + name.n;
        bool whole = begins > 0 && ascii_space((unsigned char)element.p[begins - 1]);
        struct str value = str_sub(element, from, element.n);
        if (!whole || value.n < 3 || value.p[0] != '=' || (value.p[1] != '"' && value.p[1] != '\''))
            continue;
        ptrdiff_t end = str_chr(str_sub(value, 2, value.n), value.p[1]);
        return end < 0 ? STR_NONE : str_sub(value, 2, 2 + (size_t)end);
    }
}

static void find_manifest(struct reply *p, struct str text, uint64_t line)
{
    const struct str identity = STR("assemblyIdentity");
    for (size_t from = 0;;) {
        ptrdiff_t at = str_find(str_sub(text, from, text.n), identity);
        if (at < 0)
            return;
        from += (size_t)at + identity.n;
        struct str element = str_sub(text, from, from + REPLY_OVERLAP - identity.n);
        ptrdiff_t end = str_chr(element, '>');
        struct reply_build b = {.precision = PRECISION_SU};
        if (end < 0)
            continue;
        element = str_sub(element, 0, (size_t)end);
        struct str name = attribute(element, STR("name"));
        if (str_ifind(name, STR("exchange.ediscovery.exporttool")) >= 0 &&
            plain_build(attribute(element, STR("version")), &b.build) == 4)
            add_at(p, &b, text, from, line);
    }
}

void reply_body(struct reply *p, struct str text, uint64_t line)
{
    find_paths(p, text, line);
    find_manifest(p, text, line);
}

/* --- the end --- */

/* Another build says the same and more. */
static bool is_implied(const struct reply *p, const struct reply_build *b)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->found[i].precision > b->precision &&
            !memcmp(p->found[i].build.part, b->build.part, 3 * sizeof b->build.part[0]))
            return true;
    return false;
}

enum err reply_give(struct observe_reader *r, const struct reply *p, struct str host,
                    int64_t time_us)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct reply_build *b = &p->found[i];
        if (is_implied(p, b))
            continue;
        struct observation o = observation_blank(OBSERVED_BUILD);
        o.host = host;
        o.build = b->build;
        o.precision = b->precision;
        o.shown = b->shown;
        o.product = b->product ? str_of(b->product) : STR_NONE;
        o.time_us = time_us;
        o.line = b->line;
        TRY(observe_give(r, &o));
    }
    return OK;
}

struct str reply_host(struct str address)
{
    ptrdiff_t at = str_find(address, STR("://"));
    if (at >= 0)
        address = str_sub(address, (size_t)at + 3, address.n);
    size_t end = 0;
    while (end < address.n && !strchr("/?#\\\"'<> \t\r\n", address.p[end]) && address.p[end])
        end++;
    address = str_sub(address, 0, end);
    at = str_rchr(address, '@');
    address = str_sub(address, (size_t)(at + 1), address.n);
    at = str_chr(address, ']');
    if (address.n && address.p[0] == '[' && at > 0)
        return str_sub(address, 1, (size_t)at);
    at = str_chr(address, ':');
    return str_sub(address, 0, at < 0 ? address.n : (size_t)at);
}
