// What a person sees where on a page that a browser shows: a list of {cls, box} in CSS pixels of the viewport.
// It reads any page, so it goes by tags, roles and what is painted, never by the names of a page's own classes.
(() => {
  const WIDE = document.documentElement.clientWidth || innerWidth, HIGH = innerHeight;
  const SEEN = 0.6, LEAST = 3, ICON = 40, SMALL_PICTURE = 24, THIN = 4;
  const SKIP = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "OPTION", "OPTGROUP", "PROGRESS", "METER",
    "OBJECT"]);
  const LINES = new Set(["text", "search", "email", "url", "tel", "password", "number", "date", "time", "month", "week",
    "datetime-local"]);
  const PRESSED = new Set(["submit", "button", "reset", "image", "file", "color"]);
  const marks = [], captions = new Map(), captioned = new Set();

  const union = (boxes) => [Math.min(...boxes.map((b) => b[0])), Math.min(...boxes.map((b) => b[1])),
    Math.max(...boxes.map((b) => b[2])), Math.max(...boxes.map((b) => b[3]))];
  const meet = (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
  const area = (b) => Math.max(0, b[2] - b[0]) * Math.max(0, b[3] - b[1]);
  const plain = (rect) => [rect.left, rect.top, rect.right, rect.bottom];
  const boxOf = (el) => plain(el.getBoundingClientRect());
  const role = (el) => (el.getAttribute("role") || "").trim().split(/\s+/)[0];
  const typed = (text) => /[\p{L}\p{N}]/u.test(text || "");
  const sides = ["Left", "Top", "Right", "Bottom"];

  function colour(text) {
    const parts = (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    return [parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : 1];
  }
  // The colour on which an element's parent is painted.
  function behind(el) {
    for (let at = el.parentElement; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found[3] > 0.5) return found;
    }
    return [255, 255, 255, 1];
  }
  const differs = (one, other) =>
    one[3] * (Math.abs(one[0] - other[0]) + Math.abs(one[1] - other[1]) + Math.abs(one[2] - other[2])) > 5;
  const borders = (el, style) => {
    const back = behind(el);
    return sides.filter((side) => parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== "none"
      && differs(colour(style[`border${side}Color`]), back)).length;
  };
  // Whether an element stands out from what it lies on: an outline, a shadow, a ground of its own.
  function faced(el) {
    const style = getComputedStyle(el);
    const cast = style.boxShadow, shadow = cast !== "none" && colour(cast)[3] > 0.03 && !/ 0px 0px 0px 0px$/.test(cast);
    return borders(el, style) >= 3 || shadow || style.backgroundImage !== "none"
      || differs(colour(style.backgroundColor), behind(el));
  }

  // Something opaque that is neither in the element nor around it lies over most of the box.
  function covered(el, box) {
    if (getComputedStyle(el).pointerEvents === "none") return false;
    const points = [[0.5, 0.5], [0.15, 0.5], [0.85, 0.5], [0.5, 0.2], [0.5, 0.8]];
    const over = points.filter(([x, y]) => hides(el, box[0] + (box[2] - box[0]) * x, box[1] + (box[3] - box[1]) * y));
    return over.length >= 3;
  }
  function hides(el, x, y) {
    for (const hit of document.elementsFromPoint(x, y)) {
      if (hit === el || el.contains(hit) || hit.contains(el)) return false;
      if (/^(IMG|VIDEO|CANVAS)$/.test(hit.tagName)) return true;
      if (colour(getComputedStyle(hit).backgroundColor)[3] > 0.5) return true;
    }
    return false;
  }

  // `holds`: it may go on outside the viewport, and what is seen of it is still one.
  function mark(cls, el, box, clip, holds = false) {
    const seen = meet(box, clip);
    const [wide, high] = [seen[2] - seen[0], seen[3] - seen[1]];
    const enough = area(seen) >= SEEN * area(box) || (holds && area(seen) > 0.03 * WIDE * HIGH);
    const thin = cls === "Divider" ? wide < 1 && high < 1 : wide < LEAST || high < LEAST;
    if (!enough || thin || Math.max(wide, high) < LEAST || covered(el, seen)) return false;
    marks.push({ cls, box: seen.map((side) => Math.round(side * 100) / 100) });
    return true;
  }

  // Two boxes are of one line.
  function level(one, other) {
    const shared = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
    return shared > 0.5 * Math.min(one[3] - one[1], other[3] - other[1]);
  }
  // The lines of text in a stretch of nodes, as boxes; only what is seen of them.
  function linesOf(nodes, clip) {
    const lines = [];
    for (const node of nodes.flatMap(textsIn)) {
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        const seen = meet(plain(rect), clip);
        if (rect.width < 1 || seen[3] - seen[1] < SEEN * rect.height) continue;
        if (seen[2] - seen[0] < Math.min(SEEN * rect.width, 40)) continue;
        const line = lines.find((one) => level(one, seen));
        if (line) line.splice(0, 4, ...union([line, seen])); else lines.push([...seen]);
      }
    }
    return lines;
  }
  function textsIn(node) {
    const words = node.nodeType === Node.TEXT_NODE;
    if (words) return node.data.trim() && !captioned.has(node) && painted(node.parentElement) ? [node] : [];
    if (node.nodeType !== Node.ELEMENT_NODE || SKIP.has(node.tagName) || apart(node)) return [];
    return [...node.childNodes].flatMap(textsIn);
  }
  function painted(el) {
    const style = getComputedStyle(el);
    const shown = el.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    return shown && (colour(style.color)[3] > 0.1 || style.backgroundClip === "text");
  }

  const isPress = (el) =>
    el.tagName === "BUTTON" || role(el) === "button" || (el.tagName === "INPUT" && PRESSED.has(el.type));
  // These are elements of their own wherever they stand, also in the middle of text.
  function apart(el) {
    if (/^(INPUT|TEXTAREA|SELECT|BUTTON|IMG|SVG|CANVAS|VIDEO|IFRAME|HR|NAV|TABLE|PRE)$/i.test(el.tagName)) return true;
    const roles = /^(button|switch|checkbox|radio|slider|combobox|textbox|searchbox|img|navigation|table)$/;
    if (roles.test(role(el))) return true;
    if (signed(el) || (el.tagName === "A" && pressedLink(el))) return true;
    const shown = getComputedStyle(el).display;
    return shown.startsWith("inline-") ? faced(el) || [...el.children].some(isBlock) : isBlock(el);
  }
  function isBlock(el) {
    const shown = getComputedStyle(el).display;
    return shown !== "none" && shown !== "contents" && !shown.startsWith("inline") && !shown.startsWith("ruby");
  }
  // A sign out of a font of icons.
  function signed(el) {
    const sign = getComputedStyle(el, "::before").content;
    return !typed(el.textContent) && /^"[\ue000-\uf8ff\u{f0000}-\u{fffff}]"$/u.test(sign);
  }

  // Text in a block, between its controls and pictures.
  function run(nodes, el, state) {
    const lines = linesOf(nodes, state.clip);
    if (!lines.length || !nodes.some((node) => typed(node.textContent))) return;
    if (state.heading) return;
    const parts = segments(nodes);
    const lone = parts.every((part) => part.link || !typed(part.nodes.map((node) => node.data).join("")));
    if (lines.length > 1 && !lone) return void mark("Paragraph", el, union(lines), state.clip);
    for (const part of parts) {
      const found = linesOf(part.nodes, state.clip);
      if (!found.length || !typed(part.nodes.map((node) => node.data).join(""))) continue;
      const several = found.length > 1 && !part.link;
      const cls = part.link ? "Link" : several ? "Paragraph" : "Label";
      mark(cls, part.nodes[0].parentElement, union(found), state.clip);
    }
  }
  // The stretch cut where a link begins or ends.
  function segments(nodes) {
    const parts = [], texts = nodes.flatMap(textsIn);
    const all = texts.map((text) => text.data.trim()).join("").length;
    for (const node of texts) {
      const around = node.parentElement.closest("a[href], a[tabindex], [role=link]");
      // A link around a whole card is no link of any of its lines.
      const link = around && around.textContent.replace(/\s+/g, "").length <= 1.3 * all ? around : null;
      if (parts.length && parts.at(-1).link === link) parts.at(-1).nodes.push(node);
      else parts.push({ link, nodes: [node] });
    }
    return parts;
  }

  function choice(el, cls, state) {
    const own = boxOf(el), boxes = own[2] - own[0] >= 6 && own[2] - own[0] <= 60 ? [own] : [];
    const texts = captions.get(el) || [];
    boxes.push(...linesOf(texts, state.clip));
    const faint = Number(getComputedStyle(el).opacity) < 0.1 && !texts.length;
    if (boxes.length && !faint) mark(cls, texts[0]?.parentElement || el, union(boxes), state.clip);
  }
  // What is said beside each box to tick: its label, or the text that follows it.
  function findCaptions() {
    const asked = "input[type=checkbox], input[type=radio], [role=checkbox], [role=radio]";
    for (const el of document.querySelectorAll(asked)) {
      if (role(el) === "switch" || !el.checkVisibility()) continue;
      const ids = (el.getAttribute("aria-labelledby") || "").split(/\s+/);
      const named = ids.map((id) => id && document.getElementById(id));
      const holders = [...(el.labels || []), ...named.filter(Boolean), ...(el.tagName === "INPUT" ? [] : [el])];
      const next = el.nextSibling?.nodeType === Node.TEXT_NODE ? [el.nextSibling] : [];
      const texts = (holders.length ? holders : next).flatMap(allTexts);
      captions.set(el, texts);
    }
    for (const texts of captions.values()) texts.forEach((text) => captioned.add(text));
  }
  const allTexts = (node) => node.nodeType === Node.TEXT_NODE ? (node.data.trim() ? [node] : [])
    : SKIP.has(node.tagName) ? [] : [...node.childNodes].flatMap(allTexts);
  // linesOf leaves captions out; for a choice they are what is asked for.
  function withCaptions(act) {
    const held = [...captioned];
    captioned.clear();
    act();
    held.forEach((text) => captioned.add(text));
  }

  // The outlined thing that a bare field lies in, which is what a person takes for the field.
  function fieldBox(el) {
    const own = boxOf(el);
    if (faced(el) || borders(el, getComputedStyle(el))) return own;
    for (let at = el.parentElement, steps = 0; at && steps < 3; at = at.parentElement, steps++) {
      const box = boxOf(at);
      if (box[3] - box[1] > 2.2 * (own[3] - own[1]) + 12) break;
      if (faced(at)) { claimed.add(at); return box; }
    }
    return own;
  }
  const claimed = new Set();

  function press(el, state) {
    const box = boxOf(el), words = el.tagName === "INPUT" ? el.value || el.type : el.innerText;
    const [wide, high] = [box[2] - box[0], box[3] - box[1]];
    if (high > 0.4 * HIGH && wide > 120) return false;
    const sign = (words || "").trim().length <= 1 && Math.max(wide, high) <= 64;
    if (!sign || faced(el)) { mark("Button", el, box, state.clip); return true; }
    const drawn = [...el.querySelectorAll("svg, img")].find((one) => one.getBoundingClientRect().width >= LEAST);
    const lines = linesOf([...el.childNodes], state.clip);
    mark("Icon", el, drawn ? boxOf(drawn) : lines.length ? union(lines) : box, state.clip);
    return true;
  }
  function pressedLink(el) {
    const box = boxOf(el), shown = getComputedStyle(el).display;
    const [wide, high] = [box[2] - box[0], box[3] - box[1]];
    if (shown === "inline-table" || !faced(el) || high < 18 || high > 84 || wide > 640) return false;
    return typed(el.innerText) && el.innerText.trim().length <= 40 && !el.querySelector("h1, h2, h3, h4, p, code, pre, img")
      && linesOf([...el.childNodes], [-1e6, -1e6, 1e6, 1e6]).length <= 1;
  }

  function picture(el, state) {
    const box = boxOf(el), [wide, high] = [box[2] - box[0], box[3] - box[1]];
    const said = `${el.getAttribute("aria-label") || ""} ${el.getAttribute("alt") || ""} ${role(el)} `
      + (el.getAttribute("aria-roledescription") || "");
    const small = Math.max(wide, high) <= (el.tagName.toLowerCase() === "img" ? SMALL_PICTURE : ICON);
    const large = /\b(chart|graph)\b/i.test(said) ? "Chart" : /\b(video|play)\b/i.test(said) ? "Video" : "Image";
    const cls = small ? "Icon" : large;
    if (Math.max(wide, high) >= 6) mark(cls, el, box, state.clip, true);
  }
  function line(el, style) {
    if (el.tagName === "HR") return true;
    const [left, top, right, bottom] = boxOf(el), [wide, high] = [right - left, bottom - top];
    if (el.childNodes.length || Math.min(wide, high) > THIN || Math.max(wide, high) < ICON) return false;
    if (/progressbar|slider/.test(role(el)) || el.closest("[role=progressbar]")) return false;
    const ruled = sides.some((side) => parseFloat(style[`border${side}Width`]) > 0);
    return ruled || differs(colour(style.backgroundColor), behind(el));
  }
  function thick(box) {
    return [box[0], box[1], Math.max(box[2], box[0] + 1), Math.max(box[3], box[1] + 1)];
  }

  function field(el, state) {
    const kind = el.tagName === "INPUT" ? el.type : "", as = role(el);
    if (as === "switch") return mark("Toggle", el, boxOf(el), state.clip);
    if (kind === "checkbox" || as === "checkbox") return withCaptions(() => choice(el, "CheckBox", state));
    if (kind === "radio" || as === "radio") return withCaptions(() => choice(el, "RadioButton", state));
    if (el.tagName === "SELECT" || as === "combobox") return mark("ComboBox", el, fieldBox(el), state.clip);
    if (kind === "range" || as === "slider") return mark("Slider", el, boxOf(el), state.clip);
    if (el.tagName === "TEXTAREA") return mark("TextArea", el, fieldBox(el), state.clip);
    return mark("TextBox", el, fieldBox(el), state.clip);
  }
  function isField(el) {
    if (el.tagName === "INPUT") return LINES.has(el.type) || /^(checkbox|radio|range)$/.test(el.type);
    const roles = /^(switch|checkbox|radio|slider|combobox|textbox|searchbox)$/;
    return /^(TEXTAREA|SELECT)$/.test(el.tagName) || roles.test(role(el));
  }

  // Elements that are one mark with all that is in them. True when the element was such a one.
  function whole(el, style, state) {
    const tag = el.tagName.toUpperCase(), as = role(el), box = boxOf(el);
    if (tag === "NAV" || as === "navigation") mark("Navigation", el, box, state.clip, true);
    else if (isTable(el, tag, as)) mark("Table", el, box, state.clip, true);
    else if (isField(el)) field(el, state);
    else if (isPress(el)) return press(el, state);
    else if (tag === "A" && pressedLink(el)) mark("Button", el, box, state.clip);
    else if (tag === "VIDEO") mark("Video", el, box, state.clip, true);
    else if (/^(IMG|CANVAS|SVG)$/.test(tag) || as === "img") picture(el, state);
    else if (/^url/.test(style.backgroundImage) && !typed(el.textContent) && !el.children.length) picture(el, state);
    else if (signed(el)) mark("Icon", el, box, state.clip);
    else if (line(el, style)) mark("Divider", el, thick(box), state.clip);
    else if (tag === "PRE") written(el, "Paragraph", state);
    else return tag === "IFRAME" || tag === "INPUT" || as === "progressbar";
    return true;
  }
  function isTable(el, tag, as) {
    if (tag !== "TABLE") return as === "table" || as === "grid";
    const holds = el.rows.length > 1 && el.rows[0].cells.length > 1;
    return holds && as !== "presentation" && as !== "none" && !el.querySelector("pre");
  }
  function written(el, cls, state) {
    const inner = state.clip && getComputedStyle(el).overflowX !== "visible" ? meet(state.clip, boxOf(el)) : state.clip;
    const lines = linesOf([...el.childNodes].flatMap(allTexts), inner);
    if (lines.length) mark(cls, el, union(lines), state.clip);
  }

  function entered(el, style, state) {
    const next = { ...state, opacity: state.opacity * Number(style.opacity) };
    if (style.position === "fixed") next.clip = [0, 0, WIDE, HIGH];
    const cuts = /hidden|clip|auto|scroll/.test(style.overflowX + style.overflowY) && el !== document.body;
    if (cuts) next.clip = meet(next.clip, boxOf(el));
    return next;
  }
  function visit(el, state) {
    if (SKIP.has(el.tagName) || !el.checkVisibility()) return;
    const style = getComputedStyle(el), next = entered(el, style, state);
    if (next.opacity < 0.15 && !captions.get(el)?.length) return;
    const shown = style.visibility === "visible", first = marks.length;
    if (shown && whole(el, style, state)) return;
    if (style.display !== "contents" && (next.clip[2] - next.clip[0] < 2 || next.clip[3] - next.clip[1] < 2)) return;
    if (/^H[1-6]$/.test(el.tagName) || role(el) === "heading") {
      written(el, "Heading", next);
      next.heading = true;
    }
    children(el, next);
    if (shown) card(el, next, first, state);
  }
  function children(el, state) {
    let stretch = [];
    const flush = () => { if (stretch.length) run(stretch, el, state); stretch = []; };
    for (const node of el.childNodes) {
      if (node.nodeType === Node.ELEMENT_NODE && (apart(node) || split(node))) { flush(); visit(node, state); }
      else if (node.nodeType === Node.ELEMENT_NODE) { stretch.push(node); inner(node, state); }
      else if (node.nodeType !== Node.COMMENT_NODE) stretch.push(node);
    }
    flush();
  }
  const split = (el) => [...el.children].some((child) => isBlock(child) || split(child));
  // Pictures and controls in the middle of text.
  function inner(el, state) {
    for (const child of el.children) if (apart(child)) visit(child, state); else inner(child, state);
  }

  function card(el, state, first, outer) {
    const inside = marks.slice(first), box = boxOf(el), seen = meet(box, outer.clip);
    const share = area(seen) / (WIDE * HIGH);
    if (inside.length < 2 || share < 0.01 || share > 0.6 || claimed.has(el) || !faced(el)) return;
    if (box[3] - box[1] < 30 || state.heading || /^(BODY|HTML|HEADER|FOOTER|MAIN)$/.test(el.tagName)) return;
    const band = box[0] <= 1 && box[2] >= WIDE - 1, column = box[1] <= 1 && box[3] >= HIGH - 1;
    const same = inside.some((one) => one.cls === "Card" && area(one.box) > 0.9 * area(seen));
    if (!band && !column && !same) mark("Card", el, box, outer.clip, true);
  }

  findCaptions();
  visit(document.body, { clip: [0, 0, WIDE, HIGH], opacity: 1, heading: false });
  return marks;
})()
