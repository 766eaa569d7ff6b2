// allauth's scripts talk to the passkey; this one tells them which form it is, and says in words
// beside the button what did not work. Without passkeys in the browser there is no button.

const WORDS = {
  NotAllowedError: "Kunci sandi tidak jadi dipakai, atau waktunya habis. Tekan lagi untuk mencoba.",
  InvalidStateError: "Kunci sandi di perangkat ini sudah terdaftar pada akun Anda.",
  NotSupportedError: "Perangkat ini tidak dapat membuat kunci sandi. Pakai aplikasi autentikator.",
};
const OTHERWISE = "Kunci sandi tidak dapat dipakai saat ini. Coba lagi, atau pakai cara lain.";
const BUTTON = "use-passkey";

const problem = document.getElementById("passkey-problem");
const form = document.querySelector("form[data-passkey]");
const { passkey: kind, options } = form.dataset;

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  problem.textContent = WORDS[event.detail.exception.name] ?? OTHERWISE;
  problem.hidden = false;
});

window.allauth.webauthn.forms[`${kind}Form`]({
  ids: {
    [kind]: BUTTON,
    credential: form.elements.credential.id,
    passwordless: form.elements.passwordless?.id,
  },
  data: options && JSON.parse(options),
});

if (!window.PublicKeyCredential && form.classList.contains("passkey")) form.hidden = true;
