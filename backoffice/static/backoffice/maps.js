// What all maps of the back office share: their look, their size, and requests to the server.
var maps = (function () {
  "use strict";

  var UNITED_KINGDOM = [[49.8, -8.7], [60.9, 1.8]];
  var SILENT = "There is no answer. You may have been signed out, or be offline: please try again in a moment.";

  L.Polyline._flat = L.LineUtil.isFlat; // leaflet.draw calls it by its old name, which would log a warning each time

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function make(holder, root) {
    var map = L.map(holder, { attributionControl: !!root.dataset.tiles, zoomSnap: 0.5 });
    map.fitBounds(UNITED_KINGDOM);
    if (root.dataset.tiles) L.tileLayer(root.dataset.tiles, { attribution: root.dataset.attribution }).addTo(map);
    else addMapLabels(map, root.dataset.labels);
    L.control.scale({ metric: false }).addTo(map);
    return map;
  }

  // A map in a hidden part of the page has no size, so it is fitted when it is first shown. Later resizing keeps the view.
  function keepWhole(map, holder, fit) {
    var wasSeen = false;
    new ResizeObserver(function () {
      var isSeen = holder.clientWidth > 0 && holder.clientHeight > 0;
      if (!isSeen) return;
      map.invalidateSize({ pan: false });
      if (!wasSeen) fit();
      wasSeen = true;
    }).observe(holder);
  }

  function outline(shape, style) {
    return L.geoJSON(shape, { interactive: false, style: style });
  }

  function grey(shape) {
    return outline(shape, { color: colour("--line-strong"), weight: 1.5, fillOpacity: 0.12 });
  }

  function square(point) {
    return L.marker([point[1], point[0]], {
      icon: L.divIcon({ className: "map-venue", iconSize: [16, 16] }), interactive: false, keyboard: false
    });
  }

  // Resolves to {problem: message}, or to what the server answered.
  function ask(address, fields) {
    var body = new FormData();
    Object.keys(fields).forEach(function (name) {
      [].concat(fields[name]).forEach(function (value) { body.append(name, value); });
    });
    document.dispatchEvent(new Event("backoffice:asks")); // session.js brings the token up to date
    body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    return fetch(address, { method: "POST", body: body, credentials: "same-origin" })
      .then(function (response) { return response.json(); })
      .catch(function () { return { problem: SILENT }; });
  }

  function say(place, words, isProblem) {
    place.textContent = words;
    place.classList.toggle("is-problem", !!isProblem);
  }

  // A button beside a field: Enter in the field does the same, and does not send the form.
  function onAsking(field, button, act) {
    button.addEventListener("click", act);
    field.addEventListener("keydown", function (event) {
      if (event.key !== "Enter") return;
      event.preventDefault();
      act();
    });
  }

  return { colour: colour, make: make, keepWhole: keepWhole, outline: outline, grey: grey, square: square, ask: ask, say: say, onAsking: onAsking };
})();
