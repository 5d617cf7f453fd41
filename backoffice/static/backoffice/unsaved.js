// Ask before a page is left whose form was changed and not saved.
(function () {
  "use strict";

  document.addEventListener("DOMContentLoaded", function () {
    const inner = document.querySelector(".service-form");
    if (!inner) return;
    const form = inner.closest("form");
    let isChanged = Boolean(document.getElementById("problems")), isSent = false;

    function change(event) {
      if (!event.target.closest(".try-out, .tree-search")) isChanged = true;
    }

    form.addEventListener("input", change);
    form.addEventListener("change", change);
    form.addEventListener("submit", function (event) {
      const button = event.submitter;
      isSent = !(button && (button.formTarget === "_blank" || "leaves" in button.dataset));
    });
    window.addEventListener("beforeunload", function (event) {
      if (isChanged && !isSent) event.preventDefault();
    });
  });
})();
