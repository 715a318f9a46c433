#include "base/time.h"
#include "make_archive.h"
#include "scan/listing.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

/* A folder for one test, and what is listed in it. */
struct place {
    char folder[64];
    struct arena arena;
    struct io_tree tree;
    struct listing listing;
    struct buf gaps;
    enum err rc;
};

static void begin(struct place *p)
{
    static const char name[] = "/tmp/listingXXXXXX";
    *p = (struct place){.rc = OK};
    memcpy(p->folder, name, sizeof name);
    assert_non_null(mkdtemp(p->folder));
    arena_init(&p->arena, 256 << 20);
    buf_init(&p->gaps, 1 << 20);
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void end(struct place *p)
{
    io_tree_close(&p->tree);
    assert_int_equal(nftw(p->folder, drop, 16, FTW_DEPTH | FTW_PHYS), 0);
    buf_done(&p->gaps);
    arena_done(&p->arena);
}

/* With the folders above it. */
static void put(struct place *p, const char *name, struct str text)
{
    char path[512];
    int n = snprintf(path, sizeof path, "%s/%s", p->folder, name);
    assert_true(n > 0 && (size_t)n < sizeof path);
    for (char *at = path + strlen(p->folder) + 1; (at = strchr(at, '/')) != NULL; *at++ = '/') {
        *at = 0;
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(io_write(fd, text.p, text.n), OK);
    close(fd);
}

static enum err take_gap(void *ctx, const struct errand_gap *gap)
{
    struct place *p = ctx;
    size_t folder = strlen(p->folder) + 1;
    buf_printf(&p->gaps, "%.*s: %.*s: %.*s\n", STR_FMT(str_sub(gap->file, folder, gap->file.n)),
               STR_FMT(gap->reason), STR_FMT(gap->detail));
    return OK;
}

static void list(struct place *p)
{
    struct str input = str_of(p->folder);
    struct listing_calls calls = {.gap = take_gap, .ctx = p};
    struct error why = {0};
    assert_int_equal(io_list(&p->arena, &input, 1, &p->tree, &why), OK);
    p->rc = listing_make(&p->arena, &p->tree, &calls, &p->listing, &why);
    assert_int_equal(p->rc, OK);
}

/* A line a file: its path below the folder, and of the rest what is known. */
static void told(const struct place *p, struct buf *b)
{
    buf_init(b, 1 << 20);
    for (size_t i = 0; i < p->listing.n; i++) {
        const struct listed *f = &p->listing.file[i];
        char text[32];
        buf_str(b, str_sub(f->path, strlen(p->folder) + 1, f->path.n));
        buf_printf(b, "%s%s%s%s", f->container ? " container" : "", f->about ? " about" : "",
                   f->twin ? " twin" : "", f->hides ? " hides" : "");
        if (f->original.p)
            buf_printf(b, " [%.*s]", STR_FMT(f->original));
        if (f->host.p)
            buf_printf(b, " @%.*s", STR_FMT(f->host));
        if (f->created_us != TIME_NONE)
            buf_printf(b, " %s", time_text(f->created_us, text));
        if (f->skip.p)
            buf_printf(b, " (%.*s)", STR_FMT(f->skip));
        buf_putc(b, '\n');
    }
}

static void assert_told(const struct place *p, const char *want, const char *want_gaps)
{
    struct buf b;
    told(p, &b);
    assert_str(buf_view(&b), want);
    assert_str(buf_view(&p->gaps), want_gaps);
    buf_done(&b);
}

static const char log_text[] = "#Software: Microsoft Internet Information Services 10.0\n";
static const char kape_head[] =
    "CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,"
    "CreatedOnUtc,ModifiedOnUtc,LastAccessedOnUtc,CopyDuration\n";

#define EVTX_NAME "Microsoft-Windows-PowerShell%4Admin.evtx"

/* The same two files of one server, collected in five ways. */
static void one_server_has_the_same_paths_however_collected(void **state)
{
    (void)state;
    struct place p;
    struct made_zip velo, kape;
    struct str log = str_of(log_text);
    begin(&p);
    made_begin(&velo);
    made_add(&velo, STR("uploads/auto/C%3A/inetpub/logs/LogFiles/W3SVC1/u_ex210305.log"), log);
    made_add(&velo,
             STR("uploads/ntfs/%5C%5C.%5CC%3A/Windows/System32/winevt/Logs/"
                 "Microsoft-Windows-PowerShell%254Admin.evtx"),
             log);
    made_add(&velo, STR("client_info.json"), STR("{\"Hostname\":\"EX01\"}"));
    put(&p, "a/Collection-x-2021-03-05T10_11_12Z.zip", made_end(&velo));
    made_done(&velo);
    made_begin(&kape);
    made_add(&kape, STR("2021-03-05T101112_CopyLog.csv"), str_of(kape_head));
    made_add(&kape, STR("C/inetpub/logs/LogFiles/W3SVC1/u_ex210305.log"), log);
    made_add(&kape, STR("C/Windows/System32/winevt/Logs/" EVTX_NAME), log);
    put(&p, "b/2021-03-05T101112_EX01.zip", made_end(&kape));
    made_done(&kape);
    put(&p, "c/EX01/C/inetpub/logs/LogFiles/W3SVC1/u_ex210305.log", log);
    put(&p, "c/EX01/C/Windows/System32/winevt/Logs/" EVTX_NAME, log);
    put(&p, "d/EX01/inetpub/logs/LogFiles/W3SVC1/u_ex210305.log", log);
    put(&p, "d/EX01/Windows/System32/winevt/Logs/" EVTX_NAME, log);
    put(&p, "f/EX01/uploads/auto/C%3A/inetpub/logs/LogFiles/W3SVC1/u_ex210305.log", log);
    put(&p,
        "f/EX01/uploads/ntfs/%5C%5C.%5CC%3A/Windows/System32/winevt/Logs/"
        "Microsoft-Windows-PowerShell%254Admin.evtx",
        log);
    list(&p);
    size_t logs = 0, events = 0;
    for (size_t i = 0; i < p.listing.n; i++) {
        const struct listed *f = &p.listing.file[i];
        if (f->about || f->container)
            continue;
        bool event = str_ends(f->path, STR(".evtx"));
        logs += !event;
        events += event;
        assert_str(f->host, "EX01");
        assert_str(f->original, event ? "C:\\Windows\\System32\\winevt\\Logs\\" EVTX_NAME
                                      : "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210305.log");
    }
    assert_int_equal(logs, 5);
    assert_int_equal(events, 5);
    assert_str(buf_view(&p.gaps), "");
    end(&p);
}

static void a_collection_of_kape_tells_times_and_what_is_missing(void **state)
{
    (void)state;
    struct place p;
    begin(&p);
    put(&p, "EX02/kape/2021_CopyLog.csv",
        STR("\xef\xbb\xbf"
            "CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,"
            "CreatedOnUtc,ModifiedOnUtc,LastAccessedOnUtc,CopyDuration\n"
            "x,C:\\INETPUB\\wwwroot\\a.aspx,D:\\x\\C\\inetpub\\a.aspx,5,AA,False,2021-03-03 "
            "01:02:03.5,2021-03-04 00:00:00,2021-03-05 00:00:00,0\n"
            "x,C:\\$Extend\\$UsnJrnl:$J,D:\\x\\C\\$Extend\\$J,5,AA,False,,,,0\n"
            "x,C:\\gone.log,D:\\x\\C\\gone.log,5,AA,False,,,,0\n"));
    put(&p, "EX02/kape/2021_SkipLog.csv.csv",
        STR("SourceFile,SourceFileSha1,Reason\nC:\\t1.log,AA,Deduped\nC:\\t2.log,AA,Deduped\n"
            "C:\\locked.log,,Access denied\n"));
    put(&p, "EX02/kape/C/inetpub/wwwroot/a.aspx", STR("<%@ %> but none that does anything"));
    put(&p, "EX02/kape/C/inetpub/wwwroot/client_info.json", STR("{\"Hostname\":\"forged\"}"));
    list(&p);
    assert_told(&p,
                "EX02/kape/2021_CopyLog.csv about\n"
                "EX02/kape/2021_SkipLog.csv.csv about\n"
                "EX02/kape/C/inetpub/wwwroot/a.aspx [C:\\inetpub\\wwwroot\\a.aspx] @EX02 "
                "2021-03-03T01:02:03.500Z\n"
                "EX02/kape/C/inetpub/wwwroot/client_info.json "
                "[C:\\inetpub\\wwwroot\\client_info.json] @EX02\n",
                "EX02/kape/2021_CopyLog.csv: not-collected: 1 files that it names as copied are "
                "not there, the first: C:\\gone.log\n"
                "EX02/kape/2021_SkipLog.csv.csv: not-collected: C:\\locked.log: Access denied\n"
                "EX02/kape/2021_SkipLog.csv.csv: not-collected: 2 files were not copied because "
                "others have the same content (Deduped), the first: C:\\t1.log\n");
    end(&p);
}

static void collections_of_several_hosts_are_told_apart(void **state)
{
    (void)state;
    struct place p;
    struct made_zip z;
    begin(&p);
    for (int i = 0; i < 2; i++) {
        made_begin(&z);
        made_add(&z, STR("client_info.json"),
                 i ? STR("{\"Hostname\":\"EX02\"}") : STR("{\"Hostname\":\"EX01\"}"));
        made_add(&z, STR("log.json"), STR("{\"message\":\"of the collector\"}"));
        made_add(&z, STR("results/Windows.EventLogs.json"), STR("{\"a\":1}"));
        made_add(&z, STR("uploads/auto/D%3A/Exchange/a.log"), STR("a"));
        put(&p, i ? "two.zip" : "one.zip", made_end(&z));
        made_done(&z);
    }
    put(&p, "log.json", STR("{\"message\":\"of a server\"}"));
    list(&p);
    assert_told(&p,
                "log.json\n"
                "one.zip container\n"
                "one.zip/client_info.json about @EX01\n"
                "one.zip/log.json about @EX01\n"
                "one.zip/results/Windows.EventLogs.json @EX01\n"
                "one.zip/uploads/auto/D%3A/Exchange/a.log [D:\\Exchange\\a.log] @EX01\n"
                "two.zip container\n"
                "two.zip/client_info.json about @EX02\n"
                "two.zip/log.json about @EX02\n"
                "two.zip/results/Windows.EventLogs.json @EX02\n"
                "two.zip/uploads/auto/D%3A/Exchange/a.log [D:\\Exchange\\a.log] @EX02\n",
                "");
    end(&p);
}

static void what_cannot_be_read_is_listed_with_why(void **state)
{
    (void)state;
    struct place p;
    struct made_zip z;
    struct buf tar;
    begin(&p);
    put(&p, "a.rar", STR("Rar!\x1a\x07\x01 and so on and on"));
    made_begin(&z);
    made_add(&z, STR("metadata.json"), STR("[]"));
    z.flags = 1;
    made_add(&z, STR("data.zip"), STR("PK\003\004 sealed, twelve bytes and more"));
    z.flags = 0;
    made_add(&z, STR("x.log"), STR("x"));
    made_add(&z, STR("x.log"), STR("y"));
    put(&p, "EX03.zip", made_end(&z));
    put(&p, "cut.zip", str_sub(buf_view(&z.bytes), 0, 100));
    made_done(&z);
    buf_init(&tar, 1 << 20);
    struct archive *a = made_open(&tar, "ustar", "none");
    made_member(a, "link", STR(""), "/etc/passwd");
    made_close(a);
    put(&p, "t.tar", buf_view(&tar));
    buf_done(&tar);
    put(&p, "u_ex.log", str_of(log_text));
    list(&p);
    assert_told(&p,
                "EX03.zip container\n"
                "EX03.zip/metadata.json @EX03\n"
                "EX03.zip/data.zip hides @EX03 (encrypted collection, unpack it with `velociraptor "
                "unzip` or on its server first)\n"
                "EX03.zip/x.log @EX03\n"
                "EX03.zip/x.log twin @EX03\n"
                "a.rar container hides (rar archive, unpack it first)\n"
                "cut.zip container\n"
                "cut.zip/metadata.json @cut\n"
                "cut.zip/data.zip hides @cut (encrypted collection, unpack it with `velociraptor "
                "unzip` or on its server first)\n"
                "t.tar container\n"
                "t.tar/link @t (link)\n"
                "u_ex.log\n",
                "cut.zip: damaged: truncated input file (needed 34 bytes, only 17 available)\n");
    for (size_t i = 0; i < p.listing.n; i++)
        if (p.listing.file[i].entry == &p.tree.entry[0])
            assert_int_equal(p.listing.file[i].member, i);
    end(&p);
}

static void a_listing_can_be_interrupted(void **state)
{
    (void)state;
    struct place p;
    struct made_zip z;
    static volatile sig_atomic_t interrupted = 1;
    struct listing_calls calls = {.gap = take_gap, .interrupted = &interrupted};
    begin(&p);
    calls.ctx = &p;
    made_begin(&z);
    made_add(&z, STR("a.log"), STR("a"));
    put(&p, "a.zip", made_end(&z));
    made_done(&z);
    struct str input = str_of(p.folder);
    assert_int_equal(io_list(&p.arena, &input, 1, &p.tree, NULL), OK);
    assert_int_equal(listing_make(&p.arena, &p.tree, &calls, &p.listing, NULL), END);
    assert_int_equal(p.listing.n, 0);
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_server_has_the_same_paths_however_collected),
        cmocka_unit_test(a_collection_of_kape_tells_times_and_what_is_missing),
        cmocka_unit_test(collections_of_several_hosts_are_told_apart),
        cmocka_unit_test(what_cannot_be_read_is_listed_with_why),
        cmocka_unit_test(a_listing_can_be_interrupted),
    };
    return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
