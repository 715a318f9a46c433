/* url_join.h — a relative reference beside the address of the page that it stands on.
 *
 * What:   joins, with "." and ".." taken out; the host of an address.
 * Input:  hostile; nothing is decoded or checked beyond its parts.
 * Limits: the buffer's maximum.
 * Owner:  appends to the caller's buffer.
 * Spec:   RFC 3986, 5.2.
 */
#ifndef CODEC_URL_JOIN_H
#define CODEC_URL_JOIN_H

#include "base/buf.h"

/* Without a base, or beside one that has no scheme, the reference stays as it is. */
void url_join(struct buf *out, struct str base, struct str reference);
/* "host.example" of "https://user@host.example:8443/a"; absent if there is none. */
struct str url_host(struct str url);

#endif
