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

  // Browsers do not restore fields that they are told not to remember. This tab keeps them until it is closed. The page's
  // signature tells it from the other pages at the same address.
  const key = `typed:${form?.elements.state?.value.slice(-43)}`;
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  try {
    const kept = isBack && JSON.parse(sessionStorage.getItem(key));
    const restore = () => {
      if (!write(kept)) return;
      // Questions that the answers lead to come from the server, and then what was typed into them is put back.
      (form.elements.postcode ?? form).dispatchEvent(new Event("change", { bubbles: true }));
    };
    if (form && kept) {
      document.addEventListener("htmx:afterSettle", restore);
      document.addEventListener("input", () => document.removeEventListener("htmx:afterSettle", restore), { once: true });
      addEventListener("load", restore);
    }
    addEventListener("pagehide", () => { if (form) sessionStorage.setItem(key, JSON.stringify(read())); });
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
