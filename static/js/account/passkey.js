// allauth's scripts talk to the passkey; this one says in words what did not work, beside the
// button. Without passkeys in the browser there is no button.

const WORDS = {
  NotAllowedError: "Kunci sandi tidak jadi dipakai, atau waktunya habis. Tekan lagi untuk mencoba.",
  InvalidStateError: "Kunci sandi di perangkat ini sudah terdaftar pada akun Anda.",
  NotSupportedError: "Perangkat ini tidak dapat membuat kunci sandi. Pakai aplikasi autentikator.",
};
const OTHERWISE = "Kunci sandi tidak dapat dipakai saat ini. Coba lagi, atau pakai cara lain.";

const problem = document.getElementById("passkey-problem");

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  problem.textContent = WORDS[event.detail.exception.name] ?? OTHERWISE;
  problem.hidden = false;
});

if (!window.PublicKeyCredential) {
  const form = document.querySelector("form.passkey");
  if (form) form.hidden = true;
}
