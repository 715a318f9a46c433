/* table.h — lines of a given width for a person at a terminal.
 *
 * What:   cut text, wrapped paragraphs, tables whose columns share the width, styles.
 * Input:  hostile texts; each goes through escape_terminal's rules before it is measured.
 * Limits: no line is wider than page.width; a paragraph has at most PAGE_LINES lines.
 * Owner:  appends to the sink's buffer.
 * Spec:   docs/reference/output.md "text"
 */
#ifndef OUTPUT_TABLE_H
#define OUTPUT_TABLE_H

#include "output/sink.h"

enum { PAGE_MIN = 72, PAGE_DEFAULT = 80, PAGE_MAX = 120, PAGE_LINES = 12, TABLE_COLUMNS = 8 };

enum style {
    STYLE_PLAIN,
    STYLE_BOLD,
    STYLE_DIM,
    STYLE_RED,
    STYLE_MAGENTA,
    STYLE_YELLOW,
    STYLE_GREEN,
    STYLE_MATCH, /* the part of a log line that a rule met */
};

struct page {
    struct sink *sink;
    unsigned width;
    bool colour, ascii;
};

void page_style(struct page *p, enum style style); /* STYLE_PLAIN ends the others */
void page_pad(struct page *p, size_t columns);
void page_puts(struct page *p, enum style style, const char *trusted);
void page_newline(struct page *p);
/* A blank line, the title, a line break. */
void page_title(struct page *p, const char *trusted);
/* At most so many columns, "..." where it was cut; returns how many were used. */
size_t page_cut(struct page *p, struct str text, size_t columns);
/* The same, keeping the end: for paths. */
size_t page_cut_front(struct page *p, struct str text, size_t columns);
/* The label at indent, then the text in lines that start below the label's end (never in the first
 * column, so that no text can pass for a line of ours). The label is ours, the text need not be. */
void page_wrap(struct page *p, size_t indent, enum style style, const char *label, struct str text);
/* The same for sentences of rules and dossiers: their line breaks and tabs count as blanks. */
void page_prose(struct page *p, size_t indent, enum style style, const char *label,
                struct str text);

struct column {
    const char *title;
    bool right;     /* numbers */
    unsigned min;   /* may be cut down to so many columns; 0: never cut */
    unsigned width; /* what its cells need so far, then what it gets */
};

/* First table_see for every cell, then table_fit once, then table_head and the rows. */
struct table {
    size_t n, indent;
    unsigned gap;
    struct column column[TABLE_COLUMNS];
};

void table_see(struct table *t, const struct page *p, const struct str *cells);
void table_fit(struct table *t, const struct page *p);
void table_head(const struct table *t, struct page *p);
/* style applies to the cell of index styled. */
void table_row(const struct table *t, struct page *p, const struct str *cells, size_t styled,
               enum style style);

/* "12,345,678" */
void text_grouped(struct buf *b, uint64_t value);
/* "96.2 %", cut, not rounded: 0.89999 never reads 90 %. */
void text_share(struct buf *b, double share);

#endif
