// What the public would see, for whom it would be, and the try-out box: asked of the server as the form stands.
(function () {
  "use strict";

  const PAUSE = 700; // milliseconds after the last key

  document.addEventListener("DOMContentLoaded", function () {
    const inner = document.querySelector(".service-form");
    if (!inner) return;
    const form = inner.closest("form");
    let waiting = 0, asked = 0;

    function put(html) {
      const page = new DOMParser().parseFromString(html, "text/html");
      page.querySelectorAll("[data-piece]").forEach(function (piece) {
        const place = inner.querySelector("[data-live='" + piece.dataset.piece + "']");
        if (place && place.innerHTML !== piece.innerHTML) place.innerHTML = piece.innerHTML;
      });
    }

    function told(words) {
      const place = inner.querySelector("[data-live=trial]"), line = document.createElement("p");
      line.className = "message wait";
      line.textContent = words;
      place.replaceChildren(line);
    }

    // Pictures are not sent along: they are looked at when the form is saved.
    function ask(button) {
      const data = new FormData(form), number = ++asked;
      Array.from(data.keys()).forEach(function (name) {
        if (data.get(name) instanceof File) data.delete(name);
      });
      if (button) data.append(button.name, button.value);
      inner.dataset.ready = "false"; // tests wait until it is "true"
      return fetch(inner.dataset.preview, { method: "POST", body: data, headers: { "X-Pieces": "1" } })
        .then(function (answer) {
          if (!answer.ok) throw new Error(answer.status);
          return answer.text();
        })
        .then(function (html) { if (number === asked || button) put(html); })
        .catch(function () { if (button) told("This could not be looked up just now. Please try again."); })
        .finally(function () { if (number === asked) inner.dataset.ready = "true"; });
    }

    function later(event) {
      if (event.target.closest(".try-out, .tree-search")) return;
      clearTimeout(waiting);
      waiting = setTimeout(ask, PAUSE);
    }

    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("submit", function (event) {
      const button = event.submitter;
      if (!button || !("try" in button.dataset)) return;
      event.preventDefault();
      ask(button);
    });
    // Enter in the box asks, and saves nothing.
    inner.querySelector(".try-out").addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      event.preventDefault();
      inner.querySelector("[data-try]").click();
    });
    ask();
  });
})();
