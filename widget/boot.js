// The end of the widget's glue: from the files to a widget in its element. Joined to what
// wasm-bindgen writes, so that the loader stays small; the bundle crate fills in PARTS.
const PARTS = {};
let ready;
let sheet;
const texts = {};

// Shares what is being fetched; a failed download may be tried again.
async function shared(promise, forget) {
  try {
    return await promise;
  } catch (error) {
    forget();
    throw error;
  }
}

// Constructed sheets, because a strict style-src blocks <style> and style attributes.
async function style(get) {
  const css = await (await get('widget.css', PARTS.css)).text();
  return new CSSStyleSheet().replace(css);
}

async function words(get, lang) {
  return (await get(`words-${lang}.json`, PARTS.words[lang])).text();
}

// The element's language, the page's around it, then the reader's.
function language(element) {
  const near = element.closest('[lang]') || document.documentElement;
  for (const wanted of [near.lang, ...navigator.languages]) {
    const lang = wanted.toLowerCase().split('-')[0];
    if (PARTS.words[lang]) return lang;
  }
  return 'en';
}

// Puts a widget into `root`; null when the element has left the page or the loader gave up.
export async function start(element, root, proxy, get, wasm, late) {
  const lang = language(element);
  ready ||= __wbg_init({ module_or_path: wasm });
  sheet ||= style(get);
  texts[lang] ||= words(get, lang);
  const [css, text] = await Promise.all([
    shared(sheet, () => (sheet = null)),
    shared(texts[lang], () => delete texts[lang]),
    shared(ready, () => (ready = null)),
  ]);
  if (!element.isConnected || late()) return null;
  root.adoptedStyleSheets = [css];
  root.replaceChildren();
  const widget = mount(element, root, proxy, lang, text);
  // A portal may hand over who is signed in before or after the widget is there.
  let token = element.token;
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
