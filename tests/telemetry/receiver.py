"""A collector on this machine: takes what OpenTelemetry sends over HTTP, or never answers."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Seen:
    """A span; `parent` is the name of the one it is in."""

    name: str
    parent: str
    attributes: Mapping[str, Any]
    seconds: float


@dataclass
class Receiver:
    """`held` lets every request wait until it is set."""

    url: str = ""
    held: threading.Event = field(default_factory=threading.Event)
    bodies: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    headers: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])

    def spans(self) -> list[Seen]:
        found = [
            span
            for body in self._sent("/v1/traces")
            for of_resource in body["resourceSpans"]
            for of_scope in of_resource["scopeSpans"]
            for span in of_scope["spans"]
        ]
        names = {span["spanId"]: span["name"] for span in found}
        return [
            Seen(
                span["name"],
                names.get(span.get("parentSpanId", ""), ""),
                attributes(span),
                (int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) / 1e9,
            )
            for span in found
        ]

    def figures(self) -> Mapping[str, list[Any]]:
        """Points by name of the metric, as last sent."""
        return {
            metric["name"]: next(v for k, v in metric.items() if k in ("sum", "histogram"))[
                "dataPoints"
            ]
            for body in self._sent("/v1/metrics")
            for of_resource in body["resourceMetrics"]
            for of_scope in of_resource["scopeMetrics"]
            for metric in of_scope["metrics"]
        }

    def _sent(self, path: str) -> list[Any]:
        return [json.loads(body) for to, body in self.bodies if to == path]


def attributes(owner: Any) -> Mapping[str, Any]:
    """Of a span or a point, whole numbers as such."""
    return {each["key"]: _value(each["value"]) for each in owner.get("attributes", ())}


def _value(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    return int(content) if kind == "intValue" else content


@contextmanager
def receiving(*, answers: bool = True) -> Iterator[Receiver]:
    receiver = Receiver()
    if answers:
        receiver.held.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.held.wait()
            receiver.bodies.append((self.path, body))
            receiver.headers.append(dict(self.headers))
            try:
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                return  # nobody waits for the answer any more

        def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.held.set()
        server.shutdown()
        server.server_close()
        thread.join()
