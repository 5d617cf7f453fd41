// Asks before people leave a changed form unsaved, and saves once if the button is pressed twice.
(function () {
  "use strict";

  const RETRY_AFTER = 10000; // milliseconds, in case a save gets no answer

  document.addEventListener("DOMContentLoaded", function () {
    const inner = document.querySelector(".service-form");
    if (!inner) return;
    const form = inner.closest("form");
    let isChanged = Boolean(document.getElementById("problems")), isSent = false;
    form.autocomplete = "off"; // going back would restore some fields as they were left and others as they are stored

    function change(event) {
      if (!event.target.closest(".try-out, .tree-search")) isChanged = true;
    }

    function send(event) {
      const button = event.submitter;
      if (event.defaultPrevented || (button && (button.formTarget === "_blank" || "leaves" in button.dataset))) return;
      if (isSent) return event.preventDefault();
      isSent = true;
      setTimeout(function () { isSent = false; }, RETRY_AFTER);
    }

    form.addEventListener("input", change);
    form.addEventListener("change", change);
    window.addEventListener("submit", send); // after every listener on the form itself
    window.addEventListener("beforeunload", function (event) {
      if (isChanged && !isSent) event.preventDefault();
    });
  });
})();
