#!/usr/bin/env python3
"""telegram.py MB [SHARE]: a result.json of that many megabytes on standard output, always the same one.

Messages of some 300 bytes, in blocks of one pattern: only ids and times are new in each, so that
gigabytes are written as fast as they are read. SHARE of the messages (0.002) name something.
"""
import json
import random
import sys

BLOCK = 8000
NAMED = ['CVE-2021-26855', 'Exchange Server', 'Fortinet', 'web shell', 'Jenkins', 'CVE-2020-%%%%%']
WORDS = 'ставил обновил работает падает погода утро хорошо вчера дома музыка when does it restart again nobody knows'.split()


def block(share):
    """Messages with %%%%% for the block's number."""
    chance, lines = random.Random(1), []
    for i in range(BLOCK):
        text = ' '.join(chance.choices(WORDS, k=chance.randrange(5, 25)))
        if i < BLOCK * share:
            text += f' {NAMED[i % len(NAMED)]} '
        message = {'id': f'%%%%%{i:04}', 'type': 'message', 'date': '2020-01-26T00:53:20', 'date_unixtime': f'%%%%%{i:05}',
                   'from': 'u', 'from_id': f'user{chance.randrange(977)}',
                   'text': [text, {'type': 'link', 'text': f'https://h{i}.example/%%%%%'}, f' {i}'], 'text_entities': []}
        lines.append(json.dumps(message, ensure_ascii=False))
    chance.shuffle(lines)
    return (',\n'.join(lines)).encode()


def main():
    total, share = int(float(sys.argv[1]) * 1e6), float(sys.argv[2]) if len(sys.argv) > 2 else 0.002
    pattern, out, done, n = block(share), sys.stdout.buffer, 0, 14000
    out.write('{"name": "chat", "type": "public_supergroup", "id": 5, "messages": [\n'.encode())
    while done < total:
        out.write(b',\n' if done else b'')
        # The number is a prefix of the time as well: a day and some hours a block.
        done += out.write(pattern.replace(b'%%%%%', str(n).encode()))
        n += 1
    out.write(b'\n]}\n')


main()
