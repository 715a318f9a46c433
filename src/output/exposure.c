#include "output/exposure.h"

/* How to add an exposure output:
 * 1. Write src/output/exposure_NAME.c that ends with
 *    `const struct exposure_format exposure_NAME = {...};`. Append to sink->out and call
 *    sink_pace() after each row. Build JSON with output/json_writer.h; anything else that comes
 *    from a row goes through output/escape.h.
 * 2. Declare it in output/exposure.h, name it in the table below and in src/output/meson.build.
 * 3. Give `exposure` an option for it in src/cli/cmd_exposure.c.
 * 4. Describe it in docs/reference/exposure.md. tests/unit/test_exposure_output.c runs its hostile
 *    texts and its failing sinks over every line of this table; add what is special about yours. */
const struct exposure_format *const exposure_formats[] = {
    &exposure_text, &exposure_json, &exposure_csv, &exposure_ecs, &exposure_stix, NULL};

void exposure_writer_open(struct exposure_writer *w, const struct exposure_format *format)
{
    *w = (struct exposure_writer){.format = format, .as_of_us = TIME_NONE};
    buf_init(&w->tmp, SINK_MAX_BYTES);
}

void exposure_writer_close(struct exposure_writer *w)
{
    if (w->format->close)
        w->format->close(w);
    buf_done(&w->tmp);
}

void exposure_host_key(struct buf *b, struct str host)
{
    char *to = buf_reserve(b, host.n);
    if (!to)
        return;
    ascii_lower_all(to, host.p, host.n);
    b->n += host.n;
}
