/* Any bytes as the files that watch is given beside posts: scores and lists of CVEs, warning lists,
 * channels, parcels of the spool. */
#include "dossier/warning.h"
#include "watch/deliver_priv.h"
#include "watch/known.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_known(struct str text)
{
    struct known k = {0};
    (void)!known_add(&k, text, STR("fuzz"), NULL);
    for (size_t i = 0; i < k.list.n; i++) {
        const struct known_cve *x = &k.list.v[i];
        if ((i && k.list.v[i - 1].cve >= x->cve) || (isnan(x->epss) && x->kev_us == TIME_NONE) ||
            x->epss < 0 || x->epss > 1)
            __builtin_trap();
    }
    known_done(&k);
}

static void check_warnings(struct str text)
{
    static const char *const kinds[] = {"ipv4", "cidr", "domain", "url", "email", "file", "path"};
    struct arena arena;
    struct warnings *w;
    struct str own[] = {text}, line = STR("");
    struct str_list list = {own, 1};
    struct str rest = text;
    arena_init(&arena, (size_t)256 << 20);
    w = arena_new(&arena, struct warnings);
    if (!w || warnings_init(&arena, w, NULL))
        abort();
    (void)!warnings_add_misp(w, text, STR("fuzz"), NULL);
    while (str_cut(&rest, '\n', &line))
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
            (void)warning_of(w, str_of(kinds[i]), line);
    if (warnings_add_own(w, &list))
        __builtin_trap();
    text = str_trim(text);
    if (text.n && text.n < 200 && !warning_of(w, STR("domain"), text).p)
        __builtin_trap(); /* what is the user's own is left out */
    warnings_done(w);
    arena_done(&arena);
}

static void check_channels(struct str text)
{
    struct arena arena;
    struct channels channels;
    struct parcel p, back;
    struct buf b;
    arena_init(&arena, (size_t)64 << 20);
    /* Files and the environment are not the fuzzer's to read. */
    if (str_find(text, STR("secret")) < 0 &&
        !channels_read(&arena, text, STR("fuzz"), &channels, NULL))
        channels_done(&channels);
    buf_init(&b, (size_t)2 * DELIVER_BODY_BYTES);
    if (parcel_read(text, &p)) {
        parcel_write(&b, &p);
        if (!parcel_read(buf_view(&b), &back) || !str_eq(p.body, back.body) ||
            strcmp(p.id, back.id) != 0)
            __builtin_trap();
    }
    buf_done(&b);
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size);
    check_known(text);
    check_warnings(text);
    check_channels(text);
    return 0;
}
