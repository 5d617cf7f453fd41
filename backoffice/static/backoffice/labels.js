// Labels controls that Django's own widgets leave without one, for screen readers.
(function () {
  "use strict";

  function nameOf(select) {
    var label = document.querySelector('label[for="' + select.id + '"]');
    return label ? label.textContent.replace(":", "").trim() : select.getAttribute("aria-label") || "";
  }

  function nameSelect(container) {
    var name = nameOf(container.previousElementSibling);
    container.querySelectorAll(".select2-selection, .select2-selection__rendered").forEach(function (part) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", name + ": " + (part.textContent.trim() || "nothing chosen"));
    });
  }

  function fillHead(head) {
    var words = document.createElement("span");
    words.className = "visually-hidden";
    words.textContent = "Row";
    head.appendChild(words);
  }

  function nameAll() {
    document.querySelectorAll(".select2-container").forEach(nameSelect);
    document.querySelectorAll("main th:empty").forEach(fillHead);
    document.querySelectorAll('input[name$="-DELETE"]').forEach(function (box) {
      box.setAttribute("aria-label", "Delete this row");
    });
    document.querySelectorAll(".inline-group").forEach(function (group) {
      if (group.scrollWidth > group.clientWidth) group.tabIndex = 0;
    });
  }

  nameAll();
  document.addEventListener("change", nameAll);
  // Widgets are made and rows added later, and no event says so.
  new MutationObserver(nameAll).observe(document.querySelector("main"), { childList: true, subtree: true });
})();
