from itertools import product
from types import SimpleNamespace

import pytest

from referrals.tests.slow_first import pytest_collection_modifyitems

Case = tuple[str, int]


def order(cases: list[Case], processes: int) -> list[Case]:
    items = [SimpleNamespace(case=case, get_closest_marker=lambda name, case=case: case[0] == name) for case in cases]
    pytest_collection_modifyitems(SimpleNamespace(workerinput={"workercount": processes}), items)
    return [item.case for item in items]


@pytest.mark.parametrize("processes", [1, 2, 3, 4])
def test_no_case_is_lost_however_many_are_slow(processes):
    for slow, quick in product(range(8), repeat=2):
        cases = [*(("quick", number) for number in range(quick)), *(("slow", number) for number in range(slow))]
        assert sorted(order(cases, processes)) == cases


def test_every_process_begins_with_slow_ones():
    cases = [("quick", number) for number in range(14)] + [("slow", number) for number in range(4)]
    kinds = [kind for kind, _ in order(cases, processes=3)]
    assert kinds == ["slow"] * 2 + ["quick"] * 4 + (["slow"] + ["quick"] * 5) * 2
