#include "cli/suggest.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t suggest_distance(struct str a, struct str b)
{
    size_t row[3][SUGGEST_MAX + 1] = {0};
    if (a.n > SUGGEST_MAX || b.n > SUGGEST_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = row[i % 3], *before = row[(i + 2) % 3], *twice = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            bool same = a.p[i - 1] == b.p[j - 1];
            now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + !same);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                now[j] = least(now[j], twice[j - 2] + 1);
        }
    }
    return row[a.n % 3][b.n];
}

void suggest_offer(struct suggestion *s, const char *candidate)
{
    struct str c = str_of(candidate);
    size_t d = suggest_distance(s->word, c);
    /* What was typed in part counts as near, too: "--indic" for "--indicators". */
    if (s->word.n >= 3 && str_starts(c, s->word))
        d = 1;
    if (d > 1 + s->word.n / 4 || d >= c.n || (s->best && d >= s->distance))
        return;
    s->best = candidate;
    s->distance = d;
}
