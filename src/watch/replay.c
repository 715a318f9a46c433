#include "watch/replay_priv.h"

#include <stdlib.h>

/* --- making and freeing --- */

static int by_day(const void *a, const void *b)
{
    const struct listing *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    if (x->year != y->year)
        return x->year < y->year ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static uint32_t year_of(struct str cve, uint32_t *ret_number)
{
    uint64_t year = 0, number = 0;
    if (cve.n > 9 && str_istarts(cve, STR("CVE-")) && str_u64(str_sub(cve, 4, 8), &year) &&
        str_u64(str_sub(cve, 9, cve.n), &number) && number <= UINT32_MAX) {
        *ret_number = (uint32_t)number;
        return (uint32_t)year;
    }
    *ret_number = 0;
    return 0;
}

/* The labels in order of their days, with the subjects' numbers. */
static enum err list_labels(struct state *s)
{
    const struct corpus *c = s->r->corpus;
    const struct labels *l = s->r->labels;
    s->listing = calloc(l->label.n + 1, sizeof *s->listing);
    s->r->listed = calloc(c->subject.n + 1, sizeof *s->r->listed);
    if (!s->listing || !s->r->listed)
        return ERR_NOMEM;
    for (size_t i = 0; i < c->subject.n; i++)
        s->r->listed[i] = LABEL_NEVER;
    for (size_t i = 0; i < l->label.n; i++) {
        struct listing *x = &s->listing[i];
        const uint32_t *id = map_get(&c->subjects, l->label.v[i].subject);
        *x = (struct listing){.day = l->label.v[i].day, .subject = id ? *id : UINT32_MAX};
        x->year = year_of(l->label.v[i].subject, &x->number);
        if (id)
            s->r->listed[*id] = x->day;
    }
    qsort(s->listing, l->label.n, sizeof *s->listing, by_day);
    return OK;
}

static enum err state_init(struct state *s)
{
    const struct corpus *c = s->r->corpus;
    s->told = calloc(c->subject.n + 1, sizeof *s->told);
    s->voice = calloc(c->voice.n + 1, sizeof *s->voice);
    s->site = calloc(c->site.n + 1, sizeof *s->site);
    s->word = calloc(c->words.n + 1, sizeof *s->word);
    s->voice_posts = calloc(c->voice.n + 1, sizeof *s->voice_posts);
    s->site_voices = calloc(c->site.n + 1, sizeof *s->site_voices);
    if (!s->told || !s->voice || !s->site || !s->word || !s->voice_posts || !s->site_voices)
        return ERR_NOMEM;
    return list_labels(s);
}

static void state_done(struct state *s)
{
    for (size_t i = 0; s->told && i < s->r->corpus->subject.n; i++) {
        vec_done(&s->told[i].heard);
        vec_done(&s->told[i].word);
        vec_done(&s->told[i].posts);
    }
    for (size_t i = 0; i < YEARS; i++) {
        vec_done(&s->listed[i].list);
        vec_done(&s->named[i].list);
    }
    vec_done(&s->today);
    free(s->told);
    free(s->voice);
    free(s->site);
    free(s->word);
    free(s->voice_posts);
    free(s->site_voices);
    free(s->listing);
}

void replay_done(struct replay *r)
{
    vec_done(&r->sample);
    vec_done(&r->signal);
    free(r->listed);
    r->listed = NULL;
}

/* --- the end of a day: what was said enters the records --- */

static void count_record(struct record *r, bool listed)
{
    r->named++;
    r->listed += listed;
}

static enum err add_number(struct numbers *years, uint32_t year, uint32_t number)
{
    if (year < YEAR_FIRST || year >= YEAR_FIRST + YEARS)
        return OK;
    struct numbers *n = &years[year - YEAR_FIRST];
    TRY(vec_push(&n->list, number, CORPUS_NAMES));
    size_t i = n->list.n - 1;
    for (; i > 0 && n->list.v[i - 1] > number; i--)
        n->list.v[i] = n->list.v[i - 1];
    n->list.v[i] = number;
    return OK;
}

static enum err enter_subject(struct state *s, uint32_t subject)
{
    struct told *t = &s->told[subject];
    const struct corpus *c = s->r->corpus;
    for (; t->entered_voices < t->heard.n; t->entered_voices++) {
        const struct heard *h = &t->heard.v[t->entered_voices];
        uint32_t site = c->voice.v[h->voice].site;
        s->site_voices[site] += s->voice[h->voice].named == 0;
        count_record(&s->voice[h->voice], t->known);
        count_record(&s->site[site], t->known);
        count_record(&s->class[h->class], t -> known);
    }
    for (; t->entered_words < t->word.n; t->entered_words++)
        count_record(&s->word[t->word.v[t->entered_words]], t->known);
    if (t->entered)
        return OK;
    t->entered = true;
    count_record(&s->all, t->known);
    return add_number(s->named, c->subject.v[subject].year, c->subject.v[subject].number);
}

/* A subject was listed: what named it before was right. */
static void credit(struct state *s, uint32_t subject)
{
    struct told *t = &s->told[subject];
    t->known = true;
    for (size_t i = 0; i < t->entered_voices; i++) {
        const struct heard *h = &t->heard.v[i];
        s->voice[h->voice].listed++;
        s->site[s->r->corpus->voice.v[h->voice].site].listed++;
        s->class[h->class].listed++;
    }
    for (size_t i = 0; i < t->entered_words; i++)
        s->word[t->word.v[i]].listed++;
    s->all.listed += t->entered;
}

/* Brings the state to the morning of that day: all that happened on the days before is known. */
static enum err begin_day(struct state *s, int32_t day)
{
    const struct corpus *c = s->r->corpus;
    for (size_t i = 0; i < s->today.n; i++)
        TRY(enter_subject(s, s->today.v[i]));
    s->today.n = 0;
    s->day = day;
    s->year = time_civil(day * US_PER_DAY).year;
    for (; s->next_volume < c->volume.n && c->volume.v[s->next_volume].day < day; s->next_volume++)
        s->voice_posts[c->volume.v[s->next_volume].voice] += c->volume.v[s->next_volume].posts;
    for (; s->next_listing < s->r->labels->label.n && s->listing[s->next_listing].day < day;
         s->next_listing++) {
        const struct listing *x = &s->listing[s->next_listing];
        TRY(add_number(s->listed, x->year, x->number));
        if (x->subject != UINT32_MAX)
            credit(s, x->subject);
    }
    return OK;
}

/* --- a day --- */

static enum voice_class class_of(const struct state *s, uint32_t voice)
{
    if (s->r->corpus->voice.v[voice].forge || s->voice_posts[voice] < REGULAR_POSTS)
        return VOICE_CROWD;
    return VOICE_REGULAR;
}

static bool is_left(const struct state *s, const struct mention *m)
{
    switch (s->r->leave) {
    case LEAVE_SITE: return s->r->corpus->voice.v[m->voice].site == s->r->left;
    case LEAVE_FILE: return m->file == s->r->left;
    case LEAVE_CLASS: return class_of(s, m->voice) == (enum voice_class)s->r->left;
    case LEAVE_NOTHING: break;
    }
    return false;
}

/* Or not given yet: a slip of the pen. */
static bool too_old(const struct state *s, uint32_t subject)
{
    uint32_t year = s->r->corpus->subject.v[subject].year;
    if (year == 0)
        return false;
    return (int32_t)year > s->year + 1 || (!s->r->any_age && (int32_t)year < s->year - 1);
}

static enum err hear(struct state *s, struct told *t, uint32_t voice)
{
    for (size_t i = t->heard.n; i-- > 0;)
        if (t->heard.v[i].voice == voice) {
            t->heard.v[i].last = s->day;
            return OK;
        }
    if (t->heard.n == SUBJECT_VOICES) {
        s->r->capped++;
        return OK;
    }
    struct heard h = {voice, s->day, s->day, (uint8_t)class_of(s, voice)};
    return vec_push(&t->heard, h, SUBJECT_VOICES);
}

static enum err read_words(struct told *t, const uint32_t *word, size_t n)
{
    for (size_t i = 0; i < n && t->word.n < SUBJECT_WORDS; i++) {
        size_t j = 0;
        while (j < t->word.n && t->word.v[j] != word[i])
            j++;
        if (j == t->word.n)
            TRY(vec_push(&t->word, word[i], SUBJECT_WORDS));
    }
    return OK;
}

static enum err absorb(struct state *s, const struct mention *m)
{
    struct told *t = &s->told[m->subject];
    struct day_posts today = {s->day, 1};
    TRY(hear(s, t, m->voice));
    TRY(read_words(t, s->r->corpus->word.v + m->word, m->words));
    if (class_of(s, m->voice) == VOICE_REGULAR)
        t->wording |= m->wording;
    if (t->posts.n && t->posts.v[t->posts.n - 1].day == s->day) {
        t->posts.v[t->posts.n - 1].posts++;
        return OK;
    }
    return vec_push(&t->posts, today, CORPUS_MENTIONS);
}

static enum err take_sample(struct state *s, uint32_t subject)
{
    struct sample sample = {.day = s->day, .subject = subject};
    float x[SIGNALS] = {0};
    sample_counts(&s->told[subject], s->day, &sample.counts);
    sample_signals(s, subject, x);
    TRY(vec_push(&s->r->sample, sample, REPLAY_SAMPLES));
    for (size_t i = 0; i < SIGNALS; i++)
        TRY(vec_push(&s->r->signal, x[i], (size_t)REPLAY_SAMPLES * SIGNALS));
    return vec_push(&s->today, subject, CORPUS_NAMES);
}

/* The mentions of one subject on one day, which stand together; returns where the next ones do. */
static enum err subject_day(struct state *s, size_t from, size_t *ret_next)
{
    const struct corpus *c = s->r->corpus;
    const struct mention *first = &c->mention.v[from];
    bool any = false, old = too_old(s, first->subject);
    size_t i = from;
    for (; i < c->mention.n; i++) {
        const struct mention *m = &c->mention.v[i];
        if (m->day != first->day || m->subject != first->subject)
            break;
        s->r->aged += old;
        if (old || is_left(s, m))
            continue;
        TRY(absorb(s, m));
        any = true;
    }
    *ret_next = i;
    return any ? take_sample(s, first->subject) : OK;
}

static enum err walk(struct state *s)
{
    const struct corpus *c = s->r->corpus;
    for (size_t i = 0; i < c->mention.n;) {
        if (i == 0 || c->mention.v[i].day != s->day)
            TRY(begin_day(s, c->mention.v[i].day));
        TRY(subject_day(s, i, &i));
    }
    return OK;
}

enum err replay_run(struct replay *r)
{
    struct state *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->r = r;
    enum err rc = state_init(s);
    if (!rc)
        rc = walk(s);
    state_done(s);
    free(s);
    return rc;
}
