// The loader: <script src="https://…/embed.js" async></script> puts the widget on any page.
// Owns the custom element, its shadow root, the skeleton and the message shown when loading fails;
// the widget itself is WebAssembly. The bundle crate fills in FILES and drops these comments.
(() => {
  'use strict';
  const FILES = {};
  const TAG = 'goto-meeting';
  const ATTRIBUTES = ['page', 'meeting-id', 'lang', 'theme', 'time-zone', 'subject', 'start', 'duration', 'co-organizers'];
  const PATIENCE = 8000;
  const FAILED = {
    en: ['The form could not be shown here.', 'Open it in a new tab'],
    fr: ['Le formulaire n’a pas pu s’afficher ici.', 'L’ouvrir dans un nouvel onglet'],
  };
  // Translucent greys read on any page, light or dark, until the real style sheet is here.
  const SKELETON =
    ':host,i{display:block}div{max-width:830px;min-height:370px;padding:24px;' +
    'border:1px solid #8884;border-radius:12px}i{height:44px;margin-bottom:16px;' +
    'border-radius:8px;background:#8882}i:first-child{width:55%;height:28px}';

  // Only readable while a classic script runs. A page that bundles the loader names the proxy in an
  // attribute instead. The script's own address wins, or markup alone could choose whose code runs.
  const script = document.currentScript;
  let proxy = script && script.src && address(new URL('.', script.src).href);

  function address(url) {
    return url.replace(/\/+$/, '');
  }

  // Any number of elements share one download; a failed one may be tried again.
  const shared = new Map();
  function share(key, make) {
    if (!shared.has(key)) {
      shared.set(key, make().catch((error) => {
        shared.delete(key);
        throw error;
      }));
    }
    return shared.get(key);
  }

  // Every file is named by its digest, so what is fetched is what was built.
  function place(name, digest) {
    return `${proxy}/assets/${name.replace('.', `-${digest.slice(0, 12).replace(/[+/]/g, '-')}.`)}`;
  }

  async function get(name, digest) {
    const response = await fetch(place(name, digest), { integrity: `sha256-${digest}`, credentials: 'omit' });
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return response;
  }

  async function text(name, digest) {
    return (await get(name, digest)).text();
  }

  // Constructed sheets, because a strict style-src blocks <style> and style attributes.
  async function style() {
    return new CSSStyleSheet().replace(await text('widget.css', FILES.css));
  }

  async function program() {
    const wasm = get('widget.wasm', FILES.wasm);
    // Its failure is reported through init below, or not at all if the glue fails first.
    wasm.catch(() => {});
    // import() cannot check integrity, but a preloaded module was checked before it is run.
    const link = document.createElement('link');
    link.rel = 'modulepreload';
    link.integrity = `sha256-${FILES.glue}`;
    link.crossOrigin = '';
    link.href = place('widget.js', FILES.glue);
    link.onload = link.onerror = () => link.remove();
    document.head.append(link);
    const glue = await import(link.href);
    await glue.default({ module_or_path: wasm });
    return glue;
  }

  // The element's language, the page's around it, then the reader's.
  function language(element) {
    const near = element.closest('[lang]') || document.documentElement;
    for (const wanted of [near.lang, ...navigator.languages]) {
      const lang = wanted.toLowerCase().split('-')[0];
      if (FILES.words[lang]) return lang;
    }
    return 'en';
  }

  class GotoMeeting extends HTMLElement {
    static observedAttributes = ATTRIBUTES;
    #root = this.attachShadow({ mode: 'open' });
    #started = false;
    #widget = null;

    connectedCallback() {
      if (!this.#started) this.#start();
    }

    // Moving an element disconnects and connects it again at once: that must not lose what was typed.
    disconnectedCallback() {
      setTimeout(() => {
        if (this.isConnected || !this.#widget) return;
        this.#widget.unmount();
        this.#widget = null;
        this.#started = false;
      });
    }

    attributeChangedCallback(name, before, now) {
      if (before !== now && this.#widget) this.#widget.attribute_changed(name);
    }

    async #start() {
      this.#started = true;
      const lang = language(this);
      const bones = [0, 0, 0, 0, 0].map(() => document.createElement('i'));
      this.#show('widget', ...bones).ariaHidden = true;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(SKELETON);
      this.#root.adoptedStyleSheets = [sheet];
      const watchdog = setTimeout(() => this.#fail(lang, 'too slow'), PATIENCE);
      try {
        proxy ||= address(this.getAttribute('proxy'));
        const [glue, sheet, words] = await Promise.all([
          share('program', program),
          share('style', style),
          share(lang, () => text(`words-${lang}.json`, FILES.words[lang])),
        ]);
        if (!this.isConnected) {
          this.#started = false;
          return;
        }
        this.#root.adoptedStyleSheets = [sheet];
        this.#root.replaceChildren();
        this.#widget = glue.mount(this, this.#root, proxy, lang, words);
      } catch (error) {
        this.#fail(lang, error);
      } finally {
        clearTimeout(watchdog);
      }
    }

    // A download that arrives after all replaces this.
    #fail(lang, reason) {
      const [sentence, open] = FAILED[lang] || FAILED.en;
      const link = document.createElement('a');
      link.append(open);
      link.href = `${proxy}/form`;
      link.target = '_blank';
      this.#show('alert', `${sentence} `, link).role = 'alert';
      console.warn(TAG, reason);
      const detail = { code: 'load_failed' };
      this.dispatchEvent(new CustomEvent('gotomeeting:error', { bubbles: true, composed: true, detail }));
    }

    #show(part, ...children) {
      const box = document.createElement('div');
      box.setAttribute('part', part);
      box.append(...children);
      this.#root.replaceChildren(box);
      return box;
    }
  }

  // A page with several copies of the tag, or with the script twice, keeps the first definition.
  if (!customElements.get(TAG)) customElements.define(TAG, GotoMeeting);

  // One script tag alone is a whole widget, unless the page placed an element itself.
  function embed() {
    if (document.querySelector(TAG)) return;
    const element = document.createElement(TAG);
    for (const name of ATTRIBUTES) {
      const value = script.getAttribute(`data-${name}`);
      if (value !== null) element.setAttribute(name, value);
    }
    if (document.body.contains(script)) script.after(element);
    else document.body.append(element);
  }
  if (script && !script.hasAttribute('data-manual')) {
    if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', embed);
    else embed();
  }
})();
