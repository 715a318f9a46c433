/* text.h — what the parts of the text output share.
 *
 * What:   one page on its way, and its parts: verdicts, findings, coverage, what was not read.
 * Input:  an answer whose texts are hostile: all of them go through output/table.h.
 * Limits: findings a host, lines a list; what is not shown is counted.
 * Owner:  text.c makes and frees it; everything lives for the time of one call.
 * Spec:   docs/reference/output.md "text"
 */
#ifndef OUTPUT_TEXT_H
#define OUTPUT_TEXT_H

#include "base/map.h"
#include "model/answer.h"
#include "output/json_writer.h"
#include "output/table.h"

enum { TEXT_LIST_LINES = 20, TEXT_ID_DIGITS = 12 };

struct text {
    struct page page;
    const struct answer *answer;
    const struct verdict **order; /* worst first */
    struct buf tmp;               /* a paragraph that is being made; empty between two */
    struct arena arena;
    struct map ended; /* text_pair of host and dossier: the logs end before the affair began */
    struct map files; /* names of the files that have a hash and are named in full */
    const struct finding *file[TEXT_LIST_LINES]; /* the first of each */
    enum err rc;                                 /* sticky: memory */
};

/* Prints tmp as a paragraph and empties it. */
void text_wrap(struct text *t, size_t indent, enum style style, const char *label);
/* The same for sentences of rules and dossiers. */
void text_prose(struct text *t, size_t indent, enum style style, const char *label);
/* "and 12 more; --json shows all"; nothing if none is left. */
void text_more(struct text *t, size_t indent, size_t left, const char *what);
/* Appends to tmp. */
void text_count(struct text *t, uint64_t n, const char *what);
void text_date(struct text *t, const char *what, int64_t time_us, bool seconds);
struct str text_host(struct str host);
/* Joins two texts to the key of a map, in tmp. */
struct str text_pair(struct text *t, struct str a, struct str b);

/* Fills ended, then prints. */
void text_verdicts(struct text *t);
/* limit: shown in full on each host; 0: one of each rule, a few. */
void text_findings(struct text *t, unsigned limit);
/* The hashes of the files that text_findings named in full. */
void text_files(struct text *t);
void text_coverage(struct text *t);

#endif
