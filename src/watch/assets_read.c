#include "codec/csv.h"
#include "watch/assets_row.h"
#include "watch/cpe.h"

/* The names that a column may have, by what it holds. */
static const struct {
    const char *name;
    size_t offset; /* in struct asset_row */
} columns[] = {
#define COLUMN(name, member)                                                                       \
    {                                                                                              \
        name, offsetof(struct asset_row, member)                                                   \
    }
    COLUMN("customer", customer),
    COLUMN("client", customer),
    COLUMN("tenant", customer),
    COLUMN("organisation", customer),
    COLUMN("organization", customer),
    COLUMN("asset", host),
    COLUMN("host", host),
    COLUMN("hostname", host),
    COLUMN("fqdn", host),
    COLUMN("server", host),
    COLUMN("system", host),
    COLUMN("product", product),
    COLUMN("software", product),
    COLUMN("application", product),
    COLUMN("name", product),
    COLUMN("vendor", vendor),
    COLUMN("manufacturer", vendor),
    COLUMN("publisher", vendor),
    COLUMN("version", version),
    COLUMN("build", version),
    COLUMN("cpe", cpe),
#undef COLUMN
};

enum { NO_COLUMN = UINT8_MAX };

static uint8_t column_of(struct str name)
{
    name = str_trim(name);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        if (str_ieq(name, str_of(columns[i].name)))
            return (uint8_t)columns[i].offset;
    return NO_COLUMN;
}

/* How many cells of the header are known; which is which. */
static size_t header_read(const struct csv_row *header, uint8_t ret_offset[CSV_COLUMNS])
{
    size_t known = 0;
    for (size_t i = 0; i < header->n; i++) {
        ret_offset[i] = column_of(header->cell[i]);
        known += ret_offset[i] != NO_COLUMN;
    }
    return known;
}

static enum err table_row(struct assets *a, const struct csv_row *row, const uint8_t *offset,
                          size_t n)
{
    struct asset_row r = {0};
    for (size_t i = 0; i < row->n && i < n; i++) {
        struct str cell = csv_cell(row, (int)i);
        if (offset[i] == NO_COLUMN || !cell.n)
            continue;
        struct str *to = (struct str *)(void *)((char *)&r + offset[i]);
        if (!to->n) /* of two columns for the same, the first that is filled */
            *to = cell;
    }
    return assets_row(a, &r);
}

static enum err table_read(struct assets *a, struct csv *csv, const struct csv_row *header)
{
    uint8_t offset[CSV_COLUMNS];
    struct csv_row row;
    (void)header_read(header, offset);
    for (;;) {
        enum err rc = csv_next(csv, &row);
        if (rc == END)
            return OK;
        if (rc == ERR_NOMEM)
            return rc;
        if (rc)
            a->left_out++;
        else
            TRY(table_row(a, &row, offset, header->n));
    }
}

/* CPE names, or plain words: the name of a product, a vendor, a CVE, a host. */
static enum err lines_read(struct assets *a, struct str text)
{
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (!line.n || line.p[0] == '#')
            continue;
        struct asset_row r = {0};
        if (cpe_shaped(line))
            r.cpe = line;
        else
            r.product = line;
        TRY(assets_row(a, &r));
    }
    return OK;
}

/* The first line that says something, without its line end. */
static struct str first_line(struct str text)
{
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n && line.p[0] != '#')
            return line;
    }
    return STR("");
}

static bool has_nul(struct str text)
{
    return str_chr(str_sub(text, 0, 64 * 1024), 0) >= 0;
}

/* "host;product": a table all the same, but not one that is read here. */
static bool other_table(struct str first)
{
    for (size_t i = 0; i < first.n; i++)
        if (first.p[i] == ';' || first.p[i] == '\t')
            return column_of(str_sub(first, 0, i)) != NO_COLUMN;
    return false;
}

static enum err text_read(struct assets *a, struct str text)
{
    struct csv csv;
    struct csv_row header;
    uint8_t offset[CSV_COLUMNS];
    struct arena arena;
    arena_init(&arena, (size_t)2 * ASSETS_FILE_BYTES);
    csv_init(&csv, text, &arena);
    enum err rc = csv_next(&csv, &header);
    if (!rc && header_read(&header, offset))
        rc = table_read(a, &csv, &header);
    else if (rc != ERR_NOMEM)
        rc = lines_read(a, text);
    arena_done(&arena);
    return rc;
}

enum err assets_read(struct assets *a, struct str text, struct str name, struct error *error)
{
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_sub(text, 3, text.n);
    struct str first = first_line(text);
    if (text.n > ASSETS_FILE_BYTES)
        return fail_at(error, ERR_FORMAT, name.p, 0, "longer than %d bytes", ASSETS_FILE_BYTES);
    if (has_nul(text))
        return fail_at(error, ERR_FORMAT, name.p, 0, "is no text in UTF-8");
    if (str_starts(first, STR("{")))
        return assets_read_cyclonedx(a, text, name, error);
    if (str_starts(first, STR("<")))
        return fail_at(error, ERR_FORMAT, name.p, 0, "is XML: give CycloneDX as JSON");
    if (other_table(first))
        return fail_at(error, ERR_FORMAT, name.p, 1, "columns are told apart by commas");
    return cpe_shaped(first) ? lines_read(a, text) : text_read(a, text);
}
