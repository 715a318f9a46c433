/* feed_priv.h — one feed while it is read.
 *
 * What:   what posts_rss.c (elements) and feed_item.c (values, the post) share.
 * Input:  hostile.
 * Limits: SMALL_BYTES a value, POSTS_RECORD_BYTES for the text; IDS ids are remembered.
 * Owner:  posts_rss.c owns it all.
 * Spec:   codec/feed_names.h
 */
#ifndef CODEC_FEED_PRIV_H
#define CODEC_FEED_PRIV_H

#include "base/map.h"
#include "codec/feed_names.h"
#include "codec/posts_priv.h"
#include "codec/xml_tidy.h"

#include <expat.h>

enum {
    DEPTH = 200,
    SMALL_BYTES = 64 * 1024, /* of everything but the text */
    IDS = 50 * 1000,         /* that are remembered within a feed */
    IDS_BYTES = 8 * 1024 * 1024,
};

/* What an open element is to its children. */
enum kind { KIND_OTHER, KIND_FEED, KIND_ITEM, KIND_AUTHOR, KIND_SOURCE, KIND_GROUP };

/* How the letters of an element are to be read. */
enum markup {
    MARKUP_NONE,   /* plain, but for references that XML has not got */
    MARKUP_HTML,   /* HTML, escaped once for XML */
    MARKUP_INLINE, /* elements of XHTML: they are written down as HTML */
};

struct value {
    struct buf text;
    unsigned rank;
    enum markup markup;
};

struct feed {
    struct post_reader *r;
    XML_Parser parser;
    unsigned long salt; /* of its tables */
    struct xml_tidy tidy;
    struct feed_prefixes prefixes;
    enum err rc;    /* of the sink, or of memory: reading ends */
    bool atom;      /* what no type is given for is plain text */
    bool any;       /* the root element was seen */
    bool revived;   /* this parser has not seen the start of the feed */
    bool broken;    /* nothing is read until the next item */
    bool bad_time;  /* of the item: a time was given that is none */
    bool permalink; /* the id is an address */
    unsigned depth, item_depth;
    uint8_t kind[DEPTH + 1];
    uint64_t tag_at, item_at;
    struct value now; /* of the element that is being read: now_depth */
    unsigned now_depth;
    enum feed_field now_field;
    struct value item[FIELDS], channel[FIELDS];
    struct buf base, item_base, work;
    struct arena ids_arena;
    struct map ids;
};

/* Forgets all values. */
void feed_reset(struct value v[FIELDS]);
/* Those of the open item, or of the feed. */
struct value *feed_values(struct feed *f);
/* A short value by itself, as from an attribute; if it is better than what there is. */
void feed_set(struct feed *f, enum feed_field field, unsigned rank, struct str text);
/* The same with what was captured in f->now, whose element has ended. */
void feed_keep(struct feed *f);
/* The item has ended: to the sink with it. */
MUST_CHECK enum err feed_give(struct feed *f);

#endif
