#include "output/veil_names.h"

#include "base/ip.h"

enum { DECODED_TIMES = 4 };

/* Names of hosts that say nothing: the first part of a path is called so everywhere. */
static const char *const usual[] = {
    "owa", "ecp", "ews",    "mapi", "oab",  "rpc",  "api",        "mail",        "exchange",
    "web", "www", "remote", "vpn",  "auth", "test", "powershell", "autodiscover"};

/* Ends of names of files that are no domain of the victim's. How to let one more through: a line
 * here, if no country or shop sells names that end so. */
static const char *const file_ends[] = {
    "application", "asax",  "ashx", "asmx", "asp",  "aspx", "axd",    "bak",  "bat",    "bin",
    "bmp",         "cab",   "cer",  "cfm",  "cgi",  "conf", "config", "cs",   "cshtml", "css",
    "csv",         "db",    "dll",  "dmp",  "doc",  "docx", "eas",    "ecp",  "evtx",   "exe",
    "flt",         "gif",   "gz",   "htm",  "html", "ico",  "ini",    "jpeg", "jpg",    "js",
    "json",        "jsonl", "jsp",  "jspx", "log",  "lzx",  "map",    "owa",  "pdf",    "pem",
    "php",         "png",   "ps1",  "rar",  "reg",  "rem",  "shtml",  "skin", "soap",   "sql",
    "svc",         "svg",   "swf",  "tar",  "tmp",  "ttf",  "txt",    "war",  "wasm",   "woff",
    "woff2",       "wsdl",  "xap",  "xls",  "xlsx", "xml",  "xsd",    "yaml", "yml",    "zip",
};

static bool among(const char *const *v, size_t n, struct str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(s, str_of(v[i])))
            return true;
    return false;
}

/* One round in place; false if there was nothing to do. */
static bool decode(struct str *s, char *p)
{
    size_t to = 0;
    for (size_t i = 0; i < s->n; i++) {
        int high = i + 2 < s->n && p[i] == '%' ? ascii_hex((unsigned char)p[i + 1]) : -1;
        int low = high >= 0 ? ascii_hex((unsigned char)p[i + 2]) : -1;
        p[to++] = low >= 0 ? (char)(16 * high + low) : p[i];
        i += low >= 0 ? 2 : 0;
    }
    bool some = to < s->n;
    s->n = to;
    return some;
}

/* In small letters and decoded, in the room of the veil. */
static struct str plain(struct veil *v, struct str text)
{
    buf_reset(&v->key);
    char *p = buf_reserve(&v->key, text.n + 1);
    if (!p) {
        v->rc = ERR_NOMEM;
        return STR_NONE;
    }
    ascii_lower_all(p, text.p, text.n);
    struct str s = str_make(p, text.n);
    for (int i = 0; i < DECODED_TIMES && decode(&s, p); i++)
        ascii_lower_all(p, p, s.n);
    return s;
}

/* 0.0.0.0 is a version of a program. */
static bool is_internal(struct str word)
{
    struct ip ip;
    return ip_parse(word, &ip) && ip_is_internal(ip) && ip_class(ip) != IP_UNSPECIFIED;
}

static bool is_host(const struct veil *v, struct str name)
{
    bool letter = false;
    for (size_t i = 0; i < name.n; i++)
        letter |= (name.p[i] >= 'a' && name.p[i] <= 'z') || name.p[i] == '.';
    return letter && name.n > 1 && !among(usual, ARRAY_LEN(usual), name) &&
           map_get(&v->hosts, name);
}

/* "ex01", "ex01.example.org", "ex01.aspx", "example.org", "mail.example.org" */
static bool is_of_house(const struct veil *v, struct str word)
{
    struct str rest = word, first;
    (void)str_cut(&rest, '.', &first);
    if (is_internal(word) || is_host(v, word) || is_host(v, first))
        return true;
    for (rest = word; rest.n; (void)str_cut(&rest, '.', &first))
        if (map_get(&v->domains, rest))
            return true;
    return false;
}

static bool is_word(char c, bool six)
{
    return six ? ascii_hex((unsigned char)c) >= 0 || c == ':' || c == '.'
               : (c >= 'a' && c <= 'z') || ascii_digit((unsigned char)c) || c == '.' || c == '-' ||
                     c == '_';
}

static bool has_word_of_house(const struct veil *v, struct str s, bool six)
{
    for (size_t i = 0, to; i < s.n; i = to + 1) {
        for (to = i; to < s.n && is_word(s.p[to], six); to++)
            ;
        struct str word = str_sub(s, i, to);
        while (word.n && word.p[word.n - 1] == '.')
            word.n--;
        if (word.n && (six ? is_internal(word) : is_of_house(v, word)))
            return true;
    }
    return false;
}

static bool names(const struct veil *v, struct str s)
{
    return str_chr(s, '@') >= 0 || str_chr(s, '\\') >= 0 || str_find(s, STR("s-1-5-21-")) >= 0 ||
           has_word_of_house(v, s, false) || has_word_of_house(v, s, true);
}

/* "example.org", but not "logon.aspx;x", "15.1.2507", ".git" */
static bool looks_like_domain(struct str part)
{
    size_t n = 0;
    bool letter = false;
    while (n < part.n && part.p[n] != ';' && part.p[n] != '?')
        letter |= part.p[n] >= 'a' && part.p[n] <= 'z', n++;
    while (n && part.p[n - 1] == '.')
        n--;
    part.n = n;
    ptrdiff_t dot = str_rchr(part, '.');
    struct str end = str_sub(part, (size_t)(dot + 1), part.n);
    return dot > 0 && letter && end.n > 1 && !ascii_digit((unsigned char)end.p[0]) &&
           !among(file_ends, ARRAY_LEN(file_ends), end);
}

bool veil_names(struct veil *v, struct str text)
{
    return names(v, plain(v, text));
}

bool veil_names_in_title(struct veil *v, struct str title)
{
    struct str s = plain(v, title);
    for (size_t i = 0, to; i < s.n; i = to + 1) {
        for (to = i; to < s.n && is_word(s.p[to], false); to++)
            ;
        if (looks_like_domain(str_sub(s, i, to)))
            return true;
    }
    return names(v, s);
}

bool veil_names_in_path(struct veil *v, struct str path)
{
    struct str rest = plain(v, path), part;
    if (!str_starts(rest, STR("/")) || str_starts(rest, STR("//")) || names(v, rest))
        return true;
    for (bool more = true; more;) {
        more = str_cut(&rest, '/', &part);
        if (looks_like_domain(part))
            return true;
    }
    return false;
}
