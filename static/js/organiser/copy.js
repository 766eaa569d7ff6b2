// Buttons with data-copy="#id" put that element's text onto the clipboard.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break; // plain HTTP: the address can still be selected
  const said = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.querySelector(button.dataset.copy);
    await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
    button.textContent = "Tersalin";
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}
