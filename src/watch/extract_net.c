#include "base/ip.h"
#include "watch/checksum.h"
#include "watch/extract_priv.h"

enum { HOST_BYTES = 253, LABEL_BYTES = 63, LOCAL_BYTES = 64, SCHEME_BYTES = 16, V6_BYTES = 64 };

static bool label_byte(unsigned char c)
{
    return alnum(c) || c == '-' || c == '_';
}

/* The end of labels with dots between them, however many. */
static size_t labels_end(const struct extractor *e, size_t i)
{
    size_t from = i, label = i;
    while (i - from <= HOST_BYTES && label_byte(at(e, i))) {
        while (i - label <= LABEL_BYTES && label_byte(at(e, i)))
            i++;
        if (i - label > LABEL_BYTES)
            return 0;
        if (at(e, i) != '.' || !label_byte(at(e, i + 1)))
            break;
        label = ++i;
    }
    return i > from && i - from <= HOST_BYTES ? i : 0;
}

size_t host_end(const struct extractor *e, size_t i)
{
    size_t end = labels_end(e, i);
    return end && str_chr(part(e, i, end), '.') > 0 ? end : 0;
}

/* What registries sell names below; "co.uk" is not one of them. */
static bool is_suffix(struct str stem, struct str tld)
{
    static const char *const second[] = {"co", "com", "net", "org", "gov", "ac", "edu"};
    for (size_t i = 0; tld.n == 2 && i < ARRAY_LEN(second); i++)
        if (str_ieq(stem, str_of(second[i])))
            return true;
    return false;
}

bool is_domain(const struct extractor *e, struct str host)
{
    ptrdiff_t dot = str_rchr(host, '.');
    struct str stem = str_sub(host, 0, dot > 0 ? (size_t)dot : 0), label, rest = stem;
    struct str tld = str_sub(host, (size_t)(dot + 1), host.n);
    if (dot <= 0 || !words_find(&e->options.lists->tlds, tld) || is_suffix(stem, tld))
        return false;
    while (str_cut(&rest, '.', &label))
        if (label.n == 0 || label.p[0] == '-' || label.p[label.n - 1] == '-' ||
            (!rest.p && str_chr(label, '_') >= 0))
            return false;
    return !str_ieq(tld, STR("onion")) || onion_valid(label);
}

const struct word *file_ending(const struct extractor *e, struct str name)
{
    ptrdiff_t dot = str_rchr(name, '.');
    return dot > 0 ? words_find(&e->options.lists->endings, str_sub(name, (size_t)dot + 1, name.n))
                   : NULL;
}

/* A letter of two bytes stands before: the word began there. */
static bool inside_word(const struct extractor *e, size_t i)
{
    return before(e, i) >= 0x80 && i > 1 && at(e, i - 2) >= 0xc2 && at(e, i - 2) <= 0xdf;
}

/* ".example.com" and "*.example.com" start behind the dot. */
static bool host_starts(const struct extractor *e, size_t i)
{
    unsigned char c = before(e, i), b = i > 1 ? at(e, i - 2) : 0;
    if (c == '.')
        return !label_byte(b) && b != '.' && b != ')' && b != ']' && b < 0x80;
    return !c || (!strchr("-_@%$", c) && !inside_word(e, i));
}

static bool all_of(struct str s, bool (*is)(unsigned char))
{
    for (size_t i = 0; i < s.n; i++)
        if (!is((unsigned char)s.p[i]))
            return false;
    return true;
}
static bool not_small(unsigned char c)
{
    return c < 'a' || c > 'z';
}
static bool not_large(unsigned char c)
{
    return c < 'A' || c > 'Z';
}

/* "com.example.app" is a program's own name: a domain from its end. */
static bool is_package(struct str host)
{
    static const char *const first[] = {"com.", "org.", "net.", "android.", "java.", "javax."};
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        if (str_starts(host, str_of(first[i])))
            return str_count(host, '.') > 1;
    return false;
}

/* Two sentences without a blank between them ("server.It"), a name in a program ("System.IO",
 * "os.name("), an abbreviation ("e.g"). */
static bool is_prose(const struct extractor *e, size_t i, size_t end)
{
    struct str host = part(e, i, end);
    size_t dot = (size_t)str_rchr(host, '.');
    struct str stem = str_sub(host, 0, dot), tld = str_sub(host, dot + 1, host.n);
    bool capital = !not_large((unsigned char)tld.p[0]) && all_of(str_sub(tld, 1, tld.n), not_large);
    if (words_find(&e->options.lists->names, host) || at(e, end) == '(' || is_package(host))
        return true;
    if (capital && (tld.n == 2 || not_large((unsigned char)stem.p[0])))
        return true;
    if (!capital && all_of(tld, not_small) && !all_of(stem, not_small))
        return true;
    return stem.n == 1 && tld.n == 2 && at(e, end) != '/';
}

/* Where both a file and a domain may end so: names of two labels are what the list says. */
static bool is_file(const struct extractor *e, size_t i, size_t end)
{
    struct str name = part(e, i, end);
    const struct word *ending = file_ending(e, name);
    if (!ending || str_istarts(name, STR("www.")))
        return false;
    if (!is_domain(e, name))
        return true;
    ptrdiff_t dot = str_rchr(name, '.');
    const struct word *inner = file_ending(e, str_sub(name, 0, (size_t)dot));
    if (inner && inner->more.n == 0)
        return true;
    return str_eq(ending->more, STR("file")) && str_chr(name, '.') == dot && at(e, end) != '/' &&
           !was_fanged(e, i, end);
}

static bool url_byte(unsigned char c)
{
    return c > ' ' && c < 0x7f && !strchr("\"'<>|`^{}[]\\", c);
}

/* The end of what follows a host: letters of two bytes may be in it, longer ones are of the text
 * around it. */
static size_t tail_end(const struct extractor *e, size_t i, size_t from)
{
    size_t max = from + EXTRACT_ITEM_BYTES, open = 0;
    while (i < max) {
        unsigned char c = at(e, i);
        if (c >= 0xc3 && c <= 0xdf && i + 1 < max && at(e, i + 1) >= 0x80) {
            i += 2;
            continue;
        }
        if (!url_byte(c) ||
            (strchr(",;", c) && str_istarts(str_sub(e->t, i + 1, i + 5), STR("http"))))
            break;
        if (c == ')' && open == 0)
            break;
        open += c == '(';
        open -= c == ')';
        i++;
    }
    while (i > from && strchr(".,;:!?*", at(e, i - 1)))
        i--;
    return i;
}

static size_t port_end(const struct extractor *e, size_t i)
{
    uint64_t port;
    size_t end = digits_end(e, i + 1, 6);
    return at(e, i) == ':' && str_u64(part(e, i + 1, end), &port) && port > 0 && port < 65536 ? end
                                                                                              : i;
}

/* Tells scheme and host in small letters, the rest as it is. */
static size_t tell_url(struct extractor *e, size_t i, size_t host, size_t host_to, size_t end)
{
    buf_reset(&e->value);
    put_value(e, part(e, i, host_to), -1);
    buf_str(&e->value, part(e, host_to, end));
    if (e->value.rc)
        return 0;
    struct str name = str_sub(buf_view(&e->value), host - i, host_to - i);
    if (name.n > 2 && name.p[0] == '[')
        name = str_sub(name, 1, name.n - 1);
    return tell(e, ITEM_URL, i, end, buf_view(&e->value), name);
}

/* "host/path" without a scheme; 0 if nothing follows the slash. */
static size_t bare_url(struct extractor *e, size_t i, size_t host_to)
{
    size_t slash = port_end(e, host_to);
    if (at(e, slash) != '/')
        return 0;
    size_t end = tail_end(e, slash, i);
    return end > slash + 1 ? tell_url(e, i, i, host_to, end) : 0;
}

size_t read_host(struct extractor *e, size_t i)
{
    size_t end = host_starts(e, i) ? host_end(e, i) : 0;
    if (!end || at(e, end) == '@')
        return 0;
    struct str name = part(e, i, end);
    if (is_file(e, i, end))
        return words_find(&e->options.lists->names, name)
                   ? end
                   : tell(e, ITEM_FILE, i, end, name, STR_NONE);
    if (!is_domain(e, name) || (!was_fanged(e, i, end) && is_prose(e, i, end)))
        return 0;
    size_t url = bare_url(e, i, end);
    if (url)
        return url;
    put_value(e, name, -1);
    return tell_value(e, ITEM_DOMAIN, i, end);
}

size_t read_email(struct extractor *e, size_t i)
{
    size_t sign = i;
    unsigned char b = before(e, i);
    if (b && (strchr("._%+-~@", b) || inside_word(e, i)))
        return 0;
    while (sign <= i + LOCAL_BYTES &&
           (alnum(at(e, sign)) || (at(e, sign) && strchr("._%+-~", at(e, sign)))))
        sign++;
    if (at(e, sign) != '@' || sign > i + LOCAL_BYTES || at(e, sign - 1) == '.')
        return 0;
    size_t end = host_end(e, sign + 1);
    if (!end || !is_domain(e, part(e, sign + 1, end)))
        return 0;
    put_value(e, part(e, sign + 1, end), -1);
    char host[HOST_BYTES];
    struct str name = str_make(host, e->value.n);
    memcpy(host, e->value.p, e->value.n);
    buf_reset(&e->value);
    buf_str(&e->value, part(e, i, sign + 1));
    buf_str(&e->value, name);
    return tell(e, ITEM_EMAIL, i, end, buf_view(&e->value), name);
}

/* The host of an address with a scheme may be any name, or a number in brackets. */
static size_t authority_end(const struct extractor *e, size_t i)
{
    struct ip ip;
    if (at(e, i) != '[')
        return labels_end(e, i);
    size_t end = i + 1;
    while (end < i + V6_BYTES && at(e, end) && at(e, end) != ']')
        end++;
    return at(e, end) == ']' && ip_parse(part(e, i + 1, end), &ip) ? end + 1 : 0;
}

/* Behind "user:password@". */
static size_t behind_user(const struct extractor *e, size_t i)
{
    size_t end = i;
    while (end < i + HOST_BYTES && url_byte(at(e, end)) && !strchr("/?#@", at(e, end)))
        end++;
    return at(e, end) == '@' ? end + 1 : i;
}

size_t read_url(struct extractor *e, size_t i)
{
    size_t colon = i;
    while (colon < i + SCHEME_BYTES &&
           (alnum(at(e, colon)) || (at(e, colon) && strchr("+.-", at(e, colon)))))
        colon++;
    if (colon < i + 2 || !str_starts(str_sub(e->t, colon, colon + 3), STR("://")))
        return 0;
    size_t host = behind_user(e, colon + 3), host_to = authority_end(e, host);
    if (!host_to || !(alnum(at(e, host)) || at(e, host) == '[' || at(e, host) == '_'))
        return 0;
    size_t end = port_end(e, host_to);
    if (at(e, end) && strchr("/?#", at(e, end)))
        end = tail_end(e, end, i);
    return tell_url(e, i, host, host_to, end);
}

static bool says_version(const struct extractor *e, size_t i)
{
    static const char *const words[] = {"version", "versions", "ver", "v",        "build",
                                        "release", "firmware", "rev", "revision", "update"};
    size_t to = i;
    while (to > 0 && i - to < 4 && strchr(" .:=", before(e, to)) && before(e, to))
        to--;
    size_t from = to;
    while (from > 0 && to - from < 10 && alnum(before(e, from)))
        from--;
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (str_ieq(part(e, from, to), str_of(words[k])))
            return true;
    return false;
}

/* Four numbers that are the version of something. */
static bool is_version(const struct extractor *e, size_t i, size_t end)
{
    unsigned char b = before(e, i), bb = i > 1 ? at(e, i - 2) : 0;
    if (b == '.' || b == '_' || (b == '-' && !ascii_digit(bb)) || (b == '/' && ascii_alpha(bb)))
        return true;
    if (at(e, end) == '-' && ascii_alpha(at(e, end + 1)))
        return true;
    if (at(e, i) == '0' && !str_starts(part(e, i, end), STR("0.0.0.0")))
        return true;
    return !was_fanged(e, i, end) && says_version(e, i);
}

/* "/24" behind an address: its end, or i. */
static size_t bits_end(const struct extractor *e, size_t i, unsigned max)
{
    uint64_t bits;
    size_t end = digits_end(e, i + 1, 4);
    return at(e, i) == '/' && str_u64(part(e, i + 1, end), &bits) && bits <= max &&
                   !alnum(at(e, end)) && at(e, end) != '/'
               ? end
               : i;
}

size_t read_ipv4(struct extractor *e, size_t i)
{
    uint32_t v4;
    size_t end = i;
    for (int octet = 0; octet < 4; octet++) {
        size_t digits = digits_end(e, end, 3);
        if (digits == end || (octet < 3 && at(e, digits) != '.'))
            return 0;
        end = digits + (octet < 3);
    }
    unsigned char next = at(e, end);
    if (alnum(next) || next == '_' || (next == '.' && ascii_digit(at(e, end + 1))) ||
        !ip4_parse(part(e, i, end), &v4) || is_version(e, i, end))
        return 0;
    size_t host = host_end(e, i), bits = bits_end(e, end, 32);
    if (host > end && is_domain(e, part(e, i, host)))
        return 0;
    if (bits > end)
        return tell(e, ITEM_CIDR, i, bits, part(e, i, bits), STR_NONE);
    size_t slash = port_end(e, end);
    bool path = at(e, slash) == '/' && !ascii_digit(at(e, slash + 1));
    size_t url = path ? bare_url(e, i, end) : 0;
    return url ? url : tell(e, ITEM_IPV4, i, end, part(e, i, end), STR_NONE);
}

/* Addresses that are given to somebody, or have a meaning of their own: names in programs like
 * "abc::def" are numbers, too. */
static bool v6_used(struct ip ip)
{
    enum ip_class class = ip_class(ip);
    return ip.hi >> 61 == 1 || ip_is4(ip) || class == IP_PRIVATE || class == IP_LINK_LOCAL ||
           class == IP_LOOPBACK || class == IP_MULTICAST || class == IP_DOCUMENTATION;
}

size_t read_ipv6(struct extractor *e, size_t i)
{
    char text[IP_TEXT_BYTES];
    struct ip ip;
    size_t end = i, colons = 0;
    unsigned char b = before(e, i);
    if (b == ':' || b == '.' || b == '-' || (at(e, i) == ':' && at(e, i + 1) != ':'))
        return 0;
    while (end < i + V6_BYTES &&
           (ascii_hex(at(e, end)) >= 0 || at(e, end) == ':' || at(e, end) == '.')) {
        colons += at(e, end) == ':';
        if (end == i + 4 && colons == 0)
            return 0;
        end++;
    }
    if (end > i + 2 && (at(e, end - 1) == '.' || (at(e, end - 1) == ':' && at(e, end - 2) != ':')))
        end--;
    struct str s = part(e, i, end);
    if (colons < 2 || alnum(at(e, end)) || !ip_parse(s, &ip) || !v6_used(ip))
        return 0;
    size_t bits = bits_end(e, end, 128);
    buf_reset(&e->value);
    buf_puts(&e->value, ip_is4(ip) ? "::ffff:" : "");
    buf_puts(&e->value, ip_text(ip, text));
    if (bits > end)
        buf_str(&e->value, part(e, end, bits));
    return tell_value(e, bits > end ? ITEM_CIDR : ITEM_IPV6, i, bits);
}

/* Six pairs of digits with the same sign between them. */
size_t read_mac(struct extractor *e, size_t i)
{
    unsigned char sign = at(e, i + 2), b = before(e, i);
    if ((sign != ':' && sign != '-') || b == ':' || b == '-')
        return 0;
    buf_reset(&e->value);
    for (size_t k = 0; k < 6; k++) {
        unsigned char high = at(e, i + 3 * k), low = at(e, i + 3 * k + 1);
        if (ascii_hex(high) < 0 || ascii_hex(low) < 0 || (k < 5 && at(e, i + 3 * k + 2) != sign))
            return 0;
        buf_puts(&e->value, k ? ":" : "");
        buf_putc(&e->value, (char)ascii_lower(high));
        buf_putc(&e->value, (char)ascii_lower(low));
    }
    size_t end = i + 17;
    return alnum(at(e, end)) || at(e, end) == sign ? 0 : tell_value(e, ITEM_MAC, i, end);
}
