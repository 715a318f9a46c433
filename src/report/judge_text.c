#include "output/roles.h"
#include "report/judge_priv.h"

/* The sentence: what was found, when the host was open, how much of that was read, and who changed
 * the verdict. Every number in it stands in the judgement as well. */

enum { TEXT_BYTES = 8192, CLIP_BYTES = 200, WHOLE_DAYS_HOURS = 48, HOLE_HOURS = 6 };

static const char *const states[] = {
    [VERDICT_NO_SIGN] = "no sign in logs",
    [VERDICT_NOT_ENOUGH_EVIDENCE] = "not enough evidence",
    [VERDICT_ATTEMPTED] = "attempted",
    [VERDICT_EXPLOITED_UNCONFIRMED] = "exploited, unconfirmed",
    [VERDICT_COMPROMISED] = "compromised",
};

/* ---- words ---- */

static void add_clip(struct buf *b, struct str s)
{
    s = text_head(str_trim(s), CLIP_BYTES);
    while (s.n && s.p[s.n - 1] == '.')
        s.n--;
    buf_str(b, s);
}

static void add_date(struct buf *b, int64_t time_us, bool year)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    struct civil c = time_civil(time_us);
    buf_printf(b, "%d %s", c.day, months[(c.month + 11) % 12]);
    if (year)
        buf_printf(b, " %d", c.year);
}

static void add_day(struct buf *b, int64_t time_us)
{
    if (time_us == TIME_NONE)
        buf_puts(b, "an unknown day");
    else
        add_date(b, time_us, true);
}

/* "3 January to 20 February 2021"; until is exclusive. */
static void add_range(struct buf *b, int64_t from_us, int64_t until_us)
{
    int64_t last_us = until_us > from_us ? until_us - 1 : from_us;
    if (time_day(from_us) != time_day(last_us)) {
        add_date(b, from_us, time_civil(from_us).year != time_civil(last_us).year);
        buf_puts(b, " to ");
    }
    add_day(b, last_us);
}

static void add_count(struct buf *b, uint64_t n, const char *one, const char *many)
{
    buf_u64(b, n);
    buf_putc(b, ' ');
    buf_puts(b, n == 1 ? one : many);
}

static void add_list(struct buf *b, const struct str_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        buf_puts(b, i ? ", " : "");
        add_clip(b, list->v[i]);
    }
}

/* ---- window and coverage ---- */

static void add_share(struct buf *b, const struct opinion *o)
{
    const struct judgement *j = o->j;
    bool all = j->window_days && j->covered_days == j->window_days;
    if (all)
        buf_u64(b, j->covered_days);
    else if (!o->covered.n)
        buf_puts(b, "none");
    else if (!j->covered_days)
        buf_puts(b, "less than one");
    else
        buf_u64(b, j->covered_days);
    buf_puts(b, " of the ");
    add_count(b, j->window_days, "day", "days");
    buf_puts(b, o->was_open ? " in which it was open (" : " in which it may have been open (");
    add_range(b, j->window.first_us, o->until_us);
    buf_putc(b, ')');
}

static void add_side(struct buf *b, const struct opinion *o)
{
    const struct judgement *j = o->j;
    if (j->open == OPEN_STILL)
        buf_puts(b, "; it is open still");
    else if (j->open == OPEN_MITIGATED)
        buf_puts(b, "; a mitigation stands before the hole, the update is missing");
    else if (o->needs_setting)
        buf_puts(b, "; whether the setting is on that the update needs is not known");
    else if (j->open == OPEN_UNKNOWN)
        buf_puts(b, "; whether it was open is not known");
    else if (j->open == OPEN_FIXED && j->window.last_us == TIME_NONE)
        buf_puts(b, "; the fix is in, since when is not known");
    else if (j->open == OPEN_FIXED && o->logs_first_us != TIME_NONE &&
             o->logs_first_us >= j->window.last_us)
        buf_puts(b, "; the logs begin when it was fixed already");
}

/* The longest stretch that was not read; all of them where nothing was needs no words. */
static void add_hole(struct buf *b, const struct opinion *o)
{
    const struct judgement *j = o->j;
    char from[32], to[32];
    int64_t hours = o->hole.to - o->hole.from, start_us = o->hole.from * US_PER_HOUR;
    if (hours <= 0 || !o->covered.n)
        return;
    if (o->hole.from <= time_hour(j->window.first_us)) {
        buf_puts(b, "; the days before ");
        add_day(b, o->hole.to * US_PER_HOUR);
    } else if (hours < WHOLE_DAYS_HOURS) {
        buf_printf(b, "; the time from %.16s to %.16s", time_short(start_us, true, from),
                   time_short(o->hole.to * US_PER_HOUR, true, to));
    } else {
        buf_puts(b, "; the time from ");
        add_range(b, start_us, o->hole.to * US_PER_HOUR);
    }
    if (j->n_blind > 1) {
        buf_puts(b, " and ");
        add_count(b, j->n_blind - 1, "shorter stretch", "shorter stretches");
    }
    buf_puts(b, " cannot be judged");
}

static void add_logs(struct buf *b, const struct opinion *o)
{
    if (o->logs_first_us == TIME_NONE) {
        buf_puts(b, "no record of its logs has a time");
        return;
    }
    buf_puts(b, "its logs run from ");
    add_day(b, o->logs_first_us);
    buf_puts(b, " to ");
    add_day(b, o->logs_last_us);
}

static void add_coverage(struct buf *b, const struct opinion *o)
{
    const struct judgement *j = o->j;
    if (!j->verdict.dossier.p || j->window.first_us == TIME_NONE) {
        add_logs(b, o);
        if (!j->verdict.dossier.p)
            buf_puts(b, "; of no affair that is known, so that there is no window");
        else
            buf_printf(b, " and cover %d %% of the window", (int)(j->verdict.window_share * 100));
        return;
    }
    if (j->open == OPEN_NEVER) {
        buf_puts(b, "never open: fixed by ");
        add_day(b, j->window.last_us);
        buf_puts(b, ", when the first known use began");
        return;
    }
    if (o->ended_before) {
        buf_puts(b, "the logs end on ");
        add_day(b, o->logs_last_us);
        buf_puts(b, ", before this affair began on ");
        add_day(b, j->window.first_us);
        buf_puts(b, ": they say nothing about it");
        return;
    }
    buf_puts(b, "the logs cover ");
    add_share(b, o);
    add_side(b, o);
    if (o->untested)
        buf_puts(b, "; not all could be tested, for want of a column");
    if (j->verdict.missing.n) {
        buf_puts(b, "; not supplied: ");
        add_list(b, &j->verdict.missing);
    } else {
        add_hole(b, o);
    }
}

/* What one thing, copied next, would change it most. */
static void add_next(struct buf *b, const struct opinion *o)
{
    const struct judgement *j = o->j;
    int64_t hours = o->hole.to - o->hole.from;
    bool asked = j->verdict.state == VERDICT_NOT_ENOUGH_EVIDENCE;
    if (!asked && (hours < HOLE_HOURS || j->verdict.state > VERDICT_ATTEMPTED))
        return;
    if (o->ended_before || !o->supplied || !o->lacking.n || hours <= 0) {
        if (!asked || !j->verdict.next_evidence.n)
            return;
        buf_puts(b, "; what would change that most: ");
        add_clip(b, j->verdict.next_evidence);
        return;
    }
    buf_puts(b, "; the ");
    add_list(b, &o->lacking);
    buf_puts(b, " logs of ");
    add_range(b, o->hole.from * US_PER_HOUR, o->hole.to * US_PER_HOUR);
    buf_puts(b, " would change that most");
}

/* ---- findings ---- */

static void say_broken(struct buf *b, const struct opinion *o)
{
    const struct judgement *j = o->j;
    if (!o->gravest.any) {
        add_clip(b, j->verdict.because);
    } else {
        add_clip(b, o->gravest.title);
        buf_puts(b, " on ");
        add_day(b, o->gravest.time_us);
        buf_puts(b, " (");
        add_count(b, j->findings[o->gravest.grade], "finding", "findings");
        buf_puts(b, " of this grade)");
    }
    if (j->before_fix && j->open == OPEN_FIXED) {
        buf_puts(b, "; a request succeeded before the update of ");
        add_day(b, j->window.last_us);
        buf_puts(b, ", which closed the hole and undid nothing");
    } else if (j->before_fix) {
        buf_puts(b, "; a request succeeded while the hole was open");
    }
    if (j->verdict.state == VERDICT_EXPLOITED_UNCONFIRMED)
        buf_puts(b, "; no later stage was found");
    buf_puts(b, "; ");
    add_coverage(b, o);
}

static void say_not_enough(struct buf *b, const struct opinion *o)
{
    const struct judgement *j = o->j;
    uint64_t found = 0;
    for (int k = GRADE_PROBE; k < GRADES; k++)
        found += j->findings[k];
    if (!o->supplied) {
        buf_puts(b, "no logs of it were supplied");
        if (found) {
            buf_puts(b, "; ");
            add_count(b, found, "finding in the logs of others aims",
                      "findings in the logs of others aim");
            buf_puts(b, " at it");
        }
        return;
    }
    if (j->findings[GRADE_ATTEMPT])
        add_count(b, j->findings[GRADE_ATTEMPT], "try", "tries");
    else
        buf_puts(b, j->aside ? "nothing found that counts" : "nothing found");
    buf_puts(b, ", but ");
    if (j->purged && o->by_analyst)
        buf_puts(b, "other findings were purged; ");
    bool read = o->share * 100 >= WINDOW_SHARE_PERCENT && !o->ended_before;
    if (read && o->unsure)
        buf_puts(b, "how a try ended cannot be seen in all logs that decide; ");
    add_coverage(b, o);
}

static void say_findings(struct buf *b, const struct opinion *o)
{
    const struct judgement *j = o->j;
    if (j->verdict.state >= VERDICT_EXPLOITED_UNCONFIRMED) {
        say_broken(b, o);
        return;
    }
    if (j->verdict.state == VERDICT_NOT_ENOUGH_EVIDENCE) {
        say_not_enough(b, o);
    } else {
        if (j->findings[GRADE_ATTEMPT]) {
            add_count(b, j->findings[GRADE_ATTEMPT], "try", "tries");
            buf_puts(b, ", none went further; ");
        } else {
            buf_puts(b, j->aside ? "nothing found that counts; " : "nothing found; ");
        }
        add_coverage(b, o);
    }
    if (o->supplied && j->findings[GRADE_PROBE]) {
        buf_puts(b, "; ");
        add_count(b, j->findings[GRADE_PROBE], "probe", "probes");
        buf_puts(b, " met it");
    }
    if (o->supplied && j->unread) {
        buf_puts(b, "; not everything in its logs could be read: ");
        add_count(b, j->unread, "gap", "gaps");
        buf_puts(b, " may hide a sign");
    }
}

/* ---- who changed it ---- */

static void add_note(struct buf *b, const struct note *n)
{
    buf_puts(b, " on ");
    add_day(b, n->time_us);
    buf_puts(b, ": ");
    add_clip(b, n->why);
}

static void add_changes(struct buf *b, const struct opinion *o)
{
    const struct judgement *j = o->j;
    if (j->elsewhere) {
        buf_puts(b, "; ");
        add_count(b, j->elsewhere, "finding does", "findings do");
        buf_puts(b, " not count here: another affair explains, or the time does not fit");
    }
    if (j->aside) {
        buf_puts(b, "; ");
        add_count(b, j->aside, "finding is", "findings are");
        buf_puts(b, " set aside");
    }
    if (o->lowered_by) {
        buf_puts(b, ", ");
        buf_u64(b, o->by_analyst);
        buf_puts(b, " by ");
        add_clip(b, o->lowered_by->who);
        add_note(b, o->lowered_by);
    }
    if (o->kept) {
        buf_puts(b, "; ");
        add_count(b, o->kept, "finding is", "findings are");
        buf_puts(b, " graver than a try: a scanner of one's own does not explain that");
    }
    if (o->confirmed_by) {
        buf_puts(b, "; confirmed by ");
        add_clip(b, o->confirmed_by->who);
        add_note(b, o->confirmed_by);
    }
    if (j->verdict.state == j->said)
        return;
    buf_puts(b, "; the logs alone say: ");
    buf_puts(b, states[j->said]);
    if (!j->lowered)
        buf_puts(b, ", but the day of the fix is known from elsewhere");
}

static enum err say_isolate(struct judging *g, struct opinion *o, struct buf *b)
{
    struct judgement *j = o->j;
    if (!j->verdict.isolate)
        return OK;
    buf_reset(b);
    if (o->gravest.any && o->gravest.grade >= GRADE_PROGRESSED) {
        add_clip(b, o->gravest.title);
        buf_puts(b, " on ");
        add_day(b, o->gravest.time_us);
    } else {
        buf_puts(b, states[j->verdict.state]);
    }
    if (j->before_fix)
        buf_puts(b, j->open == OPEN_FIXED ? ", before the update" : ", and the hole is not closed");
    j->isolate_why = arena_str(g->arena, buf_view(b));
    return j->isolate_why.p ? OK : ERR_NOMEM;
}

enum err judge_sentence(struct judging *g, struct opinion *o)
{
    struct judgement *j = o->j;
    struct buf b;
    buf_init(&b, TEXT_BYTES);
    add_clip(&b, j->verdict.host);
    buf_puts(&b, ": ");
    buf_puts(&b, states[j->verdict.state]);
    buf_puts(&b, ": ");
    if (o->dossier && o->dossier->draft)
        buf_puts(&b, "its dossier is a draft made of posts, which decides nothing; ");
    say_findings(&b, o);
    add_next(&b, o);
    add_changes(&b, o);
    buf_putc(&b, '.');
    j->sentence = arena_str(g->arena, buf_view(&b));
    enum err rc = j->sentence.p ? say_isolate(g, o, &b) : ERR_NOMEM;
    buf_done(&b);
    return rc;
}
