#include "match/ioc_set.h"

static bool is_word(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c == '_' || c == '-' || c >= 0x80;
}

static unsigned char byte_at(struct str s, size_t i)
{
    return i < s.n ? (unsigned char)s.p[i] : 0;
}

static bool check_address(const struct item *item, struct str subject)
{
    struct str part;
    struct ip ip;
    while (str_cut(&subject, ',', &part)) {
        part = str_trim(part);
        while (part.n && (part.p[0] == '+' || part.p[0] == '"'))
            part = str_sub(part, 1, part.n);
        while (part.n && part.p[part.n - 1] == '"')
            part.n--;
        if (ip_parse_log(part, &ip, NULL) && ip_in_net(ip, item->net))
            return true;
    }
    return false;
}

static bool check_domain(const struct item *item, struct str subject)
{
    struct str behind;
    int32_t port;
    struct str host = host_of(subject, &port, &behind);
    return host.n <= MAX_DOMAIN_BYTES && str_iends(host, item->key) &&
           (host.n == item->key.n || host.p[host.n - item->key.n - 1] == '.');
}

static bool check_name(const struct item *item, struct str path)
{
    bool last = true;
    while (path.n) {
        struct str folder, name = last_part(path, &folder);
        if (name.n && (last || str_chr(name, '.') >= 0) && str_ieq(name, item->key) &&
            name_fits(item, folder))
            return true;
        last = last && !name.n;
        path.n -= name.n;
        while (path.n && is_separator(path.p[path.n - 1]))
            path.n--;
    }
    return false;
}

static bool check_hash(const struct item *item, struct str subject)
{
    char bytes[32];
    struct str key = hash_bytes(subject, bytes);
    return key.n && str_eq(key, item->key);
}

bool ioc_check_url(const struct ioc_set *set, uint32_t index, const struct ioc_request *request)
{
    const struct item *item = &set->item[index];
    int32_t port;
    if (item->bad || set->indicator[index].type != INDICATOR_URL)
        return false;
    struct view v = view_of_request(request, &port);
    return occurs_check(&set->url, &set->url.pattern[item->pattern], &v, port);
}

bool ioc_check(const struct ioc_set *set, uint32_t index, struct str subject)
{
    const struct item *item = &set->item[index];
    struct ioc_request request = {STR_NONE, subject, STR_NONE};
    struct view v = view_of(subject);
    if (item->bad || !subject.n)
        return false;
    switch (set->indicator[index].type) {
    case INDICATOR_ADDRESS: return check_address(item, subject);
    case INDICATOR_DOMAIN: return check_domain(item, subject);
    case INDICATOR_NAME: return check_name(item, subject);
    case INDICATOR_HASH: return check_hash(item, subject);
    case INDICATOR_URL: return ioc_check_url(set, index, &request);
    case INDICATOR_AGENT:
        return occurs_check(&set->agent, &set->agent.pattern[item->pattern], &v, -1);
    case INDICATOR_TEXT: return occurs_check(&set->text, &set->text.pattern[item->pattern], &v, -1);
    }
    return false;
}

static bool line_address(const struct item *item, struct str line)
{
    struct ip ip;
    for (size_t at = 0; next_ip(line, &at, &ip);)
        if (ip_in_net(ip, item->net))
            return true;
    return false;
}

/* "%2f" and "%5c" are the separators of paths in encoded fields. */
static bool border_before_name(struct str line, size_t at, const struct item *item)
{
    if (at == 0)
        return true;
    unsigned char c = (unsigned char)line.p[at - 1];
    struct str folder;
    if (is_separator((char)c)) {
        size_t from = at > 4096 ? at - 4096 : 0;
        last_part(str_sub(line, from, at), &folder);
        size_t cut = folder.n;
        while (cut > 0 && (is_word((unsigned char)folder.p[cut - 1]) || folder.p[cut - 1] == '.'))
            cut--;
        return name_fits(item, str_sub(folder, cut, folder.n)) || str_iends(folder, item->folder);
    }
    struct str escape = str_sub(line, at > 3 ? at - 3 : 0, at);
    return (!is_word(c) && c != '.' && c != '~') || str_ieq(escape, STR("%2f")) ||
           str_ieq(escape, STR("%5c"));
}

static bool line_name(const struct item *item, struct str line)
{
    for (size_t from = 0; from < line.n;) {
        ptrdiff_t found = str_ifind(str_sub(line, from, line.n), item->key);
        if (found < 0)
            return false;
        size_t at = from + (size_t)found, end = at + item->key.n;
        unsigned char c = byte_at(line, end);
        bool goes_on = is_word(c) || c == '~' || (c == '.' && is_word(byte_at(line, end + 1)));
        if (!goes_on && border_before_name(line, at, item))
            return true;
        from = at + 1;
    }
    return false;
}

static bool line_domain(const struct item *item, struct str line)
{
    for (size_t from = 0; from < line.n;) {
        ptrdiff_t found = str_ifind(str_sub(line, from, line.n), item->key);
        if (found < 0)
            return false;
        size_t at = from + (size_t)found, end = at + item->key.n;
        unsigned char c = byte_at(line, end);
        bool goes_on = is_word(c) || (c == '.' && is_word(byte_at(line, end + 1)));
        struct str escape = str_sub(line, at > 3 ? at - 3 : 0, at);
        if (!goes_on && (at == 0 || !is_word((unsigned char)line.p[at - 1]) ||
                         str_ieq(escape, STR("%2f")) || str_ieq(escape, STR("%40"))))
            return true;
        from = at + 1;
    }
    return false;
}

static bool line_hash(const struct item *item, struct str line)
{
    size_t want = 2 * item->key.n;
    for (size_t i = 0, from; i < line.n; i++) {
        from = i;
        while (i < line.n && ascii_hex((unsigned char)line.p[i]) >= 0)
            i++;
        if (i - from == want && check_hash(item, str_sub(line, from, i)))
            return true;
    }
    return false;
}

/* The key with an optional port behind its host, ending at a border of a URL or of a field. */
static bool line_url(const struct pattern *p, struct str line)
{
    struct str first = str_sub(p->key, 0, p->host_n ? p->host_n : p->key.n);
    struct str path = str_sub(p->key, first.n, p->key.n);
    for (size_t from = 0; from < line.n;) {
        ptrdiff_t found = str_ifind(str_sub(line, from, line.n), first);
        if (found < 0)
            return false;
        size_t at = from + (size_t)found, end = at + first.n;
        from = at + 1;
        if (p->form == URL_ANYWHERE)
            return true;
        bool begins = p->form == URL_PATH || at == 0 ||
                      (!is_word((unsigned char)line.p[at - 1]) && line.p[at - 1] != '.');
        if (p->form == URL_HOST && byte_at(line, end) == ':')
            for (end++; ascii_digit(byte_at(line, end));)
                end++;
        if (!begins || !str_istarts(str_sub(line, end, line.n), path))
            continue;
        end += path.n;
        unsigned char c = byte_at(line, end);
        char last = p->key.p[p->key.n - 1];
        bool open = last == '/' || last == '?' || last == '=' || last == '&';
        if (open || (!is_word(c) && c != '%' && (c != '.' || !is_word(byte_at(line, end + 1)))))
            return true;
    }
    return false;
}

bool ioc_check_line(const struct ioc_set *set, uint32_t index, struct str line)
{
    const struct item *item = &set->item[index];
    if (item->bad || !line.n)
        return false;
    switch (set->indicator[index].type) {
    case INDICATOR_ADDRESS: return line_address(item, line);
    case INDICATOR_DOMAIN: return line_domain(item, line);
    case INDICATOR_NAME: return line_name(item, line);
    case INDICATOR_HASH: return line_hash(item, line);
    case INDICATOR_URL: return line_url(&set->url.pattern[item->pattern], line);
    case INDICATOR_AGENT:
    case INDICATOR_TEXT: return ioc_check(set, index, line);
    }
    return false;
}
