/* VBScript.Encode and JScript.Encode: each character stands for another, by one of three tables
 * whose turn is fixed. What the engine undoes before it runs a page is undone here. */
#include "match/shell_priv.h"

enum { HEAD = 12, TURN = 64 }; /* #@~^ and a length, then the text, a sum and ^#~@ */

/* What the characters from the blank on stand for; what a tab stands for. "?": never there. */
static const char *const stands_for[3] = {
    "20!)[83=X:5e9\\VsfNEkbYx^}Jmq?`?S?B'Hru17MR\"TjGd-"
    " \177.L]~loytC&v%$+(#A4\t*D?w;UiacPgQIOFh|6pnz/_KZ,W",
    ".GzVBj/&IA42[vrC89pEhqO\tbD#u?~?^?wJa]\"KoN;LPg*}t"
    "T+-,0nkf5%!dMRc?{x)(sY3\177mUS|:_eFX1ilZH'\\=$y7`Q 6",
    "-uR`q^I\\b})6 |z\177kc3+hQfv1dTC?:?~?E,*t'7DyY/o&rj9"
    "{?8wgSG4x]0#Z[lHUpi.L!$NP\tVs5aKX;W\"mM%(FJ2A=_OBe",
};
static const char tab_for[] = "{Wn";
static const char turn[] = "12012020020210201020112002102002"
                           "11020201011201021020112001120102";

/* "@" and one more are what would end the page or the line. */
static char escaped(char c)
{
    switch (c) {
    case '&': return '\n';
    case '#': return '\r';
    case '*': return '>';
    case '!': return '<';
    default: return '@';
    }
}

static char plain(char c, size_t n)
{
    int by = turn[n % TURN] - '0';
    if (c == '\t')
        return tab_for[by];
    if (c < ' ')
        return c;
    return stands_for[by][c - ' '];
}

bool shell_encoded(struct str code, struct str *ret_body)
{
    ptrdiff_t from = str_find(code, STR("#@~^"));
    struct str rest = str_sub(code, (size_t)(from < 0 ? 0 : from) + HEAD, code.n);
    ptrdiff_t end = str_find(rest, STR("^#~@"));
    if (from < 0 || end < HEAD - 4)
        return false;
    *ret_body = str_sub(rest, 0, (size_t)end - (HEAD - 4));
    return true;
}

struct str shell_decode(struct look *k, struct str body)
{
    char *to = arena_alloc(k->arena, body.n + 1);
    size_t n = 0, at = 0;
    if (!to)
        k->rc = ERR_NOMEM;
    for (size_t i = 0; to && i < body.n; i++) {
        char c = body.p[i];
        if (c & 0x80) {
            to[n++] = c;
            continue;
        }
        bool two = c == '@' && i + 1 < body.n;
        to[n++] = two ? escaped(body.p[i + 1]) : plain(c, at);
        i += two;
        at++;
    }
    return str_make(to, n);
}
