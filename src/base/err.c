#include "base/err.h"

#include <stdio.h>
#include <string.h>

PRINTF_LIKE(5, 0)
static void set(struct error *error, enum err code, const char *input, uint64_t offset,
                const char *fmt, va_list ap)
{
    if (!error)
        return;
    error->code = code;
    error->offset = offset;
    (void)snprintf(error->input, sizeof error->input, "%s", input ? input : "");
    (void)vsnprintf(error->text, sizeof error->text, fmt, ap);
}

enum err fail(struct error *error, enum err code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set(error, code, "", 0, fmt, ap);
    va_end(ap);
    return code;
}

enum err fail_at(struct error *error, enum err code, const char *input, uint64_t offset,
                 const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set(error, code, input, offset, fmt, ap);
    va_end(ap);
    return code;
}

const char *err_name(enum err code)
{
    switch (code) {
    case OK: return "ok";
    case END: return "end";
    case ERR_FORMAT: return "format";
    case ERR_LIMIT: return "limit";
    case ERR_UNSUPPORTED: return "unsupported";
    case ERR_NOT_FOUND: return "not found";
    case ERR_USAGE: return "usage";
    case ERR_IO: return "input/output";
    case ERR_NOMEM: return "out of memory";
    case ERR_AGAIN: return "try again";
    case ERR_BUG: return "internal";
    }
    return "unknown";
}
