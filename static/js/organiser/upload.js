// Says at once that a file is too large, before anything is sent; and shows that sending goes on.
const MEGABYTE = 1024 * 1024;

function problemOf(file, limit) {
  if (!file || file.size <= limit) return "";
  const size = (file.size / MEGABYTE).toLocaleString("id-ID", { maximumFractionDigits: 1 });
  return `Berkas ini ${size} MB, lebih besar dari ${limit / MEGABYTE} MB. Hapus gambar dan lembar yang tidak perlu, atau bagi menjadi beberapa berkas.`;
}

for (const form of document.querySelectorAll("form.upload")) {
  const input = form.querySelector("input[type=file]");
  const problem = form.querySelector(".invalid-feedback");
  const button = form.querySelector("button");
  const check = () => {
    problem.textContent = problemOf(input.files[0], Number(input.dataset.limit));
    input.classList.toggle("is-invalid", problem.textContent !== "");
    button.disabled = problem.textContent !== "";
  };
  input.addEventListener("change", check);
  if (input.files.length) check(); // chosen before this script was there
  form.addEventListener("submit", () => {
    button.disabled = true;
    button.textContent = "Mengunggah…";
  });
}
// Coming back with the browser's button shows the page as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
