#include "output/report.h"

/* How to add a report format:
 * 1. Write src/output/report_NAME.c with `enum err report_NAME_write(sink, report, error)`. Append
 *    to sink->out, call sink_pace() after each part, and return sink->rc. Everything that comes
 *    from a report goes through output/escape.h or output/json_writer.h; what is not for the case's
 *    own people goes through output/veil.h and output/veiled.h as well.
 * 2. Declare it in report.h, name it in the table below and in src/output/meson.build.
 * 3. Describe it in docs/reference/report.md. tests/unit/test_report_formats.c runs its hostile
 *    texts, its failing sinks and its search for what is the victim's over every line of this
 * table; add to tests/cli/report_formats.sh what the format's readers ask for. */
const struct report_format report_formats[] = {
    {"html", "one page for people, the default", true, report_html_write},
    {"md", "Markdown, for tickets", true, report_md_write},
    {"json", "one document with everything", false, report_json_write},
    {"ecs", "documents of the Elastic Common Schema", false, report_ecs_write, .unmarked = true},
    {"ecs-bulk", "the same for the bulk API of Elasticsearch and OpenSearch", false,
     report_ecs_bulk_write, .unmarked = true},
    {"navigator", "a layer of the ATT&CK Navigator", false, report_navigator_write},
    {"timesketch", "the timeline as JSON Lines for Timesketch", false, report_timesketch_write,
     .unmarked = true},
    {"csv", "findings as rows, for spreadsheets", false, report_csv_write, .unmarked = true},
    {"cacao", "the advice as a CACAO 2.0 playbook", false, report_cacao_write},
    {"stix", "a STIX 2.1 bundle, for threat intelligence platforms", false, report_stix_write},
    {"misp", "a MISP event, for import from JSON", false, report_misp_write},
    {"misp-feed", "a folder that MISP reads as a feed; -o names it", false, NULL,
     report_misp_feed_write},
    {NULL, NULL, false, NULL},
};

const struct report_format *report_format_find(struct str name)
{
    for (const struct report_format *f = report_formats; f->name; f++)
        if (str_eq(name, str_of(f->name)))
            return f;
    return NULL;
}

enum err report_write(const struct report_format *format, struct sink *sink,
                      const struct report *report, struct error *error)
{
    TRY(format->write(sink, report, error));
    return sink_flush(sink);
}
