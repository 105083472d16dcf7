// The loader: <script src="https://…/embed.js" async></script> puts the widget on any page.
// Owns the custom element, its shadow root and the skeleton; the widget itself is WebAssembly. The
// bundle crate joins ladder.js to this file, the way down where a page forbids that, fills in FILES
// and WORDS, and drops these comments.
const FILES = {};
// By language: the first field's label, then what the ladder's last rung says.
const WORDS = {};
const TAG = 'goto-meeting';
const ATTRIBUTES = ['page', 'meeting-id', 'lang', 'theme', 'time-zone', 'subject', 'start', 'duration', 'co-organizers', 'manage', 'mode'];
const PATIENCE = 8000;
// What the form looks like with its first field, in the places of widget.css. Translucent greys read
// on any page, light or dark.
const SKELETON =
  ':host{display:block;container-type:inline-size}*{box-sizing:border-box}' +
  'div{max-width:var(--gotomeeting-max-width,720px);min-height:720px;padding:var(--gotomeeting-padding,24px);' +
  'border:1px solid #8884;border-radius:12px;font-size:16px;font-weight:400;line-height:1.5;' +
  'font-family:var(--gotomeeting-font,inherit)}' +
  'i{display:block;height:44px;margin-top:20px;border-radius:8px;background:#8882}' +
  'i:first-child{width:55%;height:42px;margin:0 0 20px}' +
  'i:nth-of-type(2){height:115px;margin-top:48px}' +
  'p{margin:0}' +
  'label{display:block;margin-bottom:4px;font-size:14px;font-weight:600;line-height:20px}' +
  'input{width:100%;height:44px;margin:0;padding:9px 12px;border:1px solid #8888;border-radius:8px;' +
  'background:none;color:inherit;font:inherit}' +
  '@container(max-width:399px){div{padding:min(16px,var(--gotomeeting-padding,24px))}}';

// Markup may call an image or a form like a member of `document`, or a field like one of its form,
// and stands before it then. What the prototype has it cannot hide.
const of = (name) => Reflect.get(Document.prototype, name, document);
const make = (name) => of('createElement').call(document, name);
const find = (css) => [...of('querySelectorAll').call(document, css)];
const attribute = (node, name) => Element.prototype.getAttribute.call(node, name);
const bare = (address) => address?.replace(/\/*$/, '');

// The proxy's address, if `script` is the loader's own file: that alone names the proxy, or markup
// could choose to whom the portal's token goes. A page that bundles the loader says so on its tag.
function home(script) {
  if (!(script instanceof HTMLScriptElement)) return null;
  const own = /^([^?#]+?)(\/assets\/embed-[\w-]{12}|\/embed)\.js([?#].*)?$/.exec(script.src);
  return bare(script.getAttribute('data-proxy')) || (own && own[1]);
}

// Only readable while a classic script runs.
const script = of('currentScript');
const known = home(script);
const nonce = (known && script.nonce) || '';
let program;

// Every file is named by its digest, so what is fetched is what was built. While a release is rolled
// out every second answer may come from a proxy that does not know it.
async function often(proxy, name, digest, work) {
  for (let turn = 1; ; turn += 1) {
    const hash = digest.slice(0, 12).replace(/[+/]/g, '-');
    try {
      return await work(`${proxy}/assets/${name.replace('.', `-${hash}.`)}${turn > 1 ? `?${turn}` : ''}`, `sha256-${digest}`);
    } catch (error) {
      if (turn === 3) throw error;
    }
  }
}

const get = (proxy, name, digest) =>
  often(proxy, name, digest, (url, integrity) =>
    fetch(url, { integrity, credentials: 'omit' }).catch(async (error) => {
      // An answer of another digest has no status.
      const { status } = await fetch(url, { credentials: 'omit' });
      throw Object.assign(error, { gone: status === 404 });
    }),
  );

// The program: compiled while it comes, and handed on when its digest is right. A page without TLS can
// have no digest made, so there the browser looks at the whole first.
const compile = async (proxy, name, digest) => {
  if (!self.crypto?.subtle || !WebAssembly.compileStreaming) return get(proxy, name, digest);
  const { module } = await often(proxy, name, digest, async (url, integrity) => {
    const answer = await fetch(url, { credentials: 'omit' });
    if (!answer.ok) throw Object.assign(new Error(name), { gone: answer.status === 404 });
    const streamed = WebAssembly.compileStreaming(answer.clone());
    streamed.catch(() => {});
    const bytes = await answer.arrayBuffer();
    const found = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    if (`sha256-${btoa(String.fromCharCode(...found))}` !== integrity) throw new Error(name);
    // Some firewalls take the type away, without which nothing is compiled on its way.
    return { module: streamed.catch(() => WebAssembly.compile(bytes)) };
  });
  return module;
};

// import() checks nothing: it comes when the browser has checked the module. Chromium and Firefox
// check what is preloaded and then import that; WebKit checks only what a script element runs. Where
// Trusted Types forbid us even a policy of our own for its address, the next rung runs nothing here.
const apple = /Apple/.test(navigator.vendor);
let policy;

const run = async (proxy, name, digest) => {
  if (apple) policy ??= self.trustedTypes?.createPolicy('goto-microapps', { createScriptURL: String });
  const trusted = (url) => (policy ? policy.createScriptURL(url) : url);
  return often(proxy, name, digest, async (url, integrity) => {
    await new Promise((onload, fail) => {
      const node = make(apple ? 'script' : 'link');
      const kind = apple ? { type: 'module', src: trusted(url) } : { rel: 'modulepreload', href: url };
      Object.assign(node, { integrity, crossOrigin: '', nonce, onload, onerror: () => fail(new Error(name)) }, kind);
      of('head').append(node);
    });
    return import(url);
  });
};

// The first question, beside the download of the program: it may need a preflight as well.
function ask(element, proxy) {
  const { token } = element;
  const headers = { accept: 'application/json', 'x-goto-microapps': '1' };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = fetch(`${proxy}/app/api/session`, { headers, credentials: 'include', redirect: 'manual' });
  return { token, answer };
}

class GotoMeeting extends HTMLElement {
  static observedAttributes = [...ATTRIBUTES, 'proxy'];
  #root = shadow(this);
  #started = false;
  // Counts starts: what belongs to an earlier one comes too late.
  #turn = 0;
  // The widget, or what stands in its place.
  #widget = null;

  connectedCallback() {
    if (!this.#started) this.#start();
  }

  // Moving an element disconnects and connects it again at once: that must not lose what was typed.
  disconnectedCallback() {
    setTimeout(() => {
      if (!this.isConnected) this.#stop();
    });
  }

  attributeChangedCallback(name, before, now) {
    if (before === now || !this.#started) return;
    if (name === 'lang' || name === 'mode' || (name === 'proxy' && !known)) {
      this.#stop();
      if (this.isConnected) this.#start();
    } else if (this.#widget) this.#widget.attribute_changed(name);
  }

  #stop() {
    const widget = this.#widget;
    this.#widget = null;
    this.#started = false;
    this.#turn += 1;
    if (widget) widget.unmount();
  }

  async #start() {
    const turn = (this.#turn += 1);
    this.#started = true;
    // Scripts set attributes right after they have put the element in its place.
    await null;
    const late = () => turn !== this.#turn;
    if (late()) return;
    const root = this.#root;
    const proxy = known || bare(this.getAttribute('proxy'));
    const lang = language(this);
    const fall = (reason) => {
      if (late()) return;
      this.#stop();
      this.#started = true;
      console.warn(TAG, reason);
      this.#widget = descend(this, root || this, proxy, reason);
    };
    let watchdog;
    try {
      const mode = this.getAttribute('mode');
      if (!proxy) throw new Error('no proxy');
      if (!root) throw new Error();
      // A sandbox without an origin may not call the proxy from any other rung.
      if (mode === 'form' || self.origin === 'null') return fall('form');
      if (mode === 'frame') {
        skeleton(this, root, lang);
        return fall(mode);
      }
      watchdog = setTimeout(() => fall('too slow'), PATIENCE);
      // Any number of elements share one download; a failed one may be tried again.
      program ||= [run(proxy, 'widget.js', FILES.glue), compile(proxy, 'widget.wasm', FILES.wasm)];
      // Its failure is reported through start below, or not at all if the glue fails first.
      program[1].catch(() => {});
      const asked = ask(this, proxy);
      const field = skeleton(this, root, lang);
      // What stands between may refuse the preflight of calls from another origin, and nothing else.
      asked.answer.catch(async () => {
        const listed = await fetch(`${proxy}/app/listed`, { credentials: 'include' });
        if (listed.ok) fall('calls are refused');
      }).catch(() => {});
      const glue = await program[0];
      const wasm = program[1];
      const widget = await glue.start({ element: this, root, proxy, lang, field, asked, wasm, late, fall, get: (name, digest) => get(proxy, name, digest) });
      if (late()) widget?.unmount();
      else this.#widget = widget;
    } catch (error) {
      program = null;
      fall(error);
    } finally {
      clearTimeout(watchdog);
    }
  }
}

function shadow(element) {
  try {
    return element.attachShadow({ mode: 'open' });
  } catch {
    return element.shadowRoot;
  }
}

// The element's language, or the page's around it, then the reader's.
function languages(element) {
  let found = [];
  try {
    found = [attribute(element.closest('[lang]') || of('documentElement'), 'lang'), ...navigator.languages];
  } catch {}
  return [...found, 'en'].filter(Boolean);
}

// The first that there are words for.
function language(element) {
  return languages(element).map((wanted) => wanted.toLowerCase().split('-')[0]).find((lang) => WORDS[lang]);
}

// The form's outline with its first field, which can be typed into. What the author wrote inside the
// element stays in its place. Answers the field.
function skeleton(element, root, lang) {
  const bones = [0, 0, 0, 0].map(() => make('i'));
  const box = make('div');
  box.setAttribute('part', 'widget');
  box.append(...bones);
  let field = null;
  if (/^(create.meeting)?$/.test(element.getAttribute('page') || '')) {
    const [grid, half, label] = ['p', 'span', 'label'].map(make);
    field = make('input');
    field.id = label.htmlFor = 'early';
    box.lang = lang;
    field.autocomplete = 'off';
    field.value = element.getAttribute('subject') || '';
    label.append(WORDS[lang][0]);
    half.append(label, field);
    grid.append(half);
    bones[0].after(grid);
    // Nothing is taken out of an input method's hands.
    field.addEventListener('compositionstart', () => {
      field.composed = new Promise((done) => field.addEventListener('compositionend', done));
    });
    field.onkeydown = field.onkeypress = field.onkeyup = (event) => event.stopPropagation();
  }
  const slot = make('slot');
  slot.addEventListener('slotchange', () => {
    box.hidden = slot.assignedNodes().some((node) => node.localName || node.data.trim());
  });
  root.replaceChildren(slot, box);
  if ('adoptedStyleSheets' in root) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(SKELETON);
      root.adoptedStyleSheets = [sheet];
    } catch {}
  }
  return field;
}

// Tags that have been looked at, and the elements made for them.
const served = new WeakSet();
const made = new WeakSet();

// Each tag alone is a whole widget where it stands, unless the page places an element itself. The tag
// that runs need not be the one that stands there: libraries run tags of what they insert elsewhere.
function place() {
  const own = find(TAG).some((element) => !made.has(element));
  for (const tag of find('script')) {
    if (served.has(tag) || home(tag) !== known || tag.closest('head')) continue;
    served.add(tag);
    if (own || tag.hasAttribute('data-manual') || !/^$|javascript/.test(tag.type)) continue;
    const element = make(TAG);
    made.add(element);
    for (const name of ATTRIBUTES) {
      const value = tag.getAttribute(`data-${name}`);
      if (value !== null) element.setAttribute(name, value);
    }
    tag.after(element);
  }
  if (!find(TAG).length && !script.hasAttribute('data-manual')) console.info('put <goto-meeting> in its place');
}

// A page with the script twice keeps the first definition, which serves all tags.
if (!customElements.get(TAG)) {
  GotoMeeting.place = place;
  customElements.define(TAG, GotoMeeting);
}
const serve = () => customElements.get(TAG).place?.();
if (known && of('readyState') === 'loading') addEventListener('DOMContentLoaded', serve);
else if (known) serve();
