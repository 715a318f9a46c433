#include "exposure/accepted.h"

#include "base/time.h"
#include "codec/csv.h"

enum { HOST, OF, OWNER, REASON, UNTIL, COLUMNS };
static const char *const columns[COLUMNS] = {"host", "of", "owner", "reason", "until"};

static enum err header(struct csv *csv, struct str name, int ret_column[COLUMNS],
                       struct error *error)
{
    struct csv_row row;
    if (csv_next(csv, &row))
        return fail(error, ERR_FORMAT, "%.*s: no header row", STR_FMT(name));
    for (int i = 0; i < COLUMNS; i++) {
        ret_column[i] = csv_column(&row, str_of(columns[i]));
        if (ret_column[i] < 0)
            return fail(error, ERR_FORMAT, "%.*s: there is no column '%s'", STR_FMT(name),
                        columns[i]);
    }
    return OK;
}

static enum err one_row(const struct csv *csv, const struct csv_row *row, struct str name,
                        const int column[COLUMNS], struct accepted_risk *ret, struct error *error)
{
    *ret = (struct accepted_risk){.host = csv_cell(row, column[HOST]),
                                  .of = csv_cell(row, column[OF]),
                                  .owner = csv_cell(row, column[OWNER]),
                                  .reason = csv_cell(row, column[REASON])};
    if (!ret->host.n || !ret->of.n || !ret->owner.n || !ret->reason.n)
        return fail_at(error, ERR_FORMAT, name.p, csv->line,
                       "a risk is accepted for a host, of a CVE or dossier, by an owner, for a "
                       "reason: one is missing");
    if (!time_parse(csv_cell(row, column[UNTIL]), &ret->until_us))
        return fail_at(error, ERR_FORMAT, name.p, csv->line,
                       "'until' is no date: a risk is not accepted for ever");
    return OK;
}

enum err accepted_read(struct str text, struct str name, struct arena *arena,
                       struct accepted_risk **ret, size_t *ret_n, struct error *error)
{
    struct csv csv;
    struct csv_row row;
    int column[COLUMNS];
    size_t most = 1;
    csv_init(&csv, text, arena);
    TRY(header(&csv, name, column, error));
    for (size_t i = 0; i < text.n; i++)
        most += text.p[i] == '\n';
    *ret = arena_new_n(arena, struct accepted_risk, most);
    if (!*ret)
        return fail(error, ERR_NOMEM, "out of memory");
    for (*ret_n = 0;; ++*ret_n) {
        enum err rc = csv_next(&csv, &row);
        if (rc == END)
            return OK;
        if (rc)
            return fail_at(error, rc, name.p, csv.line, "a row cannot be read");
        TRY(one_row(&csv, &row, name, column, &(*ret)[*ret_n], error));
    }
}
