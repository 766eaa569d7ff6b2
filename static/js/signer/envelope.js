// Encrypts a signature for the server alone, so that what stays on a device shows neither a
// name nor a drawing. The counterpart, and the format, is pledges/envelopes.py.

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const INFO = "pakta envelope 1";
const IV_BYTES = 12;

const subtle = window.crypto && window.crypto.subtle;

// Browsers encrypt on HTTPS and on localhost only.
export const canSeal = Boolean(subtle);

function fromBase64url(text) {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function toBase64url(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

async function derivedKey(privateKey, theirs, salt) {
  const shared = await subtle.deriveBits({ name: "ECDH", public: theirs }, privateKey, 256);
  const secret = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: new TextEncoder().encode(INFO) };
  return subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
}

// The entry, any JSON object, as an envelope: a string that only the server can open.
export async function seal(entry, publicKey) {
  const theirs = await subtle.importKey("raw", fromBase64url(publicKey), CURVE, false, []);
  const own = await subtle.generateKey(CURVE, false, ["deriveBits"]);
  const point = new Uint8Array(await subtle.exportKey("raw", own.publicKey));
  const key = await derivedKey(own.privateKey, theirs, point);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const content = new TextEncoder().encode(JSON.stringify(entry));
  const cipher = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv }, key, content));
  return toBase64url([...point, ...iv, ...cipher]);
}
