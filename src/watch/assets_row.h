/* assets_row.h — between the readers of asset files and the assets; private to assets*.c.
 *
 * What:   one asset as a file has it; the readers of the forms.
 * Input:  hostile.
 * Limits: ASSETS_MAX rows, ASSET_TEXT_BYTES of a text.
 * Owner:  assets_row copies what it keeps.
 * Spec:   docs/reference/assets.md
 */
#ifndef WATCH_ASSETS_ROW_H
#define WATCH_ASSETS_ROW_H

#include "watch/assets.h"

enum { ASSET_TEXT_BYTES = 512 };

struct asset_row {
    struct str customer, host, vendor, product, version, cpe;
};

MUST_CHECK enum err assets_row(struct assets *a, const struct asset_row *row);
/* The form that the text has, and its rows. */
MUST_CHECK enum err assets_read(struct assets *a, struct str text, struct str name,
                                struct error *error);
MUST_CHECK enum err assets_read_cyclonedx(struct assets *a, struct str text, struct str name,
                                          struct error *error);

#endif
