"""A witness's door: one POST, read under a cap and a deadline, answered from `witness_stand`. Raw ASGI, no Django.

Nothing is logged of who asks. What is refused, and with which status, is `tlog.witness`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from wearemany.adapters import clock
from wearemany.tlog.witness import LINES_TYPE, MOST_REQUEST_BYTES, PATH, Refusal
from wearemany.wall.witnesses.stand import Stand

BODY_DEADLINE_S = 20.0
_Receive = Callable[[], Awaitable[dict[str, Any]]]
_Send = Callable[[dict[str, Any]], Awaitable[None]]


class WitnessApp:
    """The application for one witness's folder. Each answer waits for the disk in a thread, never the loop."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand

    async def __call__(self, scope: dict[str, Any], receive: _Receive, send: _Send) -> None:
        """Answer one request; the server's own life cycle is of no interest."""
        if scope["type"] != "http":
            return
        try:
            body = await self._answer(scope, receive)
        except Refusal as refusal:
            await _send(send, refusal.status, refusal.body, refusal.content_type)
        else:
            await _send(send, 200, body, LINES_TYPE)

    async def _answer(self, scope: dict[str, Any], receive: _Receive) -> bytes:
        if not scope["path"].endswith(f"/{PATH}"):
            raise Refusal(404, "nothing here\n")
        if scope["method"] != "POST":
            raise Refusal(405, "only POST\n")
        try:
            async with asyncio.timeout(BODY_DEADLINE_S):
                body = await _body(receive)
        except TimeoutError:
            raise Refusal(408, "the request came too slowly\n") from None
        time_s = int(clock.now().timestamp())
        return await asyncio.to_thread(self._stand.add_checkpoint, body, time_s=time_s)


async def _body(receive: _Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_REQUEST_BYTES or message["type"] == "http.disconnect":
            raise Refusal(413, "the request is too long\n")
        if not message.get("more_body"):
            return bytes(body)


async def _send(send: _Send, status: int, body: bytes, content_type: str) -> None:
    headers = [
        (b"content-type", content_type.encode("ascii")),
        (b"content-length", str(len(body)).encode("ascii")),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
