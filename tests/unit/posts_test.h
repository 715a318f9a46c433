/* posts_test.h — runs a text through posts_read and writes down what came out.
 *
 * What:   one line a post, "time |ingest |id |source |site |thread |author |title |text |url |lang"
 *         with only the fields that are there, each as key=value; one line a gap.
 * Input:  texts of tests.
 * Limits: TOLD_BYTES of transcript.
 * Owner:  the transcript is static: one a program.
 * Spec:   none.
 */
#ifndef TESTS_POSTS_TEST_H
#define TESTS_POSTS_TEST_H

#include "base/buf.h"
#include "codec/posts.h"
#include "os/io.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TOLD_BYTES = 1 << 24 };
static struct buf told_buf;
static uint64_t told_posts, told_gaps, told_stop_at;
static struct error told_error;

static void told_text(const char *key, struct str value)
{
    if (!value.p)
        return;
    buf_printf(&told_buf, "|%s=", key);
    buf_str(&told_buf, value);
}

static enum err told_post(void *ctx, const struct post *p)
{
    char when[40];
    (void)ctx;
    if (++told_posts == told_stop_at)
        return ERR_AGAIN;
    buf_puts(&told_buf, p->time_us == TIME_NONE ? "?" : time_text(p->time_us, when));
    buf_puts(&told_buf, p->day_only ? "D" : "");
    buf_puts(&told_buf, p->repost ? "R" : "");
    if (p->ingest_us != TIME_NONE)
        told_text("ingest", str_of(time_text(p->ingest_us, when)));
    told_text("id", p->id);
    told_text("source", p->source);
    told_text("site", p->site);
    told_text("thread", p->thread);
    told_text("author", p->author);
    told_text("title", p->title);
    told_text("text", p->text);
    told_text("url", p->url);
    told_text("lang", p->lang);
    buf_puts(&told_buf, "\n");
    return OK;
}

static enum err told_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    (void)ctx;
    told_gaps++;
    buf_printf(&told_buf, "gap %llu %.*s: %.*s\n", (unsigned long long)offset, STR_FMT(reason),
               STR_FMT(detail));
    return OK;
}

static enum err tell_fd(int fd, const struct post_options *options)
{
    struct stream *s;
    struct post_sink sink = {told_post, told_gap, NULL};
    uint64_t bytes;
    buf_done(&told_buf);
    buf_init(&told_buf, TOLD_BYTES);
    told_posts = told_gaps = 0;
    told_error = (struct error){0};
    assert_int_equal(stream_open_fd(fd, &s, &told_error), OK);
    enum err rc = posts_read(s, options, &sink, &bytes, &told_error);
    assert_null(stream_close(s));
    assert_int_equal(close(fd), 0);
    return rc;
}

static enum err tell_bytes(struct str text, const struct post_options *options)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(io_write(fd, text.p, text.n), OK);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return tell_fd(fd, options);
}

/* Reads the text, format as detected unless given; OK and this transcript. */
static inline void assert_told(const char *text, const char *format, const char *want)
{
    struct post_options options = {.name = STR("in"), .format = str_of(format)};
    enum err rc = tell_bytes(str_of(text), &options);
    if (rc)
        fail_msg("%s: %s", err_name(rc), told_error.text);
    if (!str_eq(buf_view(&told_buf), str_of(want)))
        fail_msg("got:\n%.*s\nwanted:\n%s", STR_FMT(buf_view(&told_buf)), want);
}

#endif
