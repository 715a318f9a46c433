#include "cli/config.h"
#include "output/escape.h"
#include "output/json_writer.h"

/* What is set, and where. */

struct config_values {
    bool explain, json;
};
const size_t config_values_size = sizeof(struct config_values);

const struct option_def config_option_defs[] = {
    {.name = "explain",
     FLAG(struct config_values, explain),
     .help = "say where each value comes from, and where values are looked for"},
    {.name = "json", FLAG(struct config_values, json), .help = "print JSON Lines"},
    {0},
};

static void put_json(struct buf *b, const struct config *c)
{
    for (int k = 0; k < CONFIG_KEYS; k++) {
        const struct config_value *v = &c->value[k];
        struct json j;
        json_init(&j, b);
        json_object(&j, NULL);
        json_text(&j, "type", "setting");
        json_text(&j, "key", config_defs[k].name);
        json_array(&j, "value");
        for (size_t i = 0; i < v->list.n; i++)
            json_str(&j, NULL, v->list.v[i]);
        json_end(&j);
        json_str(&j, "origin", v->origin);
        json_text(&j, "environment", config_defs[k].environment);
        json_end(&j);
        json_line(&j);
    }
}

static void put_text(struct buf *b, const struct config *c, bool explain)
{
    for (int k = 0; k < CONFIG_KEYS; k++) {
        const struct config_value *v = &c->value[k];
        buf_printf(b, "%-17s ", config_defs[k].name);
        for (size_t i = 0; i < v->list.n; i++) {
            buf_puts(b, i ? ", " : "");
            escape_terminal(b, v->list.v[i], false);
        }
        buf_puts(b, v->list.n ? "" : "not set");
        if (explain && v->origin.p) {
            buf_puts(b, "  (");
            escape_terminal(b, v->origin, false);
            buf_putc(b, ')');
        }
        buf_putc(b, '\n');
    }
}

static void put_places(struct buf *b, struct str own)
{
    buf_puts(b,
             "\nlooked for, the first one that has a value counts: an option of the command; the "
             "environment,\n");
    for (int k = 0; k < CONFIG_KEYS; k++)
        buf_printf(b, "%s%s", k ? ", " : "", config_defs[k].environment);
    buf_puts(b, ";\n");
    escape_terminal(b, own.p ? own : STR("no file of the user's: HOME is not set"), false);
    buf_puts(b, "; /etc/tocsin/config.yaml\n");
}

enum status cmd_config(struct cli *cli, const void *values, const struct str_list *operands)
{
    const struct config_values *v = values;
    struct config config;
    struct error error = {0};
    struct buf b;
    (void)operands;
    if (config_load(cli->arena, &config, &error))
        return cli_error(cli, &error);
    buf_init(&b, 4 * 1024 * 1024);
    if (v->json)
        put_json(&b, &config);
    else
        put_text(&b, &config, v->explain);
    if (v->explain && !v->json)
        put_places(&b, config_path(cli->arena));
    enum status status = cli_print(cli, &b);
    buf_done(&b);
    return status;
}
