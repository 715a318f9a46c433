/* Writes a draft dossier for scan_draft.sh. usage: make_draft FOLDER ADDRESS DOMAIN */
#include "dossier/draft.h"

int main(int argc, char **argv)
{
    struct arena arena;
    struct warnings warnings;
    struct draft_told told;
    struct error error = {0};
    struct str folder = str_of(argc > 1 ? argv[1] : NULL);
    if (argc != 4)
        return 2;
    struct alert_item item[] = {
        {STR("ipv4"), str_of(argv[2]), 3, 1609632000 * US_PER_S, STR("https://forum.example/1")},
        {STR("domain"), str_of(argv[3]), 1, TIME_NONE, STR_NONE},
        {STR("ipv4"), STR("192.0.2.77"), 1, TIME_NONE, STR_NONE},
        {STR("url"), STR("https://github.com/x/y"), 1, TIME_NONE, STR_NONE},
        {STR("file"), STR("web.config"), 1, TIME_NONE, STR_NONE},
        {STR("cve"), STR("CVE-2021-26855"), 9, TIME_NONE, STR_NONE},
    };
    struct alert alert = {.id = "0123456789abcdef",
                          .subject = STR("Microsoft Exchange"),
                          .kind = SUBJECT_PRODUCT,
                          .title = STR("Exchange: \"planted\"\ndraft: false\n"),
                          .time_us = 1614643200 * US_PER_S,
                          .since_us = 1600041600 * US_PER_S,
                          .item = item,
                          .n_items = ARRAY_LEN(item)};
    arena_init(&arena, (size_t)64 << 20);
    enum err rc = warnings_init(&arena, &warnings, &error);
    struct draft_options options = {.warnings = &warnings};
    if (!rc)
        rc = dossier_draft(&alert, 1, &options, folder, &arena, &told, &error);
    if (rc)
        (void)fprintf(stderr, "make_draft: %s\n", error.text);
    else
        (void)printf("%.*s %zu %zu\n", STR_FMT(told.id), told.indicators, told.left_out);
    warnings_done(&warnings);
    arena_done(&arena);
    return rc ? 1 : 0;
}
