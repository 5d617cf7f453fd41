// The map of a catchment: shows it with its surroundings and lets people draw on it. Each change goes to
// `drawn(mode, GeoJSON)`, and is shown once the server has accepted it.
maps.catchment = (function () {
  "use strict";

  var MOVABLE_CORNERS = 500; // each is an element of the page, as is the middle of each side
  var HINTS = {
    draw: "Click or tap each corner of the area, then press Finish.",
    cut: "Click or tap each corner of the part to cut away, then press Finish.",
    change: "Drag the corners, then press Finish. Dragging a faint corner in the middle of a side adds one.",
    "delete": "Click or tap the area to delete."
  };

  // Small for a mouse, large for a finger; leaflet.draw would draw large ones in every Chromium.
  var size = matchMedia("(pointer: coarse)").matches ? 24 : 12;
  var corner = L.divIcon({ className: "map-corner", iconSize: [size, size] });
  [L.Edit.PolyVerticesEdit, L.Draw.Polyline].forEach(function (kind) {
    kind.mergeOptions({ icon: corner, touchIcon: corner });
  });

  // leaflet.draw looks for holes where Leaflet kept them before 1.0, and so moves the corners of the outer ring only.
  L.Edit.Poly.include({
    _initHandlers: function () {
      var poly = this._poly;
      this._verticesHandlers = poly.getLatLngs().map(function (ring) {
        return new L.Edit.PolyVerticesEdit(poly, ring, poly.options.poly);
      });
    }
  });

  function style() {
    return { color: maps.colour("--area-1"), weight: 2.5, fillOpacity: 0.22 };
  }

  // Split into single polygons, since leaflet.draw edits no others. Coordinates keep all their digits.
  function layersOf(text) {
    var shape = JSON.parse(text);
    var polygons = shape.type === "MultiPolygon" ? shape.coordinates : [shape.coordinates];
    return polygons.map(function (rings) {
      return L.geoJSON({ type: "Polygon", coordinates: rings }, { style: style() }).getLayers()[0];
    });
  }

  function textOf(layers) {
    if (!layers.length) return "";
    var polygons = layers.map(function (layer) { return layer.toGeoJSON(false).geometry.coordinates; });
    return JSON.stringify({ type: "MultiPolygon", coordinates: polygons });
  }

  function cornersOf(layers) {
    return layers.reduce(function (count, layer) { return count + layer.getLatLngs().flat(9).length; }, 0);
  }

  return function (root, drawn) {
    var holder = root.querySelector(".catchment-map"), hint = root.querySelector(".catchment-hint");
    var map = maps.make(holder, root);
    var around = L.featureGroup().addTo(map), others = L.featureGroup(), venue = L.featureGroup().addTo(map);
    var shape = L.featureGroup().addTo(map);
    var tool = null, mode = "";

    function fit() {
      var all = L.featureGroup([around, shape, venue]).getBounds();
      if (all.isValid()) map.fitBounds(all, { padding: [16, 16], maxZoom: 15, animate: false });
    }

    function show(text) {
      shape.clearLayers();
      if (text) layersOf(text).forEach(function (layer) { shape.addLayer(layer); });
      shape.eachLayer(function (layer) { layer.on("click", function () { remove(layer); }); });
      if (text && !map.getBounds().contains(shape.getBounds())) fit();
      return shape.getLayers().length;
    }

    function surround(found) {
      around.clearLayers();
      others.clearLayers();
      around.addLayer(maps.grey(found.area.shape));
      found.others.forEach(function (one) {
        var line = maps.outline(one.shape, { color: maps.colour("--area-6"), weight: 2, dashArray: "6 5", fill: false });
        others.addLayer(line);
      });
      place(found.venue);
      around.bringToBack();
      fit();
    }

    function place(found) {
      venue.clearLayers();
      if (found && found.point) venue.addLayer(maps.square(found.point));
    }

    function showOthers(isShown) {
      if (isShown) others.addTo(map); else others.remove();
    }

    function remove(layer) {
      if (mode !== "delete") return;
      end();
      drawn("delete", textOf(shape.getLayers().filter(function (one) { return one !== layer; })));
    }

    function tell(isOn) {
      root.querySelectorAll("[data-mode]").forEach(function (button) { button.hidden = isOn; });
      root.querySelector("[data-finish]").hidden = !isOn || mode === "delete";
      root.querySelector("[data-cancel]").hidden = !isOn;
      hint.hidden = !isOn;
      hint.textContent = isOn ? HINTS[mode] : "";
    }

    // Returns the reason why it cannot be started, if any.
    function begin(wanted) {
      if ((wanted === "change" || wanted === "delete") && !shape.getLayers().length) return "There is no area on the map yet.";
      if (wanted === "change" && cornersOf(shape.getLayers()) > MOVABLE_CORNERS) {
        return "This area has too many corners to move by hand. Draw more, or cut parts away.";
      }
      mode = wanted;
      if (mode === "change") tool = new L.EditToolbar.Edit(map, { featureGroup: shape, selectedPathOptions: { maintainColor: true } });
      if (mode === "draw" || mode === "cut") tool = new L.Draw.Polygon(map, { shapeOptions: style(), showArea: false });
      if (tool) tool.enable();
      tell(true);
      root.querySelector(mode === "delete" ? "[data-cancel]" : "[data-finish]").focus();
      return "";
    }

    function end() {
      var ending = tool, wasIn = mode;
      tool = null;
      mode = "";
      if (ending) ending.disable();
      tell(false);
      var button = root.querySelector('[data-mode="' + wasIn + '"]');
      if (button && !root.querySelector(":focus")) button.focus({ preventScroll: true });
    }

    // Returns the reason why it cannot be finished yet, if any.
    function finish() {
      if (mode !== "change") {
        tool.completeShape();
        return tool ? "An area needs at least three corners." : "";
      }
      tool.save();
      var text = textOf(shape.getLayers());
      end();
      drawn("change", text);
      return "";
    }

    function cancel() {
      if (mode === "change") tool.revertLayers();
      end();
    }

    map.on(L.Draw.Event.CREATED, function (event) {
      var wanted = mode;
      end();
      drawn(wanted, textOf([event.layer]));
    });
    map.on(L.Draw.Event.DRAWSTOP, function () {
      if (tool && (mode === "draw" || mode === "cut") && !tool.enabled()) end(); // the Escape key was pressed
    });
    maps.keepWhole(map, holder, fit);
    tell(false);
    return {
      show: show, surround: surround, place: place, showOthers: showOthers, begin: begin, finish: finish, cancel: cancel,
      isBusy: function () { return mode !== ""; },
      look: function (point) { map.setView([point[1], point[0]], 14, { animate: false }); }
    };
  };
})();
