#include "output/exposure.h"

/* How to add an exposure output:
 * 1. Write src/output/exposure_NAME.c that ends with
 *    `const struct exposure_format exposure_NAME = {...};`. Append to sink->out and call
 *    sink_pace() after each row. Build JSON with output/json_writer.h; anything else that comes
 *    from a row goes through output/escape.h.
 * 2. Declare it in output/exposure.h, name it in the table below and in src/output/meson.build.
 * 3. Describe it in docs/reference/exposure.md. */
const struct exposure_format *const exposure_formats[] = {&exposure_text, &exposure_json,
                                                          &exposure_csv, NULL};
