// Asks for the PIN in a step. The field is empty again before anything else happens.

import { step } from "./steps.js";

function complain(section, message) {
  const problem = section.querySelector("[data-problem]");
  problem.textContent = message;
  problem.hidden = !message;
  section.querySelector(".pin").setAttribute("aria-invalid", Boolean(message));
}

// `act` gets the PIN and returns what is wrong, if anything is.
export function askPin(name, act) {
  const section = step(name);
  const field = section.querySelector(".pin");
  const button = section.querySelector("[data-go]");
  let isBusy = false;

  async function go() {
    const typed = field.value;
    field.value = "";
    complain(section, "");
    const problem = /^\d{6}$/.test(typed) ? await act(typed) : "Ketik PIN, 6 angka.";
    if (!problem || section.hidden) return;
    complain(section, problem);
    field.focus();
  }

  section.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    button.setAttribute("aria-disabled", "true");
    await go();
    button.removeAttribute("aria-disabled");
    isBusy = false;
  });
}
