/* HTTP.sys refusals: %windir%\System32\LogFiles\HTTPERR\httperr*.log. */
#include "codec/w3c.h"

static const char *const own[] = {"s-reason", "s-queuename", "s-siteid", NULL};

/* Server 2012 R2 and before; 2016 and later have the stream id; 2022 the transport too. */
static const char *const defaults[] = {
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason "
    "s-queuename",
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid "
    "s-reason s-queuename",
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid "
    "s-reason s-queuename transport",
    NULL,
};

static const struct w3c_profile profile = {
    .kind = "httperr",
    .software = "Microsoft HTTP API",
    .own = own,
    .defaults = defaults,
    .free_column = "cs-uri",
};

static int sniff(struct str head, struct str path)
{
    (void)path;
    return w3c_sniff(&profile, head);
}

static void begin(struct log_state *state, struct str head, struct str path)
{
    w3c_begin(&profile, state, head, path);
}

static enum line_class line(struct log_state *state, struct str text, struct arena *arena,
                            struct record *ret_record)
{
    (void)arena;
    return w3c_line(&profile, state, text, ret_record);
}

static bool line_time(const struct log_state *state, struct str text, int64_t *ret_us)
{
    return w3c_line_time(&profile, state, text, ret_us);
}

const struct codec codec_httperr = {"httperr",   sniff, begin,    line, line_time,
                                    w3c_markers, false, NULL,     NULL, " \t",
                                    CELLS_WORDS, NULL,  w3c_plain};
