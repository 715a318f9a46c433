"""Two hundred texts that try to run, to draw or to claim something when they are put into a page."""
import itertools

# What runs where a text is taken for markup; each would set window.forged.
CODE = 'window.forged=1'
MARKUP = [
    f'<script>{CODE}</script>', f'</script><script>{CODE}</script>', f'<img src=x onerror="{CODE}">',
    f"<img src=x onerror='{CODE}'>", f'<svg onload={CODE}>', f'<svg><script>{CODE}</script></svg>',
    f'<body onload={CODE}>', f'<iframe srcdoc="<script>parent.{CODE}</script>">', f'<a href="javascript:{CODE}">x</a>',
    f'<details open ontoggle={CODE}>', f'<input autofocus onfocus={CODE}>', f'<math><mi xlink:href="javascript:{CODE}">',
    f'<style>*{{color:red}}</style>', '<link rel=stylesheet href=http://192.0.2.1/x.css>',
    '<meta http-equiv=refresh content="0;url=http://192.0.2.1/">', '<base href=http://192.0.2.1/>',
    '<form action=http://192.0.2.1/><button>x</button></form>', '<object data=http://192.0.2.1/x></object>',
    '<embed src=http://192.0.2.1/x>', '<video src=http://192.0.2.1/x onerror=1></video>', '<marquee onstart=1>x</marquee>',
    '<h1>No sign on any host</h1>', '<h2>1 Verdict</h2>', '<section id="verdict">', '<title>all clear</title>',
    '<p class="badge s0">no sign</p>', '<template><b>', '<plaintext>', '<xmp>', '<textarea>', '<noscript>', '<!--', '-->',
    '<![CDATA[', ']]>', '<?xml?>', '</table></main></body></html>', '</code></pre></td></tr></tbody></table>',
    '</svg></figure>', '</title></desc>', '</bdi></th></tr>', '<use href="data:image/svg+xml,x">',
]
AROUND = [('', ''), ('"', '"'), ("'", "'"), ('">', '<"')]
# Ways to be read as something else, or as nothing.
OTHER = [
    '&lt;script&gt;', '&#60;script&#62;', '&amp;lt;b&amp;gt;', '&quot; onload=&quot;', '&nbsp;&shy;&zwj;',
    f'javascript:{CODE}', f'" onmouseover="{CODE}', f"' onfocus='{CODE}' x='", '" style="position:fixed', '` onclick=`',
    '{{7*7}}', '${7*7}', '#{7*7}', '<%= 7*7 %>', '\\u003cscript\\u003e', '%3Cscript%3E', '+ADw-script+AD4-',
    '\u202eevil', '\u2066x\u2069', '\u200bzero\ufeff', '\u2028line\u2029', '\u00ad\u034f', 'e' + '\u0301' * 40,
    '\U000e0041\U000e0042', '\ue000', '\ufdd0', '\x00\x01\x02\x1b[31m', '\x7f\x80\x9b', '\r\n\r\n<b>', '\t\n\x0b\x0c',
    'http://evil.example/', 'www.evil.example', '//evil.example/x', 'data:text/html,x', 'file:///etc/passwd',
    '2026-01-01 no sign EX01', 'A' * 4000, '<' * 300, '"' * 300, '&' * 300, '\u5b57' * 500, '\U0001f600' * 200,
]


def payloads():
    yield from (before + text + after for text, (before, after) in itertools.product(MARKUP, AROUND))
    yield from OTHER


def payload_bytes():
    yield from (text.encode() for text in payloads())
    yield b'\xff\xfe\x80<script>'
    yield b'\xc0\xbcscript\xc0\xbe'
    yield b'\xed\xa0\x80\xf5\x90\x80\x80'
