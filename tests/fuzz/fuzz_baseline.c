/* Any bytes as a baseline, its folders, and paths to ask about; a NUL stands between the three.
 * Every path of the baseline itself is a shipped one, wherever the product is installed. */
#include "base/limits.h"
#include "dossier/parts.h"
#include "model/baseline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct build known = {{15, 1, 2106, 2}};

static void ask_all(const struct baseline *b, struct str paths)
{
    struct str path;
    static const unsigned char sha[32] = {1};
    struct baseline_answer a;
    while (str_cut(&paths, '\n', &path)) {
        baseline_ask(b, path, sha, &known, &a);
        if ((a.state == BASELINE_NOT_COVERED) != (a.path.p == NULL))
            __builtin_trap();
        struct str tail = baseline_tail(b, path);
        if (tail.p && (tail.p < path.p || tail.p + tail.n > path.p + path.n))
            __builtin_trap();
    }
}

static void ask_own(struct arena *arena, const struct baseline *b, const struct dossier *d)
{
    struct baseline_answer a;
    for (size_t i = 0; i < d->n_shipped && i < 64; i++) {
        struct buf path;
        buf_init(&path, 2 * LIMIT_PATH_BYTES);
        buf_puts(&path, "D:\\Exchange/");
        buf_str(&path, d->shipped[i].path);
        struct str text = arena_str(arena, buf_view(&path));
        buf_done(&path);
        baseline_ask(b, text, NULL, NULL, &a);
        size_t names = 0;
        for (size_t k = 0; k < d->shipped[i].path.n; k++)
            names += strchr("/\\", d->shipped[i].path.p[k]) != NULL;
        if (names + 1 < BASELINE_DEPTH && text.n <= LIMIT_PATH_BYTES && a.state != BASELINE_SHIPPED)
            __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_make((const char *)data, size), paths = STR_NONE;
    struct arena arena;
    struct dossier d = {0};
    struct dossier_problems problems = {0};
    struct dossier_file file[] = {{STR("baseline.csv"), STR("")}, {STR("folders.csv"), STR("")}};
    struct load l = {.arena = &arena, .problems = &problems, .file = file, .n_files = 2, .d = &d};
    struct baseline *b;
    arena_init(&arena, 64 << 20);
    (void)str_cut(&rest, 0, &file[0].text);
    (void)str_cut(&rest, 0, &file[1].text);
    (void)str_cut(&rest, 0, &paths);
    if (baseline_tables_read(&l, file[0].path) == OK) {
        struct baseline_rows rows = {d.shipped, d.n_shipped, d.covered, d.n_covered};
        if (baseline_build(&arena, &rows, 1, &b) == OK) {
            ask_all(b, paths);
            ask_own(&arena, b, &d);
        }
    }
    arena_done(&arena);
    return 0;
}
