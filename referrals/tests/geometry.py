"""What can be measured of a page that is open: words that are cut off, words over words, and what has the focus but
lies under something else. Each script returns what is wrong, in words."""

# Not looked at: maps, whose labels lie where the places are, and what is there for screen readers alone. What is cut
# off on purpose has the whole as its title.
CLIPPED_OR_OVERLAPPING = """() => {
  const named = one => one.outerHTML.slice(0, 120).replaceAll("\\n", " ");
  const lookOf = new Map();
  const look = one => lookOf.get(one) || lookOf.set(one, getComputedStyle(one)).get(one);
  const isLeftOut = one => one.closest(
    ".leaflet-container, svg, [inert], option, optgroup, .skip, .skip-to-content-link");
  // What moves with the screen lies over the page on purpose; [left, top, right, bottom] is what ancestors show of it.
  const surroundings = one => {
    const shown = [-Infinity, -Infinity, Infinity, Infinity];
    let floats = false, isScrolled = false, isForReadersAlone = false, placed = "static";
    for (let up = one; up && up !== document.documentElement; up = up.parentElement) {
      const {position, overflowX, overflowY, opacity, clipPath} = look(up);
      floats ||= position === "fixed" || position === "sticky";
      isForReadersAlone ||= opacity === "0" || clipPath === "inset(50%)";
      const contains = up === one || placed !== "absolute" || position !== "static";
      const box = up.getBoundingClientRect();
      if (contains && (overflowX !== "visible" || overflowY !== "visible") && look(up).display !== "inline") {
        isForReadersAlone ||= box.width < 2 || box.height < 2;
        isScrolled ||= overflowX === "auto" || overflowX === "scroll" || overflowY === "auto" || overflowY === "scroll";
        if (!isScrolled) {
          shown[0] = Math.max(shown[0], box.left); shown[1] = Math.max(shown[1], box.top);
          shown[2] = Math.min(shown[2], box.right); shown[3] = Math.min(shown[3], box.bottom);
        }
      }
      if (contains) placed = position;
    }
    return {shown, floats, isScrolled, isForReadersAlone};
  };
  const boxes = [], clipped = new Set();
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (words.nextNode()) {
    const one = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || isLeftOut(one)
        || !one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})) continue;
    const around = surroundings(one);
    if (around.isForReadersAlone) continue;
    range.selectNodeContents(words.currentNode);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      const [left, top, right, bottom] = around.shown;
      const slack = box.height / 4;  // above and below the letters
      const isWhole = box.left >= left - 1 && box.right <= right + 1 && box.top >= top - slack
        && box.bottom <= bottom + slack;
      if (!isWhole && !one.closest("[title]")) clipped.add(one);
      if (!around.floats && !around.isScrolled) boxes.push({one, box});
    }
  }
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (isLeftOut(one) || !one.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const around = surroundings(one), box = one.getBoundingClientRect();
    if (!around.isForReadersAlone && !around.floats && !around.isScrolled && box.width > 2)
      boxes.push({one, box, isControl: true});
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = look(one).font;
    const said = one.tagName === "SELECT" && !one.multiple ? one.selectedOptions[0]?.label : one.placeholder;
    const room = one.clientWidth - parseFloat(look(one).paddingLeft) - parseFloat(look(one).paddingRight);
    if (said && one.tagName !== "TEXTAREA" && pen.measureText(said).width > room + 1) clipped.add(one);
  }
  boxes.sort((a, b) => a.box.top - b.box.top);
  const [x, y] = [scrollX, scrollY], over = new Set();
  boxes.forEach((upper, index) => {
    for (const lower of boxes.slice(index + 1)) {
      if (lower.box.top >= upper.box.bottom) break;
      if (upper.one === lower.one || upper.isControl && lower.isControl) continue;
      const left = Math.max(upper.box.left, lower.box.left), right = Math.min(upper.box.right, lower.box.right);
      const bottom = Math.min(upper.box.bottom, lower.box.bottom);
      const slack = Math.min(upper.box.height, lower.box.height) / 4;
      if (right - left <= 2 || bottom - lower.box.top <= Math.max(2, slack)) continue;
      const [middleX, middleY] = [(left + right) / 2 + x, (lower.box.top + bottom) / 2 + y];
      scrollTo({left: 0, top: middleY - innerHeight / 2, behavior: "instant"});
      const seen = document.elementFromPoint(middleX - scrollX, middleY - scrollY);
      if (seen && (seen.contains(upper.one) || upper.one.contains(seen)
                   || seen.contains(lower.one) || lower.one.contains(seen)))
        over.add(`overlapping: ${named(upper.one)} and ${named(lower.one)}`);
    }
  });
  scrollTo({left: x, top: y, behavior: "instant"});
  return [...[...clipped].map(one => `clipped: ${named(one)}`), ...over];
}"""

# What the keyboard comes to, forwards and then backwards, as bars at the top and at the bottom cover different ones.
COVERED_WITH_FOCUS = """() => {
  const named = one => one.outerHTML.slice(0, 120).replaceAll("\\n", " ");
  const first = document.activeElement, [x, y] = [scrollX, scrollY];
  const all = [...document.querySelectorAll(
    "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex='0']")]
    .filter(one => one.tabIndex >= 0 && one.type !== "hidden" && !one.closest(".leaflet-container, [inert]")
      && one.checkVisibility({visibilityProperty: true, opacityProperty: true}));
  const covered = new Set();
  for (const one of [...all, ...all.toReversed()]) {
    one.focus({focusVisible: true});
    if (document.activeElement !== one) continue;
    const box = [...one.getClientRects()].find(part => part.width > 2 && part.height > 2);
    if (!box) continue;
    const between = (least, value, most) => Math.min(Math.max(least, value), most);
    const middle = between(1, box.left + box.width / 2, document.documentElement.clientWidth - 1);
    const top = between(1, box.top, innerHeight - 1), bottom = between(1, box.bottom, innerHeight - 1);
    const seen = document.elementFromPoint(middle, (top + bottom) / 2);
    const own = [one, ...(one.labels || [])];
    if (seen && !own.some(part => part.contains(seen) || seen.contains(part)))
      covered.add(`under ${named(seen)} with the focus: ${named(one)}`);
  }
  document.activeElement.blur();
  first.focus({preventScroll: true});
  scrollTo({left: x, top: y, behavior: "instant"});
  return [...covered];
}"""
