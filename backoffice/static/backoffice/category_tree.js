// A tree of checkboxes with a search, which shows what a ticked category covers. Without this script it is a plain list.
(function () {
  "use strict";

  function start(tree) {
    const rows = Array.from(tree.querySelectorAll("li"));
    const search = tree.querySelector("input[type=search]");
    const status = tree.querySelector("[role=status]");

    function depth(row) { return Number(row.dataset.depth); }

    function above(index) {
      const found = [];
      for (let at = index - 1, level = depth(rows[index]); at >= 0 && level; at--) {
        if (depth(rows[at]) < level) {
          found.push(rows[at]);
          level = depth(rows[at]);
        }
      }
      return found;
    }

    function mark() {
      rows.forEach(function (row, index) {
        const cover = above(index).find(function (one) { return one.querySelector("input").checked; });
        let note = row.querySelector(".covered");
        if (!cover) {
          if (note) note.remove();
          return;
        }
        if (!note) {
          note = document.createElement("small");
          note.className = "covered soft";
          row.querySelector("label").append(note);
        }
        note.textContent = "covered by " + cover.querySelector("span").textContent;
      });
    }

    function find() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const hits = rows.map(function (row) {
        const text = row.querySelector("span").textContent.toLowerCase();
        return words.every(function (word) { return text.includes(word); });
      });
      rows.forEach(function (row, index) {
        const leads = rows.some(function (other, at) { return hits[at] && above(at).includes(row); });
        const isBelow = above(index).some(function (one) { return hits[rows.indexOf(one)]; });
        row.hidden = words.length > 0 && !(hits[index] || leads || isBelow);
      });
      const count = hits.filter(Boolean).length;
      status.textContent = words.length ? (count ? count + " found" : "Nothing found") : "";
      tree.classList.toggle("nothing", words.length > 0 && !count);
    }

    search.closest("label").hidden = rows.length < 8;
    search.addEventListener("input", find);
    search.addEventListener("keydown", function (event) {
      if (event.key === "Enter") event.preventDefault();
    });
    tree.addEventListener("change", mark);
    mark();
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-tree]").forEach(start);
  });
})();
