// A form that must not be sent twice by a second tap: what it carries is good for one use.

for (const form of document.querySelectorAll("form[data-once]")) {
  let isSent = false;
  form.addEventListener("submit", (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
    form.querySelector("button").setAttribute("aria-disabled", "true");
  });
  // Back from the next page, the form may be sent again.
  window.addEventListener("pageshow", () => {
    isSent = false;
    form.querySelector("button").removeAttribute("aria-disabled");
  });
}
