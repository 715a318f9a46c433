/* Any bytes as a table of labels: days are days, the earliest of a subject is kept, and reading the
 * table twice changes nothing. */
#include "watch/labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct labels l;
    struct label_map map = {0};
    struct error error;
    struct str text = str_make((const char *)data, size);
    if (size > MAX_BYTES)
        return 0;
    labels_init(&l);
    enum err rc = labels_read(&l, text, STR("table"), &map, &error);
    size_t n = l.label.n;
    for (size_t i = 0; i < n; i++) {
        const struct label *label = &l.label.v[i];
        if (label->subject.n == 0 || label->day > l.last || label->day == LABEL_NEVER ||
            labels_day(&l, label->subject) != label->day)
            __builtin_trap();
    }
    if (labels_read(&l, text, STR("again"), &map, &error) != rc)
        __builtin_trap();
    if (l.label.n != n || labels_close(&l))
        __builtin_trap();
    labels_done(&l);
    (void)label_map_parse(text, &map);
    return 0;
}
