#include "cli/gap.h"

#include "output/json_writer.h"

void gap_json(struct buf *out, const struct errand_gap *gap)
{
    struct json j;
    json_init(&j, out);
    json_object(&j, NULL);
    json_text(&j, "type", "gap");
    json_null(&j, "host");
    json_str(&j, "file", gap->file);
    json_u64(&j, "offset", gap->offset);
    json_str(&j, "reason", gap->reason);
    json_str(&j, "detail", gap->detail);
    json_end(&j);
    json_line(&j);
}

enum status gap_survey(struct cli *cli, const struct gap *gap, size_t n, bool interrupted)
{
    for (size_t i = 0; i < n; i++)
        cli_say(cli, "%.*s: %.*s: %.*s", STR_FMT(gap[i].file), STR_FMT(gap[i].reason),
                STR_FMT(gap[i].detail));
    return interrupted ? STATUS_INTERRUPTED : n ? STATUS_INCOMPLETE : STATUS_OK;
}
