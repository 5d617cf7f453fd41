import pytest

from referrals.importers.progress import SilentProgress, TerminalProgress, progress_for


@pytest.mark.parametrize(
    ("verbosity", "is_terminal", "kind"),
    [(1, True, TerminalProgress), (0, True, SilentProgress), (1, False, SilentProgress)],
)
def test_bars_are_drawn_on_a_terminal_unless_verbosity_is_0(monkeypatch, verbosity, is_terminal, kind):
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    assert type(progress_for(verbosity=verbosity)) is kind


def test_bars_go_to_standard_error(capsys):
    with TerminalProgress().phase("Reading", total=2048, unit="B") as advance:
        advance(2048)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Reading" in printed.err
    assert "2.05k/2.05k" in printed.err
