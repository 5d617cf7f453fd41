// Puts a map with tools beside the GeoJSON of a catchment and keeps the two in step. The text is what the form sends.
(function () {
  "use strict";

  var APPLY = { start: "Start from it", add: "Add it", take: "Take it away" };
  var DRAWN = { draw: ["add", ""], cut: ["take", ""], change: ["check", "Corners moved."], "delete": ["check", "Area deleted."] };
  var LONGEST_TEXT = 1000000; // characters that a form field may have; more must be sent as a file

  function asFile(text) {
    return new Blob([text], { type: "application/geo+json" });
  }

  function start(root) {
    var field = root.querySelector("textarea"), form = field.form, raw = root.querySelector(".catchment-raw");
    var said = root.querySelector(".catchment-said"), state = root.querySelector(".catchment-state");
    var undo = root.querySelector("[data-undo]"), file = root.querySelector("input[type=file]");
    var shape = "", before = [], area = "the network", asking = null, isChosen = false;
    root.querySelector(".catchment-work").hidden = false;
    root.querySelector(".catchment-file-place").appendChild(root.querySelector(".catchment-file"));
    var map = maps.catchment(root, function (mode, text) {
      if (text) change(Object.assign({ how: DRAWN[mode][0], what: "drawing" }, { given: asFile(text) }), DRAWN[mode][1]);
      else set("", DRAWN[mode][1]);
    });

    function part(name) {
      return root.querySelector('[data-part="' + name + '"]');
    }

    function key(name) {
      var input = form.elements[name];
      return (input && input.value) || root.dataset[name] || "";
    }

    function tell(words, isProblem) {
      maps.say(said, words, isProblem);
    }

    function draw(text) {
      var count = map.show(text);
      shape = text;
      state.textContent = count === 0 ? "Nothing drawn: the whole area of " + area + "."
        : count === 1 ? "One area drawn." : count + " areas drawn.";
    }

    function set(text, words) {
      before.push(shape);
      undo.disabled = false;
      write(text);
      tell(words);
    }

    function write(text) {
      draw(text);
      field.value = text;
      field.removeAttribute("aria-invalid");
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }

    // `words` are put before what the server says. A refused text stays as it was typed.
    function change(fields, words) {
      var all = Object.assign({ network: key("network"), present: asFile(shape) }, fields);
      if (asking) return Promise.resolve();
      tell("One moment ...");
      hold(true);
      asking = maps.ask(root.dataset.change, all).then(function (answer) {
        asking = null;
        hold(false);
        if (answer.problem) map.show(shape);
        if (answer.problem) tell(answer.problem, true);
        else set(answer.shape, [words].concat(answer.messages).filter(Boolean).join(" "));
        return !answer.problem;
      });
      return asking;
    }

    // One change at a time: a second one would start from the shape before the first.
    function hold(isAsking) {
      root.setAttribute("aria-busy", isAsking);
      root.querySelectorAll("[data-mode], [data-apply]").forEach(function (button) { button.disabled = isAsking; });
      undo.disabled = isAsking || !before.length;
    }

    // Saving waits for an answer that is on its way, and asks to finish a drawing; saving a second time does not.
    function beforeSending(event) {
      if (asking) {
        event.preventDefault();
        asking.then(function () { form.requestSubmit(event.submitter); });
        return;
      }
      var left = map.isBusy() ? "You have not finished your drawing. Press Finish or Cancel, then save."
        : isChosen ? "You have chosen an area but not used it. Press “" + APPLY[part("how").value] + "”, or save again without it." : "";
      isChosen = false;
      if (!left || (event.submitter && event.submitter.formTarget === "_blank")) return;
      event.preventDefault();
      root.dispatchEvent(new CustomEvent("reveal", { bubbles: true }));
      tell(left, true);
      root.querySelector(map.isBusy() ? "[data-finish]" : "[data-apply]").focus();
    }

    function look(what) {
      var needed = { areas: what === "areas", circle: what === "circle", file: what === "file" };
      needed.postcode = needed.circle && part("round").value === "postcode";
      Object.keys(needed).forEach(function (name) { root.querySelector('[data-for="' + name + '"]').hidden = !needed[name]; });
      root.querySelector("[data-apply]").textContent = APPLY[part("how").value];
    }

    function apply() {
      isChosen = false;
      var fields = { how: part("how").value, what: part("what").value };
      if (fields.what === "areas") {
        fields.areas = Array.from(root.querySelectorAll(".catchment-areas :checked"), function (box) { return box.value; });
      } else if (fields.what === "circle") {
        fields.miles = part("miles").value;
        if (part("round").value === "venue") fields.venue = key("venue");
        else fields.postcode = part("middle").value;
      } else if (fields.what === "file") {
        if (file.files[0] && file.files[0].size > Number(root.dataset.most)) return tell(root.dataset.tooLarge, true);
        fields.given = Array.from(file.files);
      }
      change(fields, "").then(function (isDone) { if (isDone) file.value = ""; });
    }

    function jump() {
      maps.ask(root.dataset.find, { postcode: part("jump").value }).then(function (answer) {
        if (answer.problem) return tell(answer.problem, true);
        map.look(answer.point);
        tell("The map shows " + answer.postcode + ".");
      });
    }

    function pasted() {
      var text = field.value.trim();
      if (text === shape) return;
      if (!text) return set("", "The text is empty.");
      if (text.length > LONGEST_TEXT) {
        field.value = shape;
        return tell("This text is too long to be pasted. Please give it as a file.", true);
      }
      change({ how: "check", what: "text", given: asFile(text) }, "The map shows the text.").then(function (isDone) {
        if (isDone === false) field.setAttribute("aria-invalid", "true");
      });
    }

    // The surroundings move the map when they arrive: tests wait for data-ready.
    function surround() {
      if (!key("network")) return;
      var keys = {};
      root.dataset.ready = "false";
      ["network", "organisation", "venue", "service"].forEach(function (name) { keys[name] = key(name); });
      maps.ask(root.dataset.surroundings, keys).then(function (found) {
        root.dataset.ready = "true";
        if (found.problem) return tell(found.problem, true);
        area = found.area.name;
        map.surround(found);
        draw(shape);
        offer(found);
      });
    }

    function offer(found) {
      root.querySelector(".catchment-others").hidden = !found.others.length;
      root.querySelector('[data-part="what"] [value="areas"]').disabled = !found.areas.length;
      root.querySelector(".catchment-areas").replaceChildren.apply(root.querySelector(".catchment-areas"), found.areas.map(function (one) {
        var label = document.createElement("label"), box = document.createElement("input");
        box.type = "checkbox";
        box.value = one.pk;
        label.append(box, " " + one.name);
        return label;
      }));
    }

    function begin() {
      tell("");
      var problem = key("network") ? map.begin(this.dataset.mode) : "Choose the network first.";
      if (problem) tell(problem, true);
    }

    try {
      draw(field.value.trim());
    } catch (error) {
      draw("");
      raw.open = true; // what was typed is not a shape: show it, so that it can be corrected
    }
    form.addEventListener("submit", beforeSending);
    look("area");
    surround();
    root.querySelectorAll("[data-mode]").forEach(function (button) { button.addEventListener("click", begin); });
    root.querySelector("[data-finish]").addEventListener("click", function () {
      var problem = map.finish();
      if (problem) tell(problem, true);
    });
    root.querySelector("[data-cancel]").addEventListener("click", map.cancel);
    undo.addEventListener("click", function () {
      write(before.pop());
      undo.disabled = !before.length;
      if (undo.disabled) root.querySelector("[data-apply]").focus();
      tell("Last change undone.");
    });
    ["how", "what", "round"].forEach(function (name) {
      part(name).addEventListener("change", function () { look(part("what").value); });
    });
    root.querySelector(".catchment-words").addEventListener("change", function (event) {
      if (!event.target.matches('[data-part="jump"], [data-part="others"]')) isChosen = true;
    });
    maps.onAsking(part("miles"), root.querySelector("[data-apply]"), apply);
    part("middle").addEventListener("keydown", function (event) {
      if (event.key !== "Enter") return;
      event.preventDefault();
      apply();
    });
    maps.onAsking(part("jump"), root.querySelector("[data-jump]"), jump);
    part("others").addEventListener("change", function () { map.showOthers(this.checked); });
    field.addEventListener("change", pasted);
    // Some widgets of Django's admin announce a change only through its own jQuery.
    var listen = window.django && django.jQuery ? function (name) { django.jQuery(form).on("change", '[name="' + name + '"]', surround); }
      : function (name) { form.addEventListener("change", function (event) { if (event.target.name === name) surround(); }); };
    ["network", "organisation", "venue"].forEach(listen);
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("div.catchment").forEach(start);
  });
})();
