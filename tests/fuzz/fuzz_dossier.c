/* Any bytes as the files of a dossier: it is loaded, checked, and asked for fixes and products. A
 * NUL stands between the files, which come in the order below; those at the end may be missing. */
#include "dossier/lint.h"
#include "dossier/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"baseline.csv", "builds.csv",     "dossier.yaml",
                                    "fixes.csv",    "indicators.csv", "rules/web.yml",
                                    "cves.csv",     "folders.csv"};

/* What a scan asks of a dossier for each build that a log shows. */
static void ask(const struct dossier *d, struct str path)
{
    for (size_t i = 0; i < d->n_fixes && i < 64; i++) {
        struct build whole = d->fix[i].build;
        const struct build *b = &whole;
        for (int k = 0; k < 4; k++)
            whole.part[k] = whole.part[k] < 0 ? 0 : whole.part[k];
        const struct product *p = product_of(d, b);
        if (p && (build_cmp(&p->from, b) > 0 || build_cmp(b, &p->to) >= 0))
            __builtin_trap();
        (void)fix_state(d, d->fix[i].cve, b);
        (void)fix_state(d, d->fix[i].cve, &d->fix[i].build);
        (void)build_before_hole(d, d->fix[i].cve, &d->fix[i].build);
        (void)fix_state_logged(d, d->fix[i].cve, b, d->window_from_us);
    }
    for (size_t i = 0; i < d->seen_paths.n; i++)
        (void)seen_path_fits(d->seen_paths.v[i], path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_make((const char *)data, size), text;
    struct arena arena;
    struct dossier_file file[ARRAY_LEN(names)];
    struct dossier d;
    struct dossier_problems problems = {0};
    struct error error;
    arena_init(&arena, 64 << 20);
    struct load l = {.arena = &arena, .problems = &problems, .file = file, .d = &d};
    while (l.n_files < ARRAY_LEN(names) && str_cut(&rest, 0, &text)) {
        file[l.n_files] = (struct dossier_file){str_of(names[l.n_files]), text};
        l.n_files++;
    }
    if (file_text(&l, STR("dossier.yaml")).p && parts_lint(&l, &error) == OK) {
        size_t n = problems.n;
        ask(&d, str_sub(rest, 0, 200));
        if (dossier_compare(&arena, &d, &d, &problems) == OK && problems.n < n)
            __builtin_trap();
        dossier_notes(&arena, &d, &problems);
    }
    for (size_t i = 0; i < problems.n; i++)
        if (problems.v[i].text.n == 0)
            __builtin_trap(); /* a problem that says nothing */
    arena_done(&arena);
    return 0;
}
