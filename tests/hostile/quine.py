"""A zip whose only member is that zip itself, as made by Russ Cox ("Zip Files All The Way Down", 2010).

Deflate can be told to put out bytes that follow (L) and to repeat what came last (R). Both are made
alike long here, so that a program of L and R puts out itself between a head and a tail. Its check
sum stands in it four times; as CRCs are linear, which one is right follows from 33 wrong ones.
"""
import struct
import zlib

UNIT = 10  # bytes of each operation
NAME = b'again.zip'


class Bits:
    def __init__(self):
        self.bits = []

    def put(self, value, n):  # least bit first, as headers and extra bits are
        self.bits += [value >> i & 1 for i in range(n)]

    def code(self, value, n):  # most first, as Huffman codes are
        self.bits += [value >> i & 1 for i in reversed(range(n))]


def put_length(b, n):
    base, symbol = 3, 257
    for extra, count in ((0, 8), (1, 4), (2, 4), (3, 4), (4, 4), (5, 4)):
        for _ in range(count):
            if n < base + (1 << extra):
                b.code(*((symbol - 256, 7) if symbol < 280 else (symbol - 280 + 0xc0, 8)))
                b.put(n - base, extra)
                return
            base, symbol = base + (1 << extra), symbol + 1
    raise ValueError(n)


def put_distance(b, n):
    base, symbol = 1, 0
    for extra, count in ((0, 4), *((e, 2) for e in range(1, 14))):
        for _ in range(count):
            if n < base + (1 << extra):
                b.code(symbol, 5)
                b.put(n - base, extra)
                return
            base, symbol = base + (1 << extra), symbol + 1
    raise ValueError(n)


def repeat(n):
    """What the last n bytes were, once more."""
    b = Bits()
    b.put(0b010, 3)  # fixed codes, more blocks follow
    put_length(b, n)
    put_distance(b, n)
    b.code(0, 7)
    while len(b.bits) + 3 <= 8 * (UNIT - 5):  # blocks without anything
        b.put(0b010, 3)
        b.code(0, 7)
    b.put(0, 3)  # and one that ends at a whole byte
    bits = b.bits + [0] * (-len(b.bits) % 8)
    assert len(bits) == 8 * (UNIT - 4), len(bits)
    return bytes(sum(bit << i for i, bit in enumerate(bits[k:k + 8])) for k in range(0, len(bits), 8)) + b'\0\0\xff\xff'


def literal(n):
    """The next n bytes as they are."""
    return b'\0\0\0\xff\xff\0' + struct.pack('<2H', n, n ^ 0xffff)


def build(crc, size, packed):
    fields = (20, 0, 8, 0, 0x5263, crc, packed, size, len(NAME), 0)
    head = struct.pack('<4s5H3I2H', b'PK\3\4', *fields) + NAME
    tail = b'\1\0\0\xff\xff'  # the last block, which is empty
    at = len(head) + packed
    entry = struct.pack('<4s6H3I5H2I', b'PK\1\2', 20, *fields, 0, 0, 0, 0, 0) + NAME
    tail += entry + struct.pack('<4s4H2IH', b'PK\5\6', 0, 0, 1, 1, len(entry), at, 0)
    l_head, r_head = literal(len(head) + UNIT), repeat(len(head) + UNIT)
    l_tail, r_tail = literal(len(tail) + UNIT), repeat(len(tail) + UNIT)
    l0, l1, l4, r4 = literal(0), literal(UNIT), literal(4 * UNIT), repeat(4 * UNIT)
    code = (l_head + head + l_head + r_head + l1 + r_head + l1 + l1 + l4 + r_head + l1 + l1 + l4 + r4 +
            l4 + r4 + l4 + r4 + l4 + r4 + l4 + r4 + l0 + l0 + l_tail + r4 + l0 + l0 + l_tail + r_tail + tail + r_tail)
    return head + code + tail, len(code) + 5


def solve(difference, columns):
    """The x for which the columns of its bits add up to the difference, over the field of two."""
    rows = []
    for bit in range(32):
        rows.append(sum((columns[i] >> bit & 1) << i for i in range(32)) | (difference >> bit & 1) << 32)
    for i in range(32):
        pivot = next(k for k in range(i, 32) if rows[k] >> i & 1)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(32):
            if k != i and rows[k] >> i & 1:
                rows[k] ^= rows[i]
    return sum((rows[i] >> 32 & 1) << i for i in range(32))


def make():
    whole, packed = build(0, 0, 0)
    size = len(whole)

    def wrong(crc):  # by what the check sum of the whole differs from the one that stands in it
        return zlib.crc32(build(crc, size, packed)[0]) ^ crc

    nothing = wrong(0)
    crc = solve(nothing, [wrong(1 << i) ^ nothing for i in range(32)])
    whole = build(crc, size, packed)[0]
    assert zlib.crc32(whole) == crc
    return whole
