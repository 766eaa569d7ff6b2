// What the desk asks the server for. An answer is what the server said; where nobody answers
// it is {reason: "unreachable"}.

const PATIENCE = 10000;
// Where the last question found nobody, the next one does not hold people up for long.
const SHORT_PATIENCE = 3000;

const root = document.querySelector("[data-desk]");

async function answerOf(response) {
  const isJson = (response.headers.get("Content-Type") || "").includes("json");
  if (isJson) return response.json();
  // The desk was ended or its session has run out: the page itself says so.
  if (response.status === 403) location.reload();
  return { reason: "unreachable" };
}

let patience = PATIENCE;

async function ask(address, fields, signal) {
  const headers = { "X-CSRFToken": root.dataset.csrf };
  const body = new URLSearchParams(fields);
  try {
    return await answerOf(await fetch(address, { method: "POST", headers, body, signal }));
  } catch (error) {
    return { reason: "unreachable" };
  }
}

async function post(address, fields) {
  const breaker = new AbortController();
  const timer = setTimeout(() => breaker.abort(), patience);
  const answer = await ask(address, fields, breaker.signal);
  clearTimeout(timer);
  patience = answer.reason === "unreachable" ? SHORT_PATIENCE : PATIENCE;
  return answer;
}

export const unlock = (pin) => post(root.dataset.unlock, { pin });
export const attest = (person, pin) => post(root.dataset.attest, { person: person.id, pin });

// Of the address of a receipt, for the phone of whoever has just signed.
export function qrOf(receipt) {
  const token = receipt.split("/").pop();
  return root.dataset.receiptQr.replace("0.svg", `${token}.svg`);
}
