// Puts a map beside each GeoJSON field (backoffice/shapes.py). Both say the same at any time, and the field is what is sent.
(function () {
  "use strict";

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function parsed(text) {
    if (!text.trim()) return [];
    try {
      return L.geoJSON(JSON.parse(text)).getLayers();
    } catch (error) {
      return null;
    }
  }

  function polygonsOf(layer) {
    var geometry = layer.toGeoJSON().geometry;
    return geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
  }

  function asText(group, isPoint) {
    var layers = group.getLayers();
    if (!layers.length) return "";
    if (isPoint) return JSON.stringify(layers[0].toGeoJSON().geometry);
    return JSON.stringify({ type: "MultiPolygon", coordinates: [].concat.apply([], layers.map(polygonsOf)) });
  }

  function pin(latlng) {
    return L.circleMarker(latlng, { radius: 9, color: colour("--brand"), fillOpacity: 0.6 });
  }

  // A multipolygon becomes one layer for each polygon: only those can be edited by hand.
  function pieces(layer) {
    var feature = layer.toGeoJSON();
    if (feature.geometry.type !== "MultiPolygon") return [layer];
    return feature.geometry.coordinates.map(function (rings) {
      return L.geoJSON({ type: "Polygon", coordinates: rings }).getLayers()[0];
    });
  }

  function start(root) {
    var isPoint = root.dataset.shape === "point";
    var field = root.querySelector("textarea");
    var holder = root.querySelector(".shape-map");
    holder.hidden = root.querySelector(".shape-hint").hidden = false;
    var map = L.map(holder, { attributionControl: false, zoomSnap: 0.5 });
    var around = L.featureGroup().addTo(map);
    JSON.parse(root.dataset.around).forEach(function (shape) {
      L.geoJSON(shape, { interactive: false, style: { color: colour("--line-strong"), weight: 1, fillOpacity: 0.15 } }).addTo(around);
    });
    var group = L.featureGroup().addTo(map);

    function draw() {
      var layers = parsed(field.value);
      if (layers === null) return;
      group.clearLayers();
      layers.forEach(function (layer) {
        (isPoint ? [pin(layer.getLatLng())] : pieces(layer)).forEach(function (piece) {
          if (piece.setStyle && !isPoint) piece.setStyle({ color: colour("--area-1"), fillOpacity: 0.22 });
          group.addLayer(piece);
        });
      });
    }

    function fit() {
      map.invalidateSize();
      var all = L.featureGroup([around, group]);
      if (around.getLayers().length || group.getLayers().length) map.fitBounds(all.getBounds(), { padding: [12, 12], maxZoom: 15 });
      else map.fitBounds([[49.8, -8.7], [60.9, 1.8]]);
    }

    function write() {
      field.value = asText(group, isPoint);
    }

    draw();
    fit();
    field.addEventListener("change", function () { draw(); fit(); });
    if (isPoint) {
      map.on("click", function (event) {
        group.clearLayers();
        group.addLayer(pin(event.latlng));
        write();
      });
    } else {
      var style = { shapeOptions: { color: colour("--area-1"), fillOpacity: 0.22 } };
      map.addControl(new L.Control.Draw({
        draw: { polygon: style, rectangle: style, polyline: false, circle: false, circlemarker: false, marker: false },
        edit: { featureGroup: group }
      }));
      map.on(L.Draw.Event.CREATED, function (event) { group.addLayer(event.layer); write(); });
      map.on(L.Draw.Event.EDITED + " " + L.Draw.Event.DELETED, write);
    }
    // Shown later, in a part of the page that was closed: a map that was hidden has no size.
    if (window.ResizeObserver) new ResizeObserver(fit).observe(holder);
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".shape-field").forEach(start);
  });
})();
