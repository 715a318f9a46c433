/* json_writer.h — JSON, one value after the other, without a tree in memory.
 *
 * What:   commas, quotes, nesting; every text goes through escape_json. A key is given inside an
 *         object and is NULL inside an array and at the top.
 * Input:  texts and keys may be hostile; absent texts (p == NULL) are written as null.
 * Limits: JSON_DEPTH levels; going deeper or closing too often is a bug and sticks in rc.
 * Owner:  appends to the caller's buffer, which keeps its own sticky error.
 * Spec:   RFC 8259, RFC 3339 (times).
 */
#ifndef OUTPUT_JSON_WRITER_H
#define OUTPUT_JSON_WRITER_H

#include "base/buf.h"
#include "base/time.h"

enum { JSON_DEPTH = 32 };

struct json {
    struct buf *out;
    unsigned depth;
    enum err rc;
    bool more[JSON_DEPTH + 1];      /* something was written at this level already */
    bool is_object[JSON_DEPTH + 1]; /* else an array */
};

/* Years 1601 to 9999: what RFC 3339 can write and base/time.h holds. */
static inline bool time_printable(int64_t time_us)
{
    return time_us >= -INT64_C(11644473600) * US_PER_S &&
           time_us < INT64_C(253402300800) * US_PER_S;
}

void json_init(struct json *j, struct buf *out);
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end(struct json *j);
/* An object's key that is not a constant; the next value is given with key == NULL. */
void json_key(struct json *j, struct str key);
void json_str(struct json *j, const char *key, struct str value);
void json_text(struct json *j, const char *key, const char *c_string); /* NULL gives null */
void json_u64(struct json *j, const char *key, uint64_t value);
void json_i64(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
/* RFC 3339 UTC; null for TIME_NONE and for years that RFC 3339 cannot write. */
void json_time(struct json *j, const char *key, int64_t time_us);
/* Cut, not rounded, to so many decimals (at most 9): a share of 0.89996 never reads 0.9. null if
 * it is not finite or too large. */
void json_fixed(struct json *j, const char *key, double value, unsigned decimals);
/* So many significant digits (1 to 17), with an exponent where it is small or large: for chances,
 * of which the size matters. null if it is not finite. */
void json_real(struct json *j, const char *key, double value, unsigned digits);
/* The same number for people and other formats; "?" if it is not finite. */
void real_add(struct buf *b, double value, unsigned digits);
/* A line break between two values of JSON Lines: only at depth 0. */
void json_line(struct json *j);

#endif
