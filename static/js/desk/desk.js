// The officer's desk: one page that a device never leaves. The officer opens the list with
// the PIN, attests somebody with it, hands the device over and takes it back; in between the
// page forgets. It goes on working when the network goes away after the list was opened.

import { canSeal, count, deliver, keep, seal } from "../signer/outbox.js";
import { askPin } from "./ask.js";
import * as list from "./list.js";
import * as person from "./person.js";
import * as pin from "./pin.js";
import * as server from "./server.js";
import { fill, show, step, wipe as wipeSteps } from "./steps.js";
import * as thanks from "./thanks.js";
import "./waiting.js";

const IDLE = 5 * 60 * 1000;
const NO_NETWORK = "Jaringan terputus, atau server tidak menjawab.";

const { desk, publicKey } = document.querySelector("[data-desk]").dataset;

// Whose turn it is: {person, proof}; proof holds a ticket, or an attestation that was sealed
// here because the network was away.
let turn = null;

// Nothing of a person is left after this.
function forget() {
  turn = null;
  person.wipe();
  thanks.wipe();
  list.hide();
  wipeSteps();
}

function lock() {
  forget();
  show("locked");
}

function showList(note = "") {
  forget();
  list.show(note);
  show("list");
}

// The officer

askPin("locked", async (typed) => {
  const answer = await server.unlock(typed);
  if (answer.people) {
    list.load(answer, { onTheWay: await count() });
    await pin.remember(typed);
    return showList();
  }
  if (answer.reason !== "unreachable") return answer.problem;
  if (!pin.isKnown()) return `${NO_NETWORK} Daftar nama baru dapat dibuka setelah tersambung.`;
  const problem = await pin.check(typed);
  return problem || showList("Jaringan terputus. Meja tetap bekerja dengan daftar yang terakhir.");
});

list.onChoice((chosen) => {
  if (!person.hasForm(chosen)) return location.reload(); // its text came after this page
  forget();
  turn = { person: chosen, proof: null };
  fill(step("attest"), chosen);
  return show("attest");
});

askPin("attest", async (typed) => {
  const asked = turn;
  const answer = await server.attest(asked.person, typed);
  if (turn !== asked) return "";
  if (answer.ticket) return accept(answer, typed);
  if (answer.reason === "unreachable") return attestOffline(typed);
  if (answer.reason !== "signed") return answer.problem;
  list.remove(asked.person);
  return showList(answer.problem);
});

function accept({ ticket, number, identity, open_wave: wave }, typed) {
  list.openWave(wave);
  turn.proof = { ticket };
  turn.person = { ...turn.person, number, identity };
  handOver();
  return pin.remember(typed);
}

async function attestOffline(typed) {
  if (!canSeal) return `${NO_NETWORK} Tanpa HTTPS, meja hanya bekerja selama ada jaringan.`;
  const problem = await pin.check(typed);
  if (problem) return problem;
  const { id, texts, generation, voids } = turn.person;
  const nonce = [...crypto.getRandomValues(new Uint8Array(16))].join("-");
  const digests = texts.split(" ");
  const told = { desk, person: id, pin: typed, digests, generation, voids, nonce };
  turn.proof = { attestation: await seal(told, publicKey) };
  return handOver();
}

function handOver() {
  fill(step("handover"), turn.person);
  show("handover");
}

// The person

function begin() {
  person.prepare(turn.person, { isWhole: Boolean(turn.proof.ticket) });
  show("sign");
  person.begin(send);
}

async function send(pledge) {
  pledge.isSending = true;
  const entry = { ...turn.proof, ...pledge.content() };
  const letter = canSeal ? await seal(entry, publicKey) : entry;
  const answer = await deliver(letter);
  if (answer.state === "signed" || answer.state === "refused") return finish(answer);
  pledge.isSending = false;
  if (answer.state === "invalid") return pledge.tell(answer.message);
  // What cannot be sealed must not stay when the next person comes.
  if (!canSeal) return pledge.tell(`${answer.message || NO_NETWORK} Coba lagi nanti.`);
  return finish({ ...answer, state: "kept", isStored: await keep(letter, answer) });
}

function finish(answer) {
  const { person: signer } = turn;
  if (answer.state === "signed") list.remove(signer);
  if (answer.state === "kept") list.markWaiting(signer);
  forget();
  thanks.thank(signer.name, { ...answer, qr: answer.receipt && server.qrOf(answer.receipt) });
}

thanks.onEnd(() => {
  forget();
  show("return");
});

// Buttons

function on(name, selector, act) {
  step(name).querySelector(selector).addEventListener("click", () => act());
}
on("list", "[data-lock]", lock);
on("attest", "[data-back]", showList);
on("handover", "[data-go]", begin);
on("handover", "[data-back]", lock);
on("sign", "[data-back]", lock);
on("return", "[data-go]", showList);

// A device that lies about, and pages that the browser would keep.

let idle = 0;
function stayAwake() {
  clearTimeout(idle);
  idle = setTimeout(lock, IDLE);
}
for (const name of ["pointerdown", "keydown", "scroll"]) addEventListener(name, stayAwake, true);
stayAwake();

addEventListener("pagehide", () => {
  lock();
  list.forget();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
lock();
