"""Starts a server, calls one of its tools, and prints what the Python SDK made of the answer."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main() -> None:
    entry, name, arguments = (json.loads(word) for word in sys.argv[1:])
    async with stdio_client(StdioServerParameters(**entry)) as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
            result = await session.call_tool(name, arguments)
            print(result.model_dump_json(by_alias=True))


asyncio.run(main())
