// What is kept on this device, told on every signer's page: how many signatures wait, which
// were refused and why, and the receipts of those that arrived while the page was open. The
// service worker that shows a page without a network is set up here too.

import { entries, remove, retry } from "./outbox.js";

const DEVICE = matchMedia("(pointer: coarse)").matches ? "ponsel ini" : "perangkat ini";
const REASONS = { unreachable: "Jaringan terputus.", busy: "Server sedang sibuk." };

const root = document.querySelector("[data-kept]");
const waiting = root.querySelector("[data-kept-waiting]");
const number = root.querySelector("[data-kept-number]");
const text = root.querySelector("[data-kept-text]");
const send = root.querySelector("[data-kept-send]");
const refused = root.querySelector("[data-kept-refused]");
const arrived = root.querySelector("[data-kept-arrived]");
const receipts = [];
let reason = "";

const copyOf = (name) =>
  document.importNode(root.querySelector(`template[data-${name}]`).content, true).firstElementChild;

const isOnlyHere = (kept) => String(kept.id).startsWith("memory");

function words(kept) {
  const told = kept.map((one) => one.message).find(Boolean);
  if (kept.some(isOnlyHere)) {
    return `${told || reason} Browser ini tidak dapat menyimpan tanda tangan Anda: biarkan halaman
      ini terbuka, dan tanda tangan dikirim sendiri begitu dapat diterima.`;
  }
  if (told) return told;
  return `${reason} Tanda tangan Anda tersimpan di ${DEVICE} dan dikirim sendiri begitu jaringan
    kembali. Jangan hapus data browser.`;
}

function refusal({ id, message }) {
  const item = copyOf("refusal");
  const question = item.querySelector("[data-question]");
  const ask = item.querySelector("[data-ask]");
  const choose = (isAsked) => {
    ask.hidden = isAsked;
    question.hidden = !isAsked;
    (isAsked ? question.querySelector("[data-no]") : ask).focus();
  };
  item.querySelector("[data-message]").textContent = message;
  ask.textContent = `Hapus dari ${DEVICE}`;
  ask.addEventListener("click", () => choose(true));
  question.querySelector("[data-no]").addEventListener("click", () => choose(false));
  question.querySelector("[data-yes]").addEventListener("click", () => remove(id));
  return item;
}

function receipt({ receipt: address, code }) {
  const item = copyOf("receipt");
  const link = item.querySelector("a");
  item.querySelector("[data-code]").textContent = code.replace(/.{4}(?=.)/g, "$& ");
  link.hidden = !address;
  link.href = address;
  return item;
}

function replaceItems(list, items) {
  list.textContent = "";
  list.append(...items);
}

export async function show() {
  const all = await entries();
  const kept = all.filter((one) => one.state !== "refused");
  waiting.hidden = kept.length === 0;
  text.textContent = kept.length ? words(kept) : "";
  number.textContent = kept.length ? `${kept.length} tanda tangan menunggu.` : "";
  replaceItems(refused, all.filter((one) => one.state === "refused").map(refusal));
  replaceItems(arrived, receipts.map(receipt));
  root.hidden = all.length + receipts.length === 0;
}

addEventListener("outbox", ({ detail }) => {
  reason = REASONS[detail.last] || reason;
  if (detail.delivered) receipts.push(detail.delivered);
  show();
});
send.addEventListener("click", async () => {
  send.disabled = true;
  await retry();
  send.disabled = false;
});
if ("serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
}
show();
