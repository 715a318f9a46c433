#include "codec/codec.h"

/* How to add a log format:
 * 1. Write one file, codec/<name>.c, that ends with `const struct codec codec_<name> = {...};` and
 *    declare it in codec.h. sniff looks at content; begin sets the kind and the columns; line reads
 *    one line; line_time finds the same time faster. codec/line.h has the small parts.
 * 2. Add one line to the table below, and the file to meson.build. The order only decides ties.
 * 3. Name its kinds in data/logsources.yaml, one row each, so that rules find them. */
const struct codec *const codecs[] = {
    &codec_w3c, &codec_exlog, &codec_httperr, &codec_access, &codec_errlog, NULL,
};

/* Several files in one, perhaps of several servers: their logs stand in it as they are, but whose
 * time they cover cannot be told. */
static bool is_archive(struct str head)
{
    static const struct str magic[] = {
        {"PK\x03\x04", 4}, {"7z\xbc\xaf\x27\x1c", 6}, {"Rar!\x1a\x07", 6}};
    for (size_t i = 0; i < ARRAY_LEN(magic); i++)
        if (str_starts(head, magic[i]))
            return true;
    return str_eq(str_sub(head, 257, 262), STR("ustar")); /* tar */
}

int codec_identify(struct str head, struct str path)
{
    if (is_archive(head))
        return -1;
    int best = -1, best_score = 0;
    for (int i = 0; codecs[i]; i++) {
        int score = codecs[i]->sniff(head, path);
        if (score > best_score) {
            best_score = score;
            best = i;
        }
    }
    return best;
}
