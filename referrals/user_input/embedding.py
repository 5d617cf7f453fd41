"""The pages that may embed the form, one address a line. All that counts of one is its origin."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

# An origin goes into a header: nothing that could end the directive may match.
_ORIGIN = re.compile(r"(https?://[a-z0-9.-]+(?::[0-9]+)?)(?:/|$)")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9]|localhost")
_HIGHEST_PORT = 65535
MOST_SITES = 50  # all go into one header, and proxies refuse a page whose headers are longer than some kilobytes


@dataclass(frozen=True, slots=True)
class EmbeddingLine:
    """`origin`: the site whose pages may embed the form, as a header takes it; empty if there is a `problem`."""

    typed: str
    origin: str = ""
    problem: str = ""

    @property
    def is_unencrypted(self) -> bool:
        return self.origin.startswith("http:") and not self.origin.startswith("http://localhost")


def read_origins(lines: str) -> list[str]:
    matches = (_ORIGIN.match(line.strip().lower()) for line in lines.splitlines())
    return list(dict.fromkeys(match[1] for match in matches if match))


def read_embedding_lines(lines: str) -> list[EmbeddingLine]:
    return [_read_line(line) for line in filter(None, map(str.strip, lines.splitlines()))]


def _read_line(typed: str) -> EmbeddingLine:
    line = typed.lower()
    _, separator, rest = line.partition("://")
    host, _, port = re.split(r"[/?#]", rest if separator else line, maxsplit=1)[0].partition(":")
    is_host = bool(_HOST.fullmatch(host))
    match = _ORIGIN.match(line)
    if match and is_host and len(port) < 6 and int(port or 0) <= _HIGHEST_PORT:
        return EmbeddingLine(typed, origin=match[1])
    if "*" in line:
        problem = "names no single site. Write each on a line of its own."
    elif not separator and is_host and host != "localhost":
        problem = f"does not begin with https://. Write https://{host}."
    elif match and "." not in host:
        problem = "lacks the whole name of a site, such as https://www.example.org."
    else:
        problem = "is no address of a page. It begins with https://, such as https://www.example.org."
    return EmbeddingLine(typed, problem=problem)


def check_embed_origins(lines: str) -> None:
    read = read_embedding_lines(lines)
    if len(read) > MOST_SITES:
        raise ValidationError(f"Name at most {MOST_SITES} pages: all of a site's may embed it once one is named.")
    wrong = [line for line in read if line.problem]
    if wrong:
        raise ValidationError([ValidationError(f"“{line.typed}” {line.problem}") for line in wrong])
