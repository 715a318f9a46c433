/* indicator_sink.h — where the readers of indicator formats put what they find.
 *
 * What:   checks and normalises values by type, collects indicators and problems; the table entry
 *         of a format.
 * Input:  hostile values.
 * Limits: INDICATORS_MAX, INDICATORS_MAX_PROBLEMS.
 * Owner:  texts live in the sink's arena; the lists on the heap until sink_finish.
 * Spec:   see dossier/indicators.h
 */
#ifndef DOSSIER_INDICATOR_SINK_H
#define DOSSIER_INDICATOR_SINK_H

#include "base/vec.h"
#include "dossier/indicators.h"

struct indicator_sink {
    struct arena *arena;
    struct str name;
    VEC(struct indicator) indicator;
    VEC(struct dossier_problem) problem;
    uint64_t more_problems;
    enum err rc; /* sticky: ERR_NOMEM or ERR_LIMIT ends the load */
};

struct indicator_source {
    const char *name;
    /* How sure, 0 to 100. Formats in JSON look at root, the others get root == NULL. */
    int (*sniff)(struct str text, const struct node *root);
    void (*load)(struct indicator_sink *sink, struct str text, const struct node *root);
};

extern const struct indicator_source source_csv, source_misp, source_plain, source_stix;

void sink_problem(struct indicator_sink *sink, uint32_t line, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* Checks value as proto's type wants it and adds it, or a problem. True if it was added. */
bool sink_add(struct indicator_sink *sink, uint32_t line, const struct indicator *proto,
              struct str value);
/* "text" in quotes for messages, cut and without control characters; in the sink's arena. */
const char *sink_quote(struct indicator_sink *sink, struct str text);
struct str sink_str(struct indicator_sink *sink, struct str text);

/* ---- marks: dossier/indicator_mark.c */
/* TLP_UNKNOWN, and a problem, if it is none. */
enum tlp sink_mark(struct indicator_sink *sink, uint32_t line, struct str word);
/* The strictest of a list with "," ";" or "|" between; of tags those that begin with "tlp:". */
enum tlp sink_marks(struct indicator_sink *sink, uint32_t line, struct str list);
enum tlp sink_tags(struct indicator_sink *sink, uint32_t line, struct str list);
/* Of comments above the first value that say a mark and nothing else: it is the whole list's. */
enum tlp head_mark(struct str text);

/* An indicator without anything but its type. */
static inline struct indicator indicator_of(enum indicator_type type)
{
    return (struct indicator){.type = type, .from_us = TIME_NONE, .until_us = TIME_NONE};
}

/* ---- values: dossier/indicator_value.c */
/* Undoes hxxp, [.], (dot), [:] and the like, and trims. */
struct str value_refang(struct arena *arena, struct str value);
/* The type that a feed's word stands for ("ip-dst", "FileHash-SHA256"); false if none. */
bool value_type_of_word(struct str word, enum indicator_type *ret_type);
/* The type that the value itself shows; what shows none is text. */
enum indicator_type value_guess(struct str value);
/* NULL if the value is a usable one of its type, else the reason. It may be shortened (a port, a
 * scheme, quotes). */
const char *value_check(enum indicator_type type, struct str *value);
/* "weak", "low", a confidence of 0 to 100 or 0.0 to 1.0; false if none of these. */
bool value_weak(struct str strength, bool *ret_weak);

#endif
