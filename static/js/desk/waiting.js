// How many signatures wait on this device for the network, and what the server refused for
// good. Numbers only: what is kept is sealed, and nobody can read it here.

import { entries, remove, retry } from "../signer/outbox.js";

const root = document.querySelector("[data-kept]");
const find = (name) => root.querySelector(`[data-${name}]`);
const question = find("refused-question");
const ask = find("refused-ask");
let refused = [];

function told(kept) {
  const reason = kept.map((one) => one.message).find(Boolean) || "";
  return `${kept.length} tanda tangan menunggu dikirim. ${reason}`;
}

async function show() {
  const all = await entries();
  const kept = all.filter((one) => one.state !== "refused");
  refused = all.filter((one) => one.state === "refused");
  find("kept-waiting").hidden = kept.length === 0;
  find("kept-refused").hidden = refused.length === 0;
  find("kept-text").textContent = kept.length ? told(kept) : "";
  find("refused-text").textContent = refused.length
    ? `${refused.length} tanda tangan tidak dapat diterima server. ${refused[0].message}`
    : "";
  root.hidden = all.length === 0;
}

function choose(isAsked) {
  ask.hidden = isAsked;
  question.hidden = !isAsked;
}

ask.addEventListener("click", () => choose(true));
find("refused-no").addEventListener("click", () => choose(false));
find("refused-yes").addEventListener("click", async () => {
  choose(false);
  for (const { id } of refused) await remove(id);
});
find("kept-send").addEventListener("click", async () => {
  find("kept-send").disabled = true;
  await retry();
  find("kept-send").disabled = false;
});
addEventListener("outbox", show);
if ("serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
}
show();
