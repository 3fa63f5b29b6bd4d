const form = document.getElementById("sign");
const status = document.getElementById("status");
const entries = document.getElementById("entries");
const chosen = document.getElementById("picture");
const preview = document.getElementById("preview");
const none = document.getElementById("none");

// One key for one signature: sent again after a broken connection, it signs once.
let key = crypto.randomUUID();

form.addEventListener("input", () => { key = crypto.randomUUID(); });

chosen.addEventListener("change", () => {
  URL.revokeObjectURL(preview.src);
  preview.hidden = chosen.files.length === 0;
  if (chosen.files.length) preview.src = URL.createObjectURL(chosen.files[0]);
  else preview.removeAttribute("src");
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const signed = await ask("POST", "/entries", new FormData(form));
  if (!signed) return;
  key = crypto.randomUUID();
  form.reset();
  chosen.dispatchEvent(new Event("change"));
  say("Thank you for signing.");
  await show();
});

async function show() {
  const found = await ask("GET", "/entries");
  if (!found) return;
  const newestFirst = found.sort((a, b) => b.id - a.id);
  entries.replaceChildren(...newestFirst.map(item));
  none.hidden = newestFirst.length > 0;
}

function item(entry) {
  const name = element("strong", entry.name);
  const when = element("time", new Date(entry.created).toLocaleString());
  when.dateTime = entry.created;
  const remove = element("button", "Remove");
  remove.type = "button";
  remove.setAttribute("aria-label", `Remove the entry of ${entry.name}`);
  remove.addEventListener("click", async () => {
    remove.disabled = true;
    if (await ask("DELETE", `/entries/${entry.id}`)) await show();
    remove.disabled = false;
  });
  const line = element("p");
  line.append(name, entry.stars ? ` ${"★".repeat(entry.stars)} ` : " ", when, " ", remove);
  const whole = element("li");
  whole.append(line, element("p", entry.message ?? ""));
  if (entry.picture) whole.append(picture(entry));
  return whole;
}

/** What is kept of a file is its name, type, size and hash; the site serves it by the hash. */
function picture(entry) {
  const shown = element("img");
  shown.src = `/files/${entry.picture.sha256}`;
  shown.alt = `A picture from ${entry.name}: ${entry.picture.name}`;
  shown.loading = "lazy";
  return shown;
}

/** The answer's JSON (true when it has no body), or undefined after showing what went wrong. */
async function ask(method, path, values) {
  const button = form.querySelector("button");
  button.disabled = true;
  say("The model is thinking …");
  try {
    const headers = { Accept: "application/json" };
    if (method === "POST") headers["Idempotency-Key"] = key;
    const response = await fetch(path, { method, headers, body: values });
    const body = response.status === 204 ? true : await response.json();
    if (!response.ok) return say(body.detail, true);
    say("");
    return body;
  } catch {
    return say("The backend cannot be reached. Is the kernel running?", true);
  } finally {
    button.disabled = false;
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
