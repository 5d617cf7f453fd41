// Adds a venue in a dialog of the page. Without this script, the link opens the venue's form as a page of its own.
(function () {
  "use strict";

  const PREFIX = "venue-"; // the page has fields of the same names
  const REFERENCES = ["for", "aria-describedby", "aria-labelledby"];
  const NOT_SAVED = "There is no answer. You may be offline: what you typed stays here, so please try again in a moment.";
  const NOT_LOADED = "The venue form could not be loaded. Please close this and try again in a moment.";

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
      if (words) problem.scrollIntoView({ block: "center" });
    }

    // The server says so to a script in JSON; `session.js` knows where to sign in.
    function tellSignedOut(answer) {
      tell(answer.problem + " ");
      const signIn = document.createElement("a");
      signIn.href = document.querySelector("script[data-sign-in]").dataset.signIn;
      signIn.target = "_blank";
      signIn.rel = "noopener";
      signIn.textContent = "Sign in";
      problem.append(signIn);
    }

    function read(text) {
      const page = new DOMParser().parseFromString(text, "text/html");
      const saved = page.getElementById("django-admin-popup-response-constants");
      if (saved) choose(JSON.parse(saved.dataset.popupResponse));
      else show(page.getElementById("venue_form"));
    }

    function setAsking(asks) {
      isAsking = asks;
      dialog.setAttribute("aria-busy", asks);
      const button = place.querySelector("[type=submit]");
      if (button) {
        button.disabled = asks;
        button.value = asks ? "Saving …" : "Save";
      }
    }

    function ask(options) {
      if (isAsking) return;
      setAsking(true);
      tell("");
      fetch(link.href, options)
        .then(function (response) {
          const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
          return isJson ? response.json().then(tellSignedOut) : response.text().then(read);
        })
        .catch(function () { tell(options ? NOT_SAVED : NOT_LOADED); })
        .finally(function () { setAsking(false); });
    }

    function focusFirst() {
      const wrong = place.querySelector(".errors :is(input, textarea):not([type=hidden])");
      (wrong || place.querySelector("input:not([type=hidden])")).focus();
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
      focusFirst();
    }

    function choose(saved) {
      const isAwaited = dialog.open; // else it was closed while the answer was on its way
      select.add(new Option(saved.obj, saved.value, isAwaited, isAwaited));
      place.replaceChildren();
      if (!isAwaited) {
        said.textContent = saved.obj + " is added: you can choose it in the list. " + saved.remarks;
        return;
      }
      dialog.close();
      select.dispatchEvent(new Event("change", { bubbles: true }));
      select.focus();
      said.textContent = saved.obj + " is added and chosen. " + saved.remarks;
    }

    link.addEventListener("click", function (event) {
      event.preventDefault();
      event.stopPropagation(); // Django would open a window
      said.textContent = "";
      tell("");
      dialog.showModal();
      if (place.firstElementChild) focusFirst();
      else ask();
    });
    dialog.querySelector("[data-close]").addEventListener("click", function () { dialog.close(); });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("#venue-dialog").forEach(start);
  });
})();
