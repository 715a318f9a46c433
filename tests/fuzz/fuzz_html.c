/* Any bytes as HTML: never more comes out than went in, and the work is linear (-timeout). */
#include "codec/html_text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out;
    buf_init(&out, size + 1);
    for (unsigned flags = 0; flags < 2; flags++) {
        buf_reset(&out);
        html_text(&out, str_make((const char *)data, size), flags);
        if (out.rc == ERR_NOMEM)
            abort();
        if (out.rc || out.n > size)
            __builtin_trap();
    }
    buf_reset(&out);
    html_letters(&out, str_make((const char *)data, size));
    if (out.rc == ERR_LIMIT || out.n > size)
        __builtin_trap();
    buf_done(&out);
    return 0;
}
