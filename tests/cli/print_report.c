/* Prints the report of tests/unit/sample_report.h in one format, for checks from outside. Not part
 * of the product.
 *
 * usage: print_report FORMAT [victim-data | hostile | empty] */
#include "output/report.h"
#include "unit/sample_report.h"

#include <stdio.h>

static enum err put(void *ctx, const void *p, size_t n)
{
    (void)ctx;
    return fwrite(p, 1, n, stdout) == n ? OK : ERR_IO;
}

int main(int argc, char **argv)
{
    struct sink s;
    struct error error = {0};
    struct report empty = sample_report_empty(), *r = sample_report();
    struct str how = argc > 2 ? str_of(argv[2]) : STR_NONE;
    const struct report_format *format = argc > 1 ? report_format_find(str_of(argv[1])) : NULL;
    if (!format)
        return 2;
    if (str_eq(how, STR("hostile")))
        sample_report_hostile(
            STR("\x1b[2J\"}\\u000a\xe2\x80\xae</script>\xff=1+1\r\nFORGED.compromised.1"));
    if (str_eq(how, STR("empty")))
        r = &empty;
    r->sharing.victim_data = format->page || !str_eq(how, STR_NONE);
    sink_init(&s, put, NULL);
    enum err rc = report_write(format, &s, r, &error);
    sink_done(&s);
    return rc || fflush(stdout) ? 1 : 0;
}
