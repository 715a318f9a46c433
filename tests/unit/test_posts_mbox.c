/* Mails as they are found: mailboxes, single ones, parts, encodings, quotes. */
#include "codec/mime.h"
#include "posts_test.h"

#define HEAD                                                                                       \
    "From: Ann <Ann@Host.example>\n"                                                               \
    "Date: Tue, 2 Mar 2021 10:00:00 +0100\n"                                                       \
    "Message-ID: <1@host.example>\n"                                                               \
    "Subject: S\n"
#define TOLD                                                                                       \
    "2021-03-02T09:00:00Z|id=1@host.example|source=mail|site=in|thread=1@host.example"             \
    "|author=ann@host.example|title=S"

static void boxes(void **state)
{
    (void)state;
    assert_told("From ann@host.example Tue Mar  2 10:00:00 2021\n" HEAD
                "List-Id: The list <list.host.example>\n\n"
                "Hello\nFrom here on\n\nFrom the start it was\n>From old\n\n"
                "From ben@host.example Wed Mar  3 10:00:00 2021\n"
                "From: ben at host.example (Ben)\nMessage-ID: <2@host.example>\n"
                "In-Reply-To: <1@host.example>\nReferences: <0@host.example>\n <1@host.example>\n"
                "List-Post: <mailto:list@host.example>\n"
                "Archived-At: <https://host.example/2>\nSubject: Re: S\n\nB\n",
                NULL,
                "2021-03-02T09:00:00Z|id=1@host.example|source=mail|site=list.host.example"
                "|thread=1@host.example|author=ann@host.example|title=S"
                "|text=Hello\nFrom here on\n\nFrom the start it was\nFrom old\n"
                "2021-03-03T10:00:00Z|id=2@host.example|source=mail|site=list@host.example"
                "|thread=0@host.example|author=ben@host.example|title=Re: S|text=B"
                "|url=https://host.example/2\n");
}

static void single(void **state)
{
    (void)state;
    assert_told("Return-Path: <x>\r\nReceived: by y;\r\n\tMon\r\n" HEAD "\r\nText\r\n\r\nMore\r\n",
                NULL, TOLD "|text=Text\n\nMore\n");
    assert_told(HEAD "\n", NULL, TOLD "\n");
    assert_told("From: a@b\nDate: soon\nSubject: S\n\nx", NULL, "gap 0 bad-time: soon\n");
    assert_told("From: a@b\nSubject: S\n\nx", NULL,
                "?|source=mail|site=in|author=a@b|title=S|text=x\n");
    assert_told("X: y\n\nz", "eml", "gap 0 damaged: a mail without From and Subject\n");
}

static void words(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"plain\r\n folded", "plain folded"},
        {"=?utf-8?B?0KPRj9C30LI=?= x", "Уязв x"},
        {"=?koi8-r?Q?=F5=D1=DA_?=\n =?koi8-r?Q?=D7?=", "Уяз в"},
        {"=?UTF-8*ru?b?0KM=?= =?windows-1251?q?=FF?=", "Уя"},
        {"=?utf-8?B?0A==?= =?utf-8?B?ow==?=", "У"},
        {"=?gb2312?B?wqm2tA==?=", "漏洞"},
        {"a =?x?y?z?= =? =?utf-8?Q?open", "a =?x?y?z?= =? =?utf-8?Q?open"},
        {"=?nope?Q?a=41b?=", "aAb"},
        {"\xd3\xff\xe7\xe2", "Уязв"},
    };
    struct buf b;
    buf_init(&b, 1000);
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        buf_reset(&b);
        mail_words(&b, str_of(same[i][0]));
        assert_str(buf_view(&b), same[i][1]);
    }
    buf_done(&b);
}

static void parts(void **state)
{
    (void)state;
    assert_told(HEAD "Content-Type: multipart/mixed;\n boundary=\"a;b\"\n\npreamble\n--a;b\n"
                     "Content-Type: multipart/alternative; boundary=c\n\n"
                     "--c\nContent-Type: text/html\n\n<p>HTML</p>\n"
                     "--c\nContent-Type: text/plain; charset=windows-1251\n"
                     "Content-Transfer-Encoding: base64\n\n0//n4ujs7vHy/A==\n--c--\n"
                     "--a;b\n\nfooter\n--a;b--\n",
                NULL, TOLD "|text=Уязвимость\n");
    assert_told(HEAD "Content-Type: multipart/alternative; boundary=c\n\n"
                     "--c\nContent-Type: text/plain\n\n \n"
                     "--c\nContent-Type: text/html; charset=\"iso-8859-1\"\n"
                     "Content-Transfer-Encoding: quoted-printable\n\n"
                     "<p>caf=E9 =\nx =3D y=</p><blockquote>old</blockquote>\n--c--\n",
                NULL, TOLD "|text=café x = y=\n");
    assert_told(HEAD "Content-Type: multipart/mixed; boundary=c\n\n"
                     "--c\nContent-Disposition: attachment\n\nno\n--c\n\nyes, and no end",
                NULL, TOLD "|text=yes, and no end\n");
    assert_told(HEAD "Content-Type: application/pdf\n\n%PDF\n", NULL, TOLD "\n");
    assert_told(HEAD "Content-Type: text/plain; charset=gb2312\n\n\xc2\xa9\xb6\xb4", NULL,
                TOLD "|text=漏洞\n");
}

struct own {
    const char *text, *want;
    bool forwarded;
};

static void own_words(void **state)
{
    (void)state;
    static const struct own all[] = {
        {"One\n\n\n\nTwo\n", "One\n\nTwo", false},
        {"On Tue, 2 Mar 2021 at 10:00, Ann <a@b> wrote:\n> old\n> older\n\nMine\n", "Mine", false},
        {"Hi\n\nOn Tue, 2 Mar 2021 at 10:00,\nAnn B\n<a@b> wrote:\n\n> old\nMine\n> x\nToo\n",
         "Hi\n\nMine\n\nToo", false},
        {"Am 2. März 2021 schrieb Ann:\n> alt\nNeu", "Neu", false},
        {"See this:\n> old\nx", "See this:\n\nx", false},
        {"Mine\n-- \nAnn\nhost", "Mine", false},
        {"Mine\n--\nAnn", "Mine", false},
        {"a\n---\nb\n----\nc", "a\n---\nb\n----\nc", false},
        {"Mine\n\n-----Original Message-----\nFrom: A\nSent: x\n\nold", "Mine", false},
        {"Mine\n\nFrom: Ann\nSent: today\nTo: Ben\nSubject: S\n\nold", "Mine", false},
        {"________________________________\nMine", "________________________________\nMine", false},
        {"Mine\n_______________________________________________\nA mailing list - x@y\nhttps://z",
         "Mine", false},
        {"---------- Forwarded message ---------\nFrom: A\nDate: x\nSubject: S\nTo: b\n\nTheirs",
         "Theirs", true},
        {"FYI\n---------- Forwarded message ---------\nFrom: A\nDate: x\n\nTheirs", "FYI\n\nTheirs",
         false},
        {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nMine\n- -- dash\n"
         "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n",
         "Mine\n-- dash", false},
        {"> all\n> quoted", "", false},
        {"", "", false},
    };
    struct buf b;
    buf_init(&b, 10000);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        buf_reset(&b);
        assert_int_equal(mail_own_words(&b, str_of(all[i].text)), all[i].forwarded);
        assert_str(buf_view(&b), all[i].want);
    }
    buf_done(&b);
}

/* The start of a long one is read; the next one is not touched by it. */
static void long_mails(void **state)
{
    (void)state;
    struct post_options options = {.name = STR("in")};
    struct buf b;
    buf_init(&b, 16 << 20);
    buf_puts(&b, "From a@b Tue Mar  2 10:00:00 2021\n" HEAD
                 "Content-Type: multipart/mixed; boundary=c\n\n--c\n\nText\n--c\n"
                 "Content-Type: image/png\n\n");
    for (size_t i = 0; i < (5 << 20) / 64; i++)
        buf_puts(&b, "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9\n");
    buf_puts(&b, "--c--\n\nFrom a@b Tue Mar  2 10:00:00 2021\n" HEAD "\nNext\n");
    assert_int_equal(tell_bytes(buf_view(&b), &options), OK);
    assert_str(buf_view(&told_buf), TOLD "|text=Text\n" TOLD "|text=Next\n");
    buf_done(&b);
}

static void hostile(void **state)
{
    (void)state;
    static const char *const units[] = {
        "=?",
        "=?a?b?",
        "--c\n",
        ">",
        "From: a\n",
        "=",
        "On a:\n>\n",
        "a:\n",
        "\n",
        "-",
        "_",
        "Content-Type: multipart/a; boundary=c\n\n--c\n",
        "----a----\n",
        "=?utf-8?q?a?= ",
        "---forwarded---\n",
        "\n>\n",
        "From:\nA:\n",
    };
    enum { BYTES = 1 << 20 };
    struct post_options options = {.name = STR("in"), .format = STR("eml")};
    struct buf b;
    buf_init(&b, BYTES + 1000);
    for (size_t i = 0; i < 2 * ARRAY_LEN(units); i++) {
        buf_reset(&b);
        buf_puts(&b, HEAD "Content-Type: multipart/mixed; boundary=c\n");
        buf_puts(&b, i < ARRAY_LEN(units) ? "\n--c\n\n" : "Subject: ");
        while (b.n < BYTES)
            buf_puts(&b, units[i % ARRAY_LEN(units)]);
        (void)tell_bytes(buf_view(&b), &options);
    }
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes),   cmocka_unit_test(single),    cmocka_unit_test(words),
        cmocka_unit_test(parts),   cmocka_unit_test(own_words), cmocka_unit_test(long_mails),
        cmocka_unit_test(hostile),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_done(&told_buf);
    return failed;
}
