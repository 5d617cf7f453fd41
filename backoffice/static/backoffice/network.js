// The filters of the network. What they find is fetched by htmx, as the form's attributes say.
(function () {
  "use strict";
  const form = document.getElementById("filters");
  const fold = form.querySelector("details");
  const wide = window.matchMedia("(min-width: 768px)");

  // Only on a phone is there something to fold away.
  function unfold() {
    fold.open = wide.matches;
  }
  unfold();
  wide.addEventListener("change", unfold);
  form.querySelector("button").hidden = true;

  // Addresses are sent on: what is not chosen need not be in them.
  form.addEventListener("htmx:configRequest", function (event) {
    const chosen = event.detail.formData;
    for (const [name, value] of [...chosen]) if (value === "") chosen.delete(name);
  });
})();
