// The editor of a text: points are moved, added and removed without leaving the page,
// and nothing typed is lost by leaving it unasked.
const form = document.getElementById("text-form");
const list = document.getElementById("points");
const add = document.getElementById("add-point");
const refresh = document.getElementById("refresh");
if (refresh) refresh.hidden = true; // the preview follows by itself

// Browsers that cannot fit a text area to its words themselves.
if (!CSS.supports("field-sizing", "content")) {
  const fit = (area) => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };
  form.querySelectorAll("textarea").forEach(fit);
  form.addEventListener("input", (event) => event.target.matches("textarea") && fit(event.target));
}

let unsaved = "unsaved" in form.dataset;
form.addEventListener("input", () => { unsaved = true; });
form.addEventListener("submit", (event) => {
  if (event.submitter?.value === "save") unsaved = false;
});
addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

const verbs = {
  up: (item) => item.previousElementSibling?.before(item),
  down: (item) => item.nextElementSibling?.after(item),
  remove: (item) => {
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    neighbour?.querySelector("textarea").focus();
  },
};

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  event.preventDefault();
  verbs[button.value.split(":")[0]](button.closest("li"));
  if (button.isConnected) button.focus();
  rearranged();
});

add.addEventListener("click", (event) => {
  event.preventDefault();
  const item = list.lastElementChild.cloneNode(true);
  item.querySelector("textarea").value = "";
  list.append(item);
  item.querySelector("textarea").focus();
  rearranged();
});

function rearranged() {
  [...list.children].forEach((item, index) => {
    const name = `butir ${index + 1}`;
    item.querySelector("textarea").setAttribute("aria-label", `Butir ${index + 1}`);
    for (const button of item.querySelectorAll("button")) {
      button.value = `${button.value.split(":")[0]}:${index + 1}`;
      button.querySelector(".visually-hidden").textContent = `${button.title} ${name}`;
    }
  });
  add.disabled = list.children.length >= Number(list.dataset.most);
  unsaved = true;
  form.dispatchEvent(new Event("rearranged"));
}
