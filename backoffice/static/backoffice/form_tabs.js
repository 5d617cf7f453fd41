// Shows the parts of a long form as tabs. Without this script they follow one another on the page.
(function () {
  "use strict";

  function filled(input) {
    if (input.type === "checkbox" || input.type === "radio") return input.checked && input.value !== "";
    if (input.type === "file") return input.files.length > 0;
    return input.value.trim() !== "" && !(input.type === "number" && Number(input.value) === 0);
  }

  // Fields that a part should have, from an attribute such as "summary:a summary;contact:how to reach you;"
  function wanted(part) {
    return part.dataset.wanted.split(";").filter(Boolean).map(function (one) {
      const at = one.indexOf(":");
      return { name: one.slice(0, at), words: one.slice(at + 1) };
    });
  }

  const INPUTS = {
    contact: "[data-wanted-group=contact] input",
    hours: "[name^=hours-][name$=-days], [name=by_appointment]"
  };

  function missing(form, part) {
    return wanted(part).filter(function (want) {
      const inputs = form.querySelectorAll(INPUTS[want.name] || "[name='" + want.name + "']");
      return !Array.from(inputs).some(filled);
    }).map(function (want) { return want.words; }).join(" and ");
  }

  function start(form) {
    const bar = form.querySelector(".part-tabs");
    const tabs = Array.from(bar.querySelectorAll("a"));
    const parts = tabs.map(function (tab) { return document.getElementById(tab.hash.slice(1)); });
    bar.hidden = false;
    bar.setAttribute("role", "tablist");
    bar.setAttribute("aria-label", "Parts of the form");
    form.classList.add("in-tabs");
    tabs.forEach(function (tab, index) {
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", parts[index].id);
      parts[index].setAttribute("role", "tabpanel");
      parts[index].tabIndex = -1;
    });
    form.querySelectorAll(".part-next").forEach(function (next) { next.hidden = false; });

    function show(index) {
      tabs.forEach(function (tab, at) {
        tab.setAttribute("aria-selected", at === index ? "true" : "false");
        tab.tabIndex = at === index ? 0 : -1;
        parts[at].classList.toggle("shown", at === index);
      });
      const bounds = bar.getBoundingClientRect(), tab = tabs[index].getBoundingClientRect();
      bar.scrollLeft += tab.left - bounds.left - (bounds.width - tab.width) / 2;
    }

    function partOf(element) {
      return parts.findIndex(function (part) { return part.contains(element); });
    }

    // Show the part that the address points at, or the part of the field that it points at.
    function follow() {
      const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const index = target ? partOf(target) : -1;
      if (index < 0) return;
      show(index);
      if (target !== parts[index]) {
        const field = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
        (field || target).focus();
      } else target.scrollIntoView({ block: "nearest" });
    }

    function tell() {
      parts.forEach(function (part, index) {
        const state = tabs[index].querySelector(".tab-state"), what = missing(form, part);
        if (Number(state.dataset.problems)) return;
        state.textContent = what ? "Missing: " + what : "Complete";
        state.classList.toggle("wait", Boolean(what));
        state.classList.toggle("good", !what);
      });
    }

    function open(index) {
      history.replaceState(null, "", tabs[index].hash);
      show(index);
      if (form.getBoundingClientRect().top < 0) form.scrollIntoView();
    }

    bar.addEventListener("click", function (event) {
      const tab = event.target.closest("a");
      if (!tab) return;
      event.preventDefault();
      open(tabs.indexOf(tab));
    });
    bar.addEventListener("keydown", function (event) {
      const last = tabs.length - 1, at = tabs.indexOf(document.activeElement);
      const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at ? at - 1 : last, Home: 0, End: last }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      open(to);
      tabs[to].focus();
    });
    form.addEventListener("click", function (event) {
      const next = event.target.closest(".part-next a");
      if (!next) return;
      event.preventDefault();
      const index = tabs.findIndex(function (tab) { return tab.hash === next.hash; });
      open(index);
      form.scrollIntoView();
      parts[index].focus({ preventScroll: true });
    });
    document.addEventListener("click", function (event) {
      const link = event.target.closest("#problems a");
      if (link && link.hash === location.hash) follow();
    });
    window.addEventListener("hashchange", follow);
    form.addEventListener("reveal", function (event) { show(partOf(event.target)); });
    // Enter does not save a form of many boxes half-filled; in the try-out box it tries.
    form.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || !event.target.matches("input:not([type=submit], [type=button], [type=file])")) return;
      event.preventDefault();
      const tryOut = event.target.closest(".try-out");
      if (tryOut) tryOut.querySelector("button").click();
    });
    form.addEventListener("input", tell);
    form.addEventListener("change", tell);

    const wrong = parts.findIndex(function (part) { return part.querySelector(".wrong, .errorlist"); });
    show(Math.max(wrong, 0));
    tell();
    const problems = document.getElementById("problems");
    if (problems) problems.focus();
    else follow();
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".service-form").forEach(start);
  });
})();
