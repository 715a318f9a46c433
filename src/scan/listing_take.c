#include "scan/listing_priv.h"

#include "base/limits.h"

/* In the coordinator: what the worker tells. */

enum err listing_tell(struct listing_making *m, struct str file, uint64_t offset, struct str reason,
                      struct str detail)
{
    struct errand_gap gap = {file, offset, reason, detail};
    return m->calls->gap ? m->calls->gap(m->calls->ctx, &gap) : OK;
}

/* "case.zip" and "C/a.log" to "case.zip/C/a.log". */
static struct str join(struct arena *arena, struct str file, struct str inner)
{
    if (!inner.n)
        return file;
    char *p = arena_alloc(arena, file.n + 1 + inner.n + 1);
    if (!p)
        return STR_NONE;
    memcpy(p, file.p, file.n);
    p[file.n] = '/';
    memcpy(p + file.n + 1, inner.p, inner.n);
    return str_make(p, file.n + 1 + inner.n);
}

static enum err copy(struct arena *arena, struct str s, struct str *ret)
{
    *ret = s.p ? arena_str(arena, s) : STR_NONE;
    return s.p && !ret->p ? ERR_NOMEM : OK;
}

/* The worker is asked about one file after the other. */
static struct listing_asked *asked_about(struct listing_making *m, struct str file)
{
    while (m->at < m->sub.n && m->asked[m->at].entry->path.p != file.p)
        m->at++;
    if (m->at == m->sub.n)
        return NULL;
    struct listing_asked *a = &m->asked[m->at];
    if (!a->n)
        a->from = m->member.n;
    return a;
}

static enum err take_member(struct listing_making *m, struct listing_asked *a, struct rd *r)
{
    uint32_t ordinal = rd_u32(r);
    uint8_t flags = rd_u8(r);
    struct str path = rd_str(r), skip = rd_str(r);
    struct listed f = {.entry = a->entry, .member = ordinal + 1};
    f.container = flags & LISTING_HAS_MEMBERS;
    f.hides = skip.p && !(flags & LISTING_LINK);
    f.size_bytes = rd_u64(r);
    f.created_us = (int64_t)rd_u64(r);
    f.modified_us = (int64_t)rd_u64(r);
    f.changed_us = (int64_t)rd_u64(r);
    f.accessed_us = (int64_t)rd_u64(r);
    bool rises = !a->n || m->member.v[m->member.n - 1].member < f.member;
    if (!path.n || path.n > LISTING_TEXT_BYTES || ordinal >= CONTAINER_MEMBERS || !rises)
        r->rc = ERR_FORMAT;
    if (r->rc)
        return OK;
    if (m->member.n >= LISTING_MEMBERS || m->member.n + m->tree->n >= LIMIT_WALK_FILES) {
        bool told = m->full;
        m->full = true;
        return told ? OK
                    : listing_tell(m, a->entry->path, 0, STR("limit"),
                                   STR("more files than are listed in one run: the rest of it is "
                                       "not examined"));
    }
    f.path = join(m->arena, a->entry->path, path);
    TRY(copy(m->arena, skip, &f.skip));
    if (!f.path.p)
        return ERR_NOMEM;
    a->n++;
    return vec_push(&m->member, f, LISTING_MEMBERS);
}

static enum err take_list(struct listing_making *m, struct listing_asked *a, struct rd *r)
{
    struct listing_list list = {.what = (enum collection_file)rd_u8(r)};
    struct str inner = rd_str(r);
    if (!collection_is_list(list.what) || inner.n > LISTING_TEXT_BYTES)
        r->rc = ERR_FORMAT;
    if (r->rc)
        return OK;
    list.path = a->container ? join(m->arena, a->entry->path, inner) : a->entry->path;
    if (!list.path.p)
        return ERR_NOMEM;
    return vec_push(&m->list, list, LISTING_FACTS);
}

static enum err take_fact(struct listing_making *m, struct rd *r)
{
    struct listing_fact f = {.tells = (enum collection_tells)rd_u8(r), .twin = rd_u8(r) != 0};
    struct str what = rd_str(r), why = rd_str(r);
    f.created_us = (int64_t)rd_u64(r);
    f.modified_us = (int64_t)rd_u64(r);
    f.accessed_us = (int64_t)rd_u64(r);
    if (f.tells > COLLECTION_SKIPPED || !what.p || !m->list.n)
        r->rc = ERR_FORMAT;
    if (r->rc)
        return OK;
    f.list = (uint32_t)m->list.n - 1;
    if (m->fact.n == LISTING_FACTS) {
        bool told = m->facts_full;
        m->facts_full = true;
        return told ? OK
                    : listing_tell(m, m->list.v[f.list].path, 0, STR("limit"),
                                   STR("the lists of collectors tell more than is kept"));
    }
    TRY(copy(m->arena, what, &f.original));
    TRY(copy(m->arena, why, &f.why));
    return vec_push(&m->fact, f, LISTING_FACTS);
}

static enum err take_gap(struct listing_making *m, struct listing_asked *a, struct rd *r)
{
    struct str inner = rd_str(r);
    uint64_t offset = rd_u64(r);
    struct str reason = rd_str(r), detail = rd_str(r), path;
    static const char *const reasons[] = {"damaged", "limit", "not-examined"};
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        known |= str_eq(reason, str_of(reasons[i]));
    if (!known || inner.n > LISTING_TEXT_BYTES)
        r->rc = ERR_FORMAT;
    if (r->rc)
        return OK;
    path = a->container ? join(m->arena, a->entry->path, inner) : a->entry->path;
    TRY(copy(m->arena, reason, &reason));
    TRY(copy(m->arena, detail, &detail));
    return path.p ? listing_tell(m, path, offset, reason, detail) : ERR_NOMEM;
}

enum err listing_take(void *ctx, struct str file, struct rd *r)
{
    struct listing_making *m = ctx;
    struct listing_asked *a = asked_about(m, file);
    if (!a) {
        r->rc = ERR_FORMAT;
        return OK;
    }
    switch ((enum listing_record)rd_u8(r)) {
    case LISTING_CONTAINER: a->container = true; return OK;
    case LISTING_MEMBER: return take_member(m, a, r);
    case LISTING_LIST: return take_list(m, a, r);
    case LISTING_FACT: return take_fact(m, r);
    case LISTING_GAP: return take_gap(m, a, r);
    }
    r->rc = ERR_FORMAT;
    return OK;
}
