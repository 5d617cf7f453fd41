// The form in a frame of another site: tells that page its height and when it is a new page, nothing else, so that the
// frame can grow and be scrolled to (embed.js). Which pages may frame it at all, the server decides.
{
  let isNewPage = true;
  const tell = () => {
    const referralFormHeight = document.body.getBoundingClientRect().height;
    window.parent.postMessage({ referralFormHeight, isNewPage }, "*"); // its height is no secret from its frame
    isNewPage = false;
  };
  if (window.parent !== window) {
    new ResizeObserver(tell).observe(document.body);
    document.querySelector("[autofocus]")?.focus(); // browsers ignore autofocus in a frame of another site
    const notice = document.querySelector("[data-sandboxed]");
    if (notice && self.origin === "null") notice.hidden = false;
  }
}
