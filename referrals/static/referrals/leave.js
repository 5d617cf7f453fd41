// Leaves a sensitive page at once, by the button or by Shift three times within five seconds. The page that is left gives
// its place in the history to the neutral one, so that "Back" does not lead to it; "Back" to a sensitive page that was read
// before leaves once more. The directory shows and hides the button while it searches, so it is looked for whenever it is
// needed.
{
  let presses = 0;
  let isAlone = false; // Shift with another key writes a capital letter
  let forget;
  let tab; // what this tab remembers until it is closed
  try {
    tab = sessionStorage;
  } catch { /* some browsers allow no storage */ }

  const wayOut = () => document.querySelector("[data-leave]");
  const count = (number) => {
    presses = number;
    const box = wayOut();
    if (!box) return;
    const keys = box.querySelector(".leave-keys");
    keys.dataset.usual ||= keys.textContent;
    keys.textContent = ["", box.dataset.twoMore, box.dataset.oneMore][presses] || keys.dataset.usual;
    keys.hidden = false;
  };
  const leave = () => {
    document.documentElement.classList.add("is-left"); // the other site may take its time
    try {
      tab?.setItem("left", "yes");
    } catch { /* there is no room */ }
    const { href } = wayOut().querySelector("a");
    try {
      top.location.replace(href); // the page that frames this one has to go as well
    } catch {
      location.replace(href);
    }
  };

  count(0);
  document.addEventListener("found", () => count(0));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-leave] a")) return;
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", (event) => {
    isAlone = event.key === "Shift" && (isAlone || !event.repeat);
    if (event.key !== "Shift") count(0);
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !isAlone || !wayOut()) return;
    isAlone = false;
    if (presses === 2) {
      leave();
      return;
    }
    count(presses + 1);
    clearTimeout(forget);
    forget = setTimeout(count, 5000, 0);
  });
  // Somebody presses "Back" to see what was read, or a browser shows the page from memory.
  const isBack = (event) => event.persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  window.addEventListener("pageshow", (event) => {
    if (!isBack(event)) tab?.removeItem("left");
    if (tab?.getItem("left") && wayOut()) leave();
    else document.documentElement.classList.remove("is-left");
  });
}
