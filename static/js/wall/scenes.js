// One scene of the wall at a time: title, ikrar point by point, QR code with live count.
// Led by keyboard, presenter, touch or mouse. The address remembers the scene after its #.

const scenes = [...document.querySelectorAll(".scene")];
const controls = document.querySelector(".controls");
const place = document.querySelector("[data-place]");
const black = document.querySelector("[data-black]");
// Digits typed within this time make one number: 1 and 2 are point 12.
const TYPING = 900;

let at = 0;
let typed = "";
let lastTyped = 0;

function show(number) {
  at = Math.max(0, Math.min(number, scenes.length - 1));
  scenes.forEach((scene, index) => {
    scene.hidden = index !== at;
    scene.classList.toggle("is-shown", index === at);
  });
  window.scrollTo(0, 0);
  place.textContent = `${at + 1} / ${scenes.length}`;
  history.replaceState(null, "", `#${at + 1}`);
}

function jump(digit) {
  const now = Date.now();
  typed = now - lastTyped < TYPING ? typed + digit : digit;
  lastTyped = now;
  const found = typed === "0" ? 0 : scenes.findIndex((scene) => scene.dataset.point === typed);
  if (found >= 0) show(found);
}

function toggleFullscreen() {
  if (document.fullscreenElement) return document.exitFullscreen();
  return document.documentElement.requestFullscreen();
}

function toggleBlack() {
  black.hidden = !black.hidden;
}

function scroll(direction) {
  window.scrollBy({ top: direction * window.innerHeight * 0.3 });
}

const acts = {
  next: () => show(at + 1),
  previous: () => show(at - 1),
  first: () => show(0),
  last: () => show(scenes.length - 1),
  down: () => scroll(1),
  up: () => scroll(-1),
  fullscreen: toggleFullscreen,
  black: toggleBlack,
};

const keys = {
  ArrowRight: "next", " ": "next", PageDown: "next", Enter: "next",
  ArrowLeft: "previous", PageUp: "previous", Backspace: "previous",
  Home: "first", End: "last", ArrowDown: "down", ArrowUp: "up",
  f: "fullscreen", F: "fullscreen", b: "black", B: "black", ".": "black",
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const isPress = event.key === "Enter" || event.key === " ";
  if (isPress && event.target.closest("button")) return;
  if (!black.hidden) black.hidden = true;
  else if (/^[0-9]$/.test(event.key)) jump(event.key);
  else if (keys[event.key]) acts[keys[event.key]]();
  else return;
  event.preventDefault();
});

controls.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) acts[button.dataset.act]();
});

black.addEventListener("click", toggleBlack);

document.querySelector("main").addEventListener("click", (event) => {
  if (event.target.closest("button")) return;
  show(event.clientX < window.innerWidth / 2 ? at - 1 : at + 1);
});

// After a mouse click the space bar turns the page again instead of repeating the click.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && event.detail > 0) button.blur();
});

window.addEventListener("hashchange", () => show(scene()));

function scene() {
  return Number(location.hash.slice(1)) - 1 || 0;
}

// A projector must not go dark while somebody reads aloud. Browsers that cannot promise it, or
// will not without HTTPS, leave it to the computer's own setting.
async function stayAwake() {
  if (!navigator.wakeLock || document.hidden) return;
  try {
    await navigator.wakeLock.request("screen");
  } catch (error) {
    // Refused, on low battery say.
  }
}

document.addEventListener("visibilitychange", stayAwake);
stayAwake();

controls.hidden = false;
if (!document.fullscreenEnabled) controls.querySelector("[data-act=fullscreen]").remove();
show(scene());
