#!/usr/bin/env python3
"""All public rules over files of this machine and files made of the rules' own strings: the same
matches at the same places as the yara command has. Prints TAP.

  yara.py BENCH_YARA
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

SPOTS = 16  # matched strings that are told of a match
NAMES = ['filename', 'filepath', 'extension', 'filetype', 'owner', 'md5']
TREES = ['/usr/bin', '/usr/lib/python3', '/usr/share/perl', '/etc']
TEXT = re.compile(rb'=\s*"((?:[^"\\\n]|\\.)*)"([^\n]*)')
HEX = re.compile(rb'=\s*\{([0-9A-Fa-f\s]+)\}')


def plain(text):
    """A YARA text without its escapes."""
    text = re.sub(rb'\\x([0-9A-Fa-f]{2})', lambda m: bytes([int(m[1], 16)]), text)
    return text.replace(b'\\\\', b'\\').replace(b'\\"', b'"').replace(b'\\t', b'\t').replace(
        b'\\n', b'\n').replace(b'\\r', b'\r')


def make_files(rules, folder):
    """For each file of rules, its rules' strings one after the other, as programs and as texts."""
    folder.mkdir()
    for number, source in enumerate(sorted(rules)):
        for index, rule in enumerate(re.split(rb'\nrule ', source.read_bytes())[:60]):
            parts = []
            for text, more in TEXT.findall(rule.split(b'condition:')[0].split(b'strings:')[-1]):
                text = plain(text)
                wide = b''.join(bytes([c, 0]) for c in text)
                parts.append(wide if b'wide' in more and b'ascii' not in more else text)
            parts += [bytes.fromhex(h.decode()) for h in HEX.findall(rule) if len(
                re.sub(rb'\s', b'', h)) % 2 == 0]
            body = b'\x01'.join(parts)
            (folder / f'{number:03d}-{index:02d}.txt').write_bytes(body)
            if number % 2 == index % 2:
                (folder / f'{number:03d}-{index:02d}.exe').write_bytes(b'MZ' + b'\0' * 62 + body)


def told(text):
    """{(rule, path): [first places]} of what yara -s prints."""
    found, places = {}, None
    for line in text.split('\n'):
        match = re.match(r'(0x[0-9a-f]+):(\$\w*)', line)
        if match:
            places.append(match.groups())
        elif ' ' in line:
            places = found.setdefault(tuple(line.split(' ', 1)), [])
    return {key: value[:SPOTS] for key, value in found.items()}


def run(command):
    return subprocess.run(command, capture_output=True, check=True).stdout.decode(errors='replace')


def main():
    bench, data = sys.argv[1], pathlib.Path(os.environ.get('TOCSIN_SHARED', '/nonexistent')) / 'data'
    archive = data / 'rules/yara_signature_base_dev.tar.gz'
    if not archive.exists() or not shutil.which('yarac'):
        print('1..0 # SKIP no public rules beside the tree, or no yara command')
        return
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        rules = work / 'rules'
        with tarfile.open(archive) as tar:
            tar.extractall(rules)
        sources = sorted(p for p in rules.rglob('*') if p.suffix in ('.yar', '.yara'))
        defines = [x for name in NAMES for x in ('-d', name + '=')]
        compiled = str(work / 'rules.yarc')
        spaces = [f'n{i}:{path}' for i, path in enumerate(sources)]
        subprocess.run(['yarac', '-w', *defines, *spaces, compiled], check=True,
                       capture_output=True)
        make_files(sources, work / 'made')
        trees = [str(rules), str(work / 'made')] + [t for t in TREES if pathlib.Path(t).is_dir()]
        print(f'1..{len(trees)}')
        for number, tree in enumerate(trees, 1):
            ours = told(run([bench, '-j2', '-n', '-s', '-c', str(work / 'cache'), str(rules), tree]))
            theirs = told(run(['yara', '-w', '-N', '-r', '-s', '-p', '2', '-C', compiled, tree]))
            name = ['the rules themselves', 'files made of them'][number - 1] if number < 3 else tree
            good = ours == theirs and (number > 2 or len(theirs) > 100)
            print(f'{"ok" if good else "not ok"} {number} - {name}: {len(theirs)} matches')
            for key in sorted(set(ours) ^ set(theirs))[:20]:
                print(f'# {"only ours" if key in ours else "lost"}: {key}')
            for key in [k for k in ours if k in theirs and ours[k] != theirs[k]][:5]:
                print(f'# places differ: {key}: {ours[key]} and {theirs[key]}')


if __name__ == '__main__':
    main()
