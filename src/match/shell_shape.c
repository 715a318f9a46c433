/* What a file looks like as a whole: an exported virtual directory, a picture that holds script,
 * a settings file that makes pictures run, names and literals that hide what they are. */
#include "match/shell_priv.h"

enum {
    DUMP_BYTES = 512 << 10,
    CONFIG_BYTES = 256 << 10,
    TINY_TOKENS = 160,
    SMALL_TOKENS = 1600,
};

static bool value_of(struct str line, struct str key, struct str *ret)
{
    if (!str_istarts(line, key))
        return false;
    struct str rest = str_sub(line, key.n, line.n);
    size_t i = 0;
    while (i < rest.n && (rest.p[i] == ' ' || rest.p[i] == '\t'))
        i++;
    if (i >= rest.n || rest.p[i] != ':')
        return false;
    *ret = str_trim(str_sub(rest, i + 1, rest.n));
    return true;
}

/* "3/2/2021 11:04:05 PM" as Exchange writes it (month first, unless that is no month), or ISO. */
static int64_t dump_time(struct str s)
{
    int64_t us;
    unsigned v[6] = {0}, n = 0;
    if (time_parse(s, &us))
        return us;
    size_t i = 0;
    for (; i < s.n && n < 6; n++) {
        while (i < s.n && !ascii_digit((unsigned char)s.p[i]))
            i++;
        if (i == s.n)
            break;
        for (; i < s.n && ascii_digit((unsigned char)s.p[i]) && v[n] < 100000; i++)
            v[n] = v[n] * 10 + (unsigned)(s.p[i] - '0');
    }
    if (n < 6)
        return TIME_NONE;
    bool pm = str_iends(s, STR("pm")), am = str_iends(s, STR("am"));
    if (v[3] == 12 && am)
        v[3] = 0;
    else if (v[3] < 12 && pm)
        v[3] += 12;
    bool day_first = v[0] > 12;
    struct civil c = {(int)v[2],
                      (int)v[day_first ? 1 : 0],
                      (int)v[day_first ? 0 : 1],
                      (int)v[3],
                      (int)v[4],
                      (int)v[5],
                      0};
    return time_of_civil(&c);
}

static bool holds_script(struct str s)
{
    return str_ifind(s, STR("<script")) >= 0 || str_find(s, STR("<%")) >= 0 ||
           str_find(s, STR("<?")) >= 0 || str_ifind(s, STR("runat")) >= 0;
}

void shell_shape_dump(struct look *k, struct shell_dump *ret)
{
    struct str rest = str_sub(k->text, 0, DUMP_BYTES), line, v, url = STR_NONE;
    static const struct str marks[] = {STR("InternalAuthenticationMethods"),
                                       STR("ExternalAuthenticationMethods"),
                                       STR("ExtendedProtectionTokenChecking"),
                                       STR("AdminDisplayVersion"),
                                       STR("MetabasePath"),
                                       STR("OriginatingServer"),
                                       STR("ExchangeVersion")};
    size_t found = 0;
    ret->when_changed_us = ret->when_created_us = TIME_NONE;
    if (str_ifind(rest, marks[2]) < 0 || str_ifind(rest, STR("ExternalUrl")) < 0)
        return;
    while (str_cut(&rest, '\n', &line)) {
        for (size_t i = 0; i < ARRAY_LEN(marks); i++)
            found += value_of(line, marks[i], &v);
        if (value_of(line, STR("AdminDisplayVersion"), &v))
            ret->admin_display_version = v;
        else if (value_of(line, STR("Server"), &v))
            ret->server = v;
        else if (value_of(line, STR("Guid"), &v))
            ret->guid = v;
        else if (value_of(line, STR("Identity"), &v))
            ret->identity = v;
        else if (value_of(line, STR("WhenChangedUTC"), &v))
            ret->when_changed_us = dump_time(v);
        else if (value_of(line, STR("WhenCreatedUTC"), &v))
            ret->when_created_us = dump_time(v);
        else if (value_of(line, STR("ExternalUrl"), &v) || value_of(line, STR("InternalUrl"), &v)) {
            *(ascii_lower((unsigned char)line.p[0]) == 'e' ? &ret->external_url
                                                           : &ret->internal_url) = v;
            ret->script |= holds_script(v);
            url = url.p && !holds_script(v) ? url : v;
        }
    }
    ret->there = found >= 3 && url.p;
    if (!ret->there) {
        *ret = (struct shell_dump){.when_changed_us = TIME_NONE, .when_created_us = TIME_NONE};
        return;
    }
    uint32_t at = (uint32_t)(url.p - k->text.p);
    shell_saw(k, ret->script ? K_DUMP_SCRIPT : K_DUMP, at, (uint32_t)url.n);
}

static bool any_script(const struct look *k)
{
    return k->had[SL_PHP] || k->had[SL_VB] || k->had[SL_NET] || k->had[SL_JAVA] || k->other.p;
}

void shell_shape_heads(struct look *k, struct str text, struct str name)
{
    static const struct str image[] = {STR("GIF8"),    STR("\x89PNG"), STR("\xff\xd8\xff"),
                                       STR("BM\x36"),  STR("%PDF"),    STR("RIFF"),
                                       STR("\0\0\1\0")};
    if (!any_script(k))
        return;
    for (size_t i = 0; i < ARRAY_LEN(image); i++)
        if (str_starts(text, image[i]))
            shell_saw(k, K_IMAGE_HEAD, 0, (uint32_t)image[i].n);
    bool wrapped = str_starts(text, STR("!BDN")) || str_starts(text, STR("0\x82"));
    if (wrapped && (str_ifind(text, STR("runat")) >= 0 || str_ifind(text, STR("<%@")) >= 0))
        shell_saw(k, K_WRAPPED_HEAD, 0, 4);
    for (size_t i = 0; i < k->s->n_odd_endings; i++)
        if (str_iends(name, k->s->odd_ending[i]))
            shell_saw(k, K_ODD_FILE, 0, 0);
}

static struct str last_part(struct str name)
{
    ptrdiff_t a = str_rchr(name, '/'), b = str_rchr(name, '\\');
    return str_sub(name, (size_t)((a > b ? a : b) + 1), name.n);
}

/* AddType application/x-httpd-php .jpg and its like: which endings are named? */
static bool odd_handler(const struct shell *s, struct str line)
{
    if (str_ifind(line, STR("AddType")) < 0 && str_ifind(line, STR("AddHandler")) < 0)
        return false;
    if (str_ifind(line, STR("php")) < 0 && str_ifind(line, STR("cgi")) < 0)
        return false;
    for (size_t i = 0; i < s->n_odd_endings; i++) {
        ptrdiff_t at = str_ifind(line, s->odd_ending[i]);
        size_t end = (size_t)at + s->odd_ending[i].n;
        if (at >= 0 && (end >= line.n || !ascii_alpha((unsigned char)line.p[end])))
            return true;
    }
    return false;
}

static bool odd_prepend(const struct shell *s, struct str line)
{
    if (str_ifind(line, STR("auto_prepend_file")) < 0 &&
        str_ifind(line, STR("auto_append_file")) < 0)
        return false;
    if (str_ifind(line, STR("php://")) >= 0 || str_ifind(line, STR("data:")) >= 0 ||
        str_ifind(line, STR(".htaccess")) >= 0 || str_ifind(line, STR("http://")) >= 0)
        return true;
    for (size_t i = 0; i < s->n_odd_endings; i++)
        if (str_iends(str_trim(line), s->odd_ending[i]))
            return true;
    return false;
}

void shell_shape_config(struct look *k, struct str text, struct str name, struct str *ret_language)
{
    struct str base = last_part(name), rest = text, line;
    bool named = str_istarts(base, STR(".htaccess")) || str_istarts(base, STR("htaccess")) ||
                 str_istarts(base, STR(".user.ini"));
    if (text.n > CONFIG_BYTES || (!named && base.n) ||
        (str_ifind(text, STR("x-httpd")) < 0 && str_ifind(text, STR("_file")) < 0 &&
         str_ifind(text, STR("Handler")) < 0))
        return;
    bool in_files = false;
    while (str_cut(&rest, '\n', &line)) {
        uint32_t at = (uint32_t)(line.p - text.p), n = (uint32_t)line.n;
        struct str l = str_trim(line);
        if (l.n == 0 || l.p[0] == '#' || l.p[0] == ';')
            continue;
        if (str_istarts(l, STR("<Files")))
            in_files = str_ifind(l, STR("php")) < 0 && str_ifind(l, STR("cgi")) < 0;
        if (str_istarts(l, STR("</Files")))
            in_files = false;
        bool set =
            in_files && str_ifind(l, STR("SetHandler")) >= 0 && str_ifind(l, STR("php")) >= 0;
        if (set || odd_handler(k->s, l))
            shell_saw(k, K_HANDLER, at, n);
        else if (odd_prepend(k->s, l))
            shell_saw(k, K_PREPEND, at, n);
        else
            continue;
        if (!ret_language->p)
            *ret_language = STR("config");
    }
}

void shell_shape_measures(struct look *k)
{
    if (!any_script(k))
        return;
    if (!k->had[SL_PHP] && !k->by_line && !k->other.p)
        shell_saw(k, K_PAGE, 0, 0);
    if (k->n_total < TINY_TOKENS)
        shell_saw(k, K_TINY, 0, 0);
    if (k->n_total < SMALL_TOKENS)
        shell_saw(k, K_SMALL, 0, 0);
    if (k->n_escapes > 40 && k->n_escapes * 10 > k->n_string_bytes)
        shell_saw(k, K_ESCAPES, 0, 0);
    if (k->n_vars >= 4 && k->n_bare_vars * 2 > k->n_vars)
        shell_saw(k, K_NO_LETTERS, 0, 0);
    if (k->n_odd >= 8 && k->n_odd * 4 > k->n_vars)
        shell_saw(k, K_ODD_NAMES, 0, 0);
    ptrdiff_t html = k->first_hit && k->first_hit < k->text.n
                         ? str_ifind(str_sub(k->text, 0, k->first_hit), STR("</html>"))
                         : -1;
    if (html >= 200)
        shell_saw(k, K_AFTER_END, (uint32_t)k->first_hit, 1);
}
