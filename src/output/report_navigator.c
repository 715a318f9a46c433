/* A layer of the ATT&CK Navigator, format 4.5: what was seen with the gravest grade as its score,
 * what the rules of the case's dossiers looked for in vain, and greyed out what their actors use
 * and no rule looks for. */
#include "base/vec.h"
#include "match/sigma.h"
#include "output/json_writer.h"
#include "output/report.h"
#include "output/roles.h"
#include "output/veiled.h"

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    TECHNIQUES = 20 * 1000, /* ATT&CK has some 900 */
    TITLES = 8,
    ACTORS = 4,
};
#define LOOKED_FOR_COLOR "#d6e4f0"
#define UNSEEN_COLOR "#e3e3e3"

/* One colour a grade, at equal distances from 0 to 100, so that the gradient meets each. */
static const char *const colors[GRADES + 1] = {"#ffffff", "#fff3c4", "#ffd77a",
                                               "#fdae53", "#f0672f", "#b2151f"};

struct technique {
    struct str id;
    enum grade worst;
    uint64_t findings, rows;
    struct str title[TITLES]; /* of the rules that saw it */
    size_t n_titles, more_titles;
    struct str actor[ACTORS]; /* who uses it, by the dossiers */
    size_t n_actors;
    bool looked_for, expand;
};

struct layer {
    struct sink *s;
    struct json j;
    struct buf tmp;
    const struct report *r;
    struct veil veil;
    struct said said;
    struct arena arena;
    struct map ids;
    VEC(struct technique) technique;
};

/* Of what has no form of an id nothing can be shown: NULL. */
static struct technique *technique_of(struct layer *l, struct str id)
{
    uint32_t n;
    bool new;
    if (!text_shaped(id, "T####") && !text_shaped(id, "T####.###"))
        return NULL;
    if (l->technique.n == TECHNIQUES && !map_get(&l->ids, id))
        return NULL;
    enum err rc = map_intern(&l->ids, id, &n, &new);
    if (!rc && new) {
        struct technique t = {.id = arena_str(&l->arena, id)};
        rc = t.id.p ? vec_push(&l->technique, t, TECHNIQUES) : ERR_NOMEM;
    }
    if (rc && !l->s->rc)
        l->s->rc = rc;
    return rc ? NULL : &l->technique.v[n];
}

static bool among(const struct str *v, size_t n, struct str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(v[i], s))
            return true;
    return false;
}

static void add_title(struct layer *l, struct technique *t, struct str title)
{
    if (!title.n || among(t->title, t->n_titles, title))
        return;
    if (t->n_titles == TITLES) {
        t->more_titles++;
        return;
    }
    struct str kept = arena_str(&l->arena, text_head(title, 200));
    if (kept.p)
        t->title[t->n_titles++] = kept;
}

/* What was set aside was not seen. */
static enum err on_finding(void *ctx, const struct finding *f)
{
    struct layer *l = ctx;
    const struct note *n = said_of(&l->said, f);
    bool aside = finding_aside(f) || (n && note_sets_aside(n, f));
    for (size_t i = 0; i < f->technique.n && !aside; i++) {
        struct technique *t = technique_of(l, f->technique.v[i]);
        if (!t)
            continue;
        t->worst = t->findings && t->worst > f->grade ? t->worst : f->grade;
        t->findings++;
        t->rows += f->count;
        add_title(l, t, veil_title(&l->veil, f->dossier, f->title));
    }
    return l->s->rc;
}

/* "attack.t1505.003" */
static void look_for(struct layer *l, struct str tag)
{
    char id[16];
    struct str rest = str_sub(tag, 7, tag.n);
    if (!str_istarts(tag, STR("attack.t")) || rest.n >= sizeof id)
        return;
    memcpy(id, rest.p, rest.n);
    id[0] = 'T';
    struct technique *t = technique_of(l, str_make(id, rest.n));
    if (t)
        t->looked_for = true;
}

static void take_dossier(struct layer *l, const struct dossier *d)
{
    for (size_t i = 0; i < d->n_rules; i++)
        for (size_t k = 0; k < d->rule[i].n_tags; k++)
            look_for(l, d->rule[i].tags[k]);
    for (size_t i = 0; i < d->n_actors; i++)
        for (size_t k = 0; k < d->actor[i].techniques.n; k++) {
            struct technique *t = technique_of(l, d->actor[i].techniques.v[k]);
            if (t && t->n_actors < ACTORS && !among(t->actor, t->n_actors, d->actor[i].name))
                t->actor[t->n_actors++] = d->actor[i].name;
        }
}

/* Whose sub-techniques are to be read is opened. */
static void open_parents(struct layer *l)
{
    for (size_t i = 0; i < l->technique.n; i++) {
        struct technique *t = &l->technique.v[i];
        struct str rest = t->id, id = rest;
        (void)str_cut(&rest, '.', &id);
        if (id.n == t->id.n || (!t->findings && !t->looked_for))
            continue;
        struct technique *parent = technique_of(l, id);
        if (parent)
            parent->expand = true;
    }
}

static int by_id(const void *a, const void *b)
{
    const struct technique *x = a, *y = b;
    return str_cmp(x->id, y->id);
}

/* ---- writing ---- */

static void join(struct buf *b, const struct str *v, size_t n, const char *between)
{
    for (size_t i = 0; i < n; i++) {
        buf_puts(b, i ? between : "");
        buf_str(b, v[i]);
    }
}

static void put_comment(struct layer *l, const struct technique *t)
{
    struct buf *b = &l->tmp;
    buf_reset(b);
    if (t->findings) {
        buf_printf(b, "%llu finding%s, %llu row%s; gravest: %s. ", (unsigned long long)t->findings,
                   t->findings == 1 ? "" : "s", (unsigned long long)t->rows,
                   t->rows == 1 ? "" : "s", grade_name(t->worst));
        join(b, t->title, t->n_titles, "; ");
        if (t->more_titles)
            buf_puts(b, "; and more");
        buf_puts(b, ".");
    } else if (t->looked_for) {
        buf_puts(b, "Looked for, not seen.");
    } else if (t->n_actors) {
        buf_puts(b, "No rule here looks for it.");
    }
    if (t->n_actors) {
        buf_puts(b, " Used by ");
        join(b, t->actor, t->n_actors, ", ");
        buf_puts(b, ".");
    }
    if (b->n)
        json_str(&l->j, "comment", buf_view(b));
}

static void meta(struct json *j, const char *name, struct str value)
{
    json_object(j, NULL);
    json_text(j, "name", name);
    json_str(j, "value", value);
    json_end(j);
}

static void meta_u64(struct layer *l, const char *name, uint64_t value)
{
    buf_reset(&l->tmp);
    buf_u64(&l->tmp, value);
    meta(&l->j, name, buf_view(&l->tmp));
}

static void put_technique(struct layer *l, const struct technique *t)
{
    struct json *j = &l->j;
    json_object(j, NULL);
    json_str(j, "techniqueID", t->id);
    if (t->findings)
        json_u64(j, "score", 100 / GRADES * (uint64_t)(t->worst + 1));
    else if (t->looked_for)
        json_text(j, "color", LOOKED_FOR_COLOR);
    put_comment(l, t);
    json_bool(j, "enabled", t->findings || t->looked_for || t->expand || !t->n_actors);
    json_array(j, "metadata");
    if (t->findings) {
        meta(j, "grade", str_of(grade_name(t->worst)));
        meta_u64(l, "findings", t->findings);
        meta_u64(l, "rows", t->rows);
    }
    json_end(j);
    json_bool(j, "showSubtechniques", t->expand);
    json_end(j);
    sink_pace(l->s);
}

static void legend(struct json *j, const char *label, const char *color)
{
    json_object(j, NULL);
    json_text(j, "label", label);
    json_text(j, "color", color);
    json_end(j);
}

static void put_colors(struct json *j)
{
    json_object(j, "gradient");
    json_array(j, "colors");
    for (size_t i = 0; i < ARRAY_LEN(colors); i++)
        json_text(j, NULL, colors[i]);
    json_end(j);
    json_u64(j, "minValue", 0);
    json_u64(j, "maxValue", 100);
    json_end(j);
    json_array(j, "legendItems");
    for (int g = 0; g < GRADES; g++)
        legend(j, grade_name((enum grade)g), colors[g + 1]);
    legend(j, "looked for, not seen", LOOKED_FOR_COLOR);
    legend(j, "used by an actor, no rule looks for it (greyed out)", UNSEEN_COLOR);
    json_end(j);
}

static void put_head(struct layer *l)
{
    struct json *j = &l->j;
    struct str name = veil_text(&l->veil, l->r->name);
    buf_reset(&l->tmp);
    buf_puts(&l->tmp, "tocsin");
    if (name.n) {
        buf_puts(&l->tmp, ": ");
        buf_str(&l->tmp, name);
    }
    json_str(j, "name", buf_view(&l->tmp));
    json_object(j, "versions");
    json_text(j, "attack", "18");
    json_text(j, "navigator", "5.2.0");
    json_text(j, "layer", "4.5");
    json_end(j);
    json_text(j, "domain", "enterprise-attack");
    json_text(j, "description",
              "Techniques of the findings of a case, by the gravest grade; beside them what was "
              "looked for and not seen, and what the actors of its affairs use.");
    json_u64(j, "sorting", 3);
    json_object(j, "layout");
    json_text(j, "layout", "side");
    json_bool(j, "showID", true);
    json_bool(j, "showName", true);
    json_text(j, "expandedSubtechniques", "annotated");
    json_end(j);
    json_bool(j, "hideDisabled", false);
}

/* "9 of 44 techniques seen, 14 looked for" */
static void put_actor(struct layer *l, const struct actor *a)
{
    unsigned seen = 0, looked = 0;
    for (size_t i = 0; i < a->techniques.n; i++) {
        const struct technique *t = technique_of(l, a->techniques.v[i]);
        seen += t && t->findings;
        looked += t && t->looked_for;
    }
    buf_reset(&l->tmp);
    buf_printf(&l->tmp, "%u of %zu techniques seen, %u looked for", seen, a->techniques.n, looked);
    json_object(&l->j, NULL);
    json_str(&l->j, "name", a->name);
    json_str(&l->j, "value", buf_view(&l->tmp));
    json_end(&l->j);
}

static void put_metadata(struct layer *l)
{
    const struct report *r = l->r;
    char made[40];
    json_array(&l->j, "metadata");
    meta(&l->j, "tlp", str_of(tlp_name(report_mark(r))));
    meta(&l->j, "tocsin", str_of(r->version));
    if (time_printable(r->made_us))
        meta(&l->j, "made", str_of(time_text(r->made_us, made)));
    meta_u64(l, "findings", r->all_findings);
    for (size_t i = 0; i < r->n_dossiers; i++)
        for (size_t k = 0; k < r->dossier[i].n_actors; k++)
            if (r->dossier[i].actor[k].techniques.n)
                put_actor(l, &r->dossier[i].actor[k]);
    json_end(&l->j);
}

static void put_layer(struct layer *l)
{
    json_init(&l->j, &l->s->out);
    json_object(&l->j, NULL);
    put_head(l);
    put_metadata(l); /* before they are put in order: ids lead to places */
    if (l->technique.n)
        qsort(l->technique.v, l->technique.n, sizeof *l->technique.v, by_id);
    json_array(&l->j, "techniques");
    for (size_t i = 0; i < l->technique.n; i++)
        put_technique(l, &l->technique.v[i]);
    json_end(&l->j);
    put_colors(&l->j);
    json_end(&l->j);
    json_line(&l->j);
}

enum err report_navigator_write(struct sink *s, const struct report *r, struct error *error)
{
    struct layer l = {.s = s, .r = r};
    arena_init(&l.arena, ARENA_BYTES);
    map_init(&l.ids, &l.arena, TECHNIQUES);
    buf_init(&l.tmp, SINK_MAX_BYTES);
    enum err rc = veil_init(&l.veil, r), said = said_init(&l.said, r);
    rc = rc ? rc : said ? said : r->each_finding(r, on_finding, &l, error);
    for (size_t i = 0; i < r->n_dossiers; i++)
        take_dossier(&l, &r->dossier[i]);
    open_parents(&l);
    put_layer(&l);
    rc = rc ? rc : l.j.rc ? l.j.rc : l.tmp.rc;
    if (rc && !s->rc)
        s->rc = rc;
    said_done(&l.said);
    veil_done(&l.veil);
    vec_done(&l.technique);
    map_done(&l.ids);
    arena_done(&l.arena);
    buf_done(&l.tmp);
    return s->rc;
}
