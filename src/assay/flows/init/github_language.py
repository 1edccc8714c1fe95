"""GitHub's ``${{ ... }}`` and ``if:`` in the words of assay.yaml, where it has such words."""

import re
from collections.abc import Mapping

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_PLAIN = re.compile(r"(matrix|secrets|env)\.([A-Za-z_][\w-]*)")
_ATOMS = (
    (re.compile(r"startsWith\(\s*github\.ref\s*,\s*'refs/tags/'\s*\)"), "tag"),
    (re.compile(r"github\.ref_type\s*==\s*'tag'"), "tag"),
    (re.compile(r"github\.ref\s*(==|!=)\s*'refs/heads/([^']+)'"), r"branch \1 '\2'"),
    (re.compile(r"github\.ref\s*(==|!=)\s*'refs/tags/([^']+)'"), r"tag \1 '\2'"),
    (re.compile(r"github\.ref_name\s*(==|!=)\s*'([^']+)'"), r"branch \1 '\2'"),
    (re.compile(r"github\.event_name\s*(==|!=)\s*'([^']+)'"), r"event \1 '\2'"),
    (re.compile(r"(matrix\.[A-Za-z_]\w*)\s*(==|!=)\s*('[^']*'|true|false|-?\d+(?:\.\d+)?(?![\w.]))"), r"\1 \2 \3"),
    (re.compile(r"&&"), "and"),
    (re.compile(r"\|\|"), "or"),
    (re.compile(r"!(?!=)"), "not"),
    (re.compile(r"([()])"), r"\1"),
)


class NotOurs(Exception):
    """The language has no words for it; the text says for what."""


def condition(text: str) -> str:
    """The ``when`` of an ``if``; empty where it always holds. ``NotOurs`` where it asks what a run does not know."""
    rest = _EXPRESSION.sub(r"\1", text).strip()
    if rest in ("success()", "true"):
        return ""
    words: list[str] = []
    while rest:
        found = next(((atom.match(rest), word) for atom, word in _ATOMS if atom.match(rest)), None)
        if found is None or found[0] is None:
            raise NotOurs(f"`if: {' '.join(text.split())}`")
        words.append(found[0].expand(found[1]))
        rest = rest[found[0].end() :].lstrip()
    return " ".join(words).replace("( ", "(").replace(" )", ")")


def in_command(text: str) -> tuple[str, tuple[str, ...]]:
    """(the command with its expressions in our words, the secrets that it names). ``NotOurs`` names what it cannot say."""
    secrets: list[str] = []

    def replace(match: re.Match[str]) -> str:
        root, name = _plain(match[1])
        if root == "matrix":
            return f"${{matrix.{name}}}"
        if root == "secrets":
            secrets.append(name)
        return f"${{{name}}}"

    return _EXPRESSION.sub(replace, text), tuple(secrets)


def in_value(text: str, env: Mapping[str, str]) -> str:
    """A value of a variable or a folder with its expressions in our words. ``NotOurs`` also for a secret that is only a part."""
    parts, done = [], 0
    for match in _EXPRESSION.finditer(text):
        parts.append(_literal(text[done : match.start()]))
        root, name = _plain(match[1])
        if root == "secrets" or (root == "env" and name not in env):
            raise NotOurs(f"`{match[0]}`")
        parts.append(env[name] if root == "env" else f"${{matrix.{name}}}")
        done = match.end()
    return "".join((*parts, _literal(text[done:])))


def secret_of(text: str) -> str | None:
    """The secret that is all of a value; None where it is none."""
    match = _EXPRESSION.fullmatch(text.strip())
    found = _PLAIN.fullmatch(match[1]) if match else None
    return found[2] if found and found[1] == "secrets" else None


def _plain(inside: str) -> tuple[str, str]:
    found = _PLAIN.fullmatch(inside)
    if found is None:
        raise NotOurs(f"`${{{{ {inside} }}}}`, which only GitHub knows")
    return found[1], found[2]


def _literal(text: str) -> str:
    return text.replace("${", "\\${")
