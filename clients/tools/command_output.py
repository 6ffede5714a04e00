"""What a command printed, within bounds."""

import os
import threading
from collections import deque

HEAD_BYTES = 8 * 1024
TAIL_BYTES = 24 * 1024
_CHUNK = 64 * 1024


class Clipped:
    """A pipe of whose content the beginning and the end are kept; what lies between is counted and forgotten.

    Errors stand at the end, causes at the beginning.

    Attributes:
        entrance: Descriptor to write to, for another process; `close_entrance` once it has it.
    """

    def __init__(self) -> None:
        """Open the pipe and read it from now on, until everybody has closed the entrance."""
        self._exit, self.entrance = os.pipe()
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._left_out = 0
        self._lock = threading.Lock()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def close_entrance(self) -> None:
        """Close our own copy of the entrance."""
        os.close(self.entrance)

    def text(self, *, patience_seconds: float) -> tuple[str, bool]:
        """Return what came, and whether something was left out of it.

        Args:
            patience_seconds: How long to wait for the end: a process that left the command's group may hold the pipe
                open for ever.
        """
        self._reading.join(patience_seconds)
        with self._lock:
            head, tail = bytes(self._head), b"".join(self._tail)
            left_out = self._left_out + max(0, len(tail) - TAIL_BYTES)
        tail = tail[-TAIL_BYTES:]
        if not left_out:
            return (head + tail).decode("utf-8", "replace"), False
        # Each part by itself: the cut may go through a character.
        parts = head.decode("utf-8", "replace"), tail.decode("utf-8", "replace")
        return f"\n[… {left_out} bytes left out …]\n".join(parts), True

    def _read(self) -> None:
        while chunk := os.read(self._exit, _CHUNK):
            with self._lock:
                self._keep(chunk)
        os.close(self._exit)

    def _keep(self, chunk: bytes) -> None:
        room = HEAD_BYTES - len(self._head)
        self._head += chunk[:room]
        self._tail.append(chunk[room:])
        self._tail_size += len(chunk[room:])
        while self._tail_size - len(self._tail[0]) >= TAIL_BYTES:
            oldest = self._tail.popleft()
            self._tail_size -= len(oldest)
            self._left_out += len(oldest)
