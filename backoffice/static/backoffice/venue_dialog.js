// Adds a venue in a dialog of the page. Without this script, the link opens the venue's form as a page of its own.
(function () {
  "use strict";

  const PREFIX = "venue-"; // the page has fields of the same names
  const REFERENCES = ["for", "aria-describedby", "aria-labelledby"];
  const SILENT = "There is no answer. You may have been signed out, or be offline: what you typed stays here, so please " +
    "try again in a moment.";

  function renameIds(form) {
    form.querySelectorAll("[id]").forEach(function (element) { element.id = PREFIX + element.id; });
    REFERENCES.forEach(function (name) {
      form.querySelectorAll("[" + name + "]").forEach(function (element) {
        const renamed = element.getAttribute(name).split(" ").map(function (id) { return PREFIX + id; });
        element.setAttribute(name, renamed.join(" "));
      });
    });
  }

  function start(dialog) {
    const link = document.getElementById("add_id_venue"), select = document.getElementById("id_venue");
    if (!link || !dialog.showModal) return;
    const place = dialog.querySelector("[data-form]"), problem = dialog.querySelector("[data-problem]");
    const said = document.querySelector("[data-venue-said]");
    let isAsking = false;

    function tell(words) {
      problem.textContent = words;
      problem.hidden = !words;
    }

    function ask(options) {
      if (isAsking) return;
      isAsking = true;
      tell("");
      fetch(link.href, options)
        .then(function (response) { return response.text(); })
        .then(function (text) {
          const page = new DOMParser().parseFromString(text, "text/html");
          const saved = page.getElementById("django-admin-popup-response-constants");
          if (saved) choose(JSON.parse(saved.dataset.popupResponse));
          else show(page.getElementById("venue_form"));
        })
        .catch(function () { tell(SILENT); })
        .finally(function () { isAsking = false; });
    }

    function show(form) {
      form.querySelectorAll("script").forEach(function (script) { script.remove(); });
      renameIds(form);
      place.replaceChildren(document.adoptNode(form));
      form.addEventListener("submit", function (event) {
        event.preventDefault();
        ask({ method: "POST", body: new FormData(form) });
      });
      place.dispatchEvent(new Event("pins:added", { bubbles: true }));
      const wrong = form.querySelector(".errors :is(input, textarea):not([type=hidden])");
      (wrong || form.querySelector("input:not([type=hidden])")).focus();
    }

    function choose(saved) {
      select.add(new Option(saved.obj, saved.value, true, true));
      place.replaceChildren();
      dialog.close();
      select.dispatchEvent(new Event("change", { bubbles: true }));
      select.focus();
      said.textContent = saved.obj + " is added and chosen.";
    }

    link.addEventListener("click", function (event) {
      event.preventDefault();
      event.stopPropagation(); // Django would open a window
      said.textContent = "";
      dialog.showModal();
      if (!place.firstElementChild) ask();
    });
    dialog.querySelector("[data-close]").addEventListener("click", function () { dialog.close(); });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("#venue-dialog").forEach(start);
  });
})();
