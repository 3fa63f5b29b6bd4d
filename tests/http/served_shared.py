"""The app that Ann and Ben share, installed and served."""

import json

from tests.backend.shared_app import PROMPT, SCHEMA, STATE

LIST = {"status": 200, "body": {"list": "/todos"}}
MANIFEST = 'name = "{name}"\ntitle = "Shared"\nkind = "backend"\n\n[http]\nusers = true\n{more}'


def install(home, name="shared", more=""):
    folder = home / "apps" / name
    (folder / "web").mkdir(parents=True)
    (folder / "app.toml").write_text(MANIFEST.format(name=name, more=more))
    (folder / "prompt.md").write_text(PROMPT)
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    (folder / "seed.json").write_text(json.dumps(STATE))
    (folder / "web" / "index.html").write_text("A page.")


async def add(world, name, app="shared"):
    return (await world.api.post(f"/users/{app}", json={"name": name})).json()["token"]


def by(token):
    return {"Authorization": f"Bearer {token}"}


def added(key, collection="todos", **members):
    value = {"ref": "/body", "with": {"id": key, **members}}
    patch = [{"op": "add", "path": f"/{collection}/{key}", "value": value}]
    return {"status": 201, "patch": patch, "body": {"ref": f"/{collection}/{key}"}}
