#include "match/lit.h"

#include <hs/hs.h>
#include <stdlib.h>

struct lit_set {
    hs_database_t *db; /* NULL for an empty set */
    hs_scratch_t *scratch;
};

static enum err compile(struct lit_set *set, const struct str *literal, size_t n,
                        struct error *error)
{
    const char **text = calloc(n, sizeof *text);
    size_t *len = calloc(n, sizeof *len);
    unsigned *flags = calloc(n, sizeof *flags), *ids = calloc(n, sizeof *ids);
    hs_compile_error_t *why = NULL;
    enum err rc = text && len && flags && ids ? OK : ERR_NOMEM;
    for (size_t i = 0; !rc && i < n; i++) {
        if (literal[i].n == 0)
            rc = fail(error, ERR_FORMAT, "literal %zu is empty", i);
        text[i] = literal[i].p;
        len[i] = literal[i].n;
        flags[i] = HS_FLAG_CASELESS;
        ids[i] = (unsigned)i;
    }
    if (!rc && hs_compile_lit_multi(text, flags, ids, len, (unsigned)n, HS_MODE_BLOCK, NULL,
                                    &set->db, &why) != HS_SUCCESS)
        rc = fail(error, ERR_FORMAT, "literals: %s", why ? why->message : "cannot compile");
    hs_free_compile_error(why);
    free(text);
    free(len);
    free(flags);
    free(ids);
    return rc;
}

enum err lit_new(const struct str *literal, size_t n, struct lit_set **ret_set, struct error *error)
{
    struct lit_set *set = calloc(1, sizeof *set);
    *ret_set = NULL;
    if (!set)
        return fail(error, ERR_NOMEM, "out of memory");
    enum err rc = n ? compile(set, literal, n, error) : OK;
    if (!rc && n && hs_alloc_scratch(set->db, &set->scratch) != HS_SUCCESS)
        rc = fail(error, ERR_NOMEM, "out of memory");
    if (rc) {
        (void)lit_free(set);
        return rc;
    }
    *ret_set = set;
    return OK;
}

struct lit_set *lit_free(struct lit_set *set)
{
    if (set) {
        (void)hs_free_scratch(set->scratch);
        (void)hs_free_database(set->db);
        free(set);
    }
    return NULL;
}

struct relay {
    lit_hit *hit;
    void *ctx;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *ctx)
{
    const struct relay *r = ctx;
    (void)from;
    (void)flags;
    return !r->hit(r->ctx, id, (size_t)to);
}

enum err lit_scan(const struct lit_set *set, struct str text, lit_hit *hit, void *ctx)
{
    struct relay relay = {hit, ctx};
    if (!set->db || text.n == 0)
        return OK;
    if (text.n > UINT32_MAX)
        return ERR_LIMIT;
    hs_error_t rc = hs_scan(set->db, text.p, (unsigned)text.n, 0, set->scratch, on_match, &relay);
    return rc == HS_SUCCESS || rc == HS_SCAN_TERMINATED ? OK : ERR_BUG;
}

size_t lit_bytes(const struct lit_set *set)
{
    size_t n = 0;
    if (set->db)
        (void)hs_database_size(set->db, &n);
    return n;
}
