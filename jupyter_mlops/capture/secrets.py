"""Masking what must not be kept: passwords, tokens and keys written into the source of a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Masked", "mask_secrets"]

_MASK = "***"
_NAME = r"[\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api_?-?key|access_?-?key|private_?-?key|credential)s?(?:[_-]\w+)?"

# Each pattern keeps what stands before and after its group "value".
_PATTERNS = tuple(
    re.compile(text, flags)
    for text, flags in (
        # password = "x", token: str = 'x', f(api_key="x"), {"secret": "x"}, os.environ["TOKEN"] = "x"
        (
            (
                rf"\b{_NAME}[\"']?\]?\s*(?::\s*[\w.\[\]| ]+)?[=:]\s*[rRbBuU]{{0,2}}"
                r"(?P<quote>\"\"\"|'''|\"|')(?P<value>(?:\\.|(?!(?P=quote)).)+)(?P=quote)"
            ),
            re.IGNORECASE | re.DOTALL,
        ),
        # setdefault("API_KEY", "x"), putenv("TOKEN", "x"), getenv's default
        (
            rf"(?P<q>[\"']){_NAME}(?P=q)\s*,\s*(?P<quote>[\"'])(?P<value>(?:\\.|(?!(?P=quote)).)+)(?P=quote)",
            re.IGNORECASE,
        ),
        # %env TOKEN=x, export TOKEN=x, --token x
        (
            rf"^\s*(?:%(?:set_)?env\s+|!.*?\b){_NAME}[= ]\s*(?P<value>[^\s\"'=]+)",
            re.IGNORECASE | re.MULTILINE,
        ),
        (rf"^\s*!.*\s--?{_NAME}[= ](?P<value>[^\s\"']+)", re.IGNORECASE | re.MULTILINE),
        (r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"']*:(?P<value>[^\s/@\"'{}]+)@", re.IGNORECASE),
        (r"\b(?:bearer|basic)\s+(?P<value>[\w.~+/=-]{12,})", re.IGNORECASE),
        (r"(?P<value>\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)", 0),
        (r"(?P<value>\b(?:ghp|gho|ghu|ghs|ghr|github_pat|glpat|hf|xox[abprs]|sk|pk|rk)[-_][\w-]{16,})", 0),
        (r"(?P<value>\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+)", 0),
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<value>.+?)-----END", re.DOTALL),
    )
)
# One cheap search decides for nearly every cell that there is nothing to do.
_HINT = re.compile(
    r"passw|passphrase|pwd|secret|token|key|credential|://|bearer|basic|AKIA|ASIA|gh[porsu]_|github_pat|glpat|hf_|xox|"
    r"[spr]k[-_]|eyJ",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A text that may be kept, and how many values in it were replaced by three asterisks."""

    text: str
    found: int = 0


def mask_secrets(source: str) -> Masked:
    """Return *source* with the values of obvious secrets replaced; names and line numbers stay."""
    if not _HINT.search(source):
        return Masked(text=source)
    found = 0

    def masked(match: re.Match[str]) -> str:
        nonlocal found
        value = match["value"]
        if value == _MASK:
            return match[0]
        found += 1
        start, end = match.start("value") - match.start(), match.end("value") - match.start()
        return match[0][:start] + _MASK + "\n" * value.count("\n") + match[0][end:]

    for pattern in _PATTERNS:
        source = pattern.sub(masked, source)
    return Masked(text=source, found=found)
