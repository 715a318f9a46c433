/* model/web_file.h — what a file below a web folder may be: by its name alone.
 *
 * What:   script, program or configuration, by the extension; which ones is data/web-files.csv.
 * Input:  paths of evidence, hence hostile.
 * Limits: none.
 * Owner:  the texts live in the arena that the table was loaded into.
 * Spec:   docs/reference/baseline.md
 */
#ifndef MODEL_WEB_FILE_H
#define MODEL_WEB_FILE_H

#include "base/str.h"

enum web_kind {
    WEB_OTHER,
    WEB_SCRIPT,  /* the server runs it, or a part of it */
    WEB_PROGRAM, /* dll, exe */
    WEB_CONFIG,
    WEB_KINDS
};

/* "other", "script", "program", "config" */
const char *web_kind_name(enum web_kind kind);

struct web_extension {
    struct str extension; /* without a dot; in order, small letters */
    enum web_kind kind;
};
struct web_files {
    struct web_extension *v;
    size_t n;
};

/* Of the last name of the path, with "/" or "\" before it, in any case. */
enum web_kind web_kind_of(const struct web_files *files, struct str path);

#endif
