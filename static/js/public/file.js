// Shows which file was chosen, and says at once that it is too large, before anything is sent.
const MEGABYTE = 1024 * 1024;

function inMegabytes(bytes) {
  return (bytes / MEGABYTE).toLocaleString("id-ID", { maximumFractionDigits: 1 });
}

function problemOf(file, limit) {
  if (file.size === 0) return "Berkas ini kosong. Unduh lagi berkasnya, lalu coba lagi.";
  if (file.size <= limit) return "";
  return `Berkas ini ${inMegabytes(file.size)} MB, lebih besar dari ${inMegabytes(limit)} MB. Dokumen dari sini tidak pernah sebesar itu. Pilih berkas PDF pakta yang Anda terima.`;
}

function enhance(area) {
  const input = area.querySelector("input[type=file]");
  const name = area.querySelector(".file-name");
  const problem = area.querySelector(".problem");
  const button = area.closest("form").querySelector("button");
  const invitation = name.textContent;

  function show() {
    const file = input.files[0];
    name.textContent = file ? file.name : invitation;
    problem.textContent = file ? problemOf(file, Number(area.dataset.limit)) : "";
    button.disabled = problem.textContent !== "";
  }

  area.classList.add("enhanced");
  name.hidden = false;
  input.addEventListener("change", show);
  // Going back to the page, the browser may have kept the file.
  if (input.files.length) show();
}

document.querySelectorAll(".file-drop").forEach(enhance);
