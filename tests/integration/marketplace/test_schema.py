"""schemathesis asks what nobody would think of; the server never answers that it made a mistake."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from yesman.marketplace.tokens import SCOPES

EXAMPLES = 25


def attack(operation, author) -> None:
    """Send requests made from one operation's part of the schema, most of them about a known plugin."""

    @settings(
        max_examples=EXAMPLES, phases=[Phase.generate], database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(), known=st.sampled_from(["", "fuzzed", "judged"]))
    def ask(case, known):
        if known and "name" in case.path_parameters:
            case.path_parameters["name"] = known
        answer = case.call(headers={"Authorization": f"Bearer {author.token}"})
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)

    ask()


def test_nothing_that_fits_the_schema_is_answered_with_a_mistake(market, tmp_path):
    author, other = market.author("fuzzer", *SCOPES), market.author("fuzzed-by-others")
    market.publish(author, author.make(tmp_path, "fuzzed"))
    market.publish(other, other.make(tmp_path, "judged"))
    schema = schemathesis.openapi.from_dict(market.get("/api/openapi.json").json)
    schema.config.update(base_url=market.url)
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in operations:
        attack(operation, author)
    assert len(operations) >= 22
