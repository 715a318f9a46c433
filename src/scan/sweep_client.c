#include "scan/examine.h"
#include "scan/sweep_priv.h"

/* The columns that may tell the client; none if they do not all stand in the line. */
void sweep_clients_begin(struct sweep *s)
{
    const struct kind_def *k = s->now->kind;
    s->clients.n = s->n_client_columns = 0;
    s->every = false;
    fields_bind(&s->fields, &s->state);
    for (size_t i = 0; i < k->n_role[ROLE_CLIENT]; i++) {
        int at = s->fields.column[k->role[ROLE_CLIENT][i]][0];
        s->every |= at >= (int)codec_columns(s->codec, &s->state);
        if (at >= 0)
            s->client_column[s->n_client_columns++] = (uint16_t)at;
    }
    s->every |= s->n_client_columns == 0;
}

static bool control(char c)
{
    return (unsigned char)c < ' ';
}

/* Is none of the addresses in these cells listed? What a crash or another system left at either end
 * of a cell is for the codec to take away. */
static bool strangers(const struct sweep *s, const struct repeat_line *line)
{
    for (size_t i = 0; i < s->n_client_columns; i++) {
        struct str client = repeat_cell(line, s->client_column[i]);
        if ((client.n && (control(client.p[0]) || control(client.p[client.n - 1]))) ||
            !examine_stranger(s->now, client))
            return false;
    }
    return true;
}

enum err sweep_client_line(void *ctx, const struct repeat_line *line)
{
    struct sweep *s = ctx;
    if (line->text.n && line->text.p[0] == '#')
        s->every = true;
    if (s->every || !line->text.n || (line->cut && strangers(s, line)))
        return OK;
    struct lit_spot spot = {(uint32_t)(line->at + line->text.n), s->now->client_literal};
    return vec_push(&s->clients, spot, SIZE_MAX / sizeof spot);
}

/* Do lines of the block change what the columns are? */
static bool has_marker(const struct sweep *s)
{
    for (size_t i = 0; i < s->spots.n; i++)
        if (s->now->is_marker[s->spots.v[i].literal])
            return true;
    return false;
}

/* Those of the clients go where they belong among the others, from behind. */
enum err sweep_clients_end(struct sweep *s)
{
    size_t a = s->spots.n, b = s->clients.n, at = a + b;
    s->clients_told = !s->every && !has_marker(s);
    for (size_t i = 0; i < b; i++)
        TRY(vec_push(&s->spots, s->clients.v[i], SIZE_MAX / sizeof s->clients.v[i]));
    while (b)
        s->spots.v[--at] = a && s->spots.v[a - 1].end > s->clients.v[b - 1].end ? s->spots.v[--a]
                                                                                : s->clients.v[--b];
    return OK;
}
