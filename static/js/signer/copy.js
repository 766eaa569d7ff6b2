// Puts a text into the clipboard, or throws where the browser does not allow it.

export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.body.appendChild(document.createElement("textarea"));
  field.value = text;
  field.select();
  const isCopied = document.execCommand("copy"); // without HTTPS there is no other way
  field.remove();
  if (!isCopied) throw new Error("not copied");
}
