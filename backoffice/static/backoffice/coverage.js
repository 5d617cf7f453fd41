// A hexagon that is pressed on the first map is where the new service of the what-if opens.
const map = document.querySelector("[data-picks]");
const field = map && document.getElementById(map.dataset.picks);
if (field) {
  map.addEventListener("click", (event) => {
    const hexagon = event.target.closest("[data-at]");
    if (!hexagon) return;
    map.querySelector(".is-picked")?.classList.remove("is-picked");
    hexagon.classList.add("is-picked");
    field.value = hexagon.dataset.at;
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
}
