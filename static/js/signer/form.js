// The form of a pledge, on any page: counts the ticks, switches between drawing and typing,
// says what is missing, and knows what is to be sent.

import { Field } from "./drawing.js";

// "butir 2, 4", and with several texts "naskah 1 butir 2, 4; naskah 2 butir 1".
function numbers(sheets, missing) {
  const lists = sheets.map((sheet, at) => {
    const points = missing.filter((tick) => sheet.contains(tick)).map((tick) => tick.dataset.point);
    const where = sheets.length > 1 ? `naskah ${at + 1} ` : "";
    return points.length ? `${where}butir ${points.join(", ")}` : "";
  });
  return lists.filter(Boolean).join("; ");
}

export class PledgeForm {
  constructor(form) {
    this.form = form;
    this.ticks = [...form.querySelectorAll("[name=consents]")];
    this.sheets = [...form.querySelectorAll(".sheet")];
    this.drawing = form.querySelector("[data-drawing]");
    this.typed = form.querySelector("[data-typed]");
    this.path = form.elements.namedItem("path");
    this.name = form.elements.namedItem("typed");
    this.summary = form.querySelector("[data-summary]");
    this.button = form.querySelector("[data-submit]");
    this.field = new Field(this.drawing);
    this.listen();
    this.begin();
  }

  listen() {
    this.form.addEventListener("input", () => this.check({ mayAppear: false }));
    this.form.addEventListener("change", (event) => {
      if (event.target.name === "kind") this.showMeans();
      this.count();
      this.check({ mayAppear: false });
    });
  }

  begin() {
    const means = this.form.querySelector("[data-means]");
    this.form.noValidate = true;
    means.hidden = false;
    this.form.querySelector(`[name=kind][value=${means.dataset.means}]`).checked = true;
    this.form.querySelector("[data-progress]").hidden = false;
    this.showMeans();
    this.count();
  }

  get isDrawn() {
    return this.form.querySelector("[name=kind][value=drawn]").checked;
  }

  showMeans() {
    this.drawing.hidden = !this.isDrawn;
    this.typed.hidden = this.isDrawn;
    if (this.isDrawn) this.drawing.dispatchEvent(new Event("shown"));
  }

  count() {
    const progress = this.form.querySelector("[data-progress]");
    const done = this.ticks.filter((tick) => tick.checked).length;
    const all = done === this.ticks.length;
    progress.textContent = all
      ? `Semua ${done} butir sudah Anda nyatakan.`
      : `${done} dari ${this.ticks.length} butir sudah Anda nyatakan.`;
    progress.classList.toggle("complete", all);
  }

  // A message appears when somebody tried to send, and goes as soon as its reason does.
  mark(control, messageId, isWrong, mayAppear) {
    const message = this.form.querySelector(`#${messageId}`);
    const isShown = isWrong && (mayAppear || !message.hidden);
    message.hidden = !isShown;
    control.setAttribute("aria-invalid", isShown);
    // Hidden words would be read aloud all the same.
    const described = control.getAttribute("aria-describedby") || "";
    const others = described.split(" ").filter((id) => id && id !== messageId);
    const ids = isShown ? [...others, messageId] : others;
    control.setAttribute("aria-describedby", ids.join(" "));
  }

  // Says what is missing and returns the first control that lacks something.
  check({ mayAppear }) {
    const canvas = this.drawing.querySelector("canvas");
    const missing = this.ticks.filter((tick) => !tick.checked);
    const noDrawing = this.isDrawn && !this.path.value;
    const noName = !this.isDrawn && this.name.value.replace(/[^\p{L}]/gu, "").length < 2;
    for (const tick of this.ticks) {
      this.mark(tick, `masalah-${tick.value}`, !tick.checked, mayAppear);
    }
    this.mark(canvas, "masalah-gambar", noDrawing, mayAppear);
    this.mark(this.name, "masalah-ketik", noName, mayAppear);
    if (mayAppear || !this.summary.hidden) this.tell(this.sentences(missing, noDrawing, noName));
    return missing[0] || (noDrawing && canvas) || (noName && this.name);
  }

  sentences(missing, noDrawing, noName) {
    return [
      missing.length && `Belum dinyatakan: ${numbers(this.sheets, missing)}.`,
      noDrawing && "Tanda tangan belum digambar.",
      noName && "Nama belum diketik.",
    ]
      .filter(Boolean)
      .join(" ");
  }

  tell(message) {
    this.summary.textContent = message;
    this.summary.hidden = !message;
  }

  point(control) {
    const place = control.closest("li") || control.closest(".drawing, .field");
    control.focus({ preventScroll: true });
    place.scrollIntoView({ block: "center" });
  }

  // Leads to what is missing; true when nothing is.
  isComplete() {
    const wrong = this.check({ mayAppear: true });
    if (wrong) this.point(wrong);
    return !wrong;
  }

  get isSending() {
    return this.form.dataset.sending === "yes";
  }

  set isSending(isSending) {
    this.form.dataset.sending = isSending ? "yes" : "";
    this.button.setAttribute("aria-disabled", isSending);
    this.button.textContent = isSending ? "Mengirim…" : "Tanda tangani";
  }

  content() {
    return {
      kind: this.isDrawn ? "drawn" : "typed",
      path: this.isDrawn ? this.path.value : "",
      typed: this.isDrawn ? "" : this.name.value,
      consents: this.ticks.filter((tick) => tick.checked).map((tick) => tick.value),
      claimed_at: new Date().toISOString(),
    };
  }

  forget() {
    this.form.reset();
    this.field.forget();
  }
}
