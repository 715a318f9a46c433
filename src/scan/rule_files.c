#include "scan/rule_files.h"

#include "base/limits.h"
#include "codec/yaml.h"
#include "dossier/load.h"
#include "match/re.h"
#include "os/build.h"
#include "os/folder.h"
#include "os/io.h"

static enum err read_file(struct arena *arena, struct rule_file *f)
{
    struct error why;
    enum err rc = io_read_file(arena, f->path, LIMIT_RULE_FILE_BYTES, &f->text, &why);
    if (rc == ERR_NOMEM || rc == OK)
        return rc;
    f->why = arena_str(arena, str_of(why.text));
    return f->why.p ? OK : ERR_NOMEM;
}

static enum err read_all(struct arena *arena, const struct io_tree *tree, struct rule_files *files)
{
    files->v = arena_new_n(arena, struct rule_file, tree->n + 1);
    if (!files->v)
        return ERR_NOMEM;
    for (size_t i = 0; i < tree->n; i++) {
        const struct io_entry *e = &tree->entry[i];
        bool named = e->below.n == 0;
        bool by_name = str_iends(e->path, STR(".yml")) || str_iends(e->path, STR(".yaml"));
        bool yara = str_iends(e->path, STR(".yar")) || str_iends(e->path, STR(".yara"));
        if (yara || (!named && !by_name && !e->hides)) /* YARA's: scan/yara_set.h */
            continue;
        struct rule_file *f = &files->v[files->n++];
        *f = (struct rule_file){.path = e->path, .why = e->skip};
        if (!f->why.p)
            TRY(read_file(arena, f));
        files->n_read += !f->why.p;
    }
    return OK;
}

enum err rule_files_shipped(struct arena *arena, struct rule_files *ret_files)
{
    size_t n = 0;
    *ret_files = (struct rule_files){0};
    while (embedded[n].path)
        n++;
    ret_files->v = arena_new_n(arena, struct rule_file, n + 1);
    if (!ret_files->v)
        return ERR_NOMEM;
    for (const struct embedded *e = embedded; e->path; e++)
        if (str_starts(str_of(e->path), STR("data/rules/")))
            ret_files->v[ret_files->n++] = (struct rule_file){
                .path = str_of(e->path), .text = str_make((const char *)e->p, e->n)};
    ret_files->n_read = ret_files->n;
    return OK;
}

/* Each text with its length, so that no two lists of texts look alike. */
static void add_text(struct sha256 *h, struct str text)
{
    uint64_t n = text.n;
    sha256_add(h, &n, sizeof n);
    sha256_add(h, text.p ? text.p : "", text.n);
}

/* Everything that decides what is read and what the check says: the program, its libraries, the
 * user's placeholders, names and texts. */
static enum err key_of(const struct rule_files *files, const struct placeholder *placeholder,
                       size_t n_placeholders, struct str build, unsigned char ret[SHA256_BYTES])
{
    struct sha256 h;
    TRY(sha256_init(&h));
    add_text(&h, STR(TOCSIN_VERSION));
    add_text(&h, build);
    add_text(&h, str_of(yaml_library()));
    add_text(&h, str_of(re_library()));
    for (size_t i = 0; i < n_placeholders; i++) {
        add_text(&h, placeholder[i].name);
        for (size_t k = 0; k < placeholder[i].values.n; k++)
            add_text(&h, placeholder[i].values.v[k]);
        add_text(&h, STR_NONE);
    }
    for (size_t i = 0; i < files->n; i++)
        if (!files->v[i].why.p) {
            add_text(&h, files->v[i].path);
            add_text(&h, files->v[i].text);
        }
    sha256_end(&h, ret);
    sha256_done(&h);
    return OK;
}

/* Nothing is written into evidence: not where the folder is, nor where its parents would be made.
 */
static bool in_evidence(const struct scan_options *o, struct str folder)
{
    for (size_t i = 0; i < o->paths.n; i++)
        if (io_inside(folder, o->paths.v[i]))
            return true;
    return false;
}

static struct str parent_of(struct str folder)
{
    ptrdiff_t slash = str_rchr(folder, '/');
    return slash > 0 ? str_sub(folder, 0, (size_t)slash) : STR_NONE;
}

/* The folder and the one that it is in are made if they are not there. Both must be the user's own:
 * who can write to the cache decides what rules say, and root makes no folder in another's home. */
struct str rule_files_cache(const struct scan_options *o)
{
    struct str folder = o->cache, parent = parent_of(folder), above = parent_of(parent);
    if (!parent.p || !above.p || in_evidence(o, folder) || in_evidence(o, parent))
        return STR_NONE;
    if (!io_exists(parent) && (!folder_own(above) || folder_make(parent, NULL)))
        return STR_NONE;
    return folder_own(parent) && !folder_make(folder, NULL) && folder_own(folder) ? folder
                                                                                  : STR_NONE;
}

enum err rule_files_read(struct arena *arena, const struct scan_options *options,
                         const struct placeholder *placeholder, size_t n_placeholders,
                         struct rule_files *ret_files, struct error *error)
{
    struct io_tree tree;
    unsigned char key[SHA256_BYTES];
    struct str build = build_id();
    *ret_files = (struct rule_files){0};
    if (options->rules.n == 0)
        return OK;
    TRY(io_list_names(arena, options->rules.v, options->rules.n, &tree, error));
    io_tree_close(&tree);
    TRY(read_all(arena, &tree, ret_files));
    if (!build.p || !ret_files->n_read || !rule_files_cache(options).p)
        return OK;
    TRY(key_of(ret_files, placeholder, n_placeholders, build, key));
    return rule_cache_open(arena, options->cache, key, ret_files->n_read, &ret_files->cache);
}
