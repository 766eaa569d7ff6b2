// The signing form: counts the ticks, switches between drawing and typing, says what is
// missing instead of sending it, and sends once.

const RETRY_AFTER = 15000;

const form = document.querySelector("[data-pledge]");
const ticks = [...form.querySelectorAll("[name=consents]")];
const means = form.querySelector("[data-means]");
const drawing = form.querySelector("[data-drawing]");
const typed = form.querySelector("[data-typed]");
const path = form.elements.namedItem("path");
const name = form.elements.namedItem("typed");
const progress = form.querySelector("[data-progress]");
const summary = form.querySelector("[data-summary]");
const button = form.querySelector("[data-submit]");

const isDrawn = () => document.getElementById("cara-gambar").checked;
const isNameTyped = () => name.value.replace(/[^\p{L}]/gu, "").length > 1;

// A message appears when somebody tried to send, and goes as soon as its reason does.
function mark(control, messageId, isWrong, mayAppear) {
  const message = document.getElementById(messageId);
  const isShown = isWrong && (mayAppear || !message.hidden);
  message.hidden = !isShown;
  control.setAttribute("aria-invalid", isShown);
}

function count() {
  const done = ticks.filter((tick) => tick.checked).length;
  const all = done === ticks.length;
  progress.textContent = all
    ? `Semua ${ticks.length} butir sudah Anda nyatakan.`
    : `${done} dari ${ticks.length} butir sudah Anda nyatakan.`;
  progress.classList.toggle("complete", all);
}

function showMeans() {
  drawing.hidden = !isDrawn();
  typed.hidden = isDrawn();
  if (isDrawn()) drawing.dispatchEvent(new Event("shown"));
}

function sentences(missing, noDrawing, noName) {
  const numbers = missing.map((tick) => tick.value).join(", ");
  return [
    missing.length && `Belum dinyatakan: butir ${numbers}.`,
    noDrawing && "Tanda tangan belum digambar.",
    noName && "Nama belum diketik.",
  ].filter(Boolean);
}

// Says what is missing and returns the first control that lacks something.
function check({ mayAppear }) {
  const canvas = drawing.querySelector("canvas");
  const missing = ticks.filter((tick) => !tick.checked);
  const noDrawing = isDrawn() && !path.value;
  const noName = !isDrawn() && !isNameTyped();
  for (const tick of ticks) mark(tick, `masalah-${tick.value}`, !tick.checked, mayAppear);
  mark(canvas, "masalah-gambar", noDrawing, mayAppear);
  mark(name, "masalah-ketik", noName, mayAppear);
  if (mayAppear || !summary.hidden) {
    summary.textContent = sentences(missing, noDrawing, noName).join(" ");
    summary.hidden = !summary.textContent;
  }
  return missing[0] || (noDrawing && canvas) || (noName && name);
}

function point(control) {
  const place = control.closest("li") || control.closest(".drawing, .field");
  control.focus({ preventScroll: true });
  place.scrollIntoView({ block: "center" });
}

function sending(isSending) {
  form.dataset.sending = isSending ? "yes" : "";
  button.setAttribute("aria-disabled", isSending);
  button.textContent = isSending ? "Mengirim…" : "Tanda tangani";
}

form.addEventListener("submit", (event) => {
  const wrong = check({ mayAppear: true });
  if (wrong || form.dataset.sending) event.preventDefault();
  if (wrong) return point(wrong);
  sending(true);
  // The server takes the same signature only once, so trying again is safe.
  setTimeout(() => sending(false), RETRY_AFTER);
});
addEventListener("pageshow", () => sending(false));

form.addEventListener("input", () => check({ mayAppear: false }));
form.addEventListener("change", (event) => {
  if (event.target.name === "kind") showMeans();
  count();
  check({ mayAppear: false });
});

form.noValidate = true;
means.hidden = false;
progress.hidden = false;
form.querySelector(`[name=kind][value=${means.dataset.means}]`).checked = true;
showMeans();
count();
