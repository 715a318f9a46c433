#include "dossier/load.h"
#include "dossier/parts.h"

struct str_list list_of(struct arena *arena, struct str text)
{
    struct str_list list = {0};
    struct str part, rest = text;
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == ',';
    list.v = arena_new_n(arena, struct str, n);
    if (!list.v)
        return list;
    while (text.p && str_cut(&rest, ',', &part)) {
        part = str_trim(part);
        if (part.n)
            list.v[list.n++] = part;
    }
    return list;
}

static enum grade grade_of_level(struct str text)
{
    enum level level;
    if (!level_parse(text, &level) || level <= LEVEL_LOW)
        return GRADE_WEAK;
    return level == LEVEL_MEDIUM ? GRADE_PROBE : GRADE_ATTEMPT;
}

bool stage_parse(struct str s, enum stage *ret_stage)
{
    static const char *const names[] = {"probe", "exploit", "write", "shell", "post"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_ieq(s, str_of(names[i]))) {
            *ret_stage = (enum stage)i;
            return true;
        }
    return false;
}

struct reading {
    const struct sigma_rule *rule;
    struct arena *arena;
    struct dossier_problems *problems;
};

static void unknown_value(const struct reading *r, const char *key, struct str value)
{
    problem_add(r->arena, r->problems, r->rule->file, r->rule->line, false,
                "\"%s\" cannot be \"%.*s\"", key, STR_FMT(value));
}

/* A key whose only values are the names given; returns which, or -1. */
static int choice(const struct reading *r, const char *key, const char *const *names)
{
    struct str value = sigma_extra(r->rule, key);
    if (!value.p)
        return -1;
    for (int i = 0; names[i]; i++)
        if (str_ieq(value, str_of(names[i])))
            return i;
    unknown_value(r, key, value);
    return -1;
}

void rule_meta_read(const struct sigma_rule *rule, struct rule_meta *ret_meta, struct arena *arena,
                    struct dossier_problems *problems)
{
    static const char *const clients[] = {"public", NULL};
    static const char *const confirm[] = {"second-sign", "front-end-request", "many-mailboxes",
                                          "unrequested", NULL};
    static const char *const scanner[] = {"foreign-shell", NULL};
    struct reading r = {rule, arena, problems};
    struct rule_meta m = {.stage = STAGE_EXPLOIT};
    struct str grade = sigma_extra(rule, "grade"), stage = sigma_extra(rule, "stage");

    m.graded = grade.p && grade_parse(grade, &m.grade);
    if (grade.p && !m.graded)
        unknown_value(&r, "grade", grade);
    if (!m.graded)
        m.grade = grade_of_level(rule->level);
    if (stage.p && !stage_parse(stage, &m.stage))
        unknown_value(&r, "stage", stage);
    m.meaning = str_trim(sigma_extra(rule, "meaning"));
    m.next = str_trim(sigma_extra(rule, "next"));
    m.target_field = sigma_extra(rule, "target_field");
    m.target_regex = sigma_extra(rule, "target_regex");
    if (m.target_regex.n > LIMIT_REGEX_BYTES || !m.target_field.p || !m.target_regex.p)
        m.target_field = m.target_regex = STR_NONE;
    m.public_clients = choice(&r, "clients", clients) == 0;
    int how = choice(&r, "confirm", confirm);
    m.second_sign = how == 0;
    m.unrequested = how == 3;
    m.request_behind = how == 1 || m.unrequested;
    m.many_mailboxes = how == 2;
    m.foreign_shell = choice(&r, "scanner", scanner) == 0;
    m.fold = list_of(arena, sigma_extra(rule, "fold"));
    *ret_meta = m;
}
