/* html_text.h — what a reader sees of a piece of HTML.
 *
 * What:   tags, comments, scripts and styles go; blocks end a line; references become letters;
 *         blanks are drawn together. Also the tables of elements and of named letters.
 * Input:  hostile: nothing need be closed, nested or valid. Bytes beyond ASCII pass unchanged.
 * Limits: the buffer's maximum; one pass, no recursion.
 * Owner:  appends to the caller's buffer.
 * Spec:   HTML 4.01, 24 (names of letters); HTML Living Standard 13.2.5.80 (numbers 128 to 159).
 */
#ifndef CODEC_HTML_TEXT_H
#define CODEC_HTML_TEXT_H

#include "base/buf.h"

enum html_flags {
    HTML_NO_QUOTES = 1, /* leaves out what stands in a blockquote: of mails */
};

/* Only elements that HTML has (and names with ":" or "-") are tags; "<package>" in a sentence
 * stays. What is hidden (script, style) goes only up to an end that really comes. */
void html_text(struct buf *out, struct str html, unsigned flags);
/* References alone: "&amp;", "&#8217;", "&nbsp;". What is none stays. */
void html_letters(struct buf *out, struct str text);

enum html_element { HTML_UNKNOWN, HTML_INLINE, HTML_BLOCK, HTML_HIDDEN };
/* Of a name in any case. */
enum html_element html_element(struct str name);
/* The code point of "eacute"; 0 if there is none. Case counts. */
uint32_t html_letter(struct str name);

#endif
