// Knows the desk's PIN again while the network is away, without keeping it: a slow hash in
// memory, made when the server had found the PIN right.

const ROUNDS = 300000;
const MOST_FAILURES = 5;

const subtle = window.crypto && window.crypto.subtle;
let salt = null;
let known = null;
let failures = 0;

async function hashed(pin) {
  const bytes = new TextEncoder().encode(pin);
  const key = await subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return new Uint8Array(await subtle.deriveBits(how, key, 256)).join();
}

export async function remember(pin) {
  failures = 0;
  if (known || !subtle) return; // a desk has one PIN; without HTTPS there is no hash
  salt = crypto.getRandomValues(new Uint8Array(16));
  known = await hashed(pin);
}

export const isKnown = () => known !== null;

// "" when the PIN is right, else what to say.
export async function check(pin) {
  const isRight = failures < MOST_FAILURES && (await hashed(pin)) === known;
  failures = isRight ? 0 : failures + 1;
  if (isRight) return "";
  return failures < MOST_FAILURES
    ? "PIN tidak cocok."
    : "PIN terlalu sering salah, jadi meja ini terkunci. Sambungkan jaringan, lalu akhiri meja.";
}
