#include "os/build.h"

#include "base/rd.h"

#include <elf.h>
#include <link.h>

static size_t padded(uint32_t n)
{
    return ((size_t)n + 3) & ~(size_t)3;
}

static struct str id_of_notes(struct str notes)
{
    struct rd r = rd_of(notes);
    while (!r.rc && rd_left(&r)) {
        uint32_t n_name = rd_u32(&r), n = rd_u32(&r), type = rd_u32(&r);
        struct str name = rd_slice(&r, padded(n_name)), text = rd_slice(&r, padded(n));
        if (!r.rc && type == NT_GNU_BUILD_ID && str_eq(name, STR("GNU\0")) && n &&
            n <= BUILD_ID_BYTES)
            return str_sub(text, 0, n);
    }
    return STR_NONE;
}

/* The program itself comes first, libraries after it. */
static int look(struct dl_phdr_info *info, size_t size, void *ret_id)
{
    (void)size;
    struct str *id = ret_id;
    for (int i = 0; i < info->dlpi_phnum && !id->p; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE)
            *id = id_of_notes(str_make((const char *)info->dlpi_addr + info->dlpi_phdr[i].p_vaddr,
                                       info->dlpi_phdr[i].p_memsz));
    return 1;
}

struct str build_id(void)
{
    struct str id = STR_NONE;
    (void)dl_iterate_phdr(look, &id);
    return id;
}
