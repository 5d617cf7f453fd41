// For a page that frames a referral form: gives the frame the height of its page, and scrolls to its top when a step
// follows. Include it once; docs/embedding.md has the snippet. A message counts only from the window of a frame that this
// page has itself, and from the origin that its address names; all that is taken from it is a number.
window.addEventListener("message", ({ data, origin, source }) => {
  const frame = [...document.querySelectorAll("iframe[data-referral-form]")].find((one) => one.contentWindow === source);
  if (!frame || origin !== new URL(frame.src).origin) return;
  const height = Number(data?.referralFormHeight);
  if (!(height > 0 && height < 20000)) return;
  frame.style.height = `${Math.ceil(height)}px`;
  if (data.isNewPage === true && frame.dataset.isOpen) frame.scrollIntoView({ block: "start" });
  frame.dataset.isOpen = "yes";
});
