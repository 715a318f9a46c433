/* The attack on one host as one story: the steps of an episode in order of time, each with what it
 * means, and who was touched by it. */
#include "base/ip.h"
#include "output/roles.h"
#include "output/text_group.h"

#include <stdlib.h>

enum {
    STEPS = 12,      /* the gravest ones; what is beyond is counted by rule */
    STEPS_LEAST = 3, /* fewer are shown in full */
    STEPS_SEEN = 64, /* different rules looked at */
    STEP_PATHS = 2,
    NAMES_SHOWN = 5, /* addresses, accounts, mailboxes in one line */
    NAMES_SEEN = 64, /* different ones kept, to say how many more there are */
    NAME_BYTES = 100,
    PATH_BYTES = 120,
    SHORT_BYTES = 144, /* two lines */
};

/* One rule of the episode: its first row, and how often and until when it was met. */
struct step {
    struct row *row;
    struct str path[STEP_PATHS]; /* different ones asked for: names of web shells, above all */
    uint64_t rows;
    int64_t last_us;
    bool more_paths;
};

static bool in_episode(const struct row *r, const struct episode *e)
{
    return r->role == ROW_MAIN && r->episode == e && r->f->grade >= GRADE_ATTEMPT;
}

static void add_path(struct step *s, struct str path)
{
    for (size_t i = 0; path.n && i < STEP_PATHS; i++) {
        if (!s->path[i].n)
            s->path[i] = path;
        if (str_ieq(s->path[i], path))
            return;
    }
    s->more_paths |= path.n > 0;
}

/* Which files they are: web shells, above all. */
static void add_paths(struct text *t, const struct step *s)
{
    bool tell = s->row->f->grade == GRADE_COMPROMISE || str_eq(s->row->f->kind, STR("file"));
    for (size_t i = 0; tell && i < STEP_PATHS && s->path[i].n; i++) {
        buf_puts(&t->tmp, i ? " " : ": ");
        buf_str(&t->tmp, text_head(s->path[i], PATH_BYTES));
    }
    buf_puts(&t->tmp, tell && s->more_paths ? " ..." : "");
}

/* v[0 .. n) has the gravest first, so these are the steps that are kept. */
static size_t collect(struct row *v, size_t n, const struct episode *e, struct step *step)
{
    size_t steps = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        if (!in_episode(&v[i], e))
            continue;
        while (k < steps && step[k].row->rule != v[i].rule)
            k++;
        if (k == STEPS_SEEN)
            continue;
        if (k == steps)
            step[steps++] = (struct step){.row = &v[i], .last_us = v[i].f->last_us};
        step[k].rows += v[i].f->count;
        add_path(&step[k], finding_place(v[i].f));
        if (v[i].f->last_us > step[k].last_us)
            step[k].last_us = v[i].f->last_us;
        if (v[i].f->time_us < step[k].row->f->time_us)
            step[k].row = &v[i];
    }
    return steps < STEPS ? steps : STEPS;
}

static void mark_shown(struct row *v, size_t n, const struct episode *e, const struct step *step,
                       size_t steps)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < steps && in_episode(&v[i], e); k++)
            if (step[k].row->rule == v[i].rule)
                for (struct row *r = &v[i]; r; r = r->next)
                    r->shown = true;
}

static int64_t second_of(const struct step *s)
{
    return s->row->f->time_us / US_PER_S;
}

/* By the second, as it is shown; of one second the gravest first: it says what it means. */
static int step_by_time(const void *pa, const void *pb)
{
    const struct step *a = pa, *b = pb;
    if (second_of(a) != second_of(b))
        return second_of(a) < second_of(b) ? -1 : 1;
    if (a->row->f->grade != b->row->f->grade)
        return a->row->f->grade > b->row->f->grade ? -1 : 1;
    if (a->row->f->time_us != b->row->f->time_us)
        return a->row->f->time_us > b->row->f->time_us
                   ? -1
                   : 1; /* logs that write less exactly come later */
    return (a->row->index > b->row->index) - (a->row->index < b->row->index);
}

/* Short ones whole; of others the first sentence. */
static struct str in_short(struct str s)
{
    if (s.n <= SHORT_BYTES)
        return s;
    for (size_t i = 0; i + 1 < s.n; i++)
        if (s.p[i] == '.' && ascii_space((unsigned char)s.p[i + 1]))
            return str_sub(s, 0, i + 1);
    return s;
}

/* The day only where it is another one. */
static void add_until(struct text *t, int64_t from_us, int64_t until_us)
{
    char from[32], until[32];
    struct str a = str_of(time_short(from_us, true, from));
    struct str b = str_of(time_short(until_us, true, until));
    bool same_day = a.n == b.n && b.n > 11 && str_eq(str_sub(a, 0, 10), str_sub(b, 0, 10));
    if (until_us <= from_us)
        return;
    buf_puts(&t->tmp, " until ");
    buf_str(&t->tmp, same_day ? str_sub(b, 11, b.n) : b);
}

/* One line; of a long path its end, which tells more. */
static void step_place(struct text *t, const struct finding *f)
{
    text_place(t, f);
    page_pad(&t->page, 4);
    page_style(&t->page, STYLE_DIM);
    (void)page_cut_front(&t->page, buf_view(&t->tmp), t->page.width - 4);
    page_style(&t->page, STYLE_PLAIN);
    page_newline(&t->page);
    t->rc = t->rc ? t->rc : t->tmp.rc;
    buf_reset(&t->tmp);
}

/* beside: of the same second as the step before, the same event as another rule or log has it. */
static void print_step(struct text *t, const struct step *s, bool beside, struct map *said)
{
    const struct finding *f = s->row->f;
    char label[64], time[32];
    (void)snprintf(label, sizeof label, "%-19s  %-10s  ", time_short(f->time_us, true, time),
                   text_grade(f->grade));
    text_title(t, f);
    if (s->rows > 1) {
        buf_puts(&t->tmp, ", ");
        text_count(t, s->rows, "row");
        add_until(t, f->time_us, s->last_us);
    }
    add_paths(t, s);
    text_prose(t, 2, text_grade_style(f->grade), label);
    if (!beside && text_first_time(t, said, f->meaning))
        page_prose(&t->page, 4, STYLE_DIM, "", in_short(f->meaning));
    step_place(t, f);
}

bool text_has_story(struct row *v, size_t n)
{
    struct step step[STEPS_SEEN];
    return n && v[0].episode && collect(v, n, v[0].episode, step) >= STEPS_LEAST;
}

void text_story(struct text *t, struct row *v, size_t n, struct map *said)
{
    struct step step[STEPS_SEEN];
    const struct episode *e = v[0].episode;
    size_t steps = collect(v, n, e, step);
    mark_shown(v, n, e, step, steps);
    qsort(step, steps, sizeof *step, step_by_time);
    text_date(t, "", e->first_us, true);
    text_date(t, " to ", e->last_us, true);
    buf_puts(&t->tmp, ", ");
    text_count(t, e->n, "finding");
    buf_puts(&t->tmp, ", step by step:");
    text_wrap(t, 1, STYLE_BOLD, "episode ");
    for (size_t i = 0; i < steps; i++)
        print_step(t, &step[i], i && second_of(&step[i]) == second_of(&step[i - 1]), said);
}

struct names {
    struct str v[NAMES_SEEN];
    size_t n;
    bool more;
};

static void add_name(struct names *names, struct str name)
{
    name = text_head(str_trim(name), NAME_BYTES);
    if (!name.n || str_eq(name, STR("-")))
        return;
    for (size_t i = 0; i < names->n; i++)
        if (str_ieq(names->v[i], name))
            return;
    names->more |= names->n == NAMES_SEEN;
    if (names->n < NAMES_SEEN)
        names->v[names->n++] = name;
}

/* "Smtp~b.stone@contoso.example" names a mailbox; what a forged request writes there does not. */
static struct str mailbox_name(struct str anchor)
{
    ptrdiff_t kind = str_rchr(anchor, '~');
    struct str name = kind >= 0 ? str_sub(anchor, (size_t)kind + 1, anchor.n) : anchor;
    bool plain = str_chr(name, '@') > 0 && str_chr(name, '/') < 0 && str_chr(name, ':') < 0;
    return plain ? name : STR_NONE;
}

static void add_names(struct text *t, const char *what, const struct names *names)
{
    if (!names->n)
        return;
    buf_puts(&t->tmp, t->tmp.n ? "; " : "");
    buf_puts(&t->tmp, what);
    for (size_t i = 0; i < names->n && i < NAMES_SHOWN; i++) {
        buf_puts(&t->tmp, i ? ", " : " ");
        buf_str(&t->tmp, names->v[i]);
    }
    if (names->n > NAMES_SHOWN) {
        buf_puts(&t->tmp, names->more ? " and more than " : " and ");
        text_grouped(&t->tmp, names->n - NAMES_SHOWN);
        buf_puts(&t->tmp, names->more ? "" : " more");
    }
}

/* Beside addresses from outside those of the servers themselves only mislead: a forged request is
 * logged a second time by the back end, as one of the front end's. */
static void drop_internal(struct names *names)
{
    struct ip ip;
    size_t kept = 0;
    bool outside = false;
    for (size_t i = 0; i < names->n; i++)
        outside |= ip_parse_log(names->v[i], &ip, NULL) && !ip_is_internal(ip);
    for (size_t i = 0; i < names->n; i++)
        if (!outside || !ip_parse_log(names->v[i], &ip, NULL) || !ip_is_internal(ip))
            names->v[kept++] = names->v[i];
    names->n = kept;
}

void text_touched(struct text *t, const struct row *v, size_t n)
{
    struct names client = {.n = 0}, account = {.n = 0}, mailbox = {.n = 0};
    for (size_t i = 0; i < n; i++) {
        if (v[i].f->grade < GRADE_ATTEMPT)
            continue;
        add_name(&client, v[i].client);
        add_name(&account, role_of(v[i].f, ROLE_ACCOUNT));
        add_name(&mailbox, mailbox_name(role_of(v[i].f, ROLE_MAILBOX)));
    }
    drop_internal(&client);
    if (client.n + account.n + mailbox.n < 2)
        return; /* the finding itself says it */
    add_names(t, "from", &client);
    add_names(t, "accounts", &account);
    add_names(t, "mailboxes", &mailbox);
    if (t->tmp.n)
        text_wrap(t, 2, STYLE_PLAIN, "in all: ");
}

static int row_by_clock(const void *pa, const void *pb)
{
    const struct row *const *a = pa, *const *b = pb;
    if ((*a)->f->time_us != (*b)->f->time_us)
        return (*a)->f->time_us < (*b)->f->time_us ? -1 : 1; /* unknown times first */
    return ((*a)->index > (*b)->index) - ((*a)->index < (*b)->index);
}

static void pivot_row(struct text *t, const struct finding *f)
{
    char label[32], time[32];
    struct str method = role_of(f, ROLE_METHOD), status = role_of(f, ROLE_STATUS);
    struct str path = finding_path(f), client = role_of(f, ROLE_CLIENT);
    bool dated = time_printable(f->time_us);
    (void)snprintf(label, sizeof label, "%-19s  ",
                   dated ? time_short(f->time_us, true, time) : "no time");
    buf_str(&t->tmp, text_head(text_host(f->host), NAME_BYTES));
    buf_putc(&t->tmp, ' ');
    buf_str(&t->tmp, text_head(f->kind, NAME_BYTES));
    if (client.n) {
        buf_puts(&t->tmp, " from ");
        buf_str(&t->tmp, text_head(client, NAME_BYTES));
    }
    buf_puts(&t->tmp, path.n ? ": " : "");
    buf_str(&t->tmp, text_head(method, 32));
    buf_puts(&t->tmp, method.n && path.n ? " " : "");
    buf_str(&t->tmp, text_head(path, PATH_BYTES));
    if (status.n) {
        buf_puts(&t->tmp, " -> ");
        buf_str(&t->tmp, text_head(status, 32));
    }
    text_wrap(t, 2, STYLE_PLAIN, label);
}

static void absent_list(struct text *t)
{
    const struct str_list *absent = &t->answer->pivots_absent;
    for (size_t i = 0; i < absent->n && i < TEXT_LIST_LINES; i++) {
        buf_str(&t->tmp, text_head(absent->v[i], NAME_BYTES));
        buf_puts(&t->tmp, ": in no row that was read");
        text_wrap(t, 2, STYLE_PLAIN, "- ");
    }
    text_more(t, 2, absent->n > TEXT_LIST_LINES ? absent->n - TEXT_LIST_LINES : 0,
              " more values in no row");
}

void text_pivots(struct text *t, struct rows *aside)
{
    const struct row **found = calloc(aside->n + 1, sizeof *found);
    size_t n = 0;
    t->rc = t->rc ? t->rc : found ? OK : ERR_NOMEM;
    for (size_t i = 0; found && i < aside->n; i++)
        if (row_is_pivot(&aside->v[i]))
            found[n++] = &aside->v[i];
    if (n || t->answer->pivots_absent.n)
        page_title(&t->page, "PIVOT (rows that hold a value asked for, ordinary ones too)");
    if (n)
        qsort(found, n, sizeof *found, row_by_clock);
    for (size_t i = 0; i < n && i < TEXT_LIST_LINES; i++)
        pivot_row(t, found[i]->f);
    text_more(t, 2, n > TEXT_LIST_LINES ? n - TEXT_LIST_LINES : 0, " more rows; --json shows all");
    free(found);
    absent_list(t);
    size_t kept = 0;
    for (size_t i = 0; i < aside->n; i++)
        if (!row_is_pivot(&aside->v[i]))
            aside->v[kept++] = aside->v[i];
    aside->n = kept;
}
