// A button [data-copy] copies what the element has that it names. Without scripts, or where a frame may not write to the
// clipboard, the words are there to be selected.
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const usual = button.textContent;
  const copied = async () => {
    const words = source.value ?? source.innerText;
    try {
      await navigator.clipboard.writeText(words);
      return true;
    } catch {
      getSelection().selectAllChildren(source);
      source.select?.();
      return document.execCommand("copy");
    }
  };
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    button.textContent = (await copied()) ? "Copied" : "Now press Ctrl+C";
    setTimeout(() => { button.textContent = usual; }, 4000);
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
