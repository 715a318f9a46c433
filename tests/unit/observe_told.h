/* observe_told.h — what a reader tells of a text, as lines that a test compares.
 *
 * What:   "build EX01 15.1.2176.9 su 2021-03-05T00:00:00Z :2", "open EX01 CVE-2021-26855 ...",
 *         "gap cut :3 no element found"; the number is the line.
 * Input:  texts of tests, and names that may tell the format.
 * Limits: 16 MiB of lines.
 * Owner:  the lines are kept for the whole program.
 * Spec:   none.
 */
#ifndef OBSERVE_TOLD_H
#define OBSERVE_TOLD_H

#include "base/buf.h"
#include "base/time.h"
#include "codec/observe.h"
#include "os/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static struct buf observe_told; /* kept for the whole program */

static inline void observe_add_time(int64_t time_us)
{
    char text[32];
    buf_printf(&observe_told, " %s", time_us == TIME_NONE ? "-" : time_text(time_us, text));
}

static inline enum err observe_on_observation(void *ctx, const struct observation *o)
{
    static const char *const kinds[] = {"build",  "mitigation", "setting", "open",
                                        "closed", "sign",       "looked",  "config"};
    (void)ctx;
    buf_printf(&observe_told, "%s %.*s ", kinds[o->kind], STR_FMT(o->host));
    if (o->kind == OBSERVED_BUILD) {
        build_add(&observe_told, &o->build);
        buf_printf(&observe_told, " %s", precision_name(o->precision));
    }
    buf_str(&observe_told, o->cve);
    observe_add_time(o->time_us);
    buf_printf(&observe_told, " :%llu", (unsigned long long)o->line);
    const struct str more[] = {o->product, o->what, o->site, o->owner};
    static const char *const called[] = {"product", "what", "site", "owner"};
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        if (more[i].n)
            buf_printf(&observe_told, " %s=%.*s", called[i], STR_FMT(more[i]));
    buf_puts(&observe_told, "\n");
    return OK;
}

static inline enum err observe_on_gap(void *ctx, uint64_t line, uint64_t offset, struct str reason,
                                      struct str detail)
{
    (void)ctx, (void)offset;
    buf_printf(&observe_told, "gap %.*s :%llu %.*s\n", STR_FMT(reason), (unsigned long long)line,
               STR_FMT(detail));
    return OK;
}

/* With a file's name, which may tell the format; format absent: told. */
static inline enum err observe_run(struct str text, struct observe_options options,
                                   bool *ret_foreign)
{
    struct observe_sink sink = {observe_on_observation, observe_on_gap, NULL};
    struct stream *stream;
    uint64_t bytes;
    struct error error = {0};
    int fd = memfd_create("observe", MFD_CLOEXEC);
    if (!observe_told.max)
        buf_init(&observe_told, 1 << 24);
    buf_reset(&observe_told);
    assert_true(fd >= 0 && !io_write(fd, text.p, text.n) && lseek(fd, 0, SEEK_SET) == 0);
    assert_int_equal(stream_open_fd(fd, &stream, &error), OK);
    enum err rc = observe_read(stream, &options, &sink, &bytes, ret_foreign, &error);
    if (rc)
        buf_printf(&observe_told, "%s %s\n", err_name(rc), error.text);
    stream_close(stream);
    (void)close(fd);
    buf_putc(&observe_told, '\0');
    assert_int_equal(observe_told.rc, OK);
    return rc;
}

static inline void expect_told(struct str text, const char *name, const char *want)
{
    bool foreign;
    (void)observe_run(text, (struct observe_options){.name = str_of(name)}, &foreign);
    assert_string_equal(observe_told.p, want);
}

static inline void expect_foreign(struct str text, const char *name)
{
    bool foreign = false;
    (void)observe_run(text, (struct observe_options){.name = str_of(name)}, &foreign);
    assert_true(foreign);
}

#endif
