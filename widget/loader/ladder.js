// The way down where a page forbids WebAssembly or the widget does not come: a frame of the proxy's
// own page that behaves like the element, then a link to the plain pages. Joined to embed.js, so that
// it needs no other file; it needs as little of the browser as can be, for what the widget missed may
// be missing here.

const NOTHING = { unmount() {}, attribute_changed() {} };

function address(element, proxy) {
  const query = new URLSearchParams({ origin: self.origin, lang: languages(element)[0] });
  for (const name of ATTRIBUTES) {
    const value = element.getAttribute(name);
    if (value && !/^(lang|mode)$/.test(name)) query.set(name, value);
  }
  return `${proxy}/frame?${query}`;
}

function tell(element, name, detail) {
  element.dispatchEvent(new CustomEvent(`gotomeeting:${name}`, { bubbles: true, composed: true, detail }));
}

// The last step: the plain pages in a tab of their own. What the author wrote inside stays above it.
function form(element, root, proxy) {
  const [, sentence, open] = WORDS[language(element)];
  const box = make('p');
  box.setAttribute('part', 'alert');
  box.setAttribute('role', 'alert');
  box.style.cssText = 'display:block;margin:0;padding:16px;border:1px solid #8886;border-radius:12px;font:inherit';
  box.append(`${sentence} `);
  if (proxy) {
    const link = make('a');
    link.href = `${proxy}/form?lang=${encodeURIComponent(languages(element)[0])}`;
    // Which cuts the tie to this page as well.
    link.target = '_blank';
    link.append(open);
    box.append(link);
    // A sandbox may open nothing: then the address can be copied.
    if (self.origin === 'null') box.append(` ${link.href}`);
  }
  while (root.firstChild) root.firstChild.remove();
  if (root !== element) root.append(make('slot'));
  root.append(box);
  tell(element, 'error', { code: 'load_failed' });
  return NOTHING;
}

// Shows the frame once it speaks; `forbidden` is called when it cannot.
function frame(element, root, proxy, forbidden) {
  const { origin } = new URL(proxy);
  const inner = make('iframe');
  inner.title = 'GoToMeeting';
  inner.allow = 'clipboard-write; web-share';
  // Set by script, so that it needs no leave of the page's style-src.
  const look = (height) => `display:block;width:100%;height:${height}px;border:0;color-scheme:auto`;
  inner.style.cssText = `${look(0)};visibility:hidden`;
  inner.src = address(element, proxy);
  let { token } = element;
  const send = () => inner.contentWindow?.postMessage({ type: 'gotomeeting:token', token }, origin);
  const watchdog = setTimeout(() => give_up('too slow'), PATIENCE);
  const give_up = (reason) => {
    unmount();
    forbidden(reason);
  };
  function listen(event) {
    // Not what a policy only reports, nor what it says of others.
    if (event.type === 'securitypolicyviolation') {
      const ours = event.disposition === 'enforce' && event.blockedURI.startsWith(origin);
      if (ours && /^(frame|child|default)/.test(event.effectiveDirective)) give_up('frame-src');
      return;
    }
    if (event.origin !== origin || event.source !== inner.contentWindow) return;
    const { type, height, name, detail } = event.data || {};
    if (type === 'gotomeeting:size' && height > 0) {
      inner.style.cssText = look(Math.ceil(height));
    } else if (type === 'gotomeeting:event' && /^[a-z-]+$/.test(name)) {
      tell(element, name, detail);
    } else if (type === 'gotomeeting:here') {
      clearTimeout(watchdog);
      for (const other of [...root.childNodes]) if (other !== inner) other.remove();
      inner.style.cssText = look(420);
      send();
    }
  }
  function unmount() {
    clearTimeout(watchdog);
    removeEventListener('message', listen);
    removeEventListener('securitypolicyviolation', listen);
    inner.remove();
  }
  addEventListener('message', listen);
  addEventListener('securitypolicyviolation', listen);
  Object.defineProperty(element, 'token', {
    configurable: true,
    get: () => token,
    set: (value) => {
      token = value;
      send();
    },
  });
  root.append(inner);
  return {
    unmount,
    attribute_changed() {
      inner.src = address(element, proxy);
    },
  };
}

// Puts what can be shown into `root`; answers a handle like a widget's.
function descend(element, root, proxy, reason) {
  const handle = { ...NOTHING };
  const last = (why) => {
    if (why) console.warn(TAG, why);
    Object.assign(handle, form(element, root, proxy));
  };
  // The proxy's own frame is this page already.
  const deepest = reason === 'form' || !proxy || location.href.startsWith(`${proxy}/frame`);
  try {
    if (deepest) last();
    else Object.assign(handle, frame(element, root, proxy, last));
  } catch (error) {
    last(error);
  }
  return handle;
}
