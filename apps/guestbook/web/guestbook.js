const form = document.getElementById("sign");
const status = document.getElementById("status");
const entries = document.getElementById("entries");
const none = document.getElementById("none");

// One key for one signature: sent again after a broken connection, it signs once.
let key = crypto.randomUUID();

form.addEventListener("input", () => { key = crypto.randomUUID(); });

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const values = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  if (values.stars) values.stars = Number(values.stars);
  const signed = await ask("POST", "/entries", values);
  if (!signed) return;
  key = crypto.randomUUID();
  form.reset();
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
  return whole;
}

/** The answer's JSON (true when it has no body), or undefined after showing what went wrong. */
async function ask(method, path, values) {
  const button = form.querySelector("button");
  button.disabled = true;
  say("The model is thinking …");
  try {
    const headers = { Accept: "application/json" };
    if (method === "POST") Object.assign(headers, { "Content-Type": "application/json", "Idempotency-Key": key });
    const response = await fetch(path, { method, headers, body: values && JSON.stringify(values) });
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
