import pytest
from django.http import HttpResponse

from backoffice.tests.page_policy import refused_markup

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'"


def page(html: str, policy: str = STRICT) -> HttpResponse:
    return HttpResponse(f"<!doctype html><p>{html}</p>", headers={"Content-Security-Policy": policy})


@pytest.mark.parametrize(
    "planted",
    [
        "<script>1</script>",
        "<script type='module'>1</script>",
        "<script nonce='x'>1</script>",
        "<style>p { color: red }</style>",
        "<p class='x' style='color: red'>",
        "<button\n onclick='go()'>",
        "<a href='javascript:go()'>",
        "<base href='/'>",
        "<img src='//example.org/x.png'>",
        "<script src='https://example.org/x.js'></script>",
        "<link href='https://example.org/x.css' rel='stylesheet'>",
        "<form action='https://example.org/'>",
        "<iframe src='https://example.org/'>",
    ],
)
def test_what_is_planted_is_found(planted):
    assert len(refused_markup(page(planted))) == 1


@pytest.mark.parametrize(
    "allowed",
    [
        "<script src='/static/x.js'></script>",
        "<script type='application/json'>{}</script>",
        "<a href='https://example.org/'>x</a>",
        "<link rel='canonical' href='https://example.org/'>",
        "<img src='data:image/png;base64,x'>",
        "style=, onclick= and javascript: as words",
    ],
)
def test_what_a_page_may_have_is_let_through(allowed):
    assert refused_markup(page(allowed)) == []


def test_the_policy_of_the_page_itself_counts():
    assert refused_markup(page("<style>p {}</style>", f"{STRICT}; style-src-elem 'self' 'unsafe-inline'")) == []
    assert refused_markup(page("<script nonce='x'>1</script>", "script-src 'self' 'nonce-x'")) == []
    hashed = "script-src-attr 'unsafe-hashes' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"
    assert refused_markup(page("<button onclick='1'>", hashed)) == []
    assert refused_markup(HttpResponse("<p>No policy</p>")) == ["no policy"]
    assert refused_markup(HttpResponse("{}", content_type="application/json")) == []
