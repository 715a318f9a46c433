#include "codec/evlog_lines.h"

#include "codec/line.h"

/* Zeek's logs as text: a header says what parts values, what stands for none of them, the log's
 * name and its fields; several such logs may stand in one file. */

enum { LOG_NAME_BYTES = 64 };

struct reader {
    struct lines lines;
    uint32_t name[LIMIT_FIELDS]; /* of the fields, 0: none */
    bool parts[LIMIT_FIELDS];    /* of sets and vectors */
    size_t n;                    /* 0: not told yet */
    int16_t time;                /* the field that tells it, -1: none */
    char between,
        within; /* values, parts of one; values stay as Zeek escaped them: rules know them so */
    char unset[16], empty[16];
    char channel[LOG_NAME_BYTES];
};

static bool zeek_knows(struct str head, struct str path)
{
    (void)path;
    return str_starts(head, STR("#separator ")) && str_find(head, STR("\n#fields")) > 0;
}

/* ---- the header ---- */

/* "\x09", or the sign itself. */
static char sign_of(struct str s)
{
    int high, low;
    if (s.n == 4 && str_starts(s, STR("\\x")) && (high = ascii_hex((unsigned char)s.p[2])) >= 0 &&
        (low = ascii_hex((unsigned char)s.p[3])) >= 0)
        return (char)(high * 16 + low);
    return s.n ? s.p[0] : '\t';
}

static enum err take_fields(struct reader *r, struct str s)
{
    struct str name;
    r->n = 0;
    r->time = -1;
    memset(r->parts, 0, sizeof r->parts);
    while (str_cut(&s, r->between, &name)) {
        if (r->n == LIMIT_FIELDS || name.n == 0 || name.n > LIMIT_FIELD_NAME_BYTES)
            return ERR_FORMAT;
        if (str_eq(name, STR("ts")))
            r->time = (int16_t)r->n;
        TRY(maker_name(&r->lines.maker, name, &r->name[r->n]));
        r->n++;
    }
    return OK;
}

static void take_types(struct reader *r, struct str s)
{
    struct str type;
    for (size_t i = 0; i < r->n && str_cut(&s, r->between, &type); i++)
        r->parts[i] = str_starts(type, STR("set[")) || str_starts(type, STR("vector["));
}

static enum err take_header(struct reader *r, struct str line)
{
    static const char prefix[] = "zeek/";
    struct str key, rest = str_sub(line, 1, line.n);
    if (str_starts(rest, STR("separator "))) {
        *r = (struct reader){.lines = r->lines,
                             .between = sign_of(str_sub(rest, 10, rest.n)),
                             .within = ',',
                             .unset = "-",
                             .empty = "(empty)",
                             .channel = "zeek/other"};
        return OK;
    }
    if (!str_cut(&rest, r->between, &key) || !rest.p)
        return OK;
    if (str_eq(key, STR("fields")))
        return take_fields(r, rest);
    if (str_eq(key, STR("types")))
        take_types(r, rest);
    else if (str_eq(key, STR("set_separator")))
        r->within = sign_of(rest);
    else if (str_eq(key, STR("unset_field")))
        line_set(r->unset, sizeof r->unset, rest);
    else if (str_eq(key, STR("empty_field")))
        line_set(r->empty, sizeof r->empty, rest);
    else if (str_eq(key, STR("path"))) {
        memcpy(r->channel, prefix, sizeof prefix);
        line_set(r->channel + sizeof prefix - 1, sizeof r->channel - sizeof prefix + 1, rest);
    }
    return OK;
}

/* ---- rows ---- */

/* The parts of a set or vector are values of their own. */
static enum err put_parts(struct reader *r, uint32_t name, struct str s)
{
    for (struct str part; str_cut(&s, r->within, &part);)
        TRY(maker_put(&r->lines.maker, name, part));
    return OK;
}

/* "1614729601.123456" */
static int64_t time_of(struct str s)
{
    uint64_t seconds, part = 0;
    ptrdiff_t dot = str_chr(s, '.');
    struct str behind = dot < 0 ? STR("") : str_sub(s, (size_t)dot + 1, s.n);
    if (!str_u64(str_sub(s, 0, s.n - behind.n - (dot >= 0)), &seconds) ||
        seconds > INT64_C(4102444800) || behind.n > 6 || (behind.n && !str_u64(behind, &part)))
        return TIME_NONE;
    for (size_t i = behind.n; i < 6; i++)
        part *= 10;
    return (int64_t)(seconds * 1000000 + part);
}

static enum err parse(void *reader, struct str line, int64_t *ret_time)
{
    struct reader *r = reader;
    struct maker *m = &r->lines.maker;
    struct str value;
    size_t i = 0;
    if (line.p[0] == '#')
        return take_header(r, line);
    if (r->n == 0)
        return ERR_FORMAT;
    TRY(maker_put_named(m, "Channel", str_of(r->channel)));
    for (; str_cut(&line, r->between, &value); i++) {
        if (i == r->n)
            return ERR_FORMAT;
        if ((int16_t)i == r->time)
            *ret_time = time_of(value);
        if (str_eq(value, str_of(r->unset)))
            continue;
        value = str_eq(value, str_of(r->empty)) ? STR("") : value;
        TRY(r->parts[i] ? put_parts(r, r->name[i], value) : maker_put(m, r->name[i], value));
    }
    return i == r->n ? OK : ERR_FORMAT;
}

/* ---- the format ---- */

static enum err zeek_new(void **ret_reader)
{
    struct reader *r = calloc(1, sizeof *r);
    *ret_reader = r;
    if (!r)
        return ERR_NOMEM;
    lines_init(&r->lines, "zeek/other");
    return OK;
}

static enum err zeek_read(void *reader, const struct evlog_source *source,
                          const struct rows_sink *sink, struct error *error)
{
    struct reader *r = reader;
    r->n = 0;
    return lines_read(&r->lines, parse, source, sink, error);
}

static void zeek_free(void *reader)
{
    struct reader *r = reader;
    lines_done(&r->lines);
    free(r);
}

const struct evlog_format evlog_zeek = {.name = "Zeek",
                                        .knows = zeek_knows,
                                        .new = zeek_new,
                                        .read = zeek_read,
                                        .free = zeek_free,
                                        .full = lines_full};
