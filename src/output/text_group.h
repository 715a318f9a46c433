/* text_group.h — which findings the text shows together, and which it shows at all.
 *
 * What:   sorts findings by host and weight; joins those of one request (the same rule on two
 *         logs) and of one record (several rules on one row); chooses which are shown in full.
 * Input:  an answer with hostile texts; work grows with n log n.
 * Limits: the arena of the text.
 * Owner:  the caller owns the arrays, each with room for all findings of the answer.
 * Spec:   docs/reference/output.md "text"
 */
#ifndef OUTPUT_TEXT_GROUP_H
#define OUTPUT_TEXT_GROUP_H

#include "output/text.h"

enum row_role {
    ROW_MAIN,
    ROW_SAME, /* the main one's request, as another log has it */
    ROW_WITH, /* another rule on the main one's record */
};

/* A finding in the order of the page. */
struct row {
    const struct finding *f;
    const struct episode *episode; /* NULL: outside any */
    struct str client;
    size_t index;        /* in the answer: decides between equals */
    uint32_t host, rule; /* ranks */
    enum row_role role;
    bool shown;             /* in full, or beside one that is */
    struct row *next, *end; /* of a main row: those joined to it; the last of them */
};

struct rows {
    struct row *v;
    size_t n;
};

/* Fills rows, sorted and joined, and aside with those that carry a note, sorted by it; leaves out
 * of these as many as ret_doubled says, because their record is among the rows. */
MUST_CHECK enum err rows_sort_out(struct text *t, struct rows *rows, struct rows *aside,
                                  size_t *ret_doubled);
/* Of one host's rows, those to be shown in full, at most limit, one of each rule, the gravest
 * first; with fill, more of a rule as long as there is room. Marks them and what is joined to them
 * as shown. Returns how many. */
size_t rows_choose(struct row *v, size_t n, unsigned limit, bool fill, struct row **ret_chosen);

/* For qsort: the first two of pointers to rows, the third of rows (0: one line for both). */
int row_by_time(const void *, const void *);
int row_by_rule(const void *, const void *);
int row_by_note(const void *, const void *);

bool row_is_pivot(const struct row *r);

/* Upper case, for people. */
const char *text_grade(enum grade g);
enum style text_grade_style(enum grade g);
/* Appends to tmp: the rule's title, and the techniques beside it. */
void text_title(struct text *t, const struct finding *f);
/* Appends to tmp: "FILE:LINE @OFFSET id:DIGITS", by which --json's finding is found. */
void text_place(struct text *t, const struct finding *f);
/* Has this sentence not been on the page yet? An empty one never. */
bool text_first_time(struct text *t, struct map *said, struct str sentence);

/* text_episode.c. v[0 .. n) are one host's rows, the gravest first.
 * Has the gravest an episode that is worth telling step by step? */
bool text_has_story(struct row *v, size_t n);
/* Its steps in order of time, each with what it means; marks what it shows. */
void text_story(struct text *t, struct row *v, size_t n, struct map *said);
/* Addresses, accounts and mailboxes in one paragraph. */
void text_touched(struct text *t, const struct row *v, size_t n);
/* The rows of --pivot over all hosts, in order of time: a list of its own; takes
 * them out of aside. */
void text_pivots(struct text *t, struct rows *aside);

#endif
