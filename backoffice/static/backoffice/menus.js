// Closes the menus of the header, and the filters of a list, on Escape and on a click elsewhere. Without this script, clicking them again closes them.
const menus = document.querySelectorAll("details.places, #changelist-filter details");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (!menu.open) continue;
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});

// On a narrow screen the links of a section are a row that scrolls: the current one may lie beyond its edge.
const sectionLinks = document.querySelector(".section-links");
const currentLink = sectionLinks?.querySelector("[aria-current]")?.getBoundingClientRect();
if (currentLink) sectionLinks.scrollLeft = currentLink.left + currentLink.width / 2 - sectionLinks.getBoundingClientRect().left - sectionLinks.clientWidth / 2;
