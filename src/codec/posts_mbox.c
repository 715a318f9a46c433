#include "codec/html_text.h"
#include "codec/mime.h"
#include "codec/posts_priv.h"

/* A mailbox is cut into mails at its "From " lines; a single mail has none. Of a mail that is
 * longer than a record its start is read: what is far behind is attachments. */

enum {
    TEXT_BYTES = 3 * POSTS_RECORD_BYTES + 16, /* a byte may become three of UTF-8 */
    HEAD_BYTES = 64 * 1024,                   /* of one decoded header */
};

struct box {
    struct post_reader *r;
    struct buf mail, work, text, own, words;
    struct str envelope; /* the date of the "From " line, in `from` */
    char from[128];
    uint64_t at; /* of the mail */
    bool cut;    /* it is longer */
};

/* "From ann@host.example Tue Mar  2 10:00:00 2021": the date, absent if it is none. The word
 * "From" may start any sentence. */
static struct str from_line(struct str line)
{
    int64_t us;
    bool day;
    struct str rest = str_sub(line, 5, 5 + 256);
    if (!str_starts(line, STR("From ")))
        return STR_NONE;
    for (ptrdiff_t blank; (blank = str_chr(rest, ' ')) >= 0;) {
        rest = str_trim(str_sub(rest, (size_t)blank, rest.n));
        if (post_time(rest, &us, &day) && !day)
            return rest;
    }
    return STR_NONE;
}

static struct str field(const struct mail *m, const char *name)
{
    return mail_field(m->head, str_of(name));
}

static struct str kept(struct box *b, struct str s)
{
    s = str_trim(s);
    return s.n ? arena_str(&b->r->arena, s) : STR_NONE;
}

static struct str decoded(struct box *b, struct str value)
{
    buf_reset(&b->words);
    mail_words(&b->words, str_sub(value, 0, HEAD_BYTES / 4));
    return kept(b, buf_view(&b->words));
}

/* "<a@b>" of "<a@b> <c@d>"; what stands there if there are no brackets. */
static struct str bracketed(struct str s)
{
    ptrdiff_t open = str_chr(s, '<');
    if (open < 0)
        return str_trim(s);
    s = str_sub(s, (size_t)open + 1, s.n);
    ptrdiff_t close = str_chr(s, '>');
    return str_trim(str_sub(s, 0, close < 0 ? s.n : (size_t)close));
}

/* The first mail of the conversation. */
static struct str root(const struct mail *m)
{
    struct str s = bracketed(field(m, "References"));
    if (!s.n)
        s = bracketed(field(m, "In-Reply-To"));
    return s.n ? s : bracketed(field(m, "Message-ID"));
}

static struct str list_of(const struct mail *m)
{
    struct str id = field(m, "List-Id"), post = bracketed(field(m, "List-Post"));
    if (id.n)
        return bracketed(id);
    if (str_istarts(post, STR("mailto:")))
        return str_sub(post, 7, post.n);
    return bracketed(field(m, "X-Mailing-List"));
}

static struct str author_of(struct box *b, const struct mail *m)
{
    buf_reset(&b->words);
    mail_address(&b->words, str_sub(field(m, "From"), 0, HEAD_BYTES));
    return kept(b, buf_view(&b->words));
}

/* Of the Date field, else of the envelope. False: a date is given and there is none. */
static bool time_of(const struct box *b, const struct mail *m, int64_t *ret_us)
{
    struct str date = field(m, "Date");
    bool day;
    *ret_us = TIME_NONE;
    return (date.n && post_time(date, ret_us, &day)) ||
           (b->envelope.n && post_time(b->envelope, ret_us, &day)) || !date.n;
}

/* A letter may not be cut in two; what is no UTF-8 may be cut anywhere. */
static struct str at_most(struct str s, size_t n)
{
    if (s.n <= n)
        return s;
    size_t cut = n;
    while (cut && n - cut < 4 && ((unsigned char)s.p[cut] & 0xc0) == 0x80)
        cut--;
    return str_sub(s, 0, n - cut < 4 ? cut : n);
}

static void body_of(struct box *b, const struct mail *m, struct post *p)
{
    bool html = false;
    buf_reset(&b->text);
    buf_reset(&b->own);
    if (!mail_text(*m, &b->text, &b->work, &html))
        return;
    struct str text = buf_view(&b->text);
    if (html) {
        buf_reset(&b->work);
        html_text(&b->work, text, HTML_NO_QUOTES);
        text = buf_view(&b->work);
    }
    p->repost = mail_own_words(&b->own, text);
    p->text = at_most(buf_view(&b->own), POSTS_RECORD_BYTES);
}

static enum err give(struct box *b)
{
    struct post p = {.source = STR("mail"), .ingest_us = TIME_NONE, .offset = b->at};
    struct mail m = mail_split(buf_view(&b->mail));
    if (str_trim(buf_view(&b->mail)).n == 0)
        return OK;
    if (!field(&m, "From").n && !field(&m, "Subject").n)
        return post_gap(b->r, b->at, POST_DAMAGED, STR("a mail without From and Subject"));
    if (!time_of(b, &m, &p.time_us))
        return post_gap(b->r, b->at, POST_BAD_TIME, at_most(field(&m, "Date"), 80));
    arena_reset(&b->r->arena);
    p.id = kept(b, bracketed(field(&m, "Message-ID")));
    p.thread = kept(b, root(&m));
    p.site = kept(b, list_of(&m));
    p.author = author_of(b, &m);
    p.title = decoded(b, field(&m, "Subject"));
    p.url = kept(b, bracketed(field(&m, "Archived-At")));
    p.lang = kept(b, field(&m, "Content-Language"));
    body_of(b, &m, &p);
    if (!p.title.n && !p.text.n)
        return OK;
    return post_give(b->r, &p);
}

static void begin(struct box *b, struct str envelope, uint64_t offset)
{
    buf_reset(&b->mail);
    b->envelope = str_make(b->from, envelope.n < sizeof b->from ? envelope.n : 0);
    if (b->envelope.n)
        memcpy(b->from, envelope.p, envelope.n);
    b->at = offset;
    b->cut = false;
}

/* ">From " was "From ", and ">>From " was ">From ". */
static struct str unquoted(struct str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == '>')
        n++;
    return n && str_starts(str_sub(line, n, line.n), STR("From ")) ? str_sub(line, 1, line.n)
                                                                   : line;
}

static void add_line(struct box *b, struct str line)
{
    b->cut |= b->mail.n + line.n + 1 > POSTS_RECORD_BYTES;
    if (b->cut)
        return;
    buf_str(&b->mail, line);
    buf_putc(&b->mail, '\n');
}

static enum err run(struct box *b, bool many)
{
    enum err rc;
    struct str line;
    uint64_t offset;
    bool blank = true;
    begin(b, STR_NONE, b->r->offset);
    while (!(rc = pull_line(b->r, &line, &offset))) {
        struct str envelope = blank && many ? from_line(line) : STR_NONE;
        blank = line.n == 0;
        if (envelope.n) {
            enum err told = give(b);
            if (told)
                return told;
            begin(b, envelope, offset);
        } else {
            add_line(b, many ? unquoted(line) : line);
        }
        if (b->mail.rc)
            return fail(b->r->error, b->mail.rc, "out of memory");
    }
    enum err told = b->r->stopped ? OK : give(b);
    return told ? told : rc;
}

static enum err read_mail(struct post_reader *r, bool many)
{
    struct box b = {.r = r};
    buf_init(&b.mail, POSTS_RECORD_BYTES);
    buf_init(&b.work, TEXT_BYTES);
    buf_init(&b.text, TEXT_BYTES);
    buf_init(&b.own, TEXT_BYTES);
    buf_init(&b.words, HEAD_BYTES);
    enum err rc = run(&b, many);
    buf_done(&b.mail);
    buf_done(&b.work);
    buf_done(&b.text);
    buf_done(&b.own);
    buf_done(&b.words);
    return rc;
}

static enum err read_mbox(struct post_reader *r)
{
    return read_mail(r, true);
}
static enum err read_eml(struct post_reader *r)
{
    return read_mail(r, false);
}

static struct str first_line(struct str *head)
{
    struct str line = STR_NONE;
    while (head->p && str_cut(head, '\n', &line) && str_trim(line).n == 0)
        ;
    return line.n && line.p[line.n - 1] == '\r' ? str_sub(line, 0, line.n - 1) : line;
}

static bool is_mbox(struct str head)
{
    return from_line(first_line(&head)).n > 0;
}

/* "Name: value", of which two names are those of a mail, and then an empty line. */
static bool is_eml(struct str head)
{
    static const struct str names[] = {
        {"From", 4},     {"Date", 4},          {"Subject", 7},     {"Message-ID", 10},
        {"Received", 8}, {"Return-Path", 11},  {"To", 2},          {"MIME-Version", 12},
        {"List-Id", 7},  {"Delivered-To", 12}, {"References", 10}, {"In-Reply-To", 11},
    };
    size_t known = 0;
    struct str line = first_line(&head);
    for (;;) {
        ptrdiff_t colon = str_chr(line, ':');
        if (line.n == 0 || (line.n == 1 && line.p[0] == '\r'))
            return known >= 2;
        bool fold = known && (line.p[0] == ' ' || line.p[0] == '\t');
        if (!fold && colon <= 0)
            return false;
        for (ptrdiff_t i = 0; !fold && i < colon; i++)
            if ((unsigned char)line.p[i] <= ' ' || (unsigned char)line.p[i] > '~')
                return false;
        for (size_t i = 0; !fold && i < ARRAY_LEN(names); i++)
            known += str_ieq(names[i], str_sub(line, 0, (size_t)colon));
        if (!head.p || !str_cut(&head, '\n', &line))
            return known >= 2;
    }
}

const struct post_format posts_mbox = {"mbox", "mailboxes (mboxrd, mboxcl)", is_mbox, read_mbox};
const struct post_format posts_eml = {"eml", "one mail", is_eml, read_eml};
