#include "model/baseline.h"

#include "base/hash.h"
#include "base/limits.h"

#include <stdlib.h>

enum { SHA_BYTES = SHA256_BYTES, NOWHERE = -1 };

/* A row, ready to be asked. Sorted by path and hash, so that a path's rows stand together. */
struct entry {
    struct str path; /* folded */
    const struct shipped_file *row;
    unsigned char sha256[SHA_BYTES];
    bool hashed;
    uint32_t set; /* of rows: what its line of builds is measured by */
};

/* From a text to its place in a list; open addressing, at most half full. */
struct lookup {
    uint32_t *slot; /* place + 1 */
    size_t mask;
};

/* The builds of one line (the first two numbers) that a set of rows knows. */
struct line {
    uint32_t set;
    struct build oldest, newest;
};

struct folder {
    struct str path; /* folded */
    const struct covered_folder *row;
};

struct baseline {
    struct entry *entry;
    size_t n_entries;
    struct lookup paths;
    uint32_t *by_hash; /* entries in order of hash; those without one left out */
    size_t n_hashed;
    struct folder *folder;
    size_t n_folders;
    struct lookup folders;
    struct str *head; /* first names of paths that lie below no covered folder; sorted */
    size_t n_heads;
    struct line *line;
    size_t n_lines;
};

const char *baseline_state_name(enum baseline_state state)
{
    static const char *const name[] = {"not-covered", "shipped", "altered", "unknown-build",
                                       "unlisted-name"};
    return name[state];
}

/* ---- paths ---- */

/* Small letters, "\" between names, none doubled, none at the ends. */
static struct str fold(struct str path, char *to)
{
    size_t n = 0;
    for (size_t i = 0; i < path.n; i++) {
        char c = path.p[i] == '/' ? '\\' : (char)ascii_lower((unsigned char)path.p[i]);
        if (c != '\\' || (n && to[n - 1] != '\\'))
            to[n++] = c;
    }
    while (n && to[n - 1] == '\\')
        n--;
    return str_make(to, n);
}

static struct str fold_into(struct arena *arena, struct str path)
{
    char *to = arena_alloc(arena, path.n + 1);
    return to ? fold(path, to) : STR_NONE;
}

/* The last names of a path, and where each begins. */
struct names {
    struct str path;
    size_t from[BASELINE_DEPTH], n;
};

static void names_of(struct str path, struct names *ret)
{
    size_t end = path.n;
    *ret = (struct names){.path = path};
    while (end && ret->n < BASELINE_DEPTH) {
        ptrdiff_t cut = str_rchr(str_sub(path, 0, end), '\\');
        ret->from[ret->n++] = (size_t)(cut + 1);
        end = cut < 0 ? 0 : (size_t)cut;
    }
    for (size_t i = 0; i < ret->n / 2; i++) {
        size_t t = ret->from[i];
        ret->from[i] = ret->from[ret->n - 1 - i];
        ret->from[ret->n - 1 - i] = t;
    }
}

/* ---- look-ups ---- */

static uint32_t *slot_of(const struct lookup *l, struct str key,
                         struct str (*key_of)(const struct baseline *, uint32_t),
                         const struct baseline *b)
{
    size_t at = hash64(key, 0) & l->mask;
    while (l->slot[at] && !str_eq(key_of(b, l->slot[at] - 1), key))
        at = (at + 1) & l->mask;
    return &l->slot[at];
}

static struct str entry_key(const struct baseline *b, uint32_t i)
{
    return b->entry[i].path;
}

static struct str folder_key(const struct baseline *b, uint32_t i)
{
    return b->folder[i].path;
}

static enum err lookup_build(struct arena *arena, struct lookup *l, size_t n,
                             struct str (*key_of)(const struct baseline *, uint32_t),
                             const struct baseline *b)
{
    size_t size = 4;
    while (size < 2 * n + 2)
        size *= 2;
    l->mask = size - 1;
    l->slot = arena_new_n(arena, uint32_t, size);
    if (!l->slot)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *slot = slot_of(l, key_of(b, i), key_of, b);
        if (!*slot)
            *slot = i + 1; /* of a path's rows the first */
    }
    return OK;
}

static ptrdiff_t entry_named(const struct baseline *b, struct str path)
{
    return (ptrdiff_t)*slot_of(&b->paths, path, entry_key, b) - 1;
}

static ptrdiff_t folder_named(const struct baseline *b, struct str path)
{
    return (ptrdiff_t)*slot_of(&b->folders, path, folder_key, b) - 1;
}

/* ---- builds ---- */

/* As far as both are known. */
static int build_order(const struct build *a, const struct build *b)
{
    for (int i = 0; i < 4 && a->part[i] >= 0 && b->part[i] >= 0; i++)
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? -1 : 1;
    return 0;
}

static bool same_line(const struct build *a, const struct build *b)
{
    return a->part[0] == b->part[0] && a->part[1] == b->part[1];
}

static bool said(const struct build *b)
{
    return b && b->part[0] >= 0;
}

static bool within(const struct build *b, const struct build *first, const struct build *last)
{
    return (!said(first) || build_order(first, b) <= 0) &&
           (!said(last) || build_order(b, last) <= 0);
}

static enum err line_learn(struct baseline *b, size_t max, uint32_t set, const struct build *build)
{
    if (!said(build))
        return OK;
    for (size_t i = 0; i < b->n_lines; i++) {
        struct line *l = &b->line[i];
        if (l->set != set || !same_line(&l->oldest, build))
            continue;
        if (build_cmp(build, &l->oldest) < 0)
            l->oldest = *build;
        if (build_cmp(build, &l->newest) > 0)
            l->newest = *build;
        return OK;
    }
    if (b->n_lines < max) /* a hostile table: further lines are unknown ones */
        b->line[b->n_lines++] = (struct line){set, *build, *build};
    return OK;
}

/* Does the set know builds around this one? set UINT32_MAX: any set. */
static bool line_knows(const struct baseline *b, uint32_t set, const struct build *build)
{
    for (size_t i = 0; i < b->n_lines; i++)
        if ((set == UINT32_MAX || b->line[i].set == set) && same_line(&b->line[i].oldest, build) &&
            within(build, &b->line[i].oldest, &b->line[i].newest))
            return true;
    return false;
}

/* ---- building ---- */

static int by_path_and_hash(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = str_cmp(x->path, y->path);
    if (!order)
        order = x->hashed - y->hashed;
    if (!order)
        order = memcmp(x->sha256, y->sha256, SHA_BYTES);
    return order ? order : x->row < y->row ? -1 : x->row > y->row;
}

static bool sha_of(struct str hex, unsigned char ret[SHA_BYTES])
{
    for (size_t i = 0; hex.n == 2 * SHA_BYTES && i < hex.n; i += 2) {
        int high = ascii_hex((unsigned char)hex.p[i]), low = ascii_hex((unsigned char)hex.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i / 2] = (unsigned char)(high << 4 | low);
    }
    return hex.n == 2 * SHA_BYTES;
}

static enum err entries_build(struct arena *arena, const struct baseline_rows *rows, size_t n,
                              struct baseline *b)
{
    enum { LINES = 256 };
    size_t all = 0;
    for (size_t i = 0; i < n; i++)
        all += rows[i].n_files;
    b->entry = arena_new_n(arena, struct entry, all + 1);
    b->line = arena_new_n(arena, struct line, LINES);
    if (!b->entry || !b->line || all >= UINT32_MAX / 4)
        return b->entry && b->line ? ERR_LIMIT : ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < rows[i].n_files; k++) {
            const struct shipped_file *row = &rows[i].file[k];
            struct entry *e = &b->entry[b->n_entries++];
            *e =
                (struct entry){.path = fold_into(arena, row->path), .row = row, .set = (uint32_t)i};
            if (!e->path.p)
                return ERR_NOMEM;
            e->hashed = sha_of(row->sha256, e->sha256);
            TRY(line_learn(b, LINES, e->set, &row->first));
            TRY(line_learn(b, LINES, e->set, &row->last));
        }
    qsort(b->entry, b->n_entries, sizeof *b->entry, by_path_and_hash);
    return lookup_build(arena, &b->paths, b->n_entries, entry_key, b);
}

static int by_hash(const void *a, const void *b, void *ctx)
{
    const struct entry *e = ctx, *x = &e[*(const uint32_t *)a], *y = &e[*(const uint32_t *)b];
    int order = memcmp(x->sha256, y->sha256, SHA_BYTES);
    return order ? order : x < y ? -1 : x > y;
}

static enum err hashes_build(struct arena *arena, struct baseline *b)
{
    b->by_hash = arena_new_n(arena, uint32_t, b->n_entries + 1);
    if (!b->by_hash)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < b->n_entries; i++)
        if (b->entry[i].hashed)
            b->by_hash[b->n_hashed++] = i;
    qsort_r(b->by_hash, b->n_hashed, sizeof *b->by_hash, by_hash, b->entry);
    return OK;
}

static enum err folders_build(struct arena *arena, const struct baseline_rows *rows, size_t n,
                              struct baseline *b)
{
    size_t all = 0;
    for (size_t i = 0; i < n; i++)
        all += rows[i].n_folders;
    b->folder = arena_new_n(arena, struct folder, all + 1);
    if (!b->folder || all >= UINT32_MAX / 4)
        return b->folder ? ERR_LIMIT : ERR_NOMEM;
    /* From the last on: of two rows about a folder the later one is found, which is the user's. */
    for (size_t i = n; i-- > 0;)
        for (size_t k = rows[i].n_folders; k-- > 0;) {
            struct folder *f = &b->folder[b->n_folders++];
            *f = (struct folder){fold_into(arena, rows[i].folder[k].path), &rows[i].folder[k]};
            if (!f->path.p)
                return ERR_NOMEM;
        }
    return lookup_build(arena, &b->folders, b->n_folders, folder_key, b);
}

/* ---- folders ---- */

/* The folder that says most about a path's own one: the deepest, and by its longest name. Of the
 * names before the last. *ret_from: where it begins. */
static const struct folder *covering(const struct baseline *b, const struct names *n,
                                     size_t *ret_from)
{
    for (size_t last = n->n - 1; n->n > 1 && last > 0; last--) {
        const size_t end = n->from[last] - 1;
        for (size_t first = 0; first < last; first++) {
            ptrdiff_t at = folder_named(b, str_sub(n->path, n->from[first], end));
            if (at == NOWHERE || (last != n->n - 1 && !b->folder[at].row->below))
                continue;
            *ret_from = n->from[first];
            return &b->folder[at];
        }
    }
    return NULL;
}

static struct str first_name(struct str path)
{
    ptrdiff_t cut = str_chr(path, '\\');
    return cut < 0 ? STR_NONE : str_sub(path, 0, (size_t)cut);
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static enum err heads_build(struct arena *arena, struct baseline *b)
{
    size_t from, left = 0;
    struct names n;
    b->head = arena_new_n(arena, struct str, b->n_entries + 1);
    if (!b->head)
        return ERR_NOMEM;
    for (size_t i = 0; i < b->n_entries; i++) {
        struct str head = first_name(b->entry[i].path);
        names_of(b->entry[i].path, &n);
        if (head.p && !covering(b, &n, &from))
            b->head[b->n_heads++] = head;
    }
    qsort(b->head, b->n_heads, sizeof *b->head, by_text);
    for (size_t i = 0; i < b->n_heads; i++)
        if (!left || !str_eq(b->head[left - 1], b->head[i]))
            b->head[left++] = b->head[i];
    b->n_heads = left;
    return OK;
}

enum err baseline_build(struct arena *arena, const struct baseline_rows *rows, size_t n,
                        struct baseline **ret_baseline)
{
    struct baseline *b = arena_new(arena, struct baseline);
    *ret_baseline = b;
    if (!b)
        return ERR_NOMEM;
    TRY(entries_build(arena, rows, n, b));
    TRY(hashes_build(arena, b));
    TRY(folders_build(arena, rows, n, b));
    return heads_build(arena, b);
}

size_t baseline_count(const struct baseline *b)
{
    return b->n_entries;
}

/* ---- asking ---- */

static struct str elsewhere(const struct baseline *b, const unsigned char *sha256)
{
    size_t low = 0, high = b->n_hashed;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(b->entry[b->by_hash[middle]].sha256, sha256, SHA_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < b->n_hashed && memcmp(b->entry[b->by_hash[low]].sha256, sha256, SHA_BYTES) == 0
               ? b->entry[b->by_hash[low]].row->path
               : STR_NONE;
}

/* Widens the builds of the answer by those of a row. */
static void widen(struct baseline_answer *a, const struct shipped_file *row)
{
    if (said(&row->first) && (!said(&a->first) || build_cmp(&row->first, &a->first) < 0))
        a->first = row->first;
    if (said(&row->last) && (!said(&a->last) || build_cmp(&row->last, &a->last) > 0))
        a->last = row->last;
}

/* The rows of one path: from the first on, as long as the path is the same. */
static void ask_path(const struct baseline *b, size_t at, const unsigned char *sha256,
                     const struct build *build, struct baseline_answer *a)
{
    const struct entry *first = &b->entry[at], *hit = NULL;
    bool of_build = false, covered = false, any_hash = false;
    struct baseline_answer same = *a;
    for (const struct entry *e = first; e < b->entry + b->n_entries && str_eq(e->path, first->path);
         e++) {
        bool spans = said(build) && within(build, &e->row->first, &e->row->last);
        bool twin = e > first && e[-1].hashed == e->hashed &&
                    memcmp(e[-1].sha256, e->sha256, SHA_BYTES) == 0;
        a->n_hashes += e->hashed && !twin;
        any_hash |= e->hashed;
        covered |= e->hashed && spans && line_knows(b, e->set, build);
        widen(a, e->row);
        if (!sha256 || !e->hashed || memcmp(e->sha256, sha256, SHA_BYTES) != 0)
            continue;
        hit = hit ? hit : e;
        of_build |= spans;
        widen(&same, e->row);
    }
    const struct shipped_file *row = (hit ? hit : first)->row;
    a->path = row->path;
    a->source = row->source;
    if (hit || !sha256 || !any_hash) {
        a->state = BASELINE_SHIPPED;
        a->other_build = hit && said(build) && !of_build;
        a->first = hit ? same.first : a->first;
        a->last = hit ? same.last : a->last;
        return;
    }
    a->no_build = !said(build);
    a->state = a->no_build || covered ? BASELINE_ALTERED : BASELINE_UNKNOWN_BUILD;
}

static bool among(const struct str_list *list, struct str word)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_ieq(list->v[i], word))
            return true;
    return false;
}

static void ask_folder(const struct folder *f, struct str name, struct baseline_answer *a)
{
    ptrdiff_t dot = str_rchr(name, '.');
    struct str extension = dot < 0 ? STR_NONE : str_sub(name, (size_t)dot + 1, name.n);
    if (!extension.n || !among(&f->row->extension, extension) || among(&f->row->name, name))
        return;
    a->state = BASELINE_UNLISTED_NAME;
    a->path = f->row->path;
    a->source = f->row->source;
}

/* The end of a path that is too long for any file system. */
static struct str end_of(struct str path)
{
    return str_sub(path, path.n > LIMIT_PATH_BYTES ? path.n - LIMIT_PATH_BYTES : 0, path.n);
}

void baseline_ask(const struct baseline *b, struct str path, const unsigned char *sha256,
                  const struct build *build, struct baseline_answer *ret_answer)
{
    static const struct build none = {{-1, -1, -1, -1}};
    char folded[LIMIT_PATH_BYTES] UNCLEARED;
    struct names n;
    ptrdiff_t at = NOWHERE;
    size_t from;
    *ret_answer = (struct baseline_answer){.first = none, .last = none};
    names_of(fold(end_of(path), folded), &n);
    /* A path of one name would fit every file of that name. */
    for (size_t i = 0; i + 1 < n.n && at == NOWHERE; i++)
        at = entry_named(b, str_sub(n.path, n.from[i], n.path.n));
    if (said(build))
        ret_answer->newer_build = !line_knows(b, UINT32_MAX, build);
    if (at != NOWHERE) {
        ask_path(b, (size_t)at, sha256, build, ret_answer);
    } else if (n.n > 1) {
        const struct folder *f = covering(b, &n, &from);
        if (f)
            ask_folder(f, str_sub(n.path, n.from[n.n - 1], n.path.n), ret_answer);
    }
    if (sha256 && ret_answer->state != BASELINE_NOT_COVERED &&
        ret_answer->state != BASELINE_SHIPPED)
        ret_answer->elsewhere = elsewhere(b, sha256);
}

/* ---- tails ---- */

static bool is_head(const struct baseline *b, struct str name)
{
    return b->n_heads && bsearch(&name, b->head, b->n_heads, sizeof *b->head, by_text);
}

/* Where the name begins, counted from the path's end, in a path that was not folded: the names
 * behind it are as many, with separators of any kind and number between them. */
static struct str last_names(struct str path, size_t n)
{
    size_t at = path.n;
    while (at && strchr("/\\", path.p[at - 1]) && path.p[at - 1])
        at--;
    for (size_t end = at; n && end; n--) {
        while (end && path.p[end - 1] != '/' && path.p[end - 1] != '\\')
            end--;
        at = end;
        while (end && (path.p[end - 1] == '/' || path.p[end - 1] == '\\'))
            end--;
    }
    return str_sub(path, at, path.n);
}

struct str baseline_tail(const struct baseline *b, struct str path)
{
    char folded[LIMIT_PATH_BYTES] UNCLEARED;
    struct names n;
    path = end_of(path);
    names_of(fold(path, folded), &n);
    for (size_t i = 0; i + 1 < n.n; i++) {
        bool found = is_head(b, str_sub(n.path, n.from[i], n.from[i + 1] - 1));
        for (size_t k = i + 1; k < n.n && !found; k++)
            found = folder_named(b, str_sub(n.path, n.from[i], n.from[k] - 1)) != NOWHERE;
        if (found)
            return last_names(path, n.n - i);
    }
    return STR_NONE;
}
