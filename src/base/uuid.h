/* uuid.h — identifiers that come out the same whenever they are made from the same thing.
 *
 * What:   version 5 UUIDs: a namespace and a name, hashed.
 * Input:  anything; the name is hashed as it stands.
 * Limits: none.
 * Owner:  the caller's array.
 * Spec:   RFC 9562 5.5
 */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/err.h"
#include "base/str.h"

enum { UUID_BYTES = 16, UUID_TEXT_BYTES = 37 };

/* ERR_NOMEM if the library refuses to hash. The text is in small letters. */
MUST_CHECK enum err uuid5(const unsigned char namespace[UUID_BYTES], struct str name,
                          char ret_text[UUID_TEXT_BYTES]);

#endif
