/* feed_names.h — which element of a feed says what of a post.
 *
 * What:   a table of elements by namespace and name, each with a rank: of two that say the same,
 *         the higher one is taken. Namespaces are known by their address, and by their usual
 *         prefix where the feed forgot to declare it.
 * Input:  hostile names.
 * Limits: FEED_PREFIXES prefixes a feed; more are taken by their usual meaning.
 * Owner:  plain values.
 * Spec:   RSS 2.0, RSS 1.0 with its modules, RFC 4287, Dublin Core, Media RSS.
 */
#ifndef CODEC_FEED_NAMES_H
#define CODEC_FEED_NAMES_H

#include "base/str.h"

enum { FEED_PREFIXES = 32, FEED_PREFIX_BYTES = 16 };

enum feed_space {
    SPACE_CORE, /* RSS and Atom themselves */
    SPACE_DC,
    SPACE_CONTENT,
    SPACE_MEDIA,
    SPACE_ITUNES,
    SPACE_BURNER,
    SPACE_THREAD,
    SPACE_RDF,
    SPACE_XML,
    SPACE_HTML,
    SPACE_OTHER
};

enum feed_field {
    FIELD_NONE,
    FIELD_TITLE,
    FIELD_TEXT,
    FIELD_URL,
    FIELD_ID,
    FIELD_TIME,
    FIELD_AUTHOR,
    FIELD_SITE,
    FIELD_LANG,
    FIELD_THREAD,
    FIELDS
};

struct feed_prefixes {
    struct feed_prefix {
        char name[FEED_PREFIX_BYTES];
        enum feed_space space;
    } prefix[FEED_PREFIXES];
    size_t n;
};

struct feed_name {
    enum feed_space space;
    struct str local;
};

/* An attribute xmlns:PREFIX="ADDRESS" was seen. */
void feed_prefix_learn(struct feed_prefixes *p, struct str attribute, struct str address);
struct feed_name feed_name_of(const struct feed_prefixes *p, struct str name);
/* What a child of an item or of the feed says; FIELD_NONE: nothing that a post has. */
enum feed_field feed_field_of(struct feed_name name, unsigned *ret_rank);

#endif
