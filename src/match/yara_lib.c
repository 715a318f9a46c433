#include "match/yara_lib.h"

#include <stdlib.h>
#include <yara.h>

struct yara_lib {
    YR_RULES *rules;
    size_t n;
};

enum err yara_lib_start(void)
{
    static bool started;
    if (!started && yr_initialize() != ERROR_SUCCESS)
        return ERR_NOMEM;
    started = true;
    return OK;
}

const char *yara_lib_version(void)
{
    return YR_VERSION;
}

/* ---- compiling ---- */

static void note_problem(int level, const char *file, int line, const YR_RULE *rule,
                         const char *message, void *ctx)
{
    struct error *error = ctx;
    (void)file;
    (void)rule;
    if (level == YARA_ERROR_LEVEL_ERROR && !error->code)
        (void)fail_at(error, ERR_FORMAT, "", line > 0 ? (uint64_t)line : 0, "%s",
                      message ? message : "");
}

static size_t write_blob(const void *p, size_t size, size_t count, void *ctx)
{
    struct buf *b = ctx;
    buf_add(b, p, size * count);
    return b->rc ? 0 : count;
}

static enum err save(YR_COMPILER *compiler, struct buf *ret_blob)
{
    YR_RULES *rules;
    YR_STREAM stream = {.user_data = ret_blob, .write = write_blob};
    if (yr_compiler_get_rules(compiler, &rules) != ERROR_SUCCESS)
        return ERR_NOMEM;
    int rc = yr_rules_save_stream(rules, &stream);
    (void)yr_rules_destroy(rules);
    return rc == ERROR_SUCCESS ? ret_blob->rc : ret_blob->rc ? ret_blob->rc : ERR_NOMEM;
}

static enum err compile(YR_COMPILER *compiler, const char *source, struct buf *ret_blob,
                        struct error *why)
{
    yr_compiler_set_callback(compiler, note_problem, why);
    yr_compiler_set_include_callback(compiler, NULL, NULL, NULL);
    for (int i = 0; i < YARA_EXTERNALS; i++)
        if (yr_compiler_define_string_variable(compiler, yara_external_name[i], "") !=
            ERROR_SUCCESS)
            return ERR_NOMEM;
    if (yr_compiler_add_string(compiler, source, NULL) != 0)
        return why->code ? why->code : fail(why, ERR_FORMAT, "not understood");
    return save(compiler, ret_blob);
}

enum err yara_lib_compile(struct str source, struct buf *ret_blob, struct error *error)
{
    struct error why = {0};
    YR_COMPILER *compiler;
    if (source.n && memchr(source.p, 0, source.n))
        return fail(error, ERR_FORMAT, "a zero byte");
    /* libyara wants a C string, and aborts if a compiler is used again that failed once. */
    char *text = strndup(source.p ? source.p : "", source.n);
    if (!text)
        return ERR_NOMEM;
    enum err rc = ERR_NOMEM;
    if (yr_compiler_create(&compiler) == ERROR_SUCCESS) {
        rc = compile(compiler, text, ret_blob, &why);
        yr_compiler_destroy(compiler);
    }
    free(text);
    if (rc && error && why.code)
        *error = why;
    return rc;
}

/* ---- loading ---- */

static size_t read_blob(void *p, size_t size, size_t count, void *ctx)
{
    struct str *left = ctx;
    if (!size || count > left->n / size)
        return 0;
    memcpy(p, left->p, size * count);
    *left = str_sub(*left, size * count, left->n);
    return count;
}

enum err yara_lib_load(struct str blob, struct yara_lib **ret_lib)
{
    struct yara_lib *lib = *ret_lib = calloc(1, sizeof *lib);
    YR_STREAM stream = {.user_data = &blob, .read = read_blob};
    YR_RULE *rule;
    if (!lib)
        return ERR_NOMEM;
    int rc = yr_rules_load_stream(&stream, &lib->rules);
    if (rc != ERROR_SUCCESS) {
        free(lib);
        *ret_lib = NULL;
        return rc == ERROR_INSUFFICIENT_MEMORY ? ERR_NOMEM : ERR_FORMAT;
    }
    yr_rules_foreach(lib->rules, rule) lib->n++;
    return OK;
}

struct yara_lib *yara_lib_free(struct yara_lib *lib)
{
    if (lib)
        (void)yr_rules_destroy(lib->rules);
    free(lib);
    return NULL;
}

size_t yara_lib_rules(const struct yara_lib *lib)
{
    return lib->n;
}

struct str yara_lib_name(const struct yara_lib *lib, size_t rule)
{
    return str_of(lib->rules->rules_table[rule].identifier);
}

void yara_lib_switch(struct yara_lib *lib, size_t rule, bool on)
{
    if (on)
        yr_rule_enable(&lib->rules->rules_table[rule]);
    else
        yr_rule_disable(&lib->rules->rules_table[rule]);
}

/* ---- scanning ---- */

struct yara_lib_match {
    YR_SCAN_CONTEXT *context;
    YR_RULE *rule;
};

struct scan {
    const struct yara_lib_sink *sink;
    enum err rc; /* of the sink */
};

static int on_message(YR_SCAN_CONTEXT *context, int message, void *data, void *ctx)
{
    struct scan *scan = ctx;
    if (message == CALLBACK_MSG_RULE_MATCHING) {
        struct yara_lib_match match = {context, data};
        size_t rule = (size_t)(match.rule - context->rules->rules_table);
        scan->rc = scan->sink->match(scan->sink->ctx, rule, &match);
    } else if (message == CALLBACK_MSG_TOO_MANY_MATCHES)
        scan->rc = scan->sink->too_many(scan->sink->ctx, ((const YR_STRING *)data)->rule_idx);
    return scan->rc ? CALLBACK_ABORT : CALLBACK_CONTINUE;
}

static enum err set_external(YR_SCANNER *scanner, const char *name, struct str value)
{
    char *text = strndup(value.p ? value.p : "", value.n);
    if (!text)
        return ERR_NOMEM;
    int rc = yr_scanner_define_string_variable(scanner, name, text);
    free(text);
    return rc == ERROR_SUCCESS ? OK : ERR_NOMEM;
}

static enum err explain(int rc, const struct scan *scan, struct error *error)
{
    if (scan->rc)
        return scan->rc;
    switch (rc) {
    case ERROR_SUCCESS: return OK;
    case ERROR_SCAN_TIMEOUT: return fail(error, ERR_AGAIN, "timeout");
    case ERROR_INSUFFICIENT_MEMORY: return ERR_NOMEM;
    default: return fail(error, ERR_FORMAT, "libyara gave up with code %d", rc);
    }
}

enum err yara_lib_scan(struct yara_lib *lib, struct str body,
                       const struct str external[YARA_EXTERNALS], int timeout_s,
                       const struct yara_lib_sink *sink, struct error *error)
{
    struct scan scan = {.sink = sink};
    YR_SCANNER *scanner;
    enum err rc = OK;
    if (yr_scanner_create(lib->rules, &scanner) != ERROR_SUCCESS)
        return ERR_NOMEM;
    yr_scanner_set_callback(scanner, on_message, &scan);
    yr_scanner_set_timeout(scanner, timeout_s);
    /* Without handlers for signals: a fault is the end of this worker, and a gap. */
    yr_scanner_set_flags(scanner, SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING);
    for (int i = 0; i < YARA_EXTERNALS && !rc; i++)
        rc = set_external(scanner, yara_external_name[i], external[i]);
    if (!rc)
        rc = explain(yr_scanner_scan_mem(scanner, (const uint8_t *)(body.p ? body.p : ""), body.n),
                     &scan, error);
    yr_scanner_destroy(scanner);
    return rc;
}

void yara_lib_tags(const struct yara_lib_match *m, bool (*tag)(void *ctx, struct str tag),
                   void *ctx)
{
    const char *name;
    yr_rule_tags_foreach(m->rule, name) if (!tag(ctx, str_of(name))) return;
}

void yara_lib_metas(const struct yara_lib_match *m,
                    bool (*meta)(void *ctx, struct str name, struct str text), void *ctx)
{
    const YR_META *one;
    yr_rule_metas_foreach(m->rule, one)
    {
        char number[32];
        struct str text = str_of(number);
        if (one->type == META_TYPE_STRING)
            text = str_of(one->string);
        else if (one->type == META_TYPE_BOOLEAN)
            text = one->integer ? STR("true") : STR("false");
        else {
            (void)snprintf(number, sizeof number, "%lld", (long long)one->integer);
            text = str_of(number);
        }
        if (!meta(ctx, str_of(one->identifier), text))
            return;
    }
}

/* libyara lays its matches out as they come, whatever their alignment. */
__attribute__((no_sanitize("alignment"))) void
yara_lib_spots(const struct yara_lib_match *m,
               bool (*spot)(void *ctx, const struct yara_lib_spot *spot), void *ctx)
{
    const YR_STRING *string;
    const YR_MATCH *one;
    yr_rule_strings_foreach(m->rule, string)
    {
        if (STRING_IS_PRIVATE(string))
            continue;
        yr_string_matches_foreach(m->context, string, one)
        {
            struct yara_lib_spot s = {str_of(string->identifier),
                                      (uint64_t)(one->base + one->offset),
                                      (uint64_t)one->match_length};
            if (!spot(ctx, &s))
                return;
        }
    }
}
