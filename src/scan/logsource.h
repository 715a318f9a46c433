/* scan/logsource.h — which rules run on which kind of log, and how fields map to columns.
 *
 * What:   data/logsources.yaml as tables.
 * Input:  the program's own data, or a replacement by the user.
 * Limits: LOGSOURCE_VIEWS views a kind.
 * Owner:  everything lives in the arena given.
 * Spec:   the head of data/logsources.yaml
 */
#ifndef SCAN_LOGSOURCE_H
#define SCAN_LOGSOURCE_H

#include "match/sigma.h"
#include "scan/facts.h"

enum { LOGSOURCE_VIEWS = 240, LOGSOURCE_SOURCES = 6, VIEW_COLUMNS = 4, ROLE_VIEWS = 4 };

enum how {
    HOW_RAW,
    HOW_TEXT,
    HOW_PATH,
    HOW_URL,
    HOW_RAWURL,
    HOW_QUERY,
    HOW_RAWQUERY,
    HOW_CLIENT,
    HOW_COMMAS,
    HOW_CAFE,
    HOW_BUILD,
    HOW_PLAINPATH,
    HOW_PLAINURL,
    HOW_KEY,
    HOW_CODED,
};
/* Is a view of that kind percent-decoded, its slashes perhaps collapsed? */
bool how_decodes(enum how how);

struct view {
    enum how how;
    struct str column[VIEW_COLUMNS]; /* "a|b": the first that exists */
    size_t n;
};

struct field_map {
    struct str name;
    uint16_t view[SIGMA_MAX_VIEWS];
    size_t n;
};

struct source {
    struct str category, product, service;
};

struct event_code {
    struct str code, word;
};

struct kind_def {
    struct str pattern, title, family;
    struct str path; /* where such logs usually lie; p == NULL: not said */
    bool steady;
    bool rows; /* of an event log: values stand in a row as they are, see model/rows.h */
    const struct event_code *code; /* for HOW_CODED */
    size_t n_codes;
    struct source source[LOGSOURCE_SOURCES];
    size_t n_sources;
    struct view *view; /* grows when a rule names a column directly, in the arena of the kind */
    size_t n_views, max_views;
    struct arena *arena;
    struct field_map *field;
    size_t n_fields;
    uint16_t role[ROLE_COUNT][ROLE_VIEWS];
    size_t n_role[ROLE_COUNT];
};

/* A copy whose views grow by themselves, in that arena. */
struct kind_def kind_copy(const struct kind_def *kind, struct arena *arena);

struct logsources {
    struct kind_def *kind;
    size_t n;
    struct str_list proxy_rules; /* ids of the reviewed ones */
};

MUST_CHECK enum err logsources_load(struct arena *arena, struct str text, struct logsources *ret,
                                    struct error *error);
/* Parts of a kind, for channel.c: "role" and "field" of its entry. */
MUST_CHECK enum err kind_roles_parse(struct kind_def *k, const struct node *map,
                                     struct error *error);
MUST_CHECK enum err kind_fields_parse(struct arena *arena, struct kind_def *k,
                                      const struct node *map, struct field_map **ret_field,
                                      size_t *ret_n, struct error *error);
/* The first kind whose pattern fits, or NULL. */
struct kind_def *logsources_kind(const struct logsources *ls, struct str kind);
/* Does a rule of that log source run on this kind? */
bool kind_answers(const struct logsources *ls, const struct kind_def *k,
                  const struct sigma_rule *rule);
/* The views of a rule's field on this kind; a field that is not mapped is a column of that name. */
size_t kind_views(struct kind_def *k, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS]);
/* Of a field whose views join it with another (a query behind its path): those that do not, 0 if
 * there is nothing joined. */
size_t kind_views_alone(struct kind_def *k, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS]);
/* "httpproxy*" fits "httpproxy-ecp". */
bool kind_fits(struct str pattern, struct str kind);

#endif
