// The playground: what its controls say becomes the widget beside them, and the markup that gives it.
//
// What there is to be tried stands in playground.html: a control for each attribute and variable, a
// line for each event. A test holds those against what the tag really has.

const one = (id) => document.getElementById(id);
const all = (css) => [...document.querySelectorAll(css)];
const settings = one('settings');
const attributes = all('[data-attribute]');
const variables = all('[data-variable]');
const loader = one('loader').src;
// As on any page with such a rule; the text of it is the text that is copied.
const sheet = new CSSStyleSheet();
const colours = variables.filter(({ dataset }) => dataset.property === 'color').map(pick);
let widget = document.querySelector('goto-meeting');

// What the tag cannot do without, as name and value; a default is left out.
function wished() {
  const differs = ({ value, dataset }) => value && value !== dataset.default;
  return attributes.filter(differs).map((control) => [control.dataset.attribute, control.value]);
}

// Whether a browser takes `value` for `property`, and it ends where it seems to: what opens a string,
// a bracket or a comment would take the rest of the rule with it, also where it is copied to.
function takes(property, value) {
  if (/[;{}<]/.test(value)) return false;
  const trial = new CSSStyleSheet();
  trial.replaceSync(`a { ${property}: ${value}; --end: 1 }`);
  const { style } = trial.cssRules[0];
  return style.getPropertyValue(property) !== '' && style.getPropertyPriority(property) === '' &&
    style.getPropertyValue('--end').trim() === '1';
}

// The variables that are set to something, as name and value; the others are named as refused.
function look() {
  const taken = [];
  const refused = [];
  for (const control of variables) {
    const { variable, property } = control.dataset;
    const value = control.value.trim();
    const good = !value || takes(property, value);
    control.setAttribute('aria-invalid', String(!good));
    if (!good) refused.push(variable);
    else if (value) taken.push([variable, value]);
  }
  one('refused').textContent = refused.length ? `Not a value for ${refused.join(', ')}` : '';
  return taken;
}

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function markup(wanted, rule) {
  const tag = document.querySelector('[name=shape]:checked').value === 'tag';
  const written = wanted.map(([name, value]) => ` ${tag ? 'data-' : ''}${name}="${escaped(value)}"`).join('');
  // Only a script that is not the file embed.js itself has to be told where the proxy is.
  const source = wanted.some(([name]) => name === 'proxy') ? '/your-bundle.js' : loader;
  const script = `<script src="${escaped(source)}" async${tag ? written : ''}></script>`;
  return [
    rule && `<style>\n${rule}\n</style>`,
    script,
    !tag && `<goto-meeting${written}></goto-meeting>`,
  ].filter(Boolean).join('\n');
}

// What a widget takes in at once, as a reader would see it on the page; anything else makes a new
// widget, which is what a page with that markup begins with.
function dress(wanted, anew) {
  const differs = ({ dataset: { attribute } }) => widget.getAttribute(attribute) !== (wanted.get(attribute) ?? null);
  const changed = attributes.filter(differs);
  const old = widget;
  if (anew || changed.some((control) => !control.hasAttribute('data-live'))) {
    widget = document.createElement('goto-meeting');
    for (const [name, value] of wanted) widget.setAttribute(name, value);
    old.replaceWith(widget);
    return;
  }
  for (const { dataset } of changed) {
    const value = wanted.get(dataset.attribute);
    if (value === undefined) widget.removeAttribute(dataset.attribute);
    else widget.setAttribute(dataset.attribute, value);
  }
}

function show({ anew = false } = {}) {
  const wanted = wished();
  const taken = look();
  for (const follow of colours) follow();
  const lines = taken.map(([name, value]) => `  ${name}: ${value};`);
  const rule = lines.length ? ['goto-meeting {', ...lines, '}'].join('\n') : '';
  sheet.replaceSync(rule);
  dress(new Map(wanted), anew);
  one('snippet').textContent = markup(wanted, rule);
  one('copied').textContent = '';
  return [...wanted, ...taken];
}

// Shows what was just changed, and puts it into the address: after the hash sign, where the widget's
// memory of what was typed does not look.
function change(how) {
  const address = new URLSearchParams(show(how)).toString();
  history.replaceState(null, '', address ? `#${address}` : location.pathname);
}

// What an address asks for, such as one that somebody was sent.
function read() {
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const control of [...attributes, ...variables]) {
    const value = asked.get(control.dataset.attribute ?? control.dataset.variable);
    if (value !== null) control.value = value;
    // A select that has no such option shows nothing at all.
    if (control.selectedIndex === -1) control.selectedIndex = 0;
  }
}

// The browser's own picker beside each colour, which follows what is typed.
function pick(control) {
  const picker = document.createElement('input');
  picker.type = 'color';
  picker.setAttribute('aria-label', `Pick ${control.dataset.variable}`);
  picker.addEventListener('input', () => {
    control.value = picker.value;
  });
  control.before(picker);
  return () => {
    const isSet = control.value.trim() !== '' && control.getAttribute('aria-invalid') !== 'true';
    picker.classList.toggle('unset', !isSet);
    if (!isSet) return;
    // It knows no names and no functions, so the browser resolves them first.
    picker.style.color = control.value;
    const parts = getComputedStyle(picker).color.match(/^rgba?\((\d+), (\d+), (\d+)/);
    if (parts) picker.value = `#${parts.slice(1).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
  };
}

function hear(line) {
  let times = 0;
  const count = document.createElement('span');
  count.className = 'count';
  count.textContent = '0×';
  line.append(count);
  document.addEventListener(line.dataset.event, (event) => {
    const vetoed = event.cancelable && one('veto').checked;
    if (vetoed) event.preventDefault();
    times += 1;
    count.textContent = `${times}×`;
    const entry = document.createElement('li');
    const time = document.createElement('time');
    time.textContent = new Date().toLocaleTimeString('en-GB');
    const name = document.createElement('code');
    name.textContent = event.type;
    const detail = document.createElement('code');
    detail.className = 'detail';
    detail.textContent = event.detail ? JSON.stringify(event.detail) : '';
    entry.append(time, ' ', name, ' ', detail);
    if (vetoed) {
      const veto = document.createElement('strong');
      veto.textContent = 'vetoed';
      entry.append(' ', veto);
    }
    const log = one('log');
    log.append(entry);
    log.scrollTop = log.scrollHeight;
  });
}

async function copy() {
  const snippet = one('snippet');
  let said = 'Copied';
  try {
    await navigator.clipboard.writeText(snippet.textContent);
  } catch {
    // Where a page may not copy, the reader can: it is selected for them.
    getSelection().selectAllChildren(snippet);
    snippet.focus();
    said = 'Selected, to be copied by hand';
  }
  one('copied').textContent = said;
}

document.adoptedStyleSheets = [sheet];
for (const zone of Intl.supportedValuesOf?.('timeZone') ?? []) one('zones').append(new Option(zone, zone));
all('[data-event]').forEach(hear);
read();
show();
settings.addEventListener('change', () => change());
// A colour is seen while it is chosen. Attributes wait until they are whole.
one('look').addEventListener('input', () => change());
settings.addEventListener('submit', (event) => event.preventDefault());
// The controls have their defaults only after the event.
settings.addEventListener('reset', () => setTimeout(change));
one('markup').addEventListener('change', () => change());
one('anew').addEventListener('click', () => change({ anew: true }));
one('copy').addEventListener('click', copy);
one('clear').addEventListener('click', () => one('log').replaceChildren());
addEventListener('hashchange', () => {
  if (!location.hash.includes('=')) return;
  settings.reset();
  read();
});
