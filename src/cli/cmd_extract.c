#include "base/map.h"
#include "base/vec.h"
#include "cli/cmd.h"
#include "cli/gap.h"
#include "cli/out.h"
#include "os/clock.h"
#include "os/term.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "output/table.h"
#include "watch/gist.h"
#include "watch/pass.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct extract_values {
    bool json, no_names;
    struct str_list subjects;
};
const size_t extract_values_size = sizeof(struct extract_values);

const struct option_def extract_option_defs[] = {
    {.name = "json",
     FLAG(struct extract_values, json),
     .help = "print JSON Lines: one object an occurrence"},
    {.name = "subjects",
     LIST(struct extract_values, subjects),
     .arg = "FILE",
     .help = "also tell the names of this table, or of this MISP galaxy; may be given several "
             "times"},
    {.name = "no-names",
     FLAG(struct extract_values, no_names),
     .help = "tell no products, vendors, actors, malware and topics: only what has a form"},
    {0},
};

enum { MAX_VALUES = 500 * 1000, SUBJECTS_BYTES = 64 * 1024 * 1024 };

/* One value of the text's list. */
struct distinct {
    struct str value;
    enum item_kind kind;
    bool lookalike;
    uint64_t count;
};

struct extraction {
    struct cli *cli;
    bool json;
    struct out out;
    struct map ids;
    VEC(struct distinct) list;
    struct buf key;
    uint64_t items, gaps, untold; /* untold: occurrences of values beyond the list */
    double started_s;
};

static void item_json(struct extraction *x, struct str file, const struct item *item)
{
    struct json j;
    json_init(&j, &x->out.sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", item_is_subject(item->kind) ? "subject" : "indicator");
    json_text(&j, "kind", item_kind_name(item->kind));
    json_str(&j, "value", item->value);
    json_str(&j, "text", item->text);
    json_u64(&j, "offset", item->offset);
    json_str(&j, "file", file);
    json_str(&j, "host", item->host);
    json_bool(&j, "lookalike", item->lookalike);
    json_end(&j);
    json_line(&j);
}

/* Counts the value; a new one joins the list. */
static enum err count(struct extraction *x, const struct item *item)
{
    uint32_t id;
    bool is_new;
    buf_reset(&x->key);
    buf_putc(&x->key, (char)item->kind);
    buf_str(&x->key, item->value);
    enum err rc = x->key.rc ? x->key.rc : map_intern(&x->ids, buf_view(&x->key), &id, &is_new);
    if (rc == ERR_LIMIT) {
        x->untold++;
        return OK;
    }
    if (!rc && is_new) {
        struct distinct d = {.value = arena_str(x->cli->arena, item->value), .kind = item->kind};
        rc = d.value.p ? vec_push(&x->list, d, MAX_VALUES) : ERR_NOMEM;
    }
    if (rc)
        return rc;
    x->list.v[id].count++;
    x->list.v[id].lookalike |= item->lookalike;
    return OK;
}

static enum err on_found(void *ctx, struct str file, const struct item *item)
{
    struct extraction *x = ctx;
    x->items++;
    if (!x->json)
        return count(x, item);
    item_json(x, file, item);
    sink_pace(&x->out.sink);
    return x->out.sink.rc;
}

static enum err on_gap(void *ctx, const struct errand_gap *gap)
{
    struct extraction *x = ctx;
    x->gaps++;
    cli_say(x->cli, "%.*s: %.*s: %.*s", STR_FMT(gap->file), STR_FMT(gap->reason),
            STR_FMT(gap->detail));
    if (!x->json)
        return OK;
    gap_json(&x->out.sink.out, gap);
    return OK;
}

static void summary_json(struct extraction *x, const struct extract_pass *pass)
{
    struct json j;
    json_init(&j, &x->out.sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "summary");
    json_text(&j, "verb", "extract");
    json_u64(&j, "records", x->items);
    json_u64(&j, "bytes", pass->bytes);
    json_u64(&j, "findings", 0);
    json_u64(&j, "gaps", x->gaps);
    json_fixed(&j, "elapsed_s", clock_seconds() - x->started_s, 3);
    json_text(&j, "tocsin", x->cli->program->version);
    json_object(&j, "dossiers");
    json_end(&j);
    json_end(&j);
    json_line(&j);
}

/* A blank line stands between parts, not before the first one. */
static void kind_text(struct extraction *x, struct page *page, enum item_kind kind,
                      bool *told_before)
{
    bool titled = false;
    for (size_t i = 0; i < x->list.n; i++) {
        const struct distinct *d = &x->list.v[i];
        if (d->kind != kind)
            continue;
        if (!titled && *told_before)
            page_newline(page);
        if (!titled) {
            page_puts(page, STYLE_BOLD, item_kind_name(kind));
            page_newline(page);
        }
        titled = *told_before = true;
        buf_printf(&x->out.sink.out, "%7" PRIu64 "  ", d->count);
        escape_terminal(&x->out.sink.out, d->value, page->ascii);
        buf_puts(&x->out.sink.out, d->lookalike ? "  (spelled with look-alike letters)\n" : "\n");
        sink_pace(&x->out.sink);
    }
}

static void summary_text(struct extraction *x, const struct extract_pass *pass)
{
    int fd = fileno(x->cli->out);
    struct page page = {.sink = &x->out.sink,
                        .width = PAGE_DEFAULT,
                        .colour = x->cli->color,
                        .ascii = term_is(fd) && term_ascii(fd)};
    bool told = false;
    for (enum item_kind kind = 0; kind < ITEM_KINDS; kind++)
        kind_text(x, &page, kind, &told);
    if (x->cli->quiet)
        return;
    if (told)
        page_newline(&page);
    buf_printf(&x->out.sink.out,
               "%" PRIu64 " found, %zu different, in %" PRIu64 " bytes; %" PRIu64 " gap%s.\n",
               x->items, x->list.n, pass->bytes, x->gaps, x->gaps == 1 ? "" : "s");
    if (x->untold)
        buf_printf(&x->out.sink.out,
                   "%" PRIu64 " of them are not listed: the list ends at %d values; --json tells "
                   "all.\n",
                   x->untold, MAX_VALUES);
}

/* Prints what there is, also of a run that was interrupted. */
static enum status finish(struct extraction *x, const struct extract_pass *pass, enum err rc,
                          struct error *error)
{
    if (rc < 0 && rc != x->out.sink.rc)
        return cli_error(x->cli, error);
    if (x->json)
        summary_json(x, pass);
    else
        summary_text(x, pass);
    if (out_flush(&x->out, error))
        return cli_error(x->cli, error);
    if (rc == END)
        return STATUS_INTERRUPTED;
    return x->gaps || x->untold ? STATUS_INCOMPLETE : STATUS_OK;
}

/* CVEs of next year are given before it begins. */
static unsigned year_max(void)
{
    int64_t days = clock_wall_us() / (INT64_C(86400) * US_PER_S);
    return (unsigned)(1970 + days * 400 / 146097) + 1;
}

/* The dictionary of names: the program's own and what the user gave. */
static enum err load_names(struct cli *cli, const struct extract_values *v,
                           struct extract_pass *pass, struct error *error)
{
    struct lexicon lexicon;
    struct str text;
    if (v->no_names)
        return OK;
    lexicon_init(&lexicon, cli->arena);
    enum err rc = lexicon_shipped(&lexicon, error);
    for (size_t i = 0; i < v->subjects.n && !rc; i++) {
        rc = io_read_file(cli->arena, v->subjects.v[i], SUBJECTS_BYTES, &text, error);
        if (!rc)
            rc = lexicon_read(&lexicon, v->subjects.v[i], text, error);
    }
    for (size_t i = 0; i < lexicon.problems.n; i++)
        cli_say(cli, "%.*s, line %u: %.*s", STR_FMT(lexicon.problems.v[i].name),
                lexicon.problems.v[i].line, STR_FMT(lexicon.problems.v[i].text));
    struct gist_options options = {&lexicon, pass->lists, pass->year_max};
    if (!rc)
        rc = gist_new(cli->arena, &options, &pass->gist, error);
    lexicon_done(&lexicon);
    return rc;
}

enum status cmd_extract(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct extract_values *v = values;
    struct error error = {0};
    struct io_tree tree = {0};
    struct extract_lists lists;
    struct extraction x = {.cli = cli, .json = v->json, .started_s = clock_seconds()};
    if (extract_lists_load(cli->arena, &lists, &error) ||
        io_list(cli->arena, operands->v, operands->n, &tree, &error))
        return cli_error(cli, &error);
    out_open(&x.out, cli);
    map_init(&x.ids, cli->arena, MAX_VALUES);
    buf_init(&x.key, 2 * EXTRACT_ITEM_BYTES);
    struct extract_pass pass = {.tree = &tree,
                                .lists = &lists,
                                .year_max = year_max(),
                                .found = on_found,
                                .gap = on_gap,
                                .ctx = &x,
                                .interrupted = cli_watch_interrupts()};
    enum err rc = load_names(cli, v, &pass, &error);
    if (!rc)
        rc = extract_files(&pass, &error);
    if (rc < 0 && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    enum status status = finish(&x, &pass, rc, &error);
    buf_done(&x.key);
    vec_done(&x.list);
    map_done(&x.ids);
    pass.gist = gist_free(pass.gist);
    out_close(&x.out);
    io_tree_close(&tree);
    return status;
}
