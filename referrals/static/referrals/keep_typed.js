// What has been typed stays: without a connection, when parts of the page are replaced, and on the browser's Back and Forward.
// All steps work without this too.
{
  const form = document.querySelector("form[novalidate]");
  const fields = () => [...form.querySelectorAll("input:not([type=hidden]), select, textarea")].filter((field) => field.id);
  const read = () => fields().map((field) => [field.id, field.value, field.checked]);
  // Returns whether anything was changed.
  const write = (kept) => {
    let isChanged = false;
    for (const [id, value, checked] of kept) {
      const field = document.getElementById(id);
      if (!field || (field.value === value && field.checked === checked)) continue;
      field.value = value;
      field.checked = checked;
      isChanged = true;
    }
    return isChanged;
  };

  // A part that comes back from the server must not undo what was typed since it was asked for.
  let before = [];
  document.addEventListener("htmx:beforeSwap", () => { before = read(); });
  document.addEventListener("htmx:afterSettle", () => write(before));

  // Browsers do not restore fields that they are told not to remember, and load the first page anew. This tab keeps what was
  // typed until it is closed: the first page in its place in the history, the others, which a change of the history would
  // make the browser load by GET, under their own signature.
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const isFirst = form && "first" in form.dataset;
  const key = `typed:${form?.elements.state?.value.slice(-43)}`;
  const keep = () => {
    const typed = { state: form.elements.state.value, fields: read() };
    if (isFirst) history.replaceState({ typed }, "");
    else sessionStorage.setItem(key, JSON.stringify(typed));
  };
  try {
    const kept = isBack && (isFirst ? history.state?.typed : JSON.parse(sessionStorage.getItem(key)));
    const restore = () => {
      if (!write(kept.fields)) return;
      // Questions that the answers lead to come from the server, and then what was typed into them is put back.
      (form.elements.postcode ?? form).dispatchEvent(new Event("change", { bubbles: true }));
    };
    if (form && kept) {
      form.elements.state.value = kept.state;
      document.addEventListener("htmx:afterSettle", restore);
      document.addEventListener("input", () => document.removeEventListener("htmx:afterSettle", restore), { once: true });
      addEventListener("load", restore);
    }
    if (form) addEventListener("pagehide", keep);
  } catch {
    // There is no storage here, as in a frame that may keep nothing: then the browser's own memory has to do.
  }

  const notice = document.querySelector("[data-offline]");
  document.addEventListener("submit", (event) => {
    if (navigator.onLine || !notice || event.target.method !== "post") return;
    event.preventDefault();
    notice.hidden = false;
    notice.focus();
  });
  window.addEventListener("online", () => {
    if (notice) notice.hidden = true;
  });
}
