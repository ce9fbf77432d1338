"""The operator's calls against a real HTTP server."""

import asyncio
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deploy.net.lessons import LessonError, Operator

ANSWERS: dict[str, tuple[int, str]] = {
    "/api/lessons": (201, '{"lesson": "L1"}'),
    "/api/lessons/L1/open": (204, ""),
    "/refused": (409, '{"code": "lesson_over", "sentence": "The lesson has ended."}'),
    "/not-ours": (502, "<html>"),
}


class Signaling(BaseHTTPRequestHandler):
    """Answers from the table and keeps what it was asked."""

    asked: list[tuple[str, str, str, object]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = json.loads(body) if body else None
        self.asked.append(("POST", self.path, self.headers.get("Authorization", ""), asked))
        status, text = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def operator() -> Iterator[Operator]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Signaling)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    Signaling.asked.clear()
    try:
        yield Operator(f"http://127.0.0.1:{server.server_port}", "the-key", ssl.create_default_context())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_key_and_the_body_reach_signaling(operator: Operator) -> None:
    assert operator.call("POST", "/api/lessons", {"title": "语文"}) == {"lesson": "L1"}
    assert Signaling.asked == [("POST", "/api/lessons", "Bearer the-key", {"title": "语文"})]


def test_an_empty_success_is_nothing(operator: Operator) -> None:
    assert operator.call("POST", "/api/lessons/L1/open") is None


def test_a_refusal_is_signalings_own_sentence(operator: Operator) -> None:
    with pytest.raises(LessonError, match=r"^The lesson has ended\. \(lesson_over\)$"):
        operator.call("POST", "/refused")


def test_an_answer_that_is_not_signalings_says_so(operator: Operator) -> None:
    with pytest.raises(LessonError, match="answered 502"):
        operator.call("POST", "/not-ours")


def test_nobody_there_says_how_to_start_it() -> None:
    with pytest.raises(LessonError, match="three-classrooms up"):
        Operator("http://127.0.0.1:1", "k", ssl.create_default_context()).call("GET", "/api/lessons")


def test_a_call_leaves_no_event_loop_behind(operator: Operator) -> None:
    operator.call("POST", "/api/lessons", {})
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
