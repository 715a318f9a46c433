#include "codec/evlog_lines.h"

#include "codec/line.h"

/* The log of Linux' auditd: a record a line, key=value, what may hold blanks or quotes as
 * hexadecimal digits. Records of one event share a serial: an EXECVE takes its program from the
 * SYSCALL before it, so that rules for processes run on it, too. */

enum { MAX_ARGS = 128, EXE_BYTES = 4096, COMMAND_BYTES = 128 * 1024, MAX_WITHIN = 3 };
enum { NO_SYSCALL = -1 };

struct reader {
    struct lines lines;
    uint64_t serial; /* of the last SYSCALL */
    int64_t time_us;
    size_t exe_n; /* what it ran; 0: none */
    char exe[EXE_BYTES];
    struct buf command; /* the arguments of an EXECVE */
};

/* Numbers of calls that rules name: x86_64, aarch64, i386. */
static const struct {
    const char *name;
    int16_t number[3];
} calls[] = {
    {"execve", {59, 221, 11}},
    {"execveat", {322, 281, 358}},
    {"socket", {41, 198, 359}},
    {"connect", {42, 203, 362}},
    {"bind", {49, 200, 361}},
    {"listen", {50, 201, 363}},
    {"accept", {43, 202, NO_SYSCALL}},
    {"accept4", {288, 242, 364}},
    {"memfd_create", {319, 279, 356}},
    {"personality", {135, 92, 136}},
    {"sysinfo", {99, 179, 116}},
    {"ptrace", {101, 117, 26}},
    {"init_module", {175, 105, 128}},
    {"finit_module", {313, 273, 350}},
    {"delete_module", {176, 106, 129}},
    {"mount", {165, 40, 21}},
    {"umount2", {166, 39, 52}},
    {"unlink", {87, NO_SYSCALL, 10}},
    {"unlinkat", {263, 35, 301}},
    {"chmod", {90, NO_SYSCALL, 15}},
    {"fchmodat", {268, 53, 306}},
    {"chown", {92, NO_SYSCALL, 182}},
    {"fchownat", {260, 54, 298}},
    {"kill", {62, 129, 37}},
    {"setuid", {105, 146, 23}},
    {"setreuid", {113, 145, 70}},
    {"sethostname", {170, 161, 74}},
    {"setdomainname", {171, 162, 121}},
    {"openat", {257, 56, 295}},
    {"bpf", {321, 280, 357}},
    {"settimeofday", {164, 170, 79}},
    {"clock_settime", {227, 112, 264}},
    {"process_vm_readv", {310, 270, 347}},
    {"process_vm_writev", {311, 271, 348}},
};
static const char *const machines[] = {"c000003e", "c00000b7", "40000003"};

/* Values of these are quoted, or hexadecimal. */
static const char *const encoded[] = {"exe",  "comm", "name", "cwd", "cmd",      "proctitle",
                                      "acct", "data", "path", "key", "root_dir", "ocomm"};

static bool is_one_of(struct str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(s, str_of(list[i])))
            return true;
    return false;
}

/* "a0", "a17", "a1[2]" of an EXECVE: the argument's name, without its part, and its number. */
static bool argument(struct str key, struct str *ret_name, uint64_t *ret_number, bool *ret_more)
{
    size_t n = 1;
    if (key.n < 2 || key.p[0] != 'a')
        return false;
    while (n < key.n && ascii_digit((unsigned char)key.p[n]))
        n++;
    *ret_name = str_sub(key, 0, n);
    *ret_more = n < key.n && !str_eq(str_sub(key, n, key.n), STR("[0]"));
    return n > 1 && (n == key.n || key.p[n] == '[') && str_u64(str_sub(key, 1, n), ret_number);
}

/* Hexadecimal digits as text, NUL bytes between arguments as blanks; anything else as it is. */
static struct str decode(struct maker *m, struct str value)
{
    char *p;
    if (value.n == 0 || value.n % 2)
        return value;
    for (size_t i = 0; i < value.n; i++)
        if (ascii_hex((unsigned char)value.p[i]) < 0)
            return value;
    if (!(p = arena_alloc(&m->scratch, value.n / 2)))
        return STR_NONE;
    for (size_t i = 0; i < value.n / 2; i++) {
        int byte = ascii_hex((unsigned char)value.p[2 * i]) * 16 +
                   ascii_hex((unsigned char)value.p[2 * i + 1]);
        p[i] = byte ? (char)byte : ' ';
    }
    return str_make(p, value.n / 2);
}

/* ---- one record ---- */

/* "node=web01 type=SYSCALL msg=audit(1614729601.123:456): " off the front. */
struct head {
    struct str node, type;
    uint64_t serial;
    int64_t time_us;
};

static bool take_number(struct str *rest, char end, size_t max, uint64_t *ret)
{
    ptrdiff_t at = str_chr(str_sub(*rest, 0, max + 1), end);
    if (at < 1 || !str_u64(str_sub(*rest, 0, (size_t)at), ret))
        return false;
    *rest = str_sub(*rest, (size_t)at + 1, rest->n);
    return true;
}

static bool take_head(struct str *rest, struct head *h)
{
    struct str s = *rest, word;
    uint64_t seconds, ms;
    *h = (struct head){0};
    if (!line_word(&s, &word))
        return false;
    if (str_starts(word, STR("node="))) {
        h->node = str_sub(word, 5, word.n);
        if (!line_word(&s, &word))
            return false;
    }
    h->type = str_sub(word, 5, word.n);
    if (!str_starts(word, STR("type=")) || h->type.n == 0 || h->type.n > 40)
        return false;
    s = str_trim(s);
    if (!str_starts(s, STR("msg=audit(")))
        return false;
    s = str_sub(s, 10, s.n);
    if (!take_number(&s, '.', 11, &seconds) || !take_number(&s, ':', 3, &ms) ||
        !take_number(&s, ')', 20, &h->serial) || s.n == 0 || s.p[0] != ':')
        return false;
    h->time_us = (int64_t)(seconds * 1000 + ms) * 1000;
    *rest = str_sub(s, 1, s.n);
    return true;
}

static bool knows_line(struct str line)
{
    struct head h;
    return take_head(&line, &h);
}

static bool audit_knows(struct str head, struct str path)
{
    (void)path;
    size_t all, known = lines_known(head, knows_line, &all);
    return known && known * 2 >= all;
}

/* An argument is a field, and part of the command; those of long commands are the latter alone. */
static enum err put_argument(struct reader *r, struct str key, struct str value)
{
    struct maker *m = &r->lines.maker;
    struct str name;
    uint64_t number;
    uint32_t id;
    bool more;
    if (!argument(key, &name, &number, &more))
        return ERR_FORMAT;
    if (!more && r->command.n)
        buf_putc(&r->command, ' ');
    buf_str(&r->command, value);
    if (number >= MAX_ARGS)
        return OK;
    TRY(maker_name(m, name, &id));
    return more ? maker_join(m, id, value) : maker_put(m, id, value);
}

/* Fields, and those of a msg='...' in them. */
static enum err put_fields(struct reader *r, struct str s, bool execve, int within)
{
    struct maker *m = &r->lines.maker;
    struct str key, value;
    bool quoted;
    uint32_t id;
    while (lines_pair(&s, &key, &value, &quoted)) {
        if (str_eq(key, STR("msg")) && quoted && within < MAX_WITHIN) {
            TRY(put_fields(r, value, false, within + 1));
            continue;
        }
        bool arg = execve && key.n > 1 && key.p[0] == 'a' && ascii_digit((unsigned char)key.p[1]);
        if (!quoted && (arg || is_one_of(key, encoded, ARRAY_LEN(encoded))))
            value = decode(m, value);
        if (!value.p)
            return ERR_LIMIT;
        enum err rc = arg ? put_argument(r, key, value) : ERR_FORMAT;
        if (rc != ERR_FORMAT) {
            TRY(rc);
            continue;
        }
        if (key.n == 0 || key.n > LIMIT_FIELD_NAME_BYTES) {
            m->too_many = true;
            continue;
        }
        TRY(maker_name(m, key, &id));
        TRY(maker_put(m, id, value));
    }
    return OK;
}

/* The call by its name, and what it ran for the EXECVE that follows. */
static enum err end_syscall(struct reader *r, const struct head *h)
{
    struct maker *m = &r->lines.maker;
    struct str exe = maker_value(m, STR("exe")), machine = maker_value(m, STR("arch"));
    struct str number = STR_NONE;
    int64_t n;
    for (size_t i = 0; i < m->n; i++) /* enriched, there is a SYSCALL beside it */
        if (str_eq(m->name.v[m->pair[i].name - 1].text, STR("syscall")))
            number = m->pair[i].value;
        else if (str_eq(m->name.v[m->pair[i].name - 1].text, STR("SYSCALL")))
            machine = STR_NONE;
    r->serial = h->serial;
    r->time_us = h->time_us;
    r->exe_n = exe.n < EXE_BYTES ? exe.n : 0;
    if (r->exe_n)
        memcpy(r->exe, exe.p, exe.n);
    if (!machine.p || !number.p || !str_i64(number, &n))
        return OK;
    for (size_t k = 0; k < ARRAY_LEN(machines); k++)
        for (size_t i = 0; str_eq(machine, str_of(machines[k])) && i < ARRAY_LEN(calls); i++)
            if (calls[i].number[k] == n && n >= 0)
                return maker_put_named(m, "SYSCALL", str_of(calls[i].name));
    return OK;
}

static enum err end_execve(struct reader *r, const struct head *h)
{
    struct maker *m = &r->lines.maker;
    m->too_many = m->too_many || r->command.rc;
    if (r->exe_n && r->serial == h->serial && r->time_us == h->time_us)
        TRY(maker_put_named(m, "Image", str_make(r->exe, r->exe_n)));
    return r->command.n ? maker_put_named(m, "CommandLine", buf_view(&r->command)) : OK;
}

static enum err parse(void *reader, struct str line, int64_t *ret_time)
{
    static const char prefix[] = "auditd/";
    struct reader *r = reader;
    struct maker *m = &r->lines.maker;
    struct head h;
    struct str part;
    if (!take_head(&line, &h))
        return ERR_FORMAT;
    bool execve = str_eq(h.type, STR("EXECVE"));
    size_t n = sizeof prefix - 1;
    char *channel = arena_alloc(&m->scratch, n + h.type.n);
    if (!channel)
        return ERR_NOMEM;
    memcpy(channel, prefix, n);
    memcpy(channel + n, h.type.p, h.type.n);
    *ret_time = h.time_us;
    buf_reset(&r->command);
    TRY(maker_put_named(m, "Channel", str_make(channel, n + h.type.n)));
    TRY(maker_put_named(m, "type", h.type));
    TRY(maker_name(m, STR("type"), &m->kind));
    TRY(maker_put_named(m, "Computer", h.node));
    while (str_cut(&line, '\x1d', &part)) /* behind it names for numbers */
        TRY(put_fields(r, part, execve, 0));
    if (execve)
        return end_execve(r, &h);
    return str_eq(h.type, STR("SYSCALL")) ? end_syscall(r, &h) : OK;
}

/* ---- the format ---- */

static enum err audit_new(void **ret_reader)
{
    struct reader *r = calloc(1, sizeof *r);
    *ret_reader = r;
    if (!r)
        return ERR_NOMEM;
    lines_init(&r->lines, "auditd");
    buf_init(&r->command, COMMAND_BYTES);
    return OK;
}

static enum err audit_read(void *reader, const struct evlog_source *source,
                           const struct rows_sink *sink, struct error *error)
{
    struct reader *r = reader;
    r->exe_n = 0;
    return lines_read(&r->lines, parse, source, sink, error);
}

static void audit_free(void *reader)
{
    struct reader *r = reader;
    lines_done(&r->lines);
    buf_done(&r->command);
    free(r);
}

const struct evlog_format evlog_audit = {.name = "auditd",
                                         .knows = audit_knows,
                                         .new = audit_new,
                                         .read = audit_read,
                                         .free = audit_free,
                                         .full = lines_full};
