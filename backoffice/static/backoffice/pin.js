// Puts a pin on a map beside the GeoJSON of a point. The form's postcode can place it. The text is what the form sends.
(function () {
  "use strict";

  var STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  var PIXELS = 8; // that an arrow key moves the pin; with Shift, one

  function start(root) {
    var field = root.querySelector("textarea"), holder = root.querySelector(".pin-map");
    var said = root.querySelector(".pin-said"), button = root.querySelector("[data-pin]");
    var postcode = field.form.elements[root.dataset.postcode], asked = postcode && postcode.value, isAsking = false, shown = "";
    root.querySelector(".pin-work").hidden = false;
    var map = maps.make(holder, root);
    var around = L.featureGroup(JSON.parse(root.dataset.around).map(maps.grey)).addTo(map);
    var pin = L.marker([0, 0], {
      icon: L.divIcon({ className: "map-pin", iconSize: [26, 26] }), draggable: true, keyboard: true, autoPan: true,
      title: "The pin: arrow keys move it", alt: "Pin"
    });

    function fit() {
      if (map.hasLayer(pin)) map.setView(pin.getLatLng(), root.dataset.tiles ? 16 : 13, { animate: false });
      else if (around.getLayers().length) map.fitBounds(around.getBounds(), { padding: [16, 16], animate: false });
    }

    function put(latlng) {
      pin.setLatLng(latlng).addTo(map);
      pin.getElement().addEventListener("keydown", step);
      button.textContent = "Remove the pin";
      shown = field.value = JSON.stringify({ type: "Point", coordinates: [latlng.lng, latlng.lat] });
    }

    function clear() {
      pin.remove();
      button.textContent = "Put a pin in the centre of the map";
      shown = field.value = "";
    }

    function changed(words) {
      field.dispatchEvent(new Event("change", { bubbles: true }));
      maps.say(said, words);
    }

    function step(event) {
      var way = STEPS[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation(); // the map would move as well
      var pixels = event.shiftKey ? 1 : PIXELS, at = map.latLngToContainerPoint(pin.getLatLng());
      put(map.containerPointToLatLng(at.add([way[0] * pixels, way[1] * pixels])));
      if (!map.getBounds().contains(pin.getLatLng())) map.panTo(pin.getLatLng(), { animate: false });
      changed("Pin moved.");
    }

    function read() {
      try {
        var point = JSON.parse(field.value);
        put(L.latLng(point.coordinates[1], point.coordinates[0]));
      } catch (error) {
        if (field.value.trim()) root.querySelector(".pin-raw").open = true;
        else clear();
      }
    }

    // Clicking the button also leaves the field. Both ask, and one answer is enough.
    function find() {
      if (isAsking && postcode.value === asked) return;
      asked = postcode.value;
      if (!asked.trim()) return maps.say(said, "");
      isAsking = true;
      maps.ask(root.dataset.find, { postcode: asked }).then(function (answer) {
        isAsking = false;
        var place = postcode.parentNode.querySelector(".pin-postcode-said");
        var earlier = document.getElementById(postcode.id + "_error"); // what the server said of the last attempt
        if (earlier) earlier.remove();
        maps.say(place, answer.problem || "", true);
        if (answer.problem) return maps.say(said, "");
        put(L.latLng(answer.point[1], answer.point[0]));
        fit();
        changed("The pin is at " + answer.postcode + ".");
      });
    }

    function besidePostcode() {
      var finder = document.createElement("button"), place = document.createElement("p");
      finder.type = "button";
      finder.className = "button quiet pin-find";
      finder.textContent = "Find";
      finder.setAttribute("aria-label", "Find the postcode on the map");
      place.className = "pin-postcode-said";
      place.setAttribute("role", "alert");
      postcode.after(finder, place);
      maps.onAsking(postcode, finder, find);
      postcode.addEventListener("change", function () { if (postcode.value !== asked) find(); });
    }

    if (postcode) besidePostcode();
    read();
    maps.keepWhole(map, holder, fit);
    field.addEventListener("change", function () { if (field.value !== shown) { read(); fit(); } });
    map.on("click", function (event) { put(event.latlng); changed("Pin moved."); });
    pin.on("dragend", function () { put(pin.getLatLng()); changed("Pin moved."); });
    button.addEventListener("click", function () {
      if (!map.hasLayer(pin)) {
        put(map.getCenter());
        changed("Pin in the centre of the map.");
        return pin.getElement().focus();
      }
      clear();
      changed("Pin removed.");
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".pin-field").forEach(start);
  });
  document.addEventListener("pins:added", function (event) {
    event.target.querySelectorAll(".pin-field").forEach(start);
  });
})();
