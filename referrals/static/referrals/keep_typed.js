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

  // A need can stand on the page twice: on the list, and where it is proposed.
  document.addEventListener("change", ({ target }) => {
    if (target.type !== "checkbox" || target.name !== "needs") return;
    for (const same of form.querySelectorAll(`[name="needs"][value="${target.value}"]`)) same.checked = target.checked;
  }, true);

  // A part that comes back from the server must not undo what was typed, or fold what was unfolded, since it was asked for;
  // and what has the focus stays where it is on the screen.
  let before = [], replaced = [], unfolded = [], focused = "", top = 0;
  const topOf = (id) => document.getElementById(id)?.getBoundingClientRect().top ?? 0;
  document.addEventListener("htmx:beforeSwap", () => {
    before = read();
    replaced = fields();
    unfolded = [...form.querySelectorAll("details[id][open]")].map((details) => details.id);
    focused = document.activeElement.id;
    top = topOf(focused);
  });
  // At once, and only into fields that are new: the others may have been typed into since.
  const writeIntoNew = () => write(before.filter((_, index) => !replaced[index].isConnected));
  document.addEventListener("htmx:afterSwap", writeIntoNew);
  document.addEventListener("htmx:oobAfterSwap", writeIntoNew);
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    if (focused) scrollBy({ top: topOf(focused) - top, behavior: "instant" });
  });

  // Browsers do not restore fields that they are told not to remember, and load the first page anew. So the tab's storage
  // keeps, of each step, what was typed last, until the tab is closed or left quickly. It also keeps the newest state: a
  // step that was gone back to sends it along, so that what later steps have chosen is not lost.
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const keep = () => {
    const { first, step } = form.dataset;
    const isFirst = first !== undefined;
    if (isFirst && isBack && history.state?.form) form.dataset.form = history.state.form;
    else if (isFirst) history.replaceState({ form: form.dataset.form }, "");
    const key = `typed:${form.dataset.form}`;
    const newest = sessionStorage.getItem(`${key}:newest`);
    const kept = JSON.parse(sessionStorage.getItem(`${key}:${step}`));
    const restore = () => {
      if (!write(kept.fields)) return;
      // Questions that the answers lead to come from the server, and then what was typed into them is put back.
      (form.elements.postcode ?? form).dispatchEvent(new Event("change", { bubbles: true }));
    };
    if (kept) {
      if (isBack) form.elements.state.value = kept.state;
      document.addEventListener("htmx:afterSettle", restore);
      document.addEventListener("input", () => document.removeEventListener("htmx:afterSettle", restore), { once: true });
      addEventListener("load", restore);
    }
    if (isBack && newest) form.elements.newest.value = newest;
    else sessionStorage.setItem(`${key}:newest`, form.elements.state.value);
    addEventListener("pagehide", () => {
      const isLeft = document.documentElement.classList.contains("is-left"); // by leave.js
      const typed = { state: form.elements.state.value, fields: read() };
      if (!isLeft) sessionStorage.setItem(`${key}:${step}`, JSON.stringify(typed));
      else for (const name of Object.keys(sessionStorage)) if (name.startsWith("typed:")) sessionStorage.removeItem(name);
    });
  };
  try {
    if (form?.dataset.form) keep();
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
