#!/usr/bin/env python3
"""Opens the HTML report in a headless Chromium, with and without a script, and looks at what a person
and a screen reader get.

usage: report.py WRITE_REPORT

Without Chromium everything is skipped. Prints TAP.
"""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import chromium  # noqa: E402
import payloads  # noqa: E402

# Text that is seen and its background, as the browser has worked them out; worst first.
CONTRAST = r'''(() => {
  const parts = c => (c.match(/[\d.]+/g) || []).map(Number);
  const lum = c => { const [r, g, b] = parts(c).map(v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (c !== 'transparent' && parts(c)[3] !== 0) return c; } return getComputedStyle(document.body).backgroundColor; };
  const found = new Map(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; (n = walk.nextNode());) {
    const e = n.parentElement, s = getComputedStyle(e);
    if (!n.data.trim() || e.closest('script,style,title,desc,.defs,.each-page') || !e.checkVisibility()) continue;
    const ink = e.closest('svg') ? s.fill : s.color, paper = ground(e.closest('svg') ? e.closest('svg').parentElement : e);
    const [a, b] = [lum(ink), lum(paper)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
    const key = `${ink} on ${paper}: ${n.data.trim().slice(0, 30)}`;
    if (ratio < 4.5) found.set(key, ratio.toFixed(2));
  }
  return [...found].map(([k, v]) => `${v}:1 ${k}`);
})()'''
HEADINGS = '''(() => { let last = 0; const wrong = [];
  for (const h of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
    const level = Number(h.localName[1]);
    if (level > last + 1) wrong.push(h.textContent);
    last = level;
  } return wrong; })()'''
TABLES = '''[...document.querySelectorAll('table')].filter(t => !t.caption || !t.caption.textContent.trim() || !t.tHead ||
  [...t.tHead.querySelectorAll('th')].some(h => h.scope !== 'col') ||
  [...t.tBodies].some(b => [...b.querySelectorAll('th')].some(h => h.scope !== 'row'))).map(t => t.caption && t.caption.textContent)'''
IDS = '''(() => { const seen = new Set(), twice = [];
  for (const e of document.querySelectorAll('[id]')) { if (seen.has(e.id)) twice.push(e.id); seen.add(e.id); }
  return twice; })()'''
DEAD = '''[...document.querySelectorAll('a[href^="#"],use')].map(a => a.getAttribute('href')).filter(h => !document.getElementById(h.slice(1)))'''
SHOWN = "[...document.querySelectorAll('#findings-table tbody')].filter(b => !b.hidden)"


class Tap:
    def __init__(self):
        self.number = self.failed = 0

    def check(self, what, wrong):
        """Passed if nothing is wrong."""
        self.number += 1
        self.failed += bool(wrong)
        print(f'{"not ok" if wrong else "ok"} {self.number} - {what}', flush=True)
        if wrong:
            print(f'# {str(wrong)[:2000]}')

    def same(self, what, got, want):
        self.check(what, [] if got == want else f'got {got!r}, wanted {want!r}')


def accessible(page):
    """Roles that a screen reader announces: what has no name, and which landmarks there are."""
    nodes = page.call('Accessibility.getFullAXTree')['nodes']
    nameless, roles = [], set()
    for node in nodes:
        role = node.get('role', {}).get('value')
        if node.get('ignored'):
            continue
        roles.add(role)
        if role in ('table', 'image', 'img', 'region', 'navigation', 'link', 'button', 'heading', 'textbox', 'combobox',
                    'searchbox', 'columnheader', 'rowheader') and not node.get('name', {}).get('value', '').strip():
            nameless.append(role)
    return nameless, {'banner', 'navigation', 'main', 'contentinfo', 'table', 'heading'} - roles


def check_page(tap, browser, path, what, **how):
    page = chromium.Page(browser, path, **how)
    nameless, absent = accessible(page)
    tap.same(f'{what}: nothing is asked for but the file', page.requests(), ['file://' + str(path)])
    tap.check(f'{what}: no error, nothing refused by the policy', page.complaints())
    tap.check(f'{what}: text stands out from its background, 4.5:1', page.run(CONTRAST))
    tap.check(f'{what}: headings in order', page.run(HEADINGS))
    tap.check(f'{what}: tables have caption, head and scopes', page.run(TABLES))
    tap.check(f'{what}: all that a screen reader announces has a name', nameless)
    tap.check(f'{what}: landmarks', absent)
    tap.check(f'{what}: no id twice', page.run(IDS))
    tap.check(f'{what}: no link into nothing', page.run(DEAD))
    tap.same(f'{what}: no sideways scrolling', page.run('document.documentElement.scrollWidth <= innerWidth'), True)
    page.close()


def check_words(tap, browser, path):
    """Without a script the page says the same."""
    texts = []
    for script in (True, False):
        page = chromium.Page(browser, path, script=script)
        texts.append(page.run("[...document.querySelectorAll('main td, main th, main h3, main li, main p, main dd')]"
                              ".map(e => e.textContent)"))
        drawn = page.run("document.querySelectorAll('svg.chart .plot > *').length")
        tap.check(f'pictures are drawn, script {script}', [] if drawn > 20 else drawn)
        page.close()
    tap.check('without a script the same words', [t for t in texts[1] if t not in set(texts[0])])


def choose(page, number, value):
    page.run(f"(() => {{ const c = document.querySelectorAll('.tools select, .tools input')[{number}];"
             f" c.value = {value!r}; c.dispatchEvent(new Event('input')); }})()")


def check_findings(tap, browser, path):
    page = chromium.Page(browser, path)
    tap.same('all findings at first', page.run(SHOWN + '.length'), 4)
    choose(page, 0, 'compromise')
    tap.same('filter by grade', page.run(SHOWN + '.map(b => b.rows[0].cells[1].textContent)'), ['compromise'])
    choose(page, 0, '')
    choose(page, 1, 'EX03.example.org')
    tap.same('filter by host', page.run(SHOWN + '.length'), 1)
    choose(page, 1, '')
    choose(page, 2, 'WEB shell')
    tap.same('filter by words', page.run(SHOWN + '.length'), 1)
    tap.same('how many are shown is told', page.run("document.querySelector('.tools output').textContent"), '1 of 4 shown')
    choose(page, 2, '')
    for column, want in ((0, 'time'), (6, 'count')):
        keys = {'time': 'b.rows[0].cells[0].textContent', 'count': 'Number(b.rows[0].cells[6].dataset.s)'}[want]
        for way in (1, -1):
            page.run(f"document.querySelectorAll('#findings-table th button')[{column}].click()")
            got = page.run(SHOWN + f'.map(b => {keys})')
            tap.same(f'sort by {want}, {way}', got, sorted(got, reverse=way < 0))
    tap.same('the order is told', page.run("document.querySelector('#findings-table th[aria-sort]').ariaSort"), 'descending')
    page.close()


def check_zoom(tap, browser, path):
    page = chromium.Page(browser, path)
    where = "document.querySelector('#timeline svg.chart .plot use[href=\"#g4\"]').getAttribute('x')"
    press = "document.querySelectorAll('#timeline .zoom')[0].querySelectorAll('button')[{}].click()"
    said = "document.querySelector('#timeline .zoom span').textContent"
    before, span = page.run(where), page.run(said)
    page.run(press.format(0))
    tap.check('zoom in moves the marks', page.run(where) == before)
    tap.check('and says what is shown', page.run(said) == span)
    for _ in range(12):
        page.run(press.format(0))
    tap.check('zoomed in far the axis has dates', not page.run("document.querySelectorAll('#timeline .axis text').length"))
    page.run(press.format(4))
    tap.same('whole again', [float(page.run(where)), page.run(said)], [float(before), span])
    page.close()


def check_keyboard(tap, browser, path):
    page = chromium.Page(browser, path)
    for kind in ('keyDown', 'keyUp'):
        page.call('Input.dispatchKeyEvent', type=kind, key='Tab', code='Tab', windowsVirtualKeyCode=9)
    tap.same('the first stop skips to the report', page.run('document.activeElement.className'), 'skip')
    tap.same('and can be seen', page.run("document.activeElement.getBoundingClientRect().x >= 0 && "
                                         "getComputedStyle(document.activeElement).outlineStyle"), 'solid')
    page.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-reduced-motion', 'value': 'reduce'}])
    tap.same('nothing moves where that is asked for',
             page.run('getComputedStyle(document.documentElement).scrollBehavior'), 'auto')
    page.close()


def check_paper(tap, browser, path, long):
    page = chromium.Page(browser, path, dark=True)
    pdf = page.pdf()
    tap.check('it prints', [] if pdf.startswith(b'%PDF') and len(pdf) > 20000 else len(pdf))
    page.close()
    page = chromium.Page(browser, path, script=False, dark=True, media='print')
    tap.same('on paper light, the details open and no tools',
             page.run("[getComputedStyle(document.body).backgroundColor, "
                      "document.querySelector('.ev dl').checkVisibility({contentVisibilityAuto: true}), "
                      "getComputedStyle(document.querySelector('nav')).display]"),
             ['rgb(255, 255, 255)', True, 'none'])
    tap.check('on paper: contrast', page.run(CONTRAST))
    page.close()
    page = chromium.Page(browser, long, media='print')
    rows = page.run("""['#findings-table > tbody', '#events-table > tbody > tr'].map(rows =>
        [...document.querySelectorAll(rows)].filter(r => getComputedStyle(r).display !== 'none').length)""")
    tap.same('on paper: the first rows of long tables', rows, [40, 40])
    tap.check('on paper: and how many there are', not page.run(
        "[...document.querySelectorAll('.on-paper')].some(p => p.checkVisibility() && p.textContent.includes('first 40 of'))"))
    page.close()


def check_hostile(tap, browser, write, folder):
    """No text adds or takes away an element, runs, or asks for anything."""
    path = folder / 'hostile.html'
    state = '''({forged: window.forged, title: document.title.startsWith('TLP:AMBER'), url: location.pathname,
                elements: document.querySelectorAll(':not(.how > li)').length, scripts: document.scripts.length,
                heads: [...document.querySelectorAll('h2')].map(h => h.textContent).join()})'''
    want, wrong, count = None, [], 0
    page = None
    for text in [b'plain text', *payloads.payload_bytes()]:
        path.write_bytes(subprocess.run([write, 'hostile'], input=text, stdout=subprocess.PIPE, check=True).stdout)
        if page:
            page.go(path)
        else:
            page = chromium.Page(browser, path)
        got = page.run(state)
        want = want or got
        if got != want or page.complaints() or len(page.requests()) != 1:
            wrong.append((text[:60], got, page.complaints(), page.requests()[1:]))
        count += 1
    page.close()
    tap.check(f'{count - 1} hostile texts neither run nor forge', wrong)


def main():
    write = sys.argv[1]
    browser = chromium.start() if chromium.find() else None
    if not browser:
        print('1..0 # SKIP no chromium, or it does not start')
        return
    tap = Tap()
    with tempfile.TemporaryDirectory() as name, browser:
        folder = pathlib.Path(name)
        paths = {kind: folder / f'{kind}.html' for kind in ('sample', 'empty', 'long', 'large')}
        for kind, path in paths.items():
            path.write_bytes(subprocess.run([write, kind], stdout=subprocess.PIPE, check=True).stdout)
        check_page(tap, browser, paths['sample'], 'sample')
        check_page(tap, browser, paths['sample'], 'dark', dark=True)
        check_page(tap, browser, paths['sample'], 'narrow', width=390)
        check_page(tap, browser, paths['sample'], 'without script', script=False)
        check_page(tap, browser, paths['empty'], 'empty')
        check_words(tap, browser, paths['sample'])
        check_findings(tap, browser, paths['sample'])
        check_zoom(tap, browser, paths['sample'])
        check_keyboard(tap, browser, paths['sample'])
        check_paper(tap, browser, paths['sample'], paths['long'])
        page = chromium.Page(browser, paths['large'])
        tap.check('large: no error', page.complaints())
        page.close()
        check_hostile(tap, browser, write, folder)
    print(f'1..{tap.number}')
    sys.exit(bool(tap.failed))


main()
