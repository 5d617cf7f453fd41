// Fills in the referrer's own details where this device remembers them, and remembers them if asked to: in this browser
// alone, nothing is sent. Where the browser stores nothing, the question does not appear.
{
  const box = document.querySelector("[data-remember]");
  const fields = ["source_name", "source_organisation", "source_phone", "source_email"]
    .map((name) => document.querySelector(`[name="${name}"]`)).filter(Boolean);
  const KEY = "referrer";

  const start = (kept) => {
    const [tick, forget] = [box.querySelector("input"), box.querySelector("button")];
    for (const field of fields) field.value ||= kept?.[field.name] || "";
    tick.checked = Boolean(kept);
    forget.hidden = !kept;
    box.hidden = false;
    box.closest("form").addEventListener("submit", () => {
      const typed = Object.fromEntries(fields.map((field) => [field.name, field.value]));
      if (!tick.checked) localStorage.removeItem(KEY);
      else if (Object.values(typed).some(Boolean)) localStorage.setItem(KEY, JSON.stringify(typed));
    });
    forget.addEventListener("click", () => {
      localStorage.removeItem(KEY);
      for (const field of fields) field.value = "";
      tick.checked = false;
      forget.hidden = true;
      tick.focus();
    });
  };
  try {
    if (box && fields.length) start(JSON.parse(localStorage.getItem(KEY)));
  } catch { /* no storage here, or nothing that can be read */ }
}
