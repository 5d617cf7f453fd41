// The form inside a frame of another site: tells that page its height, nothing else, and says at once where the frame
// does not let the form be sent. The server alone decides which pages may frame it at all.
{
  const isFramed = window !== window.parent;
  let isNewPage = true;
  const tell = () => {
    const referralFormHeight = document.documentElement.getBoundingClientRect().height;
    // To any origin: whoever frames this page has been allowed to, and sees the height anyway.
    window.parent.postMessage({ referralFormHeight, isNewPage }, "*");
    isNewPage = false;
  };
  if (isFramed) new ResizeObserver(tell).observe(document.documentElement);
}
