/* json_check.h — a strict reader of JSON for tests, independent of the writer under test.
 *
 * What:   json_check says whether a text is one JSON value and nothing else; json_check_get takes
 *         the decoded text of a top-level string member out of an object.
 * Input:  what the program wrote.
 * Limits: 64 levels.
 * Owner:  json_check_get appends to the caller's buffer.
 * Spec:   RFC 8259
 */
#ifndef UNIT_JSON_CHECK_H
#define UNIT_JSON_CHECK_H

#include "base/utf.h"

struct json_in {
    struct str s;
    size_t at;
    bool bad;
};

static inline int json_in_peek(struct json_in *j)
{
    return j->at < j->s.n ? (unsigned char)j->s.p[j->at] : -1;
}

static inline void json_in_want(struct json_in *j, int c)
{
    if (json_in_peek(j) == c)
        j->at++;
    else
        j->bad = true;
}

static inline uint32_t json_in_hex(struct json_in *j)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        int h = json_in_peek(j) < 0 ? -1 : ascii_hex((unsigned char)json_in_peek(j));
        if (h < 0) {
            j->bad = true;
            return 0;
        }
        v = v * 16 + (uint32_t)h;
        j->at++;
    }
    return v;
}

static inline void json_in_escape(struct json_in *j, struct buf *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int c = json_in_peek(j);
    j->at++;
    const char *hit = c > 0 ? strchr(from, c) : NULL;
    if (hit) {
        buf_putc(out, to[hit - from]);
        return;
    }
    uint32_t cp = c == 'u' ? json_in_hex(j) : 0xdc00;
    if (cp >= 0xd800 && cp < 0xdc00) {
        json_in_want(j, '\\');
        json_in_want(j, 'u');
        uint32_t low = json_in_hex(j);
        j->bad |= low < 0xdc00 || low > 0xdfff;
        cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
    } else {
        j->bad |= cp >= 0xdc00 && cp < 0xe000;
    }
    utf8_add(out, cp);
}

static inline void json_in_string(struct json_in *j, struct buf *out)
{
    json_in_want(j, '"');
    while (!j->bad && json_in_peek(j) != '"') {
        size_t n;
        int c = json_in_peek(j);
        if (c < 0x20 || utf8_next(j->s, j->at, &n) == UTF_BAD) {
            j->bad = true;
        } else if (c == '\\') {
            j->at++;
            json_in_escape(j, out);
        } else {
            buf_add(out, j->s.p + j->at, n);
            j->at += n;
        }
    }
    json_in_want(j, '"');
}

static inline void json_in_value(struct json_in *j, unsigned depth);

static inline void json_in_items(struct json_in *j, unsigned depth, char end, bool is_object)
{
    struct buf key;
    buf_init(&key, 1 << 24);
    j->at++;
    while (!j->bad && json_in_peek(j) != end) {
        if (is_object) {
            buf_reset(&key);
            json_in_string(j, &key);
            json_in_want(j, ':');
        }
        json_in_value(j, depth + 1);
        if (json_in_peek(j) == ',') {
            j->at++;
            j->bad |= json_in_peek(j) == end;
        } else if (json_in_peek(j) != end) {
            j->bad = true;
        }
    }
    json_in_want(j, end);
    buf_done(&key);
}

static inline void json_in_number(struct json_in *j)
{
    size_t digits = 0;
    if (json_in_peek(j) == '-')
        j->at++;
    bool zero = json_in_peek(j) == '0';
    for (; json_in_peek(j) >= '0' && json_in_peek(j) <= '9'; j->at++)
        digits++;
    j->bad |= digits == 0 || (zero && digits > 1);
    if (json_in_peek(j) == '.') {
        j->at++;
        for (digits = 0; json_in_peek(j) >= '0' && json_in_peek(j) <= '9'; j->at++)
            digits++;
        j->bad |= digits == 0;
    }
    if (json_in_peek(j) != 'e')
        return;
    j->at++;
    if (json_in_peek(j) == '-' || json_in_peek(j) == '+')
        j->at++;
    for (digits = 0; json_in_peek(j) >= '0' && json_in_peek(j) <= '9'; j->at++)
        digits++;
    j->bad |= digits == 0;
}

static inline void json_in_word(struct json_in *j, const char *word)
{
    for (; *word; word++)
        json_in_want(j, *word);
}

static inline void json_in_value(struct json_in *j, unsigned depth)
{
    struct buf text;
    switch (depth > 64 ? -1 : json_in_peek(j)) {
    case '{': json_in_items(j, depth, '}', true); break;
    case '[': json_in_items(j, depth, ']', false); break;
    case '"':
        buf_init(&text, 1 << 24);
        json_in_string(j, &text);
        buf_done(&text);
        break;
    case 't': json_in_word(j, "true"); break;
    case 'f': json_in_word(j, "false"); break;
    case 'n': json_in_word(j, "null"); break;
    default: json_in_number(j);
    }
}

static inline bool json_check(struct str s)
{
    struct json_in j = {s, 0, false};
    json_in_value(&j, 0);
    return !j.bad && j.at == s.n;
}

/* false if the object has no such string member. */
static inline bool json_check_get(struct str s, struct str want, struct buf *ret_text)
{
    struct json_in j = {s, 1, false};
    bool found = false;
    struct buf key;
    buf_init(&key, 1 << 24);
    while (!j.bad && !found && json_in_peek(&j) == '"') {
        buf_reset(&key);
        json_in_string(&j, &key);
        json_in_want(&j, ':');
        found = str_eq(buf_view(&key), want) && json_in_peek(&j) == '"';
        if (found)
            json_in_string(&j, ret_text);
        else
            json_in_value(&j, 0);
        if (json_in_peek(&j) == ',')
            j.at++;
    }
    buf_done(&key);
    return found && !j.bad;
}

#endif
