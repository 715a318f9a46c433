#include "scan/listing_priv.h"

#include "base/limits.h"
#include "base/time.h"
#include "scan/hosts.h"

/* Whose each file is, where it was, and what is not there. */

enum { HOST_NAME_BYTES = 128, FOLDERS_ABOVE = 3 };

/* Names that collectors and guides to them give to folders. */
static const char *const collector_words[] = {"kape",   "tout",      "mout",   "kapeout",
                                              "target", "targets",   "triage", "velociraptor",
                                              "output", "collected", "out",    "collections"};

static struct str folder_of(struct str path)
{
    ptrdiff_t slash = str_rchr(path, '/');
    return str_sub(path, 0, (size_t)(slash + 1));
}

/* ---- what is known of collections ---- */

static enum err know_list(struct listing_making *m, struct listing_list *list)
{
    bool fresh = false;
    struct listing_root root = {.folder = folder_of(list->path), .host = STR_NONE};
    TRY(map_intern(&m->root_of, root.folder, &list->root, &fresh));
    if (fresh)
        TRY(vec_push(&m->root, root, LISTING_FACTS));
    if (list->what == COLLECTION_CLIENT_INFO || list->what == COLLECTION_UPLOADS)
        m->root.v[list->root].velociraptor = true;
    if (list->what == COLLECTION_UPLOADS)
        m->root.v[list->root].uploads = true;
    return OK;
}

/* Windows does not tell small letters from large ones. */
static struct str key_of(uint32_t root, struct str original, char text[LISTING_TEXT_BYTES + 8])
{
    size_t n = original.n < LISTING_TEXT_BYTES ? original.n : LISTING_TEXT_BYTES;
    memcpy(text, &root, sizeof root);
    ascii_lower_all(text + sizeof root, original.p, n);
    return str_make(text, n + sizeof root);
}

enum err listing_know(struct listing_making *m)
{
    char key[LISTING_TEXT_BYTES + 8];
    for (size_t i = 0; i < m->list.n; i++)
        TRY(know_list(m, &m->list.v[i]));
    for (size_t i = 0; i < m->fact.n; i++) {
        const struct listing_fact *f = &m->fact.v[i];
        uint32_t root = m->list.v[f->list].root;
        if (f->tells == COLLECTION_HOST && !m->root.v[root].host.p)
            m->root.v[root].host = f->original;
        if (f->tells == COLLECTION_COPIED)
            TRY(map_put(&m->fact_of, key_of(root, f->original, key), (uint32_t)i));
    }
    return OK;
}

/* The collection that a file lies in: that of the nearest folder with lists. */
static bool find_root(const struct listing_making *m, struct str path, uint32_t *ret_root)
{
    if (!m->root.n)
        return false;
    for (struct str folder = folder_of(path);;) {
        const uint32_t *root = map_get(&m->root_of, folder);
        if (root) {
            *ret_root = *root;
            return true;
        }
        if (!folder.n)
            return false;
        folder = folder_of(str_sub(folder, 0, folder.n - 1));
    }
}

/* ---- one file ---- */

static bool names_a_host(struct str name)
{
    char text[HOST_NAME_BYTES + 1];
    if (!name.n || name.n > HOST_NAME_BYTES)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(collector_words); i++)
        if (str_ieq(name, str_of(collector_words[i])))
            return false;
    memcpy(text, name.p, name.n);
    text[name.n] = '/';
    return host_of_path(str_make(text, name.n + 1)).n > 0;
}

/* The nearest folder or archive above that is called like a host. */
static struct str host_above(struct str above)
{
    for (;;) {
        struct str part = host_of_path(above), name = collection_name(part);
        if (!part.n)
            return STR_NONE;
        if (names_a_host(name))
            return name;
        above = str_sub(above, 0, (size_t)(part.p - above.p));
    }
}

/* First by the evidence's own part of the path, then by a few folders above it as well. */
static enum err find_original(struct listing_making *m, struct listed *f, size_t own,
                              size_t *ret_anchor)
{
    size_t from = own;
    TRY(collection_original(m->arena, str_sub(f->path, own, f->path.n), 0, &f->original,
                            ret_anchor));
    *ret_anchor += own;
    if (f->original.p)
        return OK;
    for (int i = 0; i < FOLDERS_ABOVE && from; i++)
        from = folder_of(str_sub(f->path, 0, from - 1)).n;
    TRY(collection_original(m->arena, str_sub(f->path, from, f->path.n), own - from, &f->original,
                            ret_anchor));
    *ret_anchor += from;
    return OK;
}

static void take_times(struct listing_making *m, struct listed *f, uint32_t root)
{
    char key[LISTING_TEXT_BYTES + 8];
    const uint32_t *at = map_get(&m->fact_of, key_of(root, f->original, key));
    if (!at)
        return;
    struct listing_fact *fact = &m->fact.v[*at];
    fact->seen = true;
    f->created_us = fact->created_us != TIME_NONE ? fact->created_us : f->created_us;
    f->modified_us = fact->modified_us != TIME_NONE ? fact->modified_us : f->modified_us;
    f->accessed_us = fact->accessed_us != TIME_NONE ? fact->accessed_us : f->accessed_us;
}

/* Beside a sparse file Velociraptor leaves a list of its holes with the ending .idx, which
 * uploads.json does not tell as copied. Files of the host may be called so, too. */
static enum err is_of_host(struct listing_making *m, struct listed *f, size_t own,
                           const uint32_t *root, bool *ret)
{
    char key[LISTING_TEXT_BYTES + 8];
    size_t anchor;
    *ret = false;
    if (!str_ends(f->path, STR(".idx")))
        return OK;
    TRY(find_original(m, f, own, &anchor));
    bool listed = root && m->root.v[*root].uploads;
    *ret = f->original.p && (!listed || map_get(&m->fact_of, key_of(*root, f->original, key)));
    f->original = STR_NONE;
    return OK;
}

enum err listing_place(struct listing_making *m, struct listed *f, size_t own)
{
    uint32_t root = 0;
    bool has_root = find_root(m, f->path, &root);
    enum collection_file what = collection_file_of(str_sub(f->path, own, f->path.n));
    bool beside = has_root && str_eq(m->root.v[root].folder, folder_of(f->path));
    size_t anchor = f->path.n;
    bool of_host = false;
    if (what == COLLECTION_ABOUT)
        TRY(is_of_host(m, f, own, has_root ? &root : NULL, &of_host));
    what = of_host ? COLLECTION_EVIDENCE : what;
    f->about = what == COLLECTION_ABOUT || collection_is_list(what) ||
               (what == COLLECTION_MAYBE && beside && m->root.v[root].velociraptor);
    if (!f->about)
        TRY(find_original(m, f, own, &anchor));
    if (has_root && m->root.v[root].host.p)
        f->host = m->root.v[root].host;
    else if (f->original.p || f->member)
        f->host = host_above(str_sub(f->path, 0, anchor));
    if (has_root && f->original.p)
        take_times(m, f, root);
    return OK;
}

/* ---- what is not there ---- */

struct missing {
    size_t skipped, twins, absent;
    struct str twin, gone; /* the first ones */
};

static bool is_stream(struct str original)
{
    return str_chr(str_sub(original, 2, original.n), ':') >= 0;
}

static enum err tell_skip(struct listing_making *m, const struct listing_list *list,
                          const struct listing_fact *f)
{
    struct buf b;
    buf_init(&b, 3 * LISTING_TEXT_BYTES);
    buf_str(&b, f->original);
    buf_puts(&b, ": ");
    buf_str(&b, f->why.n ? f->why : STR("not copied"));
    struct str detail = b.rc ? STR_NONE : arena_str(m->arena, buf_view(&b));
    buf_done(&b);
    return detail.p ? listing_tell(m, list->path, 0, STR("not-collected"), detail) : ERR_NOMEM;
}

static enum err tell_many(struct listing_making *m, struct str file, size_t n, const char *what,
                          struct str first)
{
    struct buf b;
    if (!n)
        return OK;
    buf_init(&b, 2 * LISTING_TEXT_BYTES);
    buf_printf(&b, "%zu %s%s", n, what, first.n ? ", the first: " : "");
    buf_str(&b, first);
    struct str detail = b.rc ? STR_NONE : arena_str(m->arena, buf_view(&b));
    buf_done(&b);
    return detail.p ? listing_tell(m, file, 0, STR("not-collected"), detail) : ERR_NOMEM;
}

static enum err missing_of(struct listing_making *m, uint32_t list, size_t *at)
{
    const struct listing_list *l = &m->list.v[list];
    struct missing n = {.twin = STR(""), .gone = STR("")};
    for (; *at < m->fact.n && m->fact.v[*at].list == list; (*at)++) {
        const struct listing_fact *f = &m->fact.v[*at];
        if (f->tells == COLLECTION_SKIPPED && f->twin) {
            n.twin = n.twins++ ? n.twin : f->original;
        } else if (f->tells == COLLECTION_SKIPPED) {
            if (n.skipped++ < LISTING_TOLD_SKIPS)
                TRY(tell_skip(m, l, f));
        } else if (f->tells == COLLECTION_COPIED && !f->seen && !is_stream(f->original)) {
            n.gone = n.absent++ ? n.gone : f->original;
        }
    }
    size_t more = n.skipped > LISTING_TOLD_SKIPS ? n.skipped - LISTING_TOLD_SKIPS : 0;
    TRY(tell_many(m, l->path, more, "more files were not copied", STR("")));
    TRY(tell_many(m, l->path, n.twins,
                  "files were not copied because others have the same content (Deduped)", n.twin));
    return tell_many(m, l->path, n.absent, "files that it names as copied are not there", n.gone);
}

enum err listing_missing(struct listing_making *m)
{
    size_t at = 0;
    for (uint32_t list = 0; list < m->list.n; list++)
        TRY(missing_of(m, list, &at));
    return OK;
}
