/* scan/channel.h — which rules run on which events, and how their fields answer them.
 *
 * What:   data/events.yaml as tables; of the events of one shape the kind of log: its Sigma log
 *         sources, fields and roles.
 * Input:  the program's own data; shapes come from hostile event logs.
 * Limits: CHANNEL_* below, those of logsource.h.
 * Owner:  everything lives in the arena given.
 * Spec:   the head of data/events.yaml
 */
#ifndef SCAN_CHANNEL_H
#define SCAN_CHANNEL_H

#include "model/rows.h"
#include "scan/logsource.h"

enum { CHANNEL_NAMES = 4, CHANNEL_SERVICES = 4, CHANNEL_IDS = 16 };

struct event_ids {
    uint32_t id[CHANNEL_IDS];
    size_t n; /* 0: all */
};

struct event_category {
    struct str name;
    struct event_ids ids;
};

struct event_map {
    struct event_ids ids;
    struct field_map *field; /* views are numbered in the channel's kind */
    size_t n;
};

struct channel_def {
    struct str name[CHANNEL_NAMES]; /* a trailing * stands for any rest */
    size_t n_names;
    struct str product;
    struct kind_def kind; /* pattern is the kind's name; sources: the services, the product alone */
    struct event_category *category;
    size_t n_categories;
    struct event_map *map;
    size_t n_maps;
    struct event_ids cleared; /* that a log was emptied; none: n == 0 */
};

/* Events that say that a log was emptied: names of fields, but for the providers. */
struct event_cleared {
    struct str_list provider, log, domain, user;
};

struct event_channels {
    struct channel_def *channel;
    size_t n;
    struct str_list hash; /* fields that hold digests of files */
    struct str_list fold; /* fields: events that agree in them become one finding */
    struct event_cleared cleared;
    struct str_list natural; /* kinds that are written only when something happens */
};

MUST_CHECK enum err event_channels_load(struct arena *arena, struct str text,
                                        struct event_channels *ret, struct error *error);
/* The first channel that fits; the last one fits all. */
const struct channel_def *channel_find(const struct event_channels *c, struct str channel);
bool event_ids_have(const struct event_ids *ids, uint32_t id);
/* What events of that number in the channel are; SHAPE_NO_ID: of some number of no category. */
MUST_CHECK enum err channel_kind(const struct channel_def *channel, uint32_t event_id,
                                 struct arena *arena, struct kind_def **ret_kind);

/* May the rule be about some events of the channel? */
bool channel_answers(const struct channel_def *channel, const struct sigma_rule *rule);
/* The event ids that make the category in this channel; NULL: it is none of its. */
const struct event_ids *channel_ids(const struct channel_def *channel, struct str category);
/* A number of the channel whose events the rule may be about, for trying it; SHAPE_NO_ID if its
 * category is not one of the channel's. */
uint32_t channel_id_for(const struct channel_def *channel, const struct sigma_rule *rule);

#endif
