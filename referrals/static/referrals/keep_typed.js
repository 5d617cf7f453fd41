// Without a connection a form waits, instead of being lost to the browser's error page. It works without this too.
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
}
