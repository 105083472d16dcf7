// Inside the proxy's /frame page: tells the page around it how high the widget is and what happens
// in it, and takes a portal's token. Speaks to one origin only, which the proxy has on its list.
(() => {
  'use strict';
  const EVENTS = ['ready', 'created', 'viewed', 'changed', 'cancelled', 'signed-out', 'error'];
  const { origin } = document.currentScript.dataset;
  if (!origin || parent === window) return;
  const element = document.querySelector('goto-meeting');
  const say = (message) => parent.postMessage(message, origin);
  for (const name of EVENTS) {
    element.addEventListener(`gotomeeting:${name}`, (event) => {
      say({ type: 'gotomeeting:event', name, detail: event.detail });
    });
  }
  addEventListener('message', (event) => {
    if (event.source !== parent || event.origin !== origin) return;
    if (event.data?.type === 'gotomeeting:token') element.token = event.data.token;
  });
  const body = document.body;
  new ResizeObserver(() => say({ type: 'gotomeeting:size', height: body.offsetHeight })).observe(body);
  say({ type: 'gotomeeting:here' });
})();
