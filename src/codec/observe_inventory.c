#include "base/time.h"
#include "codec/observe_exchange.h"
#include "codec/observe_rows.h"

/* Tables of hosts, as people and tools export them: CSV with a header row, comma, semicolon or tab.
 * A column is found by the name that the user gave, else by the names that such columns usually
 * have: those of hand-made lists, of Get-ExchangeServer and ExSetup exports, of SCCM, and of
 * reports by Shadowserver. */

enum field { HOST, BUILD, PRODUCT, TIME, SITE, OWNER, FACING, SETUP, DIRECTORY, FIELDS };

static const char *const usual[FIELDS] = {
    [HOST] = "host hostname server servername computername computer machine name fqdn dnshostname "
             "pscomputername device asset ip",
    [BUILD] = "build buildversion buildnumber version fileversion productversion exsetup "
              "exsetupversion installedversion",
    [PRODUCT] = "product productname software application app tag",
    [TIME] = "date time timestamp seen lastseen observed scandate collected reportdate asof",
    [SITE] = "site location office datacenter datacentre country region",
    [OWNER] = "owner team contact responsible department customer businessunit org organization",
    [FACING] = "internetfacing facing exposed external public internet dmz published",
    /* Where both stand there, the file's version is exact and the directory's is not. */
    [SETUP] = "exsetup exsetupversion fileversion fileversioninfo",
    [DIRECTORY] = "admindisplayversion addisplayversion",
};

struct table {
    struct observe_reader *r;
    struct observe_rows rows;
    int column[FIELDS];
};

static size_t skip_signs(struct str s, size_t i)
{
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '-' || s.p[i] == '_' || s.p[i] == '.'))
        i++;
    return i;
}

/* Blanks and signs between words do not count: "Internet Facing", "internet-facing". */
static bool same_name(struct str column, struct str name)
{
    size_t i = skip_signs(column, 0), k = skip_signs(name, 0);
    while (i < column.n && k < name.n) {
        if (ascii_lower((unsigned char)column.p[i]) != ascii_lower((unsigned char)name.p[k]))
            return false;
        i = skip_signs(column, i + 1);
        k = skip_signs(name, k + 1);
    }
    return i == column.n && k == name.n;
}

static int column_of(const struct csv_row *header, struct str name)
{
    for (size_t i = 0; i < header->n; i++)
        if (same_name(str_trim(header->cell[i]), name))
            return (int)i;
    return -1;
}

static int usual_column(const struct csv_row *header, enum field f)
{
    struct str names = str_of(usual[f]), name;
    while (names.p && str_cut(&names, ' ', &name)) {
        int column = column_of(header, name);
        if (column >= 0)
            return column;
    }
    return -1;
}

/* Does another column have that name as well? Nobody knows which one is meant. */
static bool stands_twice(const struct csv_row *header, int column)
{
    for (size_t i = column < 0 ? header->n : (size_t)column + 1; i < header->n; i++)
        if (same_name(str_trim(header->cell[i]), str_trim(header->cell[column])))
            return true;
    return false;
}

/* The column that the user gave is the only one, and it is what its name says. */
static void take_given_build(struct table *t, const struct csv_row *header)
{
    int *build = &t->column[BUILD];
    bool directory = usual_column(header, DIRECTORY) == *build;
    t->column[SETUP] = -1;
    t->column[DIRECTORY] = directory ? *build : -1;
    if (directory)
        *build = -1;
}

static bool tells_build(const int column[FIELDS])
{
    return column[BUILD] >= 0 || column[DIRECTORY] >= 0 || column[PRODUCT] >= 0;
}

static enum err columns_find(struct table *t, const struct csv_row *header)
{
    const struct observe_map *m = &t->r->options->map;
    const struct str given[FIELDS] = {
        [HOST] = m->host, [BUILD] = m->build, [TIME] = m->time,    [PRODUCT] = m->product,
        [SITE] = m->site, [OWNER] = m->owner, [FACING] = m->facing};
    for (unsigned f = 0; f < FIELDS; f++) {
        t->column[f] = given[f].p ? column_of(header, given[f]) : usual_column(header, f);
        if (given[f].p && t->column[f] < 0)
            return fail(t->r->error, ERR_USAGE, "there is no column '%.*s'", STR_FMT(given[f]));
        if (stands_twice(header, t->column[f]))
            return fail(t->r->error, ERR_FORMAT, "the column '%.*s' stands there twice",
                        STR_FMT(header->cell[t->column[f]]));
    }
    if (m->build.p)
        take_given_build(t, header);
    if (t->column[HOST] < 0 || !tells_build(t->column))
        return fail(t->r->error, ERR_FORMAT,
                    "no column of hosts, or none of builds, is known: name them with --map "
                    "host=COLUMN,build=COLUMN");
    return OK;
}

/* --- what a row says --- */

static enum facing facing_of(struct str text)
{
    static const char *const yes[] = {"yes",    "true", "1", "y",  "external", "internet",
                                      "public", "dmz",  "x", "ja", "oui"};
    static const char *const no[] = {"no",       "false",   "0",   "n",    "internal", "inside",
                                     "intranet", "private", "lan", "nein", "non"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (str_ieq(text, str_of(yes[i])))
            return FACING_INTERNET;
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (str_ieq(text, str_of(no[i])))
            return FACING_INSIDE;
    return FACING_UNKNOWN; /* "n/a", "?" and whatever else is no word for it */
}

static enum err time_of(struct table *t, const struct csv_row *row, struct observation *o)
{
    struct str text = csv_cell(row, t->column[TIME]);
    if (!text.n || time_parse(text, &o->time_us))
        return OK;
    o->time_us = TIME_NONE;
    return observe_gap(t->r, o->line, 0, OBSERVE_BAD_TIME, text);
}

/* "Microsoft® Exchange", as ExSetup calls its product: the build tells which. */
static bool says_no_product(struct str text)
{
    return str_ieq(text, STR("Microsoft\xc2\xae Exchange")) ||
           str_ieq(text, STR("Microsoft Exchange"));
}

static enum err build_of(struct table *t, const struct csv_row *row, struct observation *o)
{
    struct str text = csv_cell(row, t->column[BUILD]), setup = csv_cell(row, t->column[SETUP]);
    struct str directory = csv_cell(row, t->column[DIRECTORY]), given = text.n ? text : directory;
    o->product = csv_cell(row, t->column[PRODUCT]);
    if ((setup.n || given.n) && says_no_product(o->product))
        o->product = STR_NONE;
    struct observation exact = *o;
    if (setup.n && observe_build(setup, &exact) && exact.precision == PRECISION_SU) {
        *o = exact;
        return OK;
    }
    if (!given.n && !o->product.n)
        return observe_gap(t->r, o->line, 0, OBSERVE_BAD_BUILD, STR("no build and no product"));
    if (!given.n) {
        o->precision = PRECISION_PRODUCT;
        return OK;
    }
    if (!observe_build(given, o))
        return observe_gap(t->r, o->line, 0, OBSERVE_BAD_BUILD, given);
    if (!text.n && o->precision > PRECISION_CU)
        o->precision = PRECISION_CU;
    return OK;
}

static enum err give_row(struct table *t, const struct csv_row *row, uint64_t line)
{
    struct observation o = observation_blank(OBSERVED_BUILD);
    o.line = line;
    o.host = csv_cell(row, t->column[HOST]);
    o.site = exchange_site(csv_cell(row, t->column[SITE]));
    o.owner = csv_cell(row, t->column[OWNER]);
    o.facing = facing_of(csv_cell(row, t->column[FACING]));
    TRY(time_of(t, row, &o));
    TRY(build_of(t, row, &o));
    return observe_give(t->r, &o);
}

static enum err read(struct observe_reader *r)
{
    struct table t = {.r = r};
    struct csv_row row;
    uint64_t line;
    observe_rows_open(&t.rows, r);
    enum err rc = observe_rows_next(&t.rows, &row, &line);
    if (!rc)
        rc = columns_find(&t, &row);
    while (!rc) {
        rc = observe_rows_next(&t.rows, &row, &line);
        if (!rc)
            rc = give_row(&t, &row, line);
    }
    return rc;
}

static bool has(const struct csv_row *header, struct str given, enum field f)
{
    return (given.p ? column_of(header, given) : usual_column(header, f)) >= 0;
}

bool observe_mapped(struct str head, const struct observe_map *map)
{
    struct csv_row row;
    struct arena arena;
    arena_init(&arena, OBSERVE_HEAD_BYTES * 2);
    bool ok = observe_rows_header(head, &arena, &row) && row.n > 1 && has(&row, map->host, HOST) &&
              (has(&row, map->build, BUILD) || usual_column(&row, DIRECTORY) >= 0 ||
               has(&row, map->product, PRODUCT));
    arena_done(&arena);
    return ok;
}

static bool is(struct str head, struct str name)
{
    (void)name;
    return observe_mapped(head, &(struct observe_map){0});
}

const struct observe_format observe_inventory = {
    .name = "inventory", .help = "tables of hosts: CSV, TSV", .is = is, .read = read};
