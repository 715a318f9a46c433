#include "codec/container_level.h"

/* Which files are containers, by their first bytes. To read one more format: a line in one of the
 * tables, and for CONTAINER_ARCHIVE a form in container_level.c. */

struct magic {
    const char *bytes;
    size_t n;
    enum container_look look;
    enum container_form form;
    const char *foreign; /* of CONTAINER_FOREIGN: why it is not read */
};

#define MAGIC(text) text, sizeof(text) - 1
static const struct magic magics[] = {
    {MAGIC("PK\003\004"), CONTAINER_ARCHIVE, FORM_ZIP, NULL},
    {MAGIC("PK\005\006"), CONTAINER_ARCHIVE, FORM_ZIP, NULL}, /* without members */
    {MAGIC("PK\007\010PK\003\004"), CONTAINER_ARCHIVE, FORM_ZIP, NULL},
    {MAGIC("7z\xbc\xaf\x27\x1c"), CONTAINER_ARCHIVE, FORM_7Z, NULL},
    {MAGIC("\x1f\x8b\x08"), CONTAINER_PACKED, FORM_PACKED, NULL},
    {MAGIC("\xfd"
           "7zXZ\0"),
     CONTAINER_PACKED, FORM_PACKED, NULL},
    {MAGIC("\x28\xb5\x2f\xfd"), CONTAINER_PACKED, FORM_PACKED, NULL},
    {MAGIC("BZh"), CONTAINER_PACKED, FORM_PACKED, NULL},
    {MAGIC("Rar!\x1a\x07"), CONTAINER_FOREIGN, FORM_NONE, "rar archive, unpack it first"},
    {MAGIC("MSCF\0\0\0\0"), CONTAINER_FOREIGN, FORM_NONE, "cab archive, unpack it first"},
    {MAGIC("MSWIM\0\0\0"), CONTAINER_FOREIGN, FORM_NONE, "wim image, unpack it first"},
    {MAGIC("vhdxfile"), CONTAINER_FOREIGN, FORM_NONE, "vhdx disk image, mount it read-only first"},
    {MAGIC("conectix"), CONTAINER_FOREIGN, FORM_NONE, "vhd disk image, mount it read-only first"},
    {MAGIC("KDMV"), CONTAINER_FOREIGN, FORM_NONE, "vmdk disk image, mount it read-only first"},
    {MAGIC("QFI\xfb"), CONTAINER_FOREIGN, FORM_NONE, "qcow disk image, mount it read-only first"},
    {MAGIC("EVF\x09\x0d\x0a\xff\0"), CONTAINER_FOREIGN, FORM_NONE,
     "EnCase disk image, mount it read-only first"},
    {MAGIC("LZIP"), CONTAINER_FOREIGN, FORM_NONE, "packed with lzip, unpack it first"},
    {MAGIC("\x04\x22\x4d\x18"), CONTAINER_FOREIGN, FORM_NONE, "packed with lz4, unpack it first"},
    {MAGIC("\x1f\x9d"), CONTAINER_FOREIGN, FORM_NONE, "packed with compress, unpack it first"},
};

/* Zip files that are one document or program to everybody: their first member tells. */
static const char *const document_members[] = {"[Content_Types].xml", "META-INF/", "mimetype"};

enum {
    TAR_NAME = 0,
    TAR_CHECKSUM = 148,
    TAR_CHECKSUM_BYTES = 8,
    TAR_HEADER_BYTES = 512,
    ZIP_NAME_BYTES_AT = 26,
    ZIP_NAME_AT = 30,
    BZIP2_LEVEL_AT = 3,
};

/* The checksum of a header counts its own bytes as blanks; some writers took bytes as signed. */
bool container_is_tar(struct str head)
{
    if (head.n < TAR_HEADER_BYTES || !head.p[TAR_NAME])
        return false;
    long plain = 0, with_sign = 0, told = 0;
    for (size_t i = 0; i < TAR_HEADER_BYTES; i++) {
        bool own = i >= TAR_CHECKSUM && i < TAR_CHECKSUM + TAR_CHECKSUM_BYTES;
        plain += own ? ' ' : (unsigned char)head.p[i];
        with_sign += own ? ' ' : (signed char)head.p[i];
    }
    size_t i = TAR_CHECKSUM, digits = 0;
    while (i < TAR_CHECKSUM + TAR_CHECKSUM_BYTES && head.p[i] == ' ')
        i++;
    for (; i < TAR_CHECKSUM + TAR_CHECKSUM_BYTES && head.p[i] >= '0' && head.p[i] <= '7'; i++) {
        told = told * 8 + (head.p[i] - '0');
        digits++;
    }
    return digits && (told == plain || told == with_sign);
}

static bool is_document(struct str head)
{
    if (head.n < ZIP_NAME_AT)
        return false;
    const unsigned char *p = (const unsigned char *)head.p;
    size_t n = (size_t)p[ZIP_NAME_BYTES_AT] | (size_t)p[ZIP_NAME_BYTES_AT + 1] << 8;
    struct str name = str_sub(head, ZIP_NAME_AT, ZIP_NAME_AT + n);
    for (size_t i = 0; i < ARRAY_LEN(document_members); i++)
        if (str_starts(name, str_of(document_members[i])))
            return true;
    return false;
}

static const struct magic *magic_of(struct str head)
{
    for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
        const struct magic *m = &magics[i];
        if (!str_starts(head, str_make(m->bytes, m->n)))
            continue;
        if (m->form == FORM_ZIP && is_document(head))
            return NULL;
        /* "BZh" begins words, too. */
        bool level =
            m->bytes[0] != 'B' || (head.n > BZIP2_LEVEL_AT && head.p[BZIP2_LEVEL_AT] >= '1' &&
                                   head.p[BZIP2_LEVEL_AT] <= '9');
        return level ? m : NULL;
    }
    return NULL;
}

enum container_form container_form_of(struct str head)
{
    const struct magic *m = magic_of(head);
    return m ? m->form : container_is_tar(head) ? FORM_TAR : FORM_NONE;
}

enum container_look container_look(struct str head)
{
    const struct magic *m = magic_of(head);
    return m ? m->look : container_is_tar(head) ? CONTAINER_ARCHIVE : CONTAINER_NONE;
}

const char *container_foreign(struct str head)
{
    const struct magic *m = magic_of(head);
    return m && m->foreign ? m->foreign : "an archive of a kind that is not read, unpack it first";
}

/* Endings of what is read as itself. */
static const char *const plain_endings[] = {
    "log",  "evtx", "txt", "csv",  "json", "jsonl", "xml",  "config", "aspx",
    "ashx", "asmx", "asp", "ascx", "cs",   "js",    "html", "dll",    "exe",
};

bool container_is_plain_name(struct str path)
{
    ptrdiff_t dot = str_rchr(path, '.');
    struct str ending = str_sub(path, dot < 0 ? path.n : (size_t)dot + 1, path.n);
    for (size_t i = 0; i < ARRAY_LEN(plain_endings); i++)
        if (str_ieq(ending, str_of(plain_endings[i])))
            return true;
    return false;
}
