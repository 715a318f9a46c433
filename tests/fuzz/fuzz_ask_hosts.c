/* A list of hosts of any bytes: whoever is asked is one host that the list names. */
#include "exposure/ask_hosts.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err wrong(void *ctx, uint32_t line, struct str text, const char *why)
{
    (void)ctx;
    assert(line && text.n && why);
    return OK;
}

static bool server_byte(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c) || (c && strchr(":/[]-_.", (char)c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size);
    struct ask_hosts hosts;
    struct arena arena;
    struct error error;
    arena_init(&arena, (size_t)64 << 20);
    if (ask_hosts_read(text, &arena, wrong, NULL, &hosts, &error) == OK) {
        assert(hosts.clocks <= hosts.n && hosts.n <= size);
        for (size_t i = 0; i < hosts.n; i++) {
            const struct ask_host *h = &hosts.v[i];
            struct str name = h->name, server = h->server;
            assert(str_starts(server, STR("https://")) && h->clock < hosts.clocks);
            assert(name.n && str_ifind(text, name) >= 0 && str_ifind(server, name) >= 0);
            for (size_t k = 0; k < server.n; k++)
                assert(server_byte((unsigned char)server.p[k]));
        }
    }
    arena_done(&arena);
    return 0;
}
