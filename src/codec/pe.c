#include "codec/pe.h"

#include "base/buf.h"
#include "base/rd.h"
#include "base/utf.h"

enum {
    DOS_BYTES = 64,
    DOS_AT_NEW = 0x3c,
    FILE_BYTES = 24, /* "PE\0\0" and the file header */
    IS_DLL = 0x2000,
    MAGIC_32 = 0x10b,
    MAGIC_64 = 0x20b,
    DIR_RESOURCE = 2,
    DIR_SIGNATURE = 4,
    DIR_DEBUG = 6,
    DIR_CLR = 14,
    DIRECTORIES = 16,
    RT_VERSION = 16,
    SUBFOLDER = 1u << 31,
    DEBUG_REPRO = 16,
    DEBUG_ENTRIES = 32,
    FIXED_SIGN = 0xfeef04bd,
    CLR_SIGN = 0x424a5342,
    CLR_STREAMS = 16,
};

struct range {
    uint32_t at, n; /* an address, as the program sees itself; of the signature: in the file */
};

struct section {
    uint32_t address, size, raw, raw_bytes;
};

struct image {
    struct str body;
    struct section section[PE_SECTIONS];
    size_t n_sections;
    struct range dir[DIRECTORIES];
    struct pe_facts *facts;
};

/* ---- headers ---- */

static struct rd at_offset(const struct image *m, uint64_t offset, uint64_t n)
{
    struct str s = offset < m->body.n ? str_sub(m->body, (size_t)offset, m->body.n) : STR("");
    return rd_of(str_sub(s, 0, n < s.n ? (size_t)n : s.n));
}

/* The bytes of an address, as far as its section has any in the file. */
static struct rd at_address(const struct image *m, uint32_t address, uint64_t n)
{
    for (size_t i = 0; i < m->n_sections; i++) {
        const struct section *s = &m->section[i];
        if (address < s->address || address - s->address >= s->raw_bytes)
            continue;
        uint32_t in = address - s->address, left = s->raw_bytes - in;
        return at_offset(m, (uint64_t)s->raw + in, n < left ? n : left);
    }
    return rd_of(STR(""));
}

/* Where the new header begins; 0: nowhere. */
static uint32_t new_header(struct str body)
{
    struct rd r = rd_of(body);
    if (!str_starts(body, STR("MZ")) || body.n < DOS_BYTES)
        return 0;
    (void)rd_slice(&r, DOS_AT_NEW);
    return rd_u32(&r);
}

bool pe_knows(struct str head)
{
    uint32_t at = new_header(head);
    return at >= DOS_BYTES / 2 && at < head.n &&
           str_starts(str_sub(head, at, head.n), STR("PE\0\0"));
}

static void read_directories(struct image *m, struct rd *r, size_t n)
{
    for (size_t i = 0; i < n && i < DIRECTORIES; i++) {
        m->dir[i].at = rd_u32(r);
        m->dir[i].n = rd_u32(r);
    }
}

static enum err read_optional(struct image *m, struct rd r)
{
    uint16_t magic = rd_u16(&r);
    if (magic != MAGIC_32 && magic != MAGIC_64)
        return ERR_FORMAT;
    (void)rd_slice(&r, magic == MAGIC_32 ? 90 : 106);
    uint32_t n = rd_u32(&r);
    if (r.rc)
        return ERR_FORMAT;
    read_directories(m, &r, n);
    return OK;
}

static void read_sections(struct image *m, uint64_t at, size_t n)
{
    struct rd r = at_offset(m, at, (uint64_t)n * 40);
    for (size_t i = 0; i < n && i < PE_SECTIONS; i++) {
        struct section s;
        (void)rd_slice(&r, 8);
        s.size = rd_u32(&r);
        s.address = rd_u32(&r);
        s.raw_bytes = rd_u32(&r);
        s.raw = rd_u32(&r);
        (void)rd_slice(&r, 16);
        if (r.rc)
            break;
        m->section[m->n_sections++] = s;
    }
    m->facts->cut |= r.rc != OK;
}

static enum err read_headers(struct image *m)
{
    uint32_t at = new_header(m->body);
    struct rd r = at_offset(m, (uint64_t)at + 4, FILE_BYTES - 4);
    if (!pe_knows(m->body))
        return ERR_FORMAT;
    m->facts->machine = rd_u16(&r);
    uint16_t n_sections = rd_u16(&r);
    uint32_t stamp = rd_u32(&r);
    (void)rd_slice(&r, 8);
    uint16_t optional_bytes = rd_u16(&r), flags = rd_u16(&r);
    if (r.rc)
        return ERR_FORMAT;
    m->facts->dll = flags & IS_DLL;
    m->facts->linked_us = stamp && stamp != UINT32_MAX ? (int64_t)stamp * US_PER_S : TIME_NONE;
    TRY(read_optional(m, at_offset(m, (uint64_t)at + FILE_BYTES, optional_bytes)));
    read_sections(m, (uint64_t)at + FILE_BYTES + optional_bytes, n_sections);
    return OK;
}

/* Builds that can be repeated have a hash where the time would stand. */
static void read_debug(struct image *m)
{
    struct rd r = at_address(m, m->dir[DIR_DEBUG].at, m->dir[DIR_DEBUG].n);
    for (size_t i = 0; i < DEBUG_ENTRIES && rd_left(&r) >= 28; i++) {
        (void)rd_slice(&r, 12);
        if (rd_u32(&r) == DEBUG_REPRO)
            m->facts->linked_us = TIME_NONE;
        (void)rd_slice(&r, 12);
    }
}

/* ---- what lies behind the last section ---- */

static void measure(struct image *m)
{
    uint64_t end = 0;
    const struct range *signature = &m->dir[DIR_SIGNATURE];
    for (size_t i = 0; i < m->n_sections; i++) {
        uint64_t to = (uint64_t)m->section[i].raw + m->section[i].raw_bytes;
        end = m->section[i].raw_bytes && to > end ? to : end;
    }
    m->facts->has_signature = signature->at && signature->n;
    m->facts->cut |= end > m->body.n;
    if (end >= m->body.n || !end)
        return;
    uint64_t over = m->body.n - end, signed_to = (uint64_t)signature->at + signature->n;
    bool within = m->facts->has_signature && signature->at >= end && signed_to <= m->body.n;
    m->facts->overlay_bytes = within ? over - signature->n : over;
}

/* ---- the version resource ---- */

/* The entry of a folder of resources by its number, or the first one: the offset that it names. */
static bool entry_of(struct rd folder, bool any, uint32_t number, uint32_t *ret_offset)
{
    (void)rd_slice(&folder, 12);
    size_t n = rd_u16(&folder);
    n += rd_u16(&folder);
    for (size_t i = 0; i < n && i < PE_ENTRIES; i++) {
        uint32_t name = rd_u32(&folder), offset = rd_u32(&folder);
        if (folder.rc)
            return false;
        if (any || name == number) {
            *ret_offset = offset;
            return true;
        }
    }
    return false;
}

static struct rd version_resource(const struct image *m)
{
    const struct range *dir = &m->dir[DIR_RESOURCE];
    uint32_t offset = SUBFOLDER; /* type, name, language */
    for (unsigned level = 0; level < 3; level++) {
        uint32_t in = offset & ~SUBFOLDER;
        if (!(offset & SUBFOLDER) || in >= dir->n || in > UINT32_MAX - dir->at ||
            !entry_of(at_address(m, dir->at + in, dir->n - in), level > 0, RT_VERSION, &offset))
            return rd_of(STR(""));
    }
    if (offset & SUBFOLDER || offset >= dir->n || offset > UINT32_MAX - dir->at)
        return rd_of(STR(""));
    struct rd entry = at_address(m, dir->at + offset, 16);
    uint32_t at = rd_u32(&entry), n = rd_u32(&entry);
    return entry.rc ? rd_of(STR("")) : at_address(m, at, n);
}

/* A node of the resource: its length, that of its value, a name in UTF-16, the value, further
 * nodes; all at multiples of four bytes from the start of the resource. */
struct node {
    struct str name, value; /* in UTF-16, with its NUL or without */
    struct rd inner;
};

static void align(const unsigned char *base, struct rd *r)
{
    size_t over = (size_t)(r->p - base) % 4;
    if (over && rd_left(r) >= 4 - over)
        (void)rd_slice(r, 4 - over);
}

static bool next_node(const unsigned char *base, struct rd *r, struct node *ret)
{
    align(base, r);
    if (rd_left(r) < 6)
        return false;
    struct rd whole = *r;
    size_t n = rd_u16(&whole), value_bytes = rd_u16(&whole);
    bool text = rd_u16(&whole) == 1;
    if (n < 6 || n > rd_left(r))
        return false;
    whole = rd_sub(r, n);
    (void)rd_slice(&whole, 6);
    struct str name = str_make((const char *)whole.p, 0);
    while (rd_left(&whole) >= 2 && rd_u16(&whole))
        name.n += 2;
    align(base, &whole);
    value_bytes *= text ? 2 : 1; /* a text's length is in letters; some tools write bytes */
    value_bytes = value_bytes < rd_left(&whole) ? value_bytes : rd_left(&whole);
    *ret = (struct node){.name = name, .value = rd_slice(&whole, value_bytes)};
    ret->inner = whole;
    return true;
}

static bool named(struct str utf16, const char *name)
{
    size_t n = strlen(name);
    if (utf16.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (utf16.p[2 * i] != name[i] || utf16.p[2 * i + 1])
            return false;
    return true;
}

/* What fits, in whole letters. */
static void set_text(char *to, struct str utf16)
{
    struct buf b;
    size_t n = 0, step;
    while (n + 1 < utf16.n && (utf16.p[n] || utf16.p[n + 1]))
        n += 2;
    n = n < 4 * (size_t)PE_TEXT_BYTES ? n : 4 * (size_t)PE_TEXT_BYTES;
    buf_init(&b, 8 * (size_t)PE_TEXT_BYTES);
    (void)utf16_to_utf8(&b, str_sub(utf16, 0, n), false, true);
    struct str text = str_trim(buf_view(&b));
    for (n = 0; n < text.n; n += step) {
        (void)utf8_next(text, n, &step);
        if (n + step >= PE_TEXT_BYTES)
            break;
    }
    memcpy(to, text.p, n);
    to[n] = 0;
    buf_done(&b);
}

static void note_string(struct pe_facts *f, const struct node *s)
{
    const struct {
        const char *name;
        char *to;
    } wanted[] = {{"OriginalFilename", f->original_name}, {"CompanyName", f->company},
                  {"FileDescription", f->description},    {"ProductName", f->product_name},
                  {"InternalName", f->internal_name},     {"FileVersion", f->file_version},
                  {"ProductVersion", f->product_version}};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (!wanted[i].to[0] && named(s->name, wanted[i].name))
            set_text(wanted[i].to, s->value);
}

static void read_strings(struct pe_facts *f, const unsigned char *base, struct rd tables)
{
    struct node table, string;
    size_t n = 0;
    while (n < PE_STRINGS && next_node(base, &tables, &table))
        for (n++; n < PE_STRINGS && next_node(base, &table.inner, &string); n++)
            note_string(f, &string);
}

static struct pe_version version_of(struct rd *r)
{
    uint32_t high = rd_u32(r), low = rd_u32(r);
    return (struct pe_version){
        !r->rc, {(uint16_t)(high >> 16), (uint16_t)high, (uint16_t)(low >> 16), (uint16_t)low}};
}

static void read_version(struct image *m)
{
    struct rd r = version_resource(m);
    const unsigned char *base = r.p;
    struct node root, part;
    if (!next_node(base, &r, &root) || !named(root.name, "VS_VERSION_INFO"))
        return;
    struct rd fixed = rd_of(root.value);
    if (rd_u32(&fixed) == FIXED_SIGN) {
        (void)rd_u32(&fixed);
        m->facts->file = version_of(&fixed);
        m->facts->product = version_of(&fixed);
    }
    for (size_t i = 0; i < PE_STRINGS && next_node(base, &root.inner, &part); i++)
        if (named(part.name, "StringFileInfo"))
            read_strings(m->facts, base, part.inner);
}

/* ---- .NET ---- */

/* Is that a whole name of the heap, which has a NUL before and behind each? */
static bool heap_has(struct str heap, const char *name)
{
    size_t n = strlen(name) + 1;
    for (size_t at = 0; at < heap.n;) {
        ptrdiff_t found = str_find(str_sub(heap, at, heap.n), str_make(name, n));
        if (found < 0)
            return false;
        at += (size_t)found;
        if (at && !heap.p[at - 1])
            return true;
        at += n;
    }
    return false;
}

/* A name with NULs behind it, up to the next multiple of four bytes. */
static struct str stream_name(struct rd *r)
{
    struct str name = str_make((const char *)r->p, 0), four;
    do {
        four = rd_slice(r, 4);
        ptrdiff_t nul = str_chr(four, 0);
        name.n += nul < 0 ? four.n : (size_t)nul;
        if (nul >= 0)
            return name;
    } while (four.n && name.n < 32);
    return STR("");
}

/* The heap of names: types, members and assemblies, own ones and others'. */
static struct str names_heap(const struct image *m, struct range root)
{
    struct rd r = at_address(m, root.at, root.n);
    struct str all = str_make((const char *)r.p, rd_left(&r));
    if (rd_u32(&r) != CLR_SIGN)
        return STR("");
    (void)rd_slice(&r, 8);
    (void)rd_slice(&r, (rd_u32(&r) + 3u) & ~3u);
    (void)rd_u16(&r);
    for (size_t i = 0, n = rd_u16(&r); i < n && i < CLR_STREAMS && !r.rc; i++) {
        uint32_t at = rd_u32(&r), bytes = rd_u32(&r);
        if (str_eq(stream_name(&r), STR("#Strings")) && at < all.n)
            return str_sub(all, at, (size_t)at + bytes);
    }
    return STR("");
}

static void read_clr(struct image *m)
{
    struct rd r = at_address(m, m->dir[DIR_CLR].at, m->dir[DIR_CLR].n);
    struct range root;
    (void)rd_slice(&r, 8);
    root.at = rd_u32(&r);
    root.n = rd_u32(&r);
    m->facts->managed = m->dir[DIR_CLR].at && m->dir[DIR_CLR].n;
    if (!m->facts->managed || r.rc)
        return;
    struct str heap = names_heap(m, root);
    m->facts->jscript = heap_has(heap, "Microsoft.JScript");
    m->facts->evaluates = m->facts->jscript && heap_has(heap, "JScriptEvaluate");
}

enum err pe_read(struct str body, struct pe_facts *ret_facts)
{
    struct image m = {.body = body, .facts = ret_facts};
    *ret_facts = (struct pe_facts){.linked_us = TIME_NONE};
    TRY(read_headers(&m));
    read_debug(&m);
    measure(&m);
    read_version(&m);
    read_clr(&m);
    return OK;
}

char *pe_version_text(const struct pe_version *version, char *out)
{
    const uint16_t *p = version->part;
    out[0] = 0;
    if (version->known)
        (void)snprintf(out, 24, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
    return out;
}
