"""A way to a port of this machine that is as long as you like: what goes in comes out later, in the same pieces.

python delaying.py PORT SECONDS      prints its own port; SECONDS is for there and back
"""

import asyncio
import sys
from asyncio import Queue, StreamReader, StreamWriter

CHUNK = 262_144


async def carried(reader: StreamReader, writer: StreamWriter, delay: float) -> None:
    """Pass on what comes, each piece `delay` seconds after it came; as many at a time as there are."""
    clock = asyncio.get_running_loop().time
    under_way: Queue[tuple[float, bytes]] = Queue()

    async def take_in() -> None:
        while True:
            piece = await reader.read(CHUNK)
            under_way.put_nowait((clock() + delay, piece))
            if not piece:
                return

    async def give_out() -> None:
        while True:
            due, piece = await under_way.get()
            if (left := due - clock()) > 0:
                await asyncio.sleep(left)
            if not piece:
                return
            writer.write(piece)

    try:
        await asyncio.gather(take_in(), give_out())
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main(port: int, seconds: float) -> None:
    async def joined(reader: StreamReader, writer: StreamWriter) -> None:
        to, back = await asyncio.open_connection("127.0.0.1", port, limit=4 * CHUNK)
        await asyncio.gather(carried(reader, back, seconds / 2), carried(to, writer, seconds / 2))

    server = await asyncio.start_server(joined, "127.0.0.1", 0, limit=4 * CHUNK)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
