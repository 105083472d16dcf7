// Looks over one widget; each check returns sentences about what is wrong. Runs with `host` and
// `root` in scope. Only what a person could see or reach now is looked at.
const shown = (element) => element.checkVisibility({ visibilityProperty: true });
const spoken = (element) => element.closest('.spoken');
const named = (element) => {
  const hooks = ['data-field', 'data-action', 'data-error-for', 'data-chip', 'data-duration', 'id', 'part', 'class'];
  const hook = hooks.find((name) => element.getAttribute(name));
  return element.localName + (hook ? `[${hook}="${element.getAttribute(hook)}"]` : '');
};
const all = (css) => [...root.querySelectorAll(css)].filter(shown);

// Names

function accessibleName(element) {
  const byId = (ids) => ids.split(/\s+/).map((id) => root.getElementById(id)?.textContent ?? '').join(' ');
  const labels = element.labels ? [...element.labels].map((label) => label.textContent) : [];
  return [
    element.hasAttribute('aria-labelledby') ? byId(element.getAttribute('aria-labelledby')) : '',
    element.getAttribute('aria-label') ?? '',
    ...labels,
    element.matches('button, a, h1, h2, h3') ? element.textContent : '',
    element.getAttribute('alt') ?? '',
  ].find((name) => name.trim()) ?? '';
}

function names() {
  const wrong = [];
  for (const element of all('input, select, textarea, button, a[href], [role=listbox], [role=group][aria-label], section, [role=radiogroup]')) {
    if (!accessibleName(element).trim()) wrong.push(`${named(element)} has no name`);
  }
  for (const image of all('img')) {
    if (!image.hasAttribute('alt')) wrong.push(`${named(image)} has no alternative text`);
  }
  for (const drawing of all('svg')) {
    if (drawing.getAttribute('aria-hidden') !== 'true') wrong.push(`${named(drawing.parentElement)} has a drawing that is read out`);
  }
  return wrong;
}

function ids() {
  const wrong = [];
  for (const element of root.querySelectorAll('*')) {
    for (const name of ['for', 'list', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-activedescendant', 'aria-errormessage']) {
      for (const id of (element.getAttribute(name) ?? '').split(/\s+/).filter(Boolean)) {
        if (!root.getElementById(id)) wrong.push(`${named(element)}: ${name} names ${id}, which is not in the widget`);
      }
    }
  }
  const seen = new Set();
  for (const element of root.querySelectorAll('[id]')) {
    if (seen.has(element.id)) wrong.push(`the id ${element.id} is there twice`);
    seen.add(element.id);
  }
  return wrong;
}

function headings() {
  const wrong = [];
  let last = 1;
  for (const heading of all('h1, h2, h3, h4, h5, h6, [role=heading]')) {
    const level = Number(heading.getAttribute('aria-level') ?? heading.localName.slice(1));
    if (level > last + 1) wrong.push(`${named(heading)} skips a level after h${last}`);
    if (!heading.textContent.trim()) wrong.push(`${named(heading)} is empty`);
    last = level;
  }
  return wrong;
}

// Contrast (WCAG 2.2, 1.4.3 and 1.4.11)

const brush = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
  .getContext('2d', { willReadFrequently: true });

// The canvas understands every notation the browser does.
function colour(css) {
  brush.clearRect(0, 0, 1, 1);
  brush.fillStyle = css;
  brush.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
  return { rgb: [red, green, blue], alpha: alpha / 255 };
}

function over(top, bottom) {
  return top.rgb.map((part, at) => part * top.alpha + bottom[at] * (1 - top.alpha));
}

const up = (element) => element.assignedSlot ?? element.parentElement ?? element.getRootNode().host ?? null;

// What is behind an element's text, `from` counted or not.
function ground(element) {
  const layers = [];
  for (let at = element; at; at = up(at)) layers.push(colour(getComputedStyle(at).backgroundColor));
  const dark = getComputedStyle(document.documentElement).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches;
  return layers.reverse().reduce((below, layer) => over(layer, below), dark ? [18, 18, 18] : [255, 255, 255]);
}

function opacity(element) {
  let all = 1;
  for (let at = element; at; at = up(at)) all *= Number(getComputedStyle(at).opacity);
  return all;
}

function luminance(rgb) {
  const [red, green, blue] = rgb.map((part) => {
    const linear = part / 255;
    return linear <= 0.04045 ? linear / 12.92 : ((linear + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function ratio(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function readable(element, style, text, wrong) {
  const behind = ground(element);
  const ink = colour(style.color);
  const found = ratio(over({ rgb: ink.rgb, alpha: ink.alpha * opacity(element) }, behind), behind);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (found < (large ? 3 : 4.5)) {
    wrong.push(`${named(element)} "${text.trim().slice(0, 30)}" has a contrast of ${found.toFixed(2)}`);
  }
}

function contrast() {
  const wrong = [];
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.data;
    if (!text.trim() || !shown(element) || spoken(element) || element.matches('option') || element.closest(':disabled')) continue;
    readable(element, getComputedStyle(element), text, wrong);
  }
  for (const field of all('input:not([type=checkbox], [type=radio], :disabled)')) {
    const style = getComputedStyle(field);
    // The date is told by its tile until somebody types it.
    const isUnder = field.matches('.over') && colour(style.color).alpha === 0;
    if (!isUnder) readable(field, style, field.value || field.localName, wrong);
    if (field.placeholder && !field.value) {
      const style = getComputedStyle(field, '::placeholder');
      // Firefox fades placeholders by themselves.
      if (style.opacity !== '1') wrong.push(`${named(field)} fades its placeholder`);
      readable(field, style, field.placeholder, wrong);
    }
  }
  return wrong;
}

function borders() {
  const wrong = [];
  // The fields of one slip have its border.
  const bordered = '.input:not(:disabled, .slip *), .slip, .people, [role=switch]:not(:disabled)';
  for (const field of all(bordered)) {
    const style = getComputedStyle(field);
    if (parseFloat(style.borderTopWidth) < 1 || style.borderTopStyle === 'none') {
      wrong.push(`${named(field)} has no border`);
      continue;
    }
    const outside = ground(up(field));
    const found = ratio(over(colour(style.borderTopColor), outside), outside);
    if (found < 3) wrong.push(`the border of ${named(field)} has a contrast of ${found.toFixed(2)}`);
  }
  // What a switch says by its position must be seen as well.
  for (const control of all('[role=switch]:not(:disabled)')) {
    const inside = ground(control);
    const found = ratio(colour(getComputedStyle(control, '::before').backgroundColor).rgb, inside);
    if (found < 3) wrong.push(`the knob of ${named(control)} has a contrast of ${found.toFixed(2)}`);
  }
  return wrong;
}

// Size (WCAG 2.2, 2.5.8 and 1.4.10)

function targets() {
  const wrong = [];
  for (const element of all('button, a[href], input, select, [role=option], label.chip')) {
    // A label makes its whole box the target.
    const box = (element.closest('label') ?? element).getBoundingClientRect();
    if (box.width < 24 || box.height < 24) {
      wrong.push(`${named(element)} is ${box.width.toFixed(0)} by ${box.height.toFixed(0)} pixels`);
    }
  }
  return wrong;
}

function overflow() {
  const wrong = [];
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) {
    wrong.push(`the page scrolls sideways: ${page.scrollWidth} in ${page.clientWidth} pixels`);
  }
  const frame = root.querySelector('.widget');
  const { left, right } = frame.getBoundingClientRect();
  for (const element of frame.querySelectorAll('*')) {
    if (!shown(element) || spoken(element)) continue;
    const box = element.getBoundingClientRect();
    const out = Math.max(box.right - right, left - box.left);
    if (box.width && out > 1) wrong.push(`${named(element)} sticks out by ${out.toFixed(0)} pixels`);
    const clips = getComputedStyle(element).overflowX !== 'visible';
    // Fields scroll their own text.
    if (clips && !element.matches('input') && element.scrollWidth > element.clientWidth + 1) {
      wrong.push(`${named(element)} cuts its text off`);
    }
  }
  for (const control of all('button, a.button')) {
    if (control.scrollWidth > control.clientWidth + 1 || control.scrollHeight > control.clientHeight + 1) {
      wrong.push(`the label of ${named(control)} does not fit`);
    }
  }
  return wrong;
}

// Words as people write them, none so long that it must be broken anywhere.
const WORD_MAX = 20;

function brokenWords() {
  const wrong = [];
  const walker = document.createTreeWalker(root.querySelector('.widget'), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!shown(text.parentElement) || spoken(text.parentElement)) continue;
    // Only letters: addresses and hyphens are broken where they may be, and some languages anywhere.
    for (const { 0: word, index } of text.data.matchAll(/\S+/g)) {
      if (word.length > WORD_MAX || !/^[\p{Script=Latin}\p{Nd}:.,]+$/u.test(word)) continue;
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) wrong.push(`“${word}” of ${named(text.parentElement)} is broken into ${lines.size} lines`);
    }
  }
  return wrong;
}

const found = [names, ids, headings, contrast, borders, targets, overflow, brokenWords].flatMap((check) => check());
return [...new Set(found)];
