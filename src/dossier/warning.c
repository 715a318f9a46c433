#include "dossier/warning.h"

#include "codec/json.h"
#include "dossier/load.h"

/* Spaces of keys, by their first byte. */
enum space { SPACE_DOMAIN = 'd', SPACE_NET = 'n', SPACE_FILE = 'f', SPACE_TEXT = 't' };

enum { KEY_BYTES = 512, DOMAIN_BYTES = 253 };

struct key {
    char text[KEY_BYTES];
    size_t n;
};

static bool key_of(enum space space, struct str s, struct key *ret_key)
{
    if (s.n == 0 || s.n >= KEY_BYTES)
        return false;
    ret_key->text[0] = (char)space;
    ascii_lower_all(ret_key->text + 1, s.p, s.n);
    ret_key->n = s.n + 1;
    return true;
}

static struct key key_of_net(struct ip_net net)
{
    struct key k = {{(char)SPACE_NET, (char)net.bits}, 2};
    memcpy(k.text + 2, &net.first.hi, sizeof net.first.hi);
    memcpy(k.text + 10, &net.first.lo, sizeof net.first.lo);
    k.n = 18;
    return k;
}

static enum err put(struct warnings *w, const struct key *key)
{
    struct str view = str_make(key->text, key->n);
    return map_get(&w->entry, view) ? OK : map_put(&w->entry, view, w->n_lists - 1);
}

static const uint32_t *get(const struct warnings *w, const struct key *key)
{
    return map_get(&w->entry, str_make(key->text, key->n));
}

static enum err list_begin(struct warnings *w, struct str name)
{
    if (w->n_lists == WARNING_LISTS)
        return ERR_LIMIT;
    w->name[w->n_lists] = arena_str(w->arena, str_sub(name, 0, 200));
    return w->name[w->n_lists++].p ? OK : ERR_NOMEM;
}

static struct str without_dots(struct str s)
{
    if (str_starts(s, STR("*.")))
        s = str_sub(s, 2, s.n);
    while (s.n && s.p[0] == '.')
        s = str_sub(s, 1, s.n);
    while (s.n && s.p[s.n - 1] == '.')
        s.n--;
    return s;
}

static bool domain_letters(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (!ascii_alpha(c) && !ascii_digit(c) && c != '-' && c != '.' && c != '_' && c < 0x80)
            return false;
    }
    return s.n > 0 && s.n <= DOMAIN_BYTES;
}

static enum err add_net(struct warnings *w, struct ip_net net)
{
    struct key key = key_of_net(net);
    w->prefix[net.bits] = true;
    return put(w, &key);
}

static enum err add_text(struct warnings *w, enum space space, struct str s)
{
    struct key key;
    return key_of(space, s, &key) ? put(w, &key) : OK;
}

/* Nets by their form, domains by theirs; everything as a text, too. */
static enum err add_value(struct warnings *w, struct str s, bool domains)
{
    struct ip_net net;
    s = str_trim(s);
    if (ip_net_parse(s, &net))
        return add_net(w, net);
    TRY(add_text(w, SPACE_TEXT, s));
    struct str domain = without_dots(s);
    return domains && domain_letters(domain) ? add_text(w, SPACE_DOMAIN, domain) : OK;
}

/* "name word" lines of the program's own list; each word is a list of its own. */
static enum err own_list(struct warnings *w, struct str text)
{
    struct str line, last = STR("");
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        ptrdiff_t blank = str_chr(line, ' ');
        if (blank <= 0 || line.p[0] == '#')
            continue;
        struct str word = str_trim(str_sub(line, (size_t)blank, line.n));
        struct str name = str_sub(line, 0, (size_t)blank);
        if (!str_eq(word, last))
            TRY(list_begin(w, word));
        last = word;
        if (str_eq(word, STR("file")))
            TRY(add_text(w, SPACE_FILE, name));
        else
            TRY(add_value(w, name, true));
    }
    return OK;
}

enum err warnings_init(struct arena *arena, struct warnings *ret_warnings, struct error *error)
{
    *ret_warnings = (struct warnings){.arena = arena};
    map_init(&ret_warnings->entry, arena, WARNING_ENTRIES);
    enum err rc = own_list(ret_warnings, embedded_get("data/public-services.txt"));
    return rc ? fail(error, rc, "the list of public services cannot be loaded") : OK;
}

void warnings_done(struct warnings *w)
{
    map_done(&w->entry);
}

/* What one document says; list is where its array starts. */
struct misp_list {
    struct str name, type, list;
};

static enum err misp_head(struct arena *arena, struct str text, struct misp_list *ret)
{
    struct json_reader j;
    struct json_token t;
    json_open(&j, text, false);
    *ret = (struct misp_list){0};
    TRY(json_next(&j, &t));
    if (t.type != JSON_OBJECT)
        return ERR_FORMAT;
    for (;;) {
        struct str raw;
        enum err rc = json_next(&j, &t);
        if (rc)
            return rc;
        if (t.type == JSON_OBJECT_END)
            return ret->list.p ? OK : ERR_FORMAT;
        TRY(json_skip(&j, &t, &raw));
        if (t.type == JSON_STRING && json_equals(t.key, t.key_escaped, STR("name")))
            ret->name = json_unescape(arena, t.text, t.escaped);
        else if (t.type == JSON_STRING && json_equals(t.key, t.key_escaped, STR("type")))
            ret->type = json_unescape(arena, t.text, t.escaped);
        else if (t.type == JSON_ARRAY && json_equals(t.key, t.key_escaped, STR("list")))
            ret->list = raw;
    }
}

static enum err misp_entries(struct warnings *w, const struct misp_list *m)
{
    bool used = str_eq(m->type, STR("cidr")) || str_eq(m->type, STR("hostname")) ||
                str_eq(m->type, STR("string"));
    struct json_reader j;
    struct json_token t;
    struct arena tmp;
    enum err rc;
    arena_init(&tmp, 1 << 20);
    json_open(&j, m->list, false);
    rc = json_next(&j, &t);
    while (!rc && (rc = json_next(&j, &t)) == OK && t.type != JSON_ARRAY_END) {
        struct str raw;
        if (t.type != JSON_STRING || !used || t.text.n > 4096) {
            w->left_out++;
            rc = json_skip(&j, &t, &raw);
            continue;
        }
        struct str value = json_unescape(&tmp, t.text, t.escaped);
        rc = value.p ? add_value(w, value, str_eq(m->type, STR("hostname"))) : ERR_NOMEM;
        arena_reset(&tmp);
    }
    arena_done(&tmp);
    return rc == END ? OK : rc;
}

enum err warnings_add_misp(struct warnings *w, struct str text, struct str name,
                           struct error *error)
{
    struct misp_list m;
    if (text.n > WARNING_LIST_BYTES)
        return fail_at(error, ERR_LIMIT, name.p, 0, "longer than %d bytes", WARNING_LIST_BYTES);
    enum err rc = misp_head(w->arena, text, &m);
    if (rc == END || rc == ERR_FORMAT)
        return fail_at(error, ERR_FORMAT, name.p, 0,
                       "is no list in the form of misp-warninglists: an object with \"list\"");
    if (!rc)
        rc = list_begin(w, m.name.n ? m.name : name);
    if (!rc)
        rc = misp_entries(w, &m);
    return rc ? fail_at(error, rc, name.p, 0, "the list cannot be loaded") : OK;
}

enum err warnings_add_own(struct warnings *w, const struct str_list *values)
{
    struct ip_net *own = arena_new_n(w->arena, struct ip_net, w->n_own + values->n + 1);
    if (!own)
        return ERR_NOMEM;
    if (w->n_own)
        memcpy(own, w->own, w->n_own * sizeof *own);
    w->own = own;
    TRY(list_begin(w, STR("own")));
    for (size_t i = 0; i < values->n; i++) {
        struct str value = str_trim(values->v[i]);
        TRY(add_value(w, value, true));
        w->n_own += ip_net_parse(value, &own[w->n_own]);
    }
    return OK;
}

static const uint32_t *domain_in(const struct warnings *w, struct str domain)
{
    struct key key;
    domain = without_dots(domain);
    if (domain.n > DOMAIN_BYTES)
        return NULL;
    while (domain.n) {
        const uint32_t *list = key_of(SPACE_DOMAIN, domain, &key) ? get(w, &key) : NULL;
        if (list)
            return list;
        ptrdiff_t dot = str_chr(domain, '.');
        domain = dot < 0 ? STR("") : str_sub(domain, (size_t)dot + 1, domain.n);
    }
    return NULL;
}

static struct ip_net cut_net(struct ip a, unsigned bits)
{
    struct ip_net net = {a, (uint8_t)bits};
    net.first.hi &= bits == 0 ? 0 : bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);
    net.first.lo &= bits <= 64 ? 0 : bits == 128 ? UINT64_MAX : ~(UINT64_MAX >> (bits - 64));
    return net;
}

static const uint32_t *net_in(const struct warnings *w, struct ip_net net)
{
    for (unsigned bits = 0; bits <= net.bits; bits++) {
        if (!w->prefix[bits])
            continue;
        struct key key = key_of_net(cut_net(net.first, bits));
        const uint32_t *list = get(w, &key);
        if (list)
            return list;
    }
    return NULL;
}

static struct str list_name(const struct warnings *w, const uint32_t *list)
{
    return list ? w->name[*list] : STR_NONE;
}

/* The host of an address: what stands behind the scheme and the user, before port and path. */
static struct str host_of(struct str url)
{
    ptrdiff_t scheme = str_find(url, STR("://"));
    struct str rest = scheme >= 0 ? str_sub(url, (size_t)scheme + 3, url.n) : url;
    size_t end = 0;
    while (end < rest.n && !strchr("/?#\\", rest.p[end] ? rest.p[end] : 'x'))
        end++;
    rest = str_sub(rest, 0, end);
    rest = str_sub(rest, (size_t)(str_rchr(rest, '@') + 1), rest.n);
    if (rest.n && rest.p[0] == '[') {
        ptrdiff_t close = str_chr(rest, ']');
        return str_sub(rest, 1, close > 0 ? (size_t)close : rest.n);
    }
    ptrdiff_t colon = str_chr(rest, ':');
    return colon >= 0 && colon == str_rchr(rest, ':') ? str_sub(rest, 0, (size_t)colon) : rest;
}

static struct str host_warning(const struct warnings *w, struct str host)
{
    struct ip_net net;
    if (!ip_net_parse(host, &net))
        return list_name(w, domain_in(w, host));
    if (ip_class(net.first) != IP_PUBLIC || ip_class(ip_net_last(net)) != IP_PUBLIC)
        return STR("not public");
    for (size_t i = 0; i < w->n_own; i++)
        if (ip_in_net(w->own[i].first, net))
            return STR("own");
    return list_name(w, net_in(w, net));
}

/* Names that both sides write with their folders: the last part counts. */
static struct str file_warning(const struct warnings *w, struct str path)
{
    struct key key;
    size_t from = path.n;
    while (from && path.p[from - 1] != '/' && path.p[from - 1] != '\\')
        from--;
    struct str last = str_sub(path, from, path.n);
    return list_name(w, key_of(SPACE_FILE, last, &key) ? get(w, &key) : NULL);
}

struct str warning_of(const struct warnings *w, struct str kind, struct str value)
{
    struct key key;
    const uint32_t *list = key_of(SPACE_TEXT, str_trim(value), &key) ? get(w, &key) : NULL;
    if (list)
        return list_name(w, list);
    if (str_eq(kind, STR("ipv4")) || str_eq(kind, STR("ipv6")) || str_eq(kind, STR("cidr")) ||
        str_eq(kind, STR("domain")))
        return host_warning(w, str_trim(value));
    if (str_eq(kind, STR("url")) || str_eq(kind, STR("email")))
        return host_warning(w, host_of(str_trim(value)));
    if (str_eq(kind, STR("file")) || str_eq(kind, STR("path")))
        return file_warning(w, value);
    return STR_NONE;
}
