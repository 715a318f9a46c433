#include "exposure/ask_hosts.h"

#include "base/buf.h"
#include "base/ip.h"
#include "base/map.h"

enum { NAME_BYTES = 253, LABEL_BYTES = 63, SERVER_BYTES = 320, HTTPS = 443 };

/* --- one line --- */

/* A number, in any of the forms in which programs take one for an address; "1-20" as well. */
static bool is_number(struct str label)
{
    bool hex = str_istarts(label, STR("0x"));
    for (size_t i = hex ? 2 : 0; i < label.n; i++) {
        unsigned char c = (unsigned char)label.p[i];
        if (!ascii_digit(c) && c != '-' && !(hex && ascii_hex(c) >= 0))
            return false;
    }
    return true;
}

static bool is_label(struct str label)
{
    if (!label.n || label.n > LABEL_BYTES || label.p[0] == '-' || label.p[label.n - 1] == '-')
        return false;
    for (size_t i = 0; i < label.n; i++) {
        unsigned char c = (unsigned char)label.p[i];
        if (!ascii_alpha(c) && !ascii_digit(c) && c != '-' && c != '_')
            return false;
    }
    return true;
}

static const char *name_wrong(struct str name)
{
    struct str label = STR("");
    struct ip ip;
    if (str_chr(name, '*') >= 0 || str_chr(name, '?') >= 0)
        return "a wildcard: each host has to be named";
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] >= 0x80)
            return "letters beyond ASCII: write the name as xn--";
    if (ip_parse(name, &ip))
        return str_chr(name, '%') >= 0 ? "an address with a zone" : NULL;
    if (!name.n || name.n > NAME_BYTES)
        return "no name";
    while (name.p && str_cut(&name, '.', &label))
        if (!is_label(label))
            return "neither a name nor an address";
    return is_number(label) ? "neither a name nor an address: ranges are not asked" : NULL;
}

/* Off the front of a line: scheme, and a path that says nothing. */
static const char *without_scheme(struct str *line)
{
    const struct str https = STR("https://");
    ptrdiff_t slash;
    if (str_chr(*line, '@') >= 0)
        return "a user's name: nobody is logged in";
    if (!str_istarts(*line, https))
        return str_find(*line, STR("://")) >= 0 ? "only https is asked"
               : str_chr(*line, '/') >= 0       ? "a network or a path: each host has to be named"
                                                : NULL;
    *line = str_sub(*line, https.n, line->n);
    slash = str_chr(*line, '/');
    struct str path = str_sub(*line, slash < 0 ? line->n : (size_t)slash, line->n);
    line->n -= path.n;
    return !path.n || str_eq(path, STR("/")) || str_ieq(path, STR("/owa/")) ||
                   str_ieq(path, STR("/owa"))
               ? NULL
               : "a path: what is asked is fixed, name the host only";
}

/* The name and the port of "name", "name:port", "[address]:port", "address". */
static const char *split(struct str text, struct str *ret_name, uint64_t *ret_port)
{
    struct str port = STR_NONE;
    struct ip ip;
    *ret_port = HTTPS;
    *ret_name = text;
    ptrdiff_t end = str_chr(text, ']'), colon = str_rchr(text, ':');
    if (text.n && text.p[0] == '[') {
        if (end < 0)
            return "a bracket is not closed";
        *ret_name = str_sub(text, 1, (size_t)end);
        if (!ip_parse(*ret_name, &ip))
            return "no address in the brackets: ranges are not asked";
        struct str rest = str_sub(text, (size_t)end + 1, text.n);
        if (rest.n && rest.p[0] != ':')
            return "something behind the address";
        port = rest.n ? str_sub(rest, 1, rest.n) : STR_NONE;
    } else if (colon >= 0 && !ip_parse(text, &ip)) {
        *ret_name = str_sub(text, 0, (size_t)colon);
        port = str_sub(text, (size_t)colon + 1, text.n);
    }
    bool good = !port.p || (str_u64(port, ret_port) && *ret_port > 0 && *ret_port < 65536);
    return good ? NULL : "no port";
}

/* --- the list --- */

struct list {
    struct arena *arena;
    struct map names, servers;
    struct ask_hosts *hosts;
};

static enum err add(struct list *l, struct str name, uint64_t port, uint32_t line)
{
    char lower[NAME_BYTES + 1], server[SERVER_BYTES];
    bool is_new, six = str_chr(name, ':') >= 0;
    uint32_t id;
    struct ask_host host = {.line = line};
    if (str_ends(name, STR("."))) /* the root's dot */
        name.n--;
    ascii_lower_all(lower, name.p, name.n);
    int n = snprintf(server, sizeof server, "https://%s%.*s%s", six ? "[" : "", (int)name.n, lower,
                     six ? "]" : "");
    if (port != HTTPS)
        n += snprintf(server + n, sizeof server - (size_t)n, ":%u", (unsigned)port);
    TRY(map_intern(&l->servers, str_make(server, (size_t)n), &id, &is_new));
    if (!is_new)
        return OK;
    TRY(map_intern(&l->names, str_make(lower, name.n), &host.clock, NULL));
    host.name = arena_str(l->arena, name);
    host.server = arena_str(l->arena, str_make(server, (size_t)n));
    if (!host.name.p || !host.server.p)
        return ERR_NOMEM;
    l->hosts->v[l->hosts->n++] = host;
    l->hosts->clocks = l->names.n;
    return OK;
}

/* Without what is said of it, and blanks. */
static struct str without_comment(struct str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] == '#' && (i == 0 || ascii_space((unsigned char)line.p[i - 1])))
            line.n = i;
    return str_trim(line);
}

static enum err
each_line(struct list *l, struct str text,
          enum err (*wrong)(void *ctx, uint32_t line, struct str text, const char *why), void *ctx)
{
    struct str line, name;
    uint64_t port;
    for (uint32_t number = 1; text.p && str_cut(&text, '\n', &line); number++) {
        struct str written = without_comment(line), rest = written;
        if (!written.n)
            continue;
        const char *why = without_scheme(&rest);
        if (!why)
            why = split(rest, &name, &port);
        if (!why)
            why = name_wrong(str_ends(name, STR(".")) ? str_sub(name, 0, name.n - 1) : name);
        if (!why && l->hosts->n == ASK_HOSTS_MAX)
            return ERR_LIMIT;
        TRY(why ? wrong(ctx, number, written, why) : add(l, name, port, number));
    }
    return OK;
}

enum err ask_hosts_read(struct str text, struct arena *arena,
                        enum err (*wrong)(void *ctx, uint32_t line, struct str text,
                                          const char *why),
                        void *ctx, struct ask_hosts *ret, struct error *error)
{
    struct list l = {.arena = arena, .hosts = ret};
    size_t lines = str_count(text, '\n') + 1, most = lines < ASK_HOSTS_MAX ? lines : ASK_HOSTS_MAX;
    *ret = (struct ask_hosts){.v = arena_new_n(arena, struct ask_host, most)};
    map_init(&l.names, arena, ASK_HOSTS_MAX + 1);
    map_init(&l.servers, arena, ASK_HOSTS_MAX + 1);
    enum err rc = ret->v ? each_line(&l, text, wrong, ctx) : ERR_NOMEM;
    map_done(&l.names);
    map_done(&l.servers);
    if (rc == ERR_LIMIT)
        return fail(error, rc, "more than %d hosts", ASK_HOSTS_MAX);
    return rc && rc != ERR_NOMEM ? rc : rc ? fail(error, rc, "out of memory") : OK;
}
