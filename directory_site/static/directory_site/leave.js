// Leaves a sensitive page at once, by the button or by Shift three times within five seconds. The page that is left gives
// its place in the history to the neutral one, so that "Back" does not lead to it.
{
  const box = document.querySelector("[data-leave]");
  const link = box.querySelector("a");
  const keys = box.querySelector(".leave-keys");
  const usual = keys.textContent;
  const still = ["", box.dataset.twoMore, box.dataset.oneMore];
  let presses = 0;
  let isAlone = false; // Shift with another key writes a capital letter
  let forget;

  const count = (number) => {
    presses = number;
    keys.textContent = still[presses] || usual;
  };
  const leave = () => {
    document.documentElement.classList.add("is-left"); // the other site may take its time
    location.replace(link.href);
  };

  keys.hidden = false;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", (event) => {
    isAlone = event.key === "Shift" && (isAlone || !event.repeat);
    if (event.key !== "Shift") count(0);
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !isAlone) return;
    isAlone = false;
    if (presses === 2) {
      leave();
      return;
    }
    count(presses + 1);
    clearTimeout(forget);
    forget = setTimeout(count, 5000, 0);
  });
  // Should a browser show the page from memory after all.
  window.addEventListener("pageshow", () => document.documentElement.classList.remove("is-left"));
}
