#include "codec/command.h"

#include "base/buf.h"

struct str command_word(struct str command)
{
    struct str s = str_trim(command);
    while (s.n > 1 && (s.p[0] == '&' || s.p[0] == '.') && ascii_space((unsigned char)s.p[1]))
        s = str_trim(str_sub(s, 1, s.n));
    if (s.n && s.p[0] == '&')
        s = str_sub(s, 1, s.n);
    if (s.n && (s.p[0] == '"' || s.p[0] == '\'')) {
        ptrdiff_t end = str_chr(str_sub(s, 1, s.n), s.p[0]);
        return end > 0 ? str_sub(s, 1, (size_t)end + 1) : STR_NONE;
    }
    size_t n = 0;
    while (n < s.n && !ascii_space((unsigned char)s.p[n]) && !memchr("|;()<>,", s.p[n], 7))
        n++;
    return n ? str_sub(s, 0, n) : STR_NONE;
}

/* Where Windows finds a program of its own that is named without a folder; else only its name is
 * known. */
static const char *folder_of(struct str name)
{
    static const char *const own[] = {
        "arp",      "at",       "attrib",   "bcdedit",  "bitsadmin", "certutil",   "cleanmgr",
        "cmd",      "cscript",  "curl",     "esentutl", "expand",    "extrac32",   "findstr",
        "forfiles", "ftp",      "gpupdate", "icacls",   "ipconfig",  "klist",      "makecab",
        "mshta",    "msiexec",  "net",      "net1",     "netsh",     "netstat",    "nltest",
        "nslookup", "ntdsutil", "ping",     "quser",    "reg",       "regsvr32",   "robocopy",
        "rundll32", "sc",       "schtasks", "shutdown", "svchost",   "systeminfo", "tar",
        "tasklist", "taskkill", "vssadmin", "wevtutil", "whoami",    "wscript",    "wusa",
        "xcopy"};
    if (str_iends(name, STR(".exe")))
        name = str_sub(name, 0, name.n - 4);
    if (str_ieq(name, STR("powershell")))
        return "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\";
    if (str_ieq(name, STR("wmic")))
        return "C:\\Windows\\System32\\wbem\\";
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (str_ieq(name, str_of(own[i])))
            return "C:\\Windows\\System32\\";
    return "\\";
}

struct str command_image(struct arena *arena, struct str program)
{
    size_t at = program.n;
    if (program.n == 0 || program.n > COMMAND_WORD_BYTES)
        return STR_NONE;
    while (at && program.p[at - 1] != '\\' && program.p[at - 1] != '/')
        at--;
    struct buf b;
    buf_init(&b, COMMAND_WORD_BYTES + 64);
    if (at == 0)
        buf_puts(&b, folder_of(program));
    buf_str(&b, program);
    if (str_chr(str_sub(program, at, program.n), '.') < 0)
        buf_puts(&b, ".exe");
    struct str image = b.rc ? STR_NONE : arena_str(arena, buf_view(&b));
    buf_done(&b);
    return image;
}

bool command_is_program(struct str word)
{
    static const char *const others[] = {
        "if",     "for",    "foreach", "while", "function", "param", "try",   "catch",
        "return", "switch", "cd",      "ls",    "dir",      "cat",   "echo",  "cls",
        "clear",  "pwd",    "exit",    "sl",    "gc",       "gci",   "iex",   "iwr",
        "irm",    "mkdir",  "rm",      "del",   "cp",       "copy",  "mv",    "move",
        "type",   "select", "where",   "sort",  "do",       "throw", "using", "class",
        "icm",    "saps",   "start",   "kill",  "ps",       "gps",   "gwmi",  "set"};
    if (word.n == 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (str_ieq(word, str_of(others[i])))
            return false;
    bool path = str_chr(word, '\\') >= 0 || str_iends(word, STR(".exe"));
    for (size_t i = 0; i < word.n && !path; i++) {
        unsigned char c = (unsigned char)word.p[i];
        if (!ascii_alpha(c) && !ascii_digit(c) && c != '_' && c != '.')
            return false;
    }
    return ascii_alpha((unsigned char)word.p[0]) || path;
}
