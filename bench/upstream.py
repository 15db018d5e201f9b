"""
A model provider that costs as little as it can: `python -m bench.upstream`.

It answers every chat completion with the same page, after the delay that `POST /delay/MS` has set. `GET /calls` tells
how many it has answered. Written against the bare protocol, so that what is measured is the proxy in front of it.
"""

import asyncio
import json

PAGE = "# Tea\n\n" + "Tea is made with water at 95 degrees. " * 100
MODEL = "bench-model"
END_OF_HEADERS = b"\r\n\r\n"


class Upstream(asyncio.Protocol):
    """One kept-alive connection."""

    delay_s = 0.0
    calls = 0

    def __init__(self) -> None:
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP server has no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._received += data
        while (end := self._received.find(END_OF_HEADERS)) >= 0:
            head = bytes(self._received[:end])
            whole = end + len(END_OF_HEADERS) + _content_length(head)
            if len(self._received) < whole:
                return
            body = bytes(self._received[end + len(END_OF_HEADERS) : whole])
            del self._received[:whole]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ", 2)[1].decode()
        if path.startswith("/delay/"):
            Upstream.delay_s = int(path.removeprefix("/delay/")) / 1000
            self._send({"delay_ms": Upstream.delay_s * 1000})
        elif path == "/calls":
            self._send({"calls": Upstream.calls})
        else:
            Upstream.calls += 1
            reply = _completion(json.loads(body)["model"], len(body))
            if Upstream.delay_s:
                asyncio.get_running_loop().call_later(Upstream.delay_s, self._send, reply)
            else:
                self._send(reply)

    def _send(self, document: object) -> None:
        body = json.dumps(document).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _completion(model: str, request_bytes: int) -> dict[str, object]:
    input_tokens, output_tokens = request_bytes // 4, len(PAGE) // 4
    return {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": model,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": PAGE}, "logprobs": None, "finish_reason": "stop"}
        ],
        "usage": {
            "prompt_tokens": input_tokens,
            "completion_tokens": output_tokens,
            "total_tokens": input_tokens + output_tokens,
        },
    }


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0)
    print(f"Upstream on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
