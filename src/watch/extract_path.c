#include "watch/extract_priv.h"

enum { BLANK_AHEAD_BYTES = 64, HOST_NAME_BYTES = 64, NAME_BYTES = 255 };

static const char *const roots[] = {
    "HKEY_LOCAL_MACHINE",
    "HKEY_CURRENT_USER",
    "HKEY_CLASSES_ROOT",
    "HKEY_USERS",
    "HKEY_CURRENT_CONFIG",
    "HKLM",
    "HKCU",
    "HKCR",
    "HKU",
    "HKCC",
};

/* The bytes of one character of a file's name at i; 0: none. Long characters are of the text
 * around it. */
static size_t name_byte(const struct extractor *e, size_t i)
{
    unsigned char c = at(e, i);
    if (c >= 0xc3 && c <= 0xdf && at(e, i + 1) >= 0x80)
        return 2;
    return c > ' ' && c < 0x7f && !strchr("\"'<>|*?:/\\,;`[]", c);
}

/* A blank belongs to the name if the path goes on behind it: "Program Files\". */
static bool blank_inside(const struct extractor *e, size_t from, size_t i)
{
    size_t n, k = i, blanks = 0;
    if (at(e, i) != ' ' || before(e, i) == '.' || before(e, i) == ' ' ||
        file_ending(e, part(e, from, i)))
        return false;
    for (size_t b = from; b < i; b++)
        blanks += at(e, b) == ' ';
    while (k < i + BLANK_AHEAD_BYTES && (n = at(e, k) == ' ' ? 1 : name_byte(e, k)) > 0) {
        blanks += at(e, k) == ' ';
        k += n;
    }
    return at(e, k) == '\\' && before(e, k) != ' ' && k < i + BLANK_AHEAD_BYTES && blanks <= 2;
}

/* The end of names with backslashes between them; *ret_names counts them. */
static size_t names_end(const struct extractor *e, size_t i, size_t *ret_names)
{
    size_t max = i + EXTRACT_ITEM_BYTES - 8, from = i, n;
    *ret_names = 0;
    while (i < max) {
        if ((n = name_byte(e, i)) > 0) {
            i += n;
        } else if (i > from && blank_inside(e, from, i)) {
            i++;
        } else if (at(e, i) == '\\' && i > from) {
            i += 1 + (at(e, i + 1) == '\\');
            ++*ret_names;
            from = i;
        } else {
            break;
        }
    }
    *ret_names += i > from;
    return i;
}

/* Without what is of the sentence around it. */
static size_t trimmed(const struct extractor *e, size_t i, size_t end)
{
    size_t open = 0;
    for (size_t k = i; k < end; k++)
        open += at(e, k) == '(';
    while (end > i && strchr(".)!}=", at(e, end - 1))) {
        unsigned char c = at(e, end - 1);
        if ((c == ')' && open > 0) || (c == '}' && str_chr(part(e, i, end), '{') >= 0))
            break;
        end--;
    }
    return end;
}

/* Doubled backslashes are how programs and JSON write one; those at the start may be a server's. */
static size_t tell_path(struct extractor *e, enum item_kind kind, size_t i, size_t body, size_t end)
{
    end = trimmed(e, body, end);
    buf_reset(&e->value);
    buf_str(&e->value, part(e, i, body));
    for (size_t k = body; k < end; k++)
        if (at(e, k) != '\\' || at(e, k - 1) != '\\')
            buf_putc(&e->value, (char)at(e, k));
    return end > body ? tell_value(e, kind, i, end) : 0;
}

size_t read_registry(struct extractor *e, size_t i)
{
    size_t names, root = i;
    if ((at(e, i) | 32) != 'h' || (at(e, i + 1) | 32) != 'k')
        return 0;
    for (size_t k = 0; root == i && k < ARRAY_LEN(roots); k++) {
        size_t n = strlen(roots[k]);
        if (str_ieq(str_sub(e->t, i, i + n), str_of(roots[k])) && at(e, i + n) &&
            strchr("\\:", at(e, i + n)))
            root = i + n;
    }
    size_t sign = root + (at(e, root) == ':');
    if (root == i || at(e, sign) != '\\')
        return 0;
    size_t body = sign + 1 + (at(e, sign + 1) == '\\'), end = names_end(e, body, &names);
    end = trimmed(e, body, end);
    if (end == body)
        return 0;
    buf_reset(&e->value);
    buf_str(&e->value, part(e, i, root));
    buf_putc(&e->value, '\\');
    for (size_t k = body; k < end; k++)
        if (at(e, k) != '\\' || at(e, k - 1) != '\\')
            buf_putc(&e->value, (char)at(e, k));
    return tell_value(e, ITEM_REGISTRY, i, end);
}

/* "\\server\share", "\\?\C:\", "\\.\pipe" */
static size_t unc_body(const struct extractor *e, size_t i)
{
    size_t end = i + 2;
    if (at(e, i + 1) != '\\')
        return 0;
    if ((at(e, end) == '?' || at(e, end) == '.') && at(e, end + 1) == '\\') {
        end += 2;
        return ascii_alpha(at(e, end)) && at(e, end + 1) == ':' && at(e, end + 2) == '\\' ? end + 3
                                                                                          : end;
    }
    while (end < i + HOST_NAME_BYTES &&
           (alnum(at(e, end)) || (at(e, end) && strchr("._-", at(e, end)))))
        end++;
    return end > i + 3 && at(e, end) == '\\' && alnum(at(e, end + 1)) ? end + 1 : 0;
}

static size_t variable_body(const struct extractor *e, size_t i)
{
    size_t end = i + 1;
    while (end < i + HOST_NAME_BYTES &&
           (alnum(at(e, end)) || (at(e, end) && strchr("_()", at(e, end)))))
        end++;
    return end > i + 2 && at(e, end) == '%' && at(e, end + 1) == '\\' ? end + 2 : 0;
}

/* "\folder\file.exe", "..\folder": also escapes in programs look so; a folder of three letters or
 * the ending of a file tells. */
static size_t rooted_path(struct extractor *e, size_t i)
{
    size_t names, body = i + 1;
    unsigned char b = before(e, i);
    if (at(e, i) == '.')
        body = at(e, i + 1) == '.' ? i + 3 : i + 2;
    if (at(e, body - 1) != '\\' || (b > ' ' && !strchr("\"'(=", b)) || !alnum(at(e, body)))
        return 0;
    size_t end = names_end(e, body, &names);
    struct str rest = part(e, body, end);
    bool deep = names > 1 && str_chr(rest, '\\') >= 3;
    if (!deep && !(names > 1 && file_ending(e, rest)) && at(e, i) != '.')
        return 0;
    return tell_path(e, ITEM_PATH, i, body, end);
}

size_t read_windows_path(struct extractor *e, size_t i)
{
    size_t names, body = 0;
    unsigned char c = at(e, i);
    if (ascii_alpha(c) && at(e, i + 1) == ':' && at(e, i + 2) == '\\')
        body = i + 3;
    else if (c == '\\' && before(e, i) != '\\')
        body = unc_body(e, i);
    else if (c == '%')
        body = variable_body(e, i);
    if (!body)
        return c == '\\' || c == '.' ? rooted_path(e, i) : 0;
    return tell_path(e, ITEM_PATH, i, body, names_end(e, body + (at(e, body) == '\\'), &names));
}

/* "/etc/passwd", "~/x", "../x": two names and a word among them, or one that is a file. */
size_t read_unix_path(struct extractor *e, size_t i)
{
    size_t names = 0, letters = 0, run = 0, end = i, name = i;
    unsigned char b = before(e, i), c = at(e, i);
    bool relative = c == '~' || c == '.';
    if (b > ' ' && (b >= 0x7f || !strchr("\"'(=,;:[{|`", b)))
        return 0;
    if (relative)
        end += c == '.' && at(e, i + 1) == '.' ? 2 : 1;
    if (at(e, end) != '/' || at(e, end + 1) == '/')
        return 0;
    for (; end < i + EXTRACT_ITEM_BYTES; end++) {
        c = at(e, end);
        if (c == '/' && before(e, end) == '/')
            return 0;
        if (!alnum(c) && !(c && strchr("/._+-@%~$", c)))
            break;
        names += before(e, end) == '/' && c != '/';
        name = c == '/' ? end : name;
        if (end - name > NAME_BYTES)
            return 0;
        run = ascii_alpha(c) ? run + 1 : 0;
        letters = run > letters ? run : letters;
    }
    while (strchr(".-+", before(e, end)) && before(e, end))
        end--;
    struct str path = part(e, i, end);
    bool file = file_ending(e, str_sub(path, (size_t)(str_rchr(path, '/') + 1), path.n)) != NULL;
    if (letters < 2 || (names < 2 && !file && !(relative && letters > 2)))
        return 0;
    return tell(e, ITEM_PATH, i, end, path, STR_NONE);
}
