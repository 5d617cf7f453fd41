// Closes the list of workplaces on Escape and on a click elsewhere. Without this script, clicking it again closes it.
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
