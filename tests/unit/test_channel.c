#include "base/limits.h"
#include "dossier/load.h"
#include "scan/channel.h"
#include "unit.h"

static struct arena arena;
static struct event_channels channels;
static struct logsources none;

static int setup(void **state)
{
    struct error error;
    (void)state;
    arena_init(&arena, 64 * 1024 * 1024);
    return event_channels_load(&arena, embedded_get("data/events.yaml"), &channels, &error);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static bool answers(const char *channel, uint32_t id, const char *category, const char *product,
                    const char *service)
{
    struct kind_def *kind;
    struct sigma_rule rule = {
        .category = str_of(category), .product = str_of(product), .service = str_of(service)};
    const struct channel_def *c = channel_find(&channels, str_of(channel));
    assert_int_equal(channel_kind(c, id, &arena, &kind), OK);
    return kind_answers(&none, kind, &rule);
}

#define SYSMON "microsoft-windows-sysmon/operational"

static void rules_find_their_events(void **state)
{
    (void)state;
    assert_true(answers(SYSMON, 1, "process_creation", "windows", ""));
    assert_true(answers("Security", 4688, "process_creation", "windows", ""));
    assert_true(answers("Security", 4688, "", "windows", "security"));
    assert_true(answers(SYSMON, 13, "registry_set", "windows", ""));
    assert_true(answers(SYSMON, 13, "registry_event", "windows", ""));
    assert_true(answers(SYSMON, 13, "registry_set", "windows", "sysmon"));
    assert_true(answers("Security", 4657, "registry_set", "windows", ""));
    assert_true(answers("PowerShellCore/Operational", 4104, "ps_script", "windows", ""));
    assert_true(answers("MSExchange Management", 1, "", "windows", "msexchange-management"));
    assert_true(answers("Some/Other", 1, "", "windows", ""));
}

static void and_no_others(void **state)
{
    (void)state;
    assert_false(answers(SYSMON, 3, "process_creation", "windows", ""));
    assert_false(answers("Security", 4624, "process_creation", "windows", ""));
    assert_false(answers(SYSMON, 1, "process_creation", "linux", ""));
    assert_false(answers(SYSMON, 1, "process_creation", "windows", "security"));
    assert_false(answers("System", 7045, "", "windows", "security"));
    assert_false(answers("Some/Other", 1, "", "windows", "security"));
}

/* Every kind has an id of its own to be tried with, and no field that no view answers. */
static void data_is_whole(void **state)
{
    (void)state;
    assert_true(channels.fold.n > 0);
    assert_string_equal(channels.channel[channels.n - 1].name[0].p, "*");
    for (size_t i = 0; i < channels.n; i++)
        for (size_t k = 0; k < channels.channel[i].n_categories; k++) {
            const struct event_category *c = &channels.channel[i].category[k];
            struct sigma_rule rule = {.category = c->name, .product = channels.channel[i].product};
            struct kind_def *kind;
            uint32_t id = channel_id_for(&channels.channel[i], &rule);
            assert_true(event_ids_have(&c->ids, id));
            assert_int_equal(channel_kind(&channels.channel[i], id, &arena, &kind), OK);
            assert_true(kind_answers(&none, kind, &rule));
        }
}

static void broken_data_is_refused(void **state)
{
    static const char *const texts[] = {
        "channels: []",
        "channels: [{channel: a, kind: b, title: c}]",
        "channels: [{channel: '*', kind: b}]",
        "channels: [{channel: '*', kind: b, title: c, category: {x: [no]}}]",
        "channels: [{channel: '*', kind: b, title: c, silence: golden}]",
        "channels: [{channel: '*', kind: b, title: c, cleared: [all]}]",
        "channels: [{channel: '*', kind: b, title: c, map: [{field: {x: [dance y]}}]}]",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct event_channels c;
        struct error error;
        assert_int_equal(event_channels_load(&arena, str_of(texts[i]), &c, &error), ERR_FORMAT);
    }
}

/* Whether a rule may be about a channel is what its kind says for the number that fits best. */
static void channels_answer_as_their_kinds_do(void **state)
{
    (void)state;
    static const char *const categories[] = {
        "",          "process_creation", "registry_set", "REGISTRY_EVENT",
        "ps_script", "application",      "webserver"};
    static const char *const products[] = {"", "windows", "linux", "rpc_firewall", "WINDOWS"};
    static const char *const services[] = {"", "security", "sysmon", "Dns-Server", "gone"};
    size_t yes = 0, n = ARRAY_LEN(categories) * ARRAY_LEN(products) * ARRAY_LEN(services);
    for (size_t c = 0; c < channels.n; c++)
        for (size_t i = 0; i < n; i++) {
            struct sigma_rule rule = {
                .category = str_of(categories[i % ARRAY_LEN(categories)]),
                .product = str_of(products[i / ARRAY_LEN(categories) % ARRAY_LEN(products)]),
                .service = str_of(services[i / ARRAY_LEN(categories) / ARRAY_LEN(products)])};
            const struct channel_def *channel = &channels.channel[c];
            struct arena scratch;
            struct kind_def *kind;
            arena_init(&scratch, 1 << 20);
            assert_int_equal(channel_kind(channel, channel_id_for(channel, &rule), &scratch, &kind),
                             OK);
            bool wanted = kind_answers(&none, kind, &rule);
            assert_int_equal(channel_answers(channel, &rule), wanted);
            yes += wanted;
            arena_done(&scratch);
        }
    assert_true(yes > 50 && yes < channels.n * n / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_find_their_events),
        cmocka_unit_test(and_no_others),
        cmocka_unit_test(channels_answer_as_their_kinds_do),
        cmocka_unit_test(data_is_whole),
        cmocka_unit_test(broken_data_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
