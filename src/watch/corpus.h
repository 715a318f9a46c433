/* corpus.h — who named what on which day: posts as small numbers, for a replay.
 *
 * What:   subjects, sites, voices and words are numbered on first sight; a post that names three
 *         subjects leaves three mentions of 24 bytes each. Of posts that name none only the
 *         number a day is kept: it tells a feed that speaks daily from a voice in a crowd.
 * Input:  sightings of hostile posts.
 * Limits: the enum below. What is beyond them is counted in `over` and left out.
 * Owner:  the corpus owns all of it.
 * Spec:   docs/explain/how-backtest-judges.md, "Voices and kinds of voices"
 */
#ifndef WATCH_CORPUS_H
#define WATCH_CORPUS_H

#include "base/map.h"
#include "base/vec.h"
#include "watch/intake.h"
#include "watch/wording.h"

enum {
    CORPUS_MENTIONS = 16 * 1024 * 1024,
    CORPUS_WORDS = 64 * 1024 * 1024, /* of all posts together */
    CORPUS_POST_WORDS = 40,
    CORPUS_NAMES = 8 * 1024 * 1024, /* subjects, sites, voices, different words: of each */
    CORPUS_FILES = 4096,
};

struct mention {
    int32_t day; /* of the ingest time, since 1970 */
    uint32_t subject, voice;
    uint32_t word;    /* the first of its words; corpus.word.v[word...] */
    uint16_t words;   /* how many */
    uint16_t wording; /* bits of struct wording */
    uint32_t file;
};

/* Posts of a voice on a day, whether or not they name a subject. */
struct voice_day {
    int32_t day;
    uint32_t voice, posts;
};

/* How many posts of a site had an address of a forge. */
struct site_links {
    uint32_t posts, links;
};

struct voice {
    uint32_t site;
    bool forge; /* an author of a place where code is published: told by the address */
};

struct subject_name {
    struct str name;
    uint32_t year, number; /* of a CVE; 0: is none */
};

struct corpus {
    struct arena arena;
    struct map subjects, sites, voices, words, files;
    VEC(struct subject_name) subject;
    VEC(struct str) site, file;
    VEC(struct site_links) links; /* per site */
    VEC(struct voice) voice;
    VEC(struct mention) mention;
    VEC(uint32_t) word;
    VEC(struct voice_day) volume;
    struct wording wording;
    struct words forges;
    struct buf key;
    bool cves_only; /* the labels speak of CVEs: other subjects are passed over */
    uint64_t posts, named, over;
};

MUST_CHECK enum err corpus_init(struct corpus *c, struct error *error);
void corpus_done(struct corpus *c);
/* ctx is the corpus: fits struct intake. */
MUST_CHECK enum err corpus_sighting(void *ctx, struct str file, const struct sighting *s);
/* Brings mentions and volumes in the order of their days; once, before a replay. */
void corpus_order(struct corpus *c);

#endif
