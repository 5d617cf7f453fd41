// The network's map: catchments or how many of them overlap, circles at the venues, and what is at a place.
(function () {
  "use strict";

  var COLOURS = 8; // as in map.py
  var FEW = 25; // as in map.py: the outlines of more are not filled
  var RADIUS = 10; // pixels, of the circle at a venue
  var BUTTONS = 56, EDGE = 10, MARGINS = 44; // pixels: what a popup leaves free of the map, and the margins round its text

  function start(root) {
    root.dataset.ready = "false"; // tests wait for "true"
    fetch(root.dataset.address, { credentials: "same-origin" })
      .then(function (response) {
        if (!response.ok) throw new Error(response.status);
        return response.json();
      })
      .then(function (data) {
        if (document.contains(root)) draw(root, data); // other filters may have replaced it
      })
      .catch(function () { maps.say(root.querySelector(".network-map-said"), "The map could not be loaded. What it shows is in the list below."); });
  }

  function draw(root, data) {
    var place = root.querySelector(".network-map-place"), holder = document.createElement("div");
    holder.className = "network-map-live";
    holder.setAttribute("role", "group");
    holder.setAttribute("aria-label", "Map of the network");
    holder.classList.toggle("has-many", data.services.filter(function (service) { return service.catchment; }).length > FEW);
    place.append(holder);
    place.classList.add("is-live");
    root.querySelectorAll("[data-with-map]").forEach(function (one) { one.hidden = false; });
    root.querySelectorAll("[data-without-map]").forEach(function (one) { one.hidden = true; });

    var map = maps.make(holder, root);
    var areas = L.featureGroup(data.areas.map(JSON.parse).map(maps.grey)).addTo(map);
    var edge = L.layerGroup(data.areas.map(function (area) { return L.geoJSON(JSON.parse(area), { interactive: false, className: "surface-edge" }); }));
    var layers = { outlines: L.layerGroup(), circles: L.layerGroup(), surface: L.layerGroup([surfaceOf(data.surface || []), edge]) };
    var focus = L.layerGroup().addTo(map), shown = data.surface ? "surface" : "outlines", isInCircles = false, lit = "";
    data.services.forEach(function (service) {
      if (service.venue) L.circleMarker([service.venue[1], service.venue[0]], look(service, { radius: RADIUS })).addTo(layers.circles);
    });

    function outlineOf(service) {
      return L.geoJSON(JSON.parse(service.catchment), look(service, {}));
    }

    function view() { return isInCircles ? "circles" : shown; }

    function show() {
      // Hundreds of outlines are drawn only if they are asked for.
      if (view() === "outlines" && !layers.outlines.getLayers().length) {
        data.services.forEach(function (service) { if (service.catchment) outlineOf(service).addTo(layers.outlines); });
      }
      Object.keys(layers).forEach(function (name) { if (name === view()) layers[name].addTo(map); else layers[name].remove(); });
      root.querySelector("[data-circles]").setAttribute("aria-pressed", isInCircles);
      root.querySelector("[data-surface]").setAttribute("aria-pressed", view() === "surface");
      root.querySelector(".scale-key").hidden = view() !== "surface";
      holder.dataset.view = view();
      light(lit);
    }

    // Lit up is a copy above everything, and the rest is dimmed. `what` is "organisation-12", "service-3" or "".
    function light(what) {
      var kind = what.split("-")[0], key = Number(what.split("-")[1]);
      var found = data.services.filter(function (service) { return what && service[kind === "service" ? "key" : kind] === key; });
      lit = what;
      focus.clearLayers();
      holder.classList.toggle("has-focus", found.length > 0);
      found.forEach(function (service) {
        if (isInCircles) {
          if (service.venue) L.circleMarker([service.venue[1], service.venue[0]], look(service, { radius: RADIUS, isLit: true })).addTo(focus);
        } else if (service.catchment) {
          L.geoJSON(JSON.parse(service.catchment), look(service, { isLit: true })).addTo(focus);
        }
      });
      var isWhole = !isInCircles && found.some(function (service) { return !service.catchment; });
      if (isWhole) data.areas.forEach(function (area) { L.geoJSON(JSON.parse(area), look(found[0], { isLit: true, isWhole: true })).addTo(focus); });
    }

    function tell(at) {
      var here = data.services.filter(function (service) { return isInCircles ? isUnder(map, service.venue, at) : service.catchment && holds(service.catchment, at); });
      var isInside = data.areas.some(function (area) { return holds(area, at); });
      var whole = isInside && !isInCircles ? data.services.filter(function (service) { return !service.catchment; }).length : 0;
      var size = map.getSize(), most = Math.min(340, size.x - BUTTONS - EDGE - MARGINS);
      var options = { maxHeight: size.y - 100, minWidth: Math.min(200, most), maxWidth: most, autoPanPaddingTopLeft: [BUTTONS, EDGE], autoPanPaddingBottomRight: [EDGE, EDGE] };
      L.popup(options).setLatLng(at).setContent(answer(root, data, here, whole, isInside || here.length > 0)).openOn(map);
    }

    map.on("click", function (event) { tell(event.latlng); });
    holder.addEventListener("keydown", function (event) {
      if (event.key === "Escape") map.closePopup();
      if (event.key === "Escape" && holder.contains(document.activeElement)) holder.focus();
      if (event.key !== "Enter" || event.target !== holder) return;
      tell(map.getCenter());
      holder.querySelector(".network-map-answer").focus();
    });
    root.querySelector("[data-circles]").addEventListener("click", function () { isInCircles = !isInCircles; show(); });
    root.querySelector("[data-surface]").addEventListener("click", function () { shown = view() === "surface" ? "outlines" : "surface"; isInCircles = false; show(); });
    root.querySelector("[data-surface]").hidden = !data.surface;
    explain(root.querySelector(".scale-key"), data.surface || []);
    onNames(root.closest("#view") || root, light);
    maps.keepWhole(map, holder, function () { if (data.areas.length) map.fitBounds(areas.getBounds(), { padding: [12, 12], animate: false }); });
    show();
    root.dataset.ready = "true";
  }

  function look(service, options) {
    options.interactive = false;
    options.className = "network-area area-" + (service.organisation % COLOURS + 1) + (options.isLit ? " is-lit" : "") + (options.isWhole ? " is-whole" : "");
    return options;
  }

  function surfaceOf(steps) {
    return L.layerGroup(steps.map(function (step, number) {
      var rings = step.rings.map(function (ring) { return ring.map(function (place) { return [place[1], place[0]]; }); });
      return L.polygon(rings, { interactive: false, className: "surface-step step-" + number, smoothFactor: 0 });
    }));
  }

  function explain(list, steps) {
    list.replaceChildren.apply(list, steps.map(function (step, number) {
      var item = document.createElement("li"), swatch = document.createElement("span");
      swatch.className = "swatch step-" + number;
      item.append(swatch, step.from === step.to ? String(step.to) : step.from + " to " + step.to);
      return item;
    }));
  }

  function onNames(page, light) {
    var NAMES = "[data-organisation], a[data-service]";
    function of(name) {
      if (!name) return "";
      return name.dataset.organisation ? "organisation-" + name.dataset.organisation : "service-" + name.dataset.service;
    }
    function focused() { return document.activeElement.closest(NAMES); }
    page.addEventListener("mouseover", function (event) { light(of(event.target.closest(NAMES) || focused())); });
    page.addEventListener("mouseleave", function () { light(of(focused())); });
    page.addEventListener("focusin", function (event) { light(of(event.target.closest(NAMES))); });
    page.addEventListener("focusout", function () { light(""); });
  }

  function isUnder(map, venue, at) {
    return !!venue && map.latLngToContainerPoint([venue[1], venue[0]]).distanceTo(map.latLngToContainerPoint(at)) <= RADIUS;
  }

  /* Whether a GeoJSON text of polygons holds the point: a line from it to the east crosses an odd number of sides. */
  function holds(text, at) {
    var shape = JSON.parse(text), polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates, isInside = false;
    polygons.flat().forEach(function (ring) {
      for (var i = 1; i < ring.length; i++) {
        var one = ring[i - 1], other = ring[i];
        if (one[1] > at.lat === other[1] > at.lat) continue;
        if (at.lng < one[0] + (at.lat - one[1]) / (other[1] - one[1]) * (other[0] - one[0])) isInside = !isInside;
      }
    });
    return isInside;
  }

  function answer(root, data, here, whole, isInside) {
    var box = document.createElement("div"), list = document.createElement("ul"), head = document.createElement("p");
    box.className = "network-map-answer";
    head.className = "network-map-count";
    head.textContent = here.length ? here.length + (here.length === 1 ? " service here" : " services here") : isInside ? "No service has a catchment here." : "Nothing here.";
    here.forEach(function (service) { list.append(lineOf(root, data, service)); });
    box.append(head);
    if (whole) box.append(wholeArea(whole)); // first, for the list may be long
    if (here.length) box.append(list);
    box.tabIndex = -1;
    return box;
  }

  function lineOf(root, data, service) {
    var item = document.createElement("li"), link = document.createElement("a"), words = document.createElement("span");
    link.href = root.dataset.service.replace("/0/", "/" + service.key + "/");
    link.textContent = service.name;
    words.className = "soft";
    words.textContent = [data.organisations[service.organisation], service.for || "Everyone", service.load].filter(Boolean).join(" · ");
    item.append(link, words);
    return item;
  }

  function wholeArea(number) {
    var words = document.createElement("p"), link = document.createElement("a");
    link.href = "#whole-area";
    link.textContent = number + (number === 1 ? " service for the whole area" : " services for the whole area");
    words.append(link);
    return words;
  }

  function startIn(part) {
    part.querySelectorAll(".network-map:not([data-ready])").forEach(start);
  }

  document.addEventListener("DOMContentLoaded", function () { startIn(document); });
  document.addEventListener("htmx:load", function () { startIn(document); });
})();
