// Makes a form talk to its backend without leaving the page. Without this file the form is an ordinary POST.

const UNSHOWN = new Set(["id", "created"]);

class LiveForm {
  constructor(form) {
    this.form = form;
    this.url = form.getAttribute("action");
    this.status = element("p", { className: "status", role: "status", id: `${form.id}-status` });
    form.after(this.status);
    this.entries = new Entries(this.url, this.status, form);
    this.status.after(this.entries.section);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(event.submitter);
    });
    this.key = crypto.randomUUID();
    form.addEventListener("input", () => {
      this.key = crypto.randomUUID();
    });
    this.entries.load();
  }

  // The key stays until the entry is stored or changed, so that sending it again cannot store it twice.
  async submit(submitter) {
    const buttons = this.form.querySelectorAll("button[type=submit]");
    clearProblems(this.form);
    buttons.forEach((button) => (button.disabled = true));
    const started = performance.now();
    say(this.status, "thinking", "The kernel is thinking …");
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": this.key },
        body: JSON.stringify(valuesOf(this.form, submitter)),
      });
      if (!response.ok) throw await problemOf(response);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      say(this.status, "good", `${storedAs(response)} in ${seconds} s.`);
      this.key = crypto.randomUUID();
      this.form.reset();
      this.entries.load();
    } catch (problem) {
      showProblem(this.form, this.status, problem);
    } finally {
      buttons.forEach((button) => (button.disabled = false));
    }
  }
}

class Entries {
  constructor(url, status, form) {
    this.url = url;
    this.status = status;
    this.form = form;
    this.list = element("ul");
    const heading = element("h2", { textContent: "Stored entries", id: `${form.id}-entries` });
    this.section = element("section", { className: "entries", hidden: true });
    this.section.setAttribute("aria-labelledby", heading.id);
    this.section.append(heading, this.list);
  }

  async load() {
    const response = await fetch(this.url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response?.ok) return;
    const body = await response.json();
    const entries = Array.isArray(body) ? body : Object.entries(body ?? {}).map(([id, entry]) => ({ id, ...entry }));
    this.list.replaceChildren(...entries.reverse().map((entry) => this.item(entry)));
    this.section.hidden = entries.length === 0;
  }

  item(entry) {
    const facts = element("dl");
    for (const [name, value] of Object.entries(entry)) {
      if (UNSHOWN.has(name) || value === "" || value === null) continue;
      const fact = element("div");
      fact.append(
        element("dt", { textContent: labelOf(this.form, name) }),
        element("dd", { textContent: typeof value === "boolean" ? (value ? "yes" : "no") : String(value) }),
      );
      facts.append(fact);
    }
    const button = element("button", { type: "button", className: "quiet", textContent: "Delete" });
    button.setAttribute("aria-label", `Delete entry ${entry.id}`);
    button.addEventListener("click", () => this.remove(entry.id, button));
    const item = element("li");
    item.append(facts, button);
    return item;
  }

  async remove(id, button) {
    button.disabled = true;
    say(this.status, "thinking", "The kernel is thinking …");
    try {
      const response = await fetch(`${this.url}/${encodeURIComponent(id)}`, {
        method: "DELETE",
        headers: { Accept: "application/json", "Idempotency-Key": crypto.randomUUID() },
      });
      if (!response.ok) throw await problemOf(response);
      say(this.status, "good", "Deleted.");
      await this.load();
    } catch (problem) {
      showProblem(this.form, this.status, problem);
      button.disabled = false;
    }
  }
}

// What the form's fields hold, in the types of the backend's schema: check boxes are true or false, numbers numbers.
function valuesOf(form, submitter) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || field.type === "submit" || field.type === "reset") continue;
    if (field.type === "checkbox") values[field.name] = field.checked;
    else if (field.type === "radio") field.checked && (values[field.name] = field.value);
    else if (field.value === "") continue;
    else values[field.name] = field.type === "number" ? field.valueAsNumber : field.value;
  }
  if (submitter?.name) values[submitter.name] = submitter.value;
  return values;
}

function storedAs(response) {
  const version = response.headers.get("ETag")?.match(/\d+/)?.[0];
  return version ? `Stored as version ${version}` : "Stored";
}

// RFC 9457: {title, detail, errors: [{pointer | name, detail}]}
async function problemOf(response) {
  const problem = await response.json().catch(() => ({}));
  return { title: `The backend answered ${response.status}`, ...problem };
}

function showProblem(form, status, problem) {
  if (problem instanceof TypeError) problem = { title: "The backend cannot be reached", detail: "Is the kernel running?" };
  const loose = [];
  for (const error of problem.errors ?? []) {
    const name = String(error.name ?? error.pointer ?? "").split("/").pop();
    const field = name && form.elements.namedItem(name);
    if (field instanceof HTMLElement) mark(field, error.detail ?? "is not right");
    else loose.push(error.detail);
  }
  const detail = [problem.detail, ...loose].filter(Boolean).join(" ");
  say(status, "bad", detail ? `${problem.title}: ${detail}` : problem.title);
  form.querySelector("[aria-invalid]")?.focus();
}

function mark(field, text) {
  const note = element("p", { className: "problem", id: `${field.id}-problem`, textContent: text });
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", note.id);
  field.after(note);
}

function clearProblems(form) {
  for (const note of form.querySelectorAll(".problem")) note.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

function labelOf(form, name) {
  const field = form.elements.namedItem(name);
  const first = field instanceof RadioNodeList ? field[0] : field;
  const legend = first?.type === "radio" ? first.closest("fieldset")?.querySelector("legend") : null;
  const words = legend ?? first?.labels?.[0];
  return (words?.textContent ?? name.replaceAll("_", " ")).trim().replace(/:$/, "");
}

function say(status, state, text) {
  status.dataset.state = state;
  status.textContent = text;
}

function element(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

for (const form of document.querySelectorAll("form[action]")) new LiveForm(form);

for (const stepper of document.querySelectorAll(".stepper")) {
  const number = stepper.querySelector("input");
  const [less, more] = stepper.querySelectorAll("button");
  const step = (by) => {
    number.value = Math.max(0, (number.valueAsNumber || 0) + by);
    number.dispatchEvent(new Event("input", { bubbles: true }));
  };
  less.addEventListener("click", () => step(-1));
  more.addEventListener("click", () => step(1));
}
