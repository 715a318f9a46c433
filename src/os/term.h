/* term.h — the terminal in front of a person, and the line that says how far we are.
 *
 * What:   is a descriptor a terminal, how wide, does it want colours, does it speak UTF-8; a
 *         progress line that is drawn over itself and leaves nothing behind.
 * Input:  environment: NO_COLOR, CLICOLOR_FORCE, TERM, COLUMNS, LC_ALL, LC_CTYPE, LANG.
 * Limits: a progress line is PROGRESS_BYTES at most and drawn ten times a second at most.
 * Owner:  struct progress is the caller's; nothing is allocated.
 * Spec:   no-color.org; tty_ioctl(4) TIOCGWINSZ; POSIX 8.2 (order of the LC_ variables).
 */
#ifndef OS_TERM_H
#define OS_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool term_is(int fd);
/* Columns: what the terminal says, else COLUMNS, else 80. */
unsigned term_width(int fd);

enum term_colour { TERM_COLOUR_AUTO, TERM_COLOUR_ALWAYS, TERM_COLOUR_NEVER };
/* AUTO: on a terminal that is not "dumb", unless NO_COLOR is set and not empty; CLICOLOR_FORCE
 * (not empty, not "0") asks for them without a terminal too. */
bool term_colour(int fd, enum term_colour wanted);
/* A terminal of which the environment says that it does not speak UTF-8. A file or pipe is always
 * written in UTF-8. */
bool term_ascii(int fd);

enum { PROGRESS_BYTES = 192 };

struct progress {
    uint64_t done_bytes, total_bytes; /* total 0: not known (standard input) */
    uint64_t findings;
    /* private */
    int fd;
    bool on;
    unsigned width, drawn;
    double start_s, next_s;
};

/* Draws nothing, now or later, if fd is no terminal or a dumb one. */
void term_progress_begin(struct progress *p, int fd);
/* Draws the line if a tenth of a second has passed since the last one. */
void term_progress(struct progress *p);
/* Takes the line away. */
void term_progress_end(struct progress *p);
/* The line's text, NUL-terminated and never wider than width; for term_progress and for tests.
 * out holds PROGRESS_BYTES. Returns its length. */
size_t term_progress_text(const struct progress *p, double elapsed_s, unsigned width, char *out);

#endif
