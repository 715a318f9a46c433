#include "watch/gist_priv.h"

enum {
    FAR_BYTES = 300, /* a phrase so far from what it is said of decides with less confidence */
};

/* Which of two intents of one post counts: what is quoted is nobody's own; who offers what he got
 * says how he got it. */
static int rank(enum intent intent)
{
    static const unsigned char ranks[INTENTS] = {
        [INTENT_MENTION] = 0, [INTENT_QUESTION] = 1, [INTENT_SHARE] = 2,  [INTENT_CLAIM] = 3,
        [INTENT_SEEK] = 4,    [INTENT_SELL] = 5,     [INTENT_REPORT] = 6,
    };
    return ranks[intent];
}

/* Does a phrase decide rather than another one? What is said with some confidence comes first:
 * "escrow" says less of a seller than "buying" of a buyer. */
static bool decides(enum intent intent, enum confidence confidence, enum intent other,
                    enum confidence than)
{
    bool sure = confidence > CONFIDENCE_LOW, was_sure = than > CONFIDENCE_LOW;
    if (sure != was_sure)
        return sure;
    return intent == other ? confidence > than : rank(intent) > rank(other);
}

/* "not selling", "не продаю": the phrase says nothing. */
static bool is_negated(const struct gist *g, uint32_t from)
{
    static const struct str words[] = {
        {"not ", 4}, {"n't ", 4}, {"no ", 3}, {"never ", 6}, {"\xd0\xbd\xd0\xb5 ", 5}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct str before = str_make(g->folded.p + from - (from < words[i].n ? from : words[i].n),
                                     from < words[i].n ? from : words[i].n);
        if (str_ieq(before, words[i]))
            return true;
    }
    return false;
}

/* A question mark that ends a word; one in an address does not. */
static bool is_question(struct str text, uint32_t *ret_at)
{
    for (size_t i = 0; i < text.n; i++) {
        const char *mark = memchr(text.p + i, '?', text.n - i);
        if (!mark)
            return false;
        i = (size_t)(mark - text.p);
        if (i + 1 == text.n || !ascii_alpha((unsigned char)text.p[i + 1])) {
            *ret_at = (uint32_t)i;
            return true;
        }
    }
    return false;
}

enum err decide_intent(struct gist *g, const struct folded_post *p, uint32_t subject_at,
                       struct hit *ret_phrase, enum intent *ret_intent,
                       enum confidence *ret_confidence)
{
    struct str text = str_make(g->folded.p + p->from, p->text_end - p->from);
    uint32_t at;
    *ret_phrase = (struct hit){0};
    *ret_intent = INTENT_MENTION;
    *ret_confidence = CONFIDENCE_LOW;
    TRY(longest_win(&g->intent, &g->chosen));
    for (size_t i = 0; i < g->chosen.n; i++) {
        const struct hit *h = &g->chosen.v[i];
        enum intent intent = (enum intent)h->row->intent;
        enum confidence confidence = (enum confidence)h->row->confidence;
        uint32_t apart = h->from > subject_at ? h->from - subject_at : subject_at - h->from;
        if (intent == INTENT_MENTION || is_negated(g, h->from))
            continue;
        if (apart > FAR_BYTES && confidence > CONFIDENCE_LOW)
            confidence--;
        if (ret_phrase->row && !decides(intent, confidence, *ret_intent, *ret_confidence))
            continue;
        *ret_phrase = *h;
        *ret_intent = intent;
        *ret_confidence = confidence;
    }
    /* "Has anyone a working exploit?" is a question. */
    if ((*ret_intent == INTENT_MENTION || *ret_intent == INTENT_SHARE) && is_question(text, &at)) {
        *ret_phrase = (struct hit){NULL, p->from + at, p->from + at + 1, 0};
        *ret_intent = INTENT_QUESTION;
        *ret_confidence = CONFIDENCE_MEDIUM;
    }
    return OK;
}
