// The person who holds the device: a form of their own, made for them and thrown away.

import { PledgeForm } from "../signer/form.js";
import { fill, step } from "./steps.js";

const place = step("sign").querySelector("[data-place]");
let pledge = null;

const templateFor = (person) =>
  [...document.querySelectorAll("template[data-texts]")].find(
    (template) => template.dataset.texts === person.texts
  );

export const hasForm = (person) => Boolean(templateFor(person));

function fillIdentity(form, rows) {
  for (const list of form.querySelectorAll("[data-identity]")) {
    for (const [label, value] of rows) {
      const pair = list.appendChild(document.createElement("div"));
      pair.appendChild(document.createElement("dt")).textContent = label;
      pair.appendChild(document.createElement("dd")).textContent = value;
    }
  }
}

// Before `begin`, because a field that is not shown has no size to draw on.
export function prepare(person, { isWhole }) {
  place.appendChild(document.importNode(templateFor(person).content, true));
  const form = place.querySelector("form");
  fill(form, person);
  fillIdentity(form, person.identity);
  form.querySelector("[data-masked]").hidden = isWhole;
}

export function begin(onComplete) {
  const form = place.querySelector("form");
  pledge = new PledgeForm(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (pledge.isComplete() && !pledge.isSending) onComplete(pledge);
  });
}

export function wipe() {
  if (pledge) pledge.forget();
  pledge = null;
  place.textContent = "";
}
