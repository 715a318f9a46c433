#include "cli/progress.h"

#include <inttypes.h>
#include <unistd.h>

enum { LINE_BYTES = 256 };

void progress_init(struct progress *p, struct cli *cli)
{
    *p = (struct progress){.cli = cli, .on = !cli->quiet && isatty(STDERR_FILENO) == 1};
}

static void bytes_text(struct buf *b, double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < ARRAY_LEN(units)) {
        bytes /= 1024;
        unit++;
    }
    buf_printf(b, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

void progress_text(struct buf *b, const struct scan_progress *now)
{
    double rate = now->elapsed_s > 0 ? (double)now->bytes_done / now->elapsed_s : 0;
    bytes_text(b, (double)now->bytes_done);
    if (now->bytes_total) {
        buf_puts(b, " of ");
        bytes_text(b, (double)now->bytes_total);
    }
    buf_puts(b, ", ");
    bytes_text(b, rate);
    buf_puts(b, "/s");
    if (rate > 0 && now->bytes_total > now->bytes_done) {
        uint64_t left_s = (uint64_t)((double)(now->bytes_total - now->bytes_done) / rate);
        buf_printf(b, ", %" PRIu64 ":%02" PRIu64 " left", left_s / 60, left_s % 60);
    }
    buf_printf(b, ", %" PRIu64 " finding%s", now->findings, now->findings == 1 ? "" : "s");
}

void progress_show(struct progress *p, const struct scan_progress *now)
{
    struct buf b;
    if (!p->on || (p->shown && now->elapsed_s - p->last_s < PROGRESS_INTERVAL_S))
        return;
    buf_init(&b, LINE_BYTES);
    progress_text(&b, now);
    fprintf(p->cli->err, "\r%.*s\033[K", STR_FMT(buf_view(&b)));
    (void)fflush(p->cli->err);
    buf_done(&b);
    p->shown = true;
    p->last_s = now->elapsed_s;
}

void progress_clear(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", p->cli->err);
    p->shown = false;
}
