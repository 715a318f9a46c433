/* tests/gen/pe_make.h — a small Windows library that nobody can run, for tests.
 *
 * What:   headers of PE, one section with a version resource and, if asked for, a CLR header with
 *         the names given; no code.
 * Input:  of tests.
 * Limits: PE_MADE_BYTES.
 * Owner:  the caller's struct pe_made.
 * Spec:   codec/pe.h
 */
#ifndef GEN_PE_MAKE_H
#define GEN_PE_MAKE_H

#include "base/str.h"

enum { PE_MADE_BYTES = 8192, PE_MADE_RAW = 0x400, PE_MADE_ADDRESS = 0x2000 };

struct pe_made {
    unsigned char p[PE_MADE_BYTES];
    size_t n;
    bool wide; /* 64 bits */
    uint32_t stamp, debug_type;
    uint16_t version[4];        /* of the file; the product's is one higher at the end */
    const char *company, *name; /* NULL: the string is left out */
    const char *const *clr;     /* names of its heap; ends with NULL; NULL: no .NET */
    uint32_t signature_bytes, overlay_bytes;
};

static inline void pe_u16(struct pe_made *m, unsigned v)
{
    m->p[m->n++] = (unsigned char)v;
    m->p[m->n++] = (unsigned char)(v >> 8);
}

static inline void pe_u32(struct pe_made *m, uint32_t v)
{
    pe_u16(m, v & 0xffff);
    pe_u16(m, v >> 16);
}

static inline void pe_set(struct pe_made *m, size_t at, uint32_t v)
{
    size_t n = m->n;
    m->n = at;
    pe_u32(m, v);
    m->n = n;
}

static inline void pe_align(struct pe_made *m)
{
    m->n = (m->n + 3) & ~(size_t)3;
}

static inline uint32_t pe_here(const struct pe_made *m)
{
    return (uint32_t)(m->n - PE_MADE_RAW + PE_MADE_ADDRESS);
}

static inline void pe_wide(struct pe_made *m, const char *text)
{
    for (; *text; text++)
        pe_u16(m, (unsigned char)*text);
    pe_u16(m, 0);
}

/* A node's head; its length is written by pe_end. */
static inline size_t pe_begin(struct pe_made *m, unsigned value, unsigned type, const char *name)
{
    pe_align(m);
    size_t at = m->n;
    pe_u16(m, 0);
    pe_u16(m, value);
    pe_u16(m, type);
    pe_wide(m, name);
    pe_align(m);
    return at;
}

static inline void pe_end(struct pe_made *m, size_t at)
{
    m->p[at] = (unsigned char)(m->n - at);
    m->p[at + 1] = (unsigned char)((m->n - at) >> 8);
}

static inline void pe_string(struct pe_made *m, const char *name, const char *value)
{
    if (!value)
        return;
    size_t at = pe_begin(m, (unsigned)strlen(value) + 1, 1, name);
    pe_wide(m, value);
    pe_end(m, at);
}

static inline void pe_fixed(struct pe_made *m)
{
    const uint16_t *v = m->version;
    uint32_t high = (uint32_t)v[0] << 16 | v[1], low = (uint32_t)v[2] << 16 | v[3];
    pe_u32(m, 0xfeef04bd);
    pe_u32(m, 0x10000);
    pe_u32(m, high);
    pe_u32(m, low);
    pe_u32(m, high);
    pe_u32(m, low + 1);
    m->n += 28;
}

/* Type, name and language, each with one entry; the resource behind them. */
static inline void pe_resource(struct pe_made *m)
{
    size_t begin = m->n;
    static const uint32_t number[] = {16, 1, 1033};
    for (uint32_t level = 0; level < 3; level++) {
        m->n += 12;
        pe_u16(m, 0);
        pe_u16(m, 1);
        pe_u32(m, number[level]);
        pe_u32(m, level < 2 ? 0x80000000u | 24 * (level + 1) : 72);
    }
    size_t entry = m->n;
    m->n += 16;
    size_t at = m->n, root = pe_begin(m, 52, 0, "VS_VERSION_INFO");
    pe_set(m, entry, pe_here(m) - (uint32_t)(m->n - at));
    pe_fixed(m);
    size_t info = pe_begin(m, 0, 1, "StringFileInfo"), table = pe_begin(m, 0, 1, "040904B0");
    pe_string(m, "CompanyName", m->company);
    pe_string(m, "OriginalFilename", m->name);
    pe_end(m, table);
    pe_end(m, info);
    pe_end(m, root);
    pe_set(m, entry + 4, (uint32_t)(m->n - at));
    (void)begin;
}

static inline void pe_clr(struct pe_made *m)
{
    static const char version[12] = "v4.0.30319";
    size_t header = m->n;
    m->n += 72;
    size_t root = m->n;
    pe_set(m, header + 8, pe_here(m));
    pe_u32(m, 0x424a5342);
    m->n += 8;
    pe_u32(m, sizeof version);
    memcpy(m->p + m->n, version, sizeof version);
    m->n += sizeof version;
    pe_u16(m, 0);
    pe_u16(m, 2); /* streams */
    m->n += 8;
    memcpy(m->p + m->n, "#~\0", 4);
    m->n += 4;
    size_t heap = m->n;
    m->n += 8;
    memcpy(m->p + m->n, "#Strings\0\0\0", 12);
    m->n += 12;
    pe_set(m, heap, (uint32_t)(m->n - root));
    size_t begin = m->n++;
    for (size_t i = 0; m->clr[i]; i++) {
        memcpy(m->p + m->n, m->clr[i], strlen(m->clr[i]));
        m->n += strlen(m->clr[i]) + 1;
    }
    pe_set(m, heap + 4, (uint32_t)(m->n - begin));
    pe_set(m, header + 12, (uint32_t)(m->n - root));
}

/* Fills p and n from the rest. */
static inline void pe_make(struct pe_made *m)
{
    size_t dirs = 0x80 + 24 + (m->wide ? 112 : 96), section = dirs + 16 * 8;
    memset(m->p, 0, sizeof m->p);
    memcpy(m->p, "MZ", 2);
    m->p[0x3c] = 0x80;
    m->n = 0x80;
    pe_u32(m, 0x4550);
    pe_u16(m, m->wide ? 0x8664 : 0x14c);
    pe_u16(m, 1);
    pe_u32(m, m->stamp);
    m->n += 8;
    pe_u16(m, (unsigned)(section - 0x80 - 24));
    pe_u16(m, 0x2002);
    pe_u16(m, m->wide ? 0x20b : 0x10b);
    m->n = dirs - 4;
    pe_u32(m, 16);
    m->n = PE_MADE_RAW;
    pe_set(m, dirs + 2 * 8, pe_here(m));
    pe_resource(m);
    pe_set(m, dirs + 2 * 8 + 4, (uint32_t)m->n - PE_MADE_RAW);
    pe_align(m);
    if (m->debug_type) {
        pe_set(m, dirs + 6 * 8, pe_here(m));
        pe_set(m, dirs + 6 * 8 + 4, 28);
        pe_set(m, m->n + 12, m->debug_type);
        m->n += 28;
    }
    if (m->clr) {
        pe_set(m, dirs + 14 * 8, pe_here(m));
        pe_set(m, dirs + 14 * 8 + 4, 72);
        pe_clr(m);
    }
    m->n = (m->n + 0x1ff) & ~(size_t)0x1ff;
    pe_set(m, section + 8, (uint32_t)m->n - PE_MADE_RAW);
    pe_set(m, section + 12, PE_MADE_ADDRESS);
    pe_set(m, section + 16, (uint32_t)m->n - PE_MADE_RAW);
    pe_set(m, section + 20, PE_MADE_RAW);
    if (m->signature_bytes) {
        pe_set(m, dirs + 4 * 8, (uint32_t)m->n);
        pe_set(m, dirs + 4 * 8 + 4, m->signature_bytes);
    }
    m->n += m->signature_bytes + m->overlay_bytes;
}

static inline struct str pe_view(const struct pe_made *m)
{
    return str_make((const char *)m->p, m->n);
}

#endif
