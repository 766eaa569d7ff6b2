// The live count. Without a network the last count stays, with its time; it is asked for
// again after ever longer waits, and as soon as the network is back.

const PER_PAGE = 6;
const TURN = 10000; // how long a page of units stands
const EVERY = 1000;
const UNSEEN = 10000; // while another scene is shown
const PATIENCE = 8000; // for one answer
const LONGEST_WAIT = 30000;

const scene = document.querySelector("[data-count]");
const part = (name) => scene.querySelector(`[data-${name}]`);
const pages = part("pages");
const pause = part("pause");
const format = (number) => number.toLocaleString("id-ID");

let units = [];
let counted = "";
let latest = 0;
let page = 0;
let failures = 0;
let timer;

function showCount(count) {
  part("at").hidden = false;
  part("offline").textContent = "";
  // Each of the server's processes counts on its own: never go back to one before.
  if (count.moment < latest) return;
  latest = count.moment;
  units = count.units;
  part("signed").textContent = format(count.signed);
  part("total").textContent = format(count.total);
  part("whole").max = count.total || 1;
  part("whole").value = count.signed;
  part("percent").textContent = count.total ? `${percent(count)} %` : "";
  part("status").textContent = count.status;
  part("at").textContent = `Dihitung pukul ${count.at}`;
  counted = ` Hitungan pukul ${count.at}.`;
  showUnits();
}

// To one decimal, rounded down: it is 100 only when nobody is missing.
function percent({ signed, total }) {
  return format(Math.floor((signed * 1000) / total) / 10);
}

function showUnits() {
  const count = Math.ceil(units.length / PER_PAGE) || 1;
  page %= count;
  const shown = units.slice(page * PER_PAGE, (page + 1) * PER_PAGE);
  part("units").replaceChildren(...shown.map(line));
  pages.hidden = count === 1;
  pages.firstElementChild.textContent = `Halaman ${page + 1} dari ${count}`;
}

function line({ name, signed, total }) {
  const row = part("unit").content.cloneNode(true).firstElementChild;
  row.querySelector(".name").textContent = name;
  row.querySelector(".number").textContent = `${format(signed)} / ${format(total)}`;
  const bar = row.querySelector("progress");
  bar.max = total;
  bar.value = signed;
  bar.setAttribute("aria-label", name);
  row.classList.toggle("is-complete", signed === total);
  return row;
}

async function ask() {
  const patience = new AbortController();
  const end = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const answer = await fetch(scene.dataset.count, {
      credentials: "omit", cache: "no-store", signal: patience.signal,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return await answer.json();
  } finally {
    clearTimeout(end);
  }
}

async function watch() {
  try {
    const count = await ask();
    failures = 0;
    // The event was published, or taken back: other words may stand on the wall now.
    if (count.is_draft !== (scene.dataset.draft === "yes")) return location.reload();
    showCount(count);
  } catch (error) {
    failures += 1;
    part("at").hidden = true;
    part("offline").textContent = `Sambungan terputus.${counted}`;
  }
  clearTimeout(timer);
  timer = setTimeout(watch, wait());
}

function wait() {
  if (failures) return Math.min(EVERY * 2 ** failures, LONGEST_WAIT);
  return scene.hidden || document.hidden ? UNSEEN : EVERY;
}

function turn() {
  if (pause.getAttribute("aria-pressed") === "true") return;
  page += 1;
  showUnits();
}

pause.addEventListener("click", () => {
  const isPaused = pause.getAttribute("aria-pressed") === "true";
  pause.setAttribute("aria-pressed", String(!isPaused));
});
window.addEventListener("online", watch);
// Another scene, or this window, has come to the front.
new MutationObserver(() => { if (!scene.hidden) watch(); })
  .observe(scene, { attributeFilter: ["hidden"] });
document.addEventListener("visibilitychange", () => { if (!document.hidden) watch(); });

setInterval(turn, TURN);
watch();
