#include "watch_posts.h"

#include "unit.h"

#include <stdio.h>

enum { DAYS = 600, A_DAY = 6, SITES = 40 };

void post_add(struct corpus *c, int32_t day, const char *site, const char *title, const char *url,
              unsigned year, unsigned number)
{
    char name[32];
    (void)snprintf(name, sizeof name, "CVE-%u-%u", year, number);
    struct sighted subject = {.kind = SUBJECT_CVE, .name = str_of(name)};
    struct sighting s = {.subject = &subject, .n_subjects = 1, .named = 1};
    s.post.time_us = s.post.ingest_us = day * US_PER_DAY;
    s.post.site = str_of(site);
    s.post.title = str_of(title);
    s.post.url = str_of(url);
    assert_int_equal(corpus_sighting(c, STR("posts"), &s), OK);
}

static unsigned below(uint64_t *state, unsigned n)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned)(*state >> 11) % n;
}

static bool is_listed(unsigned number)
{
    return number % 12 == 0;
}

/* Sites with a low number speak of listed subjects more often; so do some words. */
void posts_random(struct corpus *c, int32_t end)
{
    static const char *const titles[] = {"gateway appliance bug", "plugin bug in theme",
                                         "exploited in the wild", "library parser crash"};
    uint64_t state = 88172645463325252u;
    for (int32_t day = POSTS_FIRST_DAY; day < POSTS_FIRST_DAY + DAYS; day++)
        for (int i = 0; i < A_DAY; i++) {
            unsigned number = 1000 + (unsigned)(day - POSTS_FIRST_DAY) * 2 + below(&state, 40);
            unsigned kind = below(&state, 4), site = below(&state, SITES);
            char name[16];
            if (is_listed(number) && below(&state, 2)) {
                site = below(&state, 8);
                kind = below(&state, 3) ? 2 : 0;
            }
            (void)snprintf(name, sizeof name, "site%u", site);
            if (day < end)
                post_add(c, day, name, titles[kind], "https://news.example/a",
                         day < POSTS_FIRST_DAY + 365 ? 2022 : 2023, number);
        }
}

void label_add(struct labels *l, unsigned year, unsigned number, int32_t day)
{
    char text[128], date[32];
    struct label_map map = {0};
    struct error error;
    (void)snprintf(text, sizeof text, "date,cve\n%s,CVE-%u-%u\n",
                   time_short(day * US_PER_DAY, false, date), year, number);
    struct str row = arena_str(&l->arena, str_of(text));
    assert_int_equal(labels_read(l, row, STR("labels"), &map, &error), OK);
}

void labels_random(struct labels *l, int32_t end)
{
    for (unsigned number = 1008; number < 1000 + 2 * DAYS; number += 12) {
        int32_t day =
            POSTS_FIRST_DAY + (int32_t)(number - 1000) / 2 + (int32_t)(number / 12 * 5 % 13);
        if (day < end)
            label_add(l, day < POSTS_FIRST_DAY + 365 ? 2022 : 2023, number, day);
    }
    assert_int_equal(labels_close(l), OK);
}
