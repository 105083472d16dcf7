// The widget in one piece: joined to the glue in the proxy's /frame page, with every file inside it,
// where a file of its own does not come as it was built. The proxy fills in WHOLE.
const WHOLE = {};
const element = document.querySelector('goto-meeting');
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
start({
  element,
  root: element.attachShadow({ mode: 'open' }),
  proxy: WHOLE.proxy,
  lang: WHOLE.lang,
  get: async (name) => new Response(name in WHOLE.files ? WHOLE.files[name] : bytes(WHOLE.modules[name])),
  wasm: bytes(WHOLE.modules['widget.wasm']).buffer,
  late: () => false,
  fall: failed,
}).catch(failed);

// Nothing is left but the plain pages.
function failed(reason) {
  console.warn('goto-meeting', reason);
  const link = document.createElement('a');
  link.href = `${WHOLE.proxy}/form?lang=${WHOLE.lang}`;
  link.target = '_blank';
  link.rel = 'noopener';
  link.append(WHOLE.open);
  element.shadowRoot.replaceChildren(link);
  element.dispatchEvent(new CustomEvent('gotomeeting:error', { bubbles: true, composed: true, detail: { code: 'load_failed' } }));
}
