/* codec/xml_walk.h — a whole document of XML, element by element.
 *
 * What:   xml_tidy and expat put together: elements with their attributes and the letters right in
 *         them, the names of those around, and where in the text each begins. Comments and
 *         declarations are left out; what the document says of its letters does not count: the text
 *         is UTF-8 by then.
 * Input:  hostile. No entity is ever declared; nothing is fetched.
 * Limits: XML_WALK_DEPTH elements in one another, XML_WALK_TEXT_BYTES letters of an element,
 *         XML_TAG_BYTES a tag. Work is linear.
 * Owner:  the caller; names, attributes and letters live until the callback returns.
 * Spec:   XML 1.0, 5th edition
 */
#ifndef CODEC_XML_WALK_H
#define CODEC_XML_WALK_H

#include "base/buf.h"

enum { XML_WALK_DEPTH = 64, XML_WALK_NAME = 64, XML_WALK_TEXT_BYTES = 64 * 1024 };

struct xml_walk {
    /* What a callback returns ends the reading if it is not OK (and is not ERR_FORMAT). Names are
     * as they stand, with a prefix or not. At an element's begin it is not yet among those that are
     * open, at its end no longer. */
    enum err (*begin)(struct xml_walk *w, const char *name, const char **attributes);
    enum err (*end)(struct xml_walk *w, const char *name, struct str letters);
    void *ctx;
    /* --- for callbacks --- */
    size_t depth;    /* elements that are open; names of the outer XML_WALK_DEPTH */
    uint64_t offset; /* of the tag at hand, in bytes of the text */
    uint64_t line;   /* from 1 */
    /* --- xml_walk.c's own --- */
    char element[XML_WALK_DEPTH][XML_WALK_NAME];
    struct XML_ParserStruct *parser;
    struct buf letters;
    bool leaf; /* no tag since the begin of the innermost element */
    enum err rc;
};

/* Fill begin, end, ctx and leave the rest zeroed. ERR_FORMAT: the document is broken or too deep at
 * w->offset, *ret_why says how; all before it was told. */
MUST_CHECK enum err xml_walk(struct xml_walk *w, struct str text, const char **ret_why);
/* Is the innermost element that is open `parent`, and, unless NULL, the one around it `above`? */
bool xml_walk_in(const struct xml_walk *w, const char *parent, const char *above);
/* Is an element of that name open? */
bool xml_walk_within(const struct xml_walk *w, const char *name);
/* Absent if it is not there. */
struct str xml_walk_attribute(const char **attributes, const char *name);

#endif
