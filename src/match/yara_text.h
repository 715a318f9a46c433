/* match/yara_text.h — YARA rules as text into rules as data.
 *
 * What:   strings and the condition of each rule of a source. The condition is a tree; a part that
 *         is not understood is one node that says so (YARA_OP_OPAQUE), never a guess.
 * Input:  hostile, though libyara took it before: what it means is libyara's to say, and this only
 *         serves to find out what a rule needs.
 * Limits: YARA_TEXT_DEPTH of conditions, YARA_TEXT_RULES, YARA_TEXT_STRINGS of one rule.
 * Owner:  all is in the arena given; texts without escapes are borrowed from the source.
 * Spec:   docs/internals/YARA.md; the grammar of YARA 4.2
 */
#ifndef MATCH_YARA_TEXT_H
#define MATCH_YARA_TEXT_H

#include "base/arena.h"

enum { YARA_TEXT_DEPTH = 200, YARA_TEXT_RULES = 100 * 1000, YARA_TEXT_STRINGS = 20 * 1000 };

enum yara_string_kind { YARA_STRING_TEXT, YARA_STRING_HEX, YARA_STRING_REGEX };

struct yara_string {
    struct str id; /* "$a", or "$" */
    enum yara_string_kind kind;
    struct str value; /* text: its bytes; hex: between the braces; regex: between the slashes */
    bool nocase, wide, ascii, fullword, xor, base64, base64wide, alphabet;
    bool dot_all; /* regex: /s */
    uint8_t xor_from, xor_to;
};

/* Kinds of nodes. Kids stand in brackets. */
enum yara_op {
    /* truth */
    YARA_OP_OPAQUE,
    YARA_OP_CONST, /* value: 0 or 1 */
    YARA_OP_AND,   /* [truth...] */
    YARA_OP_OR,
    YARA_OP_NOT,    /* [truth] */
    YARA_OP_STRING, /* value: index of the string; [number]: at that place; "in" only narrows it */
    YARA_OP_RULE,   /* value: index of an earlier rule of the source */
    YARA_OP_OF,     /* [quantifier, set] */
    YARA_OP_FOR_OF, /* [quantifier, set, truth] */
    YARA_OP_FOR_IN, /* [quantifier, number, number, truth]: from..to, or OPAQUE twice */
    YARA_OP_EQ,     /* [number or text, the same] up to GE */
    YARA_OP_NE,
    YARA_OP_LT,
    YARA_OP_LE,
    YARA_OP_GT,
    YARA_OP_GE,
    YARA_OP_CONTAINS, /* [text, text] up to IEQUALS */
    YARA_OP_ICONTAINS,
    YARA_OP_STARTS,
    YARA_OP_ISTARTS,
    YARA_OP_ENDS,
    YARA_OP_IENDS,
    YARA_OP_IEQUALS,
    YARA_OP_MATCHES, /* [text, regex as TEXT] */
    YARA_OP_PROBE,   /* value: which; only the gate makes these */
    /* numbers */
    YARA_OP_INT, /* value */
    YARA_OP_FILESIZE,
    YARA_OP_READ, /* [number]; value: width in bytes, negative: big-endian, + 16: signed */
    YARA_OP_COUNT,
    YARA_OP_PLACE, /* @a or !a: undefined without an occurrence */
    YARA_OP_ADD,   /* [number, number] */
    YARA_OP_SUB,
    YARA_OP_MUL,
    YARA_OP_BIT_AND,
    YARA_OP_BIT_OR,
    YARA_OP_BIT_XOR,
    YARA_OP_LEFT, /* << */
    YARA_OP_RIGHT,
    YARA_OP_MIX, /* some other sum: undefined if one of them is */
    /* texts */
    YARA_OP_TEXT,
    YARA_OP_EXTERNAL, /* value: enum yara_external */
    /* quantifiers (or a number) */
    YARA_OP_ANY,
    YARA_OP_ALL,
    YARA_OP_NONE,
    YARA_OP_PERCENT, /* [number] */
    /* sets */
    YARA_OP_SET, /* [STRING...] */
    YARA_OPS,
};

enum { YARA_THIS_STRING = -1 }; /* "$" in the body of for...of */

enum yara_external {
    YARA_FILENAME,
    YARA_FILEPATH,
    YARA_EXTENSION,
    YARA_FILETYPE,
    YARA_OWNER,
    YARA_MD5,
    YARA_EXTERNALS,
};
extern const char *const yara_external_name[YARA_EXTERNALS];

/* What a part of a condition asks for. */
enum {
    YARA_ASKS_STRINGS = 1,
    YARA_ASKS_RULES = 2,
    YARA_ASKS_MODULES = 4, /* any */
    YARA_ASKS_BODY = 8,    /* a module other than pe, the bytes, the size, or who knows */
    YARA_ASKS_EXTERNALS = 16,
    YARA_ASKS_LOOPS = 0xf00, /* variables of loops around it, one bit a depth */
};

struct yara_node {
    enum yara_op op;
    unsigned asks;
    uint32_t n_kids;
    struct yara_node *kid, *next;
    int64_t value;
    struct str text; /* TEXT: its bytes */
    struct str span; /* as written */
};

struct yara_rule {
    struct str name;
    uint32_t line;
    bool is_global, is_private;
    struct yara_string *string;
    size_t n_strings;
    struct yara_node *condition;
};

struct yara_text {
    struct yara_rule *rule;
    size_t n_rules;
    struct str *import;
    size_t n_imports;
};

/* ERR_FORMAT with the line: the source as a whole is not understood. */
MUST_CHECK enum err yara_text_parse(struct arena *arena, struct str source,
                                    struct yara_text *ret_text, struct error *error);

#endif
