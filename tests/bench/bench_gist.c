/* Posts a second, stage by stage: bench_gist POSTS TABLE..., a post a line. With "-" as the only
 * table, the program's own. With --show, what is read from each post is printed instead. */
#include "watch/cluster.h"
#include "watch/gist_priv.h"
#include "watch/pass.h"

#include <stdio.h>
#include <time.h>

enum { BATCH = 512, ROUNDS = 3 };

static struct arena arena;
static struct extract_lists lists;
static struct str text;
static VEC(struct post) posts;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct str slurp(const char *path)
{
    struct buf b;
    FILE *f = fopen(path, "rb");
    if (!f)
        exit(2);
    buf_init(&b, (size_t)1 << 31);
    for (size_t n = 1; n;) {
        char *p = buf_reserve(&b, 1 << 20);
        if (!p)
            exit(2);
        n = fread(p, 1, 1 << 20, f);
        b.n += n;
    }
    (void)fclose(f);
    return buf_view(&b);
}

static void tell(const char *what, double best_s)
{
    printf("%-28s %8.1f MB/s %10.0f posts/s %8.0f ns/post\n", what, (double)text.n / best_s / 1e6,
           (double)posts.n / best_s, best_s / (double)posts.n * 1e9);
}

static struct gist *gist_of(int n, char **path)
{
    struct lexicon x;
    struct error error = {0};
    struct gist *g;
    lexicon_init(&x, &arena);
    enum err rc = lexicon_shipped(&x, &error);
    for (int i = 0; i < n && !rc; i++)
        rc = lexicon_table(&x, str_of(path[i]), slurp(path[i]), &error);
    double start = now();
    struct gist_options options = {&x, &lists, 2027};
    rc = rc ? rc : gist_new(&arena, &options, &g, &error);
    if (rc) {
        fprintf(stderr, "%s\n", error.text);
        exit(2);
    }
    printf("%zu rows, %zu terms, %zu left out, %.0f ms to compile, %.1f MB of tables\n", x.rows.n,
           g->names.n_terms + g->phrases.n_terms, x.problems.n, (now() - start) * 1e3,
           (double)(terms_bytes(g->names.set)) / 1e6);
    lexicon_done(&x);
    return g;
}

static double fold_all(struct gist *g)
{
    struct folded_post p;
    double start = now();
    for (size_t i = 0; i < posts.n; i++) {
        if (g->folded.n > GIST_BLOCK_BYTES)
            g->folded.n = g->folded.seams.n = 0;
        if (fold_post(g->letters, &posts.v[i], &g->folded, &p))
            exit(2);
    }
    return now() - start;
}

static double scan_all(const struct terms *set, struct term_spots *spots, size_t *ret_spots)
{
    double start = now();
    *ret_spots = 0;
    for (size_t at = 0; at < text.n; at += GIST_BLOCK_BYTES) {
        if (terms_scan(set, str_sub(text, at, at + GIST_BLOCK_BYTES), spots))
            exit(2);
        *ret_spots += spots->n;
    }
    return now() - start;
}

static enum err on_item(void *ctx, const struct item *item, bool in_title)
{
    (void)item;
    (void)in_title;
    ++*(size_t *)ctx;
    return OK;
}

struct seen {
    size_t named, subjects, items, clusters;
    double batch_s, cluster_s, items_s;
};

static void read_all(struct gist *g, struct seen *s)
{
    static struct reading r[BATCH];
    struct clusters *c;
    double start;
    bool is_new;
    *s = (struct seen){0};
    if (cluster_new(1 << 18, &c))
        exit(2);
    for (size_t i = 0; i < posts.n; i += BATCH) {
        size_t n = posts.n - i < BATCH ? posts.n - i : BATCH;
        start = now();
        if (gist_batch(g, posts.v + i, n, r))
            exit(2);
        s->batch_s += now() - start;
        start = now();
        for (size_t k = 0; k < n; k++)
            if (r[k].n_subjects) {
                (void)cluster_of(c, &r[k].sketch, (int32_t)(i / 1000), &is_new);
                s->clusters += is_new;
            }
        s->cluster_s += now() - start;
        start = now();
        for (size_t k = 0; k < n; k++) {
            s->subjects += r[k].n_subjects;
            s->named += r[k].n_subjects > 0;
            if (r[k].n_subjects && gist_items(g, &posts.v[i + k], on_item, &s->items))
                exit(2);
        }
        s->items_s += now() - start;
    }
    c = cluster_free(c);
}

static void show(struct gist *g)
{
    for (size_t i = 0; i < posts.n; i++) {
        struct reading r;
        if (gist_read(g, &posts.v[i], &r))
            exit(2);
        printf("%.*s\n   ", STR_FMT(posts.v[i].text));
        for (size_t k = 0; k < r.n_subjects; k++)
            printf(" %s=%.*s[%.*s%s]", subject_kind_name(r.subject[k].kind),
                   STR_FMT(r.subject[k].name), STR_FMT(r.subject[k].text),
                   r.subject[k].lookalike ? ", disguised" : "");
        printf(" | %s, %s, '%.*s' |", intent_name(r.intent), confidence_name(r.intent_confidence),
               STR_FMT(r.intent_phrase));
        for (size_t k = 0; k < r.n_techniques; k++)
            printf(" %.*s (%s)", STR_FMT(r.technique[k].id),
                   confidence_name(r.technique[k].confidence));
        printf(" | %s\n", script_name(r.script));
    }
}

static void measure(struct gist *g)
{
    struct term_spots spots = {0};
    struct seen s, best = {.batch_s = 1e9, .cluster_s = 1e9, .items_s = 1e9};
    double fold = 1e9, names = 1e9, phrases = 1e9, t;
    size_t n_names = 0, n_phrases = 0;
    for (int k = 0; k < ROUNDS; k++) {
        fold = (t = fold_all(g)) < fold ? t : fold;
        names = (t = scan_all(g->names.set, &spots, &n_names)) < names ? t : names;
        phrases = (t = scan_all(g->phrases.set, &spots, &n_phrases)) < phrases ? t : phrases;
        read_all(g, &s);
        best.batch_s = s.batch_s < best.batch_s ? s.batch_s : best.batch_s;
        best.cluster_s = s.cluster_s < best.cluster_s ? s.cluster_s : best.cluster_s;
        best.items_s = s.items_s < best.items_s ? s.items_s : best.items_s;
    }
    printf("%zu posts, %.1f MB; %zu name something, %zu subjects, %zu texts, %zu items; places of "
           "names %zu, of phrases %zu\n",
           posts.n, (double)text.n / 1e6, s.named, s.subjects, s.clusters, s.items, n_names,
           n_phrases);
    tell("folding", fold);
    tell("names (terms alone)", names);
    tell("phrases (of all posts)", phrases);
    tell("gist_batch, all of it", best.batch_s);
    tell("clusters", best.cluster_s);
    tell("items of those that name", best.items_s);
    tell("together", best.batch_s + best.cluster_s + best.items_s);
}

int main(int n, char **arg)
{
    struct str rest, line;
    bool shown = n > 1 && str_eq(str_of(arg[1]), STR("--show"));
    if (n < 2 + shown)
        return 2;
    arena_init(&arena, (size_t)1 << 30);
    if (extract_lists_load(&arena, &lists, NULL))
        return 2;
    rest = text = slurp(arg[1 + shown]);
    while (str_cut(&rest, '\n', &line)) {
        struct post p = {.text = line, .time_us = TIME_NONE, .ingest_us = TIME_NONE};
        if (line.n && vec_push(&posts, p, SIZE_MAX / sizeof p))
            return 2;
    }
    struct gist *g = gist_of(n - 2 - shown, arg + 2 + shown);
    shown ? show(g) : measure(g);
    g = gist_free(g);
    return 0;
}
