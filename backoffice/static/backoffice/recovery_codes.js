// Prints and copies recovery codes. Without this script, people can write them down.
(function () {
  "use strict";

  var tools = document.querySelector(".codes-tools");
  var said = tools.querySelector("[role=status]");

  function copied() {
    said.textContent = "Copied.";
  }

  function refused() {
    said.textContent = "This browser does not allow it. Select the codes and copy them.";
  }

  function copy() {
    var codes = Array.from(document.querySelectorAll("#codes code"), function (code) { return code.textContent; });
    if (!navigator.clipboard) return refused();
    navigator.clipboard.writeText(codes.join("\n")).then(copied, refused);
  }

  tools.querySelector("[data-print]").addEventListener("click", function () { window.print(); });
  tools.querySelector("[data-copy]").addEventListener("click", copy);
  tools.hidden = false;
})();
