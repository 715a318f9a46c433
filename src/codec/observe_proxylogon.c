#include "base/buf.h"
#include "base/time.h"
#include "codec/observe_rows.h"

/* What Microsoft's Test-ProxyLogon writes of a server, in files whose names tell which server and
 * what was looked for: `EX01-Cve-2021-26855.csv`. A file is there if something was found, but for
 * `EX01-LogAgeDays.csv`, how far back the logs went. They tell signs of attacks and how much was
 * looked at; of builds they tell nothing, and that a file is missing clears nobody. */

enum content {
    ROWS,  /* of a table: as many signs */
    LINES, /* of text: the same */
    AGES,  /* one row, a column for each kind of log */
};

static const struct output {
    const char *suffix, *what;
    const char *needs[2]; /* columns that its table has */
    const char *time;     /* the column of times; NULL: it has none */
    const char *cves;
    enum content content;
} outputs[] = {
#define AFFAIR "CVE-2021-26855 CVE-2021-26857 CVE-2021-26858 CVE-2021-27065"
    {"-Cve-2021-26855.csv",
     "rows of HttpProxy",
     {"AnchorMailbox", "UrlStem"},
     "DateTime",
     "CVE-2021-26855",
     ROWS},
    {"-Cve-2021-26857.csv",
     "events of Unified Messaging",
     {"TimeCreated", "Message"},
     "TimeCreated",
     "CVE-2021-26857",
     ROWS},
    {"-Cve-2021-26858.log", "logs of OABGenerator", {NULL}, NULL, "CVE-2021-26858", LINES},
    {"-Cve-2021-26858-DownloadPaths.log",
     "files that were downloaded",
     {NULL},
     NULL,
     "CVE-2021-26858",
     LINES},
    {"-Cve-2021-27065.log", "logs of ECP", {NULL}, NULL, "CVE-2021-27065", LINES},
    {"-Cve-2021-27065-ResetVDir.csv",
     "rows of HttpProxy",
     {"AnchorMailbox", "UrlStem"},
     "DateTime",
     "CVE-2021-27065",
     ROWS},
    {"-other.csv", "files to look at", {"Type", "Path"}, "LastWrite", AFFAIR, ROWS},
    {"-LogAgeDays.csv", NULL, {"OabGen", "Ecp"}, NULL, AFFAIR, AGES},
};

struct report {
    struct observe_reader *r;
    const struct output *output;
    struct str host;
    struct buf what;
};

static const struct output *output_of(struct str name, struct str *ret_host)
{
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++) {
        struct str suffix = str_of(outputs[i].suffix);
        *ret_host = str_sub(name, 0, name.n - (name.n < suffix.n ? name.n : suffix.n));
        if (str_iends(name, suffix))
            return &outputs[i];
    }
    return NULL;
}

static bool has_columns(const struct output *output, const struct csv_row *header)
{
    for (size_t i = 0; i < ARRAY_LEN(output->needs) && output->needs[i]; i++)
        if (csv_column(header, str_of(output->needs[i])) < 0)
            return false;
    return true;
}

/* --- to the sink --- */

static enum err give(struct report *t, enum observation_kind kind, int64_t time_us)
{
    struct str cves = str_of(t->output->cves), cve;
    struct observation o = observation_blank(kind);
    if (t->what.rc)
        return t->what.rc;
    o.host = t->host;
    o.what = buf_view(&t->what);
    o.time_us = time_us;
    while (str_cut(&cves, ' ', &cve)) {
        o.cve = cve;
        TRY(observe_give(t->r, &o));
    }
    return OK;
}

static enum err give_signs(struct report *t, uint64_t n, int64_t first_us)
{
    if (!n)
        return observe_gap(t->r, 0, 0, OBSERVE_DAMAGED, STR("nothing stands in it"));
    buf_printf(&t->what, "%s (%llu)", t->output->what, (unsigned long long)n);
    return give(t, OBSERVED_SIGN, first_us);
}

/* --- signs --- */

static enum err read_header(struct report *t, struct observe_rows *rows, struct csv_row *ret_row)
{
    uint64_t line;
    observe_rows_open(rows, t->r);
    enum err rc = observe_rows_next(rows, ret_row, &line);
    if (!rc && !has_columns(t->output, ret_row))
        return fail(t->r->error, ERR_FORMAT, "a column is missing: it has '%s' and '%s'",
                    t->output->needs[0], t->output->needs[1]);
    return rc;
}

/* A time in the culture of the server may be one of two days: it is not taken. */
static enum err read_rows(struct report *t)
{
    struct observe_rows rows;
    struct csv_row row;
    uint64_t n = 0, line;
    int64_t first_us = TIME_NONE, time_us;
    enum err rc = read_header(t, &rows, &row);
    int column = rc ? -1 : csv_column(&row, str_of(t->output->time));
    while (!rc && !(rc = observe_rows_next(&rows, &row, &line))) {
        n++;
        if (time_parse(csv_cell(&row, column), &time_us) &&
            (first_us == TIME_NONE || time_us < first_us))
            first_us = time_us;
    }
    if (n || rc == END)
        TRY(give_signs(t, n, first_us));
    return rc;
}

static enum err read_lines(struct report *t)
{
    uint64_t n = 0;
    bool within = false;
    enum err rc = OK;
    for (; !rc; rc = observe_fill(t->r)) {
        struct str view = observe_view(t->r);
        for (size_t i = 0; i < view.n; i++) {
            n += !within && !ascii_space((unsigned char)view.p[i]);
            within = view.p[i] != '\n' && (within || !ascii_space((unsigned char)view.p[i]));
        }
        observe_take(t->r, view.n);
    }
    TRY(give_signs(t, n, TIME_NONE));
    return rc;
}

/* --- ages --- */

/* Days with one decimal, whatever a culture puts before it: tenths. */
static bool tenths_of(struct str text, uint64_t *ret)
{
    uint64_t digits = 0;
    bool decimal = text.n > 2 && (text.p[text.n - 2] == '.' || text.p[text.n - 2] == ',');
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (ascii_digit(c))
            digits = digits * 10 + (c - '0');
        if (digits > 1000 * 1000)
            return false;
    }
    *ret = digits;
    return decimal && ascii_digit((unsigned char)text.p[text.n - 1]);
}

struct ages {
    uint64_t least, most;
    struct str of_least, of_most;
    bool any;
};

static void add_age(struct ages *a, struct str name, uint64_t tenths)
{
    if (!a->any || tenths < a->least) {
        a->least = tenths;
        a->of_least = name;
    }
    if (!a->any || tenths > a->most) {
        a->most = tenths;
        a->of_most = name;
    }
    a->any = true;
}

static void add_days(struct buf *out, const char *before, uint64_t tenths, struct str name)
{
    buf_printf(out, "%s %llu.%llu days (%.*s)", before, (unsigned long long)tenths / 10,
               (unsigned long long)tenths % 10, STR_FMT(name));
}

static void say_ages(struct buf *out, const struct ages *a, struct str none)
{
    if (a->any)
        add_days(out, "logs of", a->least, a->of_least);
    if (a->any && a->most != a->least)
        add_days(out, " to", a->most, a->of_most);
    if (none.n)
        buf_printf(out, "%s of %.*s", a->any ? ", none" : "no logs", STR_FMT(none));
}

static enum err take_ages(struct report *t, const struct csv_row *header,
                          const struct csv_row *values, uint64_t line)
{
    struct ages ages = {0};
    struct buf none;
    enum err rc = OK;
    buf_init(&none, 4096);
    for (size_t i = 0; i < header->n && !rc; i++) {
        struct str value = csv_cell(values, (int)i), name = str_trim(header->cell[i]);
        uint64_t tenths;
        if (!value.n)
            buf_printf(&none, "%s%.*s", none.n ? " " : "", STR_FMT(name));
        else if (tenths_of(value, &tenths))
            add_age(&ages, name, tenths);
        else
            rc = observe_gap(t->r, line, 0, OBSERVE_DAMAGED, value);
    }
    say_ages(&t->what, &ages, buf_view(&none));
    buf_done(&none);
    return rc ? rc : give(t, OBSERVED_LOOKED, TIME_NONE);
}

/* The names must outlive their row. */
static enum err keep_names(struct csv_row *row, struct arena *arena)
{
    for (size_t i = 0; i < row->n; i++) {
        row->cell[i] = arena_str(arena, row->cell[i]);
        if (!row->cell[i].p)
            return ERR_NOMEM;
    }
    return OK;
}

static enum err read_ages(struct report *t)
{
    struct observe_rows rows;
    struct csv_row names, values;
    struct arena kept;
    uint64_t line;
    arena_init(&kept, OBSERVE_ARENA_BYTES);
    enum err rc = read_header(t, &rows, &names);
    if (!rc)
        rc = keep_names(&names, &kept);
    if (!rc)
        rc = observe_rows_next(&rows, &values, &line);
    if (rc == END)
        rc = give_signs(t, 0, TIME_NONE);
    else if (!rc)
        rc = take_ages(t, &names, &values, line);
    arena_done(&kept);
    return rc;
}

/* --- the file --- */

static enum err read(struct observe_reader *r)
{
    static enum err (*const contents[])(struct report * t) = {
        [ROWS] = read_rows, [LINES] = read_lines, [AGES] = read_ages};
    struct report t = {.r = r};
    t.output = output_of(observe_file_name(r->options->name), &t.host);
    if (!t.output)
        return fail(r->error, ERR_FORMAT,
                    "its name is none of Test-ProxyLogon's: SERVER-Cve-2021-26855.csv and so on");
    buf_init(&t.what, 8192);
    enum err rc = contents[t.output->content](&t);
    buf_done(&t.what);
    return rc;
}

static bool is(struct str head, struct str name)
{
    struct str host;
    struct csv_row row;
    struct arena arena;
    const struct output *output = output_of(name, &host);
    if (!output || !host.n)
        return false;
    if (output->content == LINES)
        return true;
    arena_init(&arena, OBSERVE_HEAD_BYTES * 2);
    bool ok = observe_rows_header(head, &arena, &row) && has_columns(output, &row);
    arena_done(&arena);
    return ok;
}

const struct observe_format observe_proxylogon = {
    .name = "test-proxylogon",
    .help = "files of Microsoft's Test-ProxyLogon: signs, and how far back the logs went",
    .is = is,
    .read = read,
    .hostless = true};
