/* codec/container_zip.h — the directory at the end of a zip: names as they stand and exact times.
 *
 * What:   what libarchive does not tell: raw names, packed sizes, and the times of NTFS extra
 * fields (7-Zip and .NET write them there alone). DOS times have no zone and count as UTC, on
 *         whatever machine.
 * Input:  hostile; read with base/rd.h. What cannot be read is left out: nothing here decides
 *         whether a member is read.
 * Limits: CONTAINER_MEMBERS entries.
 * Owner:  zip_directory_open/zip_directory_close; names live until the next zip_directory_name.
 * Spec:   PKWARE APPNOTE 6.3.10: 4.3.12, 4.3.14 to 4.3.16, 4.5.5; Info-ZIP 0x5455
 */
#ifndef CODEC_CONTAINER_ZIP_H
#define CODEC_CONTAINER_ZIP_H

#include "base/err.h"
#include "base/str.h"

struct zip_place {
    uint64_t at;      /* of the local header */
    uint64_t name_at; /* of the raw name, in the directory */
    uint64_t packed_bytes;
    int64_t modified_us, created_us, accessed_us;
    uint16_t name_n;
};

/* Where the zip lies: a descriptor, or bytes in memory. */
struct zip_source {
    int fd;
    struct str bytes; /* p != NULL: there */
    uint64_t size_bytes;
};

struct zip_directory;
/* ERR_FORMAT: it has none that could be read. */
MUST_CHECK enum err zip_directory_open(const struct zip_source *source,
                                       struct zip_directory **ret_directory);
struct zip_directory *zip_directory_close(struct zip_directory *d);
/* By the end of the local header, where the member's bytes begin: libarchive tells its beginning
 * wrongly behind a member that was not read. NULL: not known. */
const struct zip_place *zip_directory_find(const struct zip_directory *d, uint64_t header_end);
struct str zip_directory_name(struct zip_directory *d, const struct zip_place *place);

#endif
