// The signing page: delivers the signature, or keeps it on the device.

import { PledgeForm } from "./form.js";
import { canSeal, deliver, keep, seal } from "./outbox.js";

const form = document.querySelector("[data-pledge]");
const pledge = new PledgeForm(form);

// A random number that tells devices apart and says nothing about them.
function device() {
  try {
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
    const random = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (!localStorage.getItem("pakta-device")) localStorage.setItem("pakta-device", random);
    return localStorage.getItem("pakta-device");
  } catch (error) {
    return ""; // a private window
  }
}

function entry() {
  const ticket = form.elements.namedItem("ticket").value;
  return { ticket, ...pledge.content(), device: device() };
}

// What is shown about the signature from here on, kept.js shows.
function leaveToOutbox() {
  document.querySelector("h1").textContent = "Tanda tangan Anda";
  for (const step of document.querySelectorAll("main > *")) step.hidden = true;
  document.querySelector("[data-kept]").focus();
  scrollTo(0, 0);
}

async function send() {
  const letter = canSeal ? await seal(entry(), form.dataset.key) : entry();
  const answer = await deliver(letter);
  if (answer.state === "signed") return location.replace(answer.receipt);
  if (answer.state === "refused" || answer.state === "invalid") {
    pledge.isSending = false;
    return pledge.tell(answer.message);
  }
  await keep(letter, answer);
  return leaveToOutbox();
}

// Tells once that a person looks at the page: a page that is loaded ahead is hidden.
function tellOpened() {
  if (document.hidden || !form.dataset.opened) return;
  const body = new URLSearchParams({ ticket: form.elements.namedItem("ticket").value });
  fetch(form.dataset.opened, { method: "POST", credentials: "omit", keepalive: true, body }).catch(
    () => {}, // of no concern to the person
  );
  delete form.dataset.opened;
}

document.addEventListener("visibilitychange", tellOpened);
tellOpened();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (pledge.isComplete() && !pledge.isSending) {
    pledge.isSending = true;
    send();
  }
});
addEventListener("pageshow", () => {
  pledge.isSending = false;
});
