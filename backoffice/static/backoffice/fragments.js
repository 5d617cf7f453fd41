// What htmx leaves to the page: no announcement where nothing has changed, and a message when a request fails.
(function () {
  "use strict";

  // A screen reader would read a live region out again although it says what it said before.
  document.addEventListener("htmx:oobBeforeSwap", function (event) {
    const detail = event.detail;
    if (detail.target.innerHTML === detail.fragment.innerHTML) detail.shouldSwap = false;
  });

  // `data-failure-to`, of the element that asks or one around it, names the place for the words. A request without it
  // goes unnoticed, so its failure may too.
  function tell(event) {
    const from = event.detail.elt.closest("[data-failure-to]");
    const place = from && document.querySelector(from.dataset.failureTo);
    if (!place) return;
    const line = document.createElement("p");
    line.className = "message wait";
    // Where signing in is what is missing, the answer says so.
    const answer = event.detail.xhr;
    const isInWords = answer.status === 403 && (answer.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    line.textContent = isInWords ? answer.responseText : "This did not work just now. Please try again.";
    place.replaceChildren(line);
    place.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("htmx:responseError", tell);
  document.addEventListener("htmx:sendError", tell);
})();
