#include "codec/magic.h"

/* How to add a kind: one line below; the first that fits is told. Signatures are those of the
 * formats' own specifications. */
static const struct magic {
    unsigned at;
    const char *bytes;
    unsigned char n;
    const char *name;
} magics[] = {
    {0, "MZ", 2, "mz"}, /* PE and DOS programs */
    {0,
     "\x7f"
     "ELF",
     4, "elf"},
    {0, "MDMP", 4, "mdmp"},   /* minidump: MINIDUMP_SIGNATURE */
    {0, "PAGEDU", 6, "dump"}, /* a kernel's crash dump */
    {0, "PK\3\4", 4, "zip"},
    {0, "PK\5\6", 4, "zip"}, /* without members */
    {0, "7z\xbc\xaf\x27\x1c", 6, "7z"},
    {0, "Rar!\x1a\x07", 6, "rar"},
    {0, "MSCF", 4, "cab"},
    {0, "\x1f\x8b", 2, "gzip"},
    {0,
     "\xfd"
     "7zXZ\0",
     6, "xz"},
    {0, "\x28\xb5\x2f\xfd", 4, "zstd"},
    {0, "BZh", 3, "bzip2"},
    {257, "ustar", 5, "tar"},
    {0, "!BDN", 4, "pst"}, /* [MS-PST] 2.2.2.6: dwMagic */
    {0, "SQLite format 3\0", 16, "sqlite"},
    {0, "ElfFile\0", 8, "evtx"},                       /* [MS-EVEN6] */
    {0, "regf", 4, "regf"},                            /* a registry hive */
    {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "ole"}, /* [MS-CFB] */
    {0, "%PDF-", 5, "pdf"},
    {0, "GIF8", 4, "image"},
    {0, "\x89PNG\r\n\x1a\n", 8, "image"},
    {0, "\xff\xd8\xff", 3, "image"},
    {0, "\0\0\1\0", 4, "image"},        /* an icon */
    {0, "L\0\0\0\1\x14\2\0", 8, "lnk"}, /* [MS-SHLLINK] */
    {0, "vhdxfile", 8, "vhdx"},
    {0, "\xca\xfe\xba\xbe", 4, "class"}, /* Java */
};

/* DER: a SEQUENCE whose length is told in two bytes, as certificates and requests begin. */
static bool is_der(struct str head)
{
    return head.n > 6 && head.p[0] == 0x30 && (unsigned char)head.p[1] == 0x82 &&
           (head.p[4] == 0x30 || head.p[4] == 0x02);
}

/* Text of any 8-bit set, or UTF-16 with its mark. */
static bool is_text(struct str head)
{
    size_t odd = 0;
    if (str_starts(head, STR("\xff\xfe")) || str_starts(head, STR("\xfe\xff")))
        return true;
    for (size_t i = 0; i < head.n; i++) {
        unsigned char c = (unsigned char)head.p[i];
        odd += c < 32 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 27;
    }
    return odd == 0;
}

struct str magic_of(struct str head)
{
    if (head.n == 0)
        return STR("empty");
    for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
        const struct magic *m = &magics[i];
        if (head.n >= m->at + m->n && memcmp(head.p + m->at, m->bytes, m->n) == 0)
            return str_of(m->name);
    }
    if (is_der(head))
        return STR("der");
    return is_text(str_sub(head, 0, MAGIC_BYTES)) ? STR("text") : STR("other");
}
