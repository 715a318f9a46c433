/* checksum.h — strings that carry their own proof: wallets, onion names.
 *
 * What:   Base58Check and Bech32 of Bitcoin, EIP-55 of Ethereum, Monero's Base58 with Keccak,
 *         version 3 onion names, TOX ids. A hash or a product key that looks like one of them does
 *         not pass.
 * Input:  hostile; any bytes.
 * Limits: none beyond the lengths that the formats have.
 * Owner:  nothing is kept.
 * Spec:   BIP 13, BIP 173, BIP 350, EIP-55, Monero's base58.cpp, rend-spec-v3 [ONIONADDRESS], FIPS
 *         202 (Keccak-f[1600])
 */
#ifndef WATCH_CHECKSUM_H
#define WATCH_CHECKSUM_H

#include "base/str.h"

enum { KECCAK_BYTES = 32 };

/* pad 0x01 gives Keccak-256 as Ethereum and Monero use it, 0x06 SHA3-256. */
void keccak256(struct str text, unsigned char pad, unsigned char out[KECCAK_BYTES]);

bool btc_base58_valid(struct str s); /* "1..." or "3..." */
bool btc_bech32_valid(struct str s); /* "bc1..." */
bool eth_valid(struct str s);        /* "0x" and 40 digits; mixed case must be EIP-55 */
bool xmr_valid(struct str s);        /* 95 or 106 characters */
bool onion_valid(struct str label);  /* without ".onion"; version 2 has no checksum */
bool tox_valid(struct str s);        /* 76 hexadecimal digits */

#endif
