const status = document.getElementById("status");
const board = document.getElementById("board");
const begin = document.getElementById("begin");
const PIECES = {
  k: ["♚", "king"], q: ["♛", "queen"], r: ["♜", "rook"], b: ["♝", "bishop"], n: ["♞", "knight"], p: ["♟", "pawn"],
  K: ["♔", "king"], Q: ["♕", "queen"], R: ["♖", "rook"], B: ["♗", "bishop"], N: ["♘", "knight"], P: ["♙", "pawn"],
};
const TOLD = { check: "Check! ", checkmate: "Checkmate. ", stalemate: "Stalemate: a draw. ", draw: "A draw. " };
const OVER = ["checkmate", "stalemate", "draw"];

let game = null; // the one that is shown
let moves = []; // legal ones of it
let from = ""; // the square that was chosen first

begin.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { white, black } = begin.elements;
  const begun = await ask("POST", "/games", { white: white.value, black: black.value });
  if (!begun) return;
  begin.reset();
  await Promise.all([open(begun.id), list()]);
});

// What the other player does appears by itself.
new EventSource("/events").addEventListener("commit", () => { list(); if (game) open(game.id); });

async function list() {
  const games = await ask("GET", "/games");
  if (!games) return;
  document.getElementById("games").replaceChildren(...games.toSorted((a, b) => b.id - a.id).map(entry));
  document.getElementById("none").hidden = games.length > 0;
}

function entry(found) {
  const open_it = element("button", `${found.white} – ${found.black}: ${story(found)}`);
  open_it.type = "button";
  open_it.addEventListener("click", () => open(found.id));
  const whole = element("li");
  whole.append(open_it);
  return whole;
}

async function open(id) {
  const found = await ask("GET", `/games/${id}`);
  if (!found) return;
  const legal = OVER.includes(found.status) ? [] : await ask("GET", `/games/${id}/moves`);
  if (!legal) return;
  if (game?.fen !== found.fen || game?.id !== found.id) from = "";
  [game, moves] = [found, legal];
  show();
}

function show() {
  document.getElementById("game").hidden = false;
  document.getElementById("players").textContent = `${game.white} (white) – ${game.black} (black)`;
  document.getElementById("told").textContent = story(game);
  const focused = document.activeElement?.dataset?.square;
  const rows = game.fen.split(" ")[0].split("/").map((rank, number) => row(rank, 8 - number));
  board.replaceChildren(...rows);
  board.querySelector(`[data-square="${focused}"]`)?.focus();
}

function row(rank, number) {
  const whole = element("div");
  whole.setAttribute("role", "row");
  const pieces = rank.replace(/\d/g, (empty) => " ".repeat(empty));
  whole.append(...[...pieces].map((piece, file) => square(piece, "abcdefgh"[file] + number, (file + number) % 2)));
  return whole;
}

function square(piece, name, light) {
  const [sign, kind] = PIECES[piece] ?? ["", "empty"];
  const side = kind === "empty" ? "" : piece === piece.toUpperCase() ? "white " : "black ";
  const made = element("button", sign);
  made.type = "button";
  made.dataset.square = name;
  made.setAttribute("role", "gridcell");
  made.setAttribute("aria-label", `${name}, ${side}${kind}`);
  made.classList.add(light ? "light" : "dark");
  made.classList.toggle("last", [game.last?.slice(0, 2), game.last?.slice(2, 4)].includes(name));
  made.classList.toggle("chosen", name === from);
  made.classList.toggle("target", from !== "" && moves.some((move) => move.startsWith(from + name)));
  made.addEventListener("click", () => choose(name));
  return made;
}

async function choose(name) {
  const meant = moves.filter((move) => move.startsWith(from + name));
  if (from && meant.length) {
    const move = meant.find((one) => one.endsWith("q")) ?? meant[0]; // a pawn at the end becomes a queen
    from = "";
    if (await ask("POST", `/games/${game.id}/moves`, { move })) await Promise.all([open(game.id), list()]);
    return;
  }
  from = from !== name && moves.some((move) => move.startsWith(name)) ? name : "";
  show();
}

function story({ status, turn }) {
  const next = OVER.includes(status) ? "" : `${turn === "white" ? "White" : "Black"} to move.`;
  return `${TOLD[status] ?? ""}${next}`;
}

/** The answer's JSON, or undefined after showing what went wrong. */
async function ask(method, path, values) {
  try {
    const headers = { Accept: "application/json" };
    if (values) Object.assign(headers, { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() });
    const response = await fetch(path, { method, headers, body: values && JSON.stringify(values) });
    const body = await response.json();
    if (!response.ok) return say(body.detail, true);
    say("");
    return body;
  } catch {
    return say("The backend cannot be reached. Is the kernel running?", true);
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

await list();
