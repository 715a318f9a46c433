#include "match/re.h"

#include "base/limits.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

enum { PARENS_DEPTH = 100, JIT_STACK_MIN = 32 * 1024, JIT_STACK_MAX = 512 * 1024 };

struct re {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

struct re *re_free(struct re *re)
{
    if (!re)
        return NULL;
    pcre2_match_data_free(re->match);
    pcre2_match_context_free(re->context);
    pcre2_jit_stack_free(re->stack);
    pcre2_code_free(re->code);
    free(re);
    return NULL;
}

static uint32_t options_of(unsigned flags)
{
    uint32_t o = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    o |= flags & RE_IGNORE_CASE ? PCRE2_CASELESS : 0;
    o |= flags & RE_MULTILINE ? PCRE2_MULTILINE : 0;
    o |= flags & RE_DOT_ALL ? PCRE2_DOTALL : 0;
    o |= flags & RE_AT_START ? PCRE2_ANCHORED : 0;
    o |= flags & RE_AT_END ? PCRE2_ENDANCHORED : 0;
    return o;
}

static enum err compile(struct str pattern, unsigned flags, pcre2_code **ret, struct error *error)
{
    pcre2_compile_context *cc = pcre2_compile_context_create(NULL);
    if (!cc)
        return fail(error, ERR_NOMEM, "out of memory for a regular expression");
    (void)pcre2_set_parens_nest_limit(cc, PARENS_DEPTH);
    int code;
    PCRE2_SIZE at;
    *ret = pcre2_compile((PCRE2_SPTR)(pattern.p ? pattern.p : ""), pattern.n, options_of(flags),
                         &code, &at, cc);
    pcre2_compile_context_free(cc);
    if (*ret)
        return OK;
    PCRE2_UCHAR text[160] = "";
    (void)pcre2_get_error_message(code, text, sizeof text);
    return fail(error, ERR_FORMAT, "bad regular expression at byte %zu: %s", (size_t)at,
                (const char *)text);
}

/* What one search may cost. Without the JIT its stack is simply not used. */
static enum err prepare(struct re *re)
{
    re->match = pcre2_match_data_create(2, NULL); /* the whole match and group 1 */
    re->context = pcre2_match_context_create(NULL);
    if (!re->match || !re->context)
        return ERR_NOMEM;
    (void)pcre2_set_match_limit(re->context, LIMIT_REGEX_MATCH);
    (void)pcre2_set_depth_limit(re->context, LIMIT_REGEX_DEPTH);
    (void)pcre2_set_heap_limit(re->context, LIMIT_REGEX_HEAP_KIB);
    if (pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE))
        return OK;
    re->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
    if (!re->stack)
        return ERR_NOMEM;
    pcre2_jit_stack_assign(re->context, NULL, re->stack);
    return OK;
}

enum err re_new(struct str pattern, unsigned flags, struct re **ret_re, struct error *error)
{
    *ret_re = NULL;
    if (pattern.n > LIMIT_REGEX_BYTES)
        return fail(error, ERR_LIMIT, "regular expression longer than %d bytes", LIMIT_REGEX_BYTES);
    struct re *re = calloc(1, sizeof *re);
    if (!re)
        return fail(error, ERR_NOMEM, "out of memory for a regular expression");
    enum err rc = compile(pattern, flags, &re->code, error);
    if (!rc && !(flags & RE_CHECK_ONLY) && prepare(re))
        rc = fail(error, ERR_NOMEM, "out of memory for a regular expression");
    if (rc)
        re = re_free(re);
    *ret_re = re;
    return rc;
}

enum re_answer re_match(const struct re *re, struct str subject, size_t *ret_from, size_t *ret_to)
{
    if (subject.n > LIMIT_REGEX_SUBJECT_BYTES)
        return RE_LIMITED;
    int rc = pcre2_match(re->code, (PCRE2_SPTR)(subject.p ? subject.p : ""), subject.n, 0, 0,
                         re->match, re->context);
    if (rc == PCRE2_ERROR_NOMATCH)
        return RE_NO;
    if (rc < 0)
        return RE_LIMITED;
    const PCRE2_SIZE *range = pcre2_get_ovector_pointer(re->match);
    if (ret_from)
        *ret_from = range[0];
    if (ret_to)
        *ret_to = range[1] < range[0] ? range[0] : range[1];
    return RE_YES;
}

enum re_answer re_group(const struct re *re, struct str subject, size_t *ret_from, size_t *ret_to)
{
    enum re_answer answer = re_match(re, subject, NULL, NULL);
    if (answer != RE_YES)
        return answer;
    const PCRE2_SIZE *range = pcre2_get_ovector_pointer(re->match);
    if (range[2] == PCRE2_UNSET || range[3] < range[2])
        return RE_NO;
    *ret_from = range[2];
    *ret_to = range[3];
    return RE_YES;
}

const char *re_library(void)
{
    static char version[64]; /* twice what pcre2api(3) asks for */
    (void)pcre2_config(PCRE2_CONFIG_VERSION, version);
    return version;
}
