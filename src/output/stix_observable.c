/* What stands in posts and indicators, as observables of STIX. */
#include "output/alert.h"
#include "output/stix.h"

enum form { FORM_VALUE, FORM_HASH, FORM_NAME, FORM_KEY, FORM_NUMBER };

struct stix_form {
    const char *kind, *type;
    enum form form;
    const char *key; /* of the property, or of the hash */
};
static const struct stix_form kinds[] = {
    {"ipv4", "ipv4-addr", FORM_VALUE, "value"},
    {"ipv6", "ipv6-addr", FORM_VALUE, "value"},
    {"cidr", "ipv4-addr", FORM_VALUE, "value"},
    {"domain", "domain-name", FORM_VALUE, "value"},
    {"url", "url", FORM_VALUE, "value"},
    {"email", "email-addr", FORM_VALUE, "value"},
    {"mac", "mac-addr", FORM_VALUE, "value"},
    {"md5", "file", FORM_HASH, "MD5"},
    {"sha1", "file", FORM_HASH, "SHA-1"},
    {"sha256", "file", FORM_HASH, "SHA-256"},
    {"sha512", "file", FORM_HASH, "SHA-512"},
    {"ssdeep", "file", FORM_HASH, "SSDEEP"},
    {"tlsh", "file", FORM_HASH, "TLSH"},
    {"file", "file", FORM_NAME, "name"},
    {"registry", "windows-registry-key", FORM_KEY, "key"},
    {"asn", "autonomous-system", FORM_NUMBER, "number"},
};

static const struct stix_form *form_of(struct str kind)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(kind, str_of(kinds[i].kind)))
            return &kinds[i];
    return NULL;
}

/* Hives are written in full: "should not be abbreviated" (STIX 2.1, 6.17). */
static struct str key_in_full(struct arena *arena, struct str key)
{
    static const char *const hives[][2] = {
        {"HKLM\\", "HKEY_LOCAL_MACHINE\\"}, {"HKCU\\", "HKEY_CURRENT_USER\\"},
        {"HKCR\\", "HKEY_CLASSES_ROOT\\"},  {"HKCC\\", "HKEY_CURRENT_CONFIG\\"},
        {"HKU\\", "HKEY_USERS\\"},
    };
    struct buf b;
    for (size_t i = 0; i < ARRAY_LEN(hives); i++) {
        if (!str_istarts(key, str_of(hives[i][0])))
            continue;
        buf_init(&b, 8192);
        buf_puts(&b, hives[i][1]);
        buf_str(&b, str_sub(key, strlen(hives[i][0]), key.n));
        struct str full = arena_str(arena, buf_view(&b));
        buf_done(&b);
        return full;
    }
    return key;
}

static bool observable_id(struct stix *x, const char *type, const struct stix_form *o,
                          struct str value, char ret_id[STIX_ID_BYTES])
{
    struct buf *b = &x->tmp;
    buf_reset(b);
    buf_puts(b, o->form == FORM_HASH ? "{\"hashes\":{\"" : "{\"");
    buf_puts(b, o->key);
    buf_puts(b, "\":");
    if (o->form == FORM_NUMBER)
        buf_str(b, value);
    else
        stix_canonical(b, value);
    buf_puts(b, o->form == FORM_HASH ? "}}" : "}");
    return stix_observable_id(x, type, buf_view(b), ret_id);
}

void stix_observable_write(struct stix *x, const struct stix_observable *of)
{
    struct json *j = &x->j;
    const struct stix_form *o = of->form;
    uint64_t number = 0;
    stix_open_observable(x, of->type, of->id);
    if (o->form == FORM_HASH) {
        json_object(j, "hashes");
        json_str(j, o->key, of->value);
        json_end(j);
    } else if (o->form == FORM_NUMBER) {
        (void)str_u64(of->value, &number);
        json_u64(j, o->key, number);
    } else {
        json_str(j, o->key, of->value);
    }
    stix_close(x);
}

bool stix_observable(struct stix *x, struct str kind, struct str value,
                     struct stix_observable *ret_observable)
{
    const struct stix_form *o = form_of(kind);
    uint64_t number;
    if (!o)
        return false;
    if (o->form == FORM_NUMBER) {
        value = str_istarts(value, STR("AS")) ? str_sub(value, 2, value.n) : value;
        if (!str_u64(value, &number) || value.p[0] == '0')
            return false;
    }
    if (o->form == FORM_KEY)
        value = key_in_full(&x->arena, value);
    const char *type = o->type;
    if (strcmp(type, "ipv4-addr") == 0 && str_chr(value, ':') >= 0)
        type = "ipv6-addr";
    if (!stix_printable(value) || (strcmp(type, "url") == 0 && !alert_url_ok(value)))
        return false;
    *ret_observable = (struct stix_observable){.form = o, .type = type, .value = value};
    return observable_id(x, type, o, value, ret_observable->id);
}
