// Takes the secret part of a personal link or receipt out of the address bar, where
// screenshots, people nearby and the browser's history would find it. The event's own
// address stands there instead. The tab's history entry remembers the page, so that
// loading it again leads back; typing the address anew does not.

const address = document.body.dataset.address;
// What answers to something sent cannot be had again by its own address.
const isAnswer =
  address && (location.pathname === "/tandatangan" || location.pathname.startsWith("/login/"));

// What was asked for; kept in memory, for the offer to open it in another browser.
export const opened = reopened() || (isAnswer ? location.origin + address : location.href);

// A page that was loaded again is known from the tab's history entry.
function reopened() {
  const page = history.state && history.state.page;
  return page && location.pathname !== page ? location.origin + page : "";
}

const isLoadedAgain = performance.navigation.type !== performance.navigation.TYPE_NAVIGATE;

if (address && location.pathname !== address) {
  history.replaceState({ page: isAnswer ? null : location.pathname }, "", address);
} else if (isLoadedAgain && history.state && history.state.page) {
  location.replace(history.state.page);
} else if (address) {
  // The answer to a typed code: going back to it, or loading it again, asks for the code
  // instead of stopping at the browser's question whether to send a form again.
  history.replaceState(history.state, "", address);
}

const first = document.querySelector("[data-focus]");
if (first) first.focus();
