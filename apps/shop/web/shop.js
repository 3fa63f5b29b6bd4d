const status = document.getElementById("status");
const search = document.getElementById("search");
const checkout = document.getElementById("checkout");

const names = new Map();
const keys = new Map();

search.addEventListener("submit", (event) => { event.preventDefault(); showProducts(); });

checkout.addEventListener("click", async () => {
  if (!(await send(`/carts/${localStorage.cart}/checkout`, {}))) return;
  await show();
  say("Thank you for your order.");
});

async function show() {
  await showProducts();
  await showCart();
  await showOrders();
}

async function showProducts() {
  const name = search.elements.name.value;
  const found = await ask("GET", name ? `/products?${new URLSearchParams({ name })}` : "/products");
  if (!found) return;
  for (const product of found) names.set(product.id, product.name);
  list("products", found.map(offer), "no-products");
}

async function showCart() {
  const cart = localStorage.cart ? await ask("GET", `/carts/${localStorage.cart}`, undefined, true) : null;
  if (!cart) delete localStorage.cart;
  list("items", (cart?.items ?? []).map(item));
  document.getElementById("total").textContent = cart?.items.length ? `Together ${money(cart.total)}` : "It is empty.";
  checkout.hidden = !cart?.items.length;
}

async function showOrders() {
  const found = await ask("GET", "/orders");
  if (found) list("orders", found.toSorted((a, b) => b.id - a.id).map(order), "no-orders");
}

function offer(product) {
  const put = button("Into the cart", product.name, async () => {
    const cart = localStorage.cart ?? (await send("/carts", {}))?.id;
    if (!cart) return;
    localStorage.cart = cart;
    if (await send(`/carts/${cart}/items`, { product: product.id, quantity: 1 })) await showCart();
  });
  put.disabled = product.stock === 0;
  put.toggleAttribute("data-sold-out", product.stock === 0);
  return line(product.name, amount(product.price), element("span", `${product.stock} left`), put);
}

function item(item) {
  const name = names.get(item.product) ?? `Product ${item.product}`;
  const remove = button("Remove", name, async () => {
    if (await ask("DELETE", `/items/${item.id}`)) await showCart();
  });
  return line(`${item.quantity} × ${name}`, amount(item.quantity * item.price), remove);
}

function order(order) {
  const when = element("time", new Date(order.created).toLocaleString());
  when.dateTime = order.created;
  return line(`${order.quantity} × ${names.get(order.product) ?? `Product ${order.product}`}`, amount(order.total), when);
}

function list(id, lines, empty) {
  document.getElementById(id).replaceChildren(...lines);
  if (empty) document.getElementById(empty).hidden = lines.length > 0;
}

function line(text, ...rest) {
  const whole = element("li");
  whole.append(element("span", text), ...rest);
  return whole;
}

function button(text, name, pressed) {
  const made = element("button", text);
  made.type = "button";
  made.setAttribute("aria-label", `${text}: ${name}`);
  made.addEventListener("click", pressed);
  return made;
}

function amount(cents) {
  const made = element("span", money(cents));
  made.className = "money";
  return made;
}

function money(cents) {
  return (cents / 100).toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** POST with one key until it is answered: sent again after a broken connection, nothing is ordered twice. */
async function send(path, values) {
  const what = `${path} ${JSON.stringify(values)}`;
  if (!keys.has(what)) keys.set(what, crypto.randomUUID());
  const headers = { "Content-Type": "application/json", "Idempotency-Key": keys.get(what) };
  return ask("POST", path, { headers, body: JSON.stringify(values) }, false, () => keys.delete(what));
}

/** The answer's JSON (true when it has no body), or undefined after showing what went wrong, unless it is to be quiet. */
async function ask(method, path, sent = {}, quiet = false, answered = () => {}) {
  const buttons = document.querySelectorAll("button:not([data-sold-out])");
  for (const button of buttons) button.disabled = true;
  say("One moment …");
  try {
    const headers = { Accept: "application/json", ...sent.headers };
    const response = await fetch(path, { method, headers, body: sent.body });
    const body = response.status === 204 ? true : await response.json();
    if (response.status < 500) answered();
    say(response.ok || quiet ? "" : body.detail, !response.ok);
    return response.ok ? body : undefined;
  } catch {
    say("The backend cannot be reached. Is the kernel running?", true);
    return undefined;
  } finally {
    for (const button of buttons) button.disabled = false;
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
