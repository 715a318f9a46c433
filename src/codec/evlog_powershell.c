#include "codec/command.h"
#include "codec/evlog_lines.h"
#include "codec/line.h"

/* What people typed into PowerShell: the history that PSReadLine keeps (ConsoleHost_history.txt, a
 * command a line, no times), and transcripts (Start-Transcript, or by policy). A command is an
 * event with the fields of a script block and of a started process, so that rules for both run on
 * it; what a command printed is passed over. Source: about_PSReadLine, Start-Transcript, Microsoft;
 * transcripts of PowerShell 5.1 and 7. */

#define HISTORY "tocsin/powershell-history"
#define TRANSCRIPT "tocsin/powershell-transcript"

enum { TEXT_BYTES = 1024 };

struct reader {
    struct lines lines;
    struct arena arena; /* of the line at hand */
    bool history;
    char user[TEXT_BYTES];
    /* of transcripts: */
    char machine[TEXT_BYTES], application[TEXT_BYTES];
    int64_t started_us, at_us; /* the last time told */
    bool header, ended;        /* within what stands before the first command; behind the last */
};

static bool is_stars(struct str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == '*')
        n++;
    return n >= 20 && str_trim(str_sub(line, n, line.n)).n == 0;
}

/* ---- recognising ---- */

static bool history_knows(struct str head, struct str path)
{
    struct str name = line_base_name(path);
    return (str_istarts(name, STR("ConsoleHost_history.txt")) ||
            (str_iends(name, STR("_history.txt")) && str_ifind(path, STR("PSReadLine")) >= 0)) &&
           str_chr(head, 0) < 0;
}

static bool transcript_knows(struct str head, struct str path)
{
    struct str line;
    (void)path;
    head = str_trim(head);
    return line_next(&head, &line, NULL) && is_stars(line) && line_next(&head, &line, NULL) &&
           str_find(line, STR("PowerShell transcript start")) >= 0;
}

/* ---- commands ---- */

static enum err put(struct reader *r, const char *name, struct str value)
{
    return value.n ? maker_put_named(&r->lines.maker, name, value) : OK;
}

static enum err put_command(struct reader *r, struct str command)
{
    struct str word = command_word(command);
    TRY(put(r, "Channel", r->history ? STR(HISTORY) : STR(TRANSCRIPT)));
    TRY(put(r, "ScriptBlockText", command));
    TRY(put(r, "CommandLine", command));
    if (command_is_program(word))
        TRY(put(r, "Image", command_image(&r->arena, word)));
    TRY(put(r, "ParentImage", command_image(&r->arena, STR("powershell"))));
    return put(r, "User", str_of(r->user));
}

static enum err history_line(void *reader, struct str line, int64_t *ret_time)
{
    struct reader *r = reader;
    (void)ret_time;
    arena_reset(&r->arena);
    return put_command(r, str_trim(line));
}

/* "C:\Users\NAME\AppData\Roaming\...": whose history it is. */
static void note_user(struct reader *r, struct str path)
{
    struct str before = STR_NONE;
    for (size_t at = path.n, end = path.n; end; end = at ? at - 1 : 0) {
        for (at = end; at && path.p[at - 1] != '/' && path.p[at - 1] != '\\';)
            at--;
        struct str part = str_sub(path, at, end);
        if (str_ieq(part, STR("Users")) || str_ieq(part, STR("home")))
            line_set(r->user, sizeof r->user, before);
        before = part;
    }
}

/* ---- transcripts ---- */

/* "20210303101112", by the clock of the machine: taken as UTC, as other times without a zone. */
static int64_t time_of(struct str s)
{
    struct civil c = {0};
    int *part[] = {&c.year, &c.month, &c.day, &c.hour, &c.minute, &c.second};
    s = str_trim(s);
    if (s.n != 14 || !line_digits(s))
        return TIME_NONE;
    for (size_t i = 0, at = 0; i < ARRAY_LEN(part); at += i ? 2 : 4, i++)
        for (size_t k = at; k < at + (i ? 2 : 4); k++)
            *part[i] = *part[i] * 10 + (s.p[k] - '0');
    return time_of_civil(&c);
}

static bool labelled(struct str line, const char *label, struct str *ret_value)
{
    struct str l = str_of(label);
    bool is = str_istarts(line, l) && line.n > l.n && line.p[l.n] == ':';
    if (is)
        *ret_value = str_trim(str_sub(line, l.n + 1, line.n));
    return is;
}

static void note_header(struct reader *r, struct str line)
{
    struct str value, word;
    if (labelled(line, "Start time", &value))
        r->at_us = r->started_us = time_of(value);
    else if (labelled(line, "Username", &value))
        line_set(r->user, sizeof r->user, value);
    else if (labelled(line, "Machine", &value) && line_word(&value, &word))
        line_set(r->machine, sizeof r->machine, word);
    else if (labelled(line, "Host Application", &value))
        line_set(r->application, sizeof r->application, value);
}

/* The program that the transcript is of: its arguments may be the whole attack. */
static enum err tell_start(struct reader *r, int64_t *ret_time)
{
    struct str application = str_of(r->application);
    r->header = false;
    *ret_time = r->started_us;
    TRY(put(r, "Channel", STR(TRANSCRIPT)));
    TRY(put(r, "CommandLine", application));
    TRY(put(r, "HostApplication", application));
    TRY(put(r, "Image", command_image(&r->arena, command_word(application))));
    TRY(put(r, "User", str_of(r->user)));
    return put(r, "Computer", str_of(r->machine));
}

/* Behind "PS C:\> ", "PS>", "[ex01]: PS C:\> " and ">> "; absent if it is none. */
static struct str behind_prompt(struct str line)
{
    if (str_starts(line, STR(">> ")))
        return str_trim(str_sub(line, 3, line.n));
    if (str_starts(line, STR("["))) {
        ptrdiff_t at = str_find(line, STR("]: PS "));
        line = at < 0 ? STR_NONE : str_sub(line, (size_t)at + 3, line.n);
    }
    if (str_starts(line, STR("PS>")))
        return str_trim(str_sub(line, 3, line.n));
    ptrdiff_t at = str_starts(line, STR("PS ")) ? str_find(line, STR(">")) : -1;
    return at < 0 ? STR_NONE : str_trim(str_sub(line, (size_t)at + 1, line.n));
}

static enum err transcript_line(void *reader, struct str line, int64_t *ret_time)
{
    struct reader *r = reader;
    struct str value;
    arena_reset(&r->arena);
    if (str_find(line, STR("PowerShell transcript start")) >= 0) {
        r->header = true;
        r->ended = false;
        r->user[0] = r->machine[0] = r->application[0] = 0;
        r->at_us = r->started_us = TIME_NONE;
        return OK;
    }
    if (str_find(line, STR("PowerShell transcript end")) >= 0)
        r->ended = true;
    if (r->header && is_stars(line))
        return tell_start(r, ret_time);
    if (r->header)
        note_header(r, line);
    else if (labelled(line, "Command start time", &value))
        r->at_us = time_of(value);
    if (r->header || r->ended)
        return OK;
    struct str command = behind_prompt(line);
    if (!command.n)
        return OK;
    *ret_time = r->at_us;
    TRY(put_command(r, command));
    return put(r, "Computer", str_of(r->machine));
}

/* ---- the formats ---- */

static enum err powershell_new(void **ret_reader)
{
    struct reader *r = calloc(1, sizeof *r);
    *ret_reader = r;
    if (!r)
        return ERR_NOMEM;
    lines_init(&r->lines, TRANSCRIPT);
    arena_init(&r->arena, (size_t)64 * 1024);
    return OK;
}

static enum err history_read(void *reader, const struct evlog_source *source,
                             const struct rows_sink *sink, struct error *error)
{
    struct reader *r = reader;
    r->history = true;
    r->user[0] = 0;
    note_user(r, source->path);
    return lines_read(&r->lines, history_line, source, sink, error);
}

static enum err transcript_read(void *reader, const struct evlog_source *source,
                                const struct rows_sink *sink, struct error *error)
{
    struct reader *r = reader;
    r->header = r->ended = false;
    r->user[0] = r->machine[0] = r->application[0] = 0;
    r->at_us = r->started_us = TIME_NONE;
    return lines_read(&r->lines, transcript_line, source, sink, error);
}

static void powershell_free(void *reader)
{
    struct reader *r = reader;
    lines_done(&r->lines);
    arena_done(&r->arena);
    free(r);
}

const struct evlog_format evlog_history = {.name = "history of PowerShell",
                                           .knows = history_knows,
                                           .new = powershell_new,
                                           .read = history_read,
                                           .free = powershell_free,
                                           .full = lines_full};

const struct evlog_format evlog_transcript = {.name = "transcript of PowerShell",
                                              .knows = transcript_knows,
                                              .new = powershell_new,
                                              .read = transcript_read,
                                              .free = powershell_free,
                                              .full = lines_full};
