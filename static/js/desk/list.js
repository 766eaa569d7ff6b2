// The names to choose from. They are in memory and, while the officer looks at them, on the
// screen; never in the page as it was loaded.

const MOST_SHOWN = 40;

const section = document.querySelector("[data-step=list]");
const search = section.querySelector("[data-search]");
const list = section.querySelector("[data-people]");
const count = section.querySelector("[data-count]");
const told = section.querySelector("[data-note]");

let people = [];
let wave = 0;
let choose = () => {};

// Signed here while the network was away: the server does not know it yet.
const waiting = new Set();

const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

function hasNumber(person, digits) {
  const shown = person.number.replace(/[^0-9•]/g, "");
  if (digits.length < shown.length) return shown.includes(digits);
  return shown.startsWith(digits.slice(0, 4)) && shown.endsWith(digits.slice(-2));
}

function matches(person, typed) {
  const digits = typed.replace(/[\s.-]/g, "");
  if (/^\d+$/.test(digits)) return hasNumber(person, digits);
  return plain(typed).split(/\s+/).every((word) => plain(person.name).includes(word));
}

function stateOf(person) {
  if (waiting.has(person.id)) return "Sudah menandatangani, menunggu dikirim";
  if (person.wave > wave) return `Menunggu gelombang ${person.wave}`;
  return person.texts ? "" : "Naskahnya belum tersedia";
}

function add(parent, tag, text, className = "") {
  const element = parent.appendChild(document.createElement(tag));
  element.textContent = text;
  element.className = className;
  return element;
}

function row(person) {
  const item = document.createElement("li");
  const state = stateOf(person);
  const inner = add(item, state ? "div" : "button", "", state ? "off" : "");
  add(inner, "b", person.name);
  add(inner, "span", [person.number, person.position, person.unit].filter(Boolean).join(" · "));
  if (state) {
    inner.appendChild(document.createElement("br"));
    add(inner, "span", state, "state");
  } else {
    inner.type = "button";
    inner.addEventListener("click", () => choose(person));
  }
  return item;
}

function words(found) {
  if (people.length === 0) return "Semua orang di unit kerja ini sudah menandatangani.";
  if (found.length === 0) return "Tidak ada yang cocok di antara yang belum menandatangani.";
  const rest = found.length - MOST_SHOWN;
  const more = rest > 0 ? ` ${rest} orang lagi tidak ditampilkan: ketik namanya.` : "";
  const missing = found.filter((person) => !waiting.has(person.id)).length;
  return `${missing} orang belum menandatangani.${more}`;
}

function showMatches() {
  const found = people.filter((person) => matches(person, search.value.trim()));
  list.textContent = "";
  list.append(...found.slice(0, MOST_SHOWN).map(row));
  count.textContent = words(found);
}

export function show(note) {
  told.textContent = note;
  told.hidden = !note;
  showMatches();
}

export function hide() {
  search.value = list.textContent = count.textContent = told.textContent = "";
}

// With nothing on its way, the server's list alone says who has signed.
export function load(answer, { onTheWay }) {
  people = answer.people;
  wave = answer.open_wave;
  if (onTheWay === 0) waiting.clear();
}

export function openWave(number) {
  wave = Math.max(wave, number);
}

export function remove(person) {
  people = people.filter((other) => other.id !== person.id);
}

export function markWaiting(person) {
  waiting.add(person.id);
}

export function forget() {
  people = [];
  waiting.clear();
}

export function onChoice(listener) {
  choose = listener;
}

search.addEventListener("input", showMatches);
