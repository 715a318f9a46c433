/* follow_address.h — where a feed may be fetched from.
 *
 * What:   the check of a URL as it is written, and of the address that a socket is about to be
 *         opened to: behind the second no name, redirect or rebinding can lead inside.
 * Input:  hostile.
 * Limits: FOLLOW_URL_BYTES.
 * Owner:  none.
 * Spec:   RFC 6890; RFC 6052 and RFC 3056 for IPv4 within IPv6.
 */
#ifndef WATCH_FOLLOW_ADDRESS_H
#define WATCH_FOLLOW_ADDRESS_H

#include "watch/follow.h"

#include <sys/socket.h>

/* NULL, or why not. `from` is the address that redirects here; absent: none. */
const char *follow_url_wrong(struct str url, struct str from, bool allow_private);
/* NULL, or why not. */
const char *follow_socket_wrong(const struct sockaddr *address, bool allow_private);

#endif
