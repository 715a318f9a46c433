#include "codec/evlog_whole.h"
#include "codec/line.h"

/* Reports of Windows Error Reporting, Report.wer: lines Key=Value, in UTF-16. A report is an event
 * at the time that it tells. Of numbered keys (Sig[0].Value, UI[2], LoadedModule[7]) all values of
 * a name are one field with several values. */

#define CHANNEL "tocsin/wer"

/* Numbered keys that are told: what is before the bracket, what behind it, the field. */
static const struct {
    const char *before, *behind, *field;
} numbered[] = {
    {"Sig", ".Name", "SigName"},
    {"Sig", ".Value", "SigValue"},
    {"DynamicSig", ".Name", "DynamicSigName"},
    {"DynamicSig", ".Value", "DynamicSigValue"},
    {"UI", "", "UI"},
    {"LoadedModule", "", "LoadedModule"},
};

static bool wer_knows(struct str head, struct str path)
{
    (void)path;
    return str_starts(head, STR("Version=")) && str_has(head, STR("\nEventType=")) &&
           str_has(head, STR("\nEventTime="));
}

/* Of a FILETIME in decimal digits: 100 ns since 1601. */
static int64_t time_of(struct str value)
{
    const int64_t from_1601_us = INT64_C(11644473600) * US_PER_S;
    uint64_t ticks;
    if (!str_u64(value, &ticks) || ticks / 10 > (uint64_t)INT64_C(253402300799) * US_PER_S)
        return TIME_NONE;
    return (int64_t)(ticks / 10) - from_1601_us;
}

static enum err put_numbered(struct whole *w, struct str key, struct str value)
{
    ptrdiff_t open = str_chr(key, '['), close = str_chr(key, ']');
    if (open < 0 || close < open)
        return OK;
    for (size_t i = 0; i < ARRAY_LEN(numbered); i++)
        if (str_eq(str_sub(key, 0, (size_t)open), str_of(numbered[i].before)) &&
            str_eq(str_sub(key, (size_t)close + 1, key.n), str_of(numbered[i].behind)))
            return whole_put(w, numbered[i].field, value);
    return OK;
}

/* A key that has the name of a field which says what an event is cannot pass for it. */
static enum err put_plain(struct whole *w, struct str key, struct str value)
{
    static const char *const own[] = {"Channel", "EventID", "Provider_Name", "Computer", "Report"};
    char name[LIMIT_FIELD_NAME_BYTES];
    if (key.n == 0 || key.n >= sizeof name || !str_is_ascii(key))
        return OK;
    memcpy(name, key.p, key.n);
    name[key.n] = 0;
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (str_ieq(key, str_of(own[i])))
            return OK;
    return whole_put(w, name, value);
}

static enum err parse(void *reader, struct str text)
{
    struct whole *w = reader;
    int64_t time_us = TIME_NONE;
    struct str line;
    TRY(whole_begin(w, CHANNEL));
    TRY(whole_put(w, "Report",
                  line_path_part(w->path, 1))); /* the folder has the name of the program */
    while (text.p && str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        ptrdiff_t at = str_chr(line, '=');
        if (at <= 0)
            continue;
        struct str key = str_sub(line, 0, (size_t)at),
                   value = str_sub(line, (size_t)at + 1, line.n);
        if (str_eq(key, STR("EventTime")))
            time_us = time_of(value);
        TRY(str_chr(key, '[') >= 0 ? put_numbered(w, key, value) : put_plain(w, key, value));
    }
    return whole_end(w, 0, 1, time_us);
}

static enum err wer_new(void **ret_reader)
{
    return whole_new(sizeof(struct whole), ret_reader);
}

static enum err wer_read(void *reader, const struct evlog_source *source,
                         const struct rows_sink *sink, struct error *error)
{
    return whole_read(reader, parse, source, sink, error);
}

const struct evlog_format evlog_wer = {.name = "Windows error report",
                                       .knows = wer_knows,
                                       .new = wer_new,
                                       .read = wer_read,
                                       .free = whole_free,
                                       .full = whole_full};
