#include "base/limits.h"
#include "codec/yaml.h"
#include "os/io.h"
#include "watch/deliver_priv.h"

/* One file being read. */
struct config {
    struct arena *arena;
    struct str name;
    struct error *error;
};

#define WRONG(c, node, ...) fail_at((c)->error, ERR_FORMAT, (c)->name.p, (node)->line, __VA_ARGS__)

static const char *const known[] = {"name",        "type",       "url",     "from", "to",  "user",
                                    "secret_file", "secret_env", "ca_file", "tls",  "only"};

static enum err keys_check(const struct config *c, const struct node *map)
{
    for (size_t i = 0; i < map->n; i++) {
        size_t k = 0;
        while (k < ARRAY_LEN(known) && !str_eq(map->key[i], str_of(known[k])))
            k++;
        if (k == ARRAY_LEN(known))
            return WRONG(c, &map->item[i], "unknown key \"%.*s\" of a channel",
                         STR_FMT(str_sub(map->key[i], 0, 100)));
    }
    return OK;
}

/* NULL if the key is absent. Control characters could start a line of their own in a header. */
static enum err word(const struct config *c, const struct node *map, const char *key,
                     const char **ret)
{
    struct str s = node_text(map, key);
    *ret = NULL;
    if (!s.p)
        return OK;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
            return WRONG(c, node_get(map, key), "\"%s\" holds control characters", key);
    struct str copy = arena_str(c->arena, s);
    *ret = copy.p;
    return copy.p ? OK : fail(c->error, ERR_NOMEM, "out of memory");
}

static enum err type_of(const struct config *c, const struct node *map,
                        const struct channel_type **ret_type)
{
    struct str type = node_text(map, "type");
    for (*ret_type = channel_types; (*ret_type)->name; ++*ret_type)
        if (str_eq(type, str_of((*ret_type)->name)))
            return OK;
    return WRONG(c, map, "no type of channel \"%.*s\"", STR_FMT(str_sub(type, 0, 100)));
}

/* "https" of the schemes of the type; no credentials, which a list of processes would show once
 * they are anywhere else. */
static enum err url_check(const struct config *c, const struct node *map, const struct channel *ch)
{
    struct str url = str_of(ch->url);
    char wanted[24];
    ptrdiff_t colon = str_find(url, STR("://"));
    if (colon <= 0 || colon > 20)
        return WRONG(c, map, "\"url\" is missing, or has no scheme");
    (void)snprintf(wanted, sizeof wanted, " %.*s ", (int)colon, ch->url);
    if (!strstr(ch->type->schemes, wanted))
        return WRONG(c, map, "\"url\" of a %s cannot start with %.*s", ch->type->name, (int)colon,
                     ch->url);
    struct str rest = str_sub(url, (size_t)colon + 3, url.n);
    size_t end = 0;
    while (end < rest.n && !strchr("/?#", rest.p[end]))
        end++;
    if (str_chr(str_sub(rest, 0, end), '@') >= 0)
        return WRONG(c, map, "\"url\" holds a user: use \"user\" and \"secret_file\"");
    if (rest.n == 0)
        return WRONG(c, map, "\"url\" names no host");
    return OK;
}

static bool address_ok(struct str s)
{
    ptrdiff_t at = str_rchr(s, '@');
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f ||
            strchr("<>(),;:\\\"[]", s.p[i]))
            return false;
    return at > 0 && (size_t)at + 1 < s.n && s.n <= 254;
}

static enum err addresses(const struct config *c, const struct node *map, struct channel *ch)
{
    const struct node *item;
    size_t n = node_items(node_get(map, "to"), &item);
    TRY(word(c, map, "from", &ch->from));
    if (!ch->type->needs_addresses)
        return n || ch->from ? WRONG(c, map, "a %s has no \"from\" and \"to\"", ch->type->name)
                             : OK;
    ch->to.v = arena_new_n(c->arena, struct str, n + 1);
    if (!ch->to.v)
        return fail(c->error, ERR_NOMEM, "out of memory");
    if (!ch->from || !address_ok(str_of(ch->from)) || n == 0 || n > 100)
        return WRONG(c, map, "mail needs \"from\", an address, and \"to\", one or several");
    for (size_t i = 0; i < n; i++) {
        if (item[i].type != NODE_SCALAR || !address_ok(item[i].text))
            return WRONG(c, &item[i], "\"to\" holds what is no address");
        ch->to.v[ch->to.n] = arena_str(c->arena, item[i].text);
        if (!ch->to.v[ch->to.n++].p)
            return fail(c->error, ERR_NOMEM, "out of memory");
    }
    return OK;
}

/* From a file or the environment, never from this file: it is shown, copied and kept in
 * repositories. */
static enum err secret(const struct config *c, const struct node *map, struct channel *ch)
{
    const char *file, *env;
    TRY(word(c, map, "secret_file", &file));
    TRY(word(c, map, "secret_env", &env));
    if ((file || env) && !ch->type->takes_secret)
        return WRONG(c, map, "a %s takes no secret", ch->type->name);
    if (file && env)
        return WRONG(c, map, "\"secret_file\" and \"secret_env\" exclude each other");
    if (file)
        TRY(io_read_file(c->arena, str_of(file), DELIVER_SECRET_BYTES, &ch->secret, c->error));
    if (env) {
        struct str value = str_of(getenv(env));
        if (!value.p)
            return WRONG(c, map, "the environment has no %s", env);
        ch->secret = arena_str(c->arena, value);
    }
    size_t had = ch->secret.n;
    while (ch->secret.n &&
           (ch->secret.p[ch->secret.n - 1] == '\n' || ch->secret.p[ch->secret.n - 1] == '\r'))
        ch->secret.n--;
    if (ch->secret.n < had)
        ((char *)(uintptr_t)ch->secret.p)[ch->secret.n] = 0; /* libraries take it up to there */
    if ((file || env) && ch->secret.n == 0)
        return WRONG(c, map, "the secret is empty");
    for (size_t i = 0; i < ch->secret.n; i++)
        if ((unsigned char)ch->secret.p[i] < ' ')
            return WRONG(c, map, "the secret holds control characters");
    return OK;
}

static enum err flags(const struct config *c, const struct node *map, struct channel *ch)
{
    struct str tls = node_text(map, "tls"), only = node_text(map, "only");
    ch->clear = str_eq(tls, STR("none"));
    ch->mine = str_eq(only, STR("assets"));
    if (tls.p && (!ch->type->needs_addresses || (!ch->clear && !str_eq(tls, STR("require")))))
        return WRONG(c, map, "\"tls\" is \"require\" or \"none\", and for mail");
    if (only.p && !ch->mine)
        return WRONG(c, map, "\"only\" is \"assets\"");
    if (ch->clear && ch->secret.p)
        return WRONG(c, map, "a password is not sent without encryption");
    return OK;
}

static bool name_ok(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char b = (unsigned char)s.p[i];
        if (!ascii_alpha(b) && !ascii_digit(b) && b != '-' && b != '_')
            return false;
    }
    return s.n > 0 && s.n <= 40;
}

static enum err channel_read(const struct config *c, const struct node *map,
                             const struct channels *before, struct channel *ch)
{
    const char *name;
    if (map->type != NODE_MAP)
        return WRONG(c, map, "a channel is a map of keys");
    TRY(keys_check(c, map));
    TRY(type_of(c, map, &ch->type));
    TRY(word(c, map, "name", &name));
    ch->name = str_of(name ? name : ch->type->name);
    if (!name_ok(ch->name))
        return WRONG(c, map, "\"name\" has letters, digits, - and _, at most 40");
    for (size_t i = 0; i < before->n; i++)
        if (str_eq(before->v[i].name, ch->name))
            return WRONG(c, map, "two channels are called \"%s\"", ch->name.p);
    TRY(word(c, map, "url", &ch->url));
    TRY(word(c, map, "user", &ch->user));
    TRY(word(c, map, "ca_file", &ch->ca_file));
    TRY(url_check(c, map, ch));
    TRY(addresses(c, map, ch));
    TRY(secret(c, map, ch));
    return flags(c, map, ch);
}

enum err channels_read(struct arena *arena, struct str text, struct str name,
                       struct channels *ret_channels, struct error *error)
{
    struct config c = {arena, name, error};
    struct node *doc = NULL;
    const struct node *item;
    size_t n_docs = 0;
    *ret_channels = (struct channels){0};
    enum err rc = yaml_parse(arena, text, name, 1, &doc, &n_docs, error);
    if (rc < 0)
        return rc;
    if (!n_docs || doc->type != NODE_MAP || doc->n != 1 || !node_get(doc, "channels"))
        return fail_at(error, ERR_FORMAT, name.p, 1, "a key \"channels\" with a list is expected");
    size_t n = node_items(node_get(doc, "channels"), &item);
    if (n > DELIVER_CHANNELS)
        return fail_at(error, ERR_FORMAT, name.p, 1, "more than %d channels", DELIVER_CHANNELS);
    ret_channels->v = arena_new_n(arena, struct channel, n + 1);
    if (!ret_channels->v)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        TRY(channel_read(&c, &item[i], ret_channels, &ret_channels->v[i]));
        ret_channels->n++;
    }
    return OK;
}

enum err channels_load(struct arena *arena, struct str path, struct channels *ret_channels,
                       struct error *error)
{
    struct str text;
    TRY(io_read_file(arena, path, DELIVER_FILE_BYTES, &text, error));
    return channels_read(arena, text, path, ret_channels, error);
}

void channels_done(struct channels *channels)
{
    for (size_t i = 0; i < channels->n; i++) {
        struct channel *c = &channels->v[i];
        if (c->secret.p) /* in the arena, which is ours to write */
            explicit_bzero((char *)(uintptr_t)c->secret.p, c->secret.n);
    }
    *channels = (struct channels){0};
}
