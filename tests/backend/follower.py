"""A model that follows the rules that generators write: the examples beside them can be asked without a real one."""

import json
import re


async def think(request):
    return follow(request)


def follow(request):
    """The answer of a model that understood the rule, from what the request's own message and schema say."""
    told = request.messages[-1].text
    method, path = re.search(r"^Request: (\S+) (\S+)$", told, re.M).groups()
    accepted, refused = _halves(request.schema)
    if "Problems:" in told and "Problems: none" not in told:
        status = 422 if 422 in refused["status"]["enum"] else refused["status"]["enum"][0]
        return json.dumps({"status": status, "error": "It does not fit."})
    if accepted is None or f"{path}: not stored" in told:
        return json.dumps({"status": 404, "error": "There is none."})
    return json.dumps(_accepted(method, accepted))


def _accepted(method, properties):
    success = {"status": properties["status"]["enum"][0]}
    references = properties["body"]["anyOf"][0]["properties"]["ref"]["enum"]
    empty = "null" in properties["body"]["anyOf"][1]["type"]
    operations = properties["patch"]["items"]["anyOf"] if "patch" in properties else []
    if method == "GET" or not operations:
        return success | {"body": {"ref": references[0]}}
    wanted = {"POST": "add", "DELETE": "remove"}.get(method, "replace")
    operation = next(op["properties"] for op in operations if op["properties"]["op"]["const"] == wanted)
    pointer = operation["path"]["enum"][0]
    patch = {"op": wanted, "path": pointer}
    if wanted != "remove":
        patch["value"] = _value(method, operation["value"], pointer, operations)
    return success | {"patch": [patch], "body": None if wanted == "remove" and empty else {"ref": pointer}}


def _value(method, value, pointer, operations):
    if method == "PATCH":
        return {"ref": pointer, "with": {"ref": "/body"}}
    if "anyOf" not in value:
        value = {"anyOf": [None, value]}
        fields, own = value["anyOf"][1]["properties"], value["anyOf"][1]["required"]
        return {name: _own(fields[name]) for name in own}
    extended = value["anyOf"][0]["properties"]["with"]
    return {"ref": "/body", "with": {name: _own(extended["properties"][name]) for name in extended["required"]}}


def _own(part):
    return part.get("const", {"ref": "/now"})


def _halves(schema):
    accepted = refused = None
    for half in schema["anyOf"]:
        if "error" in half["properties"]:
            refused = half["properties"]
        else:
            accepted = half["properties"]
    return accepted, refused
