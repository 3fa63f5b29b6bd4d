const status = document.getElementById("status");
const forms = { open: document.getElementById("open"), transfer: document.getElementById("transfer") };
const of = document.getElementById("of");
const transfers = document.getElementById("transfers");
const none = document.getElementById("none");

// One key for one form as it is filled in: sent again after a broken connection, no money moves twice.
const keys = new Map();
let owners = new Map();

forms.open.addEventListener("submit", (event) => send(event, "/accounts", ({ owner, balance }) =>
  ({ owner: owner.value, ...(balance.value && { balance: cents(balance.value) }) }), "The account is open."));

forms.transfer.addEventListener("submit", (event) => send(event, "/transfers", ({ from, to, amount }) =>
  ({ from: Number(from.value), to: Number(to.value), amount: cents(amount.value) }), "The money is there."));

for (const form of Object.values(forms)) form.addEventListener("input", () => keys.delete(form));
of.addEventListener("change", () => showTransfers());

async function send(event, path, values, done) {
  event.preventDefault();
  const form = event.target;
  if (!keys.has(form)) keys.set(form, crypto.randomUUID());
  if (!(await ask("POST", path, values(form.elements), keys.get(form)))) return;
  keys.delete(form);
  form.reset();
  await show();
  say(done);
}

async function show() {
  const found = await ask("GET", "/accounts");
  if (!found) return;
  owners = new Map(found.map((account) => [account.id, account.owner]));
  document.getElementById("accounts").replaceChildren(...found.map(row));
  for (const select of [forms.transfer.elements.from, forms.transfer.elements.to]) choices(select, found);
  choices(of, found, "everybody");
  await showTransfers();
}

async function showTransfers() {
  const found = await ask("GET", of.value ? `/accounts/${of.value}/transfers` : "/transfers");
  if (!found) return;
  transfers.replaceChildren(...found.toSorted((a, b) => b.id - a.id).map(line));
  none.hidden = found.length > 0;
}

function row(account) {
  const whole = element("tr");
  const balance = element("td", money(account.balance));
  balance.className = "money";
  whole.append(element("td", account.id), element("td", account.owner), balance);
  return whole;
}

function line(transfer) {
  const when = element("time", new Date(transfer.created).toLocaleString());
  when.dateTime = transfer.created;
  const whole = element("li", `${money(transfer.amount)} from ${name(transfer.from)} to ${name(transfer.to)} `);
  whole.append(when);
  return whole;
}

function choices(select, accounts, all) {
  const chosen = select.value;
  const first = all ? [new Option(all, "")] : [];
  select.replaceChildren(...first, ...accounts.map(({ id }) => new Option(name(id), id)));
  if (owners.has(Number(chosen))) select.value = chosen;
}

function name(id) {
  return `${owners.get(id) ?? "?"} (${id})`;
}

function cents(text) {
  return Math.round(Number(text) * 100);
}

function money(amount) {
  return (amount / 100).toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** The answer's JSON, or undefined after showing what went wrong. */
async function ask(method, path, values, key) {
  const buttons = document.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  say("One moment …");
  try {
    const headers = { Accept: "application/json" };
    if (values) Object.assign(headers, { "Content-Type": "application/json", "Idempotency-Key": key });
    const response = await fetch(path, { method, headers, body: values && JSON.stringify(values) });
    const body = await response.json();
    if (!response.ok) return say(body.detail, true);
    say("");
    return body;
  } catch {
    return say("The backend cannot be reached. Is the kernel running?", true);
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
