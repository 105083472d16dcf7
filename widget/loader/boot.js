// The end of the widget's glue: from the files to a widget in its element. Joined to what
// wasm-bindgen writes, so that the loader stays small; the bundle crate fills in PARTS.
const PARTS = {};
// Taken once: what the page puts in their places later is not asked. Of the names that the glue uses
// in its functions, so before the first call.
const { Date, Intl, URL, URLSearchParams, Headers, Request, Response, CustomEvent, Promise, Reflect, AbortController, setTimeout, fetch, getComputedStyle } = globalThis;
// Markup may call an image like a member of `document`, which then stands before it. What the
// prototype has it cannot hide.
const bound = new Map();
const page = new Proxy(document, {
  get(target, name) {
    if (bound.has(name)) return bound.get(name);
    const value = Reflect.get(Document.prototype, name, target);
    if (typeof value !== 'function') return value;
    bound.set(name, value.bind(target));
    return bound.get(name);
  },
});
const real = (object) => (object === document ? page : object);
let ready;
let style;
let files;
const texts = {};

// The widgets on the page, by what takes each one step down the ladder.
const living = new Set();

// The later module's functions join the program's once.
let added;
async function add() {
  const response = await files('later.wasm', PARTS.later);
  await WebAssembly.instantiate(await response.arrayBuffer(), { __wasm_split: wasm });
}

// What the program imports to have the module loaded that comes after the form: `told` is the place of
// a function in its table, which wants to know whether that worked.
const later = {
  async __wasm_split_load_later(told, data) {
    let done = false;
    try {
      await (added ||= shared(add(), () => (added = null)));
      done = true;
    } catch (error) {
      console.warn('goto-meeting', error);
      // Of a build that no proxy knows any more: no widget of it will ever create a meeting.
      if (error.gone) for (const { fall } of living) fall(error);
    }
    wasm.__indirect_function_table.get(told)(data, done);
  },
};

// Shares what is being fetched; a failed download may be tried again.
async function shared(promise, forget) {
  try {
    return await promise;
  } catch (error) {
    forget();
    throw error;
  }
}

// Whoever has the browser write larger has everything larger, so that nothing becomes too small for its
// words; but nothing narrower than the form can be, also when the window is made narrow. What the browser
// calls medium is the reader's: 1rem may be the page's.
function enlarged(root) {
  const probe = real(document).createElement('span');
  probe.style.fontSize = 'medium';
  root.append(probe);
  const wanted = parseFloat(getComputedStyle(probe).fontSize) / 16;
  probe.remove();
  const most = Math.min(wanted, (root.host.clientWidth || Infinity) / 280);
  let rules = '';
  for (let times = 1.25; times <= most; times += 0.25) {
    rules += `@media (min-width: ${times * 320}px) { :host { zoom: ${times} !important } }`;
  }
  return rules;
}

// A constructed sheet, because a strict style-src blocks <style> and style attributes; null in browsers
// that have none.
function tailor(root, css) {
  try {
    if (!('adoptedStyleSheets' in root)) return null;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css + enlarged(root));
    return sheet;
  } catch {
    return null;
  }
}

// Puts the sheet on, or a link in its place, for which the page has to allow the proxy. Answers what
// has to stay.
async function dress(root, sheet, url) {
  try {
    if (sheet) {
      root.adoptedStyleSheets = [sheet];
      return [];
    }
  } catch {}
  const link = real(document).createElement('link');
  await new Promise((done, fail) => {
    Object.assign(link, { rel: 'stylesheet', href: url, crossOrigin: '', integrity: `sha256-${PARTS.css}` });
    link.onload = done;
    link.onerror = () => fail(new Error('the style sheet is forbidden'));
    root.append(link);
  });
  return [link];
}

// The widget's own field takes over what was typed into the skeleton's, where it stood.
function takeOver(root, { value, selectionStart, selectionEnd }, focused) {
  const field = root.querySelector('[data-field=subject]');
  if (!field) return;
  if (value) {
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  }
  if (!focused) return;
  field.focus({ preventScroll: true });
  field.setSelectionRange(selectionStart, selectionEnd);
}

// What a browser reads when dates and zones are first written takes it longer than the form: it reads
// it here, while the program is on its way.
function warm(lang) {
  const clock = { hour: 'numeric', minute: '2-digit' };
  const day = { weekday: 'short', day: 'numeric', month: 'short' };
  try {
    const tag = navigator.languages.find((mine) => mine.startsWith(`${lang}-`)) || lang;
    new Intl.DateTimeFormat(tag, { ...clock, timeZoneName: 'longGeneric' }).formatRange(0, 1);
    new Intl.DateTimeFormat(tag, { ...clock, ...day }).formatRange(0, 1);
    new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }).format(0, 'day');
    // What the program asks zones with.
    const { timeZone } = new Intl.DateTimeFormat('en').resolvedOptions();
    new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).format(0);
  } catch {}
}

// What comes before the program does is in the first picture. Its failure is the program's to tell.
async function listen(asked) {
  const answer = await asked.answer;
  if (answer.ok) asked.text = await answer.clone().text();
}

// Puts a widget into `root`; null when the element has left the page or the loader gave up.
export async function start({ element, root, proxy, lang, field, asked, get, wasm, late, fall }) {
  files ||= get;
  ready ||= __wbg_init({ module_or_path: wasm });
  style ||= get('widget.css', PARTS.css).then(async (response) => ({ url: response.url, css: await response.text() }));

  if (asked) listen(asked).catch(() => {});
  texts[lang] ||= get(`words-${lang}.txt`, PARTS.words[lang]).then((response) => response.text());
  warm(lang);
  const [{ sheet, url }, text] = await Promise.all([
    shared(style, () => (style = null)).then(({ css, url }) => ({ sheet: tailor(root, css), url })),
    shared(texts[lang], () => delete texts[lang]),
    shared(ready, () => (ready = null)),
  ]);
  await field?.composed;
  if (!element.isConnected || late()) return null;
  const worn = await dress(root, sheet, url);
  if (!element.isConnected || late()) return null;
  const focused = field && root.activeElement === field;
  const typed = field && field.value !== (element.getAttribute('subject') || '');
  const early = field && { value: typed && field.value, selectionStart: field.selectionStart, selectionEnd: field.selectionEnd };
  root.replaceChildren(...worn);
  for (const other of living) if (other.late()) living.delete(other);
  living.add({ fall, late });
  const widget = mount(element, root, proxy, lang, text, asked, fall);
  if (early) takeOver(root, early, focused);
  // A portal may hand over who is signed in before or after the widget is there.
  let { token } = element;
  Object.defineProperty(element, 'token', {
    configurable: true,
    get: () => token,
    set: (value) => {
      if (value === token) return;
      token = value;
      widget.token_changed();
    },
  });
  return widget;
}
