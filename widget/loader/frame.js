// Inside the proxy's /frame page: tells the page around it how high the widget is and what happens
// in it, and takes a portal's token. Speaks to one origin only, which the proxy has on its list.
// Where a file of the page does not come as it was built, asks for the whole page in one piece.
(() => {
  'use strict';
  const EVENTS = ['ready', 'created', 'viewed', 'changed', 'cancelled', 'signed-out', 'error'];
  const { origin, whole } = document.currentScript.dataset;
  const element = document.querySelector('goto-meeting');
  const around = origin && parent !== window;
  const say = (message) => around && parent.postMessage(message, origin);
  addEventListener('error', ({ target }) => target.localName === 'script' && renew(), true);
  function renew() {
    if (whole) location.replace(whole);
    return !!whole;
  }
  for (const name of EVENTS) {
    element.addEventListener(`gotomeeting:${name}`, ({ detail }) => {
      if (detail?.code === 'load_failed' && renew()) return;
      say({ type: 'gotomeeting:event', name, detail });
    });
  }
  if (!around) return;
  addEventListener('message', (event) => {
    if (event.source !== parent || event.origin !== origin) return;
    if (event.data?.type === 'gotomeeting:token') element.token = event.data.token;
  });
  const { body } = document;
  // An open list lies over what is below it and is no part of the page's height.
  let last = 0;
  function measure() {
    const lists = element.shadowRoot?.querySelectorAll('[role=listbox]') ?? [];
    const ends = [...lists].map((list) => list.getBoundingClientRect().bottom + scrollY + 4);
    const height = Math.max(body.offsetHeight, ...ends);
    if (height !== last) say({ type: 'gotomeeting:size', height: (last = height) });
  }
  new ResizeObserver(measure).observe(body);
  const watched = { childList: true, subtree: true, attributes: true, attributeFilter: ['hidden'] };
  const changes = new MutationObserver(() => requestAnimationFrame(measure));
  addEventListener('focusin', () => element.shadowRoot && changes.observe(element.shadowRoot, watched));
  say({ type: 'gotomeeting:here' });
})();
