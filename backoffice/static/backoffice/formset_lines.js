// Lines of a formset, such as opening hours: shows one empty line instead of several, and adds more on request.
(function () {
  "use strict";

  function isEmpty(line) {
    return Array.from(line.querySelectorAll("input")).every(function (input) {
      return input.type === "checkbox" ? !input.checked : input.value === "";
    });
  }

  function start(lines) {
    const prefix = lines.dataset.prefix;
    const total = document.getElementById("id_" + prefix + "-TOTAL_FORMS");
    const most = Number(document.getElementById("id_" + prefix + "-MAX_NUM_FORMS").value);
    const template = document.querySelector("template[data-line='" + prefix + "']");
    const add = document.querySelector("[data-add='" + prefix + "']");

    function shown() {
      return Array.from(lines.children).filter(function (line) { return !line.hidden; });
    }

    function changed() {
      lines.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function equip(line) {
      const remove = line.querySelector(".remove-line");
      remove.hidden = false;
      remove.addEventListener("click", function () {
        line.querySelectorAll("input").forEach(function (input) {
          if (input.type === "checkbox") input.checked = false;
          else input.value = "";
        });
        line.hidden = true;
        line.classList.remove("wrong");
        add.focus();
        changed();
      });
    }

    Array.from(lines.children).forEach(equip);
    const spare = shown().filter(isEmpty);
    const keep = spare.length === shown().length ? 1 : 0;
    spare.slice(keep).forEach(function (line) { line.hidden = true; });
    add.hidden = false;
    add.addEventListener("click", function () {
      let line = Array.from(lines.children).find(function (one) { return one.hidden; });
      if (!line) {
        if (Number(total.value) >= most) return;
        const holder = document.createElement("div");
        holder.innerHTML = template.innerHTML.replace(/__prefix__/g, total.value);
        line = holder.firstElementChild;
        total.value = Number(total.value) + 1;
        equip(line);
      }
      line.hidden = false;
      lines.appendChild(line);
      line.querySelector("input").focus();
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".lines").forEach(start);
  });
})();
