#include "base/ip.h"
#include "dossier/indicator_sink.h"

/* What people write for a dot, a colon, a slash or an at sign so that nothing can be clicked. */
#define FANG(from, to)                                                                             \
    {                                                                                              \
        {from, sizeof(from) - 1},                                                                  \
        {                                                                                          \
            to, sizeof(to) - 1                                                                     \
        }                                                                                          \
    }
static const struct {
    struct str from, to;
} fangs[] = {
    FANG("[.]", "."),   FANG("(.)", "."),     FANG("{.}", "."), FANG("[dot]", "."),
    FANG("(dot)", "."), FANG("{dot}", "."),   FANG("[:]", ":"), FANG("(:)", ":"),
    FANG("[/]", "/"),   FANG("[://]", "://"), FANG("[@]", "@"), FANG("[at]", "@"),
    FANG("(at)", "@"),  FANG("[.", "."),      FANG(".]", "."),
};

static bool looks_like_path(struct str s)
{
    return s.n > 2 && ascii_alpha((unsigned char)s.p[0]) && s.p[1] == ':' && s.p[2] == '\\';
}

/* Every one of them has one; most values of a long list have none. */
static bool has_bracket(struct str s)
{
    return str_chr(s, '[') >= 0 || str_chr(s, '(') >= 0 || str_chr(s, '{') >= 0 ||
           str_chr(s, ']') >= 0;
}

static size_t fang_at(struct str s, size_t at, struct str *ret_to)
{
    for (size_t i = 0; i < ARRAY_LEN(fangs); i++)
        if (s.p[at] == fangs[i].from.p[0] && str_istarts(str_sub(s, at, s.n), fangs[i].from)) {
            *ret_to = fangs[i].to;
            return fangs[i].from.n;
        }
    return 0;
}

struct str value_refang(struct arena *arena, struct str value)
{
    value = str_trim(value);
    if (value.n >= 2 && (value.p[0] == '"' || value.p[0] == '\'') &&
        value.p[value.n - 1] == value.p[0])
        value = str_sub(value, 1, value.n - 1);
    char *out = arena_alloc(arena, value.n + 1);
    if (!out)
        return STR_NONE;
    size_t n = 0, at = 0;
    bool fanged = has_bracket(value) && !looks_like_path(value);
    if (str_istarts(value, STR("hxxp")) || str_istarts(value, STR("hxtp")) ||
        str_istarts(value, STR("htxp"))) {
        memcpy(out, "http", 4);
        n = at = 4;
    } else if (str_istarts(value, STR("fxp://")) || str_istarts(value, STR("fxp["))) {
        memcpy(out, "ftp", 3);
        n = at = 3;
    } else if (str_istarts(value, STR("meow://"))) {
        memcpy(out, "http", 4);
        n = at = 4;
    }
    while (at < value.n) {
        struct str to;
        size_t len = fanged ? fang_at(value, at, &to) : 0;
        if (len) {
            memcpy(out + n, to.p, to.n);
            n += to.n;
            at += len;
        } else {
            out[n++] = value.p[at++];
        }
    }
    return str_trim(str_make(out, n));
}

static const struct word {
    const char *word;
    enum indicator_type type;
} words[] = {
    /* lower case, without blanks, "-", "_" and ":" */
    {"address", INDICATOR_ADDRESS},
    {"ip", INDICATOR_ADDRESS},
    {"ipv4", INDICATOR_ADDRESS},
    {"ipv6", INDICATOR_ADDRESS},
    {"ipaddress", INDICATOR_ADDRESS},
    {"ipaddr", INDICATOR_ADDRESS},
    {"ipsrc", INDICATOR_ADDRESS},
    {"ipdst", INDICATOR_ADDRESS},
    {"ipv4addr", INDICATOR_ADDRESS},
    {"ipv6addr", INDICATOR_ADDRESS},
    {"ipv4address", INDICATOR_ADDRESS},
    {"ipv6address", INDICATOR_ADDRESS},
    {"sourceip", INDICATOR_ADDRESS},
    {"srcip", INDICATOR_ADDRESS},
    {"dstip", INDICATOR_ADDRESS},
    {"cidr", INDICATOR_ADDRESS},
    {"net", INDICATOR_ADDRESS},
    {"network", INDICATOR_ADDRESS},
    {"ip:port", INDICATOR_ADDRESS},
    {"ipport", INDICATOR_ADDRESS},
    {"domain", INDICATOR_DOMAIN},
    {"hostname", INDICATOR_DOMAIN},
    {"host", INDICATOR_DOMAIN},
    {"fqdn", INDICATOR_DOMAIN},
    {"domainname", INDICATOR_DOMAIN},
    {"url", INDICATOR_URL},
    {"uri", INDICATOR_URL},
    {"uripath", INDICATOR_URL},
    {"urlpath", INDICATOR_URL},
    {"uristem", INDICATOR_URL},
    {"uriquery", INDICATOR_URL},
    {"name", INDICATOR_NAME},
    {"filename", INDICATOR_NAME},
    {"file", INDICATOR_NAME},
    {"filepath", INDICATOR_NAME},
    {"agent", INDICATOR_AGENT},
    {"useragent", INDICATOR_AGENT},
    {"httpuseragent", INDICATOR_AGENT},
    {"hash", INDICATOR_HASH},
    {"md5", INDICATOR_HASH},
    {"sha1", INDICATOR_HASH},
    {"sha256", INDICATOR_HASH},
    {"filehashmd5", INDICATOR_HASH},
    {"filehashsha1", INDICATOR_HASH},
    {"filehashsha256", INDICATOR_HASH},
    {"filehash", INDICATOR_HASH},
    {"md5hash", INDICATOR_HASH},
    {"sha1hash", INDICATOR_HASH},
    {"sha256hash", INDICATOR_HASH},
    {"text", INDICATOR_TEXT},
    {"string", INDICATOR_TEXT},
    {"keyword", INDICATOR_TEXT},
    {"logstring", INDICATOR_TEXT},
};

bool value_type_of_word(struct str word, enum indicator_type *ret_type)
{
    char low[32];
    size_t n = 0;
    word = str_trim(word);
    for (size_t i = 0; i < word.n; i++) {
        char c = (char)ascii_lower((unsigned char)word.p[i]);
        if (c == ' ' || c == '-' || c == '_')
            continue;
        if (n == sizeof low)
            return false;
        low[n++] = c;
    }
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(str_make(low, n), str_of(words[i].word))) {
            *ret_type = words[i].type;
            return true;
        }
    return false;
}

/* Endings of file names that are no top-level domains. */
static bool is_file_ending(struct str s)
{
    static const char *const endings[] = {
        "aspx", "ashx", "asmx", "asax", "ascx", "asp",      "cer",    "config", "soap", "master",
        "exe",  "dll",  "sys",  "ocx",  "scr",  "msi",      "bat",    "cmd",    "ps1",  "psm1",
        "vbs",  "vbe",  "js",   "jse",  "jsp",  "jspx",     "war",    "jar",    "php",  "hta",
        "lnk",  "wsf",  "txt",  "log",  "dat",  "bin",      "tmp",    "dmp",    "cab",  "7z",
        "rar",  "gz",   "tgz",  "iso",  "xml",  "json",     "html",   "htm",    "css",  "doc",
        "docx", "docm", "xls",  "xlsx", "xlsm", "ppt",      "pptx",   "pdf",    "rtf",  "csv",
        "png",  "gif",  "jpg",  "eot",  "ttf",  "compiled", "cshtml", "svc",    "tar",  "elf",
    };
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (str_ieq(s, str_of(endings[i])))
            return true;
    return false;
}

static bool is_hex(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (ascii_hex((unsigned char)s.p[i]) < 0)
            return false;
    return s.n > 0;
}

static const char *check_domain(struct str *v)
{
    ptrdiff_t scheme = str_find(*v, STR("://"));
    if (scheme > 0)
        *v = str_sub(*v, (size_t)scheme + 3, v->n);
    if (v->n && v->p[v->n - 1] == '/')
        v->n--;
    if (str_starts(*v, STR("*.")))
        *v = str_sub(*v, 2, v->n);
    while (v->n && v->p[0] == '.')
        *v = str_sub(*v, 1, v->n);
    while (v->n && v->p[v->n - 1] == '.')
        v->n--;
    if (v->n == 0 || v->n > 253)
        return "is no domain name";
    size_t label = 0, dots = 0;
    bool letter = false;
    for (size_t i = 0; i < v->n; i++) {
        unsigned char c = (unsigned char)v->p[i];
        if (c >= 0x80)
            return "is an international name: give its xn-- form";
        if (c == '.') {
            if (label == 0)
                return "is no domain name: empty label";
            dots++;
            label = 0;
            letter = false;
            continue;
        }
        if (!ascii_alpha(c) && !ascii_digit(c) && c != '-' && c != '_')
            return "is no domain name";
        letter |= ascii_alpha(c);
        if (++label > 63)
            return "is no domain name: label over 63 bytes";
    }
    if (!dots)
        return "is a single label: it would match too much";
    return letter ? NULL : "is no domain name: its last label has no letter";
}

static const char *check_address(struct str *v)
{
    struct ip_net net;
    struct ip ip;
    int32_t port;
    if (!ip_net_parse(*v, &net)) {
        if (!ip_parse_log(*v, &ip, &port))
            return "is no address";
        ptrdiff_t close = str_chr(*v, ']');
        *v = close > 0 ? str_sub(*v, 1, (size_t)close) : str_sub(*v, 0, (size_t)str_chr(*v, ':'));
        net = (struct ip_net){ip, 128};
    }
    bool v4 = net.bits >= 96 && ip_is4(net.first);
    if (v4 ? net.bits < 96 + 8 : net.bits < 16)
        return "is a net of more than a /8 (IPv4) or /16 (IPv6): it would match too much";
    enum ip_class class = ip_class(net.first);
    if (class == IP_LOOPBACK || class == IP_UNSPECIFIED)
        return "is a loopback or unspecified address: nearly every log holds it";
    return NULL;
}

static const char *check_hash(struct str *v)
{
    static const char *const empty[] = {
        "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"};
    ptrdiff_t colon = str_chr(*v, ':'); /* "sha256:..." */
    if (colon > 0 && colon <= 8)
        *v = str_trim(str_sub(*v, (size_t)colon + 1, v->n));
    if (!is_hex(*v))
        return "is no hexadecimal hash";
    if (v->n == 56 || v->n == 96 || v->n == 128)
        return "is a SHA-2 of another length: MD5, SHA-1 and SHA-256 are computed";
    if (v->n != 32 && v->n != 40 && v->n != 64)
        return "has not the length of an MD5, SHA-1 or SHA-256";
    for (size_t i = 0; i < ARRAY_LEN(empty); i++)
        if (str_ieq(*v, str_of(empty[i])))
            return "is the hash of an empty file";
    return NULL;
}

/* Behind the scheme and a user's name, a host starts with a letter, a digit or a bracket. */
static bool has_host(struct str behind_scheme)
{
    size_t end = 0;
    while (end < behind_scheme.n && !strchr("/?#\\", behind_scheme.p[end]))
        end++;
    struct str host = str_sub(behind_scheme, 0, end);
    host = str_sub(host, (size_t)(str_rchr(host, '@') + 1), host.n);
    unsigned char c = host.n ? (unsigned char)host.p[0] : 0;
    return ascii_alpha(c) || ascii_digit(c) || c == '[' || c == '_' || c >= 0x80;
}

static const char *check_url(struct str *v)
{
    ptrdiff_t scheme = str_find(*v, STR("://"));
    if (scheme >= 0 && !has_host(str_sub(*v, (size_t)scheme + 3, v->n)))
        return "has no host";
    if (str_eq(*v, STR("/")) || str_starts(*v, STR("/#")) || v->n < 2)
        return "is too short: it would match too much";
    return v->n > 4096 ? "is longer than 4096 bytes" : NULL;
}

static const char *check_name(struct str *v)
{
    size_t from = v->n;
    while (from > 0 && v->p[from - 1] != '/' && v->p[from - 1] != '\\')
        from--;
    struct str last = str_sub(*v, from, v->n);
    if (last.n == 0)
        return "names a folder, not a file";
    if (last.n < 3 || last.n > 255)
        return "is no usable file name: 3 to 255 bytes are";
    for (size_t i = 0; i < last.n; i++)
        if (strchr("*?<>|\"", last.p[i] ? last.p[i] : '*'))
            return "has wildcards or characters that no file name has";
    return NULL;
}

static const char *check_agent(struct str *v)
{
    if (v->n < 4)
        return "is too short: it would match too much";
    if (v->n > 4096)
        return "is longer than 4096 bytes";
    if (str_istarts(*v, STR("Mozilla/")) && v->n <= 12)
        return "is in nearly every agent";
    return NULL;
}

static const char *check_text(struct str *v)
{
    if (v->n < 3)
        return "is too short: it would match too much";
    return v->n > 4096 ? "is longer than 4096 bytes" : NULL;
}

const char *value_check(enum indicator_type type, struct str *value)
{
    static const char *(*const check[])(struct str *) = {
        [INDICATOR_ADDRESS] = check_address, [INDICATOR_DOMAIN] = check_domain,
        [INDICATOR_URL] = check_url,         [INDICATOR_NAME] = check_name,
        [INDICATOR_AGENT] = check_agent,     [INDICATOR_HASH] = check_hash,
        [INDICATOR_TEXT] = check_text,
    };
    if (value->n == 0)
        return "is empty";
    for (size_t i = 0; i < value->n; i++)
        if ((unsigned char)value->p[i] < ' ' && value->p[i] != '\t')
            return "holds control characters";
    return check[type](value);
}

enum indicator_type value_guess(struct str v)
{
    struct ip_net net;
    struct ip ip;
    struct str domain = v;
    if (ip_net_parse(v, &net) || ip_parse_log(v, &ip, NULL))
        return INDICATOR_ADDRESS;
    if (is_hex(v) && (v.n == 32 || v.n == 40 || v.n == 56 || v.n == 64 || v.n == 96 || v.n == 128))
        return INDICATOR_HASH;
    if (str_find(v, STR("://")) > 0 || (v.n && v.p[0] == '/'))
        return INDICATOR_URL;
    ptrdiff_t dot = str_rchr(v, '.'), slash = str_chr(v, '/');
    bool blank = str_chr(v, ' ') >= 0;
    if (looks_like_path(v) || str_starts(v, STR("\\\\")) ||
        (str_chr(v, '\\') >= 0 && !blank && dot > str_rchr(v, '\\')))
        return INDICATOR_NAME;
    if (dot > 0 && !blank && slash < 0 && is_file_ending(str_sub(v, (size_t)dot + 1, v.n)))
        return INDICATOR_NAME;
    if (slash > 0 && !blank) {
        domain = str_sub(v, 0, (size_t)slash);
        return check_domain(&domain) ? INDICATOR_TEXT : INDICATOR_URL;
    }
    if (str_istarts(v, STR("Mozilla/")))
        return INDICATOR_AGENT;
    return check_domain(&domain) ? INDICATOR_TEXT : INDICATOR_DOMAIN;
}

bool value_weak(struct str strength, bool *ret_weak)
{
    static const char *const weak[] = {"weak", "low", "none", "unknown", "very low"};
    static const char *const strong[] = {"strong",    "high",    "medium",   "moderate",
                                         "very high", "certain", "confirmed"};
    double number;
    strength = str_trim(strength);
    if (str_double(strength, &number)) {
        *ret_weak = str_chr(strength, '.') >= 0 && number <= 1 ? number < 0.3 : number < 30;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(weak); i++)
        if (str_ieq(strength, str_of(weak[i]))) {
            *ret_weak = true;
            return true;
        }
    *ret_weak = false;
    for (size_t i = 0; i < ARRAY_LEN(strong); i++)
        if (str_ieq(strength, str_of(strong[i])))
            return true;
    return false;
}
