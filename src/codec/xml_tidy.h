/* xml_tidy.h — XML as it is found, in pieces that an XML parser accepts.
 *
 * What:   decodes the text, and cuts it into runs of letters and single tags. Comments,
 *         instructions and the document type go, with all its declarations: no entity is ever
 *         declared to the parser. CDATA becomes plain text; a "&" or "<" that begins nothing is
 *         escaped, so "&nbsp;" arrives as those six letters.
 * Input:  hostile; any bytes.
 * Limits: XML_TAG_BYTES a tag. Work is linear.
 * Owner:  pieces live until the next call.
 * Spec:   XML 1.0, 5th edition, 2.1 to 2.8.
 */
#ifndef CODEC_XML_TIDY_H
#define CODEC_XML_TIDY_H

#include "codec/charset.h"

enum {
    XML_TAG_BYTES = 64 * 1024,
    XML_WINDOW_BYTES = XML_TAG_BYTES + 4096,
};

enum xml_piece {
    XML_MORE,     /* none: give more bytes */
    XML_LETTERS,  /* character data, escaped */
    XML_TAG,      /* "<...>", whole */
    XML_TOO_LONG, /* a tag that was left out */
};

struct xml_tidy {
    const struct charset *charset;
    char window[XML_WINDOW_BYTES];    /* UTF-8 */
    uint32_t place[XML_WINDOW_BYTES]; /* of each byte in the input, from `base` */
    size_t from, to;
    uint64_t base;
    int inside; /* what has no end yet: a comment, CDATA, ... */
    unsigned brackets;
    char quote;
    struct buf out;
};

void xml_tidy_init(struct xml_tidy *x, const struct charset *charset);
void xml_tidy_done(struct xml_tidy *x);
/* Decodes what fits and returns how many bytes it used. offset is theirs; last: no more follow. */
size_t xml_tidy_add(struct xml_tidy *x, struct str bytes, uint64_t offset, bool last);
/* The next piece and the offset where it starts. ERR_NOMEM only. */
MUST_CHECK enum err xml_tidy_next(struct xml_tidy *x, bool last, enum xml_piece *ret_piece,
                                  struct str *ret_text, uint64_t *ret_offset);
/* "windows-1251" of <?xml version='1.0' encoding='windows-1251'?>; absent if there is none. */
struct str xml_encoding(struct str head);
/* The name of a start tag ("rss:item" of "<rss:item a='b'>"); absent for an end tag. */
struct str xml_tag_name(struct str tag);

#endif
