'use strict';
// The report says everything without this. With it the findings can be filtered and sorted, and the
// pictures zoomed. Texts are only ever set as text; nothing is loaded or sent.
(() => {
  const make = (tag, parent, text, attributes) => {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    if (parent) parent.append(node);
    return node;
  };

  // ---- findings ----

  const cellText = (body, column) => body.rows[0].cells[column].textContent.trim();
  const hostOf = body => body.rows[0].cells[2].querySelector('bdi').textContent;

  function choice(tools, label, first, values) {
    const select = make('select', make('label', tools, label));
    make('option', select, first, { value: '' });
    values.forEach(v => make('option', select, v, { value: v }));
    return select;
  }

  function findings(table, place) {
    const bodies = [...table.tBodies];
    const texts = new Map(bodies.map(b => [b, b.textContent.toLowerCase()]));
    const tools = make('div', place, '', { class: 'tools', role: 'search', 'aria-label': 'Findings' });
    const grade = choice(tools, 'Grade at least', 'any', ['probe', 'attempt', 'progressed', 'compromise']);
    const host = choice(tools, 'Host', 'all', [...new Set(bodies.map(hostOf))].sort());
    const words = make('input', make('label', tools, 'Contains'), '', { type: 'search', autocomplete: 'off' });
    const said = make('output', tools);

    function filter() {
      const least = grade.selectedIndex, want = words.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const body of bodies) {
        body.hidden = Number(body.rows[0].cells[1].dataset.s) < least ||
          (host.value && hostOf(body) !== host.value) || !want.every(w => texts.get(body).includes(w));
        shown += !body.hidden;
      }
      said.textContent = `${shown} of ${bodies.length} shown`;
    }

    function sort(column, head, heads) {
      const down = head.getAttribute('aria-sort') === 'ascending';
      const key = b => b.rows[0].cells[column].dataset.s;
      heads.forEach(h => h.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const by = (a, b) => key(a) !== undefined ? key(a) - key(b)
        : cellText(a, column) < cellText(b, column) ? -1 : cellText(a, column) > cellText(b, column) ? 1 : 0;
      bodies.sort((a, b) => down ? by(b, a) : by(a, b));
      table.append(...bodies);
    }

    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make('button', null, head.textContent, { type: 'button' });
      head.replaceChildren(button);
      button.addEventListener('click', () => sort(column, head, heads));
    });
    for (const control of [grade, host, words]) control.addEventListener('input', filter);
    filter();
  }

  // ---- pictures ----

  const SVG = 'http://www.w3.org/2000/svg', HOUR = 3600, DAY = 24 * HOUR;
  const STEPS = [HOUR, 3 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY];
  const MONTHS = [1, 3, 6, 12, 24, 60];
  const MONTH = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const dayOf = s => new Date(s * 1000).toISOString().slice(0, 10);

  function* ticks(from, to) {
    const step = STEPS.find(s => (to - from) / s <= 14), monday = 4 * DAY;
    if (step) {
      for (let t = monday + Math.ceil((from - monday) / step) * step; t <= to; t += step) {
        const d = new Date(t * 1000), hour = step < DAY ? ` ${String(d.getUTCHours()).padStart(2, '0')}:00` : '';
        yield [t, `${d.getUTCDate()} ${MONTH[d.getUTCMonth()]}${hour}`];
      }
      return;
    }
    const months = MONTHS.find(m => (to - from) / (m * 30 * DAY) <= 14) || 120;
    const first = new Date(from * 1000);
    let m = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months;
    for (; ; m += months) {
      const t = Date.UTC(Math.floor(m / 12), m % 12) / 1000;
      if (t > to) return;
      if (t >= from) yield [t, months < 12 ? MONTH[m % 12] : String(Math.floor(m / 12))];
    }
  }

  const numbers = (node, names) => names.map(n => Number(node.getAttribute(n)));

  // How each kind of element follows the zoom f; kept as functions of what C wrote.
  const FOLLOW = {
    rect(node) {
      const [x, width] = numbers(node, ['x', 'width']);
      return f => { node.setAttribute('x', f(x)); node.setAttribute('width', Math.max(1, f(x + width) - f(x))); };
    },
    use(node) {
      const [x, width] = numbers(node, ['x', 'width']);
      return f => node.setAttribute('x', f(x + width / 2) - width / 2);
    },
    line(node) {
      const [x] = numbers(node, ['x1']);
      return f => { node.setAttribute('x1', f(x)); node.setAttribute('x2', f(x)); };
    },
    text(node) {
      const [x] = numbers(node, ['x']), beside = node.classList.contains('end') ? -5 : 5;
      return f => node.setAttribute('x', f(x - beside) + beside);
    },
    circle(node) {
      const [x] = numbers(node, ['cx']);
      return f => node.setAttribute('cx', f(x));
    },
    polyline(node) {
      const points = node.getAttribute('points').split(' ').map(p => p.split(',').map(Number));
      return f => node.setAttribute('points', points.map(([x, y]) => `${f(x)},${y}`).join(' '));
    },
  };

  function clip(svg, id, left, right) {
    const path = svg.insertBefore(document.createElementNS(SVG, 'clipPath'), svg.firstChild);
    const rect = path.appendChild(document.createElementNS(SVG, 'rect'));
    path.id = id;
    for (const [name, value] of [['x', left - 8], ['y', 0], ['width', right - left + 16], ['height', 9999]])
      rect.setAttribute(name, value);
    svg.querySelectorAll('g.plot').forEach(g => g.setAttribute('clip-path', `url(#${id})`));
  }

  function drawAxis(axis, from, to, left, right, like) {
    axis.replaceChildren();
    let year = '';
    for (const [t, words] of ticks(from, to)) {
      const x = left + (t - from) / (to - from) * (right - left);
      const line = axis.appendChild(document.createElementNS(SVG, 'line'));
      for (const [name, value] of [['x1', x], ['x2', x], ['y1', like.top], ['y2', like.bottom]])
        line.setAttribute(name, value);
      if (x > right - 40) continue;
      const text = axis.appendChild(document.createElementNS(SVG, 'text'));
      text.setAttribute('x', x + 3);
      text.setAttribute('y', like.bottom + 14);
      const its = dayOf(t).slice(0, 4);
      text.textContent = its === year || words.includes(its) ? words : `${words} ${its}`;
      year = its;
    }
  }

  function zoomable(svg, number) {
    const { from, to, left, right } = Object.fromEntries(
      Object.entries(svg.dataset).map(([k, v]) => [k, Number(v)]));
    const axis = svg.querySelector('.axis'), sample = axis && axis.querySelector('line');
    if (!sample) return;
    const like = { top: sample.getAttribute('y1'), bottom: Number(sample.getAttribute('y2')) };
    const moved = [...svg.querySelectorAll('.plot rect, .plot use, .plot line, .plot text, .plot circle, .plot polyline')]
      .map(node => FOLLOW[node.localName](node));
    let a = from, b = to;
    clip(svg, `plot-${number}`, left, right);

    const bar = make('div', null, '', { class: 'zoom', role: 'group', 'aria-label': 'Zoom the picture' });
    svg.parentNode.before(bar);
    const said = make('span', null, '', { 'aria-live': 'polite' });
    const button = (label, name, act) => {
      const node = make('button', bar, label, { type: 'button', 'aria-label': name, title: name });
      node.addEventListener('click', act);
      return node;
    };
    function show(start, length) {
      length = Math.min(to - from, Math.max(HOUR, length));
      a = Math.min(Math.max(from, start), to - length);
      b = a + length;
      const scale = (to - from) / length, off = (a - from) / (to - from) * (right - left);
      moved.forEach(move => move(x => Math.round((left + (x - left - off) * scale) * 10) / 10));
      drawAxis(axis, a, b, left, right, like);
      const whole = length >= to - from;
      for (const node of [out, earlier, later, all]) node.disabled = whole;
      said.textContent = `${dayOf(a)} to ${dayOf(b)}`;
    }
    const zoom = (k, middle = (a + b) / 2) => show(middle - (middle - a) * k, (b - a) * k);
    button('+', 'Zoom in', () => zoom(.5));
    const out = button('\u2212', 'Zoom out', () => zoom(2));
    const earlier = button('\u2190', 'Earlier', () => show(a - (b - a) / 3, b - a));
    const later = button('\u2192', 'Later', () => show(a + (b - a) / 3, b - a));
    const all = button('Whole', 'Whole picture', () => show(from, to - from));
    bar.append(said);
    show(from, to - from);

    // Drag to move, double click to look closer.
    let held = null;
    const timeAt = event => {
      const box = svg.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * 1000;
      return a + (x - left) / (right - left) * (b - a);
    };
    svg.addEventListener('dblclick', event => zoom(.5, timeAt(event)));
    svg.addEventListener('pointerdown', event => { held = timeAt(event); });
    svg.addEventListener('pointermove', event => { if (held !== null && event.buttons) show(a + held - timeAt(event), b - a); });
    addEventListener('pointerup', () => { held = null; });
  }

  // ---- start ----

  const table = document.getElementById('findings-table'), place = document.getElementById('findings-tools');
  if (table && place) findings(table, place);
  document.querySelectorAll('svg.chart').forEach(zoomable);

  // A stop of the keyboard only where there is something to scroll.
  const watch = new ResizeObserver(entries => entries.forEach(({ target: d }) => {
    if (d.scrollWidth > d.clientWidth || d.scrollHeight > d.clientHeight) d.tabIndex = 0;
    else d.removeAttribute('tabindex');
  }));
  document.querySelectorAll('.scroll').forEach(d => watch.observe(d));

  // On paper everything is open; what was closed is closed again.
  let closed = [];
  addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll('details:not([open]):not(.twin)')];
    closed.forEach(d => { d.open = true; });
  });
  addEventListener('afterprint', () => closed.forEach(d => { d.open = false; }));
})();
