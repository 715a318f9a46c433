/* escape.h — the one place where text from outside becomes safe to print.
 *
 * What:   terminal, JSON, CSV and HTML forms of any bytes. Log lines, file names and host names are
 *         written by attackers; a terminal obeys control bytes, a spreadsheet obeys formulas, a
 *         browser obeys tags, a reader's eye obeys invisible and reordering characters.
 * Input:  hostile: NUL, control bytes, malformed UTF-8, bidi controls, zero-width characters.
 * Limits: the destination's maximum; one input byte becomes at most ESCAPE_UNIT_BYTES bytes.
 * Owner:  appends to the caller's buffer.
 * Spec:   docs/reference/output.md "How text is escaped"; RFC 8259 section 7; RFC 4180.
 */
#ifndef OUTPUT_ESCAPE_H
#define OUTPUT_ESCAPE_H

#include "base/buf.h"

enum { ESCAPE_UNIT_BYTES = 12 };

/* One character, or one malformed byte, in the form that a person may see. */
struct escape_unit {
    char text[ESCAPE_UNIT_BYTES];
    uint8_t n;       /* bytes of text */
    uint8_t columns; /* of a terminal; never less than what terminals take */
};

/* The unit at s[at] (at < s.n); returns how many bytes of s it took. Control bytes become \n, \t,
 * \r or \xHH, malformed bytes \xHH, invisible and reordering characters <U+202E>. ascii: all that
 * is not ASCII becomes <U+00FC>, for terminals that do not speak UTF-8. */
size_t escape_next(struct str s, size_t at, bool ascii, struct escape_unit *ret_unit);
void escape_terminal(struct buf *b, struct str s, bool ascii);
/* Terminal columns that escape_terminal's text takes. */
size_t escape_columns(struct str s, bool ascii);

/* The inside of a JSON string, without its quotes. The result parses back to the same text, but
 * for malformed bytes, which become the four characters \xHH. "<" is written as \u003c: the text
 * cannot end a script element that it was put into. */
void escape_json(struct buf *b, struct str s);
/* Where the byte s[at] starts in the parsed JSON string, in bytes of UTF-8. */
size_t escape_json_offset(struct str s, size_t at);

/* One CSV cell, quoted where needed, in the terminal's form, so that no row can be forged; a
 * leading ' keeps spreadsheets from taking it as a formula. */
void escape_csv(struct buf *b, struct str s);

/* May it be printed as it is? Lines of escape_json's and escape_xml's texts may; control bytes,
 * malformed ones and characters that a reader cannot see may not. */
bool escape_is_plain(struct str lines);

/* Text of an XML element or of an attribute in quotes. Characters that a reader cannot see, and
 * line breaks, become references, so that a record stays on its line; what XML cannot hold at all
 * (control bytes, malformed bytes) becomes U+FFFD. */
void escape_xml(struct buf *b, struct str s);

/* The terminal's form as text of an HTML element or of an attribute in quotes: it ends neither, and
 * starts no tag and no entity. */
void escape_html(struct buf *b, struct str s);

#endif
