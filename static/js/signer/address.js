// Takes the secret part of a personal link or receipt out of the address bar, where
// screenshots, people nearby and the browser's history would find it. The event's own
// address stands there instead. The tab's history entry remembers the page, so that
// loading it again leads back; typing the address anew does not.

const address = document.body.dataset.address;
const isLoadedAgain = performance.navigation.type !== performance.navigation.TYPE_NAVIGATE;

if (address && location.pathname !== address) {
  const page = location.pathname === "/tandatangan" ? null : location.pathname;
  history.replaceState({ page }, "", address);
} else if (isLoadedAgain && history.state && history.state.page) {
  location.replace(history.state.page);
} else if (address) {
  // The answer to a typed code: going back to it, or loading it again, asks for the code
  // instead of stopping at the browser's question whether to send a form again.
  history.replaceState(history.state, "", address);
}

const first = document.querySelector("[data-focus]");
if (first) first.focus();
