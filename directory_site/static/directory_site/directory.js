// The directory answers without this. With it, filters act at once, the browser can say where one is, and the map lives.
(function () {
  "use strict";

  var form = document.getElementById("ask");
  var found = document.getElementById("found");
  if (!form || !found) return;

  /* Near me: the browser is asked only when somebody presses the button. */
  function offerNearMe() {
    if (!navigator.geolocation) return;
    var place = form.elements.place;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "link-button near-me";
    button.textContent = form.dataset.nearMe;
    var said = document.createElement("span");
    said.setAttribute("role", "status");
    said.className = "soft";
    place.parentNode.append(button, said);
    button.addEventListener("click", function () {
      said.textContent = form.dataset.locating;
      navigator.geolocation.getCurrentPosition(function (position) {
        var near = form.elements.near || document.createElement("input");
        near.type = "hidden";
        near.name = "near";
        near.value = position.coords.latitude.toFixed(3) + "," + position.coords.longitude.toFixed(3);
        form.append(near);
        place.value = "";
        form.requestSubmit();
      }, function () {
        said.textContent = form.dataset.notLocated;
        place.focus();
      }, { maximumAge: 300000, timeout: 15000 });
    });
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

  function renew(address, isNewState) {
    var turn = ++latest;
    found.setAttribute("aria-busy", "true");
    fetch(address, { credentials: "same-origin" }).then(function (response) {
      if (!response.ok) throw new Error(response.status);
      return response.text();
    }).then(function (text) {
      if (turn !== latest) return;
      var page = new DOMParser().parseFromString(text, "text/html");
      show(page.getElementById("found"), page.querySelector(".service-map"));
      if (isNewState) history.pushState(null, "", address);
    }).catch(function () {
      if (turn === latest) location.assign(address);
    });
  }

  function show(fresh, freshMap) {
    var focused = document.activeElement;
    var isOpen = found.querySelector(".filters") && found.querySelector(".filters").open;
    var scrolled = found.querySelector(".filter-groups") ? found.querySelector(".filter-groups").scrollTop : 0;
    var status = document.getElementById("found-status");
    found.replaceChildren.apply(found, Array.prototype.filter.call(fresh.childNodes, function (node) {
      return node.id !== "found-status";
    }));
    found.prepend(status); // the same element, or nobody is told of its new words
    status.textContent = document.getElementById("found-heading").textContent;
    var filters = found.querySelector(".filters");
    if (filters && isOpen !== null) filters.open = isOpen;
    if (found.querySelector(".filter-groups")) found.querySelector(".filter-groups").scrollTop = scrolled;
    focusAgain(focused);
    found.removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("found", { detail: freshMap ? freshMap.dataset : {} }));
  }

  function focusAgain(focused) {
    if (!focused || !focused.name || focused.isConnected) return;
    var same = Array.prototype.find.call(form.elements, function (field) {
      return field.name === focused.name && field.value === focused.value;
    });
    if (same) same.focus();
  }

  document.addEventListener("change", function (event) {
    var field = event.target;
    if (field.form === form && /^(checkbox|radio|select-one)$/.test(field.type)) renew(asked(), true);
  });
  form.addEventListener("submit", function (event) {
    if (event.defaultPrevented) return;
    event.preventDefault(); // an address without the fields that are empty
    location.assign(asked());
  });
  window.addEventListener("popstate", function () { location.reload(); });

  document.documentElement.classList.add("has-script");
  offerNearMe();
})();
