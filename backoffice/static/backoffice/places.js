// The list of places closes as menus do: by Escape, and by a click elsewhere. Without this script it closes by its own click.
const places = document.querySelector("details.places");
if (places) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !places.open) return;
    places.open = false;
    places.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!places.contains(event.target)) places.open = false;
  });
}
