// Keeps the bar of a large table up to date, and goes on when the work is done. Without it, the page loads anew.
(function () {
  "use strict";

  var ASKS_EVERY = 1000; // milliseconds

  function show(text) {
    var told = new DOMParser().parseFromString(text, "text/html").getElementById("progress");
    var shown = document.getElementById("progress");
    if (!told) return location.reload();
    shown.querySelector("progress").value = told.querySelector("progress").value;
    shown.querySelector(".progress-told").textContent = told.querySelector(".progress-told").textContent;
    setTimeout(ask, ASKS_EVERY);
  }

  // An answer that leads elsewhere is not followed here: the page that it leads to says once what was done.
  function ask() {
    fetch(location.href, { credentials: "same-origin", redirect: "manual" })
      .then(function (response) { return response.ok ? response.text().then(show) : location.reload(); })
      .catch(function () { setTimeout(ask, ASKS_EVERY * 5); }); // no network at the moment
  }

  setTimeout(ask, ASKS_EVERY);
})();
