/* CSV: findings as rows. RFC 4180, UTF-8, CRLF; nothing in a cell can start a row or a formula. */
#include "output/escape.h"
#include "output/parts.h"
#include "output/roles.h"
#include "output/writer.h"

static const char header[] =
    "time,last,grade,level,host,target_host,dossier,rule,title,technique,count,kind,client,method,"
    "url,status,user_agent,user,file,line,offset,sha256,evidence,meaning,next,note,id,tlp\r\n";

/* Every cell but the last is followed by a comma. */
static void cell(struct sink *s, struct str text)
{
    escape_csv(&s->out, text);
    buf_putc(&s->out, ',');
    sink_pace(s);
}

static void cell_text(struct sink *s, const char *text)
{
    cell(s, str_of(text));
}

static void cell_time(struct sink *s, int64_t time_us)
{
    if (time_printable(time_us))
        time_add(&s->out, time_us);
    buf_putc(&s->out, ',');
}

static void cell_u64(struct sink *s, uint64_t value)
{
    buf_u64(&s->out, value);
    buf_putc(&s->out, ',');
}

static void cell_list(struct sink *s, struct buf *tmp, const struct str_list *list)
{
    buf_reset(tmp);
    for (size_t i = 0; i < list->n; i++) {
        buf_puts(tmp, i ? " " : "");
        buf_str(tmp, list->v[i]);
    }
    cell(s, buf_view(tmp));
}

static void cell_url(struct sink *s, struct buf *tmp, const struct finding *f)
{
    buf_reset(tmp);
    (void)role_url(tmp, f);
    cell(s, buf_view(tmp));
}

void csv_head(struct sink *s)
{
    buf_puts(&s->out, header);
}

void csv_finding(struct sink *s, struct buf *tmp, const struct finding *f)
{
    cell_time(s, f->time_us);
    cell_time(s, f->last_us);
    cell_text(s, grade_name(f->grade));
    cell_text(s, level_name(f->level));
    cell(s, f->host);
    cell(s, f->target_host);
    cell(s, f->dossier);
    cell(s, f->rule);
    cell(s, f->title);
    cell_list(s, tmp, &f->technique);
    cell_u64(s, f->count);
    cell(s, f->kind);
    cell(s, role_of(f, ROLE_CLIENT));
    cell(s, role_of(f, ROLE_METHOD));
    cell_url(s, tmp, f);
    cell(s, role_of(f, ROLE_STATUS));
    cell(s, role_of(f, ROLE_AGENT));
    cell(s, role_of(f, ROLE_USER));
    cell(s, f->file);
    cell_u64(s, f->record ? f->record : f->line);
    cell_u64(s, f->offset);
    cell_text(s, f->sha256);
    cell(s, f->evidence);
    cell(s, f->meaning);
    cell(s, f->next);
    cell(s, f->note);
    cell_text(s, f->id);
    escape_csv(&s->out, str_of(f->tlp ? tlp_name(f->tlp) : ""));
    buf_puts(&s->out, "\r\n");
    if (tmp->rc && !s->rc)
        s->rc = tmp->rc;
    sink_pace(s);
}

enum err csv_write(struct sink *s, const struct answer *a, const struct print_options *options)
{
    struct buf tmp;
    (void)options;
    buf_init(&tmp, SINK_MAX_BYTES);
    csv_head(s);
    for (size_t i = 0; i < a->n_findings && !s->rc; i++)
        csv_finding(s, &tmp, &a->finding[i]);
    buf_done(&tmp);
    return s->rc;
}
