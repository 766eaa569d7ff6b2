// What the person sees in the end, for a while.

import { fill, show, step } from "./steps.js";

const SECONDS = 20;
const LONGER = 60;

const HEADINGS = {
  signed: "Sudah ditandatangani",
  kept: "Tersimpan, menunggu dikirim",
  refused: "Tidak dapat diterima",
};
const IN_STORE =
  "Tanda tangan Anda tersimpan di perangkat ini dalam keadaan terkunci, dan dikirim sendiri begitu jaringan kembali.";
const IN_MEMORY =
  "Tanda tangan Anda tersimpan hanya selama halaman ini terbuka. Petugas: jangan tutup halaman ini sebelum terkirim.";

const section = step("thanks");
const qr = section.querySelector("[data-qr]");
const left = section.querySelector("[data-left]");
let clock = 0;
let end = () => {};

function words({ state, message, isStored }) {
  if (state === "signed") return "Terima kasih. Tanda tangan Anda sudah diterima.";
  if (state === "refused") return message;
  const where = isStored ? IN_STORE : IN_MEMORY;
  return `${message || where} Setelah terkirim, bukti Anda dapat diminta kepada petugas.`;
}

function countDown(seconds) {
  const until = Date.now() + seconds * 1000;
  const tick = () => {
    const rest = Math.ceil((until - Date.now()) / 1000);
    left.textContent = `Halaman ini dibersihkan sendiri dalam ${Math.max(rest, 0)} detik.`;
    if (rest <= 0) end();
  };
  clearInterval(clock);
  clock = setInterval(tick, 250);
  tick();
}

// `answer` is the server's, or has the state "kept".
export function thank(name, answer) {
  const isSigned = answer.state === "signed";
  const code = isSigned ? answer.code.match(/.{1,4}/g).join(" ") : "";
  fill(section, { name, code, message: words(answer) });
  section.querySelector("[data-heading]").textContent = HEADINGS[answer.state];
  section.querySelector("[data-thanks]").className = `receipt receipt-${answer.state}`;
  section.querySelector("[data-check]").hidden = !isSigned;
  if (isSigned) qr.src = answer.qr;
  show("thanks");
  countDown(SECONDS);
}

export function wipe() {
  clearInterval(clock);
  qr.removeAttribute("src");
}

export function onEnd(listener) {
  end = listener;
}

section.querySelector("[data-go]").addEventListener("click", () => end());
section.querySelector("[data-longer]").addEventListener("click", () => countDown(LONGER));
