"""Several processes that serve one port: started from one that has loaded the rules, dealt in turn.

The processes are forks, so that the rules are loaded once, and shared in memory. The first process
accepts the connections and hands them out one after the other: were all of them to accept, whoever
is quicker would get more, and with connections that are kept open it would stay so.
"""

from __future__ import annotations

import asyncio
import logging
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from crampdx.service.logs import log

__all__ = ["DealtServer", "Workers"]

BACKLOG = 2_048
BEAT_SECONDS = 1.0
"""How often a process says that it is alive."""

SILENT_SECONDS = 30.0
"""After how many seconds without a sign of life a process is replaced."""

RESTART_SECONDS = 1.0
"""How long a process has to have lived to be replaced at once, and how long the next one waits."""

GRACE_SECONDS = 5.0
"""How much longer than its requests a process may take to stop."""


class DealtServer(uvicorn.Server):
    """A server whose connections another process accepts."""

    def __init__(self, config: uvicorn.Config, channel: socket.socket) -> None:
        """Make the server of one process.

        Args:
            config: Its configuration.
            channel: From where connections come, and whereto signs of life go.
        """
        super().__init__(config)
        self._channel = channel
        self._joining: set[asyncio.Task[object]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, and begin to take connections."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            raise SystemExit(STARTUP_FAILURE)
        self.servers = []
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel.fileno(), self._take)
        self.started = True

    async def on_tick(self, counter: int) -> bool:
        """Say that this process is alive."""
        if counter % round(BEAT_SECONDS / 0.1) == 0:
            with suppress(BlockingIOError, ConnectionError):
                self._channel.send(b".")
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and end those that there are."""
        asyncio.get_running_loop().remove_reader(self._channel.fileno())
        self._channel.close()
        await super().shutdown(sockets)

    def _take(self) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)
        except BlockingIOError:
            return
        except ConnectionError:
            message, descriptors = b"", []
        if not message:  # the process that accepts is gone
            asyncio.get_running_loop().remove_reader(self._channel.fileno())
            self.should_exit = True
        for descriptor in descriptors:
            connection = socket.socket(fileno=descriptor)
            connection.setblocking(False)
            joining = asyncio.ensure_future(self._join(connection))
            self._joining.add(joining)
            joining.add_done_callback(self._joining.discard)

    async def _join(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(self._protocol, connection)
        except OSError:  # the client is gone already
            connection.close()

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


@dataclass
class _Worker:
    """A process that serves, as the first process sees it."""

    pid: int
    channel: socket.socket
    begun: float = field(default_factory=time.monotonic)
    seen: float = field(default_factory=time.monotonic)


class Workers:
    """The processes, and the loop that watches over them and deals out connections."""

    def __init__(
        self,
        number: int,
        listener: socket.socket,
        serve: Callable[[socket.socket], None],
        shutdown_seconds: float,
    ) -> None:
        """Make ready to start processes; only where no other thread runs.

        Args:
            number: How many.
            listener: The socket that accepts connections, bound.
            serve: What a process does, given its channel, until it ends; see `DealtServer`.
            shutdown_seconds: How long requests may take to end when the processes stop.
        """
        self._number = number
        self._listener = listener
        self._serve = serve
        self._patience = shutdown_seconds + GRACE_SECONDS
        self._workers: list[_Worker] = []
        self._next = 0
        self._not_before = 0.0
        self._stopping = False
        self._failed = False
        self._selector = selectors.DefaultSelector()

    def run(self) -> bool:
        """Serve until a signal ends it.

        Returns:
            Whether the processes could start.
        """
        awake, waker = socket.socketpair()
        for end in (awake, waker):
            end.setblocking(False)
        signals = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
        before = {number: signal.signal(number, self._note) for number in signals}
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        try:
            self._listener.listen(BACKLOG)
            self._listener.setblocking(False)
            self._selector.register(self._listener, selectors.EVENT_READ)
            self._selector.register(awake, selectors.EVENT_READ)
            while not self._stopping:
                self._watch(awake)
            self._stop()
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            for end in (awake, waker, self._listener):
                end.close()
        return not self._failed

    def _note(self, number: int, frame: object) -> None:
        if number != signal.SIGCHLD:
            self._stopping = True

    def _watch(self, awake: socket.socket) -> None:
        """Wait for something to happen, and do what it asks for."""
        while len(self._workers) < self._number and time.monotonic() >= self._not_before:
            self._start()
        for key, _ in self._selector.select(BEAT_SECONDS):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is awake:
                awake.recv(4_096)
            else:
                self._hear(key.data)
        self._bury()
        self._end_silent()

    # ---- connections

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError as error:  # too many files are open
            log("cannot_accept", logging.ERROR, reason=error.strerror)
            time.sleep(0.1)
            return
        with connection:
            if not any(self._hand_over(connection) for _ in self._workers):
                log("connection_dropped", logging.ERROR)

    def _hand_over(self, connection: socket.socket) -> bool:
        worker = self._workers[self._next % len(self._workers)]
        self._next += 1
        try:
            socket.send_fds(worker.channel, [b"c"], [connection.fileno()])
        except (BlockingIOError, ConnectionError):
            return False
        return True

    # ---- processes

    def _start(self) -> None:
        own, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            self._become(own, theirs)
        theirs.close()
        own.setblocking(False)
        worker = _Worker(pid, own)
        self._workers.append(worker)
        self._selector.register(own, selectors.EVENT_READ, worker)

    def _become(self, own: socket.socket, theirs: socket.socket) -> None:
        """Be a process that serves, and nothing else; never returns."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            own.close()
            self._selector.close()
            self._listener.close()
            for worker in self._workers:
                worker.channel.close()
            self._serve(theirs)
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:
            logging.getLogger("crampdx.service").exception("process_failed")
        finally:
            logging.shutdown()
            os._exit(status)

    def _hear(self, worker: _Worker) -> None:
        """Note that a process is alive. One that has closed its channel is about to end."""
        try:
            if worker.channel.recv(4_096):
                worker.seen = time.monotonic()
                return
        except BlockingIOError:
            return
        except ConnectionError:
            pass
        self._forget(worker)

    def _forget(self, worker: _Worker) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(worker.channel)
        worker.channel.close()

    def _bury(self) -> None:
        """Forget the processes that have ended. One that could not start stops all."""
        for worker in list(self._workers):
            ended, status = os.waitpid(worker.pid, os.WNOHANG)
            if not ended:
                continue
            self._forget(worker)
            self._workers.remove(worker)
            if self._stopping:
                continue
            code = os.waitstatus_to_exitcode(status)
            log("process_ended", logging.ERROR, pid=worker.pid, status=code)
            if code == STARTUP_FAILURE:
                self._failed = self._stopping = True
                continue
            if time.monotonic() - worker.begun < RESTART_SECONDS:
                self._not_before = time.monotonic() + RESTART_SECONDS

    def _end_silent(self) -> None:
        for worker in self._workers:
            if time.monotonic() - worker.seen > SILENT_SECONDS:
                log("process_silent", logging.ERROR, pid=worker.pid)
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)

    def _stop(self) -> None:
        """Let the processes end their requests; then end those that have not."""
        self._selector.unregister(self._listener)
        self._listener.close()
        for worker in self._workers:
            with suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGTERM)
        end = time.monotonic() + self._patience
        while self._workers and time.monotonic() < end:
            self._selector.select(0.1)
            self._bury()
        for worker in self._workers:
            with suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)
            os.waitpid(worker.pid, 0)
