from django.utils.translation import trans_real

from backoffice.languages import languages_with_a_catalogue


def test_languages_are_those_with_a_compiled_catalogue(tmp_path):
    assert languages_with_a_catalogue(tmp_path) == [("en-gb", "English")]
    for place in ("pl", "zh_Hans", "cy"):
        (tmp_path / place / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / place / "LC_MESSAGES" / "django.mo").touch()
    (tmp_path / "ro" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "ro" / "LC_MESSAGES" / "django.po").touch()
    names = [("en-gb", "English"), ("cy", "Cymraeg"), ("pl", "Polski"), ("zh-hans", "简体中文")]
    assert languages_with_a_catalogue(tmp_path) == names


def test_no_empty_catalogue_is_asked_for_a_text():
    catalogue, sizes = trans_real.translation("en-gb"), []
    while catalogue := catalogue._fallback:
        sizes.append(len(catalogue._catalog))
    assert all(size > 1 for size in sizes)
