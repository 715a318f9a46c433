#include "codec/evlog_json_event.h"

enum { LABEL_BYTES = 48 };

#define MAX_SECONDS (INT64_C(4102444800)) /* 2100 */

/* Seconds, milliseconds or microseconds since 1970, with a fraction or without. */
static bool number_time(struct str s, int64_t *ret_us)
{
    uint64_t whole, part = 0;
    ptrdiff_t dot = str_chr(s, '.');
    struct str digits = dot < 0 ? s : str_sub(s, 0, (size_t)dot);
    if (!str_u64(digits, &whole) || digits.n < 9 || digits.n > 16)
        return false;
    uint64_t unit = digits.n <= 10 ? 1000 * 1000 : digits.n <= 13 ? 1000 : 1;
    if (whole / (1000 * 1000 / unit) > MAX_SECONDS)
        return false;
    for (size_t i = 0, scale = unit / 10; dot >= 0 && scale; i++, scale /= 10) {
        size_t k = (size_t)dot + 1 + i;
        if (k < s.n && !ascii_digit((unsigned char)s.p[k]))
            return false;
        part += k < s.n ? (uint64_t)(s.p[k] - '0') * scale : 0;
    }
    *ret_us = (int64_t)(whole * unit + part);
    return true;
}

int64_t json_event_time(const struct json_event *e)
{
    int64_t us;
    for (size_t i = 0; json_times[i]; i++) {
        struct str s = e->time[i];
        if (!s.p)
            continue;
        if (time_parse(s, &us))
            return us;
        if (str_starts(s, STR("/Date(")) && str_ends(s, STR(")/")))
            s = str_sub(s, 6, s.n - 2);
        if (number_time(s, &us))
            return us;
    }
    return TIME_NONE;
}

static struct str channel_of(struct json_event *e, const struct json_sign *sign, struct str value)
{
    struct str channel = str_of(sign->channel);
    char last = channel.p[channel.n - 1];
    if (last != '/' && last != '-')
        return channel;
    char *p = arena_alloc(&e->maker.scratch, channel.n + value.n + 1);
    if (!p)
        return STR_NONE;
    memcpy(p, channel.p, channel.n);
    memcpy(p + channel.n, value.p, value.n);
    return str_make(p, channel.n + value.n);
}

static bool fits(const struct json_event *e, size_t i, struct str *ret_value)
{
    const struct json_sign *sign = &json_signs[i];
    for (size_t k = 0; k < SIGN_KEYS && sign->keys[k]; k++) {
        *ret_value = maker_value_of(&e->maker, e->sign_key[i][k]);
        if (!ret_value->p)
            return false;
    }
    return !sign->value || str_eq(*ret_value, str_of(sign->value));
}

enum err json_event_channel(struct json_event *e)
{
    struct str value;
    if (maker_value(&e->maker, STR("Channel")).p)
        return OK;
    value = json_channel_of(maker_value(&e->maker, STR("Provider_Name")),
                            maker_value(&e->maker, STR("EventID")));
    if (value.p)
        return maker_put_named(&e->maker, "Channel", value);
    for (size_t i = 0; json_signs[i].channel; i++) {
        if (!fits(e, i, &value))
            continue;
        if (json_signs[i].dull)
            e->maker.too_many = false;
        if (e->maker.n == LIMIT_FIELDS) /* its last field is worth less than what it is */
            maker_drop(&e->maker);
        maker_kind(&e->maker, e->sign_kind[i]);
        return maker_put_named(&e->maker, "Channel", channel_of(e, &json_signs[i], value));
    }
    return OK;
}

enum err json_event_intern(struct json_event *e)
{
    for (size_t i = 0; json_signs[i].channel; i++) {
        if (i == JSON_SIGNS)
            return ERR_BUG;
        for (size_t k = 0; k < SIGN_KEYS && json_signs[i].keys[k]; k++)
            TRY(maker_name(&e->maker, str_of(json_signs[i].keys[k]), &e->sign_key[i][k]));
        if (json_signs[i].kind)
            TRY(maker_name(&e->maker, str_of(json_signs[i].kind), &e->sign_kind[i]));
    }
    return OK;
}

/* "Process Command Line:\tx": the field that the line of a message tells. */
static enum err read_label(struct json_event *e, struct str line)
{
    char room[LABEL_BYTES];
    size_t n = 0;
    uint32_t name;
    ptrdiff_t colon = str_chr(line, ':');
    struct str value = colon < 0 ? STR("") : str_trim(str_sub(line, (size_t)colon + 1, line.n));
    if (value.n == 0 || colon > LABEL_BYTES || (unsigned char)line.p[colon + 1] > ' ')
        return OK;
    for (size_t i = 0; i < (size_t)colon; i++)
        if (ascii_alpha((unsigned char)line.p[i]) || ascii_digit((unsigned char)line.p[i]))
            room[n++] = line.p[i];
        else if (line.p[i] != ' ')
            return OK;
    struct str id = maker_value(&e->maker, STR("EventID"));
    struct str field = json_label(str_make(room, n), str_eq(id, STR("4688")));
    if (n == 0)
        return OK;
    TRY(maker_name(&e->maker, field, &name));
    e->nameless = false;
    return maker_value_of(&e->maker, name).p ? OK : maker_put(&e->maker, name, value);
}

enum err json_event_message(struct json_event *e)
{
    struct str rest = e->message;
    while (rest.n) {
        ptrdiff_t lf = str_chr(rest, '\n');
        size_t n = lf < 0 ? rest.n : (size_t)lf;
        TRY(read_label(e, str_trim(str_sub(rest, 0, n))));
        rest = str_sub(rest, n + (lf >= 0), rest.n);
    }
    return OK;
}

/* Rules that ask for fields cannot find such events. */
enum err json_event_nameless(struct json_event *e, uint64_t offset)
{
    uint64_t id = 0, key = 14695981039346656037u;
    struct str channel = maker_value(&e->maker, STR("Channel"));
    if (!e->nameless || !channel.p || e->n_told == JSON_TOLD)
        return OK;
    if (!str_u64(maker_value(&e->maker, STR("EventID")), &id))
        id = 0;
    for (size_t i = 0; i < channel.n; i++)
        key = (key ^ (unsigned char)channel.p[i]) * 1099511628211u;
    key = (key ^ id) * 1099511628211u;
    for (size_t i = 0; i < e->n_told; i++)
        if (e->told[i] == key)
            return OK;
    e->told[e->n_told++] = key;
    return e->maker.sink->gap(
        e->maker.sink->ctx, offset, STR("fields-without-names"),
        STR("rules that ask for fields do not find events without names of fields"));
}
