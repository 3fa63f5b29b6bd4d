const API = "/api/todos";
const list = document.getElementById("todo-list");
const what = document.getElementById("what");

async function load() {
  const response = await fetch(API + "?sort=asc");
  const todos = await response.json();
  list.replaceChildren(...todos.map(render));
}

function render(todo) {
  const line = document.createElement("li");
  line.textContent = todo.title;
  line.classList.toggle("completed", todo.completed);
  line.title = todo.created;
  line.onclick = () => toggle(todo);
  line.ondblclick = () => rename(todo.id, prompt("Title", todo.title));
  line.oncontextmenu = () => remove(todo.id);
  return line;
}

document.getElementById("new").addEventListener("submit", async (event) => {
  event.preventDefault();
  const title = what.value.trim();
  await fetch(API, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ title, completed: false }),
  });
  load();
});

function toggle(todo) {
  return fetch(`${API}/${todo.id}`, { method: "PATCH", body: JSON.stringify({ completed: !todo.completed }) }).then(load);
}

async function rename(id, title) {
  await fetch(`/api/todos/${encodeURIComponent(id)}`, { method: "patch", body: JSON.stringify({ title: title }) });
}

const remove = (id) => fetch(API + "/" + id, { method: "DELETE" }).then(load);

document.getElementById("clear").onclick = () => fetch(`${API}/clear-completed`, { method: "POST" }).then(load);

fetch("https://fonts.example.com/list").then((answer) => answer.json());
fetch("./strings.json");
load();
