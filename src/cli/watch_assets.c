/* What the user runs, as --assets said it: into the case, beside the alerts that concern it. */
#include "cli/watch_run.h"
#include "output/json_writer.h"

static void asset_json(struct buf *out, const struct asset *a)
{
    struct json j;
    json_init(&j, out);
    json_object(&j, NULL);
    json_text(&j, "type", "asset");
    json_str(&j, "customer", a->customer.n ? a->customer : STR_NONE);
    json_str(&j, "label", a->label);
    json_str(&j, "vendor", a->vendor.n ? a->vendor : STR_NONE);
    json_str(&j, "product", a->product);
    json_str(&j, "version", a->version.n ? a->version : STR_NONE);
    json_end(&j);
    json_line(&j);
}

void run_assets(struct run *r)
{
    for (size_t i = 0; r->assets && i < r->assets->asset.n; i++) {
        asset_json(&r->take.sink.out, &r->assets->asset.v[i]);
        sink_pace(&r->take.sink);
    }
}
