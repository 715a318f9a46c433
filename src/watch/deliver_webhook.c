/* Any address that takes a POST: the alert as JSON, signed. */
#include "base/hash.h"
#include "output/alert.h"
#include "watch/deliver_priv.h"

enum err webhook_render(struct buf *b, const struct channel *c, const struct alert *a)
{
    struct json j;
    (void)c;
    json_init(&j, b);
    alert_json_object(NULL, &j, NULL, a);
    return j.rc;
}

enum err webhook_send(const struct channel *c, const struct parcel *p, int64_t now_us,
                      struct error *error)
{
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX + 1], signature[SHA256_HEX + 64], id[PARCEL_ID_BYTES + 32], tries[48];
    const char *headers[6] = {"Content-Type: application/json", "Expect:", id, tries};
    (void)now_us;
    (void)snprintf(id, sizeof id, "X-Tocsin-Id: %s", p->id);
    (void)snprintf(tries, sizeof tries, "X-Tocsin-Try: %llu", (unsigned long long)p->tries + 1);
    if (c->secret.p) {
        enum err rc = hmac_sha256(c->secret, p->body, digest);
        if (rc)
            return fail(error, rc, "the body cannot be signed");
        hex_of(digest, sizeof digest, hex);
        (void)snprintf(signature, sizeof signature, "X-Tocsin-Signature: sha256=%s", hex);
        headers[4] = signature;
    }
    return http_post(c, c->url, headers, p->body, error);
}
