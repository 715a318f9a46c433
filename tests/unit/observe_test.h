/* observe_test.h — runs a text through observe_read and writes down what came out.
 *
 * What:   one line an observation, "host build precision time line", and one line a gap,
 *         "! line reason detail".
 * Input:  texts of tests.
 * Limits: OBSERVED_BYTES of transcript.
 * Owner:  the transcript is static: one a program.
 * Spec:   none.
 */
#ifndef TESTS_OBSERVE_TEST_H
#define TESTS_OBSERVE_TEST_H

#include "base/buf.h"
#include "base/time.h"
#include "codec/observe.h"
#include "os/io.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { OBSERVED_BYTES = 1 << 24 };
static struct buf observed_buf;

static enum err observed_build(void *ctx, const struct observation *o)
{
    char when[40];
    (void)ctx;
    buf_printf(&observed_buf, "%.*s ", STR_FMT(o->host));
    if (o->build.part[0] < 0)
        buf_puts(&observed_buf, "-");
    build_add(&observed_buf, &o->build);
    buf_printf(&observed_buf, " %s%s %s %llu", precision_name(o->precision), o->shown ? "?" : "",
               o->time_us == TIME_NONE ? "-" : time_text(o->time_us, when),
               (unsigned long long)o->line);
    if (o->product.p)
        buf_printf(&observed_buf, " %.*s", STR_FMT(o->product));
    buf_puts(&observed_buf, "\n");
    return OK;
}

static enum err observed_gap(void *ctx, uint64_t line, uint64_t offset, struct str reason,
                             struct str detail)
{
    (void)ctx;
    (void)offset;
    buf_printf(&observed_buf, "! %llu %.*s %.*s\n", (unsigned long long)line, STR_FMT(reason),
               STR_FMT(detail));
    return OK;
}

/* What came out; "(foreign)" if no format takes it. */
static const char *observed(struct str text, struct observe_options options)
{
    struct observe_sink sink = {observed_build, observed_gap, NULL};
    struct stream *stream;
    struct error error = {0};
    uint64_t bytes;
    bool foreign;
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(io_write(fd, text.p, text.n), OK);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(stream_open_fd(fd, &stream, &error), OK);
    buf_done(&observed_buf);
    buf_init(&observed_buf, OBSERVED_BYTES);
    enum err rc = observe_read(stream, &options, &sink, &bytes, &foreign, &error);
    if (foreign)
        buf_puts(&observed_buf, "(foreign)");
    else
        assert_int_equal(rc, OK);
    stream_close(stream);
    io_close(fd);
    buf_putc(&observed_buf, 0);
    assert_int_equal(observed_buf.rc, OK);
    return observed_buf.p;
}

#define assert_observed(text, name_, expected)                                                     \
    assert_string_equal(observed(text, (struct observe_options){.name = STR(name_)}), expected)

#endif
