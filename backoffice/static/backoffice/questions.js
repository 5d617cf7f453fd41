// Questions are put in order by dragging their cards. Without this script, and by keys, their buttons do it.
// A folded list says how many of it are ticked, which the server says when the page is shown.
(function () {
  "use strict";

  let dragged = null;

  function cardOf(event) {
    const card = event.target.closest ? event.target.closest("[data-drag] > .question-card") : null;
    return card && card.querySelector("form.move") ? card : null;
  }

  function clear() {
    document.querySelectorAll(".drop-before").forEach(function (card) { card.classList.remove("drop-before"); });
  }

  // The card that the pointer is above the middle of; none is the end of the list.
  function cardBelow(list, y) {
    return Array.from(list.children).find(function (card) {
      const box = card.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
  }

  function equip() {
    document.querySelectorAll("[data-drag]").forEach(function (list) {
      list.classList.add("by-script");
      Array.from(list.children).forEach(function (card) { card.draggable = Boolean(card.querySelector("form.move")); });
    });
  }

  document.addEventListener("dragstart", function (event) {
    dragged = cardOf(event);
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.key);
    dragged.classList.add("dragged");
  });

  document.addEventListener("dragover", function (event) {
    const list = dragged && event.target.closest("[data-drag]");
    if (!list) return;
    event.preventDefault();
    clear();
    const below = cardBelow(list, event.clientY);
    if (below) below.classList.add("drop-before");
  });

  document.addEventListener("drop", function (event) {
    const list = dragged && event.target.closest("[data-drag]");
    if (!list) return;
    event.preventDefault();
    const below = cardBelow(list, event.clientY);
    const form = dragged.querySelector("form.move");
    form.elements.before.value = below ? below.dataset.key : "";
    form.requestSubmit();
  });

  document.addEventListener("dragend", function () {
    if (dragged) dragged.classList.remove("dragged");
    dragged = null;
    clear();
  });

  document.addEventListener("change", function (event) {
    const list = event.target.closest(".option-choices");
    const words = list && list.closest("details").querySelector(".ticked");
    if (!words) return;
    const number = list.querySelectorAll("input:checked").length;
    words.textContent = number ? number + " chosen" : "none";
  });

  document.addEventListener("DOMContentLoaded", equip);
  document.addEventListener("htmx:load", equip);
})();
