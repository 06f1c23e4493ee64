"""Settings are rows: the flags, the environment and the help are made from the same ones."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from server.cli import main
from server.settings import SETTINGS, from_environment


def test_every_setting_is_a_flag_of_serve_with_its_help() -> None:
    text = " ".join(CliRunner().invoke(main, ["serve", "--help"], terminal_width=200).output.split())
    for row in SETTINGS:
        assert row.flag in text
        assert row.variable in text


def test_a_flag_wins_over_the_environment_and_that_over_the_default() -> None:
    environ = {"BACKSTORY_DEADLINE_MS": "7", "BACKSTORY_EMPTY": "yes"}
    assert from_environment(environ={}).deadline_ms == 10_000
    assert from_environment(environ=environ).deadline_ms == 7
    assert from_environment({"deadline_ms": 8}, environ).deadline_ms == 8
    assert from_environment(environ=environ).empty is True


@pytest.mark.parametrize("environ", [{"BACKSTORY_PORT": "many"}, {"BACKSTORY_EMPTY": "perhaps"}])
def test_a_value_that_does_not_parse_is_told_with_its_variable(environ: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(environ))):
        from_environment(environ=environ)


def test_the_token_comes_from_the_environment_only_and_does_not_show() -> None:
    settings = from_environment(environ={"BACKSTORY_TOKEN": "secret"})
    assert settings.token == "secret"
    assert "secret" not in repr(settings)
    assert not any("token" in row.name and row.name != "query_max_tokens" for row in SETTINGS)


def test_names_carry_their_unit() -> None:
    for row in SETTINGS:
        if isinstance(row.default, int) and not isinstance(row.default, bool) and row.default > 512:
            assert row.name.endswith(("_ms", "_bytes", "_mib", "_tokens", "_quads", "port")), row.name
