"""The client that the MCP conformance suite drives: our driver host, pointed at the URL it is given.

The suite runs it as `python conformance_client.py URL`, with the scenario's name and what it should call in its
environment. Where nothing is said, it calls every tool once with arguments made from the tool's schema.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from llmos.errors import DriverError
from llmos.kernel.drivers import DriverHost, DriverManifest
from llmos.kernel.drivers.caller import Silence

SAMPLES = {"string": "text", "integer": 5, "number": 1.5, "boolean": True, "array": [], "object": {}}


class Person(Silence):
    """Accepts whatever is asked."""

    async def choose(self, tool, text, choices):
        return choices[0]


async def main(url):
    with tempfile.TemporaryDirectory() as logs:
        host = DriverHost({"server": DriverManifest(name="server", url=url)}, Path(logs))
        try:
            tools = await host.tools("server")
            await asyncio.gather(*(call(host, name, arguments) for name, arguments in calls(tools)))
        finally:
            await host.close()


async def call(host, name, arguments):
    try:
        await host.call(f"server.{name}", arguments, Person())
    except DriverError as error:
        sys.stderr.write(f"{error}\n")


def calls(tools):
    context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
    if wanted := context.get("toolCalls"):
        return [(one["name"], one.get("arguments", {})) for one in wanted]
    schemas = [tool.schema for tool in tools]
    return [(tool.name.partition(".")[2], filled(tool.schema, schemas)) for tool in tools]


def filled(schema, schemas):
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if "schema" in properties:  # a tool to echo what the client made of another tool's schema
        return {"schema": next(other for other in schemas if other is not schema)}
    return {name: SAMPLES.get(properties.get(name, {}).get("type"), "text") for name in required}


if __name__ == "__main__":
    asyncio.run(main(sys.argv[-1]))
