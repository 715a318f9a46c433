#include "watch/extract_priv.h"

enum { CVE_YEAR_MIN = 1999, CVE_DIGITS_MAX = 19, SENTENCE_BYTES = 200 };

static bool is_sign(unsigned char c)
{
    return c && strchr("-_ :.", c);
}

/* "20yy" or "199y" that a CVE may have; 0 if it is none. */
static unsigned year_at(const struct extractor *e, size_t i)
{
    uint64_t year;
    if (digits_end(e, i, 5) != i + 4 || !str_u64(part(e, i, i + 4), &year))
        return 0;
    return year >= CVE_YEAR_MIN && year <= e->options.year_max ? (unsigned)year : 0;
}

/* The end of a CVE's number: four digits, or more without a zero in front. */
static size_t number_end(const struct extractor *e, size_t i)
{
    size_t end = digits_end(e, i, CVE_DIGITS_MAX + 1);
    if (end < i + 4 || end > i + CVE_DIGITS_MAX || (end > i + 4 && at(e, i) == '0') ||
        alnum(at(e, end)))
        return 0;
    return end;
}

static size_t tell_cve(struct extractor *e, size_t from, size_t year, size_t number, size_t end)
{
    buf_reset(&e->value);
    buf_puts(&e->value, "CVE-");
    buf_str(&e->value, part(e, year, year + 4));
    buf_putc(&e->value, '-');
    buf_str(&e->value, part(e, number, end));
    return tell_value(e, ITEM_CVE, from, end);
}

/* What may stand between the numbers of a list: "/", ", ", " and ", "&". */
static size_t list_sign(const struct extractor *e, size_t i, bool *ret_tight)
{
    static const char *const signs[] = {"/", "|", ", and ", " and ", " & ", ", ", ",", "&", " / "};
    for (size_t k = 0; k < ARRAY_LEN(signs); k++)
        if (str_istarts(str_sub(e->t, i, i + 8), str_of(signs[k]))) {
            *ret_tight = k < 2;
            return strlen(signs[k]);
        }
    return 0;
}

/* "CVE-2021-26855/26857, 27065": further numbers of that year. Behind a comma only five digits and
 * more are one: "CVE-2021-26855, 2021 was ..." */
static size_t more_numbers(struct extractor *e, size_t year, size_t end)
{
    bool tight;
    for (size_t sign; (sign = list_sign(e, end, &tight)) > 0;) {
        size_t number = end + sign, own_year = year, stop;
        if (year_at(e, number) && at(e, number + 4) == '-') {
            own_year = number;
            number += 5;
            tight = true;
        }
        stop = number_end(e, number);
        bool decimal = at(e, stop) == '.' && ascii_digit(at(e, stop + 1));
        if (!stop || (!tight && stop < number + 5) || stop > number + 7 || decimal ||
            (own_year == year && at(e, stop) == '-'))
            break;
        end = tell_cve(e, own_year == year ? number : own_year, own_year, number, stop);
    }
    return end;
}

/* Is "cve" said before i in the same sentence? */
static bool about_cves(const struct extractor *e, size_t i)
{
    size_t from = i > SENTENCE_BYTES ? i - SENTENCE_BYTES : 0;
    for (size_t k = i; k > from; k--) {
        if (e->t.p[k - 1] == '\n' || (e->t.p[k - 1] == '.' && e->t.p[k] == ' '))
            return false;
        if (str_istarts(str_sub(e->t, k - 1, k + 2), STR("cve")))
            return true;
    }
    return false;
}

/* "2021-26855" alone; a year and a year is a span of time. */
static size_t bare_cve(struct extractor *e, size_t i)
{
    size_t number = i + 5, end = number_end(e, number);
    if (!year_at(e, i) || at(e, i + 4) != '-' || !end || end > number + 7 || before(e, i) == '-' ||
        at(e, end) == '-' || (end == number + 4 && year_at(e, number)) || !about_cves(e, i))
        return 0;
    return more_numbers(e, i, tell_cve(e, i, i, number, end));
}

size_t read_cve(struct extractor *e, size_t i)
{
    if (ascii_digit(at(e, i)))
        return bare_cve(e, i);
    if (!str_istarts(str_sub(e->t, i, i + 3), STR("cve")))
        return 0;
    size_t year = i + 3;
    for (int k = 0; k < 2 && is_sign(at(e, year)); k++)
        year++;
    size_t number = year + 4;
    for (int k = 0; k < 2 && is_sign(at(e, number)); k++)
        number++;
    size_t end = number == year + 4 || !year_at(e, year) ? 0 : number_end(e, number);
    return end ? more_numbers(e, year, tell_cve(e, i, year, number, end)) : 0;
}

/* Numbers that vendors, registries and ATT&CK give. In a pattern '#' is a digit, '*' up to six
 * more, '!' a letter or digit of GHSA, '-' any sign between the parts, ' ' one that may be absent
 * and is left out of the value; letters and digits stand for themselves. */
static const struct id {
    const char *pattern;
    enum item_kind kind;
    bool large; /* only in large letters: short ones are parts of much else */
} ids[] = {
    {"MS##-###", ITEM_ADVISORY, false},
    {"KB ######*", ITEM_ADVISORY, false},
    {"GHSA-!!!!-!!!!-!!!!", ITEM_ADVISORY, false},
    {"ZDI-CAN-####*", ITEM_ADVISORY, false},
    {"ZDI-##-###*", ITEM_ADVISORY, false},
    {"CNVD-####-####*", ITEM_ADVISORY, false},
    {"CNNVD-######-###*", ITEM_ADVISORY, false},
    {"BDU:####-#####", ITEM_ADVISORY, false},
    {"JVNDB-####-######", ITEM_ADVISORY, false},
    {"ADV######", ITEM_ADVISORY, true},
    {"RHSA-####:####*", ITEM_ADVISORY, true},
    {"ICSA-##-###-##", ITEM_ADVISORY, true},
    {"CWE-#*", ITEM_WEAKNESS, false},
    {"CAPEC-#*", ITEM_PATTERN, false},
    {"TA0###", ITEM_TACTIC, true},
    {"T1###.###", ITEM_TECHNIQUE, true},
    {"T0###.###", ITEM_TECHNIQUE, true},
    {"T1###", ITEM_TECHNIQUE, true},
    {"T0###", ITEM_TECHNIQUE, true},
    {"G0###", ITEM_GROUP, true},
    {"G1###", ITEM_GROUP, true},
    {"S0###", ITEM_SOFTWARE, true},
    {"S1###", ITEM_SOFTWARE, true},
    {"M0###", ITEM_MITIGATION, true},
    {"M1###", ITEM_MITIGATION, true},
    {"C0###", ITEM_CAMPAIGN, true},
};

_Static_assert(ARRAY_LEN(ids) <= 32, "one bit of ids_of each");

void learn_ids(struct extractor *e)
{
    for (size_t k = 0; k < ARRAY_LEN(ids); k++)
        e->ids_of[ids[k].pattern[0] | 32] |= UINT32_C(1) << k;
}

/* One sign of a pattern at i: how many bytes it takes, or -1. */
static int match_sign(struct extractor *e, const struct id *id, char sign, size_t i)
{
    unsigned char c = at(e, i);
    switch (sign) {
    case '#': return ascii_digit(c) ? 1 : -1;
    case '*': return (int)(digits_end(e, i, 6) - i);
    case '!': return c && strchr("23456789cfghjmpqrvwx", ascii_lower(c)) ? 1 : -1;
    case '-': return c && strchr("-_ ", c) ? 1 : -1;
    case ' ': return c && strchr("-_ ", c) ? 1 : 0;
    case ':': return c && strchr(":-", c) ? 1 : -1;
    default:
        return c == (unsigned char)sign || (!id->large && ascii_lower(c) == (sign | 32)) ? 1 : -1;
    }
}

/* The end of the id with its usual spelling in e->value, or 0. */
static size_t match_id(struct extractor *e, const struct id *id, size_t i)
{
    buf_reset(&e->value);
    for (const char *p = id->pattern; *p; p++) {
        int n = match_sign(e, id, *p, i);
        if (n < 0)
            return 0;
        if (*p == '!')
            buf_putc(&e->value, (char)ascii_lower(at(e, i)));
        else if (*p == '#' || *p == '*')
            buf_str(&e->value, part(e, i, i + (size_t)n));
        else if (*p != ' ')
            buf_putc(&e->value, *p);
        i += (size_t)n;
    }
    return alnum(at(e, i)) ? 0 : i;
}

size_t read_id(struct extractor *e, size_t i)
{
    unsigned char first = ascii_lower(at(e, i)), behind = before(e, i);
    if (behind == '_' || behind == '.' || behind == '@')
        return 0;
    for (uint32_t left = e->ids_of[first]; left; left &= left - 1) {
        const struct id *id = &ids[__builtin_ctz(left)];
        size_t end = match_sign(e, id, id->pattern[1], i + 1) > 0 ? match_id(e, id, i) : 0;
        if (end && !(id->large && at(e, end) == '.' && ascii_digit(at(e, end + 1))))
            return tell_value(e, id->kind, i, end);
    }
    return 0;
}

/* "AS15169", "ASN 15169" */
size_t read_asn(struct extractor *e, size_t i)
{
    uint64_t number;
    if (at(e, i) != 'A' || at(e, i + 1) != 'S')
        return 0;
    size_t from = i + 2 + (at(e, i + 2) == 'N'), blank = at(e, from) == ' ';
    size_t end = digits_end(e, from + blank, 11);
    /* "AS 400" is a machine of IBM. */
    if (end < from + blank + (blank ? 4 : 1) || alnum(at(e, end)) || before(e, i) == '-' ||
        !str_u64(part(e, from + blank, end), &number) || number == 0 || number >= UINT32_MAX)
        return 0;
    buf_reset(&e->value);
    buf_puts(&e->value, "AS");
    buf_u64(&e->value, number);
    return tell_value(e, ITEM_ASN, i, end);
}
