/* help.h — help, man page and completions, written from the command table.
 *
 * What:   one writer a form; each takes the program's tables and appends to a buffer.
 * Input:  constants of this program.
 * Limits: the buffer's maximum.
 * Owner:  the caller owns the buffer.
 * Spec:   man(7); bash(1) "Programmable Completion"; zshcompsys(1); fish complete(1).
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/cmd.h"

void help_overview(struct buf *b, const struct tool *p, bool color);
void help_command(struct buf *b, const struct tool *p, const struct command *c, bool color);
/* The commands of a group that share the first word: "rules". false if there are none. */
bool help_family(struct buf *b, const struct tool *p, struct str word, bool color);
/* "tocsin scan [options] PATH..." */
void help_synopsis(struct buf *b, const struct tool *p, const struct command *c);
/* Every command and option as one JSON object, for tools. */
void help_json(struct buf *b, const struct tool *p);
/* roff; c == NULL: the whole program on one page. */
void help_man(struct buf *b, const struct tool *p, const struct command *c);

void complete_bash(struct buf *b, const struct tool *p);
void complete_zsh(struct buf *b, const struct tool *p);
void complete_fish(struct buf *b, const struct tool *p);

/* The options of the command "help". */
struct help_values {
    bool json, man;
};

/* What each exit status means, in the order of their numbers. */
struct status_text {
    enum status status;
    const char *text;
};
extern const struct status_text status_texts[]; /* ends with text == NULL */

#endif
