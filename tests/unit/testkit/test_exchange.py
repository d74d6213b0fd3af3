"""Which answer a mocked service gives, and what of it goes over the wire."""

from __future__ import annotations

import pytest

from yesman.plugins.testing import Reply, Request
from yesman.testkit.exchange import ExternalApi, reply_to

GET = Request("GET", "api.example.com", "/repos/a/b")


@pytest.mark.parametrize(
    ("answers", "body", "status"),
    [
        ({"GET /repos/a/b": 1}, 1, 200),
        ({"/repos/a/b": 1}, 1, 200),
        ({"POST /repos/a/b": 1, "/repos/*": 2, "GET /repos/a/b": 3}, 2, 200),
        ({"GET /repos/a/b": Reply("no", 418)}, "no", 418),
        ({"GET /repos/*": lambda request: {"path": request.path}}, {"path": "/repos/a/b"}, 200),
        (lambda _request: Reply(status=204), b"", 204),
        (lambda _request: None, None, 200),
        ({"GET /repos/a": 1}, {"message": "no answer to GET /repos/a/b was prepared"}, 404),
        ({}, {"message": "no answer to GET /repos/a/b was prepared"}, 404),
    ],
)
def test_the_first_answer_that_fits_is_given(answers, body, status):
    reply = reply_to(GET, answers)
    assert (reply.body, reply.status) == (body, status)


@pytest.mark.parametrize(
    ("body", "kind", "sent"),
    [
        (b"\x00", "application/octet-stream", b"\x00"),
        ("é", "text/plain; charset=utf-8", "é".encode()),
        ({"a": [1]}, "application/json", b'{"a": [1]}'),
        (None, "application/json", b"null"),
    ],
)
def test_bodies_go_out_as_what_they_are(body, kind, sent):
    headers, data = Reply(body).encoded()
    assert (headers, data) == ({"Content-Type": kind, "Content-Length": str(len(sent))}, sent)


def test_a_reply_may_say_what_it_is_but_never_how_long():
    headers, _ = Reply("<a/>", headers={"Content-Type": "text/xml", "Content-Length": "9"}).encoded()
    assert headers == {"Content-Type": "text/xml", "Content-Length": "4"}


def test_requests_are_kept_even_where_there_is_no_answer():
    api = ExternalApi("example.com", {})
    assert api.answer(GET).status == 404
    assert api.requests == [GET]
