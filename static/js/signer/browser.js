// QR scanners and social apps show pages in a window of their own, which forgets what is kept
// in it as soon as it is closed. There, the page offers to open in the phone's own browser.

import { opened } from "./address.js";
import { copy } from "./copy.js";

const agent = navigator.userAgent;
const isAndroidView = /; wv\)/.test(agent);
const isAppleView = /iPhone|iPad|iPod/.test(agent) && !/Safari\//.test(agent);
const isKnownApp = /FBAN|FBAV|Instagram|\bLine\/|TikTok|musical_ly|BytedanceWebview/.test(agent);

// Android opens its usual browser for this, if the app lets it.
function intent(address) {
  const { protocol, host, pathname } = new URL(address);
  const how = `scheme=${protocol.slice(0, -1)};action=android.intent.action.VIEW`;
  return `intent://${host}${pathname}#Intent;${how};category=android.intent.category.BROWSABLE;end`;
}

const root = document.querySelector("[data-browser]");
if (isAndroidView || isAppleView || isKnownApp) {
  const link = root.querySelector("[data-open]");
  const told = root.querySelector("[data-told]");
  link.hidden = !/Android/.test(agent);
  link.href = intent(opened);
  root.querySelector("[data-copy]").addEventListener("click", async () => {
    try {
      await copy(opened);
      told.textContent = "Tautan sudah disalin. Tempelkan di kolom alamat Chrome atau Safari.";
    } catch (error) {
      told.textContent = `Salin sendiri tautan ini: ${opened}`;
    }
  });
  root.hidden = false;
}
