// The map beside the list: the area of the networks, the listed services as numbered pins, all others in clusters.
// Keyboard users reach listed services through the list, so only clusters can take the focus, not the pins.
(function () {
  "use strict";

  var holder = document.querySelector(".service-map");
  if (!holder || !window.fetch || !window.ResizeObserver) return;

  var MAX_ZOOM = 18;
  var WIDE = 48, HIGH = 30; // pixels: pins closer than this would hide one another
  var BUTTONS = 64, EDGE = 12, MARGINS = 56; // pixels: what a popup leaves free of the map, and the margins round its text
  var isBelowList = window.matchMedia("(max-width: 60rem)");
  var map, pins, clusterLayer, catchment;
  var shapes = {};
  var shown = {}; // markers of clusters by their content: one that does not change is kept, with its open popup
  var latest = 0;
  var latestHighlight = 0;
  var isZoomedByKey = false;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function load(address, element) {
    return new Promise(function (resolve, reject) {
      element[element.tagName === "LINK" ? "href" : "src"] = address;
      element.onload = resolve;
      element.onerror = reject;
      document.head.append(element);
    });
  }

  function start() {
    holder.dataset.ready = "false"; // tests wait for "true": everything that was fetched is on the map
    var style = document.createElement("link");
    style.rel = "stylesheet";
    Promise.all([load(holder.dataset.style, style), load(holder.dataset.script, document.createElement("script")), load(holder.dataset.labelScript, document.createElement("script"))])
      .then(draw)
      .catch(function () {}); // the server's drawing stays
  }

  function draw() {
    var canvas = document.createElement("div");
    canvas.className = "live-map";
    canvas.setAttribute("role", "region");
    canvas.setAttribute("aria-label", holder.dataset.label);
    holder.append(canvas);
    map = L.map(canvas, { attributionControl: !!holder.dataset.tiles, zoomControl: false, zoomSnap: 0.5, scrollWheelZoom: false, maxZoom: MAX_ZOOM });
    map.on("focus click", function () { map.scrollWheelZoom.enable(); });
    map.on("blur", function () { map.scrollWheelZoom.disable(); });
    if (holder.dataset.tiles) L.tileLayer(holder.dataset.tiles, { attribution: holder.dataset.attribution }).addTo(map);
    else addMapLabels(map, holder.dataset.labels);
    L.control.zoom({ zoomInTitle: holder.dataset.zoomIn, zoomOutTitle: holder.dataset.zoomOut }).addTo(map);
    L.control.scale({ metric: false }).addTo(map);
    map.setView([54, -2.5], 5);
    clusterLayer = L.layerGroup().addTo(map);
    catchment = L.layerGroup().addTo(map);
    pins = L.layerGroup().addTo(map);
    get(holder.dataset.boundary).then(drawBoundary).catch(function () { showList(null); });
    new ResizeObserver(function () { map.invalidateSize({ pan: false }); }).observe(canvas);
    map.on("zoomend", drawPins);
    map.on("moveend", fetchClusters);
    map.on("popupopen", nameClosing);
    map.on("resize", fitPopups);
    canvas.addEventListener("keydown", leavePopup);
    canvas.addEventListener("keydown", pressBySpace);
    holder.classList.add("is-live");
  }

  function drawBoundary(boundary) {
    var layer = L.geoJSON(boundary, { interactive: false, style: { color: colour("--line-strong"), weight: 1.5, fillOpacity: 0.1 } });
    layer.addTo(map).bringToBack();
    showList(layer.getBounds());
  }

  function get(address) {
    return fetch(address, { credentials: "same-origin" }).then(function (response) {
      if (!response.ok) throw new Error(response.status);
      return response.json();
    });
  }

  function listed() {
    return Array.prototype.slice.call(document.querySelectorAll(".result[data-latitude]"));
  }

  function point(item) {
    return [Number(item.dataset.latitude), Number(item.dataset.longitude)];
  }

  function here() {
    return holder.dataset.placeLatitude && [Number(holder.dataset.placeLatitude), Number(holder.dataset.placeLongitude)];
  }

  /* Draw the pins of the list, and show the part of the map that holds them. */
  function showList(boundary) {
    var places = listed().map(point);
    if (here()) places.push(here());
    var turn = latest;
    catchment.clearLayers();
    if (places.length) map.fitBounds(L.latLngBounds(places).pad(0.15), { maxZoom: places.length > 1 ? 15 : 13, animate: false });
    else if (boundary && boundary.isValid()) map.fitBounds(boundary, { animate: false });
    drawPins();
    if (turn === latest) fetchClusters(); // unless the map has moved since, which fetches by itself
  }

  /* Let pins that would hide one another at this zoom share one. */
  function drawPins() {
    var groups = [];
    pins.clearLayers();
    if (here()) L.marker(here(), { icon: L.divIcon({ className: "map-here", iconSize: [18, 18] }), keyboard: false, interactive: false, title: holder.dataset.placeName }).addTo(pins);
    listed().forEach(function (item) {
      var at = map.latLngToLayerPoint(point(item));
      var near = groups.find(function (group) { return Math.abs(group.at.x - at.x) < WIDE && Math.abs(group.at.y - at.y) < HIGH; });
      if (near) near.items.push(item);
      else groups.push({ at: at, items: [item] });
    });
    groups.forEach(function (group) { pin(group.items); });
    var lit = document.querySelector(".result.is-lit");
    if (lit) highlightPin(lit, true);
  }

  /* Return the width that the map has room for beside its buttons. */
  function popupOptions() {
    var most = Math.min(300, map.getSize().x - BUTTONS - EDGE - MARGINS);
    return { maxHeight: 240, minWidth: Math.min(200, most), maxWidth: most, autoPanPaddingTopLeft: [BUTTONS, EDGE], autoPanPaddingBottomRight: [EDGE, EDGE] };
  }

  function fitPopups() {
    map.eachLayer(function (layer) {
      if (!layer.getPopup()) return;
      L.setOptions(layer.getPopup(), popupOptions());
      layer.getPopup().update();
    });
  }

  /* Add a pin labelled "3", or "3 +2" for three services of which 3 is the first. */
  function pin(items) {
    var numbers = items.map(function (item) { return item.querySelector(".pin-number").textContent; });
    var label = numbers.length > 1 ? numbers[0] + " +" + (numbers.length - 1) : numbers[0];
    var width = 28 + (label.length > 2 ? 8 * (label.length - 2) : 0);
    var marker = L.marker(point(items[0]), { icon: L.divIcon({ className: "map-number", html: label, iconSize: [width, 28] }), keyboard: false, riseOnHover: true, zIndexOffset: 500 });
    marker.addTo(pins);
    marker.getElement().setAttribute("aria-hidden", "true"); // the list says the same
    items.forEach(function (item) { item.marker = marker; });
    marker.on("mouseover", function () { highlight(items, true); });
    marker.on("mouseout", function () { if (!marker.isPopupOpen()) highlight(items, false); });
    marker.on("click", function () { choose(marker, items); });
  }

  /* Scroll to a single service where the list is beside the map; otherwise open a popup. */
  function choose(marker, items) {
    if (!isBelowList.matches && items.length === 1) {
      items[0].scrollIntoView({ block: "center" });
      items[0].querySelector("h3 a").focus({ preventScroll: true });
      return;
    }
    highlight(items, true);
    var names = items.map(function (item) {
      var link = item.querySelector("h3 a");
      return [item.dataset.service, item.querySelector(".pin-number").textContent + ". " + link.textContent, link.href];
    });
    marker.bindPopup(namesOf(names), popupOptions()).openPopup();
    marker.once("popupclose", function () {
      highlight(items, false);
      marker.unbindPopup();
    });
  }

  function highlightPin(item, isLit) {
    if (!item.marker || !item.marker.getElement()) return;
    item.marker.getElement().classList.toggle("is-lit", isLit);
    item.marker.setZIndexOffset(isLit ? 1000 : 500);
  }

  function highlight(items, isLit) {
    var turn = ++latestHighlight;
    catchment.clearLayers();
    items.forEach(function (item) {
      item.classList.toggle("is-lit", isLit);
      highlightPin(item, isLit);
      if (isLit && item.dataset.catchment) drawCatchment(item.dataset.catchment, turn);
    });
  }

  function drawCatchment(address, turn) {
    shapes[address] = shapes[address] || get(address);
    shapes[address].then(function (shape) {
      if (turn !== latestHighlight) return;
      L.geoJSON(shape, { interactive: false, className: "map-catchment", style: { color: colour("--area-1"), weight: 2, fillColor: colour("--area-1"), fillOpacity: 0.22 } }).addTo(catchment);
    }).catch(function () { delete shapes[address]; });
  }

  /* Fetch everything else that was found, clustered by the database for this zoom. */
  function fetchClusters() {
    var turn = ++latest;
    holder.dataset.ready = "false";
    var box = map.getBounds().pad(0.2);
    var zoom = Math.round(map.getZoom());
    var sides = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map(function (side) { return side.toFixed(4); });
    var address = holder.dataset.clusters;
    address += (address.indexOf("?") < 0 ? "?" : "&") + "zoom=" + zoom + "&box=" + sides.join(",");
    get(address).then(function (answer) {
      if (turn === latest && zoom === Math.round(map.getZoom())) drawClusters(answer.clusters); // not while it zooms
    }).catch(function () {}).finally(function () { if (turn === latest) holder.dataset.ready = "true"; });
  }

  function drawClusters(clusters) {
    var onPage = {};
    var wanted = {};
    var hadFocus = clusterLayer.getLayers().some(function (marker) { return marker.getElement() === document.activeElement; });
    document.querySelectorAll(".result").forEach(function (item) { onPage[item.dataset.service] = true; });
    clusters.forEach(function (cluster) {
      var others = cluster.services.filter(function (service) { return !onPage[service[0]]; });
      if (cluster.services.length && !others.length) return; // its services have pins already
      var key = JSON.stringify([Math.round(map.getZoom() * 2), cluster.at, cluster.n, others]);
      wanted[key] = { cluster: cluster, others: others, number: cluster.services.length ? others.length : cluster.n };
    });
    Object.keys(shown).forEach(function (key) {
      if (wanted[key]) return;
      clusterLayer.removeLayer(shown[key]);
      delete shown[key];
    });
    addClusters(wanted);
    if (hadFocus && !map.getContainer().contains(document.activeElement)) middleCluster().focus({ preventScroll: true });
    if (isZoomedByKey) announceCount(clusters);
    isZoomedByKey = false;
  }

  /* Place the largest first, since small ones find room more easily. */
  function addClusters(wanted) {
    var taken = pins.getLayers().concat(clusterLayer.getLayers()).map(function (marker) {
      var icon = marker.options.icon.options;
      return { at: map.latLngToLayerPoint(marker.getLatLng()).add(icon.aside || [0, 0]), wide: icon.iconSize[0], high: icon.iconSize[1] };
    });
    var added = Object.keys(wanted).filter(function (key) { return !shown[key]; });
    added.sort(function (one, other) { return wanted[other].number - wanted[one].number; });
    added.forEach(function (key) { shown[key] = clusterMarker(wanted[key].cluster, wanted[key].others, wanted[key].number, taken); });
  }

  /* Return what takes the keyboard focus when the cluster that had it has split up. */
  function middleCluster() {
    var middle = map.getSize().divideBy(2);
    var seen = clusterLayer.getLayers().filter(function (marker) { return map.getBounds().contains(marker.getLatLng()); });
    function away(marker) { return map.latLngToContainerPoint(marker.getLatLng()).distanceTo(middle); }
    seen.sort(function (one, other) { return away(one) - away(other); });
    return seen.length ? seen[0].getElement() : map.getContainer();
  }

  function announceCount(clusters) {
    var number = clusters.reduce(function (sum, cluster) { return map.getBounds().contains(cluster.at) ? sum + cluster.n : sum; }, 0);
    document.getElementById("found-status").textContent = holder.dataset.zoomed.replace("{number}", written(number));
  }

  function clusterMarker(cluster, others, number, taken) {
    var size = number === 1 ? 24 : Math.min(56, 28 + 14 * Math.log10(number));
    var aside = findFreePlace(map.latLngToLayerPoint(cluster.at), size, taken);
    var words = number === 1 ? others[0][1] : holder.dataset.here.replace("{number}", written(number));
    var face = number === 1 ? "" : "<span>" + written(number) + "</span>";
    var icon = L.divIcon({ className: number === 1 ? "map-dot" : "map-cluster", html: face, iconSize: [size, size], iconAnchor: L.point(size / 2, size / 2).subtract(aside), popupAnchor: aside, aside: aside });
    var marker = L.marker(cluster.at, { icon: icon, title: words, riseOnHover: true }).addTo(clusterLayer);
    marker.getElement().setAttribute("aria-label", words);
    if (number === 1 && holder.dataset.namesIn) marker.getElement().lang = holder.dataset.namesIn;
    if (others.length) marker.bindPopup(namesOf(others), popupOptions());
    else if (map.getZoom() >= MAX_ZOOM) marker.bindPopup(namesOf([["", holder.dataset.allHere, allAt(cluster.at)]]), popupOptions());
    else marker.on("click keypress", function (event) { zoomIn(cluster.at, event.originalEvent); });
    marker.on("keypress", function (event) { enterPopup(marker, event.originalEvent); });
    return marker;
  }

  function zoomIn(at, event) {
    if (event.type === "keypress" && event.key !== "Enter") return;
    isZoomedByKey = event.type === "keypress";
    map.setView(at, Math.min(map.getZoom() + 2, MAX_ZOOM));
  }

  /* Move a cluster that would lie under a pin or another cluster to the nearest free place on rings round it. */
  function findFreePlace(at, size, taken) {
    var best = { free: -1 };
    for (var step = 0; step <= 60 && best.free < 1; step++) {
      var ring = Math.ceil(step / 12) * 12;
      var aside = L.point(ring * Math.cos(step * Math.PI / 6), ring * Math.sin(step * Math.PI / 6));
      var free = freeSpace(at.add(aside), size, taken);
      if (free > best.free) best = { free: free, aside: aside };
    }
    taken.push({ at: at.add(best.aside), wide: size, high: size });
    return best.aside;
  }

  /* Return how free a round spot is: 0 where something covers its centre, 1 where nothing touches it. */
  function freeSpace(at, size, taken) {
    return taken.reduce(function (least, one) {
      return Math.min(least, Math.hypot(2 * (at.x - one.at.x) / (size + one.wide), 2 * (at.y - one.at.y) / (size + one.high)));
    }, 1);
  }

  /* Link to the list where one spot has too many services for a popup. */
  function allAt(at) {
    var query = new URLSearchParams(holder.dataset.clusters.split("?")[1] || "");
    ["place", "page", "sort"].forEach(function (name) { query.delete(name); });
    query.set("near", at.join());
    query.set("within", "1");
    return holder.dataset.directory + "?" + query;
  }

  function written(number) {
    return number.toLocaleString(document.documentElement.lang);
  }

  /* Translate the close button, which Leaflet labels in English. */
  function nameClosing(event) {
    var button = event.popup.getElement().querySelector(".leaflet-popup-close-button");
    if (button) button.setAttribute("aria-label", holder.dataset.close);
  }

  function namesOf(services) {
    var list = document.createElement("ul");
    list.className = "map-names";
    services.forEach(function (service) {
      var link = document.createElement("a");
      link.href = service[2];
      link.textContent = service[1];
      if (service[0] && holder.dataset.namesIn) link.lang = holder.dataset.namesIn;
      list.appendChild(document.createElement("li")).append(link);
    });
    return list;
  }

  /* Move the focus into a popup opened by keyboard, and back when Escape closes it. */
  function enterPopup(marker, event) {
    if (event.key !== "Enter" || !marker.isPopupOpen()) return;
    marker.getPopup().getElement().querySelector(".map-names a").focus();
    marker.once("popupclose", function () {
      if (marker.getElement()) marker.getElement().focus({ preventScroll: true });
    });
  }

  function leavePopup(event) {
    if (event.key === "Escape") map.closePopup();
  }

  /* Let the space bar press a marker too; Leaflet handles only Enter. */
  function pressBySpace(event) {
    if (event.key !== " " || !event.target.classList.contains("leaflet-marker-icon")) return;
    event.preventDefault();
    event.target.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", keyCode: 13, bubbles: true }));
  }

  /* Highlight a pin while its service in the list is under the pointer, and the other way round. */
  function itemOf(event) {
    return event.target.closest && event.target.closest(".result");
  }

  ["mouseover", "focusin"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var item = itemOf(event);
      if (!map || !item || item.classList.contains("is-lit")) return;
      highlight(Array.prototype.slice.call(document.querySelectorAll(".result.is-lit")), false);
      highlight([item], true);
    });
  });
  ["mouseout", "focusout"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var item = itemOf(event);
      if (map && item && !item.contains(event.relatedTarget)) highlight([item], false);
    });
  });

  document.addEventListener("found", function (event) {
    ["clusters", "placeLatitude", "placeLongitude", "placeName"].forEach(function (name) {
      if (event.detail[name]) holder.dataset[name] = event.detail[name];
      else delete holder.dataset[name];
    });
    if (!map) return;
    clusterLayer.clearLayers();
    shown = {};
    showList(null);
  });

  // On a phone the map is below the list, so load it only when the visitor scrolls near it.
  new IntersectionObserver(function (entries, observer) {
    if (!entries.some(function (entry) { return entry.isIntersecting; })) return;
    observer.disconnect();
    if (document.readyState === "complete") start();
    else window.addEventListener("load", start);
  }, { rootMargin: "300px" }).observe(holder);
})();
