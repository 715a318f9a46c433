#!/usr/bin/env python3
"""Computes the contrast of the colours of web/report.css, light and dark, by WCAG 2.1.

usage: contrast.py REPORT.CSS

Text needs 4.5:1 (AA), lines and shapes that carry meaning 3:1. What a page really shows is looked
at by report.py, where there is a browser; this needs none. Prints TAP.
"""
import itertools
import re
import sys

TEXT = [(f, b) for f, b in itertools.product(('ink', 'soft', 'link'), ('paper', 'ground'))] + [
    ('s4', 's4-bg'), ('s3', 's3-bg'), ('s2', 's2-bg'), ('s1', 's1-bg'), ('s0', 's0-bg'), ('mark-ink', 'mark'),
    ('s4', 'paper'), ('s3', 'paper'), ('s2', 'paper'), ('s1', 'paper'), ('s0', 'paper'),
    ('k0', 'paper'), ('k1', 'paper'), ('k2', 'paper'), ('k3', 'paper')]
SHAPES = [('edge', 'paper'), ('bar', 'paper'), ('alert', 'paper'), ('ee', 'paper'), ('es', 'em'), ('ee', 'ef'),
          ('ink', 'cov'), ('s4', 'cov'), ('stripe', 'paper')]
# TLP 2.0's own colours on black, as they are fixed in the style.
MARKS = ['#ff2b2b', '#ffc000', '#33ff00', '#ffffff']


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes(css):
    blocks = re.findall(r':root \{([^}]*)\}', css)
    light = dict(re.findall(r'--([\w-]+):\s*(#[0-9a-f]{6})', blocks[0]))
    yield 'light', light
    yield 'dark', {**light, **dict(re.findall(r'--([\w-]+):\s*(#[0-9a-f]{6})', blocks[1]))}


def main():
    with open(sys.argv[1], encoding='ascii') as f:
        css = f.read()
    results = []
    for name, colours in palettes(css):
        for pairs, least in ((TEXT, 4.5), (SHAPES, 3)):
            for one, other in pairs:
                ratio = contrast(colours[one], colours[other])
                results.append((ratio >= least, f'{name}: {one} on {other} is {ratio:.2f}:1, needs {least}:1'))
    for mark in MARKS:
        ratio = contrast(mark, '#000000')
        results.append((mark in css and ratio >= 4.5, f'{mark} on black is {ratio:.2f}:1'))
    print(f'1..{len(results)}')
    for number, (passed, what) in enumerate(results, 1):
        print(f'{"ok" if passed else "not ok"} {number} - {what}')
    sys.exit(not all(passed for passed, _ in results))


main()
