#include "report/read.h"

#include <math.h>

enum kind {
    MEMBER_END,
    STRING,  /* struct str */
    ID,      /* char[65] */
    TIME,    /* int64_t */
    NUMBER,  /* uint64_t */
    NUMBER4, /* 32 bits */
    FLAG,    /* bool */
    REAL,    /* double; NAN if it is null */
    WORD,    /* an enum: one of the names that `word` gives for 0, 1, 2 ... */
    BUILD,   /* struct build */
    STRINGS, /* struct str_list */
    OBJECTS, /* an array of structs: `item`, and the count at `count` */
};

struct member {
    const char *key;
    enum kind kind;
    size_t at;
    const char *(*word)(int i);
    int words;
    const struct member *item;
    size_t size, count;
};

#define M(kind_, type, member, key_)                                                               \
    {                                                                                              \
        .key = key_, .kind = kind_, .at = offsetof(type, member)                                   \
    }
#define W(type, member, key_, word_, n)                                                            \
    {                                                                                              \
        .key = key_, .kind = WORD, .at = offsetof(type, member), .word = word_, .words = n         \
    }
#define L(type, member, count_, key_, items, of)                                                   \
    {                                                                                              \
        .key = key_, .kind = OBJECTS, .at = offsetof(type, member), .item = items,                 \
        .size = sizeof(of), .count = offsetof(type, count_)                                        \
    }

static const char *word_grade(int i)
{
    return grade_name((enum grade)i);
}
static const char *word_level(int i)
{
    return level_name((enum level)i);
}
static const char *word_verdict(int i)
{
    return verdict_name((enum verdict_state)i);
}
static const char *word_tlp(int i)
{
    const char *name = tlp_name((enum tlp)i);
    return name ? name : "";
}
static const char *word_lane(int i)
{
    return lane_name((enum lane)i);
}
static const char *word_intent(int i)
{
    return intent_name((enum intent)i);
}
static const char *word_subject(int i)
{
    return subject_kind_name((enum subject_kind)i);
}
static const char *word_precision(int i)
{
    return precision_name((enum precision)i);
}
/* Their order is by badness: read_state sets what an absent word means. */
static const char *word_state(int i)
{
    return exposure_state_name((enum exposure_state)i);
}
static const char *word_facing(int i)
{
    static const char *const names[] = {"unknown", "inside", "internet"};
    return names[i];
}

static enum err read_members(struct arena *a, const struct node *body, const struct member *m,
                             void *ret);

static int64_t time_value(struct str text)
{
    int64_t us;
    return text.p && time_parse(text, &us) ? us : TIME_NONE;
}

static double real_value(struct str text)
{
    double value;
    return text.p && str_double(text, &value) ? value : (double)NAN;
}

static uint64_t number_value(struct str text)
{
    uint64_t n;
    return text.p && str_u64(text, &n) ? n : 0;
}

static int word_value(const struct member *m, struct str text)
{
    for (int i = 0; text.p && i < m->words; i++)
        if (str_eq(text, str_of(m->word(i))))
            return i;
    return 0;
}

static struct build build_value(struct str text)
{
    struct build b;
    return text.p && build_parse(text, &b) ? b : (struct build){{-1, -1, -1, -1}};
}

static bool flag_value(const struct node *body, const char *key)
{
    bool value;
    const struct node *n = node_get(body, key);
    return n && node_bool(n, &value) && value;
}

static enum err read_strings(struct arena *a, const struct node *list, struct str_list *ret)
{
    const struct node *item;
    size_t n = node_items(list, &item);
    *ret = (struct str_list){arena_new_n(a, struct str, n ? n : 1), 0};
    if (!ret->v)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (item[i].type == NODE_SCALAR)
            ret->v[ret->n++] = item[i].text;
    return OK;
}

static enum err read_objects(struct arena *a, const struct node *list, const struct member *m,
                             char *base)
{
    const struct node *item;
    size_t n = node_items(list, &item);
    char *v = arena_array(a, n ? n : 1, m->size);
    if (!v)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        TRY(read_members(a, &item[i], m->item, v + i * m->size));
    memcpy(base + m->at, &v, sizeof v);
    memcpy(base + m->count, &n, sizeof n);
    return OK;
}

static enum err read_member(struct arena *a, const struct node *body, const struct member *m,
                            char *base)
{
    struct str text = node_text(body, m->key);
    void *at = base + m->at;
    switch (m->kind) {
    case STRING: *(struct str *)at = text; return OK;
    case ID:
        if (text.n < 65)
            memcpy(at, text.n ? text.p : "", text.n);
        return OK;
    case TIME: *(int64_t *)at = time_value(text); return OK;
    case NUMBER: *(uint64_t *)at = number_value(text); return OK;
    case NUMBER4: *(uint32_t *)at = (uint32_t)number_value(text); return OK;
    case FLAG: *(bool *)at = flag_value(body, m->key); return OK;
    case REAL: *(double *)at = real_value(text); return OK;
    case WORD: *(int *)at = word_value(m, text); return OK;
    case BUILD: *(struct build *)at = build_value(text); return OK;
    case STRINGS: return read_strings(a, node_get(body, m->key), at);
    case OBJECTS: return read_objects(a, node_get(body, m->key), m, base);
    default: return ERR_BUG;
    }
}

static enum err read_members(struct arena *a, const struct node *body, const struct member *m,
                             void *ret)
{
    for (; m->key; m++)
        TRY(read_member(a, body, m, ret));
    return OK;
}

/* ---- findings ---- */

static const struct member made_members[] = {
    M(TIME, struct finding_event, time_us, "time"),
    M(STRING, struct finding_event, rule, "rule"),
    M(STRING, struct finding_event, host, "host"),
    M(STRING, struct finding_event, file, "file"),
    M(NUMBER, struct finding_event, line, "line"),
    M(NUMBER, struct finding_event, record, "record"),
    M(NUMBER, struct finding_event, offset, "offset"),
    M(FLAG, struct finding_event, carved, "carved"),
    {0},
};
static const struct member finding_members[] = {
    M(ID, struct finding, id, "id"),
    M(TIME, struct finding, time_us, "time"),
    M(TIME, struct finding, last_us, "last"),
    M(STRING, struct finding, host, "host"),
    M(STRING, struct finding, target_host, "target_host"),
    M(STRING, struct finding, kind, "kind"),
    M(STRING, struct finding, rule, "rule"),
    M(STRING, struct finding, title, "title"),
    M(STRING, struct finding, dossier, "dossier"),
    W(struct finding, grade, "grade", word_grade, GRADES),
    W(struct finding, level, "level", word_level, LEVEL_CRITICAL + 1),
    M(STRINGS, struct finding, technique, "technique"),
    M(NUMBER, struct finding, count, "count"),
    M(STRING, struct finding, file, "file"),
    M(ID, struct finding, sha256, "sha256"),
    M(NUMBER, struct finding, line, "line"),
    M(NUMBER, struct finding, record, "record"),
    M(NUMBER, struct finding, offset, "offset"),
    M(FLAG, struct finding, carved, "carved"),
    M(STRING, struct finding, evidence, "evidence"),
    M(NUMBER4, struct finding, line_bytes, "line_bytes"),
    M(STRING, struct finding, meaning, "meaning"),
    M(STRING, struct finding, next, "next"),
    M(STRING, struct finding, note, "note"),
    M(NUMBER, struct finding, pivot, "pivot"),
    W(struct finding, tlp, "tlp", word_tlp, TLP_MARKS),
    L(struct finding, made, n_made, "events", made_members, struct finding_event),
    {0},
};

static void read_marks(const struct node *list, struct finding *f)
{
    const struct node *mark, *end;
    size_t n = node_items(list, &mark);
    for (size_t i = 0; i < n && f->n_marks < ARRAY_LEN(f->mark); i++) {
        if (mark[i].type != NODE_LIST || node_items(&mark[i], &end) != 2)
            continue;
        uint64_t from = number_value(end[0].text), to = number_value(end[1].text);
        if (from >= to || to > f->evidence.n)
            continue;
        f->mark[f->n_marks].from = (uint32_t)from;
        f->mark[f->n_marks++].to = (uint32_t)to;
    }
}

enum err read_finding(struct arena *a, const struct node *body, struct finding *ret)
{
    *ret = (struct finding){0};
    TRY(read_members(a, body, finding_members, ret));
    const struct node *fields = node_get(body, "fields");
    size_t n = fields && fields->type == NODE_MAP ? fields->n : 0;
    ret->field = arena_new_n(a, struct named_value, n ? n : 1);
    if (!ret->field)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (fields->item[i].type == NODE_SCALAR)
            ret->field[ret->n_fields++] = (struct named_value){
                fields->key[i], node_is_null(&fields->item[i]) ? STR_NONE : fields->item[i].text};
    read_marks(node_get(body, "marks"), ret);
    return OK;
}

static const struct member episode_members[] = {
    M(ID, struct episode, id, "id"),
    M(STRING, struct episode, host, "host"),
    M(STRING, struct episode, dossier, "dossier"),
    M(TIME, struct episode, first_us, "first"),
    M(TIME, struct episode, last_us, "last"),
    M(STRINGS, struct episode, clients, "clients"),
    M(STRINGS, struct episode, accounts, "accounts"),
    M(STRINGS, struct episode, mailboxes, "mailboxes"),
    {0},
};

enum err read_episode(struct arena *a, const struct node *body, struct episode *ret,
                      struct str_list *ret_ids)
{
    *ret = (struct episode){0};
    TRY(read_members(a, body, episode_members, ret));
    return read_strings(a, node_get(body, "findings"), ret_ids);
}

/* ---- coverage, gaps, verdicts, evidence ---- */

static const struct member span_members[] = {
    M(TIME, struct span_us, first_us, "from"),
    M(TIME, struct span_us, last_us, "to"),
    {0},
};
static const struct member coverage_members[] = {
    M(STRING, struct coverage, host, "host"),
    M(STRING, struct coverage, kind, "kind"),
    M(TIME, struct coverage, first_us, "first"),
    M(TIME, struct coverage, last_us, "last"),
    M(NUMBER, struct coverage, records, "records"),
    M(NUMBER, struct coverage, unparsed, "unparsed"),
    M(NUMBER, struct coverage, files, "files"),
    M(FLAG, struct coverage, sampled, "sampled"),
    L(struct coverage, gap, n_gaps, "gaps", span_members, struct span_us),
    M(STRINGS, struct coverage, not_tested, "not_tested"),
    {0},
};

enum err read_coverage(struct arena *a, const struct node *body, struct coverage *ret)
{
    *ret = (struct coverage){0};
    TRY(read_members(a, body, coverage_members, ret));
    const struct node *shares = node_get(body, "window_share");
    size_t n = shares && shares->type == NODE_MAP ? shares->n : 0;
    ret->share = arena_new_n(a, struct window_share, n ? n : 1);
    if (!ret->share)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        double share = real_value(shares->item[i].text);
        if (share >= 0)
            ret->share[ret->n_shares++] = (struct window_share){shares->key[i], share};
    }
    return OK;
}

enum err read_gap(struct arena *a, const struct node *body, struct gap *ret)
{
    static const struct member members[] = {
        M(STRING, struct gap, host, "host"),     M(STRING, struct gap, file, "file"),
        M(NUMBER, struct gap, offset, "offset"), M(STRING, struct gap, reason, "reason"),
        M(STRING, struct gap, detail, "detail"), {0},
    };
    *ret = (struct gap){0};
    return read_members(a, body, members, ret);
}

enum err read_verdict(struct arena *a, const struct node *body, struct verdict *ret)
{
    static const struct member members[] = {
        M(STRING, struct verdict, host, "host"),
        M(STRING, struct verdict, dossier, "dossier"),
        W(struct verdict, state, "verdict", word_verdict, VERDICT_COMPROMISED + 1),
        M(TIME, struct verdict, first_us, "first"),
        M(TIME, struct verdict, last_us, "last"),
        M(REAL, struct verdict, window_share, "window_share"),
        M(STRINGS, struct verdict, missing, "missing"),
        M(STRING, struct verdict, build, "build"),
        M(TIME, struct verdict, fixed_since_us, "fixed_since"),
        M(TIME, struct verdict, earliest_us, "earliest"),
        M(STRING, struct verdict, because, "because"),
        M(STRING, struct verdict, next_evidence, "next_evidence"),
        M(STRING, struct verdict, next, "next"),
        M(FLAG, struct verdict, isolate, "isolate"),
        M(FLAG, struct verdict, ended_before, "ended_before"),
        {0},
    };
    *ret = (struct verdict){0};
    TRY(read_members(a, body, members, ret));
    if (isnan(ret->window_share))
        ret->window_share = 0;
    /* A word that is not known must not read as the all-clear. */
    if (!str_eq(node_text(body, "verdict"), str_of(verdict_name(ret->state))))
        ret->state = VERDICT_NOT_ENOUGH_EVIDENCE;
    return OK;
}

enum err read_evidence(struct arena *a, const struct node *body, struct evidence_file *ret)
{
    static const struct member members[] = {
        M(STRING, struct evidence_file, file, "file"),
        M(STRING, struct evidence_file, host, "host"),
        M(STRING, struct evidence_file, kind, "kind"),
        M(NUMBER, struct evidence_file, bytes, "bytes"),
        M(NUMBER, struct evidence_file, records, "records"),
        M(NUMBER, struct evidence_file, unparsed, "unparsed"),
        M(TIME, struct evidence_file, first_us, "first"),
        M(TIME, struct evidence_file, last_us, "last"),
        M(ID, struct evidence_file, sha256, "sha256"),
        M(FLAG, struct evidence_file, copy, "copy"),
        {0},
    };
    *ret = (struct evidence_file){0};
    return read_members(a, body, members, ret);
}

/* ---- exposure ---- */

static enum exposure_state read_state(const struct node *body)
{
    struct str text = node_text(body, "state");
    for (int i = 0; i < EXPOSURE_STATES; i++)
        if (str_eq(text, str_of(word_state(i))))
            return (enum exposure_state)i;
    return EXPOSURE_UNKNOWN;
}

enum err read_exposure(struct arena *a, const struct node *body, struct exposure *ret)
{
    static const struct member members[] = {
        M(STRING, struct exposure, host, "host"),
        M(STRING, struct exposure, site, "site"),
        M(STRING, struct exposure, owner, "owner"),
        W(struct exposure, facing, "facing", word_facing, FACING_INTERNET + 1),
        M(STRING, struct exposure, product, "product"),
        M(STRING, struct exposure, build, "build"),
        M(STRING, struct exposure, cve, "cve"),
        M(STRING, struct exposure, title, "title"),
        M(STRING, struct exposure, fixed_by, "fixed_by"),
        M(STRING, struct exposure, fixed_build, "fixed_build"),
        M(TIME, struct exposure, since_us, "since"),
        M(TIME, struct exposure, other_until_us, "other_until"),
        M(STRING, struct exposure, source, "source"),
        W(struct exposure, precision, "precision", word_precision, PRECISIONS),
        M(STRING, struct exposure, file, "file"),
        M(NUMBER, struct exposure, line, "line"),
        M(TIME, struct exposure, seen_us, "seen"),
        M(TIME, struct exposure, kev_us, "kev"),
        M(TIME, struct exposure, due_us, "due"),
        M(FLAG, struct exposure, ransomware, "ransomware"),
        M(REAL, struct exposure, cvss, "cvss"),
        M(STRING, struct exposure, cvss_version, "cvss_version"),
        M(STRINGS, struct exposure, matters, "dossiers"),
        M(STRING, struct exposure, because, "because"),
        {0},
    };
    *ret = (struct exposure){0};
    TRY(read_members(a, body, members, ret));
    const struct node *accepted = node_get(body, "accepted");
    ret->state = read_state(body);
    ret->cvss = isnan(ret->cvss) ? 0 : ret->cvss;
    ret->accepted_by = accepted ? node_text(accepted, "owner") : STR_NONE;
    ret->accepted_why = accepted ? node_text(accepted, "reason") : STR_NONE;
    ret->accepted_until_us = accepted ? time_value(node_text(accepted, "until")) : TIME_NONE;
    return OK;
}

enum err read_window(struct arena *a, const struct node *body, struct exposure_window *ret)
{
    static const struct member members[] = {
        M(STRING, struct exposure_window, host, "host"),
        M(STRING, struct exposure_window, matter, "dossier"),
        M(TIME, struct exposure_window, from_us, "from"),
        M(TIME, struct exposure_window, until_us, "until"),
        M(TIME, struct exposure_window, open_us, "open"),
        M(STRING, struct exposure_window, because, "because"),
        {0},
    };
    *ret = (struct exposure_window){.state = read_state(body)};
    return read_members(a, body, members, ret);
}

static const char *part_of(struct str text)
{
    static const char *const parts[] = {"fleet", "site", "owner", "facing"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (str_eq(text, str_of(parts[i])))
            return parts[i];
    return NULL;
}

enum err read_share(struct arena *a, const struct node *body, struct exposure_share *ret)
{
    static const struct member members[] = {
        M(STRING, struct exposure_share, name, "name"),
        M(TIME, struct exposure_share, time_us, "time"),
        M(NUMBER, struct exposure_share, accepted, "accepted"),
        M(TIME, struct exposure_share, kev_us, "kev"),
        M(FLAG, struct exposure_share, ransomware, "ransomware"),
        {0},
    };
    struct str dossier = node_text(body, "dossier");
    *ret = (struct exposure_share){.of = dossier.n ? dossier : node_text(body, "cve"),
                                   .affair = dossier.n > 0,
                                   .part = part_of(node_text(body, "part"))};
    for (int i = 0; i < EXPOSURE_STATES; i++)
        ret->n[i] = number_value(node_text(body, word_state(i)));
    return read_members(a, body, members, ret);
}

enum err read_update(struct arena *a, const struct node *body, struct exposure_update *ret)
{
    static const struct member members[] = {
        M(STRING, struct exposure_update, host, "host"),
        M(STRING, struct exposure_update, site, "site"),
        M(STRING, struct exposure_update, owner, "owner"),
        M(STRING, struct exposure_update, product, "product"),
        M(BUILD, struct exposure_update, build, "build"),
        W(struct exposure_update, facing, "facing", word_facing, FACING_INTERNET + 1),
        M(NUMBER4, struct exposure_update, open, "open"),
        M(NUMBER4, struct exposure_update, open_kev, "open_kev"),
        M(NUMBER4, struct exposure_update, open_ransomware, "open_ransomware"),
        M(STRING, struct exposure_update, first, "first"),
        M(BUILD, struct exposure_update, first_build, "first_build"),
        M(TIME, struct exposure_update, first_us, "first_released"),
        M(STRING, struct exposure_update, then, "then"),
        M(BUILD, struct exposure_update, then_build, "then_build"),
        M(TIME, struct exposure_update, then_us, "then_released"),
        M(STRING, struct exposure_update, advice, "advice"),
        {0},
    };
    *ret = (struct exposure_update){0};
    return read_members(a, body, members, ret);
}

/* ---- chatter ---- */

static const struct member site_members[] = {
    M(STRING, struct alert_site, site, "site"),
    M(TIME, struct alert_site, first_us, "first"),
    M(TIME, struct alert_site, last_us, "last"),
    M(NUMBER, struct alert_site, threads, "threads"),
    M(REAL, struct alert_site, p_without, "p_without"),
    {0},
};
static const struct member post_members[] = {
    M(STRING, struct alert_post, id, "id"),
    M(STRING, struct alert_post, site, "site"),
    M(STRING, struct alert_post, url, "url"),
    M(TIME, struct alert_post, time_us, "time"),
    W(struct alert_post, intent, "intent", word_intent, INTENTS),
    M(STRING, struct alert_post, snippet, "snippet"),
    {0},
};
static const struct member item_members[] = {
    M(STRING, struct alert_item, kind, "kind"),     M(STRING, struct alert_item, value, "value"),
    M(NUMBER, struct alert_item, posts, "posts"),   M(TIME, struct alert_item, first_us, "first"),
    M(STRING, struct alert_item, source, "source"), {0},
};
static const struct member with_members[] = {
    M(ID, struct alert_with, id, "id"),
    M(STRING, struct alert_with, subject, "subject"),
    W(struct alert_with, kind, "kind", word_subject, SUBJECT_KINDS),
    W(struct alert_with, lane, "lane", word_lane, LANES),
    M(REAL, struct alert_with, p, "p"),
    M(NUMBER, struct alert_with, threads, "threads"),
    M(NUMBER, struct alert_with, shared, "shared"),
    {0},
};
static const struct member alert_members[] = {
    M(ID, struct alert, id, "id"),
    M(TIME, struct alert, time_us, "time"),
    M(STRING, struct alert, subject, "subject"),
    W(struct alert, kind, "kind", word_subject, SUBJECT_KINDS),
    W(struct alert, lane, "lane", word_lane, LANES),
    M(STRING, struct alert, title, "title"),
    M(NUMBER, struct alert, observed, "observed"),
    M(REAL, struct alert, expected, "expected"),
    M(REAL, struct alert, p, "p"),
    M(REAL, struct alert, threshold, "threshold"),
    M(REAL, struct alert, q, "q"),
    M(NUMBER4, struct alert, window_days, "window_days"),
    M(REAL, struct alert, calibration, "calibration"),
    M(REAL, struct alert, exposure, "exposure"),
    M(NUMBER, struct alert, voices, "voices"),
    M(NUMBER, struct alert, threads, "threads"),
    M(NUMBER, struct alert, clusters, "texts"),
    L(struct alert, site, n_sites, "sites", site_members, struct alert_site),
    M(TIME, struct alert, since_us, "since"),
    M(STRINGS, struct alert, technique, "technique"),
    M(STRING, struct alert, customer, "customer"),
    M(STRINGS, struct alert, asset, "assets"),
    L(struct alert, post, n_posts, "posts", post_members, struct alert_post),
    L(struct alert, item, n_items, "items", item_members, struct alert_item),
    M(REAL, struct alert, epss, "epss"),
    M(TIME, struct alert, kev_us, "kev"),
    M(STRING, struct alert, why, "why"),
    M(STRING, struct alert, silenced, "silenced"),
    M(STRING, struct alert, again, "again"),
    L(struct alert, with, n_with, "together", with_members, struct alert_with),
    {0},
};

enum err read_alert(struct arena *a, const struct node *body, struct alert *ret)
{
    *ret = (struct alert){0};
    TRY(read_members(a, body, alert_members, ret));
    const struct node *intent = node_get(body, "intent");
    for (int i = 0; intent && i < INTENTS; i++)
        ret->intent[i] = number_value(node_text(intent, word_intent(i)));
    for (size_t i = 0; i < ret->n_with; i++)
        ret->with[i].time_us = TIME_NONE;
    return OK;
}

static const struct member week_members[] = {
    M(TIME, struct chatter_week, from_us, "from"),
    M(NUMBER, struct chatter_week, threads, "threads"),
    M(NUMBER, struct chatter_week, posts, "posts"),
    {0},
};

enum err read_chatter(struct arena *a, const struct node *body, struct chatter_course *ret)
{
    static const struct member members[] = {
        M(STRING, struct chatter_course, subject, "subject"),
        L(struct chatter_course, week, n_weeks, "weeks", week_members, struct chatter_week),
        {0},
    };
    *ret = (struct chatter_course){0};
    return read_members(a, body, members, ret);
}

/* ---- the analyst ---- */

enum err read_note(struct arena *a, const struct node *body, struct note *ret)
{
    static const struct member members[] = {
        M(STRING, struct note, about, "about"), M(STRING, struct note, state, "state"),
        M(STRING, struct note, who, "who"),     M(STRING, struct note, why, "why"),
        M(TIME, struct note, time_us, "time"),  {0},
    };
    *ret = (struct note){0};
    return read_members(a, body, members, ret);
}
