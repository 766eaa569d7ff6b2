// The receipt: waits for the sealed documents, and shares the public address that shows
// whether a signature is genuine. The receipt's own address is never shared.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 20000;
const PATIENCE = 10 * 60 * 1000;

const root = document.querySelector("main [data-receipt]");
const reload = root.querySelector("[data-reload]");
const share = root.querySelector("[data-share]");
const shared = root.querySelector("[data-shared]");
const started = Date.now();
// By their kind; a document leaves when it is there.
const awaited = new Map();

function ready(kind) {
  const paper = awaited.get(kind);
  paper.querySelector("[data-waiting]").hidden = true;
  paper.querySelector("[data-download]").hidden = false;
  awaited.delete(kind);
}

function giveUp() {
  const paper = awaited.get("pact");
  if (paper) {
    paper.querySelector("[data-waiting]").textContent =
      "PDF pakta Anda belum selesai disegel. Tanda tangan Anda sudah tersimpan; buka lagi halaman ini nanti.";
  }
  reload.hidden = false;
}

async function ask() {
  try {
    const response = await fetch(root.dataset.status, { credentials: "omit" });
    if (!response.ok) return;
    const sealed = await response.json();
    Array.from(awaited.keys()).filter((kind) => sealed[kind]).forEach(ready);
  } catch (error) {
    // No network: the next try may have one.
  }
}

async function watch(wait) {
  if (!document.hidden) await ask();
  if (awaited.size === 0) return;
  if (Date.now() - started > PATIENCE) return giveUp();
  setTimeout(watch, wait, Math.min(wait * 1.5, LONGEST_WAIT));
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.body.appendChild(document.createElement("textarea"));
  field.value = text;
  field.select();
  document.execCommand("copy"); // without HTTPS there is no other way
  field.remove();
}

share.addEventListener("click", async () => {
  const { url, title } = share.dataset;
  try {
    if (navigator.share) return await navigator.share({ title, url });
    await copy(url);
    shared.textContent = "Tautan verifikasi sudah disalin.";
  } catch (error) {
    // Closing the share sheet is no fault.
    if (error.name !== "AbortError") shared.textContent = `Salin sendiri tautan ini: ${url}`;
  }
});

share.hidden = false;
root.querySelectorAll("[data-sealed=no]").forEach((paper) => {
  awaited.set(paper.dataset.paper, paper);
});
if (awaited.size > 0) {
  reload.hidden = true;
  watch(FIRST_WAIT);
}
