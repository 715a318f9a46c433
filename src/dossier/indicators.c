#include "base/utf.h"
#include "codec/json.h"
#include "dossier/indicator_sink.h"

/* How to add an indicator source:
 *   1. Write indicators_<format>.c with a sniff function (0 = certainly not, 100 = certainly; it
 *      looks at the content, never at the file's name) and a load function that hands each value
 *      to sink_add and everything it leaves out to sink_problem.
 *   2. Declare its struct indicator_source in indicator_sink.h, and name it here. The first one
 *      with the highest answer loads the text; plain lists answer 1 and stay last.
 *   3. Add the file to meson.build and a case to tests/unit/test_indicators.c: a good text, one
 *      with a broken value, one cut in the middle. */
static const struct indicator_source *const sources[] = {&source_stix, &source_misp, &source_csv,
                                                         &source_plain};

struct str sink_str(struct indicator_sink *sink, struct str text)
{
    if (!text.p)
        return STR_NONE;
    struct str copy = arena_str(sink->arena, text);
    if (!copy.p)
        sink->rc = ERR_NOMEM;
    return copy;
}

const char *sink_quote(struct indicator_sink *sink, struct str text)
{
    enum { SHOWN = 80 };
    bool cut = text.n > SHOWN;
    size_t n = cut ? SHOWN : text.n;
    while (cut && n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    char *out = arena_alloc(sink->arena, n + 6);
    if (!out) {
        sink->rc = ERR_NOMEM;
        return "";
    }
    out[0] = '"';
    for (size_t i = 0; i < n; i++)
        out[i + 1] = (unsigned char)text.p[i] < ' ' || text.p[i] == 127 ? '?' : text.p[i];
    memcpy(out + n + 1, cut ? "...\"" : "\"", cut ? 5 : 2);
    return out;
}

void sink_problem(struct indicator_sink *sink, uint32_t line, const char *fmt, ...)
{
    char text[400];
    va_list args;
    if (sink->problem.n >= INDICATORS_MAX_PROBLEMS) {
        sink->more_problems++;
        return;
    }
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    struct dossier_problem problem = {.file = sink->name, .line = line};
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    problem.text = sink_str(sink, str_make(text, len));
    enum err rc = vec_push(&sink->problem, problem, INDICATORS_MAX_PROBLEMS + 1);
    if (rc)
        sink->rc = rc;
}

bool sink_add(struct indicator_sink *sink, uint32_t line, const struct indicator *proto,
              struct str value)
{
    struct indicator indicator = *proto;
    if (sink->rc)
        return false;
    bool link = indicator.type == INDICATOR_ADDRESS || indicator.type == INDICATOR_DOMAIN ||
                indicator.type == INDICATOR_URL;
    indicator.value = link ? value_refang(sink->arena, value) : sink_str(sink, str_trim(value));
    if (!indicator.value.p) {
        sink->rc = ERR_NOMEM;
        return false;
    }
    const char *reason = value_check(indicator.type, &indicator.value);
    if (reason) {
        sink_problem(sink, line, "%s %s", sink_quote(sink, str_trim(value)), reason);
        return false;
    }
    if (!indicator.source.p)
        indicator.source = sink->name;
    enum err rc = vec_push(&sink->indicator, indicator, INDICATORS_MAX);
    if (rc)
        sink->rc = rc;
    return !rc;
}

/* What begins with an object, or with a list of objects, is JSON; "[2001:db8::1]" is not. */
static bool looks_like_json(struct str text)
{
    size_t i = 0;
    while (i < text.n && ascii_space((unsigned char)text.p[i]))
        i++;
    if (i == text.n || text.p[i] == '{')
        return i < text.n;
    if (text.p[i++] != '[')
        return false;
    while (i < text.n && ascii_space((unsigned char)text.p[i]))
        i++;
    return i < text.n && (text.p[i] == '{' || text.p[i] == ']');
}

/* Text editors on Windows write UTF-16; everything below reads UTF-8 without its mark. */
static enum err to_utf8(struct arena *arena, struct str *text)
{
    if (str_starts(*text, STR("\xef\xbb\xbf")))
        *text = str_sub(*text, 3, text->n);
    bool little = str_starts(*text, STR("\xff\xfe")), big = str_starts(*text, STR("\xfe\xff"));
    if (!little && !big)
        return OK;
    struct buf b;
    buf_init(&b, 2 * text->n + 64);
    (void)utf16_to_utf8(&b, str_sub(*text, 2, text->n), big, true);
    struct str copy = b.rc ? STR_NONE : arena_str(arena, buf_view(&b));
    buf_done(&b);
    if (!copy.p)
        return ERR_NOMEM;
    *text = copy;
    return OK;
}

static const struct indicator_source *pick(struct str text, const struct node *root)
{
    const struct indicator_source *best = NULL;
    int best_answer = 0;
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        int answer = sources[i]->sniff(text, root);
        if (answer > best_answer) {
            best = sources[i];
            best_answer = answer;
        }
    }
    return best;
}

static const struct indicator_source *load(struct indicator_sink *sink, struct str text)
{
    struct node *root = NULL;
    struct error error = {0};
    if (looks_like_json(text)) {
        enum err rc = json_parse(sink->arena, text, sink->name, &root, &error);
        if (rc == ERR_NOMEM || rc == ERR_BUG)
            sink->rc = rc;
        if (rc) {
            sink_problem(sink, (uint32_t)error.offset, "no readable JSON: %s", error.text);
            return NULL;
        }
    }
    const struct indicator_source *source = pick(text, root);
    if (source)
        source->load(sink, text, root);
    else
        sink_problem(sink, 0, root ? "JSON, but neither STIX nor MISP" : "empty");
    if (source && !sink->rc && !sink->indicator.n && !sink->problem.n)
        sink_problem(sink, 0, "holds no indicators");
    return source;
}

static enum err finish(struct indicator_sink *sink, struct indicator **ret, size_t *ret_n,
                       struct dossier_problem **ret_problems, size_t *ret_n_problems)
{
    if (sink->more_problems) {
        char text[64];
        (void)snprintf(text, sizeof text, "and %llu more problems",
                       (unsigned long long)sink->more_problems);
        struct dossier_problem last = {.file = sink->name};
        last.text = sink_str(sink, str_of(text));
        enum err rc = vec_push(&sink->problem, last, INDICATORS_MAX_PROBLEMS + 1);
        if (rc)
            sink->rc = rc;
    }
    if (sink->rc)
        return sink->rc;
    *ret = arena_new_n(sink->arena, struct indicator, sink->indicator.n + 1);
    *ret_problems = arena_new_n(sink->arena, struct dossier_problem, sink->problem.n + 1);
    if (!*ret || !*ret_problems)
        return ERR_NOMEM;
    if (sink->indicator.n)
        memcpy(*ret, sink->indicator.v, sink->indicator.n * sizeof **ret);
    if (sink->problem.n)
        memcpy(*ret_problems, sink->problem.v, sink->problem.n * sizeof **ret_problems);
    *ret_n = sink->indicator.n;
    *ret_n_problems = sink->problem.n;
    return OK;
}

enum err indicators_load(struct arena *arena, struct str text, struct str name,
                         struct indicator **ret, size_t *ret_n,
                         struct dossier_problem **ret_problems, size_t *ret_n_problems,
                         const char **ret_format)
{
    struct indicator_sink sink = {.arena = arena};
    const struct indicator_source *source = NULL;
    *ret = NULL;
    *ret_problems = NULL;
    *ret_n = *ret_n_problems = 0;
    sink.name = sink_str(&sink, name);
    sink.rc = sink.rc ? sink.rc : to_utf8(arena, &text);
    if (!sink.rc)
        source = load(&sink, text);
    enum err rc = finish(&sink, ret, ret_n, ret_problems, ret_n_problems);
    vec_done(&sink.indicator);
    vec_done(&sink.problem);
    if (ret_format)
        *ret_format = source ? source->name : "";
    return rc;
}
