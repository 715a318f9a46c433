#include "watch/deliver_priv.h"

#define MAGIC "tocsin parcel 1"

void parcel_write(struct buf *b, const struct parcel *p)
{
    buf_puts(b, MAGIC "\nid ");
    buf_puts(b, p->id);
    buf_puts(b, "\nchannel ");
    buf_str(b, p->channel);
    buf_puts(b, "\ntries ");
    buf_u64(b, p->tries);
    buf_puts(b, "\nfirst ");
    buf_i64(b, p->first_us);
    buf_puts(b, "\nnext ");
    buf_i64(b, p->next_us);
    buf_puts(b, p->standing ? "\nstanding\n\n" : "\n\n");
    buf_str(b, p->body);
}

/* The rest of a line that starts with the word. */
static bool field(struct str *rest, const char *word, struct str *ret_value)
{
    struct str line;
    size_t n = strlen(word);
    if (!rest->p || !str_cut(rest, '\n', &line) || !rest->p || !str_starts(line, str_of(word)))
        return false;
    *ret_value = str_sub(line, n, line.n);
    return true;
}

bool parcel_read(struct str text, struct parcel *ret_parcel)
{
    struct parcel *p = ret_parcel;
    struct str id, tries, first, next, nothing, last;
    *p = (struct parcel){.id = ""};
    if (!field(&text, MAGIC, &nothing) || nothing.n || !field(&text, "id ", &id) ||
        !field(&text, "channel ", &p->channel) || !field(&text, "tries ", &tries) ||
        !field(&text, "first ", &first) || !field(&text, "next ", &next) ||
        !field(&text, "", &last))
        return false;
    p->standing = str_eq(last, STR("standing"));
    if ((p->standing && !field(&text, "", &last)) || last.n)
        return false;
    if (id.n == 0 || id.n >= sizeof p->id || !str_u64(tries, &p->tries) ||
        !str_i64(first, &p->first_us) || !str_i64(next, &p->next_us))
        return false;
    for (size_t i = 0; i < id.n; i++)
        if (!ascii_alpha((unsigned char)id.p[i]) && !ascii_digit((unsigned char)id.p[i]) &&
            id.p[i] != '-')
            return false;
    memcpy(p->id, id.p, id.n);
    p->id[id.n] = 0;
    p->body = text;
    return true;
}
