// The loader: <script src="https://…/embed.js" async></script> puts the widget on any page.
// Owns the custom element, its shadow root and the skeleton; the widget itself is WebAssembly, and
// ladder.js is the way down where a page forbids that. The bundle crate fills in FILES and drops
// these comments.
(() => {
  'use strict';
  const FILES = {};
  const TAG = 'goto-meeting';
  const ATTRIBUTES = ['page', 'meeting-id', 'lang', 'theme', 'time-zone', 'subject', 'start', 'duration', 'co-organizers', 'mode'];
  const PATIENCE = 8000;
  // Translucent greys read on any page, light or dark, until the real style sheet is here.
  const SKELETON =
    ':host,i{display:block}div{max-width:830px;min-height:370px;padding:24px;' +
    'border:1px solid #8884;border-radius:12px}i{height:44px;margin-bottom:16px;' +
    'border-radius:8px;background:#8882}i:first-child{width:55%;height:28px}';

  // Only readable while a classic script runs. A page that bundles the loader names the proxy in an
  // attribute instead. The script's own address wins, or markup alone could choose whose code runs.
  const script = document.currentScript;
  let proxy = script && script.src && address(new URL('.', script.src).href);
  let program;

  // A pinned loader lies among the assets.
  function address(url) {
    return url.replace(/(\/assets)?\/*$/, '');
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

  // import() cannot check integrity, but a preloaded module was checked before it is run.
  function run(name, digest) {
    const link = document.createElement('link');
    link.rel = 'modulepreload';
    link.integrity = `sha256-${digest}`;
    link.crossOrigin = '';
    link.href = place(name, digest);
    link.onload = link.onerror = () => link.remove();
    document.head.append(link);
    return import(link.href);
  }

  class GotoMeeting extends HTMLElement {
    static observedAttributes = ATTRIBUTES;
    #root = this.attachShadow({ mode: 'open' });
    #started = false;
    // The widget, or the frame in its place.
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
      const bones = [0, 0, 0, 0, 0].map(() => document.createElement('i'));
      const box = document.createElement('div');
      box.setAttribute('part', 'widget');
      box.ariaHidden = true;
      box.append(...bones);
      this.#root.replaceChildren(box);
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(SKELETON);
      this.#root.adoptedStyleSheets = [sheet];
      proxy ||= address(this.getAttribute('proxy') || '');
      const mode = this.getAttribute('mode');
      if (mode === 'frame' || mode === 'form') return this.#fall(mode);
      let late = false;
      const watchdog = setTimeout(() => {
        late = true;
        this.#fall('too slow');
      }, PATIENCE);
      try {
        // Any number of elements share one download; a failed one may be tried again.
        program ||= [run('widget.js', FILES.glue), get('widget.wasm', FILES.wasm)];
        // Its failure is reported through start below, or not at all if the glue fails first.
        program[1].catch(() => {});
        const glue = await program[0];
        const widget = await glue.start(this, this.#root, proxy, get, program[1], () => late);
        if (widget) this.#widget = widget;
        else if (!late) this.#started = false;
      } catch (error) {
        program = null;
        if (!late) this.#fall(error);
      } finally {
        clearTimeout(watchdog);
      }
    }

    // One step down: a frame of the proxy's, a link to its plain pages.
    async #fall(reason) {
      console.warn(TAG, reason);
      try {
        const ladder = await run('ladder.js', FILES.ladder);
        this.#widget = ladder.descend(this, this.#root, proxy, reason);
      } catch {
        const link = document.createElement('a');
        link.href = `${proxy}/form`;
        link.append('GoToMeeting');
        this.#root.replaceChildren(link);
      }
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
