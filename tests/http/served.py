"""The guestbook under a manifest of a test's own, served."""

import shutil

import httpx2

from llmos.paths import bundle_root


def install(home, manifest="", name="guestbook"):
    """The shipped guestbook as an installed app, its manifest followed by `manifest`."""
    folder = home / "apps" / name
    shutil.copytree(bundle_root() / "apps" / "guestbook", folder)
    toml = (folder / "app.toml").read_text().replace('name = "guestbook"', f'name = "{name}"')
    (folder / "app.toml").write_text(f"{toml}\n{manifest}")
    return folder


async def serve_with_token(world, app="guestbook"):
    """Beyond loopback: the site's client, which sends no token, and the token."""
    opened = (await world.api.post("/sites", json={"app": app, "host": "0.0.0.0", "port": 0})).json()
    port = opened["url"].rstrip("/").rpartition(":")[2]
    return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60), opened["token"]
