/* codec/evtx_value.h — values of event logs as text.
 *
 * What:   numbers, texts, times, SIDs, GUIDs, bytes and arrays of them, written as Windows writes
 *         them. Several members of an array stand in lines (model/rows.h).
 * Input:  hostile: any type with any size. What does not fit its type is written as hexadecimal.
 * Limits: evtx_value_bound; the caller makes room for so much first.
 * Owner:  borrows everything.
 * Spec:   MS-EVEN6 2.2.12, 2.2.18; docs/internals/EVTX.md, "Values"
 */
#ifndef CODEC_EVTX_VALUE_H
#define CODEC_EVTX_VALUE_H

#include "base/str.h"

enum evtx_type {
    EVTX_NULL = 0x00,
    EVTX_STRING = 0x01, /* UTF-16 */
    EVTX_ANSI = 0x02,
    EVTX_INT8 = 0x03,
    EVTX_UINT8 = 0x04,
    EVTX_INT16 = 0x05,
    EVTX_UINT16 = 0x06,
    EVTX_INT32 = 0x07,
    EVTX_UINT32 = 0x08,
    EVTX_INT64 = 0x09,
    EVTX_UINT64 = 0x0a,
    EVTX_REAL32 = 0x0b,
    EVTX_REAL64 = 0x0c,
    EVTX_BOOL = 0x0d,
    EVTX_BINARY = 0x0e,
    EVTX_GUID = 0x0f,
    EVTX_SIZE = 0x10,
    EVTX_FILETIME = 0x11,
    EVTX_SYSTEMTIME = 0x12,
    EVTX_SID = 0x13,
    EVTX_HEX32 = 0x14,
    EVTX_HEX64 = 0x15,
    EVTX_BINXML = 0x21,
    EVTX_ARRAY = 0x80,
};

struct evtx_value {
    const unsigned char *p;
    uint32_t n; /* bytes */
    uint8_t type;
};

/* Bytes that a value's text needs at most, with what writing in wide steps spills behind it. */
static inline size_t evtx_value_bound(size_t n_bytes)
{
    return 6 * n_bytes + 64;
}
/* An array of more than one. */
bool evtx_value_is_list(struct evtx_value v);
/* Writes the text and returns its end. Up to `limit` bytes may be read, not looked at. */
char *evtx_value_put(char *to, struct evtx_value v, const unsigned char *limit);
/* The same of UTF-16; what is not well formed becomes U+FFFD. Three bytes a unit and 16 behind. */
char *evtx_utf16_put(char *to, const unsigned char *p, size_t n_units, const unsigned char *limit);
/* Microseconds since 1970 of a FILETIME. */
int64_t evtx_time(uint64_t filetime);
/* The size of types that have one; else 0. */
uint32_t evtx_fixed_bytes(unsigned type);
/* The next member of an array; false at its end. *at starts at 0. */
bool evtx_array_next(struct evtx_value array, uint32_t *at, struct evtx_value *ret_member);

static inline uint16_t evtx_u16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t evtx_u32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t evtx_u64(const unsigned char *p)
{
    return evtx_u32(p) | (uint64_t)evtx_u32(p + 4) << 32;
}

#endif
