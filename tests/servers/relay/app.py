"""Decides what a relay is that knows nothing of documents, as FastAPI's tutorial on WebSockets has it.

Below /bytes what one client sends goes to all others of its room, below /text to all of its room, its sender included.
"""

from collections import defaultdict

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
rooms: dict[str, list[WebSocket]] = defaultdict(list)


@app.websocket("/bytes/{room}")
async def relay_bytes(socket: WebSocket, room: str):
    await socket.accept()
    rooms[room].append(socket)
    try:
        while True:
            data = await socket.receive_bytes()
            for other in list(rooms[room]):
                if other is not socket:
                    await other.send_bytes(data)
    except WebSocketDisconnect:
        pass
    finally:
        rooms[room].remove(socket)


@app.websocket("/text/{room}")
async def relay_text(socket: WebSocket, room: str):
    await socket.accept()
    rooms[room].append(socket)
    try:
        while True:
            data = await socket.receive_text()
            for anybody in list(rooms[room]):
                await anybody.send_text(data)
    except WebSocketDisconnect:
        pass
    finally:
        rooms[room].remove(socket)
