#include "scan/yara_priv.h"

#include "base/vec.h"

enum { PAYLOAD_BYTES = YARA_CACHE_BYTES, PROBE_TEXT_BYTES = 64 * 1024 * 1024 };

struct made_problem {
    uint32_t source, line;
    struct str reason;
};

struct make {
    struct arena arena;
    struct yara_gate_maker *gate;
    struct buf blobs;
    VEC(struct made_problem) problem;
    struct str probe_blob;
    VEC(uint32_t) probe_of;
};

/* ---- sources ---- */

static enum err add_problem(struct make *m, size_t source, uint64_t line, struct str reason)
{
    struct made_problem own = {(uint32_t)source, (uint32_t)line, arena_str(&m->arena, reason)};
    wr_str(&m->blobs, STR_NONE);
    TRY(yara_gate_add(m->gate, NULL, NULL, 0));
    return own.reason.p ? vec_push(&m->problem, own, YARA_SOURCES) : ERR_NOMEM;
}

/* It opens files, which nobody may here. */
static bool asks_for_files(struct str text)
{
    return str_find(text, STR("\"magic\"")) >= 0;
}

static enum err add_rules(struct make *m, struct str text, struct str blob)
{
    struct yara_lib *lib;
    struct yara_text parsed;
    TRY(yara_lib_load(blob, &lib));
    size_t n = yara_lib_rules(lib);
    struct str *name = arena_new_n(&m->arena, struct str, n + 1);
    for (size_t i = 0; name && i < n; i++)
        name[i] = yara_lib_name(lib, i);
    enum err rc = name ? yara_text_parse(&m->arena, text, &parsed, NULL) : ERR_NOMEM;
    if (rc == ERR_NOMEM) {
        yara_lib_free(lib);
        return rc;
    }
    rc = yara_gate_add(m->gate, rc ? NULL : &parsed, name, n);
    yara_lib_free(lib);
    return rc;
}

static enum err add_source(struct make *m, const struct yara_source *source, size_t i)
{
    struct error why = {0};
    struct buf blob;
    if (asks_for_files(source->text))
        return add_problem(m, i, 0, STR("the module magic is not supported"));
    buf_init(&blob, YARA_LIB_BLOB_BYTES);
    enum err rc = yara_lib_compile(source->text, &blob, &why);
    struct str kept = rc ? STR_NONE : arena_str(&m->arena, buf_view(&blob));
    buf_done(&blob);
    if (rc == ERR_FORMAT || rc == ERR_LIMIT)
        return add_problem(m, i, why.offset, str_of(why.text[0] ? why.text : err_name(rc)));
    if (rc || !kept.p)
        return ERR_NOMEM;
    wr_str(&m->blobs, kept);
    return add_rules(m, source->text, kept);
}

/* ---- probes ---- */

static void add_import_lines(struct buf *b, const struct yara_source *source,
                             const struct yara_gate_probe *probe)
{
    static const char *const modules[] = {"pe",   "elf",     "math",   "hash", "dotnet",
                                          "time", "console", "cuckoo", "dex",  "macho"};
    (void)source;
    for (size_t i = 0; i < ARRAY_LEN(modules); i++)
        if (str_find(probe->text, str_of(modules[i])) >= 0)
            buf_printf(b, "import \"%s\"\n", modules[i]);
}

static void add_probe_rule(struct buf *b, size_t i, const struct yara_gate_probe *probe)
{
    buf_printf(b, "rule p%zu { condition: ", i);
    buf_str(b, probe->text);
    buf_puts(b, "\n}\n");
}

/* A probe by itself: whether libyara takes it. It knows modules by the imports of its own source;
 * what it does not know stays undecided. */
static enum err try_probe(const struct yara_gate_probe *probe, bool *ret_taken)
{
    struct buf text, blob;
    buf_init(&text, PROBE_TEXT_BYTES);
    buf_init(&blob, YARA_LIB_BLOB_BYTES);
    add_import_lines(&text, NULL, probe);
    add_probe_rule(&text, 0, probe);
    enum err rc = text.rc ? text.rc : yara_lib_compile(buf_view(&text), &blob, NULL);
    *ret_taken = rc == OK;
    buf_done(&text);
    buf_done(&blob);
    return rc == ERR_NOMEM ? rc : OK;
}

static enum err write_probes(struct make *m, struct buf *rules)
{
    struct buf all;
    struct yara_gate_probe every = {0};
    buf_init(&all, PROBE_TEXT_BYTES);
    for (size_t i = 0; i < yara_gate_probes(m->gate); i++) {
        bool taken;
        const struct yara_gate_probe *probe = yara_gate_probe_of(m->gate, i);
        enum err rc = try_probe(probe, &taken);
        if (!rc && taken) {
            add_probe_rule(&all, i, probe);
            rc = vec_push(&m->probe_of, (uint32_t)i, YARA_GATE_NODES);
        }
        if (rc) {
            buf_done(&all);
            return rc;
        }
    }
    every.text = buf_view(&all);
    add_import_lines(rules, NULL, &every);
    buf_str(rules, buf_view(&all));
    buf_done(&all);
    return rules->rc;
}

struct answers {
    struct make *make;
};

static enum err on_answer(void *ctx, size_t rule, const struct yara_lib_match *match)
{
    struct answers *a = ctx;
    (void)match;
    if (rule < a->make->probe_of.n)
        yara_gate_probe_of(a->make->gate, a->make->probe_of.v[rule])->else_ = YARA_CAN_HOLD;
    return OK;
}

static enum err on_too_many(void *ctx, size_t rule)
{
    (void)ctx;
    (void)rule;
    return OK;
}

/* What those that ask pe alone say of whatever is no such file. */
static enum err ask_of_nothing(struct make *m, struct str blob)
{
    static const struct str none[YARA_EXTERNALS];
    struct answers answers = {m};
    struct yara_lib_sink sink = {on_answer, on_too_many, &answers};
    struct yara_lib *lib;
    for (size_t i = 0; i < m->probe_of.n; i++)
        yara_gate_probe_of(m->gate, m->probe_of.v[i])->else_ = YARA_CAN_FAIL | YARA_CAN_LACK;
    TRY(yara_lib_load(blob, &lib));
    enum err rc = yara_lib_scan(lib, STR("nothing of the kind"), none, YARA_TIMEOUT_S, &sink, NULL);
    yara_lib_free(lib);
    return rc;
}

static enum err make_probes(struct make *m)
{
    struct buf text, blob;
    buf_init(&text, PROBE_TEXT_BYTES);
    buf_init(&blob, YARA_LIB_BLOB_BYTES);
    enum err rc = write_probes(m, &text);
    if (!rc && m->probe_of.n)
        rc = yara_lib_compile(buf_view(&text), &blob, NULL);
    if (!rc && m->probe_of.n) {
        m->probe_blob = arena_str(&m->arena, buf_view(&blob));
        rc = m->probe_blob.p ? ask_of_nothing(m, m->probe_blob) : ERR_NOMEM;
    }
    buf_done(&text);
    buf_done(&blob);
    return rc;
}

/* ---- all of it ---- */

static enum err put_payload(struct make *m, size_t n, struct buf *b)
{
    wr_u32(b, (uint32_t)n);
    buf_str(b, buf_view(&m->blobs));
    wr_u32(b, (uint32_t)m->problem.n);
    for (size_t i = 0; i < m->problem.n; i++) {
        wr_u32(b, m->problem.v[i].source);
        wr_u32(b, m->problem.v[i].line);
        wr_str(b, m->problem.v[i].reason);
    }
    wr_str(b, m->probe_blob);
    wr_u32(b, (uint32_t)m->probe_of.n);
    for (size_t i = 0; i < m->probe_of.n; i++)
        wr_u32(b, m->probe_of.v[i]);
    TRY(yara_gate_put(m->gate, b));
    return m->blobs.rc ? m->blobs.rc : b->rc;
}

static enum err make_all(struct make *m, const struct yara_source *source, size_t n,
                         const struct str *bad, enum err (*at)(void *ctx, uint32_t source),
                         void *ctx, struct buf *ret_payload)
{
    for (size_t i = 0; i < n; i++)
        yara_gate_sample(m->gate, source[i].text);
    for (size_t i = 0; i < n; i++) {
        TRY(at(ctx, (uint32_t)i));
        if (bad && bad[i].p)
            TRY(add_problem(m, i, 0, bad[i]));
        else
            TRY(add_source(m, &source[i], i));
    }
    TRY(make_probes(m));
    return put_payload(m, n, ret_payload);
}

enum err yara_make(const struct yara_source *source, size_t n, const struct str *bad,
                   enum err (*at)(void *ctx, uint32_t source), void *ctx, struct buf *ret_payload)
{
    struct make m = {.probe_blob = STR_NONE};
    arena_init(&m.arena, PAYLOAD_BYTES);
    buf_init(&m.blobs, PAYLOAD_BYTES);
    m.gate = yara_gate_maker_new();
    enum err rc = m.gate ? make_all(&m, source, n, bad, at, ctx, ret_payload) : ERR_NOMEM;
    yara_gate_maker_free(m.gate);
    vec_done(&m.problem);
    vec_done(&m.probe_of);
    buf_done(&m.blobs);
    arena_done(&m.arena);
    return rc;
}
