/* How the subjects of alerts went, week by week: into the case, for the chart of a report. */
#include "cli/watch_run.h"
#include "output/json_writer.h"

static void course_json(struct buf *out, const struct alert *a, const struct watch_week *week)
{
    struct json j;
    json_init(&j, out);
    json_object(&j, NULL);
    json_text(&j, "type", "chatter");
    json_str(&j, "subject", a->subject);
    json_text(&j, "kind", subject_kind_name(a->kind));
    json_array(&j, "weeks");
    for (size_t i = 0; i < WATCH_WEEKS; i++) {
        json_object(&j, NULL);
        json_time(&j, "from", week[i].day * US_PER_DAY);
        json_u64(&j, "threads", week[i].threads);
        json_u64(&j, "posts", week[i].posts);
        json_end(&j);
    }
    json_end(&j);
    json_end(&j);
    json_line(&j);
}

/* Of a subject with several alerts the same comes again, which adds nothing. */
enum err run_courses(struct run *r, struct watch *w, const struct alert *alert, size_t n,
                     struct error *error)
{
    struct watch_week week[WATCH_WEEKS];
    bool known;
    for (size_t i = 0; i < n; i++) {
        TRY(watch_weeks(w, alert[i].kind, alert[i].subject, week, &known, error));
        if (known)
            course_json(&r->take.sink.out, &alert[i], week);
        sink_pace(&r->take.sink);
    }
    return r->take.sink.rc;
}
