#include "dossier/draft_parts.h"

#include "base/ip.h"
#include "base/utf.h"
#include "dossier/indicator_sink.h"

/* What a kind of item is as an indicator; kinds that no log holds are not in the table. */
static const struct {
    const char *kind, *type;
    enum indicator_type as;
} kinds[] = {
    {"ipv4", "address", INDICATOR_ADDRESS}, {"ipv6", "address", INDICATOR_ADDRESS},
    {"cidr", "address", INDICATOR_ADDRESS}, {"domain", "domain", INDICATOR_DOMAIN},
    {"url", "url", INDICATOR_URL},          {"email", "text", INDICATOR_TEXT},
    {"md5", "hash", INDICATOR_HASH},        {"sha1", "hash", INDICATOR_HASH},
    {"sha256", "hash", INDICATOR_HASH},     {"file", "name", INDICATOR_NAME},
    {"path", "name", INDICATOR_NAME},
};

struct row {
    const char *type;
    struct str value;
};

static size_t kind_of(struct str kind)
{
    size_t i = 0;
    while (i < ARRAY_LEN(kinds) && !str_eq(kind, str_of(kinds[i].kind)))
        i++;
    return i;
}

/* As it stands it must be what was meant: no characters that are not seen, nothing that a
 * spreadsheet takes for a formula, nothing that csv.c would cut. */
static bool clean(struct str s)
{
    struct buf b;
    if (!s.n || s.n > DRAFT_VALUE_BYTES || strchr("=+-@", s.p[0] ? s.p[0] : '='))
        return false;
    buf_init(&b, (size_t)4 * DRAFT_VALUE_BYTES);
    draft_plain(&b, s, DRAFT_VALUE_BYTES + 8);
    bool same = !b.rc && str_eq(buf_view(&b), s) && utf8_valid(s);
    buf_done(&b);
    return same;
}

/* A net as wide as a provider's says nothing of an attacker. */
static bool too_wide(struct str value)
{
    struct ip_net net;
    if (!ip_net_parse(value, &net))
        return true;
    return net.bits < (ip_is4(net.first) ? 96 + 20 : 40);
}

/* Of a path, what a log would hold: the last part of a Windows one, a Unix one as it is asked for.
 */
static struct row path_row(struct str path)
{
    ptrdiff_t back = str_rchr(path, '\\');
    if (back < 0)
        return (struct row){"url", path};
    return (struct row){"name", str_sub(path, (size_t)back + 1, path.n)};
}

static bool row_of(const struct alert_item *item, struct row *ret_row)
{
    size_t i = kind_of(item->kind);
    if (i == ARRAY_LEN(kinds))
        return false;
    *ret_row = (struct row){kinds[i].type, item->value};
    enum indicator_type as = kinds[i].as;
    if (str_eq(item->kind, STR("path"))) {
        *ret_row = path_row(item->value);
        as = strcmp(ret_row->type, "url") == 0 ? INDICATOR_URL : INDICATOR_NAME;
    }
    if (!clean(ret_row->value))
        return false;
    struct str value = ret_row->value;
    if (value_check(as, &value) || !str_eq(value, ret_row->value))
        return false; /* it would be another one after reading */
    if (as == INDICATOR_ADDRESS)
        return !too_wide(value);
    if (as == INDICATOR_NAME)
        return str_chr(value, '.') > 0 && str_chr(value, '/') < 0 && value.n >= 4;
    return (as != INDICATOR_URL || str_chr(value, '/') >= 0) &&
           (as != INDICATOR_TEXT || value.n >= 4);
}

static void cell(struct buf *b, struct str s)
{
    buf_putc(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_putc(b, '"');
        buf_putc(b, s.p[i]);
    }
    buf_putc(b, '"');
}

static void source(struct buf *b, const struct alert *a, const struct alert_item *item)
{
    if (item->source.n) {
        draft_plain(b, item->source, DRAFT_TEXT_BYTES);
        return;
    }
    buf_printf(b, "posts of alert %.12s", a->id);
    for (size_t i = 0; i < a->n_sites && i < 3; i++) {
        buf_puts(b, i ? ", " : ": ");
        draft_plain(b, a->site[i].site, 80);
    }
}

static void row(struct buf *b, struct buf *tmp, const struct alert *a, const struct row *r,
                const struct alert_item *item)
{
    char day[32] = "";
    struct civil c = item->first_us == TIME_NONE ? (struct civil){0} : time_civil(item->first_us);
    if (c.year >= 1601 && c.year <= 9999)
        (void)time_short(item->first_us, false, day);
    buf_puts(b, r->type);
    buf_putc(b, ',');
    cell(b, r->value);
    buf_printf(b, ",weak,\"named in %llu post%s; not checked\",", (unsigned long long)item->posts,
               item->posts == 1 ? "" : "s");
    buf_reset(tmp);
    source(tmp, a, item);
    cell(b, buf_view(tmp));
    buf_printf(b, ",,,%s\n", day);
}

static bool first_time(struct map *seen, struct buf *tmp, const struct row *r, enum err *rc)
{
    uint32_t number;
    bool first = false;
    buf_reset(tmp);
    buf_puts(tmp, r->type);
    buf_putc(tmp, ' ');
    buf_str(tmp, r->value);
    *rc = map_intern(seen, buf_view(tmp), &number, &first);
    return first && !*rc;
}

static enum err item_row(struct buf *b, struct buf *tmp, struct map *seen, const struct alert *a,
                         const struct alert_item *item, const struct warnings *warnings,
                         struct draft_told *told)
{
    struct row r;
    enum err rc;
    if (kind_of(item->kind) == ARRAY_LEN(kinds))
        return OK; /* subjects and what no log holds */
    if (warning_of(warnings, item->kind, item->value).p) {
        told->left_out++;
        return OK;
    }
    if (!row_of(item, &r)) {
        told->unusable++;
        return OK;
    }
    if (b->n > DRAFT_FILE_BYTES) {
        told->too_many++;
        return OK;
    }
    if (first_time(seen, tmp, &r, &rc)) {
        row(b, tmp, a, &r, item);
        told->indicators++;
    }
    return rc ? rc : tmp->rc;
}

enum err draft_csv(struct buf *b, const struct alert *alerts, size_t n,
                   const struct warnings *warnings, struct draft_told *told)
{
    struct arena arena;
    struct map seen;
    struct buf tmp;
    enum err rc = OK;
    arena_init(&arena, (size_t)64 << 20);
    map_init(&seen, &arena, 100 * 1000);
    buf_init(&tmp, 1 << 20);
    buf_puts(b, "type,value,strength,note,source,valid_from,valid_until,first_named\n");
    for (size_t i = 0; i < n && !rc; i++)
        for (size_t k = 0; k < alerts[i].n_items && !rc; k++)
            rc = item_row(b, &tmp, &seen, &alerts[i], &alerts[i].item[k], warnings, told);
    buf_done(&tmp);
    map_done(&seen);
    arena_done(&arena);
    return rc ? rc : b->rc;
}
