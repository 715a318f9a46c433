#include "os/term.h"

#include "base/str.h"
#include "os/clock.h"
#include "os/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool term_is(int fd)
{
    return isatty(fd) == 1;
}

unsigned term_width(int fd)
{
    struct winsize w = {0};
    uint64_t columns;
    if (ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col)
        return w.ws_col;
    if (str_u64(str_of(getenv("COLUMNS")), &columns) && columns && columns <= UINT16_MAX)
        return (unsigned)columns;
    return 80;
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && value[0];
}

static bool is_dumb(void)
{
    const char *term = getenv("TERM");
    return !term || !term[0] || strcmp(term, "dumb") == 0;
}

bool term_colour(int fd, enum term_colour wanted)
{
    if (wanted != TERM_COLOUR_AUTO)
        return wanted == TERM_COLOUR_ALWAYS;
    if (is_set("NO_COLOR"))
        return false;
    if (is_set("CLICOLOR_FORCE") && strcmp(getenv("CLICOLOR_FORCE"), "0") != 0)
        return true;
    return term_is(fd) && !is_dumb();
}

bool term_ascii(int fd)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    if (!term_is(fd))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!is_set(names[i]))
            continue;
        struct str value = str_of(getenv(names[i]));
        return str_ifind(value, STR("utf-8")) < 0 && str_ifind(value, STR("utf8")) < 0;
    }
    return true;
}

/* "12.3 MB" */
static void bytes_text(uint64_t bytes, char *out, size_t size)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes / 1e3;
    size_t i = 0;
    while (value >= 999.95 && i + 1 < ARRAY_LEN(units)) {
        value /= 1e3;
        i++;
    }
    (void)snprintf(out, size, "%.1f %s", value, units[i]);
}

/* "1:02:03" or "2:03" */
static void duration_text(double s, char *out, size_t size)
{
    unsigned long all = s < 0 ? 0 : s > 359999 ? 359999 : (unsigned long)(s + 0.5);
    if (all >= 3600)
        (void)snprintf(out, size, "%lu:%02lu:%02lu", all / 3600, all / 60 % 60, all % 60);
    else
        (void)snprintf(out, size, "%lu:%02lu", all / 60, all % 60);
}

size_t term_progress_text(const struct progress *p, double elapsed_s, unsigned width, char *out)
{
    char done[32], total[32], rate[32], left[32];
    double speed = elapsed_s > 0 ? (double)p->done_bytes / elapsed_s : 0;
    uint64_t done_bytes = p->done_bytes;
    if (p->total_bytes && done_bytes > p->total_bytes) /* a log that grew while it was read */
        done_bytes = p->total_bytes;
    bytes_text(done_bytes, done, sizeof done);
    bytes_text(p->total_bytes, total, sizeof total);
    bytes_text(speed < 1e18 ? (uint64_t)speed : 0, rate, sizeof rate);
    duration_text(speed > 0 ? (double)(p->total_bytes - done_bytes) / speed : 0, left, sizeof left);
    unsigned long long findings = p->findings;
    const char *plural = findings == 1 ? "" : "s";
    if (!p->total_bytes)
        (void)snprintf(out, PROGRESS_BYTES, "%s, %s/s, %llu finding%s", done, rate, findings,
                       plural);
    else if (speed > 0)
        (void)snprintf(out, PROGRESS_BYTES, "%3u %%  %s of %s, %s/s, %s left, %llu finding%s",
                       (unsigned)((double)done_bytes * 100 / (double)p->total_bytes), done, total,
                       rate, left, findings, plural);
    else
        (void)snprintf(out, PROGRESS_BYTES, "  0 %%  %s of %s", done, total);
    size_t n = strlen(out);
    if (n > width)
        n = width;
    out[n] = 0;
    return n;
}

/* Drawn over the old line; blanks take away what was longer. No escape sequence is needed. */
static void draw(struct progress *p, const char *text, size_t n)
{
    char line[2 * PROGRESS_BYTES + 2];
    size_t at = 0, blanks = p->drawn > n ? p->drawn - n : 0;
    line[at++] = '\r';
    memcpy(line + at, text, n);
    at += n;
    memset(line + at, ' ', blanks);
    at += blanks;
    if (n == 0)
        line[at++] = '\r';
    p->drawn = (unsigned)n;
    if (io_write(p->fd, line, at) != 0)
        p->on = false; /* nobody looks any more; the run goes on */
}

void term_progress_begin(struct progress *p, int fd)
{
    *p = (struct progress){.fd = fd, .on = term_is(fd) && !is_dumb()};
    if (!p->on)
        return;
    p->width = term_width(fd);
    p->start_s = clock_seconds();
    p->next_s = p->start_s + 0.5; /* a short run shows nothing */
}

void term_progress(struct progress *p)
{
    char text[PROGRESS_BYTES];
    if (!p->on)
        return;
    double now_s = clock_seconds();
    if (now_s < p->next_s)
        return;
    p->next_s = now_s + 0.1;
    /* The last column stays free: some terminals wrap when it is written. */
    unsigned width = p->width > 1 ? p->width - 1 : 1;
    draw(p, text, term_progress_text(p, now_s - p->start_s, width, text));
}

void term_progress_end(struct progress *p)
{
    if (p->on && p->drawn)
        draw(p, "", 0);
    p->on = false;
}
