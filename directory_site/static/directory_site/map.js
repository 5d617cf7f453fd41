// The map beside the list: the ground of the networks, what the page lists as numbered pins, everything else in clusters.
// The list is the equal of the map, so pins of listed services are not in the order of the keyboard; clusters are.
(function () {
  "use strict";

  var holder = document.querySelector(".service-map");
  if (!holder || !window.fetch || !window.ResizeObserver) return;

  var map, pins, bubbles, catchment;
  var shapes = {};
  var latest = 0;

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
    var style = document.createElement("link");
    style.rel = "stylesheet";
    Promise.all([load(holder.dataset.style, style), load(holder.dataset.script, document.createElement("script"))])
      .then(draw)
      .catch(function () {}); // the drawing made by the server stays
  }

  function draw() {
    var canvas = document.createElement("div");
    canvas.className = "live-map";
    canvas.setAttribute("role", "region");
    canvas.setAttribute("aria-label", holder.dataset.label);
    holder.append(canvas);
    map = L.map(canvas, { attributionControl: !!holder.dataset.tiles, zoomSnap: 0.5, scrollWheelZoom: false, maxZoom: 18 });
    map.on("focus click", function () { map.scrollWheelZoom.enable(); });
    map.on("blur", function () { map.scrollWheelZoom.disable(); });
    if (holder.dataset.tiles) L.tileLayer(holder.dataset.tiles, { attribution: holder.dataset.attribution }).addTo(map);
    L.control.scale({ metric: false }).addTo(map);
    map.setView([54, -2.5], 5);
    bubbles = L.layerGroup().addTo(map);
    catchment = L.layerGroup().addTo(map);
    pins = L.layerGroup().addTo(map);
    get(holder.dataset.ground).then(function (ground) {
      var layer = L.geoJSON(ground, { interactive: false, style: { color: colour("--line-strong"), weight: 1.5, fillOpacity: 0.1 } });
      layer.addTo(map).bringToBack();
      put(layer.getBounds());
    });
    new ResizeObserver(function () { map.invalidateSize({ pan: false }); }).observe(canvas);
    map.on("moveend", fetchClusters);
    holder.classList.add("is-live");
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

  /* Pins of the list, and the part of the map that holds them. */
  function put(ground) {
    var places = listed().map(point);
    pins.clearLayers();
    catchment.clearLayers();
    if (holder.dataset.placeLatitude) {
      var here = [Number(holder.dataset.placeLatitude), Number(holder.dataset.placeLongitude)];
      places.push(here);
      L.marker(here, { icon: L.divIcon({ className: "map-here", iconSize: [18, 18] }), keyboard: false, title: holder.dataset.placeName }).addTo(pins);
    }
    var standing = {};
    listed().forEach(function (item) {
      var where = point(item).join();
      (standing[where] = standing[where] || []).push(item);
    });
    Object.keys(standing).forEach(function (where) { pin(standing[where]); });
    if (places.length) map.fitBounds(L.latLngBounds(places).pad(0.15), { maxZoom: 15, animate: false });
    else if (ground && ground.isValid()) map.fitBounds(ground, { animate: false });
    fetchClusters();
  }

  /* One pin for all that the list has at one place: "3", "1 · 2", "4 – 9". */
  function pin(items) {
    var numbers = items.map(function (item) { return Number(item.querySelector(".pin-number").textContent); });
    var label = numbers.length > 3 ? numbers[0] + " … " + numbers[numbers.length - 1] : numbers.join(" · ");
    var width = 28 + (label.length > 2 ? 7 * (label.length - 2) : 0);
    var marker = L.marker(point(items[0]), { icon: L.divIcon({ className: "map-number", html: label, iconSize: [width, 28] }), keyboard: false, riseOnHover: true });
    marker.addTo(pins);
    items.forEach(function (item) { item.marker = marker; });
    marker.on("mouseover", function () { light(items[0], true); });
    marker.on("mouseout", function () { light(items[0], false); });
    marker.on("click", function () {
      items[0].scrollIntoView({ block: "center" });
      items[0].querySelector("h3 a").focus();
    });
  }

  function light(item, isLit) {
    item.classList.toggle("is-lit", isLit);
    if (item.marker && item.marker.getElement()) item.marker.getElement().classList.toggle("is-lit", isLit);
    if (item.marker) item.marker.setZIndexOffset(isLit ? 1000 : 0);
    catchment.clearLayers();
    if (!isLit || !item.dataset.catchment) return;
    var address = item.dataset.catchment;
    shapes[address] = shapes[address] || get(address);
    shapes[address].then(function (shape) {
      if (!item.classList.contains("is-lit")) return;
      catchment.clearLayers();
      L.geoJSON(shape, { interactive: false, style: { color: colour("--area-1"), weight: 2, fillColor: colour("--area-1"), fillOpacity: 0.22 } }).addTo(catchment);
    }).catch(function () { delete shapes[address]; });
  }

  /* Everything else that is found, as the database clusters it for this zoom. */
  function fetchClusters() {
    var turn = ++latest;
    var box = map.getBounds().pad(0.2);
    var zoom = Math.round(map.getZoom());
    var sides = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map(function (side) { return side.toFixed(4); });
    var address = holder.dataset.clusters;
    address += (address.indexOf("?") < 0 ? "?" : "&") + "zoom=" + zoom + "&box=" + sides.join(",");
    get(address).then(function (answer) {
      if (turn === latest) drawClusters(answer.clusters);
    }).catch(function () {});
  }

  function drawClusters(clusters) {
    var onPage = {};
    document.querySelectorAll(".result").forEach(function (item) { onPage[item.dataset.service] = true; });
    bubbles.clearLayers();
    clusters.forEach(function (cluster) {
      var others = cluster.services.filter(function (service) { return !onPage[service[0]]; });
      if (cluster.services.length && !others.length) return; // its pins are there already
      var number = cluster.services.length ? others.length : cluster.n;
      var size = number === 1 ? 16 : Math.min(56, 28 + 7 * Math.log10(number) * 2);
      var marker = L.marker(cluster.at, {
        icon: L.divIcon({ className: number === 1 ? "map-dot" : "map-cluster", html: number === 1 ? "" : "<span>" + number.toLocaleString() + "</span>", iconSize: [size, size] })
      }).addTo(bubbles);
      var words = number === 1 ? others[0][1] : number.toLocaleString() + " " + holder.dataset.here;
      marker.getElement().setAttribute("aria-label", words);
      marker.getElement().title = words;
      if (others.length) marker.bindPopup(namesOf(others));
      else marker.on("click keypress", function (event) {
        if (event.originalEvent.type === "keypress" && event.originalEvent.key !== "Enter") return;
        map.setView(cluster.at, Math.min(map.getZoom() + 2, 18));
      });
    });
  }

  function namesOf(services) {
    var list = document.createElement("ul");
    list.className = "map-names";
    services.forEach(function (service) {
      var link = document.createElement("a");
      link.href = service[2];
      link.textContent = service[1];
      list.appendChild(document.createElement("li")).append(link);
    });
    return list;
  }

  /* List and map hold each other. */
  function itemOf(event) {
    return event.target.closest && event.target.closest(".result");
  }

  ["mouseover", "focusin"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var item = itemOf(event);
      if (!map || !item || item.classList.contains("is-lit")) return;
      document.querySelectorAll(".result.is-lit").forEach(function (other) { light(other, false); });
      light(item, true);
    });
  });
  document.addEventListener("mouseout", function (event) {
    var item = itemOf(event);
    if (map && item && !item.contains(event.relatedTarget)) light(item, false);
  });
  document.addEventListener("focusout", function (event) {
    var item = itemOf(event);
    if (map && item && !item.contains(event.relatedTarget)) light(item, false);
  });

  document.addEventListener("found", function (event) {
    if (event.detail.clusters) holder.dataset.clusters = event.detail.clusters;
    if (map) put(null);
  });

  // On a phone the map lies below the list: it is loaded when somebody comes near it.
  new IntersectionObserver(function (entries, observer) {
    if (!entries.some(function (entry) { return entry.isIntersecting; })) return;
    observer.disconnect();
    if (document.readyState === "complete") start();
    else window.addEventListener("load", start);
  }, { rootMargin: "300px" }).observe(holder);
})();
