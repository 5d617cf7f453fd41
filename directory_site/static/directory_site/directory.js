// The directory answers without this. With it, filters act at once, the browser can say where one is, and the map lives.
(function () {
  "use strict";

  var form = document.getElementById("ask");
  var found = document.getElementById("found");
  var said = document.getElementById("found-status"); // always the same element, or nobody is told of its new words
  if (!form || !found || !said) return;

  /* Near me: the browser is asked only when somebody presses the button. */
  function offerNearMe() {
    if (!navigator.geolocation) return;
    var place = form.elements.place;
    var button = form.querySelector(".near-me");
    button.classList.add("is-offered");
    button.addEventListener("click", function () {
      say(form.dataset.locating);
      navigator.geolocation.getCurrentPosition(function (position) {
        var near = form.elements.near || document.createElement("input");
        near.type = "hidden";
        near.name = "near";
        near.value = position.coords.latitude.toFixed(3) + "," + position.coords.longitude.toFixed(3);
        form.append(near);
        place.value = "";
        form.requestSubmit();
      }, function () {
        say(form.dataset.notLocated);
        place.focus();
      }, { maximumAge: 300000, timeout: 15000 });
    });
  }

  /* Below the fields, where everybody sees it, and for those who only listen. */
  function say(words) {
    var line = document.createElement("p");
    line.className = "message";
    line.textContent = words;
    document.getElementById("place-problem").replaceChildren(line);
    said.textContent = words;
  }

  /* What is asked, as the address of the page: what is empty is left out. */
  function asked() {
    var query = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      if (value) query.append(name, value);
    });
    if (query.get("place")) query.delete("near");
    var text = query.toString();
    return found.dataset.path + (text ? "?" + text : "");
  }

  /* A filter acts as soon as it is set: the same page is fetched, and what was found is put in the place of the old. */
  var latest = 0;
  var shown = location.pathname + location.search;

  function renew(address) {
    var turn = ++latest;
    found.setAttribute("aria-busy", "true");
    fetch(address, { credentials: "same-origin" }).then(function (response) {
      if (!response.ok) throw new Error(response.status);
      return response.text();
    }).then(function (text) {
      if (turn !== latest) return;
      history.pushState(null, "", address);
      shown = location.pathname + location.search;
      show(new DOMParser().parseFromString(text, "text/html"));
    }).catch(function () {
      if (turn === latest) location.assign(address);
    });
  }

  function show(page) {
    var focused = document.activeElement;
    var isOpen = found.querySelector(".filters").open;
    var scrolled = found.querySelector(".filter-groups").scrollTop;
    found.replaceChildren.apply(found, page.getElementById("found").childNodes);
    found.querySelector(".filters").open = isOpen;
    found.querySelector(".filter-groups").scrollTop = scrolled;
    focusAgain(focused);
    found.removeAttribute("aria-busy");
    takeOverPlace(page);
    var languages = document.querySelector(".site-languages"); // they lead to the same question
    if (languages) languages.replaceWith(page.querySelector(".site-languages"));
    document.title = page.title;
    said.textContent = document.getElementById("found-heading").textContent;
    document.dispatchEvent(new CustomEvent("found", { detail: page.querySelector(".service-map").dataset }));
  }

  /* Words that were typed but not sent are asked along with a filter: the place among them may be unknown. */
  function takeOverPlace(page) {
    var fresh = page.getElementById("place");
    document.getElementById("place-problem").replaceWith(page.getElementById("place-problem"));
    if (fresh.hasAttribute("aria-invalid")) form.elements.place.setAttribute("aria-invalid", "true");
    else form.elements.place.removeAttribute("aria-invalid");
    if (form.elements.near && form.elements.place.value) form.elements.near.remove();
  }

  function focusAgain(focused) {
    if (!focused || focused.isConnected) return;
    var same = Array.prototype.find.call(form.elements, function (field) {
      return field.name === focused.name && field.value === focused.value;
    });
    (same || found.querySelector(".filters > summary")).focus({ preventScroll: true });
  }

  document.addEventListener("change", function (event) {
    var field = event.target;
    if (field.form === form && /^(checkbox|radio|select-one)$/.test(field.type)) renew(asked());
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault(); // an address without the fields that are empty
    location.assign(asked());
  });
  window.addEventListener("popstate", function () { // also when somebody only goes to a part of the page
    if (location.pathname + location.search !== shown) location.reload();
  });

  // Coming back, browsers put boxes and words as they were left, which may be another state than the address says.
  window.addEventListener("pageshow", function (event) {
    var how = performance.getEntriesByType("navigation")[0];
    if (!event.persisted && how && how.type !== "navigate") form.reset();
  });

  document.documentElement.classList.add("has-script");
  offerNearMe();
})();
