// Ask before a page is left whose form was changed and not saved; save once when the button is pressed twice.
(function () {
  "use strict";

  const PATIENCE = 10000; // milliseconds after which a save that got no answer may be tried again

  document.addEventListener("DOMContentLoaded", function () {
    const inner = document.querySelector(".service-form");
    if (!inner) return;
    const form = inner.closest("form");
    let isChanged = Boolean(document.getElementById("problems")), isSent = false;
    form.autocomplete = "off"; // "back" would bring some boxes back as they were left, and others as they are stored

    function change(event) {
      if (!event.target.closest(".try-out, .tree-search")) isChanged = true;
    }

    function send(event) {
      const button = event.submitter;
      if (event.defaultPrevented || (button && (button.formTarget === "_blank" || "leaves" in button.dataset))) return;
      if (isSent) return event.preventDefault();
      isSent = true;
      setTimeout(function () { isSent = false; }, PATIENCE);
    }

    form.addEventListener("input", change);
    form.addEventListener("change", change);
    window.addEventListener("submit", send); // after all that listens to the form itself
    window.addEventListener("beforeunload", function (event) {
      if (isChanged && !isSent) event.preventDefault();
    });
  });
})();
