// What the desk asks the server for. An answer is what the server said; where nobody answers
// it is {reason: "unreachable"}.

const PATIENCE = 10000;

const root = document.querySelector("[data-desk]");

async function answerOf(response) {
  const isJson = (response.headers.get("Content-Type") || "").includes("json");
  if (isJson) return response.json();
  // The desk was ended or its session has run out: the page itself says so.
  if (response.status === 403) location.reload();
  return { reason: "unreachable" };
}

async function post(address, fields) {
  const breaker = new AbortController();
  const patience = setTimeout(() => breaker.abort(), PATIENCE);
  try {
    return await answerOf(
      await fetch(address, {
        method: "POST",
        headers: { "X-CSRFToken": root.dataset.csrf },
        body: new URLSearchParams(fields),
        signal: breaker.signal,
      })
    );
  } catch (error) {
    return { reason: "unreachable" };
  } finally {
    clearTimeout(patience);
  }
}

export const unlock = (pin) => post(root.dataset.unlock, { pin });
export const attest = (person, pin) => post(root.dataset.attest, { person: person.id, pin });

// Of the address of a receipt, for the phone of whoever has just signed.
export function qrOf(receipt) {
  const token = receipt.split("/").pop();
  return root.dataset.receiptQr.replace("0.svg", `${token}.svg`);
}
