"""A model that follows the rules that generators write: the examples beside them can be asked without a real one."""

import json
import re


async def think(request):
    return follow(request)


def follow(request):
    """The answer of a model that understood the rule, from what the request's own message and schema say."""
    told = request.messages[-1].text
    method, path = re.search(r"^Request: (\S+) (.+)$", told, re.M).groups()
    accepted, refused = _halves(request.schema)
    if accepted is None or any(pointer in path for pointer in re.findall(r"^(\S+): not stored$", told, re.M)):
        return json.dumps({"status": 404, "error": "There is none."})
    if "Problems:" in told and "Problems: none" not in told:
        status = next(status for status in refused["status"]["enum"] if status != 404)
        return json.dumps({"status": status, "error": "It does not fit."})
    return json.dumps(_accepted(method, path, accepted))


def _accepted(method, path, properties):
    success = {"status": properties["status"]["enum"][0]}
    references = properties["body"]["anyOf"][0]["properties"]["ref"]["enum"]
    empty = "null" in properties["body"]["anyOf"][1]["type"]
    operations = properties["patch"]["items"]["anyOf"] if "patch" in properties else []
    if method == "GET" or not operations:
        return success | {"body": {"ref": references[0]}}
    wanted = {"POST": "add", "DELETE": "remove"}.get(method, "replace")
    fitting = [op["properties"] for op in operations if op["properties"]["op"]["const"] == wanted]
    operation = next(op for op in fitting if op["path"]["enum"][0].split("/")[1] in path.split("/"))
    pointer = operation["path"]["enum"][0]
    patch = {"op": wanted, "path": pointer}
    if wanted != "remove":
        patch["value"] = _value(method, operation["value"], pointer)
    return success | {"patch": [patch], "body": {"ref": pointer} if wanted != "remove" else None if empty else {}}


def _value(method, value, pointer):
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
