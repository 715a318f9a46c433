#include "scan/hosts.h"

#include "base/ip.h"

/* Folders that every server, collector or administrator has: they name no host. */
static const char *const common[] = {
    "inetpub",
    "logs",
    "log",
    "logfiles",
    "logging",
    "v15",
    "v14",
    "httpproxy",
    "ecp",
    "owa",
    "ews",
    "eas",
    "mapi",
    "oab",
    "rpchttp",
    "powershell",
    "autodiscover",
    "owacalendar",
    "rest",
    "server",
    "activity",
    "cmdletinfra",
    "powershell-proxy",
    "localpowershell",
    "http",
    "cmdlet",
    "oabgeneratorlog",
    "transportroles",
    "messagetracking",
    "protocollog",
    "smtpreceive",
    "smtpsend",
    "agentlog",
    "cosmosqueue",
    "localqueue",
    "exchange",
    "audit",
    "hub",
    "frontend",
    "mailbox",
    "edge",
    "c",
    "d",
    "e",
    "c$",
    "d$",
    "e$",
    "c:",
    "d:",
    "program files",
    "microsoft",
    "exchange server",
    "windows",
    "winevt",
    "inetsrv",
    "config",
    "system32",
    "httperr",
    "uploads",
    "results",
    "auto",
    "ntfs",
    "var",
    "apache2",
    "apache",
    "nginx",
    "httpd",
    "tmp",
    "temp",
    "home",
    "mnt",
    "media",
    "srv",
    "data",
    "evidence",
    "case",
    "cases",
    "collection",
    "export",
    "copy",
    "backup",
    "iis",
    "wwwroot",
    "clientaccess",
    "www",
    "root",
    "opt",
    "users",
    "desktop",
    "downloads",
    "documents",
    "examples",
    "work",
    "shared",
    "..",
    ".",
    "",
};

/* Words that stand beside "logs" in names that people give to folders: IIS-Logs, Event_Logs_old. */
static const char *const beside_logs[] = {
    "event", "evtx",   "web",      "site",        "access", "security", "system", "application",
    "old",   "new",    "all",      "raw",         "front",  "back",     "end",    "server",
    "proxy", "copied", "original", "transaction", "error",  "inetlogs", "files",  "backend",
};

/* Folders that only a server's own tree has: what lies in them came from a server. */
static const char *const server_folders[] = {"inetpub",
                                             "logfiles",
                                             "logging",
                                             "v15",
                                             "v14",
                                             "winevt",
                                             "httpproxy",
                                             "transportroles",
                                             "httperr",
                                             "cmdletinfra",
                                             "system32",
                                             "inetsrv",
                                             "oabgeneratorlog",
                                             "web server extensions"};

static bool is_among(struct str part, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(part, str_of(names[i])))
            return true;
    return false;
}

static bool is_number(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ascii_digit((unsigned char)s.p[i]))
            return false;
    return s.n > 0;
}

/* 20210303, 2021-03 or 2021-03-03 and the like: a day, no server. */
static bool is_date(struct str part)
{
    bool year = (part.n == 8 || (part.n > 4 && part.p[4] == '-')) &&
                (str_starts(part, STR("19")) || str_starts(part, STR("20")));
    struct str rest = part, word;
    while (year && str_cut(&rest, '-', &word))
        year = is_number(word);
    return year && part.n <= 10;
}

/* Without "log" or "logs" at its end; as it was where nothing would be left. */
static struct str without_logs(struct str word)
{
    size_t cut = 0;
    if (word.n > 4 && str_ieq(str_sub(word, word.n - 4, word.n), STR("logs")))
        cut = 4;
    else if (word.n > 3 && str_ieq(str_sub(word, word.n - 3, word.n), STR("log")))
        cut = 3;
    return str_sub(word, 0, word.n - cut);
}

/* "IIS-Logs", "ExchangeLogs", "logs_2021-03": nothing but everyday words, one of which is logs. */
static bool is_log_folder(struct str part)
{
    bool logs = false;
    for (size_t at = 0, end; at < part.n; at = end + 1) {
        for (end = at; end < part.n && part.p[end] != '-' && part.p[end] != '_' &&
                       part.p[end] != ' ' && part.p[end] != '.';)
            end++;
        struct str word = str_sub(part, at, end), stem = without_logs(word);
        bool is_log = stem.n < word.n || str_ieq(word, STR("logs")) || str_ieq(word, STR("log"));
        logs |= is_log;
        if (word.n && !is_number(word) && !is_among(stem, common, ARRAY_LEN(common)) &&
            !is_among(stem, beside_logs, ARRAY_LEN(beside_logs)))
            return false;
    }
    return logs;
}

/* A drive as collectors write it: F:, F$, F%3A, %5C%5C.%5CF%3A. A letter alone may be a server. */
static bool is_drive(struct str part)
{
    static const char *const ends[] = {":", "$", "%3a"};
    if (str_istarts(part, STR("%5c%5c.%5c")))
        part = str_sub(part, 10, part.n);
    return part.n && ascii_alpha((unsigned char)part.p[0]) &&
           is_among(str_sub(part, 1, part.n), ends, ARRAY_LEN(ends));
}

static bool is_common(struct str part)
{
    return is_drive(part) || is_among(part, common, ARRAY_LEN(common)) ||
           str_istarts(part, STR("w3svc")) || str_istarts(part, STR("tmp")) || part.n >= 64 ||
           is_date(part) || is_log_folder(part);
}

bool host_in_server_tree(struct str path)
{
    bool file = true, inside = false;
    for (size_t end = path.n, from; end > 0; end = from ? from - 1 : 0) {
        for (from = end; from > 0 && path.p[from - 1] != '/' && path.p[from - 1] != '\\';)
            from--;
        struct str part = str_sub(path, from, end);
        if (!file && !is_common(part))
            return inside;
        inside |= !file && (is_among(part, server_folders, ARRAY_LEN(server_folders)) ||
                            str_istarts(part, STR("w3svc")));
        file = false;
    }
    return false; /* whose tree it is the path does not say */
}

static struct str innermost(struct str path);

/* Whose tree it is at whose root the folder stands that begins at `at`: what is before it, and
 * before the letter of a drive. Below it a folder may have any name. */
static struct str above_root(struct str path, size_t at)
{
    bool letter = at > 1 && ascii_alpha((unsigned char)path.p[at - 2]) &&
                  (at == 2 || path.p[at - 3] == '/' || path.p[at - 3] == '\\');
    return innermost(str_sub(path, 0, letter ? at - 1 : at));
}

static struct str part_before(struct str path, size_t at)
{
    size_t to = at ? at - 1 : 0, from = to;
    while (from > 0 && path.p[from - 1] != '/' && path.p[from - 1] != '\\')
        from--;
    return str_sub(path, from, to);
}

/* Does a folder stand at the root of a drive? Users only where the drive is told as well. */
static bool is_root(struct str path, size_t at, struct str part)
{
    static const char *const roots[] = {"windows", "program files", "program files (x86)",
                                        "programdata", "inetpub"};
    struct str before = part_before(path, at);
    if (str_ieq(part, STR("users")))
        return is_drive(before) || (before.n == 1 && ascii_alpha((unsigned char)before.p[0]));
    return is_among(part, roots, ARRAY_LEN(roots)) && !str_ieq(before, STR("microsoft"));
}

struct str host_of_path(struct str path)
{
    for (size_t from = 0, end; from < path.n; from = end + 1) {
        for (end = from; end < path.n && path.p[end] != '/' && path.p[end] != '\\';)
            end++;
        struct str part = str_sub(path, from, end);
        if (end == path.n || !is_root(path, from, part))
            continue;
        struct str host = above_root(path, from);
        /* Below the two somebody may have gathered what is of other servers. */
        bool other = str_ieq(part, STR("inetpub")) || str_ieq(part, STR("users"));
        if (host.n || !other)
            return host;
    }
    return innermost(path);
}

/* The innermost folder that is no everyday one; the last part is the file. */
static struct str innermost(struct str path)
{
    size_t end = path.n;
    bool file = true;
    while (end > 0) {
        size_t from = end;
        while (from > 0 && path.p[from - 1] != '/' && path.p[from - 1] != '\\')
            from--;
        struct str part = str_sub(path, from, end);
        if (!file && !is_common(part))
            return part;
        file = false;
        end = from ? from - 1 : 0;
    }
    return STR("");
}

/* Folders at which a server's own tree begins, or a part of one that was copied. */
static bool begins_server(struct str part)
{
    static const char *const folders[] = {"inetpub",     "program files", "program files (x86)",
                                          "programdata", "windows",       "users",
                                          "wwwroot",     "frontend",      "clientaccess",
                                          "var",         "etc",           "opt",
                                          "srv",         "usr",           "home"};
    bool letter = part.n == 1 && ascii_alpha((unsigned char)part.p[0]);
    return letter || is_drive(part) || is_among(part, folders, ARRAY_LEN(folders)) ||
           is_among(part, server_folders, ARRAY_LEN(server_folders));
}

static size_t part_end(struct str path, size_t from)
{
    while (from < path.n && path.p[from] != '/' && path.p[from] != '\\')
        from++;
    return from;
}

/* The last folder in the path that names a host, "" if none does. */
static struct str last_name(struct str path)
{
    struct str name = STR("");
    for (size_t from = 0, end; from < path.n; from = end + 1) {
        end = part_end(path, from);
        struct str part = str_sub(path, from, end);
        name = is_common(part) ? name : part;
    }
    return name;
}

/* /var/www, /srv/www, and what others call their web root. */
static bool is_web_root(struct str path, size_t from, struct str part)
{
    static const char *const names[] = {"wwwroot", "clientaccess", "htdocs", "public_html"};
    struct str before = part_before(path, from);
    bool www =
        str_eq(part, STR("www")) && (str_eq(before, STR("var")) || str_eq(before, STR("srv")));
    return www || is_among(part, names, ARRAY_LEN(names));
}

bool file_in_server_tree(struct str path)
{
    for (size_t from = 0, end = part_end(path, 0); end < path.n; end = part_end(path, from)) {
        struct str part = str_sub(path, from, end);
        if (is_among(part, server_folders, ARRAY_LEN(server_folders)) ||
            is_web_root(path, from, part) || is_root(path, from, part))
            return last_name(str_sub(path, 0, from)).n > 0;
        from = end + 1;
    }
    return false;
}

struct str host_of_file(struct str path, size_t root_bytes)
{
    for (size_t from = 0, end = part_end(path, 0); end < path.n; end = part_end(path, from)) {
        if (begins_server(str_sub(path, from, end))) {
            struct str name = last_name(str_sub(path, 0, from));
            if (name.n)
                return name;
        }
        from = end + 1;
    }
    /* A tree of anything: as its root is called, or the folder below that. */
    struct str root = last_name(str_sub(path, 0, root_bytes));
    size_t next = root_bytes < path.n ? part_end(path, root_bytes + 1) : path.n;
    if (root.n || next >= path.n)
        return root;
    struct str first = str_sub(path, root_bytes + 1, next);
    return is_common(first) || begins_server(first) ? STR("") : first;
}

static struct str first_label(struct str name)
{
    struct ip ip;
    if (ip_parse(name, &ip))
        return name;
    ptrdiff_t dot = str_chr(name, '.');
    return dot > 0 ? str_sub(name, 0, (size_t)dot) : name;
}

bool host_same(struct str a, struct str b)
{
    return str_ieq(a, b) || str_ieq(first_label(a), first_label(b));
}

struct pair {
    struct str by_path, by_rows;
    bool several; /* the files of this path name more than one host */
};

struct host_names {
    struct arena *arena;
    struct pair *pair; /* one a name by path */
    struct str *row;   /* all names by rows, as first seen in order */
    size_t n_pairs, n_rows;
};

enum { MAX_HOSTS = 100 * 1000 };

enum err host_names_new(struct arena *arena, struct host_names **ret)
{
    *ret = arena_new(arena, struct host_names);
    if (!*ret)
        return ERR_NOMEM;
    (*ret)->arena = arena;
    return OK;
}

/* Room for one more item behind n of them; the arena keeps what was outgrown. */
static void *room(struct arena *arena, void *items, size_t n, size_t size)
{
    if (n & (n - 1) || n == MAX_HOSTS)
        return n < MAX_HOSTS ? items : NULL; /* full at powers of two only */
    void *more = arena_array(arena, n ? 2 * n : 1, size);
    if (more && n)
        memcpy(more, items, n * size);
    return more;
}

static enum err note_row(struct host_names *h, struct str name)
{
    for (size_t i = 0; i < h->n_rows; i++)
        if (host_same(h->row[i], name)) {
            /* Of several spellings the shortest, then the smallest: the same for any order. */
            if (name.n < h->row[i].n || (name.n == h->row[i].n && str_cmp(name, h->row[i]) < 0))
                h->row[i] = name;
            return OK;
        }
    struct str *row = room(h->arena, h->row, h->n_rows, sizeof *row);
    if (!row)
        return ERR_NOMEM;
    h->row = row;
    h->row[h->n_rows++] = name;
    return OK;
}

enum err host_names_note(struct host_names *h, struct str by_path, struct str by_rows)
{
    if (by_rows.n)
        TRY(note_row(h, by_rows));
    for (size_t i = 0; i < h->n_pairs; i++) {
        struct pair *p = &h->pair[i];
        if (!str_ieq(p->by_path, by_path))
            continue;
        if (by_rows.n && !p->by_rows.n)
            p->by_rows = by_rows;
        else if (by_rows.n && !host_same(p->by_rows, by_rows))
            p->several = true;
        return OK;
    }
    struct pair *pair = room(h->arena, h->pair, h->n_pairs, sizeof *pair);
    if (!pair)
        return ERR_NOMEM;
    h->pair = pair;
    h->pair[h->n_pairs++] = (struct pair){by_path, by_rows, false};
    return OK;
}

static struct str spelling(const struct host_names *h, struct str name)
{
    for (size_t i = 0; i < h->n_rows; i++)
        if (host_same(h->row[i], name))
            return h->row[i];
    return name;
}

struct str host_names_final(const struct host_names *h, struct str name)
{
    for (size_t i = 0; i < h->n_pairs; i++) {
        const struct pair *p = &h->pair[i];
        if (str_ieq(p->by_path, name) && p->by_rows.n && !p->several)
            return spelling(h, p->by_rows);
    }
    return name.n ? spelling(h, name) : STR("unnamed");
}
