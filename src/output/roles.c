#include "output/roles.h"

bool role_url(struct buf *b, const struct finding *f)
{
    struct str path = role_of(f, ROLE_PATH), query = role_of(f, ROLE_QUERY);
    if (!path.p)
        return false;
    buf_str(b, path);
    if (query.p && !str_eq(query, STR("-"))) {
        buf_putc(b, '?');
        buf_str(b, query);
    }
    return true;
}

bool text_shaped(struct str s, const char *shape)
{
    size_t i = 0;
    for (; *shape; shape++) {
        if (*shape == '*') {
            size_t from = i;
            while (i < s.n && ascii_digit((unsigned char)s.p[i]))
                i++;
            if (i == from)
                return false;
        } else if (i == s.n ||
                   (*shape == '#' ? !ascii_digit((unsigned char)s.p[i]) : s.p[i] != *shape)) {
            return false;
        } else {
            i++;
        }
    }
    return i == s.n;
}

bool text_is_cve(struct str s)
{
    return text_shaped(s, "CVE-####-####") || text_shaped(s, "CVE-####-####*");
}

struct str text_head(struct str s, size_t n)
{
    if (s.n <= n)
        return s;
    for (unsigned back = 0; back < 3 && n && ((unsigned char)s.p[n] & 0xc0) == 0x80; back++)
        n--;
    return str_sub(s, 0, n);
}

struct str finding_path(const struct finding *f)
{
    struct str path = role_of(f, ROLE_PATH);
    ptrdiff_t query = str_chr(path, '?');
    return query > 0 ? str_sub(path, 0, (size_t)query) : path;
}

struct str finding_place(const struct finding *f)
{
    struct str path = finding_path(f);
    for (size_t i = 0; !path.n && str_eq(f->kind, STR("file")) && i < f->n_fields; i++)
        if (str_eq(f->field[i].name, STR("TargetFilename")))
            path = f->field[i].value;
    return path.n || f->time_us != TIME_NONE ? path : f->file;
}

void finding_sentence(struct buf *b, const struct finding *f)
{
    struct str client = role_of(f, ROLE_CLIENT), method = role_of(f, ROLE_METHOD);
    struct str path = role_of(f, ROLE_PATH);
    buf_str(b, f->title.n ? f->title : f->rule);
    if (f->host.n) {
        buf_puts(b, " on ");
        buf_str(b, text_head(f->host, 256));
    }
    if (client.n) {
        buf_puts(b, " from ");
        buf_str(b, text_head(client, 256));
    }
    if (path.n) {
        buf_puts(b, ": ");
        buf_str(b, text_head(method, 32));
        buf_puts(b, method.n ? " " : "");
        buf_str(b, text_head(path, 1024));
    }
}
