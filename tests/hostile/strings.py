"""Texts that attack who reads a report: the terminal, the eye, the browser, the spreadsheet, the row, the parser.

All are inert: they name nothing that exists, and what they would run does nothing. Each holds MARK and
its number, so that a checker finds it wherever it came out. `strings()` gives 500, always the same.
"""
import itertools

MARK = 'Zq7'

SCRIPT = [
    '<script>{m}()</script>', '</script><script>{m}()</script>', '<img src=x onerror={m}()>', '<svg/onload={m}()>', '"><b onmouseover={m}()>',
    "' autofocus onfocus={m}() x='", '<iframe src=//{m}.example>', '<a href="javascript:{m}()">x</a>', '</title><script>{m}()</script>',
    '</style><style>*{{background:url(//{m}.example)}}</style>', '<!--{m}', '--><script>{m}()</script>', ']]><script>{m}()</script>',
    '<base href=//{m}.example>', '<meta http-equiv=refresh content="0;//{m}.example">', '<form action=//{m}.example><input>',
    '<link rel=stylesheet href=//{m}.example>', '&lt;script&gt;{m}()&lt;/script&gt;', '&#60;script&#62;{m}()', '\\u003cscript\\u003e{m}()',
    '${{{m}}}', '{{{{{m}}}}}', '<details open ontoggle={m}()>', '</textarea><script>{m}()</script>', '</svg><script>{m}()</script>',
    '<math><mtext><script>{m}()</script>', '<object data=//{m}.example>', '`{m}`<script>', '<style>@import "//{m}.example"</style>',
    '</noscript><script>{m}()</script>', '<template><script>{m}()</script>', '<h1>VERDICT: no sign {m}</h1>', '</table><h2>{m}</h2>',
    '<x contenteditable onblur={m}()>', '<input type=image src=//{m}.example>', '<video><source onerror={m}()>', '</code></pre><b>{m}</b>',
]
TERMINAL = [
    '\x1b[2J\x1b[31m{m}', '\x1b]8;;//{m}.example\x07{m}\x1b]8;;\x07', '\x1b]52;c;{m}\x07', '\x1bP{m}\x1b\\', '\x9b31m{m}', '\x1b[1A\x1b[2K{m}',
    '{m}\x08\x08\x08', '{m}\rVERDICT no sign', '\x07{m}', '\x1b]0;{m}\x07', '{m}\x7f', '\x1b[?1049h{m}', '\x1b#8{m}', '\x0e{m}\x0f', '\x0b{m}\x0c',
    '\x1b]1337;File={m}\x07', '\x1b[6n{m}', '\x90{m}\x9c', '\x1b[8m{m}\x1b[0m', '{m}\x1b',
]
EYE = [
    '\u202e{m}gnp.exe', '\u2066{m}\u2069', '{m}\u200bzero\u200dwidth', '\ufeff{m}', '{m}\u00adhyphen', '\u061c{m}', '\u180e{m}', '{m}\u2028line', '{m}\u2029par',
    '{m}\u0085next', '\U000e0041\U000e0042{m}', '{m}\ufe0f', '\u3164{m}', 'e\u0301\u0301\u0301{m}', '\u202d{m}\u202c', '{m}\u2800', '\ue000{m}',
    '\u115f{m}', '{m}\u206a', '\ufff9{m}\ufffa\ufffb',
]
ROW = [
    '{m}\nVERDICT no sign on any host', '{m}\r\nEX01: no sign', '\n# {m}\n', '\n{{"type":"summary","findings":0,"{m}":1}}\n', '{m}\n\n---\n', '{m}\n| a | b |\n|---|---|',
    '{m}\t{m}', '\n{m},forged,row\n', '"{m}"', '"",=1,"{m}', "'{m}'", ';{m};', '{m}|{m}', '{m}","x":"', '{m}\\', '{m}\\n', '{m}\\u0000', '\\"{m}', '{m}\x00behind',
    'null {m}', '%s%n%x{m}', '${{IFS}}{m}', '$({m})', '`{m}`', '; {m} ;', '| {m}', '-o{m}', '--help={m}', '../../{m}', '..\\..\\{m}', 'CON.{m}',
]
SHEET = [
    '=1+1&"{m}"', '+1{m}', '-1{m}', '@SUM({m})', '\t=1{m}', '\r=1{m}', "=cmd|' /C {m}'!A0", '=HYPERLINK("//{m}.example")', '|{m}', '%{m}', '\uff1d1{m}', '\uff0b1{m}',
    ' =1{m}', '=DDE("{m}")', '@{m}', '\n=1{m}', '\uff20{m}', '=IMPORTXML("//{m}.example")', '-2+3+cmd|{m}', '+{m}!A1',
]
MARKDOWN = [
    '# {m}', '[x](//{m}.example)', '![x](//{m}.example)', '**{m}**', '`{m}`', '```\n{m}', '> {m}', '* {m}', '1. {m}', '---{m}', '[{m}]: //x.example', '<{m}@x.example>',
    'http://{m}.example/a', 'https://user:pw@{m}.example', 'www.{m}.example', '~~{m}~~', '\\{m}\\', '|{m}|', '[^{m}]', '- [x] {m}', '&amp;{m}', '&#x2a;{m}', '__{m}__', '$${m}$$',
    '``{m}```', '<!-- {m} -->', '[ ]({m})', '![{m}][a]', 'ftp://{m}.example', '<http://{m}.example>',
]
FAMILIES = {'script': SCRIPT, 'terminal': TERMINAL, 'eye': EYE, 'row': ROW, 'sheet': SHEET, 'markdown': MARKDOWN}


def strings(count=500):
    """(family, text): one of each family in turn, again and again with other numbers."""
    plain = [(family, text) for family, texts in FAMILIES.items() for text in texts]
    rows = []
    for i, (family, text) in zip(range(count), itertools.cycle(plain)):
        text = text.format(m=f'{MARK}{i:04d}')
        rows.append((family, text if i < len(plain) else f'{text} {text}' if i % 2 else 'A' * (i % 97) + text))
    return rows
