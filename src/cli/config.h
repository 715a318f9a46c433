/* config.h — the user's settings: where each comes from, the nearest first.
 *
 * What:   profile, own scanners, TLP mark, case and cache out of the environment (TOCSIN_*), the
 * user's file and the machine's. An option of a command goes before all of them: commands see to
 *         that. No file of the current folder is read: it may be evidence, and an own scanner or a
 *         case that an attacker wrote there would be believed.
 * Input:  the user's own files; a key that nobody knows is refused, not passed over.
 * Limits: CONFIG_BYTES a file, CONFIG_LIST items in a list, CONFIG_TEXT bytes in a text.
 * Owner:  texts live in the arena of the run.
 * Spec:   docs/reference/config.md
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "cli/cmd.h"
#include "model/profile.h"

enum { CONFIG_BYTES = 64 * 1024, CONFIG_LIST = 100, CONFIG_TEXT = 1024 };

enum config_key {
    CONFIG_SECTORS,
    CONFIG_COUNTRY,
    CONFIG_PRODUCTS,
    CONFIG_CONTACT,
    CONFIG_SCANNERS,
    CONFIG_TLP,
    CONFIG_CASE,
    CONFIG_RULE_CACHE,
    CONFIG_KEYS
};

/* How to add a key: its name in enum config_key, a line in config.c, and a row in
 * docs/reference/config.md. */
struct config_def {
    const char *name; /* "profile.country" */
    const char *environment;
    bool list;
    /* Makes of a value the one that is used; absent: refused. NULL: any. */
    struct str (*fold)(struct str value);
    const char *wanted; /* what a refused one should have been */
};
extern const struct config_def config_defs[CONFIG_KEYS];

struct config {
    struct config_value {
        struct str_list list; /* one item if it is none; n == 0: not set */
        struct str origin;    /* "/etc/tocsin/config.yaml:3", "TOCSIN_TLP"; absent: not set */
    } value[CONFIG_KEYS];
};

/* ERR_USAGE with file and line if something in it is wrong. */
MUST_CHECK enum err config_load(struct arena *arena, struct config *ret_config,
                                struct error *error);
struct profile config_profile(const struct config *c);
/* The first item; absent if it is not set. */
struct str config_text(const struct config *c, enum config_key key);
/* The user's file: "$XDG_CONFIG_HOME/tocsin/config.yaml"; absent without a home. */
struct str config_path(struct arena *arena);
/* Where what is worked out about rules is kept: "$XDG_CACHE_HOME/tocsin"; absent without a home, or
 * if it is switched off. */
struct str config_cache(const struct config *c, struct arena *arena);
/* "TLP:AMBER" for "amber"; absent if there is no such mark. */
struct str tlp_of(struct str word);

#endif
