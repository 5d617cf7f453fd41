"""A referrer with a plain browser: reads the form on the page, types, presses a button. No cookies, no JavaScript."""

from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.utils.datastructures import MultiValueDict

# The last button holds both its names; the style sheet shows the one that goes with the answer.
SEND = "Send the referral Show whom to contact instead"


class Referrer:
    def __init__(self, url: str, **client: object) -> None:
        self.client = Client(enforce_csrf_checks=True, **client)
        self.url = url
        self.open(url)

    def open(self, url: str) -> None:
        self.show(self.client.get(url))

    def show(self, response) -> None:
        self.response = response
        self.page = BeautifulSoup(response.content, "html.parser")
        self.fields = self._read_fields()
        assert not response.cookies

    def _read_fields(self) -> MultiValueDict:
        """Return what a browser would send of the page as it stands, without any button."""
        fields = MultiValueDict()
        for tag in self.page.select("form input[name], form textarea[name], form select[name]"):
            kind = tag.get("type", "")
            if tag.name == "select":
                fields.setlist(tag["name"], [option["value"] for option in tag.select("option[selected]")])
            elif tag.name == "textarea":
                fields.setlist(tag["name"], [tag.text.removeprefix("\n")])
            elif kind not in {"checkbox", "radio"}:
                fields.setlist(tag["name"], [tag.get("value", "")])
            elif tag.has_attr("checked"):
                fields.appendlist(tag["name"], tag.get("value", "on"))
        return fields

    def fill(self, **values: object) -> "Referrer":
        """Type into fields by name; a list ticks several, None unticks all."""
        for name, value in values.items():
            assert self.page.select(f'[name="{name}"]'), f"There is no field {name} on this page"
            if value is None:
                self.fields.pop(name, None)
            else:
                self.fields.setlist(name, [str(each) for each in (value if isinstance(value, list) else [value])])
        return self

    def choose(self, *labels: str) -> "Referrer":
        """Tick answers by their words."""
        for label in labels:
            box = next(tag for tag in self.page.select("label.tick") if words(tag) == label).find("input")
            if box["type"] == "radio":
                self.fields.setlist(box["name"], [box["value"]])
            else:
                self.fields.appendlist(box["name"], box.get("value", "on"))
        return self

    def press(self, label: str, **headers: str) -> "Referrer":
        """Press the button with these words, follow where it leads."""
        button = self.button(label)
        form = self.page.select_one(f"#{button['form']}") if button.get("form") else button.find_parent("form")
        address = button.get("formaction", form["action"]).partition("#")[0]
        data = {name: values for name, values in self.fields.lists() if values}
        response = self.client.post(address, data | {button["name"]: button["value"]}, headers=headers)
        if response.status_code == 302:
            assert not response.cookies
            response = self.client.get(response["Location"])
        self.show(response)
        return self

    def button(self, label: str) -> Tag:
        return next(tag for tag in self.page.select("button") if words(tag) == label and not tag.get("aria-hidden"))

    @property
    def title(self) -> str:
        return words(self.page.h1)

    @property
    def text(self) -> str:
        return words(self.page.main)

    @property
    def step(self) -> str:
        return words(self.page.select_one("[aria-current=step]"))

    @property
    def attention(self) -> list[str]:
        """Return what the box at the top of the page lists."""
        return [words(tag) for tag in self.page.select(".attention li")]

    def all(self, selector: str) -> list[str]:
        return [words(tag) for tag in self.page.select(selector)]


def words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())
