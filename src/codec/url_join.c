#include "codec/url_join.h"

/* How long "https:" is; 0 without a scheme. */
static size_t scheme(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == ':')
            return i ? i + 1 : 0;
        if (!ascii_alpha(c) && (i == 0 || (!ascii_digit(c) && c != '+' && c != '-' && c != '.')))
            return 0;
    }
    return 0;
}

/* Where the path starts: behind "https://host". */
static size_t path_at(struct str s)
{
    size_t i = scheme(s);
    if (!str_starts(str_sub(s, i, s.n), STR("//")))
        return i;
    for (i += 2; i < s.n && s.p[i] != '/' && s.p[i] != '?' && s.p[i] != '#';)
        i++;
    return i;
}

static size_t until_any(struct str s, size_t from, const char *ends)
{
    while (from < s.n && !memchr(ends, s.p[from], strlen(ends)))
        from++;
    return from;
}

/* A path without "." and ".."; what was written since `root` may be taken back. */
static void add_path(struct buf *out, size_t root, struct str path)
{
    struct str rest = path, part;
    while (rest.p && str_cut(&rest, '/', &part)) {
        bool up = str_eq(part, STR(".."));
        if (!up && !str_eq(part, STR("."))) {
            buf_str(out, part);
            if (rest.p)
                buf_putc(out, '/');
            continue;
        }
        if (up && out->n > root + 1) {
            ptrdiff_t slash = str_rchr(str_make(out->p + root, out->n - root - 1), '/');
            out->n = root + (size_t)(slash + 1);
        }
    }
}

void url_join(struct buf *out, struct str base, struct str reference)
{
    size_t base_scheme = scheme(base), root = path_at(base);
    reference = str_trim(reference);
    if (scheme(reference) || !base_scheme || reference.n == 0) {
        buf_str(out, reference);
        return;
    }
    if (str_starts(reference, STR("//"))) {
        buf_add(out, base.p, base_scheme);
        buf_str(out, reference);
        return;
    }
    buf_add(out, base.p, root);
    size_t start = out->n;
    size_t base_path = until_any(base, root, "?#"), path = until_any(reference, 0, "?#");
    struct str before = str_make(base.p + root, base_path - root);
    if (path == 0) { /* "?q", "#f" */
        size_t keep = reference.p[0] == '#' ? until_any(base, base_path, "#") : base_path;
        buf_add(out, base.p + root, keep - root);
    } else if (reference.p[0] == '/') {
        add_path(out, start, str_make(reference.p, path));
    } else {
        ptrdiff_t slash = str_rchr(before, '/');
        add_path(out, start, slash < 0 ? STR("/") : str_make(before.p, (size_t)slash + 1));
        add_path(out, start, str_make(reference.p, path));
    }
    buf_add(out, reference.p + path, reference.n - path);
}

struct str url_host(struct str url)
{
    size_t i = scheme(url), end = path_at(url);
    if (!str_starts(str_sub(url, i, url.n), STR("//")))
        return STR_NONE;
    struct str host = str_sub(url, i + 2, end);
    ptrdiff_t at = str_rchr(host, '@');
    host = str_sub(host, (size_t)(at + 1), host.n);
    ptrdiff_t bracket = str_chr(host, ']');
    ptrdiff_t colon = str_chr(str_sub(host, (size_t)(bracket + 1), host.n), ':');
    return str_sub(host, 0, colon < 0 ? host.n : (size_t)(bracket + 1 + colon));
}
