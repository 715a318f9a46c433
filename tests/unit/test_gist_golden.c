/* Precision and recall on posts that were labelled by hand (tests/golden/posts_labelled.jsonl), by
 * kind of subject, and the share of intents that are right. */
#include "codec/json.h"
#include "unit.h"
#include "watch/gist.h"
#include "watch/pass.h"

#include <stdio.h>

struct score {
    int right, wrong, missed;
};

/* A little below what is reached. The tables were written with these posts in sight: on others the
 * figures are lower. */
static const struct {
    double precision, recall;
} floors[SUBJECT_KINDS] = {
    [SUBJECT_CVE] = {1, 1},        [SUBJECT_ADVISORY] = {1, 1},  [SUBJECT_PRODUCT] = {0.9, 0.9},
    [SUBJECT_VENDOR] = {0.9, 0.9}, [SUBJECT_ACTOR] = {0.9, 0.8}, [SUBJECT_MALWARE] = {0.9, 0.9},
    [SUBJECT_TOPIC] = {0.9, 0.9},
};
static const double intent_floor = 0.9;

static struct arena arena;
static struct gist *gist;
static struct score score[SUBJECT_KINDS];
static int intents_right, intents;

static void start(void)
{
    static struct extract_lists lists;
    struct lexicon lexicon;
    struct error error = {0};
    arena_init(&arena, 64 << 20);
    lexicon_init(&lexicon, &arena);
    assert_int_equal(extract_lists_load(&arena, &lists, &error), OK);
    assert_int_equal(lexicon_shipped(&lexicon, &error), OK);
    struct gist_options options = {&lexicon, &lists, 2027};
    assert_int_equal(gist_new(&arena, &options, &gist, &error), OK);
    lexicon_done(&lexicon);
}

/* "product Citrix": is it among the labels? */
static bool is_label(const struct node *label, size_t n, const struct reading_subject *s)
{
    char text[300];
    int length =
        snprintf(text, sizeof text, "%s %.*s", subject_kind_name(s->kind), STR_FMT(s->name));
    for (size_t i = 0; i < n; i++)
        if (str_eq(label[i].text, str_make(text, (size_t)length)))
            return true;
    return false;
}

static void count(struct str post, const struct node *label, size_t n, const struct reading *r)
{
    struct score got[SUBJECT_KINDS] = {0};
    for (size_t i = 0; i < r->n_subjects; i++) {
        const struct reading_subject *s = &r->subject[i];
        if (s->kind == SUBJECT_TECHNIQUE)
            continue;
        bool is = is_label(label, n, s);
        (is ? &got[s->kind].right : &got[s->kind].wrong)[0]++;
        if (!is)
            print_message("# wrong: %s %.*s in '%.*s'\n", subject_kind_name(s->kind),
                          STR_FMT(s->name), STR_FMT(post));
    }
    for (size_t i = 0; i < n; i++) {
        enum subject_kind kind = SUBJECT_KINDS;
        struct str rest = label[i].text, word;
        assert_true(str_cut(&rest, ' ', &word) && subject_kind_parse(word, &kind));
        if (kind == SUBJECT_KINDS)
            continue;
        got[kind].missed++;
        bool found = false;
        for (size_t k = 0; k < r->n_subjects && !found; k++)
            found = r->subject[k].kind == kind && str_eq(r->subject[k].name, rest);
        if (!found)
            print_message("# missed: %.*s in '%.*s'\n", STR_FMT(label[i].text), STR_FMT(post));
    }
    for (enum subject_kind k = 0; k < SUBJECT_KINDS; k++) {
        score[k].right += got[k].right;
        score[k].wrong += got[k].wrong;
        score[k].missed += got[k].missed - got[k].right;
    }
}

static void one(struct str line)
{
    struct node *root;
    const struct node *label;
    struct reading r;
    assert_int_equal(json_parse(&arena, line, STR("labels"), &root, NULL), OK);
    struct post post = {
        .text = node_text(root, "text"), .time_us = TIME_NONE, .ingest_us = TIME_NONE};
    struct str intent = node_text(root, "intent");
    size_t n = node_items(node_get(root, "subjects"), &label);
    assert_true(post.text.p && intent.p);
    assert_int_equal(gist_read(gist, &post, &r), OK);
    count(post.text, label, n, &r);
    if (n == 0)
        return; /* what is wanted of nothing is not asked */
    bool right = str_eq(intent, str_of(intent_name(r.intent)));
    intents++;
    intents_right += right;
    if (!right)
        print_message("# intent: %s by '%.*s', wanted %.*s: '%.*s'\n", intent_name(r.intent),
                      STR_FMT(r.intent_phrase), STR_FMT(intent), STR_FMT(post.text));
}

static void read_labels(void)
{
    static char text[1 << 20];
    char path[4096];
    const char *source = getenv("TOCSIN_SOURCE");
    (void)snprintf(path, sizeof path, "%s/tests/golden/posts_labelled.jsonl",
                   source ? source : ".");
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    struct str rest = str_make(text, fread(text, 1, sizeof text, f)), line;
    (void)fclose(f);
    while (str_cut(&rest, '\n', &line))
        if (line.n)
            one(line);
}

static void labels(void **state)
{
    bool low = false;
    (void)state;
    start();
    read_labels();
    for (enum subject_kind k = 0; k < SUBJECT_KINDS; k++) {
        int told = score[k].right + score[k].wrong, wanted = score[k].right + score[k].missed;
        if (!told && !wanted)
            continue;
        double precision = told ? (double)score[k].right / told : 1;
        double recall = wanted ? (double)score[k].right / wanted : 1;
        bool below = precision < floors[k].precision || recall < floors[k].recall;
        low |= below;
        print_message("# %-9s right %3d wrong %3d missed %3d precision %.3f recall %.3f%s\n",
                      subject_kind_name(k), score[k].right, score[k].wrong, score[k].missed,
                      precision, recall, below ? " BELOW" : "");
    }
    double right = (double)intents_right / intents;
    print_message("# intent    right %3d of %3d: %.3f\n", intents_right, intents, right);
    assert_false(low);
    assert_true(right >= intent_floor);
    gist = gist_free(gist);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
