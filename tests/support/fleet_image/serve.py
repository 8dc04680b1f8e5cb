"""Says which version it is, two hundred times in a second on half a core; broken versions do what their names say."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time

VERSION = os.environ["VERSION"]
LATER_SECONDS = 15
BEGUN = time.monotonic()


def well() -> bool:
    return VERSION != "broken-health" and (VERSION != "broken-later" or time.monotonic() - BEGUN < LATER_SECONDS)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        last = False
        while not last:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            last = b"connection: close" in head
            status = "200 OK" if well() else "500 Internal Server Error"
            writer.write(
                f"HTTP/1.1 {status}\r\nX-App-Version: {VERSION}\r\nContent-Length: {len(VERSION)}\r\n"
                f"Connection: {'close' if last else 'keep-alive'}\r\n\r\n{VERSION}".encode()
            )
            await writer.drain()
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(answer, "", 8080, backlog=1000)
    asyncio.get_running_loop().add_signal_handler(15, server.close)
    with contextlib.suppress(asyncio.CancelledError):
        await server.serve_forever()


if sys.argv[1:] == ["migrate"]:
    print(f"migrated to {VERSION}", flush=True)
else:
    if VERSION.startswith("broken"):
        print(f"the fault {VERSION} was built into this image", flush=True)
    if VERSION == "broken-boot":
        sys.exit(3)
    asyncio.run(main())
