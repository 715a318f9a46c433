#include "codec/collection.h"

#include "base/buf.h"

enum { MAX_PATH_BYTES = 16 * 1024, MAX_PARTS = 128 };

/* One of a path's parts, and where it begins. */
struct part {
    struct str text;
    size_t at;
};

struct parts {
    struct part part[MAX_PARTS];
    size_t n;
};

/* The first MAX_PARTS: anchors are near the front. */
static void take_apart(struct str path, struct parts *ret)
{
    ret->n = 0;
    for (size_t at = 0, end; at < path.n && ret->n < MAX_PARTS; at = end + 1) {
        for (end = at; end < path.n && path.p[end] != '/' && path.p[end] != '\\';)
            end++;
        if (end > at)
            ret->part[ret->n++] = (struct part){str_sub(path, at, end), at};
    }
}

/* ---- what a file is ---- */

/* By the end of its name. To know one more collector's files: a line here, and for a list that is
 * to be read a reader in collection_list.c. */
static const struct {
    const char *name;
    bool whole; /* the name, not its end */
    enum collection_file file;
} files[] = {
    {"client_info.json", true, COLLECTION_CLIENT_INFO},
    {"uploads.json", true, COLLECTION_UPLOADS},
    {"_CopyLog.csv", false, COLLECTION_COPY_LOG},
    {"_SkipLog.csv", false, COLLECTION_SKIP_LOG},
    {"_SkipLog.csv.csv", false, COLLECTION_SKIP_LOG}, /* KAPE 1.3 calls it so */
    {"_ConsoleLog.txt", false, COLLECTION_ABOUT},
    {"collection_context.json", true, COLLECTION_ABOUT},
    {"custom_artifacts.json", true, COLLECTION_ABOUT},
    {".json.index", false, COLLECTION_ABOUT},
    {"requests.json", true, COLLECTION_MAYBE},
    {"log.json", true, COLLECTION_MAYBE},
    {"metadata.json", true, COLLECTION_MAYBE},
};

/* Velociraptor's ways to files, each a folder below uploads. */
static const char *const accessors[] = {"auto", "file",     "ntfs",        "lazy_ntfs", "ntfs_vss",
                                        "mft",  "raw_ntfs", "raw_file",    "vss",       "fat",
                                        "ext4", "sparse",   "windows_ntfs"};

static bool is_accessor(struct str s)
{
    for (size_t i = 0; i < ARRAY_LEN(accessors); i++)
        if (str_eq(s, str_of(accessors[i])))
            return true;
    return false;
}

/* ---- where it was ---- */

/* Folders in the root of a Windows drive. */
static const char *const tops[] = {"Windows",
                                   "Users",
                                   "inetpub",
                                   "Program Files",
                                   "Program Files (x86)",
                                   "ProgramData",
                                   "PerfLogs",
                                   "ExchangeSetupLogs",
                                   "$Extend",
                                   "$Recycle.Bin",
                                   "$MFT",
                                   "$LogFile",
                                   "System Volume Information"};

/* Folders that tell where they are without a drive; the first line that fits counts. */
static const struct {
    const char *in[3]; /* one below the other */
    const char *where;
} tails[] = {
    {{"Program Files"}, "C:\\"},
    {{"inetpub"}, "C:\\"},
    {{"ExchangeSetupLogs"}, "C:\\"},
    {{"Microsoft", "Exchange Server", "V15"}, "C:\\Program Files\\"},
    {{"Exchange Server", "V15"}, "C:\\Program Files\\Microsoft\\"},
    {{"V15", "Logging"}, "C:\\Program Files\\Microsoft\\Exchange Server\\"},
    {{"V15", "FrontEnd"}, "C:\\Program Files\\Microsoft\\Exchange Server\\"},
    {{"V15", "ClientAccess"}, "C:\\Program Files\\Microsoft\\Exchange Server\\"},
    {{"V15", "TransportRoles"}, "C:\\Program Files\\Microsoft\\Exchange Server\\"},
    {{"Logging", "HttpProxy"}, "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\"},
    {{"Logging", "ECP"}, "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\"},
    {{"Logging", "CmdletInfra"}, "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\"},
    {{"TransportRoles", "Logs"}, "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\"},
    {{"Web Server Extensions"}, "C:\\Program Files\\Common Files\\microsoft shared\\"},
    {{"Windows", "System32"}, "C:\\"},
    {{"Windows", "SysWOW64"}, "C:\\"},
    {{"Windows", "Temp"}, "C:\\"},
    {{"Windows", "Microsoft.NET"}, "C:\\"},
    {{"System32", "winevt"}, "C:\\Windows\\"},
    {{"System32", "inetsrv"}, "C:\\Windows\\"},
    {{"System32", "LogFiles"}, "C:\\Windows\\"},
    {{"winevt", "Logs"}, "C:\\Windows\\System32\\"},
    {{"LogFiles", "HTTPERR"}, "C:\\Windows\\System32\\"},
    {{"ProgramData", "Microsoft"}, "C:\\"},
};

static bool is_top(struct str s)
{
    for (size_t i = 0; i < ARRAY_LEN(tops); i++)
        if (str_ieq(s, str_of(tops[i])))
            return true;
    return false;
}

/* "%3A" and the like undone; what is no escape stands for itself. */
static void add_plain(struct buf *b, struct str s, bool escaped)
{
    for (size_t i = 0; i < s.n; i++) {
        int high =
            escaped && s.p[i] == '%' && i + 2 < s.n ? ascii_hex((unsigned char)s.p[i + 1]) : -1;
        int low = high >= 0 ? ascii_hex((unsigned char)s.p[i + 2]) : -1;
        if (low >= 0) {
            buf_putc(b, (char)(high * 16 + low));
            i += 2;
        } else {
            buf_putc(b, s.p[i]);
        }
    }
}

/* The letter of a drive as collectors write it, or 0: C:, C$, C_drive, \\.\C:, with or without
 * escapes. A letter alone is told by *ret_alone. */
static char drive_letter(struct str s, bool *ret_alone, bool *ret_escaped)
{
    char text[32];
    struct buf b;
    *ret_alone = false;
    *ret_escaped = str_chr(s, '%') >= 0;
    if (s.n > 24)
        return 0;
    buf_init(&b, sizeof text);
    add_plain(&b, s, true);
    struct str plain = buf_view(&b);
    char letter = 0;
    if (str_starts(plain, STR("\\\\.\\")))
        plain = str_sub(plain, 4, plain.n);
    if (plain.n && ascii_alpha((unsigned char)plain.p[0])) {
        struct str end = str_sub(plain, 1, plain.n);
        *ret_alone = end.n == 0;
        if (!end.n || str_eq(end, STR(":")) || str_eq(end, STR("$")) || str_ieq(end, STR("_drive")))
            letter = (char)(plain.p[0] & ~32);
    }
    buf_done(&b);
    return letter;
}

struct anchor {
    size_t part;  /* that the host's path begins with */
    size_t at;    /* the collector's part */
    bool escaped; /* the rest is */
    bool unix_path;
    bool weak;       /* a letter, and no folder of Windows behind it */
    bool device;     /* a shadow copy, by the name of its device */
    char prefix[80]; /* "C:" or "C:\Program Files" */
};

/* uploads/<accessor>/<drive or folder> */
static bool find_uploads(const struct parts *p, struct anchor *ret)
{
    bool alone, escaped;
    for (size_t i = 0; i + 2 < p->n; i++) {
        if (!str_eq(p->part[i].text, STR("uploads")) || !is_accessor(p->part[i + 1].text))
            continue;
        char letter = drive_letter(p->part[i + 2].text, &alone, &escaped);
        *ret = (struct anchor){.at = p->part[i].at, .escaped = true};
        ret->device = str_starts(p->part[i + 2].text, STR("%5C%5C")) && !letter;
        ret->unix_path = !ret->device && (!letter || alone);
        ret->part = ret->unix_path || ret->device ? i + 2 : i + 3;
        if (ret->part == i + 3) {
            ret->prefix[0] = letter;
            ret->prefix[1] = ':';
        }
        return ret->part < p->n;
    }
    return false;
}

static bool find_drive(const struct parts *p, size_t own, struct anchor *ret)
{
    for (size_t i = 0; i + 1 < p->n; i++) {
        bool alone, escaped;
        char letter = drive_letter(p->part[i].text, &alone, &escaped);
        /* A letter alone may be a server, or a folder of people; collectors write it large. */
        bool sure = !alone || is_top(p->part[i + 1].text) ||
                    (p->part[i].at >= own && letter >= 'C' && letter <= 'H' &&
                     p->part[i].text.p[0] == letter);
        if (!letter || !sure)
            continue;
        *ret = (struct anchor){.part = i + 1, .at = p->part[i].at, .escaped = escaped};
        ret->weak = alone && !is_top(p->part[i + 1].text);
        ret->prefix[0] = letter;
        ret->prefix[1] = ':';
        return true;
    }
    return false;
}

static bool fits(const struct parts *p, size_t at, const char *const in[3])
{
    size_t k = 0;
    while (k < 3 && in[k] && at + k + 1 < p->n && str_ieq(p->part[at + k].text, str_of(in[k])))
        k++;
    return k == 3 || !in[k];
}

static bool find_tail(const struct parts *p, struct anchor *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(tails); i++)
        for (size_t at = 0; at < p->n; at++) {
            if (!fits(p, at, tails[i].in))
                continue;
            *ret = (struct anchor){.part = at, .at = p->part[at].at};
            size_t n = strlen(tails[i].where) - 1; /* the slash comes with the first part */
            memcpy(ret->prefix, tails[i].where, n);
            return true;
        }
    return false;
}

/* Folders called uploads may lie below the root of a website, and folders called C above all. */
static bool find_anchor(const struct parts *p, size_t own, struct anchor *ret)
{
    struct anchor uploads, drive;
    bool has_uploads = find_uploads(p, &uploads), has_drive = find_drive(p, own, &drive);
    bool first = has_drive && has_uploads && drive.at < uploads.at;
    if (has_uploads && !(first && (uploads.unix_path || !drive.weak)))
        *ret = uploads;
    else if (has_drive)
        *ret = drive;
    else
        return find_tail(p, ret);
    return true;
}

/* What lies among a host's own files is evidence, whatever it is called. */
enum collection_file collection_file_of(struct str path)
{
    struct parts parts;
    struct anchor anchor;
    take_apart(path, &parts);
    struct str name = parts.n ? parts.part[parts.n - 1].text : STR("");
    if (find_uploads(&parts, &anchor) && str_ends(name, STR(".idx")))
        return COLLECTION_ABOUT; /* where the holes of a sparse file are */
    if (find_anchor(&parts, 0, &anchor))
        return COLLECTION_EVIDENCE;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct str known = str_of(files[i].name);
        if (files[i].whole ? str_ieq(name, known) : str_iends(name, known))
            return files[i].file;
    }
    return COLLECTION_EVIDENCE;
}

enum err collection_original(struct arena *arena, struct str path, size_t own,
                             struct str *ret_original, size_t *ret_anchor)
{
    struct parts parts;
    struct anchor anchor;
    struct buf b;
    *ret_original = STR_NONE;
    *ret_anchor = path.n;
    if (path.n > MAX_PATH_BYTES)
        return OK;
    take_apart(path, &parts);
    if (!find_anchor(&parts, own, &anchor))
        return OK;
    buf_init(&b, 2 * MAX_PATH_BYTES);
    buf_puts(&b, anchor.prefix);
    struct str rest = str_sub(path, parts.part[anchor.part].at, path.n), part;
    for (size_t at = 0, end; at < rest.n; at = end + 1) {
        for (end = at; end < rest.n && rest.p[end] != '/' && rest.p[end] != '\\';)
            end++;
        part = str_sub(rest, at, end);
        if (!part.n)
            continue;
        if (at || !anchor.device)
            buf_putc(&b, anchor.unix_path ? '/' : '\\');
        add_plain(&b, part, anchor.escaped);
    }
    *ret_original = b.rc ? STR_NONE : arena_str(arena, buf_view(&b));
    *ret_anchor = anchor.at;
    buf_done(&b);
    return ret_original->p ? OK : ERR_NOMEM;
}

/* ---- what it is called ---- */

static const char *const endings[] = {".zip",  ".7z",     ".tgz",    ".tar",     ".txz",
                                      ".tbz2", ".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2"};

/* "2021-03-05T" at the front: where it ends, else 0. */
static size_t date_front(struct str s)
{
    static const char shape[] = "dddd-dd-ddT";
    if (s.n < sizeof shape - 1)
        return 0;
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == 'd' ? !ascii_digit((unsigned char)s.p[i]) : s.p[i] != shape[i])
            return 0;
    return sizeof shape - 1;
}

struct str collection_name(struct str name)
{
    for (size_t i = ARRAY_LEN(endings); i-- > 0;)
        if (str_iends(name, str_of(endings[i]))) {
            name = str_sub(name, 0, name.n - strlen(endings[i]));
            break;
        }
    if (str_starts(name, STR("Collection-")))
        name = str_sub(name, 11, name.n);
    size_t front = date_front(name);
    while (
        front && front < name.n &&
        (ascii_digit((unsigned char)name.p[front]) || name.p[front] == '_' || name.p[front] == 'Z'))
        front++;
    name = str_sub(name, front, name.n);
    for (size_t i = 1; i < name.n; i++)
        if ((name.p[i - 1] == '-' || name.p[i - 1] == '_') && date_front(str_sub(name, i, name.n)))
            return str_sub(name, 0, i - 1);
    return name;
}
