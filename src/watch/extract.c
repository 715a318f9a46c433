#include "watch/extract_priv.h"
#include "watch/gist.h"

#include <stdlib.h>

static const struct {
    const char *name;
    bool subject;
} kinds[ITEM_KINDS] = {
    [ITEM_CVE] = {"cve", true},
    [ITEM_ADVISORY] = {"advisory", true},
    [ITEM_WEAKNESS] = {"weakness", true},
    [ITEM_PATTERN] = {"attack-pattern", true},
    [ITEM_TACTIC] = {"tactic", true},
    [ITEM_TECHNIQUE] = {"technique", true},
    [ITEM_GROUP] = {"group", true},
    [ITEM_SOFTWARE] = {"software", true},
    [ITEM_MITIGATION] = {"mitigation", true},
    [ITEM_CAMPAIGN] = {"campaign", true},
    [ITEM_PRODUCT] = {"product", true},
    [ITEM_VENDOR] = {"vendor", true},
    [ITEM_ACTOR] = {"actor", true},
    [ITEM_MALWARE] = {"malware", true},
    [ITEM_TOPIC] = {"topic", true},
    [ITEM_URL] = {"url", false},
    [ITEM_DOMAIN] = {"domain", false},
    [ITEM_IPV4] = {"ipv4", false},
    [ITEM_IPV6] = {"ipv6", false},
    [ITEM_CIDR] = {"cidr", false},
    [ITEM_EMAIL] = {"email", false},
    [ITEM_MD5] = {"md5", false},
    [ITEM_SHA1] = {"sha1", false},
    [ITEM_SHA224] = {"sha224", false},
    [ITEM_SHA256] = {"sha256", false},
    [ITEM_SHA384] = {"sha384", false},
    [ITEM_SHA512] = {"sha512", false},
    [ITEM_SSDEEP] = {"ssdeep", false},
    [ITEM_TLSH] = {"tlsh", false},
    [ITEM_FILE] = {"file", false},
    [ITEM_PATH] = {"path", false},
    [ITEM_REGISTRY] = {"registry", false},
    [ITEM_MAC] = {"mac", false},
    [ITEM_ASN] = {"asn", false},
    [ITEM_BTC] = {"btc", false},
    [ITEM_ETH] = {"eth", false},
    [ITEM_XMR] = {"xmr", false},
    [ITEM_TOX] = {"tox", false},
    [ITEM_SESSION] = {"session", false},
};

/* In this order: what is more specific comes first. The first byte of a word, its length and the
 * byte behind it tell which of them can have it: most words can be of few kinds. */
enum {
    LETTER = 1,
    DIGIT = 2,
    HEX = 4,
    SIGN = 8,
    FIRST = 15,
    JOINED = 16,
    LONG = 32,
    LONG_BYTES = 14
};
static const struct {
    reader *read;
    unsigned needs;
} readers[] = {
    {read_cve, LETTER | DIGIT},
    {read_id, LETTER},
    {read_asn, LETTER},
    {read_registry, LETTER | JOINED},
    {read_url, LETTER | JOINED},
    {read_windows_path, LETTER | SIGN},
    {read_mac, HEX | JOINED},
    {read_ipv4, DIGIT | JOINED},
    {read_ipv6, HEX | SIGN},
    {read_email, LETTER | DIGIT | JOINED},
    {read_host, LETTER | DIGIT | JOINED},
    {read_ssdeep, DIGIT | JOINED},
    {read_hash, LETTER | DIGIT | LONG},
    {read_wallet, LETTER | DIGIT | LONG},
    {read_unix_path, SIGN},
};

_Static_assert(ARRAY_LEN(readers) <= 16, "one bit of readers_of each");

static void learn_readers(struct extractor *e)
{
    for (unsigned word = 0; word < ARRAY_LEN(e->readers_of); word++)
        for (size_t r = 0; r < ARRAY_LEN(readers); r++) {
            unsigned common = readers[r].needs & word;
            e->readers_of[word] |= (uint16_t)((common & FIRST && !(common & ~FIRST)) << r);
        }
}

const char *item_kind_name(enum item_kind kind)
{
    return (unsigned)kind < ITEM_KINDS ? kinds[kind].name : "";
}
bool item_is_subject(enum item_kind kind)
{
    return (unsigned)kind < ITEM_KINDS && kinds[kind].subject;
}

size_t run_end(const struct extractor *e, size_t i, size_t max)
{
    size_t end = i + max < e->t.n ? i + max : e->t.n;
    while (i < end && alnum((unsigned char)e->t.p[i]))
        i++;
    return i;
}

size_t digits_end(const struct extractor *e, size_t i, size_t max)
{
    size_t end = i + max < e->t.n ? i + max : e->t.n;
    while (i < end && ascii_digit((unsigned char)e->t.p[i]))
        i++;
    return i;
}

bool was_fanged(const struct extractor *e, size_t from, size_t to)
{
    return !e->folded && e->plain.at[to] - e->plain.at[from] != to - from;
}

/* Values are ASCII, but names may be written in other letters by right: there a Latin one must
 * stand among them. */
static bool looks_alike(enum item_kind kind, struct str text)
{
    bool name = kind >= ITEM_PRODUCT && kind <= ITEM_TOPIC, latin = !name;
    for (size_t i = 0; i < text.n && !latin; i++)
        latin = ascii_alpha((unsigned char)text.p[i]);
    return latin && plain_lookalike(text);
}

size_t tell(struct extractor *e, enum item_kind kind, size_t from, size_t to, struct str value,
            struct str host)
{
    size_t raw_from = e->folded ? from : e->plain.at[from];
    size_t raw_to = e->folded ? to : e->plain.at[to];
    struct item item = {.kind = kind,
                        .value = value,
                        .text = str_sub(e->raw, raw_from, raw_to),
                        .host = host,
                        .offset = e->offset + raw_from};
    e->told = to;
    item.lookalike = item.text.n != value.n && looks_alike(kind, item.text);
    if (!e->rc)
        e->rc = e->options.found(e->options.ctx, &item);
    return to;
}

size_t tell_value(struct extractor *e, enum item_kind kind, size_t from, size_t to)
{
    if (!e->rc)
        e->rc = e->value.rc;
    return tell(e, kind, from, to, buf_view(&e->value), STR_NONE);
}

void put_value(struct extractor *e, struct str s, int letters)
{
    buf_reset(&e->value);
    char *p = buf_reserve(&e->value, s.n);
    for (size_t i = 0; p && i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i], low = ascii_lower(c);
        p[i] = (char)(letters > 0 && ascii_alpha(c) ? low - 32 : letters < 0 ? low : c);
    }
    e->value.n += p ? s.n : 0;
}

enum err extract_new(const struct extract_options *options, size_t max_bytes,
                     struct extractor **ret_extractor)
{
    struct extractor *e = calloc(1, sizeof *e);
    *ret_extractor = NULL;
    if (!e)
        return ERR_NOMEM;
    e->options = *options;
    learn_readers(e);
    learn_ids(e);
    buf_init(&e->value, 2 * EXTRACT_ITEM_BYTES);
    if (plain_init(&e->plain, max_bytes)) {
        (void)extract_free(e);
        return ERR_NOMEM;
    }
    *ret_extractor = e;
    return OK;
}

struct extractor *extract_free(struct extractor *e)
{
    if (e) {
        plain_done(&e->plain);
        buf_done(&e->value);
        free(e);
    }
    return NULL;
}

void extract_tell(struct extractor *e, void *ctx)
{
    e->options.ctx = ctx;
}

void extract_learn_json(struct extractor *e, struct str start)
{
    start = str_trim(str_sub(start, 0, EXTRACT_BACK_BYTES));
    struct str inner = str_trim(str_sub(start, 1, start.n));
    bool object = start.n && start.p[0] == '{' && inner.n && inner.p[0] == '"';
    bool array = start.n && start.p[0] == '[' && inner.n && strchr("{[\"", inner.p[0]);
    e->plain.json = object || array;
}

/* What may begin with a byte; and whether it is one of those that join words to something longer.
 */
static const unsigned char first_of[256] = {
    ['0' ... '9'] = DIGIT | HEX,
    ['A' ... 'F'] = LETTER | HEX,
    ['G' ... 'Z'] = LETTER,
    ['a' ... 'f'] = LETTER | HEX,
    ['g' ... 'z'] = LETTER,
    ['/'] = SIGN,
    ['\\'] = SIGN | JOINED,
    ['%'] = SIGN | JOINED,
    [':'] = SIGN | JOINED,
    ['~'] = SIGN | JOINED,
    ['.'] = SIGN | JOINED,
    ['@'] = JOINED,
    ['-'] = JOINED,
    ['_'] = JOINED,
    ['+'] = JOINED,
};

/* Reads what starts at i; returns where to go on. */
static size_t step(struct extractor *e, size_t i)
{
    unsigned first = first_of[at(e, i)] & FIRST;
    size_t end = first & SIGN ? i + 1 : run_end(e, i, SIZE_MAX - i);
    if (alnum(before(e, i)))
        return end;
    unsigned lacks = (~first_of[at(e, end)] & JOINED) | (end - i < LONG_BYTES ? (unsigned)LONG : 0);
    for (unsigned left = e->readers_of[first | lacks]; left; left &= left - 1) {
        size_t next = readers[__builtin_ctz(left)].read(e, i);
        if (next)
            return next;
    }
    return end;
}

/* The folded place of a raw one. */
static size_t folded_at(const struct plain *f, size_t raw)
{
    size_t from = 0, to = f->n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (f->at[mid] < raw)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

static enum item_kind item_of(enum subject_kind kind)
{
    switch (kind) {
    case SUBJECT_PRODUCT: return ITEM_PRODUCT;
    case SUBJECT_VENDOR: return ITEM_VENDOR;
    case SUBJECT_ACTOR: return ITEM_ACTOR;
    case SUBJECT_MALWARE: return ITEM_MALWARE;
    case SUBJECT_TOPIC: return ITEM_TOPIC;
    case SUBJECT_ADVISORY: return ITEM_ADVISORY;
    default: return ITEM_TECHNIQUE;
    }
}

/* Names by the dictionary, in order. */
struct names {
    const struct gist_name *v;
    size_t n;
};

/* Those that begin before `end`. */
static void tell_names(struct extractor *e, struct names *names, size_t end)
{
    for (; names->n && names->v[0].from < end && !e->rc; names->v++, names->n--)
        (void)tell(e, item_of(names->v[0].kind), names->v[0].from, names->v[0].to, names->v[0].name,
                   STR_NONE);
}

static void skip_names(struct names *names, size_t end)
{
    for (; names->n && names->v[0].from < end; names->n--)
        names->v++;
}

/* Walks from word to word. Items are told before the names that begin behind them. */
static size_t walk(struct extractor *e, size_t i, size_t end, struct names *names)
{
    skip_names(names, i);
    while (i < end && !e->rc) {
        if (!(first_of[at(e, i)] & FIRST)) {
            i++;
            continue;
        }
        tell_names(e, names, i);
        e->told = 0;
        i = step(e, i);
        skip_names(names, e->told);
    }
    tell_names(e, names, end);
    return i;
}

enum err extract_part(struct extractor *e, struct str raw, uint64_t offset, size_t from, size_t to,
                      size_t *ret_next)
{
    struct names names = {0};
    if (raw.n > e->plain.max)
        return ERR_BUG;
    plain_text(&e->plain, raw, &e->options.lists->tlds);
    e->t = str_make(e->plain.p, e->plain.n);
    e->raw = raw;
    e->offset = offset;
    e->folded = false;
    e->rc = e->options.gist ? gist_names(e->options.gist, e->t, &names.v, &names.n) : OK;
    if (e->rc < 0)
        return e->rc;
    e->rc = OK; /* END: there are none */
    size_t end = folded_at(&e->plain, to), i = walk(e, folded_at(&e->plain, from), end, &names);
    *ret_next = i < e->plain.n ? e->plain.at[i] : raw.n;
    return e->rc;
}

enum err extract_text(struct extractor *e, struct str raw)
{
    size_t next;
    return extract_part(e, raw, 0, 0, raw.n, &next);
}

void extract_folded(struct extractor *e, struct str folded)
{
    e->t = e->raw = folded;
    e->offset = 0;
    e->rc = OK;
    e->folded = true;
}

enum err extract_id(struct extractor *e, size_t i, size_t *ret_end)
{
    size_t end = read_cve(e, i);
    *ret_end = end ? end : read_id(e, i);
    return e->rc;
}
