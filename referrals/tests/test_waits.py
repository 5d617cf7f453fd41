from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from referrals.templatetags.waits import wait_until


def test_a_wait_is_never_nothing():
    now = timezone.now()
    waits = [wait_until(now + timedelta(seconds=seconds)) for seconds in (5, 100, 3595)]
    assert waits == ["1\xa0minute", "2\xa0minutes", "1\xa0hour"]
    in_templates = (path for path in Path(settings.BASE_DIR / "templates").rglob("*") if path.is_file())
    assert [path.name for path in in_templates if "timeuntil" in path.read_text()] == []
