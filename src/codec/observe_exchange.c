#include "codec/observe_exchange.h"

#include "base/time.h"

static const struct {
    const char *name;
    enum exchange_fact fact;
} properties[] = {
    {"Fqdn", EXCHANGE_FQDN},
    {"Server", EXCHANGE_SERVER},
    {"ServerName", EXCHANGE_SERVER},
    {"ExchangeServer", EXCHANGE_SERVER},
    {"ComputerName", EXCHANGE_SERVER},
    {"HostName", EXCHANGE_SERVER},
    {"MachineName", EXCHANGE_SERVER},
    {"PSComputerName", EXCHANGE_COMPUTER},
    {"Name", EXCHANGE_NAME},
    {"Database", EXCHANGE_MAILBOX},
    {"Alias", EXCHANGE_MAILBOX},
    {"PrimarySmtpAddress", EXCHANGE_MAILBOX},
    {"AdminDisplayVersion", EXCHANGE_DIRECTORY},
    {"ExSetup", EXCHANGE_SETUP},
    {"ExSetupVersion", EXCHANGE_SETUP},
    {"ExchangeSetup", EXCHANGE_SETUP},
    {"FileVersionInfo", EXCHANGE_SETUP},
    {"FileVersion", EXCHANGE_FILE_VERSION},
    {"ProductVersion", EXCHANGE_PRODUCT_VERSION},
    {"FileName", EXCHANGE_FILE},
    {"InternalName", EXCHANGE_FILE},
    {"OriginalFilename", EXCHANGE_FILE},
    {"BuildVersion", EXCHANGE_BUILD_VERSION},
    {"FailedGetExSetup", EXCHANGE_NO_SETUP},
    {"Site", EXCHANGE_SITE},
    {"GenerationTime", EXCHANGE_TIME},
};

/* Texts are not cleared: there are millions of objects. */
void exchange_begin(struct exchange_object *o, uint64_t line)
{
    o->line = line;
    for (size_t i = 0; i < EXCHANGE_FACTS; i++)
        o->fact[i].n = 0;
}

bool exchange_fact(struct str property, enum exchange_fact *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(properties); i++) {
        *ret = properties[i].fact;
        if (str_ieq(property, str_of(properties[i].name)))
            return true;
    }
    return false;
}

void exchange_note(struct exchange_object *o, enum exchange_fact fact, struct str value)
{
    if (!o->fact[fact].n)
        observe_text_set(&o->fact[fact], str_trim(value));
}

static struct str of(const struct exchange_object *o, enum exchange_fact fact)
{
    return observe_text_view(&o->fact[fact]);
}

/* --- builds --- */

/* What a file's version information says of itself as text, "FileVersion: 15.01.2176.009" among
 * other lines, or a script's object, "@{FileVersion=15.1.2176.9; ...}". */
static struct str version_in(struct str text)
{
    static const struct str label = {"FileVersion", 11};
    ptrdiff_t at = str_ifind(text, label);
    if (at < 0)
        return text;
    size_t from = (size_t)at + label.n, n = 0;
    while (from < text.n && text.p[from] && strchr(":= ", text.p[from]))
        from++;
    text = str_sub(text, from, text.n);
    while (n < text.n && (ascii_digit((unsigned char)text.p[n]) || text.p[n] == '.'))
        n++;
    return str_sub(text, 0, n);
}

/* The text of another file's version is none of Exchange. */
static void read_setup(struct exchange_object *o)
{
    struct str text = of(o, EXCHANGE_SETUP), version = version_in(text);
    bool other = str_istarts(text, STR("File:")) && str_ifind(text, STR("exsetup")) < 0;
    if (str_ifind(text, STR("FailedGetExSetup=True")) >= 0)
        exchange_note(o, EXCHANGE_NO_SETUP, STR("true"));
    memmove(o->fact[EXCHANGE_SETUP].p, version.p, version.n);
    o->fact[EXCHANGE_SETUP].n = other ? 0 : version.n;
}

void exchange_settle(struct exchange_object *o, bool alone)
{
    struct str file = of(o, EXCHANGE_FILE);
    if (of(o, EXCHANGE_SETUP).n)
        read_setup(o);
    if (file.n ? !str_iends(file, STR("ExSetup.exe")) : !alone)
        return;
    exchange_note(o, EXCHANGE_SETUP, of(o, EXCHANGE_FILE_VERSION));
    exchange_note(o, EXCHANGE_SETUP, of(o, EXCHANGE_PRODUCT_VERSION));
}

bool exchange_tells_build(const struct exchange_object *o)
{
    return of(o, EXCHANGE_SETUP).n || of(o, EXCHANGE_DIRECTORY).n;
}

static bool at_most_cu(struct str text, struct observation *ob)
{
    if (!observe_build(text, ob) || ob->precision < PRECISION_CU)
        return false;
    ob->precision = PRECISION_CU;
    return true;
}

static bool build_of(const struct exchange_object *o, struct observation *ob)
{
    struct str setup = of(o, EXCHANGE_SETUP), directory = of(o, EXCHANGE_DIRECTORY);
    bool failed = str_ieq(of(o, EXCHANGE_NO_SETUP), STR("true"));
    if (setup.n && !failed)
        return observe_build(setup, ob) && ob->precision >= PRECISION_CU;
    return at_most_cu(setup.n ? setup : directory, ob);
}

/* --- servers --- */

/* "owa (Default Web Site)", "Jane Doe", "ExSetup.exe" name no server. */
static bool is_host(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (!ascii_digit(c) && !ascii_alpha(c) && (!c || !strchr("-._", c)) && c < 0x80)
            return false;
    }
    return name.n && !str_iends(name, STR(".exe"));
}

struct str exchange_host(const struct exchange_object *o)
{
    static const enum exchange_fact of_directory[] = {EXCHANGE_FQDN, EXCHANGE_SERVER,
                                                      EXCHANGE_NAME},
                                    of_file[] = {EXCHANGE_FQDN, EXCHANGE_SERVER, EXCHANGE_COMPUTER,
                                                 EXCHANGE_NAME};
    bool directory = of(o, EXCHANGE_DIRECTORY).n;
    const enum exchange_fact *order = directory ? of_directory : of_file;
    size_t n = directory ? ARRAY_LEN(of_directory) : ARRAY_LEN(of_file);
    for (size_t i = 0; i < n; i++)
        if (is_host(of(o, order[i])) && (order[i] != EXCHANGE_NAME || !of(o, EXCHANGE_MAILBOX).n))
            return of(o, order[i]);
    return STR_NONE;
}

struct str exchange_site(struct str text)
{
    struct str sites = STR("/Sites/");
    ptrdiff_t at = str_ifind(text, sites);
    return at < 0 ? text : str_sub(text, (size_t)at + sites.n, text.n);
}

/* --- to the sink --- */

enum err exchange_give(struct observe_reader *r, const struct exchange_object *o)
{
    struct observation ob = observation_blank(OBSERVED_BUILD);
    struct str setup = of(o, EXCHANGE_SETUP), time = of(o, EXCHANGE_TIME);
    if (!exchange_tells_build(o))
        return OK;
    ob.line = o->line;
    ob.host = exchange_host(o);
    ob.site = exchange_site(of(o, EXCHANGE_SITE));
    if (!ob.host.n && !setup.n)
        return observe_gap(r, o->line, r->offset, OBSERVE_NO_HOST,
                           STR("a version in the directory, of no named server"));
    if (!build_of(o, &ob))
        return observe_gap(r, o->line, r->offset, OBSERVE_BAD_BUILD,
                           setup.n ? setup : of(o, EXCHANGE_DIRECTORY));
    if (time.n && !time_parse(time, &ob.time_us)) {
        ob.time_us = TIME_NONE;
        TRY(observe_gap(r, o->line, r->offset, OBSERVE_BAD_TIME, time));
    }
    return observe_give(r, &ob);
}
