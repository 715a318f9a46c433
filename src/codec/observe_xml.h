/* observe_xml.h — XML of any size for the readers of scans and exports.
 *
 * What:   expat with limits, fed from the window: elements, attributes and words go to callbacks.
 *         Text that came as UTF-16 is UTF-8 by then, whatever its declaration says; a byte that is
 *         no UTF-8 is told once and read as a question mark.
 * Input:  hostile. Entities and other declarations are refused, nothing is fetched.
 * Limits: OBSERVE_RECORD_BYTES a tag or a comment, which expat keeps whole; OBSERVE_XML_NAME bytes
 *         an element's name, OBSERVE_XML_DEPTH elements within each other, which it keeps as well.
 * Owner:  the caller; names and attributes live until the callback returns.
 * Spec:   XML 1.0, fifth edition.
 */
#ifndef CODEC_OBSERVE_XML_H
#define CODEC_OBSERVE_XML_H

#include "codec/observe_priv.h"

enum { OBSERVE_XML_DEPTH = 8192, OBSERVE_XML_NAME = 256 };

struct observe_xml {
    struct observe_reader *r;
    void (*begin)(void *ctx, const char *name, const char **attributes);
    void (*end)(void *ctx, const char *name);
    void (*words)(void *ctx, struct str text);
    void *ctx;
    /* observe_xml.c's own */
    struct XML_ParserStruct *parser;
    uint32_t depth;
    uint64_t fed, done;      /* bytes that the parser got, and those that it is through with */
    bool declared, told_bad; /* the text names its letters; a bad byte was told */
    struct str reason;       /* why the reading ended before the text */
    const char *wrong;
    enum err rc;
};

/* Reads to the end of the text, or up to what cannot be read, which is a gap. END at the end;
 * what observe_xml_keep was given; or an error of the stream. */
MUST_CHECK enum err observe_xml_read(struct observe_xml *x);

/* --- for callbacks --- */

/* What the sink returned: if it is not OK the reading ends with it. */
void observe_xml_keep(struct observe_xml *x, enum err rc);
uint64_t observe_xml_line(const struct observe_xml *x);
/* NULL if it is not there. */
const char *observe_xml_attribute(const char **attributes, const char *name);

#endif
