// The calendar that a page shows, as days and months to click.
(() => {
  if (llmos.calendar) return;
  const { number, shown, leads, classOf, short, SKIP } = llmos;

  // The calendar that is open: its month, the numbers of its days, and those of what turns to the month before and after.
  const PREVIOUS = /\bprev(ious)?\b|\bback\b|[‹«<←]/i, NEXT = /\bnext\b|\bforward\b|[›»>→]/i, MIN_DAYS = 28, CLIMB = 6;
  function monthNames() {
    const names = (language) => [...Array(12).keys()].map((month) => new Intl.DateTimeFormat(language, { month: "long" }).format(new Date(2000, month, 1)).toLowerCase());
    try { return [names("en"), names(document.documentElement.lang || "en")]; } catch { return [names("en")]; }
  }
  function monthOf(element, all) {
    const parts = short(element.innerText, 40).toLowerCase().match(/^(?:(\p{L}+)\.?[\s,]+(\d{4})|(\d{4})[\s,]+(\p{L}+))$/u);
    const month = parts && Math.max(...all.map((names) => names.indexOf(parts[1] || parts[4])));
    return parts && month >= 0 ? { year: Number(parts[2] || parts[3]), month: month + 1 } : null;
  }
  function calendar() {
    const all = monthNames();
    for (const head of [...document.querySelectorAll("body *")].slice(0, 20000)) {
      if (head.childElementCount > 6 || SKIP.has(head.tagName) || !/\d{4}/.test(head.textContent) || !shown(head)) continue;
      const month = monthOf(head, all);
      for (let box = head.parentElement, level = 0; month && box && box !== document.body && level < CLIMB; box = box.parentElement, level++) {
        const days = daysOf(box);
        if (Object.keys(days).length >= MIN_DAYS) return { ...month, days, prev: turns(box, PREVIOUS), next: turns(box, NEXT) };
      }
    }
    return null;
  }
  // Those of the months beside it stand before its first and after its last.
  function daysOf(box) {
    const cells = [...box.querySelectorAll("*")].filter((one) => !one.childElementCount && /^\s*\d{1,2}\s*$/.test(one.textContent) && shown(one));
    const days = {}, from = cells.findIndex((one) => Number(one.textContent) === 1);
    for (const [at, one] of cells.slice(from < 0 ? cells.length : from).entries()) {
      if (Number(one.textContent) !== at + 1) break;
      days[at + 1] = number(one);
    }
    return days;
  }
  function turns(box, way) {
    const found = [...box.querySelectorAll("*")].find((one) => shown(one) && leads(one) && way.test([one.title, one.getAttribute("aria-label"), one.childElementCount ? "" : one.textContent, classOf(one)].join(" ")));
    return found ? number(found) : 0;
  }

  Object.assign(llmos, { calendar });
})();
