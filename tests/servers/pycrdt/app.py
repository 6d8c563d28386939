"""Decides what "pycrdt-websocket under FastAPI" is in the tests: rooms below /ws, kept in $YSTORE where it names a file.

The query's token decides who may come in: "bad" and "expired" may not.
"""

import logging
import os
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

from fastapi import FastAPI
from pycrdt.store import SQLiteYStore, YDocNotFound
from pycrdt.websocket import ASGIServer, WebsocketServer, YRoom
from pycrdt.websocket.websocket_server import exception_logger

DATABASE = os.environ.get("YSTORE")


class Store(SQLiteYStore):
    db_path = DATABASE


class StoringServer(WebsocketServer):
    """A server that reads a room from the database before anybody is told what is in it."""

    async def get_room(self, name: str) -> YRoom:
        if name not in self.rooms:
            self.rooms[name] = YRoom(
                ready=False,
                ystore=Store(name),
                exception_handler=self.exception_handler,
                log=self.log,
            )
        room = self.rooms[name]
        await self.start_room(room)
        if not room.ready:
            await room.ystore.started.wait()
            try:
                await room.ystore.apply_updates(room.ydoc)
            except YDocNotFound:
                pass
            room.ready = True
            # What is said before the room is being watched would reach nobody else.
            await room.ydoc_observed.wait()
        return room


def is_refused(_message, scope) -> bool:
    query = parse_qs(scope["query_string"].decode())
    return query.get("token") in (["bad"], ["expired"])


logging.basicConfig(level=logging.WARNING)
# Without the handler, clients that vanish while something is sent to them stop the whole server.
# A room that is cleaned when its last client leaves takes along what it is still writing, so rooms on disk stay.
server = (
    StoringServer(exception_handler=exception_logger, auto_clean_rooms=False)
    if DATABASE
    else WebsocketServer(exception_handler=exception_logger)
)


@asynccontextmanager
async def lifespan(_app: FastAPI):
    async with server:
        yield


app = FastAPI(lifespan=lifespan)
app.mount("/ws", ASGIServer(server, on_connect=is_refused))
