// Signatures on their way: delivers them, and keeps on the device what could not be delivered,
// until it was. Pages use these:
//
//   canSeal, seal(entry, publicKey)  → an envelope, see envelope.js
//   deliver(letter)                  → the server's answer {state, message, receipt, code}
//   keep(letter, answer)             → true when it stays also after the page is closed
//   entries()                        → what is kept, [{id, state, message}]
//   count()                          → how many of them still wait for the server
//   retry(), remove(id)
//   event "outbox" on window         → {count, last, delivered}: something changed
//
// A letter is an envelope or, where the browser cannot seal one, the entry itself, which is
// never stored. The states that the server answers are "signed", "later" (closed, say: kept,
// and tried now and then), "refused" (for good) and "invalid" (to be mended on the page);
// "unreachable" and "busy" are found out here.

export { canSeal, seal } from "./envelope.js";

const ADDRESS = "/kirim";
const PATIENCE = 15000;
const FIRST_WAIT = 4000;
const LONGEST_WAIT = 5 * 60 * 1000;
// Thousands of phones see the network return in the same second.
const SPREAD_ON_RETURN = 20000;
const SPREAD_ON_SIGHT = 3000;
const ANSWERS = ["signed", "later", "refused", "invalid"];

// What cannot be stored: a private window, a full disk, a browser that cannot seal.
const inMemory = new Map();
let database = null;
let timer = 0;
let wait = FIRST_WAIT;
let round = null;

// The store

function open() {
  database =
    database ||
    new Promise((resolve, reject) => {
      const request = indexedDB.open("pakta", 1);
      request.onupgradeneeded = () =>
        request.result.createObjectStore("envelopes", { keyPath: "id", autoIncrement: true });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  return database;
}

async function inStore(mode, act) {
  const opened = await open();
  return new Promise((resolve, reject) => {
    // Answered when it is on the disk: a phone may run out of battery.
    const transaction = opened.transaction("envelopes", mode, { durability: "strict" });
    const request = act(transaction.objectStore("envelopes"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

async function all() {
  const stored = await inStore("readonly", (store) => store.getAll()).catch(() => []);
  return [...stored, ...inMemory.values()];
}

async function write(kept) {
  if (inMemory.has(kept.id)) inMemory.set(kept.id, kept);
  else await inStore("readwrite", (store) => store.put(kept));
}

async function erase(id) {
  if (!inMemory.delete(id)) await inStore("readwrite", (store) => store.delete(id));
}

async function add(kept) {
  try {
    if (typeof kept.letter !== "string") throw new TypeError("not sealed");
    await inStore("readwrite", (store) => store.add(kept));
    return true;
  } catch (error) {
    const id = `memory-${inMemory.size}-${Date.now()}`;
    inMemory.set(id, { ...kept, id });
    return false;
  }
}

// Delivering

export async function deliver(letter, isKept = false) {
  const breaker = new AbortController();
  const patience = setTimeout(() => breaker.abort(), PATIENCE);
  const content = typeof letter === "string" ? { envelope: letter } : { entry: letter };
  try {
    const response = await fetch(ADDRESS, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      credentials: "omit",
      signal: breaker.signal,
      body: JSON.stringify({ ...content, is_kept: isKept }),
    });
    if (response.status >= 500 || response.status === 429) return { state: "busy" };
    const answer = await response.json();
    return ANSWERS.includes(answer.state) ? answer : { state: "unreachable" };
  } catch (error) {
    // No network, or something in between that answers for it, as hotspots do.
    return { state: "unreachable" };
  } finally {
    clearTimeout(patience);
  }
}

const isWaiting = (kept) => kept.state !== "refused";
const isNoAnswer = (answer) => !ANSWERS.includes(answer.state);

export async function keep(letter, { state, message = "" }) {
  const isStored = await add({ letter, state: state === "later" ? state : "waiting", message });
  await tell(state);
  plan(state === "later" ? LONGEST_WAIT : FIRST_WAIT);
  return isStored;
}

export async function entries() {
  return (await all()).map(({ id, state, message }) => ({ id, state, message }));
}

export async function count() {
  return (await all()).filter(isWaiting).length;
}

export async function remove(id) {
  await erase(id);
  await tell("removed");
}

async function tell(last, delivered = null) {
  const detail = { count: await count(), last, delivered };
  window.dispatchEvent(new CustomEvent("outbox", { detail }));
}

async function settle(kept, answer) {
  if (answer.state === "signed") await erase(kept.id);
  else {
    const state = answer.state === "later" ? "later" : "refused";
    await write({ ...kept, state, message: answer.message });
  }
  await tell(answer.state, answer.state === "signed" ? answer : null);
}

// One after the other; where one finds no server, the others would not either.
async function deliverAll() {
  for (const kept of (await all()).filter(isWaiting)) {
    const answer = await deliver(kept.letter, true);
    if (isNoAnswer(answer)) {
      await tell(answer.state);
      return false;
    }
    await settle(kept, answer);
  }
  return true;
}

// When to try again

function plan(delay) {
  clearTimeout(timer);
  timer = setTimeout(retry, delay * (0.5 + Math.random() / 2));
}

function planWithin(spread) {
  clearTimeout(timer);
  timer = setTimeout(retry, Math.random() * spread);
}

async function attempt() {
  clearTimeout(timer);
  if (await deliverAll()) {
    wait = FIRST_WAIT;
    if (await count()) plan(LONGEST_WAIT);
  } else {
    plan(wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

export function retry() {
  round =
    round ||
    attempt().finally(() => {
      round = null;
    });
  return round;
}

addEventListener("online", () => {
  wait = FIRST_WAIT;
  planWithin(SPREAD_ON_RETURN);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) planWithin(SPREAD_ON_SIGHT);
});
planWithin(SPREAD_ON_SIGHT);
