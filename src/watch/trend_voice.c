#include "watch/trend_priv.h"

#include <stdlib.h>
#include <string.h>

enum { SEEN_MIN = 1024, SEEN_DAYS = 35, VOICES_MIN = 1024 };

/* ---- hashes that were seen ---- */

static uint64_t *seen_slot(uint64_t *slot, size_t cap, uint64_t key)
{
    size_t i = key & (cap - 1);
    while (slot[i] && slot[i] != key)
        i = (i + 1) & (cap - 1);
    return &slot[i];
}

static enum err seen_grow(struct seen *s)
{
    size_t cap = s->cap[0] ? s->cap[0] * 2 : SEEN_MIN;
    uint64_t *slot = calloc(cap, sizeof *slot);
    if (!slot)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->cap[0]; i++)
        if (s->slot[0][i])
            *seen_slot(slot, cap, s->slot[0][i]) = s->slot[0][i];
    free(s->slot[0]);
    s->slot[0] = slot;
    s->cap[0] = cap;
    return OK;
}

void seen_turn(struct seen *s)
{
    free(s->slot[1]);
    s->slot[1] = s->slot[0];
    s->n[1] = s->n[0];
    s->cap[1] = s->cap[0];
    s->slot[0] = NULL;
    s->n[0] = s->cap[0] = 0;
}

enum err seen_add(struct seen *s, uint64_t key, bool *ret_new)
{
    key = key ? key : 1;
    *ret_new = false;
    if (s->cap[1] && *seen_slot(s->slot[1], s->cap[1], key))
        return OK;
    if (s->n[0] >= SEEN_MAX)
        seen_turn(s);
    return seen_put(s, key, ret_new);
}

enum err seen_put(struct seen *s, uint64_t key, bool *ret_new)
{
    *ret_new = false;
    if (!key)
        return ERR_FORMAT;
    if (s->n[0] * 3 >= s->cap[0] * 2)
        TRY(seen_grow(s));
    uint64_t *slot = seen_slot(s->slot[0], s->cap[0], key);
    if (!*slot) {
        *slot = key;
        s->n[0]++;
        *ret_new = true;
    }
    return OK;
}

void seen_end_day(struct seen *s, int32_t day)
{
    if (!s->since_day)
        s->since_day = (uint16_t)day;
    if (day - s->since_day < SEEN_DAYS)
        return;
    seen_turn(s);
    s->since_day = (uint16_t)day;
}

void seen_done(struct seen *s)
{
    free(s->slot[0]);
    free(s->slot[1]);
}

/* ---- voices ---- */

static struct voice *voice_slot(struct voice *v, size_t cap, uint64_t hash)
{
    size_t i = mix64(hash) & (cap - 1);
    while (v[i].hash && v[i].hash != hash)
        i = (i + 1) & (cap - 1);
    return &v[i];
}

static void named_release(struct trends *t, struct voice *v)
{
    while (v->n) {
        uint32_t i = v->head;
        v->head = t->named.v[i].next;
        t->named.v[i].next = t->named_free;
        t->named_free = i;
        v->n--;
    }
}

/* A new table, without voices that were last heard before `since`. */
static enum err voices_rehash(struct trends *t, size_t cap, uint16_t since)
{
    struct voice *voice = calloc(cap, sizeof *voice);
    if (!voice)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->cap_voices; i++) {
        struct voice *v = &t->voice[i];
        if (!v->hash)
            continue;
        if (v->last_day >= since) {
            *voice_slot(voice, cap, v->hash) = *v;
        } else {
            named_release(t, v);
            t->n_voices--;
        }
    }
    free(t->voice);
    t->voice = voice;
    t->cap_voices = cap;
    return OK;
}

/* Full: the voices that were not heard for longest go, by steps of a month. */
static enum err voices_room(struct trends *t)
{
    if (t->n_voices * 3 < t->cap_voices * 2 && t->n_voices < t->options.max_voices)
        return OK;
    if (t->n_voices < t->options.max_voices)
        return voices_rehash(t, t->cap_voices ? t->cap_voices * 2 : VOICES_MIN, 0);
    for (int32_t keep = TREND_RING_DAYS; t->n_voices >= t->options.max_voices; keep -= 30) {
        int32_t since = keep > 0 ? t->day - keep : DAY_MAX;
        TRY(voices_rehash(t, t->cap_voices, (uint16_t)(since > 0 ? since : 0)));
    }
    return OK;
}

static enum err name_cve(struct trends *t, struct voice *v, uint16_t day, uint32_t cve)
{
    unsigned within = 0;
    uint32_t oldest = UINT32_MAX;
    for (uint32_t i = v->head, k = 0; k < v->n; i = t->named.v[i].next, k++) {
        struct named *n = &t->named.v[i];
        if (n->subject == cve) {
            n->day = n->day > day ? n->day : day;
            return OK;
        }
        within += abs(n->day - day) <= AGGREGATOR_DAYS;
        if (oldest == UINT32_MAX || n->day < t->named.v[oldest].day)
            oldest = i;
    }
    if (within + 1 > AGGREGATOR_CVES && v->until_day < day + AGGREGATOR_DAYS)
        v->until_day = (uint16_t)(day + AGGREGATOR_DAYS);
    if (v->n > AGGREGATOR_CVES) {
        if (t->named.v[oldest].day <= day)
            t->named.v[oldest] = (struct named){cve, t->named.v[oldest].next, day};
        return OK;
    }
    uint32_t at = t->named_free;
    if (at != UINT32_MAX) {
        t->named_free = t->named.v[at].next;
    } else {
        at = (uint32_t)t->named.n;
        TRY(vec_push(&t->named, ((struct named){0}), UINT32_MAX - 1));
    }
    t->named.v[at] = (struct named){cve, v->head, day};
    v->head = at;
    v->n++;
    return OK;
}

enum err voice_speak(struct trends *t, uint64_t hash, int32_t day, uint32_t cve)
{
    TRY(voices_room(t));
    struct voice *v = voice_slot(t->voice, t->cap_voices, hash);
    if (!v->hash) {
        *v = (struct voice){.hash = hash, .first_day = (uint16_t)day};
        t->n_voices++;
    }
    if (v->first_day > day)
        v->first_day = (uint16_t)day;
    if (v->last_day < day)
        v->last_day = (uint16_t)day;
    return cve == UINT32_MAX ? OK : name_cve(t, v, (uint16_t)day, cve);
}

enum err voice_put(struct trends *t, const struct voice *v)
{
    TRY(voices_room(t));
    *voice_slot(t->voice, t->cap_voices, v->hash) = *v;
    t->n_voices++;
    return OK;
}

const struct voice *voice_find(const struct trends *t, uint64_t hash)
{
    if (!t->cap_voices)
        return NULL;
    const struct voice *v = voice_slot(t->voice, t->cap_voices, hash);
    return v->hash ? v : NULL;
}

void voice_fetch(const struct trends *t, uint64_t hash)
{
    if (t->cap_voices)
        __builtin_prefetch(&t->voice[mix64(hash) & (t->cap_voices - 1)]);
}

void seen_fetch(const struct seen *s, uint64_t key)
{
    for (int i = 0; i < 2; i++)
        if (s->cap[i])
            __builtin_prefetch(&s->slot[i][key & (s->cap[i] - 1)]);
}
