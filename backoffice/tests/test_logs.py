"""Log lines hold no key that lets somebody in, and nothing that a database quotes."""

import logging

from backoffice.logs import LineFormatter


def test_keys_in_addresses_and_quoted_rows_are_left_out():
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "Gone: %s", ("/join/5.abc-DEF/",), None)
    assert LineFormatter("%(message)s").format(record) == "Gone: /join/..."
    record.msg, record.args = "duplicate key\nDETAIL:  Key (email)=(maya@example.org) already exists.", ()
    assert "maya" not in LineFormatter("%(message)s").format(record)
