"""How deep the tests go: `make test` runs the gate, `make test-all` (`pytest --all`) runs everything.

A module asks while it is imported, for parameters and numbers of examples:

    @settings(max_examples=gate_or_all(8, 25))
    @pytest.mark.parametrize("role", draw_cases("attack roles", ROLES, share=0.25))

Of cases marked `sampled`, a run of the whole gate draws half: what is wide and slow, and seldom the first to fail.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

import pytest
from hypothesis import settings

Value = TypeVar("Value")

_options: pytest.Config | None = None


def gate_or_all(gate: Value, everything: Value) -> Value:
    return everything if _configured().getoption("--all") else gate


def draw_cases(name: str, cases: Sequence[Value], *, share: float) -> list[Value]:
    """Draw `share` of the cases, at least one, in their order: all of them with --all, in the gate others each time.

    The name keeps lists of one length from always being drawn alike. The cases must be in the same order in every
    process, as pytest-xdist compares what its workers have collected: no sets.
    """
    count = gate_or_all(max(1, round(len(cases) * share)), len(cases))
    drawn = random.Random(f"{_configured().getoption('--seed')} {name}").sample(range(len(cases)), count)
    return [cases[index] for index in sorted(drawn)]


def is_drawn(name: str, *, share: float) -> bool:
    """Return whether the one case of this name is drawn, with the likelihood of `share`: with --all it always is."""
    return random.Random(f"{_configured().getoption('--seed')} {name}").random() < gate_or_all(share, 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--all") or config.option.file_or_dir or config.option.keyword:
        return  # whoever names a case means it
    drawn = [item for item in items if not item.get_closest_marker("sampled") or is_drawn(item.nodeid, share=1 / 2)]
    config.hook.pytest_deselected(items=list(set(items).difference(drawn)))
    items[:] = drawn


def _configured() -> pytest.Config:
    assert _options, "The depth is known once pytest has read its options."
    return _options


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("depth")
    group.addoption("--all", action="store_true", help="run every case, and property tests with many examples")
    group.addoption("--seed", type=int, help="draw the cases that an earlier run drew: its header has the number")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    global _options
    _options = config
    if config.option.seed is None:
        config.option.seed = getattr(config, "workerinput", {}).get("seed", random.randrange(1_000_000))
    # A busy machine is no fault: nothing is timed in a property test. --hypothesis-profile is read after this.
    settings.register_profile("gate", deadline=None)
    settings.register_profile("all", deadline=None, max_examples=400)
    settings.load_profile(gate_or_all("gate", "all"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    """Give the drawn seed to a worker of pytest-xdist, which reads the command line again."""
    node.workerinput["seed"] = node.config.option.seed


def pytest_report_header(config: pytest.Config) -> str:
    depth = gate_or_all("the gate (--all runs everything)", "everything")
    return f"depth: {depth}, cases drawn by --seed {config.option.seed}"
