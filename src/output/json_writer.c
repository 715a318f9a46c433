#include "output/json_writer.h"

#include "output/escape.h"

#include <math.h>

void json_init(struct json *j, struct buf *out)
{
    *j = (struct json){.out = out};
}

/* What stands before a value: a comma if it is not the first, its key if it has one. */
static void lead(struct json *j, const char *key)
{
    if (key) {
        json_key(j, str_of(key));
    } else if (j->more[j->depth] && !j->is_object[j->depth] && j->depth) {
        buf_putc(j->out, ',');
    }
    j->more[j->depth] = true;
}

void json_key(struct json *j, struct str key)
{
    if (j->more[j->depth])
        buf_putc(j->out, ',');
    buf_putc(j->out, '"');
    escape_json(j->out, key);
    buf_puts(j->out, "\":");
    j->more[j->depth] = true;
}

static void open_level(struct json *j, const char *key, bool is_object)
{
    lead(j, key);
    if (j->depth == JSON_DEPTH) {
        j->rc = ERR_BUG;
        return;
    }
    buf_putc(j->out, is_object ? '{' : '[');
    j->depth++;
    j->more[j->depth] = false;
    j->is_object[j->depth] = is_object;
}

void json_object(struct json *j, const char *key)
{
    open_level(j, key, true);
}

void json_array(struct json *j, const char *key)
{
    open_level(j, key, false);
}

void json_end(struct json *j)
{
    if (j->depth == 0) {
        j->rc = ERR_BUG;
        return;
    }
    buf_putc(j->out, j->is_object[j->depth] ? '}' : ']');
    j->depth--;
}

void json_str(struct json *j, const char *key, struct str value)
{
    if (!value.p) {
        json_null(j, key);
        return;
    }
    lead(j, key);
    buf_putc(j->out, '"');
    escape_json(j->out, value);
    buf_putc(j->out, '"');
}

void json_text(struct json *j, const char *key, const char *c_string)
{
    json_str(j, key, str_of(c_string));
}

void json_u64(struct json *j, const char *key, uint64_t value)
{
    lead(j, key);
    buf_u64(j->out, value);
}

void json_i64(struct json *j, const char *key, int64_t value)
{
    lead(j, key);
    buf_i64(j->out, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    lead(j, key);
    buf_puts(j->out, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
    lead(j, key);
    buf_puts(j->out, "null");
}

void json_time(struct json *j, const char *key, int64_t time_us)
{
    if (!time_printable(time_us)) {
        json_null(j, key);
        return;
    }
    lead(j, key);
    buf_putc(j->out, '"');
    time_add(j->out, time_us);
    buf_putc(j->out, '"');
}

/* By whole numbers: printf's decimal point would depend on the locale. */
void json_fixed(struct json *j, const char *key, double value, unsigned decimals)
{
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals && i < 9; i++)
        scale *= 10;
    double size = value < 0 ? -value : value;
    if (!(size < 1e9)) {
        json_null(j, key);
        return;
    }
    /* The small step undoes what 0.3 loses as a binary fraction. */
    uint64_t whole = (uint64_t)(size * (double)scale + 1e-6);
    lead(j, key);
    if (value < 0 && whole)
        buf_putc(j->out, '-');
    buf_u64(j->out, whole / scale);
    uint64_t rest = whole % scale;
    if (rest)
        buf_putc(j->out, '.');
    while (rest) {
        scale /= 10;
        buf_putc(j->out, (char)('0' + rest / scale));
        rest %= scale;
    }
}

void real_add(struct buf *b, double value, unsigned digits)
{
    char text[40];
    bool point = false;
    if (!isfinite(value)) {
        buf_putc(b, '?');
        return;
    }
    (void)snprintf(text, sizeof text, "%.*g",
                   digits < 1    ? 1
                   : digits > 17 ? 17
                                 : (int)digits,
                   value);
    /* Whatever the locale writes for the point becomes one. */
    for (const char *c = text; *c; c++) {
        if (ascii_digit((unsigned char)*c) || *c == '-' || *c == '+' || *c == 'e') {
            buf_putc(b, *c);
        } else if (!point) {
            buf_putc(b, '.');
            point = true;
        }
    }
}

void json_real(struct json *j, const char *key, double value, unsigned digits)
{
    if (!isfinite(value)) {
        json_null(j, key);
        return;
    }
    lead(j, key);
    real_add(j->out, value, digits);
}

void json_line(struct json *j)
{
    if (j->depth)
        j->rc = ERR_BUG;
    buf_putc(j->out, '\n');
    j->more[0] = false;
}
