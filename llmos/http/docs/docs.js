// Draws /openapi.json. Every text goes through textContent, so that none of it can become markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const SHOWN_HEADERS = ["content-type", "etag", "location", "link", "content-disposition", "retry-after", "allow"];

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const pretty = (value) => JSON.stringify(value, null, 2);
const pre = (text) => element("pre", {}, text);

function resolved(api, part) {
  const reference = part && part.$ref;
  if (typeof reference !== "string" || !reference.startsWith("#/")) return part;
  const names = reference.slice(2).split("/").map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  return names.reduce((value, name) => value && value[name], api);
}

function field(parameter) {
  const input = element("input", { name: parameter.name, "data-in": parameter.in });
  if (parameter.in === "path") input.required = true;
  if (parameter.example !== undefined) input.value = String(parameter.example);
  return element("label", {}, element("span", {}, `${parameter.name} (${parameter.in}) ${parameter.description ?? ""}`), input);
}

function bodyField(content) {
  const examples = Object.values(content.examples ?? {});
  const area = element("textarea", { name: "body", spellcheck: "false" });
  area.value = pretty(examples.length ? examples[0].value : {});
  return element("label", {}, element("span", {}, "body (JSON)"), area);
}

/** For each file that a form may bring, what chooses it. */
function fileFields(content) {
  const fields = Object.entries(content["multipart/form-data"]?.schema.properties ?? {});
  return fields.filter(([, part]) => (part.items ?? part).format === "binary").map(([name, part]) => {
    const input = element("input", { name, type: "file", "data-in": "file" });
    input.multiple = part.type === "array";
    return element("label", {}, element("span", {}, `${name} (a file; the body goes as a form then)`), input);
  });
}

/** The body as it is sent: JSON as it was typed, or a form when files were chosen. */
function sent(body, inputs) {
  const chosen = inputs.filter((input) => input.dataset.in === "file" && input.files.length > 0);
  if (chosen.length === 0) return body;
  const form = new FormData();
  for (const [name, value] of Object.entries(JSON.parse(body))) {
    for (const one of Array.isArray(value) ? value : [value]) form.append(name, one);
  }
  for (const input of chosen) for (const file of input.files) form.append(input.name, file);
  return form;
}

function address(path, inputs) {
  let filled = path;
  const query = new URLSearchParams();
  for (const input of inputs) {
    if (input.dataset.in === "path") filled = filled.replace(`{${input.name}}`, () => encodeURIComponent(input.value));
    if (input.dataset.in === "query" && input.value) query.set(input.name, input.value);
  }
  return query.size ? `${filled}?${query}` : filled;
}

async function tried(method, path, form, output) {
  const inputs = [...form.querySelectorAll("input")];
  const headers = { Accept: "application/json" };
  for (const input of inputs) if (input.dataset.in === "header" && input.value) headers[input.name] = input.value;
  const token = document.getElementById("token")?.value;
  if (token) headers.Authorization = `Bearer ${token}`;
  output.replaceChildren(pre("…"));
  try {
    const body = sent(form.querySelector("textarea")?.value, inputs);
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    const answer = await fetch(address(path, inputs), { method: method.toUpperCase(), headers, body, cache: "no-store" });
    const text = await told(answer);
    const shown = SHOWN_HEADERS.filter((name) => answer.headers.has(name)).map((name) => `${name}: ${answer.headers.get(name)}`);
    output.replaceChildren(pre([`${answer.status} ${answer.statusText}`, ...shown, "", readable(text)].join("\n")));
  } catch (error) {
    output.replaceChildren(pre(String(error)));
  }
}

/** What came, where it can be read; of a file only how long it is. */
async function told(answer) {
  const kind = answer.headers.get("content-type") ?? "";
  return /json|^text/.test(kind) || kind === "" ? answer.text() : `${(await answer.blob()).size} bytes`;
}

function readable(text) {
  try {
    return pretty(JSON.parse(text));
  } catch {
    return text;
  }
}

function tryIt(method, path, operation) {
  const output = element("div", { role: "status" });
  const form = element("form", {}, ...operation.parameters.map(field));
  const kinds = operation.requestBody?.content;
  if (kinds) form.append(bodyField(kinds["application/json"] ?? {}), ...fileFields(kinds));
  form.append(element("button", {}, "Send"), output);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tried(method, path, form, output);
  });
  return [element("h3", {}, "Try it"), form];
}

function examples(title, content) {
  const shown = Object.entries(content?.examples ?? {});
  if (!shown.length) return [];
  const parts = shown.map(([name, example]) => element("details", {}, element("summary", {}, name), pre(pretty(example.value))));
  return [element("h3", {}, title), ...parts];
}

function responses(api, operation) {
  const table = element("table");
  const shown = [];
  for (const [status, part] of Object.entries(operation.responses)) {
    const response = resolved(api, part);
    table.append(element("tr", {}, element("td", {}, status), element("td", {}, response.description)));
    shown.push(...examples(`Examples of ${status}`, response.content?.["application/json"]));
  }
  return [element("h3", {}, "Answers"), table, ...shown];
}

function route(api, path, method, operation) {
  const summary = element("summary", {}, element("span", { class: "method" }, method.toUpperCase()), path);
  const content = operation.requestBody?.content["application/json"];
  const schema = content && resolved(api, content.schema);
  return element(
    "details",
    { class: "route", id: operation.operationId },
    summary,
    element("p", { class: "rule" }, operation.description),
    ...(schema ? [element("h3", {}, "Body"), pre(pretty(schema))] : []),
    ...examples("Examples of requests", content),
    ...responses(api, operation),
    ...tryIt(method, path, operation),
  );
}

function tokenField() {
  const input = element("input", { id: "token", type: "password", autocomplete: "off" });
  return element("label", {}, element("span", {}, "a user's token, kept by this page until it is closed"), input);
}

async function draw() {
  const answer = await fetch("/openapi.json");
  const api = await answer.json();
  const routes = document.getElementById("routes");
  if (!answer.ok) {
    routes.replaceChildren(element("p", {}, api.detail ?? "There is no document."));
    return;
  }
  document.title = api.info.title;
  document.getElementById("title").textContent = `${api.info.title} ${api.info.version}`;
  document.getElementById("about").textContent = api.info.description;
  if (api.security.every((needed) => Object.keys(needed).length)) routes.before(tokenField());
  const found = Object.entries(api.paths).flatMap(([path, operations]) =>
    METHODS.filter((method) => method in operations).map((method) => route(api, path, method, operations[method])),
  );
  routes.replaceChildren(...(found.length ? found : [element("p", {}, "This app has no routes.")]));
}

draw();
