#include "store/case_find.h"

#include "store/case_priv.h"

/* An id stands first in its object, behind the type, as the writers of output/ put it. */
static const char by_id[] =
    "SELECT i.type, json_extract(v.body, '$.id'), v.body FROM item i JOIN version v ON v.number ="
    " i.latest WHERE i.type IN ('finding', 'alert') AND v.body IS NOT NULL AND"
    " substr(v.body, 17 + length(i.type), length(?1) + 1) = '\"' || ?1 LIMIT ?2";
static const char by_host[] = "SELECT 'host', host, NULL FROM item WHERE host = ?1 COLLATE NOCASE"
                              " AND type IN ('verdict', 'coverage', 'exposure', 'window',"
                              " 'finding') LIMIT 1";
static const char by_note[] =
    "SELECT i.type, json_extract(v.body, '$.about'), v.body FROM item i JOIN version v ON v.number "
    "="
    " i.latest WHERE i.type = 'note' AND json_extract(v.body, '$.about') = ?1 LIMIT 1";

struct asking {
    enum err (*tell)(void *ctx, struct str type, struct str name, struct str body);
    void *ctx;
    uint64_t n;
};

static enum err ask(struct case_store *c, const char *sql, struct str word, struct asking *a,
                    struct error *error)
{
    struct sqlite3_stmt *s;
    TRY(db_make(&c->file->db, sql, &s, error));
    db_put_str(s, 1, word);
    if (sql == by_id)
        db_put_i64(s, 2, CASE_FOUND);
    enum err rc;
    while (!(rc = db_row(&c->file->db, s, error))) {
        a->n++;
        if ((rc = a->tell(a->ctx, db_str(s, 0), db_str(s, 1), db_str(s, 2))))
            break;
    }
    db_drop(s);
    return rc == END ? OK : rc;
}

static bool is_id(struct str word)
{
    for (size_t i = 0; i < word.n; i++)
        if (ascii_hex((unsigned char)word.p[i]) < 0)
            return false;
    return word.n >= CASE_ID_LEAST;
}

enum err case_find(struct case_store *c, struct str word,
                   enum err (*tell)(void *ctx, struct str type, struct str name, struct str body),
                   void *ctx, struct error *error)
{
    struct asking a = {.tell = tell, .ctx = ctx};
    TRY(ask(c, by_host, word, &a, error));
    if (!a.n && is_id(word))
        TRY(ask(c, by_id, word, &a, error));
    return a.n ? OK : ask(c, by_note, word, &a, error);
}
