"""Runs the slow cases first, some in each process: at the end, one process would be at them while the others wait."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the items for `--dist worksteal`, which gives every process a run of them of the same length."""
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    if processes == 1:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    rest = [item for item in items if not item.get_closest_marker("slow")]
    ordered, first = [], 0
    for number in range(processes):
        own = slow[number::processes]
        end = max(first, first + len(items) * (number + 1) // processes - len(ordered) - len(own))
        ordered += own + rest[first:end]
        first = end
    items[:] = ordered
