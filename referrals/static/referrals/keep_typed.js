// Without a connection a form waits, instead of being lost to the browser's error page. Whoever comes back to an empty first
// step is told where the words are. All works without this too.
{
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

  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const hint = document.querySelector("[data-came-back]");
  if (isBack && hint) hint.hidden = false;
}
