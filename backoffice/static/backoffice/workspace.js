// Shows a referral beside the list without loading the page again, and moves through the list by keys.
// Without this script, and on narrow screens, each referral is a page of its own.
(function () {
  "use strict";

  const narrow = window.matchMedia("(max-width: 767px)");
  const KEYS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

  function rows() {
    return Array.from(document.querySelectorAll(".row-name"));
  }

  function current() {
    return document.querySelector(".rows [aria-current] .row-name");
  }

  function show(link) {
    link.closest("li").scrollIntoView({ block: "nearest" });
  }

  function hasUnsentNote() {
    return Array.from(document.querySelectorAll("#viewing textarea")).some(function (area) {
      return area.value.trim() !== area.defaultValue.trim();
    });
  }

  // htmx listens on the link itself: what it does not hear of, the browser follows.
  document.addEventListener("click", function (event) {
    if (!event.target.closest(".row-name")) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || narrow.matches) return event.stopPropagation();
    if (hasUnsentNote() && !window.confirm("The note that you have begun is not added yet. Leave it?")) {
      event.stopPropagation();
      event.preventDefault();
    }
  }, true);

  // Letters count only within the list and the referral, and never where something is typed or chosen.
  document.addEventListener("keydown", function (event) {
    const step = KEYS[event.key];
    const place = event.target.closest(event.key.startsWith("Arrow") ? ".rows" : ".rows, #viewing");
    if (!step || !place || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const all = rows();
    const from = all.includes(event.target) ? event.target : current();
    const next = all[all.indexOf(from) + step];
    event.preventDefault();
    if (!next) return;
    next.focus();
    show(next);
    next.click();
  });

  // An answer that is no referral, such as the sign-in: let the browser show it.
  function follow(event) {
    const asked = event.detail.elt;
    if (asked.matches(".row-name")) window.location.assign(asked.href);
    if (asked.matches(".find")) asked.submit();
  }

  document.addEventListener("htmx:responseError", follow);
  document.addEventListener("htmx:sendError", follow);
  document.addEventListener("DOMContentLoaded", function () {
    if (current() && !narrow.matches) show(current());
  });
})();
