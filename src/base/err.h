/* err.h — how a function says that it failed, and why.
 *
 * What:   a small code that the caller must check, and a caller-owned text beside it.
 * Input:  texts may quote hostile input; whoever prints them escapes (output/escape.h).
 * Limits: texts are cut at their fixed size; nothing here allocates, so it works without memory.
 * Owner:  the caller owns struct error; NULL is accepted where details are not wanted.
 * Spec:   docs/internals/BASE.md
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* For large buffers that are written before they are read, in functions called for every row: the
 * compiler need not clear them. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define UNCLEARED __attribute__((uninitialized))
#endif
#endif
#ifndef UNCLEARED
#define UNCLEARED
#endif

/* Three classes: input (FORMAT, LIMIT, UNSUPPORTED: count, report, go on with the next one),
 * environment (IO, NOMEM, AGAIN: give up the unit of work), bug (BUG). END is no failure. */
enum err {
    OK = 0,
    END = 1, /* nothing more to read */
    ERR_FORMAT = -1,
    ERR_LIMIT = -2,
    ERR_UNSUPPORTED = -3,
    ERR_NOT_FOUND = -4,
    ERR_USAGE = -5,
    ERR_IO = -6,
    ERR_NOMEM = -7,
    ERR_AGAIN = -8,
    ERR_BUG = -9,
};

struct error {
    enum err code;
    uint64_t offset; /* byte offset in the input, or line where the input is counted in lines */
    char input[256]; /* name of the input, "" if none */
    char text[512];  /* lower case, no full stop */
};

/* Fills error (may be NULL) and returns code, so that `return fail(...)` reads well. */
enum err fail(struct error *error, enum err code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* As fail, with the name of the input and the place in it. */
enum err fail_at(struct error *error, enum err code, const char *input, uint64_t offset,
                 const char *fmt, ...) PRINTF_LIKE(5, 6);
/* The constant name of a code, for messages. */
const char *err_name(enum err code);

/* Propagates a failure; the only macro with control flow besides vec's. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        enum err try_rc_ = (expr);                                                                 \
        if (try_rc_ < 0)                                                                           \
            return try_rc_;                                                                        \
    } while (0)

#endif
