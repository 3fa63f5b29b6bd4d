// What a person sees of a page, as lines of text with numbered controls. Runs in a world of its own, which the page's
// scripts cannot touch. Numbers stay with their element for as long as the document lives.
globalThis.llmos ??= (() => {
  const MAX_CHARS = 300000, MAX_NODES = 60000, NAME_CHARS = 80;
  const SKIP = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "META", "LINK", "OBJECT", "EMBED", "PARAM"]);
  const BLOCK = /^(block|flex|grid|list-item|table|table-row|flow-root|table-caption|table-(row|header|footer)-group)( |$)/;
  const CELL_CHARS = 150;
  const ROLES = { button: "button", link: "link", checkbox: "checkbox", radio: "radio", tab: "tab", menuitem: "menu item",
    option: "option", switch: "switch", textbox: "text field", searchbox: "text field", combobox: "select",
    slider: "slider", treeitem: "item", menuitemcheckbox: "checkbox", menuitemradio: "radio", spinbutton: "number field" };
  const FIELDS = { text: "text field", search: "text field", email: "text field", url: "text field", tel: "text field",
    password: "password field", number: "number field", date: "date field", time: "time field", month: "month field",
    week: "week field", "datetime-local": "date and time field", color: "color field", range: "slider", file: "file field",
    checkbox: "checkbox", radio: "radio", submit: "button", button: "button", reset: "button", image: "button" };
  const FORMS = { date: ` (${dayForm()})`, month: " (YYYY-MM)", "datetime-local": " (YYYY-MM-DDTHH:MM)" };
  const numbers = new WeakMap(), elements = [null], listening = new WeakSet(), focusing = new WeakSet(), tried = new WeakSet();
  const ITEM_CHARS = 300;

  const clean = (text) => text.replace(/[\u0000-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu, " ")
    .replace(/\s+/g, " ");
  const short = (text, size = NAME_CHARS) => { const one = clean(text || "").trim(); return one.length > size ? one.slice(0, size) + "..." : one; };
  const quoted = (text, size) => `"${short(text, size).replace(/"/g, "'")}"`;

  function number(element) {
    if (!numbers.has(element)) { numbers.set(element, elements.length); elements.push(new WeakRef(element)); }
    return numbers.get(element);
  }

  function color(text) {
    const parts = (text.match(/[\d.]+/g) || []).map(Number);
    return { r: parts[0] || 0, g: parts[1] || 0, b: parts[2] || 0, a: parts.length > 3 ? parts[3] : 1, plain: text.startsWith("rgb") };
  }
  function light({ r, g, b }) {
    const part = (value) => { value /= 255; return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  }
  function alike(one, other) {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05) < 1.12;
  }

  // What an element does to everything in it: null when a person sees nothing of it.
  function entered(element, style, state) {
    if (style.display === "none" || style.contentVisibility === "hidden") return null;
    const opacity = state.opacity * Number(style.opacity) * (/opacity\(0(\.0\d*)?%?\)/.test(style.filter) ? 0 : 1);
    if (opacity < 0.1) return null;
    if (/inset\((5\d|[6-9]\d|100)(\.\d+)?%|circle\(0|ellipse\(0|polygon\(0(px|%)? 0(px|%)?, 0(px|%)? 0/.test(style.clipPath)) return null;
    if (/^rect\((0|1)px,? (0|1)px,? (0|1)px,? (0|1)px\)$/.test(style.clip) && style.position !== "static") return null;
    const next = { ...state, opacity };
    if (style.display === "contents") return next;
    const placed = style.position;
    if (placed === "fixed" || (placed === "absolute" && !state.clipPositioned)) next.clip = null;
    if (style.overflowX !== "visible" || style.overflowY !== "visible") {
      const box = element.getBoundingClientRect();
      if (element !== element.ownerDocument.body && element !== element.ownerDocument.documentElement) {
        if ((box.width < 2 || box.height < 2) && placed !== "static") return null;
        if (box.width < 1 || box.height < 1) return null;
        if (/hidden|clip/.test(style.overflowX + style.overflowY)) {
          next.clip = meet(next.clip, box); next.clipPositioned = placed !== "static";
        }
      }
    }
    const back = color(style.backgroundColor);
    if (style.backgroundImage !== "none" || (back.a > 0 && (back.a < 0.9 || !back.plain))) next.back = null;
    else if (back.a >= 0.9) next.back = back;
    return next;
  }
  function meet(one, other) {
    const box = { left: other.left, top: other.top, right: other.right, bottom: other.bottom };
    if (!one) return box;
    return { left: Math.max(one.left, box.left), top: Math.max(one.top, box.top),
      right: Math.min(one.right, box.right), bottom: Math.min(one.bottom, box.bottom) };
  }
  function seen(box, state, view) {
    if (box.width < 1 || box.height < 1) return false;
    if (state.clip && (Math.min(box.right, state.clip.right) - Math.max(box.left, state.clip.left) < 1 ||
        Math.min(box.bottom, state.clip.bottom) - Math.max(box.top, state.clip.top) < 1)) return false;
    const page = view.document.documentElement;
    if (box.right + view.scrollX <= 0 || box.bottom + view.scrollY <= 0) return false;
    return box.left + view.scrollX < Math.max(page.scrollWidth, view.innerWidth) + 1;
  }
  function textSeen(node, style, state, view) {
    if (style.visibility !== "visible" || parseFloat(style.fontSize) < 3) return false;
    const range = node.ownerDocument.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()];
    const box = boxes.find((one) => seen(one, state, view));
    if (!box) return false;
    const ink = color(style.webkitTextFillColor || style.color);
    if (ink.a * state.opacity < 0.1) return style.backgroundClip === "text" || style.webkitBackgroundClip === "text";
    return !(state.back && ink.plain && alike(ink, state.back) && style.textShadow === "none") || onOther(node, box, view);
  }
  // Text in the colour of its ancestors may lie on something else: a picture, a box behind it.
  let looks = 0;
  function onOther(node, box, view) {
    if (looks++ > 40) return false;
    const x = view.scrollX, y = view.scrollY;
    if (box.top < 0 || box.bottom > view.innerHeight) view.scrollTo(x, box.top + y - view.innerHeight / 2);
    const at = boxOf(node);
    const under = node.ownerDocument.elementsFromPoint(at.left + at.width / 2, at.top + at.height / 2);
    view.scrollTo(x, y);
    return under.some((one) => !one.contains(node) && !node.parentElement.contains(one) && (/^(IMG|VIDEO|CANVAS|svg|PICTURE)$/i.test(one.tagName)
      || color(view.getComputedStyle(one).backgroundColor).a > 0.5 || view.getComputedStyle(one).backgroundImage !== "none"));
  }
  function boxOf(node) { const range = node.ownerDocument.createRange(); range.selectNodeContents(node); return range.getBoundingClientRect(); }

  function kindOf(element, style, state) {
    if (state.control) return null;
    const tag = element.tagName.toUpperCase(), role = (element.getAttribute("role") || "").split(" ")[0];
    if (tag === "INPUT") return element.type === "hidden" ? null : FIELDS[element.type] || "text field";
    if (tag === "TEXTAREA") return "text area";
    if (tag === "SELECT") return element.multiple ? "multiple select" : "select";
    if (tag === "BUTTON" || tag === "SUMMARY") return "button";
    if (element.isContentEditable && !element.parentElement?.isContentEditable) return "text area";
    if (ROLES[role]) return ROLES[role];
    if (tag === "A" || tag === "AREA") return element.hasAttribute("href") || style.cursor === "pointer" || element.hasAttribute("onclick") ? "link" : null;
    if (tag === "LABEL" || tag === "BODY" || tag === "HTML") return null;
    if (listening.has(element) || element.hasAttribute("onclick") || (element.hasAttribute("tabindex") && element.tabIndex >= 0)) return "item";
    return style.cursor === "pointer" && state.cursor !== "pointer" ? "item" : null;
  }
  const HOLDS = ["a[href],button,input,select,textarea,[onclick]", ...Object.keys(ROLES).map((role) => `[role=${role}]`)].join();

  function valueOf(element, kind) {
    if (kind === "password field") return ` = "${"*".repeat(Math.min(element.value.length, 12))}"`;
    if (/checkbox|radio|switch/.test(kind)) {
      const on = "checked" in element ? element.checked : element.getAttribute("aria-checked") === "true";
      return on ? " (checked)" : " (not checked)";
    }
    if (kind.endsWith("select") && element.options) {
      const chosen = [...element.selectedOptions].map((one) => quoted(one.label, 40)).join(", ");
      let list = "", count = 0;
      for (const one of element.options) { const name = short(one.label, 40); if (list.length + name.length > 400) break; list += (count++ ? " | " : "") + name; }
      const more = element.options.length - count;
      return ` = ${chosen || "nothing"}, options: ${list}${more > 0 ? ` and ${more} more` : ""}`;
    }
    if (kind === "slider" && element.min !== undefined) return ` = ${element.value} (${element.min || 0} to ${element.max || 100})`;
    if (kind === "file field") return element.files.length ? ` = ${quoted(element.files[0].name)}` : ` = ""`;
    if (/field|area/.test(kind)) return ` = ${quoted("value" in element ? element.value : element.innerText, 200)}${!element.value && FORMS[element.type] || ""}`;
    const said = ["aria-selected", "aria-expanded", "aria-pressed"].filter((name) => element.getAttribute(name) === "true");
    if (said.length) { tried.add(element); return ` (${said[0].slice(5)})`; }
    return element.getAttribute("aria-expanded") === "false" || isShutMenu(element) ? " (closed)" : "";
  }
  // A field that nobody types into, but that shows something to choose from when it is reached.
  const opens = (element) => listening.has(element) || focusing.has(element);
  // An entry of a menu that holds a menu of its own, and leads nowhere itself.
  function isShutMenu(element) {
    if (element.getAttribute("role") !== "menuitem" || !/^(true|menu)$/.test(element.getAttribute("aria-haspopup"))) return false;
    if (element.matches("a[href]:not([href^='#'])")) return false;
    const held = element.ownerDocument.getElementById(element.getAttribute("aria-controls") || "") || element.closest("li") || element;
    return ![...held.querySelectorAll("[role^=menuitem]")].some((one) => one !== element && one.checkVisibility?.(SHOWN));
  }
  // A day as this browser's date fields show it to a person, such as MM/DD/YYYY.
  function dayForm() {
    const names = { year: "YYYY", month: "MM", day: "DD" }, digits = { year: "numeric", month: "2-digit", day: "2-digit" };
    const parts = new Intl.DateTimeFormat(navigator.language, digits).formatToParts(new Date(2000, 0, 2));
    return parts.map(({ type, value }) => names[type] || value).join("");
  }
  function nameOf(element, kind, inside) {
    if (inside.trim()) return inside;
    if (kind === "button" && element.tagName === "INPUT") return element.value || element.alt || (element.type === "image" ? "" : element.type);
    const label = element.labels && [...element.labels].map((one) => labelOf(one)).join(" ").trim();
    const by = element.getAttribute("aria-labelledby");
    const named = by && by.split(/\s+/).map((id) => element.ownerDocument.getElementById(id)?.innerText || "").join(" ").trim();
    return label || named || element.getAttribute("aria-label") || element.placeholder || element.title ||
      element.querySelector?.("img[alt]")?.alt || (isField(element) ? beside(element) : "") || element.name || element.id || (/button|item|link/.test(kind) ? classOf(element) : "");
  }
  // Without what it holds of lists and areas: their options and texts are no name.
  function labelOf(label) {
    let words = label.innerText;
    for (const one of label.querySelectorAll("select,textarea,button")) words = words.replace(one.innerText, " ");
    return words;
  }
  // A drawn icon has no other name.
  const classOf = (element) => String(element.getAttribute("class") || "").replace(/[^\w -]/g, "").slice(0, 30);
  const isField = (element) => /^(TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable
    || /^(checkbox|radio|switch|textbox|searchbox|combobox|slider|spinbutton)$/.test(element.getAttribute("role") || "")
    || element.tagName === "INPUT" && !/^(submit|button|reset|image|hidden)$/.test(element.type);
  // The words beside a field that has no label for machines: those before it, or after it in a box of their own.
  const LABEL_CHARS = 60, LEVELS = 4, ASKS = "input:not([type=hidden]),select,textarea,button,[contenteditable]";
  function beside(field) {
    for (let node = field, level = 0; level < LEVELS && node.parentElement; node = node.parentElement, level++) {
      const alone = node.parentElement.querySelectorAll(ASKS).length === 1;
      const words = nextTo(node, "previousSibling") || (alone ? nextTo(node, "nextSibling") : "");
      if (words) return words.length > LABEL_CHARS ? "" : words.replace(/[\s:*]+$/, "");
      if (!alone) return "";
    }
    return "";
  }
  function nextTo(node, way) {
    let words = "";
    for (let one = node[way]; one; one = one[way]) {
      if (one.nodeType === 1 && (one.matches(ASKS) || one.querySelector(ASKS))) break;
      const breaks = one.nodeType === 1 && (one.tagName === "BR" || BLOCK.test(getComputedStyle(one).display));
      if (breaks && words.trim()) break;
      const told = seenWords(one);
      words = way === "previousSibling" ? `${told} ${words}` : `${words} ${told}`;
      if (breaks && words.trim()) break;
    }
    return clean(words).trim();
  }
  const SHOWN = { opacityProperty: true, visibilityProperty: true };
  function seenWords(root) {
    let words = "";
    const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = root.nodeType === 3 ? root : walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement, view = node.ownerDocument.defaultView;
      if (!node.data.trim() || SKIP.has(parent.tagName) || !parent.checkVisibility(SHOWN)) continue;
      if (textSeen(node, view.getComputedStyle(parent), { opacity: 1, clip: null, back: backOf(parent, view) }, view)) words += ` ${node.data}`;
    }
    return words;
  }
  function backOf(element, view) {
    for (let one = element; one; one = one.parentElement) {
      const style = view.getComputedStyle(one), back = color(style.backgroundColor);
      if (style.backgroundImage !== "none") return null;
      if (back.a > 0) return back.a >= 0.9 && back.plain ? back : null;
    }
    return { r: 255, g: 255, b: 255, a: 1 };
  }
  function elsewhere(element) {
    try { const to = new URL(element.href); return /^https?:$/.test(to.protocol) && to.host !== location.host ? ` (to ${to.host})` : ""; } catch { return ""; }
  }

  class Writer {
    constructor() { this.lines = []; this.line = ""; this.prefix = ""; this.chars = 0; this.nodes = 0; this.cut = false; }
    say(text) {
      const one = clean(text);
      if (!this.line && !one.trim()) return;
      this.line += this.line.endsWith(" ") && one.startsWith(" ") ? one.trimStart() : one;
    }
    flush() {
      const one = this.line.trim();
      if (/\] item:$/.test(one)) return; // its first words stand beside its number
      if (one) { this.lines.push(this.prefix + one); this.chars += one.length; this.prefix = ""; }
      this.line = "";
      if (this.chars > MAX_CHARS) this.cut = true;
    }
    get full() { return this.cut; }
  }

  function walk(node, state, out) {
    for (const child of node.childNodes) { if (out.full) return; visit(child, state, out); }
  }
  function visit(node, state, out) {
    if (out.nodes++ > MAX_NODES) { out.cut = true; return; }
    if (node.nodeType === 3) {
      if (!node.data.trim()) { out.say(" "); return; }
      if (textSeen(node, state.style, state, state.view)) out.say(node.data);
      return;
    }
    if (node.nodeType !== 1) return;
    const tag = node.tagName.toUpperCase();
    if (SKIP.has(tag)) return;
    if (tag === "BR") { if (state.control || state.cell) out.say(" "); else out.flush(); return; }
    const style = state.view.getComputedStyle(node);
    const next = entered(node, style, state);
    if (!next) { hiddenInput(node, state, out); return; }
    next.style = style; next.cursor = style.cursor;
    const block = !state.control && !state.cell && BLOCK.test(style.display);
    if (block) out.flush();
    if (block && /^H[1-6]$/.test(tag)) out.prefix = "#".repeat(Number(tag[1])) + " ";
    else if (block && tag === "LI") out.prefix = "- ";
    if (tag === "TD" || tag === "TH") {
      if (out.line.trim()) out.say(" | ");
      next.cell = node.textContent.length < CELL_CHARS && !node.querySelector("table");
    } else if (state.cell && BLOCK.test(style.display)) out.say(" ");
    inside(node, tag, style, next, out);
    if (block) { out.flush(); out.prefix = ""; }
  }
  function inside(node, tag, style, state, out) {
    let kind = kindOf(node, style, state);
    if (kind === "item" && (node.querySelector(HOLDS) || [...node.getElementsByTagName("*")].some((one) => listening.has(one)))) {
      // what holds other controls is told by them; a small one, such as a row of a list, has a number of its own, too
      if (listening.has(node) && node.textContent.trim() && node.textContent.length < ITEM_CHARS && !node.querySelector(HOLDS)) out.say(` [${number(node)}] item: `);
      kind = null;
    }
    if (kind) { control(node, kind, style, state, out); return; }
    if (tag === "IMG") { if (node.alt && seen(node.getBoundingClientRect(), state, state.view) && style.visibility === "visible") out.say(` (picture ${quoted(node.alt)}) `); return; }
    if (tag === "IFRAME" || tag === "FRAME") { frame(node, state, out); return; }
    if (tag === "LABEL" && node.control && labelled(node, state)) { walkLabel(node, state, out); return; }
    if (tag === "CANVAS" && !node.childElementCount) { if (seen(node.getBoundingClientRect(), state, state.view)) out.say(" (drawing, see a screenshot) "); return; }
    if (tag === "DETAILS" && !node.open) { const summary = [...node.children].find((one) => one.tagName === "SUMMARY"); if (summary) visit(summary, state, out); return; }
    if (node.shadowRoot) walk(node.shadowRoot, state, out);
    else if (tag === "SLOT" && node.assignedNodes().length) { for (const one of node.assignedNodes()) visit(one, state, out); }
    else walk(node, state, out);
  }
  // The words of a label are the name of its control, and are not said twice.
  function labelled(label, state) {
    const of = label.control;
    return short(label.innerText, 1000).length <= NAME_CHARS && of.checkVisibility?.(SHOWN);
  }
  function walkLabel(label, state, out) {
    for (const one of label.querySelectorAll("input,select,textarea,button")) visit(one, state, out);
  }
  // A tick box or a file field that is drawn by its label: the label is what a person clicks.
  function hiddenInput(node, state, out) {
    if (node.tagName !== "INPUT" || !/^(checkbox|radio|file)$/.test(node.type) || !node.labels) return;
    const label = [...node.labels].find((one) => one.checkVisibility?.(SHOWN));
    if (label) out.say(` [${number(node)}] ${FIELDS[node.type]} ${quoted(label.innerText)}${valueOf(node, FIELDS[node.type])} `);
  }
  function control(node, kind, style, state, out) {
    if (style.visibility !== "visible" || !(seen(node.getBoundingClientRect(), state, state.view) || [...node.getClientRects()].some((box) => seen(box, state, state.view)))) {
      hiddenInput(node, state, out);
      if (kind === "link" || kind === "item") walk(node, state, out);
      return;
    }
    let words = "";
    if (!/field|area|select/.test(kind)) {
      const part = new Writer(); part.nodes = out.nodes;
      walk(node.shadowRoot || node, { ...state, control: true }, part);
      words = part.lines.join(" ") + part.line; out.nodes = part.nodes;
    }
    if (kind === "item" && !words.trim() && !nameOf(node, kind, "")) return;
    const off = node.disabled || node.getAttribute("aria-disabled") === "true" ? " (disabled)" : node.readOnly && !opens(node) ? " (read only)" : "";
    out.say(` [${number(node)}] ${kind} ${quoted(nameOf(node, kind, words))}${kind === "link" ? elsewhere(node) : ""}${valueOf(node, kind)}${off} `);
  }
  function frame(node, state, out) {
    const box = node.getBoundingClientRect();
    if (!seen(box, state, state.view)) return;
    let inner = null;
    try { inner = node.contentDocument; } catch { /* another origin */ }
    if (inner?.body) {
      const view = inner.defaultView;
      out.flush();
      walk(inner.body, { ...state, view, style: view.getComputedStyle(inner.body), clip: null, back: state.back, cursor: "auto", control: false }, out);
      out.flush();
    } else out.say(` (frame of another page${node.src ? `, ${short(node.src, 200)}` : ""}, not shown) `);
  }

  function start() {
    const root = document.body || document.documentElement, style = getComputedStyle(root);
    const html = color(getComputedStyle(document.documentElement).backgroundColor), body = color(style.backgroundColor);
    const drawn = [root, document.documentElement].some((one) => getComputedStyle(one).backgroundImage !== "none");
    const back = drawn ? null : body.a > 0.9 ? body : html.a > 0.9 ? html : { r: 255, g: 255, b: 255, a: 1 };
    return { root, state: { opacity: 1, clip: null, clipPositioned: false, back, view: window, style, cursor: style.cursor, control: false } };
  }
  function look() {
    looks = 0;
    const out = new Writer();
    if (document.body || document.documentElement) {
      const { root, state } = start();
      const next = entered(root, state.style, state);
      if (next) walk(root, { ...next, back: state.back }, out);
      out.flush();
    }
    return { title: short(document.title, 120), url: location.href, born: performance.timeOrigin, lines: out.lines, cut: out.cut };
  }

  function at(n) {
    const element = elements[n]?.deref();
    return element && element.isConnected ? element : null;
  }
  function describe(element) {
    const kind = kindOf(element, element.ownerDocument.defaultView.getComputedStyle(element), { cursor: "", control: false }) || "item";
    const words = /field|area|select/.test(kind) ? "" : element.innerText || element.textContent || "";
    return { kind, name: `${kind} ${quoted(nameOf(element, kind, words), 60)}`, tag: element.tagName.toLowerCase(), type: element.type || "",
      href: element.closest?.("a[href]")?.href || "", disabled: !!element.disabled, editable: element.isContentEditable, fixed: !!element.readOnly,
      checked: "checked" in element ? element.checked : element.getAttribute("aria-checked") === "true" };
  }
  // When nothing has changed for `still` milliseconds, or `most` are over.
  function quiet(still, most) {
    return new Promise((done) => {
      const end = () => { watch.disconnect(); clearTimeout(last); clearTimeout(timer); done(true); };
      const watch = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, still); });
      watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      let timer = setTimeout(end, still);
      const last = setTimeout(end, most);
    });
  }
  const listens = (pressed, ...found) => found.forEach((one, at) => one && (pressed[at] ? listening : focusing).add(one));
  const holdsMenu = (n) => { const element = at(n); return !!element && isShutMenu(element); };
  const agent = () => navigator.userAgent;
  return { look, listens, dayForm, holdsMenu, agent, quiet, at, number, describe, nameOf, classOf, isField, short, elements, listening, tried, SHOWN, HOLDS, SKIP, seenWords };
})();
