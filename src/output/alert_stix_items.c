/* The observables of a STIX bundle: what stood in the posts beside the subject. */
#include "output/alert_stix.h"

enum form { FORM_VALUE, FORM_HASH, FORM_NAME, FORM_KEY, FORM_NUMBER };

struct observable {
    const char *kind, *type;
    enum form form;
    const char *key; /* of the property, or of the hash */
};
static const struct observable kinds[] = {
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

static const struct observable *observable_of(struct str kind)
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

static bool observable_id(struct stix *x, const char *type, const struct observable *o,
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

static void observable_write(struct stix *x, const char *type, const struct observable *o,
                             struct str value, const char *id)
{
    struct json *j = &x->j;
    uint64_t number = 0;
    json_object(j, NULL);
    json_text(j, "type", type);
    json_text(j, "spec_version", "2.1");
    json_text(j, "id", id);
    if (o->form == FORM_HASH) {
        json_object(j, "hashes");
        json_str(j, o->key, value);
        json_end(j);
    } else if (o->form == FORM_NUMBER) {
        (void)str_u64(value, &number);
        json_u64(j, o->key, number);
    } else {
        json_str(j, o->key, value);
    }
    stix_close(x);
}

/* false: STIX has no observable for it, or not for such a value. */
static bool observable(struct stix *x, const struct observable *o, struct str value,
                       char ret_id[STIX_ID_BYTES])
{
    const char *type = o->type;
    uint64_t number;
    if (o->form == FORM_NUMBER) {
        value = str_istarts(value, STR("AS")) ? str_sub(value, 2, value.n) : value;
        if (!str_u64(value, &number) || value.p[0] == '0')
            return false;
    }
    if (o->form == FORM_KEY)
        value = key_in_full(&x->arena, value);
    if (strcmp(type, "ipv4-addr") == 0 && str_chr(value, ':') >= 0)
        type = "ipv6-addr";
    if (!stix_printable(value) || (strcmp(type, "url") == 0 && !alert_url_ok(value)))
        return false;
    if (!observable_id(x, type, o, value, ret_id))
        return false;
    if (alert_stix_needed(x, ret_id))
        observable_write(x, type, o, value, ret_id);
    return true;
}

void alert_stix_software(struct stix *x, struct str name)
{
    char id[STIX_ID_BYTES];
    if (stix_software_id(x, name, STR_NONE, id) && alert_stix_needed(x, id))
        stix_software(x, id, name, STR_NONE);
}

/* Said once in a post is seen once; the numbers of the object are those of the whole. */
static void observed_data(struct stix *x, size_t from, int64_t first_us, uint64_t posts)
{
    struct json *j = &x->j;
    char id[STIX_ID_BYTES], name[120];
    int64_t last_us = x->a->time_us;
    if (from == x->refs.n || !time_printable(last_us))
        return;
    if (!time_printable(first_us) || first_us > last_us)
        first_us = last_us;
    size_t to = x->refs.n;
    (void)snprintf(name, sizeof name, "%s %lld", x->a->id, (long long)last_us);
    stix_id(x, "observed-data", str_of(name), id);
    if (!alert_stix_needed(x, id))
        return;
    stix_open_at(x, "observed-data", id, last_us);
    stix_time(x, "first_observed", first_us);
    stix_time(x, "last_observed", last_us);
    json_u64(j, "number_observed", posts < 1 ? 1 : posts > 999999999 ? 999999999 : posts);
    json_array(j, "object_refs");
    for (size_t i = from; i < to; i++) {
        json_str(j, NULL, x->refs.v[i]);
        sink_pace(x->s);
    }
    json_end(j);
    stix_close(x);
}

void alert_stix_items(struct stix *x)
{
    char id[STIX_ID_BYTES];
    const struct alert *a = x->a;
    for (size_t i = 0; i < a->n_items; i++)
        if (str_eq(a->item[i].kind, STR("cve")))
            alert_stix_vulnerability(x, a->item[i].value, true, id);
    size_t from = x->refs.n;
    int64_t first_us = INT64_MAX;
    uint64_t posts = 0;
    for (size_t i = 0; i < a->n_items && !x->rc; i++) {
        const struct observable *o = observable_of(a->item[i].kind);
        if (!o || !observable(x, o, a->item[i].value, id))
            continue;
        if (a->item[i].first_us != TIME_NONE && a->item[i].first_us < first_us)
            first_us = a->item[i].first_us;
        posts = a->item[i].posts > posts ? a->item[i].posts : posts;
    }
    observed_data(x, from, first_us, posts);
}
