/* match/yara_lex.h — tokens of YARA's language, for yara_text.c and yara_condition.c.
 *
 * What:   one token at a time; a slash always begins a regular expression or a comment, as YARA
 *         divides with a backslash.
 * Input:  hostile.
 * Limits: a token is no longer than the source.
 * Owner:  tokens are slices of the source.
 * Spec:   the lexer of YARA 4.2
 */
#ifndef MATCH_YARA_LEX_H
#define MATCH_YARA_LEX_H

#include "match/yara_text.h"

enum yara_token {
    YARA_T_END,
    YARA_T_BAD,
    YARA_T_WORD,   /* identifier or keyword */
    YARA_T_STRING, /* $a, $a*, $ */
    YARA_T_COUNT,  /* #a */
    YARA_T_OFFSET, /* @a */
    YARA_T_LENGTH, /* !a */
    YARA_T_TEXT,   /* text: between the quotes, escapes and all */
    YARA_T_REGEX,  /* text: between the slashes; flags behind */
    YARA_T_INT,
    YARA_T_FLOAT,
    YARA_T_SIGN, /* one or two characters, in sign */
};

struct yara_lex {
    const char *start, *p, *end;
    enum yara_token token;
    struct str text;  /* of the token */
    struct str flags; /* of a regular expression */
    struct str whole; /* as written */
    int64_t value;    /* of an INT */
    uint16_t sign;    /* 'a', or 'a' | 'b' << 8 */
    const char *last; /* where the token before this one ended */
};

#define YARA_SIGN2(a, b) ((uint16_t)((a) | (b) << 8))

void yara_lex_start(struct yara_lex *lex, struct str source);
/* Reads the next token into lex. */
void yara_lex_next(struct yara_lex *lex);
static inline bool yara_lex_is(const struct yara_lex *lex, uint16_t sign)
{
    return lex->token == YARA_T_SIGN && lex->sign == sign;
}
bool yara_lex_word(const struct yara_lex *lex, const char *word);
/* Steps over it if it is the next one. */
bool yara_lex_take(struct yara_lex *lex, uint16_t sign);
bool yara_lex_take_word(struct yara_lex *lex, const char *word);
uint32_t yara_lex_line(const struct yara_lex *lex);
/* Blanks and comments from p on. */
const char *yara_lex_blank(const char *p, const char *end);
/* A text token without its escapes; p == NULL when out of memory. */
struct str yara_lex_bytes(struct arena *arena, struct str text);

/* The condition of a rule, up to its closing brace (exclusive). NULL when out of memory. */
struct yara_node *yara_condition_parse(struct arena *arena, struct yara_lex *lex,
                                       const struct yara_text *text, const struct yara_rule *rule);

#endif
