"""Pages as a visitor reads them."""

from bs4 import BeautifulSoup, Tag
from django.test import Client


def soup(client: Client, path: str) -> BeautifulSoup:
    response = client.get(path)
    assert response.status_code == 200, path
    return BeautifulSoup(response.content, "html.parser")


def words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def all_words(page: BeautifulSoup, selector: str) -> list[str]:
    return [words(tag) for tag in page.select(selector)]
