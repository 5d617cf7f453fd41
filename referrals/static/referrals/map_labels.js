// Names of areas and postcode districts on a Leaflet map that has no tiles. The server says which fit.
function addMapLabels(map, address) {
  "use strict";

  var pane = map.createPane("labels"), layer = L.layerGroup().addTo(map), latest = 0, shown = "", waiting;
  pane.style.zIndex = 450; // above shapes, below marks
  pane.style.pointerEvents = "none";
  pane.setAttribute("aria-hidden", "true"); // what the names are there for is said beside the map

  function renew() {
    var turn = ++latest, box = map.getBounds(), size = map.getSize();
    if (!size.x || !size.y) return;
    var sides = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map(function (side) { return side.toFixed(4); });
    var query = "?box=" + sides.join(",") + "&width=" + size.x;
    if (query === shown) return;
    fetch(address + query, { credentials: "same-origin" }).then(function (response) {
      if (!response.ok) throw new Error(response.status);
      return response.json();
    }).then(function (answer) {
      if (turn !== latest) return; // the map has moved since
      shown = query;
      layer.clearLayers();
      answer.labels.forEach(add);
    }).catch(function () {}); // a map without names is still a map
  }

  function add(label) {
    var name = document.createElement("span");
    name.textContent = label[0];
    L.marker([label[2], label[1]], {
      icon: L.divIcon({ className: "map-label " + label[3], html: name, iconSize: null }), pane: "labels", interactive: false, keyboard: false
    }).addTo(layer);
  }

  // A map that is being set up or resized moves several times.
  map.on("moveend resize", function () {
    clearTimeout(waiting);
    waiting = setTimeout(renew, 120);
  });
}
