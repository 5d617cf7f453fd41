// A hexagon that is pressed on the first map is where the new service of the what-if opens.
const map = document.querySelector("[data-picks]");
const field = map && document.getElementById(map.dataset.picks);
if (field) {
  const [northWest, northEast, southWest, southEast] = map.dataset.corners.split(" ").map((one) => one.split(",").map(Number));
  const { width, height } = map.viewBox.baseVal;
  const between = (from, to, share) => from.map((value, axis) => value + (to[axis] - value) * share);
  map.addEventListener("click", (event) => {
    const hexagon = event.target.closest("use");
    if (!hexagon) return;
    map.querySelector(".is-picked")?.classList.remove("is-picked");
    hexagon.classList.add("is-picked");
    const across = hexagon.x.baseVal.value / width;
    const down = hexagon.y.baseVal.value / height;
    const place = between(between(northWest, northEast, across), between(southWest, southEast, across), down);
    field.value = place.map((value) => value.toFixed(5)).join(",");
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
}
