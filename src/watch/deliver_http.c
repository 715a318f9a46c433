#include "watch/deliver_priv.h"

#include <curl/curl.h>

struct reply {
    size_t n;
};

/* Nothing of it is used; more than a little of it is given up. */
static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct reply *a = ctx;
    (void)p;
    a->n += size * n;
    return a->n > ANSWER_BYTES ? 0 : size * n;
}

static bool refused(long status)
{
    return status >= 400 && status < 500 && status != 401 && status != 403 && status != 404 &&
           status != 408 && status != 429;
}

/* NULL when out of memory. */
static struct curl_slist *list_of(const char *const *headers)
{
    struct curl_slist *list = NULL;
    for (; *headers; headers++) {
        struct curl_slist *longer = curl_slist_append(list, *headers);
        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

static bool set_up(CURL *e, const struct channel *c, const char *url, struct curl_slist *headers,
                   struct str body, struct reply *answer, char *message)
{
    bool ok = true;
#define SET(option, value) ok &= curl_easy_setopt(e, option, value) == CURLE_OK
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    SET(CURLOPT_POSTFIELDS, body.p);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_USERAGENT, "tocsin/" TOCSIN_VERSION);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)DELIVER_CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long)DELIVER_TOTAL_MS);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (c->ca_file) { /* and no others: libcurl would look into the system's folder as well */
        SET(CURLOPT_CAINFO, c->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, answer);
    SET(CURLOPT_ERRORBUFFER, message);
#undef SET
    return ok;
}

enum err http_post(const struct channel *c, const char *url, const char *const *headers,
                   struct str body, struct error *error)
{
    char message[CURL_ERROR_SIZE] = "";
    struct reply answer = {0};
    struct curl_slist *list = list_of(headers);
    CURL *e = curl_easy_init();
    enum err rc = OK;
    long status = 0;
    if (!e || !list || !set_up(e, c, url, list, body, &answer, message))
        rc = fail(error, ERR_NOMEM, "a request cannot be made");
    if (!rc) {
        CURLcode code = curl_easy_perform(e);
        /* An answer that goes on for ever has said yes all the same, or no. */
        bool cut = code == CURLE_WRITE_ERROR && answer.n > ANSWER_BYTES;
        if (code != CURLE_OK && !cut)
            rc = fail(error, ERR_IO, "%s", message[0] ? message : curl_easy_strerror(code));
    }
    if (!rc && (curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status < 200 ||
                status > 299))
        rc = fail(error, refused(status) ? ERR_FORMAT : ERR_IO, "answered with status %ld", status);
    curl_slist_free_all(list);
    curl_easy_cleanup(e);
    return rc;
}
