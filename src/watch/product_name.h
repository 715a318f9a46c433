/* product_name.h — are two names of products names of the same one?
 *
 * What:   a name cut into vendor, core and version, so that "Exchange Server 2016" and "Microsoft
 *         Exchange" have the same core, and "Go" and "Google" do not.
 * Input:  hostile; bytes beyond ASCII count as letters and are compared as they are.
 * Limits: PRODUCT_NAME_BYTES of a name, PRODUCT_WORDS words; what is behind them is not looked at.
 * Owner:  plain values.
 * Spec:   docs/reference/assets.md "When a subject concerns an asset"; data/product-words.txt
 */
#ifndef WATCH_PRODUCT_NAME_H
#define WATCH_PRODUCT_NAME_H

#include "watch/words.h"

enum { PRODUCT_NAME_BYTES = 200, PRODUCT_WORDS = 16 };

/* Small letters without blanks and signs. */
struct product_key {
    char text[PRODUCT_NAME_BYTES];
    size_t n;
};

struct product_name {
    struct product_key vendor;  /* n == 0: not known */
    struct product_key core;    /* n == 0: the name has no letter or digit */
    struct product_key version; /* the first number behind the core, as written; n == 0: none */
};

/* vendor: what else is known of it, may be absent. words: of data/product-words.txt. */
void product_name_read(const struct words *words, struct str name, struct str vendor,
                       struct product_name *ret_name);
/* The key of a vendor by itself: "Cisco Systems, Inc." is cisco. */
void product_vendor_key(const struct words *words, struct str vendor, struct product_key *ret_key);
/* Vendors and versions say nothing against it, where both are known. */
bool product_names_agree(const struct product_name *a, const struct product_name *b);

static inline struct str product_key_str(const struct product_key *key)
{
    return str_make(key->text, key->n);
}

#endif
