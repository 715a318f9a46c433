/* line.h — what every line-based codec needs before it can start.
 *
 * What:   cut lines off a head, tidy one line, recognise addresses, fill the texts of log_state.
 * Input:  hostile.
 * Limits: the fixed sizes of struct log_state; longer texts are cut.
 * Owner:  everything is a slice of the caller's bytes.
 * Spec:   none.
 */
#ifndef CODEC_LINE_H
#define CODEC_LINE_H

#include "codec/codec.h"

/* Takes one line off the front of *rest, without its LF or CRLF. A last line without a line end
 * is returned too; *ret_whole tells whether there was one (may be NULL). false when empty. */
bool line_next(struct str *rest, struct str *ret_line, bool *ret_whole);
/* Without CR at the end and without the NUL bytes that a crash leaves at either end. */
struct str line_bare(struct str line);
/* Starts with a digit and needs no line_bare: nearly every row that starts with its date. */
bool line_dated(struct str line);
/* Nothing but white space and NUL bytes. */
bool line_blank(struct str line);
/* Has it NUL bytes? A crash fills the end of a log with them: rows were lost there. */
bool line_zeros(struct str line);
/* Has the shape of an IPv4 or IPv6 address, a %scope included: enough to tell columns apart. */
bool line_address(struct str s);
bool line_digits(struct str s);
/* The next run of bytes that are neither blank nor tab; false when there is none. */
bool line_word(struct str *rest, struct str *ret_word);
/* All such runs of a line: the first max into ret_words; how many there are is returned. */
size_t line_words(struct str line, struct str *ret_words, size_t max);
/* How many there are. */
size_t line_word_count(struct str line);
/* The parts between commas, the first max of them; false if a quote is met before they end. */
bool line_cells(struct str line, struct str *ret_cells, size_t max, size_t *ret_n);
/* The last part of a path, for '/' and '\'. */
struct str line_base_name(struct str path);
/* Its parts from the end: 0 is the base name, 1 the folder that it is in; "" if there is none. */
struct str line_path_part(struct str path, size_t from_end);
/* Copies into a fixed text of log_state, NUL-terminated; control bytes become '?'. */
void line_set(char *out, size_t size, struct str s);

#endif
