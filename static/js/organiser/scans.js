// Says at once which photographs cannot be sent, and shows that sending goes on.
const MEGABYTE = 1024 * 1024;
const form = document.querySelector("form.upload");
const input = form.querySelector("input[type=file]");
const problem = form.querySelector(".invalid-feedback");
const button = form.querySelector("button");

function problemOf(files, limit, most) {
  if (files.length > most) return `Pilih paling banyak ${most} berkas sekali unggah.`;
  const large = files.filter((file) => file.size > limit).map((file) => file.name);
  if (!large.length) return "";
  return `Lebih besar dari ${limit / MEGABYTE} MB: ${large.join(", ")}. Foto lagi dengan resolusi biasa.`;
}

function check() {
  const { limit, most } = input.dataset;
  problem.textContent = problemOf(Array.from(input.files), Number(limit), Number(most));
  input.classList.toggle("is-invalid", problem.textContent !== "");
  button.disabled = problem.textContent !== "";
}

input.addEventListener("change", check);
if (input.files.length) check(); // chosen before this script was there
form.addEventListener("submit", () => {
  button.disabled = true;
  button.textContent = "Mengunggah…";
});
// Coming back with the browser's button shows the page as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
