// The receipt: waits for the sealed document, and shares the public address that shows
// whether it is genuine. The receipt's own address is never shared.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 20000;
const PATIENCE = 10 * 60 * 1000;

const root = document.querySelector("[data-receipt]");
const waiting = root.querySelector("[data-waiting]");
const download = root.querySelector("[data-download]");
const share = root.querySelector("[data-share]");
const shared = root.querySelector("[data-shared]");
const started = Date.now();

function ready() {
  waiting.hidden = true;
  download.hidden = false;
}

function giveUp() {
  root.querySelector("[data-waiting-text]").textContent =
    "PDF pakta Anda belum selesai disegel. Tanda tangan Anda sudah tersimpan; buka lagi halaman ini nanti.";
  root.querySelector("[data-reload]").hidden = false;
}

async function isSealed() {
  try {
    const response = await fetch(root.dataset.status, { credentials: "omit" });
    return response.ok && (await response.json()).sealed;
  } catch (error) {
    return false; // no network: the next try may have one
  }
}

async function watch(wait) {
  if (!document.hidden && (await isSealed())) return ready();
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
if (root.dataset.sealed === "no") {
  root.querySelector("[data-reload]").hidden = true;
  watch(FIRST_WAIT);
}
