/* post.h — one dated utterance, as any feed or export gives it.
 *
 * What:   plain data between the readers of formats (codec/posts.h) and watch.
 * Input:  texts are hostile and may be malformed UTF-8; output escapes them.
 * Limits: those of the reader.
 * Owner:  slices live until the reader's callback returns, or longer if `lasting` is set.
 * Spec:   docs/reference/posts.md
 */
#ifndef MODEL_POST_H
#define MODEL_POST_H

#include "base/str.h"
#include "base/time.h"

/* Two clocks: when it was said, and when we could have known. A history that is read today was
 * said long ago and is known since today. */
struct post {
    struct str id;     /* within its site; absent if the format has none */
    struct str source; /* kind of source: "rss", "telegram", "mail", ...; absent: not known */
    struct str site;   /* feed, channel, forum, list: what speaks with one editor or crowd */
    struct str thread; /* absent: the post is a thread of its own */
    struct str author; /* absent: not known */
    struct str title, text, url, lang;
    int64_t time_us;   /* TIME_NONE: not known */
    int64_t ingest_us; /* TIME_NONE: now */
    bool day_only;     /* the time is a date */
    bool repost;       /* forwarded, boosted: the author said nothing of his own */
    bool lasting;      /* slices live until the reader says `settle` (codec/posts.h) */
    uint64_t offset;   /* in the input, of the record */
};

#endif
