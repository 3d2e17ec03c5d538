// What a page has to pass, looked at from inside it: each function returns what is wrong, as sentences. Python chooses
// the size of the window and the media; see tests/walks/passing.py.
window.passing = (() => {
  const SPACING = `* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-bottom: 2em !important; }`; // WCAG 1.4.12
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const all = (of = "body *") => [...document.querySelectorAll(of)];
  const style = (one, pseudo) => getComputedStyle(one, pseudo);
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[inert]");
  const box = (one) => one.getBoundingClientRect();
  const short = (one) => one.cloneNode(false).outerHTML.replace(/></, ">…<").slice(0, 90) + ` ${one.textContent.trim().replace(/\s+/g, " ").slice(0, 40)}`;
  const hiddenFromSight = (one) => {
    for (let at = one; at && at !== document.body; at = at.parentElement) {
      const { width, height } = box(at);
      if (width <= 1 && height <= 1 && style(at).overflow !== "visible") return true;
    }
    return false;
  };
  const once = (found) => [...new Set(found)].slice(0, 4);
  const ownText = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());

  // Sizes

  const scrollers = () => all().filter((one) => shown(one) && /auto|scroll/.test(style(one).overflowX) && one.scrollWidth > one.clientWidth + 1);

  function sideways() {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const apart = scrollers();
    const wide = all().filter((one) => shown(one) && box(one).right > clientWidth + 1 && !apart.some((scroller) => scroller !== one && scroller.contains(one)));
    const first = wide.filter((one) => !wide.some((other) => other !== one && one.contains(other)));
    return [`scrolls sideways, ${scrollWidth} of ${clientWidth}: ${once(first.map(short)).join(" | ")}`];
  }

  function ownRegions() {
    return scrollers().filter((one) => !one.matches("textarea, input, select")).flatMap((one) => {
      const isNamed = one.matches("[role=region], [role=group], section") && (one.ariaLabel || one.getAttribute("aria-labelledby"));
      const isTable = one.querySelector("table") || one.matches("table");
      const faults = [];
      if (!isTable) faults.push(`not a table, and scrolls sideways by itself: ${short(one)}`);
      if (!isNamed || one.tabIndex < 0) faults.push(`scrolls without a name or without the focus: ${short(one)}`);
      return faults;
    });
  }

  function cutOff() {
    return once(all().filter((one) => shown(one) && one.clientWidth > 1 && !one.closest("svg, video, select, textarea") && !hiddenFromSight(one)).flatMap((one) => {
      const { overflowX, overflowY, position } = style(one);
      const isClipped = /hidden|clip/.test(overflowX) && one.scrollWidth > one.clientWidth + 1;
      const isLow = /hidden|clip/.test(overflowY) && one.scrollHeight > one.clientHeight + 1;
      const isSpilt = ownText(one) && overflowX === "visible" && position !== "absolute" && /block|flex|grid/.test(style(one).display) && one.scrollWidth > one.clientWidth + 4;
      return (isClipped || isLow || isSpilt) && one.textContent.trim() ? [`cut off or over the edge: ${short(one)}`] : [];
    }));
  }

  function withSpacing() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(SPACING);
    document.adoptedStyleSheets.push(sheet);
    const found = [...sideways(), ...cutOff()].map((fault) => `with wide spacing ${fault}`);
    document.adoptedStyleSheets.pop();
    return found;
  }

  function withLargeText() {
    const texts = all().filter((one) => shown(one) && ownText(one) && !one.closest("svg, .wall, [aria-hidden=true]")); // that is sized by its window
    const before = texts.map((one) => parseFloat(style(one).fontSize));
    document.documentElement.style.fontSize = "200%";
    const small = texts.filter((one, n) => parseFloat(style(one).fontSize) < 1.75 * before[n]);
    const found = [...once(small.map((one) => `does not grow: ${short(one)}`)), ...sideways(), ...cutOff()];
    document.documentElement.style.fontSize = "";
    return found.map((fault) => `with text twice as large ${fault}`);
  }

  // Focus

  const focusable = () => all(CONTROLS).filter((one) => shown(one) && !one.disabled && one.tabIndex >= 0);
  const overlaid = () => all().some((one) => /sticky|fixed/.test(style(one).position) && shown(one));

  function isHidden(one) {
    const { left, top, right, bottom } = box(one);
    const within = (at, most) => Math.min(Math.max(at, 0), most - 1);
    const xs = [left + 2, (left + right) / 2, right - 2].map((x) => within(x, innerWidth));
    const ys = [top + 2, (top + bottom) / 2, bottom - 2].map((y) => within(y, innerHeight));
    if (bottom < 0 || top > innerHeight) return true;
    return !xs.some((x) => ys.some((y) => {
      const hit = document.elementFromPoint(x, y);
      return hit && (one.contains(hit) || hit.contains(one) || one.labels?.[0]?.contains(hit));
    }));
  }

  function focusHidden() {
    if (!overlaid()) return [];
    const controls = focusable();
    const found = [];
    for (const one of [...controls, ...controls.reverse()]) {
      one.focus();
      if (document.activeElement === one && isHidden(one)) found.push(`has the focus and is hidden: ${short(one)}`);
    }
    document.activeElement.blur();
    scrollTo(0, 0);
    return once(found);
  }

  const ring = ({ outlineStyle, outlineWidth, borderTopWidth, borderBottomWidth, textDecorationLine, textDecorationThickness }, isForced, rest) => {
    if (outlineStyle === "auto" || (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2)) return "outline"; // auto is the browser's own
    return [borderTopWidth, borderBottomWidth, textDecorationLine, textDecorationThickness, ...(isForced ? [] : rest)].join();
  };
  const look = (one, isForced) => [one, one.labels?.[0]].filter(Boolean).flatMap((part) => ["", "::before", "::after"].map((pseudo) => {
    const its = style(part, pseudo || undefined);
    return ring(its, isForced, [its.backgroundColor, its.boxShadow, its.color]);
  })).join("; ");

  function focusUnseen(isForced = false) {
    const seen = new Set();
    const found = [];
    for (const one of focusable()) {
      const kind = `${one.tagName}.${one.className}${one.closest("nav, header, footer, form")?.className}`;
      if (seen.has(kind)) continue;
      seen.add(kind);
      const before = look(one, isForced);
      one.focus({ preventScroll: true });
      if (document.activeElement === one && look(one, isForced) === before) found.push(`shows no focus: ${short(one)}`);
      one.blur();
    }
    return once(found);
  }

  // What a narrow window shows as cards is a table for who hears it: Python compares this with the browser's own tree.
  const rows = () => all("table tr").filter((row) => shown(row) && !row.closest("[role=presentation], [aria-hidden=true]")).length;

  function outOfOrder() {
    const inFlow = focusable().filter((one) => {
      for (let at = one; at !== document.body && at; at = at.parentElement) if (/sticky|fixed|absolute/.test(style(at).position)) return false;
      return !hiddenFromSight(one);
    });
    const tops = inFlow.map((one) => box(one.labels?.[0] ?? one).top);
    return once([
      ...all("[tabindex]").filter((one) => one.tabIndex > 0).map((one) => `goes before its turn: ${short(one)}`),
      ...inFlow.filter((one, n) => n && box(one.labels?.[0] ?? one).bottom < tops[n - 1] - 2).map((one) => `stands above what comes before it: ${short(one)}`),
    ]);
  }

  const tree = window.readOut({ all, shown, short, once }); // see read-out.js

  // Colours

  const parsed = (colour) => (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const isClear = (colour) => (parsed(colour)[3] ?? 1) === 0;
  const light = (colour) => parsed(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)).reduce((sum, part, n) => sum + part * [0.2126, 0.7152, 0.0722][n], 0);
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (one) => {
    for (let at = one.parentElement; at; at = at.parentElement) if (!isClear(style(at).backgroundColor)) return style(at).backgroundColor;
    return "rgb(255, 255, 255)";
  };
  const isDrawn = (one, pseudo) => {
    const its = style(one, pseudo);
    return ["Top", "Right", "Bottom", "Left"].some((side) => its[`border${side}Style`] !== "none" && parseFloat(its[`border${side}Width`]) > 0)
      || (its.outlineStyle !== "none" && parseFloat(its.outlineWidth) > 0);
  };
  let filled = [];

  /** Before colours are forced: what shows by its background alone, without a word in it. */
  function remembers() {
    filled = all().filter((one) => shown(one) && !one.closest("svg") && !one.matches("input, progress, meter, video, img, iframe, dialog") && !one.textContent.trim()
      && !one.querySelector("img, svg, input, video, progress, meter, iframe") && box(one).width > 2 && box(one).height > 2
      && !isClear(style(one).backgroundColor) && contrast(style(one).backgroundColor, behind(one)) > 1.3);
    return [];
  }

  const SHAPES = "path, rect, circle, line, polyline, polygon, ellipse, use";
  function lost(shape) {
    const svg = shape.closest("svg");
    if (!shown(svg) || svg.closest("[hidden]") || box(svg).width < 2 || style(svg).forcedColorAdjust === "none") return false;
    const ink = [style(shape).fill, style(shape).stroke].filter((paint) => paint !== "none" && !isClear(paint));
    const canvas = style(document.documentElement).getPropertyValue("--canvas");
    return ink.length > 0 && ink.every((paint) => contrast(paint, canvas) < 3);
  }

  function forced(hasHands = true) {
    const probe = document.documentElement.appendChild(document.createElement("b"));
    probe.style.background = "Canvas";
    document.documentElement.style.setProperty("--canvas", style(probe).backgroundColor);
    probe.remove();
    const bare = all("button, input:not([type=hidden], [type=radio], [type=checkbox], [type=file], [type=range]), select, textarea, [role=button]")
      .filter((one) => shown(one) && !isDrawn(one) && style(one).textDecorationLine === "none");
    const marks = (it) => [style(it).fontWeight, style(it).textDecorationLine, style(it).borderBottomWidth, style(it).borderStyle, style(it, "::before").content].join();
    const says = (one) => ["aria-current", "aria-pressed", "aria-selected"].find((name) => one.hasAttribute(name));
    const unmarked = all("[aria-current], [aria-pressed], [aria-selected]").filter((one) => {
      const name = says(one);
      const before = one.getAttribute(name);
      const [on, off] = [name === "aria-current" ? "page" : "true", "false"].map((state) => (one.setAttribute(name, state), marks(one)));
      if (name === "aria-current") one.removeAttribute(name);
      const never = name === "aria-current" ? marks(one) : off;
      one.setAttribute(name, before);
      return on === never && shown(one);
    });
    const found = [
      ...bare.map((one) => `a control without an edge: ${short(one)}`),
      ...unmarked.map((one) => `which is chosen is not to be seen: ${short(one)}`),
      ...filled.filter((one) => !isDrawn(one) && style(one).forcedColorAdjust !== "none").map((one) => `told by its background alone: ${short(one)}`),
      ...all(SHAPES).filter((shape) => shape.closest("svg") && !shape.closest("defs, symbol, clipPath, mask") && lost(shape)).map((shape) => `a picture that is lost: ${short(shape.closest("svg"))}`),
      ...(hasHands ? focusUnseen(true) : []),
    ];
    return once(found).map((fault) => `with forced colours ${fault}`);
  }

  const OWN = ["", "::before", "::after"];
  function moving() {
    const moves = all("*").flatMap((one) => OWN.filter((pseudo) => {
      const { animationName, transitionDuration, scrollBehavior } = style(one, pseudo || undefined);
      return animationName !== "none" || /[1-9]/.test(transitionDuration) || (!pseudo && scrollBehavior === "smooth");
    }).map((pseudo) => `moves: ${short(one)}${pseudo}`));
    const runs = document.getAnimations().map(() => "an animation runs");
    return once([...moves, ...runs, ...all("marquee, blink, video[autoplay]").map((one) => `moves by itself: ${short(one)}`)]);
  }

  function printed() {
    const pale = all().filter((one) => shown(one) && ownText(one) && !one.closest("svg") && !one.closest("[aria-hidden=true]") && style(one).printColorAdjust !== "exact" && contrast(style(one).color, "rgb(255, 255, 255)") < 4.5);
    return once(pale.map((one) => `is printed too pale: ${short(one)}`));
  }

  return {
    enlarged: () => [...sideways(), ...ownRegions(), ...cutOff(), ...outOfOrder(), ...focusHidden(), ...focusUnseen(), ...withSpacing()],
    whole: () => [...remembers(), ...tree(), ...moving(), ...sideways(), ...withLargeText()],
    forced, rows, remembers, withSpacing,
    printed: () => [...remembers(), ...printed()],
  };
})();
