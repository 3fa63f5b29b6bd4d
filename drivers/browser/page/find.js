// Which element is meant by words: of a control, of a field, of what is written on the page.
(() => {
  if (llmos.find) return;
  const { at, number, describe, nameOf, isField, short, elements, listening, tried, SHOWN, HOLDS, SKIP, seenWords, spot } = llmos;

  // What says `text`: a control, then the smallest element that says just that or little more; failing these, what is of
  // that kind. What only stands somewhere in a longer text is told as such: a click on that leads nowhere.
  const LITTLE_MORE = 3, SHORT_CHARS = 40;
  const shown = (element) => element.checkVisibility?.(SHOWN) && element.getBoundingClientRect().width > 0;
  const numbered = () => elements.map((one, n) => [n, one?.deref()]).filter(([, element]) => element?.isConnected);
  const known = () => numbered().filter(([, element]) => shown(element));
  // A tick box may be drawn by its label alone.
  const fieldsShown = () => numbered().filter(([, element]) => isField(element) && (shown(element) || [...element.labels || []].some(shown)));
  const ofKind = (found, wanted) => found.find(([, element]) => [describe(element).kind, describe(element).name.toLowerCase()].includes(wanted));
  function says(element, wanted, whole, kind = "") {
    const within = (told) => wanted.length > 2 ? told.includes(wanted) : told.split(/[^\p{L}\p{N}+×-]+/u).includes(wanted);
    const told = wordsOf(element).toLowerCase(), name = short(nameOf(element, kind, ""), 1000).toLowerCase();
    return whole ? told === wanted || name === wanted : within(told) || within(name);
  }
  const wordsOf = (element) => short(element.value && /button|submit|reset/.test(element.type) ? element.value : element.innerText ?? element.textContent, 1000);
  function smallest(wanted, whole) {
    const all = [...document.querySelectorAll("body *")].slice(0, 20000).filter((one) => !SKIP.has(one.tagName) && says(one, wanted, whole) && shown(one));
    return all.filter((one) => ![...one.children].some((child) => all.includes(child)));
  }
  // Whether a click on it is for something, as far as can be seen.
  function leads(element) {
    for (let one = element; one && one !== document.body; one = one.parentElement) if (listening.has(one) || one.matches(HOLDS)) return true;
    return getComputedStyle(element).cursor === "pointer";
  }
  function find(text, exactly) {
    const wanted = short(text, 1000).toLowerCase(), size = Math.max(SHORT_CHARS, wanted.length * LITTLE_MORE);
    let named = null;
    for (const whole of exactly ? [true] : [true, false]) {
      const controls = known().filter(([, element]) => says(element, wanted, whole, describe(element).kind) && (whole || leads(element)));
      if (controls.length) return theOne(controls);
      const found = smallest(wanted, whole), near = found.filter((one) => wordsOf(one).length <= size);
      const best = near.find(leads) || whole && near[0];
      if (best) return { number: number(best) };
      const kind = whole && ofKind(known(), wanted);
      if (kind) return { number: kind[0] };
      named ??= found[0];
    }
    const marked = !exactly && sameMark(wanted).map((other) => known().find(([, element]) => says(element, other, true))).find(Boolean);
    return marked ? { number: marked[0] } : { within: named ? short(wordsOf(named)) : "", closed: closed() };
  }
  // The first, unless there are others of its name that do something else: which of them is meant, their rows tell.
  const MAX_TOLD = 12;
  function theOne(controls) {
    const [, first] = controls[0], { name } = describe(first), alike = controls.filter(([, element]) => describe(element).name === name);
    const apart = alike.filter(([, element]) => !alike.some(([, other]) => other !== element && element.contains(other)));
    const acts = new Set(apart.map(([n, { href }]) => href || n));
    if (acts.size < 2) return { number: controls[0][0] };
    const open = apart.filter(([, element]) => "x" in spot(element));
    if (open.length < 2) return { number: (open[0] || controls[0])[0] };
    return { several: open.slice(0, MAX_TOLD).map(([n, element]) => [n, rowOf(element, open)]) };
  }
  // The words that a person sees with it and with no other of its name.
  function rowOf(element, all) {
    let row = element;
    while (row.parentElement && !all.some(([, other]) => other !== element && row.parentElement.contains(other))) row = row.parentElement;
    const beside = row.previousElementSibling;
    return short(seenWords(row), 60) || (beside ? short(seenWords(beside), 60) : "");
  }
  // A button that is a drawing is called by the drawing or by what it does, whichever of them its page has written.
  const MARKS = [["x", "×", "✕", "✖", "close"], ["☰", "≡", "menu"], ["🔍", "🔎", "⌕", "search"]];
  const sameMark = (wanted) => MARKS.find((same) => same.includes(wanted))?.filter((other) => other !== wanted) || [];
  // What would show more when it is clicked and was never open: parts, tabs and menus that are shut.
  const SHUT = "[aria-expanded=false],[role=tab][aria-selected=false],[aria-haspopup]:not([aria-expanded=true]),details:not([open])>summary";
  function closed() {
    return [...document.querySelectorAll(SHUT)].filter((one) => shown(one) && !tried.has(one)).slice(0, 8).map((one) => `[${number(one)}] ${describe(one).name}`);
  }
  // A field by its name, or the unnamed one that follows these words. A button of that name is told, not passed over.
  function findField(text) {
    const wanted = short(text, 1000).toLowerCase(), fields = fieldsShown();
    for (const whole of [true, false]) {
      const named = fields.find(([, element]) => says(element, wanted, whole)) || whole && ofKind(fields, wanted);
      if (named) return { number: named[0] };
      for (const words of smallest(wanted, whole)) {
        const button = words.closest("a[href],button,[role=button]");
        if (button && whole) return { number: number(button) };
        const after = !button && fields.find(([, element]) => follows(words, element));
        if (after && (after[1].type === "radio" || isUnnamed(after[1]))) return { number: after[0] };
      }
    }
    return { fields: fields.slice(0, 20).map(([, element]) => short(nameOf(element, "", "")) || describe(element).kind) };
  }
  const follows = (words, element) => words.ownerDocument === element.ownerDocument && words.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
  const isUnnamed = (element) => [element.name, element.id, ""].includes(nameOf(element, "", ""));
  // The lists that have an option of just this name.
  function listsWith(text) {
    const wanted = short(text, 1000).toLowerCase();
    const has = (element) => element.tagName === "SELECT" && [...element.options].some((one) => short(one.label, 1000).toLowerCase() === wanted);
    return known().filter(([, element]) => has(element)).map(([n, element]) => [n, describe(element).name]);
  }
  // The radio buttons of its group: number and words of each.
  function radios(n) {
    const one = at(n), root = one?.getRootNode();
    if (!one || describe(one).kind !== "radio") return [];
    const group = one.tagName === "INPUT" ? [...root.querySelectorAll("input[type=radio]")].filter((other) => other.name === one.name && other.form === one.form)
      : [...(one.closest("[role=radiogroup]") || root).querySelectorAll("[role=radio]")];
    return group.map((other) => [number(other), short(nameOf(other, "", other.innerText || ""))]);
  }

  // Whether the field that has the keys is sent by the key Enter alone, as no button is there to do it.
  function enterSends() {
    const element = document.activeElement;
    if (element?.tagName !== "INPUT" || !isField(element)) return false;
    return ![...(element.form || document).querySelectorAll("button,input[type=submit],input[type=image],input[type=button],[role=button]")].some(shown);
  }

  Object.assign(llmos, { find, findField, listsWith, enterSends, radios, shown, leads });
})();
