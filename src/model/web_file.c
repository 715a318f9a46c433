#include "model/web_file.h"

const char *web_kind_name(enum web_kind kind)
{
    static const char *const name[WEB_KINDS] = {"other", "script", "program", "config"};
    return name[kind];
}

enum web_kind web_kind_of(const struct web_files *files, struct str path)
{
    enum { LONGEST = 16 };
    char small[LONGEST];
    ptrdiff_t dot = str_rchr(path, '.');
    struct str extension = dot < 0 ? STR_NONE : str_sub(path, (size_t)dot + 1, path.n);
    if (!extension.n || extension.n > LONGEST || str_chr(extension, '/') >= 0 ||
        str_chr(extension, '\\') >= 0)
        return WEB_OTHER;
    ascii_lower_all(small, extension.p, extension.n);
    size_t low = 0, high = files->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(files->v[middle].extension, str_make(small, extension.n));
        if (order == 0)
            return files->v[middle].kind;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return WEB_OTHER;
}
