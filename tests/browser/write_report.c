/* Writes the page of a made-up report to standard output: "sample", "empty", "long" lists, "large"
 * texts in long lists, or "hostile" with every text of it read from standard input. For the tests
 * that open it in a browser. */
#include "large_report.h"
#include "output/report.h"

static enum err write_out(void *ctx, const void *p, size_t n)
{
    (void)ctx;
    return fwrite(p, 1, n, stdout) == n ? OK : ERR_IO;
}

static struct report report_of(struct arena *a, const char *what)
{
    static char text[4096];
    if (strcmp(what, "empty") == 0)
        return (struct report){
            .version = "0.1.0", .sharing = {.tlp = TLP_CLEAR}, .made_us = TIME_NONE};
    if (strcmp(what, "long") == 0)
        return large_report(a, STR("some text"));
    if (strcmp(what, "large") == 0) {
        memset(text, '"', sizeof text);
        return large_report(a, str_make(text, sizeof text));
    }
    struct report r = sample_report();
    if (strcmp(what, "hostile") == 0)
        sample_report_hostile(&r, str_make(text, fread(text, 1, sizeof text, stdin)));
    return r;
}

int main(int argc, char **argv)
{
    struct arena a;
    struct sink s;
    arena_init(&a, (size_t)1 << 30);
    sink_init(&s, write_out, NULL);
    struct report r = report_of(&a, argc > 1 ? argv[1] : "sample");
    enum err rc = report_write(report_format_find(STR("html")), &s, &r, NULL);
    sink_done(&s);
    arena_done(&a);
    return rc || fflush(stdout) ? 1 : 0;
}
