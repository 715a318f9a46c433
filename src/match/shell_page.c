/* Where in a text there is script, and in which language. Any text: pages, images, mail stores. */
#include "match/shell_priv.h"

struct page {
    struct look *k;
    struct str text, name;
    size_t at;
    bool told; /* a directive or the ending named the language */
    enum shell_lang lang;
    bool java, binary;
    enum shell_lang net; /* what ASP.NET pages of no stated language are written in */
};

static bool at_word(const struct page *p, size_t at, struct str word)
{
    return str_istarts(str_sub(p->text, at, p->text.n), word);
}

static size_t find_from(const struct page *p, size_t from, struct str what)
{
    struct str rest = str_sub(p->text, from, p->text.n);
    ptrdiff_t i = str_ifind(rest, what);
    return i < 0 ? p->text.n : from + (size_t)i;
}

static bool near_has(struct str s, struct str word)
{
    return str_ifind(str_sub(s, 0, 256 << 10), word) >= 0;
}

static void island(struct page *p, size_t from, size_t end, enum shell_lang lang)
{
    struct look *k = p->k;
    k->n_islands++;
    k->had[lang] = true;
    k->lang = lang;
    p->at = from;
    shell_tokens(k, p->text, &p->at, end, lang);
}

/* VBScript or VB.NET, or C#, JScript? Told by what only one of them has. */
static enum shell_lang basic_or_c(struct str code)
{
    size_t c = 0, vb = 0;
    code = str_sub(code, 0, 64 << 10);
    c += str_count(code, ';') * 2 + str_count(code, '{') * 2;
    static const struct str words[] = {
        STR("\nend "),          STR(" then"),    STR("dim "), STR("end if"),  STR("end sub"),
        STR("\nset "),          STR("end func"), STR(" & "),  STR("execute"), STR("\nsub "),
        STR("response.write "), STR("vbcrlf")};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        vb += str_ifind(code, words[i]) >= 0 ? 3 : 0;
    return c > vb ? SL_NET : SL_VB;
}

static bool java_like(struct str text)
{
    static const struct str words[] = {
        STR("getParameter"), STR("java."),        STR("javax."),     STR("getRuntime"),
        STR("defineClass"),  STR("jakarta."),     STR("<%@ page"),   STR("<%@page"),
        STR("ClassLoader"),  STR("java.sun.com"), STR("out.print("), STR("pageContext"),
    };
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        n += str_has(str_sub(text, 0, 256 << 10), words[i]);
    return n > 0;
}

static void guess(struct page *p)
{
    static const struct {
        struct str ending;
        enum shell_lang lang;
    } by[] = {{STR(".jsp"), SL_JAVA},  {STR(".jspx"), SL_JAVA}, {STR(".jspf"), SL_JAVA},
              {STR(".asp"), SL_VB},    {STR(".aspx"), SL_NET},  {STR(".ashx"), SL_NET},
              {STR(".asmx"), SL_NET},  {STR(".ascx"), SL_NET},  {STR(".asax"), SL_NET},
              {STR(".cshtml"), SL_NET}};
    bool net = near_has(p->text, STR("using System")) || near_has(p->text, STR("Page_Load")) ||
               near_has(p->text, STR("namespace=\"System"));
    for (size_t i = 0; i < ARRAY_LEN(by); i++)
        if (str_iends(p->name, by[i].ending)) {
            p->lang = by[i].lang;
            p->java = p->lang == SL_JAVA;
            p->told = p->java;
            return;
        }
    p->java = !net && java_like(p->text);
    p->lang = p->java ? SL_JAVA : net ? SL_NET : SL_VB;
    p->told = p->java;
}

/* The value of an attribute in a tag or a directive; absent: none. */
static struct str attribute(struct str tag, struct str key)
{
    size_t from = 0;
    ptrdiff_t i;
    while ((i = str_ifind(str_sub(tag, from, tag.n), key)) >= 0) {
        size_t at = from + (size_t)i + key.n;
        while (at < tag.n && ascii_space((unsigned char)tag.p[at]))
            at++;
        if (at < tag.n && tag.p[at] == '=') {
            struct str v = str_trim(str_sub(tag, at + 1, tag.n));
            char q = v.n ? v.p[0] : 0;
            size_t n = q == '"' || q == '\'';
            size_t end = n;
            while (end < v.n && (n ? v.p[end] != q : !ascii_space((unsigned char)v.p[end])))
                end++;
            return str_sub(v, n, end);
        }
        from = at;
    }
    return STR_NONE;
}

static void language(struct page *p, struct str word)
{
    if (!word.p || word.n == 0)
        return;
    p->told = true;
    if (str_istarts(word, STR("java")) && word.n == 4)
        p->lang = p->java ? SL_JAVA : SL_NET;
    else
        p->lang = str_istarts(word, STR("vb")) ? SL_VB : SL_NET;
    if (str_iends(word, STR(".encode")))
        shell_saw(p->k, K_ENCODED_SCRIPT, (uint32_t)p->at, 1);
}

/* <%@ ... %>: may name the language, or say that all the rest is code. */
static void directive(struct page *p)
{
    size_t end = find_from(p, p->at, STR("%>"));
    struct str tag = str_sub(p->text, p->at, end);
    struct str body = str_trim(str_sub(tag, 3, tag.n));
    bool page = str_istarts(body, STR("page"));
    if (page && (attribute(tag, STR("import")).p || str_starts(body, STR("page"))) &&
        !attribute(tag, STR("inherits")).p && !attribute(tag, STR("codebehind")).p &&
        (attribute(tag, STR("contentType")).p
             ? java_like(p->text)
             : attribute(tag, STR("import")).p || java_like(p->text))) {
        p->java = p->told = true;
        p->lang = SL_JAVA;
    }
    if (!p->java)
        language(p, attribute(tag, STR("language")));
    p->at = end + 2 < p->text.n ? end + 2 : p->text.n;
    if (str_istarts(body, STR("webhandler")) || str_istarts(body, STR("webservice"))) {
        if (!p->told)
            p->lang = SL_NET;
        if (!attribute(tag, STR("codebehind")).p)
            island(p, p->at, p->text.n, p->lang);
    }
}

/* "A" of JSPX and of Java source becomes A before the tokens; a copy, pinned to its place. */
static size_t entity(struct str s, size_t at, char *to)
{
    static const struct {
        struct str name;
        char is;
    } named[] = {{STR("&lt;"), '<'},
                 {STR("&gt;"), '>'},
                 {STR("&amp;"), '&'},
                 {STR("&quot;"), '"'},
                 {STR("&apos;"), '\''}};
    struct str rest = str_sub(s, at, s.n);
    for (size_t i = 0; i < ARRAY_LEN(named); i++)
        if (str_starts(rest, named[i].name)) {
            *to = named[i].is;
            return named[i].name.n;
        }
    if (!str_starts(rest, STR("&#")))
        return 0;
    bool hex = rest.n > 2 && (rest.p[2] | 32) == 'x';
    unsigned v = 0;
    size_t i = hex ? 3 : 2;
    for (; i < rest.n && i < 10 && ascii_hex((unsigned char)rest.p[i]) >= 0; i++)
        v = v * (hex ? 16 : 10) + (unsigned)ascii_hex((unsigned char)rest.p[i]);
    if (i >= rest.n || rest.p[i] != ';' || v == 0 || v > 0xff)
        return 0;
    *to = (char)v;
    return i + 1;
}

static size_t unicode(struct str s, size_t at, char *to)
{
    size_t i = at + 1;
    unsigned v = 0, n = 0;
    while (i < s.n && s.p[i] == 'u')
        i++;
    for (; i < s.n && n < 4 && ascii_hex((unsigned char)s.p[i]) >= 0; i++, n++)
        v = v * 16 + (unsigned)ascii_hex((unsigned char)s.p[i]);
    if (n < 4 || v == 0 || v > 0xff || i == at + 1)
        return 0;
    *to = (char)v;
    return i - at;
}

static struct str plain_code(struct look *k, struct str code, bool xml, size_t *ret_undone)
{
    char *to = arena_alloc(k->arena, code.n + 1);
    size_t n = 0;
    *ret_undone = 0;
    for (size_t i = 0; to && i < code.n;) {
        size_t used = 0;
        if (code.p[i] == '\\' && i + 1 < code.n && code.p[i + 1] == 'u')
            used = unicode(code, i, to + n);
        else if (xml && code.p[i] == '&')
            used = entity(code, i, to + n);
        else if (xml && (str_starts(str_sub(code, i, code.n), STR("<![CDATA["))))
            i += 9;
        else if (xml && str_starts(str_sub(code, i, code.n), STR("]]>")))
            i += 3;
        if (used) {
            i += used;
            n++;
            ++*ret_undone;
        } else if (i < code.n)
            to[n++] = code.p[i++];
    }
    if (!to)
        k->rc = ERR_NOMEM;
    return str_make(to, n);
}

/* Code that was undone into a copy, pinned to where it stands. */
static void copy_island(struct page *p, size_t from, size_t end, enum shell_lang lang,
                        struct str plain)
{
    struct look *k = p->k;
    struct page inner = *p;
    bool pinned = k->pinned;
    if (!pinned) {
        k->pinned = true;
        k->pin_at = (uint32_t)from;
        k->pin_len = (uint32_t)(end - from);
    }
    k->n_script_bytes += end - from - plain.n;
    inner.text = plain;
    island(&inner, 0, plain.n, lang);
    shell_walk(k);
    k->pinned = pinned;
    p->at = end;
}

/* Java and C# may be written in escapes, JSPX in entities and CDATA, VBScript and JScript encoded.
 */
static void code_island(struct page *p, size_t from, size_t end, enum shell_lang lang, bool xml)
{
    struct look *k = p->k;
    struct str code = str_sub(p->text, from, end), body;
    bool escaped = lang != SL_VB && lang != SL_PHP && str_find(code, STR("\\u00")) >= 0;
    bool encoded = lang != SL_PHP && lang != SL_JAVA && shell_encoded(code, &body);
    if (!xml && !escaped && !encoded) {
        island(p, from, end, lang);
        return;
    }
    size_t undone = 0;
    struct str plain = encoded ? shell_decode(k, body) : plain_code(k, code, xml, &undone);
    if (k->rc)
        return;
    if (undone > 12 && undone * 8 > code.n / 4)
        shell_saw(k, K_UNICODE_ESCAPES, (uint32_t)from, (uint32_t)(end - from));
    k->interesting |= encoded;
    if (encoded && !p->told)
        lang = basic_or_c(plain);
    copy_island(p, from, end, lang, plain);
}

/* Of classic ASP each island may tell; ASP.NET has one language a page, which was guessed once. */
static enum shell_lang lang_here(const struct page *p, struct str code)
{
    if (p->told || p->java)
        return p->lang;
    if (p->lang == SL_NET)
        return p->net;
    return basic_or_c(code);
}

/* <% ... %>, not a directive. */
static void percent(struct page *p)
{
    size_t from = p->at + 2;
    if (at_word(p, from, STR("--"))) {
        size_t end = find_from(p, from, STR("--%>"));
        p->at = end + 4 < p->text.n ? end + 4 : p->text.n;
        return;
    }
    if (from < p->text.n && strchr("=!:#$", p->text.p[from]) && p->text.p[from] &&
        !at_word(p, from, STR("#@~^")))
        from++;
    size_t end = find_from(p, from, STR("%>"));
    code_island(p, from, end, lang_here(p, str_sub(p->text, from, end)), false);
    p->at = end + 2 < p->text.n ? end + 2 : p->text.n;
}

/* <script runat=server> or <script language=php>; others are left alone. */
static void script_tag(struct page *p)
{
    struct str tag = str_sub(p->text, p->at, p->at + 1024);
    ptrdiff_t close = str_chr(tag, '>');
    tag.n = close < 0 ? tag.n : (size_t)close;
    size_t body = p->at + tag.n + (close >= 0);
    struct str lang = attribute(tag, STR("language"));
    bool server = str_ieq(attribute(tag, STR("runat")), STR("server"));
    if (!server && !str_ieq(lang, STR("php"))) {
        p->at += 7;
        return;
    }
    size_t end = find_from(p, body, STR("</script"));
    enum shell_lang use = SL_PHP;
    if (server) {
        struct page at = *p;
        language(&at, lang);
        use = at.java ? SL_NET : lang_here(&at, str_sub(p->text, body, end));
    }
    code_island(p, body, end, use, false);
    p->at = end;
}

/* In a picture or a mail store two bytes look like a tag by chance: what follows must be text. */
static bool plausible(const struct page *p, size_t at)
{
    size_t n = p->binary ? 12 : 24, high = 0;
    if (at_word(p, at, STR("php")) && at + 3 < p->text.n &&
        ascii_space((unsigned char)p->text.p[at + 3]))
        return true;
    for (size_t i = at; i < p->text.n && i < at + n; i++) {
        unsigned char c = (unsigned char)p->text.p[i];
        if (p->text.p[i - 1] == '%' && c == '>')
            return true;
        if ((c < 32 && !ascii_space(c)) || c == 127 || (c >= 0x80 && p->binary))
            return false;
        high += c >= 0x80;
    }
    return high <= 18;
}

static bool short_tag(const struct page *p, size_t at)
{
    static const struct str words[] = {
        STR("eval"),    STR("assert"),   STR("system"),  STR("echo"),    STR("passthru"),
        STR("exec"),    STR("print"),    STR("include"), STR("require"), STR("if"),
        STR("foreach"), STR("function"), STR("session"), STR("error_"),  STR("set_time"),
        STR("shell_"),  STR("preg_"),    STR("array_"),  STR("call_"),   STR("php")};
    unsigned char c = at < p->text.n ? (unsigned char)p->text.p[at] : 0;
    if (ascii_space(c) || (c && strchr("=@$/(!\"'`#[", c)))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (at_word(p, at, words[i]))
            return true;
    return false;
}

static bool jsp_tag(const struct page *p, size_t *ret_body)
{
    size_t at = p->at + 1;
    while (at < p->text.n && at < p->at + 16 && ascii_alpha((unsigned char)p->text.p[at]))
        at++;
    if (at >= p->text.n || p->text.p[at] != ':' || at == p->at + 1)
        return false;
    if (!at_word(p, at, STR(":scriptlet")) && !at_word(p, at, STR(":declaration")) &&
        !at_word(p, at, STR(":expression")))
        return false;
    size_t end = find_from(p, at, STR(">"));
    *ret_body = end + 1 < p->text.n ? end + 1 : p->text.n;
    return true;
}

static void xml_script(struct page *p, size_t body)
{
    size_t end = find_from(p, body, STR("</"));
    for (;; end = find_from(p, end + 2, STR("</"))) {
        struct str rest = str_sub(p->text, end, end + 24 < p->text.n ? end + 24 : p->text.n);
        if (end >= p->text.n || str_ifind(rest, STR(":scriptlet")) >= 0 ||
            str_ifind(rest, STR(":declaration")) >= 0 || str_ifind(rest, STR(":expression")) >= 0)
            break;
    }
    code_island(p, body, end, SL_JAVA, true);
    p->at = end;
}

/* <!--#exec cmd="..." --> of server-side includes: what a request brings is a variable there. */
static void include_command(struct page *p)
{
    static const struct str brought[] = {STR("HTTP_"), STR("QUERY_STRING"), STR("REQUEST_URI"),
                                         STR("PATH_INFO"), STR("DOCUMENT_ARGS")};
    size_t end = find_from(p, p->at, STR("-->"));
    struct str cmd = attribute(str_sub(p->text, p->at, end), STR("cmd"));
    for (size_t i = 0; cmd.p && i < ARRAY_LEN(brought); i++) {
        ptrdiff_t at = str_find(cmd, brought[i]);
        if (at < 1 || str_chr(STR("${"), cmd.p[at - 1]) < 0)
            continue;
        p->k->other = STR("ssi");
        p->k->interesting = true;
        shell_see(p->k, p->k->s->to_sink[0][SINK_COMMAND], (uint32_t)p->at, 9);
    }
    p->at = end;
}

static void tag(struct page *p)
{
    unsigned char c = p->at + 1 < p->text.n ? (unsigned char)p->text.p[p->at + 1] : 0;
    size_t body;
    if (c == '?' && short_tag(p, p->at + 2) && plausible(p, p->at + 2)) {
        size_t from = p->at + (at_word(p, p->at + 2, STR("php")) ? 5 : 2);
        if (from < p->text.n && p->text.p[from] == '=')
            from++;
        island(p, from, p->text.n, SL_PHP);
    } else if (c == '%' && !plausible(p, p->at + 2)) {
        p->at += 2;
    } else if (c == '%' && p->at + 2 < p->text.n && p->text.p[p->at + 2] == '@') {
        directive(p);
    } else if (c == '%') {
        percent(p);
    } else if ((c | 32) == 's' && at_word(p, p->at + 1, STR("script"))) {
        script_tag(p);
    } else if (c == '!' && at_word(p, p->at, STR("<!--#exec"))) {
        include_command(p);
    } else if (c == '!' && at_word(p, p->at, STR("<!--#include"))) {
        shell_saw(p->k, K_INCLUDES, (uint32_t)p->at, 12);
        p->at += 12;
    } else if (ascii_alpha(c) && jsp_tag(p, &body)) {
        xml_script(p, body);
    } else {
        p->at++;
    }
}

/* ${...} of JSP pages. */
static void expressions(struct page *p)
{
    for (size_t at = 0; (at = find_from(p, at, STR("${"))) < p->text.n;) {
        size_t end = find_from(p, at, STR("}"));
        struct str code = str_sub(p->text, at + 2, end);
        if (code.n < 8192 && memchr(code.p, '(', code.n))
            island(p, at + 2, end, SL_JAVA);
        at = end;
    }
}

static bool java_page(struct str name)
{
    static const struct str ending[] = {STR(".jsp"), STR(".jspx"), STR(".jspf"), STR(".tag")};
    for (size_t i = 0; i < ARRAY_LEN(ending); i++)
        if (str_iends(name, ending[i]))
            return true;
    return false;
}

bool shell_razor(struct str name)
{
    return str_iends(name, STR(".cshtml")) || str_iends(name, STR(".razor"));
}

bool shell_page_by_name(struct str name, struct str text)
{
    return (java_page(name) && str_find(text, STR("${")) >= 0) ||
           (shell_razor(name) && str_find(text, STR("@")) >= 0);
}

/* Where the block that opens at the brace ends. Braces in texts are rare enough. */
static size_t block_end(const struct page *p, size_t at)
{
    size_t depth = 0;
    for (; at < p->text.n; at++) {
        depth += p->text.p[at] == '{';
        if (p->text.p[at] == '}' && --depth == 0)
            return at;
    }
    return p->text.n;
}

enum { RAZOR_HEAD = 256 }; /* so far from the @ may its brace stand */

/* @{...}, @functions {...}, @code {...}, @if (...) {...} of Razor pages. */
static void razor(struct page *p)
{
    for (size_t at = 0; (at = find_from(p, at, STR("@"))) < p->text.n;) {
        struct str head = str_sub(p->text, at + 1, at + 1 + RAZOR_HEAD);
        at++;
        ptrdiff_t line = str_chr(head, '\n');
        head = str_sub(head, 0, line < 0 ? head.n : (size_t)line + 3); /* or on the next line */
        ptrdiff_t open = str_chr(head, '{');
        if (open < 0)
            continue;
        size_t end = block_end(p, at + (size_t)open);
        code_island(p, at, end, SL_NET, false);
        at = end;
    }
}

void shell_page(struct look *k, struct str text, struct str name, bool in_code)
{
    struct page p = {.k = k, .text = text, .name = name};
    bool guessed = false;
    p.binary = memchr(text.p ? text.p : "", 0, text.n < 4096 ? text.n : 4096) != NULL;
    if (in_code)
        island(&p, 0, text.n, k->lang);
    while (p.at < text.n && k->rc == OK) {
        const char *lt = memchr(text.p + p.at, '<', text.n - p.at);
        if (!lt)
            break;
        p.at = (size_t)(lt - text.p);
        char c = p.at + 1 < text.n ? text.p[p.at + 1] : 0;
        if (k->by_line && k->layer == 0 && c != '?') {
            p.at++;
            continue;
        }
        if (c != '?' && !guessed && (c == '%' || (c | 32) == 's' || c == '!')) {
            bool worth = c == '%' || at_word(&p, p.at, STR("<script"));
            if (worth) {
                guess(&p);
                p.net = basic_or_c(text);
            }
            guessed = worth;
        }
        tag(&p);
    }
    if (k->had[SL_JAVA] || str_iends(name, STR(".jsp")) || str_iends(name, STR(".jspx")))
        expressions(&p);
    if (shell_razor(name))
        razor(&p);
    shell_walk(k);
}
