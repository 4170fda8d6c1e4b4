"""The front's one callable: which room answers which address, and what happens when one cannot.

/static/...             assets            memory
/log/...                the public log    blob store (lists of doors and pictures, recount page: by Django)
/r/<name>.<ending>      renditions        while public
/<lang>/<handle>/live   live stream
/upload, /upload/<id>   Django, after the piece of a photo that came with it was sealed; also when the line was cut
anything else           Django: pages kept while nothing changed; forms after their body arrived whole
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from wearemany.errors import Broken, WeAreManyError
from wearemany.front.answers import (
    Answer,
    Header,
    send_answer,
    send_lingering,
)
from wearemany.front.arrivals import SenderGone
from wearemany.front.bridge import NO_BODY, Body, Bridge
from wearemany.front.epochs import EpochWatch
from wearemany.front.files import Assets, LogFiles
from wearemany.front.intake import Intake
from wearemany.front.live import Live
from wearemany.front.multipart import body_unreadable
from wearemany.front.pages import Pages
from wearemany.front.parts import FrontParts
from wearemany.front.pictures import Pictures
from wearemany.front.pieces import Pieces, is_resumable, marked, overridden
from wearemany.front.refusals import Speech, method_unknown, unexpected
from wearemany.front.request import Message, Receive, Request, Scope, Send, request_of, warm_request
from wearemany.front.senders import Senders
from wearemany.front.trouble import told
from wearemany.languages import INTERFACE_LANGUAGES

logger = logging.getLogger(__name__)

_LIVE = re.compile(
    rf"/(?:{'|'.join(language.code for language in INTERFACE_LANGUAGES)})/([a-z0-9][a-z0-9_-]{{0,39}})/live"
)
_LOG_MADE = re.compile(
    r"/log/[a-z0-9][a-z0-9_-]{0,39}/(?:doors|pictures(?:/[0-9]{1,10})?|recount\.html(?:\.note)?)"
)
_READING_THREADS = 4
_RESERVED_THREADS = 2
_RECEIVING_THREADS = 2
_PATIENCE_WITH_FILES = 4
_WARM_S = 10.0
_STORING_THREADS = 16


class _Heard:
    """What is received of one request; knows whether its body has ended."""

    def __init__(self, request: Request, receive: Receive) -> None:
        self._receive = receive
        self.whole = not request.has_body

    async def __call__(self) -> Message:
        message = await self._receive()
        self.whole = self.whole or not message.get("more_body", False)
        return message


class Front:
    """The ASGI application. Needs the lifespan protocol: its threads and watchers live between its two events."""

    def __init__(self, parts: FrontParts) -> None:
        self._parts = parts
        limits = parts.limits
        self._reading = ThreadPoolExecutor(_READING_THREADS, thread_name_prefix="reading")
        self.watch = EpochWatch(parts.epochs, sample_s=limits.sample_s, doors_s=limits.doors_s)
        self.bridge = Bridge(parts.wsgi, threads=parts.threads, waiting=parts.waiting)
        self._reserved = Bridge(parts.wsgi, threads=_RESERVED_THREADS, waiting=parts.waiting)
        # Who has sent photos for minutes is not turned away at the last step by a crowd of page loads; and a flood of
        # photos holds up neither pages nor the darkroom, which shares this process's one lock with all these threads.
        self._receiving = Bridge(
            parts.wsgi, threads=_RECEIVING_THREADS, waiting=_PATIENCE_WITH_FILES * parts.waiting
        )
        self.intake = Intake(parts.store, limits)
        self.pieces = Pieces(self.intake, limits)
        self.pages = Pages(
            self.watch,
            self.bridge,
            reserved=self._reserved,
            receiving=self._receiving,
            say=parts.say,
            limits=limits,
        )
        self.pictures = Pictures(
            self.watch, parts.rendition_open, threads=self._reading, size_bytes=limits.picture_bytes
        )
        self.live = Live(self.watch, parts.live_events, threads=self._reading, limits=limits)
        self.watch.listen(self.live.forget)
        self._speech = Speech(parts.say, style=parts.style)
        self._assets = Assets(parts.static)
        self._log = LogFiles(parts.store)
        self._senders = Senders(parts.proxies)
        self._beating: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's event, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            request = request_of(scope)
            live = _LIVE.fullmatch(request.path) if request.reads else None
            if live is None:
                await self._serve(request, receive, send)
                return
            await self._follow(request, live[1], send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    def at_hand(self, url: bytes, headers: Sequence[Header]) -> bytes | None:
        """Return the bytes that answer a plain GET now (see `Pages.at_hand`); None when it must be asked for."""
        return self.pages.at_hand(url, headers)

    def begin_closing(self) -> None:
        """Send the live readers away, so that the server can stop."""
        self.live.begin_closing()

    async def _serve(self, request: Request, receive: Receive, send: Send) -> None:
        heard = _Heard(request, receive)
        try:
            answer = await self._answer(request, heard)
        except SenderGone:
            return
        except Exception as error:
            answer = self._failed(error, request)
        if heard.whole:
            await send_answer(send, answer, request=request)
        elif b"expect" in request.headers or request.reads:
            await send_answer(send, answer.with_headers((b"connection", b"close")), request=request)
        else:
            limits = self._parts.limits
            await send_lingering(
                send, answer, receive=heard, linger_s=limits.linger_s, linger_bytes=limits.linger_bytes
            )

    async def _follow(self, request: Request, handle: str, send: Send) -> None:
        try:
            await self.live.begin(request, handle=handle, send=send)
        except Exception as error:
            answer = self._failed(error, request)
            if request.has_body:
                answer = answer.with_headers((b"connection", b"close"))
            await send_answer(send, answer, request=request)

    def _failed(self, error: Exception, request: Request) -> Answer:
        """Return the answer that tells of an error; ours in our words, anything else as a fault of ours."""
        if not isinstance(error, WeAreManyError):
            logger.error("a request could not be answered: %s", told(error))
            error = unexpected()
        elif isinstance(error, Broken):
            logger.error("a request was refused: %s", told(error))
        answer = self._speech.refusal(error, request=request)
        return marked(answer) if is_resumable(request) else answer

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        if request.path.startswith("/api/") and request.method != "POST":
            # Programs are told which methods an address takes: only Django knows that. A body says nothing here.
            await self.watch.current()
            return await self.pages.unkept(request, NO_BODY)
        if request.reads and request.has_body:
            raise body_unreadable("a body with a request to read")
        if is_resumable(request):
            return await self._resumed(overridden(request), receive)
        if request.path.startswith("/log/") and not _LOG_MADE.fullmatch(request.path):
            return await self._log.answer(request)
        if not request.reads and request.method != "POST":
            raise method_unknown()
        if request.path.startswith("/static/"):
            return self._assets.answer(request)
        if request.path.startswith("/r/"):
            return await self._picture(request)
        if _LIVE.fullmatch(request.path):
            raise method_unknown()
        await self.watch.current()
        if request.reads:
            return await self.pages.answer(request)
        body = await self.intake.receive(request, receive)
        try:
            return await self.pages.unkept(request, self._from(request, body))
        finally:
            await asyncio.shield(self._settle(body))

    async def _resumed(self, request: Request, receive: Receive) -> Answer:
        await self.watch.current()
        async with self.pieces.turn(request) as turn:
            piece = await self.pieces.receive(request, receive, turn)
            try:
                # Also when the line was cut: Django counts what had arrived, whoever is there to hear of it.
                answer = marked(await self.pages.unkept(request, self._from(request, piece.body)))
            finally:
                await asyncio.shield(self._settle(piece.body))
        if isinstance(piece.cut, SenderGone):
            raise piece.cut
        return answer

    def _from(self, request: Request, body: Body) -> Body:
        """Return the body, its files marked with who sends them as far as taking turns needs it."""
        if not body.files:
            return body
        peer = request.line.peer() if request.line is not None else ""
        sender = self._senders.of(peer, request.headers.get(b"x-forwarded-for", b""))
        return replace(body, files=tuple(replace(file, sender=sender) for file in body.files))

    async def _picture(self, request: Request) -> Answer:
        try:
            return await self.pictures.answer(request)
        finally:
            if not self.watch.open:
                self.pictures.forget()

    async def _settle(self, body: Body) -> None:
        """Delete received files that no row speaks of after Django has answered.

        When the rows cannot be read the files stay, sealed under keys that are gone with this request.
        """
        if not body.files:
            return
        blobs = [file.blob for file in body.files]
        try:
            kept = await asyncio.get_running_loop().run_in_executor(
                self._reading, self._parts.uploads_kept, blobs
            )
        except Exception as error:
            logger.error("uploads could not be compared with their rows: %s", told(error))
            return
        await self.intake.discard([blob for blob in blobs if blob not in kept])

    async def _warm(self) -> None:
        for path in self._parts.warm:
            try:
                async with asyncio.timeout(_WARM_S):
                    await self.bridge.answer(warm_request(path, host=self._parts.warm_host))
            except Exception as error:
                # Only slower then: whoever asks first sees what is wrong, in a sentence.
                logger.warning("a page could not be loaded before the first request: %s", told(error))

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(_STORING_THREADS, thread_name_prefix="storing"))
        self._beating = [asyncio.create_task(self.watch.beat()), asyncio.create_task(self.live.follow())]
        await self._warm()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._beating:
            task.cancel()
        await asyncio.gather(*self._beating, return_exceptions=True)
        self.watch.close()
        self.bridge.close()
        self._reserved.close()
        self._receiving.close()
        self._reading.shutdown(wait=False, cancel_futures=True)
        await send({"type": "lifespan.shutdown.complete"})


def build(parts: FrontParts) -> Front:
    """Return the front made of these parts."""
    return Front(parts)
