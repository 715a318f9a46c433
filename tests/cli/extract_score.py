#!/usr/bin/env python3
"""Precision and recall of `tocsin extract` by kind.

usage: extract_score.py types TOCSIN FOLDER     files of a Good and a Bad list for each type
       extract_score.py tagged TOCSIN FOLDER    reports, word by word, with tags
       extract_score.py named TOCSIN FOLDER     the same reports: what is found by name
Exits with 1 if one is below its floor.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys

# Which kinds answer a file of examples. What its Bad list holds is wrong for that type alone ("a
# path" where names of files are wanted), so it counts only where no other kind may take it.
TYPES = {
    'autonomous_system_number': 'asn', 'cryptocurrency_btc_wallet': 'btc',
    'cryptocurrency_eth_wallet': 'eth', 'cve_id': 'cve', 'directory_unix': 'path',
    'directory_unix_file': 'path', 'directory_windows': 'path',
    'directory_windows_with_file': 'path', 'domain_name_only': 'domain',
    'domain_name_subdomain': 'domain', 'email_address': 'email', 'file_hash_md5': 'md5',
    'file_hash_sha_1': 'sha1', 'file_hash_sha_224': 'sha224', 'file_hash_sha_256': 'sha256',
    'file_hash_sha_384': 'sha384', 'file_hash_sha_512': 'sha512', 'file_name': 'file',
    'host_name_url': 'url', 'host_name_path': 'url', 'host_name_file': 'url',
    'ipv4_address_cidr': 'cidr', 'ipv4_address_only': 'ipv4', 'ipv4_address_port': 'ipv4',
    'ipv6_address_cidr': 'cidr', 'ipv6_address_only': 'ipv6', 'ipv6_address_port': 'ipv6',
    'mac_address': 'mac', 'mitre_attack_enterprise': 'attack', 'mitre_attack_ics': 'attack',
    'mitre_attack_mobile': 'attack', 'mitre_capec': 'attack-pattern', 'mitre_cwe': 'weakness',
    'url': 'url', 'url_path': 'url', 'url_file': 'url', 'windows_registry_key': 'registry',
}
BAD_COUNTS = {'asn', 'btc', 'eth', 'cve', 'email', 'md5', 'sha1', 'sha224', 'sha256', 'sha384',
              'sha512', 'mac', 'attack', 'attack-pattern', 'weakness', 'cidr', 'registry'}
ATTACK = {'tactic', 'technique', 'group', 'software', 'mitigation', 'campaign'}
# Below these the test fails; what is not named must be whole. The examples have weaknesses by a
# number that was never given, and names of folders that could be anything.
FLOORS = {
    'types': {'weakness': (0.6, 1), 'attack-pattern': (0.5, 1), 'path': (1, 0.8)},
    # By name only what a dictionary holds is found, and the tags follow other rules than it: "malware"
    # by itself is one there, and a system is any program. The figures say how far a dictionary gets.
    'named': {'malware': (0.9, 1), 'product': (0.75, 1), 'vendor': (0.9, 1), 'actor': (0.9, 1),
              'tagged Malware': (1, 0.3), 'tagged System': (1, 0.4),
              'tagged Organization': (1, 0.3), 'tagged Vulnerability': (1, 0.3)},
    'tagged': {'md5': (0.9, 1), 'sha1': (0.9, 1), 'sha256': (0.9, 0.98), 'ipv4': (0.8, 0.9),
               'cve': (0, 0.98)},
}


def extract(tocsin, text, *options):
    """Every item."""
    done = subprocess.run([tocsin, 'extract', '--json', *options, '-'], input=text.encode(), check=True,
                          stdout=subprocess.PIPE)
    for line in done.stdout.decode().splitlines():
        item = json.loads(line)
        if item['type'] in ('subject', 'indicator'):
            yield item


def class_of(kind):
    return 'attack' if kind in ATTACK else kind


class Score:
    def __init__(self):
        self.right, self.wrong, self.missed = (collections.Counter() for _ in range(3))

    def report(self, floors):
        low = False
        print(f'{"kind":20} {"right":>6} {"wrong":>6} {"missed":>6} precision  recall')
        for kind in sorted(self.right | self.wrong | self.missed):
            right, wrong, missed = self.right[kind], self.wrong[kind], self.missed[kind]
            precision = right / (right + wrong) if right + wrong else 1
            recall = right / (right + missed) if right + missed else 1
            floor = floors.get(kind, (1, 1))
            below = precision < floor[0] or recall < floor[1]
            low |= below
            print(f'{kind:20} {right:6} {wrong:6} {missed:6} {precision:9.3f} {recall:7.3f}'
                  f'{"  BELOW " + str(floor) if below else ""}')
        return low


def types(tocsin, folder):
    score = Score()
    for name, want in TYPES.items():
        path = next(pathlib.Path(folder).rglob(f'generic_{name}.txt'))
        part = None
        for line in path.read_text().splitlines():
            if line.startswith('===='):
                part = line.strip('=')
            elif line.strip():
                found = [(class_of(i['kind']), i['text']) for i in extract(tocsin, f'{line}\n', '--no-names')]
                # A port belongs to no address, a slash at the end to no host.
                whole = any(kind == want and (text == line or line.startswith(text + ':') or
                                              line.startswith('[' + text + ']'))
                            for kind, text in found)
                if part == 'Good':
                    (score.right if whole else score.missed)[want] += 1
                    if not whole:
                        print(f'missed: {want} {line!r}, found {found}')
                elif want in BAD_COUNTS and any(kind == want and text == line
                                                for kind, text in found):
                    score.wrong[want] += 1
                    print(f'wrong: {want} {line!r}')
    return score


SHAPES = {
    'md5': r'[0-9a-fA-F]{32}', 'sha1': r'[0-9a-fA-F]{40}', 'sha256': r'[0-9a-fA-F]{64}',
    'ipv4': r'\d{1,3}(\.\d{1,3}){3}', 'cve': r'CVE-\d{4}-\d{4,}',
}


def tagged(tocsin, folder):
    """Of the words with a tag, those of a certain shape must be found; what is found of these kinds
    must lie in words with a tag. The other tags are of words cut in pieces, and of much else."""
    score = Score()
    words = []
    for name in ('train.txt', 'valid.txt'):
        for line in (pathlib.Path(folder) / name).read_text().splitlines():
            word, _, tag = line.partition('\t')
            words.append((word, tag[2:] in ('Indicator', 'Vulnerability')))
    text, place = '', []
    for word, tag in words:
        if tag:
            place.append((len(text.encode()), word))
        text += f'{word} ' if word else '\n'
    starts = dict(place)
    found = collections.defaultdict(set)
    for item in extract(tocsin, text):
        if item['kind'] not in SHAPES:
            continue
        found[item['kind']].add(item['offset'])
        (score.right if item['offset'] in starts else score.wrong)[item['kind']] += 1
        if item['offset'] not in starts:
            print(f'no tag: {item["kind"]} {item["text"]!r}')
    for offset, word in place:
        for kind, shape in SHAPES.items():
            if re.fullmatch(shape, word) and offset not in found[kind]:
                score.missed[kind] += 1
                print(f'missed: {kind} {word!r}')
    return score


# Which tags a name of a kind may have.
TAGS = {'malware': ('Malware',), 'product': ('System', 'Organization', 'Vulnerability'),
        'vendor': ('Organization', 'System'), 'actor': ('Organization', 'Malware'),
        'cve': ('Vulnerability', 'Indicator')}


def entities(folder):
    """The text, and the entities in it: (from, to, tag)."""
    text, found = '', []
    for name in ('train.txt', 'valid.txt'):
        for line in (pathlib.Path(folder) / name).read_text().splitlines():
            word, _, tag = line.partition('\t')
            start = len(text.encode())
            text += f'{word} ' if word else '\n'
            if tag[:2] == 'B-':
                found.append([start, start + len(word.encode()), tag[2:]])
            elif tag[:2] == 'I-' and found:
                found[-1][1] = start + len(word.encode())
    return text, found


def named(tocsin, folder):
    """A name is right if it lies in an entity with one of its kind's tags: precision by kind. An
    entity is found if a name lies in it: recall by tag."""
    score = Score()
    text, tagged_ones = entities(folder)
    tag_at = {}
    for number, (start, end, tag) in enumerate(tagged_ones):
        for place in range(start, end):
            tag_at[place] = (tag, number)
    seen = set()
    wrong = collections.Counter()
    for item in extract(tocsin, text):
        kind = item['kind']
        if kind not in TAGS:
            continue
        places = range(item['offset'], item['offset'] + len(item['text'].encode()))
        tags = {tag_at[p] for p in places if p in tag_at}
        right = [number for tag, number in tags if tag in TAGS[kind]]
        (score.right if right else score.wrong)[kind] += 1
        seen.update(right)
        if not right:
            wrong[f'{kind} {item["text"]}'] += 1
    for number, (_, _, tag) in enumerate(tagged_ones):
        if tag != 'Indicator':
            (score.right if number in seen else score.missed)[f'tagged {tag}'] += 1
    print('most often without such a tag:', wrong.most_common(12))
    return score


def main():
    what, tocsin, folder = sys.argv[1:]
    score = {'types': types, 'tagged': tagged, 'named': named}[what](tocsin, folder)
    sys.exit(score.report(FLOORS[what]))


main()
