#include "cli/config.h"
#include "dossier/actors.h"
#include "os/folder.h"
#include "os/io.h"
#include "os/term.h"
#include "output/escape.h"

#include <unistd.h>

/* A few lines of the user's own, written to the user's configuration. */

struct init_values {
    struct str_list sector, product;
    struct str country, contact, output;
    bool force;
};
const size_t init_values_size = sizeof(struct init_values);

const struct option_def init_option_defs[] = {
    {.name = "sector",
     LIST(struct init_values, sector),
     .arg = "SECTOR",
     .help = "of industry-sector-ov of STIX 2.1 (healthcare, education, government-local), or a "
             "word like it; may be given several times"},
    {.name = "country",
     TEXT(struct init_values, country),
     .arg = "COUNTRY",
     .help = "its code of ISO 3166-1 or its English name"},
    {.name = "product",
     LIST(struct init_values, product),
     .arg = "NAME",
     .help = "that you run (Exchange Server); may be given several times"},
    {.name = "contact",
     TEXT(struct init_values, contact),
     .arg = "ADDRESS",
     .help = "who answers for reports"},
    {.name = "output",
     .letter = 'o',
     TEXT(struct init_values, output),
     .arg = "FILE",
     .help = "write there instead of the user's configuration; '-' is standard output"},
    {.name = "force", FLAG(struct init_values, force), .help = "replace a file that is there"},
    {0},
};

enum { ANSWER_BYTES = 1024, FILE_BYTES = 64 * 1024 };

/* What is written: folded to the words of STIX and ISO. */
struct answers {
    struct cli *cli;
    struct str_list sectors, products;
    struct str country, contact;
};

/* ---- one answer ---- */

/* One line, and nothing that a page or a terminal would obey. */
static bool plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return s.n > 0 && s.n <= CONFIG_TEXT;
}

static bool add(struct answers *a, struct str_list *list, struct str value)
{
    if (!list->v)
        list->v = arena_new_n(a->cli->arena, struct str, CONFIG_LIST);
    if (!list->v || list->n == CONFIG_LIST)
        return false;
    list->v[list->n++] = value;
    return true;
}

static void say_sectors(struct cli *cli)
{
    struct buf b;
    struct str s;
    buf_init(&b, FILE_BYTES);
    for (size_t i = 0; (s = sector_at(i)).p; i++) {
        buf_puts(&b, i ? ", " : "");
        buf_str(&b, s);
    }
    cli_say(cli, "sectors: %.*s", STR_FMT(buf_view(&b)));
    buf_done(&b);
}

static bool take_sector(struct answers *a, struct str word)
{
    struct str sector = sector_of(word);
    if (sector.p)
        return add(a, &a->sectors, sector);
    cli_say(a->cli, "'%.*s' is no sector", STR_FMT(word));
    say_sectors(a->cli);
    return false;
}

static bool take_country(struct answers *a, struct str word)
{
    a->country = country_of(word);
    if (!a->country.p)
        cli_say(a->cli, "'%.*s' is no country: its name or code of ISO 3166-1", STR_FMT(word));
    return a->country.p;
}

static bool take_product(struct answers *a, struct str word)
{
    if (plain(word))
        return add(a, &a->products, word);
    cli_say(a->cli, "a product is a name in one line");
    return false;
}

static bool take_contact(struct answers *a, struct str word)
{
    a->contact = word;
    if (!plain(word))
        cli_say(a->cli, "a contact is an address in one line");
    return plain(word);
}

/* ---- questions on a terminal ---- */

static const struct question {
    const char *text;
    bool list;
    bool (*take)(struct answers *a, struct str word);
} questions[] = {
    {"sector (education, healthcare, government-local, ...)", true, take_sector},
    {"country (NL)", false, take_country},
    {"products that you run (Exchange Server, SharePoint Server)", true, take_product},
    {"contact for reports (an address)", false, take_contact},
};

/* False at the end of input. */
static bool ask(struct answers *a, const struct question *q)
{
    char line[ANSWER_BYTES];
    for (bool good = false; !good;) {
        fprintf(a->cli->err, "%s%s, or nothing: ", q->text, q->list ? ", separated by commas" : "");
        fflush(a->cli->err);
        if (!fgets(line, sizeof line, stdin))
            return false;
        struct answers before = *a;
        struct str rest = arena_str(a->cli->arena, str_trim(str_of(line))), part;
        if (!rest.n)
            return true;
        good = true;
        while (good && q->list && str_cut(&rest, ',', &part))
            good = !str_trim(part).n || q->take(a, str_trim(part));
        if (good && !q->list)
            good = q->take(a, rest);
        if (!good)
            *a = before;
    }
    return true;
}

static bool from_options(struct answers *a, const struct init_values *v)
{
    for (size_t i = 0; i < v->sector.n; i++)
        if (!take_sector(a, v->sector.v[i]))
            return false;
    for (size_t i = 0; i < v->product.n; i++)
        if (!take_product(a, v->product.v[i]))
            return false;
    return (!v->country.p || take_country(a, v->country)) &&
           (!v->contact.p || take_contact(a, v->contact));
}

/* ---- the file ---- */

/* In quotes a text is a text, whatever it looks like. */
static void put_quoted(struct buf *b, struct str s)
{
    buf_putc(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        buf_putc(b, s.p[i]);
        if (s.p[i] == '\'')
            buf_putc(b, '\'');
    }
    buf_putc(b, '\'');
}

static void put_list(struct buf *b, const char *key, const struct str_list *list)
{
    if (!list->n)
        return;
    buf_printf(b, "  %s: [", key);
    for (size_t i = 0; i < list->n; i++) {
        buf_puts(b, i ? ", " : "");
        put_quoted(b, list->v[i]);
    }
    buf_puts(b, "]\n");
}

static void put_text(struct buf *b, const char *key, struct str value)
{
    if (!value.n)
        return;
    buf_printf(b, "  %s: ", key);
    put_quoted(b, value);
    buf_putc(b, '\n');
}

static void put_file(struct buf *b, const struct answers *a)
{
    buf_puts(b, "# Settings of tocsin. What each key means: docs/reference/config.md\n"
                "# What counts, and where it comes from: tocsin config --explain\n"
                "profile:\n");
    put_list(b, "sectors", &a->sectors);
    put_text(b, "country", a->country);
    put_list(b, "products", &a->products);
    put_text(b, "contact", a->contact);
    if (!a->sectors.n && !a->country.n && !a->products.n && !a->contact.n)
        buf_puts(b, "  # sectors: [education]\n  # country: NL\n  # products: [Exchange Server]\n"
                    "  # contact: security@example.org\n");
    buf_puts(b, "# own_scanners: [192.0.2.10]\n# tlp: amber\n# case: /srv/cases/affair.case\n");
}

static enum err make_folder(struct arena *arena, struct str folder, struct error *error)
{
    struct str parent = folder;
    ptrdiff_t slash = str_rchr(folder, '/');
    if (!folder.n || io_is_folder(folder))
        return OK;
    if (slash > 0) {
        parent = arena_str(arena, str_sub(folder, 0, (size_t)slash));
        TRY(make_folder(arena, parent, error));
    }
    return folder_make(folder, error);
}

static enum err write_file(struct cli *cli, struct str path, struct str text, struct error *error)
{
    ptrdiff_t slash = str_rchr(path, '/');
    struct str folder = slash < 0    ? STR(".")
                        : slash == 0 ? STR("/")
                                     : arena_str(cli->arena, str_sub(path, 0, (size_t)slash));
    struct str name = arena_str(cli->arena, str_sub(path, (size_t)(slash + 1), path.n));
    if (!folder.p || !name.n)
        return fail(error, ERR_USAGE, "'%.*s' names no file", STR_FMT(path));
    TRY(make_folder(cli->arena, folder, error));
    return file_replace(folder, name, text, error);
}

static enum status write_out(struct cli *cli, const struct init_values *v, const struct answers *a)
{
    struct error error = {0};
    struct buf b;
    bool print = str_eq(v->output, STR("-"));
    struct str path = v->output.p ? v->output : config_path(cli->arena);
    enum status status = STATUS_OK;
    buf_init(&b, FILE_BYTES);
    put_file(&b, a);
    if (print) {
        status = cli_print(cli, &b);
    } else if (b.rc || write_file(cli, path, buf_view(&b), &error)) {
        status = b.rc ? STATUS_INTERNAL : cli_error(cli, &error);
    } else if (!cli->quiet) {
        cli_say(cli, "wrote '%.*s'; 'tocsin config --explain' tells what counts", STR_FMT(path));
    }
    buf_done(&b);
    return status;
}

enum status cmd_init(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct init_values *v = values;
    struct answers a = {.cli = cli};
    struct str path = v->output.p ? v->output : config_path(cli->arena);
    bool said = v->sector.n || v->product.n || v->country.p || v->contact.p;
    (void)operands;
    if (!path.p) {
        cli_say(cli, "no HOME and no XDG_CONFIG_HOME: --output FILE says where to write");
        return STATUS_USAGE;
    }
    if (!str_eq(path, STR("-")) && io_exists(path) && !v->force) {
        cli_say(cli, "'%.*s' is there already: --force replaces it", STR_FMT(path));
        return STATUS_USAGE;
    }
    if (!said && !term_is(STDIN_FILENO)) {
        cli_say(cli, "nobody to ask: give --sector, --country, --product or --contact");
        return STATUS_USAGE;
    }
    if (said && !from_options(&a, v))
        return STATUS_USAGE;
    for (size_t i = 0; !said && i < ARRAY_LEN(questions); i++)
        if (!ask(&a, &questions[i]))
            return STATUS_INTERRUPTED;
    return write_out(cli, v, &a);
}
