// Keeps what somebody has typed: without a connection a form waits instead of being lost to the browser's error page, and
// the browser's "Back" goes one step back in the referral form, as its own button does. Both work without this too.
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

  // The steps have one address and may not be kept by the browser, which would ask whether to send them again.
  const back = document.querySelector("button[name=action][value=back]");
  if (back) {
    history.replaceState("the step before", "");
    history.pushState(null, "");
    window.addEventListener("popstate", (event) => { // fires for links to a part of the page too
      if (event.state !== "the step before") return;
      history.pushState(null, "");
      back.form.requestSubmit(back);
    });
  }
}
