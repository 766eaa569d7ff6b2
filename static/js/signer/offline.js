// The page that is shown without a network: looks whether there is one again, has what is
// kept here delivered first, and then loads the page that was asked for.

import { count, retry } from "./outbox.js";

const PROBE = "/sw.js";
const PATIENCE = 10000;
const FIRST_WAIT = 3000;
const LONGEST_WAIT = 60000;

const button = document.querySelector("[data-try]");
let wait = FIRST_WAIT;
let timer = 0;
let hasReceipt = false;

async function isOnline() {
  const breaker = new AbortController();
  const patience = setTimeout(() => breaker.abort(), PATIENCE);
  try {
    const how = { method: "HEAD", cache: "no-store", signal: breaker.signal };
    const response = await fetch(PROBE, how);
    // Anything else is a hotspot that answers for the server, or the server's proxy alone.
    return response.ok && /javascript/.test(response.headers.get("Content-Type"));
  } catch (error) {
    return false;
  } finally {
    clearTimeout(patience);
  }
}

async function showNone() {
  document.querySelector("[data-none]").hidden = hasReceipt || (await count()) > 0;
}

function plan(delay) {
  clearTimeout(timer);
  timer = setTimeout(look, delay * (0.5 + Math.random() / 2));
}

async function look() {
  clearTimeout(timer);
  if (!(await isOnline())) {
    plan(wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
    return;
  }
  await retry();
  if (!hasReceipt) return location.replace(location.href);
  document.querySelector("[data-offline]").hidden = true;
  document.querySelector("[data-online]").hidden = false;
  button.textContent = "Buka halaman tadi";
}

button.addEventListener("click", async () => {
  if (hasReceipt) return location.replace(location.href);
  button.disabled = true;
  await look();
  button.disabled = false;
});
addEventListener("outbox", ({ detail }) => {
  hasReceipt = hasReceipt || Boolean(detail.delivered && detail.delivered.receipt);
  showNone();
});
addEventListener("online", () => plan(FIRST_WAIT));
// One button for both.
document.querySelector("[data-kept-send]").hidden = true;
showNone();
plan(wait);
