#include "output/writer.h"

/* How to add an output:
 * 1. Write src/output/NAME.c with `enum err NAME_write(sink, answer, options)`. Append to
 *    sink->out, call sink_pace() after each row, and return sink->rc. Build JSON with
 *    output/json_writer.h; anything else that comes from an answer goes through output/escape.h.
 * 2. Declare it in writer.h, name it in the table below and in src/output/meson.build.
 * 3. Describe it in docs/reference/output.md. tests/unit/test_output.c runs its hostile texts and
 *    its failing sinks over every line of this table; add what is special about yours. */
const struct writer_format writer_formats[] = {
    {"text", "for people", text_write},
    {"json", "JSON Lines, all that is known", json_write},
    {"csv", "findings as rows, for spreadsheets", csv_write},
    {"timesketch", "JSON Lines for Timesketch", timesketch_write},
    {"ecs", "JSON Lines in the Elastic Common Schema", ecs_write},
    {NULL, NULL, NULL},
};

const struct writer_format *writer_find(struct str name)
{
    for (const struct writer_format *f = writer_formats; f->name; f++)
        if (str_eq(name, str_of(f->name)))
            return f;
    return NULL;
}

enum err writer_write(const struct writer_format *format, struct sink *sink,
                      const struct answer *answer, const struct print_options *options)
{
    static const struct print_options plain;
    TRY(format->write(sink, answer, options ? options : &plain));
    return sink_flush(sink);
}
