/* Programs of Windows: whatever they say of themselves, texts end and numbers stay in the body. */
#include "codec/pe.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str body = str_make((const char *)data, size);
    struct pe_facts f;
    if (pe_read(body, &f) != OK)
        return 0;
    const char *const text[] = {f.original_name, f.company,      f.description,    f.product_name,
                                f.internal_name, f.file_version, f.product_version};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        assert(memchr(text[i], 0, PE_TEXT_BYTES));
    assert(f.overlay_bytes < size && (!f.evaluates || f.jscript) && (!f.jscript || f.managed));
    return 0;
}
