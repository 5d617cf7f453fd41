// The directory works without this. With it, filters act at once, and the browser can say where the visitor is.
(function () {
  "use strict";

  var form = document.getElementById("ask");
  var found = document.getElementById("found");
  var said = document.getElementById("found-status"); // keep this element: screen readers announce changes of its text only
  if (!form || !found || !said) return;

  /* Near me: ask the browser only when somebody presses the button. */
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

  /* Show a message below the fields, and announce it to screen readers. */
  function say(words) {
    var line = document.createElement("p");
    line.className = "message";
    line.textContent = words;
    document.getElementById("place-problem").replaceChildren(line);
    said.textContent = words;
  }

  /* Without a connection the browser would show its own page, and what was typed would be gone. */
  function goTo(address) {
    if (navigator.onLine) location.assign(address);
    else say(form.dataset.offline);
  }

  /* Return the address of the search in the form, without empty fields. */
  function asked() {
    var query = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      if (value) query.append(name, value);
    });
    if (query.get("place")) query.delete("near");
    var text = query.toString();
    return found.dataset.path + (text ? "?" + text : "");
  }

  /* Apply a filter as soon as it is set: fetch the page and replace the results. */
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
      if (turn !== latest) return;
      found.removeAttribute("aria-busy");
      goTo(address);
    });
  }

  function show(page) {
    var focused = document.activeElement, before = focused.getBoundingClientRect().top;
    var isOpen = found.querySelector(".filters").open;
    found.replaceChildren.apply(found, page.getElementById("found").childNodes);
    found.querySelector(".filters").open = isOpen;
    takeOverWayOut(page.getElementById("way-out"));
    focusAgain(focused, before);
    found.removeAttribute("aria-busy");
    takeOverPlace(page);
    var languages = document.querySelector(".site-languages"); // whose links must lead to the same search
    if (languages) languages.replaceWith(page.querySelector(".site-languages"));
    document.title = page.title;
    document.getElementById("danger").replaceWith(page.getElementById("danger"));
    said.textContent = Array.prototype.map.call(document.querySelectorAll("#ring-now, #found-heading"), function (heading) {
      return heading.textContent;
    }).join(". ");
    document.dispatchEvent(new CustomEvent("found", { detail: page.querySelector(".service-map").dataset }));
  }

  /* Setting a filter also sends words that were typed but not sent, so the place may turn out to be unknown. */
  function takeOverPlace(page) {
    var fresh = page.getElementById("place");
    document.getElementById("place-problem").replaceWith(page.getElementById("place-problem"));
    if (fresh.hasAttribute("aria-invalid")) form.elements.place.setAttribute("aria-invalid", "true");
    else form.elements.place.removeAttribute("aria-invalid");
    if (form.elements.near && form.elements.place.value) form.elements.near.remove();
  }

  /* The button that leaves quickly comes and goes with what was found; one that stays keeps the focus. */
  function takeOverWayOut(fresh) {
    var shown = document.getElementById("way-out");
    if (Boolean(shown.firstElementChild) !== Boolean(fresh.firstElementChild)) shown.replaceWith(fresh);
  }

  function focusAgain(focused, before) {
    if (!focused || focused.isConnected) return;
    var same = Array.prototype.find.call(form.elements, function (field) {
      return field.name === focused.name && field.value === focused.value && !field.disabled;
    });
    (same || found.querySelector(".filters > summary")).focus({ preventScroll: true });
    // What stands above may be shorter or longer now: the next choice stays under the finger.
    if (same) window.scrollBy({ top: same.getBoundingClientRect().top - before, behavior: "instant" });
  }

  document.addEventListener("change", function (event) {
    var field = event.target;
    if (field.form === form && /^(checkbox|radio|select-one)$/.test(field.type)) renew(asked());
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault(); // to leave empty fields out of the address
    goTo(asked());
  });
  window.addEventListener("popstate", function () { // fires for links to a part of the page too
    if (location.pathname + location.search !== shown) location.reload();
  });

  // On "back", browsers restore the fields as they were left, which may differ from the address.
  window.addEventListener("pageshow", function (event) {
    var how = performance.getEntriesByType("navigation")[0];
    if (!event.persisted && how && how.type !== "navigate") form.reset();
  });

  document.documentElement.classList.add("has-script");
  offerNearMe();
})();
