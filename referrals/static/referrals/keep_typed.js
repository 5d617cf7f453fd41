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

  // A part that comes back from the server must not undo what was typed, or fold what was unfolded, since it was asked for.
  let before = [], unfolded = [];
  document.addEventListener("htmx:beforeSwap", () => {
    before = read();
    unfolded = [...form.querySelectorAll("details[id][open]")].map((details) => details.id);
  });
  document.addEventListener("htmx:afterSettle", () => {
    write(before);
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  });

  // Browsers do not restore fields that they are told not to remember, and load the first page anew. So the tab's storage
  // keeps what was typed until the tab is closed or left quickly. A page is known by its signature; the first page, by one
  // that stands in the history. (In the history of the others it would make the browser load them by GET.)
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const isFirst = form && "first" in form.dataset;
  try {
    const signature = form?.elements.state?.value.slice(-43);
    const key = `typed:${isFirst && isBack && history.state?.signature || signature}`;
    if (isFirst && !isBack) history.replaceState({ signature }, "");
    const kept = isBack && JSON.parse(sessionStorage.getItem(key));
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
    if (form) addEventListener("pagehide", () => {
      const isLeft = document.documentElement.classList.contains("is-left"); // by leave.js
      if (!isLeft) sessionStorage.setItem(key, JSON.stringify({ state: form.elements.state.value, fields: read() }));
      else for (const kept of Object.keys(sessionStorage)) if (kept.startsWith("typed:")) sessionStorage.removeItem(kept);
    });
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
