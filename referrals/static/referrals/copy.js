// A button [data-copy] copies what the elements have that it names. Without scripts, or where a frame may not write to
// the clipboard, the words are there to be selected.
for (const button of document.querySelectorAll("[data-copy]")) {
  const sources = button.dataset.copy.split(" ").map((id) => document.getElementById(id)).filter(Boolean);
  const usual = button.textContent;
  const copied = async () => {
    const words = sources.map((source) => source.value ?? source.innerText).join("\n\n");
    try {
      await navigator.clipboard.writeText(words);
      return true;
    } catch {
      const last = sources.at(-1);
      getSelection().setBaseAndExtent(sources[0], 0, last, last.childNodes.length);
      last.select?.();
      const put = (event) => { event.clipboardData.setData("text/plain", words); event.preventDefault(); };
      document.addEventListener("copy", put, { once: true }); // also where keys have to do it
      return document.execCommand("copy");
    }
  };
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    button.textContent = (await copied()) ? button.dataset.copied : button.dataset.byKeys;
    setTimeout(() => { button.textContent = usual; }, 4000);
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
