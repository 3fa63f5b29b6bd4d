const form = document.getElementById("note");
const search = document.getElementById("search");
const status = document.getElementById("status");
const heading = document.getElementById("note-title");
const cancel = document.getElementById("cancel");

// One key for one note: sent again after a broken connection, it is kept once.
let key = crypto.randomUUID();
let editing = null;

form.addEventListener("input", () => { key = crypto.randomUUID(); });
form.addEventListener("submit", keep);
cancel.addEventListener("click", () => edit(null));
search.addEventListener("submit", (event) => { event.preventDefault(); showNotes(); });
search.elements.tag.addEventListener("change", () => showNotes());

async function keep(event) {
  event.preventDefault();
  const { title, text, tags } = form.elements;
  const names = tags.value.split(",").map((tag) => tag.trim()).filter(Boolean);
  const values = { title: title.value, text: text.value, tags: [...new Set(names)] };
  const kept = editing ? await ask("PATCH", `/notes/${editing}`, values) : await ask("POST", "/notes", values);
  if (!kept) return;
  edit(null);
  await show();
}

/** Fill the form with a note to change it; null for a new one. */
function edit(note) {
  editing = note?.id ?? null;
  key = crypto.randomUUID();
  heading.textContent = note ? "Change the note" : "A new note";
  cancel.hidden = !note;
  form.elements.title.value = note?.title ?? "";
  form.elements.text.value = note?.text ?? "";
  form.elements.tags.value = note?.tags.join(", ") ?? "";
  if (note) form.elements.title.focus();
}

async function show() {
  const counts = await ask("GET", "/tags");
  if (!counts) return;
  const { tag } = search.elements;
  const chosen = tag.value;
  const names = Object.keys(counts).sort();
  tag.replaceChildren(new Option("any", ""), ...names.map((name) => new Option(`${name} (${counts[name]})`, name)));
  tag.value = names.includes(chosen) ? chosen : "";
  await showNotes();
}

async function showNotes() {
  const wanted = [...new FormData(search)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(wanted).toString();
  const found = await ask("GET", query ? `/notes?${query}` : "/notes");
  if (!found) return;
  document.getElementById("notes").replaceChildren(...found.map(item));
  document.getElementById("none").hidden = found.length > 0;
}

function item(note) {
  const when = element("time", new Date(note.updated).toLocaleString());
  when.dateTime = note.updated;
  const line = element("p");
  for (const name of note.tags) {
    const tag = element("span", `#${name}`);
    tag.className = "tag";
    line.append(tag);
  }
  line.append(when);
  const buttons = element("div");
  buttons.className = "row";
  buttons.append(button("Change", note, () => edit(note)), button("Remove", note, () => remove(note)));
  const whole = element("li");
  whole.append(element("h3", note.title), element("p", note.text), line, buttons);
  return whole;
}

async function remove(note) {
  if (!(await ask("DELETE", `/notes/${note.id}`))) return;
  if (editing === note.id) edit(null);
  await show();
}

function button(text, note, pressed) {
  const made = element("button", text);
  made.type = "button";
  made.className = "plain";
  made.setAttribute("aria-label", `${text} ${note.title}`);
  made.addEventListener("click", pressed);
  return made;
}

/** The answer's JSON (true when it has no body), or undefined after showing what went wrong. */
async function ask(method, path, values) {
  const submit = form.querySelector("button");
  submit.disabled = true;
  say("One moment …");
  try {
    const headers = { Accept: "application/json" };
    if (values) headers["Content-Type"] = "application/json";
    if (method === "POST") headers["Idempotency-Key"] = key;
    const response = await fetch(path, { method, headers, body: values && JSON.stringify(values) });
    const body = response.status === 204 ? true : await response.json();
    if (!response.ok) return say(body.detail, true);
    say("");
    return body;
  } catch {
    return say("The backend cannot be reached. Is the kernel running?", true);
  } finally {
    submit.disabled = false;
  }
}

function say(text, bad = false) {
  status.textContent = text;
  status.classList.toggle("bad", bad);
}

function element(tag, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

await show();
