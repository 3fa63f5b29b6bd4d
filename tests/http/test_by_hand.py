"""A person's own calls of tools over the kernel's API, with the folders that are named for them."""

import httpx2
import pytest


@pytest.fixture
def notes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notes")
    (folder / "todo.txt").write_text("milk\n")
    return folder


async def post(world, tool, grant, **arguments):
    return await world.api.post(f"/drivers/files/{tool}", json=arguments, params=[("grant", str(one)) for one in grant])


async def test_files_are_read_and_changed_in_the_folder_that_is_named(world, notes):
    said = await post(world, "read", [notes], path="todo.txt")
    assert said.json().startswith("milk")
    made = await post(world, "write", [notes], path=f"{notes}/new.txt", text="plums")
    assert made.is_success and (notes / "new.txt").read_text() == "plums"


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.txt"])
async def test_nothing_outside_of_it_is_reached(world, notes, path):
    (notes.parent / "secret.txt").write_text("key")
    refused = await post(world, "read", [notes], path=path)
    assert refused.status_code == 422 and "outside of what is granted" in refused.json()["detail"]


async def test_without_a_folder_none_is_reached(world, notes):
    refused = await post(world, "read", [], path=f"{notes}/todo.txt")
    assert refused.status_code == 422 and "No folder is granted" in refused.json()["detail"]


@pytest.mark.parametrize("folder", ["/", "~"])
async def test_what_holds_keys_cannot_be_named_as_a_whole(world, folder):
    refused = await post(world, "list", [folder])
    assert refused.status_code == 422 and "name a folder below it" in refused.json()["detail"]


async def test_the_token_is_needed(world, notes):
    async with httpx2.AsyncClient(base_url=f"{world.control.url}/v0", trust_env=False) as stranger:
        refused = await stranger.post(f"/drivers/files/list?grant={notes}", json={})
    assert refused.status_code == 401
