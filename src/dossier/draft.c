#include "dossier/draft.h"

#include "base/limits.h"
#include "codec/yaml.h"
#include "dossier/draft_parts.h"
#include "dossier/parts.h"
#include "os/folder.h"

#define MANIFEST_NAME "dossier.yaml"

/* "draft-microsoft-exchange-0a1b2c3d" */
static struct str make_id(struct arena *arena, const struct alert *a)
{
    char id[64];
    size_t n = 0;
    bool dash = true;
    memcpy(id, "draft-", 6);
    n = 6;
    for (size_t i = 0; i < a->subject.n && n < 46; i++) {
        unsigned char c = ascii_lower((unsigned char)a->subject.p[i]);
        bool letter = ascii_alpha(c) || ascii_digit(c);
        if (letter || !dash)
            id[n++] = letter ? (char)c : '-';
        dash = !letter;
    }
    if (!dash)
        id[n++] = '-';
    size_t digits = strnlen(a->id, 8);
    memcpy(id + n, a->id, digits);
    return arena_str(arena, str_make(id, n + digits));
}

/* What somebody has worked on is not written over. */
static enum err check_old(struct arena *arena, struct str folder, struct error *error)
{
    struct str text;
    struct node *doc = NULL;
    size_t n = 0;
    enum err rc = file_read(arena, folder, STR(MANIFEST_NAME), LIMIT_RULE_FILE_BYTES, &text, error);
    if (rc == ERR_NOT_FOUND)
        return OK;
    if (rc)
        return rc;
    rc = yaml_parse(arena, text, STR(MANIFEST_NAME), 1, &doc, &n, error);
    bool draft = false;
    if (!rc && n && node_bool(node_get(doc, "draft"), &draft) && draft)
        return OK;
    return fail_at(error, ERR_USAGE, MANIFEST_NAME, 0,
                   "'%.*s' holds a dossier that is no draft: it is left alone", STR_FMT(folder));
}

static enum err write_both(const struct alert *alerts, size_t n, const struct draft_options *o,
                           struct str folder, struct draft_told *told, struct error *error)
{
    struct buf yaml, csv;
    buf_init(&yaml, LIMIT_RULE_FILE_BYTES);
    buf_init(&csv, LIMIT_RULE_FILE_BYTES);
    enum err rc = draft_yaml(&yaml, alerts, n, told->id, told);
    if (!rc)
        rc = draft_csv(&csv, alerts, n, o->warnings, told);
    if (rc)
        rc = fail(error, rc, "the draft cannot be made");
    /* The indicators first: without the other file they are no dossier. */
    if (!rc)
        rc = file_replace(folder, STR("indicators.csv"), buf_view(&csv), error);
    if (!rc)
        rc = file_replace(folder, STR(MANIFEST_NAME), buf_view(&yaml), error);
    buf_done(&csv);
    buf_done(&yaml);
    return rc;
}

enum err dossier_draft(const struct alert *alerts, size_t n, const struct draft_options *options,
                       struct str folder, struct arena *arena, struct draft_told *ret_told,
                       struct error *error)
{
    *ret_told = (struct draft_told){.id = options->id};
    if (n == 0)
        return fail(error, ERR_BUG, "no alert to draft from");
    if (!ret_told->id.p)
        ret_told->id = make_id(arena, &alerts[0]);
    if (!ret_told->id.p)
        return fail(error, ERR_NOMEM, "out of memory");
    if (!dossier_id_ok(ret_told->id))
        return fail(error, ERR_USAGE, "no id of a dossier: \"%.*s\"", STR_FMT(ret_told->id));
    TRY(folder_make(folder, error));
    TRY(check_old(arena, folder, error));
    return write_both(alerts, n, options, folder, ret_told, error);
}
