#include "model/record.h"

int column_find(const struct log_state *s, struct str name)
{
    for (uint16_t i = 0; i < s->columns; i++)
        if (str_ieq(column_name(s, i), name))
            return i;
    return -1;
}

struct str record_get(const struct log_state *s, const struct record *r, struct str name)
{
    int i = column_find(s, name);
    return i >= 0 && i < r->n ? r->value[i] : STR_NONE;
}

void columns_clear(struct log_state *s)
{
    s->columns = 0;
    s->schema_serial++;
    s->time_column = s->date_column = s->kind_column = 0xffff;
    memset(s->name_at, 0, sizeof s->name_at);
    memset(s->names, 0, sizeof s->names);
}

bool column_add(struct log_state *s, struct str name)
{
    size_t at = s->name_at[s->columns];
    if (s->columns >= LIMIT_FIELDS || name.n > LIMIT_FIELD_NAME_BYTES ||
        name.n > sizeof s->names - at)
        return false;
    if (name.n)
        memcpy(s->names + at, name.p, name.n);
    s->columns++;
    s->name_at[s->columns] = (uint16_t)(at + name.n);
    return true;
}
