// Who came too early: asks now and then which wave may sign, and goes on when it is this one.

import { opened } from "./address.js";

const SHORTEST = 15000;
const LONGEST = 2 * 60 * 1000;

const form = document.querySelector("[data-turn]");
form.querySelector("[data-automatic]").hidden = false;
const mine = Number(form.dataset.wave);
let wait = SHORTEST;
let timer = 0;

async function isMyTurn() {
  try {
    const response = await fetch(form.dataset.turn, { credentials: "omit" });
    return response.ok && (await response.json()).open_wave >= mine;
  } catch (error) {
    return false; // no network: the next try may have one
  }
}

function goOn() {
  // A personal link can be loaded again; for who typed a code, the form carries them on.
  if (new URL(opened).pathname.startsWith("/s/")) location.replace(opened);
  else form.submit();
}

async function look() {
  clearTimeout(timer);
  if (!document.hidden && (await isMyTurn())) return goOn();
  wait = Math.min(wait * 1.2, LONGEST);
  plan();
}

// Hundreds wait for the same wave: each asks at a moment of its own.
function plan() {
  timer = setTimeout(look, wait * (0.5 + Math.random()));
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look();
});
plan();
