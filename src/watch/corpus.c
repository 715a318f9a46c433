#include "watch/corpus.h"

#include "dossier/load.h"

#include <stdlib.h>

enum {
    ARENA_BYTES = 1536u * 1024 * 1024 - 1,
    WORD_MIN = 3,
    WORD_MAX = 24,
    CJK_BYTES = 3,
    REPEATED_LINKS = 20
};

enum err corpus_init(struct corpus *c, struct error *error)
{
    *c = (struct corpus){0};
    arena_init(&c->arena, (size_t)ARENA_BYTES);
    map_init(&c->subjects, &c->arena, CORPUS_NAMES);
    map_init(&c->sites, &c->arena, CORPUS_NAMES);
    map_init(&c->voices, &c->arena, CORPUS_NAMES);
    map_init(&c->words, &c->arena, CORPUS_NAMES);
    map_init(&c->files, &c->arena, CORPUS_FILES);
    buf_init(&c->key, 64 * 1024);
    TRY(words_load(&c->arena, embedded_get("data/forges.txt"), &c->forges, error));
    return wording_load(&c->arena, embedded_get("data/wording.tsv"), &c->wording, error);
}

void corpus_done(struct corpus *c)
{
    map_done(&c->subjects);
    map_done(&c->sites);
    map_done(&c->voices);
    map_done(&c->words);
    map_done(&c->files);
    vec_done(&c->subject);
    vec_done(&c->site);
    vec_done(&c->links);
    vec_done(&c->file);
    vec_done(&c->voice);
    vec_done(&c->mention);
    vec_done(&c->word);
    vec_done(&c->volume);
    wording_done(&c->wording);
    buf_done(&c->key);
    arena_done(&c->arena);
}

/* --- who speaks --- */

/* "https://github.com/owner/repo", "owner/repo" as indexes of code write it: the owner and what
 * follows. An address on any other host, and a path of one part, tell no author. */
static bool forge_parts(const struct corpus *c, struct str url, struct str *ret_owner,
                        struct str *ret_rest)
{
    ptrdiff_t scheme = str_find(url, STR("://"));
    struct str host, rest = scheme >= 0 ? str_sub(url, (size_t)scheme + 3, url.n) : url;
    if (scheme >= 0) {
        if (!str_cut(&rest, '/', &host))
            return false;
        if (str_istarts(host, STR("www.")))
            host = str_sub(host, 4, host.n);
        if (!words_find(&c->forges, host))
            return false;
    } else if (str_chr(url, ' ') >= 0 || str_count(url, '/') != 1) {
        return false;
    }
    if (!rest.p || !str_cut(&rest, '/', ret_owner) || !rest.p || rest.n == 0 || ret_owner->n == 0)
        return false;
    *ret_rest = rest;
    return true;
}

/* Is the site a place of many authors: the forge itself, nothing but the file that the posts came
 * in, or one whose posts so far nearly all led to a forge? A feed that links to a repository now
 * and then speaks for itself. */
static bool site_is_forge(struct corpus *c, uint32_t site, struct str name, struct str file,
                          bool link)
{
    struct site_links *n = &c->links.v[site];
    bool most = n->posts >= REPEATED_LINKS && n->links * 5 >= n->posts * 4;
    n->posts++;
    n->links += link;
    if (name.n == 0 || str_eq(name, file) || str_ends(file, name))
        return true;
    for (size_t i = 0; i < c->forges.n; i++) {
        struct str host = c->forges.v[i].word;
        struct str first = str_sub(host, 0, (size_t)str_chr(host, '.'));
        if (first.n > 4 && str_ifind(name, first) >= 0)
            return true;
    }
    return most;
}

static enum err intern_site(struct corpus *c, struct str name, uint32_t *ret_id)
{
    bool is_new;
    TRY(map_intern(&c->sites, name, ret_id, &is_new));
    if (!is_new)
        return OK;
    struct str copy = arena_str(&c->arena, name);
    struct site_links none = {0};
    TRY(copy.p ? vec_push(&c->site, copy, CORPUS_NAMES) : ERR_NOMEM);
    return vec_push(&c->links, none, CORPUS_NAMES);
}

/* The author within the site if one is known, else the site. */
static enum err intern_voice(struct corpus *c, struct str file, const struct sighting *s,
                             uint32_t *ret_id)
{
    struct voice v = {0};
    struct str owner = STR_NONE, rest;
    bool is_new, link = forge_parts(c, s->post.url, &owner, &rest);
    TRY(intern_site(c, s->post.site.n ? s->post.site : file, &v.site));
    bool place = site_is_forge(c, v.site, s->post.site, file, link);
    bool bare = link && str_find(s->post.url, STR("://")) < 0;
    v.forge = link && (place || bare || s->voiced || str_ieq(s->post.site, owner));
    buf_reset(&c->key);
    buf_add(&c->key, &v.site, sizeof v.site);
    if (s->voiced)
        buf_add(&c->key, &s->voice, sizeof s->voice);
    else if (v.forge && !str_ieq(s->post.site, owner))
        buf_str(&c->key, owner);
    TRY(c->key.rc);
    TRY(map_intern(&c->voices, buf_view(&c->key), ret_id, &is_new));
    if (!is_new) {
        c->voice.v[*ret_id].forge |= v.forge;
        return OK;
    }
    return vec_push(&c->voice, v, CORPUS_NAMES);
}

static enum err add_volume(struct corpus *c, int32_t day, uint32_t voice)
{
    struct voice_day v = {day, voice, 1};
    for (size_t i = c->volume.n, back = 0; i-- > 0 && back < 8; back++)
        if (c->volume.v[i].day == day && c->volume.v[i].voice == voice) {
            c->volume.v[i].posts++;
            return OK;
        }
    return vec_push(&c->volume, v, CORPUS_MENTIONS);
}

/* --- what is said --- */

static bool small_letter(unsigned char b)
{
    unsigned char c = ascii_lower(b);
    return c >= 'a' && c <= 'z';
}

/* The bytes of a letter of another script than Latin that starts at i: 2 for Greek and Cyrillic, 3
 * for Chinese characters, 0 for all else. */
static size_t foreign_letter(struct str t, size_t i)
{
    unsigned char a = (unsigned char)t.p[i];
    if (a >= 0xCE && a <= 0xD3 && i + 1 < t.n)
        return 2;
    return a >= 0xE4 && a <= 0xE9 && i + 2 < t.n ? CJK_BYTES : 0;
}

/* The end of the word at i, i itself if none starts there: a letter and what letters and digits
 * follow; two Chinese characters; a run of Cyrillic. */
static size_t word_end(struct str t, size_t i)
{
    size_t n = foreign_letter(t, i), e = i;
    if (n == CJK_BYTES) {
        size_t next = i + n < t.n ? foreign_letter(t, i + n) : 0;
        return next == CJK_BYTES ? i + 2 * n : i;
    }
    if (n == 2) {
        while (e < t.n && foreign_letter(t, e) == 2)
            e += 2;
        return e;
    }
    if (!small_letter((unsigned char)t.p[i]))
        return i;
    while (e < t.n && (small_letter((unsigned char)t.p[e]) || ascii_digit((unsigned char)t.p[e])))
        e++;
    return e;
}

/* Words of an address and words of a text are different ones: they are told apart by a letter. */
static enum err add_word(struct corpus *c, char kind, struct str word, struct mention *m)
{
    uint32_t id;
    char low[WORD_MAX + 1];
    low[0] = kind;
    ascii_lower_all(low + 1, word.p, word.n);
    if (word.n == 3 && memcmp(low + 1, "cve", 3) == 0)
        return OK;
    enum err rc = map_intern(&c->words, str_make(low, word.n + 1), &id, NULL);
    if (rc == ERR_LIMIT)
        return OK; /* no new words any more */
    TRY(rc);
    for (uint16_t i = 0; i < m->words; i++)
        if (c->word.v[m->word + i] == id)
            return OK;
    rc = vec_push(&c->word, id, CORPUS_WORDS);
    if (rc == ERR_LIMIT) {
        c->over++;
        return OK;
    }
    m->words = (uint16_t)(m->words + !rc);
    return rc;
}

static enum err add_words(struct corpus *c, char kind, struct str text, struct mention *m)
{
    for (size_t i = 0; i < text.n && m->words < CORPUS_POST_WORDS;) {
        size_t end = word_end(text, i);
        struct str word = str_sub(text, i, end);
        if (end == i) {
            i++;
            continue;
        }
        if (word.n >= WORD_MIN && word.n <= WORD_MAX)
            TRY(add_word(c, kind, word, m));
        i = end;
    }
    return OK;
}

static enum err say(struct corpus *c, const struct sighting *s, struct mention *m)
{
    struct str owner, rest;
    m->word = (uint32_t)c->word.n;
    TRY(add_words(c, 't', s->post.title, m));
    TRY(add_words(c, 't', s->post.text, m));
    if (c->voice.v[m->voice].forge && forge_parts(c, s->post.url, &owner, &rest))
        TRY(add_words(c, 'u', rest, m));
    TRY(wording_of(&c->wording, s->post.title, &m->wording));
    return wording_of(&c->wording, s->post.text, &m->wording);
}

/* --- subjects --- */

/* "CVE-2021-26855" */
static void cve_parts(struct str name, uint32_t *ret_year, uint32_t *ret_number)
{
    uint64_t year, number;
    *ret_year = *ret_number = 0;
    if (name.n < 10 || !str_istarts(name, STR("CVE-")) || name.p[8] != '-')
        return;
    if (str_u64(str_sub(name, 4, 8), &year) && str_u64(str_sub(name, 9, name.n), &number) &&
        number <= UINT32_MAX) {
        *ret_year = (uint32_t)year;
        *ret_number = (uint32_t)number;
    }
}

static enum err intern_subject(struct corpus *c, struct str name, uint32_t *ret_id)
{
    bool is_new;
    struct subject_name s = {0};
    TRY(map_intern(&c->subjects, name, ret_id, &is_new));
    if (!is_new)
        return OK;
    s.name = arena_str(&c->arena, name);
    if (!s.name.p)
        return ERR_NOMEM;
    cve_parts(name, &s.year, &s.number);
    return vec_push(&c->subject, s, CORPUS_NAMES);
}

static int32_t day_of(int64_t time_us)
{
    int64_t day = time_us / US_PER_DAY - (time_us % US_PER_DAY < 0);
    return (int32_t)day;
}

static enum err add_mentions(struct corpus *c, const struct sighting *s, struct mention m)
{
    bool said = false;
    for (size_t i = 0; i < s->n_subjects; i++) {
        if (c->cves_only && s->subject[i].kind != SUBJECT_CVE)
            continue;
        TRY(intern_subject(c, s->subject[i].name, &m.subject));
        if (!said)
            TRY(say(c, s, &m));
        said = true;
        TRY(vec_push(&c->mention, m, CORPUS_MENTIONS));
    }
    c->named += said;
    return OK;
}

enum err corpus_sighting(void *ctx, struct str file, const struct sighting *s)
{
    struct corpus *c = ctx;
    struct mention m = {.day = day_of(s->post.ingest_us)};
    bool is_new;
    c->posts++;
    TRY(map_intern(&c->files, file, &m.file, &is_new));
    if (is_new) {
        struct str copy = arena_str(&c->arena, file);
        TRY(copy.p ? vec_push(&c->file, copy, CORPUS_FILES) : ERR_NOMEM);
    }
    enum err rc = intern_voice(c, file, s, &m.voice);
    if (!rc)
        rc = add_volume(c, m.day, m.voice);
    if (!rc)
        rc = add_mentions(c, s, m);
    if (rc != ERR_LIMIT)
        return rc;
    c->over++;
    return OK;
}

static int by_day(const void *a, const void *b)
{
    const struct mention *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    if (x->subject != y->subject)
        return x->subject < y->subject ? -1 : 1;
    if (x->voice != y->voice)
        return x->voice < y->voice ? -1 : 1;
    return x->word < y->word ? -1 : x->word > y->word;
}

static int by_volume_day(const void *a, const void *b)
{
    const struct voice_day *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return x->voice < y->voice ? -1 : x->voice > y->voice;
}

void corpus_order(struct corpus *c)
{
    if (c->mention.n)
        qsort(c->mention.v, c->mention.n, sizeof *c->mention.v, by_day);
    if (c->volume.n)
        qsort(c->volume.v, c->volume.n, sizeof *c->volume.v, by_volume_day);
}
