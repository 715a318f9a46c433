/* pe.h — what a Windows program or library says of itself.
 *
 * What:   version numbers and names of its version resource, machine, kind, link time, whether it
 *         is of .NET and which assemblies of it that are of interest it names, signature, overlay.
 * Input:  hostile; the file, or as much of its start as there is.
 * Limits: PE_SECTIONS sections, PE_ENTRIES entries a level of resources, PE_STRINGS strings of the
 *         version resource, PE_TEXT_BYTES a text. Work is linear in the body.
 * Owner:  none; facts hold copies.
 * Spec:   PE Format (Microsoft), VS_VERSIONINFO; ECMA-335 II.24 and II.25
 */
#ifndef CODEC_PE_H
#define CODEC_PE_H

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { PE_SECTIONS = 96, PE_ENTRIES = 256, PE_STRINGS = 256, PE_TEXT_BYTES = 256 };

struct pe_version {
    bool known;
    uint16_t part[4];
};

struct pe_facts {
    uint16_t machine;       /* 0x8664: x64, 0x14c: x86, 0xaa64: Arm64 */
    bool dll;               /* else a program */
    bool managed;           /* it has a CLR header */
    bool jscript;           /* managed, and it refers to the assembly Microsoft.JScript */
    bool evaluates;         /* ... and to JScript's evaluation of text as code */
    bool has_signature;     /* an Authenticode table is named; it is not checked */
    bool cut;               /* the body ends before what its headers tell */
    int64_t linked_us;      /* TIME_NONE if the file tells no time, or a hash in its place */
    uint64_t overlay_bytes; /* behind the last section, the signature not counted */
    struct pe_version file, product;
    /* UTF-8, with a NUL; "" if it does not say. A longer one is cut. */
    char original_name[PE_TEXT_BYTES], company[PE_TEXT_BYTES], description[PE_TEXT_BYTES],
        product_name[PE_TEXT_BYTES], internal_name[PE_TEXT_BYTES];
    /* As text, which may differ from the numbers. */
    char file_version[PE_TEXT_BYTES], product_version[PE_TEXT_BYTES];
};

/* Is that the start of such a file? */
bool pe_knows(struct str head);
/* ERR_FORMAT if it is none. What is damaged further on is left out of the facts. */
MUST_CHECK enum err pe_read(struct str body, struct pe_facts *ret_facts);
/* "15.1.2176.9"; out holds at least 24 bytes. Returns out, which is "" if it is not known. */
char *pe_version_text(const struct pe_version *version, char *out);

#endif
