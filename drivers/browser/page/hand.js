// What a hand needs to know of an element, and what fields are made to hold.
(() => {
  if (llmos.point) return;
  const { at, describe, short, tried, SHOWN } = llmos;

  function offset(element) {
    let x = 0, y = 0, view = element.ownerDocument.defaultView;
    while (view && view !== window) {
      const box = view.frameElement.getBoundingClientRect(), holder = view.frameElement;
      x += box.left + holder.clientLeft; y += box.top + holder.clientTop; view = view.parent;
    }
    return { x, y };
  }
  function hit(element, x, y) {
    let top = element.ownerDocument.elementFromPoint(x, y);
    while (top?.shadowRoot) { const deeper = top.shadowRoot.elementFromPoint(x, y); if (!deeper || deeper === top) break; top = deeper; }
    return top;
  }
  const holds = (element, top) => { for (let one = top; one; one = one.parentNode || one.host) if (one === element) return true; return false; };
  function point(n) {
    const element = at(n);
    if (!element) return { gone: true };
    tried.add(element);
    return { ...describe(element), ...spot(element) };
  }
  // Where to click an element: a point of it that nothing else covers.
  function spot(element) {
    if (!element.checkVisibility?.(SHOWN) || element.getBoundingClientRect().width < 2) {
      element = element.labels?.[0] || element;
    }
    if (element.tagName === "OPTION" && element.closest("select")) return { option: true };
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const from = offset(element), boxes = [...element.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
    let covered = null;
    for (const box of boxes) {
      for (const [fx, fy] of [[0.5, 0.5], [0.2, 0.5], [0.8, 0.5], [0.5, 0.2], [0.5, 0.8]]) {
        const x = box.left + box.width * fx, y = box.top + box.height * fy, top = hit(element, x, y);
        if (top && (holds(element, top) || element.labels && [...element.labels].some((one) => holds(one, top)))) return { x: x + from.x, y: y + from.y };
        covered ??= top;
      }
    }
    return { covered: covered ? short(covered.innerText || covered.tagName, 60) || covered.tagName.toLowerCase() : "something" };
  }
  function tell(element) { for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true })); }
  // Fields that take a value in one form only, which keys cannot be trusted to make.
  function set(n, text) {
    const element = at(n);
    const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    setter.call(element, text);
    if (element.value !== text && element.type !== "range") return { refused: true, value: element.value };
    tell(element);
    return { value: element.value };
  }
  // One option by its name; of a list of names exactly these, where several can be chosen.
  function choose(n, wanted) {
    const element = at(n), plain = (text) => short(text, 1000).toLowerCase();
    if (!element) return { gone: true };
    if (element.tagName !== "SELECT") return { ...describe(element), none: true };
    const options = [...element.options], names = Array.isArray(wanted) ? wanted : [wanted], chosen = [];
    for (const name of names) {
      const option = options.find((one) => plain(one.label) === plain(name) || one.value === name) || options.find((one) => plain(one.label).includes(plain(name)));
      if (!option) return { wanted: name, options: options.slice(0, 30).map((one) => short(one.label, 40)) };
      if (option.disabled) return { disabled: name };
      chosen.push(option);
    }
    element.focus();
    if (Array.isArray(wanted)) for (const option of options) option.selected = false;
    for (const option of chosen) option.selected = true;
    tell(element);
    return { ...describe(element), chosen: chosen.map((one) => short(one.label)).join('", "') };
  }
  const held = (n) => { const element = at(n); return element ? element.value ?? element.innerText : null; };
  function selectAll(n) {
    const element = at(n);
    element.focus();
    if (element.select) element.select();
    else element.ownerDocument.getSelection().selectAllChildren(element);
  }

  Object.assign(llmos, { point, spot, set, choose, held, selectAll });
})();
