/* codec/command.h — what program a command names.
 *
 * What:   the first word of a command as rules for started processes look for it (Sigma's Image): a
 *         name without an ending gets ".exe"; one without a folder that of Windows' own program of
 *         that name, else a backslash, so that "x -enc y" answers rules for "\x.exe".
 * Input:  hostile.
 * Limits: COMMAND_WORD_BYTES a word.
 * Owner:  the arena given.
 * Spec:   docs/reference/events.md, "Files of Windows"
 */
#ifndef CODEC_COMMAND_H
#define CODEC_COMMAND_H

#include "base/arena.h"

enum { COMMAND_WORD_BYTES = 1024 };

/* The first word, without quotes and PowerShell's "&" and "." before it; absent if there is none.
 */
struct str command_word(struct str command);
/* Of a path or name of a program, "C:\Windows\System32\cmd.exe" of "cmd"; absent if it is empty,
 * too long, or memory is short. */
struct str command_image(struct arena *arena, struct str program);
/* Is the first word of a line of PowerShell the name of a program, and no cmdlet ("Get-Item"),
 * variable, keyword or text? */
bool command_is_program(struct str word);

#endif
