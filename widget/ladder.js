// The way down where a page forbids WebAssembly or the widget does not come: a frame of the proxy's
// own page that behaves like the element, then a link to the plain pages.
const PATIENCE = 8000;
const ATTRIBUTES = ['page', 'meeting-id', 'theme', 'time-zone', 'subject', 'start', 'duration', 'co-organizers'];
const FAILED = {
  en: ['The form cannot be shown on this page.', 'Open it in a new tab'],
  fr: ['Le formulaire ne peut pas s’afficher sur cette page.', 'L’ouvrir dans un nouvel onglet'],
};
// The frame's page has its own border and padding; nothing may be added around it.
const STYLE =
  ':host{display:block}iframe{display:block;width:100%;height:420px;border:0;color-scheme:auto}' +
  'p{margin:0;padding:16px;border:1px solid #8886;border-radius:12px;font:inherit}';

function language(element) {
  const near = element.closest('[lang]') || document.documentElement;
  return near.lang || navigator.language;
}

function address(element, proxy) {
  const query = new URLSearchParams({ origin: location.origin, lang: language(element) });
  for (const name of ATTRIBUTES) {
    const value = element.getAttribute(name);
    if (value) query.set(name, value);
  }
  return `${proxy}/frame?${query}`;
}

function tell(element, name, detail) {
  element.dispatchEvent(new CustomEvent(`gotomeeting:${name}`, { bubbles: true, composed: true, detail }));
}

// The last step: the plain pages in a tab of their own.
function form(element, root, proxy) {
  const [sentence, open] = FAILED[language(element).toLowerCase().split('-')[0]] || FAILED.en;
  const link = document.createElement('a');
  link.href = `${proxy}/form?lang=${encodeURIComponent(language(element))}`;
  link.target = '_blank';
  link.rel = 'noopener';
  link.append(open);
  const box = document.createElement('p');
  box.setAttribute('part', 'alert');
  box.role = 'alert';
  box.append(`${sentence} `, link);
  root.replaceChildren(box);
  tell(element, 'error', { code: 'load_failed' });
}

// Puts what can be shown into `root`; answers a handle like a widget's.
export function descend(element, root, proxy, reason) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  if (reason === 'form') {
    form(element, root, proxy);
    return { unmount() {}, attribute_changed() {} };
  }
  const origin = new URL(proxy).origin;
  const frame = document.createElement('iframe');
  frame.title = 'GoToMeeting';
  frame.allow = 'clipboard-write';
  frame.src = address(element, proxy);
  let token = element.token;
  const send = () => frame.contentWindow?.postMessage({ type: 'gotomeeting:token', token }, origin);
  // A page that forbids the frame as well says nothing: only silence tells.
  const watchdog = setTimeout(() => {
    console.warn('goto-meeting', 'the frame does not answer');
    unmount();
    form(element, root, proxy);
  }, PATIENCE);
  const listen = (event) => {
    if (event.origin !== origin || event.source !== frame.contentWindow) return;
    const { type, height, name, detail } = event.data || {};
    if (type === 'gotomeeting:size' && height > 0) {
      clearTimeout(watchdog);
      // Set by script, so that it needs no leave of the page's style-src.
      sheet.replaceSync(`${STYLE}iframe{height:${Math.ceil(height)}px}`);
    } else if (type === 'gotomeeting:event' && /^[a-z-]+$/.test(name)) {
      tell(element, name, detail);
    } else if (type === 'gotomeeting:here') {
      clearTimeout(watchdog);
      send();
    }
  };
  function unmount() {
    clearTimeout(watchdog);
    removeEventListener('message', listen);
  }
  addEventListener('message', listen);
  Object.defineProperty(element, 'token', {
    configurable: true,
    get: () => token,
    set: (value) => {
      token = value;
      send();
    },
  });
  root.replaceChildren(frame);
  return {
    unmount,
    attribute_changed() {
      frame.src = address(element, proxy);
    },
  };
}
