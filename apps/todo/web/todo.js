const form = document.getElementById("add");
const status = document.getElementById("status");
const todos = document.getElementById("todos");
const none = document.getElementById("none");
const clear = document.getElementById("clear");

// One key for one todo: sent again after a broken connection, it is added once.
let key = crypto.randomUUID();

form.addEventListener("input", () => { key = crypto.randomUUID(); });

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!(await ask("POST", "/todos", { title: form.elements.title.value }))) return;
  key = crypto.randomUUID();
  form.reset();
  await show();
});

clear.addEventListener("click", async () => {
  if (await ask("DELETE", "/todos")) await show();
});

async function show() {
  const found = await ask("GET", "/todos");
  if (!found) return;
  todos.replaceChildren(...found.map(item));
  none.hidden = found.length > 0;
  clear.hidden = found.length === 0;
}

function item(todo) {
  const check = element("input");
  check.type = "checkbox";
  check.id = `todo-${todo.id}`;
  check.checked = todo.completed;
  check.addEventListener("change", async () => {
    const changed = await ask("PATCH", `/todos/${todo.id}`, { completed: check.checked });
    if (changed) await show();
    else check.checked = todo.completed;
  });
  const label = element("label", todo.title);
  label.htmlFor = check.id;
  const remove = element("button", "Remove");
  remove.type = "button";
  remove.setAttribute("aria-label", `Remove ${todo.title}`);
  remove.addEventListener("click", async () => {
    if (await ask("DELETE", `/todos/${todo.id}`)) await show();
  });
  const whole = element("li");
  whole.classList.toggle("done", todo.completed);
  whole.append(check, label, remove);
  return whole;
}

/** The answer's JSON (true when it has no body), or undefined after showing what went wrong. */
async function ask(method, path, values) {
  const button = form.querySelector("button");
  button.disabled = true;
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
