// Uses the client that `llmos backend client guestbook` writes, against a site; throws where something is not as it should be.
import assert from "node:assert/strict";
import { getEntries, getFile, patchEntriesById, postEntries, Problem } from "./guestbook.js";

const client = { baseUrl: process.argv[2] };
const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 1, 2, 3]);

const picture = new File([png], "a b.png", { type: "image/png" });
const signed = await postEntries(client, { name: "Ada", stars: 5, picture });
assert.deepEqual([signed.name, signed.stars, signed.picture.name, signed.picture.size], ["Ada", 5, "a b.png", 11]);

const kept = await getFile(client, { sha256: signed.picture.sha256 });
assert.deepEqual(new Uint8Array(await kept.arrayBuffer()), png);
assert.equal(kept.type, "image/png");

for (const name of ["Bo", "Cy", "Di"]) await postEntries(client, { name });
const pages = [];
let after;
do {
  const page = await getEntries(client, { limit: 3, after }, { onNext: (next) => { after = next; } });
  pages.push(page.map((entry) => entry.id));
} while (after !== undefined);
assert.deepEqual(pages, [[1, 2, 3], [4]]);

assert.equal((await patchEntriesById(client, { id: signed.id }, { picture: null })).picture, null);

const page = new Blob(["<script>"], { type: "image/png" });
await assert.rejects(postEntries(client, { name: "Eve", picture: page }), (error) => error instanceof Problem && error.status === 422);
