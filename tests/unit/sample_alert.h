/* sample_alert.h — two small alerts for tests of what is made from alerts.
 *
 * What:   a product that concerns a customer, with sites, posts and items; a CVE without either.
 * Input:  alert_hostile replaces every free text of the first one by the one given.
 * Limits: none.
 * Owner:  everything is static; sample_alerts resets it.
 * Spec:   model/alert.h
 */
#ifndef UNIT_SAMPLE_ALERT_H
#define UNIT_SAMPLE_ALERT_H

#include "model/alert.h"

#include <math.h>

enum { SAMPLE_ITEMS = 9 };
static struct alert sample_alert[2];
static struct alert_site sample_site[2];
static struct alert_post sample_post[4];
static struct alert_item sample_item[SAMPLE_ITEMS];
static struct str sample_techniques[2], sample_assets[2];
static struct alert_with sample_with[1];

static inline int64_t alert_day(const char *text)
{
    int64_t time_us = TIME_NONE;
    (void)time_parse(str_of(text), &time_us);
    return time_us;
}

static inline void sample_evidence(void)
{
    static const char *const items[SAMPLE_ITEMS][2] = {
        {"ipv4", "203.0.113.9"},
        {"ipv4", "45.77.12.9"},
        {"domain", "bad.example.net"},
        {"url", "http://bad.example.net/a?b=1&c=2"},
        {"sha256", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
        {"file", "owa shell.aspx"},
        {"registry", "HKLM\\Software\\Bad"},
        {"asn", "AS64500"},
        {"cve", "CVE-2021-26855"},
    };
    for (size_t i = 0; i < SAMPLE_ITEMS; i++)
        sample_item[i] = (struct alert_item){str_of(items[i][0]), str_of(items[i][1]), i + 1,
                                             alert_day("2021-01-03"), STR_NONE};
    sample_site[0] = (struct alert_site){STR("forum.example"), alert_day("2020-09-14"),
                                         alert_day("2021-02-28"), 6, 0.0021};
    sample_site[1] = (struct alert_site){STR("@channel"), alert_day("2020-11-01"),
                                         alert_day("2021-02-20"), 3, NAN};
    for (size_t i = 0; i < 4; i++)
        sample_post[i] = (struct alert_post){
            .id = STR("1001"),
            .site = i % 2 ? STR("@channel") : STR("forum.example"),
            .url = STR("https://forum.example/t/1001?page=2"),
            .time_us = alert_day("2020-09-14") + (int64_t)i * 40 * US_PER_DAY,
            .intent = i ? INTENT_SEEK : INTENT_QUESTION,
            .snippet = i == 1 ? STR_NONE : STR("looking for access to OWA, will pay"),
        };
}

static inline struct alert *sample_alerts(void)
{
    sample_evidence();
    sample_techniques[0] = STR("T1190");
    sample_techniques[1] = STR("T1505.003");
    sample_assets[0] = STR("ex01.example.org");
    sample_assets[1] = STR("ex02.example.org");
    sample_with[0] = (struct alert_with){.subject = STR("Outlook Web Access"),
                                         .kind = SUBJECT_PRODUCT,
                                         .lane = LANE_BURST,
                                         .p = 2.5e-5,
                                         .threads = 5,
                                         .shared = 4};
    memset(sample_with[0].id, 'c', 64);
    memset(sample_with[0].leader, 'a', 64);
    sample_alert[0] = (struct alert){
        .time_us = alert_day("2021-03-02"),
        .subject = STR("Microsoft Exchange"),
        .kind = SUBJECT_PRODUCT,
        .lane = LANE_BREADTH,
        .title = STR("Microsoft Exchange is named on more sites than expected"),
        .observed = 9,
        .expected = 1.34,
        .p = 3.14e-6,
        .threshold = 1e-5,
        .q = 0.0021,
        .window_days = 180,
        .calibration = 1.1,
        .exposure = 42113,
        .voices = 9,
        .threads = 11,
        .clusters = 8,
        .site = sample_site,
        .n_sites = 2,
        .since_us = alert_day("2020-09-14"),
        .intent = {[INTENT_MENTION] = 5, [INTENT_SEEK] = 3, [INTENT_QUESTION] = 1},
        .technique = {sample_techniques, 2},
        .customer = STR("Example Ltd"),
        .asset = {sample_assets, 2},
        .post = sample_post,
        .n_posts = 4,
        .item = sample_item,
        .n_items = SAMPLE_ITEMS,
        .epss = 0.93,
        .kev_us = alert_day("2021-11-03"),
        .why = STR("Nine sites named it within 180 days; 1.34 were expected."),
        .silenced = STR("With three sites fewer it would have stayed silent."),
        .again = STR("A site that had not named it before has joined."),
        .with = sample_with,
        .n_with = 1,
    };
    memset(sample_alert[0].id, 'a', 64);
    sample_alert[1] = (struct alert){
        .time_us = alert_day("2021-03-03"),
        .subject = STR("CVE-2021-26855"),
        .kind = SUBJECT_CVE,
        .lane = LANE_BURST,
        .title = STR("CVE-2021-26855: 7 threads in 7 days, 0.2 expected"),
        .observed = 7,
        .expected = 0.2,
        .p = 1e-12,
        .threshold = 1e-7,
        .q = NAN,
        .window_days = 7,
        .calibration = 1,
        .exposure = 900,
        .voices = 7,
        .threads = 7,
        .clusters = 7,
        .since_us = alert_day("2021-02-26"),
        .epss = NAN,
        .kev_us = TIME_NONE,
        .why = STR("Seven threads."),
    };
    memset(sample_alert[1].id, 'b', 64);
    return sample_alert;
}

static inline void alert_hostile(struct alert *a, struct str text)
{
    a->subject = a->title = a->customer = a->why = a->silenced = a->again = text;
    for (size_t i = 0; i < a->n_sites; i++)
        a->site[i].site = text;
    for (size_t i = 0; i < a->n_posts; i++)
        a->post[i].id = a->post[i].site = a->post[i].url = a->post[i].snippet = text;
    for (size_t i = 0; i < a->n_items; i++)
        a->item[i].value = text;
    for (size_t i = 0; i < a->technique.n; i++)
        a->technique.v[i] = text;
    for (size_t i = 0; i < a->asset.n; i++)
        a->asset.v[i] = text;
    for (size_t i = 0; i < a->n_with; i++)
        a->with[i].subject = text;
}

#endif
