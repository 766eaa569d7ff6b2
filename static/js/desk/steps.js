// One step is shown at a time. The browser's history knows nothing of them, so that Back
// leads to nobody's data.

const root = document.querySelector("[data-desk]");
const sections = [...document.querySelectorAll("[data-step]")];
// What the steps say about a person, and the places for it.
const PERSONAL = ["name", "number", "position", "unit", "capacity", "message", "code"];

export const step = (name) => sections.find((section) => section.dataset.step === name);

export function fill(root, values) {
  for (const name of PERSONAL.filter((one) => one in values)) {
    for (const place of root.querySelectorAll(`[data-${name}]`)) place.textContent = values[name];
  }
}

export function show(name) {
  for (const section of sections) section.hidden = section.dataset.step !== name;
  root.dataset.at = name;
  scrollTo(0, 0);
  step(name).querySelector("h1").focus();
}

// Whatever a person left in the steps: names, numbers, codes, typed PINs.
export function wipe() {
  const nothing = Object.fromEntries(PERSONAL.map((name) => [name, ""]));
  for (const section of sections) {
    fill(section, nothing);
    for (const input of section.querySelectorAll("input")) input.value = "";
    for (const problem of section.querySelectorAll("[data-problem]")) problem.hidden = true;
  }
}
